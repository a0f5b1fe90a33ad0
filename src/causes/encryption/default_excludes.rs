//! ET-03: the account has no setting of its own, and the default that applies excludes what is asked for.

use super::refused::{Refused, Why, refused};
use super::repair::{self, Repair};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene};
use crate::evidence::Known;
use crate::negotiate::Stage;

/// ET-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-03",
    name: "blank-setting-default-changed",
    title: "The account has no encryption types set, and the default excludes what is asked for",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "An account without msDS-SupportedEncryptionTypes (empty or 0) gets the default of the domain controller that answers: DefaultDomainSupportedEncTypes of its registry, else what its updates brought. That default has changed: 0x27 (DES, RC4, AES session keys) since November 2022, AES only since April 2026, and less on Windows Server 2025. An account that nobody touched loses its tickets from one day to the next, and only at the domain controllers that have the new default. The KDC answers 0xE.",
        evidence: &[
            "the directory: msDS-SupportedEncryptionTypes of the account is 0 or not set",
            "registry of the domain controllers: SYSTEM\\CurrentControlSet\\Services\\Kdc, DefaultDomainSupportedEncTypes",
            "System log of a domain controller: KDC 16 or 27 for the account; 205 when the KDC starts with a default that allows weak types",
            "Security log of a domain controller: 4769 of version 2, where the types of the service are the default",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-02",
                told_apart_by: "there the account has a setting of its own",
            },
            LookAlike {
                cause: "ET-10",
                told_apart_by: "there the default is the one of the updates of 2026, and KDC 201 or 203 name the account",
            },
            LookAlike {
                cause: "ET-01",
                told_apart_by: "there the account has no AES keys",
            },
        ],
        ruled_out_by: "a setting of the account's own that names a type.",
        fix: &[
            "Set msDS-SupportedEncryptionTypes of the account itself (0x18), after its AES keys are sure.",
            "Leave DefaultDomainSupportedEncTypes alone: it changes every account at once.",
        ],
        verify: "4769 with 0x0 for the account at every domain controller.",
        rollback: "Clear msDS-SupportedEncryptionTypes of the account again.",
        prevent: "Give every service account a setting of its own; list those without before domain controllers are updated.",
        blind_spots: &[
            "where DefaultDomainSupportedEncTypes is not set, the default depends on the updates of each domain controller",
        ],
        versions: "Windows Server 2012 and later, updated since November 2022.",
        sources: &[
            "Microsoft: KB5021131, CVE-2022-37966",
            "Microsoft: KB5073381, CVE-2026-20833",
        ],
    },
    assess,
};

/// The default of the domain controllers.
const DEFAULT: Input = Input::Stated {
    what: "the default encryption types of every domain controller (DefaultDomainSupportedEncTypes)",
    collect_with: "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Kdc >> %COMPUTERNAME%_registry.txt",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for refused in refused(scene) {
        let explicit = refused
            .account
            .map_or(Known::Unknown, |a| scene.case.explicit_etypes(a));
        match (refused.why, explicit) {
            (Why::Default, Known::Absent(from)) => out.find(finding(scene, refused, from)),
            (Why::NotShown, Known::Unknown) => {
                out.lack(Input::AccountAttributes(refused.shown.clone()));
            }
            (Why::NotShown, Known::Absent(_)) => {
                out.lack(match refused.default_etypes(scene.case) {
                    Known::Present(_) => super::KDC_LOG,
                    _ => DEFAULT,
                });
            }
            (_, Known::Present(set)) => out.rule_out(
                format!("{} is set to {}", refused.shown, set.value),
                &few(set.from, 1),
            ),
            _ => {}
        }
    }
    out
}

fn finding(
    scene: &Scene<'_>,
    refused: &Refused<'_>,
    blank: Vec<crate::evidence::Citation>,
) -> Finding {
    let shown = &refused.shown;
    let asked = refused.requested.map_or(String::new(), |asked| {
        format!(", and clients ask for {asked}")
    });
    let default = refused.default_etypes(scene.case);
    let allowed = default.present().map(|d| d.value).unwrap_or_default();
    let text = format!(
        "{shown} has no encryption types set, so that the default of the domain controllers applies: {allowed}{asked}. No type is left, and the KDC answers 0xE."
    );
    let mut finding = Finding::about(refused.subject(scene), text).supporting(
        format!("{shown} has no encryption types set"),
        &few(blank, 1),
    );
    if let Known::Present(default) = default {
        let says = format!("DefaultDomainSupportedEncTypes allows {}", default.value);
        finding = finding.structure(says, &few(default.from, 2));
    }
    let says = format!("the KDC found no type that {shown} may use and clients ask for");
    finding = finding.observed(says, &few(refused.records(&[14, 16, 26, 27]), 3));
    finding = refused.seen(scene, finding);
    match refused.account {
        Some(account) => {
            let repair = Repair::of(scene, account);
            let mut steps = repair.renew_keys();
            steps.push(repair.use_aes());
            let remedy = repair.around(refused, steps, CAUSE.page.prevent);
            finding.fix(remedy, Vec::new())
        }
        None => finding.fix(repair::unknown(CAUSE.page.prevent), Vec::new()),
    }
}
