//! Stories about extended protection.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        channel_binding_behind_proxy(),
        alias_not_in_accepted_spns(),
        old_clients_without_channel_binding(),
    ]
}

/// A machine that is no member of any domain: a proxy appliance.
fn appliance(w: &World, name: &str, ip: &str) -> Host {
    Host {
        name: name.into(),
        domain: w.domain.clone(),
        ip: ip.into(),
        role: Role::Server,
    }
}

/// EPA-01: the TLS channel ends before the server.
pub fn channel_binding_behind_proxy() -> Story {
    let mut w = story(
        "channel-binding-behind-proxy",
        "Extended protection requires the channel binding, and TLS ends at the load balancer",
        "A hardening guide set tokenChecking to Require and left flags at None. Users reach the site through a load
         balancer that ends their TLS connection, so their tokens are bound to a channel the server never sees. SPN,
         tickets and acceptor are right; every logon, whoever the user is, is refused with C000035B, and all come from
         the balancer's address.",
    )
    .in_domain("ostrava.example", "OSTRAVA");
    let (dc, web) = (w.dc("OV-DC1"), w.server("OV-WEB05"));
    let balancer = appliance(&w, "lb1", "10.77.0.5");
    let spn = "HTTP/orders.ostrava.example";
    w.register(spn, &web.machine());
    let protection = ExtendedProtection::new("Require");
    let changed = w.at("09:00:20");
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Orders"))
            .site(Site::new("Orders").https("").pool("Orders"))
            .location(
                "Orders",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().extended_protection(protection)),
            ),
    );
    w.change_config(
        changed,
        &web,
        "Orders",
        "/system.webServer/security/authentication/windowsAuthentication/extendedProtection/@tokenChecking",
        ("None", "Require"),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-F -Q {spn}"), "-L OV-WEB05"],
    );
    let (from, to) = (w.at("09:02"), w.at("13:30"));
    for (client, user) in [
        ("OV-2011", "jana.kral"),
        ("OV-2048", "petr.dvorak"),
        ("OV-2090", "eva.mala"),
    ] {
        let (client, user) = (w.client(client), w.user(user));
        let visit = Visit::new(&client, &user, &web, spn);
        let before = w.at("07:10");
        w.kerberos_works(&visit, &web.machine(), 4, before, changed);
        w.kerberos_logon_refused(
            &visit,
            (&web.machine(), &balancer),
            0xc000_035b,
            9,
            from,
            to,
        );
    }
    w.noise(&web, 130);
    w.noise(&dc, 60);
    w.finish(
        Expected::root_cause()
            .finding_at_least("EPA-01", Status::Likely, &[("site", "Orders")])
            .must_not(&[
                "EPA-02", "EPA-03", "EPA-04", "SPN-01", "SPN-05", "SPN-06", "AC-01", "LOOP-01",
            ]),
    )
}

/// EPA-03: one of the names is not in the list.
pub fn alias_not_in_accepted_spns() -> Story {
    let mut w = story(
        "alias-not-in-accepted-spns",
        "Extended protection checks the service name, and the new alias is not in its list",
        "Behind a TLS off-loading proxy the site runs with flags Proxy and a list of accepted SPNs. An alias was bound
         later and registered in the directory, but not added to that list: users of the alias get a ticket and are
         refused with C000035B, users of the old name log on with Kerberos.",
    )
    .in_domain("saimaa.example", "SAIMAA");
    let (dc, web) = (w.dc("SM-DC1"), w.server("SM-PORTAL1"));
    let (pc, other) = (w.client("SM-1190"), w.client("SM-1275"));
    let (aino, mika) = (w.user("aino.lahti"), w.user("mika.salo"));
    let pool = w.service_account("svc_portal");
    let (old, alias) = ("HTTP/portal.saimaa.example", "HTTP/my.saimaa.example");
    w.register(old, &pool);
    w.register(alias, &pool);
    let protection = ExtendedProtection::new("Require").flags("Proxy").spn(old);
    let windows = Windows::enabled()
        .use_app_pool_credentials(true)
        .extended_protection(protection);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Portal Pool").specific_user(&pool.down_level()))
            .site(
                Site::new("Portal")
                    .http(80, "portal.saimaa.example")
                    .http(80, "my.saimaa.example")
                    .pool("Portal Pool"),
            )
            .location("Portal", Auth::new().anonymous(false).windows(windows)),
    );
    w.setspn(
        "SM/setspn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &["-L SAIMAA\\svc_portal", "-F -X"],
    );
    let proxy = appliance(&w, "offload", "10.30.1.9");
    let (from, to) = (w.at("06:50"), w.at("13:50"));
    w.kerberos_works(&Visit::new(&pc, &aino, &web, old), &pool, 16, from, to);
    let visit = Visit::new(&other, &mika, &web, alias);
    w.kerberos_logon_refused(&visit, (&pool, &proxy), 0xc000_035b, 14, from, to);
    w.klist(
        "SM-1275 klist.txt",
        Encoding::Utf8,
        Language::English,
        &mika,
        &[alias],
        from,
    );
    w.noise(&web, 130);
    w.noise(&dc, 60);
    w.finish(
        Expected::root_cause()
            .finding_at_least("EPA-03", Status::Likely, &[("site", "Portal")])
            .must_not(&["EPA-01", "EPA-02", "SPN-01", "SPN-05", "SPN-06", "AC-01"]),
    )
}

/// EPA-02: old clients send no channel binding.
pub fn old_clients_without_channel_binding() -> Story {
    let mut w = story(
        "old-clients-without-channel-binding",
        "Extended protection requires the channel binding, and two old scanners cannot send it",
        "TLS ends at the server itself and tokenChecking is Require with flags None, which is right for that. Current clients
         log on. Two document scanners with an old stack, which log on elsewhere with NTLM version 1, are refused with
         C000035B each time.",
    )
    .in_domain("lugano.example", "LUGANO");
    let (dc, web) = (w.dc("LU-DC1"), w.server("LU-WEB3"));
    let spn = "HTTP/scan.lugano.example";
    w.register(spn, &web.machine());
    let protection = ExtendedProtection::new("Require");
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Scan"))
            .site(Site::new("Scan").https("scan.lugano.example").pool("Scan"))
            .location(
                "Scan",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().extended_protection(protection)),
            ),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}")],
    );
    let (from, to) = (w.at("07:30"), w.at("15:00"));
    for (client, user) in [("LU-1102", "rosa.bianchi"), ("LU-1177", "ugo.conti")] {
        let (client, user) = (w.client(client), w.user(user));
        let visit = Visit::new(&client, &user, &web, spn);
        w.kerberos_works(&visit, &web.machine(), 9, from, to);
    }
    let scans = w.user("scan.lobby");
    for (name, clock) in [("LU-SCAN1", "08:10:10"), ("LU-SCAN2", "08:44:31")] {
        let scanner = w.client(name);
        let at = w.at(clock);
        w.event(events::logon_ntlm(at, &web, &scans, &scanner).with("LmPackageName", "NTLM V1"));
        let visit = Visit::new(&scanner, &scans, &web, spn);
        let (from, to) = (w.at("09:00"), w.at("14:20"));
        w.logons_refused(&visit, (0xc000_035b, 0), 7, from, to);
        w.omit_logs_of(&scanner);
    }
    w.noise(&web, 120);
    w.noise(&dc, 70);
    w.finish(
        Expected::root_cause()
            .finding("EPA-02", Status::Likely, &[("site", "Scan")])
            .must_not(&["EPA-01", "EPA-03", "AC-01", "SPN-01", "SPN-05"]),
    )
}
