//! What adding, deleting and resetting print.

use super::*;

#[test]
fn add_and_its_refusals() {
    let check = "Checking domain DC=corp,DC=example\n";
    let header = "\nRegistering ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example\n\tHTTP/web\n";
    let run = one(&format!(
        "C:\\>setspn -S HTTP/web svc_web\n{check}{header}Updated object\n"
    ));
    assert_eq!(
        (run.mode, run.outcome.clone()),
        (Mode::Add, Outcome::Updated)
    );
    assert_eq!(
        (run.target.as_deref(), run.account.as_deref()),
        (Some("HTTP/web"), Some("svc_web"))
    );
    assert_eq!(holders(&run), [format!("{DN}: HTTP/web")]);
    assert_eq!(run.scopes, domain("corp.example"));

    let run = one(&format!(
        "C:\\>setspn -S HTTP/web svc_web\n{check}CN=old,DC=corp,DC=example\n\tHTTP/web\n\tHTTP/old\n\nDuplicate SPN found, aborting operation!\n"
    ));
    assert_eq!(run.outcome, Outcome::RefusedDuplicate);
    assert_eq!(
        holders(&run),
        ["CN=old,DC=corp,DC=example: HTTP/web, HTTP/old"]
    );
    assert_eq!(run.change, None);

    for (code, outcome) in [
        ("0x21c7/8647", Outcome::RefusedDuplicate),
        ("0x2098/8344", Outcome::Failed(0x2098)),
    ] {
        let run = one(&format!(
            "C:\\>setspn -A HTTP/web svc_web\n{header}Failed to assign SPN on account 'CN=svc_web,OU=Service,DC=corp,DC=example', error {code} -> text.\n"
        ));
        assert_eq!(
            (run.mode, run.outcome.clone()),
            (Mode::AddUnchecked, outcome)
        );
        assert_eq!(run.holders, [], "what was refused is not held");
        assert_eq!(run.change.unwrap().spns[0].value, "HTTP/web");
    }
    let cut = one(&format!("C:\\>setspn -S HTTP/web svc_web\n{check}{header}"));
    assert_eq!((cut.outcome, cut.holders), (Outcome::Truncated, vec![]));
}

#[test]
fn delete_and_reset() {
    let run = one(
        "C:\\>setspn -D HTTP/web svc_web\nUnregistering ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example\n\tHTTP/web\nUpdated object\n",
    );
    assert_eq!(
        (run.mode, run.outcome.clone(), run.holders.len()),
        (Mode::Delete, Outcome::Updated, 0)
    );
    assert_eq!(run.change.unwrap().dn.value, DN);
    let run = one(
        "C:\\>setspn -R web01\nRegistering ServicePrincipalNames for CN=WEB01,DC=corp,DC=example\n\tHOST/web01\n\tHOST/web01.corp.example\nUpdated object\n",
    );
    assert_eq!(
        (run.mode, run.account.as_deref()),
        (Mode::Reset, Some("web01"))
    );
    assert_eq!(run.outcome, Outcome::Updated);
    // Without the echo the shapes say the same.
    let unsaid = "Unregistering ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example\n\tHTTP/web\nUpdated object\n";
    assert_eq!(one(unsaid).mode, Mode::Delete);
    assert_eq!(
        one(&unsaid.replace("Unregistering", "Registering")).mode,
        Mode::AddUnchecked
    );
}
