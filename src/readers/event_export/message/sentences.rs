//! Messages that are sentences: what stands between the words of the English text.
//!
//! `{Field}` is a value with a name, `{2}` the second of an event whose values have none, `{*}` any text. Of several
//! patterns the first that fits is taken: the later ones are for messages that were cut.

use crate::readers::events::Family;

/// The patterns of an event.
pub(super) fn of(family: Family, id: u32) -> Option<&'static [&'static str]> {
    TABLE
        .iter()
        .find(|row| row.0 == family && row.1.contains(&id))
        .map(|row| row.2)
}

use Family::{Facts, Http, IisConfig, Kdc, Kerberos, Lsa, Netlogon, Pool};

type Row = (Family, &'static [u32], &'static [&'static str]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    (Kerberos, &[4], &[
        "error from the server {Server}. The target name used was {TargetName}. This indicates {*}\
            target domain ({TargetRealm}) is different from the client domain ({ClientRealm})",
        "error from the server {Server}. The target name used was {TargetName}. This indicates",
    ]),
    (Kerberos, &[5], &["error from the server {Server}. This indicates {*} in realm {KDCRealm} is synchronized"]),
    (Kerberos, &[6], &["output token of size {NeededSize} bytes, which was too large to fit in the token buffer of size \
        {ActualSize} bytes, provided by process id {ClientProcessID}. {*} result of the user {ClientName} being a member"]),
    (Kerberos, &[7], &["authorization information for client {ClientName} in realm {Realm} could not be validated"]),
    (Kerberos, &[14], &["reenter the password for the credential {Username}."]),
    (Kerberos, &[100], &["The service principal name (SPN) {SPN} is not registered, which caused Kerberos authentication to \
        fail: {ErrorCode}. Use"]),
    (Kerberos, &[101], &["The service principal name (SPN) {SPN} is registered on multiple accounts which caused Kerberos \
        authentication to fail: {ErrorCode}. Use"]),
    (Kdc, &[11], &["The duplicate name is {Name} (of type {Type})."]),
    (Kdc, &[14, 16, 26, 27], &[
        "the target server {Target}, the account {Account} did not have a suitable key for generating a Kerberos ticket (the \
            missing key has an ID of {ID}). The requested etypes were {RequestedEtypes}. The accounts available etypes were \
            {AvailableEtypes}. Changing or resetting the password of {AccountToReset} will",
        "the target service {Target}, the account {Account} did not have a suitable key for generating a Kerberos ticket (the \
            missing key has an ID of {ID}). The requested etypes were {RequestedEtypes}. The accounts available etypes were \
            {AvailableEtypes}. Changing or resetting the password of {AccountToReset} will",
        "the target server {Target}, the account {Account} did not have a suitable key for generating a Kerberos ticket (the \
            missing key has an ID of {ID}). The requested etypes were {RequestedEtypes}. The accounts available etypes were \
            {AvailableEtypes}.",
        "the target server {Target}, the account {Account} did not have a suitable key for generating a Kerberos ticket (the \
            missing key has an ID of {ID}).",
        "the target service {Target}, the account {Account} did not have a suitable key for generating a Kerberos ticket (the \
            missing key has an ID of {ID}). The requested etypes were {RequestedEtypes}. The accounts available etypes were \
            {AvailableEtypes}.",
        "the target service {Target}, the account {Account} did not have a suitable key for generating a Kerberos ticket (the \
            missing key has an ID of {ID}).",
    ]),
    (Kdc, &[205], &["Cipher(s): {CipherName} DefaultDomainSupportedEncTypes: {DefaultDomainSupportedEncTypes}"]),
    (Lsa, &[6037], &["The program {Program}, with the assigned process ID {PID}, could not authenticate locally by using the \
        target name {TargetName}. The target name used is not valid"]),
    (Lsa, &[6038, 6039], &[""]),
    (Netlogon, &[3210], &["This computer could not authenticate with {2}, a Windows domain controller for domain {1}, and"]),
    (Netlogon, &[5719], &["a secure session with a domain controller in domain {1} due to the following: {2} This may lead"]),
    (Netlogon, &[5722], &["The session setup from the computer {1} failed to authenticate. The name(s) of the account(s) \
        referenced in the security database is {2}. The following error occurred: {3}"]),
    (Netlogon, &[5723], &["The session setup from computer '{1}' failed because the security database does not contain a trust \
        account '{2}' referenced"]),
    (Netlogon, &[5805], &["The session setup from the computer {1} failed to authenticate. The following error occurred: {2}"]),
    (Pool, &[5002], &["Application pool '{AppPoolID}' is being automatically disabled"]),
    (Pool, &[5009], &["serving application pool '{AppPoolID}' terminated unexpectedly"]),
    (Pool, &[5011], &["serving application pool '{AppPoolID}' suffered a fatal communication error"]),
    (Pool, &[5021], &["The identity of application pool {AppPoolID} is invalid."]),
    (Pool, &[5057, 5059], &["Application pool {AppPoolID} has been disabled."]),
    (IisConfig, &[29], &["Changes to '{Configuration}' at '{ConfigPath}' have successfully been committed"]),
    (Http, &[15016], &["Unable to initialize the security package {SecurityPackage} for server side authentication"]),
    (Facts, &[6013], &["The system uptime is {5} seconds"]),
    (Facts, &[6005, 6006], &[""]),
];

/// Longest value.
const LONGEST: usize = 600;

/// The values of a message that fits a pattern: (field, value) in the order of the pattern. Blanks count as one each.
pub(super) fn fit(pattern: &'static str, message: &str) -> Option<Vec<(&'static str, String)>> {
    let mut pieces = pattern.split('{');
    let mut rest = after(message, pieces.next()?)?;
    let mut values = Vec::new();
    for piece in pieces {
        let (name, literal) = piece.split_once('}')?;
        let (value, follows) = match literal {
            "" => (rest, ""),
            _ => {
                let at = rest.find(literal)?;
                let follows = rest.get(at + literal.len()..)?;
                (rest.get(..at)?, follows)
            }
        };
        rest = follows;
        if name == "*" {
            continue;
        }
        let value = value.trim();
        // A value that holds the words of the message was chosen to mislead.
        if value.is_empty() || value.len() > LONGEST || repeats(rest, literal) {
            return None;
        }
        values.push((name, value.to_owned()));
    }
    Some(values)
}

fn repeats(rest: &str, literal: &str) -> bool {
    literal.len() > 8 && rest.contains(literal)
}

fn after<'m>(message: &'m str, literal: &str) -> Option<&'m str> {
    let at = message.find(literal)?;
    let rest = message.get(at + literal.len()..)?;
    (literal.is_empty() || !rest.contains(literal)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_what_stands_between_its_words() {
        let pattern = "from {A}, with {B}. {*} and ({C})";
        let values = fit(pattern, "It came from a b, with c. Whatever and (d) more");
        let expected = vec![("A", "a b".into()), ("B", "c".into()), ("C", "d".into())];
        assert_eq!(values, Some(expected));
        assert_eq!(fit(pattern, "It came from a"), None);
        assert_eq!(fit("", "Irgendein Satz"), Some(Vec::new()));
        assert_eq!(
            fit("error: {1}", "error: all of it"),
            Some(vec![("1", "all of it".into())])
        );
    }

    #[test]
    fn a_value_that_repeats_the_words_is_not_taken() {
        let pattern = "the target server {T}, the account {A} did not have";
        assert!(fit(pattern, "the target server x, the account y did not have").is_some());
        assert!(
            fit(
                pattern,
                "the target server x, the account y, the account z did not have"
            )
            .is_none()
        );
        assert!(
            fit(
                pattern,
                "the target server x the target server x, the account y did not have"
            )
            .is_none()
        );
    }
}
