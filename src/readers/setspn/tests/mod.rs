//! What each mode of setspn becomes.

mod changes;
mod localised;
mod rows;

use super::*;
use crate::evidence::Place;
use crate::readers::console::sections;
use crate::testkit::console_text;

fn reading(content: &str) -> Reading<Vec<SetspnRun>> {
    read(ArtifactId(3), &sections(&console_text(content)))
}

/// The only run of a text that leaves nothing unread.
fn one(content: &str) -> SetspnRun {
    let reading = reading(content);
    assert_eq!(reading.problems, [], "{content}");
    assert_eq!(
        reading.records.len(),
        1,
        "{content}\n{:#?}",
        reading.records
    );
    reading.records.into_iter().next().unwrap()
}

/// `dn: spn, spn` of each holder.
fn holders(run: &SetspnRun) -> Vec<String> {
    run.holders
        .iter()
        .map(|holder| {
            let spns: Vec<_> = holder.spns.iter().map(|spn| spn.value.as_str()).collect();
            format!("{}: {}", holder.dn.value, spns.join(", "))
        })
        .collect()
}

fn domain(dns: &str) -> Vec<Scope> {
    vec![Scope::Domain(dns.to_owned())]
}

fn line_of(citation: &Citation) -> u32 {
    match citation.place {
        Place::Line(line) => line,
        _ => 0,
    }
}

use crate::evidence::Citation;

const DN: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";

#[test]
fn list() {
    let run = one(
        "C:\\>setspn -L svc_web\nRegistered ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example:\n\
         \tHTTP/web.corp.example\n    HTTP/web.corp.example:8080\n HTTP/web\n",
    );
    assert_eq!(
        (run.mode, run.target.as_deref()),
        (Mode::List, Some("svc_web"))
    );
    assert_eq!(run.outcome, Outcome::Listed);
    assert_eq!(run.scopes, [Scope::Account]);
    assert_eq!(
        holders(&run),
        [format!(
            "{DN}: HTTP/web.corp.example, HTTP/web.corp.example:8080, HTTP/web"
        )]
    );
    assert_eq!(line_of(&run.from), 1);
    assert_eq!(line_of(&run.holders[0].spns[2].from[0]), 5);
    assert_eq!(run.from.text.as_ref(), "setspn -L svc_web");
}

#[test]
fn a_list_without_spns_is_complete_even_as_the_last_line() {
    for content in [
        "C:\\>setspn svc_web\nRegistered ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example:",
        "Noms ServicePrincipalName inscrits pour CN=svc_web,OU=Service,DC=corp,DC=example:\n",
        "C:\\>setspn /L svc_web\nZarejestrowane nazwy dla CN=svc_web,OU=Service,DC=corp,DC=example:\n\nC:\\>",
    ] {
        let run = one(content);
        assert_eq!(
            (run.mode, run.outcome.clone()),
            (Mode::List, Outcome::Listed),
            "{content}"
        );
        assert_eq!(holders(&run), [format!("{DN}: ")]);
    }
}

#[test]
fn a_command_without_output_proves_nothing() {
    for content in [
        "C:\\>setspn -L svc_web\n\nC:\\>",
        "C:\\>setspn -Q HTTP/web\n",
        "C:\\>setspn -X > dup.txt\n",
    ] {
        assert_eq!(one(content).outcome, Outcome::NotCaptured, "{content}");
    }
}

#[test]
fn query() {
    let run = one(
        "PS C:\\> setspn.exe -q HTTP/web\nChecking domain DC=corp,DC=example\nCN=svc_web,OU=Service,DC=corp,DC=example\n\
         \tHTTP/web\n\tHTTP/web.corp.example\nCN=WEB01,OU=Servers,DC=corp,DC=example\n\tHTTP/web\n\nExisting SPN found!\n",
    );
    assert_eq!(run.outcome, Outcome::Found);
    assert_eq!(run.scopes, domain("corp.example"));
    assert_eq!(
        holders(&run),
        [
            format!("{DN}: HTTP/web, HTTP/web.corp.example"),
            "CN=WEB01,OU=Servers,DC=corp,DC=example: HTTP/web".to_owned()
        ]
    );
    assert_eq!(run.ended.as_ref().map(line_of), Some(9));
}

#[test]
fn query_without_its_last_line_is_cut() {
    let cut = one("C:\\>setspn -Q HTTP/web\nChecking domain DC=corp,DC=example\n");
    assert_eq!((cut.outcome, cut.ended), (Outcome::Truncated, None));
    let cut = one(
        "C:\\>setspn -Q HTTP/web\nChecking domain DC=corp,DC=example\nCN=svc_web,OU=Service,DC=corp,DC=example\n\tHTTP/web\n",
    );
    assert_eq!(cut.outcome, Outcome::Truncated);
    assert_eq!(cut.holders.len(), 1);
}

#[test]
fn what_a_filter_hid_is_not_absent() {
    let run = reading("C:\\>setspn -L svc_web | findstr HTTP\n\tHTTP/web\n");
    assert_eq!(run.records[0].outcome, Outcome::Truncated);
    assert_eq!(
        run.problems.len(),
        1,
        "an SPN without its object is not dropped in silence"
    );
    let run = one(
        "C:\\>setspn -L svc_web | findstr /i \"CN= HTTP\"\nRegistered ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example:\n",
    );
    assert_eq!(run.outcome, Outcome::Truncated);
}

#[test]
fn forest_and_several_domains() {
    let none = "\n\nNo such SPN found.\n";
    let run = one(&format!(
        "C:\\>setspn -T Corp.Example -F -Q HTTP/web\nChecking forest DC=Corp,DC=Example{none}"
    ));
    assert_eq!(run.scopes, [Scope::Forest("corp.example".into())]);
    assert_eq!(run.outcome, Outcome::NotFound);
    let run = one(&format!(
        "C:\\>setspn -T a.example -T b.example -Q HTTP/web\nChecking domain DC=a,DC=example\nChecking domain DC=b,DC=example{none}"
    ));
    assert_eq!(
        run.scopes,
        [
            Scope::Domain("a.example".into()),
            Scope::Domain("b.example".into())
        ]
    );
    assert_eq!(run.outcome, Outcome::NotFound);
    let run = one(&format!(
        "C:\\>setspn -T * -Q HTTP/web\nChecking domain DC=a,DC=example{none}Checking domain DC=b,DC=example\nCN=x,DC=b,DC=example\n\tHTTP/web\nExisting SPN found!\n"
    ));
    assert_eq!((run.scopes.len(), run.outcome), (2, Outcome::Found));
    let run = one("C:\\>setspn -T corp.example -F -X -P\nfound 0 group of duplicate SPNs.\n");
    assert_eq!(run.scopes, [Scope::Forest("corp.example".into())]);
    assert_eq!(
        one("No such SPN found.\n"
            .replace("No", "setspn -Q HTTP/x\nNo")
            .as_str())
        .scopes,
        [Scope::Unknown]
    );
}

#[test]
fn duplicates() {
    let run = one(
        "C:\\>setspn -X\nChecking domain DC=corp,DC=example\nProcessing entry 0\nProcessing entry 1000\n\
         HTTP/web is registered on these accounts:\n\tCN=svc_web,OU=Service,DC=corp,DC=example\n\tCN=WEB01,DC=corp,DC=example\n\n\
         HTTP/b.corp.example:81 is registered on these accounts:\n\tCN=x,DC=corp,DC=example\n\tCN=y,DC=corp,DC=example\n\n\
         found 2 groups of duplicate SPNs.\n",
    );
    assert_eq!(run.outcome, Outcome::DuplicateGroups(2));
    assert_eq!(run.holders.len(), 4);
    assert_eq!(holders(&run)[0], format!("{DN}: HTTP/web"));
    assert_eq!(
        holders(&run)[3],
        "CN=y,DC=corp,DC=example: HTTP/b.corp.example:81"
    );
    assert_eq!(run.ended.as_ref().map(line_of), Some(13));
}

#[test]
fn duplicates_count_only_when_the_last_line_says_so() {
    let cut = one("C:\\>setspn -X\nChecking domain DC=corp,DC=example\nProcessing entry 0\n");
    assert_eq!(cut.outcome, Outcome::Truncated);
    let wrong = reading(
        "C:\\>setspn -X\nChecking domain DC=corp,DC=example\nHTTP/web is registered on these accounts:\n\tCN=a,DC=x,DC=example\n\tCN=b,DC=x,DC=example\n\nfound 2 groups of duplicate SPNs.\n",
    );
    assert_eq!(wrong.records[0].outcome, Outcome::Truncated);
    assert_eq!(wrong.records[0].holders.len(), 2);
    assert_eq!(wrong.problems.len(), 1);
}

#[test]
fn overwritten_progress_is_what_the_console_shows() {
    let run = one(
        "C:\\>setspn -X -F\nChecking forest DC=corp,DC=example\nOperation will be performed forestwide, it might take a while.\nProcessing entry 0\rProcessing entry 1000\rProcessing entry 2000\n\nfound 0 group of duplicate SPNs.\n",
    );
    assert_eq!(run.outcome, Outcome::DuplicateGroups(0));
    assert_eq!(run.scopes, [Scope::Forest("corp.example".into())]);
}

#[test]
fn errors() {
    let run = one(
        "C:\\>setspn -L nobody\nFindDomainForAccount: Call to DsGetDcNameWithAccountW failed with return value 0x00000525\nCould not find account nobody\n",
    );
    assert_eq!(run.outcome, Outcome::Failed(1317));
    assert_eq!(run.ended.as_ref().map(line_of), Some(2));
    let run = one(
        "FindDomainForAccount: Call to DsGetDcNameWithAccountW failed with return value 0x0000054B\nUnable to locate account nobody\n",
    );
    assert_eq!(
        (run.outcome, run.target.as_deref()),
        (Outcome::Failed(1355), Some("nobody"))
    );
    let run = one(
        "C:\\>setspn -T other -Q HTTP/web\nLdap Error(0x51 -- Server Down): ldap_bind_sW; Failed to retrieve DN for domain \"other\" : 0x0000054B\n",
    );
    assert_eq!(run.outcome, Outcome::Failed(0x54b));
    let run = one(
        "C:\\>setspn -Q HTTP/web\nChecking domain DC=corp,DC=example\nLdap Error(0x51 -- Server Down): ldap_search_ext_sW\n",
    );
    assert_eq!(
        run.outcome,
        Outcome::Failed(0x51),
        "an error after the check is never \"not found\""
    );
    let reading = reading("C:\\>setspn -L nobody\nCould not find account nobody\n");
    assert_eq!(reading.records[0].outcome, Outcome::NotCaptured);
    assert_eq!(reading.problems.len(), 1);
}

#[test]
fn samba() {
    let run = one(
        "Registered SPNs for CN=WEB01,CN=Computers,DC=corp,DC=example\n\tHOST/WEB01\n\tHTTP/web\n",
    );
    assert_eq!(
        (run.mode, run.outcome.clone()),
        (Mode::List, Outcome::Listed)
    );
    assert_eq!(run.holders[0].spns.len(), 2);
    let run = one(
        "Registering SPN HTTP/web for object CN=WEB01,DC=corp,DC=example\nDuplicate SPN found, aborting operation.\n",
    );
    assert_eq!(
        (run.outcome, run.holders.len()),
        (Outcome::RefusedDuplicate, 0)
    );
}

#[test]
fn several_runs_without_any_echo_stay_apart() {
    let none = "Checking domain DC=corp,DC=example\n\nNo such SPN found.\n";
    let list = "Registered ServicePrincipalNames for CN=a,DC=corp,DC=example:\n\tHTTP/a\n";
    let reading = reading(&format!(
        "{none}{list}{list}{none}{none}setspn -L b\n{list}"
    ));
    let outcomes: Vec<_> = reading
        .records
        .iter()
        .map(|run| run.outcome.clone())
        .collect();
    use Outcome::{Listed, NotFound};
    assert_eq!(
        outcomes,
        [NotFound, Listed, Listed, NotFound, NotFound, Listed]
    );
    assert_eq!(reading.problems, []);
    // A first search that was cut does not lend its scope to the second.
    let cut = super::tests::reading(&format!("Checking domain DC=other,DC=example\n{none}"));
    assert_eq!(cut.records.len(), 2);
    assert_eq!(cut.records[0].outcome, Outcome::Truncated);
    assert_eq!(cut.records[1].scopes, domain("corp.example"));
}

#[test]
fn commands_of_one_line_take_their_outputs_in_turn() {
    let reading = reading(
        "C:\\>setspn -Q HTTP/a & setspn -Q HTTP/b & setspn -L c\nChecking domain DC=corp,DC=example\n\nNo such SPN found.\n\
         Checking domain DC=corp,DC=example\n\nNo such SPN found.\n",
    );
    let runs: Vec<_> = reading
        .records
        .iter()
        .map(|run| (run.target.as_deref(), run.outcome.clone()))
        .collect();
    assert_eq!(
        runs,
        [
            (Some("HTTP/a"), Outcome::NotFound),
            (Some("HTTP/b"), Outcome::NotFound),
            (Some("c"), Outcome::NotCaptured)
        ]
    );
}

/// SPNs whose holder cannot be read are somebody's: such an answer is no proof of absence.
#[test]
fn an_answer_that_lost_its_holder_closes_nothing() {
    let reading = reading(
        "C:\\>setspn -Q HTTP/portal.corp.example\nChecking domain DC=corp,DC=example\n;<=#0 :Z\n        HTTP/portal.corp.example\n\nX=#1 SPN found!\n",
    );
    assert_eq!(reading.records[0].outcome, Outcome::Truncated);
    let none = one(
        "C:\\>setspn -Q HTTP/portal.corp.example\nChecking domain DC=corp,DC=example\n\nX=#1 SPN found!\n",
    );
    assert_eq!(none.outcome, Outcome::NotFound);
}
