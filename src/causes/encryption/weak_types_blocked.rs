//! ET-10: the updates of 2026 take RC4 from accounts that have no setting of their own (CVE-2026-20833).

use super::refused::{Refused, Why, refused};
use super::repair::{self, Repair};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::readers::registry::Key;
use crate::remedy::Step;

/// ET-10.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-10",
    name: "rc4-blocked-by-update",
    title: "The domain controllers no longer issue RC4 tickets by default (CVE-2026-20833)",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Until 2026 an account without msDS-SupportedEncryptionTypes got RC4 tickets where client or keys asked for them. The updates of January 13, 2026 warn of each such ticket; those of April 14, 2026 make AES the only default, with a way back for a while; those of July 2026 take the way back. A service whose account has no AES keys, or a client that knows RC4 only, gets 0xE from the day on which the domain controller that it asks was updated. Accounts with an explicit setting keep it.",
        evidence: &[
            "System log of a domain controller, source Kdcsvc: 203 (the client offers weak types only), 204 (the service has no AES keys): blocked",
            "208 and 209 say the same of an account that is set to AES: they are blocked for its own setting",
            "201, 202, 206, 207: still allowed, and to be blocked",
            "205 when the KDC starts: DefaultDomainSupportedEncTypes allows weak types",
            "KDC 16 and a 4769 with 0xE beside them; the encryption type of the ticket is 0xFFFFFFFF",
            "registry of the domain controllers: RC4DefaultDisablementPhase",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-01",
                told_apart_by: "the account has no AES keys: with 202 and 204 that is what to repair, the update only brought it to light",
            },
            LookAlike {
                cause: "ET-02",
                told_apart_by: "there the account has a setting of its own (206, 208), which refused such clients before the update too",
            },
            LookAlike {
                cause: "ET-03",
                told_apart_by: "there somebody set DefaultDomainSupportedEncTypes",
            },
        ],
        ruled_out_by: "domain controllers whose System logs cover the refusals and hold none of 201 to 209.",
        fix: &[
            "Find the account and the clients that the events name.",
            "Give the account AES keys (reset its password) and set msDS-SupportedEncryptionTypes to 0x18.",
            "A client that knows RC4 only: update it, or make its keytab anew.",
            "Only where that takes too long: an explicit setting of 0x1C on this account alone, with the risk accepted. Do not turn the update back for the whole domain.",
        ],
        verify: "4769 with 0x0 and encryption type 0x12; no new 201 to 209 for the account.",
        rollback: "Write the old value of msDS-SupportedEncryptionTypes again.",
        prevent: "Work off 201, 202, 206 and 207 before the next stage is installed.",
        blind_spots: &[
            "the fields of 201 to 209 other than the service's name are not documented: their number is what counts here",
            "which update a domain controller has is shown by systeminfo or Get-HotFix on it",
        ],
        versions: "Domain controllers with the updates of January 2026 or later.",
        sources: &[
            "Microsoft: KB5073381, CVE-2026-20833",
            "Microsoft: Detect and remediate RC4 usage in Kerberos",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for refused in refused(scene) {
        let blocked = refused.records(&[203, 204]);
        let by_setting = refused.records(&[208, 209]);
        let audited = refused.records(&[201, 202, 206, 207]);
        if blocked.is_empty() && by_setting.is_empty() && audited.is_empty() {
            match covering(scene, refused) {
                Some(from) => out.rule_out(
                    "the System logs of the domain controllers cover the refusals and hold none of 201 to 209",
                    &few(from, 2),
                ),
                None => out.lack(super::KDC_LOG),
            }
            continue;
        }
        out.find(finding(scene, refused, &blocked, &by_setting, &audited));
    }
    out
}

/// What shows that a domain controller writes such events, or a record of the KDC at all, while it wrote none of them.
fn covering(scene: &Scene<'_>, refused: &Refused<'_>) -> Option<Vec<Citation>> {
    let from = refused.records(&[14, 16, 26, 27]);
    // KDC 16 stands in the same log: the others would stand beside it.
    let wrote = scene.case.pick(|body| match body {
        Body::Kdc(e) if (201..=209).contains(&e.id) => Some(e),
        _ => None,
    });
    (!from.is_empty() && wrote.count() == 0 && !matches!(refused.why, Why::Hardening))
        .then_some(from)
}

fn finding(
    scene: &Scene<'_>,
    refused: &Refused<'_>,
    blocked: &[Citation],
    by_setting: &[Citation],
    audited: &[Citation],
) -> Finding {
    let shown = &refused.shown;
    let (no_keys, weak_client) = (refused.records(&[204]), refused.records(&[203]));
    let why = match (no_keys.is_empty(), weak_client.is_empty()) {
        (false, _) => "it has no AES keys",
        (_, false) => "the client offers weak types only",
        _ => "client and account have no AES in common",
    };
    let text = if !blocked.is_empty() {
        format!(
            "The domain controllers block weak encryption types since an update of 2026, and {shown} has no setting of its own: {why}. The KDC answers 0xE."
        )
    } else if !by_setting.is_empty() {
        format!(
            "The domain controllers block weak encryption types for {shown}, which is set to AES: {why}."
        )
    } else {
        format!(
            "The domain controllers still issue weak tickets for {shown}, and write that the next stage of the update blocks them."
        )
    };
    let mut finding = Finding::about(refused.subject(scene), text);
    let says = format!("the KDC blocked tickets for {shown} by the default of the update");
    finding = finding.conclusive(says, &few(blocked.to_vec(), 3));
    if blocked.is_empty() && !by_setting.is_empty() {
        let says = format!("the KDC blocked tickets for {shown} by its own setting");
        let other = if refused.records(&[209]).is_empty() {
            "ET-02"
        } else {
            "ET-01"
        };
        finding = finding
            .observed(says, &few(by_setting.to_vec(), 3))
            .or_else(
                other,
                "its own setting excludes weak types, with the update or without it",
            );
    }
    let says = format!("the KDC wrote that it will block tickets for {shown}");
    finding = finding.supporting(says, &few(audited.to_vec(), 2));
    if let Some((phase, from)) = phase(scene) {
        let says = format!("RC4DefaultDisablementPhase is {phase} on a domain controller");
        finding = finding.supporting(says, &[from]);
    }
    if !blocked.is_empty() || !by_setting.is_empty() {
        finding = refused.seen(scene, finding);
    }
    match refused.account {
        Some(account) => {
            let repair = Repair::of(scene, account);
            let mut steps = Vec::new();
            if !weak_client.is_empty() || !refused.records(&[201, 206, 208]).is_empty() {
                steps.push(Step::by_hand("find the clients that the events name (Client Address, Advertized Etypes), and bring AES to them: update, policy of encryption types, new keytab"));
            }
            if weak_client.is_empty() || !no_keys.is_empty() {
                steps.extend(repair.renew_keys());
                steps.push(repair.use_aes());
            }
            let remedy = repair.around(refused, steps, CAUSE.page.prevent);
            finding.fix(remedy, Vec::new())
        }
        None => finding.fix(repair::unknown(CAUSE.page.prevent), Vec::new()),
    }
}

/// The stage that a domain controller is set to.
fn phase(scene: &Scene<'_>) -> Option<(u64, Citation)> {
    scene.case.machines.values().find_map(|machine| {
        match machine.setting(Key::KerberosPolicy, "RC4DefaultDisablementPhase") {
            Known::Present(set) => Some((set.value.number()?, set.from.first()?.clone())),
            _ => None,
        }
    })
}
