//! CFG-19: an ISAPI filter, or an ISAPI or CGI application, refuses the request.

use crate::causes::access::{Refused, lack_requests, refused, rule_out_by_logs};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// CFG-19.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-19",
    name: "isapi-filter-refuses",
    title: "An ISAPI filter (401.4), or an ISAPI or CGI application (401.5), refuses the request",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "ISAPI filters see every request and may refuse it: agents for web single sign-on, scanners of URLs, filters of old products. IIS marks such a 401 with sub-status 4; one that an ISAPI or CGI application answers has 5. Neither says anything about Kerberos or NTLM, and changing those helps nobody.",
        evidence: &[
            "IIS log: 401 4 or 401 5; cs-username may be filled",
            "applicationHost.config: <isapiFilters> with a filter that is no part of Windows or IIS; handlers with IsapiModule or CgiModule",
            "failed-request trace: IsapiFilterModule, IsapiModule or CgiModule sets the status",
            "the log of the product that the filter belongs to",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-03",
                told_apart_by: "there the sub-status is 2 or 0, and an authorization rule refuses the user",
            },
            LookAlike {
                cause: "AZ-04",
                told_apart_by: "there a managed application answers, with sub-status 0",
            },
        ],
        ruled_out_by: "another sub-status than 4 and 5.",
        fix: &[
            "Find the filter in <isapiFilters> (IIS Manager: ISAPI Filters) and read the log of its product for the time of the refusal.",
            "Try without it on a test site, never on the live one: it may be what protects the site.",
            "Update or configure the product; remove a filter whose product is long gone.",
        ],
        verify: "The request is answered 200; no new 401 4 or 401 5.",
        rollback: "Put the filter back (restore the backup).",
        prevent: "A list of filters and handlers with the owner of each.",
        blind_spots: &[
            "what the filter decides by",
            "filters of a parent level that the bundle does not hold",
        ],
        versions: "All versions of IIS with ISAPI installed.",
        sources: &[
            "Microsoft: HTTP status codes of IIS (401.4, 401.5)",
            "Microsoft: <isapiFilters> element of IIS",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    lack_requests(scene, &mut out);
    for one in refused(scene, &[4, 5]) {
        out.find(finding(scene, &one));
    }
    rule_out_by_logs(
        scene,
        &mut out,
        "none refused by a filter or an ISAPI application (401.4, 401.5)",
    );
    out
}

fn finding(scene: &Scene<'_>, one: &Refused<'_>) -> Finding {
    let spots = one.spots();
    let mut filters: Vec<(String, Citation)> = spots
        .iter()
        .flat_map(|spot| spot.settings.access.foreign_filters.clone())
        .collect();
    filters.sort();
    filters.dedup();
    let (by, sub) = match one.sub_status {
        4 => ("an ISAPI filter", 4),
        _ => ("an ISAPI or CGI application", 5),
    };
    let which = match filters.as_slice() {
        [(name, _)] if sub == 4 => format!(" ({name})"),
        _ => String::new(),
    };
    let mut finding = Finding::about(
        one.subject(scene, &spots),
        format!(
            "The sign-in is not what fails: {by}{which} refuses the request, which IIS marks with 401.{sub}."
        ),
    );
    if sub == 4 {
        let names: Vec<&str> = filters.iter().map(|(name, _)| name.as_str()).collect();
        finding = finding.structure(
            format!(
                "filters of third parties are on there: {}",
                names.join(", ")
            ),
            &few(filters.iter().map(|(_, at)| at.clone()).collect(), 3),
        );
    }
    finding = one.observe(finding, &spots).conclusive(
        format!("IIS writes sub-status {sub} for {by} only"),
        &few(one.symptom.from.clone(), 1),
    );
    let remedy = Remedy::of(vec![
        p::backup(),
        Step::by_hand(format!(
            "find {by} and its product, and read its log for the time of one of the refusals"
        )),
        Step::by_hand("on a test site, not the live one: try the request without it")
            .risk("it may be what protects the site"),
        Step::by_hand(
            "update or configure the product, or remove it where nobody needs it any more",
        ),
    ])
    .verify(vec![Step::by_hand(format!(
        "the request is answered 200; no new 401 {sub}"
    ))])
    .rollback(p::restore())
    .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
