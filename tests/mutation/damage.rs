//! What happens to a file on its way from the customer: it is left out, arrives empty, cut, twice, or damaged.

use super::bundles::Files;
use super::dice::Dice;

/// What happened to one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It was not sent.
    Missing,
    /// It has no bytes.
    Emptied,
    /// Its second half is missing.
    CutInHalf,
    /// It is there a second time, under another name.
    Doubled,
    /// Some of its bytes are others.
    BytesFlipped,
    /// Some of its lines are rubbish (text only; of other files, a run of bytes).
    LinesGarbled,
}

impl Damage {
    /// What every file suffers.
    pub const ALWAYS: [Self; 2] = [Self::Missing, Self::Emptied];
    /// What files suffer in turn.
    pub const IN_TURN: [Self; 4] = [
        Self::CutInHalf,
        Self::Doubled,
        Self::BytesFlipped,
        Self::LinesGarbled,
    ];

    /// The bundle in which this happened to the file at `index`.
    pub fn done_to(self, files: &Files, index: usize) -> Files {
        let mut files = files.clone();
        let (path, bytes) = &mut files[index];
        let mut dice = Dice::from_text(&format!("{path} {self:?}"));
        match self {
            Self::Missing => {
                files.remove(index);
            }
            Self::Emptied => bytes.clear(),
            Self::CutInHalf => bytes.truncate(bytes.len() / 2),
            Self::Doubled => {
                let copy = (renamed(path), bytes.clone());
                files.push(copy);
            }
            Self::BytesFlipped => flip(bytes, &mut dice),
            Self::LinesGarbled => garble(bytes, &mut dice),
        }
        files
    }
}

/// `WEB01/Security.evtx` → `WEB01/Security - Copy.evtx`.
fn renamed(path: &str) -> String {
    let name = path.rfind('/').map_or(0, |at| at + 1);
    let end = path[name..].rfind('.').map_or(path.len(), |at| name + at);
    format!("{} - Copy{}", &path[..end], &path[end..])
}

/// One byte in two thousand, and three at least.
fn flip(bytes: &mut [u8], dice: &mut Dice) {
    for _ in 0..3 + bytes.len() / 2000 {
        let at = index(dice, bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << dice.below(8);
        }
    }
}

/// Three runs of up to a hundred bytes become letters and signs; line ends stay, so that only these lines suffer.
fn garble(bytes: &mut [u8], dice: &mut Dice) {
    for _ in 0..3 {
        let (from, length) = (index(dice, bytes.len()), index(dice, 100));
        for byte in bytes.iter_mut().skip(from).take(length) {
            if !matches!(*byte, b'\r' | b'\n' | 0) {
                *byte = *dice.pick(b"abcXYZ019 :/=\"<>#\\-,;");
            }
        }
    }
}

fn index(dice: &mut Dice, below: usize) -> usize {
    usize::try_from(dice.below(below as u64)).expect("an index")
}
