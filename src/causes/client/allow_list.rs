//! CL-02: the browser's list of servers for single sign-on leaves the host out.

use super::signs::{self, Program, Unanswered};
use crate::case::{HostId, Sameness, Spn, pattern_matches};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::negotiate::Stage;
use crate::readers::registry::Setting;
use crate::remedy::{Remedy, Step};

/// CL-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-02",
    name: "client-allow-list-omits-host",
    title: "The browser's list of servers for single sign-on leaves the host out",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "Once the policy AuthServerAllowlist is set, Edge and Chrome send the user's credentials unasked only to hosts that match one of its patterns, whatever the zone says. A site that was forgotten in the list prompts in these browsers, or is left unanswered by pages that call it in the background.",
        evidence: &[
            "edge://policy, chrome://policy or the registry: AuthServerAllowlist, with no pattern that matches the host",
            "IIS log: 401.2 of these browsers and nothing after it; other browsers sign in",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-01",
                told_apart_by: "there the policy is not set, and the zone decides",
            },
            LookAlike {
                cause: "CL-03",
                told_apart_by: "there AuthSchemes forbids Negotiate for every host",
            },
        ],
        ruled_out_by: "a pattern of the list that matches the host, or no list at all.",
        fix: &[
            "Add the host, or *.domain of your own, to the policy.",
            "Restart the browser: the list is read at its start.",
        ],
        verify: "edge://policy shows the new value; the site opens without a prompt.",
        rollback: "Set the policy to what it was.",
        prevent: "Keep the list beside the list of bindings, in one change.",
        blind_spots: &["the policy of another client or another browser may differ"],
        versions: "Edge and Chrome 77 and later; older ones call it AuthServerWhitelist.",
        sources: &[
            "Microsoft: Edge browser policy AuthServerAllowlist (the example lists *contoso.com and contoso.com)",
            "Chromium source: http_auth_filter.cc, scheme_host_port_matcher_rule.cc (how patterns match)",
        ],
    },
    assess,
};

const VALUE: &str = "AuthServerAllowlist";
const WANTED: Input = Input::Stated {
    what: "the policies of the browser on a client that prompts (or edge://policy, exported as JSON)",
    collect_with: "reg query HKLM\\SOFTWARE\\Policies\\Microsoft\\Edge",
};

const LOG: Input = Input::Stated {
    what: "the IIS log of the site (W3C) at the time of the failure, and the policies of the browser on a client that it shows",
    collect_with: "robocopy %SystemDrive%\\inetpub\\logs\\LogFiles . *.log /s /maxage:3",
};

/// Whether a machine may be among the clients that leave a site unanswered: by its address, or as one of the site's domain
/// where its address is not known.
fn may_fail_here(scene: &Scene<'_>, machine: Option<HostId>, one: &Unanswered) -> bool {
    let case = scene.case;
    let own = machine.map(|host| scene.clients.addresses(case, host));
    if let Some(own) = own.filter(|own| !own.is_empty()) {
        return own.iter().any(|address| one.clients.contains(address));
    }
    let domain = |host: Option<HostId>| {
        let account = host.map(|host| case.accounts.get(case.hosts.get(host).machine));
        account.and_then(|account| account.domain.as_deref())
    };
    let server = case.logged_site(one.site).and_then(|site| site.host);
    case.accounts.same_domain(domain(machine), domain(server)) == Sameness::Same
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let policies = signs::policies(scene.case, VALUE);
    let unanswered = signs::unanswered(scene);
    for name in names(scene) {
        for (host, browser, set) in &policies {
            let Setting::Text(list) = &set.value else {
                continue;
            };
            let (machine, browser) = (
                signs::machine_name(scene.case, *host),
                signs::browser_name(*browser),
            );
            if matches(list, &name) {
                out.rule_out(
                    format!("the list of {browser} on {machine} has a pattern for {name}"),
                    &set.from,
                );
                continue;
            }
            let spn = Spn::http(&name);
            let mut finding = Finding::about(
                signs::named(scene, &spn),
                format!("{browser} on {machine} sends credentials unasked to the hosts of its list only, and {name} matches none of its patterns: it prompts, or leaves the challenge unanswered."),
            )
            .structure(format!("{VALUE} of {browser} on {machine} has no pattern for {name}"), &set.from);
            let mut seen = false;
            for one in unanswered.iter().filter(|u| u.program == Program::Chromium) {
                let seen_at = one.subject(scene);
                let here = match &seen_at.host_name {
                    Some(other) => other.eq_ignore_ascii_case(&name),
                    // The log names no host: it may be this one where the machine is its server.
                    None => seen_at.host.is_some() && seen_at.host == finding.subject.host,
                };
                if here && may_fail_here(scene, *host, one) {
                    seen = true;
                    let nobody = scene.symptoms(|kind| {
                        *kind == crate::case::SymptomKind::NobodySignsIn(one.site)
                    });
                    finding = finding
                        .observed(one.says(scene), &few(one.from.clone(), 3))
                        .explains(nobody.into_iter().map(|(id, _)| id));
                }
            }
            if !seen {
                // That somebody of this client wanted the site is not shown.
                finding = finding.at_most(Status::Possible).lacks(LOG);
            }
            out.find(finding.fix(remedy(&name), Vec::new()));
            break;
        }
    }
    if policies.is_empty() {
        out.lack(WANTED);
    }
    out
}

/// The names of the sites that ask for Windows authentication, where they are certain.
fn names(scene: &Scene<'_>) -> Vec<String> {
    let mut names: Vec<String> = (scene.views.iter())
        .filter(|v| v.path.answer.is_some() && v.endpoint.name_is_tied())
        .map(|v| v.endpoint.name.to_lowercase())
        .filter(|name| !name.is_empty() && name != "*")
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Whether a list of patterns matches a host, as Chromium matches them (net/proxy_resolution/proxy_bypass_rules.cc,
/// net/base/scheme_host_port_matcher_rule.cc): `*` stands for anything, a leading dot for `*.`, and what is left has to be the
/// whole name. A pattern may be of one scheme or port, and what a client asks by is not known here.
pub(in crate::causes) fn matches(list: &str, host: &str) -> bool {
    let host = host.to_lowercase();
    list.split([',', ';'])
        .map(|pattern| pattern.trim().to_lowercase())
        .any(|pattern| {
            let name = pattern
                .split_once("://")
                .map_or(&*pattern, |(_, name)| name);
            let name = match name.rsplit_once(':') {
                Some((name, port)) if port.parse::<u16>().is_ok() => name,
                _ => name,
            };
            match name.starts_with('.') {
                true => pattern_matches(&format!("*{name}"), &host),
                false => pattern_matches(name, &host),
            }
        })
}

fn remedy(name: &str) -> Remedy {
    Remedy::of(vec![
        Step::by_hand(
            "note the policy as it is now (edge://policy or chrome://policy, Export to JSON)",
        ),
        Step::by_hand(format!(
            "add {name}, or a pattern of your own domain, to {VALUE} in the policy of the browser"
        ))
        .risk("every host of a pattern gets the users' credentials unasked"),
        Step::by_hand("gpupdate, close all windows of the browser and start it again"),
    ])
    .verify(vec![
        Step::by_hand("edge://policy shows the new value"),
        Step::by_hand("the site opens without a prompt, and klist shows a ticket for it"),
    ])
    .rollback(vec![Step::by_hand("set the policy to what was noted")])
    .prevent(CAUSE.page.prevent)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (list, host, yes) in [
            ("*.corp.example", "web.corp.example", true),
            ("*.corp.example", "corp.example", false),
            ("*.corp.example,corp.example", "corp.example", true),
            ("web*.corp.example", "web7.corp.example", true),
            ("*corp.example", "webcorp.example", true),
            ("web.corp.example", "web.corp.example", true),
            ("corp.example", "web.corp.example", false),
            ("a.example, *.corp.example", "WEB.corp.example", true),
            ("*", "anything", true),
            (".corp.example", "web.corp.example", true),
            ("https://*.corp.example", "web.corp.example", true),
            ("https://web.corp.example:8443", "web.corp.example", true),
            ("https://*.other.example", "web.corp.example", false),
            ("*.other.example", "web.corp.example", false),
        ] {
            assert_eq!(matches(list, host), yes, "{list} {host}");
        }
    }
}
