//! The grammar with its refusals, and what assumptions mean for a case.

use proptest::prelude::*;

use super::{Assume, Assumption, AssumptionError, settle};
use crate::case::{Case, PoolIdentity, Spn};
use crate::negotiate::{Outcome, Profile, simulate};
use crate::remedy::{Change, Switch, assume};
use crate::testkit::{Kit, config, pool, query, site, windows};

const SPN: &str = "HTTP/shop.corp.example";

fn what(text: &str) -> Assume {
    Assumption::parse(text).expect(text).what
}

fn refusal(text: &str) -> AssumptionError {
    Assumption::parse(text).expect_err(text)
}

#[test]
fn every_form_is_understood() {
    let account = || r"CORP\svc".to_owned();
    assert_eq!(
        what(r"spn add HTTP/x CORP\svc"),
        Assume::AddSpn(Spn::new("HTTP/x"), account())
    );
    assert_eq!(
        what(r"  SPN   Remove http/X:8080   CORP\svc "),
        Assume::RemoveSpn(Spn::new("http/x:8080"), account())
    );
    for (setting, switch) in [
        (
            "useAppPoolCredentials=true",
            Switch::UseAppPoolCredentials(true),
        ),
        ("USEKERNELMODE=False", Switch::UseKernelMode(false)),
        ("windowsAuthentication=true", Switch::WindowsEnabled(true)),
        (
            "anonymousAuthentication=false",
            Switch::AnonymousEnabled(false),
        ),
    ] {
        let text = format!("set Shop/api {setting}");
        assert_eq!(what(&text), Assume::Set("Shop/api".into(), switch));
    }
    assert_eq!(
        what("providers Shop/ negotiate:kerberos,ntlm"),
        Assume::Set(
            "Shop".into(),
            Switch::Providers(vec!["Negotiate:Kerberos".into(), "NTLM".into()])
        )
    );
    assert_eq!(
        what(r"pool Shop identity=CORP\svc"),
        Assume::Pool("Shop".into(), account())
    );
    assert_eq!(
        what(r"etypes CORP\svc aes256,AES128,rc4"),
        Assume::EncryptionTypes(account(), 0x1C)
    );
    for number in ["0x18", "24"] {
        let text = format!(r"etypes CORP\svc {number}");
        assert_eq!(what(&text), Assume::EncryptionTypes(account(), 0x18));
    }
}

#[test]
fn quotes_keep_blanks_and_a_server_stands_at_the_end() {
    let parsed = Assumption::parse(r#"set "Default Web Site"/shop useKernelMode=true on WEB01"#);
    let parsed = parsed.unwrap();
    let place = "Default Web Site/shop".to_owned();
    assert_eq!(
        parsed.what,
        Assume::Set(place.clone(), Switch::UseKernelMode(true))
    );
    assert_eq!(parsed.server.as_deref(), Some("WEB01"));
    let whole = what(r#"set "Default Web Site/shop" useKernelMode=true"#);
    assert_eq!(whole, Assume::Set(place, Switch::UseKernelMode(true)));
    assert_eq!(
        what(r#"pool "My Pool" identity="CORP\svc web""#),
        Assume::Pool("My Pool".into(), r"CORP\svc web".into())
    );
    // A site may be called so.
    assert_eq!(
        what("set on useKernelMode=true"),
        Assume::Set("on".into(), Switch::UseKernelMode(true))
    );
}

#[test]
fn what_is_wrong_and_what_is_right_are_said() {
    for (text, wrong, right) in [
        ("", "it is empty", "`spn add"),
        ("  ", "it is empty", "`spn add"),
        ("turn it off", "`turn` is nothing", "`spn add"),
        ("spn", "nothing stands after `spn`", "`spn add"),
        ("spn add HTTP/x", "it ends after `HTTP/x`", "`spn add"),
        (r"spn move HTTP/x CORP\svc", "`move` is nothing", "`remove`"),
        (r"spn add shop CORP\svc", "`shop` is no SPN", "`spn add"),
        (
            r#"spn add HTTP/x """#,
            "the account has no name",
            "`spn add",
        ),
        ("set Shop", "it ends after `Shop`", "useKernelMode"),
        ("set Shop useKernelMode", "gives no value", "useKernelMode"),
        (
            "set Shop useKernelMode=1",
            "`1` is neither",
            "true or false",
        ),
        (
            "set Shop basic=true",
            "no setting `basic`",
            "anonymousAuthentication",
        ),
        (
            "set /shop useKernelMode=true",
            "`/shop` names no site",
            "`set Shop",
        ),
        (
            "set Default Web Site useKernelMode=true",
            "double quotes",
            "`set Shop",
        ),
        (
            "set \"Shop useKernelMode=true",
            "not closed",
            "in two of them",
        ),
        ("pool Shop CORP\\svc", "names no identity", "NetworkService"),
        ("pool Shop identity=", "names no identity", "NetworkService"),
        (
            "providers Shop Kerberos",
            "`Kerberos` is no provider",
            "Negotiate:PKU2U",
        ),
        (
            "providers Shop NTLM,ntlm",
            "`NTLM` stands there twice",
            "in the order",
        ),
        ("providers Shop NTLM,", "`` is no provider", "in the order"),
        (
            r"etypes CORP\svc aes512",
            "`aes512` is no encryption type",
            "`0x18`",
        ),
        (
            r"etypes CORP\svc 0x1ffffffff",
            "`0x1ffffffff` is no",
            "`0x18`",
        ),
        (
            r"spn add HTTP/x CORP\svc on WEB01",
            "an account is not on",
            "`on SERVER`",
        ),
    ] {
        let error = refusal(text);
        assert!(error.wrong.contains(wrong), "{text}: {error}");
        assert!(error.right.contains(right), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn any_text_is_understood_or_refused(text in ".{0,80}") {
        if let Ok(parsed) = Assumption::parse(&text) {
            prop_assert_eq!(parsed.text, text.trim());
        }
    }

    #[test]
    fn a_name_in_quotes_stays_whole(name in r#"[^"/\s][^"/]{0,20}"#) {
        let text = format!("set \"{name}\"/app useKernelMode=true");
        let expected = Assume::Set(format!("{name}/app"), Switch::UseKernelMode(true));
        prop_assert_eq!(what(&text), expected);
    }

    #[test]
    fn words_of_the_grammar_in_any_order_are_understood_or_refused(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "spn", "add", "remove", "set", "pool", "providers", "etypes", "on", "HTTP/x", "\"", "=", ",", "Shop/",
                "useKernelMode=true", "identity=a", "Negotiate,NTLM", "0x", "aes256",
            ]),
            0..7,
        )
    ) {
        let _ = Assumption::parse(&words.join(" "));
    }
}

/// A site whose pool runs as an account, and a search of the forest that finds its name on another.
fn shop() -> Case {
    let xml = config(
        &pool("Shop", r"CORP\svc_shop"),
        &site("Shop", "*:80:shop.corp.example", "Shop"),
        &windows("enabled=\"true\""),
        "",
    );
    Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .console(
            "setspn.txt",
            &query(SPN, &[("CN=svc_old,OU=Service,DC=corp,DC=example", &[SPN])]),
        )
        .event(
            "WEB01.corp.example",
            crate::testkit::system("Filler", 1, &[]),
        )
        .case()
}

fn try_out(case: &mut Case, texts: &[&str]) -> (Outcome, Vec<String>, Vec<String>) {
    let (mut says, mut remarks) = (Vec::new(), Vec::new());
    for (number, text) in (1..).zip(texts) {
        let assumption = Assumption::parse(text).expect(text);
        let assumed = settle(case, &assumption).expect(text);
        case.situation = assume(case, &assumed.changes, number, text);
        says.push(assumed.says);
        remarks.extend(assumed.remarks);
    }
    let endpoint = &case.situation.endpoints[0];
    let outcome = simulate(case, &case.situation, endpoint, Profile::Browser).outcome;
    (outcome, says, remarks)
}

#[test]
fn assumptions_apply_in_their_order() {
    let mut case = shop();
    assert_eq!(try_out(&mut case, &[]).0, Outcome::Denied);
    let (outcome, says, remarks) = try_out(
        &mut case,
        &[
            &format!("spn remove {SPN} CORP\\svc_old"),
            &format!("spn add {SPN} corp\\SVC_SHOP"),
            "set shop useAppPoolCredentials=true",
        ],
    );
    assert_eq!(outcome, Outcome::Kerberos, "{says:?}");
    assert_eq!(remarks, Vec::<String>::new());
    assert_eq!(says[1], format!(r"{SPN} is registered on CORP\svc_shop"));
    assert_eq!(says[2], "useAppPoolCredentials is true at Shop on WEB01");
    // The steps cite the assumption that they rest on.
    let endpoint = &case.situation.endpoints[0];
    let path = simulate(&case, &case.situation, endpoint, Profile::Browser);
    let cited: Vec<&str> = path
        .steps
        .iter()
        .flat_map(|s| &s.from)
        .map(|c| &*c.text)
        .collect();
    assert!(
        cited.contains(&"set shop useAppPoolCredentials=true"),
        "{cited:?}"
    );
}

#[test]
fn a_second_holder_makes_a_duplicate() {
    let add = format!(r"spn add {SPN} CORP\svc_shop");
    assert_eq!(try_out(&mut shop(), &[&add]).0, Outcome::NtlmFallback);
}

#[test]
fn what_is_so_already_and_what_is_new_is_said() {
    let mut case = shop();
    let remarks = try_out(
        &mut case,
        &[
            "set Shop useKernelMode=true",
            &format!(r"spn add {SPN} CORP\svc_old"),
            &format!(r"spn remove {SPN} CORP\svc_shop"),
            r"pool shop identity=CORP\gmsa_new$",
            "spn add HTTPS/shop.corp.example WEB01",
        ],
    );
    let expected = [
        "it is so already",
        "the bundle shows it there already",
        "the bundle shows that it is not there",
        r"the bundle does not know CORP\gmsa_new$: it is taken as a new account that holds nothing else",
        "no client asks for such a name: the class HTTPS, which no client asks for: it is HTTP for https too",
    ];
    assert_eq!(remarks.2, expected, "{remarks:?}");
    let identity = &case.situation.endpoints[0].pool.as_ref().unwrap().identity;
    assert!(matches!(identity, PoolIdentity::Managed(_)), "{identity:?}");
}

#[test]
fn setspn_takes_a_computer_without_its_dollar_and_so_does_this() {
    let mut case = shop();
    let assumption = Assumption::parse("spn add HTTP/other web01").unwrap();
    let assumed = settle(&mut case, &assumption).unwrap();
    assert_eq!(assumed.remarks, Vec::<String>::new());
    let Some(Change::AddSpn(_, account)) = assumed.changes.first() else {
        panic!("{assumed:?}");
    };
    let machine = case
        .hosts
        .find("WEB01")
        .map(|host| case.hosts.get(host).machine);
    assert_eq!(Some(*account), machine);
}

#[test]
fn what_the_bundle_does_not_have_is_listed() {
    for (text, wrong, right) in [
        (
            "set Store useKernelMode=true",
            "no site `Store`",
            "the sites are: Shop",
        ),
        (
            "set Shop/api useKernelMode=true",
            "no application `Shop/api`",
            "it has: Shop",
        ),
        (
            "pool Store identity=LocalSystem",
            "no pool `Store`",
            "the pools are: Shop",
        ),
        ("pool Shop identity=svc", "does not say whose", r"CORP\name"),
        (
            "set Shop useKernelMode=true on WEB02",
            "no web server WEB02",
            "WEB01",
        ),
    ] {
        let error = settle(&mut shop(), &Assumption::parse(text).unwrap()).expect_err(text);
        assert!(error.wrong.contains(wrong), "{text}: {error}");
        assert!(error.right.contains(right), "{text}: {error}");
    }
    let error = settle(
        &mut Case::default(),
        &Assumption::parse("set Shop useKernelMode=true").unwrap(),
    );
    assert!(error.unwrap_err().right.contains("applicationHost.config"));
}

#[test]
fn one_name_on_two_servers_is_changed_on_both_or_on_the_named_one() {
    let xml = config(
        &pool("Shop", r"CORP\svc_shop"),
        &site("Shop", "*:80:shop.corp.example", "Shop"),
        &windows("enabled=\"true\""),
        "",
    );
    let mut case = Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .config("WEB02/applicationHost.config", &(xml.clone() + "\n"))
        .event(
            "WEB01.corp.example",
            crate::testkit::system("Filler", 1, &[]),
        )
        .event(
            "WEB02.corp.example",
            crate::testkit::system("Filler", 1, &[]),
        )
        .case();
    assert_eq!(case.servers.len(), 2);
    let mut changes = |text: &str| {
        let assumption = Assumption::parse(text).unwrap();
        settle(&mut case, &assumption).unwrap()
    };
    let both = changes("pool Shop identity=NetworkService");
    assert_eq!(both.changes.len(), 2);
    assert_eq!(
        both.says,
        "pool Shop runs as NetworkService on WEB01, WEB02"
    );
    let one = changes("providers Shop NTLM on web02.corp.example");
    assert_eq!(one.changes.len(), 1);
    assert_eq!(one.says, "NTLM is offered at Shop on WEB02");
}

/// What the account may use, has keys of and the controllers allow meet in an assumption as they do in the bundle.
#[test]
fn encryption_types_meet_the_keys_of_the_account() {
    let issued = [
        ("TargetUserName", "uma@CORP.EXAMPLE"),
        ("ServiceName", "svc_shop"),
        ("ServiceAvailableKeys", "RC4"),
        ("TicketEncryptionType", "0x17"),
        ("Status", "0x0"),
    ];
    let shop = || {
        let windows = windows("enabled=\"true\" useAppPoolCredentials=\"true\"");
        let sites = site("Shop", "*:80:shop.corp.example", "Shop");
        let xml = config(&pool("Shop", r"CORP\svc_shop"), &sites, &windows, "");
        let holder = "CN=svc_shop,OU=Service,DC=corp,DC=example";
        Kit::new()
            .config("WEB01/applicationHost.config", &xml)
            .console("setspn.txt", &query(SPN, &[(holder, &[SPN])]))
            .event("DC1.corp.example", crate::testkit::security(4769, &issued))
            .case()
    };
    assert_eq!(try_out(&mut shop(), &[]).0, Outcome::Kerberos);
    let (outcome, says, remarks) = try_out(&mut shop(), &[r"etypes CORP\svc_shop aes256,aes128"]);
    assert_eq!(outcome, Outcome::Unknown, "the KDC answers 0xE");
    assert!(
        says[0].starts_with(r"CORP\svc_shop may use AES"),
        "{says:?}"
    );
    assert!(
        remarks[0].contains("before its password is set again"),
        "{remarks:?}"
    );
    let (outcome, ..) = try_out(&mut shop(), &[r"etypes CORP\svc_shop aes256,rc4"]);
    assert_eq!(outcome, Outcome::Kerberos);
    let (outcome, says, _) = try_out(
        &mut shop(),
        &[r"etypes CORP\svc_shop aes256", r"etypes CORP\svc_shop 0"],
    );
    assert_eq!(outcome, Outcome::Kerberos);
    assert!(says[1].contains("left to the default"), "{says:?}");
}
