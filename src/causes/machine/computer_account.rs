//! MC-06: the web server's computer account is disabled, deleted, or another machine's by now.

use std::collections::BTreeSet;

use super::channel_signs::{Signs, signs};
use super::domain;
use crate::case::{HostId, Role, SymptomId, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status, Subject,
};
use crate::evidence::{Citation, Cited};
use crate::negotiate::Stage;
use crate::readers::events::{AccountChanged, Body, Event};
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};
use jiff::Timestamp;

/// MC-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-06",
    name: "computer-account-gone",
    title: "The web server's computer account is disabled, deleted or another machine's",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The names that a server answers to out of the box, HOST/<server> and through it HTTP/<server>, stand on its computer account. When a clean-up disables or deletes that account, the KDC has nobody to seal a ticket for: clients get an error and fall back to NTLM. NTLM fails as well, because the secure channel needs the same account: the domain controller knows no trust account (0xC000018B), and users get 401.1. A machine that is joined anew under the same name takes the account over and locks its former owner out in the same way.",
        evidence: &[
            "Security log of a domain controller: 4725 (disabled), 4743 (deleted) or 4742 with the disabled flag, for <server>$",
            "System log of a domain controller: NETLOGON 5723 that names the server; of the server: 3210 or 5719 with 0xC000018B",
            "Security log of the web server: 4625 of type 3 with 0xC000018B",
            "nltest /sc_verify: 1787 ERROR_NO_TRUST_SAM_ACCOUNT",
            "Get-ADComputer: Enabled False, or no such object",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there the account is there and enabled, and only its password differs (3210 and 5722 with access denied)",
            },
            LookAlike {
                cause: "SPN-14",
                told_apart_by: "there the account is fine, and HOST values are missing from it",
            },
            LookAlike {
                cause: "SPN-17",
                told_apart_by: "there a new account is not yet on every domain controller, and it heals by itself",
            },
        ],
        ruled_out_by: "the computer account enabled in the directory, and one alone of that name.",
        fix: &[
            "Find out who disabled or deleted the account, and stop it from happening again.",
            "Enable it (Enable-ADAccount), or restore it from the recycle bin (Restore-ADObject): it keeps SID, SPNs and group memberships.",
            "Set the password anew where it changed meanwhile: Test-ComputerSecureChannel -Repair.",
            "Join the domain anew last: that makes another SID, and rights granted to the old one are gone.",
        ],
        verify: "nltest /sc_verify succeeds, klist get HTTP/<server> gives a ticket, NTLM and Kerberos logons give 4624.",
        rollback: "Disable the account again.",
        prevent: "Protect the OU of servers from clean-up scripts and from deletion; one name, one machine.",
        blind_spots: &[
            "whether another machine took the name over, unless its account's creation is audited",
            "deletions before the Security logs begin",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: auditing of 4725, 4742 and 4743",
            "Microsoft: broken secure channel between a domain member and its domain",
        ],
    },
    assess,
};

/// The flag of a disabled account in SAM's encoding, as 4742 carries it.
const DISABLED: u32 = 0x1;

/// What was done to the account of a machine.
#[derive(Default)]
struct Deeds<'a> {
    /// 4725, 4743 or 4742 that disables.
    gone: Option<(&'a Event, &'static str)>,
    /// 4722, 4741 or 4742 that enables, after that.
    back: Option<&'a Event>,
}

impl Deeds<'_> {
    /// Whether the account was away at a time. What has no time counts while nothing shows the account back.
    fn away(&self, at: Option<Timestamp>) -> bool {
        let Some(at) = at else {
            return self.back.is_none();
        };
        self.gone.is_none_or(|(gone, _)| at >= gone.time)
            && self.back.is_none_or(|back| at <= back.time)
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let signs = signs(case);
    let nothing = Signs::default();
    let is_web = |id: HostId| case.hosts.get(id).roles.contains(&Role::WebServer);
    for (host, machine) in case.hosts.iter().filter(|(id, _)| is_web(*id)) {
        let signs = signs.get(&host).unwrap_or(&nothing);
        let mut deeds = deeds(scene, host);
        let missed = signs.no_account.iter().any(|(at, _)| deeds.away(*at));
        if deeds.back.is_some() && !missed && refused_names(scene, host, &deeds).is_empty() {
            // Nobody is seen to have missed it meanwhile.
            deeds = Deeds::default();
        }
        let disabled = case.state_of(machine.machine, |state| state.is_disabled());
        let listed = disabled.present();
        let shown = listed.filter(|state| state.value);
        if deeds.gone.is_some() || shown.is_some() || !signs.no_account.is_empty() {
            out.find(finding(scene, host, signs, &deeds, listed));
        } else if let Some(enabled) = listed {
            out.rule_out(
                format!("{}$ is enabled in the directory", machine.name),
                &few(enabled.from.clone(), 1),
            );
        } else if super::fails(scene, host) {
            out.lack(Input::AccountAttributes(format!("{}$", machine.name)));
        }
    }
    out
}

/// What 4722, 4725, 4741, 4742 and 4743 say of a machine's account.
fn deeds<'a>(scene: &Scene<'a>, host: HostId) -> Deeds<'a> {
    let account = scene.case.hosts.get(host).machine;
    let mut deeds = Deeds::default();
    let disables = |e: &AccountChanged| {
        let flag = |uac: Option<u32>| uac.map(|uac| uac & DISABLED != 0);
        match e.id {
            4725 => Some("disabled"),
            4743 => Some("deleted"),
            4742 if flag(e.old_uac) == Some(false) && flag(e.new_uac) == Some(true) => {
                Some("disabled")
            }
            _ => None,
        }
    };
    let enables = |e: &AccountChanged| {
        let on = e.new_uac.is_some_and(|uac| uac & DISABLED == 0)
            && e.old_uac.is_some_and(|uac| uac & DISABLED != 0);
        matches!(e.id, 4722 | 4741) || (e.id == 4742 && on)
    };
    for (event, e) in scene.case.pick(|b| match b {
        Body::AccountChanged(e) => Some(e),
        _ => None,
    }) {
        let named = e.target.name.as_deref().is_some_and(|name| {
            let domain = e.target.domain.as_deref();
            scene.case.accounts.is_named(account, name, domain) == crate::case::Sameness::Same
        });
        if !named {
            continue;
        }
        if let Some(what) = disables(e) {
            deeds = Deeds {
                gone: Some((event, what)),
                back: None,
            };
        } else if enables(e) && deeds.gone.is_some() {
            deeds.back.get_or_insert(event);
        }
    }
    deeds
}

fn finding(
    scene: &Scene<'_>,
    host: HostId,
    signs: &Signs,
    deeds: &Deeds<'_>,
    listed: Option<&Cited<bool>>,
) -> Finding {
    let name = &scene.case.hosts.get(host).name;
    let subject = Subject {
        host: Some(name.clone()),
        account: Some(format!("{name}$")),
        ..Subject::default()
    };
    let shown = listed.filter(|state| state.value);
    let what = deeds.gone.map(|(_, what)| what);
    let what = what.or(shown.map(|_| "disabled"));
    let told = |seen: &BTreeSet<Citation>| times(scene.case.met(seen));
    let explanation = match (what, deeds.back) {
        (Some(what), Some(_)) => format!(
            "The computer account {name}$ was {what} for a while. Meanwhile the KDC had nobody to seal tickets for the server's own names, and no domain controller accepted its secure channel: users fell back to NTLM, which failed as well, and got 401.1."
        ),
        (what, _) => {
            let state = match what {
                Some(what) => format!("The computer account {name}$ is {what}"),
                None => format!("A domain controller did not find the computer account {name}$"),
            };
            format!(
                "{state}. The KDC has nobody to seal tickets for the server's own names, and no domain controller accepts its secure channel: users fall back to NTLM, which fails as well, and get 401.1."
            )
        }
    };
    let mut finding = Finding::about(subject, explanation);
    if let Some((event, what)) = deeds.gone {
        finding = finding.structure(
            format!("{name}$ was {what}"),
            std::slice::from_ref(&event.citation),
        );
    }
    finding = finding.structure(
        format!("the directory, when it was listed, showed {name}$ disabled"),
        &few(shown.map(|state| state.from.clone()).unwrap_or_default(), 1),
    );
    let seen = signs.no_account.iter().filter(|(at, _)| deeds.away(*at));
    let seen: BTreeSet<Citation> = seen.map(|(_, from)| from.clone()).collect();
    finding = finding.observed(
        format!(
            "a domain controller knew no account for {name}, {} (NETLOGON, 0xC000018B)",
            told(&seen)
        ),
        &few(seen.into_iter().collect(), 3),
    );
    let refused = refused_names(scene, host, deeds);
    for (_, symptom) in &refused {
        finding = finding.observed(
            format!(
                "the KDC refused a ticket for a name of {name} {}",
                times(symptom.count)
            ),
            &symptom.from,
        );
    }
    if finding.structure.is_empty() {
        // A new account that has not come to every domain controller gives the same answer.
        finding = finding.at_most(Status::Likely);
        finding = match listed {
            Some(enabled) => finding.contradicting(
                format!("the directory, when it was listed, showed {name}$ enabled"),
                &few(enabled.from.clone(), 1),
            ),
            None => finding.lacks(Input::AccountAttributes(format!("{name}$"))),
        };
    }
    if let (Some((gone, what)), Some(back)) = (deeds.gone, deeds.back) {
        finding = finding.supporting(
            format!("{name}$ was there again later"),
            std::slice::from_ref(&back.citation),
        );
        finding.current = Current::No;
        finding.onset = Some(onset(name, what, gone));
    } else if let Some((gone, what)) = deeds.gone {
        finding.onset = Some(onset(name, what, gone));
    }
    let of_channel = scene.symptoms(|kind| match kind {
        SymptomKind::SecureChannel(h) => *h == host || signs.written_on.contains(h),
        SymptomKind::LogonFailed {
            host: h,
            status,
            sub_status,
            ..
        } => *h == host && [*status, *sub_status].contains(&0xC000_018B),
        _ => false,
    });
    let of_channel = of_channel.into_iter().filter(|_| !signs.wrong_password());
    let ids: Vec<SymptomId> = of_channel.chain(refused).map(|(id, _)| id).collect();
    finding
        .explains(ids)
        .fix(remedy(scene, host, what == Some("disabled")), Vec::new())
}

fn onset(name: &str, what: &str, event: &Event) -> crate::causes::Ground {
    crate::causes::Ground {
        says: format!("{name}$ was {what}"),
        from: vec![event.citation.clone()],
    }
}

/// Refusals of the KDC for names that stand on the computer account, while that is shown to be away.
fn refused_names<'a>(
    scene: &Scene<'a>,
    host: HostId,
    deeds: &Deeds<'_>,
) -> Vec<(SymptomId, &'a crate::case::Symptom)> {
    let machine = scene.case.hosts.get(host);
    let own = |name: &str| {
        name.eq_ignore_ascii_case(&machine.name)
            || machine
                .fqdn
                .as_deref()
                .is_some_and(|f| f.eq_ignore_ascii_case(name))
    };
    let about_it = |key: &str| own(&crate::case::Spn::of_key(key).host());
    let mut refused = scene.symptoms(|kind| match kind {
        SymptomKind::PrincipalUnknown(key) | SymptomKind::KerberosError(key, 0x12 | 0x13) => {
            about_it(key)
        }
        _ => false,
    });
    refused.retain(|(_, s)| deeds.gone.is_some() && s.first.is_some() && deeds.away(s.first));
    refused
}

fn remedy(scene: &Scene<'_>, host: HostId, disabled: bool) -> Remedy {
    let name = &scene.case.hosts.get(host).name;
    let account = format!("{name}$");
    let mut fix = vec![
        Step::run(
            c::get_ad_account(c::AccountKind::Computer, &account),
            format!("see whether {account} is there, enabled, and whose password age fits"),
        )
        .stop_if("it is there and enabled, and was created only lately: another machine may have been joined under this name; settle which one keeps it"),
    ];
    if disabled {
        fix.push(
            Step::run(c::enable_ad_account(&account), format!("enable {account}"))
                .stop_if("nobody knows why it was disabled: ask who did it first")
                .risk("the script or person that disabled it may do so again: stop that first"),
        );
    } else {
        fix.push(Step::by_hand(format!(
            "restore {account} from the recycle bin of the directory (Get-ADObject -IncludeDeletedObjects finds it, Restore-ADObject brings it back with its SID and SPNs)"
        )));
    }
    fix.push(Step::run(
        c::test_secure_channel(),
        format!("on {name}, in an elevated prompt: True means that the password still fits"),
    ));
    fix.push(
        Step::run(c::repair_secure_channel(), "where it prints False: set a new password on both sides")
            .risk("tickets for the server's names that clients hold stop working until they fetch new ones"),
    );
    fix.push(Step::by_hand("join the domain anew only when nothing else helps: the new account has another SID, and the rights of the old one are gone"));
    let mut verify = Vec::new();
    verify
        .extend(domain(scene, host).map(|d| Step::run(c::nltest_verify(&d), "ends with success")));
    verify.push(Step::by_hand(
        "a user who browses to the server's own name gives a 4624 of type 3 with package Kerberos",
    ));
    let rollback = if disabled {
        Step::run(
            c::disable_ad_account(&account),
            format!("disable {account} again"),
        )
    } else {
        Step::by_hand("none needed")
    };
    Remedy::of(fix)
        .verify(verify)
        .rollback(vec![rollback])
        .prevent(CAUSE.page.prevent)
}
