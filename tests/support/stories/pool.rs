//! Stories about the account a pool runs as: its password, its state, its rights.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        pool_password_wrong_at_start(),
        pool_password_changed_while_running(),
        pool_account_locked(),
        pool_account_lacks_batch_logon_right(),
        managed_password_not_retrievable(),
    ]
}

/// POOL-01: the stored password is wrong.
pub fn pool_password_wrong_at_start() -> Story {
    let mut w = story(
        "pool-password-wrong-at-start",
        "The pool's stored password is wrong: the pool does not start, and users get 503",
        "After the nightly reboot the pool cannot log on with the password that IIS has stored: WAS writes 5021, 5057 and
         5059, the server refuses a batch logon with C000006A, and the domain controller notes 0x18 for the account. Users
         call it a login problem, but it is a 503. Other sites of the server work.",
    )
    .in_domain("kessel.example", "KESSEL");
    let (dc, web) = (w.dc("KS-DC2"), w.server("KS-WEB03"));
    let pool = w.service_account("svc-kantine");
    w.register("HTTP/kantine.kessel.example", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Kantine Größe L").specific_user(&pool.down_level()))
            .site(
                Site::new("Kantine")
                    .http(80, "kantine.kessel.example")
                    .pool("Kantine Größe L"),
            )
            .location(
                "Kantine",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "spn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &["-L svc-kantine"],
    );
    for clock in ["03:12:04", "03:17:31", "07:44:10"] {
        let at = w.at(clock);
        w.pool_cannot_log_on(&web, "Kantine Größe L", &pool, at);
    }
    w.noise(&web, 140);
    w.noise(&dc, 90);
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-01",
                Status::Confirmed,
                &[("account", r"KESSEL\svc-kantine")],
            )
            .must_not(&[
                "POOL-02", "POOL-03", "POOL-04", "POOL-08", "AC-01", "SPN-01", "SPN-05",
            ]),
    )
}

/// POOL-02: the password changed in the directory, the worker process knows the old one.
pub fn pool_password_changed_while_running() -> Story {
    let mut w = story(
        "pool-password-changed-while-running",
        "The pool account's password was reset while the pool ran: new tickets cannot be opened",
        "SPN and acceptor are the same account all along. At 10:40 an administrator reset its password; IIS was not told
         and the pool was not recycled. From then on the KDC seals tickets with the new key, which the worker process does
         not have: clients note KRB_AP_ERR_MODIFIED naming the pool account. People with a ticket from the morning still
         get in for hours.",
    )
    .in_domain("halden.example", "HALDEN");
    let (dc, web) = (w.dc("HAL-DC1"), w.server("HAL-APP2"));
    let (pc, other) = (w.client("HAL-0771"), w.client("HAL-0802"));
    let (siv, per, admin) = (w.user("siv.moen"), w.user("per.lund"), w.user("t1-okb"));
    let pool = w.service_account("svc_archive");
    let spn = "HTTP/archive.halden.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Archive").specific_user(&pool.down_level()))
            .site(
                Site::new("Archive")
                    .https("archive.halden.example")
                    .pool("Archive"),
            )
            .location(
                "Archive",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "HAL-APP2-setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-Q {spn}"), "-L svc_archive"],
    );
    let (start, reset) = (w.at("07:15"), w.at("10:40:18"));
    w.kerberos_works(
        &Visit::new(&pc, &siv, &web, spn),
        &pool,
        20,
        start,
        w.at("13:00"),
    );
    w.set_password(reset, &pool, &admin);
    let visit = Visit::new(&other, &per, &web, spn);
    w.kerberos_modified(&visit, &pool, &pool, 24, w.at("10:58"), w.at("15:45"));
    w.noise(&web, 130);
    w.noise(&dc, 70);
    w.noise(&other, 30);
    w.finish(
        Expected::root_cause()
            .finding_at_least(
                "POOL-02",
                Status::Likely,
                &[("account", r"HALDEN\svc_archive")],
            )
            .current(true)
            .must_not(&[
                "POOL-01", "SPN-05", "SPN-06", "SPN-07", "ET-04", "MC-02", "KM-03",
            ]),
    )
}

/// POOL-03: the pool's account is locked.
pub fn pool_account_locked() -> Story {
    let mut w = story(
        "pool-account-locked",
        "The pool's account was locked out by an old scheduled task",
        "A task on another server kept using the account's old password until the domain locked it (4740). The next time
         the pool recycled, WAS could not log it on: C0000234 for a batch logon, then 5021, 5057, 5059, and users got 503.
         The password that IIS has stored is right.",
    )
    .in_domain("sable.example", "SABLE");
    let (dc, web, batch) = (w.dc("SB-DC4"), w.server("SB-WEB1"), w.server("SB-BATCH7"));
    let pool = w.service_account("svc_crm");
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("CRM").specific_user(&pool.down_level()))
            .site(Site::new("CRM").http(80, "crm.sable.example").pool("CRM"))
            .location("CRM", Auth::windows_only()),
    );
    let at = w.at("05:58:40");
    w.locked_out(&pool, &batch, at);
    for clock in ["06:00:02", "06:05:11"] {
        let at = w.at(clock);
        w.event(events::preauth_failed(at, &dc, &pool, &web, 0x12));
        w.pool_refused(&web, ("CRM", &pool), 0xc000_0234, 0x8007_052e, at);
    }
    w.noise(&web, 140);
    w.noise(&dc, 90);
    w.omit_logs_of(&batch);
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-03",
                Status::Confirmed,
                &[("account", r"SABLE\svc_crm")],
            )
            .must_not(&[
                "POOL-01", "POOL-02", "POOL-04", "POOL-08", "AC-01", "AC-03", "SPN-08",
            ]),
    )
}

/// POOL-04: the right to log on as a batch job is gone.
pub fn pool_account_lacks_batch_logon_right() -> Story {
    let mut w = story(
        "pool-account-lacks-batch-logon-right",
        "A policy took the batch logon right from the pool's account",
        "A hardening policy removed SeBatchLogonRight (4718) from the account that a pool runs as; the pool's
         manualGroupMembership is true, so that IIS_IUSRS does not help. At the next recycle the server refuses the batch
         logon with C000015B and WAS disables the pool: 503. Password and account are fine; no domain controller log was
         sent.",
    )
    .in_domain("ravenna.example", "RAVENNA");
    let (_dc, web) = (w.dc("RV-DC1"), w.server("RV-IIS11"));
    let pool = w.service_account("svc_fatture");
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Fatture").process(
                "identityType=\"SpecificUser\" userName=\"RAVENNA\\svc_fatture\" \
                 password=\"[enc:IISWASOnlyAesProvider:Zml4dHVyZS1ub3QtYS1zZWNyZXQ=:enc]\" manualGroupMembership=\"true\"",
            ))
            .site(Site::new("Fatture").https("fatture.ravenna.example").pool("Fatture"))
            .location("Fatture", Auth::windows_only()),
    );
    let removed = w.at("02:14:07");
    w.event(events::logon_right_removed(
        removed,
        &web,
        &pool.sid(),
        "SeBatchLogonRight",
    ));
    for clock in ["04:00:00", "04:30:12", "08:02:51"] {
        let at = w.at(clock);
        w.pool_refused(&web, ("Fatture", &pool), 0xc000_015b, 0x8007_0569, at);
    }
    w.noise(&web, 170);
    w.log_form(&web, "System", LogForm::Wevtutil(Encoding::Utf16));
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-04",
                Status::Confirmed,
                &[("account", r"RAVENNA\svc_fatture")],
            )
            .must_not(&["POOL-01", "POOL-02", "POOL-03", "AC-07", "SPN-05"]),
    )
}

/// POOL-05: the node may not fetch the password of its gMSA.
pub fn managed_password_not_retrievable() -> Story {
    let mut w = story(
        "managed-password-not-retrievable",
        "A new farm node may not retrieve the password of its managed service account",
        "The node was added to the farm, not to the group that may retrieve the gMSA's password. Netlogon notes 9000 with
         access denied for the account, WAS cannot start the pool, and this node answers 503. The gMSA holds the SPN, and
         its configuration has the trailing dollar sign and no password, as it must.",
    )
    .in_domain("azurite.example", "AZURITE");
    let (dc, web) = (w.dc("AZ-DC1"), w.server("AZ-FARM-03"));
    let pool = w.managed_service_account("gmsa_rh$");
    w.register("HTTP/rh.azurite.example", &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("RH").managed_service_account(r"AZURITE\gmsa_rh$"))
            .site(Site::new("RH").http(80, "rh.azurite.example").pool("RH"))
            .location(
                "RH",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Remote("AZ-FARM-03".into()),
        Encoding::Utf8,
        &["-L gmsa_rh$", "-X"],
    );
    for clock in ["08:01:10", "08:06:44", "09:30:05"] {
        let at = w.at(clock);
        w.event(events::netlogon_9000(at, &web, &pool, 0xc000_0022));
        w.pool_refused(&web, ("RH", &pool), 0xc000_006d, 0x8007_052e, at);
    }
    w.noise(&web, 140);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::root_cause()
            .finding(
                "POOL-05",
                Status::Confirmed,
                &[("account", r"AZURITE\gmsa_rh$")],
            )
            .must_not(&[
                "POOL-01", "POOL-02", "POOL-03", "POOL-04", "MC-01", "SPN-05",
            ]),
    )
}
