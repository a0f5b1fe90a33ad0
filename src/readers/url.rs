//! URLs as they may be kept: where a request went, without what it carried.
//!
//! ```text
//! http://uma:secret@web.corp.example/app/(S(k2x5))/a.aspx?token=x#top   →   http://web.corp.example/app/a.aspx
//! ```

/// Characters kept of one URL.
const LONGEST: usize = 1024;

/// A URL without credentials, query, fragment and the session ids that ASP.NET writes into paths.
pub(crate) fn bare(url: &str) -> String {
    let url = url.trim();
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match url.split_once("//") {
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => (Some(scheme), rest),
        _ => (None, url),
    };
    let mut parts = rest.split('/');
    let mut bare = match (scheme, parts.next()) {
        (Some(scheme), Some(authority)) => {
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}//{host}")
        }
        (None, first) => first.unwrap_or_default().to_owned(),
        (Some(scheme), None) => format!("{scheme}//"),
    };
    let folders = parts.map(|part| part.split(';').next().unwrap_or_default());
    for folder in folders.filter(|folder| !is_session(folder)) {
        bare.push('/');
        bare.push_str(folder);
    }
    let kept = bare.chars().take(LONGEST);
    kept.map(|c| {
        if c.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            c
        }
    })
    .collect()
}

/// Whether a folder of a path is what ASP.NET writes there, `(S(…))`, `(A(…)F(…))`: sessions and tickets, perhaps cut.
pub(crate) fn is_session(folder: &str) -> bool {
    let begins = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
    let inner = folder.strip_prefix('(').filter(|rest| begins(rest));
    inner.is_some_and(|rest| rest.get(1..).is_some_and(|rest| rest.starts_with('(')))
}

/// The host of a URL, lower case, without its port; `None` for a path alone.
pub(crate) fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("//")?;
    let authority = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?;
    let host = match authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((address, _)) => address,
        None => authority.split(':').next()?,
    };
    let host = host.trim_end_matches('.').to_lowercase();
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_carried_is_left_out() {
        for (url, shown) in [
            ("http://web.corp.example/", "http://web.corp.example/"),
            (
                "http://web:8080/a/b.aspx?token=x",
                "http://web:8080/a/b.aspx",
            ),
            ("https://uma:secret@web/a#b", "https://web/a"),
            ("https://web/(S(k2x5))/a.aspx", "https://web/a.aspx"),
            ("https://web/(S(k2x5));x=1/a", "https://web/a"),
            ("https://web/(A(en)S(k2x5", "https://web"),
            ("https://web/Orders(5)/(a)/b", "https://web/Orders(5)/(a)/b"),
            ("/a;jsessionid=12/b", "/a/b"),
            ("//web/a", "//web/a"),
            ("web:443", "web:443"),
            ("", ""),
        ] {
            assert_eq!(bare(url), shown, "{url}");
        }
        assert_eq!(bare("http://a/\u{1b}[2J"), "http://a/�[2J");
    }

    #[test]
    fn hosts() {
        for (url, name) in [
            ("http://Web.Corp.Example:8080/a", Some("web.corp.example")),
            ("http://[::1]:80/", Some("::1")),
            ("//web/a", Some("web")),
            ("/a", None),
            ("http:///a", None),
        ] {
            assert_eq!(host(url).as_deref(), name, "{url}");
        }
    }
}
