//! The two shapes of a code table: one meaning a value ([`Table`]), and one meaning a bit ([`Bits`]). Both check while
//! compiling that their rows are sorted and unique, so that a lookup can search by halves and a slip does not build.

/// A code that the tables know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The number as the artifact holds it.
    pub value: u32,
    /// Its name in the field (`STATUS_LOGON_FAILURE`); empty where the source gives numbers only.
    pub symbol: &'static str,
    /// What it says about an IIS logon, in a few words.
    pub meaning: &'static str,
}

pub(super) type Row = (u32, &'static str, &'static str);

/// How people write the numbers of a family.
#[derive(Clone, Copy, Debug)]
pub(super) enum Notation {
    /// `0xC000006D`.
    Hex8,
    /// `0x29`.
    Hex,
    /// `1326`.
    Decimal,
    /// `%%2313`, a message reference of the Security channel.
    Message,
}

impl Notation {
    fn write(self, value: u32) -> String {
        match self {
            Notation::Hex8 => format!("0x{value:08X}"),
            Notation::Hex => format!("0x{value:X}"),
            Notation::Decimal => value.to_string(),
            Notation::Message => format!("%%{value}"),
        }
    }
}

/// Codes of one family, one meaning a value.
#[derive(Debug)]
pub struct Table {
    rows: &'static [Row],
    notation: Notation,
}

impl Table {
    pub(super) const fn new(notation: Notation, rows: &'static [Row]) -> Self {
        assert_ascending(rows);
        Self { rows, notation }
    }

    /// The entry of a code; `None` when the table does not have it.
    pub fn lookup(&self, value: u32) -> Option<Code> {
        let at = self.rows.binary_search_by_key(&value, |row| row.0).ok()?;
        self.rows.get(at).map(code)
    }

    /// A code for people: `0xC000006D STATUS_LOGON_FAILURE (what it says)`, or `0xC0001234 (not in the tables)`.
    pub fn in_words(&self, value: u32) -> String {
        let number = self.notation.write(value);
        match self.lookup(value) {
            None => format!("{number} (not in the tables)"),
            Some(Code {
                symbol: "",
                meaning,
                ..
            }) => format!("{number} ({meaning})"),
            Some(Code {
                symbol, meaning, ..
            }) => format!("{number} {symbol} ({meaning})"),
        }
    }

    /// All codes, ascending.
    pub fn codes(&self) -> impl Iterator<Item = Code> {
        self.rows.iter().map(code)
    }
}

/// Flags of one family, one meaning a bit.
#[derive(Debug)]
pub struct Bits {
    rows: &'static [Row],
    notation: Notation,
    none: &'static str,
}

impl Bits {
    /// `none` is what a value without any bit means.
    pub(super) const fn new(notation: Notation, none: &'static str, rows: &'static [Row]) -> Self {
        assert_ascending(rows);
        let mut at = 0;
        while at < rows.len() {
            assert!(rows[at].0.is_power_of_two(), "a row of flags is one bit");
            at += 1;
        }
        Self {
            rows,
            notation,
            none,
        }
    }

    /// The known bits that are set in `value`, lowest first.
    pub fn set_in(&self, value: u32) -> impl Iterator<Item = Code> {
        self.rows
            .iter()
            .filter(move |row| value & row.0 != 0)
            .map(code)
    }

    /// The flags for people: `0x18 AES128, AES256`; bits without a row follow as `0x40 (not in the tables)`.
    pub fn in_words(&self, value: u32) -> String {
        let mut names: Vec<String> = self
            .set_in(value)
            .map(|bit| bit.symbol.to_owned())
            .collect();
        let unknown = self.rows.iter().fold(value, |rest, row| rest & !row.0);
        if unknown != 0 {
            names.push(format!(
                "{} (not in the tables)",
                self.notation.write(unknown)
            ));
        }
        if names.is_empty() {
            names.push(format!("({})", self.none));
        }
        format!("{} {}", self.notation.write(value), names.join(", "))
    }

    /// All bits, ascending.
    pub fn codes(&self) -> impl Iterator<Item = Code> {
        self.rows.iter().map(code)
    }
}

fn code(&(value, symbol, meaning): &Row) -> Code {
    Code {
        value,
        symbol,
        meaning,
    }
}

const fn assert_ascending(rows: &[Row]) {
    let mut at = 1;
    while at < rows.len() {
        assert!(rows[at - 1].0 < rows[at].0, "rows are sorted and unique");
        at += 1;
    }
}
