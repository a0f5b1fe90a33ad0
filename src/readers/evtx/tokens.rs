//! The tokens of binary XML, as they stand in a chunk: nothing is copied, nothing is decoded.
//!
//! Records of forwarded events have no template: they are one whole element, written as a definition without
//! substitutions. The one difference in their bytes is that only definitions have a dependency id in their start tags.

use super::cursor::{Broken, Cursor};

/// The two ways in which an element is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// In a template definition: start tags have a dependency id.
    Definition,
    /// In a record itself.
    Record,
}

/// A token. Names and texts are UTF-16LE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<B> {
    /// `<name`
    Open(B),
    /// ` name=`
    Attribute(B),
    /// `>`
    Opened,
    /// `/>`
    Empty,
    /// `</name>`
    Close,
    /// Characters, of text or of a CDATA section.
    Text(B),
    /// `&#n;`
    Character(u16),
    /// `&name;`
    Entity(B),
    /// A value of the record.
    Value(u16),
    /// What says nothing: processing instructions, heads of fragments.
    Nothing,
    /// The end of the fragment.
    End,
}

impl<'a> Token<&'a [u8]> {
    /// The token at the cursor.
    pub(super) fn read(cursor: &mut Cursor<'a>, dialect: Dialect) -> Result<Self, Broken> {
        let token = cursor.u8()?;
        // The high bit 0x40 says that more of the same kind follows; the tokens themselves tell that, too.
        Ok(match token & !0x40 {
            0x00 => Self::End,
            0x01 => {
                if dialect == Dialect::Definition {
                    cursor.u16()?;
                }
                cursor.u32()?; // size of the element
                let name = cursor.name()?;
                if token & 0x40 != 0 {
                    cursor.u32()?; // size of the attributes
                }
                Self::Open(name)
            }
            0x02 => Self::Opened,
            0x03 => Self::Empty,
            0x04 => Self::Close,
            0x05 => match cursor.u8()? {
                0x01 => Self::Text(cursor.counted_utf16()?),
                _ => return Err(Broken("its template has a literal that is not text")),
            },
            0x06 => Self::Attribute(cursor.name()?),
            0x07 => Self::Text(cursor.counted_utf16()?),
            0x08 => Self::Character(cursor.u16()?),
            0x09 => Self::Entity(cursor.name()?),
            0x0a => {
                cursor.name()?;
                Self::Nothing
            }
            0x0b => {
                cursor.counted_utf16()?;
                Self::Nothing
            }
            0x0d | 0x0e => {
                let value = cursor.u16()?;
                cursor.u8()?; // its type, which the record says as well
                Self::Value(value)
            }
            0x0f => {
                cursor.take(3)?; // version and flags
                Self::Nothing
            }
            _ => {
                return Err(Broken(
                    "its template has a token that binary XML does not know",
                ));
            }
        })
    }

    /// What reading it costs: it may have a name or text of any length.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Open(bytes)
            | Self::Attribute(bytes)
            | Self::Text(bytes)
            | Self::Entity(bytes) => 1 + bytes.len(),
            _ => 1,
        }
    }
}
