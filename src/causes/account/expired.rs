//! AC-04: the user's account has expired.

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::causes::{Assessment, Cause, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::readers::directory::AccountState;
use crate::remedy::{Remedy, Step};

/// AC-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-04",
    name: "account-expired",
    title: "The user's account has expired",
    stage: Stage::Accept,
    page: Page {
        mechanism: "The account carries a date after which it must not be used, and the date has passed. The domain controllers refuse it in every protocol: NTLM ends in 401.1, Kerberos in no ticket.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC0000193",
            "Security log of a domain controller: 4776 with 0xC0000193; 4768 with 0x1",
            "4768 or 4771 with 0x12: fits, but a locked or disabled account gives 0x12 as well",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-03",
                told_apart_by: "there the status is 0xC0000072, and somebody disabled the account (4725)",
            },
            LookAlike {
                cause: "AC-05",
                told_apart_by: "there the password has expired, not the account: 0xC0000071 or 0xC0000224",
            },
        ],
        ruled_out_by: "AccountExpirationDate is empty or in the future.",
        fix: &[
            "Ask the owner of the account for the new date.",
            "Set it with Set-ADAccountExpiration.",
        ],
        verify: "4768 or 4776 with 0x0, then a 4624 of type 3 on the web server.",
        rollback: "Set the old date again.",
        prevent: "Tell owners before accounts expire.",
        blind_spots: &[
            "the date is in no log, unless a 4738 changed it: a listing (Get-ADUser) shows it",
        ],
        versions: "All supported versions.",
        sources: &[super::SOURCE],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_0193],
    kerberos: &[0x1],
    shared: &[0x12],
    begins: |_| false,
    ends: |_| false,
    listed: AccountState::has_expired,
    by_guessing: true,
};

const WORDS: Words = Words {
    because: "the account had expired",
    change: "",
    moral: "Its owner decides about a new date.",
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
        Step::by_hand(
            "ask the owner of the account for the new date, and set it (Active Directory Users and Computers, tab Account; or Set-ADAccountExpiration)",
        )
        .stop_if("it expired on purpose: the 401 is right"),
    );
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(vec![Step::by_hand(
            "set the old date again, as the first step printed it",
        )])
        .prevent(CAUSE.page.prevent)
}
