//! What the customer collects besides logs: setspn and klist output derived from the true state, and configuration.

use jiff::Timestamp;

use super::World;
use crate::support::config::{ApplicationHost, WebConfig};
use crate::support::directory::{Account, Host};
use crate::support::texts::klist::Ticket;
use crate::support::texts::{Encoding, Language, Prompt, Transcript, klist, setspn};

impl World {
    /// `applicationHost.config` of a server.
    pub fn config(&mut self, server: &Host, config: &ApplicationHost) {
        let path = self.path(server, "applicationHost.config");
        self.file(&path, config.xml());
    }

    /// A `web.config`, below a folder named like the site or application it belongs to.
    pub fn web_config(&mut self, server: &Host, site_path: &str, config: &WebConfig) {
        let path = format!("{}/{site_path}/web.config", server.name);
        self.file(&path, config.xml());
    }

    /// setspn runs against the directory as it is now: `&["-L svc_web", "-Q HTTP/intranet.corp.example", "-F -X"]`.
    pub fn setspn(&mut self, path: &str, prompt: Prompt, encoding: Encoding, runs: &[&str]) {
        let transcript = runs
            .iter()
            .fold(Transcript::new(prompt), |transcript, arguments| {
                transcript.run(
                    &format!("setspn {arguments}"),
                    &self.setspn_output(arguments),
                )
            });
        self.file(path, transcript.encode(encoding));
    }

    /// The English output of one setspn run (`-L`, `-Q`, `-F -Q`, `-X`, `-F -X`).
    pub fn setspn_output(&self, arguments: &str) -> String {
        let words: Vec<_> = arguments.split_whitespace().collect();
        let has = |switch: &str| words.iter().any(|word| word.eq_ignore_ascii_case(switch));
        let last = words.last().copied().unwrap_or_default();
        if has("-L") {
            match self.account_named(last) {
                Some(account) => setspn::list(Language::English, &account, &self.spns_of(&account)),
                None => setspn::list_not_found(last),
            }
        } else if has("-Q") {
            let matching = self.accounts_matching(last);
            let holders: Vec<_> = matching
                .iter()
                .map(|account| (account, self.spns_of(account)))
                .collect();
            if has("-F") {
                setspn::query_forest(&self.domain, &holders)
            } else {
                setspn::query(Language::English, &self.domain, &holders)
            }
        } else if has("-X") {
            setspn::duplicates(
                Language::English,
                &self.domain,
                has("-F"),
                &self.duplicate_groups(),
            )
        } else {
            panic!("no output is known for setspn {arguments}");
        }
    }

    /// An account by its SAM name, with or without domain and `$`.
    fn account_named(&self, name: &str) -> Option<Account> {
        let plain = name
            .rsplit('\\')
            .next()
            .unwrap_or(name)
            .trim_end_matches('$');
        let machines = self.registrations.iter().map(|(_, account)| account);
        let mut known = self.accounts.iter().chain(machines);
        known
            .find(|account| {
                account
                    .name
                    .trim_end_matches('$')
                    .eq_ignore_ascii_case(plain)
            })
            .cloned()
    }

    /// Accounts with an SPN that matches a pattern with `*`.
    fn accounts_matching(&self, pattern: &str) -> Vec<Account> {
        let mut accounts: Vec<Account> = Vec::new();
        for (spn, account) in &self.registrations {
            if matches(&pattern.to_ascii_lowercase(), &spn.to_ascii_lowercase())
                && !accounts.contains(account)
            {
                accounts.push(account.clone());
            }
        }
        accounts
    }

    fn duplicate_groups(&self) -> Vec<(String, Vec<&Account>)> {
        let mut groups: Vec<(String, Vec<&Account>)> = Vec::new();
        for (spn, _) in &self.registrations {
            let holders = self.holders_of(spn);
            if holders.len() > 1
                && !groups
                    .iter()
                    .any(|(known, _)| known.eq_ignore_ascii_case(spn))
            {
                groups.push((spn.clone(), holders));
            }
        }
        groups
    }

    /// `klist` of a user's session: the ticket-granting ticket and a ticket for each SPN, issued at `issued`
    /// (in the client's local time: shift it for a client that is not on UTC).
    pub fn klist(
        &mut self,
        path: &str,
        encoding: Encoding,
        language: Language,
        user: &Account,
        spns: &[&str],
        issued: Timestamp,
    ) {
        let dc = self.first_dc();
        let mut tickets = vec![Ticket::tgt(user, &dc, issued)];
        tickets.extend(
            spns.iter()
                .map(|spn| Ticket::service(user, spn, &dc, issued)),
        );
        let logon_id = 0x4_0000 + u32::try_from(self.dice.below(0xf_ffff)).expect("small");
        let output = klist::tickets(language, logon_id, &tickets);
        let transcript = Transcript::new(Prompt::Cmd).run("klist", &output);
        self.file(path, transcript.encode(encoding));
    }

    /// `klist get spn` that failed, by its first code (`0xc000018b` unknown SPN).
    pub fn klist_get_failed(&mut self, path: &str, encoding: Encoding, spn: &str, status: u32) {
        let logon_id = 0x4_0000 + u32::try_from(self.dice.below(0xf_ffff)).expect("small");
        let output = klist::get_failed(logon_id, status);
        let transcript = Transcript::new(Prompt::Cmd).run(&format!("klist get {spn}"), &output);
        self.file(path, transcript.encode(encoding));
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        last = Some(part);
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    match last {
        None => rest.is_empty(),
        Some(part) => part.is_empty() || rest.is_empty() || text.ends_with(part),
    }
}
