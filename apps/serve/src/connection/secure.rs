//! The beginning of TLS: the client's hello is looked at before the TLS library gets it, byte for byte.
//!
//! It must never answer or refuse: whatever comes, the library decides. Nothing of it outlives the handshake.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{HandshakeKind, ProtocolVersion, ServerConfig, ServerConnection};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use towpath_diagnosis::observation::ClientHello;
use towpath_hello::{HELLO_BYTES_MAX, HelloReader, Progress};

/// A connection with TLS, and what was seen of its begin.
pub(super) struct Accepted {
    /// The connection.
    pub(super) stream: TlsStream<TcpStream>,
    /// What the hello offered, where it could be read.
    pub(super) hello: Option<ClientHello>,
    /// From the gateway's side of the handshake to the end of the client's, in microseconds: one round trip to whoever
    /// ends TLS there. Only of TLS 1.3 without a second hello, since other handshakes take more of them.
    pub(super) round_trip_us: Option<u32>,
}

/// Accepts TLS.
pub(super) async fn accept(
    config: Arc<ServerConfig>,
    mut stream: TcpStream,
) -> io::Result<Accepted> {
    let mut reader = HelloReader::new();
    let mut first = Vec::with_capacity(FIRST_READ_BYTES);
    let hello = read(&mut stream, &mut reader, &mut first);
    if let Ok(read) = timeout(HELLO_TIME_MAX, hello).await {
        read?;
    }
    let offer = reader.offer();
    drop(reader);
    let mut fault = None;
    let accepting = TlsAcceptor::from(config)
        .accept_with(stream, |library| fault = hand_over(library, &first).err());
    drop(first);
    let Some(fault) = fault else {
        let began = Instant::now();
        let stream = accepting.await?;
        let took = began.elapsed();
        let library = stream.get_ref().1;
        let is_one_trip = library.protocol_version() == Some(ProtocolVersion::TLSv1_3)
            && library.handshake_kind() != Some(HandshakeKind::FullWithHelloRetryRequest);
        return Ok(Accepted {
            hello: offer.map(|offer| offer.facts()),
            round_trip_us: is_one_trip.then(|| u32::try_from(took.as_micros()).unwrap_or(u32::MAX)),
            stream,
        });
    };
    // The library has an alert to send, and would then wait for a client that has nothing to say.
    let _ = timeout(ALERT_TIME_MAX, accepting).await;
    Err(fault)
}

/// Reads until the hello is whole, or known not to be one.
async fn read(
    stream: &mut TcpStream,
    reader: &mut HelloReader,
    first: &mut Vec<u8>,
) -> io::Result<()> {
    while reader.progress() == Progress::More && first.len() < FIRST_BYTES_MAX {
        let have = first.len();
        if stream.read_buf(first).await? == 0 {
            break;
        }
        reader.feed(&first[have..]);
    }
    Ok(())
}

/// Gives the library what was read.
fn hand_over(library: &mut ServerConnection, mut first: &[u8]) -> io::Result<()> {
    while !first.is_empty() {
        library.read_tls(&mut first)?;
        library
            .process_new_packets()
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    }
    Ok(())
}

/// The longest a hello is waited for before the library goes on waiting by itself.
const HELLO_TIME_MAX: Duration = Duration::from_secs(5);

/// How long a client has to take the alert that its hello was refused with.
const ALERT_TIME_MAX: Duration = Duration::from_secs(1);

/// Most bytes that are looked at: the largest hello, in records of a sensible size.
const FIRST_BYTES_MAX: usize = HELLO_BYTES_MAX + 1024;

/// The hellos of browsers come in one or two segments.
const FIRST_READ_BYTES: usize = 2048;
