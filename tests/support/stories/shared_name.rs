//! Stories in which one name has to serve several acceptors: a farm, or applications of one host name; and in which
//! one account name means two accounts.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        farm_name_on_one_node(),
        homonym_in_child_domain(),
        worker_still_runs_as_before(),
        pool_credentials_in_one_application(),
        two_pool_accounts_behind_one_name(),
        local_account_opens_tickets(),
    ]
}

/// SPN-12: a farm behind one name, which one node's machine account holds.
pub fn farm_name_on_one_node() -> Story {
    let mut w = story(
        "farm-name-on-one-node",
        "A farm behind one name: the node that holds it works, the other refuses",
        "Two nodes serve one name, each opening tickets with its own machine account. The name can be held once: the first
         node holds it and works, the second cannot open the same tickets. Users see it fail every other time.",
    )
    .in_domain("treyresearch.example", "TREY")
    .layout(Layout::FolderPerHost);
    let (dc, one, two, pc) = (
        w.dc("TR-DC1"),
        w.server("TR-WEB-A"),
        w.server("TR-WEB-B"),
        w.client("TR-W10-5"),
    );
    let liv = w.user("liv.dahl");
    let spn = "HTTP/lab.treyresearch.example";
    w.register(spn, &one.machine());
    for node in [&one, &two] {
        w.config(
            node,
            &ApplicationHost::new()
                .pool(Pool::new("Lab"))
                .site(
                    Site::new("Lab")
                        .https("lab.treyresearch.example")
                        .pool("Lab"),
                )
                .location("Lab", Auth::windows_only()),
        );
    }
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}"), "-L TR-WEB-A", "-L TR-WEB-B"],
    );
    let (from, to) = (w.at("08:00"), w.at("15:00"));
    w.kerberos_works(
        &Visit::new(&pc, &liv, &one, spn),
        &one.machine(),
        14,
        from,
        to,
    );
    w.kerberos_modified(
        &Visit::new(&pc, &liv, &two, spn),
        &one.machine(),
        &two.machine(),
        12,
        from,
        to,
    );
    w.noise(&one, 60);
    w.noise(&two, 60);
    w.noise(&dc, 50);
    w.noise(&pc, 40);
    w.omit_log(&one, "System");
    w.omit_log(&two, "System");
    w.finish(
        Expected::root_cause()
            .finding("SPN-12", Status::Confirmed, &[("spn", spn)])
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "CFG-15", "MC-02", "POOL-02",
            ]),
    )
}

/// SPN-21: the parent and the child domain have an account of the same name.
pub fn homonym_in_child_domain() -> Story {
    let mut w = story(
        "homonym-account-of-child-domain",
        "The SPN is on the right name in the wrong domain",
        "Parent and child domain both have a svc_web. The pool runs as the parent's, the SPN was registered on the child's.
         Every short name looks right; the object's domain and the SID in 4769 differ. The pool's account cannot open
         the tickets.",
    )
    .in_domain("eu.consolidated.example", "EU");
    let parent = Domain::new("consolidated.example", "CONSOL");
    let (dc, pc) = (w.dc("EUDC1"), w.client("EU-3302"));
    let web = w.host_in(&parent, "CMWEB1", Role::Server);
    let ugo = w.user("ugo.ricci");
    let holder = w.service_account("svc_web");
    let pool = w.account_in(&parent, "svc_web", "OU=Service Accounts");
    let spn = "HTTP/forms.consolidated.example";
    w.register(spn, &holder);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Forms").specific_user(r"CONSOL\svc_web"))
            .site(
                Site::new("Forms")
                    .http(80, "forms.consolidated.example")
                    .pool("Forms"),
            )
            .location(
                "Forms",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    let found = setspn::query_forest(&parent, &[(&holder, w.spns_of(&holder))]);
    let empty = setspn::list(Language::English, &pool, &[]);
    let copied = Transcript::new(Prompt::PowerShell)
        .run(&format!("setspn -F -Q {spn}"), &found)
        .run(r"setspn -L CONSOL\svc_web", &empty);
    w.file("setspn.txt", copied.encode(Encoding::Utf16));
    let (from, to) = (w.at("08:15"), w.at("11:45"));
    for time in w.dice.times(13, from, to) {
        w.event(events::service_ticket(time, &dc, &ugo, &pc, &holder, 0x12));
        let realm = holder.domain.realm();
        w.event(events::key_mismatch(
            time, &pc, "svc_web", spn, &realm, &realm,
        ));
    }
    w.noise(&dc, 80);
    w.noise(&pc, 60);
    w.finish(
        Expected::root_cause()
            .finding(
                "SPN-21",
                Status::Confirmed,
                &[("spn", spn), ("site", "Forms")],
            )
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "POOL-02", "ET-04", "SPN-15",
                "MC-09",
            ]),
    )
}

/// KM-03: the identity was changed, the worker process was not recycled.
pub fn worker_still_runs_as_before() -> Story {
    let mut w = story(
        "pool-not-recycled-after-identity-change",
        "Configuration and SPN are right, the worker process still runs as before",
        "The pool got a gMSA, and the SPN was moved to it at the same time. The pool does not recycle on changes of the
         configuration, so its worker still runs as the old service account and tries to open tickets with that key. On
         paper holder and acceptor agree; the client's event names the old account as the one that could not.",
    )
    .in_domain("vanarsdel.example", "VANARSDEL");
    let (dc, web, pc) = (w.dc("VADC"), w.server("VAWEB5"), w.client("VA-PC12"));
    let (kim, admin) = (w.user("kim.seo"), w.user("adm.rolf"));
    let (old, pool) = (
        w.service_account("svc_ledger"),
        w.managed_service_account("gmsa_ledger$"),
    );
    let spn = "HTTP/ledger.vanarsdel.example";
    w.register(spn, &old);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(
                Pool::new("Ledger")
                    .managed_service_account(&pool.down_level())
                    .keeps_running_on_changes(),
            )
            .site(
                Site::new("Ledger")
                    .http(80, "ledger.vanarsdel.example")
                    .pool("Ledger"),
            )
            .location(
                "Ledger",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    let visit = Visit::new(&pc, &kim, &web, spn);
    let (before, changed) = (w.at("07:00"), w.at("10:00:08"));
    w.kerberos_works(&visit, &old, 10, before, changed);
    w.change_config(
        changed,
        &web,
        "",
        "/system.applicationHost/applicationPools/add[@name=\"Ledger\"]/processModel/@userName",
        (&old.down_level(), &pool.down_level()),
    );
    let moved = w.at("10:03:20");
    w.remove_spn(moved, spn, &old, &admin);
    w.add_spn(moved, spn, &pool, &admin);
    w.setspn(
        "after.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}"), "-L svc_ledger"],
    );
    let (from, to) = (w.at("10:08"), w.at("13:30"));
    w.kerberos_modified(&visit, &pool, &old, 15, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding_at_least("KM-03", Status::Likely, &[("site", "Ledger")])
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "POOL-02", "ET-04",
            ]),
    )
}

/// KM-04: one application of the host name has useAppPoolCredentials, the site's root has not.
pub fn pool_credentials_in_one_application() -> Story {
    let mut w = story(
        "pool-credentials-in-one-application",
        "/api opens tickets with the pool's account, / with the machine's",
        "Site and application share host name and pool account, which holds the name. useAppPoolCredentials was set for
         /api alone: there Kerberos works. The root still opens tickets with the machine account and refuses the very
         same tickets.",
    )
    .in_domain("datum.example", "DATUM");
    let (dc, web, pc) = (w.dc("DTDC"), w.server("DTWEB9"), w.client("DT-LAP-8"));
    let (yui, pool) = (w.user("yui.sato"), w.service_account("svc_portal"));
    let spn = "HTTP/portal.datum.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Portal").specific_user(&pool.down_level()))
            .site(
                Site::new("Portal")
                    .http(80, "portal.datum.example")
                    .pool("Portal")
                    .application("/api", "Portal"),
            )
            .location("Portal", Auth::windows_only())
            .location(
                "Portal/api",
                Auth::new().windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}"), "-L svc_portal"],
    );
    let visit = Visit::new(&pc, &yui, &web, spn);
    let (from, to) = (w.at("08:00"), w.at("14:00"));
    w.kerberos_works(&visit, &pool, 12, from, to);
    w.kerberos_modified(&visit, &pool, &web.machine(), 11, from, to);
    w.noise(&web, 80);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding_at_least("KM-04", Status::Likely, &[("site", "Portal")])
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-06", "SPN-07", "KM-05", "POOL-02", "CFG-15",
            ]),
    )
}

/// KM-05: two applications of one host name run as two domain accounts.
pub fn two_pool_accounts_behind_one_name() -> Story {
    let mut w = story(
        "two-pool-accounts-one-host-name",
        "Two applications of one host name run as two accounts: one of them always loses",
        "/hr and /payroll share a host name, each with a pool of its own account that opens its tickets. The name is held
         once, by the account of /hr; /payroll cannot open those tickets. To register the name on both would be a
         duplicate.",
    )
    .in_domain("southridge.example", "SOUTHRIDGE");
    let (dc, web, pc) = (w.dc("SRDC2"), w.server("SRWEB1"), w.client("SR-0102"));
    let iva = w.user("iva.horvat");
    let (hr, payroll) = (
        w.service_account("svc_hr"),
        w.service_account("svc_payroll"),
    );
    let spn = "HTTP/people.southridge.example";
    w.register(spn, &hr);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("HR").specific_user(&hr.down_level()))
            .pool(Pool::new("Payroll").specific_user("svc_payroll@southridge.example"))
            .site(
                Site::new("People")
                    .https("people.southridge.example")
                    .pool("HR")
                    .application("/hr", "HR")
                    .application("/payroll", "Payroll"),
            )
            .location(
                "People",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "spn people.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-F -Q {spn}"), "-L svc_hr", "-L svc_payroll"],
    );
    let visit = Visit::new(&pc, &iva, &web, spn);
    let (from, to) = (w.at("08:30"), w.at("12:30"));
    w.kerberos_works(&visit, &hr, 12, from, to);
    w.kerberos_modified(&visit, &hr, &payroll, 12, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding(
                "KM-05",
                Status::Confirmed,
                &[("spn", spn), ("site", "People")],
            )
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "SPN-12", "KM-04", "POOL-02",
            ]),
    )
}

/// KM-06: the pool runs as an account of the server itself, which has no key in the directory.
pub fn local_account_opens_tickets() -> Story {
    let mut w = story(
        "pool-runs-as-local-account",
        "A local account is to open the tickets, and has no key in Active Directory",
        "The pool runs as a local user of the server, and user mode makes that account open the tickets. The site is used by
         the server's own name, so the KDC seals tickets for the machine account; whoever held the name, a local account
         could not open them.",
    )
    .in_domain("bellows.example", "BELLOWS");
    let (dc, web, pc) = (w.dc("BCDC1"), w.server("BCWEB4"), w.client("BC-77"));
    let ola = w.user("ola.nordmann");
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Dispatch").specific_user(r".\websvc"))
            .site(
                Site::new("Dispatch")
                    .http(80, "bcweb4.bellows.example")
                    .pool("Dispatch"),
            )
            .location(
                "Dispatch",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_kernel_mode(false)),
            ),
    );
    let spn = "HTTP/bcweb4.bellows.example";
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &["-L BCWEB4", &format!("-F -Q {spn}")],
    );
    let visit = Visit::new(&pc, &ola, &web, spn);
    let (from, to) = (w.at("07:45"), w.at("12:00"));
    w.kerberos_modified(&visit, &web.machine(), &web.machine(), 11, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 70);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding_at_least("KM-06", Status::Likely, &[("site", "Dispatch")])
            .must_not(&[
                "SPN-01", "SPN-05", "SPN-06", "SPN-07", "POOL-02", "MC-02", "ET-04",
            ]),
    )
}
