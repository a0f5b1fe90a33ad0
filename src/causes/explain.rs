//! `why401 explain`: the page of a cause as text.

use super::Cause;
use super::noise::Pattern;

/// The page of a cause: plain text with headings that are Markdown too.
pub fn page(cause: &Cause) -> String {
    let page = &cause.page;
    let look_alikes = page
        .look_alikes
        .iter()
        .map(|l| format!("- {}: {}\n", l.cause, l.told_apart_by))
        .collect();
    let fix = (1..)
        .zip(page.fix)
        .map(|(number, step)| format!("{number}. {step}\n"))
        .collect();
    let sections = [
        ("What shows it", items(page.evidence)),
        ("What looks the same, and how to tell", look_alikes),
        ("What rules it out", items(&[page.ruled_out_by])),
        ("How to fix it, in the safest order", fix),
        ("How to check the fix", items(&[page.verify])),
        ("How to undo it", items(&[page.rollback])),
        ("How to prevent it", items(&[page.prevent])),
        ("What this tool cannot see", items(page.blind_spots)),
        ("Versions", items(&[page.versions])),
        ("Sources", items(page.sources)),
    ];
    let head = format!(
        "# {} {}\n\n{}\n\n{}\n",
        cause.id, cause.title, cause.name, page.mechanism
    );
    let body = sections
        .into_iter()
        .filter(|(_, items)| !items.is_empty())
        .map(|(heading, items)| format!("\n## {heading}\n\n{items}"));
    std::iter::once(head).chain(body).collect()
}

/// The page of a pattern that only looks like trouble.
pub fn noise_page(pattern: &Pattern) -> String {
    format!(
        "# {} {}\n\nOrdinary: {}.\n",
        pattern.id, pattern.title, pattern.why
    )
}

fn items(items: &[&str]) -> String {
    items.iter().map(|item| format!("- {item}\n")).collect()
}
