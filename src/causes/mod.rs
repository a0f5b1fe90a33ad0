//! The causes: what each one is, how it is told from its look-alikes, and the question it asks the case.
//!
//! One small file a cause, in folders that follow the groups of the catalogue. A cause states its [`Page`] (what
//! `why401 explain` prints), and answers with an [`Assessment`]: findings, grounds that rule it out, or the inputs it
//! lacks. The status of a finding is not the cause's to choose: it follows from its grounds ([`Finding::status`]).

mod absence;
mod acceptor;
mod access;
mod account;
mod asks;
mod assessment;
pub mod catalogue;
mod channel_binding;
mod client;
mod clients;
mod config;
mod delegation;
mod encryption;
pub mod explain;
mod fits;
#[cfg(test)]
mod folded;
mod group;
mod inputs;
mod loopback;
mod machine;
mod mismatch;
mod name;
mod near_miss;
pub mod noise;
mod ntlm;
mod observations;
mod onset;
mod part;
mod pool;
mod predicted;
mod proxy;
mod reckoning;
#[cfg(test)]
mod samples;
mod scene;
mod size;
mod spn;
#[cfg(test)]
mod thin;
#[cfg(test)]
mod traps;
mod trust;
mod user;
mod verdict;
mod view;
mod why_unheld;

pub use absence::{Unheld, Why};
pub use assessment::{Assessment, Current, Finding, Fix, Ground, RuledOut, Status, Subject};
pub use fits::fits;
pub use group::Group;
pub use inputs::{Input, Missing};
pub use mismatch::Mismatch;
pub use scene::Scene;
pub use verdict::{Judged, Judgement, judge};
pub use view::View;
pub use why_unheld::{OtherSuffix, OwnName};

use crate::negotiate::Stage;

/// One entry of the catalogue.
pub struct Cause {
    /// The stable id, `SPN-05`.
    pub id: &'static str,
    /// The stable name, kebab-case.
    pub name: &'static str,
    /// One line for people.
    pub title: &'static str,
    /// Where on the way it strikes.
    pub stage: Stage,
    /// What `why401 explain` prints.
    pub page: Page,
    /// The question it asks the case.
    pub assess: fn(&Scene<'_>) -> Assessment,
}

/// What a support engineer wants to read about a cause.
pub struct Page {
    /// What happens, and why that gives a 401 or NTLM.
    pub mechanism: &'static str,
    /// What shows it, by source.
    pub evidence: &'static [&'static str],
    /// What else looks like it, and the fact that tells them apart.
    pub look_alikes: &'static [LookAlike],
    /// What rules it out.
    pub ruled_out_by: &'static str,
    /// How to fix it, in the safest order.
    pub fix: &'static [&'static str],
    /// How to check that it worked.
    pub verify: &'static str,
    /// How to undo the fix.
    pub rollback: &'static str,
    /// How to keep it from coming back.
    pub prevent: &'static str,
    /// What this tool cannot see of it.
    pub blind_spots: &'static [&'static str],
    /// Which versions of Windows it concerns.
    pub versions: &'static str,
    /// Where the facts come from.
    pub sources: &'static [&'static str],
}

/// Something that looks the same, and the fact that tells it apart.
pub struct LookAlike {
    /// The id of the other cause.
    pub cause: &'static str,
    /// The fact.
    pub told_apart_by: &'static str,
}
