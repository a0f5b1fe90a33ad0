//! What the echoed command asked for: which account, which attributes, and what a pipe left of the answer.
//!
//! ```text
//! Get-ADUser svc_web -Properties servicePrincipalName | Select-Object -ExpandProperty servicePrincipalName
//! Test-ADServiceAccount -Identity gmsa_web
//! ```

use super::listing::{Blank, Listing, Page, canonical};
use super::records::AccountTest;
use crate::evidence::{ArtifactId, Cited};
use crate::readers::console::{Section, Tool};

/// What an echoed command asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    program: String,
    /// The account, as typed.
    identity: Option<String>,
    /// Names of the attributes asked for, canonical; `*` for all.
    properties: Vec<String>,
    /// A later stage of the pipe picks columns.
    picks: bool,
    /// A later stage drops lines or objects.
    drops: bool,
    /// The one attribute whose values alone are printed.
    expands: Option<String>,
}

impl Asked {
    /// Reads the command of a section; `None` without an echo.
    pub(super) fn of(section: &Section<'_>) -> Option<Self> {
        let command = section.commands_of(Tool::Directory).next()?;
        let mut asked = Self {
            program: command.name.clone(),
            identity: None,
            properties: Vec::new(),
            picks: false,
            drops: false,
            expands: None,
        };
        let mut words = command.arguments.iter().map(String::as_str).peekable();
        while let Some(word) = words.next() {
            let lower = word.to_ascii_lowercase();
            match lower.as_str() {
                "-identity" | "-id" => asked.identity = words.next().map(bare),
                option if option.starts_with("-p") && "-properties".starts_with(option) => {
                    while let Some(names) = words.next_if(|word| !word.starts_with('-')) {
                        let names = names.split(')').next().unwrap_or_default();
                        asked.properties.extend(
                            names
                                .split(',')
                                .filter(|name| !name.is_empty())
                                .map(canonical),
                        );
                    }
                }
                option if option.starts_with('-') => {
                    // An option takes the next word, unless that is an option as well.
                    words.next_if(|word| !word.starts_with('-'));
                }
                _ if asked.identity.is_none() => asked.identity = Some(bare(word)),
                _ => {}
            }
        }
        let mut stages = command.raw.split('|');
        // `(Get-ADUser svc).servicePrincipalName`
        if let Some((_, name)) = stages.next().and_then(|first| first.rsplit_once(").")) {
            asked.expands = Some(canonical(name));
        }
        for stage in stages {
            asked.pipe(stage);
        }
        Some(asked)
    }

    fn pipe(&mut self, stage: &str) {
        let words: Vec<String> = stage
            .split_ascii_whitespace()
            .map(str::to_ascii_lowercase)
            .collect();
        let [verb, rest @ ..] = words.as_slice() else {
            return;
        };
        match verb.as_str() {
            "fl" | "format-list" | "ft" | "format-table" => {
                let names = |word: &&String| !word.starts_with('-') && *word != "*";
                self.picks |= rest.iter().any(|word| names(&word));
            }
            "select" | "select-object" => {
                self.picks = true;
                let first = |option: &String| {
                    option.len() > 2 && "-expandproperty".starts_with(option.as_str())
                };
                if let Some(at) = rest.iter().position(first) {
                    self.expands = rest.get(at + 1).map(|name| canonical(name));
                }
                self.drops |= rest
                    .iter()
                    .any(|word| ["-first", "-last", "-skip", "-index"].contains(&word.as_str()));
            }
            "sort" | "sort-object" | "convertto-json" | "convertto-csv" | "more" | "tee"
            | "tee-object" | "out-string" | "out-host" | "export-csv" => {}
            _ => self.drops = true,
        }
    }

    /// What an attribute without a value says in the answer.
    pub(super) fn blank(&self) -> Blank {
        if self.drops {
            Blank::Unsure
        } else if self.picks {
            Blank::NoneOf(self.properties.clone())
        } else {
            Blank::None
        }
    }

    /// Whether lines of the answer may be missing.
    pub(super) fn drops_lines(&self) -> bool {
        self.drops
    }

    /// The answer of `Test-ADServiceAccount`; `None` for other commands. Its values are the same in every language.
    pub(super) fn test(
        &self,
        artifact: ArtifactId,
        section: &Section<'_>,
    ) -> Option<Option<AccountTest>> {
        (self.program == "test-adserviceaccount").then(|| {
            let account = self.identity.clone()?;
            let usable = section
                .lines
                .iter()
                .find_map(|line| match line.text.trim() {
                    "True" => Some(Cited::new(true, line.cite(artifact))),
                    "False" => Some(Cited::new(false, line.cite(artifact))),
                    _ => None,
                })?;
            let mut usable = usable;
            let echo = section.commands_of(Tool::Directory).next();
            usable
                .from
                .extend(echo.and_then(|command| section.cite_echo(artifact, command)));
            Some(AccountTest {
                account,
                usable,
                host: section.host.clone(),
            })
        })
    }

    /// The bare values of one attribute below their command, as the list of the account that it names.
    pub(super) fn expanded(&self, page: &Page<'_>, section: &Section<'_>) -> Option<Listing> {
        let name = self
            .expands
            .as_deref()
            .filter(|name| *name == "serviceprincipalname")?;
        let identity = self.identity.as_deref()?;
        let echo = section.echo?;
        let key = if identity.contains('=') {
            "distinguishedname"
        } else {
            "samaccountname"
        };
        let mut listing = Listing::new(Blank::Unsure);
        listing.push(page, &echo, key, Some(identity));
        for line in page.lines.iter().filter(|line| !line.is_blank()) {
            let spn = line.text.trim();
            let is_spn = spn.contains('/') && !spn.contains([' ', '{', '"']);
            if is_spn {
                listing.push(page, line, name, Some(spn));
            }
        }
        // Nothing below it may be an error that was not captured; a pipe may have dropped some.
        if self.drops {
            listing.mark_cut(name);
        }
        listing.get(name).is_some().then_some(listing)
    }
}

/// An account as typed, without quotes, parentheses and domain prefix signs of cmdlets.
fn bare(word: &str) -> String {
    word.trim_matches(['"', '\'', '(', ')']).to_owned()
}
