//! The clocks of machines as w32tm measured them, and the one that is off.

use std::net::IpAddr;

use crate::case::HostId;
use crate::causes::Scene;
use crate::evidence::Citation;

/// What Kerberos tolerates, in seconds.
pub(super) const TOLERATED: u64 = 300;

/// A machine's clock compared with another one.
pub(super) struct Clock {
    pub(super) host: HostId,
    /// The other machine, where the output names it.
    other: Option<String>,
    pub(super) seconds: i64,
    pub(super) from: Citation,
}

impl Clock {
    /// Whether it differs by more than Kerberos tolerates.
    pub(super) fn is_off(&self) -> bool {
        self.seconds.unsigned_abs() > TOLERATED
    }

    /// What it was compared with, for sentences.
    pub(super) fn other(&self) -> &str {
        self.other.as_deref().unwrap_or("its time source")
    }
}

/// The greatest difference of each machine that w32tm measured.
pub(super) fn clocks(scene: &Scene<'_>) -> Vec<Clock> {
    let machines = scene.case.machines.iter();
    machines
        .filter_map(|(host, machine)| {
            let worst = machine.clocks().into_iter();
            let worst = worst.max_by_key(|c| c.value.milliseconds.unsigned_abs())?;
            Some(Clock {
                host: *host,
                other: worst.value.other,
                seconds: worst.value.milliseconds / 1000,
                from: worst.from.into_iter().next()?,
            })
        })
        .collect()
}

/// The only clock that is off, with one that agrees with what that was compared with: the other two cannot both be wrong.
pub(super) fn odd_one(clocks: &[Clock]) -> Option<(&Clock, &Clock)> {
    let mut off = clocks.iter().filter(|clock| clock.is_off());
    let (Some(odd), None) = (off.next(), off.next()) else {
        return None;
    };
    let other = odd.other.as_deref()?;
    let agrees = |clock: &&Clock| {
        let same = clock.other.as_deref().is_some_and(|o| is_same(o, other));
        same && !clock.is_off()
    };
    Some((odd, clocks.iter().find(agrees)?))
}

/// Whether two names are one machine's, short or long; an address is its own.
fn is_same(a: &str, b: &str) -> bool {
    let is_address = |name: &str| name.parse::<IpAddr>().is_ok();
    if is_address(a) || is_address(b) {
        return a == b;
    }
    let (first, second) = (a.split('.'), b.split('.'));
    first.zip(second).all(|(a, b)| {
        a.trim_matches('\\')
            .eq_ignore_ascii_case(b.trim_matches('\\'))
    })
}
