//! `auditpol /get /category:*`: categories in column 0, their subcategories indented by two, in one order everywhere.

use super::{AuditSetting, SUBCATEGORIES, Words};
use crate::bundle::is_audit_row;
use crate::evidence::ArtifactId;
use crate::readers::console::{Line, Section};

/// Categories of a report of all of them; rows of the last one, that of tickets.
const CATEGORIES: usize = 9;
const TICKET_ROWS: usize = 4;

pub(super) fn read(artifact: ArtifactId, section: &Section<'_>) -> Vec<AuditSetting> {
    let mut categories: Vec<Vec<(&str, &str, &Line<'_>)>> = Vec::new();
    for line in section.lines.iter().filter(|line| !line.is_blank()) {
        let row = is_audit_row(line.text).then_some(line.text.trim());
        match row.and_then(|row| row.split_once("  ")) {
            Some((name, setting)) => {
                if let Some(category) = categories.last_mut() {
                    category.push((name.trim(), setting.trim(), line));
                }
            }
            None => categories.push(Vec::new()),
        }
    }
    // Headings are categories without rows.
    categories.retain(|rows| !rows.is_empty());
    let words = Words::learn(categories.iter().flatten().map(|(_, setting, _)| *setting));
    let placed = categories.len() == CATEGORIES
        && categories
            .last()
            .is_some_and(|rows| rows.len() == TICKET_ROWS);
    let row_of = |name: &str, category: usize, row: usize| {
        let named = categories.iter().flatten().find(|(n, ..)| *n == name);
        named.or_else(|| {
            let category = categories.get(category).filter(|_| placed);
            category?.get(row)
        })
    };
    SUBCATEGORIES
        .iter()
        .filter_map(|(subcategory, _, name, category, row)| {
            let (_, setting, line) = row_of(name, *category, *row)?;
            let (success, failure) = words.meaning(setting)?;
            Some(AuditSetting {
                host: section.host.clone(),
                subcategory: *subcategory,
                success,
                failure,
                from: line.cite(artifact),
            })
        })
        .collect()
}
