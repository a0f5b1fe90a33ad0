//! nslookup's answers: a name of its own, an alias of another, or no such name.

use crate::support::directory::Host;

fn server(dc: &Host) -> String {
    format!("Server:  {}\nAddress:  {}\n\n", dc.dns_name(), dc.ip)
}

/// An A record.
pub fn address(dc: &Host, name: &str, ip: &str) -> String {
    format!("{}Name:    {name}\nAddress:  {ip}\n\n", server(dc))
}

/// Several A records.
pub fn addresses(dc: &Host, name: &str, ips: &[&str]) -> String {
    format!(
        "{}Name:    {name}\nAddresses:  {}\n\n",
        server(dc),
        ips.join("\n\t  ")
    )
}

/// A CNAME: `alias` leads to `name`, which browsers then ask a ticket for.
pub fn alias(dc: &Host, alias: &str, name: &str, ip: &str) -> String {
    format!(
        "{}Name:    {name}\nAddress:  {ip}\nAliases:  {alias}\n\n",
        server(dc)
    )
}

/// No such name.
pub fn not_found(dc: &Host, name: &str) -> String {
    format!(
        "{}*** {} can't find {name}: Non-existent domain\n",
        server(dc),
        dc.dns_name()
    )
}
