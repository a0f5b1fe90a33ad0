//! Stories about the name that a client asks for: aliases, suffixes, addresses, proxies, international names.

use jiff::SignedDuration;

use super::domain_member::with_memory;
use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        alias_asked_as_typed(),
        short_name_in_the_branch(),
        address_given_away(),
        portal_behind_a_rewriting_proxy(),
        name_in_hosts_files_only(),
        plant_suffix(),
        international_name(),
        two_sites_of_one_name(),
    ]
}

const LOUD: Fallback = Fallback {
    error: Some(7),
    client_logs_errors: true,
    kdc_audits_errors: false,
    ntlm_log: false,
};

/// A site whose tickets the computer account opens.
fn machine_site(w: &mut World, web: &Host, name: &str, host: &str) {
    w.config(
        web,
        &ApplicationHost::new()
            .pool(Pool::new(name))
            .site(Site::new(name).http(80, host).pool(name))
            .location(name, Auth::windows_only()),
    );
}

fn dns(w: &mut World, file: &str, command: &str, answer: &str) {
    let console = Transcript::new(Prompt::Cmd).run(command, answer);
    w.text(file, console.text(), Encoding::Oem850);
}

/// NAME-03: one department's browsers do not follow aliases.
fn alias_asked_as_typed() -> Story {
    let mut w = story(
        "alias-asked-as-typed",
        "One department's browsers ask for the alias itself, which has no SPN",
        "The wiki is a CNAME of its server. Browsers follow it, ask for the server's own name and get Kerberos. The developers
         have a browser policy that stops it from following aliases: their browsers ask for HTTP/wiki, which nobody holds.",
    )
    .in_domain("fineartschool.example", "FAS");
    let (dc, web) = (w.dc("FAS-DC1"), w.server("FAS-SRV08"));
    let (pc, dev) = (w.client("FAS-A-17"), w.client("FAS-DEV-2"));
    let (bo, noa) = (w.user("bo.lund"), w.user("noa.katz"));
    machine_site(&mut w, &web, "Wiki", "wiki.fineartschool.example");
    let answer = nslookup::alias(&dc, "wiki.fineartschool.example", &web.dns_name(), &web.ip);
    dns(
        &mut w,
        "nslookup.txt",
        "nslookup wiki.fineartschool.example",
        &answer,
    );
    let (alias, own) = (
        "HTTP/wiki.fineartschool.example",
        format!("HTTP/{}", web.dns_name()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[
            "-L FAS-SRV08",
            &format!("-F -Q {alias}"),
            "-F -Q HOST/wiki.fineartschool.example",
        ],
    );
    let (from, to) = (w.at("09:00"), w.at("15:00"));
    w.kerberos_works(
        &Visit::new(&pc, &bo, &web, &own),
        &web.machine(),
        9,
        from,
        to,
    );
    w.ntlm_instead(&Visit::new(&dev, &noa, &web, alias), LOUD, 7, from, to);
    for host in [&dc, &web, &dev] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::root_cause()
            .finding("NAME-03", Status::Confirmed, &[("spn", alias)])
            .must_not(&["NAME-02", "SPN-01", "SPN-10", "SPN-16", "CFG-03", "NAME-04"]),
    )
}

/// NAME-04: the branch completes short names with its own suffix.
fn short_name_in_the_branch() -> Story {
    let mut w = story(
        "short-name-in-the-branch",
        "The branch completes the short name with its own suffix, under which there is no SPN",
        "Everybody types \"spesen\". At headquarters that becomes spesen.northwind.example, which is registered; in the branch the
         suffix list begins with its own zone, where an old record still has the name, and browsers ask for
         HTTP/spesen.emea.northwind.example.",
    )
    .in_domain("northwind.example", "NORTHWIND");
    let (dc, web) = (w.dc("NW-DC1"), w.server("NW-FIN2"));
    let (hq, branch) = (w.client("NW-HQ-8"), w.client("NW-BR-3"));
    let (isa, tim) = (w.user("isa.mann"), w.user("tim.kuhn"));
    for spn in ["HTTP/spesen", "HTTP/spesen.northwind.example"] {
        w.register(spn, &web.machine());
    }
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Spesen"))
            .site(
                Site::new("Spesen")
                    .http(80, "spesen.northwind.example")
                    .http(80, "spesen")
                    .pool("Spesen"),
            )
            .location("Spesen", Auth::windows_only()),
    );
    let answer = nslookup::address(&dc, "spesen.emea.northwind.example", &web.ip);
    dns(&mut w, "branch nslookup.txt", "nslookup spesen", &answer);
    let other = "HTTP/spesen.emea.northwind.example";
    w.setspn(
        "setspn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[
            "-F -Q HTTP/spesen*",
            &format!("-F -Q {other}"),
            "-F -Q HOST/spesen.emea.northwind.example",
        ],
    );
    let (from, to) = (w.at("08:00"), w.at("12:00"));
    let works = Visit::new(&hq, &isa, &web, "HTTP/spesen.northwind.example");
    w.kerberos_works(&works, &web.machine(), 8, from, to);
    w.ntlm_instead(&Visit::new(&branch, &tim, &web, other), LOUD, 8, from, to);
    for host in [&dc, &web, &branch] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::root_cause()
            .finding("NAME-04", Status::Confirmed, &[("spn", other)])
            .must_not(&[
                "SPN-01", "SPN-10", "NAME-02", "NAME-03", "NAME-09", "NAME-10",
            ]),
    )
}

/// NAME-05: the old address belongs to another server now.
fn address_given_away() -> Story {
    let mut w = story(
        "address-given-to-another-server",
        "DNS still has the old address, which belongs to another server now",
        "The application moved to a new server, with SPN and pool as they should be. The old address was given to a print server,
         and the record was forgotten: clients bring their tickets there, and it cannot open them.",
    )
    .in_domain("treyresearch.example", "TREY");
    let (dc, web, other) = (w.dc("TR-DC1"), w.server("TR-APP9"), w.server("TR-PRN2"));
    let (pc, may) = (w.client("TR-L-41"), w.user("may.chen"));
    let pool = w.service_account("svc_samples");
    let spn = "HTTP/samples.treyresearch.example";
    w.register(spn, &pool);
    let windows = Windows::enabled().use_app_pool_credentials(true);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Samples").specific_user(&pool.down_level()))
            .site(
                Site::new("Samples")
                    .https("samples.treyresearch.example")
                    .pool("Samples"),
            )
            .location("Samples", Auth::new().anonymous(false).windows(windows)),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    for host in [&web, &other] {
        let console = Transcript::new(Prompt::Cmd).run("ipconfig /all", &texts::ipconfig(host));
        let path = w.path(host, "ipconfig.txt");
        w.text(&path, console.text(), Encoding::Utf8);
    }
    let answer = nslookup::address(&dc, "samples.treyresearch.example", &other.ip);
    dns(
        &mut w,
        "client dns.txt",
        "nslookup samples.treyresearch.example",
        &answer,
    );
    let (from, to) = (w.at("08:10"), w.at("10:30"));
    w.kerberos_modified(
        &Visit::new(&pc, &may, &other, spn),
        &pool,
        &other.machine(),
        9,
        from,
        to,
    );
    for host in [&dc, &web, &pc] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::root_cause()
            .finding(
                "NAME-05",
                Status::Confirmed,
                &[("spn", spn), ("host_name", "samples.treyresearch.example")],
            )
            .must_not(&[
                "MC-02", "POOL-02", "ET-04", "SPN-05", "SPN-22", "NAME-08", "NAME-11",
            ]),
    )
}

/// NAME-07: the proxy sends requests on under another name.
fn portal_behind_a_rewriting_proxy() -> Story {
    let mut w = story(
        "portal-behind-a-rewriting-proxy",
        "A proxy sends requests on under an inner name; users ask for tickets for the outer one",
        "Users type the portal's public name, which leads to a proxy. The proxy asks the web server under an inner name. Nobody
         holds the public name, so that users come by NTLM through the proxy, all from its one address. What the proxy
         does with the token is not in the bundle.",
    )
    .in_domain("blueyonder.example", "BLUEYONDER");
    let (dc, web, proxy) = (w.dc("BY-DC2"), w.server("BY-INT5"), w.server("BY-RP01"));
    let pc = w.client("BY-3301");
    machine_site(&mut w, &web, "Portal", "portal-int.blueyonder.example");
    w.register("HTTP/portal-int.blueyonder.example", &web.machine());
    let public = "HTTP/portal.blueyonder.example";
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &["-F -Q HTTP/portal-int.blueyonder.example"],
    );
    let answer = nslookup::address(&dc, "portal.blueyonder.example", &proxy.ip);
    dns(
        &mut w,
        "nslookup.txt",
        "nslookup portal.blueyonder.example",
        &answer,
    );
    let (from, to) = (w.at("08:00"), w.at("11:00"));
    for name in ["ken.ito", "amy.fox", "leo.diaz", "uma.rao"] {
        let user = w.user(name);
        let visit = Visit::new(&proxy, &user, &web, "HTTP/portal-int.blueyonder.example");
        for time in w.dice.times(4, from, to) {
            w.event(events::kerberos_error(time, &pc, &user, 0x7, "", public));
            let time = time + SignedDuration::from_millis(300);
            w.visited(time, &visit, Way::Ntlm);
            w.event(events::logon_ntlm(time, &web, &user, &proxy));
        }
    }
    w.web_log(
        "logs/W3SVC1/u_ex.log",
        &web,
        1,
        texts::web_log::Columns::Everything,
    );
    for host in [&dc, &web, &pc] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::inconclusive()
            .finding(
                "NAME-07",
                Status::Possible,
                &[("host_name", "portal.blueyonder.example")],
            )
            .must_not(&["SPN-01", "SPN-22", "NAME-05", "PRX-02", "NAME-04"]),
    )
}

/// NAME-08: the name is known from hosts files alone.
fn name_in_hosts_files_only() -> Story {
    let mut w = story(
        "name-in-hosts-files-only",
        "DNS does not know the name; hosts files lead to a server that was replaced",
        "During the pilot the name was put into hosts files, and nobody ever made a DNS record. The server was replaced since:
         clients still go to the old one, which cannot open the tickets.",
    )
    .in_domain("lucerne.example", "LUCERNE");
    let (dc, web, pc) = (w.dc("LP-DC1"), w.server("LP-WEB3"), w.client("LP-D-12"));
    let (eli, pool) = (w.user("eli.brand"), w.service_account("svc_layout"));
    let spn = "HTTP/layout.lucerne.example";
    w.register(spn, &pool);
    let windows = Windows::enabled().use_app_pool_credentials(true);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Layout").specific_user(&pool.down_level()))
            .site(
                Site::new("Layout")
                    .http(80, "layout.lucerne.example")
                    .pool("Layout"),
            )
            .location("Layout", Auth::new().anonymous(false).windows(windows)),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    let answer = nslookup::not_found(&dc, "layout.lucerne.example");
    dns(
        &mut w,
        "nslookup.txt",
        "nslookup layout.lucerne.example",
        &answer,
    );
    let path = w.path(&pc, "hosts.txt");
    w.text(
        &path,
        "# Copyright (c) 1993-2009 Microsoft Corp.\n#\n# This is a sample HOSTS file used by Microsoft TCP/IP for Windows.\n#\n# localhost name resolution is handled within DNS itself.\n10.77.3.9       layout.lucerne.example   # pilot\n",
        Encoding::Utf8,
    );
    let (from, to) = (w.at("09:00"), w.at("11:00"));
    let stranger = Account::new(&w.domain, "LP-OLD1$", "CN=Computers");
    w.kerberos_modified(
        &Visit::new(&pc, &eli, &web, spn),
        &pool,
        &stranger,
        8,
        from,
        to,
    );
    for host in [&dc, &web, &pc] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::root_cause()
            .finding("NAME-08", Status::Likely, &[("spn", spn)])
            .must_not(&["MC-02", "POOL-02", "ET-04", "SPN-10", "NAME-05"]),
    )
}

/// NAME-09: the plant's servers have a suffix of their own.
fn plant_suffix() -> Story {
    let mut w = story(
        "plant-servers-have-their-own-suffix",
        "The server's DNS suffix is not its domain, and its full name has no HOST SPN",
        "The plant's servers are members of the company's domain and have names under the plant's zone. That suffix was never
         allowed in the domain: Netlogon cannot write HOST/<full name> (5788, 5789). Browsers ask for the full name.",
    )
    .in_domain("contoso-works.example", "CWORKS");
    let plant = Domain::new("plant4.works.example", "CWORKS");
    let dc = w.dc("CW-DC1");
    let web = w.host_in(&plant, "P4-MES1", Role::Server);
    let (pc, ole) = (w.client("CW-4-77"), w.user("ole.berg"));
    let machine = Account::new(&w.domain, "P4-MES1$", "OU=Plant 4");
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
    let held = ["HOST/P4-MES1", "RestrictedKrbHost/P4-MES1", "WSMAN/P4-MES1"].map(str::to_owned);
    let none = setspn::query_forest(&w.domain, &[]);
    let console = Transcript::new(Prompt::Cmd)
        .run(
            "setspn -L P4-MES1",
            &setspn::list(Language::English, &machine, &held),
        )
        .run(&format!("setspn -F -Q {spn}"), &none)
        .run(&format!("setspn -F -Q HOST/{}", web.dns_name()), &none);
    w.text("setspn.txt", console.text(), Encoding::Utf8);
    let member = Host {
        domain: w.domain.clone(),
        ..web.clone()
    };
    let facts = Transcript::new(Prompt::Cmd)
        .run("ipconfig /all", &texts::ipconfig(&web))
        .run(
            "systeminfo",
            &with_memory(&texts::machine::systeminfo(&member, "(UTC+01:00)")),
        );
    let path = w.path(&web, "machine.txt");
    w.text(&path, facts.text(), Encoding::Oem850);
    let (start, from, to) = (w.at("06:10"), w.at("08:00"), w.at("13:00"));
    w.event(events::netlogon_event(
        start,
        &web,
        5788,
        &["p4-mes1.plant4.works.example", "%%5"],
        0xc000_0022,
    ));
    w.event(events::netlogon_event(
        start,
        &web,
        5789,
        &["p4-mes1.plant4.works.example", "%%5"],
        0xc000_0022,
    ));
    w.ntlm_instead(&Visit::new(&pc, &ole, &web, &spn), LOUD, 9, from, to);
    for host in [&dc, &web, &pc] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::root_cause()
            .finding("NAME-09", Status::Confirmed, &[("host", "P4-MES1")])
            .must_not(&["SPN-01", "SPN-13", "SPN-14", "NAME-04", "MC-01", "MC-06"]),
    )
}

/// NAME-10: registered in letters that no client sends.
fn international_name() -> Story {
    let mut w = story(
        "name-with-umlaut",
        "The SPN was registered with an umlaut; clients ask for the name as DNS carries it",
        "The portal's name has an umlaut. It was registered as it is spelled, and works nowhere: clients ask for the form in which
         international names travel. setspn finds the spelled form, so that everything looks right.",
    )
    .in_domain("gaertnerei.example", "GARTEN");
    let (dc, web, pc) = (w.dc("GA-DC1"), w.server("GA-WEB1"), w.client("GA-07"));
    let kai = w.user("kai.moos");
    let asked = "HTTP/xn--grten-gra.gaertnerei.example";
    w.register("HTTP/gärten.gaertnerei.example", &web.machine());
    machine_site(&mut w, &web, "Gaerten", "xn--grten-gra.gaertnerei.example");
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            "-L GA-WEB1",
            &format!("-F -Q {asked}"),
            "-F -Q HOST/xn--grten-gra.gaertnerei.example",
        ],
    );
    let (from, to) = (w.at("08:00"), w.at("12:00"));
    w.ntlm_instead(&Visit::new(&pc, &kai, &web, asked), LOUD, 9, from, to);
    for host in [&dc, &web, &pc] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::root_cause()
            .finding("NAME-10", Status::Confirmed, &[("spn", asked)])
            .must_not(&["SPN-01", "SPN-09", "SPN-10", "SPN-18", "NAME-06"]),
    )
}

/// NAME-11: two data centres in two domains.
fn two_sites_of_one_name() -> Story {
    let mut w = story(
        "one-name-two-data-centres",
        "DNS gives the name addresses in two data centres, whose servers open tickets with different accounts",
        "The catalogue runs in two data centres, in two domains, each with its own service account. The name's SPN is on the
         account of the first one. Whoever is sent to the second one brings a ticket that nobody there can open.",
    )
    .in_domain("east.wwi.example", "WWIEAST");
    let west = Domain::new("west.wwi.example", "WWIWEST");
    let (dc, first) = (w.dc("WE-DC1"), w.server("WE-WEB1"));
    let second = w.host_in(&west, "WW-WEB1", Role::Server);
    let (pc, ros) = (w.client("WE-C-9"), w.user("ros.ward"));
    let here = w.service_account("svc_catalog");
    let there = w.account_in(&west, "svc_catalog_w", "OU=Service Accounts");
    let spn = "HTTP/catalog.wwi.example";
    w.register(spn, &here);
    for (host, pool) in [(&first, &here), (&second, &there)] {
        let windows = Windows::enabled().use_app_pool_credentials(true);
        w.config(
            host,
            &ApplicationHost::new()
                .pool(Pool::new("Catalog").specific_user(&pool.down_level()))
                .site(
                    Site::new("Catalog")
                        .https("catalog.wwi.example")
                        .pool("Catalog"),
                )
                .location("Catalog", Auth::new().anonymous(false).windows(windows)),
        );
    }
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    let answer = nslookup::addresses(&dc, "catalog.wwi.example", &[&first.ip, &second.ip]);
    dns(
        &mut w,
        "nslookup.txt",
        "nslookup catalog.wwi.example",
        &answer,
    );
    let (from, to) = (w.at("09:00"), w.at("14:00"));
    w.kerberos_works(&Visit::new(&pc, &ros, &first, spn), &here, 7, from, to);
    w.kerberos_modified(
        &Visit::new(&pc, &ros, &second, spn),
        &here,
        &there,
        6,
        from,
        to,
    );
    w.noise(&second, 40);
    w.noise(&dc, 30);
    w.finish(
        Expected::root_cause()
            .finding("NAME-11", Status::Confirmed, &[("spn", spn)])
            .must_not(&["SPN-07", "SPN-12", "SPN-21", "NAME-05", "POOL-02"]),
    )
}
