//! A bounded walk over DER, for tokens that a stranger sent and a log may have cut.
//!
//! ```text
//! 60 82 06 cc  06 09 2a 86 48 …          tag, length in one to five bytes, content
//! ```
//!
//! Nothing here recurses, and no length is believed: an element that claims more bytes than there are gets those that
//! are there.

/// One element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    /// Its tag, which all of Kerberos and SPNEGO write in one byte.
    pub(super) tag: u8,
    /// Its content, as far as it is there.
    pub(super) content: &'a [u8],
    /// True when it claims more content than is there.
    pub(super) cut: bool,
}

/// Elements that stand one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

/// The elements in some bytes. Ends at the first that is none.
pub(super) fn elements(bytes: &[u8]) -> Elements<'_> {
    Elements { rest: bytes }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let (&tag, rest) = std::mem::take(&mut self.rest).split_first()?;
        if tag & 0x1F == 0x1F {
            return None; // a tag in several bytes
        }
        let (&first, mut rest) = rest.split_first()?;
        let length = match first {
            0..=0x7F => usize::from(first),
            // DER knows no indefinite length.
            0x81..=0x84 => {
                let (digits, after) = rest.split_at_checked(usize::from(first & 0x7F))?;
                rest = after;
                digits
                    .iter()
                    .fold(0usize, |sum, digit| (sum << 8) | usize::from(*digit))
            }
            _ => return None,
        };
        let cut = length > rest.len();
        let (content, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        self.rest = after;
        Some(Element { tag, content, cut })
    }
}

/// The content of the first element with this tag.
pub(super) fn find(bytes: &[u8], tag: u8) -> Option<&[u8]> {
    elements(bytes)
        .find(|element| element.tag == tag)
        .map(|element| element.content)
}

/// The content at the end of a path of tags, each inside the one before.
pub(super) fn at<'a>(bytes: &'a [u8], path: &[u8]) -> Option<&'a [u8]> {
    path.iter()
        .try_fold(bytes, |inside, tag| find(inside, *tag))
}

/// A number at the end of a path; `None` where it is negative, too big or not there.
pub(super) fn number(bytes: &[u8], path: &[u8]) -> Option<u32> {
    let digits = at(bytes, path)?;
    let significant = digits
        .iter()
        .position(|digit| *digit != 0)
        .map_or(&[][..], |first| digits.get(first..).unwrap_or_default());
    let negative = digits.first().is_none_or(|first| first & 0x80 != 0);
    (!negative && significant.len() <= 4).then(|| {
        significant
            .iter()
            .fold(0u32, |sum, digit| (sum << 8) | u32::from(*digit))
    })
}

/// Whether the first element claims more than there is.
pub(super) fn is_cut(bytes: &[u8]) -> bool {
    bytes
        .first()
        .is_some_and(|tag| matches!(tag, 0x60 | 0x6E | 0x6F | 0x7E | 0xA1))
        && elements(bytes).next().is_none_or(|element| element.cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_not_believed() {
        let cut = elements(&[0x30, 0x82, 0xFF, 0xFF, 1, 2]).next().unwrap();
        assert_eq!((cut.content, cut.cut), (&[1, 2][..], true));
        for none in [
            &[][..],
            &[0x30],
            &[0x30, 0x80, 0, 0],
            &[0x30, 0x89, 1],
            &[0x1F, 1, 0],
            &[0x30, 0x82, 1],
        ] {
            assert!(elements(none).next().is_none(), "{none:?}");
        }
        let two: Vec<u8> = elements(&[2, 1, 5, 4, 1, 9]).map(|e| e.tag).collect();
        assert_eq!(two, [2, 4]);
        assert_eq!(at(&[0x30, 3, 2, 1, 5], &[0x30, 2]), Some(&[5][..]));
    }

    #[test]
    fn numbers() {
        let number = |digits: &[u8]| {
            let mut bytes = vec![2, u8::try_from(digits.len()).unwrap()];
            bytes.extend_from_slice(digits);
            super::number(&bytes, &[2])
        };
        assert_eq!(number(&[18]), Some(18));
        assert_eq!(number(&[0, 0xFF, 0xFF, 0xFF, 0xFF]), Some(u32::MAX));
        assert_eq!(number(&[0]), Some(0));
        assert_eq!(number(&[0xFF]), None);
        assert_eq!(number(&[1, 0, 0, 0, 0]), None);
        assert_eq!(number(&[]), None);
    }
}
