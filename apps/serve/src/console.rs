//! The operator's console: a web page on a listener of its own, behind a token.
//!
//! A small gateway stands in front of it, so that live updates reach the page over any transport; everything
//! else it answers itself, without a further hop. It only reads reports and live facts. It must never be reachable
//! without the token, and never show a secret.

use std::net::SocketAddr;
use std::sync::Arc;

use http::header::{self, HeaderMap};
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use towpath_secret::{Readers, Secret};

use crate::admit::count::Permit;
use crate::body::Body;
use crate::client::Client;
use crate::config::{ConsoleSettings, Settings};
use crate::error::ServeError;
use crate::gateway::Gateway;
use crate::route;

mod api;
mod door;
mod files;
mod live;
mod logins;

use door::Admitted;
use logins::Logins;

/// What the console needs to answer.
#[derive(Debug)]
pub(crate) struct Console {
    /// The gateway that it shows.
    gateway: Arc<Gateway>,
    logins: Logins,
    /// Names that may stand in `Host`, besides addresses and `localhost`.
    hosts: Vec<Box<str>>,
}

impl Console {
    /// Whether a request may still see what it was let in for: its login lasts, or it needs none.
    fn is_open_to(&self, headers: &HeaderMap) -> bool {
        headers.contains_key(header::AUTHORIZATION) || self.logins.holds(headers)
    }
}

/// A console that was started.
#[derive(Debug)]
pub(crate) struct Started {
    /// The gateway in front of it; whoever accepts for the console serves connections with it.
    pub(crate) front: Arc<Gateway>,
    /// What answers for the live updates.
    pub(crate) inside: JoinHandle<()>,
}

/// Reads or makes the token and starts what answers behind `listen`, an address that is bound already.
pub(crate) async fn start(
    gateway: &Arc<Gateway>,
    listen: SocketAddr,
) -> Result<Started, ServeError> {
    let settings = &gateway.settings.console;
    let token = read_token(settings)?;
    let console = Arc::new(Console {
        gateway: Arc::clone(gateway),
        logins: Logins::new(token, listen.port()),
        hosts: settings
            .hosts
            .iter()
            .map(|host| host.as_str().into())
            .collect(),
    });
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let failed = |source| ServeError::Listen {
        address: any,
        source,
    };
    let inside = TcpListener::bind(any).await.map_err(failed)?;
    let address = inside.local_addr().map_err(failed)?;
    let front = Gateway::of_console(front_settings(&gateway.settings, listen, address), &console)?;
    let inside = tokio::spawn(live::serve(console, inside));
    Ok(Started { front, inside })
}

/// Whether the token could be read or made.
pub(crate) fn check(settings: &ConsoleSettings) -> Result<(), ServeError> {
    let given = settings.token.is_some() || settings.token_file.exists();
    if settings.listen.is_some() && given {
        read_token(settings)?;
    }
    Ok(())
}

fn read_token(settings: &ConsoleSettings) -> Result<Secret, ServeError> {
    let path = &settings.token_file;
    let token = match &settings.token {
        Some(token) => Secret::of_text(token.as_str()),
        None => Secret::of_file(path, Readers::Warned),
    };
    token.map_err(|source| ServeError::ConsoleToken {
        path: path.clone(),
        source,
    })
}

/// The settings of the gateway in front: sessions for the live updates, and nothing else.
fn front_settings(of_gateway: &Settings, listen: SocketAddr, inside: SocketAddr) -> Settings {
    let mut settings = Settings {
        listen: vec![listen],
        drain_seconds: of_gateway.drain_seconds,
        ..Settings::default()
    };
    settings.upstream.url = format!("ws://{inside}")
        .parse()
        .expect("an address of this machine is an upstream");
    settings.upstream.forward_http = false;
    // A proxy that ends TLS in front of the gateway may do so in front of its console.
    let network = &of_gateway.network;
    settings.network.trusted_hops = network.trusted_hops.clone();
    settings.network.forwarding_header = network.forwarding_header;
    settings.reports.enabled = false;
    settings.reports.check_page = false;
    let limits = &mut settings.limits;
    limits.connections = CONNECTIONS_MAX;
    limits.connections_per_address = CONNECTIONS_MAX;
    limits.sessions = SESSIONS_MAX;
    limits.sessions_per_address = SESSIONS_MAX;
    settings
}

/// Answers a request that reached the console's listener.
pub(crate) async fn handle(
    front: &Arc<Gateway>,
    console: &Arc<Console>,
    request: Request<Incoming>,
    client: Client,
    permit: Arc<Permit>,
) -> Response<Body> {
    let mut response = match door::admit(console, &request, &client) {
        Admitted::Files => files::respond(&request),
        Admitted::Live => route::carry(front, request, client, permit).await,
        Admitted::Login => door::login(console, request, &client).await,
        Admitted::Logout => door::logout(console, &request),
        Admitted::Operator => api::respond(console, &request).await,
        Admitted::Not(refusal) => *refusal,
    };
    door::harden(response.headers_mut());
    response
}

/// Connections to the console at a time.
const CONNECTIONS_MAX: usize = 256;

/// Pages that get live updates at a time.
const SESSIONS_MAX: usize = 64;
