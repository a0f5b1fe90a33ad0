//! Trusts, and the services that `HOST/…` stands for, among the objects of the directory.
//!
//! ```text
//! Direction               : BiDirectional             Get-ADTrust
//! DistinguishedName       : CN=partner.example,CN=System,DC=corp,DC=example
//! ForestTransitive        : True
//! SelectiveAuthentication : False
//!
//! trustPartner: partner.example                       ldifde
//! trustDirection: 3
//! trustAttributes: 8
//!
//! sPNMappings: host=alerter,http,…,www                ldifde, the object `CN=Directory Service,…`
//! ```

use super::listing::Listing;
use crate::evidence::{Citation, Cited, Known};
use crate::readers::trust::{Trust, TrustKind, known};

/// Services that one service class stands for (`sPNMappings`): `host` for `http` and many more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpnMapping {
    /// The class that is registered, in lower case: `host`.
    pub class: String,
    /// The classes it stands for, in lower case.
    pub services: Vec<String>,
    /// False where the output was cut: there are more.
    pub complete: bool,
    /// The root domain of the forest, as the name of the object ends; `None` where the listing names no object.
    pub forest: Option<String>,
    /// Where it stands.
    pub from: Citation,
}

/// The trust that a listing shows; `None` for other objects.
pub(super) fn trust(listing: &Listing) -> Option<Trust> {
    let one = |name: &str| listing.one(name);
    let classes = listing.get("objectclass");
    let is_trust = classes.is_some_and(|class| {
        let mut values = class.values.iter();
        values.any(|value| value.eq_ignore_ascii_case("trustedDomain"))
    });
    let signs = [
        "trustpartner",
        "selectiveauthentication",
        "foresttransitive",
    ];
    if !is_trust && signs.iter().all(|sign| listing.get(sign).is_none()) {
        return None;
    }
    let name = one("trustpartner")
        .or_else(|| one("target"))
        .or_else(|| one("name"));
    let dn = one("distinguishedname").or_else(|| one("dn"));
    let from = name.or(dn)?.from.first()?;
    let mut trust = Trust::at(from.clone());
    trust.dns = name
        .map(|name| name.value.clone())
        .or_else(|| first_name(&dn?.value));
    trust.netbios = one("flatname").map(|name| name.value.clone());
    trust.of = one("source").or(dn).and_then(|dn| domain(&dn.value));
    if let Some(bits) = one("trustattributes").and_then(parsed) {
        trust.take_attributes(bits.value, bits.from.first().unwrap_or(from));
    }
    take_direction(&mut trust, listing);
    let flag = |name: &str| match one(name).map(|value| (value.to_ascii_lowercase(), value)) {
        Some((word, value)) if word == "true" => shown(true, value),
        Some((word, value)) if word == "false" => shown(false, value),
        _ => Known::Unknown,
    };
    let instead = |known: &mut Known<bool>, name: &str| {
        if known.is_unknown() {
            *known = flag(name);
        }
    };
    instead(&mut trust.selective, "selectiveauthentication");
    instead(&mut trust.quarantined, "sidfilteringquarantined");
    instead(&mut trust.sid_history, "sidfilteringforestaware");
    instead(&mut trust.delegates_tgt, "tgtdelegation");
    let is = |name: &str| flag(name).present().map(|flag| flag.value);
    let kind = match (is("foresttransitive"), is("intraforest")) {
        (Some(true), _) => Some(TrustKind::Forest),
        (_, Some(true)) => Some(TrustKind::WithinForest),
        (Some(false), Some(false)) => Some(TrustKind::External),
        _ => None,
    };
    trust.kind = trust.kind.or(kind);
    // MS-ADTS 6.1.6.7.15: 3 is a realm.
    if one("trusttype").is_some_and(|kind| kind.value == "3" || kind.eq_ignore_ascii_case("mit")) {
        trust.kind = Some(TrustKind::Realm);
    }
    Some(trust)
}

/// `Inbound`, `Outbound`, `BiDirectional`, or the number of `trustDirection` (MS-ADTS 6.1.6.7.12).
fn take_direction(trust: &mut Trust, listing: &Listing) {
    let shown = listing
        .one("direction")
        .or_else(|| listing.one("trustdirection"));
    let Some((value, from)) = shown.and_then(|s| Some((s, s.from.first()?))) else {
        return;
    };
    let (inbound, outbound) = match value.to_ascii_lowercase().as_str() {
        "0" | "disabled" => (false, false),
        "1" | "inbound" => (true, false),
        "2" | "outbound" => (false, true),
        "3" | "bidirectional" => (true, true),
        _ => return,
    };
    trust.inbound = known(inbound, from);
    trust.outbound = known(outbound, from);
}

fn shown(value: bool, at: &Cited<String>) -> Known<bool> {
    at.from
        .first()
        .map_or(Known::Unknown, |from| known(value, from))
}

fn parsed(value: &Cited<String>) -> Option<Cited<u32>> {
    let word = value.split_ascii_whitespace().next()?;
    let bits = match word.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => word.parse().ok()?,
    };
    Some(Cited {
        value: bits,
        from: value.from.clone(),
    })
}

/// `partner.example` of `CN=partner.example,CN=System,DC=corp,DC=example`.
fn first_name(dn: &str) -> Option<String> {
    let (first, _) = dn.split_once(',')?;
    let (_, name) = first.split_once('=')?;
    Some(name.trim().to_owned())
}

/// `corp.example` of `CN=partner.example,CN=System,DC=corp,DC=example`.
fn domain(dn: &str) -> Option<String> {
    let parts: Vec<&str> = dn
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
        .filter(|(kind, _)| kind.eq_ignore_ascii_case("DC"))
        .map(|(_, name)| name)
        .collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// The values of `sPNMappings`: `host=alerter,appmgmt,…`.
pub(super) fn mappings(listing: &Listing) -> Vec<SpnMapping> {
    let Some(attribute) = listing.get("spnmappings") else {
        return Vec::new();
    };
    let names = ["dn", "distinguishedname"].into_iter();
    let forest = names.filter_map(|name| domain(listing.one(name)?)).next();
    let read = |value: &Cited<String>| {
        let (class, services) = value.split_once('=')?;
        let names = services.split(',').map(|name| name.trim().to_lowercase());
        Some(SpnMapping {
            class: class.trim().to_lowercase(),
            services: names.filter(|name| !name.is_empty()).collect(),
            complete: !attribute.cut,
            forest: forest.as_deref().map(str::to_lowercase),
            from: value.from.first()?.clone(),
        })
    };
    attribute.values.iter().filter_map(read).collect()
}
