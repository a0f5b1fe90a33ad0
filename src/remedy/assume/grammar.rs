//! The grammar of assumptions: words with blanks between them; `"…"` keeps blanks inside a word.

use super::{Assume, Assumption, AssumptionError};
use crate::case::Spn;
use crate::remedy::Switch;

/// What may be assumed, for whoever wrote something else.
const FORMS: &str = "write `spn add HTTP/NAME ACCOUNT`, `spn remove HTTP/NAME ACCOUNT`, `set SITE[/APP] SETTING=true`, `pool NAME identity=ACCOUNT`, `providers SITE[/APP] Negotiate,NTLM` or `etypes ACCOUNT aes256,aes128`";
const SPN: &str = r"write it like `spn add HTTP/shop.corp.example CORP\svc_shop`, or with `remove`";
const SET: &str = "write it like `set Shop useAppPoolCredentials=true`; the settings are useAppPoolCredentials, useKernelMode, windowsAuthentication and anonymousAuthentication, true or false";
const POOL: &str = r"write it like `pool ShopPool identity=CORP\svc_shop`, or with ApplicationPoolIdentity, NetworkService, LocalSystem or LocalService";
const PROVIDERS: &str = "write it like `providers Shop Negotiate,NTLM`; the providers are Negotiate, NTLM, Negotiate:Kerberos and Negotiate:PKU2U, in the order of the offer";
const ETYPES: &str = r"write it like `etypes CORP\svc_shop aes256,aes128`, with rc4 or des where they are allowed, or as the number of msDS-SupportedEncryptionTypes, `0x18`";
const ON: &str = "`on SERVER` stands at the end of `set`, `pool` and `providers`; names with blanks stand in double quotes, as \"Default Web Site\"/shop";

/// The providers that IIS knows.
const KNOWN_PROVIDERS: [&str; 4] = ["Negotiate", "NTLM", "Negotiate:Kerberos", "Negotiate:PKU2U"];

/// Names of encryption types, and their bits in `msDS-SupportedEncryptionTypes` (MS-KILE 2.2.7).
const ENCRYPTION_TYPES: [(&str, u32); 6] = [
    ("aes256", 0x10),
    ("aes128", 0x8),
    ("rc4", 0x4),
    ("des", 0x3),
    ("des-cbc-md5", 0x2),
    ("des-cbc-crc", 0x1),
];

/// Reads one assumption.
pub(super) fn parse(text: &str) -> Result<Assumption, AssumptionError> {
    let words = words(text)?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (words, server) = match words.as_slice() {
        [rest @ .., on, server] if rest.len() > 2 && on.eq_ignore_ascii_case("on") => {
            (rest, Some((*server).to_owned()))
        }
        all => (all, None),
    };
    let Some((verb, rest)) = words.split_first() else {
        return Err(AssumptionError::new("it is empty", FORMS));
    };
    let what = match verb.to_ascii_lowercase().as_str() {
        "spn" => spn(rest)?,
        "set" => set(rest)?,
        "pool" => pool(rest)?,
        "providers" => providers(rest)?,
        "etypes" => encryption_types(rest)?,
        _ => {
            let wrong = format!("`{verb}` is nothing that can be assumed");
            return Err(AssumptionError::new(wrong, FORMS));
        }
    };
    let of_server = matches!(what, Assume::Set(..) | Assume::Pool(..));
    if server.is_some() && !of_server {
        let wrong = "an account is not on a server";
        return Err(AssumptionError::new(wrong, ON));
    }
    Ok(Assumption {
        text: text.trim().to_owned(),
        what,
        server,
    })
}

/// The words of a text.
fn words(text: &str) -> Result<Vec<String>, AssumptionError> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            c if c.is_whitespace() && !quoted => words.extend(word.take()),
            c => word.get_or_insert_default().push(c),
        }
    }
    if quoted {
        let right = "names with blanks stand in two of them, as \"Default Web Site\"/shop";
        return Err(AssumptionError::new("a double quote is not closed", right));
    }
    words.extend(word);
    Ok(words)
}

fn spn(words: &[&str]) -> Result<Assume, AssumptionError> {
    let [verb, spn, account] = words else {
        return Err(count_is_wrong(words, 3, "spn", SPN));
    };
    if !spn.contains('/') || spn.starts_with('/') || spn.ends_with('/') {
        return Err(AssumptionError::new(format!("`{spn}` is no SPN"), SPN));
    }
    if account.is_empty() {
        return Err(AssumptionError::new("the account has no name", SPN));
    }
    let (spn, account) = (Spn::new(spn), (*account).to_owned());
    match verb.to_ascii_lowercase().as_str() {
        "add" => Ok(Assume::AddSpn(spn, account)),
        "remove" => Ok(Assume::RemoveSpn(spn, account)),
        _ => {
            let wrong = format!("`{verb}` is nothing that is done to an SPN");
            Err(AssumptionError::new(wrong, SPN))
        }
    }
}

fn set(words: &[&str]) -> Result<Assume, AssumptionError> {
    let [place, setting] = words else {
        return Err(count_is_wrong(words, 2, "set", SET));
    };
    let Some((name, value)) = setting.split_once('=') else {
        let wrong = format!("`{setting}` gives no value");
        return Err(AssumptionError::new(wrong, SET));
    };
    let value = match value.to_ascii_lowercase().as_str() {
        "true" => true,
        "false" => false,
        _ => {
            let wrong = format!("`{value}` is neither true nor false");
            return Err(AssumptionError::new(wrong, SET));
        }
    };
    let switch = match name.to_ascii_lowercase().as_str() {
        "useapppoolcredentials" => Switch::UseAppPoolCredentials(value),
        "usekernelmode" => Switch::UseKernelMode(value),
        "windowsauthentication" => Switch::WindowsEnabled(value),
        "anonymousauthentication" => Switch::AnonymousEnabled(value),
        _ => {
            let wrong = format!("the simulation has no setting `{name}`");
            return Err(AssumptionError::new(wrong, SET));
        }
    };
    Ok(Assume::Set(place_of(place, SET)?, switch))
}

fn pool(words: &[&str]) -> Result<Assume, AssumptionError> {
    let [name, setting] = words else {
        return Err(count_is_wrong(words, 2, "pool", POOL));
    };
    match setting.split_once('=') {
        Some((key, identity)) if key.eq_ignore_ascii_case("identity") && !identity.is_empty() => {
            Ok(Assume::Pool((*name).to_owned(), identity.to_owned()))
        }
        _ => {
            let wrong = format!("`{setting}` names no identity");
            Err(AssumptionError::new(wrong, POOL))
        }
    }
}

fn providers(words: &[&str]) -> Result<Assume, AssumptionError> {
    let [place, list] = words else {
        return Err(count_is_wrong(words, 2, "providers", PROVIDERS));
    };
    let mut names: Vec<String> = Vec::new();
    for name in list.split(',') {
        let known = KNOWN_PROVIDERS
            .iter()
            .find(|k| k.eq_ignore_ascii_case(name));
        let Some(known) = known else {
            let wrong = format!("`{name}` is no provider");
            return Err(AssumptionError::new(wrong, PROVIDERS));
        };
        if names.iter().any(|before| before == known) {
            let wrong = format!("`{known}` stands there twice");
            return Err(AssumptionError::new(wrong, PROVIDERS));
        }
        names.push((*known).to_owned());
    }
    Ok(Assume::Set(
        place_of(place, PROVIDERS)?,
        Switch::Providers(names),
    ))
}

fn encryption_types(words: &[&str]) -> Result<Assume, AssumptionError> {
    let [account, types] = words else {
        return Err(count_is_wrong(words, 2, "etypes", ETYPES));
    };
    let lower = types.to_ascii_lowercase();
    let number = match lower.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => lower.parse().ok(),
    };
    let named = || {
        lower.split(',').try_fold(0, |bits, name| {
            let known = ENCRYPTION_TYPES.iter().find(|(known, _)| *known == name);
            known.map(|(_, bit)| bits | bit).ok_or(name)
        })
    };
    match number.map_or_else(named, Ok) {
        Ok(bits) => Ok(Assume::EncryptionTypes((*account).to_owned(), bits)),
        Err(name) => {
            let wrong = format!("`{name}` is no encryption type");
            Err(AssumptionError::new(wrong, ETYPES))
        }
    }
}

/// `Site` or `Site/App`, without a slash at the end.
fn place_of(text: &str, right: &str) -> Result<String, AssumptionError> {
    let place = text.trim_end_matches('/');
    if place.is_empty() || place.starts_with('/') {
        let wrong = format!("`{text}` names no site");
        return Err(AssumptionError::new(wrong, right));
    }
    Ok(place.to_owned())
}

fn count_is_wrong(words: &[&str], wanted: usize, verb: &str, right: &str) -> AssumptionError {
    let wrong = match (words.get(wanted), words.last()) {
        // A name with blanks that is not quoted falls apart.
        (Some(_), _) => format!(
            "`{verb}` takes {wanted} words and got {}; a name with blanks stands in double quotes",
            words.len()
        ),
        (None, Some(last)) => format!("it ends after `{last}`"),
        (None, None) => format!("nothing stands after `{verb}`"),
    };
    AssumptionError::new(wrong, right)
}
