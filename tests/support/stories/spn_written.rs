//! Stories about SPNs that were not written, stand on an account of no use, or on the wrong hop.

use jiff::SignedDuration;

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        retired_account_keeps_the_name(),
        forest_without_http_mapping(),
        renamed_server(),
        left_over_in_the_other_forest(),
        registration_nobody_checked(),
        registered_on_the_other_controller(),
        site_under_a_cluster_name(),
        name_on_the_gateway(),
    ]
}

const LOUD: Fallback = Fallback {
    error: Some(7),
    client_logs_errors: true,
    kdc_audits_errors: false,
    ntlm_log: false,
};

/// A site of its own name, whose pool account opens the tickets.
fn site_of(w: &mut World, web: &Host, name: &str, host: &str, pool: &Account) {
    let windows = Windows::enabled().use_app_pool_credentials(true);
    w.config(
        web,
        &ApplicationHost::new()
            .pool(Pool::new(name).specific_user(&pool.down_level()))
            .site(Site::new(name).https(host).pool(name))
            .location(name, Auth::new().anonymous(false).windows(windows)),
    );
}

/// SPN-08: the old account was disabled the day after the pool got a new one.
fn retired_account_keeps_the_name() -> Story {
    let mut w = story(
        "retired-account-keeps-the-name",
        "The name is on an account that was disabled when the pool got a new one",
        "The pool was given a new account on Friday, and the old one was disabled on the same day. The SPN stayed on it: the
         KDC issues no ticket for a disabled account, clients get an error and fall back to NTLM. setspn shows one holder, and
         nothing of its state.",
    )
    .in_domain("margies.example", "MARGIES");
    let (dc, web, pc) = (w.dc("MT-DC2"), w.server("MT-IIS4"), w.client("MT-0612"));
    let (lea, admin) = (w.user("lea.kohl"), w.user("adm.frey"));
    let (old, new) = (
        w.service_account("svc_travel"),
        w.service_account("svc_travel_2026"),
    );
    let spn = "HTTP/reisen.margies.example";
    w.register(spn, &old);
    site_of(&mut w, &web, "Reisen", "reisen.margies.example", &new);
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}"), "-L svc_travel_2026"],
    );
    let (disabled, to) = (w.at("09:30"), w.at("15:00"));
    w.event(events::account_disabled(disabled, &dc, &old, &admin));
    let from = disabled + SignedDuration::from_mins(9);
    for time in w.dice.times(9, from, to) {
        w.event(events::service_ticket_failed(
            time, &dc, &lea, &pc, spn, 0x12,
        ));
    }
    w.ntlm_instead(
        &Visit::new(&pc, &lea, &web, spn),
        Fallback::default(),
        9,
        from,
        to,
    );
    w.noise(&web, 50);
    w.noise(&dc, 60);
    w.noise(&pc, 20);
    w.finish(
        Expected::root_cause()
            .finding("SPN-08", Status::Confirmed, &[("spn", spn)])
            .must_not(&["SPN-01", "SPN-07", "POOL-03", "MC-06", "AC-03"]),
    )
}

/// SPN-13: somebody edited sPNMappings.
fn forest_without_http_mapping() -> Story {
    let mut w = story(
        "forest-without-http-mapping",
        "HOST does not cover HTTP any more: somebody edited sPNMappings",
        "A hardening guide of doubtful origin told to shorten sPNMappings. Since then no server of the forest gets Kerberos
         under its own name: HOST/<server> is registered, HTTP/<server> is not known to the KDC.",
    )
    .in_domain("proseware.example", "PROSEWARE");
    let (dc, web, pc) = (w.dc("PW-DC1"), w.server("PW-INTRA"), w.client("PW-221"));
    let tara = w.user("tara.wolf");
    w.config(
        &web,
        &ApplicationHost::new()
            .site(
                Site::new("Default Web Site")
                    .http(80, "")
                    .pool("DefaultAppPool"),
            )
            .location("Default Web Site", Auth::windows_only()),
    );
    let spn = format!("HTTP/{}", web.dns_name());
    w.setspn(
        "spn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[
            &format!("-F -Q {spn}"),
            "-F -Q HTTP/PW-INTRA",
            "-L PW-INTRA",
        ],
    );
    w.text(
        "spn_mappings.ldf",
        "dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=proseware,DC=example\nchangetype: add\nsPNMappings: \n host=alerter,appmgmt,cifs,dcom,dns,dnscache,eventlog,netlogon,plugplay,polic\n yagent,rpc,rpcss,schedule,scm,snmp,spooler,time,wins\n\n",
        Encoding::Windows1252,
    );
    let (from, to) = (w.at("08:30"), w.at("14:00"));
    w.ntlm_instead(&Visit::new(&pc, &tara, &web, &spn), LOUD, 8, from, to);
    w.noise(&web, 50);
    w.noise(&dc, 50);
    w.noise(&pc, 20);
    w.finish(
        Expected::root_cause()
            .finding("SPN-13", Status::Confirmed, &[("spn", &spn)])
            .must_not(&["SPN-01", "SPN-02", "SPN-14", "NAME-09", "MC-06"]),
    )
}

/// SPN-14: a rename that the directory did not follow.
fn renamed_server() -> Story {
    let mut w = story(
        "renamed-server-keeps-its-old-names",
        "After a rename the computer account still has the old HOST names",
        "The server was renamed in a maintenance window, and its account may not write its own names since the OU was locked
         down. NETLOGON 5788 and 5789 say so at every start. HOST stands for the old name; users who type the new one come
         by NTLM.",
    )
    .in_domain("alpineski.example", "ALPINE");
    let (dc, web, pc) = (w.dc("ASH-DC1"), w.server("ASH-WEB-N"), w.client("ASH-33"));
    let max = w.user("max.egli");
    for name in w.spns_of(&web.machine()) {
        w.unregister(&name, &web.machine());
    }
    for name in [
        "HOST/ASH-OLD4",
        "HOST/ash-old4.alpineski.example",
        "RestrictedKrbHost/ASH-OLD4",
    ] {
        w.register(name, &web.machine());
    }
    w.config(
        &web,
        &ApplicationHost::new()
            .site(
                Site::new("Default Web Site")
                    .http(80, "")
                    .pool("DefaultAppPool"),
            )
            .location("Default Web Site", Auth::windows_only()),
    );
    let spn = format!("HTTP/{}", web.dns_name());
    let host = format!("HOST/{}", web.dns_name());
    w.setspn(
        "setspn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[
            "-L ASH-WEB-N",
            &format!("-F -Q {spn}"),
            &format!("-F -Q {host}"),
        ],
    );
    let (start, from, to) = (w.at("06:20"), w.at("08:00"), w.at("13:00"));
    for id in [5788, 5789] {
        w.event(events::netlogon_event(
            start,
            &web,
            id,
            &["ash-web-n.alpineski.example", "%%5"],
            0xc000_0022,
        ));
    }
    w.ntlm_instead(&Visit::new(&pc, &max, &web, &spn), LOUD, 10, from, to);
    w.noise(&web, 50);
    w.noise(&dc, 50);
    w.noise(&pc, 20);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-14",
                Status::Confirmed,
                &[("account", "ASH-WEB-N$"), ("host", "ASH-WEB-N")],
            )
            .must_not(&["SPN-01", "SPN-13", "NAME-09", "NAME-04", "MC-01", "MC-06"]),
    )
}

/// SPN-15: a registration of the time before the migration.
fn left_over_in_the_other_forest() -> Story {
    let mut w = story(
        "left-over-in-the-users-forest",
        "The users' own forest still holds the name of the migrated site",
        "The application moved into the resource forest two years ago, and its old account still holds the name in the
         users' forest. Their KDC never asks across the trust: it seals tickets for the old account, which the server in the
         other forest cannot open. Administrators of the resource forest get in and see nothing wrong.",
    )
    .in_domain("fabrikam.example", "FABRIKAM");
    let resource = Domain::new("res.tspace.example", "TSPACE");
    let (dc, pc) = (w.dc("FK-DC1"), w.client("FK-1288"));
    let web = w.host_in(&resource, "TS-WEB1", Role::Server);
    let (gil, stale) = (w.user("gil.amar"), w.service_account("svc_quality"));
    let pool = w.account_in(&resource, "svc_quality_web", "OU=Service Accounts");
    let spn = "HTTP/quality.fabrikam.example";
    site_of(&mut w, &web, "Quality", "quality.fabrikam.example", &pool);
    let here = setspn::query(
        Language::English,
        &w.domain,
        &[(&stale, vec![spn.to_owned()])],
    );
    let there = setspn::query(
        Language::English,
        &resource,
        &[(&pool, vec![spn.to_owned()])],
    );
    for (file, output) in [("users forest.txt", here), ("resource forest.txt", there)] {
        let console = Transcript::new(Prompt::Cmd).run(&format!("setspn -Q {spn}"), &output);
        w.text(file, console.text(), Encoding::Utf8);
    }
    let (from, to) = (w.at("09:00"), w.at("12:00"));
    w.kerberos_modified(
        &Visit::new(&pc, &gil, &web, spn),
        &stale,
        &pool,
        8,
        from,
        to,
    );
    w.noise(&web, 40);
    w.noise(&dc, 50);
    w.noise(&pc, 20);
    w.finish(
        Expected::root_cause()
            .finding("SPN-15", Status::Confirmed, &[("spn", spn)])
            .must_not(&["SPN-01", "SPN-02", "SPN-07", "SPN-21", "TR-02", "POOL-02"]),
    )
}

/// SPN-16: setspn said no, and nobody read it.
fn registration_nobody_checked() -> Story {
    let mut w = story(
        "registration-nobody-checked",
        "The registration was refused for want of rights, and the change was closed as done",
        "The change record says that the SPN was registered; the console beside it says that the rights did not suffice. The
         name is on nobody, and users come by NTLM.",
    )
    .in_domain("woodgrove.example", "WOODGROVE");
    let (dc, web, pc) = (w.dc("WG-DC1"), w.server("WG-APP6"), w.client("WG-C-090"));
    let (pia, pool) = (w.user("pia.falk"), w.service_account("svc_loans"));
    let spn = "HTTP/loans.woodgrove.example";
    site_of(&mut w, &web, "Loans", "loans.woodgrove.example", &pool);
    let refused = format!(
        "{}\nRegistering ServicePrincipalNames for {dn}\n\t{spn}\nFailed to assign SPN on account '{dn}', error 0x2098/8344 -> Insufficient access rights to perform the operation.\n",
        setspn::checking(Language::English, &w.domain),
        dn = pool.dn()
    );
    let console = Transcript::new(Prompt::Cmd)
        .run(&format!(r"setspn -S {spn} WOODGROVE\svc_loans"), &refused);
    w.text("CHG0041.txt", console.text(), Encoding::Oem437);
    w.setspn(
        "after.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[
            &format!("-F -Q {spn}"),
            "-F -Q HOST/loans.woodgrove.example",
        ],
    );
    let (from, to) = (w.at("10:00"), w.at("16:00"));
    w.ntlm_instead(&Visit::new(&pc, &pia, &web, spn), LOUD, 11, from, to);
    w.noise(&web, 40);
    w.noise(&dc, 50);
    w.noise(&pc, 20);
    w.finish(
        Expected::root_cause()
            .finding("SPN-16", Status::Confirmed, &[("spn", spn)])
            .must_not(&["SPN-01", "SPN-02", "SPN-17", "NAME-06", "CFG-03"]),
    )
}

/// SPN-17: registered at headquarters, asked for in the plant.
fn registered_on_the_other_controller() -> Story {
    let mut w = story(
        "registered-at-headquarters",
        "The SPN was registered at headquarters, and the plant's controller did not have it for hours",
        "The name was registered on the controller of headquarters at nine. Replication to the plant runs every three hours: until
         noon its controller answered 0x7, and the people of the plant came by NTLM. Then it healed by itself.",
    )
    .in_domain("consolidated.example", "CONSOL");
    let (hq, plant, web) = (w.dc("CM-HQ-DC"), w.dc("CM-PLANT-DC"), w.server("CM-WEB9"));
    let pc = w.client("CM-P-402");
    let (ada, admin, pool) = (
        w.user("ada.moss"),
        w.user("adm.hale"),
        w.service_account("svc_orders"),
    );
    let spn = "HTTP/orders.consolidated.example";
    site_of(&mut w, &web, "Orders", "orders.consolidated.example", &pool);
    let nine = w.at("09:00");
    w.add_spn(nine, spn, &pool, &admin);
    w.setspn(
        "setspn now.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    let (from, noon, to) = (w.at("09:20"), w.at("12:00"), w.at("15:00"));
    for time in w.dice.times(8, from, noon) {
        w.event(events::service_ticket_failed(
            time, &plant, &ada, &pc, spn, 0x7,
        ));
        w.event(events::logon_ntlm(
            time + SignedDuration::from_millis(70),
            &web,
            &ada,
            &pc,
        ));
    }
    for time in w.dice.times(5, noon, to) {
        w.event(events::service_ticket(time, &plant, &ada, &pc, &pool, 0x12));
        w.event(events::logon_kerberos(
            time + SignedDuration::from_millis(200),
            &web,
            &ada,
            &pc,
        ));
    }
    for host in [&hq, &plant, &web] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::root_cause()
            .finding("SPN-17", Status::Confirmed, &[("spn", spn)])
            .current(false)
            .must_not(&["SPN-01", "SPN-02", "SPN-16", "MC-07", "CL-11"]),
    )
}

/// SPN-20: users type the name of a cluster.
fn site_under_a_cluster_name() -> Story {
    let mut w = story(
        "site-under-a-cluster-name",
        "The site's name is a cluster's, whose virtual account holds it",
        "The reports moved onto the nodes of a failover cluster, under the cluster's network name. Its virtual computer account
         holds HOST for the name; IIS runs with a domain account that opens the tickets. After the fail-over at night
         clients note KRB_AP_ERR_MODIFIED.",
    )
    .in_domain("cohovineyard.example", "COHO");
    let (dc, web, pc) = (w.dc("CV-DC3"), w.server("CV-NODE2"), w.client("CV-5501"));
    let (joy, pool) = (w.user("joy.hart"), w.service_account("svc_cellar"));
    let name = w.account_in(&w.domain.clone(), "CELLAR$", "CN=Computers");
    for spn in [
        "HOST/CELLAR",
        "HOST/cellar.cohovineyard.example",
        "MSClusterVirtualServer/CELLAR",
        "MSClusterVirtualServer/cellar.cohovineyard.example",
    ] {
        w.register(spn, &name);
    }
    let spn = "HTTP/cellar.cohovineyard.example";
    site_of(&mut w, &web, "Cellar", "cellar.cohovineyard.example", &pool);
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            "-F -Q HOST/cellar.cohovineyard.example",
            &format!("-F -Q {spn}"),
            "-L CELLAR$",
        ],
    );
    let (from, to) = (w.at("07:00"), w.at("11:00"));
    w.kerberos_modified(
        &Visit::new(&pc, &joy, &web, spn),
        &name,
        &pool,
        10,
        from,
        to,
    );
    w.noise(&web, 40);
    w.noise(&dc, 50);
    w.noise(&pc, 20);
    w.finish(
        Expected::root_cause()
            .finding("SPN-20", Status::Likely, &[("spn", spn)])
            .must_not(&["SPN-06", "SPN-07", "SPN-12", "SPN-22", "NAME-05", "POOL-02"]),
    )
}

/// SPN-22: the public name is on the gateway's computer account.
fn name_on_the_gateway() -> Story {
    let mut w = story(
        "name-on-the-gateway",
        "The name is on the gateway that hands requests through, not on the server that opens tickets",
        "A gateway stands before the web server and hands requests through with their tokens. Whoever set it up registered the
         public name on the gateway's computer account, because DNS leads there. The web server behind it opens tickets with
         its own account and cannot open these.",
    )
    .in_domain("litware.example", "LITWARE");
    let (dc, gateway, web) = (w.dc("LW-DC5"), w.server("LW-GATE1"), w.server("LW-APP12"));
    let (pc, ivo) = (w.client("LW-D-771"), w.user("ivo.pavic"));
    let spn = "HTTP/claims.litware.example";
    w.register(spn, &gateway.machine());
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Claims"))
            .site(
                Site::new("Claims")
                    .http(80, "claims.litware.example")
                    .pool("Claims"),
            )
            .location("Claims", Auth::windows_only()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    for host in [&gateway, &web] {
        let console = Transcript::new(Prompt::Cmd).run("ipconfig /all", &texts::ipconfig(host));
        let path = w.path(host, "ipconfig.txt");
        w.text(&path, console.text(), Encoding::Oem437);
    }
    let answer = nslookup::address(&dc, "claims.litware.example", &gateway.ip);
    let console = Transcript::new(Prompt::Cmd).run("nslookup claims.litware.example", &answer);
    w.text("dns.txt", console.text(), Encoding::Utf8);
    let (from, to) = (w.at("08:00"), w.at("12:30"));
    w.kerberos_modified(
        &Visit::new(&pc, &ivo, &web, spn),
        &gateway.machine(),
        &web.machine(),
        11,
        from,
        to,
    );
    w.noise(&web, 40);
    w.noise(&dc, 50);
    w.noise(&pc, 20);
    w.finish(
        Expected::root_cause()
            .finding("SPN-22", Status::Confirmed, &[("spn", spn)])
            .must_not(&[
                "SPN-07", "SPN-12", "SPN-20", "NAME-05", "NAME-07", "NAME-11", "PRX-02",
            ]),
    )
}
