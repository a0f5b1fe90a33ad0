//! SDP ran on three machines, and nothing is wrong.

use crate::support::prelude::*;

/// Healthy: SDP of client, server and domain controller, with the configuration and logs of IIS in zips inside.
pub fn sdp_of_a_healthy_server() -> Story {
    let mut w = story(
        "layout-sdp",
        "SDP of a healthy server: Kerberos works, whatever the user said",
        "A user reported prompts; SDP was run on three machines, and by then everything worked. Names are flattened, the
         configuration and the logs of IIS lie in zips with backslashes in their names, klist switches from UTF-16 to the
         code page of the console in mid-file. Holder and acceptor are the pool's account, people log on by Kerberos, the
         only 401s of the IIS log are challenges and a load balancer's probe.",
    )
    .in_domain("woodgrove.example", "WOODGROVE");
    let (dc, web, pc) = (w.dc("WGDC02"), w.server("WGAPP11"), w.client("WGLT204"));
    let (lena, pool) = (w.user("lena.brandt"), w.service_account("svc_depot"));
    let (omar, other) = (w.user("omar.said"), w.client("WGLT377"));
    let spn = "HTTP/depot.woodgrove.example";
    w.register(spn, &pool);
    let config = ApplicationHost::new()
        .pool(Pool::new("Depot").specific_user(&pool.down_level()))
        .site(
            Site::new("Depot")
                .id(4)
                .http(80, "depot.woodgrove.example")
                .pool("Depot"),
        )
        .location(
            "Depot",
            Auth::new()
                .anonymous(false)
                .windows(Windows::enabled().use_app_pool_credentials(true)),
        );
    let (from, to) = (w.at("07:30"), w.at("15:50"));
    w.kerberos_works(&Visit::new(&pc, &lena, &web, spn), &pool, 40, from, to);
    w.kerberos_works(&Visit::new(&other, &omar, &web, spn), &pool, 25, from, to);
    w.noise(&web, 300);
    w.noise(&dc, 200);
    w.noise(&pc, 60);
    w.sdp("", &web, (&lena, &[], from));
    w.sdp("", &dc, (&lena, &[], from));
    w.sdp("", &pc, (&lena, &[spn], from));
    w.sdp_iis(
        "",
        &web,
        &config,
        ("Depot", 4),
        &[("Depot", "HTTP://*:80:DEPOT.WOODGROVE.EXAMPLE/")],
    );
    w.setspn(
        "WGDC02_setspn.txt",
        Prompt::Heading,
        Encoding::Utf16,
        &[&format!("-F -Q {spn}"), "-F -X", "-L svc_depot"],
    );
    w.omit_logs_of(&other);
    w.finish(
        Expected::healthy()
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "POOL-02", "MC-05", "CFG-03",
            ])
            .host("WGAPP11", &["web-server"])
            .host("WGDC02", &["domain-controller"])
            .host("WGLT204", &["client"])
            .kind("WGAPP11_HTTP_netsh_output.TXT", "netsh-http")
            .kind(
                "WGAPP11_IISConfiguration.zip/applicationHost.config",
                "application-host-config",
            )
            .kind(
                "WGAPP11_Logs_IIS.zip/LogFiles/Depot/u_ex260511.log",
                "iis-log",
            )
            .kind("WGAPP11_Kerberos_klist.txt", "klist")
            .kind("WGDC02_Kerberos_klist.txt", "klist")
            .kind("WGLT204_Kerberos_klist.txt", "klist")
            .kind("WGAPP11_TCPIP_ipconfig.txt", "machine")
            .kind("WGDC02_W32TM_Stripchart.txt", "machine")
            .kind("WGLT204_Whoami.txt", "whoami")
            .kind("WGDC02_systeminfo.txt", "machine")
            .kind("WGDC02_setspn.txt", "setspn")
            .kind("WGDC02_evt_Security.evtx", "evtx"),
    )
}
