//! Audit policies and security templates, told by shape.
//!
//! ```text
//! Kategorie/Unterkategorie                  Einstellung           auditpol: a heading in two columns, a category, a row
//! System
//!   Systemintegrität                        Erfolg und Fehler
//! WEB01,System,Logon,{0CCE9215-69AE-…},Success,                   auditpol /r: the subcategory's own number
//! [Privilege Rights]                                              secedit: sections that are not translated
//! ```

/// What the numbers of all subcategories end in.
const SUBCATEGORIES: &str = "-69AE-11D9-BED3-505054503030}";

/// Whether a report of auditpol begins with the first of these lines.
pub(super) fn opens_audit(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else {
        return false;
    };
    if first.contains(SUBCATEGORIES) {
        return true;
    }
    let [heading, category, row, ..] = lines else {
        return false;
    };
    let flush = |line: &str| !line.trim().is_empty() && !line.starts_with([' ', '\t']);
    let two = |line: &str| line.trim().contains("   ");
    flush(heading)
        && two(heading)
        && (heading.split("   ").next()).is_some_and(|first| first.contains('/'))
        && flush(category)
        && !two(category)
        && is_audit_row(row)
}

/// `  Logon                                   Success and Failure`
pub(crate) fn is_audit_row(line: &str) -> bool {
    line.strip_prefix("  ").is_some_and(|row| {
        !row.starts_with([' ', '\t']) && row.trim_end().contains("  ") && !row.contains(" : ")
    })
}

/// Whether a security template begins with the first of these lines.
pub(super) fn opens_rights(lines: &[&str]) -> bool {
    lines.first().is_some_and(|line| is_template_head(line))
}

/// A section of a security template by which it is told.
fn is_template_head(line: &str) -> bool {
    ["[Unicode]", "[Privilege Rights]", "[System Access]"].contains(&line.trim_end())
}
