//! Stories of several faults that have nothing to do with each other and come in one bundle, as customers send them.

use super::encryption::small;
use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        holder_lockout_and_balancer(),
        two_nodes_of_three(),
        stopped_pool_beside_doubled_name(),
        three_people_three_reasons(),
    ]
}

/// Quiet machines: their logs cover the day, as XML.
pub(super) fn quiet(w: &mut World, hosts: &[&Host]) {
    for host in hosts {
        w.noise(host, 16);
    }
    small(w, hosts);
}

/// SPN-07, AC-02 and EPA-01.
pub fn holder_lockout_and_balancer() -> Story {
    let mut w = story(
        "holder-lockout-and-balancer",
        "One server, three tickets: a name left on a retired account, a locked user, and a balancer that ends TLS",
        "The store site runs as its pool's own identity since the spring, and its SPN stayed on the service account of before:
         the computer account cannot open the tickets. One store keeper is locked out besides, by a tablet of his. On the same
         server the payroll site requires the channel binding while a balancer ends TLS before it, so that each user of it is
         refused with C000035B from the balancer's address. Each fault has its own users; none explains another.",
    )
    .in_domain("kaunas.example", "KAUNAS");
    let (dc, web, pc) = (w.dc("KN-DC1"), w.server("KN-WEB3"), w.client("KN-0311"));
    let (rasa, jonas) = (w.user("rasa.petraite"), w.user("jonas.kazlas"));
    let tablet = w.client("KN-TAB7");
    let retired = w.service_account("svc_sandelis");
    let (stores, pay) = ("HTTP/sandelis.kaunas.example", "HTTP/algos.kaunas.example");
    w.register(stores, &retired);
    w.register(pay, &web.machine());
    let bound = Windows::enabled().extended_protection(ExtendedProtection::new("Require"));
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Sandelis"))
            .pool(Pool::new("Algos"))
            .site(
                Site::new("Sandelis")
                    .http(80, "sandelis.kaunas.example")
                    .pool("Sandelis"),
            )
            .site(
                Site::new("Algos")
                    .https("algos.kaunas.example")
                    .pool("Algos"),
            )
            .location("Sandelis", Auth::windows_only())
            .location("Algos", Auth::new().anonymous(false).windows(bound)),
    );
    w.setspn(
        "spn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {stores}"), &format!("-F -Q {pay}")],
    );
    let (from, to) = (w.at("07:30"), w.at("14:30"));
    let visit = Visit::new(&pc, &rasa, &web, stores);
    w.kerberos_modified(&visit, &retired, &web.machine(), 9, from, to);
    let locked = w.at("09:12:40");
    w.locked_out(&jonas, &tablet, locked);
    let visit = Visit::new(&tablet, &jonas, &web, stores);
    w.logons_refused(&visit, (0xc000_0234, 0), 5, locked, to);
    let balancer = Host {
        ip: "10.77.1.5".into(),
        ..tablet.clone()
    };
    for (client, user) in [
        ("KN-0402", "ona.vaitke"),
        ("KN-0418", "tomas.rimkus"),
        ("KN-0433", "ieva.zukaite"),
    ] {
        let (client, user) = (w.client(client), w.user(user));
        let visit = Visit::new(&client, &user, &web, pay);
        w.kerberos_logon_refused(
            &visit,
            (&web.machine(), &balancer),
            0xc000_035b,
            5,
            from,
            to,
        );
    }
    quiet(&mut w, &[&web, &dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-07",
                Status::Confirmed,
                &[("spn", stores), ("site", "Sandelis")],
            )
            .finding(
                "AC-02",
                Status::Confirmed,
                &[("account", r"KAUNAS\jonas.kazlas")],
            )
            .finding_at_least("EPA-01", Status::Likely, &[("site", "Algos")])
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "EPA-02", "EPA-03", "EPA-04", "AC-01",
                "AC-03", "MC-02",
            ]),
    )
}

/// MC-01 on one node, CFG-15 on another.
pub fn two_nodes_of_three() -> Story {
    let mut w = story(
        "two-nodes-of-three",
        "A farm of three: one node lost its secure channel, another runs its pool as another account",
        "All nodes open tickets with the pool's account, which holds the shared name. Node A works. Node B was reverted to a
         snapshot: its secure channel is broken, so that it refuses those who come by NTLM, and serves Kerberos as before. Node
         C was set up from the test farm and runs the pool as the account of the tests, which cannot open tickets for the name.
         The name stands on the right account: it must not be moved.",
    )
    .in_domain("tampere.example", "TAMPERE")
    .layout(Layout::FolderPerHost);
    let dc = w.dc("TM-DC1");
    let nodes = ["TM-WEB-A", "TM-WEB-B", "TM-WEB-C"].map(|name| w.server(name));
    let [one, two, three] = &nodes;
    let (pc, other, scanner) = (
        w.client("TM-1004"),
        w.client("TM-1017"),
        w.client("TM-SCAN2"),
    );
    let (aino, eero, scans) = (
        w.user("aino.virta"),
        w.user("eero.mattila"),
        w.user("skanneri2"),
    );
    let (pool, tests) = (
        w.service_account("svc_kauppa"),
        w.service_account("svc_kauppa_test"),
    );
    let spn = "HTTP/kauppa.tampere.example";
    w.register(spn, &pool);
    for (node, account) in [(one, &pool), (two, &pool), (three, &tests)] {
        let windows = Windows::enabled().use_app_pool_credentials(true);
        let config = ApplicationHost::new()
            .pool(Pool::new("Kauppa").specific_user(&account.down_level()))
            .site(
                Site::new("Kauppa")
                    .https("kauppa.tampere.example")
                    .pool("Kauppa"),
            )
            .location("Kauppa", Auth::new().anonymous(false).windows(windows));
        w.config(node, &config);
    }
    w.setspn(
        "setspn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[
            &format!("-F -Q {spn}"),
            "-L svc_kauppa",
            "-L svc_kauppa_test",
        ],
    );
    let channel = Transcript::new(Prompt::Cmd).run(
        "nltest /sc_verify:tampere.example",
        &texts::nltest_sc_verify(&w.domain, &dc, 5),
    );
    w.text("TM-WEB-B/nltest.txt", channel.text(), Encoding::Oem850);
    let (from, to) = (w.at("07:10"), w.at("14:20"));
    w.kerberos_works(&Visit::new(&pc, &aino, one, spn), &pool, 6, from, to);
    w.kerberos_works(&Visit::new(&pc, &aino, two, spn), &pool, 5, from, to);
    w.secure_channel_broken(two, 4, from, to);
    w.logons_refused(
        &Visit::new(&scanner, &scans, two, spn),
        (0xc000_018d, 0),
        5,
        from,
        to,
    );
    w.kerberos_modified(
        &Visit::new(&other, &eero, three, spn),
        &pool,
        &tests,
        9,
        from,
        to,
    );
    quiet(&mut w, &[one, two, three, &dc, &other]);
    w.finish(
        Expected::root_cause()
            .finding("MC-01", Status::Confirmed, &[("host", "TM-WEB-B")])
            .finding_at_least("CFG-15", Status::Likely, &[("site", "Kauppa")])
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-12", "SPN-21", "MC-02", "MC-03",
                "POOL-02", "AC-01", "SPN-07", "KM-05",
            ]),
    )
}

/// POOL-01 beside SPN-02.
pub fn stopped_pool_beside_doubled_name() -> Story {
    let mut w = story(
        "stopped-pool-beside-doubled-name",
        "One site answers 503 after the reboot, the other falls back to NTLM because its name is held twice",
        "Two calls of one morning. The till's pool does not start: the password that IIS has stored is wrong. The budget site
         runs, and its users come by NTLM, because the name is on its pool's account and on the one of before: the KDC warns
         with 11 and answers 0x7. Neither is the other's consequence.",
    )
    .in_domain("lublin.example", "LUBLIN");
    let (dc, web, pc) = (w.dc("LB-DC2"), w.server("LB-WEB1"), w.client("LB-0707"));
    let ewa = w.user("ewa.zając");
    let (till, budget, before) = (
        w.service_account("svc_kasa"),
        w.service_account("svc_budzet"),
        w.service_account("svc_budzet_2019"),
    );
    let spn = "HTTP/budzet.lublin.example";
    w.register("HTTP/kasa.lublin.example", &till);
    w.register(spn, &budget);
    w.register(spn, &before);
    let opens = || {
        Auth::new()
            .anonymous(false)
            .windows(Windows::enabled().use_app_pool_credentials(true))
    };
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Kasa").specific_user(&till.down_level()))
            .pool(Pool::new("Budżet").specific_user(&budget.down_level()))
            .site(
                Site::new("Kasa")
                    .http(80, "kasa.lublin.example")
                    .pool("Kasa"),
            )
            .site(
                Site::new("Budżet")
                    .http(80, "budzet.lublin.example")
                    .pool("Budżet"),
            )
            .location("Kasa", opens())
            .location("Budżet", opens()),
    );
    w.setspn(
        "LB-WEB1 setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}"), "-L svc_kasa"],
    );
    for clock in ["06:41:09", "06:44:50", "07:20:31"] {
        let at = w.at(clock);
        w.pool_cannot_log_on(&web, "Kasa", &till, at);
    }
    let (from, to) = (w.at("07:30"), w.at("13:00"));
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&Visit::new(&pc, &ewa, &web, spn), fallback, 9, from, to);
    w.duplicate_noticed(spn, 3, from, to);
    quiet(&mut w, &[&web, &dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-01",
                Status::Confirmed,
                &[("account", r"LUBLIN\svc_kasa")],
            )
            .finding("SPN-02", Status::Confirmed, &[("spn", spn)])
            .must_not(&[
                "SPN-01", "SPN-05", "SPN-07", "POOL-02", "POOL-03", "POOL-04", "AC-01", "CFG-03",
                "NAME-06",
            ]),
    )
}

/// AC-03 and AC-05 on a site that works.
pub fn three_people_three_reasons() -> Story {
    let mut w = story(
        "three-people-three-reasons",
        "Three people are refused by a site that works, each for a reason of his own",
        "\"The site is down for several of us.\" It is not: colleagues have Kerberos all day. One account was disabled that
         morning, one has a password that ran out, and the third person mistyped hers once and was in at the second try. The
         first two are to be found, each with its account; the third is nothing.",
    )
    .in_domain("gent.example", "GENT");
    let (dc, web, pc) = (w.dc("GN-DC1"), w.server("GN-WEB2"), w.client("GN-0100"));
    let lotte = w.user("lotte.maes");
    let pool = w.service_account("svc_verlof");
    let spn = "HTTP/verlof.gent.example";
    super::encryption::pool_site(&mut w, &web, &pool, "Verlof", spn);
    let (from, to) = (w.at("07:20"), w.at("15:20"));
    w.kerberos_works(&Visit::new(&pc, &lotte, &web, spn), &pool, 12, from, to);
    let (first, second, third) = (
        w.client("GN-0121"),
        w.client("GN-0134"),
        w.client("GN-0150"),
    );
    let (bram, joke, sofie) = (
        w.user("bram.claes"),
        w.user("joke.wouters"),
        w.user("sofie.nys"),
    );
    let admin = w.user("adm.hr");
    let at = w.at("08:02:11");
    w.event(events::account_disabled(at, &dc, &bram, &admin));
    w.logons_refused(
        &Visit::new(&first, &bram, &web, spn),
        (0xc000_0072, 0),
        5,
        at,
        to,
    );
    w.logons_refused(
        &Visit::new(&second, &joke, &web, spn),
        (0xc000_0071, 0),
        4,
        from,
        to,
    );
    let visit = Visit::new(&third, &sofie, &web, spn);
    let (slip, then, until) = (w.at("09:00"), w.at("09:01"), w.at("14:00"));
    w.wrong_password(&visit, 1, slip, then);
    w.kerberos_works(&visit, &pool, 5, then, until);
    quiet(&mut w, &[&web, &dc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-03",
                Status::Confirmed,
                &[("account", r"GENT\bram.claes")],
            )
            .finding(
                "AC-05",
                Status::Confirmed,
                &[("account", r"GENT\joke.wouters")],
            )
            .must_not(&[
                "AC-01", "AC-02", "AC-04", "AC-09", "SPN-01", "SPN-05", "POOL-02", "POOL-03",
                "MC-01",
            ]),
    )
}
