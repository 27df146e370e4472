//! A request in the making: its head, and where and how it goes.

use std::net::IpAddr;
use std::time::Duration;

use towpath_diagnosis::observation::{Header, RequestHead, Scheme, TlsLibrary, TlsVariation};
use towpath_net::http2;
use towpath_net::proxy::authority;
use towpath_net::{Plan, TlsPlan};

use crate::run::{Probe, default_port};

/// A request and its way. Raw values, secrets and all.
#[derive(Clone)]
pub struct Draft {
    /// The head.
    pub head: RequestHead,
    /// With or without TLS.
    pub scheme: Scheme,
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The only address to use.
    pub address: Option<IpAddr>,
    /// Whether to go past the proxy.
    pub direct: bool,
    /// The TLS library.
    pub library: TlsLibrary,
    /// Whether to ask by extended CONNECT over HTTP/2.
    pub http2: bool,
    /// How long to wait first.
    pub pause: Option<Duration>,
}

impl Draft {
    /// The value of a header.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.head
            .headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// The subprotocols offered.
    pub fn subprotocols(&self) -> Vec<String> {
        let all = self.value("Sec-WebSocket-Protocol").unwrap_or_default();
        all.split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| !name.is_empty())
            .collect()
    }

    /// Replaces a header in its place, or adds it at the end.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        let same = |header: &Header| header.name.eq_ignore_ascii_case(name);
        match self.head.headers.iter().position(same) {
            Some(place) => {
                self.head.headers[place].value = value;
                let mut seen = 0;
                self.head.headers.retain(|header| {
                    seen += usize::from(same(header));
                    !same(header) || seen == 1
                });
            }
            None => self.head.headers.push(Header {
                name: name.to_owned(),
                value,
            }),
        }
    }

    /// Takes a header out.
    pub(crate) fn remove(&mut self, name: &str) {
        self.head
            .headers
            .retain(|header| !header.name.eq_ignore_ascii_case(name));
    }

    /// The head as it goes out, in the form of the HTTP version used.
    pub fn wire_head(&self) -> RequestHead {
        if !self.http2 {
            return self.head.clone();
        }
        let scheme = match self.scheme {
            Scheme::Ws => "http",
            Scheme::Wss => "https",
        };
        http2::head(&self.head, scheme, &self.short_authority())
    }

    /// Host and port; the scheme's default port is left out.
    fn short_authority(&self) -> String {
        let full = authority(&self.host, self.port);
        let default = format!(":{}", default_port(self.scheme));
        full.strip_suffix(&default)
            .map_or(full.clone(), str::to_owned)
    }

    /// Sets Host to where the request goes; the default port is left out.
    pub(crate) fn name_host(&mut self) {
        self.set("Host", self.short_authority());
    }

    /// The origin of the target's own site.
    pub(crate) fn site(&self) -> String {
        let scheme = match self.scheme {
            Scheme::Ws => "http",
            Scheme::Wss => "https",
        };
        format!("{scheme}://{}", self.short_authority())
    }

    /// How to dial for it.
    pub(crate) fn plan(&self, probe: &Probe) -> Plan {
        let variation = match (self.http2, self.library) {
            // As browsers do for pages: a server without HTTP/2 need not refuse the connection.
            (true, _) => TlsVariation::Alpn {
                protocols: vec!["h2".to_owned(), "http/1.1".to_owned()],
            },
            (false, TlsLibrary::OpenSsl) => TlsVariation::OpenSsl,
            (false, TlsLibrary::Rustls) if self.direct => TlsVariation::Direct,
            (false, TlsLibrary::Rustls) => TlsVariation::Ordinary,
        };
        Plan {
            host: self.host.clone(),
            port: self.port,
            address: self.address,
            proxy: probe.proxy.clone().filter(|_| !self.direct),
            tls: (self.scheme == Scheme::Wss).then_some(TlsPlan {
                variation,
                library: Some(self.library),
            }),
        }
    }
}
