//! Which kind of XML: told by the names of its elements, in the order they open.
//!
//! Not an XML parser: files here are fragments, cut off, or broken, and all that is asked is which elements occur. Comments,
//! declarations and CDATA are skipped, so that a commented-out `<system.webServer>` does not count.

use super::super::Kind;

const EVENT_NAMESPACE: &str = "schemas.microsoft.com/win/2004/08/events/event";
const POWERSHELL_NAMESPACE: &str = "schemas.microsoft.com/powershell/2004/04";

/// One start tag: the element's name without prefix, and what stands between the name and `>`.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
}

/// The start tags of a text.
struct Tags<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let (_, after) = self.rest.split_once('<')?;
            let skip = |end: &str| after.split_once(end).map_or("", |(_, rest)| rest);
            match after {
                _ if after.starts_with("!--") => self.rest = skip("-->"),
                _ if after.starts_with("![CDATA[") => self.rest = skip("]]>"),
                _ if after.starts_with(['!', '?', '/']) => self.rest = skip(">"),
                _ => {
                    let (tag, rest) = after.split_once('>').unwrap_or((after, ""));
                    self.rest = rest;
                    let tag = tag.trim_end_matches('/');
                    let (name, attributes) =
                        tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
                    let name = name.rsplit_once(':').map_or(name, |(_, local)| local);
                    return Some(Tag { name, attributes });
                }
            }
        }
    }
}

impl Tag<'_> {
    fn is_event(&self) -> bool {
        self.name == "Event" && self.attributes.contains(EVENT_NAMESPACE)
    }
}

/// The kind of a text whose first character is `<`.
pub(super) fn kind(text: &str) -> Kind {
    let mut tags = Tags { rest: text };
    let Some(root) = tags.next() else {
        return without_elements(text);
    };
    match root.name {
        "Event" if root.is_event() => Kind::EventXml,
        "Events" if tags.next().is_none_or(|child| child.is_event()) => Kind::EventXml,
        // A failed-request trace is made of events too, but of one request.
        "failedRequest" => Kind::RequestTrace,
        // The notes of Fiddler on one exchange.
        "Session"
            if tags
                .next()
                .is_some_and(|child| child.name == "SessionTimers") =>
        {
            Kind::HttpRecording
        }
        // What appcmd printed, alone in its file.
        "appcmd" => Kind::Console,
        "Objs" if root.attributes.contains(POWERSHELL_NAMESPACE) => Kind::Clixml,
        "configSchema" => Kind::OtherConfig,
        "configuration" if root.attributes.contains("XML-Document-Transform") => Kind::OtherConfig,
        "configuration" => configuration(tags),
        "system.applicationHost" | "sites" | "applicationPools" => Kind::ApplicationHostConfig,
        "system.webServer" | "system.web" | "location" => {
            if tags.any(|tag| tag.name == "system.applicationHost") {
                Kind::ApplicationHostConfig
            } else {
                Kind::WebConfig
            }
        }
        _ if tags.next().is_some_and(|child| child.is_event()) => Kind::EventXml,
        _ => Kind::Text,
    }
}

/// A file whose every element is commented out still tells by its standard heading what it was meant to be.
fn without_elements(text: &str) -> Kind {
    if text.contains("IIS configuration sections.") {
        Kind::ApplicationHostConfig
    } else if text.contains("</configuration>") {
        Kind::OtherConfig
    } else {
        Kind::Text
    }
}

/// The kind of a file whose root is `<configuration>`.
fn configuration(tags: Tags<'_>) -> Kind {
    let (mut declares_host, mut web) = (false, false);
    for tag in tags {
        match tag.name {
            "system.applicationHost" => return Kind::ApplicationHostConfig,
            "configurationRedirection" | "moduleProviders" | "trustedProviders" => {
                return Kind::OtherConfig;
            }
            // Only machine.config declares the sections that every other file takes for granted.
            "section" | "sectionGroup"
                if names(&tag, "appSettings") || names(&tag, "system.web") =>
            {
                return Kind::OtherConfig;
            }
            "sectionGroup" if names(&tag, "system.applicationHost") => declares_host = true,
            "system.webServer" | "system.web" | "aspNetCore" | "location" => web = true,
            _ => {}
        }
    }
    match (declares_host, web) {
        (true, _) => Kind::ApplicationHostConfig,
        (false, true) => Kind::WebConfig,
        (false, false) => Kind::OtherConfig,
    }
}

fn names(tag: &Tag<'_>, name: &str) -> bool {
    ['"', '\''].iter().any(|quote| {
        tag.attributes
            .contains(&format!("name={quote}{name}{quote}"))
    })
}

/// True when a line of a text that does not start as XML opens an event (an export with an echoed command before it).
pub(super) fn holds_event(lines: &[String]) -> bool {
    lines.iter().any(|line| {
        let line = line.trim_start();
        line.starts_with("<Event ") && line.contains(EVENT_NAMESPACE)
    })
}
