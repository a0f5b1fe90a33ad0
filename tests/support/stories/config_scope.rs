//! Stories about the place of a setting: locked sections, removed modules, nodes that differ, the wrong scope.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        locked_section_in_web_config(),
        module_removed_from_site(),
        farm_nodes_drifted(),
        setting_at_the_wrong_scope(),
    ]
}

/// CFG-09: a web.config sets what is locked.
pub fn locked_section_in_web_config() -> Story {
    let mut w = story(
        "locked-section-in-web-config",
        "A web.config sets authentication where the section is locked: every request is a 500.19",
        "The vendor's package brings a web.config that turns Windows authentication on and anonymous off. Both sections
         are locked at the server, as they are by default, so IIS answers 500.19 to everything before it authenticates
         anybody. Users call it a login failure; no logon, ticket or Kerberos error exists for the site.",
    )
    .in_domain("mahnert.example", "MAHNERT");
    let web = w.server("BLN-WEB2");
    w.config(
        &web,
        &ApplicationHost::new().pool(Pool::new("Kundenportal")).site(
            Site::new("Kundenportal")
                .https("kunden.mahnert.example")
                .physical_path(r"E:\Anwendungen\Kundenportal")
                .pool("Kundenportal"),
        ),
    );
    let web_config = WebConfig::new()
        .asp_net_mode("Windows")
        .auth(Auth::windows_only());
    w.file(
        "BLN-WEB2/E/Anwendungen/Kundenportal/web.config",
        web_config.xml(),
    );
    w.noise(&web, 150);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-09", Status::Likely, &[("site", "Kundenportal")])
            .must_not(&["CFG-01", "CFG-02", "CFG-07", "CFG-08", "SPN-01"]),
    )
}

/// CFG-13: the module was taken from one site.
pub fn module_removed_from_site() -> Story {
    let mut w = story(
        "module-removed-from-site",
        "The native Windows authentication module is removed for one site",
        "Modules were unlocked at the server, and the site's web.config removes WindowsAuthenticationModule, copied from a
         site that logs on with tokens. The setting still reads enabled=true, but nothing sends a challenge: 401.2. The
         second site of the server keeps the module and logs users on with Kerberos.",
    )
    .in_domain("varga.example", "VARGA");
    let (dc, web, pc) = (w.dc("VGDC1"), w.server("VGWEB1"), w.client("VGPC66"));
    let dora = w.user("dora.nagy");
    let spn = "HTTP/wiki.varga.example";
    w.register(spn, &web.machine());
    w.register("HTTP/tender.varga.example", &web.machine());
    w.config(
        &web,
        &ApplicationHost::new()
            .modules_unlocked()
            .pool(Pool::new("Tender"))
            .pool(Pool::new("Wiki"))
            .site(
                Site::new("Tender")
                    .http(80, "tender.varga.example")
                    .pool("Tender"),
            )
            .site(
                Site::new("Wiki")
                    .http(80, "wiki.varga.example")
                    .pool("Wiki"),
            )
            .location("Tender", Auth::windows_only())
            .location("Wiki", Auth::windows_only()),
    );
    w.web_config(
        &web,
        "Tender",
        &WebConfig::new().remove_module("WindowsAuthenticationModule"),
    );
    w.setspn(
        "VGWEB1/setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &["-L VGWEB1"],
    );
    w.kerberos_works(
        &Visit::new(&pc, &dora, &web, spn),
        &web.machine(),
        18,
        w.at("07:00"),
        w.at("15:00"),
    );
    w.noise(&web, 160);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-13", Status::Likely, &[("site", "Tender")])
            .must_not(&["CFG-01", "CFG-02", "CFG-05", "CFG-09", "SPN-05", "SPN-06"]),
    )
}

/// CFG-15: the second node of a farm was configured by hand.
pub fn farm_nodes_drifted() -> Story {
    let mut w = story(
        "farm-nodes-drifted",
        "Two nodes of one farm differ: useAppPoolCredentials is set on the first only",
        "Both nodes serve the shared name with the same pool account, which holds the SPN. The first node was given
         useAppPoolCredentials, the second was rebuilt and forgotten: there http.sys opens tickets with the node's own
         account and refuses them. Users of one node log on with Kerberos, those of the other note KRB_AP_ERR_MODIFIED.",
    )
    .in_domain("ferrol.example", "FERROL")
    .layout(Layout::FolderPerHost);
    let (dc, one, two) = (w.dc("FE-DC3"), w.server("FE-WEB-A"), w.server("FE-WEB-B"));
    let (pc, other) = (w.client("FE-3307"), w.client("FE-3402"));
    let (luz, iker) = (w.user("luz.otero"), w.user("iker.leal"));
    let pool = w.service_account("svc_shop");
    let spn = "HTTP/shop.ferrol.example";
    w.register(spn, &pool);
    for (node, credentials) in [(&one, Some(true)), (&two, None)] {
        let windows = match credentials {
            Some(value) => Windows::enabled().use_app_pool_credentials(value),
            None => Windows::enabled(),
        };
        let config = ApplicationHost::new()
            .pool(Pool::new("Shop").specific_user(&pool.down_level()))
            .site(Site::new("Shop").https("shop.ferrol.example").pool("Shop"))
            .location("Shop", Auth::new().anonymous(false).windows(windows));
        w.config(node, &config);
    }
    w.setspn(
        "setspn -Q.txt",
        Prompt::PowerShell,
        Encoding::Utf8Bom,
        &[&format!("-F -Q {spn}")],
    );
    let (from, to) = (w.at("07:05"), w.at("14:10"));
    w.kerberos_works(&Visit::new(&pc, &luz, &one, spn), &pool, 17, from, to);
    w.kerberos_modified(
        &Visit::new(&other, &iker, &two, spn),
        &pool,
        &two.machine(),
        15,
        from,
        to,
    );
    w.noise(&one, 70);
    w.noise(&two, 70);
    w.noise(&other, 30);
    for node in [&one, &two] {
        w.omit_log(node, "System");
    }
    w.noise(&dc, 60);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-15", Status::Likely, &[("site", "Shop")])
            .finding(
                "SPN-05",
                Status::Confirmed,
                &[("spn", spn), ("host", "FE-WEB-B")],
            )
            .must_not(&["SPN-01", "SPN-02", "SPN-06", "SPN-12", "KM-05", "POOL-02"]),
    )
}

/// CFG-16: the switch was set at the server, the location says otherwise.
pub fn setting_at_the_wrong_scope() -> Story {
    let mut w = story(
        "setting-at-the-wrong-scope",
        "useAppPoolCredentials was set at the server, while the site's location still says false",
        "The SPN is on the pool's account. To make that account open the tickets somebody set useAppPoolCredentials to
         true, but at the server's level: the site's location tag spells out false, and that one counts. Clients go on
         noting KRB_AP_ERR_MODIFIED before and after the change, and the team believes that it did not help.",
    )
    .in_domain("armor.example", "ARMOR");
    let (dc, web, pc) = (w.dc("ARM-DC1"), w.server("ARM-IIS2"), w.client("ARM-P-119"));
    let (gwen, pool) = (w.user("gwen.leroux"), w.service_account("svc_stock"));
    let spn = "HTTP/stock.armor.example";
    w.register(spn, &pool);
    let root = Windows::disabled()
        .use_app_pool_credentials(true)
        .providers(Providers::add(&["Negotiate", "NTLM"]));
    let site = Windows::enabled()
        .use_kernel_mode(true)
        .use_app_pool_credentials(false);
    w.config(
        &web,
        &ApplicationHost::new()
            .root(Auth::new().windows(root))
            .pool(Pool::new("Stock").specific_user("svc_stock@armor.example"))
            .site(
                Site::new("Stock")
                    .http(8081, "stock.armor.example")
                    .pool("Stock"),
            )
            .location("Stock", Auth::new().anonymous(false).windows(site)),
    );
    w.change_config(
        w.at("10:15:03"),
        &web,
        "",
        "/system.webServer/security/authentication/windowsAuthentication/@useAppPoolCredentials",
        ("false", "true"),
    );
    let listed = setspn::list(Language::French, &pool, &w.spns_of(&pool));
    let transcript = Transcript::new(Prompt::Cmd)
        .run("setspn -L svc_stock", &listed)
        .run(
            &format!("setspn -Q {spn}"),
            &w.setspn_output(&format!("-Q {spn}")),
        );
    w.text("ARM-IIS2_spn.txt", transcript.text(), Encoding::Oem850);
    let visit = Visit::new(&pc, &gwen, &web, spn);
    w.kerberos_modified(
        &visit,
        &pool,
        &web.machine(),
        20,
        w.at("08:10"),
        w.at("12:40"),
    );
    w.noise(&web, 130);
    w.noise(&dc, 70);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-16", Status::Likely, &[("site", "Stock")])
            .finding(
                "SPN-05",
                Status::Confirmed,
                &[("spn", spn), ("site", "Stock")],
            )
            .must_not(&["SPN-01", "SPN-02", "SPN-06", "CFG-02", "KM-03", "POOL-02"]),
    )
}
