//! CFG-16: a setting was written at a scope that does not decide: a deeper one overrides it.

mod misplaced;

pub(super) use self::misplaced::enabled_elsewhere;
use self::misplaced::{
    ACCEPTOR, Attribute, ENABLED, Misplaced, misplaced_acceptor, misplaced_enabled,
};
use super::{asks_for_windows, has_server, places, scope, sites, subject};
use crate::causes::{
    Assessment, Cause, Finding, Ground, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, commands as c};

/// CFG-16.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-16",
    name: "setting-at-wrong-scope",
    title: "A setting was written at a scope that does not decide",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "A setting holds from its own level down, until a deeper level sets it again. A command without a location changes the server's default, while a location tag or web.config of the site still says otherwise. The change looks done, is shown by tools that look at the server's level, and has no effect where users are.",
        evidence: &[
            "applicationHost.config: two values of one attribute at two levels, the deeper one in force",
            "IIS-Configuration/Operational 29: the change was made at another location than the application's",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there nobody turned it on after it was turned off",
            },
            LookAlike {
                cause: "KM-03",
                told_apart_by: "there the scope is right, and the pool was not recycled",
            },
        ],
        ruled_out_by: "one value at all levels, or a deeper value that is the wanted one.",
        fix: &[
            "Look at the value in force for the application itself.",
            "Set it at the application's own location, with /commit:apphost.",
            "Remove the values that contradict it.",
        ],
        verify: "appcmd list config \"Site/App\" shows the wanted value for the section.",
        rollback: "Set the former value at the same location.",
        prevent: "Use one tool and one level for each setting.",
        blind_spots: &[
            "changes made by editing the file leave no event: then two levels that differ may be wanted",
        ],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: configuration of IIS, levels and delegation",
            "Microsoft: <windowsAuthentication> element of IIS",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let questions: [fn(&Scene<'_>, &View<'_>) -> Option<Misplaced>; 2] =
        [misplaced_enabled, misplaced_acceptor];
    for misplaced in questions {
        for views in sites(scene, |v| misplaced(scene, v).is_some()) {
            if let Some(first) = misplaced(scene, views.first) {
                out.find(finding(scene, &views, first, misplaced));
            }
        }
    }
    for view in sites(scene, |v| asks_for_windows(scene, v))
        .into_iter()
        .flatten()
    {
        let windows = &view.endpoint.settings.windows;
        let attributes = [&ENABLED, &ACCEPTOR[0], &ACCEPTOR[1]];
        let agreed = |a: &&Attribute| {
            let setting = (a.of)(windows);
            setting
                .overridden
                .iter()
                .all(|(value, _)| *value == setting.value)
        };
        if attributes.iter().all(agreed) {
            out.rule_out(
                format!(
                    "no level contradicts what is in force for {}",
                    view.endpoint.location()
                ),
                &places(scene, view, &windows.enabled),
            );
        }
    }
    out
}

fn finding(
    scene: &Scene<'_>,
    views: &Group<'_, '_>,
    first: Misplaced,
    question: fn(&Scene<'_>, &View<'_>) -> Option<Misplaced>,
) -> Finding {
    let server = views.first.endpoint.server;
    let (name, wanted) = (first.attribute.name, first.wanted);
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "{name} is {wanted} at a level above, and {} where users are. The deeper value is in force, so {}.",
            !wanted,
            if name == ENABLED.name {
                "Windows authentication stays off"
            } else {
                "the wrong account opens the tickets"
            }
        ),
    );
    let (mut fix, mut verify, mut rollback, mut changes) =
        (vec![p::backup()], Vec::new(), Vec::new(), Vec::new());
    let mut done: Vec<String> = Vec::new();
    for view in views.iter() {
        let Some(misplaced) = question(scene, view) else {
            continue;
        };
        let location = view.endpoint.location();
        if done.contains(&location) {
            continue;
        }
        done.push(location.clone());
        let attribute = misplaced.attribute;
        let setting = (attribute.of)(&view.endpoint.settings.windows);
        finding = finding
            .structure(
                format!(
                    "{} is {} for {location}, and that is in force",
                    attribute.name, setting.value
                ),
                &places(scene, view, setting),
            )
            .structure(
                format!("a level above says {}, which would work", misplaced.wanted),
                std::slice::from_ref(&misplaced.at),
            );
        if let Some(edit) = &misplaced.edit {
            let says = format!(
                "{} was set to {} at {}",
                attribute.name,
                edit.new,
                scope(&edit.location)
            );
            finding = finding.structure(says.clone(), std::slice::from_ref(&edit.from));
            finding.onset = Some(Ground {
                says,
                from: vec![edit.from.clone()],
            });
        }
        let set = |value: bool, says: String| {
            let value = if value { "true" } else { "false" };
            Step::run(
                c::appcmd_set_windows_auth(&location, attribute.argument, value),
                says,
            )
        };
        fix.push(set(
            misplaced.wanted,
            format!("set {} where it decides", attribute.name),
        ));
        fix.push(p::recycle(view.pool_name()));
        rollback.push(set(!misplaced.wanted, "set the former value".into()));
        verify.push(Step::run(
            c::appcmd_list_section(
                &location,
                "system.webServer/security/authentication/windowsAuthentication",
            ),
            format!(
                "the section in force must show {}=\"{}\"",
                attribute.name, misplaced.wanted
            ),
        ));
        changes.push(Change::Set(
            server,
            location.clone(),
            (attribute.switch)(misplaced.wanted),
        ));
    }
    finding.structure.dedup();
    // Overriding is what levels are for: only the change shows that it was not meant. The state itself is another cause's.
    let seen = finding.onset.is_some();
    finding = finding.at_most(if seen {
        Status::Likely
    } else {
        Status::Possible
    });
    let remedy = Remedy::of(fix)
        .verify(verify)
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, changes)
}
