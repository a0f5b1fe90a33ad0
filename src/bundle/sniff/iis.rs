//! The state of IIS, told by shape where no echoed command stands before it.
//!
//! ```text
//! SITE "Intranet" (id:2,bindings:…      <appcmd>      APPPOOL              Name  ID  State  Physical Path  Bindings
//! APP "Intranet/" (applicationPool:…    <SITE …         APPPOOL.NAME:"x"   ----  --  -----  -------------  --------
//! ```

/// Objects of the short lists of appcmd, with what their values begin with.
const SHORT: [(&str, &[&str]); 7] = [
    ("SITE \"", &["\" (id:"]),
    ("APP \"", &["\" (applicationPool:"]),
    ("APPPOOL \"", &["\" (MgdVersion:"]),
    ("VDIR \"", &["\" (physicalPath:"]),
    ("WP \"", &["\" (applicationPool:", "\" (apppool:"]),
    ("REQUEST \"", &["\" (url:"]),
    ("MODULE \"", &["\" ( native", "\" ( type:"]),
];

/// Headings of the tables of the cmdlets, in lower case and with single spaces.
const TABLES: [&str; 5] = [
    "name id state physical path",
    "name application pool protocols",
    "protocol bindinginformation",
    "name status clr ver",
    "name state applications",
];

/// Headings of inventories, in lower case and without quotes.
const INVENTORIES: [&str; 2] = [
    "computername,logname,product,location",
    "sitename,applicationpool",
];

/// Whether the state of IIS is listed from the first of these lines on.
pub(super) fn opens(lines: &[&str]) -> bool {
    let Some(line) = lines.first().filter(|line| line.len() <= 4096) else {
        return false;
    };
    let next = lines.get(1).copied().unwrap_or_default();
    let shown = line.trim();
    let short = SHORT.iter().any(|(object, values)| {
        shown.starts_with(object) && values.iter().any(|value| shown.contains(value))
    });
    short || long(line, next) || table(shown, next) || inventory(shown) || section(shown)
}

/// `<appcmd>`, fragments of sections in column 0, or an object alone on its line with its name below.
fn long(line: &str, next: &str) -> bool {
    let shown = line.trim_start();
    let xml = shown.starts_with("<?xml")
        && (next.trim_start().starts_with("<appcmd") || shown.contains("<appcmd"));
    let fragment = [
        "<system.webServer>",
        "<system.web>",
        "<system.applicationHost>",
    ]
    .iter()
    .any(|root| line.starts_with(root));
    let text = !line.is_empty()
        && line
            .trim_end()
            .bytes()
            .all(|letter| letter.is_ascii_uppercase())
        && next.starts_with([' ', '\t'])
        && next
            .trim_start()
            .strip_prefix(line.trim_end())
            .is_some_and(|rest| rest.starts_with(".NAME:\"") || rest.starts_with(".SECTION:\""));
    shown.starts_with("<appcmd") || xml || fragment || text
}

fn table(heading: &str, ruler: &str) -> bool {
    let ruler = ruler.trim();
    if !ruler.starts_with("--") || !ruler.contains("- -") && !ruler.contains("-  ") {
        return false;
    }
    let words: Vec<&str> = heading.split_whitespace().collect();
    let heading = words.join(" ").to_lowercase();
    TABLES.iter().any(|table| heading.starts_with(table))
}

/// The inventories of LogCatcher, and its list of what it collects.
fn inventory(line: &str) -> bool {
    // Every line of every text is asked.
    if !line.contains(',') && !line.starts_with("LogCatcherV") {
        return false;
    }
    let plain = line.replace(['"', ' '], "").to_lowercase();
    let collector = plain.strip_prefix("logcatcherv").is_some_and(|version| {
        !version.is_empty() && version.bytes().all(|c| c.is_ascii_digit() || c == b'.')
    });
    collector || INVENTORIES.iter().any(|heading| plain.starts_with(heading))
}

/// `SectionPath : /system.webServer/…`: a section as `Get-WebConfiguration` lists it.
fn section(line: &str) -> bool {
    line.strip_prefix("SectionPath")
        .and_then(|rest| rest.trim_start().strip_prefix(':'))
        .is_some_and(|path| path.trim_start().starts_with("/system."))
}
