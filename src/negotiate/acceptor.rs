//! Whose key opens the ticket: kernel mode × useAppPoolCredentials × pool identity (`causes.md` section 3).

use crate::case::{AccountId, PoolIdentity};

/// The account whose key IIS opens tickets with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acceptor {
    /// The computer account of the server.
    Machine,
    /// The pool identity's own account.
    Account(AccountId),
    /// Nobody: the identity has no key in the directory (a local account).
    NoKey,
    /// The combination is not supported, or no source says whose key is used.
    Undecided,
}

/// The acceptor, and the row of the truth table that gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptorRule {
    /// Row of `causes.md` section 3.
    pub row: u8,
    /// The acceptor.
    pub acceptor: Acceptor,
    /// The reason, as one sentence.
    pub because: &'static str,
}

impl AcceptorRule {
    /// The configuration does not show the settings that decide.
    pub const NOT_SHOWN: Self = Self {
        row: 0,
        acceptor: Acceptor::Undecided,
        because: "the configuration that the bundle holds does not show whose key opens tickets",
    };
}

/// The acceptor of an endpoint. `restricted_provider`: `Negotiate:Kerberos` or `Negotiate:PKU2U` is offered.
/// Source: Microsoft, "Troubleshoot Kerberos failures in Internet Explorer"; rows 4, 7, 12 and 17 are reasoned from it,
/// rows 11 and 16 are undecided because the sources disagree or are silent.
pub fn accept(
    kernel_mode: bool,
    use_app_pool_credentials: bool,
    identity: &PoolIdentity,
    restricted_provider: bool,
) -> AcceptorRule {
    use PoolIdentity as P;
    const KERNEL: &str = "kernel mode opens tickets with the computer account, whoever the pool runs as, because useAppPoolCredentials is false";
    const BUILT_IN: &str = "the pool's built-in identity acts as the computer account";
    const OWN: &str = "the pool identity's own key opens tickets";
    let rule = |row, acceptor, because| AcceptorRule {
        row,
        acceptor,
        because,
    };
    if restricted_provider && kernel_mode {
        return rule(
            18,
            Acceptor::Undecided,
            "the provider Negotiate:Kerberos or Negotiate:PKU2U is not supported in kernel mode",
        );
    }
    if let P::Unclear(_) = identity
        && (use_app_pool_credentials || !kernel_mode)
    {
        return rule(
            0,
            Acceptor::Undecided,
            "the configuration does not say whose account the pool runs as",
        );
    }
    match (kernel_mode, use_app_pool_credentials, identity) {
        (true, false, P::ApplicationPool) => rule(1, Acceptor::Machine, KERNEL),
        (true, false, P::NetworkService) => rule(2, Acceptor::Machine, KERNEL),
        (true, false, P::LocalSystem) => rule(3, Acceptor::Machine, KERNEL),
        (true, false, P::LocalService) => rule(4, Acceptor::Machine, KERNEL),
        (true, false, P::Domain(_) | P::Unclear(_)) => rule(5, Acceptor::Machine, KERNEL),
        (true, false, P::Managed(_)) => rule(6, Acceptor::Machine, KERNEL),
        (true, false, P::Local(_)) => rule(7, Acceptor::Machine, KERNEL),
        (true, true, P::ApplicationPool | P::NetworkService | P::LocalSystem) => {
            rule(8, Acceptor::Machine, BUILT_IN)
        }
        (true, true, P::Domain(id)) => rule(
            9,
            Acceptor::Account(*id),
            "useAppPoolCredentials is true, so the pool identity's key opens tickets in kernel mode",
        ),
        (true, true, P::Managed(id)) => rule(
            10,
            Acceptor::Account(*id),
            "useAppPoolCredentials is true, so the managed service account's key opens tickets in kernel mode",
        ),
        (true, true, P::LocalService) => rule(
            11,
            Acceptor::Undecided,
            "no source says which key LocalService opens tickets with when useAppPoolCredentials is true",
        ),
        (true, true, P::Local(_)) => rule(
            12,
            Acceptor::NoKey,
            "a local account has no key in the directory",
        ),
        (false, _, P::ApplicationPool | P::NetworkService | P::LocalSystem) => {
            rule(13, Acceptor::Machine, BUILT_IN)
        }
        (false, _, P::Domain(id)) => rule(14, Acceptor::Account(*id), OWN),
        (false, _, P::Managed(id)) => rule(15, Acceptor::Account(*id), OWN),
        (false, _, P::LocalService) => rule(
            16,
            Acceptor::Undecided,
            "the sources disagree whether LocalService opens tickets with the computer account in user mode",
        ),
        (false, _, P::Local(_)) => rule(
            17,
            Acceptor::NoKey,
            "a local account has no key in the directory",
        ),
        (_, _, P::Unclear(_)) => rule(
            0,
            Acceptor::Undecided,
            "the configuration does not say whose account the pool runs as",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Accounts;

    /// The rows of the truth table that one server decides; row 19 (a farm) stands with SPN-12.
    #[test]
    fn truth_table() {
        let mut accounts = Accounts::default();
        let user = accounts.by_name("CORP\\svc_web");
        let gmsa = accounts.by_name("CORP\\gmsa_web$");
        let (domain, managed) = (PoolIdentity::Domain(user), PoolIdentity::Managed(gmsa));
        let local = PoolIdentity::Local("WEB01\\x".into());
        use Acceptor as A;
        use PoolIdentity as P;
        let rows = [
            (1, true, vec![false], vec![P::ApplicationPool], A::Machine),
            (2, true, vec![false], vec![P::NetworkService], A::Machine),
            (3, true, vec![false], vec![P::LocalSystem], A::Machine),
            (4, true, vec![false], vec![P::LocalService], A::Machine),
            (5, true, vec![false], vec![domain.clone()], A::Machine),
            (6, true, vec![false], vec![managed.clone()], A::Machine),
            (7, true, vec![false], vec![local.clone()], A::Machine),
            (
                8,
                true,
                vec![true],
                vec![P::ApplicationPool, P::NetworkService, P::LocalSystem],
                A::Machine,
            ),
            (9, true, vec![true], vec![domain.clone()], A::Account(user)),
            (
                10,
                true,
                vec![true],
                vec![managed.clone()],
                A::Account(gmsa),
            ),
            (11, true, vec![true], vec![P::LocalService], A::Undecided),
            (12, true, vec![true], vec![local.clone()], A::NoKey),
            (
                13,
                false,
                vec![false, true],
                vec![P::ApplicationPool, P::NetworkService, P::LocalSystem],
                A::Machine,
            ),
            (
                14,
                false,
                vec![false, true],
                vec![domain.clone()],
                A::Account(user),
            ),
            (
                15,
                false,
                vec![false, true],
                vec![managed],
                A::Account(gmsa),
            ),
            (
                16,
                false,
                vec![false, true],
                vec![P::LocalService],
                A::Undecided,
            ),
            (17, false, vec![false, true], vec![local], A::NoKey),
        ];
        for (row, kernel, credentials, identities, acceptor) in rows {
            for credentials in credentials {
                for identity in identities.clone() {
                    let rule = accept(kernel, credentials, &identity, false);
                    assert_eq!((rule.row, &rule.acceptor), (row, &acceptor), "{identity:?}");
                }
            }
        }
        let restricted = accept(true, true, &domain, true);
        assert_eq!((restricted.row, restricted.acceptor), (18, A::Undecided));
        assert_eq!(
            accept(false, false, &domain, true).row,
            14,
            "user mode may offer Negotiate:Kerberos"
        );
    }
}
