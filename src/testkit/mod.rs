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

mod happenings;
mod judged;
mod texts;

use std::sync::Arc;

use jiff::Timestamp;

use crate::bundle::text::{self, Lines};
use crate::bundle::{Artifact, Content, Kind};
use crate::case::{Case, assemble};
use crate::causes::{self, Judgement, Scene};
use crate::evidence::ArtifactId;
use crate::readers::events::{ChannelSpan, Datum, EventLog, Folding, RawEvent, Runs, Said};
use crate::readers::iis_config::{ConfigFile, ServerConfig};
use crate::readers::{Readings, console, exchange, http_err, netlogon_log, request_trace, web_log};
pub(crate) use happenings::{kerberos_3, kerberos_4, ntlm, security, system};
pub(crate) use texts::{config, console_text, pool, query, site, trace, windows};

/// A bundle in the making.
#[derive(Default)]
pub(crate) struct Kit {
    artifacts: Vec<Artifact>,
    readings: Readings,
    configs: Vec<(ArtifactId, String, ConfigFile)>,
    config_texts: std::collections::BTreeMap<String, ArtifactId>,
    webs: Vec<(String, ConfigFile)>,
    events: Vec<RawEvent>,
    waited: i64,
    log_folder: Option<String>,
    room: Option<usize>,
    local: Option<String>,
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
            kind,
            duplicate_of: None,
            start_of: None,
        });
        id
    }

    /// An applicationHost.config. A folder named for a host places it there.
    pub(crate) fn config(mut self, path: &str, xml: &str) -> Self {
        let id = self.artifact(path, Kind::ApplicationHostConfig);
        let original = self.config_texts.entry(xml.to_owned()).or_insert(id);
        if let Some(artifact) = self.artifacts.last_mut() {
            artifact.duplicate_of = Some(*original).filter(|original| *original != id);
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

    /// A failed-request trace.
    pub(crate) fn trace(mut self, path: &str, xml: &str) -> Self {
        let id = self.artifact(path, Kind::RequestTrace);
        let reading = request_trace::read(id, &text::decode(xml.as_bytes()));
        self.readings.problems.extend(reading.problems);
        self.readings.traces.push((id, reading.records));
        self
    }

    /// A recording of HTTP exchanges.
    pub(crate) fn recording(mut self, path: &str, recorded: &str) -> Self {
        let id = self.artifact(path, Kind::HttpRecording);
        let reading = exchange::read(id, &text::decode(recorded.as_bytes()));
        self.readings.recordings.push((id, reading.records));
        self
    }

    /// A `netlogon.log`.
    pub(crate) fn netlogon_log(mut self, path: &str, log: &str) -> Self {
        let id = self.artifact(path, Kind::NetlogonLog);
        let reading = netlogon_log::read(id, &mut Lines::of(log.as_bytes()).unwrap(), 1).unwrap();
        self.readings.netlogon_logs.push((id, reading.records));
        self
    }

    /// A log of IIS.
    pub(crate) fn web_log(mut self, path: &str, text: &str) -> Self {
        let id = self.artifact(path, Kind::WebLog);
        let reading = web_log::read(id, &mut Lines::of(text.as_bytes()).unwrap(), 1).unwrap();
        self.readings.problems.extend(reading.problems);
        self.readings.web_logs.push((id, reading.records));
        self
    }

    /// A log of http.sys.
    pub(crate) fn http_err(mut self, path: &str, text: &str) -> Self {
        let id = self.artifact(path, Kind::HttpErrLog);
        let reading = http_err::read(id, &mut Lines::of(text.as_bytes()).unwrap(), 1).unwrap();
        self.readings.http_errs.push((id, reading.records));
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
            failed: false,
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

    /// The last event tells of something that failed.
    pub(crate) fn failed(mut self) -> Self {
        self.events.last_mut().unwrap().failed = true;
        self
    }

    /// How many events of each log are kept whole.
    pub(crate) fn room(mut self, room: usize) -> Self {
        self.room = Some(room);
        self
    }

    /// The logs of a machine were exported as text, with the times of its own clock.
    pub(crate) fn on_its_own_clock(mut self, computer: &str) -> Self {
        self.local = Some(computer.to_owned());
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
            let local_clock = self.local.as_deref() == Some(&*computer);
            let span = ChannelSpan {
                channel,
                computer,
                first_time: events[0].time,
                last_time: events[events.len() - 1].time,
                first_record: events[0].record_id,
                last_record: events[events.len() - 1].record_id,
                runs: events.iter().fold(Default::default(), |mut runs, e| {
                    Runs::add(&mut runs, e.record_id, e.time);
                    runs
                }),
                records: u64::try_from(events.len()).unwrap(),
                by_id: events.iter().fold(Default::default(), |mut by_id, e| {
                    *by_id.entry((e.provider.clone(), e.id)).or_default() += 1;
                    by_id
                }),
            };
            let mut kept = Folding::new(self.room.unwrap_or(usize::MAX));
            let mut said = Said::default();
            for mut raw in events {
                said.take(&mut raw, id);
            }
            kept.append(said);
            let log = EventLog {
                events: kept.finish(),
                spans: vec![span],
                local_clock,
            };
            self.readings.logs.push((id, log));
        }
        assemble(&self.artifacts, self.readings, None)
    }

    /// What the causes say.
    pub(crate) fn judge(self) -> Judgement {
        judge(&self.case())
    }
}

/// What the causes say of a case.
pub(crate) fn judge(case: &Case) -> Judgement {
    causes::judge(&Scene::of(case))
}
