//! Small cases for unit tests, built from real texts through the real readers.
//!
//! ```ignore
//! let judgement = Kit::new()
//!     .config("WEB01/applicationHost.config", &config("…"))
//!     .console("setspn.txt", "C:\\>setspn -F -Q HTTP/web …")
//!     .event("PC7.corp.example", kerberos_4("HTTP/web", "web01$"))
//!     .judge();
//! judgement.assert_found("SPN-05", Status::Confirmed);
//! ```

use std::sync::Arc;

use jiff::Timestamp;

use crate::bundle::text;
use crate::bundle::{Artifact, Content, Kind};
use crate::case::{Case, assemble};
use crate::causes::{Judged, Judgement, Status, judge};
use crate::evidence::ArtifactId;
use crate::readers::events::{ChannelSpan, Datum, EventLog, RawEvent, understand};
use crate::readers::iis_config::{ConfigFile, ServerConfig};
use crate::readers::{Readings, console};

/// A bundle in the making.
#[derive(Default)]
pub(crate) struct Kit {
    artifacts: Vec<Artifact>,
    readings: Readings,
    configs: Vec<(ArtifactId, String, ConfigFile)>,
    webs: Vec<(String, ConfigFile)>,
    events: Vec<RawEvent>,
    waited: i64,
    log_folder: Option<String>,
}

/// An event: channel, provider, id and values. Unnamed values have an empty name.
pub(crate) struct Happening {
    pub channel: &'static str,
    pub provider: &'static str,
    pub id: u32,
    pub values: Vec<(&'static str, String)>,
}

impl Kit {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    fn artifact(&mut self, path: &str, kind: Kind) -> ArtifactId {
        let id = ArtifactId(u32::try_from(self.artifacts.len()).unwrap());
        self.artifacts.push(Artifact {
            id,
            path: path.to_owned(),
            content: Content::Memory(Arc::from([])),
            bytes: 0,
            sha256: String::new(),
            kind,
            duplicate_of: None,
        });
        id
    }

    /// An applicationHost.config. A folder named for a host places it there.
    pub(crate) fn config(mut self, path: &str, xml: &str) -> Self {
        let id = self.artifact(path, Kind::ApplicationHostConfig);
        if let Some(artifact) = self.artifacts.last_mut() {
            // Equal for equal files, as a digest is.
            artifact.sha256 = xml.to_owned();
        }
        let file = ConfigFile::read(id, &text::decode(xml.as_bytes())).records;
        self.configs.push((id, path.to_owned(), file));
        self
    }

    /// A web.config of the first applicationHost.config.
    pub(crate) fn web_config(mut self, path: &str, xml: &str) -> Self {
        let id = self.artifact(path, Kind::WebConfig);
        let file = ConfigFile::read(id, &text::decode(xml.as_bytes())).records;
        self.webs.push((path.to_owned(), file));
        self
    }

    /// Console text.
    pub(crate) fn console(mut self, path: &str, output: &str) -> Self {
        let id = self.artifact(path, Kind::Console);
        let reading = console::read(id, &text::decode(output.as_bytes()));
        self.readings.problems.extend(reading.problems);
        self.readings.consoles.push((id, reading.records));
        self
    }

    /// An event written by a machine, one minute after the one before (from 2026-03-02T08:00:00Z on).
    pub(crate) fn event(mut self, computer: &str, happening: Happening) -> Self {
        let minutes = i64::try_from(self.events.len()).unwrap();
        let time = Timestamp::from_second(1_772_438_400 + 60 * (minutes + self.waited)).unwrap();
        // Each log counts its own records.
        let before = self
            .events
            .iter()
            .filter(|e| *e.computer == *computer && *e.channel == *happening.channel);
        let record_id = 1000 + u64::try_from(before.count()).unwrap();
        self.events.push(RawEvent {
            provider: happening.provider.into(),
            id: happening.id,
            version: 0,
            channel: happening.channel.into(),
            computer: computer.into(),
            time,
            record_id,
            user_sid: None,
            data: happening
                .values
                .into_iter()
                .map(|(name, value)| Datum {
                    name: (!name.is_empty()).then(|| name.into()),
                    value,
                })
                .collect(),
            binary: None,
        });
        self
    }

    /// The folder of the logs, `logs` where this does not say otherwise.
    pub(crate) fn logs_in(mut self, folder: &str) -> Self {
        self.log_folder = Some(folder.to_owned());
        self
    }

    /// Lets minutes pass before the next event.
    pub(crate) fn wait(mut self, minutes: i64) -> Self {
        self.waited += minutes;
        self
    }

    /// The same event several times.
    pub(crate) fn events(
        mut self,
        computer: &str,
        times: usize,
        happening: impl Fn() -> Happening,
    ) -> Self {
        for _ in 0..times {
            self = self.event(computer, happening());
        }
        self
    }

    /// A channel of a machine that holds nothing of interest: it was collected, and is silent.
    pub(crate) fn silent(mut self, computer: &str, channel: &'static str) -> Self {
        let filler = Happening {
            channel,
            provider: "Filler",
            id: 1,
            values: Vec::new(),
        };
        self = self.event(computer, filler);
        self
    }

    /// The case.
    pub(crate) fn case(mut self) -> Case {
        let webs = std::mem::take(&mut self.webs);
        for (index, (id, _, file)) in std::mem::take(&mut self.configs).into_iter().enumerate() {
            let mine: Vec<(&str, &ConfigFile)> = if index == 0 {
                webs.iter().map(|(p, f)| (p.as_str(), f)).collect()
            } else {
                Vec::new()
            };
            let (server, problems) = ServerConfig::build(&file, &mine);
            self.readings.problems.extend(problems);
            self.readings.servers.push((id, server));
        }
        let mut logs: Vec<(Arc<str>, Arc<str>, Vec<RawEvent>)> = Vec::new();
        for event in std::mem::take(&mut self.events) {
            match logs
                .iter_mut()
                .find(|(c, ch, _)| *c == event.computer && *ch == event.channel)
            {
                Some((_, _, events)) => events.push(event),
                None => logs.push((event.computer.clone(), event.channel.clone(), vec![event])),
            }
        }
        for (number, (computer, channel, events)) in logs.into_iter().enumerate() {
            let folder = self.log_folder.as_deref().unwrap_or("logs");
            let id = self.artifact(&format!("{folder}/{number}.evtx"), Kind::Evtx);
            let span = ChannelSpan {
                channel,
                computer,
                first_time: events[0].time,
                last_time: events[events.len() - 1].time,
                first_record: events[0].record_id,
                last_record: events[events.len() - 1].record_id,
                records: u64::try_from(events.len()).unwrap(),
                by_id: events.iter().fold(Default::default(), |mut by_id, e| {
                    *by_id.entry((e.provider.clone(), e.id)).or_default() += 1;
                    by_id
                }),
            };
            let log = EventLog {
                events: events
                    .into_iter()
                    .filter_map(|raw| understand(raw, id))
                    .collect(),
                spans: vec![span],
            };
            self.readings.logs.push((id, log));
        }
        assemble(&self.artifacts, self.readings)
    }

    /// What the causes say.
    pub(crate) fn judge(self) -> Judgement {
        judge(&self.case())
    }
}

impl Judgement {
    /// The findings of a cause.
    pub(crate) fn of(&self, cause: &str) -> Vec<&Judged> {
        self.findings
            .iter()
            .filter(|f| f.cause.id == cause)
            .collect()
    }

    /// Asserts that a cause is found with this status.
    #[track_caller]
    pub(crate) fn assert_found(&self, cause: &str, status: Status) -> &Self {
        let found: Vec<Status> = self.of(cause).iter().map(|f| f.status).collect();
        assert!(
            found.contains(&status),
            "{cause}: {found:?}; all: {:?}",
            self.summary()
        );
        self
    }

    /// Asserts that a cause is not found, whatever the status.
    #[track_caller]
    pub(crate) fn assert_not_found(&self, cause: &str) -> &Self {
        assert!(
            self.of(cause).is_empty(),
            "{cause} found; all: {:?}",
            self.summary()
        );
        self
    }

    /// Asserts that a cause lacks its deciding input, and is not found.
    #[track_caller]
    pub(crate) fn assert_not_assessed(&self, cause: &str) -> &Self {
        self.assert_not_found(cause);
        assert!(
            self.not_assessed
                .iter()
                .any(|(c, m)| c.id == cause && !m.is_empty()),
            "{cause}; all: {:?}",
            self.summary()
        );
        self
    }

    /// Asserts that a cited fact rules a cause out.
    #[track_caller]
    pub(crate) fn assert_ruled_out(&self, cause: &str) -> &Self {
        self.assert_not_found(cause);
        assert!(
            self.ruled_out
                .iter()
                .any(|(c, r)| c.id == cause && !r.from.is_empty()),
            "{cause}; all: {:?}",
            self.summary()
        );
        self
    }

    fn summary(&self) -> Vec<String> {
        let mut all: Vec<String> = self
            .findings
            .iter()
            .map(|f| format!("{} {:?}", f.cause.id, f.status))
            .collect();
        all.extend(
            self.ruled_out
                .iter()
                .map(|(c, _)| format!("{} ruled out", c.id)),
        );
        all.extend(
            self.not_assessed
                .iter()
                .map(|(c, _)| format!("{} not assessed", c.id)),
        );
        all
    }
}

/// An applicationHost.config with the Windows Authentication role service, from its sites, pools and locations.
pub(crate) fn config(pools: &str, sites: &str, root_windows: &str, locations: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <configSections>
    <sectionGroup name="system.applicationHost">
      <section name="applicationPools" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
      <section name="sites" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
    </sectionGroup>
    <sectionGroup name="system.webServer">
      <section name="globalModules" allowDefinition="AppHostOnly" overrideModeDefault="Deny" />
      <section name="modules" allowDefinition="MachineToApplication" overrideModeDefault="Allow" />
      <sectionGroup name="security">
        <section name="authorization" overrideModeDefault="Allow" />
        <sectionGroup name="authentication">
          <section name="anonymousAuthentication" overrideModeDefault="Deny" />
          <section name="basicAuthentication" overrideModeDefault="Deny" />
          <section name="windowsAuthentication" overrideModeDefault="Deny" />
        </sectionGroup>
      </sectionGroup>
    </sectionGroup>
  </configSections>
  <system.applicationHost>
    <applicationPools>{pools}<applicationPoolDefaults><processModel identityType="ApplicationPoolIdentity" /></applicationPoolDefaults></applicationPools>
    <sites>{sites}</sites>
  </system.applicationHost>
  <system.webServer>
    <globalModules>
      <add name="AnonymousAuthenticationModule" image="%windir%\System32\inetsrv\authanon.dll" />
      <add name="WindowsAuthenticationModule" image="%windir%\System32\inetsrv\authsspi.dll" />
    </globalModules>
    <security><authentication>
      <anonymousAuthentication enabled="false" userName="IUSR" />
      {root_windows}
    </authentication></security>
  </system.webServer>
  <location path="" overrideMode="Allow"><system.webServer><modules>
    <add name="AnonymousAuthenticationModule" lockItem="true" />
    <add name="WindowsAuthenticationModule" lockItem="false" />
  </modules></system.webServer></location>
  {locations}
</configuration>"#
    )
}

/// A site with one binding and one root application.
pub(crate) fn site(name: &str, binding: &str, pool: &str) -> String {
    let protocol = if binding.contains(":443:") {
        "https"
    } else {
        "http"
    };
    format!(
        r#"<site name="{name}" id="7"><application path="/" applicationPool="{pool}"><virtualDirectory path="/" physicalPath="D:\sites\{name}" /></application><bindings><binding protocol="{protocol}" bindingInformation="{binding}" /></bindings></site>"#
    )
}

/// A pool that runs as an account.
pub(crate) fn pool(name: &str, user: &str) -> String {
    format!(
        r#"<add name="{name}"><processModel identityType="SpecificUser" userName="{user}" password="[enc:IISWASOnlyAesProvider:abc:enc]" /></add>"#
    )
}

/// Windows authentication with these attributes and the installed providers.
pub(crate) fn windows(attributes: &str) -> String {
    format!(
        r#"<windowsAuthentication {attributes}><providers><add value="Negotiate" /><add value="NTLM" /></providers></windowsAuthentication>"#
    )
}

/// `setspn -F -Q` that finds holders: (DN, its SPNs).
pub(crate) fn query(spn: &str, holders: &[(&str, &[&str])]) -> String {
    let mut text = format!("C:\\>setspn -F -Q {spn}\nChecking forest DC=corp,DC=example\n");
    for (dn, spns) in holders {
        text.push_str(&format!("{dn}\n"));
        for spn in *spns {
            text.push_str(&format!("        {spn}\n"));
        }
    }
    text.push_str(if holders.is_empty() {
        "\nNo such SPN found.\n"
    } else {
        "\nExisting SPN found!\n"
    });
    text
}

/// Kerberos event 4 on a client: the server could not open the ticket.
pub(crate) fn kerberos_4(target: &str, server: &str) -> Happening {
    Happening {
        channel: "System",
        provider: "Microsoft-Windows-Security-Kerberos",
        id: 4,
        values: vec![
            ("Server", server.into()),
            ("TargetRealm", "CORP.EXAMPLE".into()),
            ("Targetname", target.into()),
            ("ClientRealm", "CORP.EXAMPLE".into()),
        ],
    }
}

/// Kerberos event 3 on a client: an error for a target.
pub(crate) fn kerberos_3(target: &str, code: &str) -> Happening {
    Happening {
        channel: "System",
        provider: "Microsoft-Windows-Security-Kerberos",
        id: 3,
        values: vec![
            ("LogonSession", "\\uma".into()),
            ("ClientTime", String::new()),
            ("ServerTime", "8:0:0.0000 3/2/2026 Z".into()),
            ("ErrorCode", code.into()),
            ("ErrorMessage", String::new()),
            ("ExtendedError", String::new()),
            ("ClientRealm", String::new()),
            ("ClientName", String::new()),
            ("ServerRealm", "CORP.EXAMPLE".into()),
            ("ServerName", target.into()),
            ("TargetName", format!("{target}@CORP.EXAMPLE")),
            ("ErrorText", String::new()),
        ],
    }
}

/// A Security event with named values.
pub(crate) fn security(id: u32, values: &[(&'static str, &str)]) -> Happening {
    Happening {
        channel: "Security",
        provider: "Microsoft-Windows-Security-Auditing",
        id,
        values: values.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
    }
}

/// A System event with values (unnamed when the name is empty).
pub(crate) fn system(
    provider: &'static str,
    id: u32,
    values: &[(&'static str, &str)],
) -> Happening {
    Happening {
        channel: "System",
        provider,
        id,
        values: values.iter().map(|(n, v)| (*n, (*v).to_owned())).collect(),
    }
}
