//! The values that servers behind one name must share.

use super::super::{places, provider_list};
use crate::case::{AccountId, Sameness};
use crate::causes::{Scene, View};
use crate::evidence::Citation;
use crate::negotiate::Acceptor;

/// A value that servers behind one name must share, with its places.
pub(super) struct Value {
    pub(super) what: &'static str,
    pub(super) shown: String,
    /// The account it names, where it names one: two spellings of one account are no difference.
    account: Option<AccountId>,
    pub(super) from: Vec<Citation>,
    /// Whether it decides by itself how users log on.
    pub(super) decides: bool,
}

impl Value {
    fn plain(what: &'static str, shown: String, from: Vec<Citation>) -> Self {
        Self {
            what,
            shown,
            account: None,
            from,
            decides: true,
        }
    }

    /// Whether two servers differ in it.
    pub(super) fn differs(&self, other: &Self, scene: &Scene<'_>) -> bool {
        match (self.account, other.account) {
            (Some(one), Some(other)) => matches!(
                scene.case.accounts.compare(one, other),
                Sameness::Different | Sameness::PresumedDifferent
            ),
            _ => self.shown != other.shown,
        }
    }
}

/// The values of one endpoint that its neighbours behind the name must share.
pub(super) fn values(scene: &Scene<'_>, view: &View<'_>) -> Vec<Value> {
    let settings = &view.endpoint.settings;
    let windows = &settings.windows;
    let protection = &windows.extended_protection;
    let mut all = vec![
        Value::plain(
            "Windows authentication",
            on_off(windows.enabled.value),
            places(scene, view, &windows.enabled),
        ),
        Value::plain(
            "anonymous authentication",
            on_off(settings.anonymous.enabled.value),
            places(scene, view, &settings.anonymous.enabled),
        ),
    ];
    if !windows.enabled.value {
        return all;
    }
    all.push(Value::plain(
        "the list of providers",
        provider_list(settings),
        windows.providers.iter().map(|(_, at)| at.clone()).collect(),
    ));
    all.push(Value::plain(
        "extended protection",
        format!("{:?}", protection.token_checking.value),
        places(scene, view, &protection.token_checking),
    ));
    if let Some(rule) = &view.path.rule {
        let mut from = places(scene, view, &windows.use_kernel_mode);
        from.extend(places(scene, view, &windows.use_app_pool_credentials));
        let (shown, account) = match &rule.acceptor {
            Acceptor::Machine => ("that of the computer account".to_owned(), None),
            Acceptor::Account(id) => (scene.shown(*id).to_owned(), Some(*id)),
            Acceptor::NoKey => ("none".to_owned(), None),
            Acceptor::Undecided => ("undecided".to_owned(), None),
        };
        all.push(Value {
            account,
            ..Value::plain("the key that opens tickets", shown, from)
        });
    }
    if let Some(pool) = &view.endpoint.pool {
        let shown = pool.identity.shown(&scene.case.accounts);
        all.push(Value {
            account: pool.identity.account(),
            decides: false,
            ..Value::plain("the pool's identity", shown, pool.from.clone())
        });
    }
    all
}

fn on_off(value: bool) -> String {
    if value { "on" } else { "off" }.to_owned()
}
