//! LogCatcher (`formats.md` 5.4): one zip of one web server, without its name on it.

use crate::support::config::{self, ApplicationHost};
use crate::support::directory::Host;
use crate::support::story::{Archive, World};
use crate::support::texts::http_sys;
use crate::support::texts::web_log::{self, Columns, HttpError};
use crate::support::texts::{Encoding, machine};

/// A site as LogCatcher lists it.
pub struct Caught<'a> {
    /// Its name.
    pub site: &'a str,
    /// Its id.
    pub id: u32,
    /// Its pool.
    pub pool: &'a str,
    /// Who the pool runs as.
    pub account: &'a str,
}

impl World {
    /// `LogCatcher-<stamp>.zip` of a web server with one site.
    pub fn log_catcher(
        &mut self,
        stamp: &str,
        host: &Host,
        config: &ApplicationHost,
        caught: &Caught<'_>,
        errors: &[HttpError<'_>],
    ) {
        let folder = format!("LogCatcher-{stamp}/");
        let Caught {
            site,
            id,
            pool,
            account,
        } = caught;
        let general = format!("{folder}General/");
        self.texts(
            &folder,
            Encoding::Utf8,
            &[
                ("FolderContents.txt", CONTENTS.into()),
                (
                    "LogsInfo.CSV",
                    format!(
                        "\"ComputerName\",\"LogName\",\"Product\",\"Location\",\"TypeInfo\",\"Level\",\"SiteID\",\"ParentSite\",\"PoolName\"\n\
                         \"{name}\",\"{site}\",\"SitePath\",\"D:\\Sites\\{site}\",\"Folder\",\"Site\",\"{id}\",\"{site}\",\"{pool}\"\n\
                         \"{name}\",\"{site}\",\"IISLogs\",\"C:\\inetpub\\logs\\LogFiles\\W3SVC{id}\",\"Folder\",\"Site\",\"{id}\",\"{site}\",\"\"\n\
                         \"{name}\",\"HttpErr\",\"HTTP\",\"C:\\Windows\\System32\\LogFiles\\HTTPERR\",\"Folder\",\"Server\",\"\",\"\",\"\"\n",
                        name = host.name
                    ),
                ),
                ("ToolLog.log", "Collection finished without errors\n".into()),
                ("General/SrvInfo.txt", machine::systeminfo(host, "(UTC+01:00)")),
                (
                    "General/SitesOverview.csv",
                    format!(
                        "\"SiteName\",\"applicationPool\",\"Path\",\"CLR\",\"Pipeline\",\"AppAccount\",\"AccountType\"\n\
                         \"{site}\",\"{pool}\",\"/\",\"v4.0\",\"Integrated\",\"{account}\",\"SpecificUser\"\n"
                    ),
                ),
                ("General/NETSH-HTTP/servicestate.txt", http_sys::service_state(&[(pool, "HTTP://*:80:/")])),
                ("General/NETSH-HTTP/sslcert.txt", http_sys::ssl_cert()),
                ("General/NETSH-HTTP/urlacl.txt", http_sys::url_acl()),
                ("General/HttpERR/httperr1.log", web_log::http_err(host, errors)),
            ],
        );
        for (name, bytes) in [
            ("applicationHost.config", config.xml()),
            ("administration.config", config::administration()),
            ("redirection.config", config::redirection_unused()),
        ] {
            self.file(&format!("{general}IISConfig/{name}"), bytes);
        }
        for channel in ["System", "Security", "Application"] {
            self.put_log(host, channel, &format!("{general}{channel}.evtx"));
        }
        let day = self.at("12:00").strftime("%y%m%d").to_string();
        let path = format!("{folder}Sites/{site}/IISLogs/W3SVC{id}/u_ex{day}.log");
        self.web_log(&path, host, *id, Columns::ChangedAtNoon);
        self.pack(
            &folder,
            &format!("LogCatcher-{stamp}.zip"),
            Archive::ZipOfDotNet,
        );
    }
}

/// What LogCatcher lays into every archive: its own folders, as a tree.
const CONTENTS: &str = "LogCatcherV3.5
LogCatcher<date of collection>.zip
    ├─── FolderContents.txt
    ├─── LogsInfo.CSV
    │
    ├─── General
    │       ├── HttpERR
    │       │     └── httperr*.log
    │       │
    │       ├── IISConfig
    │       │     ├── administration.config
    │       │     ├── applicationHost.config
    │       │     └── redirection.config
    │       │
    │       ├── NETSH-HTTP
    │       │     ├── servicestate.txt
    │       │     ├── sslcert.txt
    │       │     └── urlacl.txt
    │       │
    │       ├── Application.evtx
    │       ├── Security.evtx
    │       ├── SitesOverview.csv
    │       └── System.evtx
    │
    └─── Sites
            └── IISLogs
                  └── u_ex*.log
";
