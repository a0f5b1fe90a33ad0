//! AC-06: logon hours, or the list of workstations, do not allow the logon.

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::causes::{Assessment, Cause, LookAlike, Page, Scene};
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// AC-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-06",
    name: "account-hours-or-workstations",
    title: "The user may not log on at this hour, or from this computer",
    stage: Stage::Accept,
    page: Page {
        mechanism: "An account can be confined to certain hours (logonHours) and to certain computers (userWorkstations, the button \"Log On To\"). Outside of them every logon fails, with the right password. For NTLM the domain controller compares the workstation name that the client itself sends, so that a user who signs in to a web site must have the client on the list; for Kerberos the KDC gives no ticket at all.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC000006F (hours) or 0xC0000070 (workstation)",
            "Security log of a domain controller: 4776 with the same status; 4768 or 4771 with 0x12 or 0xC, which fit other reasons too",
            "Security log of a domain controller: 4738 with LogonHours or UserWorkstations when the account was confined",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NT-06",
                told_apart_by: "an authentication policy gives 0xC as well, and writes 4820 with silo and policy",
            },
            LookAlike {
                cause: "AC-03",
                told_apart_by: "a disabled account gives 0x12 as well, with 0xC0000072 at the web server",
            },
            LookAlike {
                cause: "AC-07",
                told_apart_by: "there the server's own policy refuses, with 0xC000015B",
            },
        ],
        ruled_out_by: "an account whose logonHours and userWorkstations are empty.",
        fix: &[
            "Look at both attributes of the account, and ask their owner what they are meant to be.",
            "Hours: extend them. Workstations: add the clients from which the user works, or empty the list.",
        ],
        verify: "4624 of type 3 for the user from that client and at that hour; 4768 or 4776 with 0x0.",
        rollback: "Write the noted values back.",
        prevent: "Do not confine users of web sites to workstations: authentication policies and logon rights do it better.",
        blind_spots: &[
            "hours are kept in UTC: they move when the clocks change",
            "the workstation name is what the client claims; behind a proxy it may be the proxy's",
        ],
        versions: "All supported versions.",
        sources: &[
            super::SOURCE,
            "Microsoft: attributes Logon-Hours and User-Workstations",
        ],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_006F, 0xC000_0070],
    kerberos: &[],
    shared: &[0x12, 0xC],
    begins: |change| {
        change.id == 4738 && (change.logon_hours.is_some() || change.workstations.is_some())
    },
    ends: |_| false,
    listed: |_, _| Known::Unknown,
    by_guessing: false,
};

const WORDS: Words = Words {
    because: "the account's logon hours or its list of workstations do not allow it",
    change: "the account's logon hours or workstations were changed",
    moral: "The password is right; the account is confined to certain hours or computers.",
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
            "in Active Directory Users and Computers, tab Account, look at \"Logon Hours…\" and \"Log On To…\", and note both (Get-ADUser shows them as logonHours and LogonWorkstations)",
        )
        .stop_if("the limit is meant: then the user has to keep to it"),
    );
    fix.push(Step::by_hand(
        "0xC000006F: extend the hours. 0xC0000070: add the computers from which the user works (WorkstationName of the 4625), or let the user log on to all computers",
    ));
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(vec![Step::by_hand(
            "set hours and workstations as they were noted",
        )])
        .prevent(CAUSE.page.prevent)
}
