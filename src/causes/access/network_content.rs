//! AZ-02: the content lies on a share that the caller, or the account that stands in for the caller, may not read.

use super::refused::Spot;
use super::{BY_FILE, Refused, lack_requests, refused};
use crate::case::{Symptom, SymptomId, SymptomKind, WebServer};
use crate::causes::part::Part;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::iis_config::{Application, Site, VirtualDirectory};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// AZ-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "AZ-02",
    name: "content-on-a-share",
    title: "The content lies on a share that the user, or the account of connect-as, may not read",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "IIS opens the files of a share over the network. Without a connect-as account it passes the user who signed in on to the file server. That is a second hop: a password or a delegated Kerberos ticket can make it, NTLM and a plain Kerberos ticket cannot, and the file server sees an anonymous logon. With a connect-as account the share must admit that account. The web.config on the share is read by that account, or the pool's: where it may not, the answer is 500.19 with Win32 status 5 instead of 401.3.",
        evidence: &[
            "applicationHost.config: virtualDirectory with physicalPath=\"\\\\server\\share\", with or without userName",
            "IIS log: 401 3 5 with the user named, or 500 19 5, for the paths below it",
            "Security log of the file server: 4624 or 4625 of ANONYMOUS LOGON, or of the connect-as account, at the same time",
            "Security log of the web server: 4624 for the user, which succeeds",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-01",
                told_apart_by: "there the content lies on a local disk",
            },
            LookAlike {
                cause: "DG-13",
                told_apart_by: "there the application itself calls a back end, and IIS serves its own files well",
            },
        ],
        ruled_out_by: "content on local disks only.",
        fix: &[
            "Simplest and safest: give the directory a fixed account (connect-as) and grant that account read on share and files. Then no user needs to be delegated.",
            "Where the application is its own gatekeeper: no connect-as and authenticatedUserOverride=\"UseWorkerProcessUser\"; IIS then opens the share as the pool's account, which may be a gMSA. The rights of each user on the files no longer count.",
            "Grant both the share and the files: icacls on the file server, and Grant-SmbShareAccess.",
            "Where each user's own rights on the files must count: constrained delegation from the web server's acceptor account to cifs/<file server>, and Kerberos for the front.",
        ],
        verify: "The page opens from a client that is not the web server itself; no new 401 3 5 and no 500 19 5.",
        rollback: "Empty userName and password of the virtual directory; take the grants back.",
        prevent: "One fixed connect-as account per share, documented; no pass-through for content on shares.",
        blind_spots: &[
            "the lists of share and files",
            "what the file server logged",
        ],
        versions: "All versions of IIS.",
        sources: &[
            "Microsoft: UNC authentication in IIS",
            "Microsoft: <virtualDirectory> element of IIS (userName, password)",
            "Microsoft: HTTP status codes of IIS (401.3, 500.19)",
        ],
    },
    assess,
};

/// ERROR_ACCESS_DENIED, with which IIS cannot read a web.config.
const ACCESS_DENIED: u32 = 5;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for one in refused(scene, &[BY_FILE]) {
        let mut spots = one.spots();
        spots.retain(|spot| spot.directory.is_remote());
        if let Some(spot) = spots.first() {
            out.find(by_file(scene, &one, &spots, spot));
        }
    }
    out.findings.extend(unreadable(scene));
    if !remote(scene).is_empty() {
        lack_requests(scene, &mut out);
    } else {
        for server in scene.case.servers.iter().filter(|s| s.config.complete) {
            let directories = server.config.sites.iter().flat_map(|s| &s.applications);
            let first = directories.flat_map(|a| &a.virtual_directories).next();
            if let Some(directory) = first {
                let says = format!("the content of {} lies on local disks", server.label);
                out.rule_out(says, std::slice::from_ref(&directory.from));
            }
        }
    }
    out
}

fn remote(scene: &Scene<'_>) -> Vec<Citation> {
    let sites = scene.case.servers.iter().flat_map(|s| &s.config.sites);
    let directories = sites
        .flat_map(|s| &s.applications)
        .flat_map(|a| &a.virtual_directories);
    directories
        .filter(|d| d.is_remote())
        .map(|d| d.from.clone())
        .collect()
}

fn by_file(scene: &Scene<'_>, one: &Refused<'_>, spots: &[Spot<'_>], spot: &Spot<'_>) -> Finding {
    let directory = spot.directory;
    let share = &directory.physical_path;
    let (says, meant) = how(spot);
    let mut finding = Finding::about(
        one.subject(scene, spots),
        format!(
            "The sign-in is not what fails: the files lie on {share}, {says}, and {meant} is refused there."
        ),
    )
    .structure(
        format!("the content lies on {share}, {says}"),
        &few(spots.iter().map(|s| s.directory.from.clone()).collect(), 2),
    );
    finding = one.observe(finding, spots);
    finding.fix(
        remedy(directory, &one.location(spot), spot.runs_as_worker()),
        Vec::new(),
    )
}

/// How IIS opens the files of a share, and who is checked there.
fn how(spot: &Spot<'_>) -> (String, &'static str) {
    let directory = spot.directory;
    if !directory.user_name.is_empty() {
        (format!("opened as {}", directory.user_name), "that account")
    } else if spot.runs_as_worker() {
        (
            format!(
                "opened as the account of pool {} (authenticatedUserOverride is UseWorkerProcessUser)",
                spot.application.pool.value
            ),
            "that account",
        )
    } else {
        (
            "without a connect-as account, so that the user who signed in is passed on".to_owned(),
            "the user, or whoever arrives there when the sign-in cannot be passed on,",
        )
    }
}

/// web.config files on shares that cannot be read: 500.19 with access denied.
fn unreadable(scene: &Scene<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, symptom) in
        scene.symptoms(|k| matches!(k, SymptomKind::ConfigUnreadable(_, Some(ACCESS_DENIED))))
    {
        let Some(logged) = symptom
            .logged_site()
            .and_then(|site| scene.case.logged_site(site))
        else {
            continue;
        };
        let server = logged
            .server
            .and_then(|s| scene.case.servers.get(s.0 as usize));
        let site = server.and_then(|server| {
            server
                .config
                .sites
                .iter()
                .find(|s| Some(&s.name) == logged.site.as_ref())
        });
        let (Some(server), Some(site)) = (server, site) else {
            continue;
        };
        found.extend(on_shares(server, site, id, symptom));
    }
    found
}

/// Of a site's paths that cannot be read, those that are served from a share; a finding for each share.
fn on_shares(server: &WebServer, site: &Site, id: SymptomId, symptom: &Symptom) -> Vec<Finding> {
    let mut shares: Vec<(&Application, &VirtualDirectory, u64)> = Vec::new();
    for (path, count) in &symptom.spread.paths {
        let served = site.application_of(path);
        let served =
            served.and_then(|application| Some((application, application.directory_of(path)?)));
        let Some((application, directory)) = served.filter(|(_, directory)| directory.is_remote())
        else {
            continue;
        };
        match shares.iter_mut().find(|(_, d, _)| *d == directory) {
            Some((.., failed)) => *failed += count,
            None => shares.push((application, directory, *count)),
        }
    }
    let all = symptom.count;
    let finding = |(application, directory, here): (&Application, &VirtualDirectory, u64)| {
        let subject = Subject {
            site: Some(site.name.clone()),
            host: Some(server.label.clone()),
            ..Subject::default()
        };
        let below = [&application.path, &directory.path].map(|p| p.trim_matches('/'));
        let below = below.into_iter().filter(|p| !p.is_empty());
        let location = below.fold(site.name.clone(), |all, folder| format!("{all}/{folder}"));
        config_finding(
            subject,
            directory,
            &location,
            id,
            symptom,
            Part { here, all },
        )
    };
    shares.into_iter().map(finding).collect()
}

fn config_finding(
    subject: Subject,
    directory: &VirtualDirectory,
    location: &str,
    id: SymptomId,
    symptom: &Symptom,
    part: Part,
) -> Finding {
    let share = &directory.physical_path;
    let reader = match directory.user_name.as_str() {
        "" => "the pool's account",
        name => name,
    };
    let finding = Finding::about(
        subject,
        format!("IIS cannot read the web.config on {share}: {reader} is refused there. Requests below {location} are answered 500.19 before anybody is asked to sign in."),
    )
    .structure(
        format!("the content lies on {share}, and {reader} reads its web.config"),
        std::slice::from_ref(&directory.from),
    )
    .observed(
        format!("500.19 with access denied, {}", part.times()),
        &symptom.from,
    );
    part.explained(finding, id)
        .fix(remedy(directory, location, true), Vec::new())
}

/// How to let whoever opens the files in: an account, that of the pool included, or each user.
fn remedy(directory: &VirtualDirectory, location: &str, by_account: bool) -> Remedy {
    let share = &directory.physical_path;
    let mut fix = vec![p::backup()];
    if directory.user_name.is_empty() && !by_account {
        fix.push(
            Step::by_hand(format!(
                "decide who opens {share}: one fixed account (in IIS Manager: Basic Settings, Connect as, Specific user, for {location}), or each user by delegation"
            ))
            .risk("with a fixed account the rights of each user on the files no longer count: rules of the application must"),
        );
        fix.push(Step::by_hand(
            "where each user must count: constrained delegation to cifs/FILESERVER for the account whose key opens the tickets of the site, and Kerberos at the front; NTLM cannot be passed on",
        ));
    }
    fix.push(Step::by_hand(format!(
        "on the file server: let the account read both share and files of {share} (Get-SmbShareAccess and icacls show who may), no more than read"
    ))
    .stop_if("the account is not meant to have access"));
    Remedy::of(fix)
        .verify(vec![Step::by_hand(
            "open the page from another machine than the web server: 200, and no new 401 3 5 or 500 19 5",
        )])
        .rollback(p::restore())
        .prevent(CAUSE.page.prevent)
}
