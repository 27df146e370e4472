//! The endpoint: listening, accepting within its limit, and ending.
//!
//! It must never accept before everything that can be wrong at the start was looked at.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use towpath_reach::Reach;
use url::Url;

use crate::admit::Door;
use crate::answer::Answer;
use crate::connection;
use crate::error::DialError;
use crate::event::{Event, Teller};
use crate::limits::Limits;
use crate::machine;
use crate::settings::Settings;
use crate::status::{self, Counts};
use crate::stop::{Stop, Stopper};

/// What all connections of an endpoint share.
pub(crate) struct Shared {
    pub(crate) url: Url,
    pub(crate) door: Door,
    pub(crate) limits: Limits,
    pub(crate) reach: Reach,
    pub(crate) counts: Counts,
    pub(crate) teller: Teller,
}

impl Shared {
    pub(crate) fn status_page(&self) -> String {
        status::page(&self.url, &self.counts, &self.reach.status())
    }
}

/// An endpoint that listens. Dropping it ends its connections without a word; [`Running::end`] does so with one.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stopper: Stopper,
    accepting: JoinHandle<JoinSet<()>>,
    end_time: Duration,
}

/// Starts an endpoint. What it tells comes by the receiver, which may be dropped; events beyond 1,024 that wait are counted.
/// It must be called within a tokio runtime.
pub fn start(
    settings: Settings,
    reach: Reach,
) -> Result<(Running, mpsc::Receiver<Event>), DialError> {
    settings.check()?;
    let failed = |source| DialError::Listen {
        listen: settings.listen,
        source,
    };
    let listener = bind(settings.listen).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    machine::take_descriptors();
    let (teller, events) = Teller::new();
    teller.tell(Event::Listening {
        url: format!("ws://{address}/"),
    });
    let (stopper, stop) = Stopper::new();
    let end_time = settings.limits.end_time;
    let shared = Arc::new(Shared {
        door: settings.door(address),
        url: settings.url,
        limits: settings.limits,
        reach,
        counts: Counts::default(),
        teller,
    });
    let running = Running {
        address,
        stopper,
        accepting: tokio::spawn(accept(shared, listener, stop)),
        end_time,
    };
    Ok((running, events))
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new connection, closes the others with 1001, and ends as soon as they have, or the time for it is over.
    pub async fn end(self) {
        self.stopper.stop();
        let ended = async {
            if let Ok(mut connections) = self.accepting.await {
                while connections.join_next().await.is_some() {}
            }
        };
        // A little more than each connection takes for itself.
        if timeout(self.end_time * 2, ended).await.is_err() {
            tracing::warn!("connections were cut at the end");
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    // A restart must not wait for the old connections' ends to be forgotten.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts until the endpoint ends; the connections that are left.
async fn accept(shared: Arc<Shared>, listener: TcpListener, stop: Stop) -> JoinSet<()> {
    let places = Arc::new(Semaphore::new(shared.limits.connections_max));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
            () = stop.begun() => return connections,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of descriptors, mostly: those in use end some time, and asking at once again would only burn the processor.
                tracing::error!(%error, "cannot accept");
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        match places.clone().try_acquire_owned() {
            Ok(place) => {
                let served = connection::serve(shared.clone(), stream, stop.clone());
                connections.spawn(async move {
                    served.await;
                    drop(place);
                });
            }
            Err(_) => full(&shared, stream),
        }
    }
}

/// Answers without reading, so that it costs next to nothing.
fn full(shared: &Shared, mut stream: TcpStream) {
    let why = format!(
        "this endpoint has {} connections, which is its limit",
        shared.limits.connections_max
    );
    shared.teller.tell(Event::Denied {
        status: 503,
        why: why.clone(),
    });
    tokio::spawn(async move {
        let answer = Answer::own(503, &why);
        let _ = timeout(FULL_TIME, answer.send(&mut stream, true)).await;
    });
}

/// Connections that wait to be accepted.
const BACKLOG: u32 = 1024;

/// After an accept that failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// For a client to take the answer that there is no place.
const FULL_TIME: Duration = Duration::from_millis(500);
