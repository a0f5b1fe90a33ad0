//! POOL-07: the configuration was copied from another server, and the stored password cannot be decrypted here.

use std::collections::BTreeSet;

use super::failure::FailedPool;
use crate::case::{Coverage, WebServer};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::iis_config::Pool;
use crate::remedy::Remedy;
use crate::remedy::procedures as p;

/// POOL-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-07",
    name: "pool-password-copied-without-keys",
    title: "Pool password copied from another server, which alone can decrypt it",
    stage: Stage::Request,
    page: Page {
        mechanism: "IIS encrypts the passwords in applicationHost.config with keys of that one machine. A file copied or restored to another server keeps the encrypted text, but the other server has other keys and cannot decrypt it. WAS has no password to log on with and stops the pool; where the whole section cannot be read, IIS answers 500.19. Users get 503 or 500.19, not 401.",
        evidence: &[
            "the same encrypted password in the applicationHost.config of two servers, without shared configuration",
            "System log of the server: WAS 5021, 5057, 5059 naming the pool",
            "no refused logon of the pool's account on the server (4625) or a domain controller (4771, 4776)",
            "500.19 with 0x80090005 where the section is read",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-01",
                told_apart_by: "there the domain refuses the password: 4625, 4771 or 4776 for the account",
            },
            LookAlike {
                cause: "POOL-08",
                told_apart_by: "there the worker process starts and crashes: WAS 5009 or 5011, then 5002",
            },
        ],
        ruled_out_by: "different encrypted texts on the two servers, shared configuration with exported keys, or a refusal of the account by the domain.",
        fix: &[
            "Enter the password again on the server whose pool fails.",
            "Or move both servers to shared configuration, with the keys exported from the first one.",
            "Start the pool.",
        ],
        verify: "The pool has a worker process, the site answers 200 or 401 instead of 503.",
        rollback: "Restore the configuration backup.",
        prevent: "Use a group managed service account, or shared configuration with exported keys; never copy applicationHost.config between servers.",
        blind_spots: &[
            "whether the keys were exported from one server and imported on the other",
            "the passwords themselves: the tool compares fingerprints of the encrypted texts",
        ],
        versions: "IIS 7.0 and later.",
        sources: &["Microsoft: processModel element of IIS", "reasoned from it"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    // With shared configuration every server reads the same text, and holds the keys for it.
    if let Some(shared) = scene.case.redirections.iter().find(|r| r.enabled) {
        out.rule_out(
            "the servers read a shared configuration",
            std::slice::from_ref(&shared.from),
        );
        return out;
    }
    let failed = FailedPool::all(scene);
    for pool in &failed {
        let Some(copy) = twin(scene, pool) else {
            continue;
        };
        if let Some(refusal) = pool.refusals.first() {
            out.rule_out(
                format!(
                    "the password of {} was decrypted and sent: {}",
                    pool.account(scene.case),
                    refusal.why.says()
                ),
                std::slice::from_ref(refusal.from),
            );
            continue;
        }
        let both_fail = failed
            .iter()
            .any(|p| p.host != pool.host && twin(scene, p).is_some());
        out.find(finding(scene, pool, &copy, both_fail));
    }
    if unwatched_copies(scene) {
        out.lack(Input::ServerSystemLog);
    }
    out
}

/// Whether two servers hold one stored password, and the log that shows whether a pool starts is missing for one of them.
fn unwatched_copies(scene: &Scene<'_>) -> bool {
    let watched = |server: &WebServer| {
        let system = |c: &Coverage| c.channel.eq_ignore_ascii_case("System");
        let host = server.host;
        (scene.case.coverage.iter()).any(|c| Some(c.host) == host && system(c))
    };
    let stored = |server: &WebServer| -> BTreeSet<String> {
        (server.config.pools.iter())
            .filter(|p| !p.is_managed_account())
            .filter_map(|p| p.password_fingerprint.clone())
            .collect()
    };
    let mut servers = scene.case.servers.iter();
    servers.any(|server| {
        let mut others = (scene.case.servers.iter()).filter(|o| o.artifact != server.artifact);
        !watched(server) && others.any(|o| !stored(o).is_disjoint(&stored(server)))
    })
}

/// The same stored password on another server.
struct Twin {
    server: String,
    from: Vec<Citation>,
}

fn twin(scene: &Scene<'_>, pool: &FailedPool<'_, '_>) -> Option<Twin> {
    let view = pool.view?;
    let own = view.endpoint.server.0 as usize;
    let mine = stored(scene, own, |p| p.name.eq_ignore_ascii_case(&pool.name))?;
    let fingerprint = mine.password_fingerprint.as_ref()?;
    if mine.is_managed_account() {
        return None;
    }
    (0..scene.case.servers.len())
        .filter(|other| *other != own)
        .find_map(|other| {
            let theirs = stored(scene, other, |p| {
                p.password_fingerprint.as_ref() == Some(fingerprint)
            })?;
            Some(Twin {
                server: scene.case.servers.get(other)?.label.clone(),
                from: vec![mine.from.clone(), theirs.from.clone()],
            })
        })
}

fn stored<'a>(scene: &Scene<'a>, server: usize, pick: impl Fn(&Pool) -> bool) -> Option<&'a Pool> {
    let server = scene.case.servers.get(server)?;
    server.config.pools.iter().find(|p| pick(p))
}

fn finding(scene: &Scene<'_>, pool: &FailedPool<'_, '_>, twin: &Twin, both: bool) -> Finding {
    let case = scene.case;
    let mut finding = pool
        .finding(
            scene,
            format!(
                "Pool {} on {} holds the same encrypted password as {}. Only the server that encrypted it can decrypt it, so WAS has no password to log on with. Users get 503, not 401.",
                pool.name,
                pool.server(case),
                twin.server
            ),
            &[],
        )
        .structure(
            format!("{} holds the same encrypted password", twin.server),
            &few(twin.from.clone(), 2),
        )
        .at_most(Status::Likely);
    if !pool.is_audited(case) {
        finding = finding
            .or_else(
                "POOL-01",
                "the bundle does not show whether the domain refused the account",
            )
            .lacks(Input::ServerSecurityLog);
    }
    if both {
        finding = finding.or_else(
            "POOL-01",
            "both servers fail, and the one that encrypted the password could decrypt it",
        );
    }
    let mut fix = p::enter_pool_password(&pool.name, &pool.account(case));
    fix.push(p::start_pool(&pool.name));
    let remedy = Remedy::of(fix)
        .verify(p::verify_pool(&pool.name))
        .rollback(p::restore())
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
