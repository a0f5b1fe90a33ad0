//! The same events in every form give the same records; damaged and foreign forms give what is certain.

mod forms;
mod stories;
mod written;

use super::*;
use crate::bundle::text;
use crate::evidence::Place;
use crate::readers::console;
use crate::readers::events::{Event, understand};
use crate::readers::{clixml, event_xml};
use written::Story;

const FILE: ArtifactId = ArtifactId(3);

fn read_file(form: &str) -> Reading<EventLog> {
    let reading = read(FILE, &text::decode_uncut(form.as_bytes()));
    for event in &reading.records.events {
        let Place::Line(line) = event.citation.place else {
            panic!("{:?}", event.citation)
        };
        assert!((1..=u32::try_from(form.lines().count()).unwrap()).contains(&line));
    }
    reading
}

fn read_console(form: &str) -> Reading<EventLog> {
    let text = text::decode(form.as_bytes());
    read_sections(FILE, &console::sections(&text))
}

fn read_objects(form: &str) -> Reading<EventLog> {
    let reading = clixml::read(FILE, &text::decode_uncut(form.as_bytes()));
    Reading {
        artifact: FILE,
        records: reading.records.events,
        count: reading.count,
        problems: reading.problems,
    }
}

/// What an event says, without what a form may lack: its number.
fn says(event: &Event) -> String {
    format!(
        "{} | {} {} {:?}",
        event.citation.text, event.channel, event.time, event.body
    )
}

fn expected(stories: &[Story]) -> Vec<String> {
    stories
        .iter()
        .filter_map(|story| understand(story.raw.clone(), FILE))
        .map(|event| says(&event))
        .collect()
}

#[test]
fn every_form_gives_the_same_events() {
    let stories = stories::all();
    let expected = expected(&stories);
    assert_eq!(expected.len(), stories.len(), "all are wanted");
    let xml = text::decode_uncut(written::xml(&stories).as_bytes());
    for (form, reading, local) in [
        ("xml", event_xml::read(FILE, &xml), false),
        ("evtx_dump", read_file(&written::evtx_dump(&stories)), false),
        (
            "EvtxECmd csv",
            read_file(&written::evtx_e_cmd(&stories)),
            false,
        ),
        (
            "EvtxECmd json",
            read_file(&written::evtx_e_cmd_json(&stories)),
            false,
        ),
        (
            "ConvertTo-Json",
            read_file(&written::power_shell_json(&stories)),
            false,
        ),
        (
            "CLIXML",
            read_objects(&written::clixml(&stories, true)),
            false,
        ),
        (
            "flat CLIXML",
            read_objects(&written::clixml(&stories, false)),
            false,
        ),
        ("Format-List", read_console(&written::list(&stories)), true),
        (
            "Export-Csv",
            read_file(&written::export_csv(&stories)),
            true,
        ),
        (
            "viewer csv",
            read_file(&written::viewer(&stories, ',')),
            true,
        ),
        (
            "viewer text",
            read_file(&written::viewer(&stories, '\t')),
            true,
        ),
        ("wevtutil", read_console(&written::wevtutil(&stories)), true),
        ("copied", read_console(&written::copied(&stories)), true),
    ] {
        assert_eq!(reading.problems, [], "{form}");
        let read: Vec<String> = reading.records.events.iter().map(says).collect();
        for (read, expected) in read.iter().zip(&expected) {
            assert_eq!(read, expected, "{form}");
        }
        assert_eq!(read.len(), expected.len(), "{form}");
        assert_eq!(reading.count, expected.len() as u64, "{form}");
        assert_eq!(reading.records.local_clock, local, "{form}");
        for event in &reading.records.events {
            let names_no_machine = form.starts_with("viewer");
            let computer = if names_no_machine {
                ""
            } else {
                "web01.corp.example"
            };
            assert_eq!(&*event.computer, computer, "{form}");
            let numbered = !names_no_machine && !["wevtutil", "copied"].contains(&form);
            assert_eq!(event.record_id != 0, numbered, "{form}");
        }
    }
}

#[test]
fn shown_again_by_its_line() {
    let stories = stories::all();
    for form in [
        written::evtx_dump(&stories),
        written::viewer(&stories, ','),
        written::list(&stories),
        written::clixml(&stories, true),
    ] {
        let text = text::decode_uncut(form.as_bytes());
        let lines = |id: u32| {
            (1..=u32::try_from(text.lines.len()).unwrap())
                .filter_map(|line| find(&text, line))
                .filter(|(raw, _)| raw.id == id)
                .collect::<Vec<_>>()
        };
        let found = lines(4624);
        let [(raw, beside)] = found.as_slice() else {
            panic!("{} found in {form}", found.len());
        };
        assert!(
            raw.data
                .iter()
                .any(|d| d.value == "0x5f21" || d.value == "24353")
        );
        let beside: Vec<u32> = beside.iter().map(|raw| raw.id).collect();
        assert_eq!(beside, [4625, 4769]);
    }
}
