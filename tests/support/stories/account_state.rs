//! Stories about users whose account is not in a state to log on.

use super::account::sound_site;
use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![user_disabled_by_automation(), contractor_account_expired()]
}

/// A user whom the web server refuses with this status while a colleague gets in.
struct Refused<'a> {
    names: [&'a str; 5],
    spn: &'a str,
    status: u32,
}

impl Refused<'_> {
    fn tell(&self, w: &mut World, user: &Account, colleague: &Account) {
        let [dc, web, pc, other, site] = self.names;
        let (dc, web) = (w.dc(dc), w.server(web));
        let (pc, other) = (w.client(pc), w.client(other));
        sound_site(w, &web, site, self.spn);
        let visit = Visit::new(&other, colleague, &web, self.spn);
        let (from, to) = (w.at("07:15"), w.at("15:10"));
        w.kerberos_works(&visit, &web.machine(), 18, from, to);
        let visit = Visit::new(&pc, user, &web, self.spn);
        let (from, to) = (w.at("08:20"), w.at("10:05"));
        w.logons_refused(&visit, (self.status, 0), 6, from, to);
        w.event(events::tgt_failed(w.at("08:31"), &dc, user, &pc, 0x12));
        w.noise(&web, 130);
        w.noise(&dc, 80);
    }
}

/// AC-03: somebody left the company.
pub fn user_disabled_by_automation() -> Story {
    let mut w = story(
        "user-disabled-by-automation",
        "The user's account was disabled by the leaver process, a month too early",
        "The personnel system disabled the account overnight (4725). The web server refuses the user with C0000072, whatever
         password is typed, and the domain controller answers 0x12. A colleague logs on with Kerberos all day.",
    )
    .in_domain("bergamo.example", "BERGAMO");
    let (ida, carlo) = (w.user("ida.fontana"), w.user("carlo.neri"));
    let admin = w.user("sync.personnel");
    let story = Refused {
        names: ["BG-DC1", "BG-WEB2", "BG-0931", "BG-0917", "Turni"],
        spn: "HTTP/turni.bergamo.example",
        status: 0xc000_0072,
    };
    story.tell(&mut w, &ida, &carlo);
    let dc = w.dc("BG-DC1");
    w.event(events::account_disabled(
        w.at("06:40:11"),
        &dc,
        &ida,
        &admin,
    ));
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-03",
                Status::Confirmed,
                &[("account", r"BERGAMO\ida.fontana")],
            )
            .must_not(&["AC-01", "AC-02", "AC-04", "POOL-03", "SPN-05"]),
    )
}

/// AC-04: a contractor's account ran out.
pub fn contractor_account_expired() -> Story {
    let mut w = story(
        "contractor-account-expired",
        "The contractor's account has run out, and nobody extended it",
        "The account's expiry date was yesterday. Nobody touched the account today: no 4725, no 4740. The web server refuses
         the contractor with C0000193, and the domain controller answers 0x12, as it would for a disabled account.",
    )
    .in_domain("tromso.example", "TROMSO");
    let (ext, nina) = (w.user("ext.larsen"), w.user("nina.dahl"));
    let story = Refused {
        names: ["TR-DC3", "TR-APP1", "TR-5510", "TR-5522", "Prosjekt"],
        spn: "HTTP/prosjekt.tromso.example",
        status: 0xc000_0193,
    };
    story.tell(&mut w, &ext, &nina);
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-04",
                Status::Confirmed,
                &[("account", r"TROMSO\ext.larsen")],
            )
            .must_not(&["AC-02", "AC-03", "AC-05", "POOL-03", "SPN-05"]),
    )
}
