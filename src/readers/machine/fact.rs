//! What outputs say about their machine.

use std::net::IpAddr;

use jiff::civil::Date;
use jiff::tz::Offset;

use crate::evidence::When;
use crate::readers::trust::Trust;

/// What an output says about its machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Its name (`systeminfo`, `ipconfig /all`, `hostname`, `COMPUTERNAME`).
    Name(String),
    /// Its operating system, by name.
    System(String),
    /// The version of it, `10.0.17763`.
    Version(String),
    /// Its domain, or the name of its workgroup.
    Domain(String),
    /// Whether it belongs to a domain of Active Directory (`dsregcmd`).
    DomainJoined(bool),
    /// What else `dsregcmd /status` says of the device and of the session that asked.
    Device(DeviceState, bool),
    /// The NetBIOS name of the domain of the user who asked (`USERDOMAIN`).
    UserDomain(String),
    /// The domain controller that the user who asked logged on at.
    LogonServer(String),
    /// When it was started.
    Started(When),
    /// The time zone that is set, as `systeminfo` shows it, with its offset: `(UTC+01:00) Amsterdam, Berlin, Bern`.
    TimeZone(String),
    /// The difference from UTC that was in force when its clock showed a time (`script-info.txt`).
    OffsetAt {
        /// The difference, with daylight saving.
        offset: Offset,
        /// What the clock showed.
        local: When,
    },
    /// Its primary DNS suffix.
    DnsSuffix(String),
    /// An address of its own.
    Address(IpAddr),
    /// A DNS server that it asks.
    DnsServer(IpAddr),
    /// An installed update.
    Update {
        /// `KB5012170`.
        kb: String,
        /// When it was installed, where the list says so.
        installed: Option<Installed>,
    },
    /// The state of its secure channel (`nltest /sc_query`, `/sc_verify`, `/sc_reset`).
    Channel {
        /// The domain controller at the other end, where there is one.
        controller: Option<String>,
        /// The Win32 status of the connection or, where it was verified, the worse of the two.
        status: u32,
        /// The channel was used, not only its last state asked for.
        verified: bool,
    },
    /// What `Test-ComputerSecureChannel` says.
    ChannelTest(bool),
    /// A question to Netlogon that failed by itself: a Win32 status that says nothing about the channel where it is 5.
    NotAsked(u32),
    /// A domain controller that it finds (`nltest /dsgetdc`), with its site.
    Controller {
        /// Its name.
        name: String,
        /// Its site, where shown.
        site: Option<String>,
    },
    /// No domain controller is found: the Win32 status.
    NoController(u32),
    /// A domain that `nltest /domain_trusts` lists, its own among them.
    Trust(Box<Trust>),
    /// Where its clock is set from.
    TimeSource(String),
    /// How far a clock is ahead of another one.
    ClockOffset {
        /// The clock; `None` is the source that the machine follows.
        clock: Option<String>,
        /// The one it is compared with; `None` is the machine's own.
        from: Option<String>,
        /// Milliseconds; negative where the clock is behind.
        milliseconds: i64,
    },
    /// The account that a worker process of IIS runs as.
    WorkerProcess {
        /// The process.
        id: u32,
        /// The account as shown; `None` where the list has no accounts or hides it.
        account: Option<String>,
    },
    /// Credentials stored for other machines by the user who asked, of the kinds that Windows authentication takes
    /// (`cmdkey /list`).
    StoredCredential(StoredCredential),
    /// The credentials stored by the user who asked were listed, as far as the list goes.
    CredentialsListed,
    /// The proxy of services and of everything else that uses WinHTTP (`netsh winhttp show proxy`).
    WinHttpProxy(WinHttpProxy),
    /// A realm of Kerberos that is no domain of Windows, or the domain that the machine is in (`ksetup`).
    Realm {
        /// Its name.
        name: String,
        /// Its KDCs, where they are set by name.
        kdcs: Vec<String>,
    },
    /// The encryption types set for the trust with a realm (`ksetup /getenctypeattr`): bits of
    /// [`crate::codes::SUPPORTED_ETYPES`].
    RealmEtypes {
        /// The realm or domain that was asked about.
        realm: String,
        /// The bits.
        etypes: u32,
    },
}

/// When an update was installed: lists tell the day, on the calendar of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Installed {
    /// The day.
    On(Date),
    /// One of two days: nothing in the list tells which number is the month.
    Either(Date, Date),
}

/// Something that `dsregcmd /status` answers with YES or NO; the labels are not translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviceState {
    /// Joined to Microsoft Entra.
    EntraJoined,
    /// Registered with Entra by the user, not joined.
    WorkplaceJoined,
    /// The session has a primary refresh token.
    EntraToken,
    /// The session has a ticket-granting ticket of the own domain from Entra (cloud Kerberos trust). NO says nothing
    /// about a session that was signed in with a password: the domain itself gives that one its ticket.
    OnPremTgt,
    /// The session has a ticket-granting ticket of Entra.
    CloudTgt,
}

/// A credential of the credential manager, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCredential {
    /// Where it is used: a host, a wildcard, `TERMSRV/host`, or the account that `runas /savecred` uses.
    pub target: String,
    /// It is used for a host (`Domain:target=`), not for `runas` (`Domain:interactive=`) or a task (`Domain:batch=`).
    pub for_host: bool,
    /// The account.
    pub user: Option<String>,
}

/// How WinHTTP reaches other machines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WinHttpProxy {
    /// Without a proxy.
    Direct,
    /// Through a proxy.
    Servers {
        /// The proxy or proxies, as set.
        servers: String,
        /// What is reached without it; empty where there is no list.
        bypass: Vec<String>,
    },
}
