//! Stories about a member and its domain: its password, its account, the domain controllers that it reaches.

use jiff::SignedDuration;

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        computer_password_differs(),
        branch_without_controller(),
        ntlm_calls_time_out(),
        computer_account_swept_up(),
        one_controller_differs(),
        perimeter_server_in_workgroup(),
        catalogue_out_of_reach(),
    ]
}

/// A web server whose default site answers to its own name.
fn default_site(w: &mut World, web: &Host) {
    let config = ApplicationHost::new()
        .site(
            Site::new("Default Web Site")
                .http(80, "")
                .pool("DefaultAppPool"),
        )
        .location("Default Web Site", Auth::windows_only());
    w.config(web, &config);
}

/// `systeminfo` with the lines about memory that stand between time zone and domain.
pub(super) fn with_memory(system: &str) -> String {
    let memory = [
        ("Total Physical Memory:", "16,383 MB"),
        ("Available Physical Memory:", "9,902 MB"),
        ("Virtual Memory: Max Size:", "18,815 MB"),
        ("Virtual Memory: Available:", "11,640 MB"),
        ("Virtual Memory: In Use:", "7,175 MB"),
        ("Page File Location(s):", r"C:\pagefile.sys"),
    ];
    let rows: String = memory
        .iter()
        .map(|(label, value)| format!("{label:<27}{value}\n"))
        .collect();
    system.replacen("\nDomain:", &format!("\n{rows}Domain:"), 1)
}

/// MC-02: two machines were started from one image.
fn computer_password_differs() -> Story {
    let mut w = story(
        "lab-copy-took-the-computer-password",
        "A copy of the server changed the computer password: its own tickets cannot be opened",
        "For a test somebody started a copy of the production server in the same network. The copy changed the password of
         the computer account, the original kept its own. The KDC seals tickets for the server's name with the new one:
         clients note KRB_AP_ERR_MODIFIED although the computer account holds the name and opens the tickets; NTLM users
         are refused as well, and NETLOGON says access denied.",
    )
    .in_domain("lamna.example", "LAMNA");
    let (dc, web, pc) = (w.dc("LH-DC01"), w.server("LH-ERP2"), w.client("LH-D-118"));
    let (rosa, jan) = (w.user("rosa.beck"), w.user("jan.maes"));
    default_site(&mut w, &web);
    let spn = format!("HTTP/{}", web.dns_name());
    let channel = texts::nltest_sc_verify(&w.domain, &dc, 5);
    let checks = Transcript::new(Prompt::Heading)
        .run("nltest /sc_verify:lamna.example", &channel)
        .run("setspn -L LH-ERP2", &w.setspn_output("-L LH-ERP2"));
    let path = w.path(&web, "checks.txt");
    w.text(&path, checks.text(), Encoding::Utf16);
    let (from, to) = (w.at("10:05"), w.at("13:50"));
    w.secure_channel_broken(&web, 4, from, to);
    let visit = Visit::new(&pc, &rosa, &web, &spn);
    w.kerberos_modified(&visit, &web.machine(), &web.machine(), 9, from, to);
    let by_ntlm = Visit::new(&pc, &jan, &web, &spn);
    w.logons_refused(&by_ntlm, (0xc000_018d, 0), 5, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 50);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding(
                "MC-02",
                Status::Confirmed,
                &[("host", "LH-ERP2"), ("spn", &spn)],
            )
            .must_not(&[
                "MC-01", "MC-03", "MC-06", "SPN-06", "NAME-05", "POOL-02", "ET-04", "AC-01",
            ]),
    )
}

/// MC-03: the firewall between a branch and its controllers was changed.
fn branch_without_controller() -> Story {
    let mut w = story(
        "branch-server-behind-new-firewall",
        "The branch's server reaches no domain controller: NTLM users are refused",
        "A new firewall rule cut the branch's server off from its domain controllers at noon. Users with a ticket in the cache
         go on working, because the server opens it alone. Whoever comes by NTLM is refused with C000005E, NETLOGON 5719
         says that there are no logon servers, and nltest answers 1311.",
    )
    .in_domain("relecloud.example", "RELECLOUD");
    let (dc, web) = (w.dc("RLC-DC3"), w.server("RLC-BR07"));
    let (pc, tablet) = (w.client("RLC-W-071"), w.client("RLC-T-9"));
    let (eva, amir, lin) = (w.user("eva.horn"), w.user("amir.said"), w.user("lin.wei"));
    default_site(&mut w, &web);
    let spn = format!("HTTP/{}", web.dns_name());
    w.setspn(
        "spn.txt",
        Prompt::PowerShell,
        Encoding::Utf8Bom,
        &["-L RLC-BR07"],
    );
    let channel = texts::nltest_sc_verify(&w.domain, &dc, 1311);
    let checks = Transcript::new(Prompt::Remote("RLC-BR07".into()))
        .run("nltest /sc_verify:relecloud.example", &channel);
    w.text("channel of the branch.txt", checks.text(), Encoding::Utf8);
    let (noon, to) = (w.at("12:00"), w.at("15:30"));
    let by_ticket = Visit::new(&pc, &eva, &web, &spn);
    let morning = w.at("08:10");
    w.kerberos_works(&by_ticket, &web.machine(), 14, morning, to);
    let netbios = w.domain.netbios.clone();
    for time in w.dice.times(5, noon, to) {
        w.event(events::netlogon_event(
            time,
            &web,
            5719,
            &[&netbios, "%%1311"],
            0xc000_005e,
        ));
    }
    for user in [&amir, &lin] {
        let visit = Visit::new(&tablet, user, &web, &spn);
        w.logons_refused(&visit, (0xc000_005e, 0), 6, noon, to);
    }
    for time in w.dice.times(2, noon, to) {
        w.event(events::pac_verification_failed(time, &web, &eva));
    }
    w.noise(&web, 60);
    w.noise(&dc, 40);
    w.finish(
        Expected::root_cause()
            .finding("MC-03", Status::Confirmed, &[("host", "RLC-BR07")])
            .must_not(&[
                "MC-01", "MC-02", "MC-04", "MC-06", "TR-06", "CL-08", "AC-01", "SPN-01",
            ]),
    )
}

/// MC-04: everybody comes by NTLM since the portal moved.
fn ntlm_calls_time_out() -> Story {
    let mut w = story(
        "monday-morning-ntlm-queue",
        "A whole company by NTLM: logons time out in the queue to the domain controller",
        "The portal has had no SPN since it moved, so that all users come by NTLM. At eight on Monday they come together: the
         places of the secure channel are taken, logons time out before they are sent (NETLOGON 5816, 5817), and some users
         get C000005E while others are let in within the same minute.",
    )
    .in_domain("adatum.example", "ADATUM");
    let (dc, web) = (w.dc("AD-DC4"), w.server("AD-PORTAL2"));
    let (pc, other) = (w.client("AD-4410"), w.client("AD-4411"));
    let (kim, ola) = (w.user("kim.dahl"), w.user("ola.nord"));
    let spn = "HTTP/portal.adatum.example";
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Portal"))
            .site(
                Site::new("Portal")
                    .https("portal.adatum.example")
                    .pool("Portal"),
            )
            .location("Portal", Auth::windows_only()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[
            &format!("-F -Q {spn}"),
            "-F -Q HOST/portal.adatum.example",
            "-L AD-PORTAL2",
        ],
    );
    let (from, to) = (w.at("08:00"), w.at("08:20"));
    let fallback = Fallback {
        error: Some(7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&Visit::new(&pc, &kim, &web, spn), fallback, 40, from, to);
    w.logons_refused(
        &Visit::new(&other, &ola, &web, spn),
        (0xc000_005e, 0),
        8,
        from,
        to,
    );
    let (controller, domain) = (dc.dns_name(), w.domain.dns.clone());
    let first = [ola.name.as_str(), "ADATUM", &controller, &domain, "30"];
    w.event(events::netlogon_event(from, &web, 5816, &first, 0));
    for (minutes, more) in [(5, "37"), (10, "112"), (15, "64")] {
        let time = from + SignedDuration::from_mins(minutes);
        w.event(events::netlogon_event(
            time,
            &web,
            5817,
            &[more, "5", &controller, &domain],
            0,
        ));
    }
    w.noise(&web, 60);
    w.noise(&dc, 40);
    w.noise(&pc, 20);
    w.finish(
        Expected::root_cause()
            .finding("MC-04", Status::Confirmed, &[("host", "AD-PORTAL2")])
            .finding("SPN-01", Status::Confirmed, &[("spn", spn)])
            .must_not(&["MC-01", "MC-03", "MC-06", "MC-07", "AC-01"]),
    )
}

/// MC-06: a clean-up script disabled the computer account.
fn computer_account_swept_up() -> Story {
    let mut w = story(
        "computer-account-swept-up",
        "A clean-up of stale computers disabled the web server's account",
        "The server had not changed its password for long, because of a policy for servers. A script took it for stale and
         disabled its account at ten. From then on the KDC refuses the server's own name, NETLOGON knows no trust account
         for it, and NTLM users get C000018B.",
    )
    .in_domain("nordmark.example", "NORDMARK");
    let (dc, web, pc) = (w.dc("NM-DC2"), w.server("NM-HR1"), w.client("NM-0931"));
    let (ulf, job) = (w.user("ulf.lind"), w.service_account("svc_adcleanup"));
    default_site(&mut w, &web);
    let spn = format!("HTTP/{}", web.dns_name());
    w.setspn(
        "setspn -L.txt",
        Prompt::None,
        Encoding::Utf16,
        &["-L NM-HR1"],
    );
    let before = w.at("07:50");
    let ten = w.at("10:00");
    let to = w.at("14:10");
    let visit = Visit::new(&pc, &ulf, &web, &spn);
    w.kerberos_works(&visit, &web.machine(), 6, before, ten);
    w.event(events::account_disabled(ten, &dc, &web.machine(), &job));
    let after = ten + SignedDuration::from_mins(12);
    for time in w.dice.times(7, after, to) {
        w.event(events::kerberos_error(time, &pc, &ulf, 0x7, "", &spn));
    }
    let machine = web.machine().name;
    for time in w.dice.times(3, after, to) {
        w.event(events::netlogon_event(
            time,
            &web,
            3210,
            &["NORDMARK", "\\\\NM-DC2"],
            0xc000_018b,
        ));
        w.event(events::netlogon_event(
            time,
            &dc,
            5723,
            &["NM-HR1", &machine],
            0xc000_018b,
        ));
    }
    w.logons_refused(&visit, (0xc000_018b, 0), 6, after, to);
    w.noise(&web, 50);
    w.noise(&dc, 60);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding(
                "MC-06",
                Status::Confirmed,
                &[("host", "NM-HR1"), ("account", "NM-HR1$")],
            )
            .must_not(&[
                "MC-01", "MC-02", "MC-03", "SPN-01", "SPN-08", "SPN-14", "AC-03",
            ]),
    )
}

/// MC-07: one of two domain controllers has not replicated for weeks.
fn one_controller_differs() -> Story {
    let mut w = story(
        "old-controller-answers-otherwise",
        "One domain controller knows nothing of a name that the other one issues tickets for",
        "Clients of one floor find the old domain controller, which has not replicated for weeks and refuses the name; those of
         the other floor find the new one and get tickets, all day long. Nobody changed the name lately.",
    )
    .in_domain("tailwind.example", "TAILWIND");
    let (new, old, web) = (w.dc("TW-DC21"), w.dc("TW-DC07"), w.server("TW-WEB5"));
    let (up, down) = (w.client("TW-U-14"), w.client("TW-D-02"));
    let (ines, paul, pool) = (
        w.user("ines.cruz"),
        w.user("paul.roth"),
        w.service_account("svc_shop"),
    );
    let spn = "HTTP/shop.tailwind.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Shop").specific_user(&pool.down_level()))
            .site(
                Site::new("Shop")
                    .https("shop.tailwind.example")
                    .pool("Shop"),
            )
            .location(
                "Shop",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    let (from, to) = (w.at("08:00"), w.at("16:30"));
    w.kerberos_works(&Visit::new(&up, &ines, &web, spn), &pool, 9, from, to);
    for time in w.dice.times(8, from, to) {
        w.event(events::service_ticket(time, &new, &ines, &up, &pool, 0x12));
    }
    for time in w.dice.times(9, from, to) {
        w.event(events::service_ticket_failed(
            time, &old, &paul, &down, spn, 0x7,
        ));
        w.event(events::logon_ntlm(
            time + SignedDuration::from_millis(90),
            &web,
            &paul,
            &down,
        ));
    }
    let replication = "showrepl_COLUMNS,Destination DSA Site,Destination DSA,Naming Context,Source DSA Site,Source DSA,Transport Type,Number of Failures,Last Failure Time,Last Success Time,Last Failure Status\nshowrepl_INFO,Main,TW-DC21,\"DC=tailwind,DC=example\",Main,TW-DC07,RPC,0,0,2026-01-05 09:12:44,0\nshowrepl_INFO,Main,TW-DC07,\"DC=tailwind,DC=example\",Main,TW-DC21,RPC,412,2026-01-05 09:02:10,2025-12-11 22:00:00,8606\n";
    w.text("showrepl.csv", replication, Encoding::Windows1252);
    for host in [&new, &old, &web] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::root_cause()
            .finding(
                "MC-07",
                Status::Likely,
                &[("host", "TW-DC07"), ("spn", spn)],
            )
            .must_not(&["SPN-01", "SPN-02", "SPN-17", "SPN-05", "POOL-02"]),
    )
}

/// MC-08: a server in the perimeter network.
fn perimeter_server_in_workgroup() -> Story {
    let mut w = story(
        "perimeter-server-asks-for-domain-users",
        "A server outside the domain is to sign domain users in",
        "The portal was built on a server in the perimeter network that is a member of nothing. Windows authentication is on,
         users type their domain passwords, and the server looks for them among its own accounts: C0000064.",
    );
    let outside = Domain::new("WORKGROUP", "EDGE-PORTAL");
    let dc = w.dc("CO-DC1");
    let web = w.host_in(&outside, "EDGE-PORTAL", Role::Server);
    let pc = w.client("CO-L-77");
    let (nia, local) = (
        w.user("nia.west"),
        Account::new(&outside, "portaladmin", "CN=Users"),
    );
    w.config(
        &web,
        &ApplicationHost::new()
            .site(
                Site::new("Portal")
                    .https("portal.public.example")
                    .pool("DefaultAppPool"),
            )
            .location("Portal", Auth::windows_only()),
    );
    let mut system = texts::machine::systeminfo(&web, "(UTC+01:00)");
    system = with_memory(&system.replace("Member Server", "Standalone Server"));
    let path = w.path(&web, "systeminfo.txt");
    w.text(&path, &system, Encoding::Oem850);
    let (from, to) = (w.at("09:00"), w.at("11:30"));
    let visit = Visit::new(&pc, &nia, &web, "HTTP/portal.public.example");
    w.logons_refused(&visit, (0xc000_006d, 0xc000_0064), 9, from, to);
    for time in w.dice.times(2, from, to) {
        w.event(events::logon_ntlm(time, &web, &local, &pc));
    }
    w.omit_logs_of(&dc);
    w.omit_logs_of(&pc);
    w.noise(&web, 50);
    w.finish(
        Expected::root_cause()
            .finding("MC-08", Status::Confirmed, &[("host", "EDGE-PORTAL")])
            .must_not(&["MC-01", "MC-03", "SPN-01", "KM-06", "AC-01"]),
    )
}

/// MC-09: a child domain without a global catalogue.
fn catalogue_out_of_reach() -> Story {
    let mut w = story(
        "name-of-the-other-domain-comes-and-goes",
        "Users of the child domain get a ticket at some times and none at others",
        "The site belongs to the parent domain. The controllers of the child domain have to ask a global catalogue for it, and
         the only one near them is overloaded: at times they answer 0x7. Nothing that was collected shows the catalogue.",
    )
    .in_domain("contosa.example", "CONTOSA");
    let child = Domain::new("lab.contosa.example", "LAB");
    let (dc, web) = (w.dc("CT-DC1"), w.server("CT-WEB2"));
    let lab_dc = w.host_in(&child, "LAB-DC1", Role::DomainController);
    let pc = w.host_in(&child, "LAB-C-3", Role::Client);
    let (rui, pool) = (
        w.account_in(&child, "rui.alves", "OU=Staff"),
        w.service_account("svc_assay"),
    );
    let spn = "HTTP/assay.contosa.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Assay").specific_user(&pool.down_level()))
            .site(
                Site::new("Assay")
                    .http(80, "assay.contosa.example")
                    .pool("Assay"),
            )
            .location(
                "Assay",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    let (from, to) = (w.at("09:00"), w.at("15:00"));
    for time in w.dice.times(6, from, to) {
        w.event(events::service_ticket_failed(
            time, &lab_dc, &rui, &pc, spn, 0x7,
        ));
        w.event(events::logon_ntlm(
            time + SignedDuration::from_millis(80),
            &web,
            &rui,
            &pc,
        ));
    }
    let issued = w.at("15:20");
    w.klist(
        "klist of rui.txt",
        Encoding::Utf8,
        Language::English,
        &rui,
        &[spn],
        issued,
    );
    for host in [&dc, &lab_dc, &web] {
        w.noise(host, 40);
    }
    w.finish(
        Expected::inconclusive()
            .finding("MC-09", Status::Possible, &[("spn", spn)])
            .must_not(&["SPN-01", "SPN-02", "SPN-17", "TR-01"]),
    )
}
