//! To which machine and site a log belongs, and what the bundle lacks.

use super::*;

#[test]
fn sites_are_found_by_number_folder_or_port() {
    let text = log(&["08:00:01 GET /a - 10.0.0.7 401 2 5"]);
    let site = |path: &str| {
        let case = on().web_log(path, &text).case();
        case.logged_site_shown(LoggedSiteId(0))
    };
    assert_eq!(site("WEB01/x/W3SVC7/a.log"), "site Portal on WEB01");
    assert_eq!(
        site("WEB01/Sites/Portal/IISLogs/a.log"),
        "site Portal on WEB01"
    );
    assert_eq!(
        site("WEB01/mail/a.log"),
        "site Portal on WEB01",
        "the only site on port 80"
    );
    assert_eq!(site("WEB01/x/W3SVC9/a.log"), "site 9 on WEB01");
    let alone = Kit::new().web_log("mail/a.log", &text).case();
    assert_eq!(
        alone.logged_site_shown(LoggedSiteId(0)),
        "the site of the logs in mail"
    );
    let flat = Kit::new().web_log("a.log", &text).case();
    assert_eq!(
        flat.logged_site_shown(LoggedSiteId(0)),
        "the site of the logs"
    );
    // The configuration lies in the folder of its machine, and the log does not.
    let other = on().web_log("WEB02/W3SVC7/a.log", &text).case();
    assert_eq!(other.logged_site_shown(LoggedSiteId(0)), "site 7");
    // The computer that the lines name.
    let named = "#Fields: date time s-sitename s-computername c-ip cs-method cs-uri-stem sc-status\n2026-03-02 08:00:01 W3SVC3 WEB05 10.0.0.7 GET /a 200\n";
    let case = Kit::new().web_log("a.log", named).case();
    assert_eq!(case.logged_site_shown(LoggedSiteId(0)), "site 3 on WEB05");
}

#[test]
fn coverage_tells_pauses_and_sites_that_log_elsewhere() {
    let day = |day: u32| {
        log(&["08:00:01 GET /a - 10.0.0.7 401 2 5"])
            .replace("2026-03-02", &format!("2026-03-{day:02}"))
    };
    let sites = site("Portal", "*:80:portal.corp.example", "Portal")
        + &site("Other", "*:81:", "Portal")
            .replace("id=\"7\">", "id=\"8\"><logFile directory=\"D:\\Logs\" />");
    let xml = config(
        &pool("Portal", "CORP\\svc_web"),
        &sites,
        &windows("enabled=\"true\""),
        "",
    );
    let found = Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .silent("WEB01.corp.example", "System")
        .web_log("WEB01/W3SVC7/u_ex260302.log", &day(2))
        .web_log("WEB01/W3SVC7/u_ex260305.log", &day(5))
        .case();
    let coverage = found.log_coverage();
    assert_eq!(coverage.len(), 2);
    assert_eq!(coverage[0].source, "IIS log of site 7 (Portal)");
    assert_eq!(
        coverage[0].gaps,
        [
            "nothing between 2026-03-02 08:00:01Z and 2026-03-05 08:00:01Z: not collected, or nobody called"
        ]
    );
    assert_eq!(coverage[1].source, "IIS log of site 8 (Other)");
    assert!(
        coverage[1].says.contains("D:\\Logs"),
        "{}",
        coverage[1].says
    );
    assert_eq!(coverage[1].first, None);
}

#[test]
fn a_folder_for_each_machine_joins_its_log_to_its_configuration() {
    let file = |application: &str| {
        config(
            &pool(application, "CORP\\svc_web"),
            &site(application, "*:80:portal.corp.example", application),
            &windows("enabled=\"true\""),
            "",
        )
    };
    let text = each_minute(3, &["0 GET / - 10.0.0.9 401 1 2148074252"]);
    let site_of = |path: &str| {
        let case = Kit::new()
            .config("WEB01/applicationHost.config", &file("Portal"))
            .config("WEB02/applicationHost.config", &file("Shop"))
            .web_log(path, &text)
            .case();
        case.logged_sites[0].site.clone()
    };
    assert_eq!(
        site_of("WEB02/LogFiles/W3SVC7/a.log").as_deref(),
        Some("Shop")
    );
    assert_eq!(
        site_of("WEB01/LogFiles/W3SVC7/a.log").as_deref(),
        Some("Portal")
    );
    assert_eq!(
        site_of("LogFiles/W3SVC7/a.log"),
        None,
        "either may have written it"
    );
}

/// Folders between are called alike for each machine; beside the folder of a machine may lie that of another.
#[test]
fn a_log_beside_the_folder_of_a_configuration_is_not_its_own() {
    let text = each_minute(3, &["0 GET / - 10.0.0.9 401 1 2148074252"]);
    let site_of = |configs: [&str; 2], log: &str| {
        let mut kit = Kit::new().web_log(log, &text);
        for (path, name) in configs.into_iter().zip(["Portal", "Shop"]) {
            let binding = format!("*:80:{name}.corp.example");
            let all = config(
                &pool(name, "CORP\\svc_web"),
                &site(name, &binding, name),
                &windows("enabled=\"true\""),
                "",
            );
            kit = kit.config(path, &all);
        }
        kit.case().logged_sites[0].site.clone()
    };
    let alike = [
        "one/inetsrv/config/applicationHost.config",
        "two/inetsrv/config/applicationHost.config",
    ];
    let logs = "two/inetpub/logs/W3SVC7/a.log";
    assert_eq!(site_of(alike, logs).as_deref(), Some("Shop"));
    assert_eq!(site_of(alike, "three/logs/W3SVC7/a.log"), None);
    let beside = [
        "nodes/alpha/applicationHost.config",
        "beta/applicationHost.config",
    ];
    assert_eq!(site_of(beside, "nodes/gamma/W3SVC7/a.log"), None);
    let own = "nodes/alpha/W3SVC7/a.log";
    assert_eq!(site_of(beside, own).as_deref(), Some("Portal"));
}
