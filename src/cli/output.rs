//! Where results go: standard output, as wide and as colourful as it can be, or the file that the user named.

use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anstream::{AutoStream, ColorChoice};

use super::failure::Failure;

/// The width of what is written to a pipe or a file.
const PIPED_WIDTH: usize = 100;
/// Lines wider than this are hard to read, however wide the terminal is.
const WIDEST: usize = 140;

/// What the place that a result goes to can show.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// In columns.
    pub width: usize,
    /// Whether it shows colour.
    pub colour: bool,
}

impl Look {
    /// What standard output can show: `NO_COLOR`, `CLICOLOR` and pipes are honoured.
    pub fn of_stdout() -> Self {
        let stdout = io::stdout();
        Self {
            width: if stdout.is_terminal() {
                textwrap::termwidth().min(WIDEST)
            } else {
                PIPED_WIDTH
            },
            colour: AutoStream::choice(&stdout) != ColorChoice::Never,
        }
    }

    /// What a file can show.
    pub fn of_file() -> Self {
        Self {
            width: PIPED_WIDTH,
            colour: false,
        }
    }
}

/// Writes to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(failure)
}

/// Why standard output takes no more.
pub fn failure(reason: io::Error) -> Failure {
    match reason.kind() {
        ErrorKind::BrokenPipe => Failure::ReaderGone,
        _ => Failure::Write {
            to: "the output".to_owned(),
            reason,
        },
    }
}

/// Writes to a file, which may be there already but must be none of the inputs.
pub fn save(text: &str, path: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
    check(path, inputs)?;
    std::fs::write(path, text).map_err(|reason| Failure::Write {
        to: path.display().to_string(),
        reason,
    })
}

/// Refuses to write over an input.
pub fn check(path: &Path, inputs: &[PathBuf]) -> Result<(), Failure> {
    let target = path.canonicalize().ok();
    if target.is_some()
        && inputs
            .iter()
            .any(|input| input.canonicalize().ok() == target)
    {
        return Err(Failure::OutputIsInput {
            path: path.to_owned(),
        });
    }
    Ok(())
}
