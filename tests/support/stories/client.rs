//! Stories about clients: policies, tickets, sessions, and challenges that nobody answers.

use jiff::{SignedDuration, Timestamp};

use super::account::sound_site;
use crate::support::prelude::*;
use crate::support::texts::machine;
use crate::support::texts::web_log::{self, Columns, Request};

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        browsers_that_do_not_answer(),
        programs_that_do_not_answer(),
        order_service_called_without_scheme(),
        host_missing_from_allow_list(),
        schemes_policy_without_negotiate(),
        integrated_authentication_unticked(),
        private_windows_of_the_library(),
        local_account_on_a_test_machine(),
        notebook_opens_site_before_vpn(),
        entra_device_without_cloud_trust(),
        ticket_from_before_the_move(),
        client_remembers_missing_name(),
        stored_credential_of_the_predecessor(),
        tool_started_with_netonly(),
        session_with_expired_ticket(),
        proxy_left_by_recorder(),
    ]
}

const EDGE: &str = "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/131.0.0.0+Safari/537.36+Edg/131.0.0.0";

/// A sound site with Kerberos all day; its server's log is that of a web server.
struct Place {
    dc: Host,
    web: Host,
    pc: Host,
    spn: String,
}

impl Place {
    fn of(w: &mut World, names: [&str; 5], name: &str, works: bool) -> Self {
        Self::told(w, names, name, works, "System")
    }

    /// The same, where the log of the site is all that tells of logons.
    fn logged(w: &mut World, names: [&str; 5], name: &str) -> Self {
        Self::told(w, names, name, true, "Security")
    }

    fn told(
        w: &mut World,
        [dc, web, pc, other, site]: [&str; 5],
        name: &str,
        works: bool,
        omitted: &str,
    ) -> Self {
        let (dc, web) = (w.dc(dc), w.server(web));
        let pc = w.client(pc);
        let spn = format!("HTTP/{name}");
        sound_site(w, &web, site, &spn);
        if works {
            let other = w.client(other);
            let colleague = w.user("r.colleague");
            let (from, to) = (w.at("07:00"), w.at("16:00"));
            let visit = Visit::new(&other, &colleague, &web, &spn);
            w.kerberos_works(&visit, &web.machine(), 14, from, to);
        }
        w.noise(&web, 50);
        w.omit_log(&web, omitted);
        Self { dc, web, pc, spn }
    }

    fn visit(&self, user: &Account) -> Visit {
        Visit::new(&self.pc, user, &self.web, &self.spn)
    }
}

/// Challenges of one client that nobody answers, at these minutes after eight.
fn unanswered(
    w: &World,
    place: &Place,
    from: &Host,
    agent: &'static str,
    path: &'static str,
    minutes: &[i64],
) -> Vec<Request> {
    let start = w.at("08:00");
    let request = |minute: &i64| Request {
        time: start + SignedDuration::from_secs(minute * 60 + minute % 7),
        client: from.ip.clone(),
        host: place.spn.trim_start_matches("HTTP/").to_owned(),
        user: None,
        path,
        status: (401, 2),
        win32: 5,
        received: 640,
        taken: 3,
        agent,
    };
    minutes.iter().map(request).collect()
}

/// The log of the site, with these requests among the visits.
fn log(w: &mut World, place: &Place, columns: Columns, mut more: Vec<Request>) {
    let mut requests = w.requests(&place.web);
    requests.append(&mut more);
    requests.sort_by_key(|request| request.time);
    let text = web_log::w3c(columns, &place.web, 1, &requests);
    let path = w.path(&place.web, "W3SVC1_u_ex.log");
    w.file(&path, text.into_bytes());
}

/// NTLM on the server from one client alone.
fn comes_by_ntlm(w: &mut World, visit: &Visit, count: usize) {
    let (from, to) = (w.at("08:10"), w.at("15:10"));
    w.ntlm_instead(visit, Fallback::default(), count, from, to);
}

/// CL-01, CL-05, CL-15: browsers.
pub fn browsers_that_do_not_answer() -> Story {
    let mut w = story(
        "browsers-that-do-not-answer",
        "Some browsers leave the challenge of a sound site unanswered, and no log says why",
        "Edge of one client, Firefox of another and Safari of a Mac get 401.2 and send nothing. Others sign in with Kerberos.
         The log of the server cannot tell a zone from a missing setting: all that may be said is what would decide.",
    )
    .in_domain("isar.example", "ISAR");
    let names = ["IS-DC1", "IS-WEB1", "IS-0412", "IS-0420", "Wiki"];
    let place = Place::logged(&mut w, names, "wiki.isar.example");
    let (fox, mac) = (w.client("IS-0433"), w.client("IS-MAC2"));
    let firefox =
        "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64;+rv:133.0)+Gecko/20100101+Firefox/133.0";
    let safari = "Mozilla/5.0+(Macintosh;+Intel+Mac+OS+X+10_15_7)+AppleWebKit/605.1.15+(KHTML,+like+Gecko)+Version/18.1+Safari/605.1.15";
    let mut more = unanswered(&w, &place, &place.pc, EDGE, "/start", &[3, 11, 47, 90, 201]);
    more.extend(unanswered(
        &w,
        &place,
        &fox,
        firefox,
        "/start",
        &[5, 16, 66, 140],
    ));
    more.extend(unanswered(
        &w,
        &place,
        &mac,
        safari,
        "/start",
        &[9, 31, 77, 233],
    ));
    log(&mut w, &place, Columns::Everything, more);
    w.finish(
        Expected::undecided()
            .finding("CL-01", Status::Possible, &[("site", "Wiki")])
            .finding("CL-05", Status::Possible, &[("site", "Wiki")])
            .finding("CL-15", Status::Possible, &[("site", "Wiki")])
            .must_not(&[
                "CL-02", "CL-12", "CL-13", "CL-16", "SPN-01", "CFG-02", "NT-02",
            ])
            .not_assessed(&["CL-02", "CL-03"]),
    )
}

/// CL-12, CL-13: programs.
pub fn programs_that_do_not_answer() -> Story {
    let mut w = story(
        "programs-that-do-not-answer",
        "A script and an agent take the challenge for the answer, while browsers sign in",
        "A Python script sends no credentials at all, and an agent that uses WinHTTP sends none to a full name. People open the
         same site with Kerberos. What the programs were told is in no log.",
    )
    .in_domain("lahn.example", "LAHN");
    let names = ["LA-DC1", "LA-WEB1", "LA-JOB1", "LA-0020", "Daten"];
    let place = Place::logged(&mut w, names, "daten.lahn.example");
    let agent = w.server("LA-AGENT1");
    let mut more = unanswered(
        &w,
        &place,
        &place.pc,
        "python-requests/2.32.3",
        "/api/export",
        &[2, 9, 40, 100, 170, 260],
    );
    more.extend(unanswered(
        &w,
        &place,
        &agent,
        "Microsoft+WinHTTP/5.1+Bestandsagent",
        "/api/bestand",
        &[4, 25, 80, 199],
    ));
    log(&mut w, &place, Columns::Everything, more);
    let shown = "\nCurrent WinHTTP proxy settings:\n\n    Direct access (no proxy server).\n\n";
    let asked = Transcript::new(Prompt::Cmd).run("netsh winhttp show proxy", shown);
    w.text("agent-proxy.txt", asked.text(), Encoding::Oem437);
    w.finish(
        Expected::undecided()
            .finding("CL-12", Status::Possible, &[("site", "Daten")])
            .finding("CL-13", Status::Possible, &[("site", "Daten")])
            .must_not(&[
                "CL-01", "CL-15", "CL-16", "CL-05", "CL-18", "SPN-01", "CFG-02",
            ]),
    )
}

/// CL-16: a SOAP client.
pub fn order_service_called_without_scheme() -> Story {
    let mut w = story(
        "order-service-called-without-scheme",
        "A SOAP client leaves the challenge of its service unanswered, while people use the site",
        "The binding of the client names no scheme. It says so in its own exception, which is not in the bundle; the log shows
         401.2 for the service of one caller.",
    )
    .in_domain("sava.example", "SAVA");
    let names = ["SV-DC1", "SV-WEB2", "SV-ERP1", "SV-0100", "Orders"];
    let place = Place::logged(&mut w, names, "orders.sava.example");
    let more = unanswered(
        &w,
        &place,
        &place.pc,
        "-",
        "/OrderService.svc",
        &[1, 8, 33, 74, 150],
    );
    log(&mut w, &place, Columns::Everything, more);
    w.finish(
        Expected::undecided()
            .finding("CL-16", Status::Possible, &[("site", "Orders")])
            .must_not(&["CL-12", "CL-13", "CL-01", "SPN-01", "CFG-02"]),
    )
}

fn edge_policies(values: &[(&str, &str)]) -> String {
    let policies: Vec<String> = values
        .iter()
        .map(|(name, value)| {
            format!("            \"{name}\": {{\n               \"level\": \"mandatory\",\n               \"scope\": \"machine\",\n               \"source\": \"platform\",\n               \"value\": {value}\n            }}")
        })
        .collect();
    format!(
        "{{\n   \"chromeMetadata\": {{\n      \"application\": \"Microsoft Edge\",\n      \"version\": \"131.0.2903.51\"\n   }},\n   \"policyValues\": {{\n      \"chrome\": {{\n         \"name\": \"Microsoft Edge Policies\",\n         \"policies\": {{\n{}\n         }}\n      }}\n   }}\n}}\n",
        policies.join(",\n")
    )
}

/// CL-02: the new host is not in the list.
pub fn host_missing_from_allow_list() -> Story {
    let mut w = story(
        "host-missing-from-allow-list",
        "Edge prompts at a new site, because the policy lists the hosts for single sign-on and leaves it out",
        "AuthServerAllowlist names the hosts of another domain suffix only. Edge of the clients with that policy leaves the
         challenge of the new site unanswered; a client without it signs in with Kerberos.",
    )
    .in_domain("weser.example", "WESER");
    let names = ["WE-DC1", "WE-WEB3", "WE-1188", "WE-1190", "Neu"];
    let place = Place::of(&mut w, names, "neu.weser.example", true);
    let more = unanswered(&w, &place, &place.pc, EDGE, "/", &[3, 12, 51, 130, 222]);
    log(&mut w, &place, Columns::Everything, more);
    let policy = edge_policies(&[(
        "AuthServerAllowlist",
        "\"*.alt-weser.example,portal.weser.example\"",
    )]);
    w.text("edge-policies.json", &policy, Encoding::Utf8);
    w.finish(
        Expected::root_cause()
            .finding(
                "CL-02",
                Status::Confirmed,
                &[("host_name", "neu.weser.example")],
            )
            .must_not(&["CL-01", "CL-03", "CL-04", "CL-12", "SPN-01", "NT-02"]),
    )
}

/// CL-03: ntlm only.
pub fn schemes_policy_without_negotiate() -> Story {
    let mut w = story(
        "schemes-policy-without-negotiate",
        "One department's Chrome comes by NTLM everywhere: its policy allows no negotiate",
        "AuthSchemes of Chrome is \"basic,ntlm\". Its users sign in by NTLM, everybody else with Kerberos, at the same name with
         the same sound SPN.",
    )
    .in_domain("eider.example", "EIDER");
    let names = ["EI-DC1", "EI-WEB1", "EI-3003", "EI-3010", "Kasse"];
    let place = Place::of(&mut w, names, "kasse.eider.example", true);
    let user = w.user("b.hansen");
    comes_by_ntlm(&mut w, &place.visit(&user), 9);
    let key = r"HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Google\Chrome";
    let values = [
        ("AuthSchemes", "REG_SZ", "basic,ntlm"),
        ("BrowserSignin", "REG_DWORD", "0x0"),
    ];
    let asked = Transcript::new(Prompt::Cmd)
        .run("hostname", "EI-3003\n")
        .run(
            r"reg query HKLM\SOFTWARE\Policies\Google\Chrome",
            &machine::reg_query(&[(key, &values)]),
        );
    w.text("EI-3003_chrome.txt", asked.text(), Encoding::Oem437);
    w.finish(
        Expected::root_cause()
            .finding("CL-03", Status::Confirmed, &[("host", "EI-3003")])
            .must_not(&["CFG-03", "CFG-04", "CL-02", "CL-06", "SPN-01", "SPN-05"]),
    )
}

/// CL-06: the Internet option.
pub fn integrated_authentication_unticked() -> Story {
    let mut w = story(
        "integrated-authentication-unticked",
        "On one PC Integrated Windows Authentication is unticked, and its user comes by NTLM",
        "EnableNegotiate is 0 for the user. The old application in IE mode answers Negotiate with NTLM; everybody else signs in
         with Kerberos.",
    )
    .in_domain("trave.example", "TRAVE");
    let names = ["TV-DC1", "TV-WEB1", "TV-7001", "TV-7002", "Archiv"];
    let place = Place::of(&mut w, names, "archiv.trave.example", true);
    let user = w.user("h.petersen");
    comes_by_ntlm(&mut w, &place.visit(&user), 8);
    let key = r"HKEY_CURRENT_USER\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings";
    let values = [
        ("EnableNegotiate", "REG_DWORD", "0x0"),
        ("ProxyEnable", "REG_DWORD", "0x0"),
    ];
    let asked = Transcript::new(Prompt::Cmd)
        .run("hostname", "TV-7001\n")
        .run(
            r#"reg query "HKCU\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings""#,
            &machine::reg_query(&[(key, &values)]),
        );
    w.text("TV-7001_internet.txt", asked.text(), Encoding::Utf16);
    w.finish(
        Expected::root_cause()
            .finding("CL-06", Status::Confirmed, &[("host", "TV-7001")])
            .must_not(&["CFG-03", "CL-03", "CL-01", "SPN-01"]),
    )
}

/// CL-04: private windows.
pub fn private_windows_of_the_library() -> Story {
    let mut w = story(
        "private-windows-of-the-library",
        "The same PC signs in at one time and prompts at another: private windows, perhaps",
        "Readers of a library open the catalogue in private windows, which send no credentials unasked by policy. The log
         shows the same address with and without an answer; which window it was, it does not say.",
    )
    .in_domain("biblio.example", "BIBLIO");
    let names = ["BI-DC1", "BI-WEB1", "BI-PLATZ4", "BI-0001", "Katalog"];
    let place = Place::logged(&mut w, names, "katalog.biblio.example");
    let reader = w.user("leser04");
    let (from, to) = (w.at("07:30"), w.at("12:30"));
    w.kerberos_works(&place.visit(&reader), &place.web.machine(), 5, from, to);
    let more = unanswered(&w, &place, &place.pc, EDGE, "/suche", &[301, 309, 344, 390]);
    log(&mut w, &place, Columns::Everything, more);
    let policy = edge_policies(&[("AmbientAuthenticationInPrivateModesEnabled", "0")]);
    w.text("BI-PLATZ4_edge.json", &policy, Encoding::Utf8);
    w.finish(
        Expected::undecided()
            .finding("CL-04", Status::Possible, &[("site", "Katalog")])
            .must_not(&["CL-01", "CL-02", "CL-12", "SPN-01"]),
    )
}

/// NTLM/Operational says why NTLM was used.
fn ntlm_because(
    w: &mut World,
    place: &Place,
    user: &Account,
    (id, reason): (u32, &str),
    count: usize,
) {
    let (from, to) = (w.at("08:30"), w.at("14:30"));
    let visit = place.visit(user);
    for time in w.dice.clone().times(count, from, to) {
        w.event(events::ntlm_4020(
            time, &place.pc, user, &place.spn, id, reason,
        ));
        w.event(events::logon_ntlm(time, &visit.server, user, &visit.client));
    }
}

/// CL-07: a local account.
pub fn local_account_on_a_test_machine() -> Story {
    let mut w = story(
        "local-account-on-a-test-machine",
        "A tester works under a local account and comes by NTLM, as he must",
        "The machine belongs to no domain; its user types a name of the domain into the prompt. Windows says so itself: NTLM
         was used because of a local account (4020, reason 2).",
    )
    .in_domain("enns.example", "ENNS");
    let names = ["EN-DC1", "EN-WEB1", "EN-TEST9", "EN-0400", "Portal"];
    let place = Place::of(&mut w, names, "portal.enns.example", true);
    let user = w.user("q.tester");
    ntlm_because(
        &mut w,
        &place,
        &user,
        (2, "The calling process used a local account."),
        6,
    );
    w.finish(
        Expected::root_cause()
            .finding("CL-07", Status::Confirmed, &[("spn", &place.spn)])
            .must_not(&["CL-08", "CL-09", "SPN-01", "SPN-05", "CFG-03"]),
    )
}

/// CL-08: the VPN is not up yet.
pub fn notebook_opens_site_before_vpn() -> Story {
    let mut w = story(
        "notebook-opens-site-before-vpn",
        "At home the notebook opens the site through a gateway before the VPN is up: no domain controller, no ticket",
        "klist get ends with 0x51f, and Windows says that NTLM was used because no domain controller was in sight (4020, reason
         9). In the office the same notebook gets its ticket.",
    )
    .in_domain("aare.example", "AARE");
    let names = ["AR-DC1", "AR-WEB1", "AR-NB-31", "AR-0500", "Zeit"];
    let place = Place::of(&mut w, names, "zeit.aare.example", true);
    let user = w.user("s.keller");
    ntlm_because(
        &mut w,
        &place,
        &user,
        (9, "The client had no line of sight to a domain controller."),
        7,
    );
    w.klist_get_failed(
        "AR-NB-31_klist.txt",
        Encoding::Oem850,
        &place.spn.clone(),
        0xc000_005e,
    );
    w.finish(
        Expected::root_cause()
            .finding("CL-08", Status::Confirmed, &[("spn", &place.spn)])
            .must_not(&["CL-07", "CL-09", "CL-18", "SPN-01", "MC-03"]),
    )
}

/// CL-09: an Entra device.
pub fn entra_device_without_cloud_trust() -> Story {
    let mut w = story(
        "entra-device-without-cloud-trust",
        "New notebooks are joined to Entra only, and their users come by NTLM to the intranet",
        "Users sign in with a PIN; the session has no ticket of the domain (OnPremTgt NO), and Windows names the cloud account as
         the reason for NTLM (4020, reason 4).",
    )
    .in_domain("reuss.example", "REUSS");
    let names = ["RE-DC1", "RE-WEB1", "RE-ENTRA7", "RE-0600", "Wiki"];
    let place = Place::of(&mut w, names, "wiki.reuss.example", true);
    let user = w.user("n.graf");
    ntlm_because(
        &mut w,
        &place,
        &user,
        (4, "The calling process used a cloud account."),
        6,
    );
    let shown = "\n+----------------------------------------------------------------------+\n| Device State                                                         |\n+----------------------------------------------------------------------+\n\n             AzureAdJoined : YES\n          EnterpriseJoined : NO\n              DomainJoined : NO\n               Device Name : RE-ENTRA7\n\n+----------------------------------------------------------------------+\n| SSO State                                                            |\n+----------------------------------------------------------------------+\n\n                AzureAdPrt : YES\n                 OnPremTgt : NO\n                  CloudTgt : YES\n\n";
    let asked = Transcript::new(Prompt::Cmd).run("dsregcmd /status", shown);
    w.text("RE-ENTRA7_dsregcmd.txt", asked.text(), Encoding::Utf8);
    w.finish(
        Expected::root_cause()
            .finding("CL-09", Status::Confirmed, &[("spn", &place.spn)])
            .must_not(&["CL-07", "CL-08", "SPN-01", "CFG-03"]),
    )
}

/// `systeminfo` of a client one hour ahead of UTC, and a klist of the same machine.
fn zone_and_tickets(w: &mut World, place: &Place, tickets: &[Ticket]) {
    let zone = machine::systeminfo(&place.pc, "(UTC+01:00)");
    let name = place.pc.name.clone();
    let path = w.path(&place.pc, "systeminfo.txt");
    w.text(&path, &zone, Encoding::Oem437);
    let shown = klist::tickets(Language::English, 0x4_f1a2, tickets);
    let asked = Transcript::new(Prompt::Cmd)
        .run("hostname", &format!("{name}\n"))
        .run("klist", &shown);
    let path = w.path(&place.pc, "klist.txt");
    w.text(&path, asked.text(), Encoding::Oem437);
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// CL-10: the SPN moved.
pub fn ticket_from_before_the_move() -> Story {
    let mut w = story(
        "ticket-from-before-the-move",
        "After the SPN was put right, one user still fails: the session keeps a ticket from the morning",
        "The SPN was moved at ten from an old account to the server. Whoever signs in after that is fine. One session keeps the
         ticket of eight o'clock, sealed for the old account, and the server cannot open it (event 4).",
    )
    .in_domain("drau.example", "DRAU")
    .layout(Layout::FolderPerHost)
    .on("2026-02-11");
    let names = ["DR-DC1", "DR-WEB1", "DR-4001", "DR-4009", "Lohn"];
    let place = Place::of(&mut w, names, "lohn.drau.example", false);
    let (user, other, admin) = (w.user("k.wolf"), w.user("f.moser"), w.user("adm.dir"));
    let old = w.service_account("svc_alt");
    let moved = w.at("10:02");
    w.event(events::spn_removed(
        moved, &place.dc, &old, &place.spn, &admin,
    ));
    let added = moved + SignedDuration::from_secs(9);
    w.event(events::spn_added(
        added,
        &place.dc,
        &place.web.machine(),
        &place.spn,
        &admin,
    ));
    let colleague = w.client("DR-4009");
    let visit = Visit::new(&colleague, &other, &place.web, &place.spn);
    let (from, to) = (w.at("10:20"), w.at("15:00"));
    w.kerberos_works(&visit, &place.web.machine(), 10, from, to);
    let realm = w.domain.realm();
    for time in w.dice.clone().times(6, w.at("10:30"), w.at("13:30")) {
        w.event(events::key_mismatch(
            time, &place.pc, "dr-web1$", &place.spn, &realm, &realm,
        ));
    }
    let start = w.at("08:00") + HOUR;
    let tickets = [
        Ticket::tgt(&user, &place.dc, start),
        Ticket::service(&user, &place.spn, &place.dc, start),
    ];
    zone_and_tickets(&mut w, &place, &tickets);
    w.finish(
        Expected::root_cause()
            .finding("CL-10", Status::Confirmed, &[("spn", &place.spn)])
            .must_not(&[
                "CL-11", "CL-17", "SPN-05", "SPN-06", "SPN-07", "SPN-17", "POOL-02", "ET-04",
            ]),
    )
}

/// CL-11: the memory of the client.
pub fn client_remembers_missing_name() -> Story {
    let mut w = story(
        "client-remembers-missing-name",
        "The SPN was registered, and the client that had been refused it went on with NTLM for a few minutes",
        "At nine the missing SPN was registered. The same client came by NTLM three more times within ten minutes, since it
         remembers the refusal for a quarter of an hour, and by Kerberos after that. Nothing is left to repair.",
    )
    .in_domain("gail.example", "GAIL");
    let names = ["GA-DC1", "GA-WEB1", "GA-5001", "GA-5002", "Plan"];
    let place = Place::of(&mut w, names, "plan.gail.example", false);
    let (user, admin) = (w.user("j.egger"), w.user("adm.dir"));
    let visit = place.visit(&user);
    let logged = Fallback {
        error: Some(0x7),
        client_logs_errors: true,
        kdc_audits_errors: true,
        ..Fallback::default()
    };
    let (from, to) = (w.at("08:50"), w.at("08:58"));
    w.ntlm_instead(&visit, logged, 4, from, to);
    w.event(events::spn_added(
        w.at("09:00"),
        &place.dc,
        &place.web.machine(),
        &place.spn,
        &admin,
    ));
    let (from, to) = (w.at("09:02"), w.at("09:10"));
    w.ntlm_instead(&visit, Fallback::default(), 3, from, to);
    let (from, to) = (w.at("09:30"), w.at("15:00"));
    w.kerberos_works(&visit, &place.web.machine(), 9, from, to);
    w.finish(
        Expected::root_cause()
            .finding("CL-11", Status::Likely, &[("spn", &place.spn)])
            .current(false)
            .finding_at_least("SPN-01", Status::Likely, &[("spn", &place.spn)])
            .current(false)
            .must_not(&["CL-10", "SPN-17", "SPN-05", "CFG-03"]),
    )
}

/// AC-09: somebody else's password in the store.
pub fn stored_credential_of_the_predecessor() -> Story {
    let mut w = story(
        "stored-credential-of-the-predecessor",
        "A PC keeps the predecessor's credential for the site, and its new user is refused as somebody else",
        "The credential manager holds the old colleague's account for the site's name. Windows uses it unasked (4648), its
         password is long changed, and the server refuses the old colleague with C000006A. The user who sits there typed
         nothing.",
    )
    .in_domain("mur.example", "MUR");
    let names = ["MU-DC1", "MU-WEB1", "MU-6001", "MU-6002", "Lager"];
    let place = Place::of(&mut w, names, "lager.mur.example", true);
    let (user, old) = (w.user("p.neu"), w.user("g.alt"));
    for time in w.dice.clone().times(6, w.at("08:00"), w.at("12:00")) {
        w.event(events::explicit_credentials(
            time,
            &place.pc,
            &user,
            &old,
            "lager.mur.example",
            &place.spn,
        ));
    }
    let (from, to) = (w.at("08:00"), w.at("12:00"));
    w.logons_refused(&place.visit(&old), (0xc000_006d, 0xc000_006a), 6, from, to);
    let shown = "\nCurrently stored credentials:\n\n    Target: Domain:target=lager.mur.example\n    Type: Domain Password\n    User: MUR\\g.alt\n    \n\n";
    let asked = Transcript::new(Prompt::Cmd)
        .run("hostname", "MU-6001\n")
        .run("cmdkey /list", shown);
    w.text("MU-6001_cmdkey.txt", asked.text(), Encoding::Oem437);
    w.finish(
        Expected::root_cause()
            .finding("AC-09", Status::Confirmed, &[("host", "MU-6001")])
            .finding("AC-01", Status::Confirmed, &[("account", r"MUR\g.alt")])
            .must_not(&["CL-14", "AC-08", "LOOP-01", "SPN-01"]),
    )
}

/// CL-14: runas /netonly.
pub fn tool_started_with_netonly() -> Story {
    let mut w = story(
        "tool-started-with-netonly",
        "A tool was started with runas /netonly, and comes to the site as an account that may not use it",
        "The session of the tool uses an administrator's account towards the network (4624 of type 9 on the client). The server
         refuses that account the network logon. In the browser the same person gets in.",
    )
    .in_domain("save.example", "SAVE");
    let names = ["SA-DC1", "SA-WEB1", "SA-7001", "SA-7002", "Konsole"];
    let place = Place::of(&mut w, names, "konsole.save.example", true);
    let (user, admin) = (w.user("m.lind"), w.user("adm.lind"));
    for time in w.dice.clone().times(2, w.at("08:00"), w.at("09:00")) {
        let session = events::logon(time, &place.pc, &user, None, 9, "seclogo", "Negotiate", "-");
        let session = session.with("TargetOutboundUserName", admin.name.as_str());
        w.event(session.with("TargetOutboundDomainName", "SAVE"));
    }
    let (from, to) = (w.at("09:05"), w.at("11:00"));
    w.logons_refused(&place.visit(&admin), (0xc000_015b, 0), 5, from, to);
    w.finish(
        Expected::root_cause()
            .finding("CL-14", Status::Confirmed, &[("account", "adm.lind")])
            .finding("AC-07", Status::Confirmed, &[("account", r"SAVE\adm.lind")])
            .must_not(&["AC-09", "AC-01", "CL-10", "SPN-01"]),
    )
}

/// CL-17: the ticket ran out.
pub fn session_with_expired_ticket() -> Story {
    let mut w = story(
        "session-with-expired-ticket",
        "A tool runs for days in a session whose ticket-granting ticket has run out",
        "The session's krbtgt ended at six in the morning and could not be renewed. The client is told again and again that a
         ticket has expired (0x20), and comes by NTLM since then. Others sign in with Kerberos.",
    )
    .in_domain("iller.example", "ILLER")
    .layout(Layout::FolderPerHost)
    .on("2026-01-21");
    let names = ["IL-DC1", "IL-WEB1", "IL-8001", "IL-8002", "Messwerte"];
    let place = Place::of(&mut w, names, "messwerte.iller.example", true);
    let user = w.user("labor01");
    for time in w.dice.clone().times(7, w.at("07:10"), w.at("14:00")) {
        let realm = format!("krbtgt/{}", w.domain.realm());
        w.event(events::kerberos_error(
            time, &place.pc, &user, 0x20, "", &realm,
        ));
    }
    comes_by_ntlm(&mut w, &place.visit(&user), 6);
    // Ten hours before six.
    let start = w.at("00:00") - SignedDuration::from_hours(4) + HOUR;
    zone_and_tickets(&mut w, &place, &[Ticket::tgt(&user, &place.dc, start)]);
    w.finish(
        Expected::root_cause()
            .finding("CL-17", Status::Confirmed, &[("host", "IL-8001")])
            .must_not(&["CL-08", "CL-10", "MC-05", "SPN-01", "CFG-03"]),
    )
}

/// CL-18: a recorder's proxy.
pub fn proxy_left_by_recorder() -> Story {
    let mut w = story(
        "proxy-left-by-recorder",
        "A developer's notebook finds no domain controller: a recording tool left its proxy behind",
        "netsh winhttp show proxy names 127.0.0.1:8888, where nobody listens any more. klist get ends with 0x51f, though the
         network is in order.",
    )
    .in_domain("salach.example", "SALACH");
    let names = ["SL-DC1", "SL-WEB1", "SL-DEV3", "SL-0900", "Test"];
    let place = Place::of(&mut w, names, "test.salach.example", true);
    w.klist_get_failed(
        "SL-DEV3_klist.txt",
        Encoding::Oem437,
        &place.spn.clone(),
        0xc000_005e,
    );
    let shown = "\nCurrent WinHTTP proxy settings:\n\n    Proxy Server(s) :  127.0.0.1:8888\n    Bypass List     :  <local>\n\n";
    let asked = Transcript::new(Prompt::Cmd)
        .run("hostname", "SL-DEV3\n")
        .run("netsh winhttp show proxy", shown);
    w.text("SL-DEV3_proxy.txt", asked.text(), Encoding::Oem437);
    w.finish(
        Expected::root_cause()
            .finding("CL-18", Status::Likely, &[("host", "SL-DEV3")])
            .must_not(&["CL-08", "CL-07", "SPN-01", "MC-03"]),
    )
}
