//! A server that answers each request head with what a test wants.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use towpath_diagnosis::observation::{Fact, Handshake, Scheme};
use towpath_probe::ProbeSettings;

/// What a server does with a request.
pub(crate) enum Reply {
    /// Answers and ends.
    Answer(String),
    /// Answers and keeps the connection.
    Stay(String),
    /// Resets.
    Reset,
    /// Says nothing and keeps the connection.
    Hang,
}

/// Request heads as they came.
pub(crate) type Seen = Arc<Mutex<Vec<String>>>;

/// The value of a header in a head.
pub(crate) fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// A correct switch for a head, with more headers and first bytes.
pub(crate) fn switch(head: &str, more: &str, first_bytes: &str) -> String {
    let key = value(head, "Sec-WebSocket-Key").unwrap_or_default();
    let accept = towpath_websocket::accept_key(key);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n{more}\r\n{first_bytes}"
    )
}

/// An answer with a body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(head).ok()
}

async fn reply<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    reply: Reply,
    reset: impl FnOnce(&S),
) {
    match reply {
        Reply::Answer(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
        Reply::Stay(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
        Reply::Reset => reset(stream),
        Reply::Hang => {
            let _ = stream.read_to_end(&mut Vec::new()).await;
        }
    }
}

/// Serves plain HTTP.
pub(crate) async fn plain(
    respond: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (SocketAddr, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let (heads, respond) = (Arc::clone(&seen), Arc::new(respond));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (heads, respond) = (Arc::clone(&heads), Arc::clone(&respond));
            tokio::spawn(async move {
                let Some(head) = read_head(&mut stream).await else {
                    return;
                };
                let what = respond(&head);
                heads.lock().unwrap().push(head);
                let reset = |stream: &TcpStream| stream.set_zero_linger().unwrap();
                reply(&mut stream, what, reset).await;
            });
        }
    });
    (address, seen)
}

/// Serves HTTPS for `localhost`; gives the authority as PEM text.
pub(crate) async fn secure(
    respond: impl Fn(&str) -> Reply + Send + Sync + 'static,
) -> (SocketAddr, Seen, String) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(
            vec![leaf.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Seen::default();
    let (heads, respond) = (Arc::clone(&seen), Arc::new(respond));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (heads, respond) = (Arc::clone(&heads), Arc::clone(&respond));
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    return;
                };
                let Some(head) = read_head(&mut stream).await else {
                    return;
                };
                let what = respond(&head);
                heads.lock().unwrap().push(head);
                reply(&mut stream, what, |_| {}).await;
            });
        }
    });
    (address, seen, issuer.pem())
}

/// Settings for a plain target, with short limits.
pub(crate) fn settings(address: SocketAddr) -> ProbeSettings {
    let host = address.ip().to_string();
    let mut settings = ProbeSettings::new(Scheme::Ws, &host, address.port(), "/ws");
    settings.net.limits.head = Duration::from_secs(4);
    settings.net.limits.body = Duration::from_secs(1);
    settings.net.limits.connect = Duration::from_secs(4);
    settings
}

/// The handshake among facts, which is the last one.
pub(crate) fn handshake(facts: &[Fact]) -> &Handshake {
    match facts.last() {
        Some(Fact::Handshake(handshake)) => handshake,
        _ => panic!("{facts:#?}"),
    }
}

/// Facts as they would be written down.
pub(crate) fn written(facts: &[Fact]) -> String {
    format!("{facts:?}")
}
