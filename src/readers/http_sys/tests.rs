//! Grammar in English and in another language, and strangers' text.

use proptest::prelude::*;

use super::*;
use crate::bundle::text;
use crate::evidence::Place;
use crate::readers::console::sections;

fn states(output: &str) -> Vec<HttpSysState> {
    let text = text::decode(output.as_bytes());
    let reading = read(ArtifactId(0), &sections(&text));
    assert_eq!(reading.problems, []);
    reading.records.into_iter().map(|fact| fact.state).collect()
}

fn queue(name: Option<&str>, pids: &[u32], urls: &[&str], schemes: &[&str]) -> HttpSysState {
    let all = |words: &[&str]| words.iter().map(|one| (*one).to_owned()).collect();
    HttpSysState::Queue(RequestQueue {
        name: name.map(str::to_owned),
        pids: pids.to_vec(),
        urls: all(urls),
        schemes: all(schemes),
    })
}

#[test]
fn the_view_of_request_queues() {
    let found = states(concat!(
        "Snapshot of HTTP service state (Request Queue View):\n",
        "-----------------------------------------------------\n",
        "\n",
        "Request queue name: Request queue is unnamed.\n",
        "    Version: 1.0\n",
        "    State: Active\n",
        "    Process IDs:\n",
        "        944\n",
        "    URL groups:\n",
        "    URL group ID: FE00000040000001\n",
        "        State: Active\n",
        "        Request queue name: Request queue is unnamed.\n",
        "        Properties:\n",
        "            Registered URLs:\n",
        "                HTTP://+:5985/WSMAN/\n",
        "        Server session ID: FF00000020000001\n",
        "            Version: 1.0\n",
        "\n",
        "Request queue name: Intranet\n",
        "    Version: 2.0\n",
        "    Max requests: 1000\n",
        "    Processes:\n",
        "        ID: 3577, image: C:\\Windows\\System32\\inetsrv\\w3wp.exe\n",
        "    URL groups:\n",
        "    URL group ID: FD00000040000001\n",
        "        State: Active\n",
        "        Properties:\n",
        "            Authentication Configuration:\n",
        "                Authentication enabled schemes:\n",
        "                    Negotiate\n",
        "                    NTLM\n",
        "            Registered URLs:\n",
        "                HTTP://*:80/\n",
        "                HTTPS://*:443:INTRANET.CORP.EXAMPLE/\n",
    ));
    // What an unnamed queue's group says of its name is the sentence again: a queue of its own would be an invention.
    assert_eq!(
        found,
        [
            queue(None, &[944], &["HTTP://+:5985/WSMAN/"], &[]),
            queue(
                Some("Intranet"),
                &[3577],
                &["HTTP://*:80/", "HTTPS://*:443:INTRANET.CORP.EXAMPLE/"],
                &["Negotiate", "NTLM"]
            ),
        ]
    );
}

#[test]
fn the_view_of_sessions_in_another_language() {
    let found = states(concat!(
        "Serversitzungs-ID: FF00000020000001\n",
        "    Version: 2.0\n",
        "    Status: Aktiv\n",
        "    URL-Gruppen:\n",
        "    URL-Gruppen-ID: FE00000040000001\n",
        "        Name der Anforderungswarteschlange: Intranet\n",
        "        Registrierte URLs:\n",
        "            HTTP://*:80/\n",
        "Anforderungswarteschlangen:\n",
        "    Name der Anforderungswarteschlange: Intranet\n",
        "        Version: 2.0\n",
        "        Prozess-IDs:\n",
        "            3577\n",
    ));
    assert_eq!(
        found,
        [queue(Some("Intranet"), &[3577], &["HTTP://*:80/"], &[])]
    );
}

const HASH: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b";

fn certificate(
    endpoint: CertificateEndpoint,
    asks: Option<bool>,
    http2: Option<bool>,
) -> HttpSysState {
    HttpSysState::Certificate(CertificateBinding {
        hash: (!matches!(endpoint, CertificateEndpoint::CentralStore(_))).then(|| HASH.to_owned()),
        endpoint,
        negotiates_client_certificate: asks,
        http2_disabled: http2,
    })
}

fn block(
    labels: [&str; 3],
    endpoint: &str,
    hash: &str,
    [on, off, asks]: [&str; 3],
    http2: &str,
) -> String {
    let [name, thumbprint, other] = labels;
    let row = |label: &str, value: &str| format!("    {label:<29}: {value}\n");
    let mut text = row(name, endpoint)
        + &row(thumbprint, hash)
        + &row("Application ID", "{4dc3e181-e14b-4a21-b022-59fc669b0914}");
    text += &row(other, "MY");
    for value in [on, off, on, "0", "0", "(null)", "(null)", off, asks, off] {
        text += &row(other, value);
    }
    text + http2 + "\n"
}

#[test]
fn certificates_by_order() {
    let english = ["Enabled", "Disabled", "Disabled"];
    let german = ["Aktiviert", "Deaktiviert", "Aktiviert"];
    let output = String::from("SSL Certificate bindings:\n-------------------------\n\n")
        + &block(
            ["IP:port", "Certificate Hash", "Usage"],
            "0.0.0.0:443",
            HASH,
            english,
            "    Disable HTTP2                : Set\n",
        )
        + &block(
            ["Hostname:port", "Certificate Hash", "Usage"],
            "www.corp.example:443",
            HASH,
            english,
            "",
        )
        + &block(
            ["IP:Port", "Zertifikathash", "Verwendung"],
            "[::]:8443",
            HASH,
            german,
            "",
        )
        + &block(
            ["Central Certificate Store", "Certificate Hash", "Usage"],
            "443",
            "(null)",
            english,
            "",
        );
    assert_eq!(
        states(&output),
        [
            certificate(
                CertificateEndpoint::Address("0.0.0.0:443".into()),
                Some(false),
                Some(true)
            ),
            certificate(
                CertificateEndpoint::Name("www.corp.example:443".into()),
                Some(false),
                None
            ),
            certificate(
                CertificateEndpoint::Address("[::]:8443".into()),
                Some(true),
                None
            ),
            certificate(CertificateEndpoint::CentralStore(443), Some(false), None),
        ]
    );
}

#[test]
fn reservations_and_the_listen_list() {
    let found = states(concat!(
        "    Reserved URL            : http://*:80/app/\n",
        "        User: CORP\\svc_web\n",
        "            Listen: Yes\n",
        "            Delegate: No\n",
        "        User: NT AUTHORITY\\LOCAL SERVICE\n",
        "            Listen: Yes\n",
        "            SDDL: D:(A;;GX;;;LS)\n\n",
        "C:\\>netsh http show iplisten\n\n",
        "IP addresses present in the IP listen list:\n",
        "-------------------------------------------\n\n",
        "    10.0.0.5\n",
        "    ::\n",
    ));
    assert_eq!(
        found,
        [
            HttpSysState::Reservation {
                url: "http://*:80/app/".into(),
                users: vec!["CORP\\svc_web".into(), "NT AUTHORITY\\LOCAL SERVICE".into()],
            },
            HttpSysState::Listen("10.0.0.5".parse().unwrap()),
            HttpSysState::Listen("::".parse().unwrap()),
        ]
    );
}

proptest! {
    #[test]
    fn any_text_is_read_and_places_stay_inside(
        lines in prop::collection::vec(
            prop_oneof![
                Just("Request queue name: x".to_owned()), Just("    Version: 2.0".to_owned()),
                Just("URL group ID: FE00000040000001".to_owned()), Just("  HTTP://*:80/".to_owned()),
                Just("    IP:port  : 0.0.0.0:443".to_owned()), Just(format!("    Hash : {HASH}")),
                Just("  URL : http://*:80/".to_owned()), Just("    User: x".to_owned()), Just("  12".to_owned()),
                "\\PC{0,60}"
            ],
            0..25,
        )
    ) {
        let text = text::decode(lines.join("\n").as_bytes());
        let last = u32::try_from(lines.len()).unwrap();
        for fact in read(ArtifactId(0), &sections(&text)).records {
            prop_assert!(matches!(fact.from.place, Place::Line(line) if (1..=last).contains(&line)));
        }
    }
}
