//! Whether IIS asks at all: CFG-01, CFG-07, CFG-09, CFG-13.

use super::*;
use crate::causes::Status;
use crate::negotiate::Outcome;

const WEB_CONFIG: &str = "WEB01/D/sites/Portal/web.config";
const NATIVE: &str =
    r#"<add name="WindowsAuthenticationModule" image="%windir%\System32\inetsrv\authsspi.dll" />"#;

fn on() -> String {
    portal(&windows("enabled=\"true\""), "")
}

#[test]
fn cfg_01_not_installed() {
    let text = on().replace(NATIVE, "").replace(
        r#"<add name="WindowsAuthenticationModule" lockItem="false" />"#,
        "",
    );
    let judgement = server(&text).judge();
    judgement
        .assert_found("CFG-01", Status::Likely)
        .assert_not_found("CFG-13")
        .assert_not_found("CFG-02")
        .assert_not_found("CFG-05");
    server(&on()).judge().assert_ruled_out("CFG-01");
}

/// Trap 7: the managed module of ASP.NET is not the role service.
#[test]
fn cfg_01_is_not_fooled_by_the_managed_module() {
    let text = on().replace(NATIVE, "").replace(
        r#"<add name="WindowsAuthenticationModule" lockItem="false" />"#,
        r#"<add name="WindowsAuthentication" type="System.Web.Security.WindowsAuthenticationModule" preCondition="managedHandler" />"#,
    );
    server(&text).judge().assert_found("CFG-01", Status::Likely);
}

#[test]
fn cfg_01_not_where_nobody_asks_for_windows_authentication_or_the_file_is_cut() {
    let text = portal("<windowsAuthentication />", "").replace(NATIVE, "");
    server(&text).judge().assert_not_found("CFG-01");
    let cut = on().replace(NATIVE, "").replace("</configuration>", "");
    server(&cut).judge().assert_not_assessed("CFG-01");
}

/// Row 26: anonymous wins. Left over from the server's level and seen whole, it is likely; chosen beside it, possible.
#[test]
fn cfg_07_anonymous_wins() {
    let left_over = portal("<windowsAuthentication><providers><add value=\"Negotiate\" /></providers></windowsAuthentication>", &location("Portal", "<windowsAuthentication enabled=\"true\" />"))
        .replace("anonymousAuthentication enabled=\"false\"", "anonymousAuthentication enabled=\"true\"");
    server(&left_over)
        .judge()
        .assert_found("CFG-07", Status::Possible);
    let judgement = server(&left_over)
        .web_config(
            WEB_CONFIG,
            "<configuration><system.webServer /></configuration>",
        )
        .judge();
    judgement.assert_found("CFG-07", Status::Likely);
    assert!(judgement.of("CFG-07")[0].fix.is_some());
    let chosen = portal(
        &windows(""),
        &location(
            "Portal",
            "<anonymousAuthentication enabled=\"true\" /><windowsAuthentication enabled=\"true\" />",
        ),
    );
    server(&chosen)
        .web_config(
            WEB_CONFIG,
            "<configuration><system.webServer /></configuration>",
        )
        .judge()
        .assert_found("CFG-07", Status::Possible);
}

#[test]
fn cfg_07_not_where_anonymous_users_are_denied_or_asp_net_asks() {
    let both = portal(&windows("enabled=\"true\""), "").replace(
        "anonymousAuthentication enabled=\"false\"",
        "anonymousAuthentication enabled=\"true\"",
    );
    let web = |text: &str| {
        server(&both)
            .web_config(
                WEB_CONFIG,
                &format!("<configuration>{text}</configuration>"),
            )
            .judge()
    };
    web("<system.web><authorization><deny users=\"?\" /></authorization></system.web>")
        .assert_not_found("CFG-07");
    web("<system.webServer><security><authorization><clear /><add accessType=\"Allow\" roles=\"staff\" /></authorization></security></system.webServer>")
        .assert_not_found("CFG-07");
    web("<system.web><authentication mode=\"Forms\" /></system.web>").assert_not_found("CFG-07");
    server(&on()).judge().assert_ruled_out("CFG-07");
}

/// Trap 20: an empty cs-username on a 401 says nothing about anonymous users.
#[test]
fn cfg_07_not_from_an_empty_user_name() {
    let log = "C:\\>type u_ex260302.log\n#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status\n2026-03-02 08:00:00 GET / - 10.0.0.7 401 2 5\n2026-03-02 08:00:00 GET / - 10.0.0.7 401 1 2148074254\n";
    server(&on())
        .console("iis.txt", log)
        .judge()
        .assert_not_found("CFG-07");
}

#[test]
fn cfg_09_locked_section() {
    let set = "<configuration><system.webServer><security><authentication><windowsAuthentication enabled=\"true\" /></authentication></security></system.webServer></configuration>";
    let judgement = server(&portal(&windows(""), ""))
        .web_config(WEB_CONFIG, set)
        .judge();
    judgement
        .assert_found("CFG-09", Status::Likely)
        .assert_not_found("CFG-02")
        .assert_not_found("CFG-08");
    assert_eq!(judgement.of("CFG-09")[0].finding.structure[0].from.len(), 2);
    let unlocked = portal(
        &windows(""),
        "<location path=\"Portal\" overrideMode=\"Allow\"><system.webServer><security><authentication><windowsAuthentication /></authentication></security></system.webServer></location>",
    );
    server(&unlocked)
        .web_config(WEB_CONFIG, set)
        .judge()
        .assert_not_found("CFG-09");
    server(&on()).judge().assert_not_assessed("CFG-09");
}

/// One request a line: (path, user, status, sub-status, Win32 status).
fn log(lines: &[(&str, &str, u16, u16, u32)]) -> String {
    let fields = "#Fields: date time s-ip cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status\n";
    let lines = lines.iter().enumerate().map(|(minute, (path, user, status, sub, win32))| {
        format!("2026-03-02 08:{minute:02}:00 10.0.0.1 GET {path} {user} 10.0.0.7 {status} {sub} {win32}\n")
    });
    fields
        .chars()
        .chain(lines.collect::<String>().chars())
        .collect()
}

const LOG: &str = "WEB01/W3SVC7/u_ex260302.log";

/// `useAppPoolCreduntials` is no attribute that is absent. That IIS has read the file as it is here is shown by 500.19 alone.
#[test]
fn cfg_09_what_iis_does_not_know() {
    let slip = "<windowsAuthentication enabled=\"true\" useAppPoolCreduntials=\"true\" />";
    let typed = portal(&windows(""), &location("Portal", slip));
    let found = server(&typed).judge();
    found.assert_found("CFG-09", Status::Possible);
    let says = &found.of("CFG-09")[0].finding.structure[0].says;
    assert!(
        says.contains("useAppPoolCreduntials; it knows useAppPoolCredentials"),
        "{says}"
    );
    let logged = |lines: &[_]| server(&typed).web_log(LOG, &log(lines)).judge();
    logged(&[("/", "-", 500, 19, 13)]).assert_found("CFG-09", Status::Confirmed);
    logged(&[("/", "-", 500, 19, 5)]).assert_found("CFG-09", Status::Possible);
    // Whoever signs in shows that IIS runs with another file.
    logged(&[("/", "-", 401, 2, 5), ("/", "CORP\\tom", 200, 0, 0)]).assert_not_found("CFG-09");
    server(&on()).judge().assert_not_found("CFG-09");
}

/// A name that looks like none of the section may be known to a schema file of the server's own.
#[test]
fn cfg_09_not_from_an_attribute_of_somebody_elses_schema() {
    let own = "<windowsAuthentication enabled=\"true\" contosoAuditLevel=\"2\" />";
    let own = portal(&windows(""), &location("Portal", own));
    server(&own).judge().assert_not_found("CFG-09");
    let refused = server(&own).web_log(LOG, &log(&[("/", "-", 500, 19, 13)]));
    refused.judge().assert_found("CFG-09", Status::Likely);
}

/// What stands above applications that work is not what stops one of them: that is in its own web.config, with the same status
/// (a section of a module that is not installed).
#[test]
fn cfg_09_not_from_what_other_applications_inherit() {
    let app = "<application path=\"/a\" applicationPool=\"Portal\"><virtualDirectory path=\"/\" physicalPath=\"D:\\sites\\a\" /></application><bindings>";
    let own = "<windowsAuthentication enabled=\"true\" contosoAuditLevel=\"2\" />";
    let slip = "<windowsAuthentication enabled=\"true\" useAppPoolCreduntials=\"true\" />";
    for unknown in [own, slip] {
        let above = portal(unknown, "").replacen("<bindings>", app, 1);
        let logged = |lines: &[_]| server(&above).web_log(LOG, &log(lines)).judge();
        let refused = ("/a/x", "-", 500, 19, 13);
        let asked = ("/", "-", 401, 2, 5);
        logged(&[refused, asked, refused]).assert_not_found("CFG-09");
        let both = logged(&[refused, ("/", "-", 500, 19, 13)]);
        assert_eq!(both.of("CFG-09").len(), 1);
        // It was put there, or taken away, between the two.
        let then = logged(&[
            ("/", "CORP\\tom", 200, 0, 0),
            refused,
            ("/", "-", 500, 19, 13),
        ]);
        assert_eq!(then.of("CFG-09").len(), 1);
    }
}

/// A pool that WAS cannot read answers nobody, and IIS sends no 500.19 for it.
#[test]
fn cfg_09_not_of_a_pool() {
    let typed = on().replace("identityType=", "identityTipe=");
    assert!(typed.contains("identityTipe"));
    server(&typed).judge().assert_not_found("CFG-09");
}

#[test]
fn cfg_09_only_where_the_application_is_refused() {
    let set = "<configuration><system.webServer><security><authentication><windowsAuthentication enabled=\"true\" /></authentication></security></system.webServer></configuration>";
    let logged = |lines: &[_]| {
        let kit = server(&portal(&windows(""), "")).web_config(WEB_CONFIG, set);
        kit.web_log(LOG, &log(lines)).judge()
    };
    logged(&[("/a", "-", 500, 19, 33)]).assert_found("CFG-09", Status::Confirmed);
    logged(&[("/a", "-", 500, 19, 13)]).assert_found("CFG-09", Status::Likely);
    // Whoever is asked for credentials there shows that IIS reads another file, or takes the lock for open.
    logged(&[("/a", "-", 401, 2, 5)]).assert_found("CFG-09", Status::Possible);
    logged(&[("/a", "-", 401, 2, 5), ("/a", "-", 500, 19, 33)])
        .assert_found("CFG-09", Status::Confirmed);
    // The web.config is not there, and may be what is refused.
    let unseen = server(&on()).web_log(LOG, &log(&[("/a", "-", 500, 19, 33)]));
    unseen.judge().assert_not_assessed("CFG-09");
}

#[test]
fn cfg_13_module_removed() {
    let remove = "<configuration><system.webServer><modules><remove name=\"WindowsAuthenticationModule\" /></modules></system.webServer></configuration>";
    server(&on())
        .web_config(WEB_CONFIG, remove)
        .judge()
        .assert_found("CFG-13", Status::Likely)
        .assert_not_found("CFG-01")
        .assert_not_found("CFG-02");
    server(&on()).judge().assert_ruled_out("CFG-13");
}

/// Trap 8: what nothing sets has the schema's default: kernel mode on, the pool's credentials not used.
#[test]
fn defaults_of_the_schema() {
    let case = server(&on()).case();
    let windows = &case.situation.endpoints[0].settings.windows;
    assert!(windows.use_kernel_mode.value && !windows.use_app_pool_credentials.value);
    let judgement = server(&on()).judge();
    for cause in ["CFG-02", "CFG-08", "CFG-16"] {
        judgement.assert_not_found(cause);
    }
}

/// Trap 16: the first 401.2 of a connection is the challenge. A server that only challenges is not broken.
#[test]
fn a_challenge_is_no_failure() {
    let judgement = server(&on()).judge();
    assert!(
        !judgement
            .findings
            .iter()
            .any(|f| f.cause.id.starts_with("CFG") || f.cause.id.starts_with("EPA"))
    );
    let case = server(&on()).case();
    let scene = crate::causes::Scene::of(&case);
    assert_ne!(scene.views[0].path.outcome, Outcome::Denied);
}
