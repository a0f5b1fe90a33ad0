//! Bindings of a site.
//!
//! ```text
//! <binding protocol="http" bindingInformation="*:80:www.contoso.com" sslFlags="1" />
//! <binding protocol="https" bindingInformation="[fe80::1]:443:" />
//! ```
//!
//! `bindingInformation` of http and https is `address:port:host`; an IPv6 address stands in brackets and holds colons,
//! so the parts are split from the right. Other protocols write other things there (`808:*`, `localhost`).

use crate::evidence::ArtifactId;

use super::model::Binding;
use super::tree::Node;

/// Reads a binding. One that cannot be taken apart keeps its protocol and has no port.
pub(super) fn read(node: Node<'_>, artifact: ArtifactId) -> Binding {
    let protocol = node
        .attribute("protocol")
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let information = node
        .attribute("bindingInformation")
        .unwrap_or_default()
        .trim();
    let (ip, port, host) = match protocol.as_str() {
        "http" | "https" | "ftp" => split(information),
        _ => ("*", None, ""),
    };
    Binding {
        protocol,
        ip: if ip.is_empty() { "*" } else { ip }.to_owned(),
        port,
        host: host.to_ascii_lowercase(),
        from: node.cite(artifact),
    }
}

/// `address:port:host`, from the right.
fn split(information: &str) -> (&str, Option<u16>, &str) {
    let parts = information.rsplit_once(':');
    let Some((ip, port, host)) = parts.and_then(|(rest, host)| {
        let (ip, port) = rest.rsplit_once(':')?;
        Some((ip, port, host))
    }) else {
        return ("", None, "");
    };
    (ip.trim(), port.trim().parse().ok(), host.trim())
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn addresses_ports_and_hosts_are_split_from_the_right() {
        assert_eq!(split("*:80:"), ("*", Some(80), ""));
        assert_eq!(split(":443:"), ("", Some(443), ""));
        assert_eq!(
            split("10.0.0.5:8080:www.contoso.com"),
            ("10.0.0.5", Some(8080), "www.contoso.com")
        );
        assert_eq!(
            split("[fe80::1]:80:intranet"),
            ("[fe80::1]", Some(80), "intranet")
        );
        assert_eq!(
            split("*:443:*.contoso.com"),
            ("*", Some(443), "*.contoso.com")
        );
    }

    #[test]
    fn what_is_no_binding_gives_no_port() {
        assert_eq!(split("localhost"), ("", None, ""));
        assert_eq!(split("*:99999:host"), ("*", None, "host"));
        assert_eq!(split(""), ("", None, ""));
    }
}
