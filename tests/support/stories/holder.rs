//! Stories in which one account holds the name and another opens the tickets.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        server_name_on_pool_account(),
        managed_account_without_pool_credentials(),
        alias_left_on_machine(),
        own_name_in_user_mode(),
        name_left_on_old_account(),
        reporting_services_holds_server_name(),
    ]
}

fn pool_opens_tickets() -> Auth {
    let windows = Windows::enabled().use_app_pool_credentials(true);
    Auth::new().anonymous(false).windows(windows)
}

/// SPN-04: the server's own name stands on the account of one of its applications.
pub fn server_name_on_pool_account() -> Story {
    let mut w = story(
        "server-name-on-pool-account",
        "HTTP/<server> on the account of one application breaks the others",
        "To get one application going, somebody registered the server's own names on its service account. An explicit SPN
         wins over HOST, so the tickets for the server's name are now sealed for that account, and the site that lives
         under the server's own name, whose tickets the machine opens, refuses them. setspn -X sees no duplicate.",
    )
    .in_domain("graphicdesign.example", "GDI");
    let (dc, web, pc) = (w.dc("GDI-DC1"), w.server("GDIWEB01"), w.client("GDI-C-20"));
    let (ida, crm) = (w.user("ida.holm"), w.service_account("svc_crm"));
    for spn in [
        "HTTP/crm.graphicdesign.example",
        "HTTP/GDIWEB01",
        "HTTP/gdiweb01.graphicdesign.example",
    ] {
        w.register(spn, &crm);
    }
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("CRM").specific_user(&crm.down_level()))
            .site(
                Site::new("Default Web Site")
                    .http(80, "")
                    .pool("DefaultAppPool"),
            )
            .site(
                Site::new("CRM")
                    .http(80, "crm.graphicdesign.example")
                    .pool("CRM"),
            )
            .location("Default Web Site", Auth::windows_only())
            .location("CRM", pool_opens_tickets()),
    );
    let spn = format!("HTTP/{}", web.dns_name());
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}"), "-L GDIWEB01", "-X"],
    );
    let visit = Visit::new(&pc, &ida, &web, &spn);
    let (from, to) = (w.at("08:00"), w.at("12:00"));
    w.kerberos_modified(&visit, &crm, &web.machine(), 13, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 80);
    w.noise(&pc, 50);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-04",
                Status::Confirmed,
                &[("account", r"GDI\svc_crm"), ("site", "Default Web Site")],
            )
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "POOL-02", "ET-04",
            ]),
    )
}

/// SPN-05 with a group-managed service account, of which many believe that IIS knows what to do by itself.
pub fn managed_account_without_pool_credentials() -> Story {
    let mut w = story(
        "gmsa-without-pool-credentials",
        "The gMSA holds the name, but kernel mode opens tickets with the machine account",
        "The pool runs as a gMSA, which holds the name. useAppPoolCredentials was never set, so http.sys opens tickets with
         the machine account. Clients note KRB_AP_ERR_MODIFIED. There is no password that could be wrong: the account
         manages its own.",
    )
    .in_domain("fourthcoffee.example", "4COFFEE");
    let (dc, web, pc) = (w.dc("FC-DC-A"), w.server("FC-IIS-12"), w.client("FC-0815"));
    let (zoe, pool) = (
        w.user("zoe.arnaud"),
        w.managed_service_account("gMSA_Order$"),
    );
    let spn = "HTTP/orders.fourthcoffee.example";
    w.register(spn, &pool);
    w.register("HTTP/orders", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Order Entry").managed_service_account(&pool.down_level()))
            .site(
                Site::new("Order Entry")
                    .https("orders.fourthcoffee.example")
                    .pool("Order Entry"),
            )
            .location("Order Entry", Auth::windows_only()),
    );
    w.setspn(
        "spn orders.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-Q {spn}"), "-L gMSA_Order$"],
    );
    let visit = Visit::new(&pc, &zoe, &web, spn);
    let (from, to) = (w.at("09:00"), w.at("10:40"));
    w.kerberos_modified(&visit, &pool, &web.machine(), 15, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 80);
    w.noise(&pc, 40);
    w.log_form(&dc, "Security", LogForm::Wevtutil(Encoding::Utf8));
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-05",
                Status::Confirmed,
                &[("spn", spn), ("account", r"4COFFEE\gMSA_Order$")],
            )
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-06", "SPN-07", "POOL-02", "POOL-06", "ET-04",
            ]),
    )
}

/// SPN-06: the alias is still on the machine account after the pool's account became the acceptor.
pub fn alias_left_on_machine() -> Story {
    let mut w = story(
        "alias-left-on-machine-account",
        "useAppPoolCredentials was switched on, the alias stayed on the machine account",
        "The alias was registered on the machine account years ago. That morning useAppPoolCredentials was switched on for
         the site (IIS configuration history), so the pool's account opens tickets from then on; the KDC still seals
         them for the machine. Everyone was prompted from the next request on.",
    )
    .in_domain("blueyonder.example", "BLUEYONDER");
    let (dc, web, pc) = (w.dc("BYDC4"), w.server("BYWEB-03"), w.client("BY-LT-66"));
    let (raj, pool) = (w.user("raj.patel"), w.service_account("svc.flights"));
    let spn = "HTTP/flights.blueyonder.example";
    w.register(spn, &web.machine());
    w.register("HTTP/flights", &web.machine());
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Flights v2").specific_user(&pool.down_level()))
            .site(
                Site::new("Flights v2")
                    .http(80, "flights.blueyonder.example")
                    .http(80, "flights")
                    .pool("Flights v2"),
            )
            .location("Flights v2", pool_opens_tickets()),
    );
    let changed = w.at("09:30:05");
    w.change_config(
        changed,
        &web,
        "Flights v2",
        "/system.webServer/security/authentication/windowsAuthentication/@useAppPoolCredentials",
        ("false", "true"),
    );
    w.setspn(
        "BYDC4/query.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-F -Q {spn}"), "-L svc.flights"],
    );
    let visit = Visit::new(&pc, &raj, &web, spn);
    let (before, from, to) = (w.at("07:00"), w.at("09:33"), w.at("11:00"));
    w.kerberos_works(&visit, &web.machine(), 8, before, changed);
    w.kerberos_modified(&visit, &web.machine(), &pool, 14, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-06",
                Status::Confirmed,
                &[("spn", spn), ("site", "Flights v2")],
            )
            .current(true)
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-07", "NAME-02", "POOL-02", "KM-03",
            ]),
    )
}

/// SPN-06: the server's own name, which HOST covers, while a domain account opens the tickets in user mode.
pub fn own_name_in_user_mode() -> Story {
    let mut w = story(
        "own-name-user-mode",
        "Kernel mode is off: the pool's account cannot open tickets for the server's own name",
        "The site is used by the server's own name. HOST/ of the machine account covers that, so tickets are sealed for the
         machine; with kernel mode switched off, the pool's domain account has to open them and cannot. No SPN of the
         pool's account is involved.",
    )
    .in_domain("cohowinery.example", "COHO");
    let (dc, web, pc) = (w.dc("COHODC"), w.server("COHOAPP1"), w.client("COHO-77"));
    let (per, pool) = (
        w.user("per.lund"),
        w.service_account_called("svc_cellar", "Cellar, Web"),
    );
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Cellar").specific_user(&pool.down_level()))
            .site(
                Site::new("Cellar")
                    .http(80, "cohoapp1.cohowinery.example")
                    .pool("Cellar"),
            )
            .location(
                "Cellar",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_kernel_mode(false)),
            ),
    );
    let spn = "HTTP/cohoapp1.cohowinery.example";
    w.setspn(
        "COHOAPP1/setspn.txt",
        Prompt::Remote("COHOAPP1".into()),
        Encoding::Utf16,
        &["-L COHOAPP1", "-L svc_cellar", &format!("-F -Q {spn}")],
    );
    let visit = Visit::new(&pc, &per, &web, spn);
    let (from, to) = (w.at("08:05"), w.at("13:00"));
    w.kerberos_modified(&visit, &web.machine(), &pool, 12, from, to);
    w.klist(
        "COHO-77/klist.txt",
        Encoding::Utf16NoBom,
        Language::Chinese,
        &per,
        &[spn],
        from,
    );
    w.noise(&dc, 80);
    w.noise(&pc, 60);
    w.omit_logs_of(&web);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-06",
                Status::Confirmed,
                &[("spn", spn), ("site", "Cellar")],
            )
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-04", "SPN-05", "SPN-07", "NAME-02", "POOL-02", "MC-02",
            ]),
    )
}

/// SPN-07: the pool moved to a gMSA, the name stayed on the account before it.
pub fn name_left_on_old_account() -> Story {
    let mut w = story(
        "spn-left-on-old-service-account",
        "The pool moved to a gMSA, the SPN stayed on the account it had before",
        "On that day the pool's identity was changed from a service account to a gMSA (IIS configuration history). The SPN
         was not moved, so the KDC still seals tickets for the old account, whose object has another name in the
         directory than the account; the gMSA cannot open them.",
    )
    .in_domain("humongous.example", "HUMONGOUS");
    let (dc, web, pc) = (w.dc("HIDC01"), w.server("HIWEB02"), w.client("HI-4477"));
    let ewa = w.user("ewa.nowak");
    let old = w.service_account_called("svc_claims", "Claims Web Service");
    let pool = w.managed_service_account("gm-claims$");
    let spn = "HTTP/claims.humongous.example";
    w.register(spn, &old);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Claims").managed_service_account(&pool.down_level()))
            .site(
                Site::new("Claims")
                    .https("claims.humongous.example")
                    .pool("Claims"),
            )
            .location("Claims", pool_opens_tickets()),
    );
    let changed = w.at("12:00:41");
    w.change_config(
        changed,
        &web,
        "",
        "/system.applicationHost/applicationPools/add[@name=\"Claims\"]/processModel/@userName",
        (&old.down_level(), &pool.down_level()),
    );
    w.setspn(
        "spn-claims.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}"), "-L svc_claims", "-L gm-claims$"],
    );
    let visit = Visit::new(&pc, &ewa, &web, spn);
    let (before, from, to) = (w.at("07:20"), w.at("12:04"), w.at("15:10"));
    w.kerberos_works(&visit, &old, 9, before, changed);
    w.kerberos_modified(&visit, &old, &pool, 16, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-07",
                Status::Confirmed,
                &[("spn", spn), ("site", "Claims")],
            )
            .current(true)
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-21", "POOL-02", "KM-03",
            ]),
    )
}

/// SPN-19: Reporting Services of the same server holds the server's name.
pub fn reporting_services_holds_server_name() -> Story {
    let mut w = story(
        "server-name-on-reporting-services",
        "Reporting Services holds HTTP/<server>: the IIS site of that server is refused",
        "SQL Server Reporting Services on the same machine registered the server's name on its own service account. It is
         no pool's identity here. Tickets for the server's name are sealed for it, and the IIS site under that name,
         whose tickets the machine opens, cannot read them. No log of the server was sent; its name stands in the path.",
    )
    .in_domain("adventure.example", "ADVENTURE");
    let (dc, web, pc) = (w.dc("AWDC"), w.server("AWRPT01"), w.client("AW-310"));
    let gus = w.user("gus.meyer");
    let reports = w.service_account_called("svc_ssrs", "SQL Reporting Services");
    for spn in [
        "HTTP/AWRPT01",
        "HTTP/awrpt01.adventure.example",
        "MSSQLSvc/awrpt01.adventure.example:1433",
    ] {
        w.register(spn, &reports);
    }
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Tools").identity_type("NetworkService"))
            .site(
                Site::new("Tools")
                    .http(80, "")
                    .binding("http", "*:80:awrpt01.adventure.example", 0)
                    .pool("Tools"),
            )
            .location("Tools", Auth::windows_only()),
    );
    let spn = "HTTP/awrpt01.adventure.example";
    w.setspn(
        "setspn-awrpt01.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-F -Q {spn}"), "-L svc_ssrs", "-L AWRPT01"],
    );
    let visit = Visit::new(&pc, &gus, &web, spn);
    let (from, to) = (w.at("08:00"), w.at("16:00"));
    w.kerberos_modified(&visit, &reports, &web.machine(), 17, from, to);
    w.omit_logs_of(&web);
    w.noise(&dc, 70);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-19",
                Status::Confirmed,
                &[("spn", spn), ("account", r"ADVENTURE\svc_ssrs")],
            )
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-21", "POOL-02", "ET-04",
            ]),
    )
}
