//! Paths of the configuration hierarchy: `Default Web Site/app/dir`, as `location` tags write them.
//!
//! Compared without case, without slashes at the ends. The empty path is the level of the file itself: the server
//! for applicationHost.config.

/// A path in the form that is compared: lower-case, single slashes, none at the ends; `.`, `*` and `""` are the empty
/// path.
pub(super) fn normal(path: &str) -> String {
    let path = path.replace('\\', "/").to_lowercase();
    let steps = path.split('/').map(str::trim);
    let steps: Vec<&str> = steps
        .filter(|step| !matches!(*step, "" | "." | "*"))
        .collect();
    steps.join("/")
}

/// The level of a path inside a site.
pub(super) fn level(site: &str, path: &str) -> String {
    normal(&format!("{}/{path}", site.trim()))
}

/// The levels from the server (`""`) down to a level, itself included.
pub(super) fn levels(level: &str) -> Vec<&str> {
    let mut levels = vec![""];
    if !level.is_empty() {
        levels.extend(
            level
                .match_indices('/')
                .filter_map(|(at, _)| level.get(..at)),
        );
        levels.push(level);
    }
    levels
}

/// The rest of a level below another one: `""` when they are the same, `None` when it is not below it.
pub(super) fn below<'a>(level: &'a str, above: &str) -> Option<&'a str> {
    if above.is_empty() {
        return Some(level);
    }
    let rest = level.strip_prefix(above)?;
    match rest.is_empty() {
        true => Some(rest),
        false => rest.strip_prefix('/'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_compare_without_case_and_slashes() {
        assert_eq!(normal("/Default Web Site/App/"), "default web site/app");
        for own_level in ["", ".", "*", "./"] {
            assert_eq!(normal(own_level), "");
        }
        assert_eq!(level("Site", "/"), "site");
        assert_eq!(
            levels("site/app/dir"),
            ["", "site", "site/app", "site/app/dir"]
        );
        assert_eq!(levels(""), [""]);
    }

    #[test]
    fn a_longer_name_is_not_below_a_shorter_one() {
        assert_eq!(below("site/app", "site"), Some("app"));
        assert_eq!(below("site", "site"), Some(""));
        assert_eq!(below("site2/app", "site"), None);
        assert_eq!(below("site", ""), Some("site"));
    }
}
