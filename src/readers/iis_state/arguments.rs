//! What the command line of a cmdlet asked for: `-Name X`, `-Filter …`, `-PSPath 'IIS:\Sites\X'`, `-Location 'Site/app'`.

use super::super::console::Command;

/// The value of a named parameter.
pub(super) fn named<'a>(command: &'a Command, name: &str) -> Option<&'a str> {
    let mut words = command.arguments.iter();
    words.find(|word| {
        word.strip_prefix('-')
            .is_some_and(|word| word.eq_ignore_ascii_case(name))
    })?;
    words.next().map(|value| without_property(value))
}

/// The first value that is no parameter's.
pub(super) fn first(command: &Command) -> Option<&str> {
    let mut words = command.arguments.iter().peekable();
    while let Some(word) = words.next() {
        if word.starts_with('-') {
            words.next();
        } else {
            return Some(without_property(word));
        }
    }
    None
}

/// `enabled).Value` is `enabled`: the command stood in parentheses.
fn without_property(value: &str) -> &str {
    value
        .split(").")
        .next()
        .unwrap_or(value)
        .trim_end_matches(')')
}

/// The path that was asked for: `Site/app`, empty for the server; `None` where the command does not say it.
pub(super) fn place(command: &Command) -> Option<String> {
    if let Some(location) = named(command, "location") {
        return Some(below_server(location));
    }
    named(command, "pspath").map(below_server)
}

/// `MACHINE/WEBROOT/APPHOST/Site/app` or `IIS:\Sites\Site\app` as `Site/app`.
pub(super) fn below_server(path: &str) -> String {
    let path = path.replace('\\', "/");
    let steps = path.split('/').filter(|step| {
        !["", "iis:", "sites", "machine", "webroot", "apphost"]
            .contains(&step.to_ascii_lowercase().as_str())
    });
    steps.collect::<Vec<_>>().join("/")
}
