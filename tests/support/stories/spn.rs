//! Stories about who holds the name.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![no_spn_for_host_header(), spn_on_pool_account_kernel_mode()]
}

/// SPN-01: a host header that nobody registered.
pub fn no_spn_for_host_header() -> Story {
    let mut w = story(
        "no-spn-for-host-header",
        "No SPN for the host header: everyone is served with NTLM",
        "A second host name was bound to a site that runs as ApplicationPoolIdentity. Nobody holds HTTP/ for it, and it
         is not the server's own name, so the KDC answers 0x7 and browsers fall back to NTLM without a word. The client
         logs the error, the server shows NTLM logons, and setspn -F -Q proves the absence in the whole forest.",
    )
    .in_domain("adatum.example", "ADATUM");
    let (dc, web, pc) = (w.dc("ADA-DC02"), w.server("APP07"), w.client("LT-3391"));
    let noor = w.user("noor.haddad");

    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Portal").identity_type("ApplicationPoolIdentity"))
            .site(
                Site::new("Portal")
                    .http(80, "")
                    .http(80, "portal.adatum.example")
                    .pool("Portal"),
            )
            .location("Portal", Auth::windows_only()),
    );
    w.setspn(
        "spn check.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[
            "-F -Q HTTP/portal.adatum.example",
            "-F -Q HOST/portal.adatum.example",
            "-L APP07",
        ],
    );

    let visit = Visit::new(&pc, &noor, &web, "HTTP/portal.adatum.example");
    let (from, to) = (w.at("07:48"), w.at("15:20"));
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&visit, fallback, 31, from, to);
    w.klist_get_failed("klist get.txt", Encoding::Utf8Bom, &visit.spn, 0xc000_018b);
    w.noise(&web, 140);
    w.noise(&dc, 130);
    w.noise(&pc, 40);
    w.log_form(&pc, "System", LogForm::Wevtutil(Encoding::Utf16));
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-01",
                Status::Confirmed,
                &[
                    ("spn", "HTTP/portal.adatum.example"),
                    ("site", "Portal"),
                    ("host_name", "portal.adatum.example"),
                ],
            )
            .must_not(&["SPN-02", "SPN-05", "SPN-06", "CFG-03", "NAME-01"]),
    )
}

/// SPN-05: the pool's account holds the name, the machine's account opens the tickets.
pub fn spn_on_pool_account_kernel_mode() -> Story {
    let mut w = story(
        "spn-on-pool-account-kernel-mode",
        "SPN on the pool account while kernel mode opens tickets with the machine account",
        "The team moved the site to a domain account and registered the SPN on it that morning, as the pool needs it for
         its database. useAppPoolCredentials was left at its default, so http.sys still opens tickets with WEB03$. The
         KDC issues tickets for the pool account, WEB03$ cannot open them, clients note KRB_AP_ERR_MODIFIED and users
         are asked for a password again and again.",
    );
    let (dc, web, pc) = (w.dc("DC1"), w.server("WEB03"), w.client("PC0077"));
    let (uma, admin) = (w.user("uma"), w.user("adm.kim"));
    let pool = w.service_account("svc_orders");
    let spn = "HTTP/orders.corp.example";
    let changed = w.at("09:12:30");
    w.add_spn(changed, spn, &pool, &admin);

    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Orders").specific_user(&pool.down_level()))
            .site(
                Site::new("Orders")
                    .http(80, "orders.corp.example")
                    .https("orders.corp.example")
                    .pool("Orders"),
            )
            .location("Orders", Auth::windows_only()),
    );
    w.setspn(
        "WEB03/spn.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-Q {spn}"), "-L svc_orders", "-L WEB03"],
    );

    let visit = Visit::new(&pc, &uma, &web, spn);
    let (from, to) = (w.at("09:20"), w.at("12:05"));
    w.kerberos_modified(&visit, &pool, &web.machine(), 17, from, to);
    w.klist(
        "PC0077/klist.txt",
        Encoding::Utf16,
        Language::French,
        &uma,
        &[spn],
        from,
    );
    w.noise(&web, 140);
    w.noise(&dc, 130);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-05",
                Status::Confirmed,
                &[
                    ("spn", spn),
                    ("site", "Orders"),
                    ("account", r"CORP\svc_orders"),
                ],
            )
            .current(true)
            .must_not(&["SPN-01", "SPN-02", "SPN-06", "POOL-02", "ET-04"]),
    )
}
