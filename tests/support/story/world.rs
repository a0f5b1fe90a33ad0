//! The world of a story: its domain, machines and accounts, the true state of the directory, and the event logs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Archive, Expected, Story, Visit, Way};
use crate::support::dice::Dice;
use crate::support::directory::{Account, Domain, Host, Role};
use crate::support::events;
use crate::support::evtx_writer::{EventSpec, Log, XmlStyle};
use crate::support::texts::{Encoding, encode, setspn};

/// How the customer named the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `WEB01/Security.evtx`
    FolderPerHost,
    /// `WEB01_Security.evtx`
    Flat,
    /// `logs/web01-security.evtx`, everything else beside it.
    LowerCase,
}

/// What a log was exported as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogForm {
    /// `.evtx` as the service keeps it.
    Evtx,
    /// `.evtx` exported: record headers count from 1.
    EvtxExported,
    /// `.evtx` copied while it was open.
    EvtxDirty,
    /// XML of `wevtutil qe`, in this encoding.
    Wevtutil(Encoding),
    /// XML saved by Event Viewer.
    EventViewer,
}

/// A story while it is told.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) name: String,
    title: String,
    summary: String,
    /// The domain everything belongs to unless said otherwise.
    pub domain: Domain,
    /// Variety that follows from the story's name.
    pub dice: Dice,
    day: String,
    layout: Layout,
    network: u64,
    hosts: Vec<Host>,
    /// (SPN, holder), in the order of registration.
    pub(super) registrations: Vec<(String, Account)>,
    /// Accounts of people and services, so that `setspn -L` knows those that hold nothing.
    pub(super) accounts: Vec<Account>,
    logs: BTreeMap<(String, String), Vec<EventSpec>>,
    forms: BTreeMap<(String, String), LogForm>,
    omitted: BTreeSet<(String, String)>,
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Where a collector put a log, where that is not the layout's place: by computer and channel.
    pub(super) places: BTreeMap<(String, String), Vec<String>>,
    /// Folders that become archives at the end, in this order.
    pub(super) archives: Vec<(String, String, Archive)>,
    /// Who came to which server, and what became of it.
    pub(super) visits: Vec<(Timestamp, Visit, Way)>,
}

/// Begins a story in the domain corp.example. The name is the fixture's folder, and the seed of everything that varies.
pub fn story(name: &str, title: &str, summary: &str) -> World {
    World::new(name, title, summary)
}

impl World {
    fn new(name: &str, title: &str, summary: &str) -> Self {
        let mut dice = Dice::from_text(name);
        let layout = *dice.pick(&[Layout::FolderPerHost, Layout::Flat, Layout::LowerCase]);
        let day = format!("2026-{:02}-{:02}", 1 + dice.below(6), 1 + dice.below(28));
        let network = 1 + dice.below(200);
        Self {
            name: name.into(),
            title: title.into(),
            summary: summary.split_whitespace().collect::<Vec<_>>().join(" "),
            domain: Domain::new("corp.example", "CORP"),
            dice,
            day,
            layout,
            network,
            hosts: vec![],
            registrations: vec![],
            accounts: vec![],
            logs: BTreeMap::new(),
            forms: BTreeMap::new(),
            omitted: BTreeSet::new(),
            files: BTreeMap::new(),
            places: BTreeMap::new(),
            archives: vec![],
            visits: vec![],
        }
    }

    /// Another domain; say it before the first host and account.
    pub fn in_domain(mut self, dns: &str, netbios: &str) -> Self {
        self.domain = Domain::new(dns, netbios);
        self
    }

    /// The day of the story, `2026-03-02`.
    pub fn on(mut self, day: &str) -> Self {
        self.day = day.into();
        self
    }

    /// How files are named.
    pub fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// A moment of the story's day, UTC: `w.at("08:15")`, `w.at("08:15:30.25")`.
    pub fn at(&self, clock: &str) -> Timestamp {
        let seconds = if clock.matches(':').count() == 1 {
            ":00"
        } else {
            ""
        };
        crate::support::dice::at(&format!("{}T{clock}{seconds}Z", self.day))
    }

    // ---- machines and accounts --------------------------------------------------------------------------------

    /// A machine of another domain than the story's own.
    pub fn host_in(&mut self, domain: &Domain, name: &str, role: Role) -> Host {
        let count = self.hosts.len();
        let ip = format!("10.{}.{}.{}", self.network, count / 4, 11 + count * 3);
        let host = Host {
            name: name.into(),
            domain: domain.clone(),
            ip,
            role,
        };
        for spn in setspn::machine_spns(&host) {
            self.registrations.push((spn, host.machine()));
        }
        self.hosts.push(host.clone());
        host
    }

    /// A domain controller.
    pub fn dc(&mut self, name: &str) -> Host {
        self.host_in(&self.domain.clone(), name, Role::DomainController)
    }

    /// A member server with its HOST and WSMAN registrations.
    pub fn server(&mut self, name: &str) -> Host {
        self.host_in(&self.domain.clone(), name, Role::Server)
    }

    /// A client PC.
    pub fn client(&mut self, name: &str) -> Host {
        self.host_in(&self.domain.clone(), name, Role::Client)
    }

    /// The domain controller that serves everyone: the first one said.
    pub fn first_dc(&self) -> Host {
        self.hosts
            .iter()
            .find(|host| host.role == Role::DomainController)
            .cloned()
            .expect("the story has no domain controller yet")
    }

    /// A person.
    pub fn user(&mut self, name: &str) -> Account {
        self.account_in(&self.domain.clone(), name, "OU=Staff")
    }

    /// Any account, of this domain or another.
    pub fn account_in(&mut self, domain: &Domain, name: &str, container: &str) -> Account {
        let account = Account::new(domain, name, container);
        self.accounts.push(account.clone());
        account
    }

    /// An account that services run as.
    pub fn service_account(&mut self, name: &str) -> Account {
        self.account_in(&self.domain.clone(), name, "OU=Service Accounts")
    }

    /// An account that services run as, whose object in the directory has another name: `CN=Order Service`.
    pub fn service_account_called(&mut self, name: &str, common_name: &str) -> Account {
        let mut account = Account::new(&self.domain, name, "OU=Service Accounts");
        account.common_name = Some(common_name.into());
        self.accounts.push(account.clone());
        account
    }

    /// A group-managed service account; `name` ends with `$`.
    pub fn managed_service_account(&mut self, name: &str) -> Account {
        self.account_in(&self.domain.clone(), name, "CN=Managed Service Accounts")
    }

    // ---- the directory ----------------------------------------------------------------------------------------

    /// `account` holds `spn` (since long ago: no event).
    pub fn register(&mut self, spn: &str, account: &Account) {
        self.registrations.push((spn.into(), account.clone()));
    }

    /// `account` no longer holds `spn` (since long ago: no event).
    pub fn unregister(&mut self, spn: &str, account: &Account) {
        self.registrations
            .retain(|(name, holder)| !(name.eq_ignore_ascii_case(spn) && holder == account));
    }

    /// What `account` holds.
    pub fn spns_of(&self, account: &Account) -> Vec<String> {
        self.registrations
            .iter()
            .filter(|(_, holder)| holder == account)
            .map(|(spn, _)| spn.clone())
            .collect()
    }

    /// Who holds exactly this SPN.
    pub fn holders_of(&self, spn: &str) -> Vec<&Account> {
        let mut holders: Vec<&Account> = Vec::new();
        for (name, holder) in &self.registrations {
            if name.eq_ignore_ascii_case(spn) && !holders.contains(&holder) {
                holders.push(holder);
            }
        }
        holders
    }

    // ---- event logs -------------------------------------------------------------------------------------------

    /// Writes an event into the log of the machine and channel it belongs to.
    pub fn event(&mut self, event: EventSpec) {
        let key = (event.computer.clone(), event.channel.clone());
        self.logs.entry(key).or_default().push(event);
    }

    /// Several events.
    pub fn events(&mut self, events: impl IntoIterator<Item = EventSpec>) {
        events.into_iter().for_each(|event| self.event(event));
    }

    /// Ordinary events of a machine all day (06:00 to 18:00): background, and proof that the logs cover the time.
    pub fn noise(&mut self, host: &Host, count: usize) {
        let seed = self.dice.next();
        let (from, to) = (self.at("06:00"), self.at("18:00"));
        self.events(events::noise(seed, host, from, to, count));
    }

    /// What the log of this channel was exported as.
    pub fn log_form(&mut self, host: &Host, channel: &str, form: LogForm) {
        self.forms.insert((host.fqdn(), channel.to_owned()), form);
    }

    /// A collector put this log at a path of its own; several, when it was sent several times.
    pub fn put_log(&mut self, host: &Host, channel: &str, path: &str) {
        let key = (host.fqdn(), channel.to_owned());
        self.places.entry(key).or_default().push(path.to_owned());
    }

    /// The customer did not send this log.
    pub fn omit_log(&mut self, host: &Host, channel: &str) {
        self.omitted.insert((host.fqdn(), channel.to_owned()));
    }

    /// The customer sent no log of this machine.
    pub fn omit_logs_of(&mut self, host: &Host) {
        self.omitted.insert((host.fqdn(), "*".into()));
    }

    // ---- files ------------------------------------------------------------------------------------------------

    /// The path of a file that came from a machine.
    pub fn path(&self, host: &Host, file: &str) -> String {
        match self.layout {
            Layout::FolderPerHost => format!("{}/{file}", host.name),
            Layout::Flat => format!("{}_{file}", host.name),
            Layout::LowerCase => {
                let folder = if file.ends_with(".evtx") || file.ends_with(".xml") {
                    "logs/"
                } else {
                    ""
                };
                format!("{folder}{}-{file}", host.name).to_ascii_lowercase()
            }
        }
    }

    /// Any file of the bundle.
    pub fn file(&mut self, path: &str, bytes: Vec<u8>) {
        let before = self.files.insert(path.to_owned(), bytes);
        assert!(before.is_none(), "{path} is told twice");
    }

    /// A text file.
    pub fn text(&mut self, path: &str, text: &str, encoding: Encoding) {
        self.file(path, encode(text, encoding));
    }

    /// The end: all artifacts, and what must be concluded.
    pub fn finish(mut self, expected: Expected) -> Story {
        for ((computer, channel), mut log) in std::mem::take(&mut self.logs) {
            let everything = (computer.clone(), "*".to_owned());
            if self.omitted.contains(&everything)
                || self.omitted.contains(&(computer.clone(), channel.clone()))
            {
                continue;
            }
            log.sort_by_key(|event| event.time);
            let form = self
                .forms
                .get(&(computer.clone(), channel.clone()))
                .copied()
                .unwrap_or_else(|| *self.dice.pick(&[LogForm::Evtx, LogForm::EvtxExported]));
            let first_id = 1_000 + self.dice.below(4_000_000);
            let host = self
                .hosts
                .iter()
                .find(|host| host.fqdn() == computer)
                .cloned();
            let host = host
                .unwrap_or_else(|| panic!("{computer} writes events but is no host of the story"));
            let (file, bytes) = export(log, first_id, form, &channel);
            match self.places.remove(&(computer, channel)) {
                Some(paths) => {
                    for path in paths {
                        self.file(&path, bytes.clone());
                    }
                }
                None => {
                    let path = self.path(&host, &file);
                    self.file(&path, bytes);
                }
            }
        }
        self.pack_all();
        Story {
            name: self.name,
            title: self.title,
            summary: self.summary,
            files: self.files.into_iter().collect(),
            expected,
        }
    }

    /// A moment a little later, for the second event of a pair.
    pub(super) fn soon(&mut self, after: Timestamp, at_most_ms: u64) -> Timestamp {
        let ms = 1 + self.dice.below(at_most_ms);
        after + SignedDuration::from_millis(i64::try_from(ms).expect("small"))
    }
}

fn export(
    events: Vec<EventSpec>,
    first_id: u64,
    form: LogForm,
    channel: &str,
) -> (String, Vec<u8>) {
    let mut log = Log::new().numbered_from(first_id);
    log.records(events);
    let name = channel.replace('/', "%4");
    match form {
        LogForm::Evtx => (format!("{name}.evtx"), log.to_bytes()),
        LogForm::EvtxExported => (format!("{name}.evtx"), log.renumbered().to_bytes()),
        LogForm::EvtxDirty => (format!("{name}.evtx"), log.dirty().to_bytes()),
        LogForm::Wevtutil(encoding) => (
            format!("{name}.xml"),
            encode(&log.to_event_xml(XmlStyle::Wevtutil), encoding),
        ),
        LogForm::EventViewer => (
            format!("{name}.xml"),
            encode(&log.to_event_xml(XmlStyle::EventViewer), Encoding::Utf8Bom),
        ),
    }
}
