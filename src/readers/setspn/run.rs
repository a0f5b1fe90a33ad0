//! One run of setspn, put together row by row.
//!
//! The echoed command says what was asked; where there is none, or where the output contradicts it, the shapes that
//! were met decide. A run closes only what its last line proves: see `outcome`.

mod outcome;

use super::shape::{Heading, Sentence, Shape, change, speaks_of_spns};
use super::switches::Asked;
use super::wrap::Row;
use super::{Holder, Mode};
use crate::evidence::{ArtifactId, Citation, Cited};

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
pub(super) struct Building {
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
    /// Lines stood there that meant nothing.
    foreign: bool,
    /// One of them may have been part of the answer: the lists that were read may not be whole.
    lost: bool,
}

impl Building {
    /// A run that has not seen any output yet.
    pub(super) fn new(
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
            foreign: false,
            lost: false,
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
    pub(super) fn closes_before(&self, shape: &Shape) -> bool {
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
    pub(super) fn take(&mut self, row: &Row<'_>, shape: Shape) -> bool {
        let from = Citation::line(self.artifact, row.line.number, &row.text);
        let after_spn = std::mem::take(&mut self.after_spn);
        let after_error = std::mem::take(&mut self.after_error);
        let in_answer = after_spn || matches!(shape, Shape::Spn(_));
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
            Shape::Indented(_) if self.in_wrapped_header() => {
                self.take_unknown_sentence(after_error, row, &from)
            }
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
        } else {
            self.foreign = true;
            self.lost |= in_answer && self.end.is_none();
        }
        understood
    }

    /// A header of `-S`, `-A`, `-D`, `-R` with nothing under it yet; values there always have a slash.
    fn in_wrapped_header(&self) -> bool {
        let bare = |(_, object): &(Heading, Holder)| object.spns.is_empty();
        self.open == Open::Change && self.change.as_ref().is_some_and(bare)
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
            // Nothing stands between what is searched and this; where something did, it was damaged.
            if self.foreign {
                return false;
            }
            Sentence::NotFound
        } else if matches!(self.asked_mode(), Some(Mode::Add | Mode::AddUnchecked)) {
            Sentence::DuplicateRefused
        } else {
            Sentence::Found
        };
        self.end = Some((sentence, from.clone()));
        true
    }
}
