//! Stories in which the order of things decides, or cannot be told: clocks, repairs, days that do not meet.

use jiff::SignedDuration;

use super::encryption::small;
use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        repair_seen_by_a_fast_clock(),
        repaired_and_broken_anew(),
        days_that_do_not_meet(),
    ]
}

/// SPN-07, repaired; the clock of one client makes it look as if it went on.
pub fn repair_seen_by_a_fast_clock() -> Story {
    let mut w = story(
        "repair-seen-by-a-fast-clock",
        "The name was moved to the right account at ten; one client notes failures until four past, by a clock that is fast",
        "Until 10:00:00 the name was on a retired account, and the computer account could not open the tickets. Then it was
         moved (5136), and Kerberos has worked since. The client's clock is four minutes fast, which Kerberos tolerates: its last
         failures stand after the repair in its own log, and the tickets of the domain controller that belong to them before
         it. What was wrong is past. Neither a client that goes on with an old ticket nor a clock may be blamed.",
    )
    .in_domain("riga.example", "RIGA");
    let (dc, web, pc) = (w.dc("RG-DC1"), w.server("RG-WEB4"), w.client("RG-2207"));
    let (inese, admin) = (w.user("inese.ozola"), w.user("adm.janis"));
    let retired = w.service_account("svc_skola");
    let spn = "HTTP/skola.riga.example";
    w.register(spn, &retired);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Skola"))
            .site(
                Site::new("Skola")
                    .http(80, "skola.riga.example")
                    .pool("Skola"),
            )
            .location("Skola", Auth::windows_only()),
    );
    let fast = SignedDuration::from_mins(4);
    let realm = w.domain.realm();
    let mut times = w.dice.times(9, w.at("08:00"), w.at("09:40"));
    times.extend(["09:57:20", "09:58:41", "09:59:30"].map(|clock| w.at(clock)));
    for time in times {
        w.event(events::service_ticket(
            time, &dc, &inese, &pc, &retired, 0x12,
        ));
        w.event(events::key_mismatch(
            time + fast,
            &pc,
            "rg-web4$",
            spn,
            &realm,
            &realm,
        ));
    }
    let moved = w.at("10:00:00");
    w.remove_spn(moved, spn, &retired, &admin);
    w.add_spn(
        moved + SignedDuration::from_secs(2),
        spn,
        &web.machine(),
        &admin,
    );
    let (from, to) = (w.at("10:08"), w.at("16:00"));
    w.kerberos_works(
        &Visit::new(&pc, &inese, &web, spn),
        &web.machine(),
        10,
        from,
        to,
    );
    w.setspn(
        "after.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-F -Q {spn}"), "-L svc_skola"],
    );
    for host in [&web, &dc, &pc] {
        w.noise(host, 16);
    }
    small(&mut w, &[&web, &dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding_at_least("SPN-07", Status::Likely, &[("spn", spn)])
            .current(false)
            .must_not(&[
                "CL-10", "MC-05", "MC-02", "KM-03", "SPN-01", "SPN-02", "SPN-05", "SPN-17", "ET-04",
            ]),
    )
}

/// SPN-01, repaired, then SPN-05.
pub fn repaired_and_broken_anew() -> Story {
    let mut w = story(
        "repaired-and-broken-anew",
        "The missing name was registered at ten; at one a deployment took the pool's credentials away again",
        "In the morning nobody held the name, and users came by NTLM. At 10:15 it was registered on the pool's account, which
         opened the tickets, and Kerberos worked. At 13:00 a deployment set useAppPoolCredentials to false: since then the
         computer account is to open tickets of the pool's account. The first fault is past, the second is what users have now;
         the repair of the first was right and must not be undone.",
    )
    .in_domain("porvoo.example", "PORVOO");
    let (dc, web, pc) = (w.dc("PV-DC1"), w.server("PV-WEB1"), w.client("PV-0044"));
    let (olli, admin, pool) = (
        w.user("olli.saari"),
        w.user("adm.tiina"),
        w.service_account("svc_tilaus"),
    );
    let spn = "HTTP/tilaus.porvoo.example";
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Tilaus").specific_user(&pool.down_level()))
            .site(
                Site::new("Tilaus")
                    .https("tilaus.porvoo.example")
                    .pool("Tilaus"),
            )
            .location(
                "Tilaus",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(false)),
            ),
    );
    let visit = Visit::new(&pc, &olli, &web, spn);
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    let (from, to) = (w.at("07:00"), w.at("10:05"));
    w.ntlm_instead(&visit, fallback, 9, from, to);
    let registered = w.at("10:15:12");
    w.add_spn(registered, spn, &pool, &admin);
    let (from, to) = (w.at("10:40"), w.at("12:55"));
    w.kerberos_works(&visit, &pool, 8, from, to);
    let deployed = w.at("13:00:07");
    w.change_config(
        deployed,
        &web,
        "Tilaus",
        "/system.webServer/security/authentication/windowsAuthentication/@useAppPoolCredentials",
        ("true", "false"),
    );
    let (from, to) = (w.at("13:05"), w.at("16:40"));
    w.kerberos_modified(&visit, &pool, &web.machine(), 9, from, to);
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}"), "-L svc_tilaus"],
    );
    for host in [&web, &dc, &pc] {
        w.noise(host, 16);
    }
    small(&mut w, &[&web, &dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-05",
                Status::Confirmed,
                &[("spn", spn), ("site", "Tilaus")],
            )
            .current(true)
            .finding_at_least("SPN-01", Status::Likely, &[("spn", spn)])
            .current(false)
            .must_not(&[
                "SPN-02", "SPN-06", "SPN-07", "KM-03", "POOL-02", "CL-10", "CL-11", "NAME-06",
                "CFG-16",
            ]),
    )
}

/// The logs of the server end two days before the failures of the client.
pub fn days_that_do_not_meet() -> Story {
    let mut w = story(
        "days-that-do-not-meet",
        "The server's and the domain controller's logs are of Tuesday, the client's failures of Thursday",
        "On Tuesday Kerberos works: the computer account holds the name and opens the tickets. On Thursday a client notes
         KRB_AP_ERR_MODIFIED for the same name and the same account. Nothing of the server or the domain controller covers
         Thursday; configuration and setspn output have no date and are in order. Tuesday's logons do not show that Thursday
         was healthy, and what changed in between is not in the bundle: the logs of Thursday must be asked for.",
    )
    .in_domain("brno.example", "BRNO")
    .on("2026-03-10");
    let (dc, web, pc) = (w.dc("BR-DC1"), w.server("BR-WEB2"), w.client("BR-3003"));
    let (hana, other) = (w.user("hana.vesela"), w.client("BR-3100"));
    let spn = "HTTP/sklad.brno.example";
    w.register(spn, &web.machine());
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Sklad"))
            .site(
                Site::new("Sklad")
                    .http(80, "sklad.brno.example")
                    .pool("Sklad"),
            )
            .location("Sklad", Auth::windows_only()),
    );
    w.setspn(
        "spn.txt",
        Prompt::None,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    let (from, to) = (w.at("07:00"), w.at("15:00"));
    w.kerberos_works(
        &Visit::new(&other, &hana, &web, spn),
        &web.machine(),
        10,
        from,
        to,
    );
    let later = SignedDuration::from_hours(48);
    let realm = w.domain.realm();
    for time in w.dice.times(8, from, to) {
        w.event(events::key_mismatch(
            time + later,
            &pc,
            "br-web2$",
            spn,
            &realm,
            &realm,
        ));
    }
    let seed = w.dice.next();
    w.events(events::noise(seed, &pc, from + later, to + later, 20));
    w.noise(&web, 16);
    w.noise(&dc, 16);
    small(&mut w, &[&web, &dc, &pc]);
    w.finish(Expected::inconclusive().must_not(&[
        "SPN-01", "SPN-02", "SPN-04", "SPN-05", "SPN-06", "SPN-07", "SPN-12", "KM-03", "POOL-02",
        "MC-02", "ET-04", "CL-10", "NAME-05", "ET-15",
    ]))
}
