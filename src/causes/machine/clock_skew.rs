//! MC-05: the clocks of client, web server and domain controller are more than five minutes apart.

use std::collections::BTreeSet;

use super::clock_compared::{Clock, TOLERATED, clocks, odd_one};
use super::clock_fallback::Fallbacks;
use super::clock_signs::{Signs, signs};
use crate::case::{Case, ClockDifference, HostId, Role, Spn, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::{Citation, Cited};
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// MC-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-05",
    name: "clock-skew",
    title: "The clocks are more than five minutes apart",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Kerberos refuses what is more than five minutes off, to keep out replayed requests: KRB_AP_ERR_SKEW (0x25). NTLM has a time limit as well (0xC0000133). One wrong clock, that of a client, of the web server or of a domain controller, gives prompts and 401.1 for everybody who meets it.",
        evidence: &[
            "System log of a client: Kerberos event 3 with 0x25 for HTTP/<name>, or event 5",
            "Security log of a domain controller: 4768, 4769 or 4771 with 0x25",
            "Security log of the web server: 4625 of type 3 with 0xC0000133",
            "klist tgt: TimeSkew of more than 300 seconds; w32tm /stripchart or /query /status: an offset of more than 300 seconds",
            "the events of two machines that wrote of the same sign-ins: an interval of more than 300 seconds between their clocks",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-02",
                told_apart_by: "there clients log Kerberos event 4, and the computer's password is at fault",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there clients log Kerberos event 4: the key is wrong, not the time",
            },
        ],
        ruled_out_by: "clocks of client, web server and domain controller within five minutes of each other; a Kerberos logon that succeeded.",
        fix: &[
            "Compare the clocks of client, web server and domain controller (w32tm).",
            "Repair the time source of the one that is off: members follow the domain, the domain one outside source.",
            "Set the time again (w32tm /resync).",
            "Switch off the time synchronisation of the hypervisor for domain members where it competes.",
        ],
        verify: "w32tm /stripchart shows offsets below a second or so on all three; no new 0x25.",
        rollback: "Set the former time source again.",
        prevent: "Watch the offset of every server from its domain controller.",
        blind_spots: &[
            "which of two clocks is wrong is not in a single event",
            "a client corrects a difference from the domain controller by itself: a single 0x25 may have harmed nobody",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: auditing of 4625, 4768, 4769 and 4771",
            "Microsoft: Kerberos protocol registry entries (SkewTime)",
        ],
    },
    assess,
};

/// From so many refusals on the client did not merely correct itself.
const REPEATED: usize = 3;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let apart: Vec<_> = (scene.case.skews.iter())
        .filter(|s| s.value.unsigned_abs() > TOLERATED)
        .collect();
    let clocks = clocks(scene);
    let off = clocks.iter().any(Clock::is_off);
    let signs = signs(scene);
    // A client corrects a difference from the domain controller by itself: a few answers that no symptom came of are
    // nothing.
    let symptoms = scene.symptoms(|k| matches!(k, SymptomKind::ClockSkew(_)));
    let rest = signs.others.len() + signs.first_tickets.values().map(Vec::len).sum::<usize>();
    let few_others = signs.for_sites.is_empty() && rest < REPEATED;
    if apart.is_empty() && !off && symptoms.is_empty() && few_others {
        if scene
            .case
            .clock_differences
            .iter()
            .any(|d| beyond(d).is_some())
        {
            // Some clock is spoken of: whose it is that matters is not shown.
            out.lack(Input::Clock);
            return out;
        }
        let web = |clock: &&Clock| {
            let roles = &scene.case.hosts.get(clock.host).roles;
            roles.contains(&Role::WebServer)
        };
        match (kerberos_logon(scene), clocks.iter().find(web)) {
            (Some(logon), _) => out.rule_out(
                "a Kerberos logon succeeded on the web server, and nothing speaks of a clock",
                &[logon],
            ),
            (None, Some(clock)) => out.rule_out(
                format!(
                    "the web server's clock is less than five minutes from {}, and nothing speaks of a clock",
                    clock.other()
                ),
                std::slice::from_ref(&clock.from),
            ),
            (None, None) => out.lack(Input::Clock),
        }
        return out;
    }
    out.find(finding(scene, &signs, &apart, &clocks));
    out
}

fn kerberos_logon(scene: &Scene<'_>) -> Option<Citation> {
    scene
        .case
        .pick(|b| match b {
            Body::Logon(logon) if logon.logon_type == Some(3) && logon.is_kerberos() => Some(()),
            _ => None,
        })
        .find(|(event, ())| scene.is_web_server(&event.computer))
        .map(|(event, ())| event.citation.clone())
}

fn finding(scene: &Scene<'_>, signs: &Signs, apart: &[&Cited<i64>], clocks: &[Clock]) -> Finding {
    let case = scene.case;
    let is = |host: HostId, role| case.hosts.get(host).roles.contains(&role);
    let off: Vec<&Clock> = clocks.iter().filter(|clock| clock.is_off()).collect();
    // Where others than that machine were refused, its clock alone does not say why.
    let odd = odd_one(clocks).filter(|(odd, _)| {
        let serves = is(odd.host, Role::WebServer) || is(odd.host, Role::DomainController);
        serves || signs.clients.iter().all(|client| *client == odd.host)
    });
    let machines: BTreeSet<HostId> = apart
        .iter()
        .flat_map(|s| &s.from)
        .filter_map(|c| case.artifact_hosts.get(&c.artifact).copied())
        .chain(off.iter().map(|clock| clock.host))
        .collect();
    let only =
        |hosts: &BTreeSet<HostId>| (hosts.len() == 1).then(|| hosts.first().copied()).flatten();
    // A client that is refused even its first ticket differs from the domain controller, not from the web server alone.
    let often = |from: &Vec<Citation>| from.len() >= REPEATED;
    let refused_first: BTreeSet<HostId> = (signs.first_tickets.iter())
        .filter(|(_, from)| often(from))
        .filter_map(|(client, _)| case.hosts.find(client))
        .collect();
    let host = if let Some((odd, _)) = odd {
        Some(odd.host)
    } else if signs.first_tickets.values().any(often) {
        only(&refused_first)
    } else {
        only(&signs.servers)
            .or_else(|| only(&machines))
            .or_else(|| only(&signs.clients).filter(|_| signs.sites.is_empty()))
    };
    let whose = match (signs.clients.len(), signs.sites.len()) {
        _ if signs
            .first_tickets
            .values()
            .filter(|from| often(from))
            .count()
            == 1
            || refused_first.len() == 1 =>
        {
            "One client is refused even its first ticket: look at its clock first."
        }
        _ if signs.servers.len() == 1 => {
            "The web server refused logons for that reason itself: look at its clock first."
        }
        (2.., 1) => "Several clients fail for one name: look at the clock of that server first.",
        (1, 0) => "One client logged it: look at its clock first.",
        _ => {
            "Compare the clocks of client, web server and domain controller; one event does not say which is wrong."
        }
    };
    let whose = odd.map_or(whose.to_owned(), |(odd, sound)| {
        let name = |clock: &Clock| case.hosts.get(clock.host).name.as_str();
        format!(
            "{} is the one that is off: {} was measured against {} as well, and agrees with it.",
            name(odd),
            name(sound),
            sound.other()
        )
    });
    let site = (signs.sites.len() == 1)
        .then(|| signs.sites.first())
        .flatten();
    let subject = Subject {
        host: host.map(|h| case.hosts.get(h).name.clone()),
        host_name: site
            .filter(|_| odd.is_none())
            .map(|name| Spn::new(name).host())
            .filter(|h| !h.is_empty()),
        ..Subject::default()
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "Two clocks are more than five minutes apart, and Kerberos refuses what comes from the future or the past. {whose}"
        ),
    );
    for skew in apart.iter().take(3) {
        finding = finding.structure(
            format!(
                "a client and its domain controller are {} seconds apart",
                skew.value.unsigned_abs()
            ),
            &few(skew.from.clone(), 1),
        );
    }
    for clock in off.iter().take(3) {
        let host = &case.hosts.get(clock.host).name;
        finding = finding.structure(
            format!(
                "the clock of {host} is {} seconds from {}",
                clock.seconds.unsigned_abs(),
                clock.other()
            ),
            std::slice::from_ref(&clock.from),
        );
    }
    if let Some((_, sound)) = odd {
        let name = &case.hosts.get(sound.host).name;
        finding = finding.structure(
            format!(
                "the clock of {name} is less than five minutes from {}",
                sound.other()
            ),
            std::slice::from_ref(&sound.from),
        );
    }
    finding = finding.conclusive(
        format!(
            "the web server refused {} logons because of the time",
            case.met(&signs.refused)
        ),
        &few(signs.refused.clone(), 3),
    );
    let says = format!(
        "Kerberos refused {} requests for the site because of the time",
        case.met(&signs.for_sites)
    );
    let cited = few(signs.for_sites.clone(), 3);
    finding = if signs.for_sites.len() >= REPEATED {
        finding.conclusive(says, &cited)
    } else {
        finding.observed(says, &cited)
    };
    finding = finding.supporting(
        format!(
            "{} requests that are not for the site were refused because of the time",
            case.met(&signs.others)
        ),
        &few(signs.others.clone(), 3),
    );
    // Who gets no first ticket gets none for the site either; a client that is refused once corrects itself.
    let mut clients: Vec<_> = signs.first_tickets.iter().collect();
    clients.sort_by_key(|(_, from)| std::cmp::Reverse(from.len()));
    for (client, from) in clients.into_iter().take(3) {
        let says = format!(
            "{client} was refused its first ticket {} because of the time",
            times(case.met(from))
        );
        let cited = few(from.clone(), 2);
        finding = if from.len() >= REPEATED {
            finding.observed(says, &cited)
        } else {
            finding.supporting(says, &cited)
        };
    }
    let fallbacks = Fallbacks::of(scene);
    let its_own = odd.is_some_and(|(odd, _)| fallbacks.are_of(case, odd.host));
    finding = fallbacks.said_in(case, its_own, finding);
    let mut concerned: BTreeSet<HostId> = signs.clients.union(&refused_first).copied().collect();
    concerned.retain(|h| !is(*h, Role::DomainController));
    concerned.extend(host);
    let web = case.hosts.iter().map(|(id, _)| id);
    concerned.extend(web.filter(|id| is(*id, Role::WebServer)));
    finding = measured(case, &concerned, finding);
    let theirs = host.filter(|h| case.hosts.get(*h).roles.contains(&Role::WebServer));
    if signs.refused.is_empty() && signs.for_sites.is_empty() && !its_own {
        let there = |h: HostId| case.kerberos_logon(h).map(|event| event.citation.clone());
        let worked = theirs.map_or_else(|| kerberos_logon(scene), there);
        if let Some(logon) = worked.filter(|_| theirs.is_some() || signs.first_tickets.is_empty()) {
            finding = finding.contradicting("users came to the web server by Kerberos", &[logon]);
        }
        let story = scene.has_config() || scene.has_web_server();
        finding = finding.at_most(if story {
            Status::Likely
        } else {
            Status::Possible
        });
    }
    let explained = (scene.symptoms(|k| matches!(k, SymptomKind::ClockSkew(_))))
        .into_iter()
        .map(|(id, _)| id);
    let odd = odd.map(|(odd, _)| case.hosts.get(odd.host).name.as_str());
    finding
        .explains(explained)
        .explains(fallbacks.symptoms(scene))
        .fix(remedy(odd), Vec::new())
}

/// How many milliseconds more than Kerberos tolerates the events of two machines put their clocks apart (as far as the nearer
/// end of the interval reaches), and whether the first is ahead.
fn beyond(difference: &ClockDifference) -> Option<(i64, bool)> {
    let limit = i64::try_from(TOLERATED)
        .unwrap_or(i64::MAX)
        .saturating_mul(1000);
    let ahead = difference.at_least.filter(|at_least| *at_least > limit);
    let behind = Some(-difference.at_most).filter(|behind| *behind > limit);
    ahead.map(|by| (by, true)).or(behind.map(|by| (by, false)))
}

/// What the bundle itself shows of the clocks of two machines. Those of machines that the finding is not about only support it.
fn measured(case: &Case, concerned: &BTreeSet<HostId>, mut finding: Finding) -> Finding {
    for difference in &case.clock_differences {
        let Some((apart, ahead)) = beyond(difference) else {
            continue;
        };
        let name = |host| case.hosts.get(host).name.as_str();
        let says = format!(
            "by {} sign-ins that both wrote of, {} is {} seconds or more {} {}",
            difference.pairs,
            name(difference.host),
            apart / 1000,
            if ahead { "ahead of" } else { "behind" },
            name(difference.against)
        );
        let from = few(difference.from.clone(), 2);
        let of_it = [difference.host, difference.against];
        finding = if of_it.iter().any(|host| concerned.contains(host)) {
            finding.structure(says, &from)
        } else {
            finding.supporting(says, &from)
        };
    }
    finding
}

/// Of the machine that is off, where that is known.
fn remedy(odd: Option<&str>) -> Remedy {
    let machine = odd.unwrap_or("the machine that is off");
    let fix = vec![
        Step::run(
            c::w32tm_status(),
            "compare the clocks: run this on client, web server and domain controller, and note source and offset",
        ),
        Step::by_hand(format!(
            "repair the time source of {machine}: members follow the domain, the domain controller with the PDC role follows an outside source, and the hypervisor must not set the clock of a member"
        )),
        Step::run(
            c::w32tm_resync(),
            format!("set the time again on {machine}"),
        )
        .risk("a clock that jumps upsets databases and schedulers on that machine"),
    ];
    Remedy::of(fix)
        .verify(vec![
            Step::run(
                c::w32tm_status(),
                "the offset must be far below five minutes on all three",
            ),
            Step::by_hand(
                "there must be no new Kerberos event 3 with 0x25 and no new 4625 with 0xC0000133",
            ),
        ])
        .rollback(vec![Step::by_hand("set the former time source again")])
        .prevent(CAUSE.page.prevent)
}
