//! The shapes of lines that many tools print.

/// `Label:   value`; the colon may be the wide one of Chinese and Japanese, and French sets a blank before it.
pub(crate) fn labelled(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.split_once([':', '：'])?;
    (!label.trim().is_empty()).then(|| (label.trim(), value.trim()))
}

/// `Label . . . . : value`, as ipconfig writes it in every language.
pub(crate) fn dotted(line: &str) -> Option<(&str, &str)> {
    let (label, value) = line.split_once([':', '：'])?;
    let named = label.trim_end().strip_suffix('.')?;
    line.starts_with([' ', '\t'])
        .then(|| (named.trim_end_matches([' ', '.']).trim(), value.trim()))
}

/// The columns of a ruler: `==== ==== ====`, `---- ----`.
pub(crate) fn ruler(line: &str) -> Option<Vec<(usize, usize)>> {
    let sign = line.trim_start().chars().next()?;
    if !matches!(sign, '=' | '-') || !line.chars().all(|c| c == sign || c == ' ') {
        return None;
    }
    let mut columns = Vec::new();
    let mut start = None;
    for (at, c) in line.chars().chain([' ']).enumerate() {
        match (start, c == sign) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                columns.push((from, at));
                start = None;
            }
            _ => {}
        }
    }
    Some(columns)
}
