//! What the cmdlets of PowerShell print.

use super::*;

const USER: &str = "
DistinguishedName              : CN=svc_web,OU=Service
                                 Accounts,DC=corp,DC=example
Enabled                        : False
GivenName                      :
msDS-SupportedEncryptionTypes  : 28
Name                           : svc_web
ObjectClass                    : user
ObjectGUID                     : 5d3c1f0a-2f4e-4e0a-9a70-0d9b1c6a2f11
PasswordLastSet                : 3/25/2026 9:00:00 AM
SamAccountName                 : svc_web
servicePrincipalName           : {HTTP/web.corp.example, HTTP/web, HTTP/intranet.corp.example,
                                 HTTP/intranet...}
SID                            : S-1-5-21-1004336348-1177238915-682003330-1104
Surname                        :
UserPrincipalName              : svc_web@corp.example
";

#[test]
fn a_user_with_what_was_asked_for() {
    for content in [
        USER.to_owned(),
        format!(
            "[DC1]: PS C:\\> Get-ADUser -Identity svc_web -Properties servicePrincipalName,msDS-SupportedEncryptionTypes, PasswordLastSet\n{USER}\n\n[DC1]: PS C:\\>"
        ),
        USER.lines().map(|line| format!("    {line}\n")).collect(),
    ] {
        let user = one(&content);
        assert_eq!(
            text(&user.dn),
            "CN=svc_web,OU=Service Accounts,DC=corp,DC=example"
        );
        assert_eq!(text(&user.sam), "svc_web");
        assert_eq!(text(&user.upn), "svc_web@corp.example");
        assert_eq!(
            text(&user.sid),
            "S-1-5-21-1004336348-1177238915-682003330-1104"
        );
        assert_eq!(user.class.as_ref().unwrap().value, ObjectClass::User);
        assert_eq!(value(&user.state.enabled), Some(false));
        assert_eq!(value(&user.etypes), Some(28));
        let set = date(2026, 3, 25).at(9, 0, 0, 0);
        assert_eq!(value(&user.state.password_last_set), Some(When::Local(set)));
        let spns = [
            "HTTP/web.corp.example",
            "HTTP/web",
            "HTTP/intranet.corp.example",
            "HTTP/intranet",
        ];
        assert_eq!(values(&user.spns), (spns.to_vec(), false));
        assert!(user.state.expires.is_unknown(), "nobody asked");
        assert!(user.delegates_to.is_unknown());
    }
    let spn = one(USER).spns.present().unwrap().shown[1].from[0].clone();
    assert_eq!(spn.place, Place::Line(12));
    assert_eq!(&*spn.text, "servicePrincipalName: HTTP/web");
}

#[test]
fn a_blank_says_none_only_where_it_was_asked_for() {
    let direct = "DistinguishedName     : CN=a,DC=corp,DC=example\nAccountExpirationDate :\nObjectClass           : user\nObjectGUID            : 5d3c\nSamAccountName        : a\nServicePrincipalNames : {}\n";
    for content in [
        direct.to_owned(),
        format!(
            "PS C:\\> Get-ADUser a -Properties AccountExpirationDate,ServicePrincipalNames\n{direct}"
        ),
        format!("PS C:\\> Get-ADUser a -Properties * | fl *\n{direct}"),
        format!(
            "PS C:\\> Get-ADUser a -Properties accountExpirationDate,servicePrincipalNames | fl SamAccountName,Service*\n{direct}"
        ),
    ] {
        let user = one(&content);
        assert!(user.spns.is_absent(), "{content}");
        assert!(user.state.expires.is_absent(), "{content}");
    }
    let picked = "SamAccountName        : a\nAccountExpirationDate :\nServicePrincipalNames : {}\n";
    for content in [
        picked.to_owned(),
        format!(
            "PS C:\\> Get-ADUser a | select SamAccountName,AccountExpirationDate,ServicePrincipalNames | fl\n{picked}"
        ),
        format!("PS C:\\> Get-ADUser a -Properties * | findstr /i account\n{picked}"),
    ] {
        let user = one(&content);
        assert!(user.spns.is_unknown(), "{content}");
        assert!(user.state.expires.is_unknown(), "{content}");
    }
}

#[test]
fn a_list_of_all_attributes_says_what_is_not_set() {
    let all = "accountExpires     : 9223372036854775807\nDistinguishedName  : CN=a,DC=corp,DC=example\ninstanceType       : 4\nlockoutTime        : 0\nObjectCategory     : CN=Person,CN=Schema,CN=Configuration,DC=corp,DC=example\nObjectClass        : user\nobjectSid          : S-1-5-21-1-2-3-1105\npwdLastSet         : 0\nsAMAccountName     : a\nuserAccountControl : 4260352\nuSNChanged         : 1\nwhenChanged        : 3/25/2026 9:00:00 AM\n";
    let user = one(all);
    assert!(user.spns.is_absent() && user.etypes.is_absent() && user.state.expires.is_absent());
    assert_eq!(value(&user.state.locked_out), Some(false));
    assert_eq!(value(&user.state.must_change_password), Some(true));
    assert_eq!(value(&user.state.enabled), Some(true));
    assert_eq!(value(&user.state.no_preauth), Some(true));
    assert_eq!(value(&user.state.password_never_expires), Some(true));
    assert_eq!(value(&user.state.des_only), Some(false));
    let without = all.replace("uSNChanged         : 1\n", "");
    assert!(
        one(&without).spns.is_unknown(),
        "somebody asked for some of them"
    );
    let filtered = format!("PS C:\\> Get-ADUser a -Properties * | Select-String .\n{all}");
    assert!(one(&filtered).spns.is_unknown(), "lines may be missing");
}

#[test]
fn a_managed_account_and_a_computer() {
    let managed = one("
DistinguishedName                          : CN=gmsa_web,CN=Managed Service Accounts,DC=corp,DC=example
Enabled                                    : True
KerberosEncryptionType                     : {RC4, AES128, AES256}
ObjectClass                                : msDS-GroupManagedServiceAccount
PrincipalsAllowedToRetrieveManagedPassword : {CN=WEB01,CN=Computers,DC=corp,DC=example, CN=Doe\\, Web,OU=X,DC=corp,DC=example}
SamAccountName                             : gmsa_web$
");
    assert_eq!(managed.class.unwrap().value, ObjectClass::Managed);
    assert_eq!(value(&managed.etypes), Some(0x1C));
    assert_eq!(
        values(&managed.password_readers),
        (
            vec![
                "CN=WEB01,CN=Computers,DC=corp,DC=example",
                "CN=Doe\\, Web,OU=X,DC=corp,DC=example"
            ],
            true
        )
    );
    let computer = one(
        "DNSHostName : web01.corp.example\nObjectClass : computer\nSamAccountName : WEB01$\nLockedOut : False\nTrustedForDelegation : True\nmemberOf : {CN=a,DC=x, CN=b,DC=x, CN=c,DC=x, CN=d,DC=x…}\n",
    );
    assert_eq!(text(&computer.dns_host_name), "web01.corp.example");
    assert_eq!(computer.class.unwrap().value, ObjectClass::Computer);
    assert_eq!(value(&computer.state.locked_out), Some(false));
    assert_eq!(value(&computer.state.trusted_for_delegation), Some(true));
    assert_eq!(values(&computer.groups).0.len(), 4);
    assert!(!values(&computer.groups).1);
}

#[test]
fn several_objects_one_after_the_other() {
    let two = "DistinguishedName : CN=a,DC=corp,DC=example\nSamAccountName    : a\n\nDistinguishedName : CN=b,DC=corp,DC=example\nSamAccountName    : b\n";
    let all = objects(two);
    assert_eq!(
        all.iter().map(|o| text(&o.sam)).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(all[1].from.place, Place::Line(4));
}

#[test]
fn bare_spns_below_their_command() {
    for command in [
        "Get-ADUser svc_web -Properties servicePrincipalName | Select-Object -ExpandProperty servicePrincipalName",
        "Get-ADUser -Identity svc_web -Prop servicePrincipalNames | select -exp ServicePrincipalNames",
        "(Get-ADUser svc_web -Properties servicePrincipalName).servicePrincipalName",
    ] {
        let user = one(&format!(
            "PS C:\\> {command}\nHTTP/web.corp.example\nHTTP/web\n"
        ));
        assert_eq!(text(&user.sam), "svc_web", "{command}");
        assert_eq!(
            values(&user.spns),
            (vec!["HTTP/web.corp.example", "HTTP/web"], true),
            "{command}"
        );
    }
    let first = "PS C:\\> Get-ADUser svc_web -Properties * | select -ExpandProperty servicePrincipalName -First 1\nHTTP/web\n";
    assert!(!values(&one(first).spns).1);
    let none =
        "PS C:\\> (Get-ADUser svc_web -Properties servicePrincipalName).servicePrincipalName\n";
    assert_eq!(
        reading(none).records.objects,
        [],
        "an error may have been lost"
    );
    let many = "PS C:\\> Get-ADUser -Filter * -Properties servicePrincipalName | select -ExpandProperty servicePrincipalName\nHTTP/web\n";
    assert_eq!(
        reading(many).records.objects,
        [],
        "nothing says whose it is"
    );
}

#[test]
fn tables() {
    let table = "
SamAccountName Enabled PasswordLastSet       servicePrincipalName
-------------- ------- ---------------       --------------------
svc_web        True    3/25/2026 9:00:00 AM  {HTTP/web, HTTP/a...}
svc_old        False                         {}
";
    let all = objects(table);
    assert_eq!(values(&all[0].spns), (vec!["HTTP/web", "HTTP/a"], false));
    assert_eq!(value(&all[0].state.enabled), Some(true));
    assert_eq!(text(&all[1].sam), "svc_old");
    assert!(all[1].spns.is_unknown(), "it may not have been fetched");
    let asked = format!(
        "PS C:\\> Get-ADUser -Filter * -Properties servicePrincipalName | ft SamAccountName,Enabled\n{table}"
    );
    assert!(objects(&asked)[1].spns.is_absent());
    let shifted = table.replace("svc_old        False", "svc_with_a_long_name False");
    let reading = reading(&shifted);
    assert_eq!(reading.records.objects.len(), 1);
    assert_eq!(reading.problems[0].place, Place::Line(5));
}

#[test]
fn json() {
    let user = one("[
    {
        \"DistinguishedName\":  \"CN=svc_web,DC=corp,DC=example\",
        \"Enabled\":  true,
        \"PasswordLastSet\":  \"\\/Date(1772438400000)\\/\",
        \"SamAccountName\":  \"svc_web\",
        \"SID\":  {
                    \"Value\":  \"S-1-5-21-1\"
                },
        \"servicePrincipalName\":  [
                                     \"HTTP/web.corp.example\",
                                     \"HTTP/web\"
                                 ]
    }
]
");
    assert_eq!(text(&user.sam), "svc_web");
    assert_eq!(value(&user.state.enabled), Some(true));
    assert_eq!(
        values(&user.spns),
        (vec!["HTTP/web.corp.example", "HTTP/web"], true)
    );
    let set = "2026-03-02T08:00:00Z".parse().unwrap();
    assert_eq!(value(&user.state.password_last_set), Some(When::Utc(set)));
}
