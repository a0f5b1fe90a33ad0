//! Paths as they are kept.

use std::borrow::Cow;

use super::kept;

/// A path as it is kept: the sessions that ASP.NET, `/(S(…))/`, and Java, `;jsessionid=…`, write into it are secrets. Kept again
/// it stays as it is.
pub(in crate::readers) fn kept_path(path: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'(', b';', path.as_bytes()).is_none() {
        return kept(path);
    }
    let mut shown = String::new();
    for (number, folder) in path.split('/').enumerate() {
        if number > 0 {
            shown.push('/');
        }
        let (folder, parameters) = folder.split_once(';').unwrap_or((folder, ""));
        // One that the client cut has no end.
        let session = folder.starts_with('(') && (folder.ends_with(')') || folder.contains("(S("));
        shown.push_str(if session && folder.len() > 4 {
            "(…)"
        } else {
            folder
        });
        if !parameters.is_empty() {
            shown.push_str(";…");
        }
    }
    match kept(&shown) {
        Cow::Owned(cut) => Cow::Owned(cut),
        Cow::Borrowed(_) => Cow::Owned(shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_not_kept() {
        for (path, shown) in [
            (
                "/app/(S(lit3py55t21z5v55vlm25s55))/a.aspx",
                "/app/(…)/a.aspx",
            ),
            ("/app/(S(lit3py55t21z5v55", "/app/(…)"),
            ("/(a)/b", "/(a)/b"),
            ("/a(b)/c", "/a(b)/c"),
            ("/a;jsessionid=12/b;x=1", "/a;…/b;…"),
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
}
