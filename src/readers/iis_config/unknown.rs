//! What IIS does not know in sections whose attributes and elements are all known here: a typing error, or an element in the
//! wrong place. IIS refuses the whole configuration for it (500.19); it does not skip it.
//!
//! ```text
//! <windowsAuthentication enabled="true" useAppPoolCreduntials="true"><add value="NTLM" /></windowsAuthentication>
//! ```
//!
//! gives the attribute `useAppPoolCreduntials` and the element `add`, which belongs into `providers`.
//!
//! Source: `IIS_schema.xml` of IIS 7.0 to 10, which IIS Express shares, and Microsoft's configuration reference of each element.
//! A server may have schema files of its own that add to a section. Names that differ in case alone are not reported.

use super::config_file::ConfigFile;
use super::model::UnknownItem;
use super::schema::{ANONYMOUS, BASIC, Section, WINDOWS};
use super::tree::Node;
use crate::evidence::ArtifactId;

/// An element, with all that may stand in it.
struct Known {
    name: &'static str,
    attributes: &'static [&'static str],
    elements: &'static [Known],
}

/// What every element may carry: locks, where it is stored, and what belongs to XML.
const ANYWHERE: [&str; 10] = [
    "lockAttributes",
    "lockAllAttributesExcept",
    "lockElements",
    "lockAllElementsExcept",
    "lockItem",
    "configSource",
    "childSource",
    "configProtectionProvider",
    "inheritInChildApplications",
    "xmlns",
];

const fn entry(name: &'static str, attributes: &'static [&'static str]) -> Known {
    Known {
        name,
        attributes,
        elements: &[],
    }
}

const WINDOWS_AUTHENTICATION: Known = Known {
    name: "windowsAuthentication",
    attributes: &[
        "enabled",
        "authPersistSingleRequest",
        "authPersistNonNTLM",
        "useKernelMode",
        "useAppPoolCredentials",
    ],
    elements: &[
        Known {
            name: "providers",
            attributes: &[],
            elements: &[
                entry("add", &["value"]),
                entry("remove", &["value"]),
                entry("clear", &[]),
            ],
        },
        Known {
            name: "extendedProtection",
            attributes: &["tokenChecking", "flags"],
            elements: &[
                entry("spn", &["name"]),
                entry("removeSpn", &["name"]),
                entry("clearSpns", &[]),
            ],
        },
    ],
};
const ANONYMOUS_AUTHENTICATION: Known = entry(
    "anonymousAuthentication",
    &["enabled", "userName", "password", "logonMethod"],
);
const BASIC_AUTHENTICATION: Known = entry(
    "basicAuthentication",
    &["enabled", "realm", "defaultLogonDomain", "logonMethod"],
);
const PROCESS_MODEL: Known = entry(
    "processModel",
    &[
        "identityType",
        "userName",
        "password",
        "requestQueueDelegatorIdentity",
        "loadUserProfile",
        "setProfileEnvironment",
        "logonType",
        "manualGroupMembership",
        "idleTimeout",
        "idleTimeoutAction",
        "maxProcesses",
        "shutdownTimeLimit",
        "startupTimeLimit",
        "pingingEnabled",
        "pingInterval",
        "pingResponseTime",
        "logEventOnProcessModel",
    ],
);

/// Something that IIS does not know, and the element that it is or stands in.
#[derive(Clone)]
pub(super) struct Unknown<'f> {
    pub(super) node: Node<'f>,
    /// `attribute: useAppPoolCreduntials`.
    what: String,
    /// What was meant, by the look of it.
    pub(super) meant: Option<&'static str>,
}

impl Unknown<'_> {
    /// The problem as a sentence.
    pub(super) fn says(&self) -> String {
        format!("IIS does not know this {}; it refuses the file", self.what)
    }

    pub(super) fn cite(self, artifact: ArtifactId) -> UnknownItem {
        UnknownItem {
            at: self.node.cite(artifact),
            what: self.what,
            meant: self.meant,
        }
    }
}

/// How many are told of one section.
const TOLD: usize = 16;
/// How many letters of a name are told, and compared.
const LETTERS: usize = 64;

/// What IIS does not know in a section element; nothing where the section is not fully known here.
pub(super) fn in_section<'f>(section: Section, node: Node<'f>) -> Vec<Unknown<'f>> {
    match section {
        WINDOWS => below(node, &WINDOWS_AUTHENTICATION),
        ANONYMOUS => below(node, &ANONYMOUS_AUTHENTICATION),
        BASIC => below(node, &BASIC_AUTHENTICATION),
        _ => Vec::new(),
    }
}

/// What WAS does not know in the `processModel` of a pool.
pub(super) fn in_process_model(node: Node<'_>) -> Vec<Unknown<'_>> {
    below(node, &PROCESS_MODEL)
}

/// What IIS does not know in a file. What a tool printed is not what stands in the file, and carries names of its own.
pub(super) fn in_file(file: &ConfigFile) -> Vec<Unknown<'_>> {
    if file.states_what_holds || file.is_printed() || file.is_transform() {
        return Vec::new();
    }
    let mut found: Vec<Unknown<'_>> = Vec::new();
    for (section, _, uses) in file.all_uses() {
        for used in uses {
            found.extend(in_section(section, used.node));
        }
    }
    for pools in file.part("applicationPools") {
        let levels = pools.children();
        let models = levels.flat_map(|level| level.named(PROCESS_MODEL.name));
        found.extend(models.flat_map(in_process_model));
    }
    found
}

fn below<'f>(node: Node<'f>, section: &Known) -> Vec<Unknown<'f>> {
    let mut found = Vec::new();
    collect(node, section, section, &mut found);
    found
}

/// No deeper than the elements that are known.
fn collect<'f>(node: Node<'f>, known: &Known, section: &Known, found: &mut Vec<Unknown<'f>>) {
    let mut tell = |node: Node<'f>, what: &str, name: &str| {
        if found.len() < TOLD {
            let name: String = name.chars().take(LETTERS).collect();
            let meant = section.names().find(|own| is_slip(&name, own));
            let what = format!("{what}: {name}");
            found.push(Unknown { node, what, meant });
        }
    };
    let legal = || known.attributes.iter().chain(&ANYWHERE);
    for attribute in node.attributes() {
        let name = attribute.name.as_str();
        if !name.contains(':') && !legal().any(|legal| legal.eq_ignore_ascii_case(name)) {
            tell(node, "attribute", name);
        }
    }
    let mut inner = Vec::new();
    for child in node.children() {
        let name = child.name();
        match (known.elements.iter()).find(|known| known.name.eq_ignore_ascii_case(name)) {
            Some(known) => inner.push((child, known)),
            None => tell(child, "element here", name),
        }
    }
    for (child, known) in inner {
        collect(child, known, section, found);
    }
}

impl Known {
    /// The names of the section, the nearest level first.
    fn names(&self) -> Box<dyn Iterator<Item = &'static str> + '_> {
        let elements = self.elements.iter();
        let own = self.attributes.iter().copied();
        Box::new(own.chain(elements.flat_map(|e| std::iter::once(e.name).chain(e.names()))))
    }
}

/// Whether a name is one that IIS knows with at most two letters added, left out or changed (one where it is short).
fn is_slip(name: &str, known: &str) -> bool {
    let (name, known) = (name.to_lowercase(), known.to_lowercase());
    let most = if known.len() > 5 { 2 } else { 1 };
    if name.len().abs_diff(known.len()) > most {
        return false;
    }
    let mut row: Vec<usize> = (0..=known.len()).collect();
    for (at, letter) in name.bytes().enumerate() {
        let mut before = at;
        let mut last = at + 1;
        let mut next = vec![last];
        for (cell, other) in row.iter().skip(1).zip(known.bytes()) {
            let changed = before + usize::from(letter != other);
            last = changed.min(cell + 1).min(last + 1);
            before = *cell;
            next.push(last);
        }
        row = next;
    }
    row.last().is_some_and(|apart| *apart <= most)
}

#[cfg(test)]
mod tests {
    use crate::evidence::ArtifactId;
    use crate::readers::iis_config::ConfigFile;

    /// What is said of the elements of `security/authentication`, with their lines.
    fn said(inside: &str) -> Vec<String> {
        let text = format!(
            "<configuration><system.webServer><security><authentication>
{inside}
</authentication></security></system.webServer></configuration>"
        );
        said_of(&text)
    }

    fn said_of(text: &str) -> Vec<String> {
        let read = ConfigFile::read_str(ArtifactId(0), text);
        let problems = read.problems.into_iter();
        problems.map(|problem| problem.says).collect()
    }

    #[test]
    fn a_typing_error_and_an_element_in_the_wrong_place() {
        let typed = r#"<windowsAuthentication enabled="true" useAppPoolCreduntials="true" />"#;
        assert_eq!(
            said(typed),
            ["IIS does not know this attribute: useAppPoolCreduntials; it refuses the file"]
        );
        let misplaced =
            r#"<windowsAuthentication enabled="true"><add value="NTLM" /></windowsAuthentication>"#;
        assert_eq!(
            said(misplaced),
            ["IIS does not know this element here: add; it refuses the file"]
        );
        assert_eq!(
            said(r#"<anonymousAuthentication enable="false" />"#).len(),
            1
        );
        let pools = r#"<applicationPools><add name="P"><processModel identity="SpecificUser" /></add></applicationPools>"#;
        assert_eq!(said_of(pools).len(), 1);
    }

    #[test]
    fn slips() {
        for (name, known) in [
            ("useAppPoolCreduntials", "useAppPoolCredentials"),
            ("enable", "enabled"),
            ("enalbed", "enabled"),
            ("aed", "add"),
            ("ADD", "add"),
        ] {
            assert!(super::is_slip(name, known), "{name}");
        }
        for (name, known) in [
            ("axe", "add"),
            ("auditLevel", "enabled"),
            ("contosoMode", "logonMethod"),
            ("", "add"),
        ] {
            assert!(!super::is_slip(name, known), "{name}");
        }
    }

    #[test]
    fn all_that_is_legal() {
        let windows = r#"<windowsAuthentication enabled="true" authPersistSingleRequest="false" authPersistNonNTLM="true" useKernelMode="true" useAppPoolCredentials="true" lockAttributes="enabled" lockItem="true"><providers lockElements="clear"><clear /><remove value="Negotiate" /><add value="NTLM" /></providers><extendedProtection tokenChecking="Allow" flags="None"><clearSpns /><spn name="HTTP/a" /><removeSpn name="HTTP/b" /></extendedProtection></windowsAuthentication>"#;
        let others = r#"<anonymousAuthentication enabled="true" userName="IUSR" password="" logonMethod="ClearText" /><basicAuthentication enabled="false" realm="r" defaultLogonDomain="d" logonMethod="Network" />"#;
        assert_eq!(said(&format!("{windows}{others}")), Vec::<String>::new());
        // Sections that are not fully known here are left alone.
        assert_eq!(
            said(r#"<digestAuthentication other="1" />"#),
            Vec::<String>::new()
        );
    }
}
