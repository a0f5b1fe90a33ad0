//! Group NZ: what looks like trouble and is not. It is counted and shown as ordinary, and never becomes a finding.
//!
//! This table only describes; which events are noise is decided in `case/noise.rs`, once, for the symptoms too.

use crate::case::{Case, Noise};
use crate::evidence::Citation;

/// A pattern that looks like trouble and is not.
pub struct Pattern {
    /// The stable id, `NZ-02`.
    pub id: &'static str,
    /// What is seen, in a few words.
    pub title: &'static str,
    /// Why it is harmless.
    pub why: &'static str,
    /// The events or tickets that show it; `None` where no event does.
    pub noise: Option<Noise>,
}

/// A pattern met in a bundle.
pub struct Met {
    /// The pattern.
    pub pattern: &'static Pattern,
    /// How often.
    pub count: u64,
    /// The first few places.
    pub from: Vec<Citation>,
}

/// Causes of the catalogue that are noise as well: by design, and never in the way of anybody. They are told where somebody
/// would take them for trouble, and leave the verdict as it is.
pub fn is_noise(cause: &str) -> bool {
    matches!(cause, "CFG-21" | "PRX-05")
}

/// The patterns, in the order of their ids.
pub static PATTERNS: &[Pattern] = &[
    Pattern {
        id: "NZ-01",
        title: "a first 401.2 for each new connection",
        why: "it is the challenge: the server names the schemes that it takes, and the client answers",
        noise: Some(Noise::Challenge),
    },
    Pattern {
        id: "NZ-02",
        title: "Kerberos 0x19, 0x20 or 0x34",
        why: "steps of the protocol: the KDC asks for pre-authentication, a ticket ran out and is fetched anew, an answer is fetched again over TCP",
        noise: Some(Noise::ProtocolStep),
    },
    Pattern {
        id: "NZ-03",
        title: "KDC event 7 without an account name",
        why: "Windows Server 2025 writes it for lookups that are not about any account",
        noise: Some(Noise::BlankKdcLookup),
    },
    Pattern {
        id: "NZ-04",
        title: "NTLM event 8001",
        why: "it shows that NTLM was tried or, from Windows 11 24H2 on, merely considered; whether it was used stands in 4020, 4021 or in 4624 on the server",
        noise: Some(Noise::NtlmConsidered),
    },
    Pattern {
        id: "NZ-05",
        title: "401.1 with 2148074254 and no 401.2 before it",
        why: "a client that sends its token unasked on a new connection gets this answer by design",
        noise: Some(Noise::TokenUnasked),
    },
    Pattern {
        id: "NZ-06",
        title: "LsaSrv event 6038",
        why: "a notice that NTLM was used at least once since the boot; it names nobody",
        noise: Some(Noise::NtlmNotice),
    },
    Pattern {
        id: "NZ-07",
        title: "KDC event 11 for a name that no browser asks for",
        why: "the duplicate is real, but neither an HTTP nor a HOST name: it belongs to another service",
        noise: Some(Noise::DuplicateOfAnotherName),
    },
    Pattern {
        id: "NZ-08",
        title: "4771 with 0x18 of users whom no web server refused",
        why: "wrong passwords are typed all day; without a failure on the web server they are another story",
        noise: Some(Noise::PasswordOfAnotherUser),
    },
    Pattern {
        id: "NZ-09",
        title: "\"Test Settings\" of IIS Manager fails for a managed service account",
        why: "the dialog needs a password to test, and a managed account has none that it could use",
        noise: None,
    },
    Pattern {
        id: "NZ-10",
        title: "401.2 for the probes of a load balancer",
        why: "a probe sends no credentials; many devices count any answer as healthy",
        noise: Some(Noise::Probe),
    },
    Pattern {
        id: "NZ-11",
        title: "tickets and logons for HTTP/autologon…",
        why: "single sign-on to the cloud asks for that name, not this web server (unverified)",
        noise: Some(Noise::CloudSignIn),
    },
    Pattern {
        id: "NZ-12",
        title: "a wrong password once or twice, then the right one",
        why: "a typing error: the same user logged on to the same server within ten minutes",
        noise: Some(Noise::TypingError),
    },
    Pattern {
        id: "NZ-13",
        title: "NETLOGON event 5719 within five minutes of a boot",
        why: "the service looked for a domain controller before the network was up; it finds one later",
        noise: Some(Noise::BootWithoutNetwork),
    },
    Pattern {
        id: "NZ-14",
        title: "401.2 for OPTIONS",
        why: "a browser asks so before it calls another site, by design without credentials; where the page then fails, let IIS answer OPTIONS before it authenticates (CORS module)",
        noise: Some(Noise::Preflight),
    },
    Pattern {
        id: "NZ-15",
        title: "a wrong password once or twice, and no more from that user",
        why: "one person mistyped and gave up; others sign in to the same server, so that nothing but that one password was wrong",
        noise: Some(Noise::StrayPassword),
    },
    Pattern {
        id: "NZ-16",
        title: "many account names from one address that never gets in",
        why: "somebody guesses names and passwords, or a scanner does its rounds: a matter for security, and not why users are refused",
        noise: Some(Noise::Guessing),
    },
    Pattern {
        id: "NZ-17",
        title: "a single Kerberos 0x25 for a first ticket, and nobody refused after it",
        why: "the client takes over the domain controller's time and asks again; users come by Kerberos after it",
        noise: Some(Noise::ClockCorrected),
    },
    Pattern {
        id: "NZ-18",
        title: "407 for a recorded request that goes through after it",
        why: "it is the challenge of the forward proxy, which has nothing to do with IIS, and the client answers it",
        noise: Some(Noise::ProxyChallenge),
    },
];

/// The pattern with this id, without regard to case.
pub fn find(id: &str) -> Option<&'static Pattern> {
    PATTERNS.iter().find(|p| p.id.eq_ignore_ascii_case(id))
}

/// The patterns that a case holds, in the order of the table.
pub fn count(case: &Case) -> Vec<Met> {
    let mut counted = case.noise();
    PATTERNS
        .iter()
        .filter_map(|pattern| {
            let at = counted
                .iter()
                .position(|c| Some(c.noise) == pattern.noise)?;
            let met = counted.swap_remove(at);
            Some(Met {
                pattern,
                count: met.count,
                from: met.from,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests;
