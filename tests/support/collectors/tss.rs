//! TSS v2 (`formats.md` 5.2): one prefix for every file, UTF-16 of `Out-File -Append`, lists without headings.

use jiff::Timestamp;

use crate::support::directory::{Account, Host, Role};
use crate::support::story::{Archive, World};
use crate::support::texts::http_sys::{self, Listed};
use crate::support::texts::web_log::{self, Columns, HttpError};
use crate::support::texts::{Encoding, machine};

impl World {
    /// `TSS_<COMPUTER>_<stamp>_ADS_ADDS.zip` of one machine, in the bundle's root. Web servers come with `sites`.
    pub fn tss(
        &mut self,
        host: &Host,
        stamp: &str,
        (user, spns, issued): (&Account, &[&str], Timestamp),
        sites: &[Listed<'_>],
        errors: &[HttpError<'_>],
    ) {
        let dc = self.first_dc();
        let what = if sites.is_empty() {
            "ADS_ADDS"
        } else {
            "ADS_ADDS_NET_IIS"
        };
        let folder = format!("TSS_{}_{stamp}_{what}/", host.name);
        let prefix = format!("{folder}{}_{stamp}_", host.name);
        let of_user = self.cache_of(user, spns, issued);
        let of_machine = self.cache_of_machine(host, issued);
        self.texts(
            &prefix,
            Encoding::Utf16,
            &[
                ("ADDS_klist_tickets.txt", of_user),
                ("ADDS_0x3e7.txt", of_machine),
                ("ADDS_nltest_sc_query.txt", machine::secure_channel(&dc)),
                ("ADDS_Reg_Lsa.txt", machine::lsa_key()),
                ("systeminfo.txt", machine::systeminfo(host, "(UTC+01:00)")),
            ],
        );
        if host.role == Role::DomainController {
            let inventory = self.setspn_output("-F -Q */*");
            let duplicates = self.setspn_output("-F -X");
            self.texts(
                &prefix,
                Encoding::Utf16,
                &[
                    ("ADDS_setspn_q_f.txt", inventory),
                    ("ADDS_setspn_x_f.txt", duplicates),
                ],
            );
        }
        if !sites.is_empty() {
            let pools: Vec<(&str, String)> = sites
                .iter()
                .map(|(_, _, binding, pool)| {
                    let name = binding.rsplit(':').next().unwrap_or_default();
                    (*pool, format!("HTTP://*:80:{}/", name.to_uppercase()))
                })
                .collect();
            let pools: Vec<(&str, &str)> = pools.iter().map(|(p, u)| (*p, u.as_str())).collect();
            let state = [
                http_sys::service_state(&pools),
                http_sys::ssl_cert(),
                http_sys::url_acl(),
            ];
            self.texts(
                &prefix,
                Encoding::Utf16,
                &[
                    ("IISsrvInfo_Stop_.txt", state.concat()),
                    ("IISappcmdList_Stop_.txt", http_sys::appcmd(sites)),
                ],
            );
            for (_, id, _, _) in sites {
                let day = self.at("12:00").strftime("%y%m%d").to_string();
                let path = format!("{folder}InetPub_Logs/W3SVC{id}/u_ex{day}.log");
                self.web_log(&path, host, *id, Columns::Default);
            }
            let text = web_log::http_err(host, errors);
            self.text(
                &format!("{folder}HTTPERR/httperr1.log"),
                &text,
                Encoding::Utf8,
            );
        }
        for channel in ["System", "Security", "Application"] {
            self.put_log(host, channel, &format!("{prefix}evt_{channel}.evtx"));
        }
        self.pack(
            &folder,
            &format!("TSS_{}_{stamp}_{what}.zip", host.name),
            Archive::Zip,
        );
    }
}
