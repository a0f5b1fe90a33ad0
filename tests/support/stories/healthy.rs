//! Stories in which nothing is wrong.

use crate::support::prelude::*;

/// The arrangement that Microsoft recommends for a domain pool account, at work.
pub fn kerberos_with_pool_credentials() -> Story {
    let mut w = story(
        "healthy-pool-account-with-pool-credentials",
        "Kerberos works: the SPN is on the pool account and the pool account opens the tickets",
        "The site's host names are registered on the account its pool runs as, and useAppPoolCredentials lets that
         account open the tickets in kernel mode. Clients get tickets for that account and log on with Kerberos. The
         logs hold only ordinary noise; holder and acceptor agree, so nothing may be reported.",
    );
    let (dc, web, pc) = (w.dc("DC1"), w.server("WEB01"), w.client("PC0142"));
    let (uma, pool) = (w.user("uma"), w.service_account("svc_intranet"));
    w.register("HTTP/intranet.corp.example", &pool);
    w.register("HTTP/intranet", &pool);

    let windows = Windows::enabled()
        .use_kernel_mode(true)
        .use_app_pool_credentials(true);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("IntranetPool").specific_user(&pool.down_level()))
            .site(
                Site::new("Intranet")
                    .http(80, "intranet.corp.example")
                    .http(80, "intranet")
                    .pool("IntranetPool"),
            )
            .location("Intranet", Auth::new().anonymous(false).windows(windows)),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            "-L svc_intranet",
            "-F -Q HTTP/intranet.corp.example",
            "-F -Q HTTP/intranet",
            "-X",
        ],
    );

    let visit = Visit::new(&pc, &uma, &web, "HTTP/intranet.corp.example");
    let (from, to) = (w.at("08:02"), w.at("11:40"));
    w.kerberos_works(&visit, &pool, 24, from, to);
    w.klist(
        "klist-uma.txt",
        Encoding::Oem437,
        Language::English,
        &uma,
        &[&visit.spn],
        from,
    );
    w.noise(&web, 260);
    w.noise(&dc, 130);
    w.noise(&pc, 40);
    w.finish(
        Expected::healthy().must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "POOL-02", "ET-04"]),
    )
}
