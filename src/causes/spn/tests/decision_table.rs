//! The decision table (`causes.md` section 4): a simulated state, what users get, and the cause that says so. Rows 11, 12
//! and 17 on belong to other groups.

use super::*;
use crate::causes::{Mismatch, Scene};
use crate::negotiate::Outcome::{self, Denied, Kerberos, NtlmByDesign, NtlmFallback};
use crate::testkit::{judge, query};

const ALIAS: &str = "C:\\>nslookup portal.corp.example\nServer:  dc1.corp.example\nAddress:  192.0.2.10\n\nName:    web01.corp.example\nAddress:  192.0.2.20\nAliases:  portal.corp.example\n";

/// One site, its pool as given, with these providers.
fn offering(providers: &[&str], attributes: &str, binding: &str) -> Kit {
    let list: String = providers
        .iter()
        .map(|p| format!("<add value=\"{p}\" />"))
        .collect();
    let section = format!(
        "<windowsAuthentication {attributes}><providers>{list}</providers></windowsAuthentication>"
    );
    let file = config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", binding, "Portal"),
        &section,
        "",
    );
    Kit::new()
        .config("WEB01/applicationHost.config", &file)
        .silent("WEB01.corp.example", "System")
}

fn held(kit: Kit, holders: &[&str]) -> Kit {
    let shown: Vec<(&str, &[&str])> = holders.iter().map(|dn| (*dn, &[PORTAL][..])).collect();
    kit.console("q.txt", &query(PORTAL, &shown))
}

/// What the users of the portal get, and the causes of the groups SPN and NAME that are found.
fn verdict(kit: Kit) -> (Outcome, Vec<&'static str>) {
    let case = kit.case();
    let scene = Scene::of(&case);
    let view = scene
        .views
        .iter()
        .find(|v| !v.endpoint.is_own_name())
        .unwrap_or(&scene.views[0]);
    let outcome = view.path.outcome;
    let mut causes: Vec<&str> = judge(&case)
        .findings
        .iter()
        .map(|f| f.cause.id)
        .filter(|id| id.starts_with("SPN-") || id.starts_with("NAME-"))
        .collect();
    causes.sort_unstable();
    causes.dedup();
    (outcome, causes)
}

#[test]
fn rows_1_to_10_15_and_16() {
    const BOTH: &[&str] = &["Negotiate", "NTLM"];
    const NAME: &str = "*:80:portal.corp.example";
    const USER_MODE: &str = "enabled=\"true\" useKernelMode=\"false\"";
    let offer = |providers, attributes| offering(providers, attributes, NAME);
    let rows: Vec<(&str, Kit, Outcome, &[&str])> = vec![
        ("1", held(offer(BOTH, POOL), &[SVC]), Kerberos, &[]),
        ("2", held(offer(BOTH, POOL), &[]), NtlmFallback, &["SPN-01"]),
        (
            "3",
            held(offer(&["Negotiate"], POOL), &[]),
            NtlmFallback,
            &["SPN-01"],
        ),
        (
            "4",
            held(offer(&["Negotiate:Kerberos"], USER_MODE), &[]),
            Denied,
            &["SPN-01"],
        ),
        ("5", held(offer(&["NTLM"], POOL), &[SVC]), NtlmByDesign, &[]),
        (
            "6",
            held(offer(&["NTLM", "Negotiate"], POOL), &[SVC]),
            Kerberos,
            &[],
        ),
        (
            "7",
            held(offer(BOTH, POOL), &[SVC, OLD]),
            NtlmFallback,
            &["SPN-02"],
        ),
        ("8", held(offer(BOTH, MACHINE), &[SVC]), Denied, &["SPN-05"]),
        (
            "9",
            offering(BOTH, POOL, "*:80:")
                .console("l.txt", &web01_list())
                .console("q.txt", &query("HTTP/web01", &[])),
            Denied,
            &["SPN-06"],
        ),
        ("10", held(offer(BOTH, POOL), &[OLD]), Denied, &["SPN-07"]),
        (
            "15",
            offering(BOTH, POOL, "*:80:192.0.2.20"),
            NtlmByDesign,
            &["NAME-01"],
        ),
        (
            "16",
            held(offer(BOTH, POOL), &[SVC])
                .console("l.txt", &web01_list())
                .console("dns.txt", ALIAS),
            Denied,
            &["NAME-02"],
        ),
    ];
    for (row, kit, outcome, causes) in rows {
        assert_eq!(verdict(kit), (outcome, causes.to_vec()), "row {row}");
    }
}

#[test]
fn row_13_works_on_one_node_only() {
    let node = |name: &str| {
        (
            format!("{name}/applicationHost.config"),
            server(MACHINE, "*:80:portal.corp.example"),
        )
    };
    let ((a, file), (b, _)) = (node("WEB01"), node("WEB02"));
    let kit = Kit::new()
        .config(&a, &file)
        .config(&b, &file)
        .silent("WEB01.corp.example", "System")
        .silent("WEB02.corp.example", "System");
    let case = held(kit, &[WEB01]).case();
    let scene = Scene::of(&case);
    let outcomes: Vec<Outcome> = scene.views.iter().map(|v| v.path.outcome).collect();
    assert_eq!(outcomes, [Kerberos, Denied]);
    let states: Vec<_> = scene.views.iter().map(|v| v.mismatch).collect();
    assert_eq!(states, [None, Some(Mismatch::Farm)]);
}

#[test]
fn row_14_two_applications_of_one_host_name() {
    let site = r#"<site name="Portal" id="7"><application path="/" applicationPool="Portal"><virtualDirectory path="/" physicalPath="D:\p" /></application><application path="/api" applicationPool="Api"><virtualDirectory path="/" physicalPath="D:\a" /></application><bindings><binding protocol="http" bindingInformation="*:80:portal.corp.example" /></bindings></site>"#;
    let file = config(
        &(pool("Portal", "CORP\\svc_web") + &pool("Api", "CORP\\svc_api")),
        site,
        &windows(POOL),
        "",
    );
    let kit = Kit::new()
        .config("WEB01/applicationHost.config", &file)
        .silent("WEB01.corp.example", "System");
    let case = held(kit, &[SVC]).case();
    let scene = Scene::of(&case);
    let seen: Vec<_> = scene
        .views
        .iter()
        .map(|v| (v.path.outcome, v.mismatch))
        .collect();
    assert_eq!(
        seen,
        [(Kerberos, None), (Denied, Some(Mismatch::SharedHostName))]
    );
    // It is KM-05's: no cause of this group takes it.
    assert!(
        judge(&case)
            .findings
            .iter()
            .all(|f| !f.cause.id.starts_with("SPN-"))
    );
}
