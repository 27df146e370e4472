//! What a fault is: a name, what it shows, and the one function that serves a connection.
//!
//! This is a table's row and must never hold state; state of one run lives in `lab`.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;

use tokio::net::TcpSocket;

use crate::lab::Lab;
use crate::stream::Stream;

/// One named fault, or a healthy stand-in.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// The id of the cause it shows, or the name of a stand-in such as `healthy-echo`.
    pub name: &'static str,
    /// What it does, in one line.
    pub summary: &'static str,
    /// The causes a client's diagnosis should name, the right one first; empty where nothing is broken.
    pub causes: &'static [&'static str],
    /// Causes that a diagnosis may mention although nothing is broken.
    pub context: &'static [&'static str],
    /// What part of the way it plays.
    pub kind: Kind,
    /// Whether the URL to check is `wss`.
    pub tls: bool,
    /// Whether it shows on the loopback interface. Else it needs a network of its own, as in a namespace:
    /// a machine does not block itself, and it asks its own resolver.
    pub on_loopback: bool,
    /// Whether a check finds the cause only with a real browser beside it.
    pub by_browser: bool,
    /// How the URL to check names the host.
    pub(crate) host: Host,
    /// The path and query of the URL to check.
    pub path: &'static str,
    /// Further options of `towpath check` with which the fault shows, for example `--echo`. `{page}` stands
    /// for the URL of the page beside the WebSocket.
    pub check: &'static [&'static str],
    /// In whose name inspecting middleboxes sign certificates.
    pub(crate) inspector: &'static str,
    /// Which certificates a client is told to trust.
    pub(crate) trust: Trust,
    /// How connections are served.
    pub(crate) serve: Serve,
}

/// What part of the way a fault plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The server itself; takes no upstream.
    Server,
    /// Stands before a server: `--upstream`, or a healthy echo that is built in.
    Middlebox,
    /// An explicit HTTP or SOCKS proxy that clients must be told about.
    Proxy {
        /// The scheme of the proxy's URL: `http`, `socks5` or `socks5h`.
        scheme: &'static str,
    },
    /// A DNS server; its address belongs into the resolver's configuration.
    Resolver,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Server => "server",
            Self::Middlebox => "middlebox",
            Self::Proxy { .. } => "proxy",
            Self::Resolver => "resolver",
        })
    }
}

/// How the URL to check names the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Host {
    /// By name for the sake of certificates, else by address.
    Suitable,
    /// By address.
    Address,
    /// By a name that has an address in each family.
    BothFamilies,
    /// By the name that a resolver of the lab is asked for.
    Resolved,
}

/// Which certificates a client is told to trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// The lab's own authority.
    Lab,
    /// The lab's own and the one of inspecting middleboxes.
    LabAndInspector,
    /// None: being untrusted is the point.
    Nothing,
}

/// The future of one served connection. An error only means that the peer went away.
pub(crate) type Served = Pin<Box<dyn Future<Output = io::Result<()>> + Send>>;

/// At which depth a fault takes over.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Serve {
    /// A byte stream; if [`Fault::tls`] is set, the lab's own good certificate has been shown already.
    Stream(fn(Stream, Arc<Lab>) -> Served),
    /// The accepted TCP connection, before TLS.
    Accepted(fn(Stream, Arc<Lab>) -> Served),
    /// The bound socket, before it listens. What is done before the future is returned is done before the
    /// fault counts as started.
    Bound(fn(TcpSocket, Arc<Lab>) -> Served),
}

impl Fault {
    /// What most faults share; each names the rest.
    pub(crate) const PLAIN: Self = Self {
        name: "",
        summary: "",
        causes: &[],
        context: &[],
        kind: Kind::Server,
        tls: false,
        on_loopback: true,
        by_browser: false,
        host: Host::Suitable,
        path: "/socket",
        check: &[],
        inspector: "Lab Web Gateway",
        trust: Trust::Lab,
        serve: Serve::Stream(|stream, _| {
            Box::pin(async move {
                drop(stream);
                Ok(())
            })
        }),
    };
}
