//! A stand-in for Kosmi's engine: HTTP login, Phoenix's gates, GraphQL over WebSocket, rooms with an archive.
//!
//! It is built from published notes about the protocol and was never compared with the real engine; what the notes leave open is
//! guessed here, and said beside it. It fails on purpose in the ways that the notes report ([`troubles`]), and is worked by plain HTTP
//! below `/control/` ([`control`]). It must never be taken as proof of how the real engine behaves.

mod archive;
mod control;
mod document;
mod house;
mod operation;
mod person;
mod schema;
mod site;
mod socket;
mod talk;
mod troubles;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::accept::{accept, listen_again};
use crate::error::LabError;
use crate::graphql::Dialect;
use crate::running::Options;
use crate::stream::Stream;

use archive::Said;
use house::House;

/// Where and how the stand-in runs.
#[derive(Debug, Clone)]
pub struct KosmiOptions {
    /// The address to listen on; port 0 takes any free one.
    pub listen: SocketAddr,
    /// A file that keeps what was said, so that a stand-in that was killed has its history again. Without one it lives in memory.
    pub archive: Option<PathBuf>,
    /// After how long without data from the client the engine closes.
    pub silence: Duration,
    /// How often the engine pings with a control frame.
    pub ping_every: Duration,
    /// Whether it speaks the older `graphql-ws` in place of `graphql-transport-ws`.
    pub legacy: bool,
}

impl Default for KosmiOptions {
    /// Any free port of 127.0.0.1, an archive in memory, and the times of the notes.
    fn default() -> Self {
        Self {
            listen: Options::default().listen,
            archive: None,
            silence: Duration::from_mins(1),
            ping_every: Duration::from_secs(30),
            legacy: false,
        }
    }
}

/// A stand-in at work. Dropping it stops it.
#[derive(Debug)]
pub struct Kosmi {
    address: SocketAddr,
    house: Arc<House>,
    // Ends all connections on drop.
    _tasks: JoinSet<()>,
}

/// Something that stands in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KosmiLine {
    /// Who said it, by the name that is shown.
    pub name: String,
    /// What.
    pub text: String,
    /// Whether a client said it, and not the stand-in's owner.
    pub by_client: bool,
}

/// Starts the stand-in.
pub async fn start_kosmi(options: KosmiOptions) -> Result<Kosmi, LabError> {
    let failed = |source| LabError::Listen {
        address: options.listen,
        source,
    };
    let listener = listen_again(options.listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let dialect = if options.legacy {
        Dialect::Ws
    } else {
        Dialect::TransportWs
    };
    let house = Arc::new(House::open(&options, dialect)?);
    let mut tasks = JoinSet::new();
    let served = Arc::clone(&house);
    tasks.spawn(accept(listener, CONNECTIONS_MAX, move |tcp| {
        serve(tcp, Arc::clone(&served))
    }));
    Ok(Kosmi {
        address,
        house,
        _tasks: tasks,
    })
}

impl Kosmi {
    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The WebSocket's URL.
    pub fn url(&self) -> String {
        format!("ws://{}{}", self.address, site::SOCKET_PATH)
    }

    /// The URL of the HTTP login.
    pub fn login_url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Says something as a person of this name.
    pub fn say(&self, room: &str, name: &str, text: &str) -> io::Result<()> {
        self.house.say(Said::by(name, room, text)).map(drop)
    }

    /// What stands in a room, the oldest first.
    pub fn room(&self, room: &str) -> Vec<KosmiLine> {
        let rooms = self.house.rooms();
        let lines = rooms.room(room).iter().map(|said| KosmiLine {
            name: said.by.name.clone(),
            text: said.body.clone(),
            by_client: said.by_client,
        });
        lines.collect()
    }
}

async fn serve(tcp: TcpStream, house: Arc<House>) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    site::serve(Stream::from(tcp), &house).await
}

/// The most connections served at a time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 512;

#[cfg(test)]
mod tests;
