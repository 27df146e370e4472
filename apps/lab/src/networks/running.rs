//! Starting a network, saying how to reach it, and stopping it without a trace.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::accept::accept;
use crate::error::LabError;
use crate::upstream::Upstream;

use super::conditions::{Conditions, Settings};
use super::shared::{Acceptor, Shared};
use super::trust::{self, Inspector};
use super::{connection, find_networks, outage};

/// Where and how a network runs.
#[derive(Debug, Clone)]
pub struct NetworkOptions {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// `host:port` or a URL that the network leads to; without it, to a healthy echo that is built in. A `wss` or
    /// `https` URL is spoken to over TLS. Requests keep their Host.
    pub upstream: Option<String>,
    /// Authorities to trust for the upstream besides the public ones, as PEM.
    pub upstream_roots: String,
    /// The address of this machine from which it connects to the upstream, so that several networks can be told
    /// apart there; without it from whichever suits.
    pub source: Option<IpAddr>,
    /// What it does with TLS.
    pub tls: Tls,
    /// In whose name it inspects TLS; without one it makes its own.
    pub inspector: Option<Inspector>,
    /// Figures in place of the network's own.
    pub settings: Settings,
}

impl Default for NetworkOptions {
    /// Any free port of 127.0.0.1, without TLS, the built-in upstream.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            upstream: None,
            upstream_roots: String::new(),
            source: None,
            tls: Tls::None,
            inspector: None,
            settings: Settings::default(),
        }
    }
}

/// What a network does with TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Clients speak plain HTTP to it.
    None,
    /// It ends the clients' TLS with a certificate of the [`Inspector`], and speaks HTTP/1.1 alone.
    Inspected,
    /// It passes bytes on as they are; only networks that need not read requests can.
    Untouched,
}

/// A network at work. Dropping it stops it.
#[derive(Debug)]
pub struct RunningNetwork {
    name: String,
    address: SocketAddr,
    tls: Tls,
    inspector: Inspector,
    // Ends all connections on drop.
    _tasks: JoinSet<()>,
}

/// Starts the network of this name; several names are joined by `+`.
pub async fn start_network(
    name: &str,
    options: NetworkOptions,
) -> Result<RunningNetwork, LabError> {
    let networks = find_networks(name).ok_or_else(|| LabError::UnknownNetwork {
        name: name.to_owned(),
    })?;
    if options.tls == Tls::Untouched && networks.iter().any(|network| network.reads_http) {
        return Err(LabError::CannotRead {
            name: name.to_owned(),
        });
    }
    let conditions = Conditions::of(&networks, &options.settings);
    let inspector = match options.inspector {
        Some(inspector) => inspector,
        None => Inspector::new()?,
    };
    let acceptor = match options.tls {
        Tls::Inspected => Some(inspector.acceptor()?),
        Tls::None | Tls::Untouched => None,
    };
    let upstream = options
        .upstream
        .as_deref()
        .map(Upstream::parse)
        .transpose()?;
    let failed = |source| LabError::Listen {
        address: options.listen,
        source,
    };
    let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let (tell, told) = watch::channel(false);
    let mut tasks = JoinSet::new();
    if let Some(every) = conditions.outage_every {
        tasks.spawn(outage::run(every, tell));
    }
    let shared = Shared {
        conditions,
        tls: options.tls,
        acceptor: Acceptor(acceptor),
        trust: trust::client(&options.upstream_roots)?,
        upstream,
        source: options.source,
        outage: told,
    };
    let shared = Arc::new(shared);
    tasks.spawn(accept(listener, CONNECTIONS_MAX, move |tcp| {
        connection::serve(tcp, Arc::clone(&shared))
    }));
    Ok(RunningNetwork {
        name: name.to_owned(),
        address,
        tls: options.tls,
        inspector,
        _tasks: tasks,
    })
}

impl RunningNetwork {
    /// The name it was started by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The `http` or `https` URL of the root behind it.
    pub fn url(&self) -> String {
        let scheme = if self.tls == Tls::None {
            "http"
        } else {
            "https"
        };
        format!("{scheme}://{}/", self.address)
    }

    /// The certificate to trust where it inspects, as PEM.
    pub fn ca_pem(&self) -> String {
        self.inspector.pem()
    }
}

/// The most connections served at a time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 1024;
