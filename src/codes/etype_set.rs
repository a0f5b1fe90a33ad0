//! Sets of encryption types in every notation of events, as the bits of `msDS-SupportedEncryptionTypes`.
//!
//! ```text
//! 0x27 (DES, RC4, AES-Sk)                    4768, 4769: what an account may use, as the KDC worked it out
//! AES-SHA1, RC4                              4768, 4769: the keys that an account has
//! AES256-CTS-HMAC-SHA1-96 RC4-HMAC-NT        4768, 4769: what the client asked for, a name a line
//! 18  17  23  -133                           KDC 14, 16: numbers of RFC 3961, and Microsoft's own below zero
//! ```

use std::fmt;

/// A set of encryption types: bits of [`SUPPORTED_ETYPES`](super::SUPPORTED_ETYPES).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EtypeSet(u32);

impl EtypeSet {
    /// Every type.
    pub const ALL: Self = Self(0x1F);
    /// Both of DES.
    pub const DES: Self = Self(0x3);
    /// RC4.
    pub const RC4: Self = Self(0x4);
    /// Both of AES with SHA-1.
    pub const AES: Self = Self(0x18);

    /// The types among the bits of `msDS-SupportedEncryptionTypes`, without those of features. 0x20 asks for session keys of
    /// AES; that tickets cannot be AES then is documented nowhere, so it counts as AES256.
    pub const fn of_bits(bits: u32) -> Self {
        Self(bits & Self::ALL.0 | (bits & 0x20) >> 1)
    }

    /// The set of one type by its number; empty for types that have no bit.
    pub fn of_ticket(etype: u32) -> Self {
        Self(match etype {
            0x1 => 0x1,
            0x3 => 0x2,
            0x17 | 0x18 => 0x4,
            0x11 => 0x8,
            0x12 => 0x10,
            _ => 0,
        })
    }

    /// Reads any of the notations; `None` where the text names no type at all.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            let digits = hex.split(|c: char| !c.is_ascii_hexdigit()).next()?;
            return u32::from_str_radix(digits, 16).ok().map(Self::of_bits);
        }
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'));
        let mut known = false;
        let mut set = Self::default();
        for word in words.filter(|word| !word.is_empty()) {
            if let Some(types) = Self::of_word(word) {
                known = true;
                set = set.or(types);
            }
        }
        known.then_some(set)
    }

    fn of_word(word: &str) -> Option<Self> {
        if let Ok(number) = word.parse::<i32>() {
            return Some(u32::try_from(number).map_or(Self::default(), Self::of_ticket));
        }
        let word = word.to_ascii_uppercase();
        let begins = |name: &str| word.starts_with(name);
        Some(match () {
            () if begins("AES256") => Self(0x10),
            () if begins("AES128") => Self(0x8),
            () if begins("AES-SHA1") => Self::AES,
            () if begins("RC4") || begins("RSADSI") || begins("ARCFOUR") => Self::RC4,
            () if begins("DES-CBC-CRC") => Self(0x1),
            () if begins("DES-CBC-MD5") => Self(0x2),
            () if begins("DES") => Self::DES,
            () => return None,
        })
    }

    /// The bits.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// What both have.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What either has.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What this one has and the other has not.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// No type at all.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// One of the types of another set is in it.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl fmt::Display for EtypeSet {
    /// `AES256, AES128, RC4`, or `none`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (0x10, "AES256"),
            (0x8, "AES128"),
            (0x4, "RC4"),
            (0x3, "DES"),
        ];
        let set: Vec<&str> = names
            .iter()
            .filter(|(bits, _)| self.0 & bits != 0)
            .map(|(_, name)| *name)
            .collect();
        match set.is_empty() {
            true => f.write_str("none"),
            false => f.write_str(&set.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation() {
        let read = |text| EtypeSet::read(text).map(EtypeSet::bits);
        assert_eq!(read("0x27 (DES, RC4, AES-Sk)"), Some(0x17));
        assert_eq!(read("0x18 (AES128-SHA96, AES256-SHA96)"), Some(0x18));
        assert_eq!(read("0x0"), Some(0));
        assert_eq!(read("AES-SHA1, RC4"), Some(0x1C));
        assert_eq!(read("RC4"), Some(0x4));
        assert_eq!(
            read("\n\t\tAES256-CTS-HMAC-SHA1-96\n\t\tRC4-HMAC-NT"),
            Some(0x14)
        );
        assert_eq!(read("18  17  23  24  -135"), Some(0x1C));
        assert_eq!(read("23 -133 -128"), Some(0x4));
        assert_eq!(read("3"), Some(0x2));
        for nothing in ["", "-", "N/A", "n/a", "0xzz"] {
            assert_eq!(read(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn words() {
        assert_eq!(
            EtypeSet::of_bits(0x1_001C).to_string(),
            "AES256, AES128, RC4"
        );
        assert_eq!(EtypeSet::default().to_string(), "none");
        assert_eq!(EtypeSet::of_ticket(0x12).bits(), 0x10);
        assert!(EtypeSet::of_ticket(0x99).is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_text(text in "\\PC{0,60}") {
            if let Some(set) = EtypeSet::read(&text) {
                proptest::prop_assert_eq!(set.without(EtypeSet::ALL), EtypeSet::default());
            }
        }
    }
}
