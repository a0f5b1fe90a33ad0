//! Stories about NTLM that is blocked or refused, once Kerberos was lost.

use super::account::sound_site;
use crate::support::prelude::*;
use crate::support::texts::machine;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        ntlm_refused_by_hardened_server(),
        ntlm_kept_in_by_client_policy(),
        ntlm_refused_by_domain_controllers(),
        old_level_on_shop_floor_client(),
        protected_administrator_by_short_name(),
        tier_zero_silo_refuses_device(),
        agent_still_counts_on_version_one(),
        scanner_without_session_security(),
    ]
}

/// Ordinary logons on both machines; what their System logs hold nobody asks here.
fn background(w: &mut World, web: &Host, dc: &Host) {
    w.noise(web, 60);
    w.noise(dc, 40);
    w.omit_log(web, "System");
    w.omit_log(dc, "System");
}

const LSA: &str = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa";

/// A site in kernel mode whose name nobody holds.
fn lost_site(w: &mut World, web: &Host, site: &str, name: &str) {
    w.config(
        web,
        &ApplicationHost::new()
            .pool(Pool::new(site))
            .site(Site::new(site).https(name).pool(site))
            .location(site, Auth::windows_only()),
    );
    w.setspn(
        &format!("{}-setspn.txt", web.name.to_lowercase()),
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-F -Q HTTP/{name}"), &format!("-F -Q HOST/{name}")],
    );
}

/// NT-01 behind SPN-01: the policy that denies incoming NTLM met a name without an SPN.
pub fn ntlm_refused_by_hardened_server() -> Story {
    let mut w = story(
        "ntlm-refused-by-hardened-server",
        "A new alias has no SPN, and the hardened server refuses the NTLM that users fall back to",
        "The alias of the intranet was added without an SPN. Elsewhere nobody would notice: Negotiate falls back to NTLM. This
         server denies incoming NTLM by policy (NTLM 4003, 4625 with C0000418), so users of the alias get 401. The missing SPN
         is the root, the policy only shows it.",
    )
    .in_domain("salzach.example", "SALZACH");
    let (dc, web, pc) = (w.dc("SZ-DC1"), w.server("SZ-IIS03"), w.client("SZ-NB-204"));
    let (lotte, jan) = (w.user("lotte.maier"), w.user("jan.huber"));
    let name = "neu.salzach.example";
    lost_site(&mut w, &web, "Intranet", name);
    let spn = format!("HTTP/{name}");
    let (from, to) = (w.at("07:40"), w.at("11:10"));
    for user in [&lotte, &jan] {
        let visit = Visit::new(&pc, user, &web, &spn);
        w.logons_refused(&visit, (0xc000_0418, 0), 6, from, to);
        for time in w.dice.clone().times(6, from, to) {
            w.event(events::ntlm_4003(time, &web, user, &pc));
            w.event(events::kerberos_error(time, &pc, user, 0x7, "", &spn));
        }
    }
    let key = format!(r"{LSA}\MSV1_0");
    let values = [
        ("AuditReceivingNTLMTraffic", "REG_DWORD", "0x2"),
        ("RestrictReceivingNTLMTraffic", "REG_DWORD", "0x2"),
    ];
    let path = w.path(&web, "lsa.txt");
    w.text(
        &path,
        &machine::reg_query(&[(&key, &values)]),
        Encoding::Oem850,
    );
    background(&mut w, &web, &dc);
    w.log_form(
        &web,
        "Microsoft-Windows-NTLM/Operational",
        LogForm::EventViewer,
    );
    w.finish(
        Expected::root_cause()
            .finding("SPN-01", Status::Confirmed, &[("spn", &spn)])
            .finding("NT-01", Status::Confirmed, &[("host", "SZ-IIS03")])
            .must_not(&["NT-02", "NT-03", "NT-08", "AC-01", "AC-10", "SPN-05"]),
    )
}

/// NT-02 behind SPN-01: the client's policy keeps NTLM in.
pub fn ntlm_kept_in_by_client_policy() -> Story {
    let mut w = story(
        "ntlm-kept-in-by-client-policy",
        "Hardened clients get no ticket for a site and may not send NTLM: they answer the challenge with nothing",
        "The name of the site has no SPN. Ordinary clients sign in by NTLM; the notebooks of one department deny outgoing NTLM
         by policy (4001 with the site as target) and send nothing at all: the IIS log shows 401.2 of them and no more. The
         missing SPN is the root.",
    )
    .in_domain("fjord.example", "FJORD");
    let (dc, web) = (w.dc("FJ-DC2"), w.server("FJ-WEB1"));
    let (hard, soft) = (w.client("FJ-SEC-07"), w.client("FJ-0311"));
    let (astrid, per) = (w.user("astrid.lie"), w.user("per.dahl"));
    let name = "skjema.fjord.example";
    lost_site(&mut w, &web, "Skjema", name);
    let spn = format!("HTTP/{name}");
    let (from, to) = (w.at("08:05"), w.at("13:30"));
    for time in w.dice.clone().times(9, from, to) {
        let process = r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe";
        w.event(events::ntlm_4001(time, &hard, &astrid, &spn, process));
    }
    let soft = Visit::new(&soft, &per, &web, &spn);
    let logged = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&soft, logged, 12, from, to);
    let key = format!(r"{LSA}\MSV1_0");
    let values = [
        ("ClientAllowedNTLMServers", "REG_MULTI_SZ", ""),
        ("RestrictSendingNTLMTraffic", "REG_DWORD", "0x2"),
    ];
    let path = w.path(&hard, "msv.txt");
    w.text(
        &path,
        &machine::reg_query(&[(&key, &values)]),
        Encoding::Utf8Bom,
    );
    background(&mut w, &web, &dc);
    w.finish(
        Expected::root_cause()
            .finding("SPN-01", Status::Confirmed, &[("spn", &spn)])
            .finding(
                "NT-02",
                Status::Confirmed,
                &[("spn", &spn), ("host", "FJ-SEC-07")],
            )
            .must_not(&["NT-01", "NT-03", "CL-01", "CL-12", "AC-01"]),
    )
}

/// NT-03 behind NAME-01: the controllers deny NTLM, and a link names an address.
pub fn ntlm_refused_by_domain_controllers() -> Story {
    let mut w = story(
        "ntlm-refused-by-domain-controllers",
        "A bookmark with an IP address needs NTLM, and the domain controllers deny it in the domain",
        "Users of the old bookmark come by the server's address, for which there is no ticket. The domain controllers deny
         NTLM in the domain (4004 that names the web server), the server answers 401. By its name everybody gets in with
         Kerberos.",
    )
    .in_domain("ventoux.example", "VENTOUX");
    let (dc, web, pc) = (w.dc("VX-DC1"), w.server("VX-APP2"), w.client("VX-118"));
    let other = w.client("VX-121");
    let (luc, anne) = (w.user("luc.morel"), w.user("anne.roux"));
    let spn = "HTTP/conges.ventoux.example";
    sound_site(&mut w, &web, "Conges", spn);
    let (from, to) = (w.at("06:50"), w.at("12:00"));
    let visit = Visit::new(&other, &anne, &web, spn);
    w.kerberos_works(&visit, &web.machine(), 16, from, to);
    let by_address = Visit::new(&pc, &luc, &web, &format!("HTTP/{}", web.ip));
    w.logons_refused(&by_address, (0xc000_0418, 0), 8, from, to);
    for time in w.dice.clone().times(8, from, to) {
        w.event(events::ntlm_4004(time, &dc, &luc, &pc, &web));
    }
    let key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Netlogon\Parameters";
    let values = [
        ("AuditNTLMInDomain", "REG_DWORD", "0x7"),
        ("RestrictNTLMInDomain", "REG_DWORD", "0x5"),
    ];
    let path = w.path(&dc, "netlogon.txt");
    w.text(
        &path,
        &machine::reg_query(&[(key, &values)]),
        Encoding::Oem437,
    );
    background(&mut w, &web, &dc);
    w.log_form(
        &dc,
        "Microsoft-Windows-NTLM/Operational",
        LogForm::Wevtutil(Encoding::Utf16),
    );
    w.finish(
        Expected::root_cause()
            .finding("NT-03", Status::Confirmed, &[("host", "VX-APP2")])
            .must_not(&[
                "NT-01", "NT-02", "NT-05", "AC-01", "SPN-01", "SPN-05", "MC-01",
            ]),
    )
}

/// NT-04: a machine with an old level.
pub fn old_level_on_shop_floor_client() -> Story {
    let mut w = story(
        "old-level-on-shop-floor-client",
        "A shop-floor PC sends NTLM version 1, the controllers refuse it, and it looks like a wrong password",
        "The site has no SPN, so that everybody comes by NTLM. One PC keeps LmCompatibilityLevel 1 from an old image; the
         controllers were raised to 5. They report a wrong password for its user, who gets tickets with the same password.",
    )
    .in_domain("brenta.example", "BRENTA");
    let (dc, web) = (w.dc("BR-DC1"), w.server("BR-WEB2"));
    let (old, new) = (w.client("BR-HALLE3"), w.client("BR-0042"));
    let (marco, elisa) = (w.user("marco.riva"), w.user("elisa.conti"));
    let name = "turni.brenta.example";
    lost_site(&mut w, &web, "Turni", name);
    let spn = format!("HTTP/{name}");
    let (from, to) = (w.at("05:55"), w.at("12:40"));
    w.event(events::tgt(from, &dc, &marco, &old));
    for time in w.dice.clone().times(7, from, to) {
        let refused = events::logon_failed(time, &web, &marco, &old, 0xc000_006d, 0xc000_006a);
        w.event(refused.with("LmPackageName", "NTLM V1"));
        w.event(events::ntlm_validation(
            time,
            &dc,
            &marco,
            &old.name,
            0xc000_006a,
        ));
    }
    let logged = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&Visit::new(&new, &elisa, &web, &spn), logged, 10, from, to);
    for (host, level) in [(&old, "0x1"), (&dc, "0x5")] {
        let values = [
            ("LmCompatibilityLevel", "REG_DWORD", level),
            ("restrictanonymous", "REG_DWORD", "0x1"),
        ];
        let asked = Transcript::new(Prompt::Cmd)
            .run("hostname", &format!("{}\n", host.name))
            .run(
                r"reg query HKLM\SYSTEM\CurrentControlSet\Control\Lsa",
                &machine::reg_query(&[(LSA, &values)]),
            );
        w.text(
            &format!("{}_lsa.txt", host.name),
            asked.text(),
            Encoding::Oem437,
        );
    }
    background(&mut w, &web, &dc);
    w.finish(
        Expected::root_cause()
            .finding("NT-04", Status::Confirmed, &[("host", "BR-HALLE3")])
            .finding("SPN-01", Status::Confirmed, &[("spn", &spn)])
            .must_not(&["AC-01", "NT-01", "NT-07", "NT-08", "AC-08"]),
    )
}

/// NT-05: a member of Protected Users types the short name.
pub fn protected_administrator_by_short_name() -> Story {
    let mut w = story(
        "protected-administrator-without-spn",
        "One administrator alone is refused at a site that everybody else uses: Protected Users and NTLM",
        "The site has no SPN, and everybody comes by NTLM without noticing. The administrator is a member of Protected Users,
         whom the domain keeps from NTLM (event 100, C000006E). The password is right.",
    )
    .in_domain("calanda.example", "CALANDA");
    let (dc, web) = (w.dc("CL-DC1"), w.server("CL-MGMT1"));
    let (admin_pc, pc) = (w.client("CL-PAW-1"), w.client("CL-2290"));
    let (admin, reto) = (w.user("adm.flurin"), w.user("reto.caduff"));
    let name = "inventar.calanda.example";
    lost_site(&mut w, &web, "Inventar", name);
    let spn = format!("HTTP/{name}");
    let (from, to) = (w.at("08:20"), w.at("15:00"));
    let logged = Fallback {
        error: Some(0x7),
        kdc_audits_errors: true,
        ..Fallback::default()
    };
    w.ntlm_instead(&Visit::new(&pc, &reto, &web, &spn), logged, 11, from, to);
    let visit = Visit::new(&admin_pc, &admin, &web, &spn);
    w.logons_refused(&visit, (0xc000_006e, 0), 5, from, to);
    for time in w.dice.clone().times(5, from, to) {
        w.event(events::protected_user_refused(time, &dc, &admin, &admin_pc));
    }
    let ldif = format!(
        "dn: {}\nchangetype: add\nobjectClass: user\nsAMAccountName: {}\nmemberOf: CN=Protected Users,CN=Users,{}\nuserAccountControl: 66048\n",
        admin.dn(),
        admin.name,
        w.domain.naming_context()
    );
    w.text("adm.flurin.ldf", &ldif, Encoding::Utf8);
    background(&mut w, &web, &dc);
    w.finish(
        Expected::root_cause()
            .finding(
                "NT-05",
                Status::Confirmed,
                &[("account", r"CALANDA\adm.flurin")],
            )
            .finding("SPN-01", Status::Confirmed, &[("spn", &spn)])
            .must_not(&["AC-10", "AC-01", "NT-01", "NT-03", "NT-06"]),
    )
}

/// NT-06: a silo does not know the device.
pub fn tier_zero_silo_refuses_device() -> Story {
    let mut w = story(
        "tier-zero-silo-refuses-device",
        "An administrator of a silo works from a notebook that does not belong to it, and gets no ticket there",
        "The authentication policy of the silo gives tickets from its own devices only (4820), and NTLM, to which the browser
         falls back, is refused with C000006E. From the silo's device, and for everybody else, the site works.",
    )
    .in_domain("moldau.example", "MOLDAU");
    let (dc, web) = (w.dc("MO-DC3"), w.server("MO-WEB7"));
    let (notebook, pc) = (w.client("MO-NB-81"), w.client("MO-1204"));
    let (admin, eva) = (w.user("t0.kral"), w.user("eva.novak"));
    let spn = "HTTP/backup.moldau.example";
    sound_site(&mut w, &web, "Backup", spn);
    let (from, to) = (w.at("09:00"), w.at("11:45"));
    w.kerberos_works(
        &Visit::new(&pc, &eva, &web, spn),
        &web.machine(),
        14,
        from,
        to,
    );
    for time in w.dice.clone().times(6, from, to) {
        let silo = ("Tier 0", "Tier 0 devices only");
        w.event(events::denied_by_policy(time, &dc, &admin, &notebook, silo));
    }
    let visit = Visit::new(&notebook, &admin, &web, spn);
    w.logons_refused(&visit, (0xc000_006e, 0), 6, from, to);
    background(&mut w, &web, &dc);
    w.log_form(&dc, "Security", LogForm::Wevtutil(Encoding::Utf8Bom));
    w.finish(
        Expected::root_cause()
            .finding(
                "NT-06",
                Status::Confirmed,
                &[("account", r"MOLDAU\t0.kral")],
            )
            .must_not(&["NT-05", "AC-10", "AC-06", "AC-01", "TR-04", "SPN-01"]),
    )
}

/// NT-07: a program with version 1 on a new system.
pub fn agent_still_counts_on_version_one() -> Story {
    let mut w = story(
        "agent-still-counts-on-version-one",
        "After the upgrade to Windows 11 24H2 an inventory agent cannot sign in: it knows NTLM version 1 only",
        "The agent brings its own NTLM, of version 1, which the new system does not send (4013 with the site as target).",
    )
    .in_domain("aarhus.example", "AARHUS");
    let (dc, web, pc) = (w.dc("AA-DC1"), w.server("AA-IIS1"), w.client("AA-24H2-09"));
    let agent = w.service_account("svc_lager");
    let spn = "HTTP/lager.aarhus.example";
    sound_site(&mut w, &web, "Lager", spn);
    let (from, to) = (w.at("07:00"), w.at("16:00"));
    for time in w.dice.clone().times(8, from, to) {
        let process = r"C:\Program Files\Lagerscan\agent.exe";
        let mut event = events::ntlm_8001(time, &pc, &agent, spn, process);
        event.id = 4013;
        w.event(event);
    }
    background(&mut w, &web, &dc);
    w.finish(
        Expected::root_cause()
            .finding("NT-07", Status::Confirmed, &[("host", "AA-24H2-09")])
            .must_not(&["NT-04", "NT-01", "NT-02", "NT-08", "AC-01", "SPN-01"]),
    )
}

/// NT-08: a device without the session security that is required.
pub fn scanner_without_session_security() -> Story {
    let mut w = story(
        "scanner-without-session-security",
        "Document scanners fail after a baseline demands NTLM session security that they do not offer",
        "The new baseline requires 128-bit keys and version 2 of NTLM clients. The scanners upload by NTLM without them: the
         server breaks the handshake off (4011).",
    )
    .in_domain("kerry.example", "KERRY");
    let (dc, web) = (w.dc("KY-DC1"), w.server("KY-DMS1"));
    let spn = "HTTP/dms.kerry.example";
    sound_site(&mut w, &web, "DMS", spn);
    let (from, to) = (w.at("08:00"), w.at("15:30"));
    for time in w.dice.clone().times(7, from, to) {
        w.event(events::ntlm_4011(time, &web, 0x8000, 0x2008_0000));
    }
    let key = format!(r"{LSA}\MSV1_0");
    let values = [
        ("NtlmMinClientSec", "REG_DWORD", "0x20080000"),
        ("NtlmMinServerSec", "REG_DWORD", "0x20080000"),
    ];
    let path = w.path(&web, "ntlm.txt");
    w.text(
        &path,
        &machine::reg_query(&[(&key, &values)]),
        Encoding::Utf16,
    );
    background(&mut w, &web, &dc);
    w.finish(
        Expected::root_cause()
            .finding("NT-08", Status::Confirmed, &[("host", "KY-DMS1")])
            .must_not(&["NT-01", "NT-04", "NT-07", "AC-01", "SPN-01"]),
    )
}
