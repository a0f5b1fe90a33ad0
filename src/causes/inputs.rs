//! The inputs a bundle may lack, and the command that collects each. Read-only commands only.

/// An input that would decide something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// applicationHost.config.
    ApplicationHostConfig,
    /// applicationHost.config of the shared configuration.
    SharedConfiguration,
    /// web.config files of the site's content.
    WebConfig,
    /// Who holds an SPN in the forest.
    SpnQuery(String),
    /// Who holds an SPN in the forest of the web server, where another one was searched.
    SpnQueryAtServer(String),
    /// Who holds any web SPN in the forest.
    SpnInventory,
    /// Duplicates in the forest.
    DuplicateSearch,
    /// The System log of a client that fails.
    ClientSystemLog,
    /// The System log of the web server.
    ServerSystemLog,
    /// The Security log of the web server.
    ServerSecurityLog,
    /// The Security log of the domain controllers.
    DcSecurityLog,
    /// The ticket cache of the user who fails.
    Klist,
    /// What the KDC answers to a client that asks for an SPN.
    TicketRequest(String),
    /// NTLM/Operational of client or server.
    NtlmLog,
    /// What DNS answers for a name.
    Dns(String),
    /// IIS-Configuration/Operational.
    IisConfigurationLog,
    /// The logon rights in force on the server.
    LogonRights,
    /// The encryption types that the server's policy allows.
    ServerEtypePolicy,
    /// Attributes of an account.
    AccountAttributes(String),
    /// What an account may delegate to, who may delegate to it, and whether it may be delegated.
    DelegationOf(String),
    /// Which account each worker process runs as.
    WorkerProcesses,
    /// Whether this machine can use a managed service account.
    ManagedAccountTest(String),
    /// The machine's secure channel.
    SecureChannel,
    /// The clock against a domain controller.
    Clock,
    /// The same files of the other servers behind the name.
    OtherFarmNodes,
    /// The name of the server a configuration came from.
    ServerName,
    /// An input that one cause asks for: what it is, and the read-only command that collects it. Nothing of the bundle gets
    /// into either.
    Stated {
        /// What is missing and where to take it.
        what: &'static str,
        /// The command.
        collect_with: &'static str,
    },
}

impl Input {
    /// Whether a name leads to the web server shows by its addresses.
    pub(super) const SERVER_ADDRESSES: Self = Self::Stated {
        what: "the web server's own addresses",
        collect_with: "(echo ipconfig /all& ipconfig /all) >> %COMPUTERNAME%_ipconfig.txt 2>&1",
    };
}

/// A missing input, with the command that collects it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// What is missing and where to take it.
    pub what: String,
    /// The command.
    pub collect_with: String,
}

impl Input {
    /// The input as something to ask for.
    pub fn missing(&self) -> Missing {
        let log = |channel: &str, machine: &str| {
            (
                format!("the {channel} log of {machine}"),
                format!(
                    "wevtutil epl \"{channel}\" %COMPUTERNAME%_{}.evtx",
                    channel.replace([' ', '/'], "_")
                ),
            )
        };
        let fixed = |what: &str, command: &str| (what.to_owned(), command.to_owned());
        // "No such SPN found" does not say which: the file must begin with the command line, which cmd does not write.
        let kept = |command: String, file: &str| {
            format!("(echo {command}& {command}) >> %COMPUTERNAME%_{file}.txt 2>&1")
        };
        // Names come from the bundle: one that cannot be quoted safely becomes a placeholder. These commands are wrapped
        // and redirected, so that the letters are fewer than those of `remedy::quoting`: none that any shell reads. A `$`
        // ends the names of computers; before a letter PowerShell would expand it.
        let named = |name: &str, placeholder: &str| {
            let plain = |c: char| {
                c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | ':' | '\\')
            };
            let bare = name.strip_suffix('$').unwrap_or(name);
            if !bare.is_empty() && bare.chars().all(plain) && !bare.starts_with(['-', '/']) {
                name.to_owned()
            } else {
                placeholder.to_owned()
            }
        };
        let (what, collect_with) = match self {
            Self::Stated { what, collect_with } => fixed(what, collect_with),
            Self::ApplicationHostConfig => fixed(
                "applicationHost.config of the web server",
                "copy %windir%\\System32\\inetsrv\\config\\applicationHost.config %COMPUTERNAME%_applicationHost.config",
            ),
            Self::SharedConfiguration => fixed(
                "applicationHost.config of the folder that redirection.config names: the one in force",
                "copy \"<folder of redirection.config>\\applicationHost.config\" SharedConfiguration_applicationHost.config",
            ),
            Self::WebConfig => fixed(
                "the web.config files in the site's content",
                "%windir%\\System32\\inetsrv\\appcmd.exe list config \"<Site/App>\" /config:* /xml > effective.xml",
            ),
            Self::SpnQuery(spn) => {
                let spn = named(spn, "HTTP/<name>");
                (
                    format!("which account of the forest holds {spn}"),
                    kept(format!("setspn -F -Q {spn}"), "setspn"),
                )
            }
            Self::SpnQueryAtServer(spn) => {
                let spn = named(spn, "HTTP/<name>");
                (
                    format!("who holds {spn} in the forest of the web server (run it there)"),
                    kept(format!("setspn -F -Q {spn}"), "setspn"),
                )
            }
            Self::SpnInventory => (
                "which accounts of the forest hold web SPNs".to_owned(),
                kept("setspn -F -Q HTTP/*".to_owned(), "setspn"),
            ),
            Self::DuplicateSearch => (
                "a search for duplicate SPNs, run on Windows Server 2016 or later".to_owned(),
                kept("setspn -F -X".to_owned(), "setspn"),
            ),
            Self::ClientSystemLog => log(
                "System",
                "a client that fails, where Kerberos writes its errors",
            ),
            Self::ServerSystemLog => log("System", "the web server"),
            Self::ServerSecurityLog => log("Security", "the web server"),
            Self::DcSecurityLog => log(
                "Security",
                "every domain controller that serves the clients",
            ),
            Self::Klist => (
                "the ticket cache of the user who fails, from that user's own session".to_owned(),
                kept("klist".to_owned(), "klist"),
            ),
            Self::TicketRequest(spn) => {
                let spn = named(spn, "HTTP/<name>");
                (
                    format!("what the KDC answers to the user who fails, asked for a ticket for {spn} in that user's own session"),
                    kept(format!("klist get {spn}"), "klist"),
                )
            }
            Self::NtlmLog => log(
                "Microsoft-Windows-NTLM/Operational",
                "client and web server",
            ),
            Self::Dns(name) => {
                let name = named(name, "<name>");
                (
                    format!("what DNS answers for {name} on a client (host record or CNAME)"),
                    kept(format!("nslookup {name}"), "nslookup"),
                )
            }
            Self::IisConfigurationLog => {
                log("Microsoft-IIS-Configuration/Operational", "the web server")
            }
            Self::LogonRights => fixed(
                "the logon rights in force on the web server",
                "secedit /export /areas USER_RIGHTS /cfg %COMPUTERNAME%_user_rights.txt",
            ),
            Self::ServerEtypePolicy => (
                "the Kerberos encryption types that the web server's policy allows".to_owned(),
                kept(
                    "reg query HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters".to_owned(),
                    "registry",
                ),
            ),
            Self::AccountAttributes(account) => {
                let sam = named(account.rsplit('\\').next().unwrap_or(account), "<account>");
                (
                    format!("state, password age and encryption types of {sam}"),
                    format!(
                        "Get-ADObject -Filter \"sAMAccountName -eq '{sam}'\" -Properties servicePrincipalName,msDS-SupportedEncryptionTypes,pwdLastSet,userAccountControl,accountExpires,lockoutTime"
                    ),
                )
            }
            Self::DelegationOf(account) => {
                let sam = named(account.rsplit('\\').next().unwrap_or(account), "<account>");
                (
                    format!("delegation of {sam}: what it may delegate to, who may delegate to it, whether it may be delegated itself"),
                    format!(
                        "Get-ADObject -Filter \"sAMAccountName -eq '{sam}'\" -Properties userAccountControl,msDS-AllowedToDelegateTo,msDS-AllowedToActOnBehalfOfOtherIdentity,memberOf,servicePrincipalName"
                    ),
                )
            }
            Self::WorkerProcesses => (
                "which account each worker process runs as, from an elevated prompt".to_owned(),
                kept(
                    "tasklist /v /fi \"imagename eq w3wp.exe\"".to_owned(),
                    "tasklist",
                ),
            ),
            Self::ManagedAccountTest(account) => {
                let sam = named(account.rsplit('\\').next().unwrap_or(account), "<account>");
                (
                    format!("whether the web server can use the managed service account {sam}"),
                    format!(
                        "Test-ADServiceAccount -Identity {}",
                        sam.trim_end_matches('$')
                    ),
                )
            }
            Self::SecureChannel => (
                "the state of the web server's secure channel".to_owned(),
                kept("nltest /sc_query:%USERDNSDOMAIN%".to_owned(), "nltest"),
            ),
            Self::Clock => (
                "the clocks of client, web server and domain controller".to_owned(),
                kept(
                    "w32tm /stripchart /computer:%USERDNSDOMAIN% /samples:3 /dataonly".to_owned(),
                    "w32tm",
                ),
            ),
            Self::OtherFarmNodes => fixed(
                "applicationHost.config of every server behind the shared name",
                "copy %windir%\\System32\\inetsrv\\config\\applicationHost.config %COMPUTERNAME%_applicationHost.config",
            ),
            Self::ServerName => fixed(
                "the name of the server that the configuration came from (put its files into a folder of that name)",
                "hostname",
            ),
        };
        Missing { what, collect_with }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_never_enter_a_command() {
        for bad in [
            "HTTP/a & del",
            "a\"b",
            "-F",
            "/L",
            "x\ny",
            "",
            "$",
            "HTTP/a'b",
            "HTTP/a$b",
        ] {
            let command = Input::SpnQuery(bad.into()).missing().collect_with;
            let line = "setspn -F -Q HTTP/<name>";
            let kept = format!("(echo {line}& {line}) >> %COMPUTERNAME%_setspn.txt 2>&1");
            assert_eq!(command, kept, "{bad}");
        }
        assert_eq!(
            Input::SpnQuery("HTTP/web.corp.example:8080".into())
                .missing()
                .collect_with,
            "(echo setspn -F -Q HTTP/web.corp.example:8080& setspn -F -Q HTTP/web.corp.example:8080) >> %COMPUTERNAME%_setspn.txt 2>&1"
        );
    }
}
