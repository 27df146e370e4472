//! A stand-in for Matterbridge's HTTP API, with gateways whose other networks are worked by plain HTTP.
//!
//! It is built from the facts of `bridge/api/api.go` of 42wim/matterbridge 1.26 and what its libraries do: one buffer that clients take
//! from each other, a websocket without a history that reads at most 512 bytes, a token as `Authorization: Bearer`, messages to unknown
//! gateways dropped without a word. A test runs the same contract against the real program where one is at hand. What happens on the
//! gateways' other networks is said and read below `/control/` ([`control`]). It must never be taken as proof of how those behave.

mod archive;
mod control;
mod flow;
mod hub;
mod site;
mod socket;
mod troubles;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::accept::{accept, listen_again};
use crate::error::LabError;
use crate::running::Options;
use crate::stream::Stream;

use hub::Hub;

/// Where and how the stand-in runs.
#[derive(Debug, Clone)]
pub struct MatterbridgeOptions {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// A file that keeps what was said in the gateways, by whichever side, so that a test can read it after a kill. The API itself
    /// forgets at each start, as the real one does.
    pub archive: Option<PathBuf>,
    /// The API's `Token`; without one it is open.
    pub token: Option<String>,
    /// The API's `Buffer`, in messages.
    pub buffer: usize,
    /// The gateways that exist. Without a list every name but `nowhere` is one.
    pub gateways: Option<Vec<String>>,
    /// Whether it keeps a history and gives it to each websocket, as a version of 42wim's did that was never released (commit 05a28c0).
    pub keeps_history: bool,
    /// Whether `GET /api/gateways` is there, as in the later fork.
    pub tells_gateways: bool,
}

impl Default for MatterbridgeOptions {
    /// Any free port of 127.0.0.1, open, with the buffer that it has where none is set.
    fn default() -> Self {
        Self {
            listen: Options::default().listen,
            archive: None,
            token: None,
            buffer: hub::BUFFER_DEFAULT,
            gateways: None,
            keeps_history: false,
            tells_gateways: false,
        }
    }
}

/// A stand-in at work. Dropping it stops it.
#[derive(Debug)]
pub struct Matterbridge {
    address: SocketAddr,
    // Ends all connections on drop.
    _tasks: JoinSet<()>,
}

/// Starts the stand-in.
pub async fn start_matterbridge(options: MatterbridgeOptions) -> Result<Matterbridge, LabError> {
    let listen = options.listen;
    let failed = |source| LabError::Listen {
        address: listen,
        source,
    };
    let listener = listen_again(listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let hub = Arc::new(Hub::open(options)?);
    let mut tasks = JoinSet::new();
    tasks.spawn(accept(listener, CONNECTIONS_MAX, move |tcp| {
        serve(tcp, Arc::clone(&hub))
    }));
    Ok(Matterbridge {
        address,
        _tasks: tasks,
    })
}

impl Matterbridge {
    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client is configured with.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

async fn serve(tcp: TcpStream, hub: Arc<Hub>) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    site::serve(Stream::from(tcp), &hub).await
}

/// The most connections served at a time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 512;

#[cfg(test)]
mod tests;
