//! SDP (`formats.md` 5.3): flattened names, headings in UTF-16 with output in the code page of the console, and the
//! configuration and logs of IIS in archives of their own.

use jiff::Timestamp;

use crate::support::config::{self, ApplicationHost};
use crate::support::directory::{Account, Host};
use crate::support::story::{Archive, World};
use crate::support::texts::web_log::Columns;
use crate::support::texts::{self, Encoding, Prompt, Transcript, http_sys, klist, machine};

impl World {
    /// The files of one machine below `folder`.
    pub fn sdp(
        &mut self,
        folder: &str,
        host: &Host,
        (user, spns, issued): (&Account, &[&str], Timestamp),
    ) {
        let dc = self.first_dc();
        let prefix = format!("{folder}{}_", host.name);
        let tickets = self.cache_of(user, spns, issued);
        let kerberos = Transcript::new(Prompt::Heading)
            .run("klist tgt", &klist::tgt(0x4_f1a2, user, issued, 3))
            .run("klist tickets", &tickets);
        self.file(
            &format!("{prefix}Kerberos_klist.txt"),
            kerberos.encode(Encoding::Utf16ThenOem850),
        );
        self.texts(
            &prefix,
            Encoding::Oem850,
            &[
                ("Whoami.txt", machine::whoami(user)),
                (
                    "W32TM_Stripchart.txt",
                    machine::stripchart(&dc, issued, 0.021),
                ),
                ("TCPIP_ipconfig.txt", texts::ipconfig(host)),
                ("systeminfo.txt", machine::systeminfo(host, "(UTC+01:00)")),
            ],
        );
        for channel in ["System", "Security"] {
            self.put_log(host, channel, &format!("{prefix}evt_{channel}.evtx"));
        }
    }

    /// What SDP takes of IIS: `IISConfiguration.zip` and `Logs_IIS.zip`, whose folders are called like the site.
    pub fn sdp_iis(
        &mut self,
        folder: &str,
        host: &Host,
        config: &ApplicationHost,
        (site, id): (&str, u32),
        pools: &[(&str, &str)],
    ) {
        let netsh: String = [
            ("servicestate", http_sys::service_state(pools)),
            ("sslcert", http_sys::ssl_cert()),
            ("urlacl", http_sys::url_acl()),
        ]
        .iter()
        .map(|(what, text)| {
            let line = "-".repeat(50);
            format!("{line}\nnetsh http show {what}\n{line}\n{text}\n")
        })
        .collect();
        self.text(
            &format!("{folder}{}_HTTP_netsh_output.TXT", host.name),
            &netsh,
            Encoding::Utf16,
        );
        let inside = format!("{folder}IISConfiguration/");
        for (name, bytes) in [
            ("applicationHost.config", config.xml()),
            ("administration.config", config::administration()),
            ("redirection.config", config::redirection_unused()),
        ] {
            self.file(&format!("{inside}{name}"), bytes);
        }
        self.pack(
            &inside,
            &format!("{folder}{}_IISConfiguration.zip", host.name),
            Archive::ZipOfDotNet,
        );
        let logs = format!("{folder}Logs_IIS/");
        let day = self.at("12:00").strftime("%y%m%d").to_string();
        self.web_log(
            &format!("{logs}LogFiles/{site}/u_ex{day}.log"),
            host,
            id,
            Columns::Everything,
        );
        self.pack(
            &logs,
            &format!("{folder}{}_Logs_IIS.zip", host.name),
            Archive::ZipOfDotNet,
        );
    }
}
