//! TSS ran on the web server and on a domain controller.

use crate::support::prelude::*;

/// SPN-02, from two zips of TSS and the configuration.
pub fn tss_of_server_and_domain_controller() -> Story {
    let mut w = story(
        "layout-tss",
        "TSS of web server and domain controller: two accounts hold the name",
        "TSS was run on the web server (ADS_ADDS and NET_IIS) and on the domain controller (ADS_ADDS); each left one zip,
         its files under a prefix of name and time, in UTF-16 and without headings. setspn -X -F of the domain controller
         lists the duplicate, its System log holds event 11, the server's Security log and IIS log show NTLM.",
    )
    .in_domain("tailspin.example", "TAILSPIN");
    let (dc, web, pc) = (
        w.dc("TSP-DC01"),
        w.server("TSP-WEB4"),
        w.client("TSP-NB552"),
    );
    let (yusuf, pool) = (w.user("yusuf.kaya"), w.service_account("svc_hangar_new"));
    let old = w.service_account("svc_hangar");
    let spn = "HTTP/hangar.tailspin.example";
    for account in [&pool, &old] {
        w.register(spn, account);
    }
    let config = ApplicationHost::new()
        .pool(Pool::new("Hangar").specific_user(&pool.down_level()))
        .site(
            Site::new("Hangar")
                .id(3)
                .http(80, "hangar.tailspin.example")
                .pool("Hangar"),
        )
        .location(
            "Hangar",
            Auth::new()
                .anonymous(false)
                .windows(Windows::enabled().use_app_pool_credentials(true)),
        );
    let (from, to) = (w.at("07:50"), w.at("14:20"));
    let visit = Visit::new(&pc, &yusuf, &web, spn);
    w.ntlm_instead(&visit, Fallback::default(), 26, from, to);
    w.duplicate_noticed(spn, 12, from, to);
    w.noise(&web, 320);
    w.noise(&dc, 260);
    let stamp = "260114-143205";
    w.file(
        &format!("TSS_TSP-WEB4_{stamp}_ADS_ADDS_NET_IIS/TSP-WEB4_{stamp}_applicationHost.config"),
        config.xml(),
    );
    let idle = (
        from,
        pc.ip.as_str(),
        "-",
        "-",
        "-",
        "Timer_ConnectionIdle",
        "-",
    );
    w.tss(
        &web,
        stamp,
        (&yusuf, &[], from),
        &[("Hangar", 3, "http/*:80:hangar.tailspin.example", "Hangar")],
        &[
            idle,
            (
                to,
                pc.ip.as_str(),
                "/",
                "400",
                "3",
                "Client_Reset",
                "Hangar",
            ),
        ],
    );
    w.tss(&dc, "260114-144011", (&yusuf, &[], from), &[], &[]);
    w.omit_logs_of(&pc);
    w.finish(
        Expected::root_cause()
            .finding("SPN-02", Status::Confirmed, &[("spn", spn)])
            .must_not(&["SPN-01", "SPN-03", "SPN-05", "SPN-06", "SPN-07", "CFG-03"])
            .host("TSP-WEB4", &["web-server"])
            .host("TSP-DC01", &["domain-controller"])
            .kind("TSP-DC01_260114-144011_ADDS_setspn_q_f.txt", "setspn")
            .kind("TSP-DC01_260114-144011_ADDS_setspn_x_f.txt", "setspn")
            .kind("TSP-DC01_260114-144011_ADDS_klist_tickets.txt", "klist")
            .kind("TSP-WEB4_260114-143205_ADDS_0x3e7.txt", "klist")
            .kind("TSP-WEB4_260114-143205_ADDS_Reg_Lsa.txt", "registry")
            .kind("TSP-WEB4_260114-143205_ADDS_nltest_sc_query.txt", "machine")
            .kind(
                "TSP-WEB4_260114-143205_IISappcmdList_Stop_.txt",
                "iis-state",
            )
            .kind("TSP-WEB4_260114-143205_IISsrvInfo_Stop_.txt", "netsh-http")
            .kind(
                "TSP-WEB4_260114-143205_applicationHost.config",
                "application-host-config",
            )
            .kind("TSP-WEB4_260114-143205_systeminfo.txt", "machine")
            .kind("HTTPERR/httperr1.log", "httperr-log")
            .kind("InetPub_Logs/W3SVC3/u_ex260505.log", "iis-log")
            .kind("TSP-WEB4_260114-143205_evt_Security.evtx", "evtx"),
    )
}
