//! The commands whose output is read, and how each is told where no echoed command stands before it.
//!
//! One row a tool: the programs that print it, and `opens`, which judges by the shape of the lines from a given one on,
//! because the words are in the language of the server. The sniffer asks it for a whole file, the console reader for the
//! places where one output ends and another begins.

use super::{directory, machine, names, policies, registry, session};

/// The commands whose output a reader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// `setspn`, or what has its shape.
    Setspn,
    /// `klist`, or what has its shape.
    Klist,
    /// `nslookup` or `Resolve-DnsName`.
    Lookup,
    /// Objects of the directory: `Get-ADUser` and its relatives, `ldifde`, `csvde`, `dsquery`, `repadmin /showattr`.
    Directory,
    /// What lies between domains and between domain controllers: `netdom`, `repadmin /showrepl`, `repadmin /replsummary`.
    Domain,
    /// `whoami`: the token of a session.
    Whoami,
    /// `gpresult`: which policies are in force.
    GroupPolicy,
    /// The state of IIS: `appcmd`, the PowerShell cmdlets of IIS, inventories of sites.
    Iis,
    /// `netsh http`: what http.sys serves, and with which certificates.
    HttpSys,
    /// `reg query`, `.reg` exports, `Get-ItemProperty HKLM:`.
    Registry,
    /// `auditpol`: what is audited.
    AuditPolicy,
    /// `secedit`, and other lists of user rights.
    UserRights,
    /// The machine itself: `systeminfo`, `ipconfig`, `nltest`, `w32tm`, installed updates, the notes of collectors.
    Machine,
    /// HTTP exchanges as `curl -v` shows them.
    Exchange,
    /// Events as text: `Get-WinEvent | Format-List`, `wevtutil qe /f:text`.
    Events,
}

/// Lines from which the beginning of an output is told. Every line of a text is asked, so that looking further would make
/// the cost of a text grow with the square of its length.
pub(crate) const AHEAD: usize = 150;

/// How the output of a tool is told.
pub(crate) struct Shape {
    /// Whose output.
    pub(crate) tool: Tool,
    /// Names of the programs and cmdlets, lower case, without `.exe`.
    pub(crate) programs: &'static [&'static str],
    /// Whether output of the tool begins with the first of these lines; it is shown [`AHEAD`] of them.
    pub(crate) opens: fn(&[&str]) -> bool,
}

/// The tools told by this table. setspn, klist and the questions of name lookups have signs of their own.
pub(crate) const SHAPES: &[Shape] = &[
    // First: the properties of an event look like those of anything.
    Shape {
        tool: Tool::Events,
        programs: &["get-winevent", "get-eventlog"],
        opens: super::events::opens,
    },
    Shape {
        tool: Tool::Lookup,
        programs: &[],
        opens: names::opens,
    },
    Shape {
        tool: Tool::Directory,
        programs: &[
            "get-aduser",
            "get-adcomputer",
            "get-adserviceaccount",
            "get-adobject",
            "get-adtrust",
            "test-adserviceaccount",
            "ldifde",
            "csvde",
            "dsquery",
            "repadmin",
        ],
        opens: directory::opens,
    },
    Shape {
        tool: Tool::Domain,
        programs: &["netdom"],
        opens: super::domain::opens,
    },
    Shape {
        tool: Tool::Whoami,
        programs: &["whoami"],
        opens: session::is_whoami,
    },
    Shape {
        tool: Tool::GroupPolicy,
        programs: &["gpresult"],
        opens: session::is_gpresult,
    },
    Shape {
        tool: Tool::Iis,
        programs: &[
            "appcmd",
            "get-website",
            "get-iissite",
            "get-webbinding",
            "get-iissitebinding",
            "get-webapplication",
            "get-iisapppool",
            "get-webapppoolstate",
            "get-webconfiguration",
            "get-webconfigurationproperty",
        ],
        opens: super::iis::opens,
    },
    Shape {
        tool: Tool::HttpSys,
        programs: &["netsh"],
        opens: super::http_sys::opens,
    },
    Shape {
        tool: Tool::Registry,
        programs: &["reg", "get-itemproperty"],
        opens: registry::opens,
    },
    Shape {
        tool: Tool::AuditPolicy,
        programs: &["auditpol"],
        opens: policies::opens_audit,
    },
    Shape {
        tool: Tool::UserRights,
        programs: &["secedit"],
        opens: policies::opens_rights,
    },
    Shape {
        tool: Tool::Machine,
        programs: machine::PROGRAMS,
        opens: machine::opens,
    },
    Shape {
        tool: Tool::Exchange,
        programs: &["curl"],
        opens: super::http::opens_curl,
    },
];

impl Tool {
    /// The tool whose output a program prints, by its name in lower case without path and `.exe`.
    pub(crate) fn of_program(name: &str) -> Option<Self> {
        match name {
            "setspn" => Some(Self::Setspn),
            "klist" => Some(Self::Klist),
            "nslookup" | "resolve-dnsname" => Some(Self::Lookup),
            _ => SHAPES
                .iter()
                .find(|shape| shape.programs.contains(&name))
                .map(|shape| shape.tool),
        }
    }

    /// The tool of [`SHAPES`] whose output begins with the first of these lines.
    pub(crate) fn opened_by(lines: &[&str]) -> Option<Self> {
        let lines = lines.get(..AHEAD).unwrap_or(lines);
        SHAPES
            .iter()
            .find(|shape| (shape.opens)(lines))
            .map(|shape| shape.tool)
    }

    /// The report's name of a file that holds output of this tool alone.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Setspn => "setspn",
            Self::Klist => "klist",
            Self::Lookup => "nslookup",
            Self::Directory => "directory",
            Self::Domain => "domain",
            Self::Whoami => "whoami",
            Self::GroupPolicy => "gpresult",
            Self::Iis => "iis-state",
            Self::HttpSys => "netsh-http",
            Self::Registry => "registry",
            Self::AuditPolicy => "auditpol",
            Self::UserRights => "user-rights",
            Self::Machine => "machine",
            Self::Exchange => "http-exchange",
            Self::Events => "event-text",
        }
    }
}
