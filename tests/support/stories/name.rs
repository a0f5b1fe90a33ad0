//! Stories about the name that clients ask a ticket for.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![address_in_the_url(), alias_by_cname(), binding_added()]
}

/// NAME-01: a bookmark with the server's address.
pub fn address_in_the_url() -> Story {
    let mut w = story(
        "url-with-ip-address",
        "NTLM for those whose bookmark holds the server's address",
        "By its name the site is served with Kerberos. Some have a bookmark with the server's IPv4 address: Windows builds
         no SPN for an address, never asks the KDC, and uses NTLM. That is by design: no SPN is missing, and the client's
         own reason (7) says so.",
    )
    .in_domain("relecloud.example", "RELE");
    let (dc, web, pc) = (w.dc("RC-DC9"), w.server("RC-APP3"), w.client("RC-NB-55"));
    let (mia, tom) = (w.user("mia.kovac"), w.user("tom.berg"));
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Inventory"))
            .site(
                Site::new("Inventory")
                    .http(80, "")
                    .binding("http", "[fd00:51::14]:80:", 0)
                    .pool("Inventory"),
            )
            .location("Inventory", Auth::windows_only()),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &["-L RC-APP3", "-X"],
    );
    let by_name = Visit::new(&pc, &tom, &web, &format!("HTTP/{}", web.dns_name()));
    let (from, to) = (w.at("08:20"), w.at("15:05"));
    w.kerberos_works(&by_name, &web.machine(), 16, from, to);
    let by_address = format!("HTTP/{}", web.ip);
    for time in w.dice.times(12, from, to) {
        let edge = r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe";
        w.event(events::ntlm_8001(time, &pc, &mia, &by_address, edge));
        let reason = "The target name contains an IP address.";
        w.event(events::ntlm_4020(time, &pc, &mia, &by_address, 7, reason));
        w.event(events::ntlm_validation(time, &dc, &mia, &pc.name, 0));
        w.event(events::logon_ntlm(time, &web, &mia, &pc));
    }
    w.noise(&web, 90);
    w.noise(&dc, 60);
    w.noise(&pc, 40);
    w.finish(
        Expected::root_cause()
            .finding("NAME-01", Status::Confirmed, &[])
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-10", "CFG-03", "CL-08",
            ]),
    )
}

/// NAME-02: an alias that leads to the server's own name, which its machine account holds.
pub fn alias_by_cname() -> Story {
    let mut w = story(
        "cname-leads-to-server-name",
        "The alias is a CNAME: browsers ask for the server's name instead",
        "The SPN of the alias stands on the pool's account, which opens the tickets: as it should be. But DNS has the alias
         as a CNAME of the server, browsers ask for the name behind it, HOST/ covers that, and the ticket is sealed for
         the machine account. nslookup shows the alias, klist the name that was asked for.",
    )
    .in_domain("wingtip.example", "WINGTIP");
    let (dc, web, pc) = (w.dc("WT-DC1"), w.server("WT-WEB01"), w.client("WT-L-3020"));
    let (ana, pool) = (w.user("ana.silva"), w.service_account("svc_timesheet"));
    w.register("HTTP/timesheet.wingtip.example", &pool);
    w.register("HTTP/timesheet", &pool);
    let windows = Windows::enabled().use_app_pool_credentials(true);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Timesheet").specific_user(&pool.down_level()))
            .site(
                Site::new("Timesheet")
                    .http(80, "timesheet.wingtip.example")
                    .pool("Timesheet"),
            )
            .location("Timesheet", Auth::new().anonymous(false).windows(windows)),
    );
    w.setspn(
        "spn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[
            "-Q HTTP/timesheet.wingtip.example",
            "-Q HTTP/wt-web01.wingtip.example",
            "-L WT-WEB01",
            "-L svc_timesheet",
        ],
    );
    let answer = nslookup::alias(&dc, "timesheet.wingtip.example", &web.dns_name(), &web.ip);
    let asked = Transcript::new(Prompt::Cmd).run("nslookup timesheet.wingtip.example", &answer);
    w.file("dns.txt", asked.encode(Encoding::Oem850));
    let visit = Visit::new(&pc, &ana, &web, &format!("HTTP/{}", web.dns_name()));
    let (from, to) = (w.at("08:45"), w.at("11:30"));
    w.kerberos_modified(&visit, &web.machine(), &pool, 14, from, to);
    w.klist(
        "klist ana.txt",
        Encoding::Utf16,
        Language::Spanish,
        &ana,
        &[&visit.spn],
        from,
    );
    w.noise(&dc, 90);
    w.noise(&pc, 50);
    w.noise(&web, 60);
    w.finish(
        Expected::root_cause()
            .finding(
                "NAME-02",
                Status::Confirmed,
                &[("host_name", "timesheet.wingtip.example")],
            )
            .must_not(&[
                "SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "POOL-02", "ET-04",
            ]),
    )
}

/// NAME-06: a second host name was bound that morning, and nobody registered it.
pub fn binding_added() -> Story {
    let mut w = story(
        "binding-added-without-spn",
        "A binding was added for the new brand; its SPN was not",
        "The site works with Kerberos by its old name. At 10:02 a binding for the new name was added (IIS configuration
         history), and from then on everyone who uses the new name gets 0x7 and NTLM, as nobody holds HTTP/ for it.",
    )
    .in_domain("litware.example", "LITWARE");
    let (dc, web, pc) = (w.dc("LWDC-1"), w.server("LWWEB-2"), w.client("LW-1140"));
    let (jon, pool) = (w.user("jon.aas"), w.managed_service_account("gmsa_portal$"));
    w.register("HTTP/portal.litware.example", &pool);
    w.register("HTTP/portal", &pool);
    let windows = Windows::enabled().use_app_pool_credentials(true);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Portal").managed_service_account(&pool.down_level()))
            .site(
                Site::new("Portal")
                    .https("portal.litware.example")
                    .https("one.litware.example")
                    .pool("Portal"),
            )
            .location("Portal", Auth::new().anonymous(false).windows(windows)),
    );
    let added = "/system.applicationHost/sites/site[@name=\"Portal\"]/bindings/binding[@protocol=\"https\" and \
                 @bindingInformation=\"*:443:one.litware.example\"]";
    let changed = w.at("10:02:14");
    w.change_config(changed, &web, "", added, ("", ""));
    let spn = "HTTP/one.litware.example";
    w.setspn(
        "setspn-after.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[
            &format!("-F -Q {spn}"),
            "-F -Q HOST/one.litware.example",
            "-F -Q HTTP/portal.litware.example",
        ],
    );
    let old = Visit::new(&pc, &jon, &web, "HTTP/portal.litware.example");
    let (start, end) = (w.at("07:30"), w.at("16:00"));
    w.kerberos_works(&old, &pool, 15, start, end);
    let new = Visit::new(&pc, &jon, &web, spn);
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    let first = w.at("10:11");
    w.ntlm_instead(&new, fallback, 22, first, end);
    w.noise(&web, 90);
    w.noise(&pc, 60);
    w.noise(&dc, 50);
    w.finish(
        Expected::root_cause()
            .finding(
                "NAME-06",
                Status::Confirmed,
                &[("spn", spn), ("site", "Portal")],
            )
            .must_not(&["SPN-02", "SPN-05", "SPN-06", "SPN-07", "NAME-01"]),
    )
}
