//! What is counted of a record, read where it stands: most records lay out their values as the last of their definition did,
//! and all that tells one from the other are its numbers.

use std::ops::Range;

use super::chunk::Place;
use super::cursor::Cursor;
use super::names::Name;
use super::record::Head;
use super::shown::filetime;
use super::template::{Shared, Template};
use super::values::{Descriptor, Values, unsigned};

/// A record before its values are laid out.
pub(super) struct Glance<'r> {
    pub(super) place: &'r Place,
    /// Its definition, where that is one of the last.
    pub(super) template: Option<&'r Template>,
    /// At the values.
    pub(super) cursor: Cursor<'r>,
}

impl Glance<'_> {
    /// The event's id, by the value that its definition has for it.
    pub(super) fn id(&self) -> Option<u32> {
        let id = self.template?.parts.id.as_ref()?.value()?;
        let id = Values::peek(&mut self.cursor.clone(), id)?;
        u32::try_from(id).ok()
    }

    /// What is counted of it; `None` where it is not like the last of its definition.
    pub(super) fn head(&self) -> Option<Head> {
        let template = self.template?;
        let heading = template.heading.borrow();
        heading.as_ref()?.head(template, self.cursor.clone())
    }
}

/// Where the values of a record stand of which its head is made.
#[derive(Debug)]
pub(super) struct Heading {
    /// Sizes and types of its values, up to the last of these.
    table: Vec<Descriptor>,
    id: Range<usize>,
    record_id: Range<usize>,
    time: Range<usize>,
    /// Of the names that [`Template::shared`] has; `None` where it is no UTF-16 value.
    names: [Option<Range<usize>>; 4],
}

impl Heading {
    /// That of a record; `None` where it is not made of values.
    pub(super) fn of(template: &Template, values: &Values<'_>) -> Option<Self> {
        let parts = &template.parts;
        let [id, record_id, time] =
            [&parts.id, &parts.record_id, &parts.time].map(|text| text.as_ref()?.value());
        let (id, record_id, time) = (id?, record_id?, time?);
        values.number(id).and(values.number(record_id))?;
        values.time(time)?;
        let names = template.shared().map(Shared::value);
        let all = names.into_iter().flatten().chain([id, record_id, time]);
        Some(Self {
            table: values.table_up_to(all.max()?)?.to_vec(),
            id: values.place(id)?,
            record_id: values.place(record_id)?,
            time: values.place(time)?,
            names: names
                .map(|name| name.filter(|n| values.utf16(*n).is_some()))
                .map(|name| values.place(name?)),
        })
    }

    /// The head of a record whose values are laid out in the same way; the cursor stands at their count.
    fn head(&self, template: &Template, mut cursor: Cursor<'_>) -> Option<Head> {
        let table = Values::table(&mut cursor).ok()?;
        if table.get(..self.table.len())? != self.table {
            return None;
        }
        let values = cursor.onward();
        let value = |place: &Range<usize>| values.get(place.clone());
        let number = |place| unsigned(value(place)?);
        let name =
            |name: &Shared, place: &Option<Range<usize>>| name.as_before(|| value(place.as_ref()?));
        let [provider, source, channel, computer] = template.shared();
        let [at_provider, at_source, at_channel, at_computer] = &self.names;
        let mut provider = name(provider, at_provider)?;
        if provider == Name::default() {
            provider = name(source, at_source)?;
        }
        Some(Head {
            provider,
            channel: name(channel, at_channel)?,
            computer: name(computer, at_computer)?,
            id: u32::try_from(number(&self.id)?).ok()?,
            record_id: number(&self.record_id)?,
            time: filetime(value(&self.time)?)?,
        })
    }
}
