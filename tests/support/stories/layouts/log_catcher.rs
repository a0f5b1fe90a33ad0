//! LogCatcher ran on both nodes of a farm.

use jiff::SignedDuration;

use crate::support::collectors::Caught;
use crate::support::prelude::*;

/// POOL-01 on the second node: its stored password is the old one.
pub fn log_catcher_of_two_nodes() -> Story {
    let mut w = story(
        "layout-log-catcher",
        "LogCatcher of two nodes: on the second one the pool cannot log on, and every other user gets 503",
        "The password of the pool's account was changed and entered on the first node only. After the reboot of the second
         its pool does not start: 5021, 5057 and 5059, a refused batch logon, 503 in HTTPERR with the pool's name. Each
         node left a LogCatcher zip without its name on it; which is which must come from the logs inside. The first node
         serves its users by Kerberos.",
    )
    .in_domain("proseware.example", "PROSEWARE");
    let (dc, one, two) = (w.dc("PW-DC1"), w.server("PW-NODE1"), w.server("PW-NODE2"));
    let (pc, mira) = (w.client("PW-C0415"), w.user("mira.novak"));
    let pool = w.service_account("svc_lager");
    let spn = "HTTP/lager.proseware.example";
    w.register(spn, &pool);
    let config = ApplicationHost::new()
        .pool(Pool::new("Lager").specific_user(&pool.down_level()))
        .site(
            Site::new("Lager")
                .id(2)
                .http(80, "lager.proseware.example")
                .pool("Lager"),
        )
        .location(
            "Lager",
            Auth::new()
                .anonymous(false)
                .windows(Windows::enabled().use_app_pool_credentials(true)),
        );
    let (from, to) = (w.at("07:40"), w.at("13:30"));
    w.kerberos_works(&Visit::new(&pc, &mira, &one, spn), &pool, 22, from, to);
    for clock in ["05:58:12", "06:31:40", "07:52:09"] {
        let at = w.at(clock);
        w.pool_cannot_log_on(&two, "Lager", &pool, at);
    }
    w.noise(&one, 200);
    w.noise(&two, 200);
    w.noise(&dc, 40);
    w.setspn(
        "setspn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-F -Q {spn}"), "-L svc_lager"],
    );
    let caught = Caught {
        site: "Lager",
        id: 2,
        pool: "Lager",
        account: &pool.down_level(),
    };
    let at = |minutes| from + SignedDuration::from_mins(minutes);
    let down = |minutes| {
        (
            at(minutes),
            pc.ip.as_str(),
            "/",
            "503",
            "2",
            "AppOffline",
            "Lager",
        )
    };
    let idle = (
        at(3),
        pc.ip.as_str(),
        "-",
        "-",
        "-",
        "Timer_ConnectionIdle",
        "-",
    );
    w.log_catcher("26-02-11-13-40-02", &one, &config, &caught, &[idle]);
    let errors = [down(1), down(2), down(9), down(31)];
    w.log_catcher("26-02-11-13-52-47", &two, &config, &caught, &errors);
    w.omit_logs_of(&pc);
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-01",
                Status::Confirmed,
                &[("account", r"PROSEWARE\svc_lager"), ("host", "PW-NODE2")],
            )
            .must_not(&[
                "POOL-02", "POOL-03", "POOL-04", "AC-01", "SPN-01", "SPN-05", "CFG-15",
            ])
            .host("PW-NODE1", &["web-server"])
            .host("PW-NODE2", &["web-server"])
            .host("PW-DC1", &["domain-controller"])
            .kind("LogCatcher-26-02-11-13-40-02.zip/LogsInfo.CSV", "iis-state")
            .kind(
                "LogCatcher-26-02-11-13-40-02.zip/General/SitesOverview.csv",
                "iis-state",
            )
            .kind(
                "LogCatcher-26-02-11-13-52-47.zip/General/SitesOverview.csv",
                "iis-state",
            )
            .kind(
                "LogCatcher-26-02-11-13-40-02.zip/General/SrvInfo.txt",
                "machine",
            )
            .kind(
                "LogCatcher-26-02-11-13-40-02.zip/General/HttpERR/httperr1.log",
                "httperr-log",
            )
            .kind(
                "LogCatcher-26-02-11-13-40-02.zip/General/IISConfig/applicationHost.config",
                "application-host-config",
            )
            .kind(
                "LogCatcher-26-02-11-13-40-02.zip/General/IISConfig/administration.config",
                "other-config",
            )
            .kind(
                "LogCatcher-26-02-11-13-40-02.zip/General/IISConfig/redirection.config",
                "other-config",
            )
            .kind(
                "LogCatcher-26-02-11-13-52-47.zip/General/NETSH-HTTP/servicestate.txt",
                "netsh-http",
            )
            .kind(
                "LogCatcher-26-02-11-13-52-47.zip/General/NETSH-HTTP/sslcert.txt",
                "netsh-http",
            )
            .kind(
                "LogCatcher-26-02-11-13-52-47.zip/General/NETSH-HTTP/urlacl.txt",
                "netsh-http",
            )
            .kind(
                "LogCatcher-26-02-11-13-40-02.zip/Sites/Lager/IISLogs/W3SVC2/u_ex260228.log",
                "iis-log",
            )
            .kind(
                "LogCatcher-26-02-11-13-40-02.zip/General/Security.evtx",
                "evtx",
            )
            .kind("setspn.txt", "setspn"),
    )
}
