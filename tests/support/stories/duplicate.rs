//! Stories in which two accounts hold one name.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        listed_and_noticed(),
        two_holders_in_french(),
        spelled_in_two_cases(),
    ]
}

/// SPN-02: setspn -X lists the group, the KDC logs event 11.
pub fn listed_and_noticed() -> Story {
    let mut w = story(
        "duplicate-spn-kdc-eleven",
        "Two accounts hold the SPN: the KDC notes it, everyone gets NTLM",
        "The site moved from one service account to another, and the SPN was added to the new one by an LDIF file without
         being taken from the old one. The KDC cannot choose, logs event 11 and answers as if it knew no such name.",
    )
    .in_domain("contoso.example", "CONTOSO");
    let (dc, web, pc) = (
        w.dc("CON-DC02"),
        w.server("CON-WEB7"),
        w.client("CON-PC-901"),
    );
    let (sam, pool) = (w.user("sam.okafor"), w.service_account("svc_web_new"));
    let old = w.service_account_called("svc_web", "Web Service (old)");
    let spn = "HTTP/wiki.contoso.example";
    for account in [&pool, &old] {
        w.register(spn, account);
        w.register("HTTP/wiki", account);
    }
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("wiki-pool").specific_user(&pool.down_level()))
            .site(
                Site::new("wiki")
                    .http(80, "wiki.contoso.example")
                    .http(80, "wiki")
                    .pool("wiki-pool"),
            )
            .location(
                "wiki",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "CON-DC02/setspn-x.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &["-X", "-L svc_web", "-L svc_web_new"],
    );
    let visit = Visit::new(&pc, &sam, &web, spn);
    let (from, to) = (w.at("08:10"), w.at("16:45"));
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&visit, fallback, 19, from, to);
    w.duplicate_noticed(spn, 9, from, to);
    w.noise(&web, 90);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding("SPN-02", Status::Confirmed, &[("spn", spn)])
            .must_not(&["SPN-01", "SPN-03", "SPN-05", "SPN-06", "SPN-07", "NAME-01"]),
    )
}

/// SPN-02 from a French server: -Q prints two objects for one name, and the server's logons are NTLM.
pub fn two_holders_in_french() -> Story {
    let mut w = story(
        "duplicate-spn-french-query",
        "Un SPN, deux comptes : setspn -Q in French prints both",
        "setspn -Q was run on a French server, and the copy ends before its last sentence; it prints two objects for one
         name, each with that name among its SPNs. The server shows NTLM logons only. No log of a domain controller or
         of a client was sent: the duplicate is in the directory for all to see, the KDC's answer is not.",
    )
    .in_domain("alpineski.example", "ALPINESKI");
    let (dc, web, pc) = (w.dc("ALP-CD1"), w.server("ALP-IIS2"), w.client("ALP-P-14"));
    let chloe = w.user("chloé.martin");
    let (pool, other) = (
        w.service_account("svc_congés"),
        w.service_account_called("svc_rh", "Service RH"),
    );
    let spn = "HTTP/conges.alpineski.example";
    w.register(spn, &pool);
    w.register("HTTP/conges", &pool);
    w.register(spn, &other);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Congés payés").specific_user(&pool.down_level()))
            .site(
                Site::new("Congés payés")
                    .http(80, "conges.alpineski.example")
                    .pool("Congés payés"),
            )
            .location(
                "Congés payés",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    let blocks: String = [&pool, &other]
        .iter()
        .map(|account| {
            let spns: String = w
                .spns_of(account)
                .iter()
                .map(|s| format!("\t{s}\n"))
                .collect();
            format!("{}\n{spns}", account.dn())
        })
        .collect();
    let answer = setspn::checking(Language::French, &w.domain) + &blocks;
    let copied = Transcript::new(Prompt::Cmd).run(&format!("setspn -Q {spn}"), &answer);
    w.file("setspn.txt", copied.encode(Encoding::Oem850));
    let visit = Visit::new(&pc, &chloe, &web, spn);
    let (from, to) = (w.at("07:50"), w.at("17:10"));
    w.ntlm_instead(&visit, Fallback::default(), 21, from, to);
    w.noise(&web, 140);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::root_cause()
            .finding_at_least("SPN-02", Status::Likely, &[("spn", spn)])
            .must_not(&["SPN-01", "SPN-03", "SPN-05", "SPN-06", "SPN-07"]),
    )
}

/// SPN-03: an old setspn finds no duplicates, as the two spellings differ by case.
pub fn spelled_in_two_cases() -> Story {
    let mut w = story(
        "duplicate-spn-by-case",
        "setspn -X of an old server finds nothing: the two spellings differ by case",
        "One team registered HTTP/Kiosk, another http/kiosk. For the KDC they are one name: it logs event 11, and clients
         fall back to NTLM. The audit was done with the setspn of Windows Server 2012 R2, which compares by case and
         reports no group; the lists of the two accounts show both spellings.",
    )
    .in_domain("margie.example", "MARGIE");
    let (dc, web, pc) = (w.dc("MRG-DC1"), w.server("MRGWEB"), w.client("MRG-K-03"));
    let (lee, pool) = (w.user("lee.chen"), w.service_account("svc_kiosk"));
    let other = w.service_account("svc_display");
    w.register("HTTP/Kiosk.margie.example", &pool);
    w.register("http/kiosk.margie.example", &other);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Kiosk").specific_user(&pool.down_level()))
            .site(
                Site::new("Kiosk")
                    .http(80, "kiosk.margie.example")
                    .pool("Kiosk"),
            )
            .location(
                "Kiosk",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_kernel_mode(false)),
            ),
    );
    let audit = setspn::duplicates(Language::English, &w.domain, false, &[]);
    let lists = Transcript::new(Prompt::Cmd)
        .run("setspn -X", &audit)
        .run("setspn -L svc_kiosk", &w.setspn_output("-L svc_kiosk"))
        .run("setspn -L svc_display", &w.setspn_output("-L svc_display"));
    w.file("MRGWEB/spn audit.txt", lists.encode(Encoding::Oem437));
    let spn = "HTTP/kiosk.margie.example";
    let visit = Visit::new(&pc, &lee, &web, spn);
    let (from, to) = (w.at("06:30"), w.at("14:00"));
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&visit, fallback, 16, from, to);
    w.duplicate_noticed(spn, 8, from, to);
    w.noise(&dc, 90);
    w.noise(&web, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding("SPN-03", Status::Confirmed, &[("spn", spn)])
            .must_not(&["SPN-01", "SPN-05", "SPN-06", "SPN-07"]),
    )
}
