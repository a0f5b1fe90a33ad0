//! Exported events as the tools write them, and as they should not.

use proptest::prelude::*;

use super::*;
use crate::readers::events::Body;

fn text(xml: &str) -> Text {
    Text {
        lines: xml.lines().map(|line| line.trim_end().to_owned()).collect(),
        encodings: vec!["utf-8"],
        ..Text::default()
    }
}

fn log(xml: &str) -> Reading<EventLog> {
    read(ArtifactId(4), &text(xml))
}

fn event(record: u32, provider: &str, id: u32, data: &str) -> String {
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider {provider}/>\
         <EventID Qualifiers='16384'>{id}</EventID><Version>0</Version>\
         <TimeCreated SystemTime='2024-05-07T08:00:0{record}.123456700Z'/><EventRecordID>{record}</EventRecordID>\
         <Channel>System</Channel><Computer>web01.corp.example</Computer><Security UserID='S-1-5-18'/></System>{data}\
         </Event>"
    )
}

const KERBEROS: &str = "Name='Microsoft-Windows-Security-Kerberos' EventSourceName='Kerberos'";
const MISMATCH: &str = "<EventData><Data Name='Server'>web01$</Data><Data Name='Targetname'>HTTP/web</Data>\
                        <Binary></Binary></EventData>";

#[test]
fn wevtutil_writes_events_without_a_root() {
    let one = event(1, KERBEROS, 4, MISMATCH);
    let two = event(
        2,
        "Name='Service Control Manager'",
        7036,
        "<EventData><Data>x</Data></EventData>",
    );
    for between in ["", "\n", "\n\n"] {
        let reading = log(&format!("{one}{between}{two}"));
        assert_eq!(reading.problems, []);
        assert_eq!((reading.count, reading.records.events.len()), (2, 1));
        let found = &reading.records.events[0];
        assert!(
            matches!(&found.body, Body::KeyMismatch(m) if m.target_name.as_deref() == Some("HTTP/web"))
        );
        assert_eq!(found.citation.place, Place::Record(1));
        assert_eq!(
            &*found.citation.text,
            "Kerberos 4: target HTTP/web, server web01$"
        );
        assert_eq!(found.time, "2024-05-07T08:00:01.1234567Z".parse().unwrap());
        let [span] = reading.records.spans.as_slice() else {
            panic!()
        };
        assert_eq!(
            (&*span.channel, &*span.computer),
            ("System", "web01.corp.example")
        );
        assert_eq!(
            (span.first_record, span.last_record, span.records),
            (1, 2, 2)
        );
        assert_eq!(
            span.by_id.get(&("Service Control Manager".into(), 7036)),
            Some(&1)
        );
    }
}

#[test]
fn a_change_that_failed_changes_nothing() {
    let data = "<EventData><Data Name='TargetUserName'>svc_web</Data></EventData>";
    let reset = event(1, "Name='Microsoft-Windows-Security-Auditing'", 4724, data);
    for (keywords, changes) in [("0x8020000000000000", true), ("0x8010000000000000", false)] {
        let keywords = format!("<Keywords>{keywords}</Keywords></System>");
        let reading = log(&reset.replace("</System>", &keywords));
        let [event] = reading.records.events.as_slice() else {
            panic!("{reading:?}");
        };
        assert_eq!(matches!(event.body, Body::AccountChanged(_)), changes);
    }
}

#[test]
fn event_viewer_puts_them_into_a_root_with_what_it_showed() {
    let shown = "<RenderingInfo Culture='en-US'><Message>The target &lt;Event&gt; name</Message>\
                 <Provider>Kerberos</Provider></RenderingInfo>";
    let one = event(1, KERBEROS, 4, &format!("{MISMATCH}{shown}"));
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n<Events>{one}\n</Events>"
    );
    let reading = log(&xml);
    assert_eq!((reading.count, reading.problems.len()), (1, 0));
    assert_eq!(
        &*reading.records.events[0].provider,
        "Microsoft-Windows-Security-Kerberos"
    );

    let prefixed = xml
        .replace("<Event", "<e:Event")
        .replace("</Event", "</e:Event")
        .replace("<Data ", "<e:Data ")
        .replace("</Data>", "</e:Data>");
    assert_eq!(log(&prefixed).records.events.len(), 1, "{prefixed}");
}

#[test]
fn a_malformed_event_costs_itself_and_is_cited_by_its_line() {
    let good = event(1, KERBEROS, 4, MISMATCH);
    let cut = "<Event><System><Provider Name='Kerberos'/>\n<EventID>4</EventID></Sys";
    let no_id =
        event(3, KERBEROS, 4, MISMATCH).replace("<EventID Qualifiers='16384'>4</EventID>", "");
    let no_time = event(4, KERBEROS, 4, MISMATCH).replace("SystemTime", "Time");
    let mismatched = event(5, KERBEROS, 4, "<EventData></UserData>");
    let last = event(6, KERBEROS, 4, MISMATCH);
    let reading = log(&[cut, &good, &no_id, &no_time, &mismatched, &last].join("\n"));
    assert_eq!((reading.count, reading.records.events.len()), (2, 2));
    let problems: Vec<_> = reading
        .problems
        .iter()
        .map(|p| (p.place.clone(), p.says.clone()))
        .collect();
    let lines: Vec<_> = problems.iter().map(|(place, _)| place.clone()).collect();
    assert_eq!(
        lines,
        [
            Place::Line(1),
            Place::Line(4),
            Place::Line(5),
            Place::Line(6)
        ]
    );
    assert!(problems[1].1.contains("no event id"), "{problems:?}");
    assert!(problems[2].1.contains("no time"), "{problems:?}");

    let unclosed = log("<Event><System>");
    assert_eq!(
        unclosed.problems[0].says,
        "The event was skipped because it is not closed."
    );
    assert_eq!(log("no event here").problems[0].place, Place::Whole);
}

#[test]
fn values_keep_their_line_breaks_and_only_xml_entities_are_resolved() {
    let data = "<EventData><Data Name='TargetUserName'>A&amp;B&#x20;&lt;&custom;</Data>\
                <Data Name='ServicePrincipalNames'>\n\t\tHOST/WEB01\n\t\tHTTP/web\n</Data></EventData>";
    let xml = format!(
        "<!DOCTYPE x [<!ENTITY custom 'expanded'>]>{}",
        event(1, "Name='Microsoft-Windows-Security-Auditing'", 4742, data)
    );
    let reading = log(&xml);
    let Body::AccountChanged(change) = &reading.records.events[0].body else {
        panic!()
    };
    assert_eq!(change.target.name.as_deref(), Some("A&B <&custom;"));
    assert_eq!(change.spns, ["HOST/WEB01", "HTTP/web"]);
}

#[test]
fn unnamed_values_binary_and_user_data() {
    let data = "<EventData><Data>WEB01</Data><Data>%%5</Data><Binary>220000C0</Binary></EventData>";
    let reading = log(&event(1, "Name='NETLOGON'", 5805, data));
    let Body::Netlogon(netlogon) = &reading.records.events[0].body else {
        panic!()
    };
    assert_eq!(
        (netlogon.values.len(), netlogon.status),
        (2, Some(0xC000_0022))
    );

    let data = "<UserData><LogFileCleared xmlns='x'><SubjectUserName>adm</SubjectUserName>\n\
                <SubjectDomainName>CORP</SubjectDomainName><Empty/></LogFileCleared></UserData>";
    let reading = log(&event(1, "Name='Microsoft-Windows-Eventlog'", 1102, data));
    let Body::Other(fields) = &reading.records.events[0].body else {
        panic!()
    };
    let names: Vec<_> = fields.pairs().iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["SubjectUserName", "SubjectDomainName", "Empty"]);
    assert_eq!(fields.text("SubjectUserName").as_deref(), Some("adm"));

    let reading = log(&event(1, "EventSourceName='NETLOGON'", 5719, ""));
    assert_eq!(&*reading.records.events[0].provider, "NETLOGON");
}

#[test]
fn the_same_event_counts_once() {
    let one = event(1, KERBEROS, 4, MISMATCH);
    let reading = log(&format!("{one}\n{one}"));
    assert_eq!((reading.count, reading.records.events.len()), (1, 1));
    assert!(reading.problems[0].says.contains("a second time"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text_in_no_panic(xml in ".{0,400}") {
        log(&xml);
    }

    #[test]
    fn pieces_of_events_in_any_order_no_panic(
        pieces in proptest::collection::vec(
            proptest::sample::select(&[
                "<Event>", "</Event>", "<System>", "</System>", "<EventData>", "<Data Name='a'>", "</Data>", "<UserData>",
                "<a/>", "</a>", "&#0;", "&x;", "&", "<![CDATA[", "]]>", "<!--", "-->", "é", "<e:Event ", "='", "\n",
                "<EventID>4</EventID>", "<TimeCreated SystemTime='2024-05-07T08:00:00Z'/>",
            ][..]), 0..60,
        )
    ) {
        log(&pieces.concat());
    }

    #[test]
    fn a_cut_event_never_panics(cut in 0usize..700) {
        let xml = event(1, KERBEROS, 4, MISMATCH);
        if let Some(xml) = xml.get(..cut) {
            let reading = log(xml);
            prop_assert!(reading.count <= 1);
        }
    }
}
