//! Endpoints that one fix repairs. There is always one at least, so that a finding has something to be named after.

use std::ops::Deref;

use super::view::View;

/// Endpoints that one fix repairs.
pub struct Group<'s, 'a> {
    /// The one that a finding is named after.
    pub first: &'s View<'a>,
    views: Vec<&'s View<'a>>,
}

impl<'s, 'a> Group<'s, 'a> {
    /// The group of these endpoints; `None` of none.
    pub(super) fn of(views: Vec<&'s View<'a>>) -> Option<Self> {
        Some(Self {
            first: views.first().copied()?,
            views,
        })
    }

    /// The first of its applications, as `Site` or `Site/app`, in the order of their names.
    pub(super) fn location(&self) -> String {
        let locations = self.iter().map(|v| v.endpoint.location());
        locations.min().unwrap_or_default()
    }
}

impl<'s, 'a> Deref for Group<'s, 'a> {
    type Target = [&'s View<'a>];
    fn deref(&self) -> &Self::Target {
        &self.views
    }
}

impl<'s, 'a> IntoIterator for Group<'s, 'a> {
    type Item = &'s View<'a>;
    type IntoIter = std::vec::IntoIter<Self::Item>;
    fn into_iter(self) -> Self::IntoIter {
        self.views.into_iter()
    }
}
