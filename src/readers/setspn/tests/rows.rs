//! Rows that a console wrapped, indented otherwise or mixed with other output.

use super::*;

#[test]
fn spns_are_kept_as_printed() {
    let run = one(
        "C:\\>setspn -L a\nRegistered ServicePrincipalNames for CN=Web\\, Team \"x\",OU=Straße,DC=corp,DC=example:\n\
         \tHTTP/we\u{200b}b\n\tHTTP/web\u{a0}x\n\t\"HTTP/a.example\",\"HTTP/b.example\"\n\tHOST/a@corp.example\n\tHTTP/http://web/\n\tnoslash\n",
    );
    assert_eq!(
        run.holders[0].dn.value,
        "CN=Web\\, Team \"x\",OU=Straße,DC=corp,DC=example"
    );
    let spns: Vec<_> = run.holders[0]
        .spns
        .iter()
        .map(|spn| spn.value.as_str())
        .collect();
    assert_eq!(
        spns,
        [
            "HTTP/we\u{200b}b",
            "HTTP/web\u{a0}x",
            "\"HTTP/a.example\",\"HTTP/b.example\"",
            "HOST/a@corp.example",
            "HTTP/http://web/",
            "noslash"
        ]
    );
}

#[test]
fn wrapped_lines_are_joined() {
    let header = "Registered ServicePrincipalNames for CN=svc_web_of_the_intranet,OU=Services,DC=corp,DC=example:";
    let spn = "        HTTP/a-very-long-name-of-a-web-server-that-does-not-fit.department.corp.example.org:8080";
    let wrapped: String = [header, spn]
        .iter()
        .map(|line| format!("{}\n{}\n", &line[..80], &line[80..]))
        .collect();
    let run = one(&format!("C:\\>setspn -L svc\n{wrapped}        HTTP/b\n"));
    assert_eq!(run.outcome, Outcome::Listed);
    let spns: Vec<_> = run.holders[0]
        .spns
        .iter()
        .map(|spn| spn.value.as_str())
        .collect();
    assert_eq!(spns, [spn.trim(), "HTTP/b"]);
    assert_eq!(
        run.holders[0].dn.value,
        "CN=svc_web_of_the_intranet,OU=Services,DC=corp,DC=example"
    );
    let mail = one(
        "Checking domain DC=corp,DC=example\nCN=svc web,OU=Service Accounts of the Department of Things,OU=Somewhere\n  Else,DC=corp,DC=example\n\tHTTP/web\nExisting SPN found!\n",
    );
    assert_eq!(
        mail.holders[0].dn.value,
        "CN=svc web,OU=Service Accounts of the Department of Things,OU=Somewhere Else,DC=corp,DC=example"
    );
}

#[test]
fn a_list_with_a_piece_that_was_not_understood_is_not_closed() {
    let header = "Registered ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example:";
    for content in [
        // An SPN wrapped at a width that no console is known for.
        format!("{header}\n\tHTTP/web.corp.exa\nmple:8080\n\tHTTP/other\n"),
        format!("{header}\n\tHTTP/web.corp.exa\nmple:8080\n"),
        format!("{header}\nnobody knows this line\n"),
        "C:\\>setspn -Q HTTP/*\nChecking domain DC=corp,DC=example\nCN=a,DC=corp,DC=exa\nmple\n\tHTTP/web\nExisting SPN found!\n".to_owned(),
    ] {
        let reading = reading(&content);
        assert_eq!(reading.records.len(), 1, "{content}");
        assert_eq!(reading.records[0].outcome, Outcome::Truncated, "{content}");
        assert_eq!(reading.problems.len(), 1);
    }
}

#[test]
fn names_wrapped_anywhere_are_joined_or_refused() {
    let header = "Registered ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example:";
    for at in 40..header.len() {
        let (before, after) = header.split_at(at);
        let reading = reading(&format!(
            "C:\\>setspn -L svc_web\n{}\n{}\n\tHTTP/web\n",
            before.trim_end(),
            after.trim_start()
        ));
        for run in reading
            .records
            .iter()
            .filter(|run| run.outcome == Outcome::Listed)
        {
            assert_eq!(holders(run).len(), 1);
            assert!(
                run.holders[0].dn.value.replace(' ', "") == DN,
                "{at}: {}",
                run.holders[0].dn.value
            );
            assert_eq!(run.holders[0].spns.len(), 1, "{at}");
        }
        assert!(
            reading.problems.is_empty()
                == reading
                    .records
                    .iter()
                    .any(|run| run.outcome == Outcome::Listed),
            "{at}: {reading:#?}"
        );
    }
    for at in 10..DN.len() {
        let (before, after) = DN.split_at(at);
        let run = reading(&format!(
            "C:\\>setspn -Q HTTP/web\nChecking domain DC=corp,DC=example\n{before}\n{after}\n\tHTTP/web\n\nExisting SPN found!\n"
        ));
        assert_eq!(run.records.len(), 1, "{at}: {run:#?}");
        if run.records[0].outcome == Outcome::Found {
            assert_eq!(run.records[0].holders.len(), 1, "{at}");
            assert!(
                run.records[0].holders[0].dn.value.replace(' ', "") == DN,
                "{at}: {run:#?}"
            );
        }
    }
}

#[test]
fn lost_indentation() {
    let run = one(
        "setspn -Q HTTP/web\nChecking domain DC=corp,DC=example\nCN=svc_web,OU=Service,DC=corp,DC=example\nHTTP/web\nHTTP/web.corp.example\nExisting SPN found!\n",
    );
    assert_eq!(
        holders(&run),
        [format!("{DN}: HTTP/web, HTTP/web.corp.example")]
    );
    let run = one(
        "C:\\>setspn -X\n  Checking domain DC=corp,DC=example\n  HTTP/web is registered on these accounts:\n  CN=a,DC=x,DC=example\n  CN=b,DC=x,DC=example\n  found 1 group of duplicate SPNs.\n",
    );
    assert_eq!(
        (run.outcome, run.holders.len()),
        (Outcome::DuplicateGroups(1), 2)
    );
}

#[test]
fn what_follows_a_closed_answer_is_not_part_of_it() {
    let reading = reading(
        "Registered ServicePrincipalNames for CN=a,DC=corp,DC=example:\n\tHTTP/a\n\nAnd then I looked at the folders:\n\tfiles/of/mine\n\tmore/of/them\n",
    );
    assert_eq!(
        holders(&reading.records[0]),
        ["CN=a,DC=corp,DC=example: HTTP/a"]
    );
    assert_eq!(reading.problems.len(), 1);
}

#[test]
fn output_of_another_command_is_not_forced_under_the_echo() {
    let reading =
        reading("C:\\>setspn -L svc\nChecking domain DC=corp,DC=example\n\nNo such SPN found.\n");
    assert_eq!(
        (
            reading.records[0].mode,
            reading.records[0].target.as_deref()
        ),
        (Mode::Query, None)
    );
    assert_eq!(reading.problems.len(), 1);
}

/// A name of which a part does not say what it is belongs to nobody; what stands below it is nobody's, and is not absent.
#[test]
fn a_damaged_name_is_no_holder() {
    for dn in [
        "CN=svc_web,OU=Service,DCxcorp,DC=example",
        "CN=svc_web,OU=Service,DC=co,p,DC=example",
        "CN=svc_web,KU=Service,DC=corp,DC=example",
        "CN=svc_web,OU=Ser\u{1}ice,DC=corp,DC=example",
    ] {
        let query = format!(
            "C:\\>setspn -Q HTTP/web\nChecking domain DC=corp,DC=example\n{dn}\n\tHTTP/web\n\nExisting SPN found!\n"
        );
        let list = format!(
            "C:\\>setspn -L svc_web\nRegistered ServicePrincipalNames for {dn}:\n\tHTTP/web\n"
        );
        for text in [query, list] {
            for run in reading(&text).records {
                assert_eq!(run.holders, [], "{dn}");
                assert!(
                    matches!(run.outcome, Outcome::Truncated | Outcome::NotCaptured),
                    "{dn}: {:?}",
                    run.outcome
                );
            }
        }
    }
}

/// In a language that is not known, a search that found nobody says no more than that.
#[test]
fn what_is_not_understood_before_the_end_is_not_nobody() {
    let query = |between: &str| {
        let text = format!(
            "C:\\>setspn -Q HTTP/web\nXyzzy DC=corp,DC=example\n{between}\nPlugh SPN xyzzy.\n"
        );
        reading(&text).records[0].outcome.clone()
    };
    assert_eq!(query(""), Outcome::NotFound);
    assert_eq!(
        query("Y\\:/ac_web,OU=Service,DC=corp,DC=exa\nH1Z0YXX >;#\n"),
        Outcome::Truncated
    );
}
