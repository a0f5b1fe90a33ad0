use proptest::prelude::*;

use super::{Extent, Key, RegistryKey, Setting, read};
use crate::bundle::text::{self, Text};
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::console::sections;

fn read_all(output: &str) -> (Vec<RegistryKey>, Vec<Problem>) {
    let text = text::decode(output.as_bytes());
    let reading = read(ArtifactId(0), &sections(&text));
    (reading.records, reading.problems)
}

fn keys(output: &str) -> Vec<RegistryKey> {
    let (keys, problems) = read_all(output);
    assert_eq!(problems, [], "{output}");
    keys
}

/// The values of the only key.
fn values(output: &str) -> Vec<(&'static str, Setting)> {
    let mut keys = keys(output);
    assert_eq!(keys.len(), 1, "{output}");
    let values = keys.pop().unwrap().values.into_iter();
    values.map(|value| (value.name, value.value)).collect()
}

fn list(entries: &[&str], complete: bool) -> Setting {
    Setting::List {
        entries: entries.iter().map(|e| (*e).to_owned()).collect(),
        complete,
    }
}

const NTLM: &str = r"
HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0
    (Standard)    REG_SZ    (Wert nicht festgelegt)
    Auth132    REG_SZ    IISSUBA
    BackConnectionHostNames    REG_MULTI_SZ    intranet.corp.example\0www.corp.example
    RestrictReceivingNTLMTraffic    REG_DWORD    0x2
    Sealed Secret    REG_SZ    hunter2

HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0\Sub
";

#[test]
fn reg_query_without_an_echo() {
    assert_eq!(
        values(NTLM),
        [
            (
                "BackConnectionHostNames",
                list(&["intranet.corp.example", "www.corp.example"], true)
            ),
            ("RestrictReceivingNTLMTraffic", Setting::Number(2)),
        ]
    );
    let keys = keys(NTLM);
    assert_eq!((keys[0].key, &keys[0].extent), (Key::Ntlm, &Extent::Whole));
    assert_eq!(keys[0].values[1].from.place, Place::Line(6));
    assert!(!format!("{keys:?}").contains("hunter2"));
}

#[test]
fn what_an_echo_says_about_the_extent() {
    let value = "\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\n    DisableLoopbackCheck    REG_DWORD    0x1\n";
    let extent = |output: &str| {
        let mut keys = keys(output);
        assert_eq!(keys.len(), 1, "{output}");
        keys.remove(0).extent
    };
    // A lone value may have been asked for alone.
    assert_eq!(extent(value), Extent::Part);
    let path = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa";
    assert_eq!(
        extent(&format!("C:\\>reg query {path}\n{value}")),
        Extent::Whole
    );
    assert_eq!(
        extent(&format!(
            "C:\\>reg query {path} /v DisableLoopbackCheck\n{value}"
        )),
        Extent::One("DisableLoopbackCheck".into())
    );
    assert_eq!(
        extent(&format!("C:\\>reg query {path} | findstr Loop\n{value}")),
        Extent::Part
    );
    let missing = "ERROR: The system was unable to find the specified registry key or value.\n";
    let absent = keys(&format!(
        "C:\\>reg query {path} /v DisableLoopbackCheck\n\n\n{missing}"
    ));
    assert!(absent[0].values.is_empty());
    assert_eq!(absent[0].extent, Extent::One("DisableLoopbackCheck".into()));
    let remote = keys(&format!("C:\\>reg query \\\\WEB01\\{path}\n{value}"));
    assert_eq!(remote[0].host.as_deref(), Some("WEB01"));
    // Nothing captured, or another failure: nothing is known.
    assert_eq!(keys(&format!("C:\\>reg query {path}\n\n")), []);
    let (keys, problems) = read_all(&format!(
        "C:\\>reg query {path}\nFEHLER: Zugriff verweigert\n"
    ));
    assert_eq!((keys.len(), problems.len()), (0, 1));
}

#[test]
fn several_keys_in_one_file() {
    let output = "HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Services\\HTTP\\Parameters
    MaxFieldLength    REG_DWORD    0xfffe
    MaxRequestBytes    REG_DWORD    0x1000000
HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Other
    MaxFieldLength    REG_DWORD    0x1
HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\KDC
    DefaultDomainSupportedEncTypes    REG_DWORD    0x18
    KdcExtraLogLevel    REG_DWORD    0x1f
";
    let found: Vec<_> = keys(output)
        .into_iter()
        .map(|key| {
            (
                key.key,
                key.values
                    .into_iter()
                    .map(|v| v.value.number().unwrap())
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (Key::Http, vec![0xFFFE, 0x100_0000]),
            (Key::Kdc, vec![0x18, 0x1F])
        ]
    );
}

#[test]
fn reg_files() {
    let five = "Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0]
\"RestrictSendingNTLMTraffic\"=dword:0000001c
\"BackConnectionHostNames\"=hex(7):77,00,65,00,62,00,00,00,\\
  61,00,00,00,00,00
\"Auth132\"=\"IISSUBA\"
\"NtlmMinClientSec\"=hex(b):00,00,08,20,00,00,00,00
\"NtlmMinServerSec\"=-
\"Password\"=\"hunter2\"

[-HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa]
\"LmCompatibilityLevel\"=dword:00000001
";
    assert_eq!(
        values(five),
        [
            ("RestrictSendingNTLMTraffic", Setting::Number(0x1C)),
            ("BackConnectionHostNames", list(&["web", "a"], true)),
            ("NtlmMinClientSec", Setting::Number(0x2008_0000)),
        ]
    );
    let keys = keys(five);
    assert_eq!(keys[0].extent, Extent::Whole);
    assert!(!format!("{keys:?}").contains("hunter2"));
    let four = "REGEDIT4\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0]\n\"BackConnectionHostNames\"=hex(7):77,65,62,00,00\n";
    assert_eq!(
        values(four),
        [("BackConnectionHostNames", list(&["web"], true))]
    );
    // A file of one value may be one that somebody wrote to import it.
    assert_eq!(super::tests::keys(four)[0].extent, Extent::Part);
}

#[test]
fn property_lists() {
    let output = "RestrictReceivingNTLMTraffic : 2
BackConnectionHostNames      : {a.corp.example, b.corp.example, c.corp.example, d.corp.example...}
Auth132                      : IISSUBA
PSPath                       : Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Contr
                               ol\\Lsa\\MSV1_0
PSParentPath                 : Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE\\SYSTEM
PSChildName                  : MSV1_0
";
    let expected = [
        ("RestrictReceivingNTLMTraffic", Setting::Number(2)),
        (
            "BackConnectionHostNames",
            list(
                &[
                    "a.corp.example",
                    "b.corp.example",
                    "c.corp.example",
                    "d.corp.example",
                ],
                false,
            ),
        ),
    ];
    assert_eq!(values(output), expected);
    assert_eq!(keys(output)[0].extent, Extent::Whole);
    let path = r"HKLM:\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0";
    let echoed = format!("PS C:\\> Get-ItemProperty {path}\n\n{output}");
    assert_eq!(values(&echoed), expected);
    let named =
        format!("PS C:\\> Get-ItemProperty {path} -Name RestrictReceivingNTLMTraffic\n\n{output}");
    assert_eq!(keys(&named)[0].extent, Extent::Part);
}

const PIECES: &[&str] = &[
    "C:\\>reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v X",
    "PS C:\\> Get-ItemProperty HKLM:\\SYSTEM",
    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0",
    "    BackConnectionHostNames    REG_MULTI_SZ    a\\0b",
    "    RestrictReceivingNTLMTraffic    REG_DWORD    0x2",
    "Windows Registry Editor Version 5.00",
    "REGEDIT4",
    "[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0]",
    "\"BackConnectionHostNames\"=hex(7):77,00,65,\\",
    "  00,62,00",
    "\"NtlmMinClientSec\"=hex(b):00,00,08",
    "RestrictReceivingNTLMTraffic : 2",
    "PSPath : Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0",
    "ERROR: The system was unable to find the specified registry key or value.",
    "[Privilege Rights]",
    "[Registry Values]",
    "MACHINE\\System\\CurrentControlSet\\Control\\Lsa\\LmCompatibilityLevel=4,5",
    "",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_shape_is_read_without_panic(
        picks in proptest::collection::vec((0..PIECES.len(), 0usize..130, "[\u{0}-\u{3000}]{0,2}"), 0..40),
    ) {
        let lines: Vec<String> = picks
            .iter()
            .map(|(piece, cut, tail)| PIECES[*piece].chars().take(*cut).chain(tail.chars()).collect())
            .collect();
        let text = Text { lines: lines.clone(), ..Text::default() };
        let reading = read(ArtifactId(0), &sections(&text));
        let inside = |place: &Place| matches!(place, Place::Line(line) if *line >= 1 && *line as usize <= lines.len());
        prop_assert!(reading.records.iter().all(|key| inside(&key.from.place)));
        prop_assert!(reading.problems.iter().all(|problem| inside(&problem.place)));
    }
}
