//! The Markdown that people paste into tickets.

use super::render;
use crate::report::model::Report;
use crate::report::sample;

#[test]
fn the_report_for_a_ticket() {
    insta::assert_snapshot!(render(&sample::report()));
}

#[test]
fn a_report_without_anything_is_still_a_page() {
    let page = render(&Report::default());
    assert!(page.starts_with("# why401: inconclusive\n"));
    assert!(page.ends_with('\n') && !page.ends_with("\n\n"));
}

#[test]
fn hostile_names_stay_in_their_cell() {
    let mut report = sample::report();
    report.endpoints[0].url = "https://x|y/`<script>`\n\n# owned".into();
    report.findings[0].title = "a | b\n---\n<b>".into();
    let page = render(&report);
    assert!(!page.contains("<script>") && !page.contains("\n# owned") && !page.contains("<b>\n"));
    let row = page
        .lines()
        .find(|line| line.contains("x\\|y"))
        .expect("the endpoint has a row");
    assert_eq!(row.matches(" | ").count(), 5, "{row}");
}
