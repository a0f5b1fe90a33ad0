//! What was sent after a repair: each is the second bundle of a pair for `why401 diff`, and the first one is another story.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![orders_repaired(), orders_made_worse()]
}

/// The world of `spn-on-pool-account-kernel-mode`, at another day: its servers, accounts and registration.
struct Orders {
    world: World,
    dc: Host,
    web: Host,
    pc: Host,
    uma: Account,
    pool: Account,
}

const SPN: &str = "HTTP/orders.corp.example";

fn orders(name: &str, title: &str, summary: &str) -> Orders {
    let mut world = story(name, title, summary)
        .on("2026-06-29")
        .layout(Layout::Flat);
    let (dc, web, pc) = (
        world.dc("DC1"),
        world.server("WEB03"),
        world.client("PC0077"),
    );
    let uma = world.user("uma");
    let pool = world.service_account("svc_orders");
    world.register(SPN, &pool);
    Orders {
        world,
        dc,
        web,
        pc,
        uma,
        pool,
    }
}

fn configuration(pool: &Account, windows: Windows) -> ApplicationHost {
    ApplicationHost::new()
        .pool(Pool::new("Orders").specific_user(&pool.down_level()))
        .site(
            Site::new("Orders")
                .http(80, "orders.corp.example")
                .https("orders.corp.example")
                .pool("Orders"),
        )
        .location("Orders", Auth::new().anonymous(false).windows(windows))
}

/// After `spn-on-pool-account-kernel-mode`: useAppPoolCredentials was turned on.
fn orders_repaired() -> Story {
    let Orders {
        mut world,
        dc,
        web,
        pc,
        uma,
        pool,
    } = orders(
        "repaired-orders-pool-credentials",
        "After the repair of spn-on-pool-account-kernel-mode: useAppPoolCredentials was turned on",
        "The second bundle of the customer of spn-on-pool-account-kernel-mode, collected with the same commands on a later
         day. useAppPoolCredentials is true, so the pool account opens the tickets that it holds the name for; uma logs on
         by Kerberos all day, and no client notes KRB_AP_ERR_MODIFIED any more.",
    );
    let w = &mut world;
    let windows = Windows::enabled().use_app_pool_credentials(true);
    w.config(&web, &configuration(&pool, windows));
    w.setspn(
        "WEB03/spn.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-Q {SPN}"), "-L svc_orders", "-L WEB03"],
    );
    let visit = Visit::new(&pc, &uma, &web, SPN);
    let (from, to) = (w.at("07:20"), w.at("16:05"));
    w.kerberos_works(&visit, &pool, 30, from, to);
    w.noise(&web, 140);
    w.noise(&dc, 130);
    w.noise(&pc, 40);
    world.finish(Expected::healthy().must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "POOL-02"]))
}

/// After `spn-on-pool-account-kernel-mode`: the name was registered on the server as well.
fn orders_made_worse() -> Story {
    let Orders {
        mut world,
        dc,
        web,
        pc,
        uma,
        pool,
    } = orders(
        "repaired-orders-into-duplicate",
        "After a repair of spn-on-pool-account-kernel-mode that broke it otherwise: the name has two holders",
        "The second bundle of the customer of spn-on-pool-account-kernel-mode. Somebody registered the name on WEB03, which
         opens the tickets, and left it on the pool account: the KDC knows two holders and answers 0x7, browsers fall back
         to NTLM. Nobody is asked for a password any more, and the mistake is another one.",
    );
    let w = &mut world;
    w.register(SPN, &web.machine());
    w.config(&web, &configuration(&pool, Windows::enabled()));
    w.setspn(
        "WEB03/spn.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-F -Q {SPN}"), "-L svc_orders", "-L WEB03"],
    );
    let visit = Visit::new(&pc, &uma, &web, SPN);
    let (from, to) = (w.at("07:20"), w.at("16:05"));
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&visit, fallback, 24, from, to);
    w.noise(&web, 140);
    w.noise(&dc, 130);
    w.noise(&pc, 40);
    world.finish(
        Expected::root_cause()
            .finding("SPN-02", Status::Confirmed, &[("spn", SPN)])
            .must_not(&["SPN-01", "SPN-05", "SPN-06", "CFG-03"]),
    )
}
