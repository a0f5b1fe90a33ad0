//! Nothing is on: CFG-02 where Windows authentication was meant, CFG-08 where nothing shows what was.

use super::*;
use crate::causes::Status;

fn off() -> String {
    portal(&windows("enabled=\"false\""), "")
}

/// Row 27: Windows authentication is off, and IIS answers 401.2 for ever.
#[test]
fn cfg_02_a_location_turns_off_what_the_server_turns_on() {
    let text = two_applications(
        &windows("enabled=\"true\""),
        &location("Portal/hr", "<windowsAuthentication enabled=\"false\" />"),
    );
    let judgement = server(&text).judge();
    judgement
        .assert_found("CFG-02", Status::Likely)
        .assert_not_found("CFG-08")
        .assert_not_found("CFG-16");
    let found = judgement.of("CFG-02");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].finding.subject.application.as_deref(), Some("/hr"));
    let (fix, effect) = found[0].fix.as_ref().expect("a fix");
    assert!(
        fix.remedy
            .fix
            .iter()
            .filter_map(|s| s.command.as_ref())
            .any(
                |c| c.text().contains("set config Portal/hr") && c.text().contains("/enabled:true")
            )
    );
    assert!(!effect.is_empty(), "the what-if shows that it helps");
}

#[test]
fn cfg_02_a_neighbour_has_it_on() {
    let text = two_applications(
        &windows("enabled=\"false\""),
        &location("Portal", "<windowsAuthentication enabled=\"true\" />").replace(
            "<location ",
            "<location inheritInChildApplications=\"false\" ",
        ),
    );
    server(&text)
        .judge()
        .assert_found("CFG-02", Status::Likely)
        .assert_not_found("CFG-08");
}

#[test]
fn cfg_02_a_change_turned_it_off() {
    let judgement = server(&off())
        .event(
            "WEB01.corp.example",
            changed("Portal", "windowsAuthentication/@enabled", "true", "false"),
        )
        .judge();
    judgement
        .assert_found("CFG-02", Status::Likely)
        .assert_not_found("CFG-08");
    assert!(judgement.of("CFG-02")[0].finding.onset.is_some());
    // Where anonymous users get in, that may be what was wanted.
    let open = off().replace(
        "anonymousAuthentication enabled=\"false\"",
        "anonymousAuthentication enabled=\"true\"",
    );
    server(&open)
        .event(
            "WEB01.corp.example",
            changed("Portal", "windowsAuthentication/@enabled", "true", "false"),
        )
        .judge()
        .assert_found("CFG-02", Status::Possible);
    // A change of another server says nothing here.
    server(&off())
        .event(
            "WEB01.corp.example",
            changed("Portal", "windowsAuthentication/@useKernelMode", "", "true"),
        )
        .event(
            "WEB02.corp.example",
            changed("Portal", "windowsAuthentication/@enabled", "true", "false"),
        )
        .judge()
        .assert_not_found("CFG-02");
}

/// A site that is anonymous or asks for another scheme by design is no fault, even below a level that has Windows on.
#[test]
fn cfg_02_not_where_another_way_in_is_chosen() {
    for sections in [
        "<windowsAuthentication enabled=\"false\" /><anonymousAuthentication enabled=\"true\" />",
        "<windowsAuthentication enabled=\"false\" /><basicAuthentication enabled=\"true\" />",
    ] {
        let text = two_applications(
            &windows("enabled=\"true\""),
            &location("Portal/hr", sections),
        );
        server(&text)
            .judge()
            .assert_not_found("CFG-02")
            .assert_not_found("CFG-08");
    }
    let installed = portal("<windowsAuthentication />", "").replace(
        "anonymousAuthentication enabled=\"false\"",
        "anonymousAuthentication enabled=\"true\"",
    );
    let judgement = server(&installed).judge();
    for cause in ["CFG-01", "CFG-02", "CFG-05", "CFG-07", "CFG-08"] {
        judgement.assert_not_found(cause);
    }
}

#[test]
fn cfg_08_nothing_is_on() {
    let judgement = server(&off()).judge();
    judgement
        .assert_found("CFG-08", Status::Likely)
        .assert_not_found("CFG-02")
        .assert_not_found("CFG-05");
    server(&portal(&windows("enabled=\"true\""), ""))
        .judge()
        .assert_ruled_out("CFG-08");
}

/// A module of a third party may log users on: Exchange closes every scheme for PowerShell and uses its own.
#[test]
fn cfg_08_a_module_of_a_third_party_may_authenticate() {
    let text = off().replace(
        "</globalModules>",
        r#"<add name="kerbauth" image="C:\Program Files\Product\kerbauth.dll" /></globalModules>"#,
    );
    server(&text)
        .judge()
        .assert_found("CFG-08", Status::Possible);
}

/// ASP.NET shows a form to the anonymous users that it denies.
#[test]
fn cfg_08_not_for_a_form() {
    let text = off().replace(
        "anonymousAuthentication enabled=\"false\"",
        "anonymousAuthentication enabled=\"true\"",
    );
    server(&text)
        .web_config("WEB01/D/sites/Portal/web.config", "<configuration><system.web><authentication mode=\"Forms\" /><authorization><deny users=\"?\" /></authorization></system.web></configuration>")
        .judge()
        .assert_not_found("CFG-08")
        .assert_not_found("CFG-02");
}
