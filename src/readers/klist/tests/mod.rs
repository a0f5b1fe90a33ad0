//! What each command of klist shows.

mod caches;
mod others;

use jiff::civil::date;

use super::*;
use crate::evidence::{Citation, Place};
use crate::readers::console::sections;
use crate::testkit::console_text;
use caches::{LANGUAGES, cached};

fn reading(content: &str) -> Reading<Vec<KlistRun>> {
    read(ArtifactId(3), &sections(&console_text(content)))
}

/// What the runs of a text that leaves nothing unread show.
fn shown(content: &str) -> Vec<Shown> {
    let reading = reading(content);
    assert_eq!(reading.problems, [], "{content}");
    reading.records.into_iter().map(|run| run.shown).collect()
}

fn one(content: &str) -> Shown {
    let mut all = shown(content);
    assert_eq!(all.len(), 1, "{content}\n{all:#?}");
    all.remove(0)
}

fn cache(content: &str) -> Cache {
    match one(content) {
        Shown::Cache(cache) => cache,
        other => panic!("no cache: {other:#?}"),
    }
}

fn line_of(citation: &Citation) -> u32 {
    match citation.place {
        Place::Line(line) => line,
        _ => 0,
    }
}

#[test]
fn get_that_succeeds_shows_the_ticket_and_the_cache() {
    let tail = cached(&LANGUAGES[0]);
    let (logon, tickets) = tail.split_once("\n\n").unwrap();
    let sentence = "A ticket to HTTP/web.corp.example has been retrieved successfully.";
    for content in [
        format!("C:\\>klist get HTTP/web.corp.example\n\n{logon}\n{sentence}\n\n{tickets}"),
        format!("{logon}\n{sentence}\n\n{tickets}"),
        format!(
            "C:\\>klist get HTTP/web.corp.example\n\n{logon}\nUn ticket pour HTTP/web.corp.example a été obtenu.\n\n{tickets}"
        ),
    ] {
        let runs = shown(&content);
        assert_eq!(runs.len(), 2, "{content}");
        let Shown::Get(get) = &runs[0] else {
            panic!("{runs:?}")
        };
        assert_eq!(
            (get.spn.as_deref(), get.result),
            (Some("HTTP/web.corp.example"), Ok(()))
        );
        assert!(matches!(&runs[1], Shown::Cache(cache) if cache.complete));
    }
}

#[test]
fn failures() {
    let pair = |sub: &str, status: &str| {
        format!(
            "Error calling API LsaCallAuthenticationPackage (GetTicket substatus): {sub}\n\nklist failed with {status}\n"
        )
    };
    for (sub, status, sub_code, code) in [
        (
            "0x6fb",
            "0xc000018b/-1073741429: The SAM database …",
            0x6fb,
            0xc000_018b,
        ),
        ("0x51f", "0xc000005e/-1073741730", 0x51f, 0xc000_005e),
        ("1312", "0xc000005f/-1073741729: x", 1312, 0xc000_005f),
        (
            "0x520",
            "0x8009030e/-2146893042: No credentials",
            0x520,
            0x8009_030e,
        ),
        (
            "0x80090342",
            "0xc00002fd/-1073741059: The encryption type",
            0x8009_0342,
            0xc000_02fd,
        ),
    ] {
        let failure = Failure {
            status: Some(code),
            sub_status: Some(sub_code),
        };
        let content = format!(
            "PS C:\\> klist get HTTP/web\n\nCurrent LogonId is 0:0x4f1a2\n{}",
            pair(sub, status)
        );
        let Shown::Get(get) = one(&content) else {
            panic!("{content}")
        };
        assert_eq!(
            (get.spn.as_deref(), get.result),
            (Some("HTTP/web"), Err(failure))
        );
        assert_eq!(line_of(&get.from), 6);
        assert_eq!(get.logon_id.as_deref(), Some("0x4f1a2"));
        let Shown::Get(get) = one(&pair(sub, status)) else {
            panic!()
        };
        assert_eq!((get.spn, get.result), (None, Err(failure)));
    }
    let shows = one(&format!("C:\\>klist\n{}", pair("0x51f", "0xc000005e/-1")));
    assert!(matches!(shows, Shown::Failed(_)));
    let Shown::Tgt(tgt) =
        one(&pair("0x520", "0x8009030e/-2146893042: x")
            .replace("GetTicket", "Ticket Granting Ticket"))
    else {
        panic!()
    };
    assert!(tgt.failure.is_some());
    // The sentence is translated, the numbers are not.
    let Shown::Get(get) = one(
        "C:\\>klist get HTTP/web\nError al llamar a LsaCallAuthenticationPackage (GetTicket): 0x6fb\nError de klist: 0xc000018b/-1073741429: texto\n",
    ) else {
        panic!()
    };
    assert_eq!(get.result.unwrap_err().status, Some(0xc000_018b));
}

#[test]
fn sessions() {
    let content = "C:\\>klist sessions\n\nCurrent LogonId is 0:0x24ba75\n[0] Session 2 0:0x24bae6 CORP\\Uma Maier Negotiate:RemoteInteractive\n\
        [1] Session 0 0:0x3e5 NT AUTHORITY\\LOCAL SERVICE Negotiate:Service\n[2] Session 0 0:0xa748 \\ NTLM:(0)\n[3] Sitzung 0 0:0xB1 CORP\\bo Kerberos:Network\n";
    let Shown::Sessions(sessions) = one(content) else {
        panic!()
    };
    let rows: Vec<_> = sessions
        .iter()
        .map(|session| {
            (
                session.logon_id.as_str(),
                session.account.as_deref(),
                session.package.as_str(),
                session.logon_type.as_str(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (
                "0x24bae6",
                Some("CORP\\Uma Maier"),
                "Negotiate",
                "RemoteInteractive"
            ),
            (
                "0x3e5",
                Some("NT AUTHORITY\\LOCAL SERVICE"),
                "Negotiate",
                "Service"
            ),
            ("0xa748", None, "NTLM", "(0)"),
            ("0xb1", Some("CORP\\bo"), "Kerberos", "Network"),
        ]
    );
    assert_eq!(reading(content).count, 4);
}

#[test]
fn tgt_keeps_the_skew_and_no_secret() {
    let body = "Cached TGT:\n\nServiceName        : krbtgt\nTargetName (SPN)   : krbtgt\nClientName         : uma\nDomainName         : CORP.EXAMPLE\n\
        TargetDomainName   : CORP.EXAMPLE\nAltTargetDomainName: CORP.EXAMPLE\nTicket Flags       : 0x40e10000 -> forwardable\n\
        Session Key        : KeyType 0x12 - AES-256-CTS-HMAC-SHA1-96\n                   : KeyLength 32 - c0 ff ee 11 22\n\
        StartTime          : 3/2/2026 8:01:10 (local)\nRenewUntil         : 3/9/2026 8:01:10 (local)\nTimeSkew           :  - 7:05 minute(s)\n\
        EncodedTicket      : (size: 1162)\n0000  61 82 04 86 30 82:04 82  c0:ff:ee/a b 0:0xc0ffee\n";
    for content in [
        format!("C:\\>klist tgt\n\nCurrent LogonId is 0:0x4f1a2\n\n{body}"),
        format!("C:\\>klist tgt\n{}", body.replace("Cached TGT:\n", "")),
        body.to_owned(),
    ] {
        let reading = reading(&content);
        assert!(
            !["c0 ff ee", "ff:ee", "c0ffee"]
                .iter()
                .any(|secret| format!("{reading:?}").contains(secret)),
            "{reading:#?}"
        );
        let tgts: Vec<_> = reading
            .records
            .iter()
            .filter_map(|run| match &run.shown {
                Shown::Tgt(tgt) => Some(tgt),
                _ => None,
            })
            .collect();
        assert_eq!(tgts.len(), 1, "{content}");
        assert_eq!(
            (tgts[0].client.as_deref(), tgts[0].domain.as_deref()),
            (Some("uma"), Some("CORP.EXAMPLE"))
        );
        assert_eq!(
            tgts[0].time_skew_seconds.as_ref().map(|skew| skew.value),
            Some(-425)
        );
    }
}

#[test]
fn bindings_purge_and_the_rest() {
    let content = "C:\\>klist query_bind\n\nCurrent LogonId is 0:0x4f1a2\nThe kerberos KDC binding cache has been queried successfully.\n\n\
        KDC binding cache entries: (2)\n\n#0>\tRealmName: CORP.EXAMPLE\n\tKDC Address: 192.0.2.10\n\tKDC Name: \\\\DC1.corp.example\n\tFlags: 0\n\tDC Flags: 0xe00 -> GC LDAP\n\tCache Flags: 0\n\n\
        #1>\tRealmName: OTHER.EXAMPLE\n\tKDC Address: \\\\192.0.2.11\n\tKDC Name:\n\tFlags: 0\n";
    let Shown::Bindings(bindings) = one(content) else {
        panic!()
    };
    let pairs: Vec<_> = bindings
        .iter()
        .map(|binding| (binding.0.as_str(), binding.1.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("CORP.EXAMPLE", "DC1.corp.example"),
            ("OTHER.EXAMPLE", "192.0.2.11")
        ]
    );

    for content in [
        "C:\\>klist purge\n\nCurrent LogonId is 0:0x4f1a2\n\tDeleting all tickets:\n\tTicket(s) purged!\n",
        "LogonId est 0:0x4f1a2\n        Suppression de tous les tickets :\n        ticket(s) supprimé(s) !\n",
        "C:\\>klist purge -li 0x3e7\nXyzzy 0:0x4f1a2\nPlugh\n",
    ] {
        let runs: Vec<_> = reading(content)
            .records
            .into_iter()
            .map(|run| run.shown)
            .collect();
        assert_eq!(runs, [Shown::Changed], "{content}");
    }
    assert_eq!(
        shown(
            "C:\\>klist cloud_debug\n\nCloud Kerberos Debug info:\n\nCloud Kerberos enabled by policy: 0\n"
        ),
        []
    );
    let unread = reading("C:\\>klist kcd_cache\n\nCurrent LogonId is 0:0x1\nfoo\n");
    assert_eq!((unread.records.len(), unread.problems.len()), (0, 1));
}

#[test]
fn commands_of_one_line_take_their_outputs_in_turn() {
    let runs = shown(
        "C:\\>klist purge & klist get HTTP/web\n\nCurrent LogonId is 0:0x1\n\tDeleting all tickets:\n\tTicket(s) purged!\n\n\
         Current LogonId is 0:0x1\nError calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x6fb\n\nklist failed with 0xc000018b/-1073741429: x\n",
    );
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[0], Shown::Changed);
    assert!(
        matches!(&runs[1], Shown::Get(get) if get.spn.as_deref() == Some("HTTP/web") && get.result.is_err())
    );
}

#[test]
fn nothing_after_the_echo_is_not_an_empty_cache() {
    for content in [
        "C:\\>klist\n\nC:\\>",
        "C:\\>klist get HTTP/web",
        "C:\\>klist > k.txt\n",
        "C:\\>klist tgt\n\nCurrent LogonId is 0:0x1\n",
    ] {
        assert_eq!(one(content), Shown::NotCaptured, "{content}");
    }
    let only_logon = cache("C:\\>klist\n\nCurrent LogonId is 0:0x1\n");
    assert!(!only_logon.complete);
    let unknown = reading(
        "C:\\>klist\n'klist' is not recognized as an internal or external command,\noperable program or batch file.\n",
    );
    assert_eq!(unknown.records[0].shown, Shown::NotCaptured);
    assert_eq!(unknown.problems.len(), 1);
}
