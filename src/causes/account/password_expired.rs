//! AC-05: the user's password has expired or must be changed.

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::causes::{Assessment, Cause, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// AC-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-05",
    name: "account-password-expired",
    title: "The user's password has expired or must be changed",
    stage: Stage::Accept,
    page: Page {
        mechanism: "The password is right but no longer accepted until it is changed. A logon over the network has no way to ask for a new one, so the user is just refused: 401.1 with NTLM, no ticket with Kerberos.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC0000071 (expired) or 0xC0000224 (must change)",
            "Security log of a domain controller: 4768 or 4771 with 0x17, 4776 with the same status",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-01",
                told_apart_by: "there the password is wrong: 0xC000006A or 0x18",
            },
            LookAlike {
                cause: "AC-04",
                told_apart_by: "there the account has expired, not its password: 0xC0000193",
            },
            LookAlike {
                cause: "POOL-03",
                told_apart_by: "there it is the pool's password, the logon type is 4 or 5, and the site answers 503",
            },
        ],
        ruled_out_by: "a recent pwdLastSet, and no \"must change at next logon\".",
        fix: &[
            "The user changes the password where a screen can ask for it: at a workstation, or through the help desk.",
        ],
        verify: "4723 or 4724 for the user, then 4768 or 4776 with 0x0, then a 4624 of type 3 on the web server.",
        rollback: "None: an old password cannot be put back.",
        prevent: "Tell users before passwords expire; managed service accounts for services.",
        blind_spots: &["the password's age is in no log: a listing (Get-ADUser) shows it"],
        versions: "All supported versions.",
        sources: &[super::SOURCE],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_0071, 0xC000_0224],
    kerberos: &[0x17],
    shared: &[],
    begins: |_| false,
    ends: |change| matches!(change.id, 4723 | 4724),
    listed: |state, _| state.needs_password(),
    by_guessing: true,
};

const WORDS: Words = Words {
    because: "the password had expired or must be changed",
    change: "",
    moral: "A browser cannot ask for a new password: it is changed at a workstation.",
    enough: 1,
    kdc_alone: true,
    remedy,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    state::assess(scene, &REASON, &WORDS)
}

fn remedy(users: &[&User]) -> Remedy {
    let mut fix = super::look(users);
    fix.push(Step::by_hand(
        "the user changes the password at a workstation (Ctrl+Alt+Del), or through the help desk",
    ));
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(vec![Step::by_hand(
            "none: an old password cannot be put back",
        )])
        .prevent(CAUSE.page.prevent)
}
