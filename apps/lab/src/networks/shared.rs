//! What the connections of one running network share.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::stream::Stream;
use crate::upstream::{self, Upstream};

use super::conditions::Conditions;
use super::delay;
use super::running::Tls;

/// What the connections of one running network share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) conditions: Conditions,
    pub(super) tls: Tls,
    pub(super) acceptor: Acceptor,
    /// Whom this network trusts as a client.
    pub(super) trust: Arc<rustls::ClientConfig>,
    /// Where it leads; without it to a healthy echo in this process.
    pub(super) upstream: Option<Upstream>,
    /// From which address it connects; from whichever suits without one.
    pub(super) source: Option<IpAddr>,
    /// True while everything is cut.
    pub(super) outage: watch::Receiver<bool>,
}

impl Shared {
    /// Connects to what lies behind, with TLS where that speaks it and the network reads along.
    pub(super) async fn dial(&self) -> io::Result<Stream> {
        let stream = match (&self.upstream, self.tls) {
            (None, _) => upstream::built_in(),
            (Some(upstream), Tls::Untouched) => upstream.dial_tcp_from(self.source).await?,
            (Some(upstream), _) => upstream.dial_from(self.source, &self.trust).await?,
        };
        Ok(match self.conditions.round_trip {
            Some(round_trip) => delay::delayed(stream, round_trip / 2),
            None => stream,
        })
    }
}

/// Holds what speaks TLS with clients; it has nothing to show in logs.
pub(super) struct Acceptor(pub(super) Option<TlsAcceptor>);

impl std::fmt::Debug for Acceptor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Acceptor").finish_non_exhaustive()
    }
}
