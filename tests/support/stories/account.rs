//! Stories about the user who logs on, and about a server that calls itself.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        server_calls_its_own_alias(),
        one_user_types_an_old_password(),
        user_locked_out_by_a_phone(),
        password_must_be_changed(),
        network_logon_denied(),
    ]
}

/// A site whose names are right and whose logons work, so that what fails is the user.
pub(super) fn sound_site(w: &mut World, web: &Host, name: &str, spn: &str) {
    w.register(spn, &web.machine());
    let host = spn.trim_start_matches("HTTP/");
    w.config(
        web,
        &ApplicationHost::new()
            .pool(Pool::new(name))
            .site(Site::new(name).https(host).pool(name))
            .location(name, Auth::windows_only()),
    );
    w.setspn(
        &format!("{}_setspn.txt", web.name),
        Prompt::Cmd,
        Encoding::Oem437,
        &[&format!("-F -Q {spn}")],
    );
}

/// LOOP-01: a job on the server calls the server's own alias.
pub fn server_calls_its_own_alias() -> Story {
    let mut w = story(
        "server-calls-its-own-alias",
        "A job on the web server calls the site by its alias and is refused by the loop-back check",
        "Remote users log on with Kerberos all day. A nightly job on the server itself calls the same alias with NTLM, and
         the LSA refuses it because the name is not the computer's: LsaSrv 6037 names program and target, and 4625 carries
         C000006D without a sub-status from the server's own address. The job's password is right.",
    )
    .in_domain("lindgren.example", "LINDGREN");
    let (dc, web, pc) = (w.dc("LG-DC1"), w.server("LG-BI02"), w.client("LG-5540"));
    let (maja, job) = (w.user("maja.holm"), w.service_account("svc_reportjob"));
    let spn = "HTTP/reports.lindgren.example";
    sound_site(&mut w, &web, "Reports", spn);
    w.kerberos_works(
        &Visit::new(&pc, &maja, &web, spn),
        &web.machine(),
        20,
        w.at("07:00"),
        w.at("15:00"),
    );
    let visit = Visit::new(&pc, &job, &web, spn);
    w.loopback_refused(&visit, "powershell.exe", 12, w.at("06:05"), w.at("06:35"));
    w.noise(&web, 140);
    w.noise(&dc, 70);
    w.finish(
        Expected::root_cause()
            .finding("LOOP-01", Status::Confirmed, &[("host", "LG-BI02")])
            .must_not(&["AC-01", "AC-08", "SPN-01", "SPN-05", "LOOP-02", "MC-01"]),
    )
}

/// AC-01: one user's saved password is old.
pub fn one_user_types_an_old_password() -> Story {
    let mut w = story(
        "one-user-types-an-old-password",
        "One user is refused because a stored password is old; everyone else is fine",
        "After a password change one user's PC goes on sending the old one: C000006A on the server and on the domain
         controller, always for this user and from this PC. Two colleagues log on to the same site with Kerberos all day.",
    )
    .in_domain("contessa.example", "CONTESSA");
    let (dc, web, pc) = (w.dc("CT-DC01"), w.server("CT-WEB08"), w.client("CT-NB-77"));
    let other = w.client("CT-NB-81");
    let (olga, nils) = (w.user("olga.perez"), w.user("nils.berg"));
    let spn = "HTTP/travel.contessa.example";
    sound_site(&mut w, &web, "Travel", spn);
    let (from, to) = (w.at("08:00"), w.at("12:20"));
    w.kerberos_works(
        &Visit::new(&other, &nils, &web, spn),
        &web.machine(),
        25,
        from,
        to,
    );
    w.wrong_password(&Visit::new(&pc, &olga, &web, spn), 9, from, to);
    w.noise(&web, 140);
    w.noise(&dc, 90);
    w.log_form(&web, "Security", LogForm::EvtxDirty);
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-01",
                Status::Confirmed,
                &[("account", r"CONTESSA\olga.perez")],
            )
            .must_not(&[
                "LOOP-01", "AC-02", "AC-05", "SPN-01", "SPN-05", "POOL-02", "EPA-01",
            ]),
    )
}

/// AC-02: a phone locked the account.
pub fn user_locked_out_by_a_phone() -> Story {
    let mut w = story(
        "user-locked-out-by-a-phone",
        "A phone with an old password locks the user's account, and the web site refuses it",
        "Bad passwords reach the domain controller from the mail gateway, which serves the user's phone, until the account
         is locked (4740). The web server then refuses the user with C0000234, though the password typed there is right.
         A colleague goes on logging on with Kerberos.",
    )
    .in_domain("meridian.example", "MERIDIAN");
    let (dc, web, pc) = (w.dc("MER-DC2"), w.server("MER-WEB4"), w.client("MER-1404"));
    let (gateway, other) = (w.server("MER-EAS1"), w.client("MER-1477"));
    let (tariq, lena) = (w.user("tariq.aziz"), w.user("lena.holt"));
    let spn = "HTTP/forms.meridian.example";
    sound_site(&mut w, &web, "Forms", spn);
    let (locked, to) = (w.at("09:31:52"), w.at("10:20"));
    w.kerberos_works(
        &Visit::new(&other, &lena, &web, spn),
        &web.machine(),
        22,
        w.at("07:30"),
        w.at("14:00"),
    );
    w.locked_out(&tariq, &gateway, locked);
    let visit = Visit::new(&pc, &tariq, &web, spn);
    w.logons_refused(&visit, (0xc000_0234, 0), 8, locked, to);
    w.event(events::tgt_failed(w.at("09:40"), &dc, &tariq, &pc, 0x12));
    w.noise(&web, 140);
    w.noise(&dc, 90);
    w.omit_logs_of(&gateway);
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-02",
                Status::Confirmed,
                &[("account", r"MERIDIAN\tariq.aziz")],
            )
            .must_not(&["AC-03", "AC-04", "AC-05", "POOL-03", "SPN-05", "LOOP-01"]),
    )
}

/// AC-05: the password must be changed first.
pub fn password_must_be_changed() -> Story {
    let mut w = story(
        "password-must-be-changed",
        "A new employee must change the password before a network logon can work",
        "The account was created with \"must change password at next logon\", and its owner works from a tablet that never
         logs on interactively. The server refuses with C0000224, the domain controller answers 0x17. Nothing is wrong with
         the site: others use it with Kerberos.",
    )
    .in_domain("yamate.example", "YAMATE");
    let (dc, web, pc) = (w.dc("YM-DC1"), w.server("YM-WEB1"), w.client("YM-TAB-9"));
    let other = w.client("YM-PC-31");
    let (sato, mori) = (w.user("h.sato"), w.user("k.mori"));
    let spn = "HTTP/kintai.yamate.example";
    sound_site(&mut w, &web, "勤怠", spn);
    let (from, to) = (w.at("00:30"), w.at("03:10"));
    w.kerberos_works(
        &Visit::new(&other, &mori, &web, spn),
        &web.machine(),
        20,
        from,
        to,
    );
    w.logons_refused(
        &Visit::new(&pc, &sato, &web, spn),
        (0xc000_0224, 0),
        6,
        from,
        to,
    );
    for time in w.dice.clone().times(4, from, to) {
        w.event(events::tgt_failed(time, &dc, &sato, &pc, 0x17));
    }
    w.noise(&web, 90);
    w.noise(&dc, 60);
    w.log_form(&web, "Security", LogForm::EventViewer);
    w.finish(
        Expected::root_cause()
            .finding("AC-05", Status::Confirmed, &[("account", r"YAMATE\h.sato")])
            .must_not(&["AC-01", "AC-02", "AC-03", "AC-04", "SPN-01", "SPN-05"]),
    )
}

/// AC-07: a hardening policy denies network logon.
pub fn network_logon_denied() -> Story {
    let mut w = story(
        "network-logon-denied",
        "A policy denies a group the network logon to the web server",
        "Users of one group get a service ticket and are refused by the server with C000015B, Kerberos and NTLM alike,
         since a policy took the right to access this computer from the network (4718). Everyone else logs on. Tickets,
         SPN and passwords are right.",
    )
    .in_domain("castile.example", "CASTILE");
    let (dc, web, pc) = (w.dc("CA-DC1"), w.server("CA-WEB2"), w.client("CA-T0-11"));
    let other = w.client("CA-3318");
    let (admin, rosa, group) = (
        w.user("t0.ines"),
        w.user("rosa.gil"),
        w.user("Tier0 Admins"),
    );
    let spn = "HTTP/console.castile.example";
    sound_site(&mut w, &web, "Console", spn);
    let (from, to) = (w.at("08:10"), w.at("11:50"));
    w.event(events::logon_right_removed(
        w.at("07:59:30"),
        &web,
        &group.sid(),
        "SeNetworkLogonRight",
    ));
    w.kerberos_works(
        &Visit::new(&other, &rosa, &web, spn),
        &web.machine(),
        20,
        w.at("07:00"),
        to,
    );
    let visit = Visit::new(&pc, &admin, &web, spn);
    w.kerberos_logon_refused(&visit, (&web.machine(), &pc), 0xc000_015b, 7, from, to);
    w.logons_refused(&visit, (0xc000_015b, 0), 4, from, to);
    w.klist(
        "CA-T0-11 klist.txt",
        Encoding::Utf16,
        Language::English,
        &admin,
        &[spn],
        from,
    );
    w.noise(&web, 140);
    w.noise(&dc, 90);
    w.finish(
        Expected::root_cause()
            .finding("AC-07", Status::Confirmed, &[("host", "CA-WEB2")])
            .must_not(&[
                "POOL-04", "AC-01", "AC-10", "AZ-01", "TR-04", "SPN-05", "EPA-01",
            ]),
    )
}
