//! Stories in which users of another domain or forest come to the site.

use super::encryption::{pool_site, small};
use crate::support::prelude::*;
use crate::support::texts::machine;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        suffix_not_routed(),
        no_referral_from_the_child_domain(),
        external_trust(),
        selective_authentication(),
        all_sids_filtered(),
        trust_is_broken(),
        mapping_left_over(),
        branch_controller(),
        unknown_in_the_other_forest(),
    ]
}

/// The causes that these stories tell apart.
const FAMILY: [&str; 8] = [
    "TR-01", "TR-02", "TR-03", "TR-04", "TR-05", "TR-06", "TR-07", "TR-08",
];

fn not(own: &str) -> Vec<&'static str> {
    let others = FAMILY.into_iter().filter(|cause| *cause != own);
    others
        .chain(["SPN-01", "SPN-02", "SPN-05", "MC-01", "AC-01"])
        .collect()
}

/// A site, and a person of another domain.
struct Across {
    dc: Host,
    web: Host,
    pool: Account,
    spn: &'static str,
    pc: Host,
    user: Account,
}

fn across(w: &mut World, names: [&str; 6], spn: &'static str, other: &Domain) -> Across {
    let [dc, web, pool, site, pc, user] = names;
    let (dc, web, pool) = (w.dc(dc), w.server(web), w.service_account(pool));
    pool_site(w, &web, &pool, site, spn);
    let pc = w.host_in(other, pc, Role::Client);
    let user = w.account_in(other, user, "OU=Staff");
    Across {
        dc,
        web,
        pool,
        spn,
        pc,
        user,
    }
}

impl Across {
    /// A colleague of the site's own domain has Kerberos.
    fn own_users(&self, w: &mut World, pc: &str, user: &str) {
        let (pc, user) = (w.client(pc), w.user(user));
        let visit = Visit::new(&pc, &user, &self.web, self.spn);
        let (from, to) = (w.at("07:30"), w.at("15:00"));
        w.kerberos_works(&visit, &self.pool, 7, from, to);
    }

    /// The KDC of the other side does not know the name, and NTLM serves.
    fn unknown_there(&self, w: &mut World, clocks: &[&str]) {
        for clock in clocks {
            let at = w.at(clock);
            w.event(events::kerberos_error(
                at, &self.pc, &self.user, 0x7, "", self.spn,
            ));
            w.event(events::logon_ntlm(at, &self.web, &self.user, &self.pc));
        }
    }

    fn refused(&self, w: &mut World, status: u32, clocks: &[&str]) {
        for clock in clocks {
            let at = w.at(clock);
            w.event(events::logon_failed(
                at, &self.web, &self.user, &self.pc, status, 0,
            ));
        }
    }

    fn background(&self, w: &mut World) {
        w.noise(&self.web, 40);
        w.noise(&self.dc, 15);
        small(w, &[&self.dc, &self.pc]);
    }
}

const CLOCKS: [&str; 4] = ["08:04:21", "09:12:02", "10:45:37", "13:20:58"];

/// `nltest /domain_trusts` on a machine of the first domain.
fn domain_trusts(own: &Domain, others: &[(&Domain, &str)]) -> String {
    let mut text = String::from("List of domain trusts:\n");
    for (index, (other, notes)) in others.iter().enumerate() {
        text += &format!(
            "    {index}: {} {} (NT 5) {notes}\n",
            other.netbios, other.dns
        );
    }
    text += &format!(
        "    {}: {} {} (NT 5) (Forest Tree Root) (Primary Domain) (Native)\nThe command completed successfully\n",
        others.len(),
        own.netbios,
        own.dns
    );
    text
}

fn console(w: &mut World, file: &str, prompt: Prompt, command: &str, output: &str) {
    let transcript = Transcript::new(prompt).run(command, output);
    w.file(file, transcript.encode(Encoding::Utf8));
}

/// TR-02: the site has a name of a new brand.
pub fn suffix_not_routed() -> Story {
    let mut w = story(
        "suffix-of-the-new-brand-not-routed",
        "The shop portal has a name of the new brand, which the forest trust of the logistics company does not route",
        "Since the rename the portal's domain suffix is listed for the trust as disabled, because it came later than the trust.
         The KDC of the logistics forest answers its users 0x7; users of the own forest have Kerberos for the same name.",
    )
    .in_domain("nordlicht.example", "NORDLICHT");
    let other = Domain::new("logistik.example", "LOGISTIK");
    let names = [
        "NL-DC1",
        "NL-WEB1",
        "svc_portal",
        "Portal",
        "LG-0420",
        "jo.brandt",
    ];
    let a = across(&mut w, names, "HTTP/portal.nordlicht.example", &other);
    a.unknown_there(&mut w, &CLOCKS);
    a.own_users(&mut w, "NL-2001", "tina.voss");
    let suffixes = "Name, Type, Status, Notes\n\n1. *.nordlicht.example, Name Suffix, Disabled\n2. *.nordwind.example, Name Suffix, Enabled\n\nThe command completed successfully.\n";
    console(
        &mut w,
        "trust_suffixes.txt",
        Prompt::Cmd,
        "netdom trust logistik.example /namesuffixes:nordlicht.example",
        suffixes,
    );
    a.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("TR-02", Status::Confirmed, &[("spn", a.spn)])
            .must_not(&not("TR-02")),
    )
}

/// Nothing shows how names are routed.
pub fn unknown_in_the_other_forest() -> Story {
    let mut w = story(
        "unknown-in-the-other-forest",
        "Users of another forest are answered 0x7 by their own KDC; neither trusts nor suffixes were sent",
        "The name has one right holder, and its own users have Kerberos. Why the other forest does not route the name is not in the
         bundle: the trust may be external, the suffix may be missing.",
    )
    .in_domain("cadiz.example", "CADIZ");
    let other = Domain::new("huelva.example", "HUELVA");
    let names = [
        "CA-DC1",
        "CA-WEB1",
        "svc_puerto",
        "Puerto",
        "HU-0011",
        "lola.rey",
    ];
    let a = across(&mut w, names, "HTTP/puerto.cadiz.example", &other);
    a.unknown_there(&mut w, &CLOCKS);
    a.own_users(&mut w, "CA-2001", "paco.gil");
    a.background(&mut w);
    w.finish(
        Expected::inconclusive()
            .must_not(&FAMILY)
            .not_assessed(&["TR-02", "TR-03", "TR-07", "TR-08"]),
    )
}

/// TR-01: the child domain's catalogue does not learn of the root.
pub fn no_referral_from_the_child_domain() -> Story {
    let mut w = story(
        "no-referral-from-the-child-domain",
        "The branch domain's catalogue has not replicated the head office for weeks, and knows nothing of its new site",
        "The site's name is held in the root domain. The KDC of the child domain answers 0x7: the partition of the root fails to
         replicate there (8606). Users of the root domain have Kerberos.",
    )
    .in_domain("ravenna.example", "RAVENNA");
    let child = Domain::new("filiale.ravenna.example", "FILIALE");
    let names = [
        "RA-DC1",
        "RA-WEB1",
        "svc_ordini",
        "Ordini",
        "FI-0009",
        "ugo.conti",
    ];
    let a = across(&mut w, names, "HTTP/ordini.ravenna.example", &child);
    a.unknown_there(&mut w, &CLOCKS);
    a.own_users(&mut w, "RA-2001", "pia.galli");
    let gc = w.host_in(&child, "FI-DC1", Role::DomainController);
    let showrepl = "\nRepadmin: running command /showrepl against full DC localhost\nFiliale\\FI-DC1\nDSA Options: IS_GC\nSite Options: (none)\nDSA object GUID: 5e8d3f04-1c2b-4c55-9a31-0f1e2d3c4b5a\nDSA invocationID: 7a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d\n\n==== INBOUND NEIGHBORS ======================================\n\nDC=ravenna,DC=example\n    Centro\\RA-DC1 via RPC\n        DSA object GUID: 9b8a7c6d-5e4f-4d3c-a2b1-0f9e8d7c6b5a\n        Last attempt @ 2026-03-02 06:51:10 failed, result 8606 (0x219e):\n            Insufficient attributes were given to create an object.\n        412 consecutive failure(s).\n        Last success @ 2026-02-09 03:12:44.\n\n";
    console(
        &mut w,
        "FI-DC1_showrepl.txt",
        Prompt::Cmd,
        "repadmin /showrepl",
        showrepl,
    );
    w.noise(&gc, 10);
    small(&mut w, &[&gc]);
    a.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("TR-01", Status::Likely, &[("spn", a.spn)])
            .must_not(&not("TR-01"))
            .must_not(&["MC-09"]),
    )
}

/// TR-03: a partner with an external trust.
pub fn external_trust() -> Story {
    let mut w = story(
        "partner-comes-over-an-external-trust",
        "Users of a partner come by NTLM, as an external trust leaves them no other way",
        "The partner's domain is trusted by an external trust of long ago. Its users come by NTLM, every one of them; users of the own
         domain have Kerberos. Nothing about the site is wrong.",
    )
    .in_domain("turku.example", "TURKU");
    let other = Domain::new("satama.example", "SATAMA");
    let names = [
        "TU-DC1",
        "TU-WEB1",
        "svc_rahti",
        "Rahti",
        "SA-0100",
        "timo.aho",
    ];
    let a = across(&mut w, names, "HTTP/rahti.turku.example", &other);
    for clock in CLOCKS {
        let at = w.at(clock);
        w.event(events::logon_ntlm(at, &a.web, &a.user, &a.pc));
    }
    a.own_users(&mut w, "TU-2001", "anu.laine");
    let listed = domain_trusts(
        &w.domain.clone(),
        &[(&other, "(Direct Outbound) (Direct Inbound)")],
    );
    let file = w.path(&a.web, "trusts.txt");
    console(
        &mut w,
        &file,
        Prompt::Cmd,
        "nltest /domain_trusts /all_trusts",
        &listed,
    );
    a.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("TR-03", Status::Likely, &[("host", "TU-WEB1")])
            .must_not(&not("TR-03")),
    )
}

/// TR-04: nobody gave the right on the new server.
pub fn selective_authentication() -> Story {
    let mut w = story(
        "new-server-behind-selective-authentication",
        "Users of the other forest may authenticate at the old server and not at the new one",
        "The trust has selective authentication. When the site moved to a new server nobody gave the partner's group the right
         \"Allowed to authenticate\" on it: 4625 with C0000413 for every one of them. Own users get in.",
    )
    .in_domain("lulea.example", "LULEA");
    let other = Domain::new("pitea.example", "PITEA");
    let names = [
        "LL-DC1",
        "LL-WEB9",
        "svc_karta",
        "Karta",
        "PI-0040",
        "maj.lind",
    ];
    let a = across(&mut w, names, "HTTP/karta.lulea.example", &other);
    a.refused(&mut w, 0xc000_0413, &CLOCKS);
    a.own_users(&mut w, "LL-2001", "per.ohman");
    let trust = format!(
        "\n\nDirection               : Outbound\nDistinguishedName       : CN=pitea.example,CN=System,{}\nForestTransitive        : True\nIntraForest             : False\nName                    : pitea.example\nObjectClass             : trustedDomain\nSelectiveAuthentication : True\nSIDFilteringForestAware : False\nSIDFilteringQuarantined : False\nSource                  : {}\nTarget                  : pitea.example\nTrustType               : Uplevel\n\n\n",
        w.domain.naming_context(),
        w.domain.naming_context()
    );
    let command = "Get-ADTrust -Filter * -Properties *";
    let transcript = Transcript::new(Prompt::PowerShell).run(command, &trust);
    w.file("trusts.txt", transcript.encode(Encoding::Utf16));
    a.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("TR-04", Status::Confirmed, &[("host", "LL-WEB9")])
            .must_not(&not("TR-04"))
            .must_not(&["AC-07"]),
    )
}

/// TR-05: nothing is left of the token.
pub fn all_sids_filtered() -> Story {
    let mut w = story(
        "nothing-left-after-sid-filtering",
        "Migrated accounts come with the SIDs of their old domain only, and the quarantine of the trust strikes them all out",
        "After a migration the accounts of the sold company carry SIDs that the trust does not let pass. The web server refuses them
         with C000035E. Own users get in.",
    )
    .in_domain("kiel2.example", "KIEL2");
    let other = Domain::new("werft.example", "WERFT");
    let names = [
        "KI-DC1",
        "KI-WEB1",
        "svc_dock",
        "Dock",
        "WE-0700",
        "hinnerk.voigt",
    ];
    let a = across(&mut w, names, "HTTP/dock.kiel2.example", &other);
    a.refused(&mut w, 0xc000_035e, &CLOCKS);
    a.own_users(&mut w, "KI-2001", "antje.boldt");
    let listed = domain_trusts(
        &w.domain.clone(),
        &[(&other, "(Direct Outbound) ( Attr: quarantined )")],
    );
    let file = w.path(&a.web, "domain_trusts.txt");
    console(
        &mut w,
        &file,
        Prompt::PowerShell,
        "nltest /domain_trusts",
        &listed,
    );
    a.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("TR-05", Status::Confirmed, &[("host", "KI-WEB1")])
            .must_not(&not("TR-05"))
            .must_not(&["AZ-01"]),
    )
}

/// TR-06: one side was restored from a backup.
pub fn trust_is_broken() -> Story {
    let mut w = story(
        "trust-password-out-of-step",
        "The partner restored its domain controllers from a backup, and the trust's password no longer fits",
        "Users of the partner are refused with C000018C on every server of this side. Users of the own domain come by Kerberos and
         by NTLM, so that the server's own channel works.",
    )
    .in_domain("olten.example", "OLTEN");
    let other = Domain::new("aarau.example", "AARAU");
    let names = [
        "OL-DC1",
        "OL-WEB1",
        "svc_bahn",
        "Bahn",
        "AR-0070",
        "beat.frei",
    ];
    let a = across(&mut w, names, "HTTP/bahn.olten.example", &other);
    a.refused(&mut w, 0xc000_018c, &CLOCKS);
    a.own_users(&mut w, "OL-2001", "vreni.keller");
    let (pc, urs) = (w.client("OL-2002"), w.user("urs.meier"));
    let at = w.at("09:00:30");
    w.event(events::logon_ntlm(at, &a.web, &urs, &pc));
    let channel = machine::secure_channel(&a.dc);
    let file = w.path(&a.web, "channel.txt");
    console(
        &mut w,
        &file,
        Prompt::Cmd,
        "nltest /sc_verify:olten.example",
        &channel,
    );
    a.background(&mut w);
    w.finish(
        Expected::root_cause()
            .finding("TR-06", Status::Likely, &[("host", "OL-WEB1")])
            .must_not(&not("TR-06"))
            .must_not(&["TR-04"]),
    )
}

/// TR-07: a mapping of the migration is still there.
pub fn mapping_left_over() -> Story {
    let mut w = story(
        "realm-mapping-left-over-from-a-migration",
        "A kiosk still maps the whole suffix to the realm that was there before the migration",
        "During the migration a script mapped .tromso2.example to the old UNIX realm on some kiosks. They ask that realm for the site
         and get 0x7; PCs without the mapping have Kerberos.",
    )
    .in_domain("tromso2.example", "TROMSO2");
    let (dc, web) = (w.dc("TM-DC1"), w.server("TM-WEB1"));
    let pool = w.service_account("svc_havnelogg");
    let spn = "HTTP/havnelogg.tromso2.example";
    pool_site(&mut w, &web, &pool, "Havnelogg", spn);
    let (kiosk, user) = (w.client("TM-KIOSK3"), w.user("lars.nygaard"));
    for clock in CLOCKS {
        let at = w.at(clock);
        let error = events::kerberos_error(at, &kiosk, &user, 0x7, "", spn)
            .with("ServerRealm", "UNIX.TROMSO.EXAMPLE")
            .with("TargetName", format!("{spn}@UNIX.TROMSO.EXAMPLE"));
        w.event(error);
    }
    let (pc, liv) = (w.client("TM-0200"), w.user("liv.dahl"));
    let visit = Visit::new(&pc, &liv, &web, spn);
    let (from, to) = (w.at("07:30"), w.at("15:00"));
    w.kerberos_works(&visit, &pool, 7, from, to);
    let key = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\Kerberos\HostToRealm\UNIX.TROMSO.EXAMPLE";
    let registry =
        machine::reg_query(&[(key, &[("SpnMappings", "REG_MULTI_SZ", ".tromso2.example")])]);
    let path = w.path(&kiosk, "realms.txt");
    w.text(&path, &registry, Encoding::Oem850);
    w.noise(&kiosk, 10);
    w.noise(&web, 40);
    w.noise(&dc, 15);
    small(&mut w, &[&dc, &kiosk, &pc]);
    w.finish(
        Expected::root_cause()
            .finding("TR-07", Status::Confirmed, &[("spn", spn)])
            .must_not(&not("TR-07")),
    )
}

/// TR-08: no cause is called.
pub fn branch_controller() -> Story {
    let mut w = story(
        "branch-controller-cannot-serve",
        "While the line of the branch is down its clients get 0x1D for the head office's site",
        "The branch has a controller of its own. Whether it is a read-only one is not in the bundle, and another controller that is
         starting answers so, too: the report may call it possible and must ask. 0x1D is no duplicate SPN.",
    )
    .in_domain("inari.example", "INARI");
    let (dc, web) = (w.dc("IN-DC1"), w.server("IN-WEB1"));
    let pool = w.service_account("svc_poro");
    let spn = "HTTP/poro.inari.example";
    pool_site(&mut w, &web, &pool, "Poro", spn);
    let (pc, user) = (w.client("IN-B014"), w.user("aslak.sara"));
    for clock in CLOCKS {
        let at = w.at(clock);
        w.event(events::kerberos_error(at, &pc, &user, 0x1d, "", spn));
    }
    w.noise(&web, 40);
    w.noise(&dc, 15);
    small(&mut w, &[&dc, &pc]);
    w.finish(
        Expected::inconclusive()
            .finding("TR-08", Status::Possible, &[("spn", spn)])
            .must_not(&FAMILY)
            .must_not(&["SPN-02"]),
    )
}
