//! whoami in every form and in other languages.

use proptest::prelude::*;

use super::*;
use crate::evidence::Place;
use crate::readers::console::sections;
use crate::testkit::console_text;

fn reading(content: &str) -> Reading<Vec<SessionToken>> {
    read(ArtifactId(0), &sections(&console_text(content)))
}

fn one(content: &str) -> SessionToken {
    let reading = reading(content);
    assert_eq!(reading.problems, [], "{content}");
    assert_eq!(
        reading.records.len(),
        1,
        "{content}\n{:#?}",
        reading.records
    );
    reading.records.into_iter().next().unwrap()
}

fn text(value: &Option<Cited<String>>) -> &str {
    value.as_ref().map_or("", |value| value.value.as_str())
}

const ALL: &str = "
USER INFORMATION
----------------

User Name SID
========= =============================================
corp\\uma  S-1-5-21-1004336348-1177238915-682003330-1104


GROUP INFORMATION
-----------------

Group Name                           Type             SID                                          Attributes
==================================== ================ ============================================ ==================================================
Everyone                             Well-known group S-1-1-0                                      Mandatory group, Enabled by default, Enabled group
CORP\\Protected Users                 Group            S-1-5-21-1004336348-1177238915-682003330-525 Mandatory group, Enabled by default, Enabled group
Mandatory Label\\High Mandatory Level Label            S-1-16-12288


PRIVILEGES INFORMATION
----------------------

Privilege Name                Description                    State
============================= ============================== =======
SeShutdownPrivilege           Shut down the system           Disabled
SeChangeNotifyPrivilege       Bypass traverse checking       Enabled


USER CLAIMS INFORMATION
-----------------------

User claims unknown.
";

const GERMAN: &str = "
BENUTZERINFORMATIONEN
---------------------

Benutzername SID
============ =============================================
corp\\uma     S-1-5-21-1004336348-1177238915-682003330-1104


GRUPPENINFORMATIONEN
--------------------

Gruppenname                                Typ             SID                                          Attribute
========================================== =============== ============================================ ==========
Jeder                                      Bekannte Gruppe S-1-1-0                                      Verbindlich
CORP\\Geschützte Benutzer                   Gruppe          S-1-5-21-1004336348-1177238915-682003330-525 Verbindlich
Verbindliche Beschriftung\\Hohe Stufe       Bezeichnung     S-1-16-12288


BERECHTIGUNGSINFORMATIONEN
--------------------------

Berechtigungsname       Beschreibung                        Status
======================= =================================== =========
SeShutdownPrivilege     Herunterfahren des Systems          Deaktiviert
SeChangeNotifyPrivilege Auslassen der durchsuchenden Prüfung Aktiviert
";

#[test]
fn all_in_two_languages_with_and_without_echo() {
    for content in [
        ALL.to_owned(),
        GERMAN.to_owned(),
        format!("C:\\>whoami /all\n{ALL}\nC:\\>"),
        format!("C:\\>hostname\nWEB01\n\nC:\\>whoami /all\n{GERMAN}\n"),
    ] {
        let token = one(&content);
        assert_eq!(text(&token.user), "corp\\uma");
        assert_eq!(
            text(&token.sid),
            "S-1-5-21-1004336348-1177238915-682003330-1104"
        );
        assert_eq!(token.groups.len(), 3);
        assert_eq!(token.groups[0].sid, "S-1-1-0");
        assert_eq!(token.integrity_level().unwrap().value, 12288);
        assert!(
            token
                .protected_users()
                .is_some_and(|g| g.name.starts_with("CORP\\"))
        );
        assert_eq!(token.domain_groups().count(), 1);
        let rights: Vec<_> = token.privileges.iter().map(|p| p.value.as_str()).collect();
        assert_eq!(rights, ["SeShutdownPrivilege", "SeChangeNotifyPrivilege"]);
    }
    assert_eq!(
        one(&format!("[WEB01]: PS C:\\> whoami /all\n{ALL}"))
            .host
            .as_deref(),
        Some("WEB01")
    );
}

#[test]
fn the_shorter_forms() {
    assert_eq!(text(&one("C:\\>whoami\ncorp\\uma\n").user), "corp\\uma");
    assert_eq!(
        text(&one("C:\\>whoami\nnt authority\\system\n").user),
        "nt authority\\system"
    );
    assert_eq!(
        text(&one("C:\\>whoami /upn\numa@corp.example\n").upn),
        "uma@corp.example"
    );
    let csv = one(
        "C:\\>whoami /groups /fo csv\n\"Group Name\",\"Type\",\"SID\",\"Attributes\"\n\"Everyone\",\"Well-known group\",\"S-1-1-0\",\"Mandatory group\"\n",
    );
    assert_eq!(
        (csv.groups[0].name.as_str(), csv.groups[0].sid.as_str()),
        ("Everyone", "S-1-1-0")
    );
    let list = one(
        "C:\\>whoami /user /groups /fo list\n\nUSER INFORMATION\n----------------\n\nUser Name: corp\\uma\nSID:       S-1-5-21-1-2-3-1104\n\nGROUP INFORMATION\n-----------------\n\nGroup Name: CORP\\Web\nType:       Group\nSID:        S-1-5-21-1-2-3-1200\nAttributes: Mandatory group\n",
    );
    assert_eq!(text(&list.user), "corp\\uma");
    assert_eq!(list.groups[0].name, "CORP\\Web");
    assert_eq!(list.groups[0].from.place, Place::Line(14));
    let claims = one(
        "C:\\>whoami /claims\n\nClaim Name Claim ID                              Flags Type   Values\n========== ===================================== ===== ====== ======\n\"City\"     ad://ext/city:88d16fa8bf1ac2e1              String \"X\"\n",
    );
    assert_eq!(claims.claims.len(), 1);
}

#[test]
fn nothing_that_can_be_read() {
    let reading = reading("C:\\>whoami /all\nERROR: Unable to get user claims information.\n");
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(self::reading("C:\\>whoami\n").records, []);
}

proptest! {
    #[test]
    fn any_text(text in "(?s).{0,300}", rows in "(=+ )?[=S\\-1-9: \"é\\\\\n]{0,200}") {
        let _ = reading(&format!("C:\\>whoami /all\n{text}\n{rows}"));
        let _ = reading(&rows);
    }

    #[test]
    fn any_part_of_it(from in 0..ALL.len(), to in 0..ALL.len()) {
        if let Some(part) = ALL.get(from..to) {
            for token in reading(&format!("C:\\>whoami /all\n{part}")).records {
                prop_assert!(matches!(token.from.place, Place::Line(n) if n > 1));
            }
        }
    }
}
