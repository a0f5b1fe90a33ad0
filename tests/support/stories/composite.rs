//! Stories in which more than one thing is true: several faults, or a fault beside what works.

use jiff::SignedDuration;

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        three_faults_on_one_server(),
        broken_site_beside_healthy_one(),
        wrong_clock_and_missing_spn(),
    ]
}

/// SPN-05 on one site, CFG-03 on another, and a locked user.
pub fn three_faults_on_one_server() -> Story {
    let mut w = story(
        "three-faults-on-one-server",
        "One server, three tickets: a wrong holder, a site that offers NTLM alone, and a locked user",
        "Site Finance: the pool's account holds the SPN while the machine opens the tickets. Site Library: only NTLM is
         offered, its SPN is right. And one user of the library is locked out. Three independent faults, each with its own
         evidence; all must be found, none may be taken for another.",
    )
    .in_domain("borealis.example", "BOREALIS");
    let (dc, web) = (w.dc("BO-DC1"), w.server("BO-WEB7"));
    let (pc, other, third) = (
        w.client("BO-1010"),
        w.client("BO-1044"),
        w.client("BO-1090"),
    );
    let (ruth, emil, finn) = (
        w.user("ruth.eklund"),
        w.user("emil.strand"),
        w.user("finn.dahl"),
    );
    let pool = w.service_account("svc_finance");
    let (finance, library) = (
        "HTTP/finance.borealis.example",
        "HTTP/library.borealis.example",
    );
    w.register(finance, &pool);
    w.register(library, &web.machine());
    let only_ntlm = Windows::enabled().providers(Providers::only(&["NTLM"]));
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Finance").specific_user(&pool.down_level()))
            .pool(Pool::new("Library"))
            .site(
                Site::new("Finance")
                    .https("finance.borealis.example")
                    .pool("Finance"),
            )
            .site(
                Site::new("Library")
                    .http(80, "library.borealis.example")
                    .pool("Library"),
            )
            .location("Finance", Auth::windows_only())
            .location("Library", Auth::new().anonymous(false).windows(only_ntlm)),
    );
    w.setspn(
        "spn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            &format!("-Q {finance}"),
            &format!("-Q {library}"),
            "-L svc_finance",
        ],
    );
    let (from, to) = (w.at("07:30"), w.at("14:30"));
    w.kerberos_modified(
        &Visit::new(&pc, &ruth, &web, finance),
        &pool,
        &web.machine(),
        14,
        from,
        to,
    );
    w.ntlm_instead(
        &Visit::new(&other, &emil, &web, library),
        Fallback::default(),
        20,
        from,
        to,
    );
    let locked = w.at("10:02:17");
    w.locked_out(&finn, &third, locked);
    w.logons_refused(
        &Visit::new(&third, &finn, &web, library),
        (0xc000_0234, 0),
        6,
        locked,
        to,
    );
    w.noise(&web, 120);
    w.noise(&dc, 60);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-05",
                Status::Confirmed,
                &[("spn", finance), ("site", "Finance")],
            )
            .finding_at_least("CFG-03", Status::Likely, &[("site", "Library")])
            .finding(
                "AC-02",
                Status::Confirmed,
                &[("account", r"BOREALIS\finn.dahl")],
            )
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-06", "AC-03", "CFG-04", "POOL-02", "KM-05",
            ]),
    )
}

/// A broken site beside a healthy one.
pub fn broken_site_beside_healthy_one() -> Story {
    let mut w = story(
        "broken-site-beside-healthy-one",
        "Two sites of one server: one opens its tickets, the other runs in user mode under the server's own name",
        "The archive is reached by the server's own name, whose HOST registration belongs to the machine account, but runs
         in user mode as a domain account, which cannot open such tickets. The wiki beside it has its own name on its own
         account and works. The fault is the archive's alone.",
    )
    .in_domain("ardent.example", "ARDENT");
    let (dc, web) = (w.dc("AR-DC1"), w.server("AR-WEB9"));
    let (pc, other) = (w.client("AR-4001"), w.client("AR-4055"));
    let (cleo, owen) = (w.user("cleo.marsh"), w.user("owen.reid"));
    let (archive, wiki) = (
        w.service_account("svc_archive"),
        w.service_account("svc_wiki"),
    );
    let (own_name, alias) = ("HTTP/ar-web9.ardent.example", "HTTP/wiki.ardent.example");
    w.register(alias, &wiki);
    let user_mode = Windows::enabled().use_kernel_mode(false);
    let credentials = Windows::enabled().use_app_pool_credentials(true);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Archive").specific_user(&archive.down_level()))
            .pool(Pool::new("Wiki").specific_user(&wiki.down_level()))
            .site(Site::new("Archive").http(8080, "").pool("Archive"))
            .site(
                Site::new("Wiki")
                    .http(80, "wiki.ardent.example")
                    .pool("Wiki"),
            )
            .location("Archive", Auth::new().anonymous(false).windows(user_mode))
            .location("Wiki", Auth::new().anonymous(false).windows(credentials)),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Heading,
        Encoding::Utf16,
        &[
            "-L AR-WEB9",
            "-L svc_archive",
            "-L svc_wiki",
            &format!("-Q {own_name}"),
        ],
    );
    let (from, to) = (w.at("07:45"), w.at("13:15"));
    w.kerberos_modified(
        &Visit::new(&pc, &cleo, &web, own_name),
        &web.machine(),
        &archive,
        16,
        from,
        to,
    );
    w.kerberos_works(&Visit::new(&other, &owen, &web, alias), &wiki, 18, from, to);
    w.noise(&web, 120);
    w.noise(&dc, 60);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding("SPN-06", Status::Confirmed, &[("site", "Archive")])
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "CFG-15", "KM-04", "KM-05", "POOL-02",
            ]),
    )
}

/// Two causes that have nothing to do with each other.
pub fn wrong_clock_and_missing_spn() -> Story {
    let mut w = story(
        "wrong-clock-and-missing-spn",
        "A host header without SPN for everyone, and one laptop whose clock is wrong",
        "Nobody holds HTTP/ for the new host header, so everyone is served with NTLM. One laptop is refused altogether: its
         clock is twenty-six minutes ahead, the KDC answers 0x25 before any name matters, and the server refuses NTLM with
         C0000133. Fixing one fault leaves the other.",
    )
    .in_domain("selkirk.example", "SELKIRK");
    let (dc, web) = (w.dc("SK-DC1"), w.server("SK-WEB2"));
    let (pc, laptop) = (w.client("SK-0201"), w.client("SK-LT-66"));
    let (moira, gavin) = (w.user("moira.blair"), w.user("gavin.ross"));
    let spn = "HTTP/news.selkirk.example";
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("News"))
            .site(
                Site::new("News")
                    .http(80, "news.selkirk.example")
                    .pool("News"),
            )
            .location("News", Auth::windows_only()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::PowerShell,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}"), "-L SK-WEB2"],
    );
    let (from, to) = (w.at("07:30"), w.at("14:30"));
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        kdc_audits_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&Visit::new(&pc, &moira, &web, spn), fallback, 18, from, to);
    let ahead = SignedDuration::from_mins(26);
    let ticket_granting = format!("krbtgt/{}", w.domain.realm());
    for time in w.dice.clone().times(9, from, to) {
        w.event(events::preauth_failed(time, &dc, &gavin, &laptop, 0x25));
        w.event(events::logon_failed(
            time,
            &web,
            &gavin,
            &laptop,
            0xc000_0133,
            0,
        ));
        w.event(events::kerberos_error(
            time + ahead,
            &laptop,
            &gavin,
            0x25,
            "",
            &ticket_granting,
        ));
    }
    w.noise(&web, 120);
    w.noise(&dc, 60);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-01",
                Status::Confirmed,
                &[("spn", spn), ("site", "News")],
            )
            .finding_at_least("MC-05", Status::Likely, &[])
            .must_not(&["SPN-02", "SPN-05", "CFG-03", "AC-01", "MC-01", "MC-02"]),
    )
}
