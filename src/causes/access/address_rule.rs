//! AZ-06: a restriction of addresses, or of their number of requests, refuses the client.

use super::{REQUESTS, Refused, refused, rule_out_by_logs};
use crate::case::{SymptomId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::iis_config::AccessSettings;
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// AZ-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "AZ-06",
    name: "address-restriction",
    title: "A restriction of addresses, or of requests per address, refuses the client",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "IP and Domain Restrictions refuse a client for its address; Dynamic IP Restrictions refuse an address that has too many requests at once, or too many in a short time. The answer is 401.501 to 401.504 or 403.6, 403.8 and 403.501 to 403.503, by denyAction. Behind a proxy or a NAT all users are one address, and each NTLM sign-in costs three requests: then the limit is met by people at work, at busy times only.",
        evidence: &[
            "IIS log: 401 501, 401 502, 401 503, 401 504, 403 6, 403 8 or 403 501 to 503",
            "applicationHost.config or web.config: <ipSecurity> or <dynamicIpSecurity> in force at the path",
            "one c-ip for many users in the IIS log, refusals in bursts",
            "failed-request trace: IpRestrictionModule or DynamicIpRestrictionModule sets the status",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-03",
                told_apart_by: "there the user is refused from every address, and the sub-status is 2 or 0",
            },
            LookAlike {
                cause: "PRX-01",
                told_apart_by: "there sign-ins through a proxy fail with an invalid token (401.1, 2148074248)",
            },
        ],
        ruled_out_by: "another sub-status.",
        fix: &[
            "See which rule it is: the sub-status says whether it is the address (503, 504, 403.6, 403.8) or the number of requests (501, 502).",
            "For a number: turn on enableLoggingOnlyMode for a day and read what real users need, then raise the limit. Count three requests for an NTLM sign-in, or make Kerberos work.",
            "Behind a proxy: enableProxyMode, so that the address in X-Forwarded-For counts; only where no client reaches IIS past the proxy.",
            "For an address: allow the network of the users, not everything.",
        ],
        verify: "At the busiest hour no new 401.501 to 504 and no 403.6 for real users.",
        rollback: "Put the former limits back.",
        prevent: "Size limits for the busiest hour behind the proxy; log only, before they refuse.",
        blind_spots: &["firewalls and proxies that refuse by address before IIS"],
        versions: "IIS 8 and later for dynamic restrictions; IIS 7 and 7.5 as an extension.",
        sources: &[
            "Microsoft: HTTP status codes of IIS (401.501 to 401.504, 403.6, 403.8, 403.501 to 403.503)",
            "Microsoft: <ipSecurity> and <dynamicIpSecurity> elements of IIS",
        ],
    },
    assess,
};

/// Sub-statuses of 401 that only these modules write.
const SUB_STATUSES: [u16; 4] = [501, 502, 503, 504];

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for one in refused(scene, &SUB_STATUSES) {
        let settings = one
            .spots()
            .into_iter()
            .next()
            .map(|spot| spot.settings.access);
        let subject = one.subject(scene, &[]);
        let location = one.at.map_or("", |(_, site)| site.name.as_str());
        let finding = finding(subject, location, 401, one.sub_status, settings.as_ref());
        out.find(conclude(finding, &one));
    }
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::AddressRefused(..))) {
        out.findings.extend(forbidden(scene, id, symptom));
    }
    if scene.case.logged_sites.is_empty() && scene.case.traces.is_empty() {
        out.lack(REQUESTS);
    }
    rule_out_by_logs(scene, &mut out, "none refused for their address");
    out
}

fn conclude(finding: Finding, one: &Refused<'_>) -> Finding {
    one.observe(finding, &[]).conclusive(
        "IIS writes this sub-status for restrictions of addresses only",
        &few(one.symptom.from.clone(), 1),
    )
}

fn forbidden(scene: &Scene<'_>, id: SymptomId, symptom: &crate::case::Symptom) -> Option<Finding> {
    let SymptomKind::AddressRefused(site, sub_status) = symptom.kind else {
        return None;
    };
    let logged = scene.case.logged_site(site)?;
    let server = logged
        .server
        .and_then(|server| scene.case.servers.get(server.0 as usize));
    let settings = server.zip(logged.site.as_ref()).map(|(server, site)| {
        let path = symptom
            .spread
            .paths
            .first()
            .map_or("/", |(path, _)| path.as_str());
        server.config.effective(site, path).access
    });
    let host = logged
        .host
        .map(|host| scene.case.hosts.get(host).name.clone());
    let subject = Subject {
        site: logged.site.clone(),
        host: server.map(|s| s.label.clone()).or(host),
        ..Subject::default()
    };
    let location = logged.site.as_deref().unwrap_or_default();
    Some(
        finding(subject, location, 403, sub_status, settings.as_ref())
            .conclusive(
                format!(
                    "requests were refused with 403.{sub_status}, {} times",
                    symptom.count
                ),
                &symptom.from,
            )
            .explains([id]),
    )
}

fn finding(
    subject: Subject,
    location: &str,
    status: u16,
    sub_status: u16,
    settings: Option<&AccessSettings>,
) -> Finding {
    let by_number = matches!((status, sub_status), (_, 501 | 502));
    let what = match sub_status {
        501 => "too many requests of one address at once",
        502 => "too many requests of one address in a short time",
        504 | 8 => "the name of the client's machine",
        _ => "the address of the client",
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "The sign-in is not what fails: a restriction refuses the client for {what} ({status}.{sub_status})."
        ),
    );
    if let Some(settings) = settings {
        finding = finding.structure(
            limits(settings, sub_status),
            &few(set_at(settings, by_number), 3),
        );
    }
    let section = match by_number {
        true => "system.webServer/security/dynamicIpSecurity",
        false => "system.webServer/security/ipSecurity",
    };
    let change = match by_number {
        true => Step::by_hand("raise the limit to what the busiest hour needs (an NTLM sign-in is three requests), or turn on enableProxyMode where every client comes through a proxy that sets X-Forwarded-For")
            .risk("with proxy mode a client that reaches IIS directly can claim any address"),
        false => Step::by_hand("allow the network of the users who are refused; leave the other rules as they are")
            .stop_if("the address is refused on purpose"),
    };
    let remedy = Remedy::of(vec![
        p::backup(),
        Step::run(
            c::appcmd_list_section(location, section),
            "read the restriction in force",
        ),
        change,
    ])
    .verify(vec![Step::by_hand(format!(
        "at a busy time the IIS log has no new {status} {sub_status}"
    ))])
    .rollback(p::restore())
    .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}

/// The limits in force as text.
fn limits(settings: &AccessSettings, sub_status: u16) -> String {
    match (sub_status, &settings.most_at_once, &settings.most_in_time) {
        (501, Some((most, _)), _) => format!("one address may have {most} requests at once"),
        (502, _, Some((most, interval, _))) => {
            format!("one address may have {most} requests in {interval} milliseconds")
        }
        _ => "addresses are restricted there".to_owned(),
    }
}

fn set_at(settings: &AccessSettings, by_number: bool) -> Vec<Citation> {
    if by_number {
        let once = settings.most_at_once.iter().map(|(_, at)| at.clone());
        let rate = settings.most_in_time.iter().map(|(.., at)| at.clone());
        return once.chain(rate).collect();
    }
    let listed = settings.addresses.iter().map(|rule| rule.from.clone());
    let unlisted = crate::negotiate::origin_of(&settings.allow_unlisted);
    let shut = unlisted
        .into_iter()
        .filter(|_| !settings.allow_unlisted.value);
    shut.chain(listed).collect()
}
