//! Settings that are taken for a failure of Kerberos: forms, impersonation, connections, other schemes, paths.

use super::*;
use crate::causes::Status;
use crate::testkit::system;

pub(super) const LOG: &str = "WEB01/W3SVC7/u_ex260302.log";
const AGENT: &str = "Mozilla/5.0";

fn on() -> String {
    portal(&windows("enabled=\"true\""), "")
}

pub(super) fn web_config(inner: &str) -> String {
    format!("<configuration>{inner}</configuration>")
}

/// Lines of (request, user, status, sub-status, Win32 status), a minute apart.
pub(super) fn log(lines: &[(&str, &str, u16, u16, u32)]) -> String {
    let mut text = String::from(
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n",
    );
    for (minute, (request, user, status, sub, win32)) in lines.iter().enumerate() {
        let (method, rest) = request.split_once(' ').unwrap_or(("GET", request));
        let (path, query) = rest.split_once('?').unwrap_or((rest, "-"));
        let (hour, minute) = (8 + minute / 60, minute % 60);
        text += &format!(
            "2026-03-02 {hour:02}:{minute:02}:01 10.0.0.1 {method} {path} {query} 80 {user} 10.0.0.7 {AGENT} {status} {sub} {win32} 5\n"
        );
    }
    text
}

#[test]
fn cfg_10_forms_turn_the_challenge_into_a_redirect() {
    let forms = web_config(
        "<system.web><authentication mode=\"Forms\"><forms loginUrl=\"~/in.aspx\" /></authentication></system.web>",
    );
    let pages = log(&[("/in.aspx?ReturnUrl=%2f", "-", 302, 0, 0); 5]);
    let kit = |config: &str| server(config).web_config("WEB01/D/sites/Portal/web.config", &forms);
    let judgement = kit(&on()).web_log(LOG, &pages).judge();
    judgement.assert_found("CFG-10", Status::Confirmed);
    assert!(judgement.unexplained.is_empty());
    kit(&on()).judge().assert_found("CFG-10", Status::Likely);
    // Where anonymous users get in, the login page is the way in.
    let open = on().replace(
        "anonymousAuthentication enabled=\"false\"",
        "anonymousAuthentication enabled=\"true\"",
    );
    let judgement = kit(&open).web_log(LOG, &pages).judge();
    judgement.assert_not_found("CFG-10");
    assert!(
        judgement.unexplained.is_empty(),
        "a login page is what users expect there"
    );
    server(&on()).judge().assert_not_assessed("CFG-10");
    server(&on())
        .web_config(
            "WEB01/D/sites/Portal/web.config",
            &web_config("<system.web><authentication mode=\"Windows\" /></system.web>"),
        )
        .judge()
        .assert_ruled_out("CFG-10");
}

#[test]
fn cfg_11_the_integrated_pipeline_does_not_impersonate() {
    let impersonate = web_config("<system.web><identity impersonate=\"true\" /></system.web>");
    let kit = |text: &str| server(text).web_config("WEB01/D/sites/Portal/web.config", &impersonate);
    let refused = log(&[("/", "-", 500, 24, 50); 3]);
    kit(&on())
        .web_log(LOG, &refused)
        .judge()
        .assert_found("CFG-11", Status::Confirmed)
        .assert_not_found("CFG-09");
    // Old applications do it on purpose, and work.
    kit(&on()).judge().assert_found("CFG-11", Status::Possible);
    server(&on())
        .web_log(LOG, &refused)
        .judge()
        .assert_found("CFG-11", Status::Confirmed);
    server(&on()).judge().assert_not_assessed("CFG-11");
}

#[test]
fn cfg_12_each_request_signs_in() {
    let single = portal(
        &windows("enabled=\"true\" authPersistSingleRequest=\"true\""),
        "",
    );
    let many: Vec<_> = (0..60)
        .flat_map(|_| [("/a", "-", 401, 2, 5), ("/a", "CORP\\tom", 200, 0, 0)])
        .collect();
    server(&single)
        .web_log(LOG, &log(&many))
        .judge()
        .assert_found("CFG-12", Status::Likely);
    server(&single)
        .judge()
        .assert_found("CFG-12", Status::Possible);
    server(&on()).judge().assert_ruled_out("CFG-12");
}

/// Row 30: NTLM never gets its second leg through.
#[test]
fn cfg_14_connections_are_closed() {
    let off = portal(
        &windows("enabled=\"true\""),
        "<location path=\"Portal\"><system.webServer><httpProtocol allowKeepAlive=\"false\" /></system.webServer></location>",
    );
    let alone: Vec<_> = (0..6)
        .flat_map(|_| [("/x", "-", 401, 1, 0x8009_030e)])
        .collect();
    server(&off)
        .web_log(LOG, &log(&alone))
        .judge()
        .assert_found("CFG-14", Status::Confirmed)
        .assert_not_found("PRX-01");
    server(&off).judge().assert_found("CFG-14", Status::Likely);
    // Connections stay open: then something on the way may close them, or the callers give up.
    server(&on())
        .web_log(LOG, &log(&alone))
        .judge()
        .assert_found("CFG-14", Status::Possible);
    server(&on()).judge().assert_ruled_out("CFG-14");
}

/// Row 31. The same OPTIONS of callers who are signed in otherwise are ordinary.
#[test]
fn cfg_18_preflights_are_answered_with_the_challenge() {
    let options: Vec<_> = (0..5).map(|_| ("OPTIONS /api", "-", 401, 2, 5)).collect();
    let judgement = server(&on()).web_log(LOG, &log(&options)).judge();
    judgement.assert_found("CFG-18", Status::Likely);
    assert!(judgement.unexplained.is_empty());
    let mut back = options.clone();
    back.push(("POST /api", "CORP\\tom", 200, 0, 0));
    let back: Vec<_> = std::iter::once(("POST /api", "-", 401, 2, 5))
        .chain(back)
        .collect();
    server(&on())
        .web_log(LOG, &log(&back))
        .judge()
        .assert_not_found("CFG-18");
    // The module answers them before anybody is asked.
    let cors = portal(
        &windows("enabled=\"true\""),
        "<location path=\"Portal\"><system.webServer><cors enabled=\"true\" /></system.webServer></location>",
    );
    server(&cors)
        .web_log(LOG, &log(&options))
        .judge()
        .assert_found("CFG-18", Status::Possible);
    server(&on()).judge().assert_not_assessed("CFG-18");
}

#[test]
fn cfg_20_a_package_was_not_initialised() {
    let broken = || {
        system(
            "Microsoft-Windows-HttpEvent",
            15016,
            &[
                ("DeviceObject", "\\Device\\Http\\ReqQueue"),
                ("SecurityPackage", "Kerberos"),
            ],
        )
    };
    let kit = || server(&on()).event("WEB01.corp.example", broken());
    kit().judge().assert_found("CFG-20", Status::Likely);
    // Somebody comes by Kerberos afterwards: it is over.
    let logon = || {
        crate::testkit::security(
            4624,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("LogonType", "3"),
                ("LogonProcessName", "Kerberos"),
                ("AuthenticationPackageName", "Kerberos"),
                ("IpAddress", "10.0.0.7"),
            ],
        )
    };
    kit()
        .event("WEB01.corp.example", logon())
        .judge()
        .assert_found("CFG-20", Status::Possible);
    server(&on()).judge().assert_not_assessed("CFG-20");
}

/// Traps 4 and 16: such a line is by design, and never more than possible.
#[test]
fn cfg_21_is_no_root_cause() {
    let unasked: Vec<_> = (0..12)
        .flat_map(|_| {
            [
                ("/a", "-", 401, 1, 0x8009_030e),
                ("/a", "CORP\\tom", 200, 0, 0),
            ]
        })
        .collect();
    // The answer follows within the second.
    let text =
        log(&unasked)
            .lines()
            .fold((String::new(), String::new()), |(mut text, last), line| {
                let same = line
                    .contains(" 200 ")
                    .then(|| last.split(' ').nth(1).map(str::to_owned))
                    .flatten();
                match same {
                    Some(clock) => {
                        let own = line.split(' ').nth(1).unwrap().to_owned();
                        text += &(line.replacen(&own, &clock, 1) + "\n");
                    }
                    None => text += &(line.to_owned() + "\n"),
                }
                (text, line.to_owned())
            });
    let judgement = server(&on()).web_log(LOG, &text.0).judge();
    judgement
        .assert_found("CFG-21", Status::Possible)
        .assert_not_found("CFG-14");
    assert!(judgement.root_causes.is_empty() && judgement.unexplained.is_empty());
}

#[test]
fn cfg_22_another_scheme_where_windows_was_meant() {
    let basic = |windows_above: &str| {
        portal(
            windows_above,
            &location(
                "Portal",
                "<windowsAuthentication enabled=\"false\" /><basicAuthentication enabled=\"true\" />",
            ),
        )
    };
    let meant = basic(&windows("enabled=\"true\""));
    let judgement = server(&meant).judge();
    judgement
        .assert_found("CFG-22", Status::Likely)
        .assert_not_found("CFG-02");
    let clear = || {
        crate::testkit::security(
            4624,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("LogonType", "8"),
                ("LogonProcessName", "Advapi  "),
                ("ProcessName", "C:\\Windows\\System32\\inetsrv\\w3wp.exe"),
                ("IpAddress", "10.0.0.7"),
            ],
        )
    };
    server(&meant)
        .event("WEB01.corp.example", clear())
        .judge()
        .assert_found("CFG-22", Status::Confirmed);
    // Nothing shows that Windows authentication was meant.
    server(&basic(&windows("enabled=\"false\"")))
        .judge()
        .assert_not_found("CFG-22");
    server(&on()).judge().assert_ruled_out("CFG-22");
}

#[test]
fn cfg_23_a_path_differs_and_fails() {
    let text = portal(
        &windows("enabled=\"true\""),
        &location(
            "Portal/api",
            "<windowsAuthentication enabled=\"false\" /><basicAuthentication enabled=\"true\" />",
        ),
    );
    let lines = |path| {
        log(&[
            ("/", "-", 401, 2, 5),
            ("/", "CORP\\tom", 200, 0, 0),
            (path, "-", 401, 1, 0x8009_030c),
            (path, "-", 401, 1, 0x8009_030c),
            (path, "-", 401, 1, 0x8009_030c),
        ])
    };
    server(&text)
        .web_log(LOG, &lines("/api/x"))
        .judge()
        .assert_found("CFG-23", Status::Possible);
    server(&text)
        .web_log(LOG, &lines("/app/x"))
        .judge()
        .assert_not_found("CFG-23");
}
