//! What an echoed setspn command asked for: `setspn -T corp.example -F -Q HTTP/web`.

use super::Mode;

/// An echoed command, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// The mode; `None` for `setspn -?` and the like, which print the help.
    pub mode: Option<Mode>,
    /// Account of `-L`, SPN of the others.
    pub target: Option<String>,
    /// Account of `-S`, `-A`, `-D`, `-R`.
    pub account: Option<String>,
    /// `-F`.
    pub forest: bool,
    /// Arguments of `-T`, as typed; `*` and the empty string mean what the output says.
    pub domains: Vec<String>,
}

impl Asked {
    /// Understands the arguments. Switches may come in any order, in either case, with `-`, `/` or a typeset dash.
    pub(super) fn new(arguments: &[String]) -> Self {
        let mut mode = None;
        let mut forest = false;
        let mut domains = Vec::new();
        let mut operands = Vec::new();
        let mut help = false;
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match switch(word) {
                Some('l') => mode = Some(Mode::List),
                Some('q') => mode = Some(Mode::Query),
                Some('x') => mode = Some(Mode::Duplicates),
                Some('s') => mode = Some(Mode::Add),
                Some('a') => mode = Some(Mode::AddUnchecked),
                Some('d') => mode = Some(Mode::Delete),
                Some('r') => mode = Some(Mode::Reset),
                Some('f') => forest = true,
                Some('t') => domains.extend(words.next().cloned()),
                Some('?' | 'h') => help = true,
                Some(_) => {} // -P, -C, -U: nothing that the output depends on
                None => operands.push(word.clone()),
            }
        }
        let mut operands = operands.into_iter();
        if mode.is_none() && !help && operands.len() > 0 {
            mode = Some(Mode::List);
        }
        let (target, account) = match mode {
            Some(Mode::Reset) => (None, operands.next()),
            Some(Mode::Add | Mode::AddUnchecked | Mode::Delete) => {
                (operands.next(), operands.next())
            }
            Some(Mode::List | Mode::Query) => (operands.next(), None),
            Some(Mode::Duplicates) | None => (None, None),
        };
        Self {
            mode,
            target,
            account,
            forest,
            domains,
        }
    }

    /// True when one run checks several domains, one after the other.
    pub(super) fn several_domains(&self) -> bool {
        self.domains.len() > 1 || self.domains.iter().any(|domain| domain == "*")
    }
}

fn switch(word: &str) -> Option<char> {
    let mut letters = word.strip_prefix(['-', '/', '–', '—'])?.chars();
    let letter = letters.next()?;
    letters
        .next()
        .is_none()
        .then(|| letter.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Asked {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Asked::new(&words)
    }

    #[test]
    fn every_switch() {
        for (line, mode, target, account) in [
            ("-L svc", Mode::List, Some("svc"), None),
            ("svc", Mode::List, Some("svc"), None),
            ("/L svc", Mode::List, Some("svc"), None),
            ("-U -l svc", Mode::List, Some("svc"), None),
            ("-C svc", Mode::List, Some("svc"), None),
            ("–Q HTTP/web", Mode::Query, Some("HTTP/web"), None),
            ("-X -P", Mode::Duplicates, None, None),
            ("-S HTTP/web svc", Mode::Add, Some("HTTP/web"), Some("svc")),
            (
                "-A HTTP/web svc",
                Mode::AddUnchecked,
                Some("HTTP/web"),
                Some("svc"),
            ),
            (
                "-D HTTP/web svc",
                Mode::Delete,
                Some("HTTP/web"),
                Some("svc"),
            ),
            ("-R web01", Mode::Reset, None, Some("web01")),
        ] {
            let asked = asked(line);
            assert_eq!(
                (
                    asked.mode,
                    asked.target.as_deref(),
                    asked.account.as_deref()
                ),
                (Some(mode), target, account),
                "{line}"
            );
        }
        assert_eq!(asked("-?").mode, None);
        assert_eq!(Asked::new(&[]).mode, None);
    }

    #[test]
    fn scope_switches_in_any_order() {
        let one = asked("-T corp.example -F -Q HTTP/web");
        assert_eq!(
            (one.mode, one.target.as_deref()),
            (Some(Mode::Query), Some("HTTP/web"))
        );
        assert!(one.forest && !one.several_domains());
        assert_eq!(one.domains, ["corp.example"]);
        assert!(asked("-T a.example -T b.example -X").several_domains());
        assert!(asked("-Q HTTP/web -T *").several_domains());
    }
}
