//! Locks: what a web.config may not set, and what the violation cites.

use super::*;

const ENABLED: &str = r#"<windowsAuthentication enabled="true" />"#;

#[test]
fn a_section_locked_by_its_declaration_is_a_violation_and_takes_no_effect() {
    let settings = at("", &[(API, windows(ENABLED))], "/api");
    assert!(!settings.windows.enabled.value);
    let [violation] = settings.lock_violations.as_slice() else {
        panic!("one violation: {:?}", settings.lock_violations)
    };
    assert_eq!(
        violation.section,
        "system.webServer/security/authentication/windowsAuthentication"
    );
    assert_eq!(violation.item, None);
    assert_eq!(violation.set_at.artifact, ArtifactId(1));
    let locked_by = violation.locked_by.as_ref().expect("the declaration");
    assert!(element_path(locked_by).ends_with("section[@name='windowsAuthentication']"));
    assert_eq!(at("", &[(API, windows(ENABLED))], "/").lock_violations, []);
}

#[test]
fn even_an_empty_locked_section_is_a_violation() {
    let settings = at("", &[(API, windows("<windowsAuthentication />"))], "/api");
    assert_eq!(settings.lock_violations.len(), 1);
}

#[test]
fn a_location_unlocks_or_locks_for_its_path() {
    let allow = location(
        r#"path="Intranet/api" overrideMode="Allow""#,
        "<windowsAuthentication />",
    );
    let api = at(&allow, &[(API, windows(ENABLED))], "/api");
    assert!(api.windows.enabled.value && api.lock_violations.is_empty());
    assert_eq!(
        at(&allow, &[(ROOT, windows(ENABLED))], "/")
            .lock_violations
            .len(),
        1
    );
    let legacy = location(
        r#"path="Intranet" allowOverride="true""#,
        "<windowsAuthentication />",
    );
    assert!(
        at(&legacy, &[(ROOT, windows(ENABLED))], "/api")
            .windows
            .enabled
            .value
    );
    let deny = allow
        + &location(
            r#"path="" overrideMode="Allow""#,
            "<windowsAuthentication />",
        );
    let deny = deny.replace(r#"api" overrideMode="Allow"#, r#"api" overrideMode="Deny"#);
    let api = at(
        &deny,
        &[(ROOT, windows(ENABLED)), (API, windows(ENABLED))],
        "/api",
    );
    let [violation] = api.lock_violations.as_slice() else {
        panic!("one violation: {:?}", api.lock_violations)
    };
    assert_eq!(
        element_path(violation.locked_by.as_ref().expect("the location")),
        "configuration/location[@path='Intranet/api']"
    );
    assert!(
        api.windows.enabled.value,
        "the root's web.config is lawful and still counts"
    );
}

#[test]
fn a_web_config_can_lock_for_deeper_files() {
    let unlocked = location(
        r#"path="" overrideMode="Allow""#,
        "<windowsAuthentication />",
    );
    let locks = location(r#"path="." overrideMode="Deny""#, ENABLED);
    let off = windows(r#"<windowsAuthentication enabled="false" />"#);
    let api = at(&unlocked, &[(ROOT, locks), (API, off)], "/api");
    assert!(api.windows.enabled.value);
    assert_eq!(api.lock_violations.len(), 1);
}

#[test]
fn locks_do_not_bind_locations_of_the_same_file() {
    let config = windows(r#"<windowsAuthentication enabled="false" lockAttributes="enabled" />"#)
        + &location(r#"path="Intranet" overrideMode="Allow""#, ENABLED);
    let settings = at(&config, &[], "/");
    assert!(settings.windows.enabled.value);
    assert_eq!(settings.lock_violations, []);
}

#[test]
fn attributes_and_elements_are_locked_one_by_one() {
    let violations = |locks: &str| {
        let config = location(
            r#"path="" overrideMode="Allow""#,
            &format!(
                r#"<windowsAuthentication {locks}><providers><add value="NTLM" /></providers></windowsAuthentication>"#
            ),
        );
        let web = windows(
            r#"<windowsAuthentication enabled="true" useKernelMode="false"><providers><clear /></providers></windowsAuthentication>"#,
        );
        let settings = at(&config, &[(API, web)], "/api");
        let items = settings.lock_violations.iter();
        let items: Vec<String> = items
            .filter_map(|violation| violation.item.clone())
            .collect();
        (
            items,
            settings.windows.enabled.value,
            settings.windows.use_kernel_mode.value,
            settings.windows.providers.len(),
        )
    };
    assert_eq!(violations(""), (vec![], true, false, 0));
    assert_eq!(
        violations(r#"lockAttributes="enabled""#),
        (vec!["enabled".into()], false, false, 0)
    );
    assert_eq!(
        violations(r#"lockAllAttributesExcept="enabled""#),
        (vec!["useKernelMode".into()], true, true, 0)
    );
    assert_eq!(
        violations(r#"lockElements="providers""#),
        (vec!["providers".into()], true, false, 1)
    );
    assert_eq!(
        violations(r#"lockAllElementsExcept="extendedProtection""#),
        (vec!["providers".into()], true, false, 1)
    );
    let whole = violations(r#"lockItem="true""#);
    assert_eq!((whole.1, whole.3), (false, 1));
}

#[test]
fn directives_of_a_collection_can_be_locked() {
    let config = location(
        r#"path="" overrideMode="Allow""#,
        r#"<windowsAuthentication><providers lockElements="clear, remove"><add value="NTLM" /></providers></windowsAuthentication>"#,
    );
    let web = windows(
        r#"<windowsAuthentication><providers><clear /><add value="Negotiate" /></providers></windowsAuthentication>"#,
    );
    let settings = at(&config, &[(API, web)], "/api");
    assert_eq!(providers(&settings), ["NTLM", "Negotiate"]);
    assert_eq!(settings.lock_violations[0].item.as_deref(), Some("clear"));
}

#[test]
fn a_locked_module_can_be_neither_removed_nor_cleared() {
    let config = r#"<system.webServer /><location path="" overrideMode="Allow"><system.webServer><modules><add name="WindowsAuthenticationModule" lockItem="true" /></modules></system.webServer></location>"#;
    for directive in [
        r#"<remove name="WindowsAuthenticationModule" />"#,
        "<clear />",
    ] {
        let web = format!("<system.webServer><modules>{directive}</modules></system.webServer>");
        let settings = at(config, &[(API, web)], "/api");
        assert!(settings.enabled_module.is_some());
        let [violation] = settings.lock_violations.as_slice() else {
            panic!("one violation: {:?}", settings.lock_violations)
        };
        assert!(
            violation
                .locked_by
                .as_ref()
                .expect("the entry")
                .text
                .contains("lockItem")
        );
    }
}

#[test]
fn modules_may_not_be_set_below_an_application() {
    let config = r#"<system.webServer /><location path="" overrideMode="Allow"><system.webServer><modules><add name="A" /></modules></system.webServer></location>"#;
    let web =
        r#"<system.webServer><modules><remove name="A" /></modules></system.webServer>"#.to_owned();
    assert_eq!(
        at(config, &[(API, web.clone())], "/api").lock_violations,
        []
    );
    let below = at(
        config,
        &[("C/web/intranet/pages/web.config", web)],
        "/pages",
    );
    assert_eq!(below.lock_violations.len(), 1);
}
