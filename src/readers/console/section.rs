//! A console file cut into sections: an echoed command and the lines that follow it.
//!
//! ```text
//! C:\>hostname
//! WEB01
//!
//! C:\>setspn -L svc_web
//! Registered ServicePrincipalNames for CN=svc_web,CN=Users,DC=corp,DC=example:
//!         HTTP/web.corp.example
//! ```
//!
//! gives two sections, the second with the host `WEB01`. Prompts, decorated headings, rules, fences and the banner of
//! `cmd` end a section. Output without any echo is found by its shape, and a section is cut again where the output of
//! another tool begins (batch files with `@echo off`).

use super::command::{Command, commands};
use super::echo::{heading_command, is_bare_echo, is_heading, is_rule, prompt};
use crate::bundle::text::Text;
use crate::bundle::{AHEAD, ReplicationLine, Tool, property, replication_line, underlines};
use crate::evidence::{ArtifactId, Citation, Place};
use crate::readers::{klist, setspn};

/// A line with its number, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: u32,
    /// As a console shows it: what a carriage return has overwritten is left out.
    pub text: &'a str,
}

impl<'a> Line<'a> {
    fn new(index: usize, text: &'a str) -> Self {
        let shown = text
            .rsplit('\r')
            .find(|piece| !piece.trim().is_empty())
            .unwrap_or("");
        Self {
            number: u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1),
            text: shown,
        }
    }

    /// True when nothing stands there.
    pub fn is_blank(self) -> bool {
        self.text.trim().is_empty()
    }

    /// A citation of it.
    pub fn cite(self, artifact: ArtifactId) -> Citation {
        Citation::line(artifact, self.number, self.text)
    }

    /// Its place.
    pub fn place(self) -> Place {
        Place::Line(self.number)
    }
}

/// A stretch of a console file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section<'a> {
    /// The commands of the echoed line; empty where output stands without an echo.
    pub commands: Vec<Command>,
    /// The echoed line.
    pub echo: Option<Line<'a>>,
    /// Whose output it is, by its command or else by its shape.
    pub tool: Option<Tool>,
    /// The host that the prompt, `hostname` or a transcript header names.
    pub host: Option<String>,
    /// The lines of output.
    pub lines: Vec<Line<'a>>,
}

impl<'a> Section<'a> {
    fn silent(host: Option<String>) -> Self {
        Self {
            commands: Vec::new(),
            echo: None,
            tool: None,
            host,
            lines: Vec::new(),
        }
    }

    fn echoed(typed: &str, echo: Line<'a>, host: Option<String>) -> Self {
        let commands = commands(typed);
        Self {
            tool: commands.iter().find_map(tool_of),
            commands,
            echo: Some(echo),
            host,
            lines: Vec::new(),
        }
    }

    /// The commands of this section that run `tool`.
    pub fn commands_of(&self, tool: Tool) -> impl Iterator<Item = &Command> {
        self.commands
            .iter()
            .filter(move |command| tool_of(command) == Some(tool))
    }

    /// A citation of the echo, reduced to one command: its neighbours on the line may hold secrets.
    pub fn cite_echo(&self, artifact: ArtifactId, command: &Command) -> Option<Citation> {
        self.echo
            .map(|echo| Citation::line(artifact, echo.number, &command.raw))
    }
}

fn tool_of(command: &Command) -> Option<Tool> {
    let first = command.arguments.first();
    // netsh has many contexts; `dir` lists IIS only on its drive.
    match command.name.as_str() {
        "netsh" => match first?.to_ascii_lowercase().as_str() {
            "http" => Some(Tool::HttpSys),
            "winhttp" => Some(Tool::Machine),
            _ => None,
        },
        "get-childitem" | "dir" | "ls" | "gci" => first
            .is_some_and(|path| path.to_ascii_lowercase().starts_with("iis:"))
            .then_some(Tool::Iis),
        "repadmin" => match first?.trim_start_matches(['/', '-']).to_ascii_lowercase() {
            verb if verb.starts_with("showrep") || verb.starts_with("replsum") => {
                Some(Tool::Domain)
            }
            _ => Some(Tool::Directory),
        },
        name => Tool::of_program(name),
    }
}

/// Whether a rule only underlines the line before it, as the tables and titles of these tools do.
fn underlines_title(section: &Section<'_>, rule: &str) -> bool {
    let length = |text: &str| text.trim().chars().count();
    matches!(section.tool, Some(Tool::Iis | Tool::HttpSys))
        && rule.trim_start().starts_with('-')
        && section
            .lines
            .last()
            .is_some_and(|line| !line.is_blank() && length(line.text).abs_diff(length(rule)) <= 2)
}

/// Cuts a text into its sections. Sections without a command, a host or a known shape are kept only when they hold
/// lines.
pub fn sections(text: &Text) -> Vec<Section<'_>> {
    let mut found = split(text);
    name_hosts(&mut found);
    found.into_iter().flat_map(cut_by_shape).collect()
}

fn split(text: &Text) -> Vec<Section<'_>> {
    let mut done = Vec::new();
    let mut section = Section::silent(None);
    // setspn's help shows examples that look like echoes without a prompt.
    let mut in_usage = false;
    // A command between two rules is a heading: the second rule does not end its section.
    let mut headed = false;
    for (index, raw) in text.lines.iter().enumerate() {
        let line = Line::new(index, raw);
        let shown = line.text;
        let within = is_rule(shown)
            && (underlines_title(&section, shown) || is_within_report(text, index, &mut section));
        if within {
            section.lines.push(line);
            continue;
        }
        if is_rule(shown) || shown.starts_with("Microsoft Windows [") {
            let under = headed
                && !shown.starts_with('`')
                && section.lines.iter().all(|line| line.is_blank());
            if !under {
                in_usage = false;
                let host = section.host.clone();
                done.push(std::mem::replace(&mut section, Section::silent(host)));
            }
            headed = false;
            continue;
        }
        if let Some(prompt) = prompt(shown) {
            let next = if prompt.typed.is_empty() {
                Section::silent(prompt.host)
            } else {
                Section::echoed(prompt.typed, line, prompt.host)
            };
            headed = false;
            in_usage = next.commands.iter().any(|command| {
                command.name == "setspn"
                    && command
                        .arguments
                        .first()
                        .is_none_or(|first| first.ends_with('?'))
            });
            done.push(std::mem::replace(&mut section, next));
            continue;
        }
        let unindented = !shown.starts_with([' ', '\t']);
        let bare = if in_usage || !unindented {
            None
        } else if is_bare_echo(shown) {
            Some(shown)
        } else {
            heading_command(shown)
        };
        if let Some(typed) = bare {
            headed = true;
            let next = Section::echoed(typed, line, None);
            done.push(std::mem::replace(&mut section, next));
            continue;
        }
        if is_heading(shown) && !is_between_controllers(&section) {
            in_usage = false;
            let host = section.host.clone();
            done.push(std::mem::replace(&mut section, Section::silent(host)));
            continue;
        }
        in_usage |= section.tool == Some(Tool::Setspn) && shown.contains("[modifiers");
        // Frames of a remote-control console, and the continuation sign of PowerShell.
        let frame = shown.starts_with("[*] ")
            || shown.starts_with("[+] ")
            || (shown.starts_with(">>") && section.lines.is_empty());
        if !frame {
            section.lines.push(line);
        }
    }
    done.push(section);
    done.retain(|section| {
        section.echo.is_some() || section.lines.iter().any(|line| !line.is_blank())
    });
    done
}

/// Whether a line of dashes underlines a title inside the output of `whoami` or `gpresult`, which is told by its echo or
/// by its shape: then it ends nothing.
fn is_within_report(text: &Text, index: usize, section: &mut Section<'_>) -> bool {
    let Some(title) = index.checked_sub(1) else {
        return false;
    };
    let lines: Vec<&str> = (text.lines.iter().skip(title).take(6))
        .map(|line| line.trim_end_matches('\r'))
        .collect();
    if !matches!(lines.as_slice(), [title, line, ..] if underlines(title, line)) {
        return false;
    }
    if section.tool.is_none() {
        let opened = |lines: &[&str]| {
            let tool = Tool::opened_by(lines);
            tool.filter(|tool| matches!(tool, Tool::Whoami | Tool::GroupPolicy))
        };
        section.tool =
            opened(&lines).or_else(|| section.lines.iter().find_map(|line| opened(&[line.text])));
    }
    matches!(section.tool, Some(Tool::Whoami | Tool::GroupPolicy))
}

/// Whether a heading stands inside the output of `repadmin /showrepl`: below the two identifiers of the domain controller
/// that answers.
fn is_between_controllers(section: &Section<'_>) -> bool {
    let mut above = section.lines.iter().rev().filter(|line| !line.is_blank());
    let below = section.tool == Some(Tool::Domain);
    below
        || above
            .next()
            .is_some_and(|line| replication_line(line.text) == Some(ReplicationLine::Id))
}

/// Gives sections the host that `hostname` or a transcript header showed before them, where a file names one only.
fn name_hosts(sections: &mut [Section<'_>]) {
    let named: Vec<(usize, String)> = sections
        .iter()
        .enumerate()
        .filter_map(|(index, section)| shown_host(section).map(|host| (index, host)))
        .collect();
    let Some((first, host)) = named.first() else {
        return;
    };
    if named
        .iter()
        .any(|(_, other)| !other.eq_ignore_ascii_case(host))
    {
        return;
    }
    for section in sections.iter_mut().skip(*first) {
        section.host.get_or_insert_with(|| host.clone());
    }
}

/// The host that a section is about: the answer of `hostname`, or the header of a transcript, which reads
/// `Machine: WEB01 (Microsoft Windows NT 10.0.17763.0)` with a localised first word.
fn shown_host(section: &Section<'_>) -> Option<String> {
    let asks = section.host.is_none()
        && section.commands.len() == 1
        && section.commands.iter().any(|command| {
            (command.name == "hostname" && command.arguments.is_empty())
                || command.name == "$env:computername"
        });
    let mut lines = section.lines.iter().filter(|line| !line.is_blank());
    if asks {
        let answer = lines.next()?.text.trim();
        return is_host_name(answer).then(|| answer.to_owned());
    }
    if section.echo.is_some() {
        return None;
    }
    lines.find_map(|line| {
        let (before, _) = line.text.split_once(" (Microsoft Windows NT ")?;
        let (_, name) = before.rsplit_once([':', '：'])?;
        let name = name.trim();
        is_host_name(name).then(|| name.to_owned())
    })
}

/// Whether a word can be the name of a machine, of at most the 255 letters that DNS allows (RFC 1035 2.3.4).
pub(in crate::readers) fn is_host_name(word: &str) -> bool {
    (1..=255).contains(&word.len())
        && word
            .chars()
            .all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '.' | '_'))
}

/// Cuts a section where the output of another tool begins.
fn cut_by_shape<'a>(section: Section<'a>) -> Vec<Section<'a>> {
    let host = section.host.clone();
    let lines = section.lines.clone();
    let shown: Vec<&str> = lines.iter().map(|line| line.text).collect();
    let mut done = Vec::new();
    let mut current = Section {
        lines: Vec::new(),
        ..section
    };
    for (index, line) in lines.iter().enumerate() {
        let end = lines.len().min(index + AHEAD);
        let rest = lines.get(index..end).unwrap_or_default();
        // Values of an event, and the lines of its message, may look like the output of anything.
        let of_event = current.tool == Some(Tool::Events)
            && (line.text.starts_with([' ', '\t']) || property(line.text).is_some());
        let opened = if of_event {
            None
        } else if setspn::opens(rest) {
            Some(Tool::Setspn)
        } else if klist::opens(rest) {
            Some(Tool::Klist)
        } else {
            Tool::opened_by(shown.get(index..end).unwrap_or_default())
        };
        if opened.is_some() && opened != current.tool {
            let mut next = Section::silent(host.clone());
            next.tool = opened;
            done.push(std::mem::replace(&mut current, next));
        }
        current.lines.push(*line);
    }
    done.push(current);
    done.retain(|section| {
        section.echo.is_some() || section.lines.iter().any(|line| !line.is_blank())
    });
    done
}
