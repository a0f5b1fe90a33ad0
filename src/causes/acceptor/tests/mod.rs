//! The group KM against small cases: decision-table row 14, truth-table rows 11, 12, 16 and 17, and the nearest look-alikes.

use crate::testkit::{Happening, Kit, config, kerberos_4, query, site, windows};

mod own_acceptor;
mod recycle;
mod shared_name;

const NAME: &str = "HTTP/portal.corp.example";
const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
const WEB01: &str = "CN=WEB01,CN=Computers,DC=corp,DC=example";

/// A pool that runs as a built-in identity.
fn builtin(name: &str, identity: &str) -> String {
    format!(r#"<add name="{name}"><processModel identityType="{identity}" /></add>"#)
}

/// The name is held by this account.
fn held_by(dn: &str) -> String {
    query(NAME, &[(dn, &[NAME])])
}

fn event_4() -> Happening {
    kerberos_4(NAME, "web01$")
}

/// One site with one application in the pool `P`.
fn one_site(pools: &str, attributes: &str) -> String {
    config(
        pools,
        &site("Portal", "*:80:portal.corp.example", "P"),
        &windows(attributes),
        "",
    )
}

#[test]
fn the_group_needs_a_configuration() {
    let judgement = Kit::new().events("PC7.corp.example", 2, event_4).judge();
    for cause in ["KM-04", "KM-05", "KM-06", "KM-07"] {
        judgement.assert_not_assessed(cause);
    }
    judgement.assert_not_found("KM-03");
}
