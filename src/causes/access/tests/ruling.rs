//! What rules say of users: IIS asks deny rules first, ASP.NET takes the first that matches.

use crate::case::Accounts;
use crate::causes::access::{Rules, Ruling, ruling};
use crate::evidence::ArtifactId;
use crate::readers::iis_config::{ConfigFile, ServerConfig};

/// The ruling on `uma` of rules of IIS and of ASP.NET.
fn of(iis: &str, asp_net: &str) -> String {
    let server = format!(
        "<configuration><system.applicationHost><sites><site name=\"S\" id=\"1\"><application path=\"/\"><virtualDirectory path=\"/\" physicalPath=\"D:\\s\" /></application></site></sites></system.applicationHost>
         <system.webServer><security><authorization>{iis}</authorization></security></system.webServer></configuration>"
    );
    let web = format!(
        "<configuration><system.web><authorization>{asp_net}</authorization></system.web></configuration>"
    );
    let file = |id, text: &str| ConfigFile::read_str(ArtifactId(id), text).records;
    let web = file(1, &web);
    let (config, _) = ServerConfig::build(&file(0, &server), &[("S/web.config", &web)]);
    let settings = config.effective("S", "/");
    let rules = Rules {
        iis: &settings.authorization,
        asp_net: &settings.access.asp_net_rules,
    };
    match ruling(&Accounts::default(), rules, Some("CORP\\uma")) {
        Ruling::Allowed => "allowed".into(),
        Ruling::Denied(from) => format!("denied by {}", from.len()),
        Ruling::ByRole(roles, _) => format!("by {}", roles.join("+")),
    }
}

fn rule(access: &str, what: &str) -> String {
    format!("<add accessType=\"{access}\" {what} />")
}

#[test]
fn iis_denies_first_and_refuses_whom_none_allows() {
    let all = rule("Allow", "users=\"*\"");
    assert_eq!(of("", ""), "allowed");
    assert_eq!(of(&all, ""), "allowed");
    assert_eq!(
        of(&(all.clone() + &rule("Deny", "users=\"CORP\\uma\"")), ""),
        "denied by 1"
    );
    assert_eq!(
        of(&(all.clone() + &rule("Deny", "users=\"?\"")), ""),
        "allowed"
    );
    assert_eq!(
        of(&(all + &rule("Deny", "roles=\"Guests\"")), ""),
        "by Guests"
    );
    assert_eq!(of(&rule("Allow", "users=\"tom, eva\""), ""), "denied by 1");
    assert_eq!(of(&rule("Allow", "users=\"tom,uma\""), ""), "allowed");
    assert_eq!(
        of(&rule("Allow", "roles=\"HR,Payroll\""), ""),
        "by HR+Payroll"
    );
    // A rule for some verbs decides nothing here.
    assert_eq!(
        of(&rule("Allow", "users=\"*\" verbs=\"GET\""), ""),
        "allowed"
    );
}

#[test]
fn asp_net_takes_the_first_that_matches() {
    assert_eq!(of("", "<deny users=\"?\" />"), "allowed");
    assert_eq!(
        of("", "<allow users=\"uma\" /><deny users=\"*\" />"),
        "allowed"
    );
    assert_eq!(
        of("", "<deny users=\"CORP\\uma\" /><allow users=\"*\" />"),
        "denied by 1"
    );
    assert_eq!(
        of("", "<deny users=\"OTHER\\uma\" /><allow users=\"*\" />"),
        "allowed"
    );
    assert_eq!(
        of("", "<allow roles=\"HR\" /><deny users=\"*\" />"),
        "by HR"
    );
    assert_eq!(of("", "<allow roles=\"HR\" />"), "allowed");
    assert_eq!(of("", "<deny roles=\"Guests\" />"), "by Guests");
}
