//! Stories of users who are signed in and refused all the same: by files, rules, addresses, the application.

use jiff::SignedDuration;

use crate::support::prelude::*;
use crate::support::texts::machine;
use crate::support::texts::requests::{From, Requests};

/// The stories of this file.
pub fn all() -> Vec<Story> {
    vec![
        file_rights_of_a_team_folder(),
        documents_on_a_file_server(),
        rule_against_one_department(),
        role_of_the_application(),
        member_since_this_morning(),
        requests_limited_per_address(),
        content_read_by_the_pool(),
        filter_of_an_old_product(),
    ]
}

/// A web server whose site works with Kerberos: two users who come all day.
pub(super) struct Setting {
    pub(super) w: World,
    pub(super) dc: Host,
    pub(super) web: Host,
    pub(super) pcs: [Host; 2],
    pub(super) users: [Account; 2],
    pub(super) log: Requests,
}

impl Setting {
    /// Names of the machines (domain controller, web server, two clients), the users, the name of the site.
    pub(super) fn new(mut w: World, machines: [&str; 4], users: [&str; 2], name: &str) -> Self {
        let (dc, web) = (w.dc(machines[0]), w.server(machines[1]));
        let pcs = [w.client(machines[2]), w.client(machines[3])];
        let users = users.map(|user| w.user(user));
        let spn = format!("HTTP/{name}");
        w.register(&spn, &web.machine());
        w.setspn(
            &format!("{}/setspn.txt", web.name),
            Prompt::Cmd,
            Encoding::Oem850,
            &[&format!("-F -Q {spn}")],
        );
        let (from, to) = (w.at("07:30"), w.at("15:30"));
        for (pc, user) in pcs.iter().zip(&users) {
            let visit = Visit::new(pc, user, &web, &spn);
            w.kerberos_works(&visit, &web.machine(), 5, from, to);
        }
        w.noise(&web, 50);
        w.omit_logs_of(&dc);
        let log = Requests::new(&web, 1);
        Self {
            w,
            dc,
            web,
            pcs,
            users,
            log,
        }
    }

    /// Both users open pages of the site that work.
    pub(super) fn pages(mut self, path: &str) -> Self {
        let times = self
            .w
            .dice
            .clone()
            .times(14, self.w.at("07:40"), self.w.at("15:20"));
        for (number, time) in times.into_iter().enumerate() {
            let who = number % 2;
            self.log
                .kerberos(time, &From::browser(&self.pcs[who]), path, &self.users[who]);
        }
        self
    }

    /// One user is refused at a path, several times.
    pub(super) fn refused(
        mut self,
        who: usize,
        count: usize,
        path: &str,
        status: (u16, u16),
        win32: u32,
    ) -> Self {
        let times = self
            .w
            .dice
            .times(count, self.w.at("08:10"), self.w.at("14:40"));
        for time in times {
            self.log.refused(
                time,
                &From::browser(&self.pcs[who]),
                path,
                &self.users[who],
                status,
                win32,
            );
        }
        self
    }

    /// Writes the log and gives the world back.
    pub(super) fn logged(mut self) -> (World, Host, [Account; 2]) {
        let path = self.log.path();
        self.w.file(&path, self.log.text());
        (self.w, self.web, self.users)
    }
}

fn windows_site(name: &str, host: &str) -> ApplicationHost {
    ApplicationHost::new()
        .pool(Pool::new(name))
        .site(Site::new(name).http(80, host).pool(name))
        .location(name, Auth::windows_only())
}

/// AZ-01: a folder's access list lacks a user.
pub fn file_rights_of_a_team_folder() -> Story {
    let w = story(
        "file-rights-of-a-team-folder",
        "A user is signed in and may not read one folder: 401.3",
        "The intranet works. One folder was moved in from a project's share and kept its access list, which admits the
         project only. A colleague from another team opens a plan there, is signed in with Kerberos like everywhere else,
         gets 401.3 and a prompt for a password, and types hers until she gives up.",
    )
    .in_domain("ostrava.example", "OSTRAVA");
    let s = Setting::new(
        w,
        ["OV-DC1", "OV-WEB2", "OV-3301", "OV-3318"],
        ["jana.mala", "petr.hora"],
        "intra.ostrava.example",
    );
    let (mut w, web, _) = s
        .pages("/news/index.html")
        .refused(1, 6, "/projekty/plan-2026.pdf", (401, 3), 5)
        .logged();
    w.config(&web, &windows_site("Intra", "intra.ostrava.example"));
    w.finish(
        Expected::root_cause()
            .finding("AZ-01", Status::Confirmed, &[("site", "Intra")])
            .must_not(&[
                "AZ-02", "AZ-03", "AZ-04", "AZ-05", "AZ-06", "AZ-07", "CFG-11", "CFG-19", "CFG-23",
                "AC-01", "SPN-05", "SPN-06",
            ]),
    )
}

/// AZ-02: the content lies on a share, and the user cannot be passed on.
pub fn documents_on_a_file_server() -> Story {
    let w = story(
        "documents-on-a-file-server",
        "The site's files lie on a share, and each user is passed on to it",
        "The archive moved to a file server. The virtual directory has no connect-as account, so IIS opens each file as the
         user who signed in; nothing lets the web server pass a user on, and the file server sees nobody. Everybody is
         signed in with Kerberos and gets 401.3.",
    )
    .in_domain("vestland.example", "VESTLAND");
    let s = Setting::new(
        w,
        ["VL-DC2", "VL-ARK1", "VL-PC09", "VL-PC31"],
        ["kari.lund", "ola.vik"],
        "arkiv.vestland.example",
    );
    let (mut w, web, _) = s
        .refused(0, 5, "/2019/rapport.docx", (401, 3), 5)
        .refused(1, 4, "/2021/vedlegg.pdf", (401, 3), 5)
        .logged();
    w.config(
        &web,
        &ApplicationHost::new()
            .pool(Pool::new("Arkiv"))
            .site(
                Site::new("Arkiv")
                    .http(80, "arkiv.vestland.example")
                    .physical_path(r"\\vl-fs3\arkiv$\web")
                    .pool("Arkiv"),
            )
            .location("Arkiv", Auth::windows_only()),
    );
    w.finish(
        Expected::root_cause()
            .finding("AZ-02", Status::Confirmed, &[("site", "Arkiv")])
            .must_not(&["AZ-01", "AZ-03", "AZ-04", "AZ-07", "SPN-05"]),
    )
}

/// AZ-03: a rule of the application keeps users out.
pub fn rule_against_one_department() -> Story {
    let w = story(
        "rule-against-one-department",
        "An authorization rule of one application names a user to be refused",
        "During an audit somebody added a rule to the purchasing application that denies one buyer, and forgot it. She is
         signed in with Kerberos, IIS asks its rules and answers 401 with her name in the log. Her colleague gets in.",
    )
    .in_domain("brixen.example", "BRIXEN");
    let mut s = Setting::new(
        w,
        ["BX-DC1", "BX-WEB7", "BX-N104", "BX-N118"],
        ["lea.thaler", "max.egger"],
        "einkauf.brixen.example",
    );
    s.log = s.log.wide();
    let (mut w, web, users) = s
        .pages("/bestellung/liste.aspx")
        .refused(0, 7, "/freigabe/offen.aspx", (401, 2), 5)
        .logged();
    w.config(
        &web,
        &windows_site("Einkauf", "einkauf.brixen.example").location(
            "Einkauf/freigabe",
            Auth::new()
                .rule(&format!(
                    "accessType=\"Deny\" users=\"{}\"",
                    users[0].down_level()
                ))
                .rule("accessType=\"Allow\" users=\"*\""),
        ),
    );
    w.finish(
        Expected::root_cause()
            .finding("AZ-03", Status::Confirmed, &[("site", "Einkauf")])
            .must_not(&[
                "AZ-01", "AZ-04", "AZ-05", "AZ-06", "CFG-17", "CFG-23", "CFG-02", "CFG-08",
            ]),
    )
}

/// AZ-04: the application answers 401 itself.
pub fn role_of_the_application() -> Story {
    let w = story(
        "role-of-the-application",
        "An ASP.NET Core application answers 401 to users without its role",
        "The travel application checks a role of its own and answers 401 where 403 would be right. IIS signs the user in and
         hands the Windows token on; a failed-request trace shows that the status was set while the application ran.",
    )
    .in_domain("odense.example", "ODENSE");
    let s = Setting::new(
        w,
        ["OD-DC1", "OD-WEB5", "OD-4410", "OD-4412"],
        ["mette.bak", "jens.toft"],
        "rejser.odense.example",
    );
    let time = s.w.at("10:12:30");
    let visit = Visit::new(&s.pcs[1], &s.users[1], &s.web, "HTTP/rejser.odense.example");
    let (mut w, web, _) = s
        .pages("/rejse/mine")
        .refused(1, 8, "/godkend/alle", (401, 0), 0)
        .logged();
    w.config(&web, &windows_site("Rejser", "rejser.odense.example"));
    w.web_config(
        &web,
        "Rejser",
        &WebConfig::new().server("<aspNetCore processPath=\"dotnet\" arguments=\".\\Rejser.dll\" hostingModel=\"outofprocess\" />"),
    );
    w.file(
        "OD-WEB5/FailedReqLogFiles/W3SVC1/fr000017.xml",
        denied_trace(
            time,
            &visit,
            "/godkend/alle",
            ("AspNetCoreModuleV2", 128),
            (401, 0),
        )
        .into_bytes(),
    );
    w.finish(
        Expected::root_cause()
            .finding("AZ-04", Status::Confirmed, &[("site", "Rejser")])
            .must_not(&["AZ-01", "AZ-03", "AZ-05", "CFG-17", "CFG-10", "CFG-19"]),
    )
}

/// AZ-05: in the group, and not in the token.
pub fn member_since_this_morning() -> Story {
    let w = story(
        "member-since-this-morning",
        "A user was put into the group this morning, and has been signed in since yesterday",
        "The rule admits the group Lohn-Leser. The directory lists the new colleague in it since 07:50; the session that she
         never signed out of has the token of yesterday. Her colleagues in the same group get in.",
    )
    .in_domain("eschen.example", "ESCHEN");
    let s = Setting::new(
        w,
        ["ES-DC1", "ES-WEB3", "ES-L221", "ES-L240"],
        ["nina.hasler", "tom.frick"],
        "lohn.eschen.example",
    );
    let (mut w, web, users) = s
        .pages("/start.aspx")
        .refused(0, 5, "/blatt/2026.aspx", (401, 2), 5)
        .logged();
    w.config(
        &web,
        &windows_site("Lohn", "lohn.eschen.example").location(
            "Lohn/blatt",
            Auth::new().rule(r#"accessType="Allow" roles="ESCHEN\Lohn-Leser""#),
        ),
    );
    let token = Transcript::new(Prompt::Cmd).run("whoami /all", &machine::whoami(&users[0]));
    w.text("ES-L221/whoami.txt", token.text(), Encoding::Oem850);
    let listing = format!(
        "\r\nDistinguishedName : {}\r\nMemberOf          : {{CN=Lohn-Leser,OU=Gruppen,DC=eschen,DC=example, CN=Drucker-EG,OU=Gruppen,DC=eschen,DC=example}}\r\nName              : {}\r\nObjectClass       : user\r\nSamAccountName    : {}\r\nSID               : {}\r\n\r\n",
        users[0].dn(),
        users[0].name,
        users[0].name,
        users[0].sid()
    );
    let asked = Transcript::new(Prompt::PowerShell).run(
        &format!("Get-ADUser {} -Properties MemberOf", users[0].name),
        &listing,
    );
    w.text("ES-DC1/user.txt", asked.text(), Encoding::Utf16);
    w.finish(
        Expected::root_cause()
            .finding(
                "AZ-05",
                Status::Likely,
                &[("site", "Lohn"), ("account", "nina.hasler")],
            )
            .finding("AZ-03", Status::Possible, &[("site", "Lohn")])
            .must_not(&["AZ-01", "AZ-04", "AZ-06", "CFG-17"]),
    )
}

/// AZ-06: too many requests of one address.
pub fn requests_limited_per_address() -> Story {
    let w = story(
        "requests-limited-per-address",
        "Dynamic IP restrictions count all users behind one proxy as one address",
        "A hardening guide switched on a limit of thirty requests in a second for each address. All branches come through
         one proxy, and by NTLM, which costs three requests a sign-in: in the morning the limit is met, and IIS answers
         401.502 to whoever comes next.",
    )
    .in_domain("lugano.example", "LUGANO");
    let mut s = Setting::new(
        w,
        ["LG-DC1", "LG-WEB1", "LG-A10", "LG-B77"],
        ["sara.conti", "luca.ferri"],
        "cassa.lugano.example",
    );
    s.log = s.log.wide();
    let proxy = "10.60.9.4";
    let users: Vec<Account> = ["rosa.galli", "ivo.bassi", "anna.riva", "leo.pini"]
        .iter()
        .map(|name| s.w.user(name))
        .collect();
    let times = s.w.dice.times(24, s.w.at("07:55"), s.w.at("09:05"));
    for (number, time) in times.into_iter().enumerate() {
        let behind = format!("10.61.{}.{}", number % 4, 20 + number);
        let from = From {
            forwarded: &behind,
            ip: proxy,
            ..From::browser(&s.pcs[0])
        };
        let user = &users[number % 4];
        if number % 3 == 2 {
            s.log
                .line(time, &from, "/cassa/conto.aspx", None, (401, 502), 0);
        } else {
            s.log.ntlm(time, &from, "/cassa/conto.aspx", user);
        }
    }
    let (mut w, web, _) = s.pages("/cassa/stato.aspx").logged();
    w.config(
        &web,
        &windows_site("Cassa", "cassa.lugano.example").location_with(
            "Cassa",
            "<security>\n    <dynamicIpSecurity denyAction=\"Unauthorized\">\n        <denyByRequestRate enabled=\"true\" maxRequests=\"30\" requestIntervalInMilliseconds=\"1000\" />\n    </dynamicIpSecurity>\n</security>",
        ),
    );
    w.finish(
        Expected::root_cause()
            .finding("AZ-06", Status::Confirmed, &[("site", "Cassa")])
            .must_not(&["AZ-01", "AZ-03", "AZ-04", "PRX-01", "CFG-14", "CFG-02"]),
    )
}

/// AZ-07: IIS opens files as the pool's account.
pub fn content_read_by_the_pool() -> Story {
    let w = story(
        "content-read-by-the-pool",
        "authenticatedUserOverride makes IIS open files as the worker process, which has no right to them",
        "For a share that is long gone the server was told to open files as the worker process. The content came back to a
         local disk with an access list for the users' groups; the pool's virtual account is not in it. Every user gets
         401.3, whatever the groups.",
    )
    .in_domain("cascais.example", "CASCAIS");
    let s = Setting::new(
        w,
        ["CC-DC1", "CC-WEB4", "CC-P12", "CC-P19"],
        ["rita.melo", "nuno.dias"],
        "manual.cascais.example",
    );
    let (mut w, web, _) = s
        .refused(0, 4, "/oficina/indice.html", (401, 3), 5)
        .refused(1, 5, "/oficina/indice.html", (401, 3), 5)
        .logged();
    w.config(
        &web,
        &windows_site("Manual", "manual.cascais.example").location_with(
            "Manual",
            "<serverRuntime authenticatedUserOverride=\"UseWorkerProcessUser\" />",
        ),
    );
    w.finish(
        Expected::root_cause()
            .finding("AZ-07", Status::Likely, &[("site", "Manual")])
            .must_not(&["AZ-01", "AZ-02", "AZ-03", "CFG-11"]),
    )
}

/// CFG-19: an ISAPI filter refuses.
pub fn filter_of_an_old_product() -> Story {
    let w = story(
        "filter-of-an-old-product",
        "The ISAPI filter of a retired single sign-on product answers 401.4",
        "The product's server was switched off, its filter is still registered at the site. It cannot reach its server and
         refuses every request for the pages that it guards, after IIS signed the user in.",
    )
    .in_domain("tampere.example", "TAMPERE");
    let s = Setting::new(
        w,
        ["TR-DC1", "TR-WEB9", "TR-L5", "TR-L8"],
        ["aino.salo", "eero.laine"],
        "talous.tampere.example",
    );
    let (mut w, web, _) = s
        .pages("/avoin/ohje.html")
        .refused(0, 5, "/laskut/lista.asp", (401, 4), 0)
        .refused(1, 4, "/laskut/lista.asp", (401, 4), 0)
        .logged();
    w.config(
        &web,
        &windows_site("Talous", "talous.tampere.example").location_with(
            "Talous",
            "<isapiFilters>\n    <filter name=\"KirjauAgent\" path=\"D:\\Kirjau\\agent\\kirjau_isapi.dll\" enabled=\"true\" />\n</isapiFilters>",
        ),
    );
    w.finish(
        Expected::root_cause()
            .finding("CFG-19", Status::Confirmed, &[("site", "Talous")])
            .must_not(&["AZ-01", "AZ-03", "AZ-04", "CFG-20"]),
    )
}

/// A failed-request trace: signed in by Kerberos, then refused by a module at a notification.
fn denied_trace(
    time: jiff::Timestamp,
    visit: &Visit,
    path: &str,
    (module, notification): (&str, u32),
    (status, sub_status): (u16, u16),
) -> String {
    let host = visit.spn.split('/').nth(1).unwrap_or_default();
    let url = format!("http://{host}:80{path}");
    let number = notification.to_string();
    let (status, sub_status) = (status.to_string(), sub_status.to_string());
    let user = visit.user.down_level();
    let events: [(&str, Vec<(&str, &str)>); 4] = [
        (
            "GENERAL_REQUEST_START",
            vec![
                ("SiteId", "1"),
                ("RequestURL", &url),
                ("RequestVerb", "GET"),
            ],
        ),
        (
            "AUTH_SUCCEEDED",
            vec![
                ("AuthType", "4"),
                ("NTLMUsed", "false"),
                ("RemoteUserName", &user),
                ("AuthUserName", &user),
            ],
        ),
        (
            "MODULE_SET_RESPONSE_ERROR_STATUS",
            vec![
                ("ModuleName", module),
                ("Notification", &number),
                ("HttpStatus", &status),
                ("HttpReason", "Unauthorized"),
                ("HttpSubStatus", &sub_status),
                ("ErrorCode", "0"),
                ("ConfigExceptionInfo", ""),
            ],
        ),
        (
            "GENERAL_REQUEST_END",
            vec![("HttpStatus", &status), ("HttpSubStatus", &sub_status)],
        ),
    ];
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\r\n<?xml-stylesheet type='text/xsl' href='freb.xsl'?>\r\n<failedRequest url=\"{url}\" siteId=\"1\" appPoolId=\"App\" processId=\"4120\" verb=\"GET\" remoteUserName=\"{user}\" userName=\"{user}\" authenticationType=\"Negotiate\" failureReason=\"STATUS_CODE\" statusCode=\"{status}\" triggerStatusCode=\"{status}\" timeTaken=\"47\" xmlns:freb=\"http://schemas.microsoft.com/win/2006/06/iis/freb\">\r\n"
    );
    for (number, (opcode, values)) in (0i64..).zip(events) {
        let at =
            (time + SignedDuration::from_millis(number * 5)).strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
        text += &format!(
            "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\r\n <System>\r\n  <Provider Name=\"WWW Server\" Guid=\"{{3A2A4E84-4C21-4981-AE10-3FDA0D9B0F83}}\"/>\r\n  <TimeCreated SystemTime=\"{at}\"/>\r\n  <Computer>{}</Computer>\r\n </System>\r\n <EventData>\r\n",
            visit.server.name
        );
        for (name, value) in values {
            text += &format!("  <Data Name=\"{name}\">{value}</Data>\r\n");
        }
        text += &format!(
            " </EventData>\r\n <RenderingInfo Culture=\"en-US\">\r\n  <Opcode>{opcode}</Opcode>\r\n </RenderingInfo>\r\n</Event>\r\n"
        );
    }
    text + "</failedRequest>\r\n"
}
