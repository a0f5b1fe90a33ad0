//! How an account is brought to AES: what to keep, the password that brings the keys, the setting (P10).

use super::refused::Refused;
use crate::case::{AccountId, AccountKind as Kind, Case, PoolIdentity};
use crate::causes::Scene;
use crate::remedy::commands::{self as c, AccountKind};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// AES with SHA-1.
const AES: u32 = 0x18;

/// What is to be done with an account.
pub(super) struct Repair<'r> {
    /// The account, as a command takes it (no domain), and its domain.
    sam: String,
    domain: Option<&'r str>,
    kind: AccountKind,
    /// Pools that run as it.
    pools: Vec<&'r str>,
    /// What its setting was.
    before: Option<u32>,
}

impl<'r> Repair<'r> {
    pub(super) fn of(scene: &'r Scene<'_>, account: AccountId) -> Self {
        let case = scene.case;
        let name = case.accounts.get(account).command_name();
        let sam = name.rsplit('\\').next().unwrap_or(&name).to_owned();
        Self {
            kind: kind(case, account, &sam),
            domain: case.accounts.get(account).domain.as_deref(),
            sam,
            pools: pools(scene, account),
            before: case
                .shown_of(account, |object| &object.etypes)
                .present()
                .map(|set| set.value),
        }
    }

    fn identity(&self) -> c::Identity<'_> {
        c::Identity {
            name: &self.sam,
            domain: self.domain,
        }
    }

    /// What to keep before anything is changed.
    pub(super) fn look(&self) -> Step {
        let says = format!("keep encryption types and password age of {}", self.sam);
        Step::run(c::get_ad_account(self.kind, self.identity()), says)
    }

    /// A new password brings AES keys.
    pub(super) fn renew_keys(&self) -> Vec<Step> {
        let sam = &self.sam;
        match self.kind {
            AccountKind::Computer => vec![
                Step::by_hand(format!("on {sam} itself, renew the computer's password: Reset-ComputerMachinePassword, in an elevated prompt"))
                    .stop_if("the secure channel is broken: repair that first"),
            ],
            AccountKind::ServiceAccount => vec![Step::by_hand(format!(
                "wait for the next password of {sam}, which a managed service account gets by itself; on the domain controllers Reset-ADServiceAccountPassword renews a standalone one at once"
            ))],
            AccountKind::User => {
                let mut steps = vec![
                    Step::by_hand(format!(
                        "find every place that knows the password of {sam} (pools, services, tasks, keytabs), then reset it in the directory; the old one may be entered again where the policy allows, the keys are made anew all the same"
                    ))
                    .risk("what still has another password fails, and enough of it locks the account"),
                ];
                for pool in &self.pools {
                    steps.extend(p::enter_pool_password(pool, sam));
                    steps.push(p::recycle(pool));
                }
                steps
            }
        }
    }

    /// The account uses AES.
    pub(super) fn use_aes(&self) -> Step {
        let says = format!("let {} use AES", self.sam);
        Step::run(
            c::set_supported_etypes(self.kind, self.identity(), AES),
            says,
        )
        .risk("clients and servers that know RC4 only get no ticket for it any more")
        .stop_if("it has no AES keys yet: reset its password first")
    }

    /// The way back.
    pub(super) fn rollback(&self) -> Vec<Step> {
        let sam = &self.sam;
        vec![match self.before {
            Some(bits) => Step::run(
                c::set_supported_etypes(self.kind, self.identity(), bits),
                format!("write the old encryption types of {sam} again"),
            ),
            None => Step::by_hand(format!(
                "write the old value of msDS-SupportedEncryptionTypes of {sam} again, or clear it where there was none"
            )),
        }]
    }

    /// Steps of a cause, with the look before and purge and verification after them.
    pub(super) fn around(&self, refused: &Refused<'_>, steps: Vec<Step>, prevent: &str) -> Remedy {
        let mut fix = vec![self.look()];
        fix.extend(steps);
        fix.push(p::replicate());
        fix.extend(p::purge_and_retest());
        let mut verify = match refused.spn() {
            Some(spn) => p::verify_kerberos(&spn.to_string(), &self.sam),
            None => vec![Step::by_hand(
                "the user signs in again: klist shows AES tickets",
            )],
        };
        verify.push(Step::by_hand(
            "the System log of the domain controllers has no new KDC 14, 16, 26, 27 or 201 to 209 for the account",
        ));
        Remedy::of(fix)
            .verify(verify)
            .rollback(self.rollback())
            .prevent(prevent)
    }
}

fn kind(case: &Case, account: AccountId, sam: &str) -> AccountKind {
    let listed = case
        .objects_of(account)
        .into_iter()
        .find_map(|o| o.class.clone());
    match (
        case.accounts.get(account).kind,
        listed.map(|class| class.value),
    ) {
        (Kind::Managed, _) | (_, Some(crate::readers::directory::ObjectClass::Managed)) => {
            AccountKind::ServiceAccount
        }
        (Kind::Computer, _) => AccountKind::Computer,
        _ if sam.ends_with('$') => AccountKind::Computer,
        _ => AccountKind::User,
    }
}

fn pools<'r>(scene: &'r Scene<'_>, account: AccountId) -> Vec<&'r str> {
    let runs_as = scene.case.situation.endpoints.iter().filter_map(|e| {
        let pool = e.pool.as_ref()?;
        match &pool.identity {
            PoolIdentity::Domain(id) if scene.same(*id, account) => Some(pool.name.as_str()),
            _ => None,
        }
    });
    let mut pools: Vec<&str> = runs_as.collect();
    pools.sort_unstable();
    pools.dedup();
    pools
}

/// The remedy where the case does not know the account.
pub(super) fn unknown(prevent: &str) -> Remedy {
    Remedy::of(vec![
        Step::by_hand("find the account that holds the SPN (setspn -F -Q), and compare its msDS-SupportedEncryptionTypes and its password age with what clients ask for"),
    ])
    .prevent(prevent)
}
