//! Stories of which less was sent than would decide, or of which two sources say the opposite: what may still be said.

use super::encryption::small;
use crate::support::prelude::*;
use crate::support::texts::web_log::Columns;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![web_log_and_one_client(), dump_of_the_other_domain()]
}

/// Only the log of IIS, and the System log of one client.
pub fn web_log_and_one_client() -> Story {
    let mut w = story(
        "web-log-and-one-client",
        "Only the log of IIS and one client's System log: this client is refused, and others of the same site are not",
        "The customer sent what he had at hand. In the log of IIS two people come and go as usual, and one address is refused
         again and again with 2148074252; its System log has KRB_AP_ERR_MODIFIED from the computer account. A name on a wrong
         account would refuse everybody; an old ticket, a wrong address, a password out of step fit, and so do several more.
         Neither configuration nor directory was sent: nothing may be called, and they must be asked for.",
    )
    .in_domain("vilnius.example", "VILNIUS");
    let (dc, web) = (w.dc("VL-DC1"), w.server("VL-WEB1"));
    let (pc, one, two) = (
        w.client("VL-0090"),
        w.client("VL-0012"),
        w.client("VL-0013"),
    );
    let (ruta, lina, saulius) = (
        w.user("ruta.jonaite"),
        w.user("lina.banyte"),
        w.user("saulius.kairys"),
    );
    let spn = "HTTP/archyvas.vilnius.example";
    let (from, to) = (w.at("08:00"), w.at("12:00"));
    let machine = web.machine();
    w.kerberos_modified(
        &Visit::new(&pc, &ruta, &web, spn),
        &machine,
        &machine,
        8,
        from,
        to,
    );
    for (client, user) in [(&one, &lina), (&two, &saulius)] {
        for time in w.dice.times(9, from, to) {
            w.visited(time, &Visit::new(client, user, &web, spn), Way::Kerberos);
        }
    }
    w.web_log("u_ex.log", &web, 1, Columns::Everything);
    w.noise(&pc, 20);
    small(&mut w, &[&pc]);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::inconclusive()
            .not_assessed(&["SPN-05"])
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-04", "SPN-05", "SPN-06", "SPN-07", "SPN-12", "KM-03",
                "KM-04", "POOL-02", "MC-02", "ET-04", "CL-10", "NAME-05", "AC-01",
            ]),
    )
}

/// The only dump is of the parent domain, and the name is in the child.
pub fn dump_of_the_other_domain() -> Story {
    let mut w = story(
        "dump-of-the-other-domain",
        "A server of the child domain, users of the parent, and a setspn query of the parent alone",
        "The site and its pool's account are in the child domain, whose users have Kerberos: the child's domain controller gives
         them tickets for the pool's account. Users of the parent are answered 0x7 by their own domain controller and come by
         NTLM. The administrator of the parent asked his domain for the name (without -F) and sent \"No such SPN found\". That
         says nothing of the child, where somebody right holds it. Why the parent gives no referral, its catalogue, a mapping, a
         registration too new, is not in the bundle.",
    )
    .in_domain("nord.haus.example", "NORD");
    let parent = Domain::new("haus.example", "HAUS");
    let (dc, web) = (w.dc("ND-DC1"), w.server("ND-WEB1"));
    let above = w.host_in(&parent, "HS-DC1", Role::DomainController);
    let pc = w.client("ND-0101");
    let far = w.host_in(&parent, "HS-4040", Role::Client);
    let (own, guest) = (
        w.user("silke.brandt"),
        w.account_in(&parent, "uwe.kern", "OU=Staff"),
    );
    let pool = w.service_account("svc_urlaub");
    let spn = "HTTP/urlaub.nord.haus.example";
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Urlaub").specific_user(&pool.down_level()))
            .site(
                Site::new("Urlaub")
                    .https("urlaub.nord.haus.example")
                    .pool("Urlaub"),
            )
            .location(
                "Urlaub",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    let asked = Transcript::new(Prompt::Cmd).run(
        &format!("setspn -Q {spn}"),
        &setspn::query(Language::English, &parent, &[]),
    );
    w.text("spn-abfrage.txt", asked.text(), Encoding::Oem850);
    w.register(spn, &pool);
    let (from, to) = (w.at("07:30"), w.at("15:00"));
    w.kerberos_works(&Visit::new(&pc, &own, &web, spn), &pool, 9, from, to);
    for time in w.dice.times(8, from, to) {
        w.event(events::service_ticket_failed(
            time, &above, &guest, &far, spn, 0x7,
        ));
        w.event(events::kerberos_error(time, &far, &guest, 0x7, "", spn));
        w.event(events::logon_ntlm(time, &web, &guest, &far));
    }
    for host in [&web, &dc, &above, &far] {
        w.noise(host, 14);
    }
    small(&mut w, &[&web, &dc, &above, &far]);
    w.finish(Expected::inconclusive().must_not(&[
        "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "SPN-15", "SPN-17", "SPN-21", "NAME-06",
        "TR-01", "TR-02", "TR-03", "TR-06", "TR-07", "MC-09", "CFG-03", "CFG-04",
    ]))
}
