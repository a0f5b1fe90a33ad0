//! AC-03: the user's account is disabled.

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::causes::{Assessment, Cause, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::readers::events::AccountChanged;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// AC-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-03",
    name: "account-disabled",
    title: "The user's account is disabled",
    stage: Stage::Accept,
    page: Page {
        mechanism: "The account is disabled in the directory, by hand or by the process for leavers. The domain controllers refuse it in every protocol: NTLM ends in 401.1, Kerberos in no ticket.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC0000072",
            "Security log of a domain controller: 4725, or 4738 with the disabled bit (0x1 in the SAM encoding) newly set; 4776 with 0xC0000072",
            "4768 or 4771 with 0x12: fits, but a locked or expired account gives 0x12 as well",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-02",
                told_apart_by: "there the status is 0xC0000234 and the directory event 4740",
            },
            LookAlike {
                cause: "AC-04",
                told_apart_by: "there the status is 0xC0000193 and nobody changed the account",
            },
            LookAlike {
                cause: "POOL-03",
                told_apart_by: "there the disabled account is the pool's, the logon type is 4 or 5, and the site answers 503",
            },
        ],
        ruled_out_by: "Enabled is True for the account.",
        fix: &[
            "Ask the owner of the account why it is disabled.",
            "Enable it, if it is to be used again.",
        ],
        verify: "4722 for the user, then 4768 or 4776 with 0x0, then a 4624 of type 3 on the web server.",
        rollback: "Disable-ADAccount.",
        prevent: "Review which web users and services the process for leavers touches.",
        blind_spots: &["the account's present state is in no log: a listing (Get-ADUser) shows it"],
        versions: "All supported versions.",
        sources: &[
            super::SOURCE,
            "MS-SAMR: user account control bits of the change events",
        ],
    },
    assess,
};

/// The disabled bit in the SAM encoding; in `userAccountControl` 0x1 would mean something else.
const DISABLED: u32 = 0x1;

const REASON: Reason = Reason {
    statuses: &[0xC000_0072],
    kerberos: &[],
    shared: &[0x12],
    begins: |change| change.id == 4725 || (change.id == 4738 && turned(change, false, true)),
    ends: |change| change.id == 4722 || (change.id == 4738 && turned(change, true, false)),
    listed: |state, _| state.is_disabled(),
    by_guessing: true,
};

fn turned(change: &AccountChanged, before: bool, after: bool) -> bool {
    let disabled = |bits: Option<u32>| bits.map(|b| b & DISABLED != 0);
    disabled(change.old_uac) == Some(before) && disabled(change.new_uac) == Some(after)
}

const WORDS: Words = Words {
    because: "the account was disabled",
    change: "the account was disabled",
    moral: "Ask its owner before it is enabled again.",
    enough: 1,
    kdc_alone: true,
    remedy,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    state::assess(scene, &REASON, &WORDS)
}

fn remedy(users: &[&User]) -> Remedy {
    let mut fix = super::look(users);
    fix.push(
        Step::by_hand("ask the owner of the account whether it is to be used again")
            .stop_if("it was disabled on purpose: the 401 is right"),
    );
    let mut back = Vec::new();
    for user in users {
        fix.push(Step::run(
            c::enable_ad_account(user.identity()),
            format!("enable {}", user.shown),
        ));
        back.push(Step::run(
            c::disable_ad_account(user.identity()),
            format!("disable {} again", user.shown),
        ));
    }
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(back)
        .prevent(CAUSE.page.prevent)
}
