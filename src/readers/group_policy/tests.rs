//! gpresult in its forms and in other languages.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::evidence::Place;
use crate::readers::console::sections;
use crate::testkit::console_text;

fn reading(content: &str) -> Reading<Vec<PolicyResult>> {
    read(ArtifactId(0), &sections(&console_text(content)))
}

fn one(content: &str) -> PolicyResult {
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

const REPORT: &str = "
Microsoft (R) Windows (R) Operating System Group Policy Result tool v2.0
© 2018 Microsoft Corporation. All rights reserved.

Created on \u{200e}3/\u{200e}25/\u{200e}2026 at 9:12:44 AM


RSOP data for CORP\\uma on WEB01 : Logging Mode
----------------------------------------------

OS Configuration:            Member Server
OS Version:                  10.0.17763
Site Name:                   Berlin
Roaming Profile:             N/A
Connected over a slow link?: No


COMPUTER SETTINGS
------------------
    CN=WEB01,OU=Servers,DC=corp,DC=example
    Last time Group Policy was applied: 3/25/2026 at 8:44:10 AM
    Group Policy was applied from:      DC1.corp.example
    Group Policy slow link threshold:   500 kbps
    Domain Name:                        CORP
    Domain Type:                        Windows 2008 or later

    Applied Group Policy Objects
    -----------------------------
        Hardening
        Default Domain Policy

    The following GPOs were not applied because they were filtered out
    -------------------------------------------------------------------
        Local Group Policy
            Filtering:  Not Applied (Empty)
";

const SETTINGS: &str = "
    Resultant Set Of Policies for Computer
    ---------------------------------------

        Account Policies
        ----------------
            GPO: Default Domain Policy
                Policy:            MaxClockSkew
                Computer Setting:  5

        User Rights
        -----------
            GPO: Hardening
                Policy:            DenyNetworkLogonRight
                Computer Setting:  CORP\\Contractors
                                   Guests
                                   *S-1-5-113

            GPO: Hardening
                Policy:            BatchLogonRight
                Computer Setting:  N/A

        Administrative Templates
        ------------------------
            GPO: Kerberos
                Folder Id: Software\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters\\SupportedEncryptionTypes
                Value:     24, 0, 0, 0
                State:     Enabled

            GPO: Kerberos
                Folder Id: Software\\Policies\\Other
                Value:     1, 0
                State:     Enabled
";

const FRENCH: &str = "
Outil de résultat de stratégie de groupe du système d'exploitation Microsoft (R) Windows (R) v2.0
© Microsoft Corporation. Tous droits réservés.

Données RSOP pour CORP\\uma sur WEB01 : mode journalisation
-----------------------------------------------------------

Configuration du système d'exploitation : Serveur membre
Version du système d'exploitation       : 10.0.17763
Nom du site                             : Berlin

PARAMÈTRES ORDINATEUR
----------------------
    CN=WEB01,OU=Servers,DC=corp,DC=example
    Dernière application de la stratégie de groupe : 25/03/2026 à 08:44:10
    La stratégie de groupe a été appliquée depuis :      DC1.corp.example
    Seuil de liaison lente :   500 kbps
    Nom de domaine :                        CORP

    Objets Stratégie de groupe appliqués
    -------------------------------------
        Hardening
        Default Domain Policy

        Droits d'utilisateur
        --------------------
            GPO : Hardening
                Stratégie :            DenyNetworkLogonRight
                Paramètre ordinateur :  CORP\\Contractors
                                   Guests
                                   *S-1-5-113
";

#[test]
fn the_machine_and_its_policies() {
    for content in [
        REPORT.to_owned(),
        FRENCH.to_owned(),
        format!("C:\\>gpresult /v\n{REPORT}{SETTINGS}"),
        format!("C:\\>gpresult /r\n{REPORT}\nC:\\>hostname\nWEB01\n"),
        REPORT.replace("Microsoft (R)", "M"),
    ] {
        let result = one(&content);
        assert_eq!(text(&result.computer), "WEB01", "{content}");
        assert_eq!(text(&result.user), "CORP\\uma");
        assert_eq!(text(&result.os_version), "10.0.17763");
        assert_eq!(text(&result.site), "Berlin");
        assert_eq!(
            text(&result.computer_dn),
            "CN=WEB01,OU=Servers,DC=corp,DC=example"
        );
        assert_eq!(text(&result.applied_from), "DC1.corp.example");
        assert_eq!(text(&result.domain), "CORP");
        let applied = result.applied_at.unwrap().value;
        assert_eq!(applied, When::Local(date(2026, 3, 25).at(8, 44, 10, 0)));
        let names: Vec<_> = result.policies.iter().map(|p| p.value.as_str()).collect();
        assert_eq!(names, ["Hardening", "Default Domain Policy"]);
    }
}

#[test]
fn rights_and_kerberos_settings() {
    for content in [format!("{REPORT}{SETTINGS}"), FRENCH.to_owned()] {
        let result = one(&content);
        let denied = result.right("SeDenyNetworkLogonRight").unwrap();
        let names: Vec<_> = denied.accounts.iter().map(|a| a.value.as_str()).collect();
        assert_eq!(names, ["CORP\\Contractors", "Guests", "*S-1-5-113"]);
        assert_eq!(denied.policy.as_deref(), Some("Hardening"));
    }
    let result = one(&format!("{REPORT}{SETTINGS}"));
    assert_eq!(result.right("SeBatchLogonRight").unwrap().accounts, []);
    assert_eq!(result.right("SeServiceLogonRight"), None);
    assert_eq!(result.etypes.as_ref().unwrap().value, 24);
    assert_eq!(result.settings[0].name, "MaxClockSkew");
    assert_eq!(result.settings[0].value.value, "5");
    let line = |place: &Place| match place {
        Place::Line(line) => *line,
        _ => 0,
    };
    assert_eq!(line(&result.settings[0].value.from[0].place), 44);
    // Two policies that set one right: /z does not say which won.
    let twice = format!("{REPORT}{SETTINGS}{SETTINGS}");
    assert_eq!(one(&twice).right("SeDenyNetworkLogonRight"), None);
    assert_eq!(one(&twice).rights.len(), 4);
    assert_eq!(one(REPORT).rights, [], "/r shows no settings");
}

#[test]
fn nothing_that_can_be_read() {
    let reading = reading("C:\\>gpresult /h report.html\nERROR: Access Denied.\n");
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(reading.records, []);
    assert_eq!(self::reading("C:\\>gpresult /h report.html\n").problems, []);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_part_of_it(from in 0..2000usize, to in 0..3000usize, noise in "(?s).{0,100}") {
        let all = format!("{REPORT}{SETTINGS}");
        if let Some(part) = all.get(from..to) {
            let content = format!("C:\\>gpresult /z\n{part}{noise}{part}");
            let lines = u32::try_from(content.lines().count()).unwrap();
            for result in reading(&content).records {
                prop_assert!(matches!(result.from.place, Place::Line(n) if n <= lines));
            }
        }
        let _ = reading(&noise);
    }
}
