//! The listener that shows how the relay goes: a page, JSON, metrics, and a check for whoever supervises.
//!
//! It only reads. It must never be open to other machines without a token, nor to a page of another origin.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use towpath_secret::{Readers, Secret};

use crate::config::StatusSettings;
use crate::error::RelayError;
use crate::status::Status;

mod answer;
mod door;

use door::Door;

/// Whoever can take a picture of the relay answers these.
pub(crate) type Pictures = mpsc::Sender<oneshot::Sender<Status>>;

/// A listener at work.
#[derive(Debug)]
pub(crate) struct Listener {
    wanted: SocketAddr,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    door: RwLock<Arc<Door>>,
    pictures: Pictures,
}

impl Listener {
    /// Starts to listen, where the settings name a place.
    pub(crate) async fn start(
        settings: &StatusSettings,
        pictures: Pictures,
    ) -> Result<Option<Self>, RelayError> {
        let Some(wanted) = settings.listen else {
            return Ok(None);
        };
        let door = door(settings)?;
        let shared = Arc::new(Shared {
            door: RwLock::new(Arc::new(door)),
            pictures,
        });
        Self::at(wanted, wanted, shared).await.map(Some)
    }

    async fn at(
        wanted: SocketAddr,
        bound: SocketAddr,
        shared: Arc<Shared>,
    ) -> Result<Self, RelayError> {
        let failed = |source| RelayError::Listen {
            address: bound,
            source,
        };
        let listener = TcpListener::bind(bound).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            wanted,
            address,
            shared: Arc::clone(&shared),
            task: tokio::spawn(accept(listener, shared)),
        })
    }

    /// Has `held` listen where other settings say. Where that cannot be, it goes on where it was.
    pub(crate) async fn change(
        held: &mut Option<Self>,
        settings: &StatusSettings,
        pictures: Pictures,
    ) -> Result<(), RelayError> {
        if let Some(listener) = held
            && listener.is_at(settings)
        {
            return listener.admit(settings);
        }
        let refused = match Self::start(settings, pictures.clone()).await {
            Ok(next) => {
                *held = next;
                return Ok(());
            }
            Err(refused) => refused,
        };
        // All addresses of a port and one of them exclude each other, so the old one may be what is in the way.
        let is_in_the_way = |old: &mut Self| {
            let wanted = settings.listen.map(|wanted| wanted.port());
            refused.is_in_use() && wanted == Some(old.address.port())
        };
        let Some(old) = held.take_if(is_in_the_way) else {
            return Err(refused);
        };
        let (wanted, address, shared) = (old.wanted, old.address, Arc::clone(&old.shared));
        old.end().await;
        match Self::start(settings, pictures).await {
            Ok(next) => *held = next,
            Err(error) => {
                *held = Some(Self::at(wanted, address, shared).await?);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Ends, and has let its place go then.
    async fn end(mut self) {
        self.task.abort();
        // It ends by being aborted, and in no other way.
        let _ = (&mut self.task).await;
    }

    /// Whether it listens where these settings say.
    fn is_at(&self, settings: &StatusSettings) -> bool {
        settings.listen == Some(self.wanted)
    }

    /// Lets those in whom these settings name, from now on.
    fn admit(&self, settings: &StatusSettings) -> Result<(), RelayError> {
        let door = Arc::new(door(settings)?);
        *self
            .shared
            .door
            .write()
            .unwrap_or_else(PoisonError::into_inner) = door;
        Ok(())
    }
}

fn door(settings: &StatusSettings) -> Result<Door, RelayError> {
    let token = settings.access_token_file.as_ref().map(|path| {
        Secret::of_file(path, Readers::Refused).map_err(|source| RelayError::AccessToken {
            path: path.clone(),
            source,
        })
    });
    Ok(Door::new(settings.hosts.clone(), token.transpose()?))
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let shared = Arc::clone(&shared);
                async move { Ok::<_, Infallible>(answer::respond(&shared, &request).await) }
            });
            let mut server = http1::Builder::new();
            server
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_buf_size(HEAD_BYTES_MAX);
            let serving = server.serve_connection(TokioIo::new(stream), service);
            // Whoever watches comes back; one that stays for ever would hold a place.
            if let Ok(Err(error)) = timeout(CONNECTION, serving).await {
                tracing::debug!(%error, "connection of the status listener ended");
            }
            drop(place);
        });
    }
}

impl Shared {
    fn door(&self) -> Arc<Door> {
        Arc::clone(&self.door.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A picture, unless the relay is about to end.
    async fn picture(&self) -> Option<Status> {
        let (answer, picture) = oneshot::channel();
        self.pictures.send(answer).await.ok()?;
        timeout(PICTURE, picture).await.ok()?.ok()
    }
}

/// Connections at a time.
const CONNECTIONS_MAX: usize = 64;

/// After the system refused to accept, which it does when descriptors run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// For the head of a request, and so for the next one on a kept connection.
const HEAD: Duration = Duration::from_secs(30);

/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// How long a connection may last.
const CONNECTION: Duration = Duration::from_mins(10);

/// How long the relay may take for a picture of itself.
const PICTURE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests;
