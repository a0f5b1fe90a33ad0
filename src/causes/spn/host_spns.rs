//! SPN-14: the server's computer account lacks HOST SPNs.

use crate::case::{HostId, Spn};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, OwnName, Page, Scene, Unheld, Why,
};
use crate::evidence::Known;
use crate::negotiate::{Acceptor, Stage};
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step};

/// SPN-14.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-14",
    name: "computer-lacks-host-spn",
    title: "The server's computer account lacks HOST SPNs",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A domain member writes HOST/<name> and HOST/<full name> to its own account, and HOST covers HTTP: that is why a server's own name needs no SPN. After a rename outside the supported way, with an ACL that denies the account the validated write, or where another account holds the value already, Netlogon fails to write (5788, 5789), and HOST/<full name> is missing or names the old machine. The KDC answers 0x7 for the full name and clients fall back to NTLM, while the short name may still work.",
        evidence: &[
            "setspn -L <server>: HOST/<server> or HOST/<full name> is missing, or a former name stands there",
            "System log of the server, soon after its start: NETLOGON 5788 (SPN not written) or 5789 (dNSHostName not written)",
            "4769 or Kerberos event 3 with 0x7 for HTTP/<full name>; klist get HTTP/<server> succeeds",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NAME-09",
                told_apart_by: "there the reason is known: the suffix of the server's name is not its domain",
            },
            LookAlike {
                cause: "SPN-13",
                told_apart_by: "there HOST values are complete, and no server of the forest is covered by them",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the name is an alias: HOST never covers it",
            },
            LookAlike {
                cause: "MC-06",
                told_apart_by: "there the whole account is gone or disabled",
            },
        ],
        ruled_out_by: "HOST/<server> and HOST/<full name> both on the computer account.",
        fix: &[
            "See what the account holds, and that nobody else in the forest holds the missing value.",
            "Let the directory write the standard names anew: setspn -R <server>.",
            "Where that is refused: restore the right of the account to write its own names (validated write to service principal name and DNS host name, for SELF).",
            "Restart Netlogon or the server, so that it checks its names; replicate, purge tickets.",
        ],
        verify: "setspn -L <server> shows both HOST values; klist get HTTP/<full name> succeeds; no new 5788 or 5789 after a restart.",
        rollback: "setspn -D of the values that were added.",
        prevent: "Rename servers with the system's own tools (Rename-Computer, netdom computername), and keep the default rights on computer objects.",
        blind_spots: &[
            "why the write was refused",
            "names that were removed by hand and that Netlogon has not written again",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: NETLOGON events 5788 and 5789",
            "Microsoft: setspn reference (-R); KB5008382 on what a computer may write to itself",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        if let Why::NoHostSpn(own) = &unheld.why
            && own.disjoint.is_none()
        {
            let name = &scene.case.hosts.get(own.host).name;
            let text = format!(
                "{} is {name}'s own name, but {name}$ does not hold {}. The KDC answers 0x7 for it, and Negotiate falls back to NTLM; where NTLM is blocked, users get 401.",
                unheld.spn.host(),
                unheld.spn.with_class("HOST")
            );
            out.find(finding(scene, &unheld, own, text, CAUSE.page.prevent));
        }
    }
    rule_out_or_ask(scene, &mut out);
    out
}

/// What SPN-14 and NAME-09 have in common: where the server's own names stand on its account, they are ruled out.
pub(in crate::causes) fn rule_out_or_ask(scene: &Scene<'_>, out: &mut Assessment) {
    let case = scene.case;
    let directory = &case.situation.directory;
    let mut seen = std::collections::BTreeSet::new();
    let machine = |v: &&crate::causes::View<'_>| v.acceptor() == Some(&Acceptor::Machine);
    let hosts: Vec<HostId> = scene
        .negotiating()
        .filter(machine)
        .filter_map(|v| v.endpoint.host)
        .collect();
    for host in hosts.into_iter().filter(|host| seen.insert(*host)) {
        let machine = case.hosts.get(host);
        let short = Spn::new(&format!("HOST/{}", machine.name));
        let full = machine
            .fqdn
            .as_ref()
            .map(|f| Spn::new(&format!("HOST/{f}")));
        let held = |spn: &Spn| match directory.holds(machine.machine, spn, &case.accounts) {
            Known::Present(held) => Some(held.from),
            _ => None,
        };
        match (held(&short), full.as_ref().and_then(held)) {
            (Some(mut from), Some(more)) => {
                from.extend(more);
                out.rule_out(
                    format!("{}$ holds HOST for its short and its full name", machine.name),
                    &few(from, 2),
                );
            }
            _ => out.lack(Input::Stated {
                what: "the SPNs of the web server's computer account",
                collect_with: "(echo setspn -L %COMPUTERNAME%& setspn -L %COMPUTERNAME%) >> %COMPUTERNAME%_setspn.txt 2>&1",
            }),
        }
    }
    if seen.is_empty() {
        out.lack(Input::ServerName);
    }
}

/// A finding about a server's own name.
pub(in crate::causes) fn finding(
    scene: &Scene<'_>,
    unheld: &Unheld<'_, '_>,
    own: &OwnName,
    text: String,
    prevent: &str,
) -> Finding {
    let name = &scene.case.hosts.get(own.host).name;
    let host_spn = unheld.spn.with_class("HOST");
    let mut finding = unheld
        .finding(scene, text)
        .structure(format!("{name}$ does not hold {host_spn}"), &own.lacks)
        .observed(
            format!("Netlogon of {name} could not write the server's names to its account"),
            &few(own.logged.clone(), 2),
        );
    finding.subject.host = Some(name.clone());
    finding.subject.account = Some(format!("{name}$"));
    if !own.holds.is_empty() {
        finding
            .explanation
            .push_str(&format!(" It holds {}.", own.holds.join(", ")));
    }
    if own.lacks.is_empty() {
        finding = finding.lacks(Input::Stated {
            what: "the SPNs of the web server's computer account",
            collect_with: "(echo setspn -L %COMPUTERNAME%& setspn -L %COMPUTERNAME%) >> %COMPUTERNAME%_setspn.txt 2>&1",
        });
    }
    let remedy = Remedy::of(steps(scene, unheld, own))
        .verify(p::verify_kerberos(unheld.spn.as_str(), &format!("{name}$")))
        .rollback(p::take_back_spn(host_spn.as_str(), &format!("{name}$")))
        .prevent(prevent);
    let machine = scene.case.hosts.get(own.host).machine;
    finding.fix(remedy, vec![Change::AddSpn(host_spn, machine)])
}

fn steps(scene: &Scene<'_>, unheld: &Unheld<'_, '_>, own: &OwnName) -> Vec<Step> {
    let name = &scene.case.hosts.get(own.host).name;
    let mut fix = vec![
        Step::run(c::setspn_list(name), format!("note what {name}$ holds now (keep the output)")),
        Step::run(
            c::setspn_query(unheld.spn.with_class("HOST").as_str(), c::Reach::Forest),
            "make sure that nobody else in the forest holds the missing value",
        )
        .stop_if("an account is printed: the name is taken, and the server cannot write it; settle that first"),
    ];
    if let Some((suffix, ..)) = &own.disjoint {
        fix.push(Step::by_hand(format!(
            "let computers of the domain have names under {suffix}: add it to msDS-AllowedDNSSuffixes of the domain object (a domain administrator, with the values that stand there noted first)"
        )));
    }
    fix.push(
        Step::run(c::setspn_reset(name), format!("write the standard names of {name}$ anew"))
            .stop_if("it is refused: give SELF back the validated writes to service principal name and DNS host name on the computer object"),
    );
    fix.push(Step::by_hand(
        "restart Netlogon on the server, so that it checks its names: no 5788 and no 5789 may follow (NTLM logons fail for the seconds of the restart)",
    ));
    fix.push(p::replicate());
    fix.extend(p::purge_and_retest());
    fix
}
