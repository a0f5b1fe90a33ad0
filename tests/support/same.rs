//! When two findings are one.

use why401::report::Subject;

/// Whether two findings of one cause are about the same thing: the same site, under whichever of its names; where there
/// is no site, the same account, SPN and machine as far as both name them. A machine that is known by its file alone has
/// no name.
pub fn agree(a: &Subject, b: &Subject) -> bool {
    let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        _ => true,
    };
    let named = |host: &Option<String>| host.clone().filter(|h| !h.starts_with("the server of "));
    let machines = same(&named(&a.host), &named(&b.host));
    if a.site.is_some() && b.site.is_some() {
        return machines && same(&a.site, &b.site);
    }
    machines && same(&a.account, &b.account) && same(&a.spn, &b.spn)
}
