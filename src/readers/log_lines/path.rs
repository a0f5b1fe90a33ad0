//! Paths as they are kept.

use std::borrow::Cow;

use super::kept;
use crate::readers::url;

/// A path as it is kept: the sessions that ASP.NET, `/(S(…))/`, and Java, `;jsessionid=…`, write into it are secrets. Kept again
/// it stays as it is.
pub(in crate::readers) fn kept_path(path: &str) -> Cow<'_, str> {
    if memchr::memchr3(b'(', b';', b'@', path.as_bytes()).is_none() {
        return kept(path);
    }
    // Proxies ask for a whole URL.
    let whole = path.contains("://").then(|| url::bare(path));
    let path = whole.as_deref().unwrap_or(path);
    let mut shown = String::new();
    for (number, folder) in path.split('/').enumerate() {
        if number > 0 {
            shown.push('/');
        }
        let (folder, parameters) = match folder.split_once(';') {
            Some((folder, parameters)) => (folder, Some(parameters)),
            None => (folder, None),
        };
        shown.push_str(if url::is_session(folder) || is_in_brackets(folder) {
            "(…)"
        } else {
            folder
        });
        if let Some(parameters) = parameters {
            // Those that were hidden, or cut, stay as they are.
            let hidden = parameters.chars().all(|c| c == '…');
            shown.push(';');
            shown.push_str(if hidden { parameters } else { "…" });
        }
    }
    match kept(&shown) {
        Cow::Owned(cut) => Cow::Owned(cut),
        Cow::Borrowed(_) => Cow::Owned(shown),
    }
}

/// Whether a folder is something in brackets, and not only a letter or two.
fn is_in_brackets(folder: &str) -> bool {
    folder.starts_with('(') && folder.ends_with(')') && folder.len() > 4
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sessions_are_not_kept() {
        for (path, shown) in [
            (
                "/app/(S(lit3py55t21z5v55vlm25s55))/a.aspx",
                "/app/(…)/a.aspx",
            ),
            ("/app/(S(lit3py55t21z5v55", "/app/(…)"),
            ("/app/(F(5A2B77", "/app/(…)"),
            ("/app/(A(en)S(lit3py55", "/app/(…)"),
            ("http://uma:hush@web/a", "http://web/a"),
            ("/a@b", "/a@b"),
            ("/(a)/b", "/(a)/b"),
            ("/a(b)/c", "/a(b)/c"),
            ("/a;jsessionid=12/b;x=1", "/a;…/b;…"),
            ("/a;/b", "/a;/b"),
        ] {
            assert_eq!(kept_path(path), shown);
            assert_eq!(kept_path(shown), shown);
        }
        let long = |letters: usize| {
            let path = format!("/{}/(S(lit3py55t21z5v55vlm25s55))/a", "a".repeat(letters));
            kept_path(&path).into_owned()
        };
        assert!(long(170).ends_with("/(…)/a"));
        assert!(
            long(190).ends_with("a/(…)/a"),
            "only the session was too long"
        );
        assert!(long(300).ends_with("aa…"));
    }

    proptest! {
        #[test]
        fn kept_again_it_stays_as_it_is(path in "/a{190,199}/[()SF;a/…:@]{0,12}|[()SF;a/…:@]{0,12}") {
            let once = kept_path(&path).into_owned();
            prop_assert_eq!(kept_path(&once), once.as_str());
        }
    }
}
