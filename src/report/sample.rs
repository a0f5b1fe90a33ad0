//! A made-up report with something in every field, for the tests of the renderings. One user account holds the SPN of
//! the intranet while kernel mode opens the tickets with the server's own key; one stranger logged on with an odd name.

use jiff::Timestamp;

use super::model::*;

/// The report.
pub(crate) fn report() -> Report {
    Report {
        tool: Tool { name: "why401".into(), version: "0.0.0".into() },
        bundle: bundle(),
        verdict: Verdict {
            status: VerdictStatus::RootCauseFound,
            headline: "Clients get tickets for HTTP/intranet.contoso.com sealed with the key of CONTOSO\\svc-web, but IIS on WEB01 \
                       opens them with the key of CONTOSO\\WEB01$: every Kerberos logon ends in 401.1."
                .into(),
            causes: vec!["SPN-05".into()],
            unexplained_symptoms: 1,
        },
        findings: vec![spn_on_pool_account(), new_name_without_spn()],
        ruled_out: vec![RuledOut {
            cause: "SPN-02".into(),
            name: "duplicate-spn".into(),
            because: "setspn -F -Q searched the whole forest and found one holder.".into(),
            evidence: ids(&["E2"]),
        }],
        not_assessed: vec![
            not_assessed("EPA-01", "channel-binding-required", &[("the registry of LSA", "reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /s")]),
            not_assessed("LOOP-01", "loopback-check", &[("the registry of LSA", "reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /s")]),
            not_assessed("SPN-17", "replication-latency", &[("the replication state", "repadmin /showrepl * /csv")]),
        ],
        contradictions: vec![Contradiction {
            says: "The configuration history says kernel mode was switched off at 02:10Z, the configuration file says it is on.".into(),
            evidence: ids(&["E1", "E4"]),
        }],
        symptoms: symptoms(),
        endpoints: endpoints(),
        coverage: coverage(),
        timeline: vec![
            entry("2026-11-20T02:10:00Z", TimeCertainty::Exact, TimelineKind::Change, "The pool identity of intranet changed from ApplicationPoolIdentity to CONTOSO\\svc-web.", &["E4"]),
            entry("2026-11-20T02:14:07.5Z", TimeCertainty::ZoneAssumed, TimelineKind::Failure, "The first Kerberos event 4 for HTTP/intranet.contoso.com.", &["E3"]),
        ],
        evidence: evidence(),
        ..Report::default()
    }
}

fn bundle() -> BundleSummary {
    BundleSummary {
        inputs: vec![InputSummary {
            path: "case-4711.zip".into(),
            sha256: "0f".repeat(32),
        }],
        artifacts: vec![
            ArtifactSummary {
                path: "case-4711.zip/web01/applicationHost.config".into(),
                kind: "application-host-config".into(),
                host: Some("WEB01".into()),
                encoding: Some("UTF-8".into()),
                bytes: 61_212,
                same_as: None,
                records: 1_204,
                skipped: 0,
                problems: vec![],
                remarks: vec![],
            },
            ArtifactSummary {
                path: "case-4711.zip/client7/System.evtx".into(),
                kind: "evtx".into(),
                host: Some("CLIENT7".into()),
                encoding: None,
                bytes: 20_975_616,
                same_as: None,
                records: 31_007,
                skipped: 2,
                problems: vec!["Chunk 17 has a wrong checksum: 2 records were skipped.".into()],
                remarks: vec![],
            },
        ],
        hosts: vec![
            HostSummary {
                name: "CLIENT7".into(),
                roles: ids(&["client"]),
                os: None,
                time_zone: None,
            },
            HostSummary {
                name: "WEB01".into(),
                roles: ids(&["iis-server"]),
                os: Some("Windows Server 2022".into()),
                time_zone: Some("UTC+01:00".into()),
            },
        ],
        clocks: vec![ClockDifference {
            host: "WEB01".into(),
            against: "DC1".into(),
            at_least_ms: Some(-400),
            at_most_ms: 100,
            says: "the clock of WEB01 is no more than 0.4 s behind and 0.1 s ahead of that of DC1 (12 sign-ins that both wrote of)".into(),
            evidence: vec![],
        }],
        first_time: Some(at("2026-11-18T00:00:04Z")),
        last_time: Some(at("2026-11-20T09:30:00Z")),
    }
}

fn spn_on_pool_account() -> Finding {
    Finding {
        cause: "SPN-05".into(),
        name: "spn-on-pool-account-but-kernel-mode".into(),
        title: "HTTP/intranet.contoso.com is held by the pool account, but kernel mode opens tickets with the key of WEB01$".into(),
        stage: "acceptor".into(),
        status: Status::Confirmed,
        reckoning: vec!["both agree".into(), "together: confirmed".into()],
        current: Current::True,
        subject: Subject {
            site: Some("Intranet".into()),
            application: Some("/".into()),
            host_name: Some("intranet.contoso.com".into()),
            spn: Some("HTTP/intranet.contoso.com".into()),
            account: Some("CONTOSO\\svc-web".into()),
            host: Some("WEB01".into()),
        },
        explanation: "The domain controller seals the service ticket with the key of the account that holds the SPN, CONTOSO\\svc-web. \
                      Kernel-mode authentication is on and useAppPoolCredentials is off, so that http.sys opens it with the key of the \
                      machine account. The keys differ, the ticket cannot be opened, and the client is told that it was modified."
            .into(),
        evidence: vec![
            cites("E1", Weight::Decisive, "useAppPoolCredentials is false while useKernelMode is true at this site."),
            cites("E2", Weight::Decisive, "The only holder of the SPN is CONTOSO\\svc-web."),
            cites("E3", Weight::Supporting, "A client was told KRB_AP_ERR_MODIFIED for this very name."),
            cites("E4", Weight::Contradicting, "The configuration history says that kernel mode was switched off."),
        ],
        symptoms: ids(&["S1"]),
        onset: Some(Onset {
            time: Some(at("2026-11-20T02:10:00Z")),
            change: Some("the pool identity changed to CONTOSO\\svc-web".into()),
            evidence: ids(&["E4"]),
        }),
        look_alikes: vec![
            LookAlike { cause: "SPN-02".into(), told_apart_by: "A duplicate SPN makes the domain controller write KDC event 11, and setspn -Q lists two accounts.".into() },
            LookAlike { cause: "ET-03".into(), told_apart_by: "With an encryption type that the acceptor lacks, klist shows a ticket of that type.".into() },
        ],
        remedy: Remedy {
            fix: vec![
                Step {
                    command: Some("%windir%\\system32\\inetsrv\\appcmd.exe add backup before-why401".into()),
                    shell: Shell::Cmd,
                    says: "Keep a copy of the configuration.".into(),
                    ..Step::default()
                },
                Step {
                    command: Some(
                        "%windir%\\system32\\inetsrv\\appcmd.exe set config \"Intranet\" -section:system.webServer/security/authentication/windowsAuthentication /useAppPoolCredentials:true /commit:apphost"
                            .into(),
                    ),
                    shell: Shell::Cmd,
                    says: "Let IIS open tickets with the key of the pool identity.".into(),
                    risk: Some("Clients that reach this site by a name that WEB01$ holds stop working with Kerberos.".into()),
                    stop_if: Some("another site of the same pool is reached by the name of the server.".into()),
                },
            ],
            alternatives: vec![Step { says: "Run the pool as ApplicationPoolIdentity again and move the SPN to WEB01$.".into(), ..Step::default() }],
            verify: vec![Step {
                command: Some("klist purge\nklist get HTTP/intranet.contoso.com".into()),
                shell: Shell::Cmd,
                says: "Get a new ticket on a client, then open the page: no prompt, and no new Kerberos event 4.".into(),
                ..Step::default()
            }],
            rollback: vec![Step {
                command: Some("& \"$env:windir\\system32\\inetsrv\\appcmd.exe\" restore backup before-why401".into()),
                shell: Shell::PowerShell,
                says: "Put the configuration back.".into(),
                ..Step::default()
            }],
            prevent: vec![Step { says: "Decide the acceptor and the holder of the SPN in the same change.".into(), ..Step::default() }],
        },
        after_fix: vec![EndpointChange {
            endpoint: "https://intranet.contoso.com/".into(),
            before: Outcome::Denied,
            after: Outcome::Kerberos,
        }],
        blind_spots: vec!["The web.config files of the applications are not in the bundle: one of them may set windowsAuthentication again.".into()],
        missing: Vec::new(),
    }
}

fn new_name_without_spn() -> Finding {
    Finding {
        cause: "NAME-06".into(),
        name: "binding-without-spn".into(),
        title: "wiki.contoso.com is bound, but nobody is seen to hold HTTP/wiki.contoso.com".into(),
        stage: "spn-holder".into(),
        status: Status::Possible,
        current: Current::Unknown,
        subject: Subject {
            spn: Some("HTTP/wiki.contoso.com".into()),
            ..Subject::default()
        },
        explanation:
            "The binding is there; the bundle holds no setspn output that searched for the name."
                .into(),
        evidence: vec![cites(
            "E5",
            Weight::Supporting,
            "The binding names wiki.contoso.com.",
        )],
        ..Finding::default()
    }
}

fn symptoms() -> Vec<Symptom> {
    vec![
        Symptom {
            id: "S1".into(),
            what: "KRB_AP_ERR_MODIFIED on a client".into(),
            count: 212,
            first_time: Some(at("2026-11-20T02:14:07.5Z")),
            last_time: Some(at("2026-11-20T09:29:58Z")),
            time_certainty: None,
            endpoint: Some("https://intranet.contoso.com/".into()),
            principals: ids(&[
                "CONTOSO\\alice",
                "CONTOSO\\bob",
                "CONTOSO\\carol",
                "CONTOSO\\dave",
            ]),
            rate: None,
            details: vec!["Clients: 10.0.0.7 (200), 10.0.0.8 (12)".into()],
            attempt: Vec::new(),
            missing: Vec::new(),
            evidence: ids(&["E3"]),
        },
        Symptom {
            id: "S2".into(),
            what: "failed logon with a bad user name".into(),
            count: 1,
            first_time: Some(at("2026-11-20T04:00:00Z")),
            last_time: Some(at("2026-11-20T04:00:00Z")),
            time_certainty: None,
            endpoint: None,
            principals: ids(&["x\u{1b}[2J\u{202e}<b>|`*"]),
            rate: None,
            details: Vec::new(),
            attempt: Vec::new(),
            missing: vec![MissingInput {
                what: "the Security log of every domain controller".into(),
                collect_with: "wevtutil epl Security %COMPUTERNAME%_Security.evtx".into(),
            }],
            evidence: ids(&["E6"]),
        },
    ]
}

fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint {
            url: "https://intranet.contoso.com/".into(),
            host: "WEB01".into(),
            site: "Intranet".into(),
            application: "/".into(),
            pool: Some("intranet".into()),
            identity: Some("CONTOSO\\svc-web".into()),
            acceptor: Some("CONTOSO\\WEB01$".into()),
            spn: Some("HTTP/intranet.contoso.com".into()),
            holders: ids(&["CONTOSO\\svc-web"]),
            outcome: Outcome::Denied,
            observed: Outcome::Denied,
            observed_by: None,
            trace: vec![
                TraceStep {
                    step: "client-name".into(),
                    says: "The client asks for HTTP/intranet.contoso.com.".into(),
                    evidence: vec![],
                },
                TraceStep {
                    step: "spn-holder".into(),
                    says: "CONTOSO\\svc-web holds it.".into(),
                    evidence: ids(&["E2"]),
                },
                TraceStep {
                    step: "acceptor".into(),
                    says: "http.sys opens the ticket with the key of CONTOSO\\WEB01$.".into(),
                    evidence: ids(&["E1"]),
                },
            ],
        },
        Endpoint {
            url: "https://wiki.contoso.com/".into(),
            host: "WEB01".into(),
            site: "Wiki".into(),
            application: "/".into(),
            spn: Some("HTTP/wiki.contoso.com".into()),
            ..Endpoint::default()
        },
    ]
}

fn coverage() -> Vec<Coverage> {
    vec![
        Coverage {
            host: "CLIENT7".into(),
            source: "System".into(),
            first_time: Some(at("2026-11-18T00:00:04Z")),
            last_time: Some(at("2026-11-20T09:30:00Z")),
            time_certainty: None,
            gaps: vec!["From 2026-11-19 01:00Z to 05:00Z no record: the machine was off.".into()],
            auditing: Auditing::On,
            says: "Kerberos event 4 is always written.".into(),
        },
        Coverage {
            host: "DC01".into(),
            source: "Security".into(),
            auditing: Auditing::Unknown,
            says: "Not collected: that no 4769 is seen proves nothing.".into(),
            ..Coverage::default()
        },
    ]
}

fn evidence() -> Vec<Evidence> {
    let config = "case-4711.zip/web01/applicationHost.config";
    vec![
        Evidence {
            id: "E1".into(),
            artifact: config.into(),
            line: Some(412),
            xpath: Some("configuration/location[@path='Intranet']/system.webServer/security/authentication/windowsAuthentication".into()),
            text: "<windowsAuthentication enabled=\"true\" useKernelMode=\"true\" useAppPoolCredentials=\"false\" />".into(),
            ..Evidence::default()
        },
        Evidence {
            id: "E2".into(),
            artifact: "case-4711.zip/setspn.txt".into(),
            line: Some(3),
            text: "CN=svc-web,OU=Service Accounts,DC=contoso,DC=com".into(),
            ..Evidence::default()
        },
        record("E3", "case-4711.zip/client7/System.evtx", 88_123, "2026-11-20T02:14:07.5Z", "Kerberos 4: Server svc-web$, Targetname HTTP/intranet.contoso.com, TargetRealm CONTOSO.COM"),
        record("E4", "case-4711.zip/web01/IIS-Configuration.evtx", 77, "2026-11-20T02:10:00Z", "29: /system.applicationHost/applicationPools/add[@name=\"intranet\"]/processModel/@userName"),
        Evidence { id: "E5".into(), artifact: config.into(), line: Some(230), text: "<binding protocol=\"https\" bindingInformation=\"*:443:wiki.contoso.com\" />".into(), ..Evidence::default() },
        record("E6", "case-4711.zip/web01/Security.evtx", 9_001, "2026-11-20T04:00:00Z", "4625: TargetUserName x\u{1b}[2J\u{202e}<b>|`*, Status 0xc000006d, SubStatus 0xc0000064"),
    ]
}

fn at(time: &str) -> Time {
    Time(
        time.parse::<Timestamp>()
            .expect("the sample's times are well formed"),
    )
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

fn cites(id: &str, weight: Weight, says: &str) -> EvidenceRef {
    EvidenceRef {
        id: id.into(),
        says: says.into(),
        weight,
    }
}

fn not_assessed(cause: &str, name: &str, missing: &[(&str, &str)]) -> NotAssessed {
    NotAssessed {
        cause: cause.into(),
        name: name.into(),
        could_explain: Vec::new(),
        missing: missing
            .iter()
            .map(|(what, with)| MissingInput {
                what: (*what).into(),
                collect_with: (*with).into(),
            })
            .collect(),
    }
}

fn entry(
    time: &str,
    time_certainty: TimeCertainty,
    kind: TimelineKind,
    says: &str,
    evidence: &[&str],
) -> TimelineEntry {
    TimelineEntry {
        time: Some(at(time)),
        time_certainty,
        kind,
        says: says.into(),
        evidence: ids(evidence),
    }
}

fn record(id: &str, artifact: &str, record_id: u64, time: &str, text: &str) -> Evidence {
    Evidence {
        id: id.into(),
        artifact: artifact.into(),
        record_id: Some(record_id),
        time: Some(at(time)),
        text: text.into(),
        ..Evidence::default()
    }
}
