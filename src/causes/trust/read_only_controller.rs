//! TR-08: a read-only domain controller of a branch cannot issue the ticket itself, and reaches nobody who can.

use crate::case::{Spn, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// TR-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "TR-08",
    name: "read-only-controller",
    title: "A read-only domain controller of a branch cannot get the ticket",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A read-only domain controller knows the passwords only of those whom its replication policy lets it know. For a service whose account is not among them it passes the request on to a writable controller. While the line of the branch is down it cannot, and the client gets no ticket for that service, though it is signed in. The page is then refused or falls back to NTLM, which the branch cannot have checked either.",
        evidence: &[
            "only the branch fails, and only while its line is down",
            "klist on the client: Kdc Called is the read-only controller",
            "4769 or Kerberos event 3 with 0x1D (service unavailable)",
            "nltest /dsgetdc:<domain>: the flags lack WRITABLE",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-07",
                told_apart_by: "there one writable controller answers wrongly, whatever the line does",
            },
            LookAlike {
                cause: "CL-08",
                told_apart_by: "there the client reaches no controller at all",
            },
        ],
        ruled_out_by: "a client that fails and whose KDC is a writable controller.",
        fix: &[
            "Bring the line to a writable controller back.",
            "Let the branch's controller keep the password of the service account (password replication policy), where the service is in the branch.",
        ],
        verify: "klist get HTTP/<name> in the branch.",
        rollback: "Take the account from the policy, and reset its password if the controller is ever lost.",
        prevent: "Services of a branch in the replication policy of its controller; none of others.",
        blind_spots: &[
            "which error a client gets is not documented, and no log tells a read-only controller from another: this is never more than possible",
        ],
        versions: "Windows Server 2008 and later.",
        sources: &["unverified: reasoned from how read-only domain controllers work"],
    },
    assess,
};

/// The service is not available.
const UNAVAILABLE: u32 = 0x1D;

/// Which controller serves the branch.
const CONTROLLER: Input = Input::Stated {
    what: "which domain controller serves a client that fails, and whether it is writable (flags of the answer)",
    collect_with: "(klist & nltest /dsgetdc:%USERDNSDOMAIN%) >> %COMPUTERNAME%_dc.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let errors = scene.symptoms(|k| matches!(k, SymptomKind::KerberosError(_, UNAVAILABLE)));
    for (id, symptom) in &errors {
        let Some(spn) = symptom.spn().map(Spn::of_key) else {
            continue;
        };
        let view = scene.views.iter().find(|v| v.spn() == Some(&spn));
        let subject = Subject {
            spn: Some(spn.to_string()),
            host_name: Some(spn.host()),
            ..view.map(|v| v.subject(scene.case)).unwrap_or_default()
        };
        let text = format!(
            "The KDC answered that it cannot serve {spn} now (0x1D). A read-only domain controller that reaches no writable one answers so; a controller that is starting or overloaded does, too."
        );
        let finding = Finding::about(subject, text)
            .supporting(
                format!("the KDC could not serve {spn} (0x1D)"),
                &few(symptom.from.clone(), 3),
            )
            .explains([*id])
            .or_else("MC-07", "one faulty domain controller looks the same")
            .lacks(CONTROLLER)
            .at_most(Status::Possible);
        out.find(finding.fix(remedy(), Vec::new()));
    }
    let failed = scene.symptoms(|k| {
        matches!(
            k,
            SymptomKind::KerberosError(..) | SymptomKind::PrincipalUnknown(_)
        )
    });
    if errors.is_empty() && !failed.is_empty() {
        out.lack(CONTROLLER);
    }
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on a client that fails: nltest /dsgetdc:<domain> (WRITABLE among the flags or not), and klist (Kdc Called)")
            .stop_if("the controller is writable: this is not the cause"),
        Step::by_hand("from the read-only controller: reach a writable one (ports 88, 389, 135), and repair the line where it does not"),
        Step::by_hand("where the service stands in the branch: add its account to the password replication policy of the branch's controller")
            .risk("the controller then keeps that account's password: if it is stolen, so is the account"),
    ])
    .verify(vec![Step::by_hand("klist get HTTP/<name> on a client of the branch succeeds")])
    .rollback(vec![Step::by_hand("take the account from the policy again")])
    .prevent(CAUSE.page.prevent)
}
