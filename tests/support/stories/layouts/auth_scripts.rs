//! The authentication scripts ran on client and server.

use crate::support::prelude::*;
use crate::support::texts::{exchange, token};

/// SPN-05, from two `authlogs` folders and what the engineer asked for beside them.
pub fn auth_scripts_of_client_and_server() -> Story {
    let mut w = story(
        "layout-auth-scripts",
        "Auth scripts of client and server: the pool's account holds the name, the machine opens the tickets",
        "The authentication scripts were run on the client and on the web server while the user was prompted again and
         again; each left its authlogs folder, with PreTraceLogs. They take neither a Security log nor anything of IIS:
         applicationHost.config, a setspn run and one failed-request trace were sent beside them. The client's System log
         holds KRB_AP_ERR_MODIFIED with the machine's name, its cache the ticket, the trace the very ticket for the name.",
    )
    .in_domain("fabrikam.example", "FABRIKAM");
    let (dc, web, pc) = (w.dc("FAB-DC3"), w.server("FAB-IIS2"), w.client("FAB-PC731"));
    let (ines, pool) = (w.user("ines.duarte"), w.service_account("svc_orders"));
    let spn = "HTTP/orders.fabrikam.example";
    w.register(spn, &pool);
    w.register("HTTP/orders", &pool);
    let config = ApplicationHost::new()
        .pool(Pool::new("Orders").specific_user(&pool.down_level()))
        .site(
            Site::new("Orders")
                .http(80, "orders.fabrikam.example")
                .pool("Orders"),
        )
        .location("Orders", Auth::windows_only());
    w.file("server/applicationHost.config", config.xml());
    w.setspn(
        "server/setspn.txt",
        Prompt::Remote("FAB-IIS2".into()),
        Encoding::Utf16,
        &[&format!("-F -Q {spn}"), "-L svc_orders", "-L FAB-IIS2"],
    );
    let visit = Visit::new(&pc, &ines, &web, spn);
    let (from, to) = (w.at("09:02"), w.at("09:41"));
    w.kerberos_modified(&visit, &pool, &web.machine(), 11, from, to);
    let refused = token::kerberos(&w.domain.realm(), spn, 18, 4);
    let trace = exchange::refused_trace(from, &visit, 2, "Orders", &refused, 0x8009_030c);
    w.text("server/fr000017.xml", &trace, Encoding::Utf8);
    // The pool rested overnight: what shows that this machine serves sites.
    let idle = events::pool_event(w.at("06:12"), &web, 5186, "Orders", None).level(4);
    w.event(idle);
    w.noise(&web, 160);
    w.noise(&dc, 40);
    w.noise(&pc, 80);
    w.omit_logs_of(&dc);
    let span = (from, to);
    w.auth_scripts("client/authlogs/", &pc, &ines, &[spn], span, 1);
    w.auth_scripts("server/authlogs/", &web, &ines, &[], span, 1);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-05",
                Status::Confirmed,
                &[("spn", spn), ("site", "Orders")],
            )
            .must_not(&["SPN-01", "SPN-02", "SPN-06", "SPN-07", "POOL-02", "MC-05"])
            .host("FAB-IIS2", &["web-server"])
            .host("FAB-PC731", &["client"])
            .kind("server/applicationHost.config", "application-host-config")
            .kind("server/fr000017.xml", "failed-request-trace")
            .kind("server/setspn.txt", "setspn")
            .kind("server/authlogs/Lsa-key.txt", "registry")
            .kind("server/authlogs/Netlogon-key.txt", "registry")
            .kind("server/authlogs/script-info.txt", "machine")
            .kind("server/authlogs/SecureChannel.txt", "machine")
            .kind("server/authlogs/whoami.txt", "whoami")
            .kind("server/authlogs/Qfes_installed.txt", "machine")
            .kind("server/authlogs/http-show-sslcert.txt", "netsh-http")
            .kind("server/authlogs/http-show-urlacl.txt", "netsh-http")
            .kind("server/authlogs/Netlogon.log", "netlogon-log")
            .kind("server/authlogs/PreTraceLogs/Tickets.txt", "klist")
            .kind("client/authlogs/Tickets.txt", "klist")
            .kind("client/authlogs/Tickets-localsystem.txt", "klist")
            .kind("client/authlogs/Ipconfig-info.txt", "machine")
            .kind("client/authlogs/System.evtx", "evtx"),
    )
}
