//! CFG-20: http.sys could not initialise a security package.

use crate::case::{Role, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status, Subject,
};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::remedy::{Remedy, Step};

/// CFG-20.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-20",
    name: "security-package-not-initialised",
    title: "http.sys could not initialise a security package at its start",
    stage: Stage::Accept,
    page: Page {
        mechanism: "In kernel mode http.sys itself authenticates, through the security packages Negotiate, Kerberos and NTLM. When one of them cannot be initialised while the driver starts, it writes event 15016 and goes on without: every sign-in in kernel mode fails, on all sites, until the next start. Packages that do not load come of a damaged registration in the registry, of a package of a third party, or of a start at which the LSA was not ready.",
        evidence: &[
            "System log of the web server: HttpEvent 15016 with the name of the package",
            "401 on all sites of the server at once, since a boot",
            "with useKernelMode=\"false\" sign-ins work (the meaning of 15016 is known from the field only)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there NETLOGON writes 3210 or 5719, and Kerberos sign-ins still work",
            },
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there one site is concerned, by its configuration",
            },
        ],
        ruled_out_by: "no event 15016 since the last boot, or sign-ins in kernel mode after it.",
        fix: &[
            "Restart the server once, in a maintenance window: a race at the start does not come back.",
            "If 15016 comes back: compare Security Packages and OSConfig below HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa with a healthy server of the same build.",
            "Look for products that register security packages of their own, and update them.",
            "As a bridge only: useKernelMode=\"false\" for the site, with the SPN on the pool's account.",
        ],
        verify: "After the restart no new 15016, and 401.2 is followed by 200.",
        rollback: "Put the exported registry key back.",
        prevent: "Do not edit the list of security packages by hand; export the key before a product does.",
        blind_spots: &["the packages that the LSA has loaded"],
        versions: "Windows Server 2008 and later.",
        sources: &["Microsoft: HttpEvent 15016 (its meaning is not documented further)"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::SecurityPackage(_))) {
        let Some(host) = symptom.host() else { continue };
        let name = scene.case.hosts.get(host).name.clone();
        let subject = Subject {
            host: Some(name.clone()),
            ..Subject::default()
        };
        let mut finding = Finding::about(
            subject,
            format!("http.sys on {name} started without one of its security packages. Sign-ins in kernel mode fail on all sites until it starts with it."),
        )
        .observed(
            format!("http.sys could not initialise a security package, {} times", symptom.count),
            &symptom.from,
        )
        .explains([id]);
        let kernel: Vec<_> = scene
            .views
            .iter()
            .filter(|v| v.endpoint.host == Some(host))
            .filter(|v| {
                super::asks_for_windows(scene, v)
                    && v.endpoint.settings.windows.use_kernel_mode.value
            })
            .map(|v| v.endpoint.binding.clone())
            .collect();
        finding = finding.supporting("sites there authenticate in kernel mode", &few(kernel, 2));
        let later = scene.case.events_of(host).find(|e| {
            let person = |name: &Option<String>| name.as_deref().is_some_and(|n| !n.ends_with('$'));
            let logon = matches!(&e.body, Body::Logon(l) if l.logon_type == Some(3) && !l.is_ntlm() && person(&l.target.name));
            logon && symptom.last.is_some_and(|last| e.time > last)
        });
        if let Some(event) = later {
            finding.current = Current::No;
            finding = finding.contradicting(
                "users logged on over the network by Kerberos afterwards",
                std::slice::from_ref(&event.citation),
            );
        }
        // The meaning of the event is known from the field only.
        out.find(finding.at_most(Status::Likely).fix(remedy(), Vec::new()));
    }
    if !scene.has_log("System", Role::WebServer) {
        out.lack(Input::ServerSystemLog);
    }
    let boots = scene.case.events.iter().filter(|e| is_boot(e));
    for event in boots.filter(|e| scene.is_web_server(&e.computer)) {
        out.rule_out(
            format!(
                "the System log of {} covers a boot, and has no event 15016",
                event.computer
            ),
            std::slice::from_ref(&event.citation),
        );
    }
    out
}

/// The first events of a boot (EventLog 6005 and 6009, Kernel-General 12).
fn is_boot(event: &Event) -> bool {
    match &*event.provider {
        "EventLog" => matches!(event.id, 6005 | 6009),
        "Microsoft-Windows-Kernel-General" => event.id == 12,
        _ => false,
    }
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("keep the list of packages: reg export HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa lsa.reg"),
        Step::by_hand("restart the server once, in a maintenance window")
            .risk("every site of the server is interrupted"),
        Step::by_hand("if the event comes back: compare Security Packages below that key, and below its OSConfig, with a healthy server of the same build")
            .stop_if("the lists differ by a package that a product of the house needs: ask its maker first"),
    ])
    .verify(vec![Step::by_hand("no new HttpEvent 15016 after the restart; the IIS log shows 401 2 5 followed by 200")])
    .rollback(vec![Step::by_hand("reg import lsa.reg, and restart")])
    .prevent(CAUSE.page.prevent)
}
