//! What one application of a site meets is no evidence against another.

use super::mistaken::{LOG, log, web_config};
use super::*;
use crate::causes::Status;

#[test]
fn cfg_10_login_pages_of_an_open_application() {
    // Forms at the open root, which `/hr` inherits; `/hr` wants Windows, and asks for it.
    let open = location(
        "Portal",
        "<anonymousAuthentication enabled=\"true\" /><windowsAuthentication enabled=\"false\" />",
    ) + &location(
        "Portal/hr",
        "<anonymousAuthentication enabled=\"false\" /><windowsAuthentication enabled=\"true\" />",
    );
    let mut lines = vec![("/in.aspx?ReturnUrl=%2f", "-", 200, 0, 0); 5];
    lines.extend([("/hr/a", "-", 401, 2, 5), ("/hr/a", "CORP\\tom", 200, 0, 0)]);
    let kit = |lines: &[_]| {
        server(&two_applications(&windows("enabled=\"true\""), &open))
            .web_config(
                "WEB01/D/sites/Portal/web.config",
                &web_config("<system.web><authentication mode=\"Forms\"><forms loginUrl=\"/in.aspx\" /></authentication></system.web>"),
            )
            .web_config("WEB01/D/hr/web.config", &web_config(""))
            .web_log(LOG, &log(lines))
            .judge()
    };
    kit(&lines).assert_found("CFG-10", Status::Possible);
    // At its own login page they are what it explains.
    let own = [("/hr/in.aspx?ReturnUrl=%2fhr", "-", 200, 0, 0); 5];
    kit(&own).assert_found("CFG-10", Status::Confirmed);
}

#[test]
fn cfg_11_the_application_that_impersonates_is_another() {
    let kit = |path| {
        server(&two_applications(&windows("enabled=\"true\""), ""))
            .web_config(
                "WEB01/D/hr/web.config",
                &web_config("<system.web><identity impersonate=\"true\" /></system.web>"),
            )
            .web_log(LOG, &log(&[(path, "-", 500, 24, 50); 3]))
            .judge()
    };
    let named = |path| {
        let judgement = kit(path);
        judgement.assert_found("CFG-11", Status::Confirmed);
        let found = judgement.of("CFG-11");
        let surest = found.iter().min_by_key(|j| j.finding.status());
        surest.and_then(|j| j.finding.subject.application.clone())
    };
    assert_eq!(named("/hr/a.aspx").as_deref(), Some("/hr"));
    assert_eq!(
        named("/a.aspx"),
        None,
        "which application it is does not show"
    );
}

#[test]
fn cfg_14_tokens_that_nothing_follows_elsewhere() {
    let off = "<location path=\"Portal/hr\"><system.webServer><httpProtocol allowKeepAlive=\"false\" /></system.webServer></location>";
    let kit = |path| {
        server(&two_applications(&windows("enabled=\"true\""), off))
            .web_log(LOG, &log(&[(path, "-", 401, 1, 0x8009_030e); 6]))
            .judge()
    };
    kit("/hr/x").assert_found("CFG-14", Status::Confirmed);
    kit("/shop").assert_found("CFG-14", Status::Possible);
}
