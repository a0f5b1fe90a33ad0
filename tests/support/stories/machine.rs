//! Stories about machines: the secure channel and the clock.

use jiff::SignedDuration;

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        secure_channel_broken_after_snapshot(),
        server_clock_behind(),
    ]
}

/// MC-01: the server was rolled back to a snapshot.
pub fn secure_channel_broken_after_snapshot() -> Story {
    let mut w = story(
        "secure-channel-broken-after-snapshot",
        "The server's secure channel is broken after a snapshot was restored: NTLM users are refused",
        "The virtual machine was reverted to an old snapshot, so its own password no longer matches the directory: NETLOGON
         3210 and 5719 on the server, 5722 and 5805 on the domain controller, and nltest says access denied. NTLM logons
         fail with C000018D. Kerberos users are fine, because the pool's own account opens their tickets.",
    )
    .in_domain("ontario.example", "ONTARIO");
    let (dc, web) = (w.dc("ON-DC1"), w.server("ON-WEB6"));
    let (pc, mac) = (w.client("ON-2201"), w.client("ON-MAC-12"));
    let (alice, noah, pool) = (
        w.user("alice.tremblay"),
        w.user("noah.roy"),
        w.service_account("svc_lims"),
    );
    let spn = "HTTP/lims.ontario.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("LIMS").specific_user(&pool.down_level()))
            .site(Site::new("LIMS").https("lims.ontario.example").pool("LIMS"))
            .location(
                "LIMS",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    let channel = texts::nltest_sc_verify(&w.domain, &dc, 5);
    let transcript = Transcript::new(Prompt::Cmd)
        .run("nltest /sc_verify:ontario.example", &channel)
        .run(
            &format!("setspn -Q {spn}"),
            &w.setspn_output(&format!("-Q {spn}")),
        );
    w.text("ON-WEB6_checks.txt", transcript.text(), Encoding::Oem437);
    let (from, to) = (w.at("09:15"), w.at("14:40"));
    w.secure_channel_broken(&web, 6, from, to);
    w.kerberos_works(&Visit::new(&pc, &alice, &web, spn), &pool, 18, from, to);
    w.logons_refused(
        &Visit::new(&mac, &noah, &web, spn),
        (0xc000_018d, 0),
        9,
        from,
        to,
    );
    w.noise(&web, 140);
    w.noise(&dc, 80);
    w.finish(
        Expected::root_cause()
            .finding("MC-01", Status::Confirmed, &[("host", "ON-WEB6")])
            .must_not(&[
                "MC-02", "MC-03", "MC-05", "MC-06", "MC-08", "AC-01", "SPN-01", "SPN-05",
            ]),
    )
}

/// MC-05: the server's clock is eleven minutes behind.
pub fn server_clock_behind() -> Story {
    let mut w = story(
        "server-clock-behind",
        "The web server's clock is eleven minutes behind: Kerberos refuses every ticket",
        "The hypervisor set the server's clock back. Clients get tickets, which the server takes for not yet valid: they
         note KRB_AP_ERR_SKEW (0x25) and event 5 naming the server, and the server logs C0000133 eleven minutes before
         their time. SPN and acceptor are right.",
    )
    .in_domain("gdynia.example", "GDYNIA");
    let (dc, web, pc) = (w.dc("GD-DC1"), w.server("GD-WEB3"), w.client("GD-0457"));
    let zofia = w.user("zofia.nowak");
    let spn = "HTTP/magazyn.gdynia.example";
    w.register(spn, &web.machine());
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Magazyn").identity_type("LocalSystem"))
            .site(
                Site::new("Magazyn")
                    .http(80, "magazyn.gdynia.example")
                    .pool("Magazyn"),
            )
            .location("Magazyn", Auth::windows_only()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}"), "-F -X"],
    );
    let behind = SignedDuration::from_mins(11);
    let realm = w.domain.realm();
    for time in w.dice.clone().times(12, w.at("08:00"), w.at("12:00")) {
        w.event(events::service_ticket(
            time,
            &dc,
            &zofia,
            &pc,
            &web.machine(),
            0x12,
        ));
        w.event(events::kerberos_error(time, &pc, &zofia, 0x25, "", spn));
        w.event(events::clock_skew(time, &pc, "gd-web3$", &realm));
        let there = time - behind;
        w.event(events::logon_failed(
            there,
            &web,
            &zofia,
            &pc,
            0xc000_0133,
            0,
        ));
    }
    // Not the time service's "synchronised": this server is not.
    let seed = w.dice.next();
    let noise = events::noise(seed, &web, w.at("06:00"), w.at("18:00"), 150);
    w.events(noise.into_iter().filter(|event| event.id != 35));
    w.noise(&dc, 80);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding_at_least("MC-05", Status::Likely, &[])
            .must_not(&["MC-01", "MC-02", "SPN-01", "SPN-05", "SPN-06", "AC-01"]),
    )
}
