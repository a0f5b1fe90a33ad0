//! Names that are hostile to a shell, quoted or refused.

use proptest::prelude::*;

use super::*;

mod models;
use models::{cmd_arguments, powershell_arguments};

fn in_cmd(value: &str) -> Result<String, Why> {
    let line = cmd("setspn").arg("-L").value(value).build();
    line.map(|c| c.text().to_owned()).map_err(|e| e.why)
}

fn in_powershell(value: &str) -> Result<String, Why> {
    let line = powershell("Get-ADUser")
        .arg("-Identity")
        .value(value)
        .build();
    line.map(|c| c.text().to_owned()).map_err(|e| e.why)
}

#[test]
fn names_of_the_field_are_quoted() {
    for (value, cmd, powershell) in [
        (r"CORP\svc-web", r"CORP\svc-web", r"'CORP\svc-web'"),
        (r"CORP\svc web", r#""CORP\svc web""#, r"'CORP\svc web'"),
        (
            "HTTP/web.corp.example:8080",
            "HTTP/web.corp.example:8080",
            "'HTTP/web.corp.example:8080'",
        ),
        ("WEB01$", "WEB01$", "'WEB01$'"),
        (
            "uma@corp.example",
            r#""uma@corp.example""#,
            "'uma@corp.example'",
        ),
        ("x' ; rm", r#""x' ; rm""#, "'x'' ; rm'"),
        (
            "CN=O'Neil,DC=corp",
            r#""CN=O'Neil,DC=corp""#,
            "'CN=O''Neil,DC=corp'",
        ),
        ("münchen", r#""münchen""#, "'münchen'"),
    ] {
        assert_eq!(in_cmd(value), Ok(format!("setspn -L {cmd}")));
        assert_eq!(
            in_powershell(value),
            Ok(format!("Get-ADUser -Identity {powershell}"))
        );
    }
}

#[test]
fn names_that_a_shell_could_misread_are_refused() {
    for (value, why) in [
        ("svc\"&calc", Why::Character('"')),
        ("svc&calc", Why::Character('&')),
        ("a%PATH%b", Why::Character('%')),
        ("a!b", Why::Character('!')),
        ("a^b", Why::Character('^')),
        ("a|b", Why::Character('|')),
        ("a>b", Why::Character('>')),
        ("a`b", Why::Character('`')),
        ("x\u{2019}y", Why::Character('\u{2019}')),
        ("x\u{201C}y", Why::Character('\u{201C}')),
        ("x\u{2013}y", Why::Character('\u{2013}')),
        ("x\u{FF02}y", Why::Character('\u{FF02}')),
        ("x\u{2BA}y", Why::Character('\u{2BA}')),
        ("x\u{202E}y", Why::Character('\u{202E}')),
        ("x\u{A0}y", Why::Character('\u{A0}')),
        ("a\nb", Why::Character('\n')),
        ("a\r\nb", Why::Character('\r')),
        ("a\0b", Why::Character('\0')),
        ("a\u{1b}[2Jb", Why::Character('\u{1b}')),
        ("HTTP/*", Why::Character('*')),
        ("HTTP/$(calc)", Why::Dollar),
        ("$env:x", Why::Dollar),
        ("-D", Why::Switch),
        ("/commit:apphost", Why::Switch),
        (r"C:\sites\", Why::TrailingBackslash),
        ("", Why::Empty),
    ] {
        assert_eq!(in_cmd(value), Err(why), "{value:?}");
        assert_eq!(in_powershell(value), Err(why), "{value:?}");
    }
}

#[test]
fn one_bad_value_refuses_the_whole_command_and_is_the_one_reported() {
    let error = cmd("setspn")
        .value("good")
        .value("b%d")
        .arg("-x")
        .value("wor\"se")
        .build()
        .unwrap_err();
    assert_eq!(error, Why::Character('%').of("b%d"));
    assert_eq!(
        error.to_string(),
        "could not write a command with \"b%d\" because it contains '%'; do it by hand"
    );
}

#[test]
fn length_is_bounded_in_the_command_and_in_the_error() {
    assert!(in_cmd(&"ä".repeat(LONGEST_VALUE)).is_ok());
    let error = cmd("setspn")
        .value(&"a".repeat(1 << 20))
        .build()
        .unwrap_err();
    assert_eq!(
        (error.why, error.value.len()),
        (Why::TooLong, LONGEST_VALUE)
    );
}

#[test]
fn the_models_see_what_the_shells_would_do() {
    assert_eq!(
        cmd_arguments("setspn -L \"a b\""),
        Some(vec!["setspn".into(), "-L".into(), "a b".into()])
    );
    assert_eq!(
        cmd_arguments(r#"x "a\\" b\"c\""#),
        Some(vec!["x".into(), r"a\".into(), r#"b"c""#.into()])
    );
    assert_eq!(cmd_arguments("setspn -L \"open"), None);
    assert_eq!(cmd_arguments("setspn -L svc&calc"), None);
    assert_eq!(cmd_arguments("setspn -L \"a%PATH%\""), None);
    assert_eq!(
        powershell_arguments("x 'a''b' \"c d\""),
        Some(vec!["x".into(), "a'b".into(), "c d".into()])
    );
    assert_eq!(powershell_arguments("x 'a\u{2019}; calc"), None);
    assert_eq!(powershell_arguments("x \"$(calc)\""), None);
    assert_eq!(powershell_arguments("x a;b"), None);
}

/// Any string, strings of what shells care about, and strings that mostly pass.
fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        proptest::collection::vec(
            prop::sample::select(
                "ab \\\\/-'\"$%!^&|<>();,=@#`{}~*?[]\t\n\u{2018}\u{2019}\u{201C}\u{2013}\u{A0}ä"
                    .chars()
                    .collect::<Vec<_>>()
            ),
            0..12
        )
        .prop_map(|chars| chars.into_iter().collect()),
        "[a-zA-Z0-9ä_.:@#(),;=+~{}' \\\\/-]{1,24}[$]?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn a_value_is_refused_or_is_one_argument_in_cmd_and_where_it_is_mispasted(value in values()) {
        if let Ok(text) = in_cmd(&value) {
            let expected = Some(vec!["setspn".to_owned(), "-L".to_owned(), value]);
            prop_assert_eq!(cmd_arguments(&text), expected.clone());
            prop_assert_eq!(powershell_arguments(&text), expected);
        }
    }

    #[test]
    fn a_value_is_refused_or_is_one_argument_in_powershell_and_starts_nothing_in_cmd(value in values()) {
        if let Ok(text) = in_powershell(&value) {
            let expected = vec!["Get-ADUser".to_owned(), "-Identity".to_owned(), value];
            prop_assert_eq!(powershell_arguments(&text), Some(expected));
            prop_assert!(cmd_arguments(&text).is_some(), "{} would run something else in cmd", text);
        }
    }

    #[test]
    fn an_option_is_one_argument(value in values()) {
        if let Ok(command) = cmd("appcmd").option("/apppool.name:", &value).build() {
            let expected = Some(vec!["appcmd".to_owned(), format!("/apppool.name:{value}")]);
            prop_assert_eq!(cmd_arguments(command.text()), expected);
        }
    }

    #[test]
    fn a_nested_value_cannot_leave_its_quotes(value in values()) {
        if let Ok(command) = cmd("appcmd").nested("/+\"e.[name='", &value, "']\"").build() {
            let expected = Some(vec!["appcmd".to_owned(), format!("/+e.[name='{value}']")]);
            prop_assert!(!value.contains(['\'', ']', ' ']));
            prop_assert_eq!(cmd_arguments(command.text()), expected);
        }
    }

    #[test]
    fn an_error_is_one_printable_line(value in values()) {
        if let Err(error) = cmd("setspn").value(&value).build() {
            prop_assert!(!error.to_string().chars().any(char::is_control));
        }
    }
}
