//! POOL-09: WAS cannot write the configuration file that a worker process of the pool reads.

use super::stopped::{PoolLog, lack_system_log};
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// POOL-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-09",
    name: "pool-config-file-not-written",
    title: "WAS cannot write the pool's temporary configuration file, so no worker process starts",
    stage: Stage::Request,
    page: Page {
        mechanism: "Before a worker process starts, WAS writes a configuration file for its pool into a folder of its own, C:\\inetpub\\temp\\appPools as installed, that only SYSTEM, administrators and this pool can read. Where it cannot write there, it logs 5189 and starts nothing: every request is answered 503 before IIS, and so before authentication. It is known after in-place upgrades of Windows, which leave symbolic links where those folders were, and after somebody tightened the rights on the folder.",
        evidence: &[
            "System log of the web server: WAS 5189 naming the pool, with the error (5 is access denied)",
            "most or all pools of the server at once, from an upgrade or a restart on",
            "http.sys log: 503 for these pools",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-01",
                told_apart_by: "there WAS finds the identity of the pool invalid (5021, 5057)",
            },
            LookAlike {
                cause: "POOL-08",
                told_apart_by: "there worker processes start and die (5009, 5011), and no 5189 is logged",
            },
            LookAlike {
                cause: "CFG-09",
                told_apart_by: "there the site answers 500.19, and the pool runs",
            },
        ],
        ruled_out_by: "a worker process of the pool that was started after the last 5189.",
        fix: &[
            "Look at the folder: are there symbolic links in it (dir /AL), and may SYSTEM and administrators write to it?",
            "In a maintenance window: stop WAS, rename the folder, start W3SVC; WAS makes it anew.",
            "Where the rights are wrong: give SYSTEM and administrators full control, IIS_IUSRS read.",
        ],
        verify: "No new WAS 5189, the pool has a worker process, the site answers 200 or 401 instead of 503.",
        rollback: "Rename the folder back. It holds only files that WAS writes anew at each start.",
        prevent: "After an in-place upgrade, look at the System log for 5189 before users come.",
        blind_spots: &["what lies in the folder, and its rights, are in no bundle of this kind"],
        versions: "Known for upgrades to Windows 10 and Windows Server 1709; the event exists since IIS 7.0.",
        sources: &["Microsoft: KB4050891, web applications return 503 and WAS event 5189"],
    },
    assess,
};

const NO_FILE: &[u32] = &[5189];

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for pool in PoolLog::with(scene, NO_FILE) {
        out.find(finding(scene, &pool));
    }
    lack_system_log(scene, &mut out);
    out
}

fn finding(scene: &Scene<'_>, pool: &PoolLog<'_, '_>) -> Finding {
    let (name, server) = (&pool.name, pool.server(scene));
    let finding = pool
        .finding(
            scene,
            format!(
                "WAS on {server} cannot write the configuration file that a worker process of pool {name} needs, so that none starts. Users get 503, not 401: no request reaches authentication, and no account or SPN is at fault."
            ),
            NO_FILE,
        )
        .conclusive(
            format!("WAS could not write the configuration file of pool {name}"),
            &pool.places(NO_FILE),
        );
    let fix = vec![
        Step::by_hand(
            "on the server, list the links in the folder: dir /AL %SystemDrive%\\inetpub\\temp\\appPools; and its rights: icacls %SystemDrive%\\inetpub\\temp\\appPools",
        )
        .stop_if("there are no links, and SYSTEM and administrators have full control: then the disk or a filter driver refuses, and renaming will not help"),
        Step::by_hand(
            "in a maintenance window: net stop was /y, rename the folder appPools to appPools.old, net start w3svc",
        )
        .risk("stops every site of the server until W3SVC is started again"),
    ];
    let mut verify = p::verify_pool(name);
    verify.push(Step::by_hand("the System log must show no new WAS 5189"));
    let remedy = Remedy::of(fix)
        .verify(verify)
        .rollback(vec![Step::by_hand(
            "stop WAS, rename appPools.old back, start W3SVC",
        )])
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
