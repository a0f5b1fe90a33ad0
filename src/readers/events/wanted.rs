//! The one table of events that the analysis wants: provider and ids (`causes.md` section 7, and the facts about
//! boots, clocks, cleared logs and audit policy that say what the silence of a log is worth, and logins that SQL Server
//! refused, where a web server's second hop ends).
//!
//! One provider has several names: the manifest's, the classic source name that Windows also writes as
//! `EventSourceName`, and the short one of old systems and of text exports.

/// What the events of a provider are about: which module of this room reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// Security log.
    Security,
    /// Kerberos client.
    Kerberos,
    /// Key Distribution Center.
    Kdc,
    /// LSA.
    Lsa,
    /// NETLOGON (classic).
    Netlogon,
    /// `Microsoft-Windows-Security-Netlogon`: secure channel events, and NTLM events of a domain controller.
    SecurityNetlogon,
    /// NTLM/Operational.
    Ntlm,
    /// WAS.
    Pool,
    /// IIS-Configuration/Operational.
    IisConfig,
    /// http.sys.
    Http,
    /// Boots, clocks, cleared logs, crashed workers, refused logins of SQL Server: fields by name only.
    Facts,
}

type Row = (&'static str, Family, &'static [u32]);

const KERBEROS: &[u32] = &[
    3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 100, 101, 102,
    103, 104, 105, 106, 107, 108, 109, 200, 201, 202, 205, 206, 207, 208, 300, 301, 302, 303, 305,
    306, 307, 308, 309, 310, 311, 312,
];
const KDC: &[u32] = &[
    3, 4, 5, 7, 8, 9, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 24, 25, 26, 27, 29, 30, 31, 32,
    33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 48, 100, 104, 105, 106, 201, 202, 203, 204,
    205, 206, 207, 208, 209,
];
const LSA: &[u32] = &[
    100, 303, 6033, 6035, 6036, 6037, 6038, 6039, 6040, 6041, 6167, 40960, 40961, 40962, 40964,
    40965, 40966, 40967, 40968, 40969, 45056, 45057, 45058,
];
const NTLM: &[u32] = &[
    100, 101, 301, 4001, 4002, 4003, 4004, 4005, 4006, 4010, 4011, 4012, 4013, 4014, 4015, 4020,
    4021, 4022, 4023, 4024, 4025, 4030, 4031, 4032, 4033, 8001, 8002, 8003, 8004, 8005, 8006,
];
const SECURITY_NETLOGON: &[u32] = &[
    100, 101, 301, 4004, 4005, 4006, 4030, 4031, 4032, 4033, 8004, 8005, 8006, 9000, 9001, 9002,
    9003, 9004, 9005, 9006, 9007, 9008, 9009, 9010,
];
const POOL: &[u32] = &[
    5002, 5009, 5010, 5011, 5012, 5013, 5015, 5017, 5021, 5022, 5036, 5051, 5057, 5058, 5059, 5074,
    5075, 5076, 5077, 5078, 5079, 5080, 5081, 5117, 5127, 5138, 5139, 5186, 5189, 5191,
];
const HTTP: &[u32] = &[15005, 15007, 15008, 15016, 15021, 15300, 15301, 15302];
const TIME_SERVICE: &[u32] = &[
    12, 24, 29, 34, 35, 36, 37, 46, 47, 50, 52, 129, 131, 134, 139, 142, 143, 144,
];

/// Sorted by provider, without regard to case; ids sorted.
const WANTED: &[Row] = &[
    ("Application Error", Family::Facts, &[1000]),
    ("EventLog", Family::Facts, &[6005, 6006, 6008, 6009, 6013]),
    ("HTTP", Family::Http, HTTP),
    ("KDC", Family::Kdc, KDC),
    ("Kdcsvc", Family::Kdc, KDC),
    ("Kerberos", Family::Kerberos, KERBEROS),
    ("LSA", Family::Lsa, LSA),
    ("LsaSrv", Family::Lsa, LSA),
    ("Microsoft-IIS-Configuration", Family::IisConfig, &[29, 50]),
    (
        "Microsoft-Windows-Eventlog",
        Family::Facts,
        &[104, 1100, 1102],
    ),
    ("Microsoft-Windows-HttpEvent", Family::Http, HTTP),
    (
        "Microsoft-Windows-IIS-Configuration",
        Family::IisConfig,
        &[29, 50],
    ),
    ("Microsoft-Windows-Kerberos", Family::Kerberos, KERBEROS),
    (
        "Microsoft-Windows-Kerberos-Key-Distribution-Center",
        Family::Kdc,
        KDC,
    ),
    (
        "Microsoft-Windows-Kernel-General",
        Family::Facts,
        &[1, 12, 13],
    ),
    ("Microsoft-Windows-LSA", Family::Lsa, LSA),
    ("Microsoft-Windows-NTLM", Family::Ntlm, NTLM),
    (
        "Microsoft-Windows-Security-Auditing",
        Family::Security,
        &[
            1102, 4608, 4616, 4624, 4625, 4648, 4649, 4675, 4706, 4707, 4713, 4716, 4717, 4718,
            4719, 4722, 4723, 4724, 4725, 4726, 4728, 4732, 4738, 4739, 4740, 4741, 4742, 4743,
            4756, 4767, 4768, 4769, 4770, 4771, 4772, 4773, 4776, 4781, 4820, 4821, 4822, 4823,
            4865, 4866, 4867, 5136, 5141,
        ],
    ),
    (
        "Microsoft-Windows-Security-Kerberos",
        Family::Kerberos,
        KERBEROS,
    ),
    (
        "Microsoft-Windows-Security-Netlogon",
        Family::SecurityNetlogon,
        SECURITY_NETLOGON,
    ),
    ("Microsoft-Windows-Servicing", Family::Facts, &[2]),
    (
        "Microsoft-Windows-Time-Service",
        Family::Facts,
        TIME_SERVICE,
    ),
    ("Microsoft-Windows-WAS", Family::Pool, POOL),
    (
        "Microsoft-Windows-WindowsUpdateClient",
        Family::Facts,
        &[19],
    ),
    ("MSSQLSERVER", Family::Facts, &[18456]),
    (
        "NETLOGON",
        Family::Netlogon,
        &[
            3210, 5719, 5722, 5723, 5783, 5788, 5789, 5801, 5805, 5816, 5817, 5818, 5819,
        ],
    ),
    ("USER32", Family::Facts, &[1074]),
    ("W32Time", Family::Facts, TIME_SERVICE),
    ("WAS", Family::Pool, POOL),
];

/// True when an event of this provider and id can matter to the analysis. The provider's case does not matter.
pub fn is_wanted(provider: &str, id: u32) -> bool {
    family(provider, id).is_some()
}

/// The family of a wanted event; `None` when it is not wanted.
pub(crate) fn family(provider: &str, id: u32) -> Option<Family> {
    let (_, family, ids) = row(provider)?;
    ids.binary_search(&id).is_ok().then_some(*family)
}

/// The ids that are wanted of a provider, sorted.
pub(crate) fn ids_of(provider: &str) -> &'static [u32] {
    row(provider).map_or(&[], |(_, _, ids)| ids)
}

/// The ids that are wanted of one provider or another.
pub(crate) fn all_ids() -> Vec<u32> {
    let ids = WANTED.iter().flat_map(|(_, _, ids)| ids.iter());
    ids.copied().collect()
}

fn row(provider: &str) -> Option<&'static Row> {
    // A named instance of SQL Server writes as MSSQL$NAME.
    let instance = provider
        .get(..6)
        .is_some_and(|p| p.eq_ignore_ascii_case("MSSQL$"));
    let provider = if instance { "MSSQLSERVER" } else { provider };
    let mut rows = WANTED.iter();
    rows.find(|(name, ..)| name.eq_ignore_ascii_case(provider))
}

/// The name under which the table has the provider of an event, where a viewer showed a shorter one
/// (`Security-Kerberos`, `Microsoft Windows security auditing.`); else the name as shown.
pub(crate) fn provider_named(shown: &str, id: u32) -> String {
    let full = match shown {
        "Microsoft Windows security auditing." => "Microsoft-Windows-Security-Auditing".to_owned(),
        _ => format!("Microsoft-Windows-{shown}"),
    };
    match family(shown, id).is_none() && family(&full, id).is_some() {
        true => full,
        false => shown.to_owned(),
    }
}

/// The channel that an event is written to, for forms that do not name it; empty where that is not certain.
pub(crate) fn usual_channel(provider: &str, id: u32) -> &'static str {
    if provider.eq_ignore_ascii_case("Microsoft-Windows-Security-Auditing") {
        return "Security";
    }
    match family(provider, id) {
        Some(Family::Kerberos) if id >= 100 => "Microsoft-Windows-Kerberos/Operational",
        Some(Family::Ntlm | Family::SecurityNetlogon) if id < 9000 => {
            "Microsoft-Windows-NTLM/Operational"
        }
        Some(Family::IisConfig) => "Microsoft-IIS-Configuration/Operational",
        Some(
            Family::Kerberos
            | Family::Kdc
            | Family::Lsa
            | Family::Netlogon
            | Family::Pool
            | Family::Http,
        ) => "System",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_and_its_ids_are_sorted_for_the_search() {
        let lower = |row: &Row| row.0.to_ascii_lowercase();
        assert!(WANTED.is_sorted_by(|a, b| lower(a) < lower(b)));
        for (provider, _, ids) in WANTED {
            assert!(ids.is_sorted_by(|a, b| a < b), "{provider}");
            for id in *ids {
                assert!(is_wanted(provider, *id), "{provider} {id}");
            }
        }
    }

    #[test]
    fn case_does_not_matter_but_the_provider_does() {
        assert!(is_wanted("microsoft-windows-security-AUDITING", 4625));
        assert!(is_wanted("Netlogon", 5719));
        assert!(!is_wanted("Microsoft-Windows-Security-Auditing", 4688));
        assert!(!is_wanted("Service Control Manager", 4));
        assert!(!is_wanted("", 4));
    }
}
