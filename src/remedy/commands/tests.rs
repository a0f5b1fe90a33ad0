//! Commands as they are printed.

use super::*;
use crate::remedy::Shell;

fn text(written: Written) -> String {
    written.expect("quotable").text().to_owned()
}

#[test]
fn the_commands_look_as_everyone_writes_them() {
    assert_eq!(
        text(setspn_query("HTTP/web.corp.example", Reach::Forest)),
        "setspn -F -Q HTTP/web.corp.example"
    );
    assert_eq!(
        text(setspn_query("HTTP/web", Reach::Domain)),
        "setspn -Q HTTP/web"
    );
    assert_eq!(text(setspn_list(r"CORP\WEB01$")), r"setspn -L CORP\WEB01$");
    assert_eq!(
        text(setspn_add("HTTP/web", r"CORP\svc-web")),
        r"setspn -S HTTP/web CORP\svc-web"
    );
    assert_eq!(
        text(setspn_delete("HTTP/web", "WEB01$")),
        "setspn -D HTTP/web WEB01$"
    );
    assert_eq!(
        text(klist_get("HTTP/web.corp.example:8080")),
        "klist get HTTP/web.corp.example:8080"
    );
    assert_eq!(
        text(nltest_verify("corp.example")),
        "nltest /sc_verify:corp.example"
    );
    assert_eq!(text(repadmin_syncall()), "repadmin /syncall /AdeP");
}

#[test]
fn locations_and_pools_with_blanks_are_quoted() {
    assert_eq!(
        text(appcmd_set_windows_auth(
            "Default Web Site/hr",
            "/useAppPoolCredentials:",
            "true"
        )),
        r#"%windir%\system32\inetsrv\appcmd.exe set config "Default Web Site/hr" -section:system.webServer/security/authentication/windowsAuthentication /useAppPoolCredentials:true /commit:apphost"#
    );
    assert_eq!(
        text(appcmd_recycle("HR Pool")),
        r#"%windir%\system32\inetsrv\appcmd.exe recycle apppool /apppool.name:"HR Pool""#
    );
    assert!(
        text(appcmd_add_provider("Intranet", Provider::Negotiate))
            .contains(r#" /+"providers.[value='Negotiate']" "#)
    );
}

#[test]
fn providers_modules_and_the_challenge() {
    assert!(
        text(appcmd_remove_provider(
            "Intranet",
            Provider::NegotiateKerberos
        ))
        .contains(r#" /-"providers.[value='Negotiate:Kerberos']" "#)
    );
    assert_eq!(
        text(appcmd_list_modules("Default Web Site/")),
        r#"%windir%\system32\inetsrv\appcmd.exe list modules /app.name:"Default Web Site/""#
    );
    assert_eq!(
        text(show_challenge("https://web.corp.example/hr")),
        "curl.exe -s -k -I https://web.corp.example/hr"
    );
    assert!(show_challenge("http://web/ & del").is_err());
}

#[test]
fn an_accepted_spn_stands_inside_the_quotes_of_appcmd() {
    assert!(
        text(appcmd_add_accepted_spn("Intranet", "HTTP/web.corp.example"))
            .contains(r#" /+"extendedProtection.[name='HTTP/web.corp.example']" "#)
    );
    assert!(appcmd_add_accepted_spn("Intranet", "HTTP/x'] -y").is_err());
}

#[test]
fn accounts_in_powershell_are_literals() {
    let unlock = unlock_ad_account("o'neil").expect("quotable");
    assert_eq!(unlock.text(), "Unlock-ADAccount -Identity 'o''neil'");
    assert_eq!(unlock.shell(), Shell::PowerShell);
    assert_eq!(
        text(set_supported_etypes(
            AccountKind::ServiceAccount,
            "gmsa-web$",
            24
        )),
        "Set-ADServiceAccount -Identity 'gmsa-web$' -Replace @{'msDS-SupportedEncryptionTypes'=24}"
    );
    let readers = ["CN=O'Neil,DC=corp".to_owned(), "WEB02$".to_owned()];
    assert_eq!(
        text(set_password_readers("gmsa-web", &readers)),
        "Set-ADServiceAccount -Identity 'gmsa-web' -PrincipalsAllowedToRetrieveManagedPassword 'CN=O''Neil,DC=corp','WEB02$'"
    );
    assert!(set_password_readers("gmsa-web", &["WEB02$;calc$x".to_owned()]).is_err());
}

/// Without it the domain of whoever runs the command is asked, where a stranger may have the name.
#[test]
fn the_domain_of_an_account_is_asked() {
    let of = |domain| Identity {
        name: "jsmith",
        domain: Some(domain),
    };
    assert_eq!(
        text(enable_ad_account(of("fabrikam"))),
        "Enable-ADAccount -Identity 'jsmith' -Server 'fabrikam'"
    );
    assert!(unlock_ad_account(of("a\nb")).is_err());
    for (account, command) in [
        (
            "FABRIKAM\\jsmith",
            "Unlock-ADAccount -Identity 'jsmith' -Server 'FABRIKAM'",
        ),
        ("\\jsmith", "Unlock-ADAccount -Identity 'jsmith'"),
        ("jsmith", "Unlock-ADAccount -Identity 'jsmith'"),
        (
            "jsmith@brand.example",
            "Unlock-ADAccount -Identity 'jsmith'",
        ),
    ] {
        assert_eq!(text(unlock_ad_account(Identity::spelled(account))), command);
    }
    let dn = "CN=Smith\\, Jane,OU=Staff,DC=fabrikam,DC=example";
    let Identity { name, domain } = Identity::spelled(dn);
    assert_eq!((name, domain), (dn, None));
}

#[test]
fn no_command_is_shown_with_a_hostile_name() {
    for name in [
        "svc\"&calc",
        "a%PATH%b",
        "a\nb",
        "-L",
        "/x",
        "HTTP/$(calc)",
        "HTTP/*",
    ] {
        assert!(setspn_add(name, "svc").is_err(), "{name:?}");
        assert!(setspn_add("HTTP/web", name).is_err(), "{name:?}");
        assert!(appcmd_recycle(name).is_err(), "{name:?}");
        assert!(get_ad_account(AccountKind::User, name).is_err(), "{name:?}");
    }
}
