//! The stories, in folders of causes: each becomes `fixtures/<name>`. Add a function, and its line in [`all`].

mod healthy;
mod spn;

use super::story::Story;

/// Every story.
pub fn all() -> Vec<Story> {
    vec![
        healthy::kerberos_with_pool_credentials(),
        spn::no_spn_for_host_header(),
        spn::spn_on_pool_account_kernel_mode(),
    ]
}
