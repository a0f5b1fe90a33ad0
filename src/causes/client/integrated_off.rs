//! CL-06: Integrated Windows Authentication is turned off on the client.

use super::schemes::by_ntlm;
use super::signs;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::readers::registry::Key;
use crate::remedy::{Remedy, Step};

/// CL-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-06",
    name: "client-integrated-authentication-off",
    title: "Integrated Windows Authentication is turned off on the client",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "The Internet option \"Enable Integrated Windows Authentication\" (EnableNegotiate 0 when unticked) does not do what its name says: without it, programs that use WinINet, Internet Explorer and Edge in IE mode among them, answer a Negotiate challenge with NTLM. No ticket is asked for, and every site ends on NTLM from this client.",
        evidence: &[
            "registry of the user: EnableNegotiate 0 below Internet Settings",
            "IIS log: two legs from this client where others need one; no 4769 of its user for the site",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-03",
                told_apart_by: "there the site offers NTLM only, to everybody",
            },
            LookAlike {
                cause: "CL-03",
                told_apart_by: "there a policy of Edge or Chrome leaves negotiate out",
            },
        ],
        ruled_out_by: "a value of 1, or none.",
        fix: &[
            "Tick the option again (EnableNegotiate 1), best by taking away the policy that unticked it.",
            "Restart the browser.",
        ],
        verify: "klist shows a ticket for HTTP/<name> after the site was opened.",
        rollback: "Set the value to 0.",
        prevent: "Keep the option out of old hardening scripts.",
        blind_spots: &["Edge and Chrome themselves do not read the option"],
        versions: "Programs that use WinINet, on all versions.",
        sources: &[
            "Microsoft: Kerberos failures in Internet Explorer (Enable Integrated Windows Authentication)",
        ],
    },
    assess,
};

const VALUE: &str = "EnableNegotiate";
const WANTED: Input = Input::Stated {
    what: "whether Integrated Windows Authentication is on for a user who ends on NTLM",
    collect_with: "reg query \"HKCU\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\" /v EnableNegotiate",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let machines = case
        .machines
        .iter()
        .map(|(host, machine)| (Some(*host), machine));
    for (host, machine) in machines.chain([(None, &case.unplaced)]) {
        let name = signs::machine_name(case, host);
        match machine.setting(Key::InternetSettings, VALUE) {
            Known::Present(set) if set.value.number() == Some(0) => {
                let subject = Subject {
                    host: host.map(|host| case.hosts.get(host).name.clone()),
                    ..Subject::default()
                };
                let mut finding = Finding::about(
                    subject,
                    format!("On {name} Integrated Windows Authentication is turned off: programs that use WinINet answer Negotiate with NTLM."),
                )
                .structure(format!("{VALUE} is 0 on {name}"), &set.from);
                finding = by_ntlm(scene, host, finding);
                if finding.observed.is_empty() {
                    // Which browser the user has is not shown: Edge and Chrome do not read it.
                    finding = finding
                        .at_most(Status::Possible)
                        .lacks_all(scene.missing_server_log());
                }
                out.find(finding.fix(remedy(), Vec::new()));
            }
            Known::Present(set) => out.rule_out(format!("{VALUE} is on, on {name}"), &set.from),
            Known::Absent(from) => out.rule_out(
                format!("{VALUE} is not set on {name}, which means on"),
                &from,
            ),
            Known::Unknown => {}
        }
    }
    if out.ruled_out.is_empty() {
        out.lack(WANTED);
    }
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("Internet Options, Advanced, Security: tick \"Enable Integrated Windows Authentication\" (EnableNegotiate 1), or take away the policy that sets it"),
        Step::by_hand("close all windows of the browser and try again"),
    ])
    .verify(vec![Step::by_hand(
        "the site opens, and klist in the same session shows a ticket for HTTP/<name>",
    )])
    .rollback(vec![Step::by_hand("set EnableNegotiate to 0")])
    .prevent(CAUSE.page.prevent)
}
