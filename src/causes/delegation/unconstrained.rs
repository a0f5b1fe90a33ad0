//! Front ends that are trusted for any service: there the client has to send a ticket that can be forwarded, and several
//! causes keep it from doing so.

use super::front::Arrivals;
use super::hop::SecondHop;
use crate::causes::scene::few;
use crate::causes::{Finding, Scene};
use crate::evidence::Citation;

/// A second hop of a front end that is trusted for any service, to which users came by Kerberos without credentials to go on.
pub(super) struct NotForwarded<'h, 's, 'a> {
    /// The hop.
    pub hop: &'h SecondHop<'s, 'a>,
    /// The users' logons at the front end that hold nothing to go on with (impersonation level 1833).
    pub without: Vec<Citation>,
    /// Logons of others that do (1840).
    pub with: Vec<Citation>,
    /// How all came.
    pub arrivals: Arrivals<'a>,
}

impl<'h, 's, 'a> NotForwarded<'h, 's, 'a> {
    /// This, where the hop is of that kind.
    pub(super) fn of(hop: &'h SecondHop<'s, 'a>) -> Option<Self> {
        let ways = &hop.ways;
        let other = ways.listed.is_true() || ways.named_by_holder.is_true();
        if !ways.any_service.is_true() || other {
            return None;
        }
        let arrivals = Arrivals::before(hop);
        let (without, with) = arrivals.by_level();
        (!without.is_empty()).then_some(Self {
            hop,
            without,
            with,
            arrivals,
        })
    }

    /// A finding about it with its two grounds.
    pub(super) fn finding(&self, scene: &Scene<'_>, explanation: String) -> Finding {
        let trusted = self.hop.ways.any_service.present();
        let trusted = trusted.map(|t| t.from.clone()).unwrap_or_default();
        self.hop
            .finding(scene, explanation)
            .supporting(
                format!(
                    "{} is trusted to delegate to any service",
                    self.hop.account_shown(scene)
                ),
                &few(trusted, 1),
            )
            .observed(
                "users came to the front end by Kerberos with a ticket that cannot be forwarded (impersonation level 1833)",
                &few(self.without.clone(), 3),
            )
    }
}
