//! Stories about the list of providers: what IIS offers, and in which order.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        only_ntlm_offered(),
        ntlm_before_negotiate(),
        providers_cleared(),
        negotiate_kerberos_without_spn(),
    ]
}

/// CFG-03: Negotiate is not offered.
pub fn only_ntlm_offered() -> Story {
    let mut w = story(
        "only-ntlm-offered",
        "A site offers NTLM alone, left over from an old work-around",
        "Negotiate was taken from the site's providers years ago. Everything that Kerberos needs is right: the SPN is on
         the pool's account, and useAppPoolCredentials lets it open tickets. Browsers are never asked for Kerberos: every
         logon is NTLM, no client asks the KDC for the name, and no Kerberos error is logged anywhere.",
    )
    .in_domain("hualong.example", "HUALONG");
    let (dc, web) = (w.dc("HL-DC01"), w.server("HL-DOC01"));
    let pool = w.service_account("svc_docs");
    let spn = "HTTP/docs.hualong.example";
    w.register(spn, &pool);
    let windows = Windows::enabled()
        .use_app_pool_credentials(true)
        .providers(Providers::only(&["NTLM"]));
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("文档").specific_user(r"hualong.example\svc_docs"))
            .site(
                Site::new("文档中心")
                    .http(80, "docs.hualong.example")
                    .pool("文档"),
            )
            .location("文档中心", Auth::new().anonymous(false).windows(windows)),
    );
    let held = w.spns_of(&pool);
    let answer = setspn::query(Language::Chinese, &w.domain, &[(&pool, held)]);
    let asked = Transcript::new(Prompt::Cmd).run("setspn -Q HTTP/docs.hualong.example", &answer);
    w.text("spn.txt", asked.text(), Encoding::Utf16);
    let (from, to) = (w.at("01:10"), w.at("09:40"));
    for (client, user) in [
        ("HL-PC118", "wang.li"),
        ("HL-PC204", "zhao.min"),
        ("HL-NB031", "chen.bo"),
    ] {
        let (client, user) = (w.client(client), w.user(user));
        let visit = Visit::new(&client, &user, &web, spn);
        w.ntlm_instead(&visit, Fallback::default(), 13, from, to);
        w.noise(&client, 25);
        w.log_form(&client, "System", LogForm::Wevtutil(Encoding::Utf8));
    }
    w.noise(&web, 120);
    w.noise(&dc, 90);
    w.finish(
        Expected::root_cause()
            .finding("CFG-03", Status::Confirmed, &[("site", "文档中心")])
            .must_not(&["SPN-01", "SPN-05", "CFG-02", "CFG-04", "CFG-05", "NAME-01"]),
    )
}

/// CFG-04: NTLM stands first.
pub fn ntlm_before_negotiate() -> Story {
    let mut w = story(
        "ntlm-before-negotiate",
        "NTLM stands before Negotiate in the list: some clients use Kerberos, others NTLM",
        "Somebody reordered the providers for the whole server. Browsers that choose the stronger scheme still log on with
         Kerberos; clients that take the first one offered (here an Office add-in) log on with NTLM. Both kinds of logon
         stand side by side all day, for one site whose SPN is right.",
    )
    .in_domain("brunnen.example", "BRUNNEN");
    let (dc, web) = (w.dc("DC-A"), w.server("ZEIT02"));
    let (pc, other) = (w.client("WS-4410"), w.client("WS-5127"));
    let (anna, kurt) = (w.user("anna.frei"), w.user("kurt.vogt"));
    let spn = "HTTP/zeit.brunnen.example";
    w.register(spn, &web.machine());
    let root =
        Auth::new().windows(Windows::disabled().providers(Providers::only(&["NTLM", "Negotiate"])));
    w.config(
        &web,
        &ApplicationHost::new()
            .root(root)
            .pool(Pool::new("Zeit").identity_type("NetworkService"))
            .site(
                Site::new("Zeiterfassung")
                    .https("zeit.brunnen.example")
                    .pool("Zeit"),
            )
            .location("Zeiterfassung", Auth::windows_only()),
    );
    w.setspn(
        "spn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &["-F -Q HTTP/zeit.brunnen.example"],
    );
    let (from, to) = (w.at("06:40"), w.at("15:30"));
    w.kerberos_works(
        &Visit::new(&pc, &anna, &web, spn),
        &web.machine(),
        19,
        from,
        to,
    );
    w.ntlm_instead(
        &Visit::new(&other, &kurt, &web, spn),
        Fallback::default(),
        21,
        from,
        to,
    );
    w.noise(&web, 150);
    w.noise(&dc, 90);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-04", Status::Likely, &[("site", "Zeiterfassung")])
            .must_not(&["CFG-03", "CFG-05", "SPN-01", "SPN-05", "NAME-01"]),
    )
}

/// CFG-05: a `<clear/>` and nothing after it.
pub fn providers_cleared() -> Story {
    let mut w = story(
        "providers-cleared",
        "The list of providers was cleared and never filled again",
        "A hardening script wrote <clear/> into the site's providers and failed before it added the new ones. Windows
         authentication is on and installed, yet IIS has no scheme to offer: 401.2 without a usable header, so nobody
         logs on and no client asks for a ticket. The server's own list still has both providers.",
    )
    .in_domain("quarzwerk.example", "QUARZ");
    let web = w.server("qw-iis-03");
    let windows = Windows::enabled().providers(Providers::only(&[]));
    w.config(
        &web,
        &ApplicationHost::new()
            .with_byte_order_mark()
            .default_pool_identity("NetworkService")
            .pool(Pool::new("Quality"))
            .site(
                Site::new("Quality Portal")
                    .binding("http", "[fd00:20::15]:8080:quality.quarzwerk.example", 0)
                    .http(80, "quality")
                    .pool("Quality"),
            )
            .location(
                "Quality Portal",
                Auth::new().anonymous(false).windows(windows),
            ),
    );
    w.noise(&web, 150);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-05", Status::Likely, &[("site", "Quality Portal")])
            .must_not(&["CFG-01", "CFG-02", "CFG-03", "CFG-04", "CFG-08", "SPN-01"]),
    )
}

/// CFG-06: Kerberos or nothing, and the SPN is missing.
pub fn negotiate_kerberos_without_spn() -> Story {
    let mut w = story(
        "negotiate-kerberos-without-spn",
        "Only Negotiate:Kerberos is offered, and nobody holds the SPN",
        "The site was hardened to Negotiate:Kerberos with kernel mode off. Its host name has no SPN: elsewhere browsers
         would fall back to NTLM, here there is nothing to fall back to and every user gets a 401. Clients note 0x7 for
         the name; the server logs no logon of theirs at all. setspn, on a Russian server, finds no holder.",
    )
    .in_domain("kontur.example", "KONTUR");
    let (dc, web, pc) = (
        w.dc("KON-DC2"),
        w.server("KON-CA-WEB"),
        w.client("KON-0931"),
    );
    let irina = w.user("irina.sokolova");
    let spn = "HTTP/enroll.kontur.example";
    let windows = Windows::enabled()
        .use_kernel_mode(false)
        .providers(Providers::only(&["Negotiate:Kerberos"]));
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("CertEnroll"))
            .site(
                Site::new("CertEnroll")
                    .https("enroll.kontur.example")
                    .pool("CertEnroll"),
            )
            .location("CertEnroll", Auth::new().anonymous(false).windows(windows)),
    );
    let nobody = setspn::query(Language::Russian, &w.domain, &[]);
    let asked = Transcript::new(Prompt::Cmd).run(&format!("setspn -Q {spn}"), &nobody);
    w.text("KON-CA-WEB_setspn.txt", asked.text(), Encoding::Oem866);
    for time in w.dice.clone().times(14, w.at("05:00"), w.at("13:00")) {
        w.event(events::kerberos_error(time, &pc, &irina, 0x7, "", spn));
        let asked = events::service_ticket_failed(time, &dc, &irina, &pc, spn, 0x7);
        w.event(asked);
    }
    w.noise(&web, 140);
    w.noise(&dc, 80);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-01",
                Status::Confirmed,
                &[("spn", spn), ("site", "CertEnroll")],
            )
            .finding_at_least("CFG-06", Status::Likely, &[("site", "CertEnroll")])
            .must_not(&[
                "CFG-01", "CFG-02", "CFG-03", "CFG-05", "SPN-05", "NT-01", "NT-02",
            ]),
    )
}
