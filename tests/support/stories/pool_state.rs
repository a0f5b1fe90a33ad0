//! Stories about pools that are down or refuse tickets for another reason than a wrong password: crashes, their
//! configuration file, rotations, migrations; and what looks like a fault of the configuration and is none.

use crate::support::evtx_writer::EventSpec;
use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        pool_disabled_after_crashes(),
        pool_config_file_not_written(),
        managed_password_rotation(),
        delegated_account_not_usable(),
        restricted_provider_used_rightly(),
        rotation_that_does_not_heal(),
    ]
}

/// POOL-08: the program crashes, and the pool is disabled.
fn pool_disabled_after_crashes() -> Story {
    let mut w = story(
        "pool-disabled-after-crashes",
        "A new release crashes the worker process until rapid-fail protection disables the pool",
        "After a deployment at noon the worker process of the order desk dies again and again (WAS 5009 and 5011, Application
         Error 1000 blaming a native library), until WAS disables the pool with 5002. http.sys answers 503. Users say that
         they cannot log in any more. The pool's domain account is fine: WAS never blames the identity.",
    )
    .in_domain("lindau.example", "LINDAU");
    let (dc, web) = (w.dc("LI-DC1"), w.server("LI-BEST02"));
    let pool = w.service_account("svc_bestellung");
    w.register("HTTP/bestellung.lindau.example", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Bestellung").specific_user(&pool.down_level()))
            .site(
                Site::new("Bestellung")
                    .https("bestellung.lindau.example")
                    .pool("Bestellung"),
            )
            .location(
                "Bestellung",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &["-F -Q HTTP/bestellung.lindau.example"],
    );
    let clocks = ["12:04:10", "12:05:02", "12:05:51", "12:06:47", "12:07:30"];
    for (number, clock) in clocks.iter().enumerate() {
        let at = w.at(clock);
        let id = if number % 2 == 0 { 5009 } else { 5011 };
        w.event(worker_crashed(at, &web, "nativepdf.dll"));
        w.event(events::pool_event(at, &web, id, "Bestellung", None));
    }
    let off = w.at("12:07:31");
    w.event(events::pool_event(off, &web, 5002, "Bestellung", None));
    w.noise(&web, 60);
    w.noise(&dc, 40);
    w.log_form(&web, "System", LogForm::Wevtutil(Encoding::Utf8));
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-08",
                Status::Confirmed,
                &[("site", "Bestellung"), ("host", "LI-BEST02")],
            )
            .must_not(&[
                "POOL-01", "POOL-03", "POOL-04", "POOL-09", "SPN-05", "CFG-02",
            ]),
    )
}

/// Application Error 1000 of a worker process.
fn worker_crashed(time: jiff::Timestamp, server: &Host, module: &str) -> EventSpec {
    let values = [
        "w3wp.exe",
        "10.0.20348.1",
        "6d3e8a12",
        module,
        "4.2.0.7",
        "64f1c2aa",
        "c0000005",
        "000000000001f2c8",
        "0x1a2c",
        "0x1dc9e1f3a7b2c40",
        r"c:\windows\system32\inetsrv\w3wp.exe",
        r"D:\apps\bestellung\bin\nativepdf.dll",
        "b7d5c1e2-5a41-4c4a-9f0e-2f6f1c7b9d10",
        "",
        "",
    ];
    events::application_error(time, server, &values)
}

/// POOL-09: no worker process starts after an upgrade.
fn pool_config_file_not_written() -> Story {
    let mut w = story(
        "pool-config-file-not-written",
        "After an in-place upgrade WAS cannot write the configuration files of its pools",
        "The server was upgraded over the week-end. On Monday WAS logs 5189 with access denied for every pool it should
         start, and http.sys answers 503 for all sites. One pool runs as a domain user, one as the built-in identity: the
         identity has nothing to do with it. The logs came as XML from Event Viewer.",
    )
    .in_domain("brega.example", "BREGA");
    let (dc, web) = (w.dc("BR-DC1"), w.server("BR-INTRA"));
    let pool = w.service_account("svc_turni");
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Turni").specific_user(&pool.down_level()))
            .pool(Pool::new("Mensa"))
            .site(
                Site::new("Turni")
                    .http(80, "turni.brega.example")
                    .pool("Turni"),
            )
            .site(
                Site::new("Mensa")
                    .http(80, "mensa.brega.example")
                    .pool("Mensa"),
            )
            .location("Turni", Auth::windows_only())
            .location("Mensa", Auth::windows_only()),
    );
    for clock in ["07:01:12", "07:03:40", "08:15:09"] {
        for name in ["Turni", "Mensa"] {
            let at = w.at(clock);
            w.event(events::pool_event(at, &web, 5189, name, Some(5)));
        }
    }
    w.noise(&web, 60);
    w.noise(&dc, 40);
    w.log_form(&web, "System", LogForm::EventViewer);
    w.finish(
        Expected::root_cause()
            .finding("POOL-09", Status::Confirmed, &[("site", "Turni")])
            .finding("POOL-09", Status::Confirmed, &[("site", "Mensa")])
            .must_not(&["POOL-01", "POOL-03", "POOL-04", "POOL-08", "CFG-09"]),
    )
}

fn rotation(name: &str, title: &str, summary: &str, domain: (&str, &str)) -> (World, [Host; 3]) {
    let mut w = story(name, title, summary).in_domain(domain.0, domain.1);
    let (dc, web, pc) = (w.dc("AD01"), w.server("APP31"), w.client("NB-0417"));
    let (user, pool) = (
        w.user("ines.duarte"),
        w.managed_service_account("gmsa-frota$"),
    );
    let spn = format!("HTTP/frota.{}", domain.0);
    w.register(&spn, &pool);
    let account = format!(r"{}\gmsa-frota$", domain.1);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Frota").managed_service_account(&account))
            .site(
                Site::new("Frota")
                    .https(spn.trim_start_matches("HTTP/"))
                    .pool("Frota"),
            )
            .location(
                "Frota",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "spn-frota.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-Q {spn}")],
    );
    let at = w.at("09:30:05");
    let set = events::computer_changed(at, &dc, &pool, &pool, &[]).with(
        "PasswordLastSet",
        at.strftime("%-m/%-d/%Y %-I:%M:%S %p").to_string(),
    );
    w.event(set);
    let visit = Visit::new(&pc, &user, &web, &spn);
    let (from, to) = (w.at("09:31"), w.at("09:44"));
    w.kerberos_modified(&visit, &pool, &pool, 9, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 40);
    w.noise(&pc, 40);
    (w, [dc, web, pc])
}

/// POOL-06: minutes after the rotation.
fn managed_password_rotation() -> Story {
    let (w, _) = rotation(
        "managed-password-rotation",
        "A managed account rotated its password, and clients failed for a quarter of an hour",
        "The gMSA that the fleet portal runs as rotated its password at half past nine (4742). One minute later clients
         begin to note KRB_AP_ERR_MODIFIED for the portal, and at quarter to ten it is over, though the client's log goes on
         all day. Nobody touched anything: holder and acceptor are the gMSA all along.",
        ("evora.example", "EVORA"),
    );
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-06",
                Status::Likely,
                &[("account", r"EVORA\gmsa-frota$")],
            )
            .current(false)
            .must_not(&[
                "POOL-02", "POOL-05", "POOL-10", "SPN-05", "SPN-06", "ET-04", "KM-03",
            ]),
    )
}

/// The twin of POOL-06: it goes on.
fn rotation_that_does_not_heal() -> Story {
    let (mut w, [_, web, pc]) = rotation(
        "managed-password-rotation-that-does-not-heal",
        "Clients fail after the rotation of a managed account, and go on failing",
        "As after a rotation, clients note KRB_AP_ERR_MODIFIED from half past nine on, but at four in the afternoon they still
         do. That is no transient: the server does not have the new key. Whether it can fetch it was not tested, so that the
         report has to ask and not to say that it heals.",
        ("tomar.example", "TOMAR"),
    );
    let (user, pool) = (
        w.user("rui.antunes"),
        w.managed_service_account("gmsa-frota$"),
    );
    let visit = Visit::new(&pc, &user, &web, "HTTP/frota.tomar.example");
    let (from, to) = (w.at("11:00"), w.at("16:10"));
    w.kerberos_modified(&visit, &pool, &pool, 12, from, to);
    w.finish(
        Expected::inconclusive()
            .ruled_out(&["POOL-06"])
            .not_assessed(&["POOL-05"])
            .must_not(&["POOL-02", "POOL-06", "POOL-10", "SPN-05", "SPN-06"]),
    )
}

/// POOL-10: the account was migrated, the server cannot take it over.
fn delegated_account_not_usable() -> Story {
    let mut w = story(
        "delegated-account-not-usable",
        "A service account was migrated to a delegated managed account that the web server may not fetch",
        "The directory team completed the migration of the print portal's service account to a dMSA. The web server, on
         Windows Server 2025, was left out of the principals that may retrieve its keys: Kerberos/Operational notes 307 for
         the migration, then 309 with access denied, and WAS cannot log the pool on. Users get 503.",
    )
    .in_domain("skagen.example", "SKAGEN");
    let (dc, web) = (w.dc("SK-DC25"), w.server("SK-PRINT"));
    let pool = w.service_account("svc_printportal");
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("PrintPortal").specific_user(&pool.down_level()))
            .site(
                Site::new("PrintPortal")
                    .https("print.skagen.example")
                    .pool("PrintPortal"),
            )
            .location("PrintPortal", Auth::windows_only()),
    );
    for (clock, id) in [("06:40:00", 307), ("06:40:01", 309), ("06:55:10", 309)] {
        let at = w.at(clock);
        w.event(events::delegated_account(
            at,
            &web,
            id,
            ("svc_printportal", "dmsa_print$"),
            &dc,
            0xc000_0022,
        ));
    }
    for clock in ["06:40:02", "06:55:11"] {
        let at = w.at(clock);
        w.events(events::pool_logon_failed(
            at,
            &web,
            "PrintPortal",
            0x8007_052e,
        ));
    }
    w.noise(&web, 70);
    w.noise(&dc, 40);
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-10",
                Status::Confirmed,
                &[("account", r"SKAGEN\svc_printportal")],
            )
            .must_not(&["POOL-01", "POOL-03", "POOL-04", "POOL-05", "POOL-08"]),
    )
}

/// Twins of CFG-06 and KM-07: a restricted provider in user mode, and LocalService in kernel mode, are both all right.
fn restricted_provider_used_rightly() -> Story {
    let mut w = story(
        "restricted-provider-used-rightly",
        "Negotiate:Kerberos in user mode and LocalService in kernel mode are right; the SPNs are not",
        "The enrolment site offers Negotiate:Kerberos alone, in user mode, as hardening guides ask: it would work, but its
         SPN was set on the computer account while the pool's account opens the tickets. The status page beside it runs as
         LocalService in kernel mode, so that the computer account opens its tickets: nobody holds its name, and users come
         by NTLM. Neither provider nor identity is the fault.",
    )
    .in_domain("varde.example", "VARDE");
    let (dc, web, pc) = (w.dc("VA-DC2"), w.server("VA-PKI1"), w.client("VA-1102"));
    let (user, pool) = (w.user("kaja.lie"), w.service_account("svc_enroll"));
    let (enroll, status) = ("HTTP/enroll.varde.example", "HTTP/status.varde.example");
    w.register(enroll, &web.machine());
    let windows = Windows::enabled()
        .use_kernel_mode(false)
        .providers(Providers::only(&["Negotiate:Kerberos"]));
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Enroll").specific_user(&pool.down_level()))
            .pool(Pool::new("Status").identity_type("LocalService"))
            .site(
                Site::new("Enroll")
                    .https("enroll.varde.example")
                    .pool("Enroll"),
            )
            .site(
                Site::new("Status")
                    .http(80, "status.varde.example")
                    .pool("Status"),
            )
            .location("Enroll", Auth::new().anonymous(false).windows(windows))
            .location("Status", Auth::windows_only()),
    );
    w.setspn(
        "setspn-VA-PKI1.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {enroll}"), &format!("-F -Q {status}")],
    );
    let visit = Visit::new(&pc, &user, &web, enroll);
    let (from, to) = (w.at("08:00"), w.at("11:10"));
    w.kerberos_modified(&visit, &web.machine(), &pool, 11, from, to);
    let other = Visit::new(&pc, &user, &web, status);
    let fallback = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&other, fallback, 9, from, to);
    w.noise(&web, 60);
    w.noise(&dc, 40);
    w.noise(&pc, 30);
    w.finish(
        Expected::root_cause()
            .finding("SPN-06", Status::Confirmed, &[("site", "Enroll")])
            .finding("SPN-01", Status::Confirmed, &[("site", "Status")])
            .must_not(&["CFG-06", "KM-07", "SPN-05", "POOL-02", "CFG-03", "CFG-05"]),
    )
}
