//! The group AZ against small cases, with the causes of other groups that answer the same refusals.

mod elsewhere;
mod ruling;

use crate::causes::Status;
use crate::testkit::{Kit, config, pool, site, trace, windows};

const PATH: &str = "WEB01/applicationHost.config";
const LOG: &str = "WEB01/W3SVC7/u_ex260302.log";

/// The site Portal with Kerberos, and what is given of its locations.
fn portal(locations: &str) -> String {
    config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows("enabled=\"true\""),
        locations,
    )
}

fn location(path: &str, inner: &str) -> String {
    format!("<location path=\"{path}\"><system.webServer>{inner}</system.webServer></location>")
}

/// A log of the site: a user who is signed in at `/`, and lines of (path, user, status, sub-status, Win32 status).
fn log(lines: &[(&str, &str, u16, u16, u32)]) -> String {
    let mut text = String::from(
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n",
    );
    let mut line =
        |minute: usize,
         second: u32,
         (path, user, status, sub, win32): (&str, &str, u16, u16, u32)| {
            text += &format!(
                "2026-03-02 08:{minute:02}:{second:02} 10.0.0.1 GET {path} - 80 {user} 10.0.0.7 Mozilla/5.0 {status} {sub} {win32} 5\n"
            );
        };
    line(0, 0, ("/", "-", 401, 2, 5));
    line(0, 1, ("/", "CORP\\tom", 200, 0, 0));
    for (minute, one) in (20..).zip(lines) {
        line(minute, 0, (one.0, "-", 401, 2, 5));
        line(minute, 1, *one);
    }
    text
}

/// `uma` is refused at a path four times.
fn refused(path: &str, sub: u16, win32: u32) -> String {
    log(&[(path, "CORP\\uma", 401, sub, win32); 4])
}

fn case(locations: &str, log: &str) -> Kit {
    Kit::new()
        .config(PATH, &portal(locations))
        .web_log(LOG, log)
}

/// Of two servers either may be the one whose configuration was sent: to ask for the file again would not help.
#[test]
fn what_is_missing_is_the_name_of_the_server_where_the_file_is_there() {
    let log = |server: &str| {
        let text = refused("/docs/a.pdf", 3, 5);
        let text = text.replace("time s-ip", "time s-computername s-ip");
        text.replace(" 10.0.0.1 GET", &format!(" {server} 10.0.0.1 GET"))
    };
    let logs = || {
        Kit::new()
            .web_log("a/u_ex260302.log", &log("WEB01"))
            .web_log("b/u_ex260302.log", &log("WEB02"))
    };
    let asked = |kit: Kit| {
        let judgement = kit.judge();
        judgement.assert_found("AZ-01", Status::Possible);
        judgement.of("AZ-01")[0].finding.lacks.clone()
    };
    let name = crate::causes::Input::ServerName.missing();
    let file = crate::causes::Input::ApplicationHostConfig.missing();
    assert!(asked(logs()).contains(&file));
    let unplaced = asked(logs().config("applicationHost.config", &portal("")));
    assert!(unplaced.contains(&name) && !unplaced.contains(&file));
}

/// Row 32: signed in, and the file's list refuses.
#[test]
fn az_01_a_file_refuses() {
    let judgement = case("", &refused("/plan.pdf", 3, 5)).judge();
    judgement
        .assert_found("AZ-01", Status::Confirmed)
        .assert_not_found("AZ-02")
        .assert_not_found("AZ-03")
        .assert_not_found("AZ-04")
        .assert_not_found("AZ-07");
    assert!(judgement.unexplained.is_empty());
    // Without the configuration it may be a share as well.
    let judgement = Kit::new().web_log(LOG, &refused("/plan.pdf", 3, 5)).judge();
    judgement
        .assert_found("AZ-01", Status::Possible)
        .assert_not_assessed("AZ-02");
    Kit::new()
        .config(PATH, &portal(""))
        .judge()
        .assert_not_assessed("AZ-01")
        .assert_not_assessed("AZ-04");
}

/// A slip that the same user gets over is no refusal.
#[test]
fn az_01_not_for_what_passes() {
    let text = log(&[
        ("/a", "CORP\\uma", 401, 3, 5),
        ("/a", "CORP\\uma", 200, 0, 0),
    ]);
    case("", &text).judge().assert_not_found("AZ-01");
    // To be let in to another page mends nothing.
    let elsewhere = log(&[
        ("/a", "CORP\\uma", 401, 3, 5),
        ("/b", "CORP\\uma", 200, 0, 0),
    ]);
    case("", &elsewhere)
        .judge()
        .assert_found("AZ-01", Status::Confirmed);
    let later = log(&[
        ("/a", "CORP\\uma", 401, 3, 5),
        ("/b", "CORP\\uma", 200, 0, 0),
        ("/A", "CORP\\uma", 200, 0, 0),
    ]);
    case("", &later).judge().assert_not_found("AZ-01");
}

#[test]
fn az_02_content_on_a_share() {
    let share = portal("").replace("D:\\sites\\Portal", "\\\\fs1\\web$\\portal");
    let judgement = Kit::new()
        .config(PATH, &share)
        .web_log(LOG, &refused("/plan.pdf", 3, 5))
        .judge();
    judgement
        .assert_found("AZ-02", Status::Confirmed)
        .assert_not_found("AZ-01");
    // The web.config on the share cannot be read.
    let unreadable = log(&[("/plan.pdf", "-", 500, 19, 5); 3]);
    Kit::new()
        .config(PATH, &share)
        .web_log(LOG, &unreadable)
        .judge()
        .assert_found("AZ-02", Status::Confirmed);
    // A device path is a local disk.
    let device = portal("").replace("D:\\sites\\Portal", "\\\\?\\D:\\sites\\Portal");
    Kit::new()
        .config(PATH, &device)
        .web_log(LOG, &refused("/plan.pdf", 3, 5))
        .judge()
        .assert_found("AZ-01", Status::Confirmed)
        .assert_ruled_out("AZ-02");
}

#[test]
fn az_03_a_rule_refuses() {
    let rule = |rules: &str| {
        location(
            "Portal/hr",
            &format!("<security><authorization>{rules}</authorization></security>"),
        )
    };
    let denied = rule(
        "<add accessType=\"Deny\" users=\"CORP\\uma\" /><add accessType=\"Allow\" users=\"*\" />",
    );
    case(&denied, &refused("/hr/pay.aspx", 2, 5))
        .judge()
        .assert_found("AZ-03", Status::Confirmed)
        .assert_not_found("AZ-04")
        .assert_not_found("CFG-02");
    // By group: whether she is in it is not known.
    let by_role = rule("<add accessType=\"Allow\" roles=\"CORP\\HR\" />");
    let judgement = case(&by_role, &refused("/hr/pay.aspx", 2, 5)).judge();
    judgement
        .assert_found("AZ-03", Status::Likely)
        .assert_not_assessed("AZ-05");
    // Elsewhere on the site nobody is kept out, as far as the files that are here say.
    case(&by_role, &refused("/news.aspx", 0, 0))
        .judge()
        .assert_not_found("AZ-03")
        .assert_found("AZ-04", Status::Possible);
}

/// The challenge has no user; a 401.2 with one is a refusal, and no failed sign-in.
#[test]
fn a_401_2_with_a_user_is_no_challenge() {
    let kit = case("", &refused("/x", 2, 5));
    let kinds: Vec<_> = kit.case().symptoms.into_iter().map(|s| s.kind).collect();
    assert!(
        matches!(
            kinds.as_slice(),
            [crate::case::SymptomKind::AccessRefused(_, 2)]
        ),
        "{kinds:?}"
    );
}

fn denied_by(module: &str, notification: &str, sub: &str) -> String {
    trace(
        "http://portal.corp.example:80/hr/pay.aspx",
        7,
        &[
            (
                "AUTH_SUCCEEDED",
                &[
                    ("AuthType", "4"),
                    ("NTLMUsed", "false"),
                    ("AuthUserName", "CORP\\uma"),
                ],
            ),
            (
                "MODULE_SET_RESPONSE_ERROR_STATUS",
                &[
                    ("ModuleName", module),
                    ("Notification", notification),
                    ("HttpStatus", "401"),
                    ("HttpSubStatus", sub),
                ],
            ),
        ],
    )
}

#[test]
fn a_trace_tells_rule_from_application() {
    let kit = |xml: &str| {
        Kit::new()
            .config(PATH, &portal(""))
            .trace("WEB01/fr000001.xml", xml)
    };
    kit(&denied_by("UrlAuthorization", "4", "0"))
        .judge()
        .assert_found("AZ-03", Status::Confirmed)
        .assert_not_found("AZ-04");
    kit(&denied_by("ManagedPipelineHandler", "128", "0"))
        .judge()
        .assert_found("AZ-04", Status::Confirmed)
        .assert_not_found("AZ-03");
    // What a module that authenticates sets is no refusal of a signed-in user.
    kit(&denied_by("WindowsAuthenticationModule", "2", "1"))
        .judge()
        .assert_not_found("AZ-03")
        .assert_not_found("AZ-04");
}

#[test]
fn az_06_addresses_are_restricted() {
    let limits = location(
        "Portal",
        "<security><dynamicIpSecurity><denyByRequestRate enabled=\"true\" maxRequests=\"30\" /></dynamicIpSecurity></security>",
    );
    let judgement = case(&limits, &refused("/x", 502, 0)).judge();
    judgement
        .assert_found("AZ-06", Status::Confirmed)
        .assert_not_found("AZ-03");
    let found = judgement.of("AZ-06");
    let structure: Vec<&str> = found[0]
        .finding
        .structure
        .iter()
        .map(|g| g.says.as_str())
        .collect();
    assert_eq!(
        structure,
        ["one address may have 30 requests in 200 milliseconds"]
    );
    // 403.6, without any configuration.
    let forbidden = log(&[("/x", "-", 403, 6, 0); 3]);
    Kit::new()
        .web_log(LOG, &forbidden)
        .judge()
        .assert_found("AZ-06", Status::Confirmed);
    // Other kinds of 403 are none of ours.
    let listing = log(&[("/x", "-", 403, 14, 0); 3]);
    case("", &listing).judge().assert_not_found("AZ-06");
}

#[test]
fn az_07_files_are_opened_as_the_pool() {
    let setting = location(
        "Portal",
        "<serverRuntime authenticatedUserOverride=\"UseWorkerProcessUser\" />",
    );
    case(&setting, &refused("/plan.pdf", 3, 5))
        .judge()
        .assert_found("AZ-07", Status::Likely)
        .assert_not_found("AZ-01");
    case("", &refused("/plan.pdf", 3, 5))
        .judge()
        .assert_ruled_out("AZ-07");
    case(&setting, "").judge().assert_not_found("AZ-07");
}

#[test]
fn cfg_17_the_user_is_kept_from_the_application() {
    let core = |attributes: &str| {
        format!(
            "<configuration><system.webServer><aspNetCore processPath=\"dotnet\" {attributes} /></system.webServer></configuration>"
        )
    };
    let kit = |attributes: &str| {
        case("", &refused("/api/me", 0, 0))
            .web_config("WEB01/D/sites/Portal/web.config", &core(attributes))
    };
    kit("forwardWindowsAuthToken=\"false\"")
        .judge()
        .assert_found("CFG-17", Status::Confirmed)
        .assert_not_found("AZ-04");
    // In process IIS hands over the user without the switch.
    kit("forwardWindowsAuthToken=\"false\" hostingModel=\"InProcess\"")
        .judge()
        .assert_not_found("CFG-17")
        .assert_found("AZ-04", Status::Likely);
    kit("")
        .judge()
        .assert_found("AZ-04", Status::Likely)
        .assert_not_found("CFG-17");
}

#[test]
fn cfg_19_a_filter_refuses() {
    let filter = location(
        "Portal",
        "<isapiFilters><filter name=\"Agent\" path=\"D:\\agent\\agent.dll\" /></isapiFilters>",
    );
    let judgement = case(&filter, &refused("/x", 4, 0)).judge();
    judgement
        .assert_found("CFG-19", Status::Confirmed)
        .assert_not_found("AZ-04");
    assert!(
        judgement.of("CFG-19")[0]
            .finding
            .explanation
            .contains("Agent")
    );
    case("", &refused("/x", 3, 5))
        .judge()
        .assert_ruled_out("CFG-19");
}
