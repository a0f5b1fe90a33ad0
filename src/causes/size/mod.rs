//! Group SZ: sizes and limits of tokens, on the wire and in the LSA.

mod header;
mod max_token;
#[cfg(test)]
mod tests;
mod too_many_groups;
mod udp;

use std::collections::BTreeSet;

use crate::case::Sameness;
use crate::causes::scene::few;
use crate::causes::{Cause, Finding, Scene};
use crate::evidence::{ArtifactId, Citation};
use crate::readers::events::Body;
use crate::readers::whoami::SessionToken;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &header::CAUSE,
    &max_token::CAUSE,
    &too_many_groups::CAUSE,
    &udp::CAUSE,
];

/// Groups in a token from which on its ticket is large (a ticket has eight to forty bytes for each).
const MANY_GROUPS: usize = 120;

/// Warnings of a KDC about the size of tickets (KDC 31).
pub(super) fn warned(scene: &Scene<'_>) -> Vec<Citation> {
    let events = scene.case.events.iter();
    let warned = events.filter(|e| matches!(&e.body, Body::Kdc(kdc) if kdc.id == 31));
    warned.map(|e| e.citation.clone()).collect()
}

/// Adds what shows that tickets are large: the sessions with many groups, by whether they are those of the users who fail.
fn saw_large_tickets(
    scene: &Scene<'_>,
    finding: Finding,
    is_theirs: impl Fn(ArtifactId, &SessionToken) -> bool,
) -> Finding {
    let tokens = scene.case.tokens.iter();
    let (theirs, others): (Vec<_>, Vec<_>) = tokens
        .filter(|(_, token)| token.groups.len() >= MANY_GROUPS)
        .partition(|(artifact, token)| is_theirs(*artifact, token));
    let places = |tokens: Vec<&(ArtifactId, SessionToken)>| {
        few(
            tokens
                .into_iter()
                .map(|(_, token)| token.from.clone())
                .collect(),
            2,
        )
    };
    finding
        .structure(
            format!("the token of a user's session holds {MANY_GROUPS} groups or more, each of which makes the ticket longer"),
            &places(theirs),
        )
        .supporting(
            format!("a token in the bundle holds {MANY_GROUPS} groups or more; whether its user is one of those who fail does not show"),
            &places(others),
        )
        // It names neither the user nor the server that refused.
        .supporting(
            "a domain controller issued tickets above its warning threshold (KDC 31)",
            &few(warned(scene), 2),
        )
}

impl Scene<'_> {
    /// Whether a token is that of one of these users.
    fn is_of(&self, token: &SessionToken, users: &BTreeSet<String>) -> bool {
        let spelled = token.user.iter().chain(&token.upn);
        let mut pairs = spelled.flat_map(|own| users.iter().map(|user| (&own.value, user)));
        pairs.any(|(own, user)| self.case.accounts.is_spelled(own, user) == Sameness::Same)
    }
}
