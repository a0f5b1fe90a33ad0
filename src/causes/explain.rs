//! `why401 explain`: the page of a cause as text.

use std::fmt::Write;

use super::Cause;

/// The page of a cause: plain text with headings that are Markdown too.
pub fn page(cause: &Cause) -> String {
    let page = &cause.page;
    let mut text = format!(
        "# {} {}\n\n{}\n\n{}\n",
        cause.id, cause.title, cause.name, page.mechanism
    );
    let mut list = |heading: &str, items: &[&str]| {
        if !items.is_empty() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n## {heading}\n\n");
            for item in items {
                let _ = writeln!(text, "- {item}");
            }
        }
    };
    list("What shows it", page.evidence);
    let look_alikes: Vec<String> = page
        .look_alikes
        .iter()
        .map(|l| format!("{}: {}", l.cause, l.told_apart_by))
        .collect();
    list(
        "What looks the same, and how to tell",
        &look_alikes.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    list("What rules it out", &[page.ruled_out_by]);
    list("How to fix it, in the safest order", page.fix);
    list("How to check the fix", &[page.verify]);
    list("How to undo it", &[page.rollback]);
    list("How to prevent it", &[page.prevent]);
    list("What this tool cannot see", page.blind_spots);
    list("Versions", &[page.versions]);
    list("Sources", page.sources);
    text
}
