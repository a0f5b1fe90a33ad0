//! Stories of what stands between client and server, and of sizes: load balancers, proxies, long headers, large tokens.

use jiff::SignedDuration;

use super::refused::Setting;
use crate::support::prelude::*;
use crate::support::texts::requests::{EDGE, From, Requests};
use crate::support::texts::{machine, token, web_log};

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        orders_behind_a_balancer(),
        front_door_with_rewrite(),
        header_limit_of_a_gateway(),
        proxy_for_intranet_names(),
        monitor_every_minute(),
        warehouse_by_grpc(),
        four_hundred_groups(),
        buffer_of_an_old_policy(),
        migration_with_history(),
        firewall_without_tcp(),
        one_workstation_inspected(),
        batch_job_calls_the_farm(),
    ]
}

fn windows_site(name: &str, host: &str) -> ApplicationHost {
    ApplicationHost::new()
        .pool(Pool::new(name))
        .site(Site::new(name).http(80, host).pool(name))
        .location(name, Auth::windows_only())
}

/// PRX-01: the legs of NTLM over shared connections.
pub fn orders_behind_a_balancer() -> Story {
    let mut w = story(
        "orders-behind-a-balancer",
        "A load balancer reuses connections to the server, and NTLM fails at random",
        "The branches come by NTLM through a load balancer. Since a new profile it shares connections to the server between
         clients: most sign-ins work, and now and then the server gets a last leg of NTLM for which it never sent a
         challenge, 401.1 with 2148074248. Directly at the server it never happens.",
    )
    .in_domain("tarnow.example", "TARNOW");
    let web = w.server("TA-WEB1");
    w.config(
        &web,
        &windows_site("Zamowienia", "zamowienia.tarnow.example"),
    );
    let users: Vec<Account> = ["ewa.lis", "jan.sowa", "ola.gil", "piotr.kos", "maja.wrona"]
        .iter()
        .map(|name| w.user(name))
        .collect();
    let mut log = Requests::new(&web, 1).wide();
    for (number, time) in w
        .dice
        .times(40, w.at("07:30"), w.at("14:30"))
        .into_iter()
        .enumerate()
    {
        let behind = format!("10.88.{}.{}", 1 + number % 5, 40 + number % 7);
        let from = From {
            ip: "10.80.0.12",
            agent: EDGE,
            forwarded: &behind,
        };
        if number % 6 == 5 {
            log.line(time, &from, "/zam/lista.aspx", None, (401, 2), 5);
            log.line(time, &from, "/zam/lista.aspx", None, (401, 1), 0x8009_0308);
        } else {
            log.ntlm(time, &from, "/zam/lista.aspx", &users[number % 5]);
        }
    }
    w.file(&log.path(), log.text());
    w.noise(&web, 60);
    w.finish(
        Expected::root_cause()
            .finding("PRX-01", Status::Confirmed, &[("site", "Zamowienia")])
            .must_not(&[
                "EPA-01", "CFG-14", "CFG-21", "PRX-02", "PRX-03", "AC-01", "LOOP-02",
            ]),
    )
}

/// PRX-02: the reverse proxy asks itself.
pub fn front_door_with_rewrite() -> Story {
    let mut w = story(
        "front-door-with-rewrite",
        "The reverse proxy has Windows authentication on, and so has the server behind it",
        "An IIS with Application Request Routing passes the portal's name on to the application server. Its site was made a
         copy of the application's, with Windows authentication: it asks for a token itself, uses it up, and the server
         behind never gets one.",
    )
    .in_domain("vaasa.example", "VAASA")
    .layout(Layout::FolderPerHost);
    let (front, back) = (w.server("VA-ARR1"), w.server("VA-APP1"));
    let rule = "<rewrite>\n    <rules>\n        <rule name=\"portti\" stopProcessing=\"true\">\n            <match url=\"(.*)\" />\n            <action type=\"Rewrite\" url=\"http://portti-palvelimet/{R:1}\" />\n        </rule>\n    </rules>\n</rewrite>";
    w.config(
        &front,
        &windows_site("Portti", "portti.vaasa.example")
            .location_with("Portti", rule)
            .extra("    <webFarms>\n        <webFarm name=\"portti-palvelimet\" enabled=\"true\">\n            <server address=\"VA-APP1\" enabled=\"true\" />\n        </webFarm>\n    </webFarms>\n"),
    );
    w.config(&back, &windows_site("Sovellus", "sovellus.vaasa.example"));
    let mut log = Requests::new(&back, 1);
    for time in w.dice.times(14, w.at("08:00"), w.at("12:00")) {
        let from = From {
            ip: &front.ip,
            agent: EDGE,
            forwarded: "-",
        };
        log.line(time, &from, "/etusivu.aspx", None, (401, 2), 5);
    }
    w.file(&log.path(), log.text());
    w.noise(&back, 40);
    w.noise(&front, 40);
    w.finish(
        Expected::root_cause()
            .finding("PRX-02", Status::Likely, &[("site", "Portti")])
            .must_not(&["PRX-01", "PRX-03", "CFG-02", "CFG-10", "CFG-23"]),
    )
}

/// What a recording holds of one request: status, server, headers of the answer, the token that was sent.
type Entry<'a> = (u16, &'a str, &'a [(&'a str, &'a str)], Option<&'a [u8]>);

/// A HAR of a browser: a request without credentials and one with a ticket, each with status and server.
fn har(time: jiff::Timestamp, host: &str, entries: &[Entry<'_>]) -> String {
    let entries: Vec<_> = (0i64..)
        .zip(entries)
        .map(|(number, (status, server, answered, authorization))| {
            let at = (time + SignedDuration::from_millis(number * 45))
                .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
                .to_string();
            let mut sent = vec![serde_json::json!({"name": "Host", "value": host})];
            if let Some(bytes) = authorization {
                let value = format!("Negotiate {}", token::base64(bytes));
                sent.push(serde_json::json!({"name": "Authorization", "value": value}));
            }
            let mut headers = vec![serde_json::json!({"name": "Server", "value": server})];
            headers.extend(answered.iter().map(|(name, value)| serde_json::json!({"name": name, "value": value})));
            serde_json::json!({
                "startedDateTime": at, "time": 21,
                "request": {"method": "GET", "url": format!("https://{host}/start"), "httpVersion": "HTTP/1.1", "headers": sent, "queryString": [], "cookies": [], "headersSize": -1, "bodySize": 0},
                "response": {"status": status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": headers, "cookies": [], "content": {"size": 170, "mimeType": "text/html"}, "redirectURL": "", "headersSize": -1, "bodySize": 170},
                "cache": {}, "timings": {"send": 0, "wait": 20, "receive": 1}
            })
        })
        .collect();
    let har = serde_json::json!({"log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": [], "entries": entries}});
    serde_json::to_string_pretty(&har).expect("plain values") + "\n"
}

/// PRX-03: a gateway finds the header too long.
pub fn header_limit_of_a_gateway() -> Story {
    let mut w = story(
        "header-limit-of-a-gateway",
        "A gateway answers 431 to the long Authorization header of one user",
        "The archive stands behind a gateway that takes four kilobytes of one header. Most tickets fit. The controller, who is
         in groups of all companies of the house, gets 431 from the gateway as soon as the browser sends her ticket; the
         recording of her browser shows it. IIS and HTTPERR know nothing of it.",
    )
    .in_domain("thun.example", "THUN");
    let (dc, web, pc) = (w.dc("TH-DC2"), w.server("TH-WEB1"), w.client("TH-500"));
    let user = w.user("vera.ammann");
    let spn = "HTTP/archiv.thun.example";
    w.register(spn, &web.machine());
    w.config(&web, &windows_site("Archiv", "archiv.thun.example"));
    let mut ticket = token::kerberos("THUN.EXAMPLE", spn, 18, 4);
    ticket.resize(6_200, 0x5a);
    let time = w.at("09:41:12");
    let text = har(
        time,
        "archiv.thun.example",
        &[
            (
                401,
                "Microsoft-IIS/10.0",
                &[
                    ("WWW-Authenticate", "Negotiate"),
                    ("WWW-Authenticate", "NTLM"),
                ],
                None,
            ),
            (431, "nginx", &[], Some(&ticket)),
        ],
    );
    w.text("TH-500/archiv.har", &text, Encoding::Utf8);
    for time in w.dice.times(3, w.at("08:00"), w.at("10:00")) {
        w.event(events::kdc_large_ticket(time, &dc, &web.machine().name));
    }
    w.noise(&dc, 30);
    w.noise(&web, 50);
    let _ = (pc, user);
    w.finish(
        Expected::root_cause()
            .finding(
                "PRX-03",
                Status::Confirmed,
                &[("host_name", "archiv.thun.example")],
            )
            .must_not(&["SZ-01", "SZ-02", "PRX-01", "PRX-04", "EPA-01"]),
    )
}

/// PRX-04: a forward proxy asks for itself.
pub fn proxy_for_intranet_names() -> Story {
    let mut w = story(
        "proxy-for-intranet-names",
        "A new PAC file sends an intranet name through the proxy, which asks for its own credentials",
        "The exception for the intranet got lost when the PAC file was rewritten. Browsers ask the forward proxy for the
         planning site; it answers 407, its own challenge, and the request never reaches IIS.",
    )
    .in_domain("horten.example", "HORTEN");
    let web = w.server("HO-WEB1");
    w.config(&web, &windows_site("Plan", "plan.horten.example"));
    let text = har(
        w.at("10:02:40"),
        "plan.horten.example",
        &[
            (
                407,
                "squid/6.10",
                &[
                    ("Proxy-Authenticate", "Negotiate"),
                    ("Via", "1.1 px1.horten.example (squid/6.10)"),
                ],
                None,
            ),
            (
                407,
                "squid/6.10",
                &[
                    ("Proxy-Authenticate", "Negotiate"),
                    ("Via", "1.1 px1.horten.example (squid/6.10)"),
                ],
                None,
            ),
        ],
    );
    w.text("plan.har", &text, Encoding::Utf8);
    w.noise(&web, 60);
    w.finish(
        Expected::root_cause()
            .finding(
                "PRX-04",
                Status::Likely,
                &[("host_name", "plan.horten.example")],
            )
            .must_not(&["PRX-01", "PRX-02", "PRX-03", "CFG-02"]),
    )
}

/// PRX-05: noise.
pub fn monitor_every_minute() -> Story {
    let w = story(
        "monitor-every-minute",
        "Nearly all 401 of a healthy site are the checks of a monitor",
        "Kerberos works. A monitor asks for the start page once a minute without credentials, and its 401.2 are nine tenths of
         all 401. The operations team takes them for failed sign-ins.",
    )
    .in_domain("ribe.example", "RIBE");
    let mut s = Setting::new(
        w,
        ["RI-DC1", "RI-WEB1", "RI-1", "RI-2"],
        ["ida.holm", "bo.friis"],
        "borger.ribe.example",
    );
    let mut time = s.w.at("07:00");
    while time < s.w.at("09:00") {
        let from = From {
            ip: "10.12.0.9",
            agent: "Zabbix",
            forwarded: "-",
        };
        s.log.line(time, &from, "/", None, (401, 2), 5);
        time += SignedDuration::from_secs(60);
    }
    let (mut w, web, _) = s.pages("/sag/liste.aspx").logged();
    w.config(&web, &windows_site("Borger", "borger.ribe.example"));
    w.setspn(
        "RI-WEB1/setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &["-F -Q HTTP/borger.ribe.example"],
    );
    w.finish(
        Expected::healthy()
            .finding("PRX-05", Status::Possible, &[("site", "Borger")])
            .must_not(&["PRX-01", "CFG-02", "CFG-18", "CFG-21", "PRX-06"]),
    )
}

/// PRX-06: a client of HTTP/2.
pub fn warehouse_by_grpc() -> Story {
    let w = story(
        "warehouse-by-grpc",
        "A gRPC client calls a site with Windows authentication",
        "The new scanner software speaks gRPC, which needs HTTP/2. Browsers sign in to the same site with Kerberos; the
         scanners get 401.2 and give up.",
    )
    .in_domain("kolding.example", "KOLDING");
    let mut s = Setting::new(
        w,
        ["KD-DC1", "KD-WEB2", "KD-10", "KD-12"],
        ["lis.krog", "per.juhl"],
        "lager.kolding.example",
    );
    for time in s.w.dice.times(11, s.w.at("08:00"), s.w.at("12:00")) {
        let from = From {
            ip: "10.31.4.80",
            agent: "grpc-dotnet/2.66.0+(.NET+8.0.8)",
            forwarded: "-",
        };
        s.log
            .line(time, &from, "POST /lager.Vare/Scan", None, (401, 2), 5);
    }
    let (mut w, web, _) = s.pages("/status").logged();
    w.config(&web, &windows_site("Lager", "lager.kolding.example"));
    w.finish(
        Expected::undecided()
            .finding("PRX-06", Status::Possible, &[("site", "Lager")])
            .must_not(&["PRX-01", "PRX-05", "CFG-18", "CFG-14"]),
    )
}

/// SZ-01: the header is too long for http.sys.
pub fn four_hundred_groups() -> Story {
    let w = story(
        "four-hundred-groups",
        "http.sys refuses the header of a user in very many groups: 400, FieldLength",
        "One auditor is in hundreds of groups. His requests are answered 400 before IIS sees them; HTTPERR says FieldLength. A
         domain controller warns of large tickets, and the web server has the limits as installed. Everybody else signs in.",
    )
    .in_domain("jihlava.example", "JIHLAVA");
    let mut s = Setting::new(
        w,
        ["JI-DC1", "JI-WEB1", "JI-40", "JI-41"],
        ["alena.kos", "karel.vrba"],
        "audit.jihlava.example",
    );
    let times = s.w.dice.times(9, s.w.at("08:00"), s.w.at("11:00"));
    let errors: Vec<web_log::HttpError<'_>> = times
        .iter()
        .map(|time| {
            (
                *time,
                "10.70.3.19",
                "/audit/prehled",
                "400",
                "-",
                "FieldLength",
                "-",
            )
        })
        .collect();
    let text = web_log::http_err(&s.web, &errors);
    s.w.text("JI-WEB1/HTTPERR/httperr1.log", &text, Encoding::Utf8);
    let http = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\HTTP\Parameters";
    let listed = machine::reg_query(&[(http, &[("DisableServerHeader", "REG_DWORD", "0x1")])]);
    let asked = Transcript::new(Prompt::Cmd).run(&format!("reg query {http}"), &listed);
    s.w.text("JI-WEB1/http.txt", asked.text(), Encoding::Oem850);
    // The domain controller's System log goes with it; the rest of its logs does not.
    let warned = s.w.dice.times(3, s.w.at("08:00"), s.w.at("11:00"));
    let large: Vec<_> = warned
        .into_iter()
        .map(|time| events::kdc_large_ticket(time, &s.dc, &s.web.machine().name))
        .collect();
    let other = s.w.dc("JI-DC2");
    for event in large {
        let mut event = event;
        event.computer = other.fqdn();
        s.w.event(event);
    }
    let (mut w, web, _) = s.pages("/audit/seznam").logged();
    w.config(&web, &windows_site("Audit", "audit.jihlava.example"));
    w.finish(
        Expected::root_cause()
            .finding("SZ-01", Status::Likely, &[("host", "JI-WEB1")])
            .must_not(&["PRX-03", "SZ-02", "SZ-03", "SZ-04"]),
    )
}

/// SZ-02: the buffer is too small.
pub fn buffer_of_an_old_policy() -> Story {
    let mut w = story(
        "buffer-of-an-old-policy",
        "An old policy keeps MaxTokenSize at 12000, and a user's token does not fit",
        "A policy of 2006 still sets MaxTokenSize to 12000 on the clients. Since the last merger one user's token needs more:
         Kerberos on her machine notes event 6, and the browser falls back to NTLM, which the site does not take for her
         delegated report.",
    )
    .in_domain("molde.example", "MOLDE");
    let (web, pc) = (w.server("MO-WEB1"), w.client("MO-77"));
    w.config(&web, &windows_site("Rapport", "rapport.molde.example"));
    for time in w.dice.times(7, w.at("08:00"), w.at("11:30")) {
        w.event(events::token_too_large(time, &pc, 15_872, 12_000));
    }
    let kerberos = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\Kerberos\Parameters";
    let listed = machine::reg_query(&[(kerberos, &[("MaxTokenSize", "REG_DWORD", "0x2ee0")])]);
    let asked = Transcript::new(Prompt::Cmd).run(&format!("reg query {kerberos}"), &listed);
    w.text("MO-77/kerberos.txt", asked.text(), Encoding::Oem850);
    w.noise(&pc, 40);
    w.noise(&web, 40);
    w.finish(
        Expected::root_cause()
            .finding("SZ-02", Status::Confirmed, &[("host", "MO-77")])
            .must_not(&["SZ-01", "SZ-03", "SZ-04", "PRX-03"]),
    )
}

/// SZ-03: too many groups for a token.
pub fn migration_with_history() -> Story {
    let w = story(
        "migration-with-history",
        "A user is in more groups than a token can hold",
        "After two migrations with SID history one engineer is in more than a thousand groups. The web server cannot build a
         token for him: 4625 with 0xC000015A, and LsaSrv 6035. File servers refuse him as well. Everybody else works.",
    )
    .in_domain("skive.example", "SKIVE");
    let mut s = Setting::new(
        w,
        ["SK-DC1", "SK-WEB1", "SK-3", "SK-9"],
        ["ulla.dam", "finn.lund"],
        "teknik.skive.example",
    );
    let (pc, web) = (s.pcs[1].clone(), s.web.clone());
    let engineer = s.w.user("arne.gram");
    for time in s.w.dice.times(6, s.w.at("08:10"), s.w.at("13:10")) {
        s.w.event(events::logon_failed(
            time,
            &web,
            &engineer,
            &pc,
            0xc000_015a,
            0,
        ));
        s.w.event(events::lsa_too_many_groups(time, &web, &engineer.sid()));
        let from = From::browser(&pc);
        s.log
            .line(time, &from, "/tegning/123.dwg", None, (401, 2), 5);
        s.log
            .line(time, &from, "/tegning/123.dwg", None, (401, 1), 1384);
    }
    let (mut w, web, _) = s.pages("/tegning/liste").logged();
    w.config(&web, &windows_site("Teknik", "teknik.skive.example"));
    w.finish(
        Expected::root_cause()
            .finding("SZ-03", Status::Confirmed, &[("host", "SK-WEB1")])
            .must_not(&["SZ-01", "SZ-02", "AC-01", "AC-03", "SPN-05"]),
    )
}

/// SZ-04: TCP 88 is blocked.
pub fn firewall_without_tcp() -> Story {
    let mut w = story(
        "firewall-without-tcp",
        "A client's KDC answers are too big for UDP, and then nothing answers",
        "On the new network of the branch a client with an old MaxPacketSize asks the KDC over UDP. For the user in many
         groups the answer is too big (0x34), and the second request, over TCP, gets none: klist finds no logon server.
         Whether the firewall lets TCP 88 through is not in the bundle.",
    )
    .in_domain("husum.example", "HUSUM");
    let (web, pc) = (w.server("HU-WEB1"), w.client("HU-B12"));
    let user = w.user("antje.boll");
    let spn = "HTTP/kasse.husum.example";
    w.config(&web, &windows_site("Kasse", "kasse.husum.example"));
    for time in w.dice.times(6, w.at("08:00"), w.at("10:00")) {
        w.event(events::kerberos_error(time, &pc, &user, 0x34, "", spn));
    }
    w.klist_get_failed("HU-B12/klist.txt", Encoding::Oem850, spn, 0xc000_005e);
    w.noise(&pc, 40);
    w.noise(&web, 40);
    w.finish(
        Expected::undecided()
            .finding("SZ-04", Status::Possible, &[("host", "HU-B12")])
            .must_not(&["SZ-01", "SZ-02", "SPN-01"]),
    )
}

/// EPA-04: one workstation with an inspecting product.
pub fn one_workstation_inspected() -> Story {
    let w = story(
        "one-workstation-inspected",
        "Extended protection refuses one workstation, whose software breaks TLS open",
        "Extended protection is required, TLS ends at IIS, and everybody signs in. On one developer's machine a debugging proxy
         was left running: the server refuses her sign-ins for their channel binding. What her browser's certificate is does
         not stand in the bundle.",
    )
    .in_domain("zurzach.example", "ZURZACH");
    let mut s = Setting::new(
        w,
        ["ZU-DC1", "ZU-WEB1", "ZU-D1", "ZU-D2"],
        ["lena.frei", "urs.marti"],
        "doku.zurzach.example",
    );
    let pc = s.w.client("ZU-D9");
    let developer = s.w.user("mira.keel");
    let web = s.web.clone();
    for time in s.w.dice.times(7, s.w.at("08:30"), s.w.at("12:00")) {
        s.w.event(events::logon_failed(
            time,
            &web,
            &developer,
            &pc,
            0xc000_035b,
            0,
        ));
    }
    let mut w = s.w;
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Doku"))
            .site(Site::new("Doku").https("doku.zurzach.example").pool("Doku"))
            .location(
                "Doku",
                Auth::new().anonymous(false).windows(
                    Windows::enabled().extended_protection(ExtendedProtection::new("Require")),
                ),
            ),
    );
    w.finish(
        Expected::inconclusive()
            .finding("EPA-04", Status::Possible, &[("site", "Doku")])
            .must_not(&["EPA-03", "AC-01", "PRX-01", "SPN-05"]),
    )
}

/// LOOP-02: a farm's server calls the farm and lands on itself.
pub fn batch_job_calls_the_farm() -> Story {
    let mut w = story(
        "batch-job-calls-the-farm",
        "A job on one server calls the farm's name, and the load balancer sends it back to the same server",
        "The invoice job runs on the first of two servers and calls the shared name. Every other call lands on its own
         server, by NTLM, and the loop-back check refuses it. Users are not affected. For the operators it fails at random.",
    )
    .in_domain("lahti.example", "LAHTI")
    .layout(Layout::FolderPerHost);
    let (one, two) = (w.server("LH-WEB-A"), w.server("LH-WEB-B"));
    let job = w.service_account("svc_lasku");
    let spn = "HTTP/palvelu.lahti.example";
    for node in [&one, &two] {
        w.config(node, &windows_site("Palvelu", "palvelu.lahti.example"));
    }
    let visit = Visit::new(&one, &job, &one, spn);
    let (from, to) = (w.at("02:10"), w.at("04:40"));
    w.loopback_refused(&visit, "C:\\Lasku\\Ajo.exe", 8, from, to);
    w.noise(&one, 50);
    w.noise(&two, 50);
    w.finish(
        Expected::root_cause()
            .finding("LOOP-02", Status::Confirmed, &[("host", "LH-WEB-A")])
            .must_not(&["LOOP-01", "SPN-12", "AC-01", "PRX-01"]),
    )
}
