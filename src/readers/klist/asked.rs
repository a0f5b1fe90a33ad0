//! What an echoed klist command asked for: `klist -li 0x3e7 get HTTP/web.corp.example`.

/// The sub-command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    /// The cache: no sub-command, or `tickets`.
    Tickets,
    /// `get SPN`.
    Get(Option<String>),
    /// `tgt`.
    Tgt,
    /// `sessions`.
    Sessions,
    /// `query_bind`.
    Bindings,
    /// `purge`, `purge_bind`, `add_bind`: the cache is another one afterwards.
    Change,
    /// `kcd_cache`, a keytab (`-k`): known, but no reader for their output.
    Unread,
    /// `cloud_debug`, the help: nothing in them is asked for.
    Ignored,
}

impl Verb {
    /// Understands the arguments; switches of Windows, MIT and Heimdal may stand before and after the sub-command.
    pub(super) fn new(arguments: &[String]) -> Self {
        let mut words = arguments.iter();
        let mut verb = Self::Tickets;
        while let Some(word) = words.next() {
            verb = match word.to_ascii_lowercase().as_str() {
                // Both take a value, which must not be read as a sub-command.
                "-li" | "-lh" | "/li" | "/lh" | "-c" => {
                    words.next();
                    continue;
                }
                "get" => Self::Get(words.next().cloned()),
                "tgt" => Self::Tgt,
                "sessions" => Self::Sessions,
                "query_bind" => Self::Bindings,
                "purge" | "purge_bind" | "add_bind" => Self::Change,
                "kcd_cache" | "-k" | "-kt" | "-ke" | "-kte" | "-ket" => Self::Unread,
                "cloud_debug" | "-?" | "/?" | "-h" | "--help" => Self::Ignored,
                _ => continue,
            };
        }
        verb
    }
}
