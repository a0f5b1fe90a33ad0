//! What a line of setspn output is, judged by its shape: setspn is translated, distinguished names, SPNs, integers and
//! hexadecimal codes are not.
//!
//! ```text
//! Die Domäne "DC=corp,DC=example" wird überprüft.     Check     a naming context inside a sentence
//! CN=svc_web,CN=Users,DC=corp,DC=example              Dn        a distinguished name alone
//!         HTTP/web.corp.example                       Spn       indented, with a slash
//! Es wurde 0 Gruppe doppelter SPNs gefunden.          Number    one integer
//! ```
//!
//! Words decide only where shapes cannot: forest or domain, registering or unregistering, found or not.

/// What a header line announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    /// The list of an account; these headers end in a colon.
    List,
    /// SPNs being added.
    Add,
    /// SPNs being removed.
    Remove,
    /// One of the two, in a language whose words are not known.
    Change,
}

/// Sentences whose words are known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sentence {
    /// `Existing SPN found!`
    Found,
    /// `No such SPN found.`
    NotFound,
    /// `Duplicate SPN found, aborting operation!`
    DuplicateRefused,
    /// `Updated object`
    Updated,
    /// `Could not find account X`, `Unable to locate account X`.
    AccountMissing(String),
    /// `Operation will be performed forestwide, it might take a while.`
    Forestwide,
    /// Anything else.
    Other,
}

/// The shape of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Nothing.
    Blank,
    /// The naming context that is searched, as a DNS name, and whether the words say "forest".
    Check {
        /// DNS name in lower case.
        dns: String,
        /// The sentence speaks of a forest.
        forest: bool,
    },
    /// A sentence about one object.
    Header {
        /// What it announces.
        heading: Heading,
        /// The object.
        dn: String,
        /// An SPN in the same line (Samba).
        spn: Option<String>,
    },
    /// A distinguished name alone, in column 0.
    Dn(String),
    /// A distinguished name alone, indented.
    Member(String),
    /// An SPN, as printed.
    Spn(String),
    /// The SPN of a group of duplicates; its holders follow.
    Group(String),
    /// A sentence with one integer.
    Number {
        /// The integer.
        value: u64,
        /// Words follow it: a count rather than progress, in the languages known.
        words_follow: bool,
        /// It speaks of SPNs, as every count line does.
        of_spns: bool,
    },
    /// A line with an error code.
    Error(u32),
    /// Something indented that is neither an SPN nor a name.
    Indented(String),
    /// A sentence.
    Sentence(Sentence),
}

/// A distinguished name inside a line: what stands before it, the name, what stands after it.
pub(super) fn around_dn(text: &str) -> Option<(&str, &str, &str)> {
    let start = ["CN=", "OU=", "DC="]
        .iter()
        .flat_map(|attribute| text.match_indices(attribute).map(|(at, _)| at))
        .filter(|at| {
            text.get(..*at)
                .and_then(|before| before.chars().next_back())
                .is_none_or(|before| !before.is_ascii_alphanumeric())
        })
        .min()?;
    let (before, from) = text.split_at_checked(start)?;
    let last = from.rfind("DC=")?;
    let label = from.get(last.checked_add(3)?..)?;
    let ascii = label.starts_with(|letter: char| letter.is_ascii());
    let stays = |letter: &char| {
        letter.is_ascii_alphanumeric()
            || matches!(letter, '-' | '_')
            || (!ascii && letter.is_alphanumeric())
    };
    let length: usize = label.chars().take_while(stays).map(char::len_utf8).sum();
    let (dn, after) = from.split_at_checked(last.checked_add(3)?.checked_add(length)?)?;
    (length > 0 && is_dn(dn)).then_some((before, dn, after))
}

/// Whether every part of a name says what it is, as all do that the directory prints: of one that was damaged it cannot be told
/// whose name it was.
fn is_dn(name: &str) -> bool {
    const TYPES: [&str; 8] = ["CN", "OU", "DC", "O", "L", "ST", "C", "UID"];
    let mut escaped = false;
    let mut parts = name.split(|letter: char| {
        let parts = letter == ',' && !escaped;
        escaped = letter == '\\' && !escaped;
        parts
    });
    !name.contains(char::is_control)
        && parts.all(|part| {
            let typed = part.split_once('=');
            typed.is_some_and(|(kind, _)| TYPES.iter().any(|t| t.eq_ignore_ascii_case(kind.trim())))
        })
}

/// `DC=corp,DC=example` → `corp.example`.
fn dns_of(naming_context: &str) -> String {
    let labels: Vec<&str> = naming_context
        .split(',')
        .filter_map(|part| part.trim().strip_prefix("DC="))
        .collect();
    labels.join(".").to_lowercase()
}

pub(super) fn indented(text: &str) -> bool {
    text.starts_with([' ', '\t', '\u{a0}'])
}

/// The text without the indentation and the padding of the console. Invisible characters inside stay: they are what
/// makes an SPN not match.
pub(super) fn trimmed(text: &str) -> &str {
    let text = text.trim_matches([' ', '\t']);
    if text.starts_with('\u{a0}') && text.trim_start_matches('\u{a0}').starts_with([' ', '\t']) {
        return text.trim_start_matches(['\u{a0}', ' ', '\t']);
    }
    text
}

/// The first word, when it has the shape `class/name`.
pub(super) fn leading_spn(text: &str) -> Option<&str> {
    let word = text.split([' ', '\t']).next()?;
    let (class, name) = word.split_once('/')?;
    (!class.trim_matches('"').is_empty() && !name.is_empty()).then_some(word)
}

fn whole_dn(text: &str) -> Option<&str> {
    let (before, dn, after) = around_dn(text)?;
    (before.is_empty() && after.is_empty()).then_some(dn)
}

/// The error code of a line, outside any distinguished name: the eight-digit one where several stand there (setspn
/// prints an LDAP code and then the Win32 code that it stands for), else the first.
pub(super) fn error_code(text: &str) -> Option<u32> {
    let outside = match around_dn(text) {
        Some((before, _, after)) => format!("{before} {after}"),
        None => text.to_owned(),
    };
    let mut first = None;
    for (at, _) in outside.match_indices("0x") {
        let digits: String = outside
            .get(at.saturating_add(2)..)
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_hexdigit)
            .collect();
        let Some(code) = (digits.len() <= 8)
            .then(|| u32::from_str_radix(&digits, 16).ok())
            .flatten()
        else {
            continue;
        };
        if digits.len() == 8 {
            return Some(code);
        }
        first.get_or_insert(code);
    }
    first
}

const FOREST_WORDS: &[&str] = &[
    "forest",
    "forêt",
    "gesamtstruktur",
    "bosque",
    "floresta",
    "лес",
    "林",
    "フォレスト",
];

/// Classifies one row; `next` is the next row that is not blank.
pub(super) fn classify(text: &str, next: Option<&str>) -> Shape {
    let inner = trimmed(text);
    if inner.is_empty() {
        return Shape::Blank;
    }
    let indented = indented(text);
    if let Some(dn) = whole_dn(inner) {
        return if indented {
            Shape::Member(dn.to_owned())
        } else {
            Shape::Dn(dn.to_owned())
        };
    }
    if let Some(spn) = group(inner, indented, next) {
        return Shape::Group(spn);
    }
    if leading_spn(inner).is_some() && (indented || !inner.contains([' ', '\t'])) {
        return Shape::Spn(inner.to_owned());
    }
    if let Some(code) = error_code(inner) {
        return Shape::Error(code);
    }
    if let Some((before, dn, after)) = around_dn(inner) {
        return sentence_about(before, dn, after);
    }
    let sentence = known(inner);
    if sentence == Sentence::Other {
        if indented {
            return Shape::Indented(inner.to_owned());
        }
        if let Some(number) = number(inner) {
            return number;
        }
    }
    Shape::Sentence(sentence)
}

fn group(inner: &str, indented: bool, next: Option<&str>) -> Option<String> {
    let next = next?;
    let next_inner = trimmed(next);
    if whole_dn(next_inner).is_none() || around_dn(inner).is_some() {
        return None;
    }
    let introduces = inner.ends_with([':', '：']) && inner.contains([' ', '\t']);
    let stands_out = !indented && self::indented(next);
    if !introduces && !stands_out {
        return None;
    }
    if let Some((spn, _)) = inner.split_once(" is registered on these accounts") {
        return Some(spn.to_owned());
    }
    inner
        .split([' ', '\t'])
        .find(|word| leading_spn(word).is_some())
        .map(|word| word.trim_end_matches([':', '：']).to_owned())
}

fn sentence_about(before: &str, dn: &str, after: &str) -> Shape {
    let words = format!("{before} {after}").to_lowercase();
    let heading = heading(&words, after);
    if before.ends_with(',') || (dn.starts_with("DC=") && heading == Heading::List) {
        // The rest of a name that was wrapped: to read it as a name of its own would invent an object.
        return Shape::Sentence(Sentence::Other);
    }
    if dn.starts_with("DC=") {
        return Shape::Check {
            dns: dns_of(dn),
            forest: FOREST_WORDS.iter().any(|word| words.contains(word)),
        };
    }
    Shape::Header {
        heading,
        dn: dn.to_owned(),
        spn: before
            .split([' ', '\t'])
            .find(|word| leading_spn(word).is_some())
            .map(str::to_owned),
    }
}

/// What a header announces, from its words in lower case and what follows the name in it.
fn heading(words: &str, after: &str) -> Heading {
    if after.trim_end().ends_with([':', '：']) || words.starts_with("registered spns for ") {
        return Heading::List;
    }
    change(words)
}

/// Adding or removing, by the words known.
pub(super) fn change(words: &str) -> Heading {
    let words = words.to_lowercase();
    let has = |known: &[&str]| known.iter().any(|word| words.contains(word));
    if has(&["unregister", "解除", "取消注册"]) {
        Heading::Remove
    } else if has(&["registering ", "werden registriert", "注册", "登録"]) {
        Heading::Add
    } else {
        Heading::Change
    }
}

pub(super) fn known(inner: &str) -> Sentence {
    let words = inner.to_lowercase();
    let has = |known: &[&str]| known.iter().any(|word| words.contains(word));
    for lead in ["could not find account ", "unable to locate account "] {
        if words.starts_with(lead) {
            let name = inner.get(lead.len()..).unwrap_or_default();
            return Sentence::AccountMissing(name.trim().to_owned());
        }
    }
    if has(&[
        "existing spn found",
        "发现存在 spn",
        "既存の spn が見つかりました",
    ]) {
        Sentence::Found
    } else if has(&["no such spn found", "такое spn не найдено"]) {
        Sentence::NotFound
    } else if has(&["duplicate spn found, aborting"]) {
        Sentence::DuplicateRefused
    } else if has(&[
        "updated object",
        "aktualisiertes objekt",
        "更新的对象",
        "更新されたオブジェクト",
    ]) {
        Sentence::Updated
    } else if has(&["performed forestwide"]) {
        Sentence::Forestwide
    } else {
        Sentence::Other
    }
}

fn number(inner: &str) -> Option<Shape> {
    if inner.contains(['/', '=']) {
        return None;
    }
    let mut runs = inner
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|run| !run.is_empty());
    let digits = runs.next()?;
    if runs.next().is_some() {
        return None;
    }
    let value = digits.parse().ok()?;
    let (_, after) = inner.split_once(digits)?;
    Some(Shape::Number {
        value,
        words_follow: after.chars().any(char::is_alphabetic),
        of_spns: speaks_of_spns(inner),
    })
}

/// "SPN" is the one word that no translation of the closing sentences drops.
pub(super) fn speaks_of_spns(text: &str) -> bool {
    text.contains("SPN") || text.contains("ServicePrincipalName")
}
