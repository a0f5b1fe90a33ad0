//! The fixture builder is sound, and the fixtures on disk are what the stories say.

mod support;

#[path = "fixtures/all_events.rs"]
mod all_events;
#[path = "fixtures/collected.rs"]
mod collected;
#[path = "fixtures/derived.rs"]
mod derived;
#[path = "fixtures/evtx_round_trip.rs"]
mod evtx_round_trip;

use support::{stories, story};

#[test]
fn fixtures_on_disk_are_what_the_stories_say() {
    if std::env::var_os("WHY401_BLESS").is_some() {
        write_all();
    }
    let differences: Vec<_> = stories::all()
        .iter()
        .flat_map(|story| story::on_disk(story).expect("a readable folder"))
        .collect();
    assert!(
        differences.is_empty(),
        "run `WHY401_BLESS=1 cargo test --test fixtures` after a change of the stories:\n{}",
        differences.join("\n")
    );
}

fn write_all() {
    for story in stories::all() {
        story::write(&story).expect("fixtures can be written");
    }
}

#[test]
fn stories_are_small_and_tell_themselves_apart() {
    let all = stories::all();
    let names: std::collections::BTreeSet<_> = all.iter().map(|story| story.name.clone()).collect();
    assert_eq!(names.len(), all.len(), "two stories share a name");
    for story in &all {
        let bytes: usize = story.files.iter().map(|(_, bytes)| bytes.len()).sum();
        println!(
            "{}: {} files, {} KiB",
            story.name,
            story.files.len(),
            bytes / 1024
        );
        let most = if story.name.starts_with("layout-") {
            1_500
        } else {
            450
        };
        assert!(
            bytes < most * 1024,
            "{} has grown to {bytes} bytes",
            story.name
        );
        assert!(!story.summary.is_empty() && !story.title.is_empty());
    }
}

#[test]
fn stories_are_told_the_same_way_twice() {
    for (one, two) in stories::all().iter().zip(stories::all()) {
        assert_eq!(one.files, two.files, "{}", one.name);
        assert_eq!(one.expected, two.expected);
    }
}

#[test]
fn every_fixture_folder_belongs_to_a_story() {
    let names: Vec<_> = stories::all().into_iter().map(|story| story.name).collect();
    let folder = story::fixtures_folder();
    for entry in std::fs::read_dir(folder)
        .expect("the folder of fixtures")
        .flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        let told = entry.path().join("expected.json").exists();
        assert!(
            !told || names.contains(&name),
            "fixtures/{name} belongs to no story: delete it"
        );
    }
}
