//! Values that carry their citations, and the three values of a fact: present, absent, unknown.

use std::ops::Deref;

use super::Citation;

/// A value together with the places it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited<T> {
    /// The value.
    pub value: T,
    /// Where it was read; never empty for a fact of the bundle.
    pub from: Vec<Citation>,
}

impl<T> Cited<T> {
    /// A value read from one place.
    pub fn new(value: T, from: Citation) -> Self {
        Self {
            value,
            from: vec![from],
        }
    }

    /// The same citations under another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Cited<U> {
        Cited {
            value: f(self.value),
            from: self.from,
        }
    }
}

impl<T> Deref for Cited<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// A fact with three values. "No evidence of it" is [`Known::Unknown`], never [`Known::Absent`]: absence needs a
/// citation of the output that searched for it and did not find it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Known<T> {
    /// It is there, and this is it.
    Present(Cited<T>),
    /// It was looked for and is not there; the citations show the search.
    Absent(Vec<Citation>),
    /// The bundle does not say.
    #[default]
    Unknown,
}

impl<T> Known<T> {
    /// The value, where it is known to be present.
    pub fn present(&self) -> Option<&Cited<T>> {
        match self {
            Known::Present(cited) => Some(cited),
            _ => None,
        }
    }

    /// The same fact under another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Present(cited) => Known::Present(cited.map(f)),
            Known::Absent(from) => Known::Absent(from),
            Known::Unknown => Known::Unknown,
        }
    }

    /// True only when absence has been shown.
    pub fn is_absent(&self) -> bool {
        matches!(self, Known::Absent(_))
    }

    /// True when the bundle does not say.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Known::Unknown)
    }
}

impl Known<bool> {
    /// Whether it is shown to be so.
    pub fn is_true(&self) -> bool {
        self.present().is_some_and(|known| known.value)
    }

    /// Whether it is shown not to be so.
    pub fn is_false(&self) -> bool {
        self.present().is_some_and(|known| !known.value)
    }
}
