//! The spellings of an account, taken apart: `DOMAIN\name`, `name@domain`, distinguished names.

/// Splits `DOMAIN\name`, `name@domain` or `name` into (domain, name), both lower case. `.\name` has the domain `.`.
pub fn split_name(spelled: &str) -> (Option<String>, String) {
    let spelled = spelled.trim().to_lowercase();
    if let Some((domain, name)) = spelled.split_once('\\') {
        return (
            (!domain.is_empty()).then(|| domain.to_owned()),
            name.to_owned(),
        );
    }
    match spelled.rsplit_once('@') {
        Some((name, domain)) if !name.is_empty() => (Some(domain.to_owned()), name.to_owned()),
        _ => (None, spelled),
    }
}

/// The DNS name of the domain in a distinguished name, lower case.
pub fn dn_domain(dn: &str) -> Option<String> {
    let labels: Vec<String> = split_dn(dn)
        .into_iter()
        .filter_map(|rdn| {
            let (key, value) = rdn.split_once('=')?;
            key.trim()
                .eq_ignore_ascii_case("dc")
                .then(|| value.trim().to_lowercase())
        })
        .collect();
    // What cannot be a label of a domain is a line that was damaged.
    let plain = |label: &String| {
        label
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
    };
    (!labels.is_empty() && labels.iter().all(plain)).then(|| labels.join("."))
}

/// The value of the first `CN=` of a distinguished name.
pub fn common_name(dn: &str) -> Option<String> {
    let first = split_dn(dn).into_iter().next()?;
    let (key, value) = first.split_once('=')?;
    key.trim()
        .eq_ignore_ascii_case("cn")
        .then(|| value.trim().replace('\\', ""))
}

/// Splits a distinguished name at its commas, escaped ones aside.
fn split_dn(dn: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in dn.chars() {
        if c == ',' && !escaped {
            parts.push(String::new());
            continue;
        }
        escaped = c == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}
