//! Which level's value is in force, and how collections merge.

use super::*;
use crate::readers::iis_config::{Origin, TokenChecking};

fn origin_path(origin: &Origin) -> &str {
    match origin {
        Origin::Set(from) => element_path(from),
        Origin::SchemaDefault => "schema",
    }
}

#[test]
fn nothing_set_gives_the_defaults_of_the_schema() {
    let settings = at("", &[], "/");
    let windows = &settings.windows;
    assert!(!windows.enabled.value && windows.use_kernel_mode.value);
    assert!(!windows.use_app_pool_credentials.value && !windows.auth_persist_non_ntlm.value);
    assert!(windows.providers.is_empty());
    assert_eq!(
        windows.extended_protection.token_checking.value,
        TokenChecking::None
    );
    assert!(settings.anonymous.enabled.value);
    assert_eq!(settings.anonymous.user_name.value, "IUSR");
    assert!(settings.allow_keep_alive.value);
    assert_eq!(windows.enabled.origin, Origin::SchemaDefault);
    assert_eq!(settings.global_module, None);
}

#[test]
fn the_longest_location_path_wins_and_the_others_are_listed_nearest_first() {
    let config = [
        location(
            r#"path="Intranet/API""#,
            r#"<windowsAuthentication enabled="1" />"#,
        ),
        windows(r#"<windowsAuthentication enabled="true" />"#),
        location(
            r#"path="intranet""#,
            r#"<windowsAuthentication enabled="False" />"#,
        ),
    ]
    .join("\n");
    let api = at(&config, &[], "/api/v1/users");
    assert!(api.windows.enabled.value);
    assert_eq!(
        origin_path(&api.windows.enabled.origin),
        "configuration/location[@path='Intranet/API']/system.webServer/security/authentication/windowsAuthentication"
    );
    let overridden = api.windows.enabled.overridden.iter();
    let overridden: Vec<(bool, &str)> = overridden
        .map(|(value, from)| (*value, &*from.text))
        .collect();
    assert_eq!(
        overridden,
        [
            (false, r#"<windowsAuthentication enabled="False" />"#),
            (true, r#"<windowsAuthentication enabled="true" />"#)
        ]
    );
    assert!(!at(&config, &[], "/").windows.enabled.value);
    assert!(!at(&config, &[], "/apix").windows.enabled.value);
    assert!(
        server(&config, &[])
            .effective("Other", "/")
            .windows
            .enabled
            .value
    );
}

#[test]
fn a_location_without_path_and_one_with_a_dot_mean_the_server() {
    for path in ["", r#"path="""#, r#"path=".""#] {
        let config = location(path, r#"<windowsAuthentication enabled="true" />"#);
        assert!(at(&config, &[], "/api").windows.enabled.value, "{path}");
    }
}

#[test]
fn several_locations_for_one_path_all_count() {
    let config = location(
        r#"path="Intranet""#,
        r#"<windowsAuthentication enabled="true" />"#,
    ) + &location(
        r#"path="Intranet/""#,
        r#"<anonymousAuthentication enabled="false" />"#,
    );
    let settings = at(&config, &[], "/");
    assert!(settings.windows.enabled.value && !settings.anonymous.enabled.value);
}

#[test]
fn a_web_config_wins_at_its_path_and_a_deeper_location_wins_over_it() {
    let unlocked = location(
        r#"path="" overrideMode="Allow""#,
        r#"<windowsAuthentication enabled="false" />"#,
    );
    let site = location(
        r#"path="Intranet""#,
        r#"<windowsAuthentication useKernelMode="true" />"#,
    );
    let api = location(
        r#"path="Intranet/api""#,
        r#"<windowsAuthentication useKernelMode="true" />"#,
    );
    let web = windows(r#"<windowsAuthentication useKernelMode="false" />"#);
    let root = at(
        &format!("{unlocked}{site}{api}"),
        &[(ROOT, web.clone())],
        "/",
    );
    assert!(!root.windows.use_kernel_mode.value);
    assert_eq!(root.lock_violations, []);
    assert!(
        !at(&format!("{unlocked}{site}"), &[(ROOT, web.clone())], "/api")
            .windows
            .use_kernel_mode
            .value
    );
    assert!(
        at(&format!("{unlocked}{site}{api}"), &[(ROOT, web)], "/api")
            .windows
            .use_kernel_mode
            .value
    );
}

#[test]
fn a_location_in_a_web_config_is_relative_to_its_directory() {
    let unlocked = location(
        r#"path="" overrideMode="Allow""#,
        "<windowsAuthentication />",
    );
    let web = location(
        r#"path="admin""#,
        r#"<windowsAuthentication enabled="true" />"#,
    );
    let files = [(API, web)];
    assert!(at(&unlocked, &files, "/api/admin/x").windows.enabled.value);
    assert!(!at(&unlocked, &files, "/api").windows.enabled.value);
    assert!(!at(&unlocked, &files, "/admin").windows.enabled.value);
}

#[test]
fn what_does_not_flow_into_child_applications_stays_in_its_own() {
    let core =
        r#"<system.webServer><aspNetCore forwardWindowsAuthToken="false" /></system.webServer>"#;
    let kept =
        format!(r#"<location path="." inheritInChildApplications="false">{core}</location>"#);
    let value = |path: &str, web: &str| {
        let settings = at("", &[(ROOT, web.to_owned())], path);
        settings.forward_windows_auth_token.map(|(value, _)| value)
    };
    assert_eq!(value("/pages", &kept), Some(false));
    assert_eq!(
        value("/docs", &kept),
        Some(false),
        "a virtual directory is no application"
    );
    assert_eq!(value("/api", &kept), None);
    assert_eq!(value("/api", core), Some(false));
}

#[test]
fn providers_append_clear_and_remove() {
    let root = windows(
        r#"<windowsAuthentication enabled="true"><providers><add value="Negotiate" /><add value="NTLM" /></providers></windowsAuthentication>"#,
    );
    let with = |providers: &str| {
        let site = location(
            r#"path="Intranet""#,
            &format!(
                "<windowsAuthentication><providers>{providers}</providers></windowsAuthentication>"
            ),
        );
        at(&format!("{root}{site}"), &[], "/api")
    };
    assert_eq!(providers(&with("")), ["Negotiate", "NTLM"]);
    assert_eq!(
        providers(&with(r#"<add value="Negotiate:Kerberos" />"#)),
        ["Negotiate", "NTLM", "Negotiate:Kerberos"]
    );
    let ntlm = with(r#"<remove value="negotiate" />"#);
    assert_eq!(providers(&ntlm), ["NTLM"]);
    let shaped: Vec<&str> = ntlm
        .windows
        .providers_shaped_by
        .iter()
        .map(|by| &*by.text)
        .collect();
    assert_eq!(shaped, [r#"<remove value="negotiate" />"#]);
    let swapped = with(r#"<clear /><add value="NTLM" /><add value="Negotiate" />"#);
    assert_eq!(providers(&swapped), ["NTLM", "Negotiate"]);
    let empty = with("<clear />");
    assert!(empty.windows.enabled.value && empty.windows.providers.is_empty());
    assert_eq!(empty.windows.providers_shaped_by.len(), 1);
}

#[test]
fn an_entry_added_twice_is_told_and_not_doubled() {
    let root = windows(
        r#"<windowsAuthentication><providers><add value="NTLM" /></providers></windowsAuthentication>"#,
    );
    let site = location(
        r#"path="Intranet""#,
        r#"<windowsAuthentication><providers><add value="ntlm" /></providers></windowsAuthentication>"#,
    );
    let settings = at(&format!("{root}{site}"), &[], "/");
    assert_eq!(providers(&settings), ["NTLM"]);
    assert_eq!(
        &*settings.duplicate_entries[0].text,
        r#"<add value="ntlm" />"#
    );
    assert!(element_path(&settings.duplicate_entries[0]).ends_with("providers/add[@value='ntlm']"));
}

#[test]
fn an_empty_section_keeps_providers_and_protection_of_the_parent() {
    let root = windows(
        r#"<windowsAuthentication><providers><add value="NTLM" /></providers>
           <extendedProtection tokenChecking="Require" flags="Proxy"><spn name="HTTP/a.contoso.com" /></extendedProtection></windowsAuthentication>"#,
    );
    let site = location(
        r#"path="Intranet""#,
        r#"<windowsAuthentication enabled="true" />"#,
    );
    let settings = at(&format!("{root}{site}"), &[], "/");
    assert_eq!(providers(&settings), ["NTLM"]);
    let protection = &settings.windows.extended_protection;
    assert_eq!(protection.token_checking.value, TokenChecking::Require);
    assert_eq!(protection.flags.value, ["Proxy"]);
    assert_eq!(protection.spns[0].0, "HTTP/a.contoso.com");
    assert!(settings.windows.providers_shaped_by.is_empty());
}

#[test]
fn spns_have_their_own_words_for_clear_and_remove() {
    let root = windows(
        r#"<windowsAuthentication><extendedProtection><spn name="HTTP/a" /><spn name="HTTP/b" /></extendedProtection></windowsAuthentication>"#,
    );
    let spns = |directives: &str| {
        let site = location(
            r#"path="Intranet""#,
            &format!(
                "<windowsAuthentication><extendedProtection>{directives}</extendedProtection></windowsAuthentication>"
            ),
        );
        let spns = at(&format!("{root}{site}"), &[], "/")
            .windows
            .extended_protection
            .spns;
        spns.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(
        spns(r#"<removeSpn name="http/A" /><spn name="HTTP/c" />"#),
        ["HTTP/b", "HTTP/c"]
    );
    assert_eq!(spns(r#"<clearSpns /><spn name="HTTP/c" />"#), ["HTTP/c"]);
}

#[test]
fn flags_and_enumerations_are_read_as_words_and_numbers() {
    let protection = |attributes: &str| {
        let section = format!(
            "<windowsAuthentication><extendedProtection {attributes} /></windowsAuthentication>"
        );
        at(&windows(&section), &[], "/").windows.extended_protection
    };
    let read = protection(r#"tokenChecking="2" flags="proxycohosting, Proxy""#);
    assert_eq!(read.token_checking.value, TokenChecking::Require);
    assert_eq!(read.flags.value, ["Proxy", "ProxyCohosting"]);
    assert_eq!(
        protection(r#"flags="33""#).flags.value,
        ["Proxy", "ProxyCohosting"]
    );
    assert!(protection(r#"flags="None""#).flags.value.is_empty());
    let unknown = protection(r#"tokenChecking="Always" flags="Proxie""#);
    assert_eq!(unknown.token_checking.origin, Origin::SchemaDefault);
    assert_eq!(unknown.flags.origin, Origin::SchemaDefault);
}

#[test]
fn the_native_module_counts_and_not_the_managed_one() {
    let modules = |entries: &str| {
        format!(
            r#"<system.webServer><globalModules><add name="WindowsAuthenticationModule" image="%windir%\System32\inetsrv\authsspi.dll" /></globalModules></system.webServer>
            <location path="" overrideMode="Allow"><system.webServer><modules>{entries}</modules></system.webServer></location>"#
        )
    };
    let managed = r#"<add name="WindowsAuthentication" type="System.Web.Security.WindowsAuthenticationModule" />"#;
    let native = r#"<add name="WindowsAuthenticationModule" />"#;
    let only_managed = at(&modules(managed), &[], "/");
    assert!(only_managed.global_module.is_some() && only_managed.enabled_module.is_none());
    assert_eq!(only_managed.module_removed_by, None);
    let both = modules(&format!("{managed}{native}"));
    assert!(at(&both, &[], "/").enabled_module.is_some());
    let web = r#"<system.webServer><modules><remove name="WindowsAuthenticationModule" /></modules></system.webServer>"#;
    let removed = at(&both, &[(API, web.to_owned())], "/api");
    assert_eq!(removed.enabled_module, None);
    assert_eq!(
        &*removed.module_removed_by.expect("a remove").text,
        r#"<remove name="WindowsAuthenticationModule" />"#
    );
    assert!(
        at(&both, &[(API, web.to_owned())], "/")
            .enabled_module
            .is_some()
    );
}

#[test]
fn authorization_rules_merge_by_all_their_keys() {
    let rules = |inner: &str| {
        format!(
            "<system.webServer><security><authorization>{inner}</authorization></security></system.webServer>"
        )
    };
    let root = rules(r#"<add accessType="Allow" users="*" />"#);
    let web = rules(
        r#"<remove users="*" roles="" verbs="" /><add accessType="deny" users="?" /><add accessType="Allow" roles="CONTOSO\Staff" verbs="GET" />"#,
    );
    let settings = at(&root, &[(ROOT, web)], "/");
    let kept = settings.authorization.iter();
    let kept: Vec<_> = kept
        .map(|rule| (rule.allow, &*rule.users, &*rule.roles, &*rule.verbs))
        .collect();
    assert_eq!(
        kept,
        [(false, "?", "", ""), (true, "", r"CONTOSO\Staff", "GET")]
    );
}

#[test]
fn asp_net_is_read_from_web_configs_only_and_its_first_matching_rule_decides() {
    let asp = |rules: &str| {
        format!(
            r#"<system.web><authentication mode="forms" /><identity impersonate="true" /><authorization>{rules}</authorization></system.web>"#
        )
    };
    let denied = at("", &[(ROOT, asp(r#"<deny users="?" />"#))], "/api");
    assert_eq!(
        &*denied.asp_net_denies_anonymous.expect("a rule").text,
        r#"<deny users="?" />"#
    );
    assert_eq!(
        denied.asp_net_mode.map(|(mode, _)| mode).as_deref(),
        Some("Forms")
    );
    assert_eq!(denied.impersonate.map(|(value, _)| value), Some(true));
    let files = [
        (ROOT, asp(r#"<deny users="?" />"#)),
        (API, asp(r#"<allow users="*" />"#)),
    ];
    assert_eq!(at("", &files, "/api").asp_net_denies_anonymous, None);
    let verbs_only = [(
        ROOT,
        asp(r#"<allow verbs="OPTIONS" users="*" /><deny users="?" />"#),
    )];
    assert!(at("", &verbs_only, "/").asp_net_denies_anonymous.is_some());
    assert_eq!(at(&asp(""), &[], "/").asp_net_mode, None);
}
