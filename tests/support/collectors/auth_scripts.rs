//! `authlogs` of the authentication scripts (`formats.md` 5.1): no Security log, no setspn, nothing of IIS.

use jiff::{SignedDuration, Timestamp};

use crate::support::directory::{Account, Host};
use crate::support::story::World;
use crate::support::texts::{self, Encoding, http_sys, machine};

impl World {
    /// The folder of one machine: `PC0142/authlogs/`. The clock of the machine is `offset_hours` ahead of UTC.
    pub fn auth_scripts(
        &mut self,
        folder: &str,
        host: &Host,
        user: &Account,
        spns: &[&str],
        (started, stopped): (Timestamp, Timestamp),
        offset_hours: i64,
    ) {
        let dc = self.first_dc();
        let local = |time: Timestamp| time + SignedDuration::from_hours(offset_hours);
        let before = self.cache_of(user, &[], local(started));
        let after = self.cache_of(user, spns, local(started));
        let of_machine = self.cache_of_machine(host, local(started));
        let netlogon = format!(
            "{} [MISC] [1540] {}: DsGetDcName function called: client PID=792, Dom:{} Acct:(null) Flags: DS KDC \n\
             {} [MISC] [1540] {}: DsGetDcName: results as follows: DCName:\\\\{} DCAddress:\\\\{} Flags:0xe003f1fd \n",
            local(started).strftime("%m/%d %H:%M:%S"),
            self.domain.netbios,
            self.domain.netbios,
            local(started).strftime("%m/%d %H:%M:%S"),
            self.domain.netbios,
            dc.fqdn(),
            dc.ip
        );
        // `Add-Content` writes ANSI.
        self.texts(
            folder,
            Encoding::Windows1252,
            &[
                (
                    "script-info.txt",
                    machine::script_info(started, stopped, offset_hours),
                ),
                (
                    "Build.txt",
                    "BuildLabEx : 17763.1.amd64fre.rs5_release.180914-1434\n".into(),
                ),
                ("Tickets.txt", after.clone()),
                ("Tickets-localsystem.txt", of_machine),
                ("Ipconfig-info.txt", texts::ipconfig(host)),
                ("whoami.txt", machine::whoami(user)),
                ("SecureChannel.txt", machine::secure_channel(&dc)),
                ("Qfes_installed.txt", machine::hotfixes(host)),
                ("http-show-sslcert.txt", http_sys::ssl_cert()),
                ("http-show-urlacl.txt", http_sys::url_acl()),
                ("Netlogon.log", netlogon),
                (
                    "Env.txt",
                    format!(
                        "COMPUTERNAME={}\nUSERDNSDOMAIN={}\n",
                        host.name,
                        host.domain.realm()
                    ),
                ),
                ("PreTraceLogs/Tickets.txt", before),
                ("PreTraceLogs/Ipconfig-info.txt", texts::ipconfig(host)),
                (
                    "PreTraceLogs/SecureChannel.txt",
                    machine::secure_channel(&dc),
                ),
            ],
        );
        // `reg query … > file` writes what PowerShell redirects: UTF-16. A key that is not there leaves nothing.
        self.texts(
            folder,
            Encoding::Utf16,
            &[
                ("Lsa-key.txt", machine::lsa_key()),
                ("Kerb_policies.txt", String::new()),
                (
                    "Netlogon-key.txt",
                    machine::reg_query(&[(
                        r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Netlogon\Parameters",
                        &[
                            ("DisablePasswordChange", "REG_DWORD", "0x0"),
                            ("RequireSignOrSeal", "REG_DWORD", "0x1"),
                        ],
                    )]),
                ),
            ],
        );
        self.put_log(host, "System", &format!("{folder}System.evtx"));
        self.put_log(
            host,
            "Microsoft-Windows-NTLM/Operational",
            &format!("{folder}NTLM_Oper.evtx"),
        );
        self.omit_log(host, "Security");
    }
}
