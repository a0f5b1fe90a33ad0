//! POOL-08: worker processes died one after another, and WAS disabled the pool.

use jiff::SignedDuration;

use super::stopped::{PoolLog, lack_system_log};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// POOL-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-08",
    name: "pool-disabled-after-crashes",
    title: "Worker processes kept failing, and rapid-fail protection disabled the pool",
    stage: Stage::Request,
    page: Page {
        mechanism: "WAS counts how often the worker processes of a pool die, hang or cannot be started. Five times within five minutes, as installed, and it disables the pool (WAS 5002). From then on http.sys answers every request with 503 before IIS, and so before any authentication. Users call it a login problem because the page that asked them to sign in is gone. Account, password and SPN have nothing to do with it: the program that runs in the pool, or a module loaded into it, crashes.",
        evidence: &[
            "System log of the web server: WAS 5009 (a process ended), 5010 or 5012 (no answer to the ping), 5011 (communication failed), then 5002 naming the pool",
            "Application log of the web server: Application Error 1000 for w3wp.exe, which names the module that crashed",
            "http.sys log: 503 with the reason AppOffline and the pool's name",
            "no WAS 5021 or 5057 for the pool",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-01",
                told_apart_by: "there WAS finds the identity of the pool invalid (5021, 5057) and refused logons name the password",
            },
            LookAlike {
                cause: "POOL-03",
                told_apart_by: "there WAS finds the identity invalid (5021, 5057), and the account is locked, disabled or expired",
            },
            LookAlike {
                cause: "POOL-04",
                told_apart_by: "there the logon of the pool's account is refused with 0xC000015B",
            },
            LookAlike {
                cause: "POOL-09",
                told_apart_by: "there WAS cannot write the pool's configuration file (5189), so that no worker process runs at all",
            },
        ],
        ruled_out_by: "WAS 5021 or 5057 for the pool at that time: then its identity failed, not its program.",
        fix: &[
            "Find what crashed: Application Error 1000, Windows Error Reporting, the application's own log.",
            "Start the pool, so that users have their site back while you look.",
            "If it dies again, take back the last deployment or the module that 1000 names.",
            "Take a dump of the next crash for the vendor or the developers.",
        ],
        verify: "The pool has a worker process that stays, no new WAS 5002 or 5009, the site answers 200 or 401 instead of 503.",
        rollback: "None: starting a pool changes nothing.",
        prevent: "Watch WAS 5002 and 5009; do not raise the limits of rapid-fail protection to hide a crash.",
        blind_spots: &[
            "why the program crashed: that is in its dump, not in a support bundle of this kind",
            "a pool that an administrator stopped leaves none of these events",
        ],
        versions: "IIS 7.0 and later.",
        sources: &[
            "Microsoft: Event ID 5002, IIS application pool availability",
            "Microsoft: IIS worker process availability (5009, 5010, 5011, 5013)",
        ],
    },
    assess,
};

const DISABLED: &[u32] = &[5002];
const DIED: &[u32] = &[5009, 5010, 5011, 5012, 5013, 5015];
const IDENTITY: &[u32] = &[5021, 5051, 5057];
const NO_FILE: &[u32] = &[5189];
/// What belongs to one failure of a pool: rapid-fail protection counts over five minutes as installed.
const TOGETHER: SignedDuration = SignedDuration::from_mins(15);

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for pool in PoolLog::with(scene, DISABLED) {
        let near = |ids: &'static [u32]| {
            pool.of(ids).find(|event| {
                let mut off = pool.of(DISABLED);
                off.any(|o| o.time.duration_since(event.time).abs() <= TOGETHER)
            })
        };
        match (near(IDENTITY), near(NO_FILE)) {
            (Some(event), _) => out.rule_out(
                format!("WAS found the identity of pool {} invalid", pool.name),
                std::slice::from_ref(&event.citation),
            ),
            (None, Some(event)) => out.rule_out(
                format!(
                    "WAS could not write the configuration file of pool {}",
                    pool.name
                ),
                std::slice::from_ref(&event.citation),
            ),
            (None, None) => out.find(finding(scene, &pool)),
        }
    }
    for pool in PoolLog::with(scene, IDENTITY) {
        out.rule_out(
            format!("WAS found the identity of pool {} invalid", pool.name),
            &pool.places(IDENTITY),
        );
    }
    lack_system_log(scene, &mut out);
    out
}

fn finding(scene: &Scene<'_>, pool: &PoolLog<'_, '_>) -> Finding {
    let (name, server) = (&pool.name, pool.server(scene));
    let (crashed, module) = crashes(scene, pool);
    let by = module.map_or(String::new(), |module| {
        format!(" The Application log blames {module}.")
    });
    let mut finding = pool
        .finding(
            scene,
            format!(
                "The worker processes of pool {name} on {server} failed one after another, and WAS disabled the pool. Users get 503, not 401: no request reaches authentication, and no account or SPN is at fault.{by}"
            ),
            DISABLED,
        )
        .conclusive(
            format!("WAS disabled pool {name} after a series of failures"),
            &pool.places(DISABLED),
        )
        .observed(
            format!("worker processes of pool {name} failed"),
            &pool.places(DIED),
        )
        .supporting("w3wp.exe crashed at that time", &crashed);
    finding.subject.account = None;
    let fix = vec![
        Step::by_hand(
            "read Application Error 1000 of w3wp.exe at that time: it names the module that crashed; then the application's own log",
        ),
        p::start_pool(name).stop_if(
            "it dies again at once: take back the last deployment, or the module that 1000 names, first",
        ),
    ];
    let remedy = Remedy::of(fix)
        .verify(p::verify_pool(name))
        .rollback(vec![Step::by_hand(CAUSE.page.rollback)])
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}

/// Crashes of worker processes on the machine at the time, and the module that the last one blames. Which pool a process
/// served is not in the event, so that they only support.
fn crashes(scene: &Scene<'_>, pool: &PoolLog<'_, '_>) -> (Vec<Citation>, Option<String>) {
    let mut places = Vec::new();
    let mut module = None;
    for event in scene.case.events_of(pool.host) {
        let Body::Other(fields) = &event.body else {
            continue;
        };
        let pairs = fields.pairs();
        let value = |at: usize| pairs.get(at).map(|(_, value)| value.as_str());
        let worker = value(0).is_some_and(|name| name.eq_ignore_ascii_case("w3wp.exe"));
        let mut off = pool.of(DISABLED);
        let near = off.any(|o| o.time.duration_since(event.time).abs() <= TOGETHER);
        if &*event.provider == "Application Error" && worker && near {
            places.push(event.citation.clone());
            module = value(3).map(str::to_owned);
        }
    }
    (few(places, 2), module)
}
