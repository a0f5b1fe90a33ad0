//! Text decoding: once, here, with every line numbered.

/// Decoded text with the encodings it was decoded from.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// The lines, right-trimmed, without line ends. Line n of the file is `lines[n - 1]`.
    pub lines: Vec<String>,
    /// Names of the encodings met, in order of first use: `utf-8`, `utf-16le`, `windows-1252`, `ibm850`, …
    pub encodings: Vec<&'static str>,
}
