//! Stories in which holder and acceptor may be right, and what opens the ticket is still in doubt.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        local_service_in_user_mode(),
        rc4_ticket_that_the_server_cannot_open(),
        configuration_copied_without_its_keys(),
    ]
}

/// KM-07: a pool of LocalService opens tickets with its own credentials.
pub fn local_service_in_user_mode() -> Story {
    let mut w = story(
        "local-service-in-user-mode",
        "The pool runs as LocalService with kernel mode off, and clients note KRB_AP_ERR_MODIFIED",
        "A template set the pool to LocalService and turned kernel mode off. The name is on the computer account, where it
         would be right for any other built-in identity. Clients get tickets and the server cannot open them. No source
         says whose key LocalService opens tickets with, so the report may call it likely and no more.",
    )
    .in_domain("ostende.example", "OSTENDE");
    let (dc, web, pc) = (w.dc("OS-DC1"), w.server("OS-WEB6"), w.client("OS-2217"));
    let user = w.user("lotte.maes");
    let spn = "HTTP/planning.ostende.example";
    w.register(spn, &web.machine());
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Planning").identity_type("LocalService"))
            .site(
                Site::new("Planning")
                    .https("planning.ostende.example")
                    .pool("Planning"),
            )
            .location(
                "Planning",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_kernel_mode(false)),
            ),
    );
    w.setspn(
        "spn.txt",
        Prompt::Cmd,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    let visit = Visit::new(&pc, &user, &web, spn);
    let (from, to) = (w.at("08:05"), w.at("11:50"));
    w.kerberos_modified(&visit, &web.machine(), &web.machine(), 14, from, to);
    w.noise(&web, 130);
    w.noise(&dc, 80);
    w.finish(
        Expected::root_cause()
            .finding("KM-07", Status::Likely, &[("site", "Planning")])
            .must_not(&["SPN-05", "SPN-06", "SPN-07", "KM-06", "POOL-02"]),
    )
}

/// ET-04: the ticket is RC4, and what the server's policy allows is not in the bundle.
pub fn rc4_ticket_that_the_server_cannot_open() -> Story {
    let mut w = story(
        "rc4-ticket-that-the-server-cannot-open",
        "The right account holds the name and opens the tickets, yet it cannot: they are RC4",
        "The pool's account is old and has RC4 keys only, so the KDC seals its tickets with RC4. A policy lets the web server
         take AES only. Holder and acceptor are one account, and still clients note KRB_AP_ERR_MODIFIED. The bundle does
         not hold the server's policy: a changed password fits as well, so the report must ask and not claim.",
    )
    .in_domain("ghent.example", "GHENT");
    let (dc, web, pc) = (w.dc("GH-DC2"), w.server("GH-WEB1"), w.client("GH-0404"));
    let (user, pool) = (w.user("wim.claes"), w.service_account("svc_archief"));
    let spn = "HTTP/archief.ghent.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Archief").specific_user(&pool.down_level()))
            .site(
                Site::new("Archief")
                    .http(80, "archief.ghent.example")
                    .pool("Archief"),
            )
            .location(
                "Archief",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "GH-WEB1_spn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-F -Q {spn}"), "-L svc_archief"],
    );
    let realm = w.domain.realm();
    for clock in ["08:11:20", "08:12:02", "09:40:37", "10:15:09", "11:31:48"] {
        let at = w.at(clock);
        w.event(events::service_ticket(at, &dc, &user, &pc, &pool, 0x17));
        w.event(events::key_mismatch(
            at,
            &pc,
            "svc_archief",
            spn,
            &realm,
            &realm,
        ));
    }
    w.noise(&web, 130);
    w.noise(&dc, 80);
    w.finish(
        Expected::inconclusive()
            .finding("ET-04", Status::Possible, &[("spn", spn)])
            .must_not(&["SPN-05", "SPN-06", "SPN-07", "POOL-02"]),
    )
}

/// POOL-07: the configuration was copied to the new server, its keys were not.
pub fn configuration_copied_without_its_keys() -> Story {
    let mut w = story(
        "configuration-copied-without-its-keys",
        "applicationHost.config was copied to a second server, which cannot decrypt the pool's password",
        "The second node was set up by copying applicationHost.config. The stored password is encrypted with keys that only
         the first node has, so WAS on the second one cannot even try to log on: 5021, 5057 and 5059, and no refusal of the
         account anywhere, neither on the server nor on the domain controller.",
    )
    .in_domain("namur.example", "NAMUR");
    let (dc, old, new) = (w.dc("NA-DC1"), w.server("NA-WEB1"), w.server("NA-WEB2"));
    let (user, pc, pool) = (
        w.user("luc.petit"),
        w.client("NA-3108"),
        w.service_account("svc_guichet"),
    );
    let spn = "HTTP/guichet.namur.example";
    w.register(spn, &pool);
    let config = ApplicationHost::new()
        .pool(Pool::new("Guichet").specific_user(&pool.down_level()))
        .site(
            Site::new("Guichet")
                .https("guichet.namur.example")
                .pool("Guichet"),
        )
        .location(
            "Guichet",
            Auth::new()
                .anonymous(false)
                .windows(Windows::enabled().use_app_pool_credentials(true)),
        );
    w.config(&old, &config);
    w.config(&new, &config);
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}")],
    );
    let visit = Visit::new(&pc, &user, &old, spn);
    let (from, to) = (w.at("08:00"), w.at("12:00"));
    w.kerberos_works(&visit, &pool, 12, from, to);
    for clock in ["09:00:05", "09:04:44", "09:31:12"] {
        let at = w.at(clock);
        w.events(events::pool_logon_failed(at, &new, "Guichet", 0x8009_0005));
    }
    // A typing error shows that the second server's log would hold a refusal of the pool's account.
    let at = w.at("09:12:40");
    w.event(events::logon_failed(
        at,
        &new,
        &user,
        &pc,
        0xc000_006d,
        0xc000_006a,
    ));
    w.noise(&old, 90);
    w.noise(&new, 90);
    w.noise(&dc, 60);
    w.finish(
        Expected::root_cause()
            .finding("POOL-07", Status::Likely, &[("host", "NA-WEB2")])
            .finding("AC-01", Status::Likely, &[("account", "NAMUR\\luc.petit")])
            .must_not(&[
                "POOL-01", "POOL-02", "POOL-03", "POOL-04", "SPN-12", "CFG-15",
            ]),
    )
}
