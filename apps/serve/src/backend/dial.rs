//! TCP and TLS to the upstream.
//!
//! It must never try longer than its caller waits: there is no timer here.

use std::io;

use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::{TlsConnector, TlsStream};

use super::failure::BackendFailure;
use super::upstream::Upstream;
use crate::machine;
use crate::stream::LegStream;

/// Connects to the first address that takes the connection.
pub(crate) async fn connect(upstream: &Upstream) -> Result<LegStream, BackendFailure> {
    let addresses = lookup_host((upstream.host(), upstream.port()))
        .await
        .map_err(BackendFailure::Name)?;
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return secured(upstream, stream).await,
            Err(error) => last = error,
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
