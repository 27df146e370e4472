//! The backend of a web application that searches: one WebSocket a search, each result sent as soon as it is known.
//!
//! The client says what it looks for, so that nothing is sent before it is ready to listen; the server closes behind
//! the last result. It hands out the application's files too, and must never know what is on the way to its clients.

mod lookup;
mod search;
mod site;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::accept::accept;
use crate::error::LabError;
use crate::stream::Stream;

use site::Site;

/// A file that the backend hands out.
#[derive(Debug, Clone)]
pub struct PublishedFile {
    /// Where it is asked for, from the first `/` on.
    pub path: String,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// What is in it.
    pub text: String,
}

/// A backend at work. Dropping it stops it.
#[derive(Debug)]
pub struct Promotions {
    address: SocketAddr,
    site: Arc<Site>,
    // Ends all connections on drop.
    _tasks: JoinSet<()>,
}

/// Starts the backend. Searches are at [`Promotions::PATH`].
pub async fn start_promotions(listen: SocketAddr) -> Result<Promotions, LabError> {
    let failed = |source| LabError::Listen {
        address: listen,
        source,
    };
    let listener = TcpListener::bind(listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let site = Arc::new(Site::default());
    let mut tasks = JoinSet::new();
    let served = Arc::clone(&site);
    tasks.spawn(accept(listener, CONNECTIONS_MAX, move |tcp| {
        serve(tcp, Arc::clone(&served))
    }));
    Ok(Promotions {
        address,
        site,
        _tasks: tasks,
    })
}

impl Promotions {
    /// The path of the WebSocket. It takes `{"from": "0150", "to": "9170"}` and, with `"also": "haulier"`, asks one
    /// more whose answer takes eight seconds.
    pub const PATH: &'static str = search::PATH;

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Hands out a file from now on, in place of an earlier one of the same path.
    pub fn publish(&self, file: PublishedFile) {
        self.site.publish(file);
    }
}

async fn serve(tcp: TcpStream, site: Arc<Site>) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    site::serve(Stream::from(tcp), &site).await
}

/// The most connections served at a time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 256;

#[cfg(test)]
mod tests;
