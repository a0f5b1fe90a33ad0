//! AC-02: the user's account is locked out.

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::causes::{Assessment, Cause, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// AC-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-02",
    name: "account-locked-out",
    title: "The user's account is locked out",
    stage: Stage::Accept,
    page: Page {
        mechanism: "After too many wrong passwords the domain locks the account for a while. As long as it is locked every sign-in fails, with the right password too: NTLM ends in 401.1, Kerberos in no ticket at all.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC0000234",
            "Security log of a domain controller: 4740 for the user (its domain field names the machine the wrong passwords came from), 4776 with 0xC0000234",
            "4768 or 4771 with 0x12: fits, but a disabled or expired account gives 0x12 as well",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-03",
                told_apart_by: "there the status is 0xC0000072 and the directory event 4725, not 4740",
            },
            LookAlike {
                cause: "AC-01",
                told_apart_by: "there the status is 0xC000006A: the password is wrong, but the account still counts",
            },
            LookAlike {
                cause: "POOL-03",
                told_apart_by: "there the locked account is the pool's, the logon type is 4 or 5, and the site answers 503",
            },
        ],
        ruled_out_by: "no 4740 for the user on any domain controller, and a lockoutTime of 0.",
        fix: &[
            "Find and stop the source of the wrong passwords: the caller computer of 4740, the address of the 4771.",
            "Unlock the account.",
        ],
        verify: "4767 for the user, then 4768 or 4776 with 0x0, then a 4624 of type 3 on the web server.",
        rollback: "Nothing to take back: the account locks again by itself when the source goes on.",
        prevent: "Managed service accounts for services; devices with saved passwords told of every change.",
        blind_spots: &[
            "the lock-out policy and the account's present state are in no log: a listing (Get-ADUser) shows the latter",
        ],
        versions: "All supported versions.",
        sources: &[super::SOURCE],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_0234],
    kerberos: &[],
    shared: &[0x12],
    begins: |change| change.id == 4740,
    ends: |change| change.id == 4767,
    listed: |state, _| state.locked_out.clone(),
    by_guessing: true,
};

const WORDS: Words = Words {
    because: "the account was locked out",
    change: "the domain locked the account",
    moral: "Stop what sends the wrong passwords first; an account that is only unlocked locks again.",
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
        "find and stop the source of the wrong passwords: the caller computer in the 4740, the address in the 4771, the workstation in the 4776",
    ));
    for user in users {
        fix.push(
            Step::run(
                c::unlock_ad_account(user.identity()),
                format!("unlock {}", user.shown),
            )
            .stop_if("the source still runs: the account locks again at once"),
        );
    }
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(vec![Step::by_hand("nothing to take back")])
        .prevent(CAUSE.page.prevent)
}
