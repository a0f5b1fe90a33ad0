//! Changes of settings of IIS, and recycles of pools.

use super::*;

const WEB: &str = "WEB01.corp.example";
const SWITCH: &str = "/system.webServer/security/authentication/windowsAuthentication/@enabled";
const USER_NAME: &str =
    "/system.applicationHost/applicationPools/add[@name=\"Portal\"]/processModel/@userName";

fn set(file: &'static str, location: &'static str, setting: &str) -> Happening {
    Happening {
        channel: "Microsoft-IIS-Configuration/Operational",
        provider: "Microsoft-IIS-Configuration",
        id: 29,
        values: vec![
            ("ConfigPath", file.into()),
            ("EffectiveLocationPath", location.into()),
            ("Configuration", setting.into()),
            ("EditOperationType", "1".into()),
            ("OldValue", "a".into()),
            ("NewValue", "b".into()),
        ],
    }
}

const SERVER: &str = "MACHINE/WEBROOT/APPHOST";

#[test]
fn a_setting_of_the_site_or_of_the_server() {
    for (file, location, setting) in [
        (SERVER, "Portal", SWITCH),
        (SERVER, "", SWITCH),
        ("MACHINE/WEBROOT/APPHOST/Portal", "", SWITCH),
        (SERVER, "", USER_NAME),
    ] {
        let judgement = failing(sound().event(WEB, set(file, location, setting)));
        assert_began(&judgement, "ET", "29");
    }
    let other_pool = USER_NAME.replace("Portal", "Intranet");
    for (file, location, setting) in [
        // Another site, told by the file, by the location, by a name that begins alike.
        ("MACHINE/WEBROOT/APPHOST/Intranet", "", SWITCH),
        (SERVER, "Intranet", SWITCH),
        (SERVER, "Portal2", SWITCH),
        // Another pool, and what has nothing to do with who gets in.
        (SERVER, "", &other_pool),
        (SERVER, "Portal", "/system.webServer/httpErrors/@errorMode"),
    ] {
        let judgement = failing(sound().event(WEB, set(file, location, setting)));
        assert_not_began(&judgement, "ET");
    }
    // Another server.
    let elsewhere = sound().silent(WEB, "System");
    let elsewhere = elsewhere.event("WEB02.corp.example", set(SERVER, "", SWITCH));
    assert_not_began(&failing(elsewhere), "ET");
}

/// The pool's account has a wrong password since long ago: it fails when new worker processes are started.
fn not_starting(kit: Kit) -> Judgement {
    const WAS: &str = "Microsoft-Windows-WAS";
    let was = |id| system(WAS, id, &[("AppPoolID", "Portal")]);
    let refused = security(
        4625,
        &[
            ("TargetUserName", "svc_web"),
            ("TargetDomainName", "CORP"),
            ("Status", "0xc000006d"),
            ("SubStatus", "0xc000006a"),
            ("LogonType", "4"),
            ("ProcessName", "C:\\Windows\\System32\\svchost.exe"),
        ],
    );
    kit.event(WEB, refused)
        .event(WEB, was(5021))
        .event(WEB, was(5057))
        .event(WEB, was(5059))
        .judge()
}

fn recycled(pool: &str) -> Happening {
    system("Microsoft-Windows-WAS", 5079, &[("AppPoolID", pool)])
}

#[test]
fn a_pool_that_does_not_start_after_a_recycle() {
    let kit = || sound().event(WEB, system("EventLog", 6013, &[])).wait(30);
    assert_began(
        &not_starting(kit().event(WEB, recycled("Portal"))),
        "POOL-01",
        "5079",
    );
    assert_not_began(
        &not_starting(kit().event(WEB, recycled("Intranet"))),
        "POOL-01",
    );
    let elsewhere = kit().event("WEB02.corp.example", recycled("Portal"));
    assert_not_began(&not_starting(elsewhere), "POOL-01");
    // The pool logged on after it.
    let logon = security(
        4624,
        &[
            ("TargetUserName", "svc_web"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "4"),
        ],
    );
    let started = kit()
        .event(WEB, recycled("Portal"))
        .event(WEB, logon)
        .wait(30);
    assert_not_began(&not_starting(started), "POOL-01");
    // What is wrong since then goes before it.
    let reset = security(
        4724,
        &[("TargetUserName", "svc_web"), ("TargetDomainName", "CORP")],
    );
    let reset = kit()
        .event(DC, reset)
        .wait(30)
        .event(WEB, recycled("Portal"));
    assert_began(&not_starting(reset), "POOL-01", "password");
}

/// How a pool is recycled, limited and idles decides nothing about who gets in.
#[test]
fn a_setting_of_the_pool_that_runs_it_otherwise() {
    let of_pool = "/system.applicationHost/applicationPools/add[@name=\"Portal\"]";
    for setting in [
        "/recycling/periodicRestart/@time",
        "/processModel/@idleTimeout",
        "/processModel/@pingingEnabled",
        "/failure/@rapidFailProtection",
        "/@queueLength",
        "/@startMode",
    ] {
        let setting = set(SERVER, "", &format!("{of_pool}{setting}"));
        assert_not_began(&failing(sound().event(WEB, setting)), "ET");
    }
    for setting in ["/processModel/@identityType", "/processModel/@userName", ""] {
        let setting = set(SERVER, "", &format!("{of_pool}{setting}"));
        assert_began(&failing(sound().event(WEB, setting)), "ET", "29");
    }
    let application = "/system.applicationHost/sites/site[@name=\"Portal\"]/application[@path=\"/\"]/@applicationPool";
    let moved = sound().event(WEB, set(SERVER, "", application));
    assert_began(&failing(moved), "ET", "29");
}

/// No setting of IIS disables a user.
#[test]
fn a_setting_of_iis_began_nothing_that_lies_in_an_account() {
    let refused = security(
        4625,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("Status", "0xc000006e"),
            ("SubStatus", "0xc0000072"),
            ("IpAddress", "10.0.0.77"),
        ],
    );
    let kit = sound().event(WEB, system("EventLog", 6013, &[]));
    let kit = kit.event(WEB, set(SERVER, "", SWITCH)).wait(30);
    assert_not_began(&kit.event(WEB, refused).judge(), "AC");
}
