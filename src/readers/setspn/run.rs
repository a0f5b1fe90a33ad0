//! One run of setspn, put together row by row.
//!
//! The echoed command says what was asked; where there is none, or where the output contradicts it, the shapes that
//! were met decide. A run closes only what its last line proves: see [`Outcome`].

use super::shape::{Heading, Row, Sentence, Shape, change, speaks_of_spns};
use super::switches::Asked;
use super::{Holder, Mode, Outcome, Scope, SetspnRun};
use crate::evidence::{ArtifactId, Citation, Cited};

/// 8647, ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST.
const NOT_UNIQUE: u32 = 0x21c7;

/// Where the next SPN belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Nothing,
    Holder,
    Change,
    Group,
}

/// An integer line, kept until the end of the run shows which one is the count.
#[derive(Debug)]
struct Counted {
    value: u64,
    words_follow: bool,
    of_spns: bool,
    /// The line without its digits: lines of progress share it.
    words: String,
    from: Citation,
}

/// A run while its rows come in.
#[derive(Debug)]
pub struct Building {
    artifact: ArtifactId,
    asked: Option<Asked>,
    filtered: bool,
    echo: Option<Citation>,
    host: Option<String>,
    first: Option<Citation>,
    checks: Vec<(String, bool)>,
    forestwide: bool,
    holders: Vec<Holder>,
    listed: bool,
    change: Option<(Heading, Holder)>,
    group: Option<Cited<String>>,
    groups: u64,
    numbers: Vec<Counted>,
    error: Option<(u32, Citation)>,
    missing: Option<(String, Citation)>,
    end: Option<(Sentence, Citation)>,
    open: Open,
    after_spn: bool,
    after_error: bool,
}

impl Building {
    /// A run that has not seen any output yet.
    pub fn new(
        artifact: ArtifactId,
        asked: Option<Asked>,
        filtered: bool,
        echo: Option<Citation>,
        host: Option<String>,
    ) -> Self {
        Self {
            artifact,
            asked,
            filtered,
            echo,
            host,
            first: None,
            checks: Vec::new(),
            forestwide: false,
            holders: Vec::new(),
            listed: false,
            change: None,
            group: None,
            groups: 0,
            numbers: Vec::new(),
            error: None,
            missing: None,
            end: None,
            open: Open::Nothing,
            after_spn: false,
            after_error: false,
        }
    }

    fn asked_mode(&self) -> Option<Mode> {
        self.asked.as_ref().and_then(|asked| asked.mode)
    }

    fn asked_change(&self) -> bool {
        matches!(
            self.asked_mode(),
            Some(Mode::Add | Mode::AddUnchecked | Mode::Delete | Mode::Reset)
        )
    }

    fn counted(&self) -> bool {
        self.numbers.iter().any(|number| number.of_spns)
    }

    /// True when this row cannot belong to the run any more, because it opens the next one.
    pub fn closes_before(&self, shape: &Shape) -> bool {
        if self.first.is_none() {
            return false;
        }
        let several = self.asked.as_ref().is_some_and(Asked::several_domains);
        let over = self.end.is_some() || self.counted();
        match shape {
            Shape::Check { .. } => !several,
            Shape::Header { heading, .. } => {
                if *heading == Heading::List && !self.asked_change() {
                    return true;
                }
                self.change.is_some()
                    || self.listed
                    || over
                    || !self.holders.is_empty()
                    || self.error.is_some()
            }
            Shape::Dn(_) => (over && !several) || self.listed || self.change.is_some(),
            Shape::Error(_) => over || self.listed || self.error.is_some(),
            Shape::Group(_) => over || self.listed || self.change.is_some(),
            Shape::Number { of_spns, .. } => {
                self.counted() && (*of_spns || self.numbers.len() > 1) && self.end.is_none()
            }
            _ => false,
        }
    }

    /// Takes a row. False when the row means nothing here.
    pub fn take(&mut self, row: &Row<'_>, shape: Shape) -> bool {
        let from = Citation::line(self.artifact, row.line.number, &row.text);
        let after_spn = std::mem::take(&mut self.after_spn);
        let after_error = std::mem::take(&mut self.after_error);
        let understood = match shape {
            Shape::Blank => {
                self.after_error = after_error;
                return true;
            }
            Shape::Check { dns, forest } => {
                self.checks.push((dns, forest));
                self.open = Open::Nothing;
                self.after_spn = false;
                true
            }
            Shape::Header { heading, dn, spn } => {
                self.take_header(heading, dn, spn, &from);
                true
            }
            Shape::Dn(dn) | Shape::Member(dn) => self.take_object(dn, &from),
            Shape::Group(spn) => {
                self.groups = self.groups.saturating_add(1);
                self.group = Some(Cited::new(spn, from.clone()));
                self.open = Open::Group;
                true
            }
            Shape::Spn(spn) => self.take_spn(spn, &from),
            // A value without a slash is no SPN, but the directory holds it all the same.
            Shape::Indented(value) => after_spn && self.take_spn(value, &from),
            Shape::Number {
                value,
                words_follow,
                of_spns,
            } => self.take_number(value, words_follow, of_spns, row, &from),
            Shape::Error(code) => {
                self.open = Open::Nothing;
                self.after_error = true;
                if self.error.is_none() {
                    self.error = Some((code, from.clone()));
                }
                true
            }
            Shape::Sentence(sentence) => self.take_sentence(sentence, after_error, row, &from),
        };
        if understood {
            self.first.get_or_insert(from);
        }
        understood
    }

    fn take_header(&mut self, heading: Heading, dn: String, spn: Option<String>, from: &Citation) {
        let mut holder = Holder {
            dn: Cited::new(dn, from.clone()),
            spns: Vec::new(),
        };
        self.after_spn = true;
        if heading == Heading::List && !self.asked_change() {
            self.listed = true;
            self.holders.push(holder);
            self.open = Open::Holder;
        } else {
            holder
                .spns
                .extend(spn.map(|spn| Cited::new(spn, from.clone())));
            self.change = Some((heading, holder));
            self.open = Open::Change;
        }
    }

    fn take_object(&mut self, dn: String, from: &Citation) -> bool {
        let dn = Cited::new(dn, from.clone());
        if self.open == Open::Group {
            let spns = self.group.iter().cloned().collect();
            self.holders.push(Holder { dn, spns });
            return true;
        }
        if self.listed || self.change.is_some() || self.counted() {
            return false;
        }
        self.holders.push(Holder {
            dn,
            spns: Vec::new(),
        });
        self.open = Open::Holder;
        self.after_spn = true;
        true
    }

    fn take_spn(&mut self, spn: String, from: &Citation) -> bool {
        let object = match self.open {
            Open::Holder => self.holders.last_mut(),
            Open::Change => self.change.as_mut().map(|(_, object)| object),
            Open::Group | Open::Nothing => None,
        };
        let Some(object) = object else {
            return false;
        };
        object.spns.push(Cited::new(spn, from.clone()));
        self.after_spn = true;
        true
    }

    fn take_number(
        &mut self,
        value: u64,
        words_follow: bool,
        of_spns: bool,
        row: &Row<'_>,
        from: &Citation,
    ) -> bool {
        let searches = self.asked_mode() == Some(Mode::Duplicates)
            || self.groups > 0
            || !self.numbers.is_empty()
            || (self.holders.is_empty()
                && self.change.is_none()
                && (of_spns || !self.checks.is_empty()))
            || row.text.starts_with("Processing entry ");
        if !searches || self.end.is_some() || self.counted() {
            return false;
        }
        self.open = Open::Nothing;
        self.numbers.push(Counted {
            value,
            words_follow,
            of_spns,
            words: row
                .text
                .chars()
                .filter(|letter| !letter.is_ascii_digit())
                .collect(),
            from: from.clone(),
        });
        true
    }

    fn take_sentence(
        &mut self,
        sentence: Sentence,
        after_error: bool,
        row: &Row<'_>,
        from: &Citation,
    ) -> bool {
        match sentence {
            Sentence::Forestwide => self.forestwide = true,
            Sentence::AccountMissing(name) => self.missing = Some((name, from.clone())),
            Sentence::Other => return self.take_unknown_sentence(after_error, row, from),
            known => {
                self.open = Open::Nothing;
                self.end = Some((known, from.clone()));
            }
        }
        true
    }

    /// A sentence in a language whose words are not known, judged by what stands before it.
    fn take_unknown_sentence(&mut self, after_error: bool, row: &Row<'_>, from: &Citation) -> bool {
        if after_error {
            return true; // the second half of an error
        }
        let open = std::mem::replace(&mut self.open, Open::Nothing);
        if let (Open::Change, Some((heading, object))) = (open, &mut self.change) {
            if object.spns.is_empty() {
                // The rest of a wrapped header.
                if *heading == Heading::Change {
                    *heading = change(&row.text);
                }
                self.open = Open::Change;
                return true;
            }
            if !speaks_of_spns(&row.text) && self.end.is_none() {
                self.end = Some((Sentence::Updated, from.clone()));
                return true;
            }
            return false;
        }
        let searched = !self.checks.is_empty()
            && !self.listed
            && self.change.is_none()
            && self.numbers.is_empty();
        if !searched || !speaks_of_spns(&row.text) || (self.end.is_some() && self.checks.len() < 2)
        {
            return false;
        }
        let sentence = if self.holders.is_empty() {
            Sentence::NotFound
        } else if matches!(self.asked_mode(), Some(Mode::Add | Mode::AddUnchecked)) {
            Sentence::DuplicateRefused
        } else {
            Sentence::Found
        };
        self.end = Some((sentence, from.clone()));
        true
    }

    /// What the shapes alone say that was asked.
    fn shown_mode(&self) -> Option<Mode> {
        if self.listed {
            return Some(Mode::List);
        }
        if let Some((heading, object)) = &self.change {
            return match heading {
                Heading::Remove => Some(Mode::Delete),
                _ if !self.checks.is_empty() => Some(Mode::Add),
                Heading::Add => {
                    let host = |spn: &Cited<String>| spn.to_ascii_uppercase().starts_with("HOST/");
                    let reset = object.spns.len() > 1 && object.spns.iter().all(host);
                    Some(if reset {
                        Mode::Reset
                    } else {
                        Mode::AddUnchecked
                    })
                }
                Heading::Change | Heading::List => None,
            };
        }
        if self.groups > 0 || !self.numbers.is_empty() || self.forestwide {
            return Some(Mode::Duplicates);
        }
        if matches!(self.end, Some((Sentence::DuplicateRefused, _))) {
            return Some(Mode::Add);
        }
        if !self.checks.is_empty() || !self.holders.is_empty() || self.end.is_some() {
            return Some(Mode::Query);
        }
        (self.error.is_some() || self.missing.is_some()).then_some(Mode::List)
    }

    /// True when the output can be that of this mode.
    fn fits(&self, mode: Mode) -> bool {
        let duplicates = self.groups > 0 || !self.numbers.is_empty();
        match mode {
            Mode::List => {
                self.change.is_none() && self.checks.is_empty() && !duplicates && self.end.is_none()
            }
            Mode::Query => self.change.is_none() && !self.listed && !duplicates,
            Mode::Duplicates => {
                self.change.is_none() && !self.listed && (duplicates || self.holders.is_empty())
            }
            Mode::Add | Mode::AddUnchecked | Mode::Delete | Mode::Reset => {
                !self.listed && !duplicates
            }
        }
    }

    /// Ends the run. `None` where nothing says what was done; the second value names what is wrong with it.
    pub fn finish(mut self) -> (Option<SetspnRun>, Option<String>) {
        let fitting = self
            .asked_mode()
            .filter(|mode| self.first.is_none() || self.fits(*mode));
        let (mode, contradicted) = match fitting {
            Some(mode) => (Some(mode), false),
            None => (self.shown_mode(), self.asked_mode().is_some()),
        };
        let Some(from) = self.echo.clone().or_else(|| self.first.clone()) else {
            return (None, None);
        };
        let Some(mode) = mode else {
            let says = self.change.is_some().then(|| {
                "cannot tell whether SPNs were added or removed here; the run was skipped"
                    .to_owned()
            });
            return (None, says);
        };
        let asked = self.asked.take().filter(|_| !contradicted);
        let scopes = self.scopes(mode, asked.as_ref());
        let (outcome, ended, says) = self.outcome(mode, asked.as_ref());
        let says = if contradicted {
            Some("the output is not that of the command above it; its shape was trusted".to_owned())
        } else {
            says
        };
        let (mut target, account) = match asked {
            Some(asked) => (asked.target, asked.account),
            None => (None, None),
        };
        if let (Mode::List, None, Some((name, _))) = (mode, &target, &self.missing) {
            target = Some(name.clone()).filter(|name| !name.is_empty());
        }
        let change = self.change.map(|(_, object)| object);
        let adds = matches!(mode, Mode::Add | Mode::AddUnchecked | Mode::Reset);
        if adds && outcome == Outcome::Updated {
            self.holders.extend(change.clone());
        }
        let run = SetspnRun {
            mode,
            target,
            account,
            scopes,
            holders: self.holders,
            change,
            outcome,
            from,
            ended,
            host: self.host,
        };
        (Some(run), says)
    }

    fn scopes(&self, mode: Mode, asked: Option<&Asked>) -> Vec<Scope> {
        if mode == Mode::List {
            return vec![Scope::Account];
        }
        let forest = self.forestwide || asked.is_some_and(|asked| asked.forest);
        let named = |dns: &str, by_words: bool| {
            if forest || by_words {
                Scope::Forest(dns.to_lowercase())
            } else {
                Scope::Domain(dns.to_lowercase())
            }
        };
        let checked: Vec<Scope> = self
            .checks
            .iter()
            .map(|(dns, by_words)| named(dns, *by_words))
            .collect();
        if !checked.is_empty() || !matches!(mode, Mode::Query | Mode::Duplicates) {
            return checked;
        }
        let typed: Vec<Scope> = asked
            .into_iter()
            .flat_map(|asked| &asked.domains)
            .map(|domain| {
                if domain.contains('.') {
                    named(domain, false)
                } else {
                    Scope::Unknown
                }
            })
            .collect();
        if typed.is_empty() {
            vec![Scope::Unknown]
        } else {
            typed
        }
    }

    fn outcome(
        &self,
        mode: Mode,
        asked: Option<&Asked>,
    ) -> (Outcome, Option<Citation>, Option<String>) {
        if let Some((code, from)) = &self.error {
            let adds = matches!(mode, Mode::Add | Mode::AddUnchecked);
            let outcome = if *code == NOT_UNIQUE && adds {
                Outcome::RefusedDuplicate
            } else {
                Outcome::Failed(*code)
            };
            return (outcome, Some(from.clone()), None);
        }
        if let Some((_, from)) = &self.missing {
            let says =
                "the account was not found, but the code that says why is missing".to_owned();
            return (Outcome::NotCaptured, Some(from.clone()), Some(says));
        }
        if self.first.is_none() {
            return (Outcome::NotCaptured, None, None);
        }
        if mode == Mode::Duplicates {
            return self.duplicates();
        }
        let several = asked.is_some_and(Asked::several_domains);
        let end = self
            .end
            .as_ref()
            .map(|(sentence, from)| (sentence, from.clone()));
        match (mode, end) {
            (Mode::List, _) if self.listed && !self.filtered => (Outcome::Listed, None, None),
            (Mode::Query, Some((Sentence::NotFound, from))) if self.holders.is_empty() => {
                if self.filtered && several {
                    (Outcome::Truncated, None, None)
                } else {
                    (Outcome::NotFound, Some(from), None)
                }
            }
            (Mode::Query, Some((Sentence::Found | Sentence::NotFound, from)))
                if !self.holders.is_empty() && !self.filtered =>
            {
                (Outcome::Found, Some(from), None)
            }
            (Mode::Add | Mode::AddUnchecked, Some((Sentence::DuplicateRefused, from))) => {
                (Outcome::RefusedDuplicate, Some(from), None)
            }
            (
                Mode::Add | Mode::AddUnchecked | Mode::Delete | Mode::Reset,
                Some((Sentence::Updated, from)),
            ) => (Outcome::Updated, Some(from), None),
            _ => (Outcome::Truncated, None, None),
        }
    }

    /// The count line of `-X` is the proof that it finished: without it nothing may be concluded.
    fn duplicates(&self) -> (Outcome, Option<Citation>, Option<String>) {
        let count = self.numbers.last().filter(|last| {
            last.of_spns
                || (last.words_follow
                    && self
                        .numbers
                        .iter()
                        .any(|earlier| earlier.words != last.words))
        });
        match count {
            Some(count) if count.value == self.groups => (
                Outcome::DuplicateGroups(self.groups),
                Some(count.from.clone()),
                None,
            ),
            Some(count) => {
                let says = format!(
                    "{} groups of duplicate SPNs are announced, {} stand there; the run counts as cut",
                    count.value, self.groups
                );
                (Outcome::Truncated, None, (!self.filtered).then_some(says))
            }
            None => (Outcome::Truncated, None, None),
        }
    }
}
