//! Messages that mislead, or are flat, or end early.

use super::*;

const KERBEROS: &str = "Microsoft-Windows-Security-Kerberos";
const SECURITY: &str = "Microsoft-Windows-Security-Auditing";

fn value<'d>(data: &'d [Datum], name: &str) -> Option<&'d str> {
    data.iter()
        .find(|d| d.name.as_deref() == Some(name))
        .map(|d| d.value.as_str())
}

#[test]
fn a_sentence_that_was_cut_gives_what_stands_in_it() {
    let message = "The Kerberos client received a KRB_AP_ERR_MODIFIED error from the server web01$. The target name used was \
                   HTTP/web. This indicates that the target se";
    let data = read(KERBEROS, 4, message).expect("values");
    assert_eq!(value(&data, "TargetName"), Some("HTTP/web"));
    assert_eq!(value(&data, "TargetRealm"), None);
}

/// The name of the error, an SPN and a computer account are the same in every language.
#[test]
fn kerberos_4_is_read_by_shape_in_other_languages() {
    let german = "Der Kerberos-Client hat den Fehler KRB_AP_ERR_MODIFIED vom Server \"web01$\" empfangen. Der Zielname war \
                  HTTP/web.corp.example. Ursache und/oder Abhilfe: siehe unten.";
    let data = read(KERBEROS, 4, german).expect("values");
    assert_eq!(value(&data, "TargetName"), Some("HTTP/web.corp.example"));
    assert_eq!(value(&data, "Server"), Some("web01$"));
    for unsure in [
        german.replace("KRB_AP_ERR_MODIFIED", "ohne Namen"),
        german.replace("Ursache", "HTTP/other"),
        german.replace("HTTP/web.corp.example", "cifs/web.corp.example"),
    ] {
        assert_eq!(read(KERBEROS, 4, &unsure).err(), Some(Unread::Language));
    }
}

#[test]
fn headings_say_whose_name_it_is_and_lists_go_on() {
    let message = "A computer account was changed.\n\nSubject:\n\tSecurity ID:\t\tCORP\\uma\n\tAccount Name:\t\tuma\n\tAccount Domain:\t\tCORP\n\t\
        Logon ID:\t\t0x1\n\nComputer Account That Was Changed:\n\tSecurity ID:\t\tS-1-5-21-1\n\tAccount Name:\t\tWEB01$\n\tAccount Domain:\t\tCORP\n\n\
        Changed Attributes:\n\tSAM Account Name:\t-\n\tDisplay Name:\t\t-\n\tUser Principal Name:\t-\n\tHome Directory:\t\t-\n\tHome Drive:\t\t-\n\t\
        Script Path:\t\t-\n\tProfile Path:\t\t-\n\tUser Workstations:\t-\n\tPassword Last Set:\t<never>\n\tDNS Host Name:\t\t-\n\t\
        Service Principal Names:\t\n\t\tHOST/WEB01\n\t\tHTTP/web:8080\n\nAdditional Information:\n\tPrivileges:\t\t-\n";
    let data = read(SECURITY, 4742, message).expect("values");
    assert_eq!(value(&data, "SubjectUserName"), Some("uma"));
    assert_eq!(
        value(&data, "SubjectUserSid"),
        Some("-"),
        "a name is no identifier"
    );
    assert_eq!(value(&data, "TargetUserName"), Some("WEB01$"));
    assert_eq!(value(&data, "PasswordLastSet"), Some("%%1794"));
    let names: Vec<&str> = value(&data, "ServicePrincipalNames")
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    assert_eq!(names, ["HOST/WEB01", "HTTP/web:8080"]);
}

#[test]
fn nothing_is_read_of_what_has_no_layout() {
    assert_eq!(
        read(SECURITY, 4625, "An account failed to log on."),
        Err(Unread::Language)
    );
    assert_eq!(
        read(SECURITY, 4616, "The system time was changed."),
        Err(Unread::NoLayout)
    );
    assert_eq!(read("Somebody", 4625, "x"), Err(Unread::NoLayout));
    assert_eq!(read("LsaSrv", 6038, "Irgendetwas"), Ok(Vec::new()));
}
