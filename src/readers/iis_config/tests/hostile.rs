//! Any text in: no panic, and every place inside the file.

use proptest::prelude::*;

use super::*;
use crate::readers::iis_config::{Redirection, place_web_config};

/// Reads a text in every way there is and checks the places of what comes out.
fn exercise(text: &str) {
    let lines = text.matches('\n').count() as u32 + 1;
    let reading = ConfigFile::read_str(ArtifactId(0), text);
    let check = |place: &Place| match place {
        Place::Line(line) | Place::Element { line, .. } => assert!((1..=lines).contains(line)),
        Place::Whole | Place::Record(_) => {}
    };
    let web = ConfigFile::read_str(ArtifactId(1), text).records;
    let (server, problems) =
        ServerConfig::build(&reading.records, &[("C/web/intranet/web.config", &web)]);
    for problem in reading.problems.iter().chain(&problems) {
        check(&problem.place);
    }
    for site in server.sites.iter().take(4) {
        for path in ["/", "/api", "/api/x/y"] {
            let settings = server.effective(&site.name, path);
            for (_, from) in &settings.windows.providers {
                check(&from.place);
            }
        }
    }
    let _ = place_web_config(&server, text);
    let _ = Redirection::of(&reading.records);
}

/// A whole small server, to be damaged.
fn whole() -> String {
    let inner = location(
        r#"path="Intranet" overrideMode="Allow""#,
        r#"<windowsAuthentication enabled="true" lockAttributes="enabled"><providers><clear /><add value="NTLM" /></providers></windowsAuthentication>"#,
    );
    format!(
        "<?xml version=\"1.0\"?>\n<configuration>\n{DECLARATIONS}\n{HOSTING}\n{inner}\n</configuration>\n"
    )
}

#[test]
fn a_server_cut_anywhere_is_read_up_to_the_cut() {
    let text = whole();
    let ends = text.char_indices().map(|(at, _)| at).step_by(7);
    let mut sites = 0;
    for end in ends {
        let cut = text.get(..end).expect("a boundary");
        exercise(cut);
        let server = ServerConfig::build(&file(0, cut), &[]).0;
        assert!(!server.complete);
        assert!(
            server.sites.len() >= sites,
            "nothing is lost when more is there"
        );
        sites = server.sites.len();
    }
    assert_eq!(sites, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,200}") {
        exercise(&text);
    }

    #[test]
    fn any_markup_is_read_without_panic(text in "[<>/!?&;'\"= \\-\\[\\]a\u{e9}\n\0]{0,300}") {
        exercise(&text);
    }

    #[test]
    fn any_change_of_a_server_is_read_without_panic(
        at in 0usize..2000,
        length in 0usize..40,
        piece in "[<>/&'\"= a-z\n\u{20ac}]{0,12}",
    ) {
        let mut text: Vec<char> = whole().chars().collect();
        let from = at.min(text.len());
        let to = from.saturating_add(length).min(text.len());
        text.splice(from..to, piece.chars());
        exercise(&text.into_iter().collect::<String>());
    }

    #[test]
    fn any_path_is_placed_without_panic(path in "[\\PC/\\\\]{0,60}") {
        let _ = place_web_config(&server("", &[]), &path);
    }
}
