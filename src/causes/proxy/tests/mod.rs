//! The group PRX against small cases.

use crate::causes::{Judgement, Status};
use crate::testkit::{Happening, Kit, config, pool, security, site, windows};

const PATH: &str = "WEB01/applicationHost.config";
const LOG: &str = "WEB01/W3SVC7/u_ex260302.log";

fn portal(locations: &str) -> String {
    config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows("enabled=\"true\""),
        locations,
    )
}

/// Sign-ins of three users by NTLM, and some that fail with this status; each from the address that `from` gives it.
fn log(agent: &str, win32: u32, from: impl Fn(usize) -> String) -> String {
    let mut text = String::from(
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n",
    );
    let mut line = |minute: usize, ip: &str, user: &str, status: u16, sub: u16, win32: u32| {
        text += &format!(
            "2026-03-02 08:{minute:02}:00 10.0.0.1 GET /x - 80 {user} {ip} {agent} {status} {sub} {win32} 5\n"
        );
    };
    for (number, user) in ["uma", "tom", "eva"].iter().enumerate() {
        let ip = from(number);
        line(number, &ip, "-", 401, 2, 5);
        line(number, &ip, "-", 401, 1, 0x8009_030e);
        line(number, &ip, &format!("CORP\\{user}"), 200, 0, 0);
    }
    for number in 0..4 {
        line(20 + number, &from(number), "-", 401, 2, 5);
        line(20 + number, &from(number), "-", 401, 1, win32);
    }
    text
}

/// 4624 by NTLM from an address, and the machine that the client says it is.
fn logon_from(ip: &str, machine: &str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("LmPackageName", "NTLM V2"),
            ("WorkstationName", machine),
            ("IpAddress", ip),
        ],
    )
}

/// The next user behind the same address signs in within a minute: that is no mending of a token that fits no handshake.
#[test]
fn prx_01_where_others_behind_the_address_sign_in_meanwhile() {
    let mixed = |win32: u32| {
        let failing = log("Mozilla/5.0", win32, |_| "10.9.9.9".to_owned());
        let later = |number: usize| {
            let line = |user: &str, answer: &str| {
                format!(
                    "2026-03-02 08:{:02}:30 10.0.0.1 GET /x - 80 {user} 10.9.9.9 Mozilla/5.0 {answer} 5\n",
                    20 + number
                )
            };
            let legs = [
                line("-", "401 2 5"),
                line("-", "401 1 2148074254"),
                line("CORP\\uma", "200 0 0"),
            ];
            legs.concat()
        };
        let mut lines: Vec<String> = failing.lines().map(|l| format!("{l}\n")).collect();
        let fields = lines.remove(0);
        lines.extend((0..4).map(later));
        lines.sort_by_key(|l| l.get(..19).map(str::to_owned));
        let text = fields + &lines.concat();
        let kit = Kit::new().config(PATH, &portal(""));
        kit.web_log(LOG, &text).judge()
    };
    mixed(0x8009_0308).assert_found("PRX-01", Status::Likely);
    mixed(0x8009_030c).assert_not_found("PRX-01");
}

/// Row 28 and trap 18.
#[test]
fn prx_01_the_legs_of_ntlm_are_split() {
    let one = |_: usize| "10.9.9.9".to_owned();
    let kit = |text: &str| Kit::new().config(PATH, &portal("")).web_log(LOG, text);
    let calls = |machines: [&str; 2]| {
        let kit = kit(&log("Mozilla/5.0", 0x8009_0308, one));
        let logon = |machine| logon_from("10.9.9.9", machine);
        kit.event("WEB01.corp.example", logon(machines[0]))
            .event("WEB01.corp.example", logon(machines[1]))
            .judge()
    };
    let judgement = calls(["PC7", "PC8"]);
    judgement.assert_found("PRX-01", Status::Confirmed);
    for other in ["SPN-05", "SPN-06", "EPA-01", "CFG-14"] {
        judgement.assert_not_found(other);
    }
    // Users share a machine; and where nothing tells whether they do.
    calls(["TS1", "TS1"]).assert_found("PRX-01", Status::Possible);
    kit(&log("Mozilla/5.0", 0x8009_0308, one))
        .judge()
        .assert_found("PRX-01", Status::Likely);
    // Each user from an address of its own: that anything stands between does not show.
    kit(&log("Mozilla/5.0", 0x8009_0308, |n| {
        format!("10.0.0.{}", 20 + n)
    }))
    .judge()
    .assert_found("PRX-01", Status::Possible);
    // Refused credentials are another story, proxy or not.
    kit(&log("Mozilla/5.0", 0x8009_030c, one))
        .judge()
        .assert_ruled_out("PRX-01");
    Kit::new()
        .config(PATH, &portal(""))
        .judge()
        .assert_not_assessed("PRX-01");
}

#[test]
fn prx_02_the_proxy_asks_itself() {
    let rule = |anonymous: &str| {
        format!(
            "<webFarms><webFarm name=\"farm\"><server address=\"WEB02\" /></webFarm></webFarms><location path=\"Portal\"><system.webServer>{anonymous}<rewrite><rules><rule name=\"all\"><match url=\".*\" /><action type=\"Rewrite\" url=\"http://farm/{{R:0}}\" /></rule></rules></rewrite></system.webServer></location>"
        )
    };
    let back = config(
        &pool("App", "CORP\\svc_app"),
        &site("App", "*:80:app.corp.example", "App"),
        &windows("enabled=\"true\""),
        "",
    );
    let both = |front: &str| {
        Kit::new()
            .config(PATH, &portal(front))
            .config("WEB02/applicationHost.config", &back)
            .silent("WEB01.corp.example", "System")
            .silent("WEB02.corp.example", "System")
    };
    both(&rule(""))
        .judge()
        .assert_found("PRX-02", Status::Likely);
    // The server behind may ask for nothing: then the proxy signs users in on purpose.
    Kit::new()
        .config(PATH, &portal(&rule("")))
        .judge()
        .assert_found("PRX-02", Status::Possible);
    let open = rule(
        "<security><authentication><anonymousAuthentication enabled=\"true\" /></authentication></security>",
    );
    both(&open).judge().assert_ruled_out("PRX-02");
    Kit::new()
        .config(PATH, &portal(""))
        .judge()
        .assert_ruled_out("PRX-02");
}

fn har(status: u16, server: &str, token: usize) -> String {
    let bytes = format!("YII{}", "A".repeat(token));
    format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"WebInspector","version":"1"}},"entries":[{{"startedDateTime":"2026-03-02T08:00:00.000Z","time":1,"request":{{"method":"GET","url":"https://portal.corp.example/","httpVersion":"HTTP/1.1","headers":[{{"name":"Authorization","value":"Negotiate {bytes}"}}]}},"response":{{"status":{status},"statusText":"","httpVersion":"HTTP/1.1","headers":[{{"name":"Server","value":"{server}"}}]}}}}]}}}}"#
    )
}

#[test]
fn prx_03_something_on_the_way_finds_the_header_too_long() {
    let kit = |status, server, token| {
        Kit::new()
            .recording("a.har", &har(status, server, token))
            .judge()
    };
    kit(431, "nginx", 6_000)
        .assert_found("PRX-03", Status::Confirmed)
        .assert_not_found("SZ-01");
    kit(400, "nginx", 6_000).assert_found("PRX-03", Status::Likely);
    // http.sys itself; a short token; an answer that has nothing to do with length.
    for (status, server, token) in [
        (400, "Microsoft-HTTPAPI/2.0", 20_000),
        (431, "nginx", 300),
        (401, "nginx", 6_000),
    ] {
        kit(status, server, token).assert_not_assessed("PRX-03");
    }
}

#[test]
fn prx_04_a_forward_proxy_asks_for_itself() {
    Kit::new()
        .recording("a.har", &har(407, "squid", 10))
        .judge()
        .assert_found("PRX-04", Status::Likely)
        .assert_not_found("PRX-03");
    Kit::new()
        .recording("a.har", &har(401, "Microsoft-IIS/10.0", 10))
        .judge()
        .assert_not_assessed("PRX-04");
}

/// A proxy's challenge that is answered is the proxy's own affair, and so is what clients fetch elsewhere.
#[test]
fn prx_04_not_for_a_challenge_that_is_answered() {
    let recording = |first: &str, requests: &[(&str, u16)]| {
        let entry = |(host, status): &(&str, u16)| {
            format!(
                r#"{{"startedDateTime":"2026-03-02T08:00:00.000Z","time":1,"request":{{"method":"GET","url":"http://{host}/","httpVersion":"HTTP/1.1","headers":[]}},"response":{{"status":{status},"statusText":"","httpVersion":"HTTP/1.1","headers":[]}}}}"#
            )
        };
        let entries: Vec<String> = requests.iter().map(entry).collect();
        let text = format!(
            r#"{{"log":{{"version":"1.2","creator":{{"name":"WebInspector","version":"1"}},"entries":[{}]}}}}"#,
            entries.join(",")
        );
        Kit::new().config(PATH, &portal("")).recording(first, &text)
    };
    const OURS: &str = "portal.corp.example";
    let answered = recording("a.har", &[(OURS, 407), (OURS, 200)]).case();
    assert!(answered.symptoms.is_empty());
    let met = crate::causes::noise::count(&answered);
    assert!(met.iter().any(|m| m.pattern.id == "NZ-18" && m.count == 1));
    crate::testkit::judge(&answered).assert_not_found("PRX-04");
    for refused in [
        vec![(OURS, 407)],
        vec![(OURS, 200), (OURS, 407)],
        vec![(OURS, 407), ("cdn.fabrikam.example", 200)],
        vec![("cdn.fabrikam.example", 407), (OURS, 407)],
    ] {
        let judgement = recording("a.har", &refused).judge();
        assert_eq!(judgement.of("PRX-04").len(), 1);
        let subject = &judgement.of("PRX-04")[0].finding.subject;
        assert_eq!(subject.host_name.as_deref(), Some(OURS));
    }
    recording("a.har", &[("cdn.fabrikam.example", 407)])
        .judge()
        .assert_not_found("PRX-04");
}

/// What services use stands in a listing; browsers have settings of their own, so it never says more than possible.
#[test]
fn prx_04_by_the_settings_of_services() {
    let listed = |bypass: &str| {
        format!(
            "C:\\>netsh winhttp show proxy\n\nCurrent WinHTTP proxy settings:\n\n    Proxy Server(s) :  px1.corp.example:8080\n    Bypass List     :  {bypass}\n\n"
        )
    };
    let client = crate::testkit::kerberos_4("HTTP/other.corp.example", "web01$");
    let kit = |bypass: &str| {
        Kit::new()
            .config(PATH, &portal(""))
            .console("PC7/proxy.txt", &listed(bypass))
    };
    let possible = kit("<local>").event("PC7.corp.example", client).judge();
    possible.assert_found("PRX-04", Status::Possible);
    let lacks = |judgement: &Judgement| judgement.of("PRX-04")[0].finding.lacks.len();
    assert_eq!(lacks(&possible), 1);
    // What its command brings is not asked for again.
    let client = crate::testkit::kerberos_4("HTTP/other.corp.example", "web01$");
    let browser = "C:\\>reg query \"HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\"\n\nHKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\n    ProxyEnable    REG_DWORD    0x0\n\n";
    let both = kit("<local>")
        .console("PC7/browser.txt", browser)
        .event("PC7.corp.example", client)
        .judge();
    both.assert_found("PRX-04", Status::Possible);
    assert_eq!(lacks(&both), 0);
    let client = crate::testkit::kerberos_4("HTTP/other.corp.example", "web01$");
    kit("<local>;*.corp.example")
        .event("PC7.corp.example", client)
        .judge()
        .assert_not_found("PRX-04");
}

fn steady(agent: &str, method: &str, times: usize) -> String {
    let mut text = String::from(
        "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n",
    );
    for number in 0..times {
        text += &format!(
            "2026-03-02 08:{number:02}:00 10.0.0.1 {method} / - 80 - 10.0.0.250 {agent} 401 2 5 1\n"
        );
    }
    text
}

#[test]
fn prx_05_is_no_root_cause() {
    let judgement = Kit::new()
        .config(PATH, &portal(""))
        .web_log(LOG, &steady("Monitor/1", "GET", 20))
        .judge();
    judgement.assert_found("PRX-05", Status::Possible);
    assert!(judgement.root_causes.is_empty());
    Kit::new()
        .config(PATH, &portal(""))
        .web_log(LOG, &log("Mozilla/5.0", 0x8009_030c, |_| "10.0.0.7".into()))
        .judge()
        .assert_ruled_out("PRX-05");
}

#[test]
fn prx_06_grpc_needs_another_protocol() {
    Kit::new()
        .config(PATH, &portal(""))
        .web_log(LOG, &steady("grpc-dotnet/2.66.0", "POST", 6))
        .judge()
        .assert_found("PRX-06", Status::Possible);
    Kit::new()
        .config(PATH, &portal(""))
        .web_log(LOG, &steady("Monitor/1", "GET", 6))
        .judge()
        .assert_not_assessed("PRX-06");
}
