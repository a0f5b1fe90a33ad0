//! A line, as far as it is read.

use std::borrow::Cow;
use std::net::SocketAddr;

use super::header::Header;
use crate::readers::call::peer;
use crate::readers::log_lines::{Values, filled, kept, kept_path};

/// A line.
pub(super) struct Line<'l> {
    pub(super) kind: Kind<'l>,
    pub(super) client: Option<&'l str>,
    client_port: Option<&'l str>,
    method: Option<&'l str>,
    url: Option<&'l str>,
}

/// A [`RefusalKind`](super::RefusalKind) that may be borrowed from its line.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Kind<'l> {
    pub(super) status: Option<u16>,
    pub(super) reason: Cow<'l, str>,
    pub(super) site_id: Option<u32>,
    pub(super) queue: Option<Cow<'l, str>>,
    pub(super) port: Option<u16>,
}

impl Kind<'_> {
    pub(super) fn kept(&self) -> Kind<'static> {
        let own = |text: &Cow<'_, str>| Cow::Owned(text.to_string());
        Kind {
            status: self.status,
            reason: own(&self.reason),
            site_id: self.site_id,
            queue: self.queue.as_ref().map(own),
            port: self.port,
        }
    }
}

impl<'l> Line<'l> {
    /// Of these values and this queue; `None` where there is no reason.
    pub(super) fn of(
        header: &Header,
        values: &Values<'l, '_>,
        queue: Option<&'l str>,
    ) -> Option<Self> {
        let value = |at: Option<usize>| values.filled(at);
        Some(Self {
            kind: Kind {
                status: value(header.status).and_then(|v| v.parse().ok()),
                reason: kept(value(header.reason)?),
                site_id: value(header.site_id).and_then(|v| v.parse().ok()),
                queue: queue.and_then(filled).map(kept),
                port: value(header.port).and_then(|v| v.parse().ok()),
            },
            client: value(header.client),
            client_port: value(header.client_port),
            method: value(header.method),
            url: value(header.url),
        })
    }

    /// The client's end of its connection, where it names that.
    pub(super) fn peer(&self) -> Option<SocketAddr> {
        peer(self.client?, self.client_port?.parse().ok()?)
    }

    /// Writes what it says. URLs are not kept beyond their path.
    pub(super) fn tell(&self, text: &mut String) {
        text.clear();
        if let Some(status) = self.kind.status {
            text.push_str(itoa::Buffer::new().format(status));
            text.push(' ');
        }
        text.push_str(&self.kind.reason);
        let mut add = |before: &str, value: &str| {
            text.push_str(before);
            text.push_str(value);
        };
        if let (Some(method), Some(url)) = (self.method, self.url) {
            add(" for ", &kept(method));
            let path = url.split(['?', '#']).next();
            add(" ", &kept_path(path.unwrap_or_default()));
        }
        if let Some(client) = self.client {
            add(" from ", &kept(client));
        }
        if let Some(queue) = &self.kind.queue {
            add(", queue ", &kept(queue));
        }
    }
}
