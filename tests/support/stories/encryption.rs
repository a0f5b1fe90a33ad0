//! Stories in which the KDC has no encryption type for an account.

use crate::support::prelude::*;
use crate::support::texts::machine;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        service_account_older_than_aes(),
        service_account_set_to_rc4(),
        default_of_the_domain_lowered(),
        unix_account_with_des_only(),
        update_of_april_blocks_rc4(),
        client_was_told_0xe_and_no_more(),
        new_controller_refuses(),
        trust_without_aes(),
        refused_since_the_update_of_2022(),
    ]
}

/// The causes of 0xE, each a look-alike of the others.
const FAMILY: [&str; 8] = [
    "ET-01", "ET-02", "ET-03", "ET-05", "ET-06", "ET-07", "ET-10", "ET-14",
];

/// The others of the family, and causes of an SPN that nobody holds.
fn not(own: &[&str]) -> Vec<&'static str> {
    let others = FAMILY.into_iter().filter(|cause| !own.contains(cause));
    others
        .chain(["SPN-01", "SPN-02", "SPN-05", "ET-04"])
        .collect()
}

/// A site whose pool's account opens the tickets and holds the name.
pub(super) fn pool_site(w: &mut World, web: &Host, pool: &Account, site: &str, spn: &str) {
    w.register(spn, pool);
    let host = spn.split('/').nth(1).expect("an SPN").to_owned();
    w.config(
        web,
        &ApplicationHost::new()
            .pool(Pool::new(site).specific_user(&pool.down_level()))
            .site(Site::new(site).https(&host).pool(site))
            .location(
                site,
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().use_app_pool_credentials(true)),
            ),
    );
    let file = format!("{}_setspn.txt", web.name);
    w.setspn(
        &file,
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}"), &format!("-L {}", pool.name)],
    );
}

/// Logs of these machines come as XML: a few events need no file of 68 KiB.
pub(super) fn small(w: &mut World, hosts: &[&Host]) {
    for (index, host) in hosts.iter().enumerate() {
        let form = match index % 3 {
            0 => LogForm::Wevtutil(Encoding::Utf8),
            1 => LogForm::EventViewer,
            _ => LogForm::Wevtutil(Encoding::Utf16),
        };
        w.log_form(host, "System", form);
        w.log_form(host, "Security", form);
    }
}

/// NTLM instead, for the same user.
fn falls_back(w: &mut World, visit: &Visit, count: usize, from: &str, to: &str) {
    let (from, to) = (w.at(from), w.at(to));
    w.ntlm_instead(visit, Fallback::default(), count, from, to);
}

/// The listing of an account with its encryption types and flags.
fn listing(account: &Account, types: &str, flags: &str, password: &str) -> String {
    format!(
        "\n\nDistinguishedName             : {}\nEnabled                       : True\nmsDS-SupportedEncryptionTypes : {types}\nName                          : {}\nObjectClass                   : user\nPasswordLastSet               : {password}\nSamAccountName                : {}\nSID                           : {}\nuserAccountControl            : {flags}\n\n\n",
        account.dn(),
        account.name,
        account.name,
        account.sid()
    )
}

fn list(w: &mut World, file: &str, account: &Account, text: &str, encoding: Encoding) {
    let command = format!(
        "Get-ADUser {} -Properties msDS-SupportedEncryptionTypes,PasswordLastSet,userAccountControl",
        account.name
    );
    let transcript = Transcript::new(Prompt::PowerShell).run(&command, text);
    w.file(file, transcript.encode(encoding));
}

/// ET-01: the password is of 2005.
pub fn service_account_older_than_aes() -> Story {
    let mut w = story(
        "service-account-older-than-aes",
        "The time sheet's account has a password of 2005 and no AES keys, and RC4 was turned off",
        "A policy took RC4 from the domain controllers over the weekend. The pool's account got its password before the domain
         knew AES: it has an RC4 key and nothing else. The KDC writes 16 for the name and answers 0xE; the users fall back to
         NTLM. Holder and acceptor are the same account, and the SPN is right.",
    )
    .in_domain("lugano.example", "LUGANO");
    let (dc, web, pc) = (w.dc("LU-DC2"), w.server("LU-APP3"), w.client("LU-1187"));
    let (user, pool) = (w.user("gino.ferri"), w.service_account("svc_ore"));
    let spn = "HTTP/ore.lugano.example";
    pool_site(&mut w, &web, &pool, "Ore", spn);
    let visit = Visit::new(&pc, &user, &web, spn);
    let (from, to) = (w.at("07:40"), w.at("15:20"));
    w.no_common_etype(&visit, &pool, ("18  17", "23  -133  -128"), 9, from, to);
    falls_back(&mut w, &visit, 9, "07:41", "15:30");
    let text = listing(&pool, "0", "66048", "11/7/2005 10:12:55 AM");
    list(&mut w, "svc_ore.txt", &pool, &text, Encoding::Utf16);
    w.noise(&web, 40);
    w.noise(&dc, 15);
    small(&mut w, &[&dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "ET-01",
                Status::Confirmed,
                &[("spn", spn), ("account", r"LUGANO\svc_ore")],
            )
            .must_not(&not(&["ET-01"])),
    )
}

/// ET-02: somebody set the account to RC4.
pub fn service_account_set_to_rc4() -> Story {
    let mut w = story(
        "service-account-set-to-rc4",
        "msDS-SupportedEncryptionTypes of the wiki's account is 4, and the clients take AES only",
        "For an old load balancer somebody set the account to RC4. The policy of the clients was changed to AES. The account has
         AES keys (KDC 16 lists 23 18 17): its setting is what leaves nothing. The KDC answers 0xE.",
    )
    .in_domain("aarhus.example", "AARHUS");
    let (dc, web, pc) = (w.dc("AA-DC1"), w.server("AA-WEB4"), w.client("AA-2230"));
    let (user, pool) = (w.user("lise.holm"), w.service_account("svc_wiki"));
    let spn = "HTTP/wiki.aarhus.example";
    pool_site(&mut w, &web, &pool, "Wiki", spn);
    let visit = Visit::new(&pc, &user, &web, spn);
    let (from, to) = (w.at("08:10"), w.at("13:00"));
    w.no_common_etype(&visit, &pool, ("18  17", "23  18  17"), 7, from, to);
    falls_back(&mut w, &visit, 7, "08:11", "13:10");
    let text = listing(&pool, "4", "66048", "2/3/2024 9:40:12 AM");
    list(&mut w, "ad.txt", &pool, &text, Encoding::Utf8);
    w.noise(&web, 40);
    w.noise(&dc, 15);
    small(&mut w, &[&dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "ET-02",
                Status::Confirmed,
                &[("spn", spn), ("account", r"AARHUS\svc_wiki")],
            )
            .must_not(&not(&["ET-02"])),
    )
}

/// ET-03: the default was set to AES, and the account has no setting of its own.
pub fn default_of_the_domain_lowered() -> Story {
    let mut w = story(
        "default-of-the-domain-set-to-aes",
        "DefaultDomainSupportedEncTypes was set to AES on the domain controllers; a Java client knows RC4 only",
        "After an audit the administrators wrote DefaultDomainSupportedEncTypes 0x18 to both domain controllers. The pool's
         account has no encryption types of its own, so that the default applies. A reporting tool in Java asks for RC4 alone
         and is refused; browsers get their tickets as before.",
    )
    .in_domain("porto.example", "PORTO");
    let (dc, web, pc) = (w.dc("PO-DC1"), w.server("PO-WEB2"), w.client("PO-RPT1"));
    let (other, ana) = (w.client("PO-0312"), w.user("ana.pinto"));
    let (user, pool) = (
        w.service_account("svc_relatorio"),
        w.service_account("svc_painel"),
    );
    let spn = "HTTP/painel.porto.example";
    pool_site(&mut w, &web, &pool, "Painel", spn);
    let visit = Visit::new(&pc, &user, &web, spn);
    let (from, to) = (w.at("09:00"), w.at("16:00"));
    w.no_common_etype(&visit, &pool, ("23", "23  18  17"), 6, from, to);
    let works = Visit::new(&other, &ana, &web, spn);
    w.kerberos_works(&works, &pool, 6, from, to);
    let key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Kdc";
    let registry = machine::reg_query(&[(
        key,
        &[
            ("DependOnService", "REG_MULTI_SZ", "RpcSs\\0Afd\\0NTDS"),
            ("DefaultDomainSupportedEncTypes", "REG_DWORD", "0x18"),
        ],
    )]);
    let path = w.path(&dc, "kdc_registry.txt");
    w.text(&path, &registry, Encoding::Oem850);
    let text = listing(&pool, "0", "66048", "5/20/2023 11:02:41 AM");
    list(&mut w, "conta.txt", &pool, &text, Encoding::Windows1252);
    w.noise(&web, 40);
    w.noise(&dc, 15);
    small(&mut w, &[&dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "ET-03",
                Status::Confirmed,
                &[("spn", spn), ("account", r"PORTO\svc_painel")],
            )
            .must_not(&not(&["ET-03"])),
    )
}

/// ET-05: a keytab of long ago.
pub fn unix_account_with_des_only() -> Story {
    let mut w = story(
        "account-of-an-old-keytab",
        "The account was made for a UNIX keytab and may use DES only; now a pool runs as it",
        "Somebody reused an account that ktpass had once set to DES for a UNIX host. The domain controllers have had DES off for
         years: KDC 27 for the name, 0xE to the clients, NTLM for the users.",
    )
    .in_domain("gdansk.example", "GDANSK");
    let (dc, web, pc) = (w.dc("GD-DC1"), w.server("GD-IIS2"), w.client("GD-0777"));
    let (user, pool) = (w.user("ewa.nowak"), w.service_account("unixweb"));
    let spn = "HTTP/mapa.gdansk.example";
    pool_site(&mut w, &web, &pool, "Mapa", spn);
    let visit = Visit::new(&pc, &user, &web, spn);
    for clock in ["08:02:10", "08:40:33", "10:21:05", "11:55:48"] {
        let at = w.at(clock);
        w.event(events::kdc_unsupported_etype(
            at,
            &dc,
            spn,
            &user,
            ("18 17 23", "3 1"),
        ));
        w.event(events::kerberos_error(at, &pc, &user, 0xe, "", spn));
    }
    falls_back(&mut w, &visit, 4, "08:03", "11:58");
    let text = listing(&pool, "0", "2163200", "6/1/2011 4:15:00 PM");
    list(&mut w, "unixweb.txt", &pool, &text, Encoding::Utf8Bom);
    w.noise(&web, 40);
    w.noise(&dc, 15);
    small(&mut w, &[&dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "ET-05",
                Status::Confirmed,
                &[("spn", spn), ("account", r"GDANSK\unixweb")],
            )
            .must_not(&not(&["ET-05"])),
    )
}

/// ET-10: the update of April 2026.
pub fn update_of_april_blocks_rc4() -> Story {
    let mut w = story(
        "update-of-april-blocks-rc4",
        "Since the update of April 2026 a scanner that knows RC4 only gets no ticket for the document site",
        "The domain controller got the update of April 14, 2026. The pool's account has no encryption types of its own and has
         AES keys; browsers go on with AES. A document scanner offers RC4 alone: KDC 203 names the account, 16 stands beside
         it, and the audit shows 0xE with no encryption type.",
    )
    .in_domain("tampere.example", "TAMPERE")
    .on("2026-04-16");
    let (dc, web, pc) = (w.dc("TA-DC1"), w.server("TA-WEB1"), w.client("TA-SKAN2"));
    let (user, pool) = (
        w.service_account("svc_skanneri"),
        w.service_account("svc_arkisto"),
    );
    let spn = "HTTP/arkisto.tampere.example";
    pool_site(&mut w, &web, &pool, "Arkisto", spn);
    for clock in ["06:31:02", "07:10:45", "09:22:31", "11:03:20", "13:48:09"] {
        let at = w.at(clock);
        let fields = vec![
            ("AccountName", (&user.name).into()),
            ("SuppliedRealm", user.domain.realm().into()),
            ("ServiceName", "svc_arkisto".into()),
            ("ClientAddress", pc.mapped_ip().into()),
        ];
        w.event(events::kdc_record(203, at, &dc, fields));
        w.event(events::kdc_no_key_tgs(
            at,
            &dc,
            spn,
            &user,
            "svc_arkisto",
            ("23", "23  18  17"),
        ));
        w.event(events::service_ticket_failed(at, &dc, &user, &pc, spn, 0xe));
    }
    let (ida, other) = (w.user("ida.laine"), w.client("TA-4410"));
    let works = Visit::new(&other, &ida, &web, spn);
    let (from, to) = (w.at("07:00"), w.at("15:00"));
    w.kerberos_works(&works, &pool, 8, from, to);
    w.noise(&web, 40);
    w.noise(&dc, 15);
    small(&mut w, &[&dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "ET-10",
                Status::Confirmed,
                &[("spn", spn), ("account", r"TAMPERE\svc_arkisto")],
            )
            .must_not(&not(&["ET-10"])),
    )
}

/// Nothing decides: the client was told 0xE, and nothing of the domain controllers was sent.
pub fn client_was_told_0xe_and_no_more() -> Story {
    let mut w = story(
        "client-was-told-0xe-and-no-more",
        "klist get fails with 0xE for the site; neither a log of a domain controller nor the account was sent",
        "klist shows on a client that the KDC supports no encryption type, and not when. Missing AES keys, a setting, a default,
         DES, a trust and the updates all give that. The report must say which inputs decide, and claim none of them.",
    )
    .in_domain("split.example", "SPLIT");
    let (dc, web) = (w.dc("SP-DC1"), w.server("SP-WEB3"));
    let pool = w.service_account("svc_luka");
    let spn = "HTTP/luka.split.example";
    pool_site(&mut w, &web, &pool, "Luka", spn);
    w.klist_get_failed("klist_get.txt", Encoding::Oem850, spn, 0xc000_02fd);
    w.noise(&web, 40);
    w.noise(&dc, 15);
    w.omit_logs_of(&dc);
    let mut causes = FAMILY.to_vec();
    causes.extend(["SPN-01", "SPN-05"]);
    w.finish(Expected::inconclusive().must_not(&causes).not_assessed(&[
        "ET-01", "ET-02", "ET-03", "ET-05", "ET-06", "ET-07", "ET-10", "ET-14",
    ]))
}

/// ET-14: one controller of two refuses.
pub fn new_controller_refuses() -> Story {
    let mut w = story(
        "new-controller-refuses-what-the-old-issues",
        "The first domain controller of Windows Server 2025 has no encryption type for an account that the old one serves",
        "A new domain controller (build 26100) was promoted. It refuses tickets for the pool's account with KDC 16; the old one
         issues RC4 tickets for the same account on the same morning. What the account's setting is was not collected.",
    )
    .in_domain("brno.example", "BRNO");
    let (old, web, pc) = (w.dc("BR-DC1"), w.server("BR-WEB1"), w.client("BR-2100"));
    let new = w.dc("BR-DC5");
    let (user, pool) = (w.user("jan.kral"), w.service_account("svc_faktury"));
    let (other, eva) = (w.client("BR-2101"), w.user("eva.horak"));
    let spn = "HTTP/faktury.brno.example";
    pool_site(&mut w, &web, &pool, "Faktury", spn);
    for clock in ["07:50:14", "08:33:52", "09:40:07", "11:15:29"] {
        let at = w.at(clock);
        w.event(events::kdc_no_key_tgs(
            at,
            &new,
            spn,
            &user,
            "svc_faktury",
            ("18 17 23", "23 18 17"),
        ));
        w.event(events::kerberos_error(at, &pc, &user, 0xe, "", spn));
        w.event(events::service_ticket(at, &old, &eva, &other, &pool, 0x17));
        w.event(events::logon_kerberos(at, &web, &eva, &other));
    }
    let info = machine::systeminfo(&new, "(UTC+01:00)")
        .replace(
            "Windows Server 2022 Standard",
            "Windows Server 2025 Standard",
        )
        .replace("10.0.17763 N/A Build 17763", "10.0.26100 N/A Build 26100");
    let path = w.path(&new, "systeminfo.txt");
    w.text(&path, &info, Encoding::Oem850);
    w.noise(&web, 40);
    w.noise(&old, 15);
    small(&mut w, &[&old, &new, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "ET-14",
                Status::Likely,
                &[("spn", spn), ("account", r"BRNO\svc_faktury")],
            )
            .must_not(&not(&["ET-14"])),
    )
}

/// ET-06: the trust has RC4 keys.
pub fn trust_without_aes() -> Story {
    let mut w = story(
        "trust-without-aes",
        "The trust with the parent company may use RC4 only, and RC4 was turned off on both sides",
        "Users of the parent company's forest get no referral: their KDC answers 0xE for krbtgt of the site's realm. Every site
         across the trust falls back to NTLM. On the site's side nothing is wrong, and its own users have Kerberos.",
    )
    .in_domain("kotka.example", "KOTKA");
    let (dc, web) = (w.dc("KO-DC1"), w.server("KO-WEB7"));
    let parent = Domain::new("hq.example", "HQ");
    let hq = w.host_in(&parent, "HQ-DC3", Role::DomainController);
    let pc = w.host_in(&parent, "HQ-5521", Role::Client);
    let user = w.account_in(&parent, "olga.stein", "OU=Staff");
    let (own, mika) = (w.client("KO-0110"), w.user("mika.salo"));
    let pool = w.service_account("svc_varasto");
    let spn = "HTTP/varasto.kotka.example";
    pool_site(&mut w, &web, &pool, "Varasto", spn);
    for clock in ["08:01:10", "08:44:19", "09:30:00", "10:12:51", "13:40:27"] {
        let at = w.at(clock);
        let service = "krbtgt/KOTKA.EXAMPLE";
        w.event(events::service_ticket_failed(
            at, &hq, &user, &pc, service, 0xe,
        ));
        let types = ("18  17", "23");
        let failed = events::kdc_no_key_tgs(at, &hq, service, &user, "KOTKA$", types);
        w.event(failed);
    }
    let visit = Visit::new(&own, &mika, &web, spn);
    let (from, to) = (w.at("07:30"), w.at("14:00"));
    w.kerberos_works(&visit, &pool, 8, from, to);
    let types = Transcript::new(Prompt::Cmd).run(
        "ksetup /getenctypeattr kotka.example",
        "Enctypes supported for domain kotka.example are: RC4-HMAC-MD5\n",
    );
    let path = w.path(&hq, "ksetup.txt");
    w.file(&path, types.encode(Encoding::Utf8));
    w.noise(&web, 40);
    w.noise(&dc, 15);
    w.noise(&hq, 15);
    small(&mut w, &[&dc, &hq, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "ET-06",
                Status::Confirmed,
                &[("account", "krbtgt/KOTKA.EXAMPLE")],
            )
            .must_not(&not(&["ET-06"]))
            .must_not(&["TR-02", "TR-06"]),
    )
}

/// ET-07: the weeks of November 2022.
pub fn refused_since_the_update_of_2022() -> Story {
    let mut w = story(
        "refused-since-the-update-of-november-2022",
        "Two days after the update of November 8, 2022 the domain controller refuses the time clock's account",
        "The domain controller got KB5019966, and not the out-of-band update. KDC 16 says that the account has no suitable key,
         and lists keys of every type that was asked for. The account names RC4 and no AES, which the first build of the update
         did not take.",
    )
    .in_domain("linz.example", "LINZ")
    .on("2022-11-10");
    let (dc, web, pc) = (w.dc("LI-DC1"), w.server("LI-WEB2"), w.client("LI-0450"));
    let (user, pool) = (w.user("karl.auer"), w.service_account("svc_zeit"));
    let spn = "HTTP/zeit.linz.example";
    pool_site(&mut w, &web, &pool, "Zeit", spn);
    let visit = Visit::new(&pc, &user, &web, spn);
    let (from, to) = (w.at("06:50"), w.at("14:10"));
    w.no_common_etype(
        &visit,
        &pool,
        ("18  17  23  24  -135", "23  18  17"),
        8,
        from,
        to,
    );
    falls_back(&mut w, &visit, 8, "06:51", "14:20");
    let hotfixes = machine::hotfixes(&dc)
        .replace("KB5044277", "KB5019966")
        .replace("5044277", "5019966");
    let path = w.path(&dc, "hotfixes.txt");
    w.text(&path, &hotfixes, Encoding::Utf16);
    let text = listing(&pool, "4", "66048", "8/8/2021 8:00:10 AM");
    list(&mut w, "svc_zeit.txt", &pool, &text, Encoding::Utf8);
    w.noise(&web, 40);
    w.noise(&dc, 15);
    small(&mut w, &[&dc, &pc]);
    w.finish(
        Expected::root_cause()
            .finding(
                "ET-07",
                Status::Likely,
                &[("spn", spn), ("account", r"LINZ\svc_zeit")],
            )
            .must_not(&not(&["ET-07"])),
    )
}
