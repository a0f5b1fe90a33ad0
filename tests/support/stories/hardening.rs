//! Stories in which an update that hardens Kerberos, or a key of krbtgt, refuses tickets.

use super::encryption::{pool_site, small};
use crate::support::prelude::*;
use crate::support::texts::machine;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        controller_without_pac_signature(),
        controller_without_pac_requestor(),
        krbtgt_reset_twice(),
        client_was_refused_and_no_kdc_log(),
        smart_card_without_sid(),
        pac_check_across_domains(),
        cloned_servers(),
    ]
}

/// The causes that these stories tell apart.
const FAMILY: [&str; 7] = [
    "ET-07", "ET-08", "ET-09", "ET-11", "ET-12", "ET-13", "ET-15",
];

fn not(own: &str) -> Vec<&'static str> {
    let others = FAMILY.into_iter().filter(|cause| *cause != own);
    others
        .chain(["SPN-01", "SPN-05", "POOL-02", "TR-06"])
        .collect()
}

/// What is common to them: an application of a pool's account.
struct Site {
    dc: Host,
    web: Host,
    pc: Host,
    user: Account,
    spn: &'static str,
}

fn site(w: &mut World, names: [&str; 6], spn: &'static str) -> Site {
    let [dc, web, pc, user, pool, name] = names;
    let (dc, web, pc) = (w.dc(dc), w.server(web), w.client(pc));
    let (user, pool) = (w.user(user), w.service_account(pool));
    pool_site(w, &web, &pool, name, spn);
    Site {
        dc,
        web,
        pc,
        user,
        spn,
    }
}

impl Site {
    /// Tickets for the site that a controller refused with an error.
    fn refused(&self, w: &mut World, dc: &Host, code: u32, clocks: &[&str]) {
        for clock in clocks {
            let at = w.at(clock);
            w.event(events::service_ticket_failed(
                at, dc, &self.user, &self.pc, self.spn, code,
            ));
        }
    }

    fn background(&self, w: &mut World) {
        w.noise(&self.web, 40);
        w.noise(&self.dc, 15);
        small(w, &[&self.dc, &self.pc]);
    }
}

/// ET-08: one controller was never updated.
pub fn controller_without_pac_signature() -> Story {
    let mut w = story(
        "controller-that-signs-no-pac",
        "A forgotten domain controller issues tickets without the full PAC signature, and the updated ones refuse them",
        "The controller of a remote office was not updated since 2022. Users who sign in there and ask a controller of the head
         office for the site's ticket are refused: KDC 43 there, and 0x1F in the audit.",
    )
    .in_domain("ghent2.example", "GHENT2");
    let names = [
        "GE-DC1",
        "GE-WEB1",
        "GE-0611",
        "els.peeters",
        "svc_bibliotheek",
        "Bibliotheek",
    ];
    let s = site(&mut w, names, "HTTP/bibliotheek.ghent2.example");
    let clocks = ["08:10:30", "08:44:02", "09:31:17", "11:02:45"];
    for clock in clocks {
        let fields = vec![("AccountName", (&s.user.name).into())];
        let at = w.at(clock);
        w.event(events::kdc_record(43, at, &s.dc, fields));
    }
    let dc = s.dc.clone();
    s.refused(&mut w, &dc, 0x1f, &clocks);
    s.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("ET-08", Status::Confirmed, &[])
            .must_not(&not("ET-08")),
    )
}

/// ET-09: the same of the requestor.
pub fn controller_without_pac_requestor() -> Story {
    let mut w = story(
        "tickets-that-name-no-requestor",
        "Enforcement of the requestor in the PAC is on, and one controller of the forest does not write it",
        "PacRequestorEnforcement was set to 2 while a controller of before November 2021 still issues tickets. KDC 37 on the
         others, and 0x14 for those who come with such a ticket.",
    )
    .in_domain("malmo.example", "MALMO")
    .on("2022-02-15");
    let names = [
        "MA-DC2",
        "MA-WEB1",
        "MA-3300",
        "nils.berg",
        "svc_lager",
        "Lager",
    ];
    let s = site(&mut w, names, "HTTP/lager.malmo.example");
    let clocks = ["07:05:30", "08:40:12", "10:31:47"];
    for clock in clocks {
        let fields = vec![("AccountName", (&s.user.name).into())];
        let at = w.at(clock);
        w.event(events::kdc_record(37, at, &s.dc, fields));
    }
    let dc = s.dc.clone();
    s.refused(&mut w, &dc, 0x14, &clocks);
    let key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Kdc";
    let registry = machine::reg_query(&[(key, &[("PacRequestorEnforcement", "REG_DWORD", "0x2")])]);
    let path = w.path(&dc, "kdc.txt");
    w.text(&path, &registry, Encoding::Utf16);
    s.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("ET-09", Status::Likely, &[])
            .must_not(&not("ET-09")),
    )
}

/// ET-13: two resets in an afternoon.
pub fn krbtgt_reset_twice() -> Story {
    let mut w = story(
        "krbtgt-reset-twice-in-an-afternoon",
        "After an incident krbtgt was reset at one and again at four, and the afternoon's tickets are worthless",
        "The instructions said to reset krbtgt twice, and nobody waited. From four on every request with a first ticket of the
         morning is refused, for the intranet and for everything else, until users sign in anew.",
    )
    .in_domain("tarragona.example", "TARRAGONA");
    let names = [
        "TG-DC1",
        "TG-WEB2",
        "TG-0220",
        "marta.soler",
        "svc_intranet",
        "Intranet",
    ];
    let s = site(&mut w, names, "HTTP/intranet.tarragona.example");
    let admin = w.user("adm.roca");
    let krbtgt = w.account_in(&w.domain.clone(), "krbtgt", "CN=Users");
    for clock in ["13:02:11", "16:01:40"] {
        let at = w.at(clock);
        w.event(events::password_set(at, &s.dc, &krbtgt, &admin));
        w.event(events::kdc_record(9, at, &s.dc, vec![]));
    }
    let dc = s.dc.clone();
    let clocks = ["16:03:30", "16:07:12", "16:20:47", "16:44:01"];
    s.refused(&mut w, &dc, 0x1f, &clocks);
    let other = "HTTP/nominas.tarragona.example";
    for clock in ["16:05:09", "16:31:55"] {
        let at = w.at(clock);
        w.event(events::service_ticket_failed(
            at, &dc, &s.user, &s.pc, other, 0x1f,
        ));
    }
    s.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("ET-13", Status::Confirmed, &[("account", "krbtgt")])
            .must_not(&not("ET-13"))
            .must_not(&["ET-08", "ET-09"]),
    )
}

/// Nothing decides: errors of the client alone.
pub fn client_was_refused_and_no_kdc_log() -> Story {
    let mut w = story(
        "client-was-refused-and-no-kdc-log",
        "A client notes 0x1F for the site and 0x3E for its card; no log of a domain controller was sent",
        "Keys that differ, a reset of krbtgt, a controller that was not updated and a certificate that is not taken all look like
         this from the client. The report must ask for the logs of the domain controllers.",
    )
    .in_domain("evora.example", "EVORA");
    let names = [
        "EV-DC1",
        "EV-WEB1",
        "EV-1020",
        "rui.matos",
        "svc_obras",
        "Obras",
    ];
    let s = site(&mut w, names, "HTTP/obras.evora.example");
    for clock in ["08:15:02", "09:30:41", "10:02:12"] {
        let at = w.at(clock);
        w.event(events::kerberos_error(at, &s.pc, &s.user, 0x1f, "", s.spn));
    }
    let at = w.at("07:58:20");
    w.event(events::kerberos_error(
        at,
        &s.pc,
        &s.user,
        0x3e,
        "",
        "krbtgt/EVORA.EXAMPLE",
    ));
    // Users of another domain are refused without a reason, and the server's System log was not sent.
    let partner = Domain::new("faro.example", "FARO");
    let (guest, far) = (
        w.account_in(&partner, "ines.dias", "OU=Staff"),
        w.host_in(&partner, "FA-0100", Role::Client),
    );
    for clock in ["09:10:11", "09:12:40"] {
        let at = w.at(clock);
        w.event(events::logon_failed(
            at,
            &s.web,
            &guest,
            &far,
            0xc000_006d,
            0,
        ));
    }
    // The site's KDC refuses by policy; one logon was written with the whole name; SIDs were filtered: too little of each.
    let at = w.at("09:14:00");
    let policy = events::kerberos_error(at, &s.pc, &guest, 0xc, "", s.spn)
        .with("ServerRealm", "EVORA.EXAMPLE")
        .with("TargetName", format!("{}@EVORA.EXAMPLE", s.spn));
    w.event(policy);
    let at = w.at("09:20:31");
    let carried = events::logon_failed(at, &s.web, &guest, &far, 0xc000_019b, 0)
        .with("TargetUserName", "ines.dias@faro.example")
        .with("TargetDomainName", "-");
    w.event(carried);
    let at = w.at("09:21:05");
    w.event(events::sids_filtered(at, &s.web, &guest));
    s.background(&mut w);
    w.omit_logs_of(&s.dc);
    w.omit_log(&s.web, "System");
    w.finish(
        Expected::inconclusive()
            .must_not(&FAMILY)
            .must_not(&["TR-04", "TR-05", "TR-06", "MC-01"])
            .not_assessed(&[
                "ET-08", "ET-09", "ET-11", "ET-12", "ET-13", "ET-15", "TR-04", "TR-05", "TR-06",
            ]),
    )
}

/// ET-12: cards of an old template.
pub fn smart_card_without_sid() -> Story {
    let mut w = story(
        "smart-card-without-sid",
        "Since the update of February 2025 a user's card, issued without the SID, gives no first ticket",
        "The card's certificate was issued by an old template. KDC 39 names the user, the audit refuses the first ticket, and on
         the site the user appears with NTLM only. A colleague with a new card has Kerberos.",
    )
    .in_domain("uppsala.example", "UPPSALA")
    .on("2025-02-13");
    let names = [
        "UP-DC1",
        "UP-WEB1",
        "UP-0077",
        "stina.ek",
        "svc_journal",
        "Journal",
    ];
    let s = site(&mut w, names, "HTTP/journal.uppsala.example");
    for clock in ["07:31:02", "07:32:40", "08:55:13"] {
        let at = w.at(clock);
        let fields = vec![
            ("AccountName", (&s.user.name).into()),
            ("Subject", "CN=Stina Ek, O=Region".into()),
            ("Issuer", "UPPSALA-CA1".into()),
            ("SerialNumber", "5B000000A1".into()),
            ("Thumbprint", "9F2C".into()),
        ];
        w.event(events::kdc_record(39, at, &s.dc, fields));
        let refused = events::tgt_failed(at, &s.dc, &s.user, &s.pc, 0x42);
        w.event(refused.with("PreAuthType", "16"));
    }
    let visit = Visit::new(&s.pc, &s.user, &s.web, s.spn);
    let (from, to) = (w.at("07:35"), w.at("14:00"));
    w.ntlm_instead(&visit, Fallback::default(), 7, from, to);
    s.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("ET-12", Status::Confirmed, &[("account", "stina.ek")])
            .must_not(&not("ET-12")),
    )
}

/// ET-11: users of another domain, since the check is enforced.
pub fn pac_check_across_domains() -> Story {
    let mut w = story(
        "pac-check-across-domains",
        "Since April 2025 users of the sister company are refused, and the web server writes Security-Kerberos 22",
        "The site's domain was updated, the sister company's controllers were not. The web server cannot have the PAC of its users
         checked and refuses them; users of the own domain get in.",
    )
    .in_domain("bergen.example", "BERGEN")
    .on("2025-04-22");
    let names = [
        "BG2-DC1", "BG2-WEB1", "BG2-0330", "kari.moe", "svc_havn", "Havn",
    ];
    let s = site(&mut w, names, "HTTP/havn.bergen.example");
    let sister = Domain::new("stavanger.example", "STAVANGER");
    let pc = w.host_in(&sister, "ST-0419", Role::Client);
    let guest = w.account_in(&sister, "odd.vik", "OU=Staff");
    for clock in ["08:20:02", "08:21:30", "10:05:44"] {
        let at = w.at(clock);
        w.event(events::pac_check(22, at, &s.web, &guest));
        let refused = events::logon_failed(at, &s.web, &guest, &pc, 0xc000_006d, 0)
            .with("LogonProcessName", "Kerberos")
            .with("AuthenticationPackageName", "Kerberos")
            .with("TargetDomainName", sister.realm());
        w.event(refused);
    }
    let at = w.at("08:19:59");
    w.event(events::pac_check(23, at, &s.web, &guest));
    s.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("ET-11", Status::Likely, &[("host", "BG2-WEB1")])
            .must_not(&not("ET-11"))
            .must_not(&["TR-05", "LOOP-01", "AC-01"]),
    )
}

/// ET-15: two servers of one template.
pub fn cloned_servers() -> Story {
    let mut w = story(
        "servers-cloned-from-one-template",
        "The application server and the web server are clones of one template, and refuse each other since September 2025",
        "Both were copied from a virtual machine without sysprep. Since the update the web server takes the application server's
         tickets for its own of another boot: LsaSrv 6167, and 4625 without a reason. Users at their PCs get in.",
    )
    .in_domain("ulm.example", "ULM")
    .on("2025-09-18");
    let names = [
        "UL-DC1",
        "UL-WEB3",
        "UL-0101",
        "sven.maier",
        "svc_lager2",
        "Lager",
    ];
    let s = site(&mut w, names, "HTTP/lager.ulm.example");
    let (app, caller) = (w.server("UL-APP4"), w.service_account("svc_import"));
    for clock in ["07:00:05", "07:15:05", "07:30:05", "07:45:06"] {
        let at = w.at(clock);
        w.event(events::lsa_foreign_ticket(at, &s.web));
        w.event(events::logon_failed(
            at,
            &s.web,
            &caller,
            &app,
            0xc000_006d,
            0,
        ));
    }
    let pool = w.service_account("svc_lager2");
    let visit = Visit::new(&s.pc, &s.user, &s.web, s.spn);
    let (from, to) = (w.at("07:00"), w.at("12:00"));
    w.kerberos_works(&visit, &pool, 6, from, to);
    s.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("ET-15", Status::Likely, &[("host", "UL-WEB3")])
            .must_not(&not("ET-15"))
            .must_not(&["LOOP-01", "AC-01"]),
    )
}
