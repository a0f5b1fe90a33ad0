//! klist's output (`formats.md` 2). Times are the machine's local time, month first in every language.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};

use super::Language;
use crate::support::directory::{Account, Domain, Host};

/// AES256, as klist spells it.
pub const AES256: &str = "AES-256-CTS-HMAC-SHA1-96";
/// RC4, as klist spells it.
pub const RC4: &str = "RSADSI RC4-HMAC(NT)";

/// A cached ticket.
#[derive(Clone, Debug)]
pub struct Ticket {
    /// Client name.
    pub client: String,
    /// Client realm.
    pub realm: String,
    /// Server principal, `HTTP/web.corp.example` or `krbtgt/CORP.EXAMPLE`.
    pub server: String,
    /// Server realm.
    pub server_realm: String,
    /// Encryption type, [`AES256`] or [`RC4`].
    pub etype: &'static str,
    /// Ticket flags.
    pub flags: u32,
    /// When it was issued, in the machine's local time taken for UTC.
    pub start: Timestamp,
    /// `Cache Flags`.
    pub cache_flags: &'static str,
    /// The KDC that issued it.
    pub kdc: String,
}

impl Ticket {
    /// A service ticket for `spn`.
    pub fn service(user: &Account, spn: &str, dc: &Host, start: Timestamp) -> Self {
        Self {
            client: user.name.clone(),
            realm: user.domain.realm(),
            server: spn.to_owned(),
            server_realm: user.domain.realm(),
            etype: AES256,
            flags: 0x40a1_0000,
            start,
            cache_flags: "0",
            kdc: dc.fqdn(),
        }
    }

    /// The user's own ticket-granting ticket.
    pub fn tgt(user: &Account, dc: &Host, start: Timestamp) -> Self {
        let server = format!("krbtgt/{}", user.domain.realm());
        Self {
            flags: 0x40e1_0000,
            cache_flags: "0x1 -> PRIMARY",
            ..Self::service(user, &server, dc, start)
        }
    }

    /// A referral: a ticket-granting ticket for another domain.
    pub fn referral(user: &Account, to: &Domain, dc: &Host, start: Timestamp) -> Self {
        let server = format!("krbtgt/{}", to.realm());
        Self {
            flags: 0x40a5_0000,
            ..Self::service(user, &server, dc, start)
        }
    }

    /// Encryption type.
    pub fn etype(mut self, etype: &'static str) -> Self {
        self.etype = etype;
        self
    }
}

struct Labels {
    logon: &'static str,
    cached: &'static str,
    lines: [&'static str; 9],
    flags: &'static str,
    local: &'static str,
}

/// The ten labels of each language; the fourth line (the flags) has no colon in any of them.
fn labels(language: Language) -> Labels {
    match language {
        Language::English => Labels {
            logon: "Current LogonId is",
            cached: "Cached Tickets:",
            lines: [
                "Client:",
                "Server:",
                "KerbTicket Encryption Type:",
                "Start Time:",
                "End Time:  ",
                "Renew Time:",
                "Session Key Type:",
                "Cache Flags:",
                "Kdc Called:",
            ],
            flags: "Ticket Flags",
            local: "(local)",
        },
        Language::French => Labels {
            logon: "LogonId est",
            cached: "Tickets mis en cache :",
            lines: [
                "Client :",
                "Serveur :",
                "Type de chiffrement KerbTicket :",
                "Heure de démarrage :",
                "Heure de fin :   ",
                "Heure de renouvellement :",
                "Type de clé de session :",
                "Indicateurs de cache :",
                "KDC appelé :",
            ],
            flags: "Indicateurs de tickets",
            local: "(Local)",
        },
        Language::Spanish => Labels {
            logon: "El id. de inicio de sesión actual es",
            cached: "Vales almacenados en caché:",
            lines: [
                "Cliente:",
                "Servidor:",
                "Tipo de cifrado de vale Kerberos:",
                "Hora de inicio:",
                "Hora de finalización:",
                "Hora de renovación:",
                "Tipo de clave de sesión:",
                "Marcas de caché:",
                "KDC llamado:",
            ],
            flags: "Marcas de vale",
            local: "(local)",
        },
        Language::Chinese => Labels {
            logon: "当前登录 ID 是",
            cached: "缓存的票证:",
            lines: [
                "客户端:",
                "服务器:",
                "Kerberos 票证加密类型:",
                "开始时间:",
                "结束时间:",
                "续订时间:",
                "会话密钥类型:",
                "缓存标志:",
                "调用的 KDC:",
            ],
            flags: "票证标志",
            local: "(本地)",
        },
        // Hand-made reproductions only, which differ in the last two labels: for tests of tolerance.
        Language::German => Labels {
            logon: "Aktuelle Anmelde-ID ist",
            cached: "Zwischengespeicherte Tickets:",
            lines: [
                "Client:",
                "Server:",
                "KerbTicket (Verschlüsselungstyp):",
                "Startzeit:",
                "Endzeit:",
                "Erneuerungszeit:",
                "Sitzungsschlüsseltyp:",
                "Cacheflags:",
                "Aufgerufenes KDC:",
            ],
            flags: "Ticketkennzeichen",
            local: "(lokal)",
        },
        other => {
            panic!("the {other:?} wording of klist was never seen in full: use another language")
        }
    }
}

fn clock(time: Timestamp) -> String {
    time.strftime("%-m/%-d/%Y %-H:%M:%S").to_string()
}

const FLAGS: [(u32, &str); 12] = [
    (0x4000_0000, "forwardable"),
    (0x2000_0000, "forwarded"),
    (0x1000_0000, "proxiable"),
    (0x0800_0000, "proxy"),
    (0x0400_0000, "may_postdate"),
    (0x0200_0000, "postdated"),
    (0x0100_0000, "invalid"),
    (0x0080_0000, "renewable"),
    (0x0040_0000, "initial"),
    (0x0020_0000, "pre_authent"),
    (0x0004_0000, "ok_as_delegate"),
    (0x0001_0000, "name_canonicalize"),
];

fn heading(language: Language, logon_id: u32) -> String {
    format!("\n{} 0:0x{logon_id:x}\n", labels(language).logon)
}

fn cache(language: Language, tickets: &[Ticket]) -> String {
    let labels = labels(language);
    let mut text = format!("\n{} ({})\n", labels.cached, tickets.len());
    for (index, ticket) in tickets.iter().enumerate() {
        let end = clock(ticket.start + SignedDuration::from_hours(10));
        let renew = clock(ticket.start + SignedDuration::from_hours(7 * 24));
        let names: String = FLAGS
            .iter()
            .filter(|(bit, _)| ticket.flags & bit != 0)
            .map(|(_, name)| format!("{name} "))
            .collect();
        let local = labels.local;
        let [
            client,
            server,
            etype,
            start_label,
            end_label,
            renew_label,
            key,
            cache_flags,
            kdc,
        ] = labels.lines;
        let _ = write!(
            text,
            "\n#{index}>\t{client} {} @ {}\n\t{server} {} @ {}\n\t{etype} {}\n\t{} 0x{:x} -> {names}\n\
             \t{start_label} {} {local}\n\t{end_label} {end} {local}\n\t{renew_label} {renew} {local}\n\
             \t{key} {}\n\t{cache_flags} {}\n\t{kdc} {}\n",
            ticket.client,
            ticket.realm,
            ticket.server,
            ticket.server_realm,
            ticket.etype,
            labels.flags,
            ticket.flags,
            clock(ticket.start),
            ticket.etype,
            ticket.cache_flags,
            ticket.kdc,
        );
    }
    text
}

/// `klist` or `klist tickets`.
pub fn tickets(language: Language, logon_id: u32, tickets: &[Ticket]) -> String {
    heading(language, logon_id) + &cache(language, tickets)
}

/// `klist get spn` that succeeded (the new ticket stands among `tickets`).
pub fn get(logon_id: u32, spn: &str, tickets: &[Ticket]) -> String {
    let head = heading(Language::English, logon_id);
    format!(
        "{head}A ticket to {spn} has been retrieved successfully.\n{}",
        cache(Language::English, tickets)
    )
}

/// `klist get spn` that failed, by its first code: `0xc000018b` unknown SPN, `0xc000005e` no KDC, `0x8009030e` no
/// credentials, `0xc00002fd` encryption type.
pub fn get_failed(logon_id: u32, status: u32) -> String {
    let (sub, message) = match status {
        0xc000_018b => (
            "0x6fb",
            ": The SAM database on the Windows Server does not have a computer account for this workstation trust relationship.",
        ),
        0xc000_005e => ("0x51f", ""),
        0xc000_005f => (
            "1312",
            ": A specified logon session does not exist. It may already have been terminated.",
        ),
        0x8009_030e => (
            "0x520",
            ": No credentials are available in the security package",
        ),
        0xc000_02fd => (
            "0x80090342",
            ": The encryption type requested is not supported by the KDC.",
        ),
        other => panic!("klist was never seen to fail with {other:#x}"),
    };
    let head = heading(Language::English, logon_id);
    format!(
        "{head}Error calling API LsaCallAuthenticationPackage (GetTicket substatus): {sub}\n\n\
         klist failed with 0x{status:x}/{}{message}\n",
        status.cast_signed()
    )
}

/// `klist sessions`: (session, logon id, account, `Package:Type`).
pub fn sessions(logon_id: u32, sessions: &[(u32, u32, String, &str)]) -> String {
    let mut text = heading(Language::English, logon_id);
    for (index, (session, logon_id, account, package)) in sessions.iter().enumerate() {
        let _ = writeln!(
            text,
            "[{index}] Session {session} 0:0x{logon_id:x} {account} {package}"
        );
    }
    text
}

/// The sessions that every server has: SYSTEM, NETWORK SERVICE, LOCAL SERVICE, an administrator.
pub fn usual_sessions(
    server: &Host,
    admin: &Account,
    logon_id: u32,
) -> Vec<(u32, u32, String, &'static str)> {
    let machine = server.machine().down_level();
    vec![
        (
            2,
            logon_id,
            admin.down_level(),
            "Kerberos:RemoteInteractive",
        ),
        (
            2,
            0x1_2a3b,
            "Window Manager\\DWM-2".to_owned(),
            "Negotiate:Interactive",
        ),
        (
            0,
            0x3e5,
            "NT AUTHORITY\\LOCAL SERVICE".to_owned(),
            "Negotiate:Service",
        ),
        (0, 0x3e4, machine.clone(), "Negotiate:Service"),
        (0, 0xa748, "\\".to_owned(), "NTLM:(0)"),
        (0, 0x3e7, machine, "Negotiate:(0)"),
    ]
}

/// `klist tgt`, without the ticket itself. `skew_seconds` is what `TimeSkew` says, client against KDC.
pub fn tgt(logon_id: u32, user: &Account, start: Timestamp, skew_seconds: i64) -> String {
    let realm = user.domain.realm();
    let sign = if skew_seconds < 0 { "- " } else { "+ " };
    let skew = skew_seconds.abs();
    let end = clock(start + SignedDuration::from_hours(10));
    let renew = clock(start + SignedDuration::from_hours(7 * 24));
    let head = heading(Language::English, logon_id);
    format!(
        "{head}\nCached TGT:\n\nServiceName        : krbtgt\nTargetName (SPN)   : krbtgt\nClientName         : {}\n\
         DomainName         : {realm}\nTargetDomainName   : {realm}\nAltTargetDomainName: {realm}\n\
         Ticket Flags       : 0x40e10000 -> forwardable renewable initial pre_authent name_canonicalize\n\
         Session Key        : KeyType 0x12 - {AES256}\n                   : KeyLength 32 - {}\n\
         StartTime          : {} (local)\nEndTime            : {end} (local)\n\
         RenewUntil         : {renew} (local)\nTimeSkew           :  {sign}{}:{:02} minute(s)\n\
         EncodedTicket      : (size: 0)\n",
        user.name,
        ["00"; 32].join(" "),
        clock(start),
        skew / 60,
        skew % 60,
    )
}

/// `klist purge`.
pub fn purged(language: Language, logon_id: u32) -> String {
    let done = match language {
        Language::English => "\tDeleting all tickets:\n\tTicket(s) purged!",
        Language::French => "\tSuppression de tous les tickets :\n\tticket(s) supprimé(s) !",
        other => panic!("the {other:?} wording of klist purge was never seen"),
    };
    format!("{}{done}\n", heading(language, logon_id))
}
