//! Commands from names that strangers chose. A [`Command`] is built from literals of this program and from *values* of
//! the bundle; each value becomes exactly one argument, or the whole command is refused and not shown.
//!
//! A command is often pasted into the other window than it was written for, so a value must survive both shells. cmd.exe
//! does not know single quotes and expands `%` even inside double ones; Windows PowerShell expands `$` and the backtick
//! in double quotes, takes typographic quotes for quotes and typographic dashes for dashes; programs of the ANSI days get
//! look-alikes of quotes folded to ASCII. No escaping is right in all of these, so values have one alphabet, and what is
//! outside it is refused. Sources: the Windows documentation of CommandLineToArgvW and of cmd, PowerShell's
//! about_Quoting_Rules and about_Parsing.

use serde::Serialize;
use thiserror::Error;

/// The longest value: beyond any distinguished name, far below the 8,191 characters of a cmd line.
const LONGEST_VALUE: usize = 1024;

/// The shell a command is written for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Shell {
    /// cmd.exe, elevated where the command changes something.
    Cmd,
    /// Windows PowerShell 5.1 or later.
    PowerShell,
}

/// A command that is safe to paste. Only this module can make one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    text: String,
    shell: Shell,
}

impl Command {
    /// The line as it is to be pasted.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The shell it is written for.
    pub fn shell(&self) -> Shell {
        self.shell
    }
}

/// A value that no command can hold.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("could not write a command with {value:?} because {why}; do it by hand")]
pub struct Unquotable {
    /// The value as the bundle has it; show it escaped only.
    pub value: String,
    /// What is wrong with it.
    pub why: Why,
}

/// Why a value cannot be quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Why {
    /// Nothing would stand where the argument is due.
    #[error("it is empty")]
    Empty,
    /// Longer than any name of the field.
    #[error("it is longer than {LONGEST_VALUE} characters")]
    TooLong,
    /// A leading `-` or `/`, which programs take for a switch.
    #[error("it starts like a switch")]
    Switch,
    /// A character that a shell may interpret, in one place or another.
    #[error("it contains {0:?}")]
    Character(char),
    /// A `$` before the end of the value, which PowerShell would expand.
    #[error("it contains a '$' that is not its last character")]
    Dollar,
    /// A trailing backslash, which would escape the closing quote.
    #[error("it ends with a backslash")]
    TrailingBackslash,
    /// A blank or a quote where the program nests the value in quotes of its own.
    #[error("it would need quotes where none can stand")]
    Nested,
}

/// Starts a line for cmd.exe.
pub fn cmd(program: &'static str) -> Line {
    Line::new(Shell::Cmd, program)
}

/// Starts a line for Windows PowerShell.
pub fn powershell(cmdlet: &'static str) -> Line {
    Line::new(Shell::PowerShell, cmdlet)
}

/// A command under construction; remembers the first value that cannot be quoted.
#[derive(Debug)]
pub struct Line {
    shell: Shell,
    text: Result<String, Unquotable>,
}

impl Line {
    fn new(shell: Shell, program: &'static str) -> Self {
        let text = Ok(program.to_owned());
        Self { shell, text }
    }

    /// Adds a literal of this program, as it stands.
    pub fn arg(self, literal: &'static str) -> Self {
        self.push(|_| Ok(literal.to_owned()))
    }

    /// Adds a value as an argument of its own.
    pub fn value(self, value: &str) -> Self {
        self.option("", value)
    }

    /// Adds a value that follows its literal without a blank: `/apppool.name:"My Pool"`.
    pub fn option(self, literal: &'static str, value: &str) -> Self {
        self.push(|shell| Ok(literal.to_owned() + &quote(shell, value)?))
    }

    /// Adds values as one argument, a list.
    pub fn values(self, values: &[String]) -> Self {
        self.push(|shell| {
            let quoted = values.iter().map(|value| quote(shell, value));
            Ok(quoted.collect::<Result<Vec<_>, _>>()?.join(","))
        })
    }

    /// Adds a value inside an argument that has quotes of its own: `/+"extendedProtection.[name='` value `']"`.
    /// Takes values that need no quotes only.
    pub fn nested(self, before: &'static str, value: &str, after: &'static str) -> Self {
        self.push(|_| match check(value) {
            Ok(()) if is_bare(value) => Ok(format!("{before}{value}{after}")),
            Ok(()) => Err(Why::Nested.of(value)),
            Err(why) => Err(why.of(value)),
        })
    }

    /// Adds a number between two literals: `@{'msDS-SupportedEncryptionTypes'=` 24 `}`.
    pub fn number(self, before: &'static str, number: u32, after: &'static str) -> Self {
        self.push(|_| Ok(format!("{before}{number}{after}")))
    }

    /// The finished command; an error when one of its values cannot be quoted, so that no part of it is shown.
    pub fn build(self) -> Result<Command, Unquotable> {
        let shell = self.shell;
        self.text.map(|text| Command { text, shell })
    }

    fn push(mut self, next: impl FnOnce(Shell) -> Result<String, Unquotable>) -> Self {
        self.text = self
            .text
            .and_then(|text| Ok(text + " " + &next(self.shell)?));
        self
    }
}

impl Why {
    fn of(self, value: &str) -> Unquotable {
        Unquotable {
            // Cut, so that a value of megabytes does not travel on in an error.
            value: value.chars().take(LONGEST_VALUE).collect(),
            why: self,
        }
    }
}

fn quote(shell: Shell, value: &str) -> Result<String, Unquotable> {
    check(value).map_err(|why| why.of(value))?;
    Ok(match shell {
        Shell::Cmd if is_bare(value) => value.to_owned(),
        Shell::Cmd => format!("\"{value}\""),
        Shell::PowerShell => format!("'{}'", value.replace('\'', "''")),
    })
}

fn check(value: &str) -> Result<(), Why> {
    if value.is_empty() {
        return Err(Why::Empty);
    }
    if value.chars().nth(LONGEST_VALUE).is_some() {
        return Err(Why::TooLong);
    }
    if let Some(c) = value.chars().find(|&c| !is_allowed(c)) {
        return Err(Why::Character(c));
    }
    if value.starts_with(['-', '/']) {
        return Err(Why::Switch);
    }
    // The sign ends the names of computers and managed accounts; there PowerShell leaves it alone.
    if value.strip_suffix('$').unwrap_or(value).contains('$') {
        return Err(Why::Dollar);
    }
    if value.ends_with('\\') {
        return Err(Why::TrailingBackslash);
    }
    Ok(())
}

/// The alphabet of values: letters and digits of any script, and the punctuation of names, SPNs, URLs, paths,
/// distinguished names and GUIDs that means nothing inside double quotes to either shell. `*`, `?`, `[` and `]` are left
/// out because programs and cmdlets would take them for patterns.
fn is_allowed(c: char) -> bool {
    match c {
        ' ' | '_' | '-' | '.' | '/' | '\\' | ':' | '@' | '$' | '#' | '(' | ')' | '\'' | ','
        | ';' | '=' | '+' | '~' | '{' | '}' => true,
        // Letters by class, but look-alikes of quotes, bars and exclamation marks, or invisible: clicks, modifier
        // letters, saltillo, Hangul fillers.
        '\u{1C0}'..='\u{1C3}' | '\u{2B0}'..='\u{2FF}' | '\u{A78B}' | '\u{A78C}' => false,
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => false,
        _ => c.is_alphanumeric(),
    }
}

/// True for values that need no quotes in either shell, so that the usual commands look as everyone writes them.
fn is_bare(value: &str) -> bool {
    value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '\\' | ':' | '$'))
}

#[cfg(test)]
mod tests;
