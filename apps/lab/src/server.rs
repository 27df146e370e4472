//! One fault as a server: TLS where the fault wants it done, then its handler, for each connection.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::{TlsAcceptor, TlsStream};

use crate::accept::accept;
use crate::fault::{Fault, Serve, Served};
use crate::lab::Lab;
use crate::origin;
use crate::stream::Stream;

/// Serves connections for ever; dropping the future ends all of them.
pub(crate) async fn run(
    listener: TcpListener,
    fault: Fault,
    lab: Arc<Lab>,
    tls: Option<TlsAcceptor>,
) {
    accept(listener, CONNECTIONS_MAX, move |tcp| {
        serve(tcp, fault, Arc::clone(&lab), tls.clone())
    })
    .await;
}

async fn serve(
    tcp: TcpStream,
    fault: Fault,
    lab: Arc<Lab>,
    tls: Option<TlsAcceptor>,
) -> io::Result<()> {
    tcp.set_nodelay(true)?;
    let mut stream = Stream::from(tcp);
    if let Some(acceptor) = tls {
        stream = accept_tls(stream, &acceptor).await?;
    }
    handler(&fault)(stream, lab).await
}

/// Speaks TLS as a server over a stream.
pub(crate) async fn accept_tls(stream: Stream, acceptor: &TlsAcceptor) -> io::Result<Stream> {
    let tls = timeout(TLS_TIME_MAX, acceptor.accept(stream)).await??;
    Ok(Stream::from(TlsStream::from(tls)))
}

/// Speaks TLS as a server with a configuration of the fault's own, then serves the healthy origin.
pub(crate) async fn serve_healthy(stream: Stream, config: ServerConfig) -> io::Result<()> {
    let acceptor = TlsAcceptor::from(Arc::new(config));
    origin::serve(accept_tls(stream, &acceptor).await?).await
}

fn handler(fault: &Fault) -> fn(Stream, Arc<Lab>) -> Served {
    match fault.serve {
        Serve::Stream(serve) | Serve::Accepted(serve) => serve,
        Serve::Bound(_) => |_, _| Box::pin(async { Ok(()) }),
    }
}

/// The most connections served at a time; further ones wait to be accepted.
const CONNECTIONS_MAX: usize = 256;
/// The longest a client may take for its TLS handshake.
const TLS_TIME_MAX: Duration = Duration::from_secs(30);
