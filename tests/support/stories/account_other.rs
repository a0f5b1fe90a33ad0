//! Stories about users whom the domain confines, does not know, or takes no password of.

use super::account::sound_site;
use crate::support::evtx_writer::EventSpec;
use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        student_outside_logon_hours(),
        contractor_confined_to_two_computers(),
        kiosk_sends_its_own_name(),
        restricted_and_nobody_says_why(),
        upn_suffix_of_the_old_company(),
        card_without_strong_mapping(),
        one_slip_and_a_scanner(),
    ]
}

/// A sound site where a colleague signs in all day.
struct Office {
    dc: Host,
    web: Host,
    pc: Host,
    spn: String,
}

fn office(
    w: &mut World,
    [dc, web, pc, other, site]: [&str; 5],
    name: &str,
    colleague: &Account,
) -> Office {
    let (dc, web) = (w.dc(dc), w.server(web));
    let (pc, other) = (w.client(pc), w.client(other));
    let spn = format!("HTTP/{name}");
    sound_site(w, &web, site, &spn);
    let (from, to) = (w.at("07:05"), w.at("16:20"));
    w.kerberos_works(
        &Visit::new(&other, colleague, &web, &spn),
        &web.machine(),
        16,
        from,
        to,
    );
    w.noise(&web, 60);
    w.omit_log(&web, "System");
    Office { dc, web, pc, spn }
}

impl Office {
    fn visit(&self, user: &Account) -> Visit {
        Visit::new(&self.pc, user, &self.web, &self.spn)
    }
}

/// AC-06: hours.
pub fn student_outside_logon_hours() -> Story {
    let mut w = story(
        "student-outside-logon-hours",
        "A student is refused every morning: the account's logon hours begin at noon",
        "The account may log on from noon on. In the morning the server refuses with C000006F and the domain controller
         with 0x12, with the right password; later it works. The hours were set that morning (4738).",
    )
    .in_domain("campus.example", "CAMPUS");
    let (student, staff, admin) = (w.user("s.okafor"), w.user("d.meyer"), w.user("adm.reg"));
    let names = ["CP-DC1", "CP-MOODLE", "CP-LAB-17", "CP-0110", "Kurse"];
    let office = office(&mut w, names, "kurse.campus.example", &staff);
    let changed = events::user_changed(w.at("06:02"), &office.dc, &student, &admin);
    w.event(changed.with("LogonHours", "%%1797"));
    let (from, to) = (w.at("06:20"), w.at("11:40"));
    w.logons_refused(
        &office.visit(&student),
        (0xc000_006e, 0xc000_006f),
        6,
        from,
        to,
    );
    w.event(events::tgt_failed(
        w.at("06:21"),
        &office.dc,
        &student,
        &office.pc,
        0x12,
    ));
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-06",
                Status::Confirmed,
                &[("account", r"CAMPUS\s.okafor")],
            )
            .must_not(&["AC-01", "AC-02", "AC-03", "AC-07", "AC-10", "NT-06"]),
    )
}

/// AC-06: workstations.
pub fn contractor_confined_to_two_computers() -> Story {
    let mut w = story(
        "contractor-confined-to-two-computers",
        "A contractor's account is confined to two computers, and the new notebook is none of them",
        "\"Log On To\" names two computers. From the new notebook the server refuses the contractor with C0000070, since NTLM
         compares the name that the client sends; the KDC answers 0xC.",
    )
    .in_domain("donau.example", "DONAU");
    let (ext, staff) = (w.user("ext.toth"), w.user("i.szabo"));
    let names = ["DO-DC2", "DO-WEB4", "DO-NB-99", "DO-1177", "Projekte"];
    let office = office(&mut w, names, "projekte.donau.example", &staff);
    let (from, to) = (w.at("08:15"), w.at("10:40"));
    w.logons_refused(&office.visit(&ext), (0xc000_0070, 0), 5, from, to);
    w.event(events::tgt_failed(
        w.at("08:16"),
        &office.dc,
        &ext,
        &office.pc,
        0xc,
    ));
    w.log_form(&office.web, "Security", LogForm::Wevtutil(Encoding::Utf8));
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-06",
                Status::Confirmed,
                &[("account", r"DONAU\ext.toth")],
            )
            .must_not(&["AC-01", "AC-03", "AC-07", "AC-10", "NT-06", "TR-04"]),
    )
}

/// AC-08: a kiosk puts its own name before the user's.
pub fn kiosk_sends_its_own_name() -> Story {
    let mut w = story(
        "kiosk-outside-of-the-domain",
        "At a kiosk outside of the domain a name typed without its domain is taken for a local account",
        "The kiosk belongs to no domain. Its user types the bare name; Windows puts the kiosk's own name before it, and nobody
         knows that account: C0000064. Typed with the domain it would work.",
    )
    .in_domain("malmo.example", "MALMO");
    let (guest, staff) = (w.user("lager.skift2"), w.user("b.lund"));
    let names = ["MA-DC1", "MA-WEB1", "MA-KIOSK3", "MA-0201", "Tid"];
    let office = office(&mut w, names, "tid.malmo.example", &staff);
    let (from, to) = (w.at("06:00"), w.at("14:00"));
    for time in w.dice.clone().times(9, from, to) {
        let refused = events::logon_failed(
            time,
            &office.web,
            &guest,
            &office.pc,
            0xc000_006d,
            0xc000_0064,
        );
        w.event(refused.with("TargetDomainName", "MA-KIOSK3"));
    }
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-08",
                Status::Confirmed,
                &[("account", r"MA-KIOSK3\lager.skift2")],
            )
            .must_not(&["AC-01", "AC-11", "LOOP-01", "NT-01", "SPN-01"]),
    )
}

/// AC-10: C000006E, and nothing says which policy.
pub fn restricted_and_nobody_says_why() -> Story {
    let mut w = story(
        "restricted-and-nobody-says-why",
        "One user is refused with C000006E, and the bundle does not say which policy it was",
        "The status means that a policy restricts the account: Protected Users, or an authentication policy. Neither the
         group nor the domain controllers' channels are in the bundle, so that it must be asked for, not guessed.",
    )
    .in_domain("elbe.example", "ELBE");
    let (user, staff) = (w.user("k.jansen"), w.user("u.brandt"));
    let names = ["EL-DC1", "EL-WEB2", "EL-4410", "EL-4419", "Reisen"];
    let office = office(&mut w, names, "reisen.elbe.example", &staff);
    let (from, to) = (w.at("09:30"), w.at("12:10"));
    w.logons_refused(&office.visit(&user), (0xc000_006e, 0), 6, from, to);
    w.finish(
        Expected::inconclusive()
            .finding("AC-10", Status::Possible, &[("account", r"ELBE\k.jansen")])
            .must_not(&["NT-05", "NT-06", "AC-01", "AC-06", "AC-12"])
            .not_assessed(&["NT-05", "NT-06"]),
    )
}

/// AC-11: a suffix that the forest does not have.
pub fn upn_suffix_of_the_old_company() -> Story {
    let mut w = story(
        "upn-suffix-of-the-old-company",
        "A user signs in with the mail address of the company that was bought, and no domain has that suffix",
        "The directory lists the user under another user principal name. With the old one the domain controllers answer 0x6
         and the web server C0000064; by the account name the same person gets tickets.",
    )
    .in_domain("tajo.example", "TAJO");
    let (ines, staff) = (w.user("ines.mora"), w.user("pablo.gil"));
    let names = ["TJ-DC1", "TJ-WEB3", "TJ-0815", "TJ-0822", "Gastos"];
    let office = office(&mut w, names, "gastos.tajo.example", &staff);
    let typed = "ines.mora@olduero.example";
    let (from, to) = (w.at("08:40"), w.at("11:30"));
    w.event(events::tgt(w.at("08:02"), &office.dc, &ines, &office.pc));
    for time in w.dice.clone().times(7, from, to) {
        let refused = events::tgt_failed(time, &office.dc, &ines, &office.pc, 0x6);
        w.event(refused.with("TargetUserName", typed));
        let refused = events::logon_failed(
            time,
            &office.web,
            &ines,
            &office.pc,
            0xc000_006d,
            0xc000_0064,
        );
        w.event(
            refused
                .with("TargetUserName", typed)
                .with("TargetDomainName", ""),
        );
    }
    let listing = format!(
        "\n\nDistinguishedName : {}\nEnabled           : True\nName              : {}\nObjectClass       : user\nSamAccountName    : {}\nSID               : {}\nUserPrincipalName : ines.mora@tajo.example\n\n\n",
        ines.dn(),
        ines.name,
        ines.name,
        ines.sid()
    );
    let asked = Transcript::new(Prompt::PowerShell).run("Get-ADUser ines.mora", &listing);
    w.text("usuario.txt", asked.text(), Encoding::Utf16);
    w.finish(
        Expected::root_cause()
            .finding("AC-11", Status::Confirmed, &[("account", typed)])
            .must_not(&["AC-08", "AC-01", "AC-12", "SPN-01", "LOOP-01"]),
    )
}

/// AC-12: a card whose certificate maps weakly.
pub fn card_without_strong_mapping() -> Story {
    let mut w = story(
        "card-without-strong-mapping",
        "A renewed smart card is refused by the domain controllers, and the password is none for this account",
        "The certificate has no SID extension (KDC 39), so the user gets no ticket at all. Typing a password does not help: the
         account requires a smart card, and the web server says so (C00002FA).",
    )
    .in_domain("oder.example", "ODER");
    let (jana, staff) = (w.user("jana.wolf"), w.user("t.krause"));
    let names = ["OD-DC1", "OD-WEB1", "OD-3301", "OD-3307", "Akten"];
    let office = office(&mut w, names, "akten.oder.example", &staff);
    let (from, to) = (w.at("07:50"), w.at("10:15"));
    for time in w.dice.clone().times(5, from, to) {
        let fields = vec![
            ("User", (&jana.name).into()),
            ("Subject", format!("@@@CN={}", jana.name).into()),
            ("Issuer", "ODER-CA2".into()),
            ("SerialNumber", "4b00000a11".into()),
            ("Thumbprint", "9f6c1c5d".into()),
        ];
        w.event(EventSpec::named(
            events::KDC,
            39,
            time,
            &office.dc.fqdn(),
            fields,
        ));
    }
    w.logons_refused(
        &office.visit(&jana),
        (0xc000_006e, 0xc000_02fa),
        5,
        from,
        to,
    );
    w.finish(
        Expected::root_cause()
            .finding(
                "AC-12",
                Status::Confirmed,
                &[("account", r"ODER\jana.wolf")],
            )
            .must_not(&["AC-01", "AC-05", "AC-10", "NT-05", "SPN-01"]),
    )
}

/// Nothing is wrong: one person mistyped once, and a scanner made its rounds.
pub fn one_slip_and_a_scanner() -> Story {
    let mut w = story(
        "one-slip-and-a-scanner",
        "Everybody signs in; one person gave up after a wrong password, and a scanner tried names",
        "The site is healthy. One user mistyped once and did not come back, and a vulnerability scanner tried a dozen names
         within a minute, none of which anybody knows. Neither is a reason to look for a fault.",
    )
    .in_domain("lech.example", "LECH");
    let (uli, staff) = (w.user("uli.berg"), w.user("a.frey"));
    let names = ["LE-DC1", "LE-WEB1", "LE-1000", "LE-1008", "Kantine"];
    let office = office(&mut w, names, "kantine.lech.example", &staff);
    let at = w.at("11:20");
    w.logons_refused(
        &office.visit(&uli),
        (0xc000_006d, 0xc000_006a),
        1,
        at,
        w.at("11:21"),
    );
    let scanner = w.client("LE-SCAN1");
    for (n, time) in (0..).zip(w.dice.clone().times(24, w.at("13:01"), w.at("13:03"))) {
        let mut tried = uli.clone();
        tried.name = format!("test{:02}", n % 12);
        w.event(events::logon_failed(
            time,
            &office.web,
            &tried,
            &scanner,
            0xc000_006d,
            0xc000_0064,
        ));
    }
    w.omit_logs_of(&scanner);
    w.finish(
        Expected::undecided()
            .finding("AC-01", Status::Possible, &[])
            .finding("AC-08", Status::Possible, &[])
            .must_not(&["AC-01", "AC-08", "AC-11", "NT-01", "SPN-01", "SPN-05"]),
    )
}
