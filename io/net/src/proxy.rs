//! Tunnels through proxies, with everything a proxy said kept as a fact.
//!
//! A tunnel is asked for once. Credentials are sent only to the proxy that they were given for.

use std::fmt;
use std::net::IpAddr;
use std::time::Instant;

use tokio::time::timeout;
use towpath_diagnosis::observation::{Fact, Failure, ProxyKind, Route, Tunnel, TunnelOutcome};
use url::Url;

use crate::failure;
use crate::limits::milliseconds;
use crate::settings::{Settings, SettingsError};
use crate::stream::Stream;
use crate::tls::{self, Offer};
use crate::witness::Witness;

pub mod environment;
mod http_connect;
mod socks;

/// User name and password for a proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(removed)")
    }
}

/// A proxy. Its text form is `scheme://host:port`, without credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyServer {
    /// What it speaks.
    pub kind: ProxyKind,
    /// Its host: a name or a literal without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// What it is told of the user.
    pub credentials: Option<Credentials>,
}

impl fmt::Display for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.kind {
            ProxyKind::Http => "http",
            ProxyKind::Https => "https",
            ProxyKind::Socks5 => "socks5",
            ProxyKind::Socks5h => "socks5h",
        };
        write!(f, "{scheme}://{}", authority(&self.host, self.port))
    }
}

impl ProxyServer {
    /// Reads `[scheme://][user:password@]host[:port]`; without scheme it is an HTTP proxy on port
    /// 1080, as in curl.
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let shown = match text.rsplit_once('@') {
            Some((_, rest)) => rest.to_owned(),
            None => text.to_owned(),
        };
        let wrong = |problem: &str| SettingsError::Proxy {
            shown: shown.clone(),
            problem: problem.to_owned(),
        };
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (kind, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (ProxyKind::Http, 1080),
            "https" => (ProxyKind::Https, 443),
            "socks5" => (ProxyKind::Socks5, 1080),
            "socks5h" => (ProxyKind::Socks5h, 1080),
            _ => return Err(wrong("its scheme is none of http, https, socks5, socks5h")),
        };
        // A scheme that the URL rules do not know has no port of its own to be dropped.
        let url =
            Url::parse(&format!("proxy://{rest}")).map_err(|error| wrong(&error.to_string()))?;
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(|| wrong("it names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let credentials =
            (!url.username().is_empty() || url.password().is_some()).then(|| Credentials {
                user: decoded(url.username()),
                password: decoded(url.password().unwrap_or_default()),
            });
        Ok(Self {
            kind,
            host: host.to_owned(),
            port: url.port().unwrap_or(default_port),
            credentials,
        })
    }

    /// Whether the target's name is turned into an address on this side.
    pub fn resolves_here(&self) -> bool {
        self.kind == ProxyKind::Socks5
    }
}

/// Undoes percent encoding in credentials.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.map(|pair| u8::from_str_radix(pair, 16)) {
            Some(Ok(byte)) if first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `host:port`, with brackets around an IPv6 literal.
pub fn authority(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// What a proxy is asked to reach.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address to ask for instead of the host.
    pub address: Option<IpAddr>,
}

impl Destination {
    fn name(&self) -> String {
        self.address
            .map_or_else(|| self.host.clone(), |address| address.to_string())
    }
}

/// Asks a connected proxy for a tunnel and tells what it answered.
pub async fn tunnel(
    stream: Stream,
    proxy: &ProxyServer,
    destination: &Destination,
    settings: &Settings,
    witness: &mut dyn Witness,
) -> Result<Stream, Failure> {
    let began = Instant::now();
    let limit = settings.limits.tunnel;
    let negotiated = match timeout(limit, negotiate(stream, proxy, destination, settings)).await {
        Ok(negotiated) => negotiated,
        Err(_) => Err(TunnelOutcome::Failed(failure::timed_out(limit))),
    };
    let (outcome, result) = match negotiated {
        Ok(stream) => (TunnelOutcome::Established, Ok(stream)),
        Err(outcome) => {
            let failure = failure_of(&outcome);
            (outcome, Err(failure))
        }
    };
    witness.saw(Fact::Tunnel(Tunnel {
        proxy: proxy.to_string(),
        kind: proxy.kind,
        host: destination.name(),
        port: destination.port,
        credentials: proxy.credentials.is_some(),
        outcome,
        elapsed_ms: milliseconds(began.elapsed()),
    }));
    result
}

async fn negotiate(
    stream: Stream,
    proxy: &ProxyServer,
    destination: &Destination,
    settings: &Settings,
) -> Result<Stream, TunnelOutcome> {
    match proxy.kind {
        ProxyKind::Http => http_connect::ask(stream, proxy, destination, settings).await,
        ProxyKind::Https => {
            let offer = Offer::of(
                &towpath_diagnosis::observation::TlsVariation::Ordinary,
                &proxy.host,
            );
            let route = Route::default();
            // TLS with the proxy is part of the tunnel; a fact of its own would pass for the target's.
            let secured = tls::secure(stream, &proxy.host, &offer, &route, settings, &mut ()).await;
            let secured = secured.map_err(|unsecured| TunnelOutcome::Failed(unsecured.failure))?;
            http_connect::ask(secured.stream, proxy, destination, settings).await
        }
        ProxyKind::Socks5 | ProxyKind::Socks5h => socks::ask(stream, proxy, destination).await,
    }
}

fn failure_of(outcome: &TunnelOutcome) -> Failure {
    let detail = match outcome {
        TunnelOutcome::Failed(failure) => return failure.clone(),
        TunnelOutcome::Refused { response } => {
            format!("the proxy answered CONNECT with {}", response.status)
        }
        TunnelOutcome::SocksRefused { meaning, .. } => {
            format!("the SOCKS proxy refused: {meaning}")
        }
        TunnelOutcome::Established => "the tunnel stands".to_owned(),
    };
    Failure::Other { detail }
}

#[cfg(test)]
mod tests;
