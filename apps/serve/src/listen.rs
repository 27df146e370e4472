//! The listeners: accepting, and ending.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::config::Settings;
use crate::connection;
use crate::error::ServeError;
use crate::gateway::Gateway;
use crate::{console, machine, monitor, observe, tls};

/// A gateway that runs.
#[derive(Debug)]
pub struct Running {
    gateway: Arc<Gateway>,
    addresses: Vec<SocketAddr>,
    metrics: Option<SocketAddr>,
    console: Option<(SocketAddr, Arc<Gateway>)>,
    tasks: Vec<JoinHandle<()>>,
}

/// Reads everything that a start would read, and starts nothing.
pub fn check(settings: Settings) -> Result<(), ServeError> {
    console::check(&settings.console)?;
    Gateway::new(settings).map(drop)
}

/// Starts a gateway: everything that can be wrong at the start is found before the first connection.
pub async fn start(settings: Settings) -> Result<Running, ServeError> {
    let gateway = Gateway::new(settings)?;
    let mut listeners = Vec::new();
    let settings = &gateway.settings;
    for address in settings.listen.iter().chain(&settings.listen_plain) {
        listeners.push(bind(*address)?);
    }
    let monitor = gateway.settings.metrics.listen.map(bind).transpose()?;
    let of_console = gateway.settings.console.listen.map(bind).transpose()?;
    machine::take_descriptors(gateway.settings.limits.connections);
    let mut tasks = vec![tokio::spawn(observe::watch(gateway.clone()))];
    let mut metrics = None;
    if let Some(listener) = monitor {
        metrics = listener.local_addr().ok();
        tasks.push(tokio::spawn(monitor::serve(gateway.clone(), listener)));
    }
    let mut console = None;
    if let Some(listener) = of_console {
        let address = local_address(&listener)?;
        let started = console::start(&gateway, address).await?;
        tasks.push(started.inside);
        tasks.push(tokio::spawn(observe::watch(started.front.clone())));
        tasks.push(tokio::spawn(accept(started.front.clone(), listener)));
        console = Some((address, started.front));
    }
    if let Some(certificates) = gateway.certificates() {
        tasks.push(tokio::spawn(tls::watch(certificates.clone())));
    }
    let mut addresses = Vec::new();
    for listener in &listeners {
        addresses.extend(listener.local_addr());
    }
    let plain = addresses.get(gateway.settings.listen.len()..);
    gateway.listens_plainly_at(plain.unwrap_or_default().to_vec());
    for listener in listeners {
        tasks.push(tokio::spawn(accept(gateway.clone(), listener)));
    }
    Ok(Running {
        gateway,
        addresses,
        metrics,
        console,
        tasks,
    })
}

impl Running {
    /// Where it listens: the addresses of `listen`, then those of `listen_plain`.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where Prometheus reads.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Where the operator's console is.
    pub fn console_address(&self) -> Option<SocketAddr> {
        self.console.as_ref().map(|(address, _)| *address)
    }

    /// Takes no new connection, closes the others spread over the time to drain, and ends as soon as
    /// none is left or the time is over.
    pub async fn drain(self) {
        let span = self.gateway.settings.drain_seconds.duration();
        let until = Instant::now() + span;
        self.gateway.drain.begin(span);
        if let Some((_, front)) = &self.console {
            front.drain.begin(span);
        }
        tracing::info!(seconds = span.as_secs_f64(), "draining");
        while self.gateway.connections.all() > 0 && Instant::now() < until {
            sleep(DRAIN_PAUSE).await;
        }
        let left = self.gateway.connections.all();
        if left > 0 {
            let limit = crate::limits::Limit::DrainSeconds;
            let subject = format!("{left} connections");
            self.gateway.metrics.limit_reached(limit, &subject);
        }
        self.gateway.reports.settle().await;
        tracing::info!(cut = left, "stopped");
        for task in &self.tasks {
            task.abort();
        }
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let listen = || -> io::Result<TcpListener> {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|source| ServeError::Listen { address, source })
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr, ServeError> {
    let any = SocketAddr::from(([0, 0, 0, 0], 0));
    let failed = |source| ServeError::Listen {
        address: any,
        source,
    };
    listener.local_addr().map_err(failed)
}

/// Accepts until the gateway drains.
async fn accept(gateway: Arc<Gateway>, listener: TcpListener) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = gateway.drain.begun() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(connection::serve(gateway.clone(), stream, peer));
            }
            Err(error) => {
                // Out of descriptors, mostly: those in use end some time, and asking at once again
                // would only burn the processor.
                tracing::error!(%error, "cannot accept");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Connections that wait to be accepted.
const BACKLOG: u32 = 4096;

/// After an accept that failed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Between two looks at how many connections are left.
const DRAIN_PAUSE: Duration = Duration::from_millis(50);
