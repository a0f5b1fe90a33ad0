//! One server collected twice, and sources that disagree.

use crate::support::prelude::*;
use crate::support::texts::web_log::Columns;

/// Two collections of one server, the same log in both, and two dumps of the directory that cannot both be true.
pub fn two_collections_of_one_server() -> Story {
    let mut w = story(
        "layout-twice",
        "One server collected twice: the same log in both collections, and two dumps that disagree",
        "The server was collected in the morning and, after somebody had tried something, in the afternoon; both
         collections hold the same Security log, which counts once, and the same configuration. A colleague's dump of the
         forest finds no holder of the name, the customer's finds the machine account; neither has a time. People are
         served by NTLM. Which of the two is true now is not in the bundle, and the report must say so.",
    )
    .in_domain("lamna.example", "LAMNA");
    let (dc, web, pc) = (w.dc("LM-DC2"), w.server("LM-WEB5"), w.client("LM-3391"));
    let petra = w.user("petra.klein");
    let spn = "HTTP/termine.lamna.example";
    let config = ApplicationHost::new()
        .pool(Pool::new("Termine"))
        .site(
            Site::new("Termine")
                .id(2)
                .http(80, "termine.lamna.example")
                .pool("Termine"),
        )
        .location("Termine", Auth::windows_only())
        .xml();
    w.setspn(
        "colleague/setspn.txt",
        Prompt::PowerShell,
        Encoding::Utf16,
        &[&format!("-F -Q {spn}")],
    );
    w.register(spn, &web.machine());
    w.setspn(
        "customer/setspn.txt",
        Prompt::Cmd,
        Encoding::Oem850,
        &[&format!("-F -Q {spn}")],
    );
    let (from, to) = (w.at("07:55"), w.at("15:05"));
    let visit = Visit::new(&pc, &petra, &web, spn);
    w.ntlm_instead(&visit, Fallback::default(), 24, from, to);
    w.noise(&web, 220);
    for when in ["before", "after"] {
        let folder = format!("LM-WEB5 {when}/");
        w.file(
            &format!("{folder}config/applicationHost.config"),
            config.clone(),
        );
        w.web_log(
            &format!("{folder}W3SVC2/u_ex260305.log"),
            &web,
            2,
            Columns::Default,
        );
        for channel in ["Security", "System"] {
            w.put_log(&web, channel, &format!("{folder}{channel}.evtx"));
        }
    }
    w.pack("LM-WEB5 before/", "LM-WEB5 before.tar.gz", Archive::TarGz);
    w.omit_logs_of(&dc);
    w.omit_logs_of(&pc);
    w.finish(
        Expected::inconclusive()
            .contradiction()
            .not_assessed(&["SPN-01"])
            .must_not(&["SPN-01", "SPN-02", "SPN-05", "SPN-06", "SPN-07", "CFG-03"])
            .host("LM-WEB5", &["web-server"])
            .kind(
                "LM-WEB5 before.tar.gz/config/applicationHost.config",
                "application-host-config",
            )
            .kind("LM-WEB5 before.tar.gz/Security.evtx", "evtx")
            .kind("LM-WEB5 after/W3SVC2/u_ex260305.log", "iis-log")
            .kind("colleague/setspn.txt", "setspn")
            .kind("customer/setspn.txt", "setspn"),
    )
}
