//! Exports: ldifde, csvde, dsquery, repadmin.

use super::*;

#[test]
fn ldif() {
    let all = objects(
        "dn: CN=svc_web,OU=Service,DC=corp,DC=example
changetype: add
objectClass: top
objectClass: person
objectClass: user
description:: w5xiZXI=
sAMAccountName: svc_web
userAccountControl: 514
pwdLastSet: 134169120000000000
accountExpires: 0
objectSid:: AQUAAAAAAAUVAAAA3Or8O+LeI0bCU5YoUAQAAA==
servicePrincipalName: HTTP/web.corp.exam
 ple
servicePrincipalName: HTTP/web
msDS-KeyVersionNumber: 4

dn:: Q049w4RubmUsREM9Y29ycCxEQz1leGFtcGxl
sAMAccountName: aenne

",
    );
    let user = &all[0];
    assert_eq!(text(&user.dn), "CN=svc_web,OU=Service,DC=corp,DC=example");
    assert_eq!(user.class.as_ref().unwrap().value, ObjectClass::User);
    assert_eq!(value(&user.state.enabled), Some(false));
    assert_eq!(value(&user.kvno), Some(4));
    assert!(user.state.expires.is_absent());
    assert_eq!(value(&user.state.must_change_password), Some(false));
    let set = "2026-03-02T08:00:00Z".parse().unwrap();
    assert_eq!(value(&user.state.password_last_set), Some(When::Utc(set)));
    assert_eq!(
        text(&user.sid),
        "S-1-5-21-1006430940-1176755938-680940482-1104"
    );
    assert_eq!(
        values(&user.spns),
        (vec!["HTTP/web.corp.example", "HTTP/web"], true)
    );
    assert!(user.etypes.is_unknown());
    assert_eq!(text(&all[1].dn), "CN=Änne,DC=corp,DC=example");
}

#[test]
fn ldif_whole_cut_and_changed() {
    let whole = "dn: CN=a,DC=corp,DC=example\nobjectClass: user\ninstanceType: 4\nwhenChanged: 20260302080000.0Z\nuSNChanged: 7\nobjectGUID:: AAAA\nsAMAccountName: a\nobjectCategory: CN=Person,DC=example\n";
    assert!(one(&format!("{whole}\n")).spns.is_absent());
    assert!(
        one(whole.trim_end()).spns.is_unknown(),
        "the file may be cut off"
    );
    let ranged = "dn: CN=a,DC=corp,DC=example\nservicePrincipalName;range=0-1: HTTP/a\n\n";
    assert_eq!(values(&one(ranged).spns), (vec!["HTTP/a"], false));
    let rest = "dn: CN=a,DC=corp,DC=example\nservicePrincipalName;range=2-*: HTTP/a\n\n";
    assert_eq!(values(&one(rest).spns), (vec!["HTTP/a"], true));
    let change = reading(
        "dn: CN=a,DC=corp,DC=example\nchangetype: modify\nadd: servicePrincipalName\nservicePrincipalName: HTTP/a\n-\n\n",
    );
    assert_eq!(change.records.objects, []);
    assert_eq!(change.problems.len(), 1);
}

#[test]
fn csvde() {
    let all = objects("DN,objectClass,sAMAccountName,objectSid,servicePrincipalName,memberOf
\"CN=svc_web,OU=A,DC=corp,DC=example\",user,svc_web,X'010500000000000515000000dceafc3be2de2346c253962850040000',HTTP/web.corp.example;HTTP/a\\3bb,\"CN=x,DC=corp,DC=example;CN=y,DC=corp,DC=example\"
\"CN=uma,DC=corp,DC=example\",user,uma,,,
");
    assert_eq!(
        values(&all[0].spns),
        (vec!["HTTP/web.corp.example", "HTTP/a;b"], true)
    );
    assert_eq!(values(&all[0].groups).0.len(), 2);
    assert_eq!(
        text(&all[0].sid),
        "S-1-5-21-1006430940-1176755938-680940482-1104"
    );
    assert!(all[1].spns.is_absent());
    assert_eq!(&*all[1].from.text, "DN: CN=uma,DC=corp,DC=example");
    let short = reading(
        "DN,objectClass,sAMAccountName\n\"CN=a,DC=corp,DC=example\",user\n\"CN=b,DC=corp,DC=example\",user,b\n",
    );
    assert_eq!(short.problems[0].place, Place::Line(2));
    assert_eq!(text(&short.records.objects[0].sam), "b");
    let exported = one(
        "#TYPE Microsoft.ActiveDirectory.Management.ADUser\n\"DistinguishedName\",\"Enabled\",\"SamAccountName\",\"servicePrincipalName\"\n\"CN=a,DC=corp,DC=example\",\"True\",\"a\",\"Microsoft.ActiveDirectory.Management.ADPropertyValueCollection\"\n",
    );
    assert_eq!(value(&exported.state.enabled), Some(true));
    assert!(
        exported.spns.is_unknown(),
        "only the name of the type is there"
    );
}

#[test]
fn dsquery() {
    let all = objects("C:\\>dsquery * -filter (servicePrincipalName=HTTP/*) -attr sAMAccountName servicePrincipalName userAccountControl
  sAMAccountName    servicePrincipalName              userAccountControl
  svc_web           HTTP/web.corp.example;HTTP/web    512
  uma                                                 514
");
    assert_eq!(
        values(&all[0].spns),
        (vec!["HTTP/web.corp.example", "HTTP/web"], true)
    );
    assert!(all[1].spns.is_absent());
    assert_eq!(value(&all[1].state.enabled), Some(false));
    let listed = objects(
        "C:\\>dsquery * -l -attr distinguishedName servicePrincipalName
distinguishedName: CN=svc_web,DC=corp,DC=example
servicePrincipalName: HTTP/web
servicePrincipalName: HTTP/a
distinguishedName: CN=uma,DC=corp,DC=example
servicePrincipalName:
",
    );
    assert_eq!(values(&listed[0].spns), (vec!["HTTP/web", "HTTP/a"], true));
    assert!(listed[1].spns.is_absent());
}

#[test]
fn repadmin() {
    let user = one(
        "C:\\>repadmin /showattr DC1 \"CN=svc_web,DC=corp,DC=example\"
DN: CN=svc_web,DC=corp,DC=example
    4> objectClass: top; person; organizationalPerson; user
    1> sAMAccountName: svc_web
    1> userAccountControl: 0x200 = ( NORMAL_ACCOUNT )
    1> accountExpires: (never)
    2> servicePrincipalName: HTTP/web.corp.example; HTTP/web
    1> msDS-SupportedEncryptionTypes: 24
",
    );
    assert_eq!(user.class.unwrap().value, ObjectClass::User);
    assert_eq!(value(&user.state.enabled), Some(true));
    assert!(user.state.expires.is_absent());
    assert_eq!(value(&user.etypes), Some(24));
    assert_eq!(
        values(&user.spns),
        (vec!["HTTP/web.corp.example", "HTTP/web"], true)
    );
    let cut = one("DN: CN=a,DC=corp,DC=example\n    5> servicePrincipalName: HTTP/web; HTTP/a\n");
    assert!(!values(&cut.spns).1);
}
