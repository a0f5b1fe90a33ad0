//! Stories in which nothing is wrong.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        kerberos_with_pool_credentials(),
        domain_pool_with_name_on_machine(),
        own_name_covered_by_host(),
        managed_account_with_pool_credentials(),
        farm_with_managed_account(),
        alias_by_cname_with_machine(),
    ]
}

/// The arrangement that Microsoft recommends for a domain pool account, at work.
pub fn kerberos_with_pool_credentials() -> Story {
    let mut w = story(
        "healthy-pool-account-with-pool-credentials",
        "Kerberos works: the SPN is on the pool account and the pool account opens the tickets",
        "The site's host names are registered on the account its pool runs as, and useAppPoolCredentials lets that
         account open the tickets in kernel mode. Clients get tickets for that account and log on with Kerberos. The
         logs hold only ordinary noise; holder and acceptor agree, so nothing may be reported.",
    );
    let (dc, web, pc) = (w.dc("DC1"), w.server("WEB01"), w.client("PC0142"));
    let (uma, pool) = (w.user("uma"), w.service_account("svc_intranet"));
    w.register("HTTP/intranet.corp.example", &pool);
    w.register("HTTP/intranet", &pool);

    let windows = Windows::enabled()
        .use_kernel_mode(true)
        .use_app_pool_credentials(true);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("IntranetPool").specific_user(&pool.down_level()))
            .site(
                Site::new("Intranet")
                    .http(80, "intranet.corp.example")
                    .http(80, "intranet")
                    .pool("IntranetPool"),
            )
            .location("Intranet", Auth::new().anonymous(false).windows(windows)),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            "-L svc_intranet",
            "-F -Q HTTP/intranet.corp.example",
            "-F -Q HTTP/intranet",
            "-X",
        ],
    );

    let visit = Visit::new(&pc, &uma, &web, "HTTP/intranet.corp.example");
    let (from, to) = (w.at("08:02"), w.at("11:40"));
    w.kerberos_works(&visit, &pool, 24, from, to);
    w.klist(
        "klist-uma.txt",
        Encoding::Oem437,
        Language::English,
        &uma,
        &[&visit.spn],
        from,
    );
    w.noise(&web, 260);
    w.noise(&dc, 130);
    w.noise(&pc, 40);
    w.finish(
        Expected::healthy().must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "POOL-02", "ET-04"]),
    )
}

/// Row 5 of the truth table: a domain account runs the pool, the machine account opens the tickets and holds the name.
pub fn domain_pool_with_name_on_machine() -> Story {
    let mut w = story(
        "healthy-domain-pool-name-on-machine",
        "Kerberos works: domain pool account, kernel mode, and the SPN on the machine account",
        "The pool runs as a domain account without useAppPoolCredentials, so the machine account opens the tickets; and the
         machine account holds the name. It looks like the famous mistake and is none.",
    )
    .in_domain("lucerne.example", "LUCERNE");
    let (dc, web, pc) = (w.dc("LUC-DC1"), w.server("LUC-WEB1"), w.client("LUC-C9"));
    let (rui, pool) = (w.user("rui.gama"), w.service_account("svc_publish"));
    let spn = "HTTP/publish.lucerne.example";
    w.register(spn, &web.machine());
    w.register("HTTP/publish", &web.machine());
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Publish").specific_user(&pool.down_level()))
            .site(
                Site::new("Publish")
                    .https("publish.lucerne.example")
                    .pool("Publish"),
            )
            .location("Publish", Auth::windows_only()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[
            &format!("-F -Q {spn}"),
            "-L svc_publish",
            "-L LUC-WEB1",
            "-X",
        ],
    );
    let visit = Visit::new(&pc, &rui, &web, spn);
    let (from, to) = (w.at("07:15"), w.at("16:20"));
    w.kerberos_works(&visit, &web.machine(), 22, from, to);
    w.klist(
        "klist.txt",
        Encoding::Oem850,
        Language::French,
        &rui,
        &[spn],
        from,
    );
    w.noise(&web, 150);
    w.noise(&dc, 80);
    w.noise(&pc, 40);
    w.finish(
        Expected::healthy()
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "POOL-02", "ET-04",
            ])
            .ruled_out(&["SPN-05"]),
    )
}

/// The server's own name, covered by HOST alone: no HTTP SPN is needed anywhere.
pub fn own_name_covered_by_host() -> Story {
    let mut w = story(
        "healthy-own-name-by-host",
        "Kerberos works: the server's own name is covered by HOST",
        "The site is used by the server's own name, and the machine account opens the tickets. No account holds an HTTP SPN
         for that name: HOST of the machine account covers it. That setspn finds no HTTP/ name is no fault.",
    )
    .in_domain("adatum.example", "ADATUM");
    let (dc, web, pc) = (
        w.dc("ADA-DC05"),
        w.server("ADA-APP21"),
        w.client("ADA-NB-4"),
    );
    let noa = w.user("noa.levi");
    let spn = format!("HTTP/{}", web.dns_name());
    w.config(
        &web,
        &ApplicationHost::new()
            .site(
                Site::new("Default Web Site")
                    .http(80, "")
                    .https("")
                    .pool("DefaultAppPool"),
            )
            .location("Default Web Site", Auth::windows_only()),
    );
    w.setspn(
        "spn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[
            &format!("-F -Q {spn}"),
            "-F -Q HTTP/ADA-APP21",
            "-L ADA-APP21",
        ],
    );
    let visit = Visit::new(&pc, &noa, &web, &spn);
    let (from, to) = (w.at("08:00"), w.at("15:30"));
    w.kerberos_works(&visit, &web.machine(), 20, from, to);
    w.noise(&web, 150);
    w.noise(&dc, 80);
    w.noise(&pc, 40);
    w.finish(
        Expected::healthy()
            .must_not(&[
                "SPN-01", "SPN-05", "SPN-06", "SPN-13", "SPN-14", "NAME-01", "NAME-06",
            ])
            .ruled_out(&["SPN-01"]),
    )
}

/// A gMSA that opens its own tickets.
pub fn managed_account_with_pool_credentials() -> Story {
    let mut w = story(
        "healthy-gmsa-with-pool-credentials",
        "Kerberos works: a gMSA holds the names and opens the tickets",
        "The pool runs as a gMSA that holds both forms of the name, and useAppPoolCredentials lets it open the tickets.
         Holder and acceptor agree; a few users of other services fail in the logs for reasons of their own.",
    )
    .in_domain("worldwide.example", "WWI");
    let (dc, web, pc) = (w.dc("WWI-DC1"), w.server("WWI-IIS3"), w.client("WWI-1021"));
    let (eli, pool) = (
        w.user("eli.cohen"),
        w.managed_service_account("gmsa_stock$"),
    );
    w.register("HTTP/stock.worldwide.example", &pool);
    w.register("HTTP/stock", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Stock & Lager").managed_service_account(&pool.down_level()))
            .site(
                Site::new("Stock & Lager")
                    .https("stock.worldwide.example")
                    .http(80, "stock")
                    .pool("Stock & Lager"),
            )
            .location(
                "Stock & Lager",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "setspn stock.txt",
        Prompt::Heading,
        Encoding::Utf16ThenOem850,
        &[
            "-L gmsa_stock$",
            "-F -Q HTTP/stock.worldwide.example",
            "-F -Q HTTP/stock",
        ],
    );
    let visit = Visit::new(&pc, &eli, &web, "HTTP/stock.worldwide.example");
    let (from, to) = (w.at("06:30"), w.at("17:00"));
    w.kerberos_works(&visit, &pool, 25, from, to);
    w.klist(
        "klist eli.txt",
        Encoding::Utf16NoBom,
        Language::Spanish,
        &eli,
        &[&visit.spn],
        from,
    );
    w.noise(&web, 160);
    w.noise(&dc, 80);
    w.noise(&pc, 40);
    w.finish(
        Expected::healthy()
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "POOL-02", "POOL-05", "ET-04",
            ])
            .ruled_out(&["SPN-05"]),
    )
}

/// A farm as it should be: one gMSA holds the shared name and opens the tickets on every node.
pub fn farm_with_managed_account() -> Story {
    let mut w = story(
        "healthy-farm-with-gmsa",
        "Kerberos works on both nodes of a farm: one gMSA holds the name and opens the tickets",
        "Two nodes share name, configuration and identity. Only one of them sent its Security log, and no machine account
         holds the shared name: that is right here, since the gMSA does. The name of one node itself is held by HOST
         and used by nobody.",
    )
    .in_domain("munson.example", "MUNSON")
    .layout(Layout::FolderPerHost);
    let (dc, one, two) = (w.dc("MUN-DC1"), w.server("MUN-W1"), w.server("MUN-W2"));
    let pc = w.client("MUN-0444");
    let (fay, pool) = (w.user("fay.dunn"), w.managed_service_account("gmsa_books$"));
    let spn = "HTTP/books.munson.example";
    w.register(spn, &pool);
    w.register("HTTP/books", &pool);
    for node in [&one, &two] {
        let windows = Windows::enabled().use_app_pool_credentials(true);
        w.config(
            node,
            &ApplicationHost::new()
                .pool(Pool::new("Books").managed_service_account(&pool.down_level()))
                .site(
                    Site::new("Books")
                        .https("books.munson.example")
                        .pool("Books"),
                )
                .location("Books", Auth::new().anonymous(false).windows(windows)),
        );
    }
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            &format!("-F -Q {spn}"),
            "-L gmsa_books$",
            "-F -X",
            "-L MUN-W1",
            "-L MUN-W2",
        ],
    );
    let (from, to) = (w.at("08:00"), w.at("17:00"));
    w.kerberos_works(&Visit::new(&pc, &fay, &one, spn), &pool, 18, from, to);
    w.noise(&one, 120);
    w.noise(&dc, 80);
    w.noise(&pc, 40);
    w.omit_logs_of(&two);
    w.finish(
        Expected::healthy()
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-12", "CFG-15", "POOL-07",
            ])
            .ruled_out(&["SPN-12"]),
    )
}

/// A CNAME that does no harm: the machine account opens the tickets, and browsers ask for its name.
pub fn alias_by_cname_with_machine() -> Story {
    let mut w = story(
        "healthy-cname-machine-acceptor",
        "Kerberos works through a CNAME: the machine account opens the tickets for its own name",
        "DNS has the alias as a CNAME of the server. Browsers ask for the server's own name, HOST covers it, and the machine
         account opens the tickets. That nobody holds HTTP/ for the alias is no fault, as nobody asks for it.",
    )
    .in_domain("nod.example", "NOD");
    let (dc, web, pc) = (w.dc("NODDC"), w.server("NODWEB7"), w.client("NOD-LT3"));
    let gil = w.user("gil.abreu");
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Docs"))
            .site(Site::new("Docs").http(80, "docs.nod.example").pool("Docs"))
            .location("Docs", Auth::windows_only()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &["-F -Q HTTP/docs.nod.example", "-L NODWEB7"],
    );
    let answer = nslookup::alias(&dc, "docs.nod.example", &web.dns_name(), &web.ip);
    let asked = Transcript::new(Prompt::PowerShell).run("nslookup docs.nod.example", &answer);
    w.file("nslookup.txt", asked.encode(Encoding::Utf16));
    let spn = format!("HTTP/{}", web.dns_name());
    let visit = Visit::new(&pc, &gil, &web, &spn);
    let (from, to) = (w.at("09:00"), w.at("16:00"));
    w.kerberos_works(&visit, &web.machine(), 17, from, to);
    w.klist(
        "klist.txt",
        Encoding::Oem850,
        Language::French,
        &gil,
        &[&spn],
        from,
    );
    w.noise(&web, 120);
    w.noise(&dc, 80);
    w.noise(&pc, 40);
    w.finish(
        Expected::healthy()
            .must_not(&["SPN-01", "SPN-05", "SPN-06", "SPN-13", "NAME-02", "NAME-06"])
            .ruled_out(&["NAME-02"]),
    )
}
