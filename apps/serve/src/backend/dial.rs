//! TCP and TLS to the upstream.
//!
//! The caller sees to the time that all of it may take.

use std::io;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::{TlsConnector, TlsStream};

use super::failure::BackendFailure;
use super::upstream::Upstream;
use crate::machine;
use crate::stream::LegStream;

/// Connects to the first address that takes the connection.
pub(crate) async fn connect(upstream: &Upstream) -> Result<LegStream, BackendFailure> {
    let addresses = lookup_host((upstream.host(), upstream.port()))
        .await
        .map_err(BackendFailure::Name)?
        .collect::<Vec<_>>();
    // One address that swallows everything must leave time for the next.
    let share = upstream.limits().handshake / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return secured(upstream, stream).await,
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(BackendFailure::Unreachable(last))
}

async fn secured(upstream: &Upstream, stream: TcpStream) -> Result<LegStream, BackendFailure> {
    machine::tune(&stream).map_err(BackendFailure::Unreachable)?;
    let Some((config, name)) = upstream.tls() else {
        return Ok(LegStream::plain(stream));
    };
    let stream = TlsConnector::from(config.clone())
        .connect(name.clone(), stream)
        .await
        .map_err(BackendFailure::Tls)?;
    Ok(LegStream::tls(TlsStream::Client(stream)))
}
