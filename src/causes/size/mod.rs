//! Group SZ: sizes and limits of tokens, on the wire and in the LSA.

mod header;
mod max_token;
#[cfg(test)]
mod tests;
mod too_many_groups;
mod udp;

use crate::causes::scene::few;
use crate::causes::{Cause, Finding, Scene};
use crate::evidence::Citation;
use crate::readers::events::Body;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &header::CAUSE,
    &max_token::CAUSE,
    &too_many_groups::CAUSE,
    &udp::CAUSE,
];

/// Groups in a token from which on its ticket is large (a ticket has eight to forty bytes for each).
const MANY_GROUPS: usize = 120;

/// Tokens of sessions with many groups, and warnings of a KDC about the size of tickets (KDC 31).
fn large_tickets(scene: &Scene<'_>) -> (Vec<Citation>, Vec<Citation>) {
    let many = scene
        .case
        .tokens
        .iter()
        .filter(|(_, token)| token.groups.len() >= MANY_GROUPS);
    let warned = scene
        .case
        .events
        .iter()
        .filter(|e| matches!(&e.body, Body::Kdc(kdc) if kdc.id == 31));
    (
        many.map(|(_, token)| token.from.clone()).collect(),
        warned.map(|e| e.citation.clone()).collect(),
    )
}

/// Adds what shows that tickets are large.
fn saw_large_tickets(scene: &Scene<'_>, finding: Finding) -> Finding {
    let (many, warned) = large_tickets(scene);
    finding
        .structure(
            format!("the token of a user's session holds {MANY_GROUPS} groups or more, each of which makes the ticket longer"),
            &few(many, 2),
        )
        // It names neither the user nor the server that refused.
        .supporting(
            "a domain controller issued tickets above its warning threshold (KDC 31)",
            &few(warned, 2),
        )
}
