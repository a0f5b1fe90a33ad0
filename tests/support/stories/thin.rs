//! Stories of which almost nothing was sent: what a single file shows, and what it cannot show.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        only_configuration(),
        only_one_list(),
        only_klist(),
        only_client_system_log(),
    ]
}

/// Only the configuration: a choice that is right or wrong depending on who holds the name.
pub fn only_configuration() -> Story {
    let mut w = story(
        "thin-only-configuration",
        "Only applicationHost.config: nothing failed that anyone saw",
        "A domain account runs the pool, and kernel mode opens tickets with the machine account. That is right if the
         machine account holds the name and wrong if the pool's does. Nobody sent setspn output or a log: nothing may be
         claimed, and what is missing must be named.",
    );
    let web = w.server("WEB22");
    let pool = w.service_account("svc_archive");
    w.config(
        &web,
        &ApplicationHost::new()
            .with_byte_order_mark()
            .pool(Pool::new("Archive").specific_user(&pool.down_level()))
            .site(
                Site::new("Archive")
                    .http(80, "archive.corp.example")
                    .pool("Archive"),
            )
            .location("Archive", Auth::windows_only()),
    );
    w.finish(
        Expected::undecided()
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "POOL-02"])
            .not_assessed(&["SPN-01", "SPN-05"]),
    )
}

/// Only one list of one account: it says nothing about any other account.
pub fn only_one_list() -> Story {
    let mut w = story(
        "thin-only-one-setspn-list",
        "Only setspn -L of one account",
        "The list of one account closes that account and says nothing about others: the names it lacks may stand elsewhere,
         the names it has may stand elsewhere as well. Who opens the tickets is unknown.",
    );
    let pool = w.service_account("svc_archive");
    w.register("HTTP/archive.corp.example", &pool);
    w.setspn("spn.txt", Prompt::None, Encoding::Utf8, &["-L svc_archive"]);
    w.finish(
        Expected::undecided()
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "SPN-10"])
            .not_assessed(&["SPN-05", "SPN-06"]),
    )
}

/// Only klist of a user who has a ticket for the site.
pub fn only_klist() -> Story {
    let mut w = story(
        "thin-only-klist",
        "Only klist: the user has a ticket for the site",
        "The KDC issued a ticket for the name, so one account holds it: it is neither missing nor a duplicate. Whether the
         server could open the ticket is not in this file.",
    );
    let _dc = w.dc("DC1");
    let uma = w.user("uma");
    let issued = w.at("08:41:17");
    w.klist(
        "klist.txt",
        Encoding::Utf16,
        Language::Chinese,
        &uma,
        &["HTTP/archive.corp.example"],
        issued,
    );
    w.finish(
        Expected::undecided()
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07"])
            .not_assessed(&["SPN-05", "SPN-06"]),
    )
}

/// Only a client's System log with KRB_AP_ERR_MODIFIED: several causes write that.
pub fn only_client_system_log() -> Story {
    let mut w = story(
        "thin-only-client-system-log",
        "Only a client's System log: KRB_AP_ERR_MODIFIED without configuration",
        "The client notes that someone could not open the ticket for a web name. The event is the same for a name on the
         wrong account, a password that no longer matches, a policy on encryption types and a wrong address in DNS.
         Without the server's configuration and the holder of the name the cause is open, and the report must say so.",
    );
    let (dc, web, pc) = (w.dc("DC1"), w.server("WEB22"), w.client("PC0555"));
    let (uma, pool) = (w.user("uma"), w.service_account("svc_archive"));
    let visit = Visit::new(&pc, &uma, &web, "HTTP/archive.corp.example");
    let (from, to) = (w.at("08:00"), w.at("09:10"));
    w.kerberos_modified(&visit, &pool, &web.machine(), 9, from, to);
    w.noise(&pc, 220);
    w.omit_logs_of(&dc);
    w.finish(Expected::inconclusive().must_not(&[
        "SPN-01", "SPN-02", "SPN-04", "SPN-05", "SPN-06", "SPN-07", "SPN-12", "SPN-19", "POOL-02",
        "ET-04", "MC-02", "NAME-02", "NAME-05", "KM-03",
    ]))
}
