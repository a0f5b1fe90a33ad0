//! The values of the registry that authentication depends on, of every machine of both bundles.

use super::attributes::Attribute;
use crate::case::{Case, HostId};
use crate::evidence::Known;
use crate::readers::registry::{Key, Setting};
use crate::report::model::AttributeKind;

/// The values of every machine, in the order of their names.
pub(super) fn collect(before: &Case, after: &Case) -> Vec<Attribute> {
    let of = |case: &Case| -> Vec<String> {
        let states = case.machines.iter().filter(|(_, s)| !s.registry.is_empty());
        states.map(|(host, _)| name(case, *host)).collect()
    };
    let mut names = of(before);
    names.extend(of(after));
    names.sort();
    names.dedup();
    let mut all = Vec::new();
    for machine in names {
        for key in Key::all() {
            for value in key.wanted() {
                all.push(Attribute {
                    kind: AttributeKind::Registry,
                    subject: machine.clone(),
                    name: format!("{}\\{value}", key.path()),
                    before: setting(before, &machine, key, value),
                    after: setting(after, &machine, key, value),
                });
            }
        }
    }
    all
}

fn name(case: &Case, host: HostId) -> String {
    let host = case.hosts.get(host);
    host.fqdn.clone().unwrap_or_else(|| host.name.clone())
}

fn setting(case: &Case, machine: &str, key: Key, value: &str) -> Known<String> {
    let Some(state) = case.machine(case.hosts.find(machine)) else {
        return Known::Unknown;
    };
    state.setting(key, value).map(|setting| match setting {
        Setting::Number(number) => format!("{number} (0x{number:x})"),
        Setting::Text(text) => text,
        Setting::List { entries, complete } => {
            let cut = if complete { "" } else { ", …" };
            format!("{}{cut}", entries.join(", "))
        }
    })
}
