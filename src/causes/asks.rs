//! What would tell more about a symptom that nothing explains: the views of the attempt that the bundle lacks. A failed sign-in
//! is written of by the client, a domain controller and the web server, and rests on the directory and the configuration;
//! whoever takes up a case asks for the missing ones first, before there is a cause to suspect.

use super::inputs::{Input, Missing};
use super::scene::Scene;
use crate::case::{HostId, LoggedSiteId, Role, Spn, Symptom, SymptomKind};

/// Clients that are named in a request.
const NAMED: usize = 3;

/// The inputs that would tell more about a symptom, the most telling first; none where all its views are in the bundle.
pub(super) fn asks(scene: &Scene<'_>, symptom: &Symptom) -> Vec<Missing> {
    use SymptomKind as S;
    let mut asks = Asks {
        scene,
        symptom,
        found: Vec::new(),
    };
    match &symptom.kind {
        S::NtlmLogons(host) => {
            let spn = asks.spn_of(*host);
            spn.iter().for_each(|spn| asks.holder(spn));
            asks.fallback(spn);
        }
        S::NtlmForName(key, _) => asks.fallback(Some(Spn::of_key(key))),
        S::NtlmByLegs(site) => {
            if let Some(spn) = asks.spn_of_site(*site) {
                asks.holder(&spn);
            }
            asks.server_log();
            asks.fallback(None);
        }
        S::PrincipalUnknown(key) => {
            asks.holder(&Spn::of_key(key));
            asks.controller_log();
        }
        S::KeyMismatch(key) | S::TokenRefused { spn: Some(key), .. } => {
            let spn = Spn::of_key(key);
            asks.holder(&spn);
            asks.configuration(&spn);
        }
        S::KerberosError(key, _) => {
            asks.holder(&Spn::of_key(key));
            asks.controller_log();
        }
        S::ReferralFailed(..) | S::SecondHop { .. } => asks.controller_log(),
        S::LogonFailed { .. } => asks.controller_log(),
        S::SignInFailed { .. } | S::AccessRefused(..) | S::TracedRefusal(..) => asks.server_log(),
        S::NobodySignsIn(_) | S::TokensAlone(_) => {
            asks.server_log();
            asks.client_log();
        }
        _ => {}
    }
    asks.found
}

struct Asks<'s, 'a> {
    scene: &'s Scene<'a>,
    symptom: &'s Symptom,
    found: Vec<Missing>,
}

impl Asks<'_, '_> {
    fn ask(&mut self, input: Input) {
        self.found.push(input.missing());
    }

    /// NTLM where Kerberos was expected: only the client knows why, and the KDC's answer to it.
    fn fallback(&mut self, spn: Option<Spn>) {
        self.client_log();
        let ntlm = |role| {
            self.scene
                .has_log("Microsoft-Windows-NTLM/Operational", role)
        };
        if !ntlm(Role::Client) && !ntlm(Role::WebServer) {
            self.ask(Input::NtlmLog);
        }
        if let Some(spn) = spn
            && !self
                .scene
                .case
                .attempts
                .iter()
                .any(|a| a.spn.as_ref() == Some(&spn))
        {
            self.ask(Input::TicketRequest(spn.to_string()));
        }
    }

    /// The System log of a client that fails, unless the bundle holds one.
    fn client_log(&mut self) {
        let case = self.scene.case;
        let clients = &self.symptom.clients;
        let is_here = if clients.is_empty() {
            self.scene.has_log("System", Role::Client)
        } else {
            let systems = case.coverage.iter();
            systems
                .filter(|c| c.channel.eq_ignore_ascii_case("System"))
                .any(|c| {
                    self.scene
                        .clients
                        .names
                        .is_among(&case.hosts.get(c.host).name, clients)
                })
        };
        if is_here {
            return;
        }
        let mut missing = Input::ClientSystemLog.missing();
        let named = clients.iter().take(NAMED);
        let named: Vec<String> = named
            .map(|client| match self.scene.clients.names.at(client) {
                Some(name) => format!("{} ({client})", name.to_uppercase()),
                None => client.clone(),
            })
            .collect();
        if !named.is_empty() {
            missing.what.push_str(&format!(": {}", named.join(", ")));
        }
        self.found.push(missing);
    }

    fn server_log(&mut self) {
        let log = self.scene.missing_server_log();
        self.found.extend(log.map(|log| log.missing()));
    }

    fn controller_log(&mut self) {
        if !self.scene.has_log("Security", Role::DomainController) {
            self.ask(Input::DcSecurityLog);
        }
    }

    /// Who holds an SPN, unless the bundle shows it, or shows that nobody does.
    fn holder(&mut self, spn: &Spn) {
        let case = self.scene.case;
        let holders = case.situation.directory.holders(spn, &case.accounts);
        if holders.shown.is_empty() && holders.absent().is_none() {
            self.ask(Input::SpnQuery(spn.to_string()));
        }
    }

    /// The configuration of whatever answers to a name: of a server at all, or of others behind the name.
    fn configuration(&mut self, spn: &Spn) {
        let mut asked = self.scene.views.iter().filter(|v| v.spn() == Some(spn));
        match asked.next() {
            None => self.ask(Input::ApplicationHostConfig),
            Some(first) if asked.all(|v| first.same_machine(v)) => self.ask(Input::OtherFarmNodes),
            Some(_) => {}
        }
    }

    /// The SPN that clients of a logged site ask for, where its configuration shows one name with an own SPN.
    fn spn_of_site(&self, site: LoggedSiteId) -> Option<Spn> {
        let logged = self.scene.case.logged_site(site)?;
        let mut views = self.scene.negotiating();
        let view = views.find(|v| {
            let e = v.endpoint;
            logged.is_of(e) && e.name_is_tied() && !e.is_own_name()
        })?;
        view.spn().cloned()
    }

    /// The SPN that clients of a server ask for, where the configuration shows one and no other.
    fn spn_of(&self, host: HostId) -> Option<Spn> {
        let on_host = self
            .scene
            .negotiating()
            .filter(|v| v.endpoint.host == Some(host));
        let mut asked = on_host
            .filter(|v| v.endpoint.name_is_tied())
            .filter_map(|v| v.spn());
        let first = asked.next()?;
        asked.all(|other| other == first).then(|| first.clone())
    }
}

#[cfg(test)]
mod tests {
    use crate::causes::Judgement;
    use crate::testkit::{
        Kit, config, kerberos_3, kerberos_4, pool, query, security, site, windows,
    };

    const NAME: &str = "HTTP/portal.corp.example";

    fn asked(judgement: &Judgement) -> Vec<&str> {
        let all = judgement.asks.values().flatten();
        all.map(|missing| missing.what.as_str()).collect()
    }

    fn by_ntlm() -> crate::testkit::Happening {
        security(
            4624,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "NTLM"),
                ("LmPackageName", "NTLM V2"),
                ("WorkstationName", "PC7"),
                ("IpAddress", "10.0.0.7"),
            ],
        )
    }

    /// The portal on WEB01, which opens tickets with the key of its pool's account.
    fn portal() -> Kit {
        let sites = site("Portal", "*:80:portal.corp.example", "Portal");
        let windows = windows("enabled=\"true\" useAppPoolCredentials=\"true\"");
        let text = config(&pool("Portal", "CORP\\svc_web"), &sites, &windows, "");
        Kit::new().config("WEB01/applicationHost.config", &text)
    }

    #[test]
    fn only_the_client_knows_why_it_fell_back() {
        let kit = || {
            let holder = "CN=svc_web,OU=Services,DC=corp,DC=example";
            portal()
                .console("q.txt", &query(NAME, &[(holder, &[NAME])]))
                .event("WEB01.corp.example", by_ntlm())
        };
        let judgement = kit().judge();
        assert_eq!(
            asked(&judgement),
            [
                "the System log of a client that fails, where Kerberos writes its errors: PC7 (10.0.0.7)",
                "the Microsoft-Windows-NTLM/Operational log of client and web server",
                "what the KDC answers to the user who fails, asked for a ticket for HTTP/portal.corp.example in that user's own session",
            ]
        );
        let other = kit().silent("PC8.corp.example", "System").judge();
        assert_eq!(asked(&other).len(), 3, "it is another machine's");
        let here = kit().silent("PC7.corp.example", "System").judge();
        assert_eq!(asked(&here).len(), 2, "{:?}", asked(&here));
    }

    /// One query of the directory decides more than any log.
    #[test]
    fn who_holds_the_name_comes_first() {
        let judgement = portal().event("WEB01.corp.example", by_ntlm()).judge();
        let first = asked(&judgement)[0];
        assert_eq!(
            first,
            "which account of the forest holds HTTP/portal.corp.example"
        );
    }

    #[test]
    fn a_ticket_that_cannot_be_opened_asks_for_holder_and_opener() {
        let refused = || kerberos_4(NAME, "svc_web");
        let judgement = Kit::new().event("PC7.corp.example", refused()).judge();
        let holder = "which account of the forest holds HTTP/portal.corp.example";
        let opener = "applicationHost.config of the web server";
        assert_eq!(asked(&judgement), [holder, opener]);
        let judgement = portal().event("PC7.corp.example", refused()).judge();
        let others = "applicationHost.config of every server behind the shared name";
        assert_eq!(asked(&judgement), [holder, others]);
    }

    #[test]
    fn what_is_explained_asks_for_nothing() {
        let judgement = portal()
            .console("q.txt", &query(NAME, &[]))
            .event("PC7.corp.example", kerberos_3(NAME, "0x7"))
            .judge();
        judgement.assert_found("SPN-01", crate::causes::Status::Confirmed);
        assert!(asked(&judgement).is_empty(), "{:?}", asked(&judgement));
    }
}
