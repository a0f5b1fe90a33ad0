//! A line of a log of IIS or http.sys together with the connection that it is of.
//!
//! ```text
//! 2026-03-02 08:00:01 GET /app uma 10.0.0.7 50522 401 1 2148074252 46     c-ip c-port … time-taken
//! ```
//!
//! An address with a port is one connection, as long as it lasts: the Security log of the same server names both as well
//! (`IpAddress`, `IpPort`). Ports are used again, so that they say so only of what is near in time.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use crate::evidence::Citation;

/// A line of a log with the connection that it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The client's end of the connection.
    pub peer: SocketAddr,
    /// How long the request took, in milliseconds, where the log says.
    pub took: Option<i64>,
    /// The user that the line names.
    pub user: Option<Arc<str>>,
    /// The line.
    pub from: Citation,
}

/// The client's end of a connection in one spelling: an IPv4 address written as IPv6 is that address, and the interface of
/// `fe80::1%4` is the server's. `None` where the port, or the address, is not known.
pub fn peer(ip: &str, port: u16) -> Option<SocketAddr> {
    let (ip, _interface) = ip.split_once('%').unwrap_or((ip, ""));
    let ip: IpAddr = ip.trim_matches(['[', ']']).parse().ok()?;
    (port != 0).then(|| SocketAddr::new(ip.to_canonical(), port))
}

/// Puts one into a list of the first few and the last.
pub(super) fn keep<T>(list: &mut Vec<T>, most: usize, one: T) {
    match list.get_mut(most.saturating_sub(1)) {
        Some(last) => *last = one,
        None => list.push(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_connection_has_one_spelling() {
        let plain = peer("10.0.0.7", 50522);
        assert!(plain.is_some());
        assert_eq!(peer("::ffff:10.0.0.7", 50522), plain);
        assert_eq!(peer("::FFFF:a00:7", 50522), plain);
        assert_ne!(peer("10.0.0.7", 50523), plain);
        assert_eq!(peer("fe80::1%4", 80), peer("[FE80:0::1]", 80));
        for (ip, port) in [("10.0.0.7", 0), ("-", 50522), ("", 50522), ("PC7", 50522)] {
            assert_eq!(peer(ip, port), None, "{ip} {port}");
        }
    }

    #[test]
    fn the_first_few_and_the_last_are_kept() {
        let mut list = Vec::new();
        (1..=5).for_each(|one| keep(&mut list, 3, one));
        assert_eq!(list, [1, 2, 5]);
    }
}
