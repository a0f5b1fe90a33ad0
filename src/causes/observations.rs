//! What was observed for an SPN, as grounds of a finding. Each says what the records themselves say and no more.

use super::scene::{Scene, few};
use super::view::View;
use super::{Assessment, Finding};
use crate::case::{Spn, Symptom, SymptomId};
use crate::readers::events::Event;

/// Reasons (`NtlmUsageId`) that fit a name without a holder: unknown, no target name, not resolved by Kerberos, or none given.
pub(super) const NAME_UNRESOLVED: &[Option<u32>] = &[None, Some(0), Some(5), Some(6)];
/// The reason that names a duplicate.
pub(super) const NAME_DUPLICATED: &[Option<u32>] = &[Some(8)];
/// The reason that names an IP address.
pub(super) const NAME_IS_IP: &[Option<u32>] = &[Some(7)];

impl Finding {
    /// Clients were told that the ticket cannot be opened (Kerberos event 4).
    pub fn saw_mismatches(self, scene: &Scene<'_>, spn: &Spn) -> Self {
        self.saw(scene.mismatches(spn), |count| {
            format!("clients were told {count} that the ticket for {spn} cannot be opened")
        })
        .saw_refused_tickets(scene, spn)
    }

    /// The web server refused tickets for the SPN: that it cannot open them is one reason of several.
    fn saw_refused_tickets(self, scene: &Scene<'_>, spn: &Spn) -> Self {
        let refused = scene.refused_tickets(spn).into_iter();
        refused.fold(self, |finding, (id, symptom)| {
            let count = times(symptom.count);
            let says = format!("the web server refused a ticket for {spn} {count}");
            finding.supporting(says, &symptom.from).explains([id])
        })
    }

    /// The KDC answered 0x7 or 0x8.
    pub fn saw_refusals(self, scene: &Scene<'_>, spn: &Spn) -> Self {
        self.saw(scene.unknown_principals(spn), |count| {
            format!("the KDC answered {count} that it does not know {spn}, or knows it twice")
        })
    }

    /// NTLM was used towards the SPN for one of these reasons.
    pub fn saw_ntlm(self, scene: &Scene<'_>, spn: &Spn, reasons: &[Option<u32>]) -> Self {
        self.saw(scene.ntlm_for(spn, reasons), |count| {
            format!("NTLM was used towards {spn} {count}")
        })
    }

    /// Domain users came by NTLM to a server all of whose endpoints are expected to end there.
    pub fn saw_ntlm_logons(self, scene: &Scene<'_>, views: &[&View<'_>]) -> Self {
        let Some(host) = views.iter().find_map(|v| v.endpoint.host) else {
            return self;
        };
        let name = &scene.case.hosts.get(host).name;
        self.saw(scene.ntlm_logons_due_to(Some(host)), |count| {
            format!("domain users logged on to {name} over the network by NTLM {count}")
        })
    }

    /// The same users came by NTLM to the server: whoever logged on so was refused this name, or used NTLM for it.
    pub fn saw_logons_of_the_refused(
        self,
        scene: &Scene<'_>,
        spn: &Spn,
        views: &[&View<'_>],
    ) -> Self {
        let hosts: Vec<_> = views.iter().filter_map(|v| v.endpoint.host).collect();
        scene
            .ntlm_logons_of_the_refused(spn, &hosts)
            .into_iter()
            .filter(|(id, _)| !self.explains.contains(id))
            .collect::<Vec<_>>()
            .into_iter()
            .fold(self, |finding, (id, symptom)| {
                let says = format!(
                    "the same users logged on over the network by NTLM {}",
                    times(symptom.count)
                );
                finding.supporting(says, &symptom.from).explains([id])
            })
    }

    /// The SPN is in a ticket cache: the KDC does issue tickets for it.
    pub fn saw_tickets(self, scene: &Scene<'_>, spn: &Spn) -> Self {
        self.supporting(
            format!("a client holds a ticket for {spn}: the KDC issues it"),
            &few(scene.tickets(spn), 2),
        )
    }

    /// Adds symptoms as observations that the finding explains.
    pub fn saw(
        self,
        symptoms: Vec<(SymptomId, &Symptom)>,
        says: impl Fn(String) -> String,
    ) -> Self {
        symptoms.into_iter().fold(self, |finding, (id, symptom)| {
            finding
                .observed(says(times(symptom.count)), &symptom.from)
                .explains([id])
        })
    }

    /// The same, where the records are written for this cause alone.
    pub fn saw_conclusive(
        self,
        symptoms: Vec<(SymptomId, &Symptom)>,
        says: impl Fn(String) -> String,
    ) -> Self {
        let sure = symptoms.iter().any(|(_, s)| !s.from.is_empty());
        let mut finding = self.saw(symptoms, says);
        finding.conclusive |= sure;
        finding
    }
}

impl Assessment {
    /// Rules the cause out where the acceptor is shown to hold the SPN: tickets can be opened.
    pub fn rule_out_matching(&mut self, scene: &Scene<'_>) {
        for view in scene.negotiating() {
            if let (Some(holder), Some(spn), false) =
                (view.holder(), view.spn(), view.is_mismatch())
                && view.path.key_match == crate::negotiate::KeyMatch::Match
            {
                self.rule_out(
                    format!(
                        "{spn} is on {}, whose key opens tickets for {}",
                        scene.shown(holder.account),
                        view.endpoint.location()
                    ),
                    &few(holder.from.clone(), 2),
                );
            }
        }
    }
}

/// How often these events were written, those folded into them as well.
pub(super) fn times_of(events: &[&Event]) -> String {
    times(events.iter().map(|event| event.count()).sum())
}

/// `once`, `12 times`.
pub(super) fn times(count: u64) -> String {
    if count == 1 {
        "once".to_owned()
    } else {
        format!("{count} times")
    }
}
