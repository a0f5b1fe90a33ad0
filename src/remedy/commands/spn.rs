//! setspn: who holds a name, and moving it. Every change is preceded by the query that shows the present holder.

use super::Written;
use crate::remedy::quoting::cmd;

/// Where setspn searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The domain of the machine it runs on.
    Domain,
    /// The whole forest (`-F`).
    Forest,
}

/// Who holds an SPN: `setspn -F -Q HTTP/web.corp.example`. Changes nothing.
pub fn setspn_query(spn: &str, reach: Reach) -> Written {
    let line = match reach {
        Reach::Domain => cmd("setspn"),
        Reach::Forest => cmd("setspn").arg("-F"),
    };
    line.arg("-Q").value(spn).build()
}

/// All SPNs of an account: `setspn -L CORP\svc-web`. Changes nothing.
pub fn setspn_list(account: &str) -> Written {
    cmd("setspn").arg("-L").value(account).build()
}

/// Registers an SPN after setspn itself has looked for a holder: `setspn -S HTTP/web.corp.example CORP\svc-web`.
pub fn setspn_add(spn: &str, account: &str) -> Written {
    cmd("setspn").arg("-S").value(spn).value(account).build()
}

/// Takes an SPN from an account: `setspn -D HTTP/web.corp.example CORP\old`.
pub fn setspn_delete(spn: &str, account: &str) -> Written {
    cmd("setspn").arg("-D").value(spn).value(account).build()
}

/// Writes the standard names of a computer anew, `HOST/…` among them: `setspn -R WEB01`.
pub fn setspn_reset(computer: &str) -> Written {
    cmd("setspn").arg("-R").value(computer).build()
}
