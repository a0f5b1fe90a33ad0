//! Service principal names: their parts, the key the KDC compares, and what is wrong with a value that never matches.
//!
//! A Windows KDC compares the whole string without regard to case (setspn reference), so a value with a blank, a
//! second slash or a scheme in it is inert: it is registered and matches nothing a client asks for.

use std::fmt;

/// A service principal name, `class/host[:port][/name]`, as written.
#[derive(Clone, Debug, Eq)]
pub struct Spn {
    text: String,
    /// The text in lower case, kept because SPNs are compared far more often than made.
    key: String,
}

impl Spn {
    /// An SPN from its text.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            key: text.to_lowercase(),
        }
    }

    /// An SPN from its key, the class in capitals as people write it.
    pub fn of_key(key: &str) -> Self {
        match key.split_once('/') {
            Some((class, rest)) => Self::new(&format!("{}/{rest}", class.to_uppercase())),
            None => Self::new(key),
        }
    }

    /// `HTTP/<host>`, the SPN a client builds for a web server (the class is `HTTP` for https too).
    pub fn http(host: &str) -> Self {
        Self::new(&format!("HTTP/{host}"))
    }

    /// The same name under another service class.
    pub fn with_class(&self, class: &str) -> Self {
        Self::new(&format!("{class}/{}", self.after_class()))
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What the KDC compares.
    pub fn key(&self) -> String {
        self.key.clone()
    }

    /// The service class, as written.
    pub fn class(&self) -> &str {
        self.text.split('/').next().unwrap_or("")
    }

    /// Whether the class is this one.
    pub fn has_class(&self, class: &str) -> bool {
        self.text.contains('/') && self.class().eq_ignore_ascii_case(class)
    }

    /// The host part without the port, in lower case.
    pub fn host(&self) -> String {
        let rest = self.after_class();
        let instance = rest.split('/').next().unwrap_or("");
        match instance.rsplit_once(':') {
            Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => host,
            _ => instance,
        }
        .to_lowercase()
    }

    /// The port, where the SPN carries one.
    pub fn port(&self) -> Option<u16> {
        let rest = self.after_class();
        let (_, port) = rest.split('/').next()?.rsplit_once(':')?;
        port.parse().ok()
    }

    fn after_class(&self) -> &str {
        self.text.split_once('/').map_or("", |(_, rest)| rest)
    }

    /// What keeps this value from ever matching `HTTP/<host>`, where something does and it is meant for the web.
    pub fn malformation(&self) -> Option<&'static str> {
        let class = self.class().to_lowercase();
        if self.text.contains(['"', ',']) {
            return Some("several names or quotation marks in one value");
        }
        if matches!(class.as_str(), "http:" | "https:") {
            return Some("a URL instead of an SPN");
        }
        if !self.text.contains('/') {
            return (class.starts_with("http") && self.text.contains('\\'))
                .then_some("a backslash instead of a slash");
        }
        if class == "https" {
            return Some("the class HTTPS, which no client asks for: it is HTTP for https too");
        }
        if class != "http" {
            return (class.trim() == "http").then_some("a blank in the service class");
        }
        let rest = self.after_class();
        let checks: [(bool, &'static str); 7] = [
            (rest.is_empty(), "no host name"),
            (
                rest.contains("//") || rest.starts_with('/'),
                "a double slash",
            ),
            (rest.contains('\\'), "a backslash"),
            (rest.contains('@'), "a realm after the host name"),
            (rest.contains(' ') || rest.contains('\t'), "a blank"),
            (rest.contains('/'), "a path after the host name"),
            (
                rest.contains('*'),
                "a wildcard, which the KDC does not expand",
            ),
        ];
        if let Some((_, reason)) = checks.iter().find(|(bad, _)| *bad) {
            return Some(reason);
        }
        (rest.ends_with('.') || rest.ends_with(':')).then_some("a trailing dot or colon")
    }

    /// Characters that are not shown, or look like others: no-break blanks, zero-width characters, dashes that are
    /// not the hyphen (SPN-18). Each as `U+XXXX`.
    pub fn invisible(&self) -> Vec<String> {
        self.text
            .chars()
            .filter(|c| is_invisible(*c))
            .map(|c| format!("U+{:04X}", c as u32))
            .collect()
    }

    /// The value with look-alike characters replaced by what was meant.
    pub fn visible_form(&self) -> Spn {
        let text: String = self
            .text
            .chars()
            .filter_map(|c| match c {
                '\u{2010}'..='\u{2015}' | '\u{2212}' => Some('-'),
                c if is_invisible(c) => None,
                c => Some(c),
            })
            .collect();
        Spn::new(text.trim())
    }
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00A0}' | '\u{00AD}' | '\u{2000}'..='\u{2015}' | '\u{2028}'..='\u{202F}' | '\u{205F}'..='\u{206F}'
            | '\u{2212}' | '\u{3000}' | '\u{FEFF}'
    ) || (c.is_control() && c != '\t')
}

impl PartialEq for Spn {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl fmt::Display for Spn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// True for an IPv4 or IPv6 literal, with or without brackets: clients build no SPN from it.
pub fn is_ip_literal(host: &str) -> bool {
    host.trim_matches(['[', ']'])
        .split('%')
        .next()
        .is_some_and(|h| h.parse::<std::net::IpAddr>().is_ok())
}

/// Whether one name is the short form of the other.
pub fn other_form(a: &str, b: &str) -> bool {
    let short_of = |short: &str, long: &str| {
        !short.is_empty()
            && !short.contains('.')
            && long
                .strip_prefix(short)
                .is_some_and(|rest| rest.starts_with('.'))
    };
    short_of(a, b) || short_of(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let spn = Spn::new("http/Web.corp.example:8080");
        assert_eq!(spn.host(), "web.corp.example");
        assert_eq!(spn.port(), Some(8080));
        assert!(spn.has_class("HTTP"));
        assert_eq!(spn, Spn::new("HTTP/WEB.corp.example:8080"));
        assert_eq!(
            spn.with_class("HOST").as_str(),
            "HOST/Web.corp.example:8080"
        );
    }

    #[test]
    fn lint() {
        for bad in [
            "http://web",
            "HTTP\\web",
            "HTTPS/web",
            "HTTP/web/",
            "HTTP/web/app",
            "HTTP/web@R",
            "HTTP/*.corp.com",
            "HTTP/ web",
            "\"HTTP/a\",\"HTTP/b\"",
            "HTTP/web.",
            "HTTP/",
            "HTTP /web",
        ] {
            assert!(Spn::new(bad).malformation().is_some(), "{bad}");
        }
        for good in [
            "HTTP/web",
            "http/web.corp.example:8080",
            "HOST/web",
            "MSSQLSvc/sql:1433",
            "GC/dc/corp.example",
        ] {
            assert_eq!(Spn::new(good).malformation(), None, "{good}");
        }
    }

    #[test]
    fn invisible_characters() {
        let spn = Spn::new("HTTP/web\u{2013}portal\u{200B}");
        assert_eq!(spn.invisible(), ["U+2013", "U+200B"]);
        assert_eq!(spn.visible_form().as_str(), "HTTP/web-portal");
        assert!(Spn::new("HTTP/web-portal").invisible().is_empty());
    }

    #[test]
    fn ip_literals() {
        assert!(is_ip_literal("10.1.2.3") && is_ip_literal("[fe80::1%3]") && is_ip_literal("::1"));
        assert!(!is_ip_literal("web") && !is_ip_literal("10.1.2"));
    }
}
