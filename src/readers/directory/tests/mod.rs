//! Objects in every form.

mod exports;
mod lists;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::evidence::{Known, Place, When};
use crate::readers::console::sections;
use crate::testkit::console_text;

fn reading(content: &str) -> Reading<DirectoryRecords> {
    read(ArtifactId(3), &sections(&console_text(content)))
}

/// The objects of a text that leaves nothing unread.
fn objects(content: &str) -> Vec<DirectoryObject> {
    let reading = reading(content);
    assert_eq!(reading.problems, [], "{content}");
    reading.records.objects
}

fn one(content: &str) -> DirectoryObject {
    let mut all = objects(content);
    assert_eq!(all.len(), 1, "{content}\n{all:#?}");
    all.remove(0)
}

fn text(value: &Option<Cited<String>>) -> &str {
    value.as_ref().map_or("", |value| value.value.as_str())
}

/// The values, and whether they are all.
fn values(known: &Known<Values>) -> (Vec<&str>, bool) {
    let values = known.present().unwrap_or_else(|| panic!("{known:?}"));
    let shown = values
        .shown
        .iter()
        .map(|value| value.value.as_str())
        .collect();
    (shown, values.complete)
}

fn value<T: Copy>(known: &Known<T>) -> Option<T> {
    known.present().map(|known| known.value)
}

use crate::evidence::Cited;

#[test]
fn secrets_are_not_kept() {
    let secret = "Tr0ub4dor";
    for content in [
        format!(
            "DistinguishedName  : CN=web01,DC=corp,DC=example\nms-Mcs-AdmPwd      : {secret}\nmsLAPS-Password    : {secret}\nSamAccountName     : WEB01$\n"
        ),
        format!(
            "dn: CN=web01,DC=corp,DC=example\nunicodePwd: {secret}\nuserPassword: {secret}\nmsDS-ManagedPassword: {secret}\nsAMAccountName: WEB01$\n"
        ),
        format!(
            "DN,supplementalCredentials,ms-Mcs-AdmPwd,sAMAccountName\n\"CN=web01,DC=corp,DC=example\",{secret},{secret},WEB01$\n"
        ),
        format!(
            "DN: CN=web01,DC=corp,DC=example\n    1> ms-Mcs-AdmPwd: {secret}\n    1> sAMAccountName: WEB01$\n"
        ),
        format!(
            "SamAccountName ms-Mcs-AdmPwd\n-------------- -------------\nWEB01$         {secret}\n"
        ),
        format!(
            "  sAMAccountName    ms-Mcs-AdmPwd    cn\n  WEB01$            {secret}        web\n"
        ),
        format!(
            "{{\n    \"ms-Mcs-AdmPwd\":  \"{secret}\",\n    \"SamAccountName\":  \"WEB01$\"\n}}\n"
        ),
    ] {
        let reading = reading(&content);
        assert!(!format!("{reading:?}").contains(secret), "{reading:#?}");
        assert_eq!(text(&reading.records.objects[0].sam), "WEB01$", "{content}");
    }
}

#[test]
fn test_ad_service_account() {
    let answer = |content: &str| {
        let reading = reading(content);
        let tests = reading.records.tests;
        tests
            .first()
            .map(|t| (t.account.clone(), t.usable.value, t.host.clone()))
    };
    assert_eq!(
        answer("[WEB01]: PS C:\\> Test-ADServiceAccount -Identity gmsa_web\nTrue\n"),
        Some(("gmsa_web".into(), true, Some("WEB01".into())))
    );
    assert_eq!(
        answer("PS C:\\> Test-ADServiceAccount gmsa_web$\nFalse\nWARNUNG: Fehler beim Test.\n"),
        Some(("gmsa_web$".into(), false, None))
    );
    assert_eq!(answer("PS C:\\> Test-ADServiceAccount gmsa_web\n"), None);
}

#[test]
fn a_command_whose_output_is_no_object_is_named() {
    let reading = reading(
        "PS C:\\> Get-ADUser nobody\nGet-ADUser : Cannot find an object with identity: 'nobody'\nAt line:1 char:1\n",
    );
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(reading.problems[0].place, Place::Line(2));
    assert_eq!(reading.records, DirectoryRecords::default());
    assert_eq!(self::reading("PS C:\\> Get-ADUser nobody\n").problems, []);
}

#[test]
fn times_in_every_form() {
    let at = |value: &str, order| times::when(value, order);
    let local = |y, m, d, h, min, s| Some(When::Local(date(y, m, d).at(h, min, s, 0)));
    let utc = |text: &str| Some(When::Utc(text.parse().unwrap()));
    assert_eq!(at("134169120000000000", None), utc("2026-03-02T08:00:00Z"));
    assert_eq!(at("20260302080000.0Z", None), utc("2026-03-02T08:00:00Z"));
    assert_eq!(
        at("/Date(1772438400000)/", None),
        utc("2026-03-02T08:00:00Z")
    );
    assert_eq!(
        at("2026-03-02T08:00:00Z", None),
        utc("2026-03-02T08:00:00Z")
    );
    assert_eq!(
        at("8/14/2017 8:19:24 AM", None),
        local(2017, 8, 14, 8, 19, 24)
    );
    assert_eq!(
        at("22/10/2021 15:28:31", None),
        local(2021, 10, 22, 15, 28, 31)
    );
    assert_eq!(
        at("10/10/2020 2:20:37 p.m.", None),
        local(2020, 10, 10, 14, 20, 37)
    );
    assert_eq!(
        at("10/10/2020 2:20:37 p. m.", None),
        local(2020, 10, 10, 14, 20, 37)
    );
    assert_eq!(
        at("8/14/2017 12:19:24 AM", None),
        local(2017, 8, 14, 0, 19, 24)
    );
    assert_eq!(at("02.03.2026 09:00:00", None), local(2026, 3, 2, 9, 0, 0));
    assert_eq!(
        at("2026/3/2 下午 9:00:00", None),
        local(2026, 3, 2, 21, 0, 0)
    );
    assert_eq!(at("3/2/2026 9:00:00 AM", None), None, "March or February");
    let order = times::order(["created 3/2/2026", "set 3/25/2026 9:00"].into_iter());
    assert_eq!(at("3/2/2026 9:00:00 AM", order), local(2026, 3, 2, 9, 0, 0));
    assert_eq!(times::order(["13/2/2026 2/13/2026"].into_iter()), None);
    for none in [
        "",
        "never",
        "1/2",
        "99/99/2026 9:00:00",
        "1/1/2026 25:00:00",
        "1/1/2026 9:00 xx",
    ] {
        assert_eq!(at(none, None), None, "{none}");
    }
}

/// Lines that make up objects, and lines that break them.
const PIECES: [&str; 24] = [
    "PS C:\\> Get-ADUser svc -Properties * | select -ExpandProperty servicePrincipalName",
    "PS C:\\> Test-ADServiceAccount x",
    "DistinguishedName : CN=svc,DC=corp,DC=example",
    "servicePrincipalName : {HTTP/a, HTTP/b,",
    "                       HTTP/c...}",
    "dn: CN=svc,DC=corp,DC=example",
    "dn:: Q049",
    " folded",
    "servicePrincipalName;range=0-1: HTTP/a",
    "objectSid:: AQUAAAAAAAUVAAAA",
    "DN,objectClass,sAMAccountName",
    "\"CN=svc,DC=corp,DC=example\",user,\"s",
    "a,b,c",
    "  sAMAccountName    cn",
    "  svc   é           é",
    "SamAccountName Enabled",
    "-------------- -------",
    "DN: CN=svc,DC=corp,DC=example",
    "    2> servicePrincipalName: HTTP/a; HTTP/b",
    "{",
    "    \"SamAccountName\":  [",
    "}",
    "",
    "HTTP/web",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_mixture_keeps_its_places(
        picks in proptest::collection::vec(0..PIECES.len(), 0..40),
        noise in "\\PC{0,40}",
    ) {
        let mut lines: Vec<&str> = picks.iter().map(|at| PIECES[*at]).collect();
        lines.push(&noise);
        let reading = reading(&lines.join("\n"));
        let last = u32::try_from(lines.len()).unwrap();
        for object in &reading.records.objects {
            prop_assert!(matches!(object.from.place, Place::Line(n) if (1..=last).contains(&n)));
        }
        for problem in &reading.problems {
            prop_assert!(matches!(problem.place, Place::Line(n) if (1..=last).contains(&n)));
        }
    }

    #[test]
    fn any_text(text in "(?s).{0,400}") {
        let _ = reading(&format!("PS C:\\> Get-ADUser x\n{text}"));
        let _ = reading(&text);
    }
}
