//! Trusts between domains, as `nltest`, `netdom` and the directory list them.
//!
//! ```text
//!     0: PARTNER partner.example (NT 5) (Direct Outbound) (Direct Inbound) ( Attr: foresttrans )
//!     1: CORP corp.example (NT 5) (Forest Tree Root) (Primary Domain) (Native)
//! ```
//!
//! The bits of `trustAttributes` are those of MS-ADTS 6.1.6.7.9.

use crate::evidence::{Citation, Cited, Known};

/// A trust, as one listing shows it from the side of one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The domain whose trusts are listed, where the listing names it.
    pub of: Option<String>,
    /// The NetBIOS name of the other domain.
    pub netbios: Option<String>,
    /// The DNS name of the other domain, or the name of the realm.
    pub dns: Option<String>,
    /// It is the own domain: `nltest` lists that one too.
    pub own: bool,
    /// The domain trusts the other one: users from there can be let in here.
    pub outbound: Known<bool>,
    /// The other domain trusts this one: users from here can be let in there.
    pub inbound: Known<bool>,
    /// What kind it is.
    pub kind: Option<TrustKind>,
    /// Selective authentication: who comes from there needs the right "allowed to authenticate" on each server.
    pub selective: Known<bool>,
    /// SID filtering lets only SIDs of the other domain itself through (quarantine).
    pub quarantined: Known<bool>,
    /// SID filtering is relaxed as for an external trust, so that SID history passes (`TREAT_AS_EXTERNAL`).
    pub sid_history: Known<bool>,
    /// Delegated ticket-granting tickets pass. Unknown where neither of the two bits is set: the default then depends on
    /// the updates installed (KB4490425).
    pub delegates_tgt: Known<bool>,
    /// The keys of the trust are RC4 alone.
    pub rc4_only: Known<bool>,
    /// Where it stands.
    pub from: Citation,
}

/// What kind of trust it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrustKind {
    /// Between two forests: names are routed, so that Kerberos works across it.
    Forest,
    /// Between two domains of one forest.
    WithinForest,
    /// With a single domain of another forest.
    External,
    /// With a realm of Kerberos that is not Windows.
    Realm,
}

/// Bits of `trustAttributes`.
mod bit {
    pub(super) const QUARANTINED: u32 = 0x4;
    pub(super) const FOREST: u32 = 0x8;
    pub(super) const SELECTIVE: u32 = 0x10;
    pub(super) const WITHIN_FOREST: u32 = 0x20;
    pub(super) const AS_EXTERNAL: u32 = 0x40;
    pub(super) const RC4: u32 = 0x80;
    pub(super) const NO_TGT: u32 = 0x200;
    pub(super) const TGT: u32 = 0x800;
}

/// Words of `nltest` for bits; of others it prints the bits.
const WORDS: [(&str, u32); 7] = [
    ("nontrans", 0x1),
    ("uplevelonly", 0x2),
    ("quarantined", bit::QUARANTINED),
    ("foresttrans", bit::FOREST),
    ("crossorg", bit::SELECTIVE),
    ("withinforest", bit::WITHIN_FOREST),
    ("external", bit::AS_EXTERNAL),
];

impl Trust {
    /// A trust of which only its place is known.
    pub(super) fn at(from: Citation) -> Self {
        Self {
            of: None,
            netbios: None,
            dns: None,
            own: false,
            outbound: Known::Unknown,
            inbound: Known::Unknown,
            kind: None,
            selective: Known::Unknown,
            quarantined: Known::Unknown,
            sid_history: Known::Unknown,
            delegates_tgt: Known::Unknown,
            rc4_only: Known::Unknown,
            from,
        }
    }

    /// The name of the other domain, the full one where it is known.
    pub fn name(&self) -> &str {
        let name = self.dns.as_deref().or(self.netbios.as_deref());
        name.unwrap_or_default()
    }

    /// `CORP corp.example (NT 5) (Direct Outbound) ( Attr: foresttrans )`, what stands after the number in a list of `nltest`.
    pub(super) fn of_nltest(shown: &str, from: Citation) -> Option<Self> {
        let (names, notes) = shown.split_once('(')?;
        let mut names = names.split_whitespace();
        let mut trust = Self::at(from.clone());
        trust.netbios = Some(names.next()?.to_owned());
        trust.dns = names.next().map(str::to_owned);
        let notes: Vec<&str> = notes
            .split('(')
            .map(|note| note.trim().trim_end_matches(')').trim())
            .collect();
        let says = |note: &str| notes.contains(&note);
        trust.own = says("Primary Domain");
        let direct = says("Direct Outbound") || says("Direct Inbound");
        if direct {
            trust.outbound = known(says("Direct Outbound"), &from);
            trust.inbound = known(says("Direct Inbound"), &from);
        }
        let words = notes.iter().find_map(|note| note.strip_prefix("Attr:"));
        let bits = words.map_or(0, bits);
        // A word that is not known leaves what is not shown open.
        if bits != 0 {
            trust.take_set(bits, &from);
        }
        let in_forest = says("Forest Tree Root") || notes.iter().any(|n| n.starts_with("Forest: "));
        trust.kind = match () {
            () if says("MIT") => Some(TrustKind::Realm),
            () if bits & bit::FOREST != 0 => Some(TrustKind::Forest),
            () if in_forest || bits & bit::WITHIN_FOREST != 0 => Some(TrustKind::WithinForest),
            () if direct => Some(TrustKind::External),
            () => None,
        };
        Some(trust)
    }

    /// What the bits that are set say; of the others nothing.
    fn take_set(&mut self, bits: u32, from: &Citation) {
        let set = |bit: u32| match bits & bit {
            0 => Known::Unknown,
            _ => known(true, from),
        };
        self.selective = set(bit::SELECTIVE);
        self.quarantined = set(bit::QUARANTINED);
        self.sid_history = set(bit::AS_EXTERNAL);
        self.rc4_only = set(bit::RC4);
        self.delegates_tgt = tgt(bits, from);
    }

    /// What `trustAttributes` says, all of it.
    pub(super) fn take_attributes(&mut self, bits: u32, from: &Citation) {
        let is = |bit: u32| known(bits & bit != 0, from);
        self.selective = is(bit::SELECTIVE);
        self.quarantined = is(bit::QUARANTINED);
        self.sid_history = is(bit::AS_EXTERNAL);
        self.rc4_only = is(bit::RC4);
        self.delegates_tgt = tgt(bits, from);
        self.kind = Some(match bits {
            _ if bits & bit::FOREST != 0 => TrustKind::Forest,
            _ if bits & bit::WITHIN_FOREST != 0 => TrustKind::WithinForest,
            _ => TrustKind::External,
        });
    }
}

fn tgt(bits: u32, from: &Citation) -> Known<bool> {
    match (bits & bit::TGT != 0, bits & bit::NO_TGT != 0) {
        (true, false) => known(true, from),
        (false, true) => known(false, from),
        _ => Known::Unknown,
    }
}

fn bits(words: &str) -> u32 {
    let bit = |word: &str| match word.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => WORDS.iter().find(|(name, _)| *name == word).map(|w| w.1),
    };
    words
        .split_whitespace()
        .filter_map(bit)
        .fold(0, |a, b| a | b)
}

pub(super) fn known(value: bool, from: &Citation) -> Known<bool> {
    Known::Present(Cited::new(value, from.clone()))
}
