//! Which code page bytes were written in: the one whose characters make words.
//!
//! `für` is `66 FC 72` in windows-1252 and `66 81 72` in ibm850; read the wrong way round they are `f³r` and `f\u{81}r`. Each candidate
//! decodes a sample of the bytes in question; letters that its languages use, standing where letters stand, speak for it; symbols, frames
//! and capitals inside words speak against it. In the double-byte pages the frequent half of the characters speaks for them.

use std::borrow::Cow;

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
};
use oem_cp::code_table::{
    DECODING_TABLE_CP437, DECODING_TABLE_CP850, DECODING_TABLE_CP852, DECODING_TABLE_CP866,
};

/// A candidate code page.
#[derive(Clone, Copy, Debug)]
pub(super) struct CodePage(&'static Page);

impl PartialEq for CodePage {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for CodePage {}

#[derive(Debug)]
struct Page {
    name: &'static str,
    table: Table,
    script: Script,
}

#[derive(Debug)]
enum Table {
    Ansi(&'static Encoding),
    Oem(&'static [char; 128]),
}

/// How the characters of a page are judged.
#[derive(Debug)]
enum Script {
    /// Letters that the page's languages add to a–z: they stand beside ASCII letters.
    Latin(&'static str),
    /// Cyrillic letters stand beside each other.
    Cyrillic,
    /// Pairs of bytes: which pairs are the frequent characters, and what one of them is worth.
    Pairs(fn(u8, u8) -> bool, i64),
}

const WESTERN: &str = "äöüßÄÖÜéèêëàâçîïôùûœÉÈÀÇñáíóúÑÁÍÓÚãõÃÕåæøÅØÆìòªº¿¡«»°";
const CENTRAL: &str = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČĎÉÍŘŠŤÚŮÝŽőűŐŰäöüßÄÖÜâăîșşţțôĺľŕ«»°";

/// In the order of preference where the score is equal.
static PAGES: [Page; 11] = [
    Page {
        name: "windows-1252",
        table: Table::Ansi(WINDOWS_1252),
        script: Script::Latin(WESTERN),
    },
    Page {
        name: "ibm850",
        table: Table::Oem(&DECODING_TABLE_CP850),
        script: Script::Latin(WESTERN),
    },
    Page {
        name: "ibm437",
        table: Table::Oem(&DECODING_TABLE_CP437),
        script: Script::Latin(WESTERN),
    },
    Page {
        name: "windows-1250",
        table: Table::Ansi(WINDOWS_1250),
        script: Script::Latin(CENTRAL),
    },
    Page {
        name: "ibm852",
        table: Table::Oem(&DECODING_TABLE_CP852),
        script: Script::Latin(CENTRAL),
    },
    Page {
        name: "windows-1251",
        table: Table::Ansi(WINDOWS_1251),
        script: Script::Cyrillic,
    },
    Page {
        name: "ibm866",
        table: Table::Oem(&DECODING_TABLE_CP866),
        script: Script::Cyrillic,
    },
    Page {
        name: "windows-932",
        table: Table::Ansi(SHIFT_JIS),
        script: Script::Pairs(frequent_932, 9),
    },
    Page {
        name: "windows-936",
        table: Table::Ansi(GBK),
        script: Script::Pairs(frequent_936, 9),
    },
    // Every Hangul pair is a hanzi of GBK too, while half of the hanzi are no Hangul.
    Page {
        name: "windows-949",
        table: Table::Ansi(EUC_KR),
        script: Script::Pairs(frequent_949, 10),
    },
    Page {
        name: "windows-950",
        table: Table::Ansi(BIG5),
        script: Script::Pairs(frequent_950, 9),
    },
];

/// Kana, full-width punctuation and the kanji of the first level.
fn frequent_932(lead: u8, trail: u8) -> bool {
    let trails = matches!(trail, 0x40..=0x7E | 0x80..=0xFC);
    match lead {
        0x81 => matches!(trail, 0x40..=0x7E | 0x80..=0xAC),
        0x82 => matches!(trail, 0x4F..=0xF1),
        0x83 => matches!(trail, 0x40..=0x96),
        0x88..=0x97 => trails,
        _ => false,
    }
}

/// Punctuation and the hanzi of the first level of GB 2312.
fn frequent_936(lead: u8, trail: u8) -> bool {
    matches!(lead, 0xA1 | 0xA3 | 0xB0..=0xD7) && matches!(trail, 0xA1..=0xFE)
}

/// Hangul syllables.
fn frequent_949(lead: u8, trail: u8) -> bool {
    matches!(lead, 0xB0..=0xC8) && matches!(trail, 0xA1..=0xFE)
}

/// Punctuation and the frequent hanzi of Big5.
fn frequent_950(lead: u8, trail: u8) -> bool {
    matches!(lead, 0xA1 | 0xA4..=0xC6) && matches!(trail, 0x40..=0x7E | 0xA1..=0xFE)
}

/// Bytes of sample that decide.
const SAMPLE: usize = 32 * 1024;
/// Bytes of sample taken of one line.
const SAMPLE_LINE: usize = 4 * 1024;

impl CodePage {
    /// The code page that these lines were most likely written in.
    pub(super) fn of<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut sample = Vec::new();
        for line in lines {
            sample.extend_from_slice(line.get(..SAMPLE_LINE).unwrap_or(line));
            sample.push(b'\n');
            if sample.len() >= SAMPLE {
                break;
            }
        }
        let [first, others @ ..] = &PAGES;
        let mut best = (CodePage(first), first.score(&sample));
        for page in others {
            let score = page.score(&sample);
            if score > best.1 {
                best = (CodePage(page), score);
            }
        }
        best.0
    }

    /// Its name as `inspect` shows it.
    pub(super) fn name(self) -> &'static str {
        self.0.name
    }

    /// Decodes; what the page leaves undefined becomes U+FFFD.
    pub(super) fn decode(self, bytes: &[u8]) -> Cow<'_, str> {
        self.0.table.decode(bytes)
    }
}

impl Table {
    fn decode<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        match self {
            Table::Ansi(encoding) => encoding.decode_without_bom_handling(bytes).0,
            Table::Oem(table) => bytes
                .iter()
                .map(|&b| oem_char(b, table))
                .collect::<String>()
                .into(),
        }
    }
}

fn oem_char(byte: u8, table: &[char; 128]) -> char {
    match byte.checked_sub(128) {
        None => char::from(byte),
        Some(high) => table
            .get(usize::from(high))
            .copied()
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    }
}

impl Page {
    /// How well the sample reads in this page. Points are per byte, so that single and double-byte pages compare.
    fn score(&self, sample: &[u8]) -> i64 {
        match &self.script {
            Script::Pairs(frequent, worth) => score_pairs(sample, *frequent, *worth),
            Script::Latin(letters) => self.score_single(sample, |c, near| latin(c, near, letters)),
            Script::Cyrillic => self.score_single(sample, cyrillic),
        }
    }

    fn score_single(&self, sample: &[u8], judge: impl Fn(char, Neighbours) -> i64) -> i64 {
        let decoded: Vec<char> = self.table.decode(sample).chars().collect();
        let at = |index: Option<usize>| index.and_then(|i| decoded.get(i)).copied().unwrap_or('\n');
        decoded
            .iter()
            .enumerate()
            .filter(|(_, c)| !c.is_ascii())
            .map(|(i, &c)| {
                let near = Neighbours {
                    before: at(i.checked_sub(1)),
                    after: at(i.checked_add(1)),
                };
                judge(c, near)
            })
            .sum()
    }
}

/// The characters beside the one that is judged.
#[derive(Clone, Copy)]
struct Neighbours {
    before: char,
    after: char,
}

impl Neighbours {
    fn any(self, test: impl Fn(char) -> bool) -> bool {
        test(self.before) || test(self.after)
    }
}

fn latin(c: char, near: Neighbours, letters: &str) -> i64 {
    let capital_in_word = c.is_uppercase() && near.before.is_lowercase();
    match c {
        _ if frame(c) => frame_points(near),
        // The same character over and over is a frame read in the wrong page.
        _ if near.before == c && near.after == c => -3,
        _ if capital_in_word => -2,
        _ if letters.contains(c) && near.any(|n| n.is_ascii_alphabetic()) => 4,
        _ if letters.contains(c) && near.any(|n| n.is_alphabetic()) => -1,
        _ if letters.contains(c) => 1,
        // A no-break space parts words; as part of a number or a name's end it is what pasting leaves behind.
        '\u{a0}' if !(near.before.is_alphabetic() && near.after.is_alphabetic()) => 3,
        '’' if near.before.is_ascii_alphabetic() && near.after.is_alphabetic() => 4,
        '’' | '‘' | '“' | '”' | '„' | '–' | '—' | '…' | '€' | '§' | '©' | '®' | '™' | '·' | '•'
            if !(near.before.is_alphabetic() && near.after.is_alphabetic()) =>
        {
            1
        }
        _ if c.is_alphabetic() => -1,
        _ => -3,
    }
}

fn cyrillic(c: char, near: Neighbours) -> i64 {
    let russian = |c: char| matches!(c, 'А'..='я' | 'Ё' | 'ё');
    match c {
        _ if frame(c) => frame_points(near),
        _ if near.before == c && near.after == c => -3,
        _ if russian(c) && near.any(|n| n.is_ascii_alphabetic()) => -2,
        _ if russian(c) && c.is_uppercase() && near.before.is_lowercase() => -4,
        _ if russian(c) && near.any(russian) => 4,
        _ if russian(c) => 1,
        'Ђ' | 'Ѓ' | 'ђ' | 'ѓ' | 'Љ' | 'Њ' | 'Ћ' | 'Џ' => -2,
        '\u{a0}' | '«' | '»' | '–' | '—' | '…' | '№' => 1,
        'І' | 'і' | 'Ї' | 'ї' | 'Є' | 'є' | 'Ў' | 'ў' if near.any(russian) => 2,
        _ => -3,
    }
}

fn frame(c: char) -> bool {
    matches!(c, '\u{2500}'..='\u{259F}')
}

/// A frame is drawn with others and with blanks around it; beside a letter it is a letter read in the wrong page.
fn frame_points(near: Neighbours) -> i64 {
    if near.any(char::is_alphanumeric) {
        -1
    } else {
        1
    }
}

fn score_pairs(sample: &[u8], frequent: fn(u8, u8) -> bool, worth: i64) -> i64 {
    let mut score = 0;
    let mut rest = sample;
    let mut after_letter = false;
    loop {
        let (points, next) = match rest {
            [] => return score,
            [ascii, next @ ..] if ascii.is_ascii() => {
                after_letter = ascii.is_ascii_alphabetic();
                rest = next;
                continue;
            }
            // A frame of one character over and over.
            [a, b, c, d, ..] if a == b && b == c && c == d => {
                (-6, rest.get(1..).unwrap_or_default())
            }
            [lead, trail, next @ ..] if frequent(*lead, *trail) => {
                // Accented letters inside a Latin word form a pair by chance.
                let in_word = after_letter
                    || trail.is_ascii_alphabetic()
                    || next.first().is_some_and(u8::is_ascii_alphabetic);
                (if in_word { worth / 2 } else { worth }, next)
            }
            [_, trail, next @ ..] if *trail >= 0x40 => (-6, next),
            [_, next @ ..] => (-6, next),
        };
        score += points;
        after_letter = false;
        rest = next;
    }
}
