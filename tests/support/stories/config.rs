//! Stories about Windows authentication that is missing or off, and anonymous that is on.

use crate::support::prelude::*;

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        windows_authentication_not_installed(),
        windows_authentication_turned_off(),
        anonymous_wins(),
        every_method_off(),
    ]
}

/// CFG-01: the role service was never installed.
pub fn windows_authentication_not_installed() -> Story {
    let mut w = story(
        "windows-authentication-not-installed",
        "Windows Authentication is switched on for a site, but the role service is not installed",
        "A new server got its sites by script. The location tag switches Windows authentication on, but authsspi.dll was
         never installed: IIS cannot offer Negotiate or NTLM and ends every request in 401.2. The managed module of the
         same purpose is there, as always, and proves nothing. The SPN is right and no ticket was ever asked for.",
    )
    .in_domain("nordwind.example", "NORDWIND");
    let (_dc, web) = (w.dc("NW-DC1"), w.server("NW-WEB11"));
    w.register("HTTP/hr.nordwind.example", &web.machine());
    w.config(
        &web,
        &ApplicationHost::new()
            .without_windows_module()
            .pool(Pool::new("HR Self Service"))
            .site(
                Site::new("HR Self Service")
                    .http(80, "hr.nordwind.example")
                    .pool("HR Self Service"),
            )
            .location("HR Self Service", Auth::windows_only()),
    );
    w.setspn(
        "NW-WEB11 - setspn.log",
        Prompt::Remote("NW-WEB11".into()),
        Encoding::Utf8,
        &["-Q HTTP/hr.nordwind.example", "-L NW-WEB11"],
    );
    w.noise(&web, 160);
    w.log_form(&web, "System", LogForm::EventViewer);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-01", Status::Likely, &[("site", "HR Self Service")])
            .must_not(&["CFG-02", "CFG-03", "CFG-05", "CFG-08", "CFG-13", "SPN-01"]),
    )
}

/// CFG-02: somebody turned it off in the afternoon.
pub fn windows_authentication_turned_off() -> Story {
    let mut w = story(
        "windows-authentication-turned-off",
        "Windows authentication of a site was switched off by a deployment",
        "Kerberos worked until a deployment set windowsAuthentication to false for the site, with anonymous already off.
         IIS-Configuration 29 shows the change from true to false; no user logs on after it, though the logs go on for
         hours. The role service is installed, and the SPN is on the machine account that opens the tickets.",
    )
    .in_domain("lumiere.example", "LUMIERE");
    let (dc, web, pc) = (
        w.dc("LUM-AD1"),
        w.server("SRV-PAIE01"),
        w.client("PRT-2207"),
    );
    let elodie = w.user("elodie.marchand");
    let spn = "HTTP/paie.lumiere.example";
    w.register(spn, &web.machine());
    let (from, off) = (w.at("07:55"), w.at("14:05:12"));
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Paie"))
            .site(Site::new("Paie").https("paie.lumiere.example").pool("Paie"))
            .location(
                "Paie",
                Auth::new().anonymous(false).windows(Windows::disabled()),
            ),
    );
    let visit = Visit::new(&pc, &elodie, &web, spn);
    w.kerberos_works(&visit, &web.machine(), 22, from, off);
    w.change_config(
        off,
        &web,
        "Paie",
        "/system.webServer/security/authentication/windowsAuthentication/@enabled",
        ("true", "false"),
    );
    w.setspn(
        "setspn.txt",
        Prompt::Heading,
        Encoding::Oem850,
        &["-Q HTTP/paie.lumiere.example", "-X"],
    );
    w.klist(
        "klist PRT-2207.txt",
        Encoding::Oem850,
        Language::French,
        &elodie,
        &[spn],
        from,
    );
    w.noise(&web, 180);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-02", Status::Likely, &[("site", "Paie")])
            .current(true)
            .must_not(&[
                "CFG-01", "CFG-05", "CFG-08", "CFG-09", "CFG-16", "SPN-05", "SPN-06",
            ]),
    )
}

/// CFG-07: anonymous was switched on.
pub fn anonymous_wins() -> Story {
    let mut w = story(
        "anonymous-wins",
        "Anonymous authentication was switched on, so nobody is asked who they are",
        "At 11:30 a monitoring team set anonymousAuthentication to true for the site. From then on IIS serves everything
         without a challenge: the application sees nobody and refuses people itself. Kerberos logons stop at that minute,
         while other logons go on. Windows authentication is still on, and no authorization rule, in web.config either,
         shuts anonymous out.",
    )
    .in_domain("tidewater.example", "TIDEWATER");
    let (dc, web, pc) = (w.dc("TW-DC1"), w.server("TWAPP4"), w.client("TW-L-0418"));
    let ben = w.user("ben.okafor");
    let spn = "HTTP/selfservice.tidewater.example";
    w.register(spn, &web.machine());
    let (from, on) = (w.at("07:20"), w.at("11:30:44"));
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("SelfService"))
            .site(
                Site::new("SelfService")
                    .https("selfservice.tidewater.example")
                    .pool("SelfService"),
            )
            .location(
                "SelfService",
                Auth::new().anonymous(true).windows(Windows::enabled()),
            ),
    );
    let web_config = WebConfig::new().asp_net_mode("Windows");
    w.web_config(&web, "SelfService", &web_config);
    w.kerberos_works(
        &Visit::new(&pc, &ben, &web, spn),
        &web.machine(),
        26,
        from,
        on,
    );
    w.change_config(
        on,
        &web,
        "SelfService",
        "/system.webServer/security/authentication/anonymousAuthentication/@enabled",
        ("false", "true"),
    );
    w.setspn(
        "twapp4-spn.txt",
        Prompt::Cmd,
        Encoding::Oem437,
        &["-L TWAPP4", &format!("-Q {spn}")],
    );
    w.noise(&web, 160);
    w.omit_logs_of(&dc);
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-07", Status::Likely, &[("site", "SelfService")])
            .must_not(&["CFG-02", "CFG-03", "CFG-08", "SPN-01", "SPN-05", "AC-01"]),
    )
}

/// CFG-08: nothing may authenticate.
pub fn every_method_off() -> Story {
    let mut w = story(
        "every-method-off",
        "A baseline switched anonymous off, and no other method was ever on",
        "The server's baseline turned anonymous authentication off for everything. This site had been public: no scheme
         was ever on for it, so that every request is now a 401.2 without a header. Nothing in the bundle says that it was
         meant to use Windows authentication; the module is installed.",
    )
    .in_domain("polder.example", "POLDER");
    let (web, pc) = (w.server("PLD-W07"), w.client("PLD-7731"));
    w.config(
        &web,
        &ApplicationHost::new()
            .root(Auth::new().anonymous(false))
            .pool(Pool::new("Planning"))
            .site(
                Site::new("Planning")
                    .http(80, "planning.polder.example")
                    .http(80, "")
                    .pool("Planning"),
            ),
    );
    w.change_config(
        w.at("03:00:09"),
        &web,
        "",
        "/system.webServer/security/authentication/anonymousAuthentication/@enabled",
        ("true", "false"),
    );
    w.noise(&web, 150);
    w.noise(&pc, 30);
    w.log_form(
        &web,
        "Microsoft-IIS-Configuration/Operational",
        LogForm::Wevtutil(Encoding::Utf16),
    );
    w.finish(
        Expected::root_cause()
            .finding_at_least("CFG-08", Status::Likely, &[("site", "Planning")])
            .must_not(&["CFG-01", "CFG-02", "CFG-05", "CFG-07", "SPN-01"]),
    )
}
