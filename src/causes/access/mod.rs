//! Group AZ: authenticated, and then refused: by files, rules, addresses or the application.
//!
//! A log names the user of such a 401, which tells it from every failed sign-in; its sub-status, and what is in force at the
//! path, tell which of these it is.

mod address_rule;
mod by_application;
mod file_permissions;
mod group_missing;
mod network_content;
mod refused;
mod rules;
#[cfg(test)]
mod tests;
mod url_rule;
mod worker_identity;

pub(super) use refused::{Refused, refused};
pub(super) use rules::{Rules, Ruling, ruling, rulings};

use crate::case::SymptomKind;
use crate::causes::{Assessment, Cause, Input, Scene};

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &file_permissions::CAUSE,
    &network_content::CAUSE,
    &url_rule::CAUSE,
    &by_application::CAUSE,
    &group_missing::CAUSE,
    &address_rule::CAUSE,
    &worker_identity::CAUSE,
];

/// Sub-status of 401 that IIS and ASP.NET write where a file may not be opened by the user.
pub(super) const BY_FILE: u16 = 3;
/// Sub-statuses of 401 that rules and applications leave, once a user is signed in.
pub(super) const BY_RULE: [u16; 2] = [0, 2];

/// The logs of requests, or traces of them: without either, nobody is shown to be refused.
pub(in crate::causes) const REQUESTS: Input = Input::Stated {
    what: "the IIS log of the site (W3C) at the time of the failure, with cs-username, sc-substatus and sc-win32-status",
    collect_with: "robocopy %SystemDrive%\\inetpub\\logs\\LogFiles . *.log /s /maxage:3",
};

/// Asks for the logs of requests where there are none of a site, or they do not say why a user was refused.
pub(super) fn lack_requests(scene: &Scene<'_>, out: &mut Assessment) {
    let untold = |kind: &SymptomKind| matches!(kind, SymptomKind::RefusedUntold(_));
    let none = scene.case.logged_sites.is_empty() && scene.case.traces.is_empty();
    if none || !scene.symptoms(untold).is_empty() {
        out.lack(REQUESTS);
    }
}

/// Rules a cause out by a log that holds failures of its site, and none of these: the failure is in what the log covers, and
/// another one. A log without any failure may be one of another day, and one without sub-status tells no failure from another.
pub(super) fn rule_out_by_logs(scene: &Scene<'_>, out: &mut Assessment, what: &str) {
    for (_, symptom) in scene.case.numbered_symptoms() {
        let logged = symptom
            .logged_site()
            .and_then(|id| scene.case.logged_site(id));
        match logged.filter(|_| symptom.is_failure()) {
            Some(logged) if logged.tells_sub_status() => out.rule_out(
                format!("the log of the site that fails shows other failures, and {what}"),
                &symptom.from,
            ),
            Some(_) => out.lack(REQUESTS),
            None => {}
        }
    }
}
