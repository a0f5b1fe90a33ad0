//! What a finished run of setspn proves: its mode, how far it searched, and how it ended.
//!
//! A run closes only what its last line proves. A search without its closing sentence, a count that does not match what
//! stands above it, and output that went through a filter end as [`Outcome::Truncated`]: nothing may be concluded from
//! what is not there.

use super::Building;
use crate::evidence::{Citation, Cited};
use crate::readers::setspn::shape::{Heading, Sentence};
use crate::readers::setspn::switches::Asked;
use crate::readers::setspn::{Mode, Outcome, Scope, SetspnRun};

/// 8647, ERROR_DS_SPN_VALUE_NOT_UNIQUE_IN_FOREST.
const NOT_UNIQUE: u32 = 0x21c7;

impl Building {
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
    pub(crate) fn finish(mut self) -> (Option<SetspnRun>, Option<String>) {
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
            // Lines that a filter let through, without what they belong to.
            let cut = self.filtered && self.foreign;
            let outcome = if cut {
                Outcome::Truncated
            } else {
                Outcome::NotCaptured
            };
            return (outcome, None, None);
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
            (Mode::List, _) if self.listed && !self.filtered && !self.lost => {
                (Outcome::Listed, None, None)
            }
            (Mode::Query, Some((Sentence::NotFound, from))) if self.holders.is_empty() => {
                // SPNs whose holder cannot be read are no proof that there is none.
                if self.lost || (self.filtered && several) {
                    (Outcome::Truncated, None, None)
                } else {
                    (Outcome::NotFound, Some(from), None)
                }
            }
            (Mode::Query, Some((Sentence::Found | Sentence::NotFound, from)))
                if !self.holders.is_empty() && !self.filtered && !self.lost =>
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
