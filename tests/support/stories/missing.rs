//! Stories in which nobody holds the name, or holds it in another form than clients ask for.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        shown_by_klist_and_forest(),
        shown_by_ntlm_reasons(),
        registered_with_https(),
        short_form_missing(),
        only_with_port(),
        dash_for_a_hyphen(),
        repaired_before_collection(),
    ]
}

/// SPN-01 from two text files: what the KDC answered, and that the forest has no such name.
pub fn shown_by_klist_and_forest() -> Story {
    let mut w = story(
        "missing-spn-klist-get-and-forest",
        "No SPN for a reporting name, shown by klist get and setspn -F alone",
        "All that came is one klist get that failed and one search of the whole forest. The search shows that nobody
         holds HTTP/ for the name; that the KDC answered with an unknown principal also closes HOST/. Who should hold it
         cannot be said, as the IIS configuration was not sent.",
    )
    .in_domain("northwind.example", "NWIND");
    let spn = "HTTP/reports.northwind.example";
    w.klist_get_failed(
        "case 4411/klist get.txt",
        Encoding::Oem437,
        spn,
        0xc000_018b,
    );
    w.setspn(
        "case 4411/setspn.txt",
        Prompt::Heading,
        Encoding::Utf8,
        &[&format!("-F -Q {spn}")],
    );
    w.finish(
        Expected::root_cause()
            .finding("SPN-01", Status::Confirmed, &[("spn", spn)])
            .must_not(&["SPN-02", "SPN-05", "SPN-06", "NAME-01", "CFG-03"]),
    )
}

/// SPN-01 from a client that notes why it used NTLM, and the server's logons; no setspn, no configuration.
pub fn shown_by_ntlm_reasons() -> Story {
    let mut w = story(
        "missing-spn-ntlm-reason-six",
        "NTLM because Kerberos does not know the name, shown by the client's reasons alone",
        "A Windows 11 24H2 client logs 4020 with reason 6 (Kerberos could not resolve the target) for one web name, and
         the server logs NTLM logons of the same person at the same times. Reason 6 is neither a duplicate (8), nor an
         address (7), nor a missing domain controller (9). Nobody sent setspn output or the IIS configuration.",
    )
    .in_domain("tailspin.example", "TAILSPIN");
    let (web, pc) = (w.server("TSWEB2"), w.client("TS-LT-204"));
    let ines = w.user("ines.moreau");
    let spn = "HTTP/expenses.tailspin.example";
    let (from, to) = (w.at("08:31"), w.at("14:50"));
    for time in w.dice.times(14, from, to) {
        let edge = r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe";
        w.event(events::ntlm_8001(time, &pc, &ines, spn, edge));
        let reason = "The target name could not be resolved by Kerberos or other protocols.";
        w.event(events::ntlm_4020(time, &pc, &ines, spn, 6, reason));
        w.event(events::logon_ntlm(time, &web, &ines, &pc));
    }
    w.noise(&web, 180);
    w.noise(&pc, 60);
    w.omit_log(&web, "System");
    w.finish(
        Expected::root_cause()
            .finding_at_least("SPN-01", Status::Likely, &[("spn", spn)])
            .must_not(&["SPN-02", "SPN-05", "SPN-06", "NAME-01", "CFG-03", "CL-08"]),
    )
}

/// SPN-09: registered as `HTTPS/…`, which nobody ever asks for.
pub fn registered_with_https() -> Story {
    let mut w = story(
        "malformed-spn-https-class",
        "Registered as HTTPS/: the service class of a web site is always HTTP",
        "Whoever registered the SPN wrote HTTPS/ because the site is https. Browsers ask for HTTP/ whatever the scheme, so
         the KDC knows no such name and everyone is served with NTLM. The list of the account shows the odd value, the
         search of the forest shows that the right one is missing.",
    )
    .in_domain("fabrikam.example", "FABRIKAM");
    let (dc, web, pc) = (w.dc("FABDC1"), w.server("FABWEB11"), w.client("FAB-0931"));
    let (olu, pool) = (w.user("olu.adeyemi"), w.service_account("svc-helpdesk"));
    w.register("HTTPS/helpdesk.fabrikam.example", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Help Desk").specific_user(&pool.down_level()))
            .site(
                Site::new("Help Desk")
                    .https("helpdesk.fabrikam.example")
                    .pool("Help Desk"),
            )
            .location("Help Desk", pool_opens_tickets()),
    );
    let spn = "HTTP/helpdesk.fabrikam.example";
    w.setspn(
        "setspn helpdesk.log",
        Prompt::PowerShell,
        Encoding::Utf16,
        &["-L FABRIKAM\\svc-helpdesk", &format!("-F -Q {spn}")],
    );
    let visit = Visit::new(&pc, &olu, &web, spn);
    let (from, to) = (w.at("07:10"), w.at("16:02"));
    w.ntlm_instead(&visit, unknown_name(), 26, from, to);
    w.noise(&web, 120);
    w.noise(&pc, 60);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::root_cause()
            .finding("SPN-09", Status::Confirmed, &[("site", "Help Desk")])
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-11", "SPN-18"]),
    )
}

/// SPN-10: the long form is registered, a bookmark uses the short one.
pub fn short_form_missing() -> Story {
    let mut w = story(
        "short-name-not-registered",
        "Kerberos by the full name, NTLM by the short one",
        "The gMSA of the pool holds the full name only. Users who type the full name get Kerberos; those with an old
         bookmark use the short name by a client that does not complete it, get 0x7 and NTLM. It looks intermittent
         but follows the name.",
    )
    .in_domain("woodgrove.example", "WOODGROVE");
    let (dc, web, pc) = (w.dc("WG-DC3"), w.server("WGIIS05"), w.client("WG-PC-77"));
    let (bao, eva) = (w.user("bao.nguyen"), w.user("eva.lind"));
    let pool = w.managed_service_account("gmsa-intra$");
    w.register("HTTP/intra.woodgrove.example", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Intra").managed_service_account(&pool.down_level()))
            .site(
                Site::new("Intra")
                    .http(80, "intra")
                    .http(80, "intra.woodgrove.example")
                    .pool("Intra"),
            )
            .location("Intra", pool_opens_tickets()),
    );
    w.setspn(
        "spn-intra.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            "-L gmsa-intra$",
            "-F -Q HTTP/intra",
            "-F -Q HOST/intra",
            "-F -Q HTTP/intra.woodgrove.example",
        ],
    );
    let (from, to) = (w.at("08:00"), w.at("12:15"));
    let long = Visit::new(&pc, &bao, &web, "HTTP/intra.woodgrove.example");
    w.kerberos_works(&long, &pool, 18, from, to);
    let short = Visit::new(&pc, &eva, &web, "HTTP/intra");
    w.ntlm_instead(&short, unknown_name(), 13, from, to);
    w.noise(&web, 90);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-10",
                Status::Confirmed,
                &[("spn", "HTTP/intra"), ("site", "Intra")],
            )
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "NAME-01"]),
    )
}

/// SPN-11: registered with the port of the binding, which browsers leave out.
pub fn only_with_port() -> Story {
    let mut w = story(
        "spn-only-with-port",
        "Registered with :8080, while browsers ask without a port",
        "The site listens on port 8080, and the SPN was registered with that port. Browsers leave the port out, so the
         KDC does not know what they ask for and NTLM serves. The domain controller audits such errors.",
    )
    .in_domain("lamna.example", "LAMNA");
    let (dc, web, pc) = (w.dc("LAMDC01"), w.server("LAMERP"), w.client("LAM-W-118"));
    let (rui, pool) = (
        w.user("rui.costa"),
        w.service_account_called("svc_erp", "ERP Web Service"),
    );
    w.register("HTTP/erp.lamna.example:8080", &pool);
    w.register("HTTP/erp:8080", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("ERP (prod)").specific_user("svc_erp@lamna.example"))
            .site(
                Site::new("ERP (prod)")
                    .http(8080, "erp.lamna.example")
                    .pool("ERP (prod)"),
            )
            .location("ERP (prod)", pool_opens_tickets()),
    );
    let spn = "HTTP/erp.lamna.example";
    w.setspn(
        "spn_erp.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[
            "-L svc_erp",
            &format!("-F -Q {spn}"),
            "-F -Q HOST/erp.lamna.example",
            "-L LAMERP$",
        ],
    );
    let visit = Visit::new(&pc, &rui, &web, spn);
    let fallback = Fallback {
        error: Some(0x7),
        kdc_audits_errors: true,
        ..Fallback::default()
    };
    let (from, to) = (w.at("09:05"), w.at("17:40"));
    w.ntlm_instead(&visit, fallback, 20, from, to);
    w.noise(&web, 110);
    w.noise(&dc, 110);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-11",
                Status::Confirmed,
                &[("spn", spn), ("site", "ERP (prod)")],
            )
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-09", "SPN-10", "KM-05"]),
    )
}

/// SPN-18: pasted from a document, which had turned the hyphen into a dash.
pub fn dash_for_a_hyphen() -> Story {
    let mut w = story(
        "spn-with-en-dash",
        "The SPN on the account reads right but holds an en dash",
        "The SPN was pasted from a change request, whose editor had turned the hyphen into an en dash. The list of the
         account reads right; a search for the typed name finds nothing in the forest, and clients get 0x7 and NTLM.",
    )
    .in_domain("proseware.example", "PROSE");
    let (dc, web, pc) = (w.dc("PRO-DC1"), w.server("PRO-WEB4"), w.client("PRO-0007"));
    let (kai, pool) = (w.user("kai.weber"), w.service_account("svc_payroll"));
    w.register("HTTP/pay\u{2013}roll.proseware.example", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Pay-Roll").specific_user(&pool.down_level()))
            .site(
                Site::new("Löhne & Gehälter")
                    .http(80, "pay-roll.proseware.example")
                    .pool("Pay-Roll"),
            )
            .location("Löhne & Gehälter", pool_opens_tickets()),
    );
    let spn = "HTTP/pay-roll.proseware.example";
    w.setspn(
        "PRO-WEB4/setspn.txt",
        Prompt::Remote("PRO-WEB4".into()),
        Encoding::Utf16,
        &["-L svc_payroll", &format!("-F -Q {spn}")],
    );
    let visit = Visit::new(&pc, &kai, &web, spn);
    let (from, to) = (w.at("06:40"), w.at("15:30"));
    w.ntlm_instead(&visit, unknown_name(), 15, from, to);
    w.klist_get_failed("PRO-0007/klist.txt", Encoding::Utf16NoBom, spn, 0xc000_018b);
    w.noise(&web, 90);
    w.noise(&pc, 60);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::root_cause()
            .finding("SPN-18", Status::Confirmed, &[("site", "Löhne & Gehälter")])
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-09", "SPN-10"]),
    )
}

/// SPN-01 that was repaired before the bundle was collected: past, not present.
pub fn repaired_before_collection() -> Story {
    let mut w = story(
        "missing-spn-repaired-that-day",
        "The SPN was missing until noon, then somebody registered it",
        "All morning the KDC knew no such name and users came by NTLM. At 12:20 the SPN was registered on the account that
         opens the tickets (5136); from then on clients got tickets and Kerberos worked. The cause is real and past.",
    )
    .in_domain("cpandl.example", "CPANDL");
    let (dc, web, pc) = (w.dc("CP-DC2"), w.server("CP-WEB6"), w.client("CP-1200"));
    let (amy, admin) = (w.user("amy.roth"), w.user("adm.ivo"));
    let pool = w.service_account("svc_print");
    let spn = "HTTP/print.cpandl.example";
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Print").specific_user(&pool.down_level()))
            .site(
                Site::new("Print")
                    .http(80, "print.cpandl.example")
                    .pool("Print"),
            )
            .location("Print", pool_opens_tickets()),
    );
    let visit = Visit::new(&pc, &amy, &web, spn);
    let (from, noon) = (w.at("07:30"), w.at("12:00"));
    w.ntlm_instead(&visit, unknown_name(), 18, from, noon);
    let repaired = w.at("12:20:33");
    w.add_spn(repaired, spn, &pool, &admin);
    let (again, to) = (w.at("12:40"), w.at("17:30"));
    w.kerberos_works(&visit, &pool, 15, again, to);
    w.setspn(
        "setspn evening.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-F -Q {spn}"), "-L svc_print"],
    );
    w.noise(&web, 80);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding_at_least("SPN-01", Status::Likely, &[("spn", spn)])
            .current(false)
            .must_not(&["SPN-02", "SPN-05", "SPN-06", "SPN-07", "NAME-06"]),
    )
}

/// The pool's account opens the tickets in kernel mode.
fn pool_opens_tickets() -> Auth {
    let windows = Windows::enabled().use_app_pool_credentials(true);
    Auth::new().anonymous(false).windows(windows)
}

/// NTLM because the KDC does not know the name; the client logs it.
fn unknown_name() -> Fallback {
    Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    }
}
