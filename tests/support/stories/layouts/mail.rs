//! Attachments of a mail.

use jiff::SignedDuration;

use crate::support::prelude::*;
use crate::support::texts::{event_list, exchange, machine, objects, token};

/// MC-05: the server's clock, from what came by mail.
pub fn mail_with_pastes_in_two_languages() -> Story {
    let mut w = story(
        "layout-mail",
        "Attachments of a mail: the web server's clock is fourteen minutes behind",
        "No collector was used. The customer pasted what he was asked for: setspn from a French console, klist from an
         English one, w32tm, a list of Get-ADUser, LDIF, the System log of the client as a CSV of Event Viewer, a HAR, the
         server's Security log as XML, and a 7z with the configuration's copy. Clients get tickets that the server takes
         for not yet valid (0x25), and the server refuses logons with C0000133.",
    )
    .in_domain("relecloud.example", "RELECLOUD")
    .layout(Layout::Flat);
    let (dc, web, pc) = (w.dc("RC-DC1"), w.server("RC-WEB08"), w.client("RC-PC118"));
    let (elise, pool) = (w.user("elise.morel"), w.service_account("svc_registre"));
    let spn = "HTTP/registre.relecloud.example";
    w.register(spn, &pool);
    let config = ApplicationHost::new()
        .pool(Pool::new("Registre").specific_user(&pool.down_level()))
        .site(
            Site::new("Registre")
                .http(80, "registre.relecloud.example")
                .pool("Registre"),
        )
        .location(
            "Registre",
            Auth::new()
                .anonymous(false)
                .windows(Windows::enabled().use_app_pool_credentials(true)),
        );
    w.file("RC-WEB08 applicationHost.config", config.xml());
    let listed = setspn::list(Language::French, &pool, &w.spns_of(&pool));
    let pasted = Transcript::new(Prompt::Cmd).run("setspn -L svc_registre", &listed);
    w.file("spn.txt", pasted.encode(Encoding::Oem850));
    let behind = SignedDuration::from_mins(14);
    let visit = Visit::new(&pc, &elise, &web, spn);
    let realm = w.domain.realm();
    let times = w.dice.clone().times(10, w.at("08:10"), w.at("10:30"));
    let mut client_log = Vec::new();
    for time in &times {
        let ticket = events::service_ticket(*time, &dc, &elise, &pc, &pool, 0x12);
        w.event(ticket);
        client_log.push(events::kerberos_error(*time, &pc, &elise, 0x25, "", spn));
        client_log.push(events::clock_skew(*time, &pc, &web.machine().name, &realm));
        let there = *time - behind;
        let refused = events::logon_failed(there, &web, &elise, &pc, 0xc000_0133, 0);
        w.event(refused);
        w.visited(there, &visit, Way::Refused(0x8009_0324));
    }
    w.text(
        "RC-PC118 system.csv",
        &event_list::event_viewer_csv(&client_log),
        Encoding::Utf8Bom,
    );
    w.events(client_log);
    let first = times.first().copied().unwrap_or_else(|| w.at("08:10"));
    let tickets = klist::tickets(
        Language::English,
        0x6_1c04,
        &[
            Ticket::tgt(&elise, &dc, first),
            Ticket::service(&elise, spn, &dc, first),
        ],
    );
    let console = Transcript::new(Prompt::PowerShell)
        .run("klist", &tickets)
        .run(
            "w32tm /stripchart /computer:rc-web08 /samples:3",
            &machine::stripchart(&web, first, -840.3),
        )
        .run(
            "w32tm /stripchart /computer:rc-dc1 /samples:3",
            &machine::stripchart(&dc, first, 0.01),
        );
    w.file("console client.txt", console.encode(Encoding::Utf16));
    let user = Transcript::new(Prompt::PowerShell).run(
        "Get-ADUser svc_registre -Properties *",
        &objects::get_ad_user(&pool, &w.spns_of(&pool)),
    );
    w.file("account.txt", user.encode(Encoding::Utf16));
    let ldif = objects::ldif(&[(&pool, w.spns_of(&pool))]);
    w.text("svc_registre.ldf", &ldif, Encoding::Utf8);
    w.text(
        "registre.har",
        &exchange::har(first, &visit, None),
        Encoding::Utf8,
    );
    let kerberos = token::kerberos(&realm, spn, 18, 3);
    let curl = Transcript::new(Prompt::Cmd).run(
        "curl -v --negotiate -u : http://registre.relecloud.example/",
        &exchange::curl(&web, "registre.relecloud.example", &kerberos),
    );
    w.file("7z/curl.txt", curl.encode(Encoding::Oem437));
    w.text("7z/secpol.inf", &machine::user_rights(), Encoding::Utf16);
    let audit = Transcript::new(Prompt::Cmd).run("auditpol /get /category:*", &machine::auditpol());
    w.file("7z/auditpol.txt", audit.encode(Encoding::Oem850));
    w.pack("7z/", "more from RC-WEB08.7z", Archive::SevenZip);
    // Not the time service's "synchronised": this server is not.
    let seed = w.dice.next();
    let noise = events::noise(seed, &web, w.at("06:00"), w.at("18:00"), 120);
    w.events(noise.into_iter().filter(|event| event.id != 35));
    w.noise(&pc, 40);
    w.omit_logs_of(&dc);
    w.log_form(&web, "Security", LogForm::Wevtutil(Encoding::Utf8));
    w.log_form(&pc, "System", LogForm::EventViewer);
    w.finish(
        Expected::root_cause()
            .finding_at_least("MC-05", Status::Likely, &[("host", "RC-WEB08")])
            .must_not(&[
                "MC-01", "MC-02", "SPN-01", "SPN-05", "SPN-06", "AC-01", "POOL-02",
            ])
            .host("RC-WEB08", &["web-server"])
            .host("RC-PC118", &["client"])
            .kind("RC-PC118 system.csv", "event-export")
            .kind("RC-WEB08_Security.xml", "event-xml")
            .kind("RC-PC118_System.xml", "event-xml")
            .kind("RC-WEB08 applicationHost.config", "application-host-config")
            .kind("account.txt", "directory")
            .kind("svc_registre.ldf", "directory")
            .kind("console client.txt", "console")
            .kind("auditpol.txt", "auditpol")
            .kind("curl.txt", "http-exchange")
            .kind("secpol.inf", "user-rights")
            .kind("registre.har", "http-recording")
            .kind("spn.txt", "setspn"),
    )
}
