//! Who may fetch the password of a managed service account, as a listing of the account says, and what lets a server do so.

use crate::case::PoolIdentity;
use crate::causes::scene::few;
use crate::causes::{Finding, Scene, View};
use crate::evidence::{Citation, Known};
use crate::negotiate::{is_account, is_known_account};
use crate::remedy::Step;
use crate::remedy::commands as c;

/// What PrincipalsAllowedToRetrieveManagedPassword says of one server.
pub(super) enum Readers {
    /// It is not listed, or the list was cut.
    Unknown,
    /// The server itself is named.
    Server(Vec<Citation>),
    /// Nobody is named, or only accounts that are not the server's.
    Accounts {
        named: Vec<String>,
        server: String,
        from: Vec<Citation>,
    },
    /// Not the server itself; whether it is in a group named there is in no listing of the account.
    Others(Vec<Citation>),
}

impl Readers {
    /// Of the account that an endpoint's pool runs as, for the endpoint's server.
    pub(super) fn of(scene: &Scene<'_>, view: Option<&View<'_>>) -> Self {
        let case = scene.case;
        let endpoint = view.map(|view| view.endpoint);
        let identity = endpoint
            .and_then(|e| e.pool.as_ref())
            .map(|pool| &pool.identity);
        let (Some(PoolIdentity::Managed(account)), Some(host)) =
            (identity, endpoint.and_then(|e| e.host))
        else {
            return Self::Unknown;
        };
        let host = case.hosts.get(host);
        let server = format!("{}$", host.name);
        match case.shown_of(*account, |object| &object.password_readers) {
            Known::Absent(from) => Self::Accounts {
                named: Vec::new(),
                server,
                from,
            },
            Known::Present(readers) => {
                let mut shown = readers.shown.iter();
                if let Some(own) = shown.find(|r| is_account(case, host.machine, &r.value)) {
                    return Self::Server(own.from.clone());
                }
                let mut shown = readers.shown.iter();
                match shown.all(|r| is_known_account(case, &r.value)) {
                    _ if !readers.complete => Self::Unknown,
                    true => Self::Accounts {
                        named: readers.shown.iter().map(|r| r.value.clone()).collect(),
                        server,
                        from: readers.from,
                    },
                    false => Self::Others(readers.from),
                }
            }
            Known::Unknown => Self::Unknown,
        }
    }

    /// The finding with what is listed.
    pub(super) fn said_in(&self, finding: Finding) -> Finding {
        match self {
            Self::Unknown => finding,
            Self::Server(from) => finding.supporting(
                "the directory lets the server retrieve the password",
                &few(from.clone(), 1),
            ),
            Self::Accounts { named, from, .. } if named.is_empty() => finding.structure(
                "the directory lets nobody retrieve the password of the account",
                &few(from.clone(), 1),
            ),
            Self::Accounts { named, server, from } => finding.structure(
                format!(
                    "the directory lets only {} retrieve the password, and not {server}",
                    named_first(named)
                ),
                &few(from.clone(), 1),
            ),
            Self::Others(from) => finding.supporting(
                "the directory names who may retrieve the password, and not the server itself: it must be in a group named there",
                &few(from.clone(), 1),
            ),
        }
    }

    /// Lets the server fetch the password, and leaves those who may now as they are.
    pub(super) fn let_the_server(&self, account: &str) -> Option<Step> {
        Some(match self {
            Self::Server(_) => return None,
            Self::Accounts { named, server, .. } => {
                let all: Vec<String> = named.iter().chain([server]).cloned().collect();
                Step::run(
                    c::set_password_readers(account, &all),
                    format!("let {server} retrieve the password too: this replaces the list, so it names those that are on it now"),
                )
                .stop_if("the list has changed since: name everybody who is on it now, or a server that works loses the password")
            }
            Self::Others(_) => Step::by_hand(format!(
                "put the server into the group that may retrieve the password of {account} (its property PrincipalsAllowedToRetrieveManagedPassword names it)"
            )),
            Self::Unknown => Step::by_hand(format!(
                "let the server retrieve the password of {account}: put it into the group that the account's property PrincipalsAllowedToRetrieveManagedPassword names; where only computers are named there, write the list anew with all of them and the server (Set-ADServiceAccount replaces it)"
            )),
        })
    }

    /// The way back.
    pub(super) fn rollback(&self, account: &str) -> Step {
        match self {
            Self::Accounts { named, .. } => Step::run(
                c::set_password_readers(account, named),
                "write the former list back",
            ),
            Self::Server(_) => Step::by_hand("none needed: the account is left as it is"),
            _ => Step::by_hand(super::managed_password::CAUSE.page.rollback),
        }
    }
}

/// The first three names, and how many more there are.
fn named_first(named: &[String]) -> String {
    let first = named.get(..3).unwrap_or(named).join("; ");
    match named.len() {
        0..=3 => first,
        more => format!("{first} and {} more", more - 3),
    }
}
