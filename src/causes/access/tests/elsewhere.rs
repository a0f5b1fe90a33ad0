//! Refusals of one server, application, folder or user are no evidence about another.

use super::{LOG, PATH, case, location, log, portal, refused};
use crate::causes::Status;
use crate::testkit::{Kit, config, pool, site, windows};

/// A virtual directory on a share beside the site's own files.
fn with_share() -> String {
    portal("").replace(
        "</application>",
        "<virtualDirectory path=\"/files\" physicalPath=\"\\\\fs1\\files\" /></application>",
    )
}

#[test]
fn cfg_17_in_the_log_of_another_server() {
    let file = |number: &str| portal("").replace("id=\"7\"", number);
    let core = |token| {
        format!(
            "<configuration><system.webServer><aspNetCore processPath=\"dotnet\" forwardWindowsAuthToken=\"{token}\" /></system.webServer></configuration>"
        )
    };
    let kit = |log| {
        Kit::new()
            .config(PATH, &file("id=\"7\""))
            .web_config("WEB01/D/sites/Portal/web.config", &core("false"))
            .config("WEB02/applicationHost.config", &file("id=\"8\""))
            .web_config("WEB02/D/sites/Portal/web.config", &core("true"))
            .silent("WEB01.corp.example", "System")
            .silent("WEB02.corp.example", "System")
            .web_log(log, &refused("/api/me", 0, 0))
            .judge()
    };
    kit("WEB02/W3SVC8/u_ex260302.log").assert_found("CFG-17", Status::Possible);
    kit("WEB01/W3SVC7/u_ex260302.log").assert_found("CFG-17", Status::Confirmed);
}

#[test]
fn az_02_only_where_the_path_lies_on_the_share() {
    let unreadable = |path| {
        Kit::new()
            .config(PATH, &with_share())
            .web_log(LOG, &log(&[(path, "-", 500, 19, 5); 3]))
            .judge()
    };
    unreadable("/plan.pdf").assert_not_found("AZ-02");
    unreadable("/files/plan.pdf").assert_found("AZ-02", Status::Confirmed);
}

/// Files of both kinds are refused: neither cause explains all of it.
#[test]
fn az_01_and_az_02_share_the_refusals() {
    let mut lines = vec![("/plan.pdf", "CORP\\uma", 401, 3, 5); 9];
    lines.push(("/files/a", "CORP\\uma", 401, 3, 5));
    let judgement = Kit::new()
        .config(PATH, &with_share())
        .web_log(LOG, &log(&lines))
        .judge();
    judgement
        .assert_found("AZ-01", Status::Likely)
        .assert_found("AZ-02", Status::Likely);
    let explains = |cause: &str| judgement.of(cause)[0].finding.explains.len();
    assert_eq!((explains("AZ-01"), explains("AZ-02")), (1, 0));
}

#[test]
fn az_02_the_pool_opens_the_share() {
    let share = portal(&location(
        "Portal",
        "<serverRuntime authenticatedUserOverride=\"UseWorkerProcessUser\" />",
    ))
    .replace("D:\\sites\\Portal", "\\\\fs1\\web$\\portal");
    let judgement = Kit::new()
        .config(PATH, &share)
        .web_log(LOG, &refused("/plan.pdf", 3, 5))
        .judge();
    judgement.assert_found("AZ-02", Status::Confirmed);
    let says = &judgement.of("AZ-02")[0].finding.explanation;
    assert!(says.contains("the account of pool Portal"), "{says}");
}

fn admits(users: &str) -> String {
    location(
        "Portal",
        &format!(
            "<security><authorization><add accessType=\"Allow\" users=\"{users}\" /></authorization></security>"
        ),
    )
}

#[test]
fn az_03_each_user_is_asked_for() {
    let lines = |names: [&'static str; 4]| log(&names.map(|user| ("/x", user, 401, 0, 0)));
    let bob = "CORP\\bob";
    case(&admits("CORP\\alice"), &lines([bob; 4]))
        .judge()
        .assert_found("AZ-03", Status::Confirmed);
    // The rules admit one of those who were refused: something else refuses, too.
    case(
        &admits("CORP\\alice"),
        &lines([bob, "CORP\\alice", bob, bob]),
    )
    .judge()
    .assert_found("AZ-03", Status::Possible)
    .assert_found("AZ-04", Status::Possible);
    // The same name in another domain is another user.
    case(&admits("CORP\\alice"), &lines(["PARTNER\\alice"; 4]))
        .judge()
        .assert_found("AZ-03", Status::Confirmed);
}

#[test]
fn az_03_rules_that_nobody_asks() {
    let web = "<configuration><system.web><authorization><allow users=\"CORP\\admin\" /><deny users=\"*\" /></authorization></system.web>";
    let kit = |config: &str, rest: &str| {
        Kit::new()
            .config(PATH, config)
            .web_config(
                "WEB01/D/sites/Portal/web.config",
                &format!("{web}{rest}</configuration>"),
            )
            .web_log(LOG, &refused("/x", 0, 0))
            .judge()
    };
    let core = "<system.webServer><aspNetCore processPath=\"dotnet\" hostingModel=\"inprocess\" /></system.webServer>";
    kit(&portal(""), "").assert_found("AZ-03", Status::Confirmed);
    kit(&portal(""), core).assert_not_found("AZ-03");
    let no_framework = pool("Portal", "CORP\\svc_web").replace(
        "<add name=\"Portal\"",
        "<add name=\"Portal\" managedRuntimeVersion=\"\"",
    );
    let plain = config(
        &no_framework,
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows("enabled=\"true\""),
        "",
    );
    kit(&plain, "").assert_not_found("AZ-03");
}

/// A log without sub-status says that a user was refused, and not why; it rules nothing out.
#[test]
fn a_log_without_sub_status_decides_nothing() {
    let mut text = String::from(
        "#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status sc-win32-status\n",
    );
    for minute in 0..6 {
        for user in ["-", "CORP\\uma"] {
            text += &format!("2026-03-02 08:0{minute}:00 GET /x {user} 10.0.0.7 401 5\n");
        }
    }
    let judgement = case("", &text).judge();
    for cause in ["AZ-01", "AZ-03", "AZ-04", "AZ-06", "CFG-19", "PRX-01"] {
        judgement.assert_not_assessed(cause);
    }
    assert_eq!(judgement.unexplained.len(), 1);
}
