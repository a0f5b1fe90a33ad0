//! Stories that test restraint: noise around what works, damaged files, sources that contradict each other.

use super::encryption::small;
use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        noisy_and_healthy(),
        damaged_bundle_still_decides(),
        configuration_cut_before_the_site(),
        setspn_dumps_contradict(),
        tickets_decide_between_dumps(),
    ]
}

/// Everything that looks like trouble and is none.
pub fn noisy_and_healthy() -> Story {
    let mut w = story(
        "noisy-and-healthy",
        "A noisy estate in which the web site works",
        "Users log on with Kerberos. Around it stands all that frightens people: 8001 events that NTLM was considered, a
         storm of 0x18 for a scanner's account, KDC 11 for a database name, KDC 7 without names, LsaSrv 6038, and 0x19 and
         0x34 on the clients, even for the site's own name. None of it concerns the site: nothing may be reported.",
    )
    .in_domain("shirakawa.example", "SHIRAKAWA");
    let (dc, web, pc) = (w.dc("SW-DC1"), w.server("SW-WEB1"), w.client("SW-PC-20"));
    let scanner_host = w.client("SW-MFP-3");
    let (ito, scanner) = (w.user("n.ito"), w.user("scanner01"));
    let pool = w.service_account("svc_shinsei");
    let spn = "HTTP/shinsei.shirakawa.example";
    w.register(spn, &pool);
    for database in ["svc_sql", "svc_sql_old"] {
        let account = w.service_account(database);
        w.register("MSSQLSvc/sql2.shirakawa.example:1433", &account);
    }
    let windows = Windows::enabled().use_app_pool_credentials(true);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("申請").specific_user(&pool.down_level()))
            .site(
                Site::new("申請 システム")
                    .http(80, "shinsei.shirakawa.example")
                    .pool("申請"),
            )
            .location(
                "申請 システム",
                Auth::new().anonymous(false).windows(windows),
            ),
    );
    let held = w.spns_of(&pool);
    let answer = setspn::query(Language::Japanese, &w.domain, &[(&pool, held)]);
    let asked = Transcript::new(Prompt::PowerShell).run(&format!("setspn -Q {spn}"), &answer);
    w.text("setspn.txt", asked.text(), Encoding::Utf16);
    let (from, to) = (w.at("00:10"), w.at("09:00"));
    w.kerberos_works(&Visit::new(&pc, &ito, &web, spn), &pool, 24, from, to);
    w.duplicate_noticed("MSSQLSvc/sql2.shirakawa.example:1433", 5, from, to);
    let realm = w.domain.realm();
    for (time, number) in w.dice.clone().times(36, from, to).into_iter().zip(0..) {
        w.event(events::preauth_failed(
            time,
            &dc,
            &scanner,
            &scanner_host,
            0x18,
        ));
        match number % 4 {
            0 => w.event(events::ntlm_8001(time, &pc, &ito, spn, "msedge.exe")),
            1 => w.event(events::kerberos_error(time, &pc, &ito, 0x34, "", spn)),
            2 => w.event(events::kerberos_error(
                time,
                &pc,
                &ito,
                0x19,
                "",
                &format!("krbtgt/{realm}"),
            )),
            _ => w.event(events::kdc_lookup_failed(time, &dc, "", "0x108")),
        }
    }
    w.event(events::lsa_ntlm_in_use(w.at("00:02"), &web));
    w.noise(&web, 130);
    w.noise(&dc, 60);
    w.finish(Expected::healthy().must_not(&[
        "SPN-01", "SPN-02", "SPN-05", "SPN-06", "CFG-03", "NT-01", "NT-02", "AC-01", "AC-02",
        "SZ-04", "LOOP-01",
    ]))
}

/// A log that ends in the middle, and a configuration that does, behind what decides.
pub fn damaged_bundle_still_decides() -> Story {
    let w = story(
        "damaged-bundle-still-decides",
        "The server's Security log is truncated and its configuration ends in the list of modules",
        "The upload broke off: the server's Security log lacks its second half, and applicationHost.config ends after the
         site's location tag. What can be read decides: kernel mode opens tickets with the machine account, the pool's
         account is the only holder of the name, and clients noted KRB_AP_ERR_MODIFIED. Both damaged files must be named,
         and the missing list of modules proves nothing.",
    );
    let spn = "HTTP/ledger.umbra.example";
    cut_ledger(
        w,
        "WindowsAuthenticationModule\" lockItem",
        Expected::root_cause()
            .finding(
                "SPN-05",
                Status::Confirmed,
                &[("spn", spn), ("account", r"UMBRA\svc_ledger")],
            )
            .must_not(&[
                "SPN-01", "SPN-06", "SPN-07", "CFG-01", "CFG-02", "CFG-13", "POOL-02",
            ]),
    )
}

/// The same, with the site's own settings in the part that is missing.
pub fn configuration_cut_before_the_site() -> Story {
    let w = story(
        "configuration-cut-before-the-site",
        "The configuration ends before the site's location tag: whose key opens tickets is not known",
        "Of applicationHost.config only the server's defaults arrived: anonymous on, Windows authentication off. What counts
         for the site stood in the missing part. Clients note KRB_AP_ERR_MODIFIED and the pool's account holds the name,
         but whether the machine account or the pool's opens tickets is not shown: the file must be asked for, and neither
         the defaults nor a cause may be presented as the truth.",
    );
    cut_ledger(
        w,
        "<location path=\"Ledger\">",
        Expected::inconclusive()
            .not_assessed(&["SPN-05"])
            .must_not(&[
                "SPN-05", "SPN-06", "CFG-01", "CFG-02", "CFG-07", "CFG-08", "POOL-02",
            ]),
    )
}

/// A site whose SPN is on the pool's account in kernel mode; two files of the server are cut, the configuration there.
fn cut_ledger(w: World, cut_at: &str, expected: Expected) -> Story {
    let mut w = w
        .in_domain("umbra.example", "UMBRA")
        .layout(Layout::FolderPerHost);
    let (dc, web, pc) = (w.dc("UM-DC1"), w.server("UM-WEB4"), w.client("UM-7120"));
    let (vera, pool) = (w.user("vera.conti"), w.service_account("svc_ledger"));
    let spn = "HTTP/ledger.umbra.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Ledger").specific_user(&pool.down_level()))
            .site(
                Site::new("Ledger")
                    .http(80, "ledger.umbra.example")
                    .pool("Ledger"),
            )
            .location("Ledger", Auth::windows_only()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-Q {spn}"), "-L svc_ledger"],
    );
    let (from, to) = (w.at("08:00"), w.at("12:00"));
    w.kerberos_modified(
        &Visit::new(&pc, &vera, &web, spn),
        &pool,
        &web.machine(),
        15,
        from,
        to,
    );
    w.noise(&web, 250);
    w.noise(&dc, 60);
    w.noise(&pc, 30);
    w.log_form(&web, "Security", LogForm::Evtx);
    let (log, config) = ("UM-WEB4/Security.evtx", "UM-WEB4/applicationHost.config");
    let mut story = w.finish(expected.problem(log).problem(config));
    for (path, bytes) in &mut story.files {
        if path == log {
            bytes.truncate(bytes.len() * 3 / 5);
        } else if path == config {
            let at = String::from_utf8_lossy(bytes).rfind(cut_at);
            bytes.truncate(at.expect("the place to cut at"));
        }
    }
    story
}

/// Two dumps of the directory that cannot both be true.
pub fn setspn_dumps_contradict() -> Story {
    let mut w = story(
        "setspn-dumps-contradict",
        "Two setspn dumps say the opposite, and nothing tells which is newer",
        "One dump of the forest finds no holder of the name, the other finds the machine account. Neither has a time. On the
         server users log on with NTLM, and no log tells what a KDC answered. The SPN may be missing or may have been
         registered since: the report must show the contradiction and must not decide.",
    )
    .in_domain("penrose.example", "PENROSE");
    let (dc, web, pc) = (w.dc("PR-DC1"), w.server("PR-WEB1"), w.client("PR-3001"));
    let ada = w.user("ada.quinn");
    let spn = "HTTP/atlas.penrose.example";
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Atlas"))
            .site(
                Site::new("Atlas")
                    .https("atlas.penrose.example")
                    .pool("Atlas"),
            )
            .location("Atlas", Auth::windows_only()),
    );
    w.setspn(
        "from customer/setspn.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-F -Q {spn}")],
    );
    w.register(spn, &web.machine());
    w.setspn(
        "from colleague/setspn (2).txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-F -Q {spn}")],
    );
    let visit = Visit::new(&pc, &ada, &web, spn);
    w.ntlm_instead(
        &visit,
        Fallback::default(),
        22,
        w.at("08:00"),
        w.at("15:00"),
    );
    w.noise(&web, 150);
    w.omit_logs_of(&dc);
    w.omit_logs_of(&pc);
    w.finish(
        Expected::inconclusive()
            .contradiction()
            .not_assessed(&["SPN-01"])
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "CFG-03"]),
    )
}

/// SPN-05 by the tickets of the KDC, where two dumps contradict each other.
pub fn tickets_decide_between_dumps() -> Story {
    let mut w = story(
        "tickets-decide-between-dumps",
        "Two dumps name two holders; the tickets of the domain controller tell which one counted while users failed",
        "One dump finds the name on the pool's account, the other on the computer account, both of the whole forest, neither
         with a date. The domain controller's log has a ticket for the pool's account in the very second of each failure that
         the client notes, and the computer account is the one that could not open them. So the failures are explained; whether
         the name has been moved since, one dump before the other, is not shown, and the report must say that they contradict
         each other. It is no duplicate: the KDC would have answered 0x7.",
    )
    .in_domain("plovdiv.example", "PLOVDIV");
    let (dc, web, pc) = (w.dc("PL-DC1"), w.server("PL-WEB6"), w.client("PL-5005"));
    let (mila, pool) = (w.user("mila.petrova"), w.service_account("svc_fakturi"));
    let spn = "HTTP/fakturi.plovdiv.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Fakturi").specific_user(&pool.down_level()))
            .site(
                Site::new("Fakturi")
                    .http(80, "fakturi.plovdiv.example")
                    .pool("Fakturi"),
            )
            .location("Fakturi", Auth::windows_only()),
    );
    w.setspn(
        "mail 1/spn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}")],
    );
    let (from, to) = (w.at("07:40"), w.at("15:40"));
    w.kerberos_modified(
        &Visit::new(&pc, &mila, &web, spn),
        &pool,
        &web.machine(),
        11,
        from,
        to,
    );
    w.unregister(spn, &pool);
    w.register(spn, &web.machine());
    w.setspn(
        "mail 2/spn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-F -Q {spn}")],
    );
    for host in [&web, &dc, &pc] {
        w.noise(host, 16);
    }
    small(&mut w, &[&web, &dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding_at_least(
                "SPN-05",
                Status::Likely,
                &[("spn", spn), ("site", "Fakturi")],
            )
            .contradiction()
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-06", "SPN-07", "SPN-12", "KM-03", "POOL-02", "MC-02",
                "CL-10",
            ]),
    )
}
