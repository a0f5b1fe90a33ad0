//! Stories of the second hop: the front end lets users in, and what it calls in their names does not know them.

use crate::support::evtx_writer::EventSpec;
use crate::support::prelude::*;
use crate::support::texts::objects::{Delegating, delegating};

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        delegation_not_configured(),
        spn_not_on_delegation_list(),
        delegation_on_wrong_account(),
        back_end_does_not_name_front_end(),
        user_may_not_be_delegated(),
        protocol_transition_not_allowed(),
        front_end_signed_in_by_ntlm(),
        token_groups_not_readable(),
        second_hop_without_the_directory(),
        browser_does_not_forward(),
        ticket_not_forwarded_across_forests(),
        delegation_to_file_server_refused(),
        proxy_connector_refused(),
    ]
}

/// An application on IIS that calls a database in its users' names.
struct App {
    w: World,
    dc: Host,
    web: Host,
    db: Host,
    pc: Host,
    user: Account,
    pool: Account,
    sql: Account,
    site: String,
    target: String,
}

/// The names of one: domain, application, people.
struct Names<'a> {
    domain: (&'a str, &'a str),
    hosts: [&'a str; 4],
    app: &'a str,
    user: &'a str,
    accounts: [&'a str; 2],
}

impl App {
    /// The front end is in order: SPN and acceptor are the pool's account, or the computer account where `by_pool` is false.
    fn new(mut w: World, names: &Names<'_>, by_pool: bool) -> Self {
        w = w.in_domain(names.domain.0, names.domain.1);
        let [dc, web, db, pc] = names.hosts;
        let (dc, web, db, pc) = (w.dc(dc), w.server(web), w.server(db), w.client(pc));
        let user = w.user(names.user);
        let [pool, sql] = names.accounts.map(|name| w.service_account(name));
        let name = format!("{}.{}", names.app.to_lowercase(), names.domain.0);
        let site = format!("HTTP/{name}");
        let holder = if by_pool { pool.clone() } else { web.machine() };
        w.register(&site, &holder);
        let target = format!("MSSQLSvc/{}:1433", db.fqdn());
        w.register(&target, &sql);
        w.config(
            &web,
            &ApplicationHost::new()
                .pool(Pool::new(names.app).specific_user(&pool.down_level()))
                .site(Site::new(names.app).https(&name).pool(names.app))
                .location(
                    names.app,
                    Auth::new()
                        .anonymous(false)
                        .windows(Windows::enabled().use_app_pool_credentials(by_pool)),
                ),
        );
        // The server asks for tickets of its own, as all do: so its address is known.
        for clock in ["07:02", "09:10"] {
            let at = w.at(clock);
            w.event(events::tgt(at, &dc, &web.machine(), &web));
        }
        let mut app = Self {
            w,
            dc,
            web,
            db,
            pc,
            user,
            pool,
            sql,
            site,
            target,
        };
        for host in [app.dc.clone(), app.web.clone()] {
            app.w.noise(&host, 45);
        }
        app
    }

    /// Users come to the front end by Kerberos, with this impersonation level.
    fn come(&mut self, user: &Account, level: &str, count: usize) {
        let (from, to) = (self.w.at("08:00"), self.w.at("11:30"));
        for time in self.w.dice.clone().times(count, from, to) {
            let logon = events::logon_kerberos(time, &self.web, user, &self.pc);
            self.w.event(logon.with("ImpersonationLevel", level));
        }
    }

    /// Users come by NTLM.
    fn come_by_ntlm(&mut self, count: usize) {
        let (from, to) = (self.w.at("08:00"), self.w.at("11:30"));
        for time in self.w.dice.clone().times(count, from, to) {
            let logon = events::logon_ntlm(time, &self.web, &self.user, &self.pc);
            self.w.event(logon);
        }
    }

    /// The web server's own log: the KDC refuses it a ticket in a user's name.
    fn refused_on_server(&mut self, target: &str, count: usize) {
        let (from, to) = (self.w.at("08:10"), self.w.at("11:50"));
        for time in self.w.dice.clone().times(count, from, to) {
            let extended = "0xc00000bb KLIN(0)";
            let error = events::kerberos_error(time, &self.web, &self.user, 0xd, extended, target);
            self.w.event(error);
        }
    }

    /// The domain controller's log of the same, with KdcExtraLogLevel.
    fn refused_on_dc(&mut self, user: &Account, target: &str, count: usize) {
        let (from, to) = (self.w.at("08:10"), self.w.at("11:50"));
        for time in self.w.dice.clone().times(count, from, to) {
            let event = events::service_ticket_failed(time, &self.dc, user, &self.web, target, 0xd);
            self.w.event(in_users_name(event));
        }
    }

    /// The database sees nobody.
    fn nobody_at_the_database(&mut self, count: usize) {
        let (from, to) = (self.w.at("08:12"), self.w.at("11:55"));
        let login = r"NT AUTHORITY\ANONYMOUS LOGON";
        for time in self.w.dice.clone().times(count, from, to) {
            self.w
                .event(events::sql_login_failed(time, &self.db, login, &self.web));
        }
    }

    /// The directory's view of accounts, as a list of PowerShell.
    fn listed(&mut self, path: &str, encoding: Encoding, objects: &[Delegating<'_>]) {
        let text: String = objects.iter().map(delegating).collect();
        let shown = Transcript::new(Prompt::PowerShell).run(
            "Get-ADObject -Filter $these -Properties userAccountControl,msDS-AllowedToDelegateTo,PrincipalsAllowedToDelegateToAccount,memberOf",
            &text,
        );
        self.w.text(path, shown.text(), encoding);
    }

    /// Who holds the database's SPN, and the site's.
    fn asked_for_holders(&mut self, path: &str, prompt: Prompt, encoding: Encoding) {
        let runs = [
            format!("-F -Q {}", self.target),
            format!("-F -Q {}", self.site),
        ];
        let runs: Vec<&str> = runs.iter().map(String::as_str).collect();
        self.w.setspn(path, prompt, encoding, &runs);
    }
}

/// A request for a ticket that carries a user in its additional ticket.
fn in_users_name(event: EventSpec) -> EventSpec {
    event.with("TicketOptions", Value::from("0x40830000"))
}

fn app(name: &str, title: &str, summary: &str, names: &Names<'_>, by_pool: bool) -> App {
    App::new(story(name, title, summary), names, by_pool)
}

/// DG-01.
fn delegation_not_configured() -> Story {
    let names = Names {
        domain: ("ribe.example", "RIBE"),
        hosts: ["RI-DC1", "RI-APP4", "RI-SQL2", "RI-3312"],
        app: "Lager",
        user: "mette.holm",
        accounts: ["svc_lager", "svc_sqllager"],
    };
    let mut a = app(
        "delegation-not-configured",
        "The warehouse application calls its database as the user, and nobody set up delegation",
        "Users sign in by Kerberos and see the start page; every list is empty, and SQL Server notes 18456 for ANONYMOUS
         LOGON from the web server's address. The Kerberos log of the web server has 0xD for the database's SPN. The pool's
         account opens the users' tickets: it is trusted for nothing and has no list, and the database's account names
         nobody.",
        &names,
        true,
    );
    let user = a.user.clone();
    a.come(&user, "%%1833", 14);
    let target = a.target.clone();
    a.refused_on_server(&target, 9);
    a.nobody_at_the_database(9);
    a.asked_for_holders("setspn.txt", Prompt::Cmd, Encoding::Oem850);
    let (pool, sql) = (a.pool.clone(), a.sql.clone());
    a.listed(
        "ad-accounts.txt",
        Encoding::Utf16,
        &[Delegating::of(&pool), Delegating::of(&sql)],
    );
    a.w.finish(
        Expected::root_cause()
            .finding(
                "DG-01",
                Status::Confirmed,
                &[("site", "Lager"), ("account", r"RIBE\svc_lager")],
            )
            .must_not(&[
                "DG-04", "DG-05", "DG-07", "DG-13", "SPN-01", "SPN-05", "AC-01", "DG-09", "DG-02",
            ]),
    )
}

/// DG-04.
fn spn_not_on_delegation_list() -> Story {
    let names = Names {
        domain: ("morlaix.example", "MORLAIX"),
        hosts: ["MX-DC2", "MX-WEB1", "MX-DB7", "MX-0108"],
        app: "Achats",
        user: "yann.legall",
        accounts: ["svc_achats", "svc_bdd"],
    };
    let mut a = app(
        "spn-not-on-delegation-list",
        "The delegation list has the database's short name, and the application uses the full one",
        "Constrained delegation was set up for MSSQLSvc/MX-DB7; the connection string was changed to the full name and the
         port. Since then the KDC refuses (0xD, audited with KdcExtraLogLevel): two users are seen. Sign-in is by Kerberos
         all along. The accounts were exported with ldifde.",
        &names,
        true,
    );
    let (user, other) = (a.user.clone(), a.w.user("elsa.morvan"));
    a.come(&user, "%%1833", 8);
    a.come(&other, "%%1833", 6);
    let target = a.target.clone();
    a.refused_on_dc(&user, &target, 7);
    a.refused_on_dc(&other, &target, 4);
    a.asked_for_holders("MX-WEB1_setspn.txt", Prompt::Cmd, Encoding::Utf8);
    let list = vec![
        "MSSQLSvc/MX-DB7".to_owned(),
        "MSSQLSvc/MX-DB7:1433".to_owned(),
    ];
    let (pool, sql) = (a.pool.clone(), a.sql.clone());
    let objects = [Delegating::of(&pool).to(list), Delegating::of(&sql)];
    let ldif: String = objects
        .iter()
        .map(texts::objects::delegating_ldif)
        .collect();
    a.w.text("export.ldf", &ldif, Encoding::Utf8);
    let db = a.db.clone();
    a.w.omit_logs_of(&db);
    a.w.finish(
        Expected::root_cause()
            .finding(
                "DG-04",
                Status::Confirmed,
                &[("account", r"MORLAIX\svc_achats"), ("site", "Achats")],
            )
            .must_not(&[
                "DG-01", "DG-02", "DG-05", "DG-06", "DG-07", "SPN-01", "SPN-05", "DG-11",
            ]),
    )
}

/// DG-05.
fn delegation_on_wrong_account() -> Story {
    let names = Names {
        domain: ("alcoy.example", "ALCOY"),
        hosts: ["ALC-DC1", "ALC-IIS3", "ALC-SQL1", "ALC-2049"],
        app: "Pedidos",
        user: "nuria.ferrer",
        accounts: ["svc_pedidos", "svc_sqlprod"],
    };
    let mut a = app(
        "delegation-on-wrong-account",
        "The delegation list is on the pool's account, and kernel mode opens tickets with the computer account",
        "The list with the right SPN stands on the account that the pool runs as. Kernel mode is on and
         useAppPoolCredentials was never set, so that the computer account opens the users' tickets and would have to
         delegate: its list is empty. Sign-in works, the database is refused with 0xD.",
        &names,
        false,
    );
    let user = a.user.clone();
    a.come(&user, "%%1833", 12);
    let target = a.target.clone();
    a.refused_on_server(&target, 11);
    a.asked_for_holders("spn.txt", Prompt::Remote("ALC-IIS3".into()), Encoding::Utf8);
    let (pool, sql, machine) = (a.pool.clone(), a.sql.clone(), a.web.machine());
    a.listed(
        "delegacion.txt",
        Encoding::Utf8Bom,
        &[
            Delegating::of(&pool).to(vec![target, "MSSQLSvc/ALC-SQL1".into()]),
            Delegating::of(&machine),
            Delegating::of(&sql),
        ],
    );
    let db = a.db.clone();
    a.w.omit_logs_of(&db);
    a.w.finish(
        Expected::root_cause()
            .finding("DG-05", Status::Confirmed, &[("site", "Pedidos")])
            .must_not(&["DG-01", "DG-04", "DG-07", "DG-06", "SPN-05", "SPN-06"]),
    )
}

/// DG-07.
fn back_end_does_not_name_front_end() -> Story {
    let names = Names {
        domain: ("kotka.example", "KOTKA"),
        hosts: ["KO-DC1", "KO-WEB2", "KO-DB3", "KO-0777"],
        app: "Tilaus",
        user: "aino.laine",
        accounts: ["svc_tilaus", "svc_db3"],
    };
    let mut a = app(
        "back-end-does-not-name-front-end",
        "The database's account lets the old web server pass users on, and the site has moved to a new one",
        "Resource-based delegation was set up for KO-WEB1. The site moved to KO-WEB2, whose computer account opens the
         tickets in kernel mode: the database's account does not name it. The database sees nobody, and the web server's
         Kerberos log has 0xD.",
        &names,
        false,
    );
    let user = a.user.clone();
    let old = a.w.server("KO-WEB1");
    a.come(&user, "%%1833", 12);
    let target = a.target.clone();
    a.refused_on_server(&target, 8);
    a.nobody_at_the_database(6);
    a.asked_for_holders("setspn-KO-WEB2.log", Prompt::PowerShell, Encoding::Utf16);
    let (sql, machine, old) = (a.sql.clone(), a.web.machine(), old.machine());
    a.listed(
        "rbcd.txt",
        Encoding::Utf8,
        &[
            Delegating::of(&sql).named(vec![old.dn()]),
            Delegating::of(&machine),
            Delegating::of(&old),
        ],
    );
    a.w.finish(
        Expected::root_cause()
            .finding("DG-07", Status::Confirmed, &[("site", "Tilaus")])
            .must_not(&["DG-01", "DG-04", "DG-05", "DG-13", "SPN-05"]),
    )
}

/// DG-02.
fn user_may_not_be_delegated() -> Story {
    let names = Names {
        domain: ("bergen.example", "BERGENNET"),
        hosts: ["BN-DC1", "BN-WEB5", "BN-SQL5", "BN-ADM1"],
        app: "Turnus",
        user: "t0-haugen",
        accounts: ["svc_turnus", "svc_sql5"],
    };
    let mut a = app(
        "user-may-not-be-delegated",
        "The administrator who tests the application is in Protected Users",
        "Delegation is set up and works: other users' tickets are passed on (4769 with transmitted services). The
         administrator who was asked to test it is in Protected Users and marked as sensitive, and is refused with 0xD.
         Nothing is wrong with the application.",
        &names,
        true,
    );
    let (admin, user) = (a.user.clone(), a.w.user("liv.aasen"));
    a.come(&admin, "%%1833", 4);
    a.come(&user, "%%1833", 9);
    let target = a.target.clone();
    a.refused_on_dc(&admin, &target, 4);
    let (from, to) = (a.w.at("08:05"), a.w.at("11:00"));
    for time in a.w.dice.clone().times(6, from, to) {
        let ticket = events::service_ticket(time, &a.dc, &user, &a.web, &a.sql, 0x12);
        let transmitted = a.pool.principal();
        let ticket = in_users_name(ticket).with("TransmittedServices", transmitted.as_str());
        a.w.event(ticket);
    }
    a.asked_for_holders("holders.txt", Prompt::Cmd, Encoding::Oem437);
    let pool = a.pool.clone();
    a.listed(
        "users-and-services.txt",
        Encoding::Windows1252,
        &[
            Delegating::of(&pool).to(vec![target]),
            Delegating::of(&admin)
                .control(0x10_0200)
                .member_of("CN=Protected Users,CN=Users,DC=bergen,DC=example"),
        ],
    );
    let db = a.db.clone();
    a.w.omit_logs_of(&db);
    a.w.finish(
        Expected::root_cause()
            .finding("DG-02", Status::Confirmed, &[("account", "t0-haugen")])
            .must_not(&[
                "DG-01", "DG-04", "DG-05", "DG-06", "DG-09", "NT-05", "SPN-01",
            ]),
    )
}

/// DG-06.
fn protocol_transition_not_allowed() -> Story {
    let names = Names {
        domain: ("gent.example", "GENTDOM"),
        hosts: ["GD-DC1", "GD-WEB1", "GD-SQL1", "GD-0031"],
        app: "Dossier",
        user: "lien.claeys",
        accounts: ["svc_dossier", "svc_gdsql"],
    };
    let mut a = app(
        "protocol-transition-not-allowed",
        "Users come by NTLM, and the account may delegate Kerberos users only",
        "The site was reached by NTLM for weeks. Its application asks the KDC for tickets of its users to itself and then for
         the database; the account's delegation is \"use Kerberos only\", so that the KDC refuses with 0xD though the SPN is on
         the list.",
        &names,
        true,
    );
    a.come_by_ntlm(13);
    let target = a.target.clone();
    a.refused_on_server(&target, 9);
    a.asked_for_holders("setspn.txt", Prompt::None, Encoding::Utf8);
    let (pool, sql) = (a.pool.clone(), a.sql.clone());
    a.listed(
        "kcd.txt",
        Encoding::Oem850,
        &[Delegating::of(&pool).to(vec![target]), Delegating::of(&sql)],
    );
    let db = a.db.clone();
    a.w.omit_logs_of(&db);
    a.w.finish(
        Expected::root_cause()
            .finding("DG-06", Status::Confirmed, &[("site", "Dossier")])
            .must_not(&["DG-01", "DG-02", "DG-04", "DG-05", "DG-10", "DG-13"]),
    )
}

/// DG-13.
fn front_end_signed_in_by_ntlm() -> Story {
    let names = Names {
        domain: ("leuna.example", "LEUNA"),
        hosts: ["LE-DC1", "LE-WEB9", "LE-SQL9", "LE-1501"],
        app: "Labor",
        user: "jana.kirsch",
        accounts: ["svc_labor", "svc_sql9"],
    };
    let mut a = app(
        "front-end-signed-in-by-ntlm",
        "The SPN of the site went missing, users come by NTLM, and the database sees nobody",
        "The laboratory application delegated well until its SPN was lost in a clean-up. Browsers fall back to NTLM without a
         word; the pages open, and SQL Server refuses ANONYMOUS LOGON from the web server. The list on the pool's account is
         right, and the KDC is never asked for the database. The missing SPN is the cause; the second hop follows from it.",
        &names,
        true,
    );
    let (pool, site) = (a.pool.clone(), a.site.clone());
    a.w.unregister(&site, &pool);
    let visit = Visit::new(&a.pc, &a.user, &a.web, &site);
    let (from, to) = (a.w.at("08:00"), a.w.at("11:30"));
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    a.w.ntlm_instead(&visit, fallback, 12, from, to);
    a.nobody_at_the_database(10);
    a.asked_for_holders("LE-WEB9_setspn.txt", Prompt::Cmd, Encoding::Oem850);
    let (target, sql) = (a.target.clone(), a.sql.clone());
    a.listed(
        "konten.txt",
        Encoding::Utf8,
        &[Delegating::of(&pool).to(vec![target]), Delegating::of(&sql)],
    );
    a.w.finish(
        Expected::root_cause()
            .finding("SPN-01", Status::Confirmed, &[("spn", &site)])
            .finding("DG-13", Status::Confirmed, &[("site", "Labor")])
            .must_not(&["DG-01", "DG-04", "DG-05", "DG-06", "DG-09", "CFG-03"]),
    )
}

/// DG-10.
fn token_groups_not_readable() -> Story {
    let names = Names {
        domain: ("turku.example", "TURKU"),
        hosts: ["TU-DC1", "TU-WEB1", "TU-SQL1", "TU-0404"],
        app: "Palkka",
        user: "sanna.virta",
        accounts: ["svc_palkka", "svc_tusql"],
    };
    let mut a = app(
        "token-groups-not-readable",
        "The payroll application makes tickets for its users, and may not read their groups",
        "The application signs users in with a form and asks the KDC for a ticket of each to itself. In this hardened domain
         its account may not read users' groups: the KDC answers as if they did not exist, and with KdcExtraLogLevel it notes
         event 25, which names the account and the user.",
        &names,
        true,
    );
    let (from, to) = (a.w.at("08:10"), a.w.at("11:50"));
    for time in a.w.dice.clone().times(7, from, to) {
        let event = events::kdc_s4u_refused(time, &a.dc, &a.pool, &a.user);
        a.w.event(event);
    }
    a.asked_for_holders("setspn.txt", Prompt::Heading, Encoding::Utf8);
    let pc = a.pc.clone();
    a.w.omit_logs_of(&pc);
    a.w.finish(
        Expected::root_cause()
            .finding(
                "DG-10",
                Status::Confirmed,
                &[("account", r"TURKU\svc_palkka")],
            )
            .must_not(&["DG-01", "DG-06", "DG-04", "AC-11", "AC-08"]),
    )
}

/// The twin of them all: nothing of the directory was sent.
fn second_hop_without_the_directory() -> Story {
    let names = Names {
        domain: ("gijon.example", "GIJON"),
        hosts: ["GI-DC1", "GI-WEB4", "GI-SQL4", "GI-0900"],
        app: "Nominas",
        user: "pablo.rey",
        accounts: ["svc_nominas", "svc_sql4"],
    };
    let mut a = app(
        "second-hop-without-the-directory",
        "The second hop is refused, and the bundle has nothing of the directory",
        "The KDC refuses the web server tickets for its database and for a file server (0xD), and a proxy's connector one for
         the site. How users came to the web server, whether its account has a list, which one, and what the back ends'
         accounts name was not sent: any of several causes fits, and the report must ask instead of guessing.",
        &names,
        true,
    );
    let target = a.target.clone();
    a.refused_on_server(&target, 9);
    a.refused_on_server("cifs/files.gijon.example", 4);
    let (user, site, db) = (a.user.clone(), a.site.clone(), a.db.clone());
    for clock in ["09:02:11", "10:40:37"] {
        let at = a.w.at(clock);
        let event = events::service_ticket_failed(at, &a.dc, &user, &db, &site, 0xd);
        a.w.event(in_users_name(event));
    }
    a.w.omit_logs_of(&db);
    let web = a.web.clone();
    a.w.omit_log(&web, "Security");
    a.w.finish(
        Expected::inconclusive()
            .not_assessed(&[
                "DG-01", "DG-02", "DG-04", "DG-05", "DG-06", "DG-07", "DG-08", "DG-11", "DG-12",
                "DG-13",
            ])
            .must_not(&[
                "DG-01", "DG-02", "DG-03", "DG-04", "DG-05", "DG-06", "DG-07", "DG-08", "DG-09",
                "DG-10", "DG-11", "DG-12", "DG-13",
            ]),
    )
}

/// DG-09.
fn browser_does_not_forward() -> Story {
    let names = Names {
        domain: ("pisa.example", "PISA"),
        hosts: ["PI-DC1", "PI-WEB1", "PI-SQL1", "PI-0220"],
        app: "Bilancio",
        user: "marta.gori",
        accounts: ["svc_bilancio", "svc_pisql"],
    };
    let mut a = app(
        "browser-does-not-forward",
        "Delegation to any service, and a browser that forwards no ticket",
        "The pool's account is trusted for any service since the days of Internet Explorer. With the new browser users come
         by Kerberos with impersonation level 1833, and the database sees nobody; the batch client of the accounting team
         still comes with 1840. The policies of a client's browser let it sign in to the site, and forward the ticket to
         another site only.",
        &names,
        true,
    );
    let (user, batch) = (a.user.clone(), a.w.user("batch.conti"));
    a.come(&user, "%%1833", 10);
    a.come(&batch, "%%1840", 4);
    a.nobody_at_the_database(9);
    a.asked_for_holders("spn.txt", Prompt::Cmd, Encoding::Oem850);
    let pool = a.pool.clone();
    a.listed(
        "svc.txt",
        Encoding::Utf16,
        &[Delegating::of(&pool).control(0x9_0200)],
    );
    let key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Edge";
    let policies = [
        ("AuthNegotiateDelegateAllowlist", "crm.pisa.example"),
        ("AuthServerAllowlist", "*.pisa.example"),
    ];
    let values = policies.map(|(name, value)| format!("    {name}    REG_SZ    {value}\n"));
    let shown = Transcript::new(Prompt::Remote("PI-0220".into())).run(
        r"reg query HKLM\SOFTWARE\Policies\Microsoft\Edge",
        &format!("\n{key}\n{}\n", values.concat()),
    );
    a.w.text("PI-0220_edge.txt", shown.text(), Encoding::Oem850);
    a.w.finish(
        Expected::root_cause()
            .finding("DG-09", Status::Likely, &[("site", "Bilancio")])
            .not_assessed(&["DG-03"])
            .must_not(&["DG-01", "DG-04", "DG-05", "DG-13", "DG-08"]),
    )
}

/// DG-08 and DG-03.
fn ticket_not_forwarded_across_forests() -> Story {
    let names = Names {
        domain: ("skive.example", "SKIVE"),
        hosts: ["SV-DC1", "SV-WEB1", "SV-SQL1", "SV-0042"],
        app: "Faelles",
        user: "nina.bech",
        accounts: ["svc_faelles", "svc_svsql"],
    };
    let mut a = app(
        "ticket-not-forwarded-across-forests",
        "Users of the partner forest sign in, and their second hop arrives as nobody",
        "The application delegates to any service. Its own users are passed on (impersonation level 1840); those of the
         partner forest come with 1833 and the database refuses nobody. A client of theirs notes that Credential Guard kept
         NTLM from a program, which may be said and no more. The trust does not let tickets be forwarded.",
        &names,
        true,
    );
    let partner = Domain::new("partner-as.example", "PARTNERAS");
    let user = a.user.clone();
    let guest = a.w.account_in(&partner, "ole.friis", "OU=Staff");
    a.come(&user, "%%1840", 6);
    a.come(&guest, "%%1833", 8);
    a.nobody_at_the_database(8);
    let (from, to) = (a.w.at("08:00"), a.w.at("09:00"));
    for time in a.w.dice.clone().times(2, from, to) {
        a.w.event(events::ntlm_credential_guard(time, &a.pc, "legacysync.exe"));
    }
    a.asked_for_holders("setspn_SV-WEB1.txt", Prompt::Cmd, Encoding::Oem437);
    let pool = a.pool.clone();
    a.listed(
        "adobj.txt",
        Encoding::Utf8,
        &[Delegating::of(&pool).control(0x9_0200)],
    );
    let rows = [
        ("Direction", "BiDirectional"),
        (
            "DistinguishedName",
            "CN=partner-as.example,CN=System,DC=skive,DC=example",
        ),
        ("ForestTransitive", "True"),
        ("Name", "partner-as.example"),
        ("SelectiveAuthentication", "False"),
        ("Target", "partner-as.example"),
        ("TGTDelegation", "False"),
    ];
    let rows = rows.map(|(name, value)| format!("{name:<24}: {value}\n"));
    let shown = Transcript::new(Prompt::PowerShell)
        .run("Get-ADTrust -Filter *", &format!("\n{}\n", rows.concat()));
    a.w.text("trusts.txt", shown.text(), Encoding::Utf16);
    a.w.finish(
        Expected::root_cause()
            .finding("DG-08", Status::Confirmed, &[("site", "Faelles")])
            .finding("DG-03", Status::Possible, &[("site", "Faelles")])
            .must_not(&["DG-01", "DG-04", "DG-05", "DG-13", "TR-06"]),
    )
}

/// DG-11.
fn delegation_to_file_server_refused() -> Story {
    let names = Names {
        domain: ("vaduz.example", "VADUZ"),
        hosts: ["VZ-DC1", "VZ-WEB1", "VZ-FILE1", "VZ-0300"],
        app: "Archiv",
        user: "eva.nigg",
        accounts: ["svc_archiv", "svc_unused"],
    };
    let mut a = app(
        "delegation-to-file-server-refused",
        "Delegation to the file server is set up, and refused all the same",
        "The archive reads scans from a share as the user. The pool's account has cifs/ of the file server on its list in the
         form that is asked for, and the KDC refuses with 0xD. Microsoft documents such refusals for file servers; a protected
         user would fit as well, so that the report may call it possible and no more.",
        &names,
        true,
    );
    let user = a.user.clone();
    a.come(&user, "%%1833", 9);
    let share = format!("cifs/{}", a.db.fqdn());
    a.refused_on_server(&share, 7);
    a.asked_for_holders("spn-liste.txt", Prompt::Cmd, Encoding::Utf8);
    let pool = a.pool.clone();
    a.listed(
        "pool-konto.txt",
        Encoding::Utf16,
        &[Delegating::of(&pool).to(vec![share])],
    );
    let file = a.db.clone();
    a.w.omit_logs_of(&file);
    a.w.finish(
        Expected::inconclusive()
            .finding("DG-11", Status::Possible, &[("site", "Archiv")])
            .ruled_out(&["DG-04"])
            .must_not(&["DG-01", "DG-04", "DG-05", "AZ-02"]),
    )
}

/// DG-12.
fn proxy_connector_refused() -> Story {
    let names = Names {
        domain: ("elba.example", "ELBANET"),
        hosts: ["EB-DC1", "EB-WEB1", "EB-CONN2", "EB-0800"],
        app: "Ordini",
        user: "luca.neri",
        accounts: ["svc_ordini", "svc_none"],
    };
    let mut a = app(
        "proxy-connector-refused",
        "A publishing proxy's connector is refused tickets to the site; users inside work",
        "The order site is published by an application proxy. Its new connector has the site's SPN on its list, \"Kerberos
         only\", and the KDC refuses it tickets in users' names. Users inside sign in by Kerberos. The connector's own log was
         not sent, so that the report may call it possible.",
        &names,
        true,
    );
    let (user, site) = (a.user.clone(), a.site.clone());
    a.come(&user, "%%1833", 9);
    let connector = a.db.machine();
    let (from, to) = (a.w.at("08:10"), a.w.at("11:50"));
    for time in a.w.dice.clone().times(8, from, to) {
        let event = events::service_ticket_failed(time, &a.dc, &connector, &a.db, &site, 0xd);
        a.w.event(in_users_name(event));
    }
    a.asked_for_holders("setspn.txt", Prompt::Cmd, Encoding::Oem850);
    a.listed(
        "connector.txt",
        Encoding::Utf8,
        &[Delegating::of(&connector).to(vec![site])],
    );
    let conn = a.db.clone();
    a.w.omit_logs_of(&conn);
    a.w.finish(
        Expected::inconclusive()
            .finding("DG-12", Status::Possible, &[("site", "Ordini")])
            .must_not(&["DG-01", "DG-04", "DG-05", "NAME-07", "SPN-05"]),
    )
}
