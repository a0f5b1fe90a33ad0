//! Stories about settings that are taken for a failure of Kerberos: forms, impersonation, connections, other schemes, paths.

use jiff::SignedDuration;

use super::refused::Setting;
use crate::support::prelude::*;
use crate::support::texts::requests::{From, Requests};

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        login_page_before_windows(),
        impersonation_in_the_integrated_pipeline(),
        every_picture_signs_in(),
        keep_alive_turned_off(),
        core_application_sees_nobody(),
        api_called_from_another_origin(),
        package_missing_since_boot(),
        tokens_sent_unasked(),
        password_prompt_for_everybody(),
        reports_by_basic_only(),
    ]
}

fn windows_site(name: &str, host: &str) -> ApplicationHost {
    ApplicationHost::new()
        .pool(Pool::new(name))
        .site(Site::new(name).http(80, host).pool(name))
        .location(name, Auth::windows_only())
}

/// CFG-10: ASP.NET redirects to a login page.
pub fn login_page_before_windows() -> Story {
    let mut w = story(
        "login-page-before-windows",
        "Forms authentication of ASP.NET turns the challenge into a redirect to a login page",
        "The application was written for outside users. For the intranet Windows authentication was turned on and anonymous
         off; its web.config still says Forms. Each 401 leaves as a redirect to the login page, which is protected too, and
         browsers go in circles until they give up.",
    )
    .in_domain("gdansk.example", "GDANSK");
    let (web, pc) = (w.server("GD-WEB1"), w.client("GD-204"));
    w.config(&web, &windows_site("Urlopy", "urlopy.gdansk.example"));
    w.web_config(
        &web,
        "Urlopy",
        &WebConfig::new().web("<authentication mode=\"Forms\">\n    <forms loginUrl=\"~/Konto/Logowanie.aspx\" timeout=\"30\" />\n</authentication>"),
    );
    let mut log = Requests::new(&web, 1);
    for time in w.dice.times(12, w.at("07:40"), w.at("13:00")) {
        let from = From::browser(&pc);
        log.line(time, &from, "/Wnioski.aspx", None, (302, 0), 0);
        for step in 1..4i64 {
            log.line(
                time + SignedDuration::from_secs(step),
                &from,
                "/Konto/Logowanie.aspx?ReturnUrl=%2fWnioski.aspx",
                None,
                (302, 0),
                0,
            );
        }
    }
    w.file(&log.path(), log.text());
    w.noise(&web, 70);
    w.finish(
        Expected::root_cause()
            .finding("CFG-10", Status::Confirmed, &[("site", "Urlopy")])
            .must_not(&[
                "CFG-02", "CFG-07", "CFG-08", "CFG-18", "CFG-22", "AZ-04", "PRX-02",
            ]),
    )
}

/// CFG-11: 500.24.
pub fn impersonation_in_the_integrated_pipeline() -> Story {
    let mut w = story(
        "impersonation-in-the-integrated-pipeline",
        "An old application impersonates, and its new pool runs the integrated pipeline: 500.24",
        "The application came from an old server, where it ran in the classic pipeline. Its web.config impersonates the user;
         the new pool is an integrated one. IIS answers 500.24 to every request before it asks anybody; users report that
         they cannot sign in.",
    )
    .in_domain("plzen.example", "PLZEN");
    let (web, pc) = (w.server("PL-APP2"), w.client("PL-118"));
    w.config(&web, &windows_site("Sklad", "sklad.plzen.example"));
    w.web_config(
        &web,
        "Sklad",
        &WebConfig::new().asp_net_mode("Windows").impersonate(true),
    );
    let mut log = Requests::new(&web, 1).wide();
    for time in w.dice.times(9, w.at("08:00"), w.at("10:00")) {
        log.line(
            time,
            &From::browser(&pc),
            "/sklad/default.aspx",
            None,
            (500, 24),
            50,
        );
    }
    w.file(&log.path(), log.text());
    w.noise(&web, 60);
    w.finish(
        Expected::root_cause()
            .finding("CFG-11", Status::Confirmed, &[("site", "Sklad")])
            .must_not(&["CFG-09", "AZ-01", "CFG-02", "CFG-10"]),
    )
}

/// CFG-12: authPersistSingleRequest.
pub fn every_picture_signs_in() -> Story {
    let w = story(
        "every-picture-signs-in",
        "authPersistSingleRequest makes each request sign in anew: half of the log is 401",
        "Nobody is refused. A proxy that is gone needed a sign-in for each request, and the setting stayed. Pages of forty
         pictures cost forty challenges; the users call the site slow, and the security team counts 401.",
    )
    .in_domain("rovaniemi.example", "ROVANIEMI");
    let mut s = Setting::new(
        w,
        ["RO-DC1", "RO-WEB1", "RO-11", "RO-17"],
        ["helmi.niva", "onni.kero"],
        "kuvat.rovaniemi.example",
    );
    let start = s.w.at("08:20");
    for picture in 0..70i64 {
        let who = usize::from(picture % 2 == 1);
        let time = start + SignedDuration::from_secs(picture * 37);
        let path = format!("/kuvat/{}.jpg", 100 + picture % 9);
        s.log
            .kerberos(time, &From::browser(&s.pcs[who]), &path, &s.users[who]);
    }
    let (mut w, web, _) = s.logged();
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Kuvat"))
            .site(
                Site::new("Kuvat")
                    .http(80, "kuvat.rovaniemi.example")
                    .pool("Kuvat"),
            )
            .location(
                "Kuvat",
                Auth::new()
                    .anonymous(false)
                    .windows(Windows::enabled().attribute("authPersistSingleRequest", "true")),
            ),
    );
    w.finish(
        Expected::root_cause()
            .finding("CFG-12", Status::Likely, &[("site", "Kuvat")])
            .must_not(&["CFG-14", "CFG-21", "SPN-05", "SPN-06", "PRX-05"]),
    )
}

/// CFG-14: connections are closed after each answer.
pub fn keep_alive_turned_off() -> Story {
    let w = story(
        "keep-alive-turned-off",
        "HTTP keep-alive is off at one site, and clients that use NTLM never get in",
        "A tuning guide turned keep-alive off. Members of the domain sign in with Kerberos and notice nothing. Two machines of
         a partner, which have no ticket, use NTLM: the connection is closed after the first leg, and they are asked for
         ever.",
    )
    .in_domain("setubal.example", "SETUBAL");
    let mut s = Setting::new(
        w,
        ["SB-DC1", "SB-WEB3", "SB-31", "SB-44"],
        ["ines.pais", "rui.lobo"],
        "loja.setubal.example",
    );
    for time in s.w.dice.times(16, s.w.at("09:00"), s.w.at("12:00")) {
        let from = From {
            ip: "172.20.8.61",
            ..From::browser(&s.pcs[0])
        };
        s.log
            .line(time, &from, "/pedidos/novo.aspx", None, (401, 2), 5);
        s.log.line(
            time,
            &from,
            "/pedidos/novo.aspx",
            None,
            (401, 1),
            0x8009_030e,
        );
    }
    let (mut w, web, _) = s.pages("/pedidos/lista.aspx").logged();
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Loja"))
            .site(
                Site::new("Loja")
                    .http(80, "loja.setubal.example")
                    .pool("Loja"),
            )
            .location("Loja", Auth::windows_only().keep_alive(false)),
    );
    w.finish(
        Expected::root_cause()
            .finding("CFG-14", Status::Confirmed, &[("site", "Loja")])
            .must_not(&["PRX-01", "CFG-12", "CFG-21", "AC-01", "SPN-01", "EPA-01"]),
    )
}

/// CFG-17: the token is not handed on.
pub fn core_application_sees_nobody() -> Story {
    let w = story(
        "core-application-sees-nobody",
        "forwardWindowsAuthToken is false, and the ASP.NET Core application refuses everybody",
        "A new web.config template came with a release. IIS signs users in with Kerberos and logs their names, the module
         keeps the token to itself, and the application answers 401 to everyone.",
    )
    .in_domain("aalst.example", "AALST");
    let s = Setting::new(
        w,
        ["AA-DC1", "AA-WEB6", "AA-70", "AA-72"],
        ["els.wouters", "bart.maes"],
        "uren.aalst.example",
    );
    let (mut w, web, _) = s
        .refused(0, 6, "/api/uren", (401, 0), 0)
        .refused(1, 7, "/api/week", (401, 0), 0)
        .logged();
    w.config(&web, &windows_site("Uren", "uren.aalst.example"));
    w.web_config(&web, "Uren", &WebConfig::new().asp_net_core(false));
    w.finish(
        Expected::root_cause()
            .finding("CFG-17", Status::Confirmed, &[("site", "Uren")])
            .must_not(&["AZ-03", "AZ-04", "AZ-05", "CFG-07"]),
    )
}

/// CFG-18: preflights.
pub fn api_called_from_another_origin() -> Story {
    let w = story(
        "api-called-from-another-origin",
        "The preflights of a new front end are answered 401.2, and its calls never come",
        "A new front end on another name calls the API with JSON. Browsers ask first, with OPTIONS and without credentials,
         and IIS answers with its challenge. Opening the API's pages by hand works, with Kerberos.",
    )
    .in_domain("mechelen.example", "MECHELEN");
    let mut s = Setting::new(
        w,
        ["ME-DC1", "ME-API1", "ME-201", "ME-207"],
        ["an.peeters", "wim.claes"],
        "api.mechelen.example",
    );
    for (number, time) in
        s.w.dice
            .times(18, s.w.at("08:30"), s.w.at("11:30"))
            .into_iter()
            .enumerate()
    {
        let ip = format!("10.44.7.{}", 30 + number % 3);
        let from = From {
            ip: &ip,
            ..From::browser(&s.pcs[0])
        };
        s.log
            .line(time, &from, "OPTIONS /v2/orders", None, (401, 2), 5);
    }
    let (mut w, web, _) = s.pages("/docs/index.html").logged();
    w.config(&web, &windows_site("Api", "api.mechelen.example"));
    w.finish(
        Expected::root_cause()
            .finding("CFG-18", Status::Likely, &[("site", "Api")])
            .must_not(&["CFG-02", "CFG-10", "PRX-05", "CFG-23", "AZ-03"]),
    )
}

/// CFG-20: http.sys without a package.
pub fn package_missing_since_boot() -> Story {
    let mut w = story(
        "package-missing-since-boot",
        "After a restart http.sys could not initialise Kerberos, and nobody is signed in",
        "The server was restarted for updates at 06:20. http.sys notes 15016 for Kerberos; since then sign-ins fail on both
         sites. No configuration was changed, and the day before all was well.",
    )
    .in_domain("zadar.example", "ZADAR");
    let web = w.server("ZD-WEB2");
    w.config(
        &web,
        &windows_site("Luka", "luka.zadar.example")
            .pool(Pool::new("Vez"))
            .site(Site::new("Vez").http(80, "vez.zadar.example").pool("Vez"))
            .location("Vez", Auth::windows_only()),
    );
    let time = w.at("06:21:09");
    w.event(events::http_package_not_initialised(time, &web, "Kerberos"));
    w.noise(&web, 60);
    w.finish(
        Expected::root_cause()
            .finding("CFG-20", Status::Likely, &[("host", "ZD-WEB2")])
            .must_not(&["CFG-02", "CFG-19", "MC-01", "SPN-01"]),
    )
}

/// CFG-21: by design.
pub fn tokens_sent_unasked() -> Story {
    let w = story(
        "tokens-sent-unasked",
        "A monitoring rule counts 401.1, and all of them are first answers to tokens sent unasked",
        "Kerberos works for everybody. A program of the warehouse opens a connection for each request and sends its token
         along, unasked; in kernel mode the first answer is a 401.1 with 2148074254, and the request succeeds. An alarm
         counts these lines.",
    )
    .in_domain("kaunas.example", "KAUNAS");
    let mut s = Setting::new(
        w,
        ["KA-DC1", "KA-WEB1", "KA-5", "KA-6"],
        ["ruta.kazla", "jonas.petra"],
        "sandelis.kaunas.example",
    );
    let account = s.users[0].down_level();
    for time in s.w.dice.times(40, s.w.at("07:00"), s.w.at("16:00")) {
        let from = From {
            agent: "Sandelis/4.2",
            ..From::browser(&s.pcs[0])
        };
        s.log
            .line(time, &from, "/rpc/likutis", None, (401, 1), 0x8009_030e);
        s.log
            .line(time, &from, "/rpc/likutis", Some(&account), (200, 0), 0);
    }
    let (mut w, web, _) = s.logged();
    w.config(&web, &windows_site("Sandelis", "sandelis.kaunas.example"));
    w.finish(
        Expected::healthy()
            .finding("CFG-21", Status::Possible, &[("site", "Sandelis")])
            .must_not(&["CFG-12", "CFG-14", "SPN-01", "CFG-03", "PRX-01"]),
    )
}

/// CFG-22: Basic only.
pub fn password_prompt_for_everybody() -> Story {
    let mut w = story(
        "password-prompt-for-everybody",
        "The site offers Basic only, though its name is registered for Kerberos",
        "The site was set up from the template for outside users: Windows authentication off, Basic on. An administrator had
         registered the SPN for the pool's account before. Everybody is prompted, and the server logs their passwords on as
         logons of type 8.",
    )
    .in_domain("kotor.example", "KOTOR");
    let (dc, web, pc) = (w.dc("KO-DC1"), w.server("KO-WEB1"), w.client("KO-33"));
    let (ana, pool) = (w.user("ana.vukic"), w.service_account("svc_luka"));
    let spn = "HTTP/vozni-red.kotor.example";
    w.register(spn, &pool);
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Red").specific_user(&pool.down_level()))
            .site(
                Site::new("Red")
                    .https("vozni-red.kotor.example")
                    .pool("Red"),
            )
            .location(
                "Red",
                Auth::new()
                    .anonymous(false)
                    .basic(true)
                    .windows(Windows::disabled().use_app_pool_credentials(true)),
            ),
    );
    for time in w.dice.times(9, w.at("07:20"), w.at("12:10")) {
        let logon = events::logon(time, &web, &ana, Some(&pc), 8, "Advapi  ", "Negotiate", "-");
        w.event(logon.with("ProcessName", r"C:\Windows\System32\inetsrv\w3wp.exe"));
    }
    w.setspn(
        "KO-DC1/spn.txt",
        Prompt::PowerShell,
        Encoding::Utf8Bom,
        &[&format!("-F -Q {spn}")],
    );
    w.noise(&web, 60);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::root_cause()
            .finding("CFG-22", Status::Confirmed, &[("site", "Red")])
            .must_not(&["CFG-01", "CFG-02", "CFG-08", "CFG-10", "SPN-05"]),
    )
}

/// CFG-23: one path asks for something else.
pub fn reports_by_basic_only() -> Story {
    let w = story(
        "reports-by-basic-only",
        "One path of the site asks for Basic, the rest for Windows",
        "The reports were once read by a partner, with Basic. The rest of the site signs users in with Kerberos; at /reports
         the browser prompts, and the password that one user types is an old one.",
    )
    .in_domain("novara.example", "NOVARA");
    let mut s = Setting::new(
        w,
        ["NO-DC1", "NO-WEB8", "NO-71", "NO-75"],
        ["gaia.sala", "dino.villa"],
        "vendite.novara.example",
    );
    for time in s.w.dice.times(5, s.w.at("09:10"), s.w.at("11:40")) {
        let from = From::browser(&s.pcs[1]);
        s.log
            .line(time, &from, "/reports/mese.aspx", None, (401, 2), 5);
        s.log.line(
            time,
            &from,
            "/reports/mese.aspx",
            None,
            (401, 1),
            0x8009_030c,
        );
    }
    let (mut w, web, _) = s.pages("/ordini/lista.aspx").logged();
    w.config(
        &web,
        &windows_site("Vendite", "vendite.novara.example").location(
            "Vendite/reports",
            Auth::new().basic(true).windows(Windows::disabled()),
        ),
    );
    w.finish(
        Expected::inconclusive()
            .finding("CFG-23", Status::Possible, &[("site", "Vendite")])
            .must_not(&["CFG-02", "CFG-15", "CFG-22", "SPN-05", "AZ-01"]),
    )
}
