//! Stories of a chain of machines with a fault of its own at each.

use super::several::quiet;
use crate::support::prelude::*;
use crate::support::texts::objects::{Delegating, delegating};

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![fault_on_every_hop()]
}

/// SPN-22 before the web server, DG-04 behind it, and a login that SQL Server lacks.
pub fn fault_on_every_hop() -> Story {
    let mut w = story(
        "fault-on-every-hop",
        "Gateway, web server, database: the public name is on the gateway, the list of delegation names the old database",
        "Outside users come by the public name, which is registered on the gateway's computer account; the web server opens
         tickets with its pool's account and cannot open theirs. Inside users come by the inner name with Kerberos, and see
         empty lists: the pool's account may pass them on to the database server of before, not to the one that it calls. The
         nightly job logs in at the database as the pool's account, which has no login there: that is SQL Server's business,
         and nobody's identity got lost there.",
    )
    .in_domain("oulu.example", "OULU");
    let (dc, gate, web, db) = (
        w.dc("OL-DC1"),
        w.server("OL-GATE1"),
        w.server("OL-APP1"),
        w.server("OL-SQL2"),
    );
    let (pc, outside) = (w.client("OL-0230"), w.client("OL-H-91"));
    let (kaisa, mikko) = (w.user("kaisa.niemi"), w.user("mikko.oja"));
    let (pool, sql) = (
        w.service_account("svc_palvelu"),
        w.service_account("svc_sql2"),
    );
    let (public, inner) = (
        "HTTP/palvelu.oulu.example",
        "HTTP/palvelu-sisa.oulu.example",
    );
    let target = format!("MSSQLSvc/{}:1433", db.fqdn());
    w.register(public, &gate.machine());
    w.register(inner, &pool);
    w.register(&target, &sql);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Palvelu").specific_user(&pool.down_level()))
            .site(
                Site::new("Palvelu")
                    .https("palvelu.oulu.example")
                    .https("palvelu-sisa.oulu.example")
                    .pool("Palvelu"),
            )
            .location(
                "Palvelu",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            &format!("-F -Q {public}"),
            &format!("-F -Q {inner}"),
            &format!("-F -Q {target}"),
        ],
    );
    for host in [&gate, &web] {
        let console = Transcript::new(Prompt::Cmd).run("ipconfig /all", &texts::ipconfig(host));
        let path = w.path(host, "ipconfig.txt");
        w.text(&path, console.text(), Encoding::Oem437);
    }
    let answer = nslookup::address(&dc, "palvelu.oulu.example", &gate.ip);
    let console = Transcript::new(Prompt::Cmd).run("nslookup palvelu.oulu.example", &answer);
    w.text("dns.txt", console.text(), Encoding::Utf8);
    let listed: String = [
        Delegating::of(&pool).to(vec!["MSSQLSvc/OL-SQL1.oulu.example:1433".into()]),
        Delegating::of(&sql),
    ]
    .iter()
    .map(delegating)
    .collect();
    let shown = Transcript::new(Prompt::PowerShell).run(
        "Get-ADObject -Filter $these -Properties userAccountControl,msDS-AllowedToDelegateTo,PrincipalsAllowedToDelegateToAccount,memberOf",
        &listed,
    );
    w.text("delegation.txt", shown.text(), Encoding::Utf16);
    for clock in ["07:02", "09:10"] {
        let at = w.at(clock);
        w.event(events::tgt(at, &dc, &web.machine(), &web));
    }
    let (from, to) = (w.at("08:00"), w.at("12:10"));
    let visit = Visit::new(&outside, &mikko, &web, public);
    w.kerberos_modified(&visit, &gate.machine(), &pool, 8, from, to);
    w.kerberos_works(&Visit::new(&pc, &kaisa, &web, inner), &pool, 8, from, to);
    for time in w.dice.clone().times(6, from, to) {
        let extended = "0xc00000bb KLIN(0)";
        w.event(events::kerberos_error(
            time, &web, &kaisa, 0xd, extended, &target,
        ));
        let nobody = r"NT AUTHORITY\ANONYMOUS LOGON";
        w.event(events::sql_login_failed(time, &db, nobody, &web));
    }
    for clock in ["02:00:04", "03:00:04"] {
        let at = w.at(clock);
        w.event(events::sql_login_failed(at, &db, &pool.down_level(), &web));
    }
    w.log_form(&db, "Application", LogForm::EventViewer);
    quiet(&mut w, &[&web, &dc, &outside]);
    w.finish(
        Expected::root_cause()
            .finding("SPN-22", Status::Confirmed, &[("spn", public)])
            .finding(
                "DG-04",
                Status::Confirmed,
                &[("account", r"OULU\svc_palvelu"), ("site", "Palvelu")],
            )
            .must_not(&[
                "DG-01", "DG-02", "DG-05", "DG-07", "DG-13", "SPN-01", "SPN-05", "SPN-06",
                "SPN-07", "SPN-12", "NAME-05", "PRX-02", "MC-02",
            ]),
    )
}
