//! ET-01: the service account has no AES keys, and RC4 is refused.

use super::refused::{Refused, Why, refused};
use super::repair::{self, Repair};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Current, Finding, LookAlike, Page, Scene};
use crate::codes::EtypeSet;
use crate::evidence::{Citation, When};
use crate::negotiate::Stage;

/// ET-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-01",
    name: "no-aes-keys",
    title: "The account has no AES keys, and RC4 is refused",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The KDC seals a ticket with a key of the account that holds the SPN. Keys are made when a password is set. A password that was set before the domain knew AES (Windows Server 2008), or that came in by a migration, left an RC4 key and nothing else. As long as RC4 was allowed nobody noticed. Once the clients, a policy of the domain controllers or an update refuses RC4, no type is left: the KDC answers KDC_ERR_ETYPE_NOSUPP (0xE), and the client falls back to NTLM or fails.",
        evidence: &[
            "System log of a domain controller: KDC 16 or 27 for a name of the account, beside whoever asked for it (14 for the account's own logon); the available types are 23 alone, those asked for 18 and 17",
            "System log of a domain controller updated since 2026: 202 (will be blocked), 204 (blocked) for the account; 207 and 209 where the account is set to AES",
            "Security log of a domain controller: 4769 with 0xE for the SPN; in version 2 of the event the available keys lack AES",
            "klist get HTTP/<name>: 0xc00002fd or 0x80090342",
            "the directory: pwdLastSet is older than AES in the domain",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-02",
                told_apart_by: "there the account has AES keys, and msDS-SupportedEncryptionTypes forbids them",
            },
            LookAlike {
                cause: "ET-10",
                told_apart_by: "there the update of 2026 is what refuses RC4: both are true where KDC 202 or 204 name the account; the missing keys are what to repair",
            },
            LookAlike {
                cause: "ET-05",
                told_apart_by: "there the account is set to DES",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there nobody holds the SPN, and the error is 0x7",
            },
        ],
        ruled_out_by: "available keys of the account that contain AES, or an AES ticket for it.",
        fix: &[
            "Note password age and encryption types of the account.",
            "Reset its password once: that makes AES keys. Enter the new one in the pool at once.",
            "Set msDS-SupportedEncryptionTypes of the account to 0x18.",
            "Purge the tickets and try again. Allow RC4 for the account only while that is prepared, and only with the risk accepted.",
        ],
        verify: "klist get HTTP/<name> gives an AES-256 ticket; no new KDC 16, 202 or 204 for the account.",
        rollback: "Write the old value of msDS-SupportedEncryptionTypes again. The new keys stay; an old password never comes back.",
        prevent: "List service accounts whose password is older than AES (List-AccountKeys.ps1 and Get-KerbEncryptionUsage.ps1 of Microsoft's Kerberos-Crypto), and use managed service accounts.",
        blind_spots: &[
            "the directory shows no keys: without KDC 16, 202, 204 or a 4769 of version 2, only the age of the password hints at it",
        ],
        versions: "Domain controllers since Windows Server 2008; acute since the updates of November 2022, by default since those of April 2026.",
        sources: &[
            "Microsoft: KB5021131, CVE-2022-37966",
            "Microsoft: KB5073381, CVE-2026-20833",
            "Microsoft: Detect and remediate RC4 usage in Kerberos",
        ],
    },
    assess,
};

/// A password of a year before this one may be older than AES in its domain.
const FIRST_AES: i16 = 2009;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for refused in refused(scene) {
        match refused.why {
            Why::NoAesKeys => out.find(finding(scene, refused)),
            Why::NotShown => not_shown(scene, refused, &mut out),
            _ => {}
        }
        if let Some(keys) = refused.keys.present()
            && keys.value.meets(EtypeSet::AES)
        {
            let says = format!("{} has keys of {}", refused.shown, keys.value);
            out.rule_out(says, &few(keys.from.clone(), 1));
        }
    }
    out
}

fn finding(scene: &Scene<'_>, refused: &Refused<'_>) -> Finding {
    let shown = &refused.shown;
    let old = old_password(scene, refused);
    let mut text = format!(
        "{shown} has no AES keys, so that the KDC can seal tickets for it with RC4 only, and that is refused: it answers 0xE."
    );
    if !old.is_empty() {
        text.push_str(" Its password was last set before most domains made AES keys.");
    }
    let mut finding = Finding::about(refused.subject(scene), text);
    if let Some(keys) = refused.keys.present() {
        let says = format!("the keys of {shown} are {}", keys.value);
        finding = finding.structure(says, &few(keys.from.clone(), 2));
    }
    let named = refused.records(&[204, 209]);
    let says = format!("the KDC blocked tickets for {shown} because it has no AES keys");
    finding = finding.conclusive(says, &few(named, 3));
    let says = format!("the KDC found no key of {shown} that fits what clients ask for");
    finding = finding.observed(says, &few(refused.records(&[14, 16, 26, 27]), 3));
    finding = refused.seen(scene, finding);
    finding = finding.supporting(
        "its password is older than AES in most domains",
        &few(old, 1),
    );
    if let Some(reset) = refused.reset_since(scene.case) {
        finding.current = Current::No;
        finding = finding.supporting("its password was reset after the last refusal", &[reset]);
    }
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

/// The KDC had no type, and nothing shows why.
fn not_shown(scene: &Scene<'_>, refused: &Refused<'_>, out: &mut Assessment) {
    if !refused.was_refused() {
        return;
    }
    let old = old_password(scene, refused);
    if refused.keys.is_unknown() {
        out.lack(super::KDC_LOG);
    }
    if old.is_empty() || !refused.keys.is_unknown() {
        return;
    }
    let text = format!(
        "The KDC had no encryption type for {}. Its password is so old that it may have no AES keys.",
        refused.shown
    );
    let finding = Finding::about(refused.subject(scene), text)
        .supporting(
            "its password is older than AES in most domains",
            &few(old, 1),
        )
        .or_else(
            "ET-02",
            "its encryption types may exclude what clients ask for",
        )
        .lacks(super::KDC_LOG);
    out.find(refused.seen(scene, finding));
}

/// Where the password of the account is shown to be older than AES in most domains.
fn old_password(scene: &Scene<'_>, refused: &Refused<'_>) -> Vec<Citation> {
    let Some(account) = refused.account else {
        return Vec::new();
    };
    let objects = scene.case.objects_of(account).into_iter();
    let old = objects
        .filter_map(|o| o.state.password_last_set.present())
        .filter(|set| {
            let year = match set.value {
                When::Utc(time) => time.to_zoned(jiff::tz::TimeZone::UTC).year(),
                When::Local(time) => time.year(),
            };
            year < FIRST_AES
        });
    old.flat_map(|set| set.from.clone()).collect()
}
