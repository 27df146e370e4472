//! Raw clients for the tests of faults: they send bytes and show bytes, and know nothing of WebSocket.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use towpath_websocket::{FrameHeader, encode_frame};

use crate::authority::provider;
use crate::request::read_head;
use crate::running::{Options, Running, start};
use crate::stream::Stream;
use crate::upstream::over_tls;

/// A well-formed handshake; its accept is [`ACCEPT`].
pub(crate) const HANDSHAKE: &str = "GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// What RFC 6455 section 1.3 computes for the key in [`HANDSHAKE`].
pub(crate) const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
/// A plain request for the same path.
pub(crate) const GET: &str = "GET /socket HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// A plain request for the page.
pub(crate) const GET_PAGE: &str = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Starts the fault on a free port.
pub(crate) async fn running(name: &str) -> Running {
    start(name, Options::default())
        .await
        .expect("every fault starts on a free port")
}

/// A client of one running fault.
pub(crate) struct Client {
    stream: Stream,
}

impl Client {
    /// Connects, with TLS where the fault's URL has it.
    pub(crate) async fn of(running: &Running) -> Self {
        let client = Self::plain(running).await;
        if running.fault().tls && running.proxy_url().is_none() {
            client
                .over_tls(running, "localhost")
                .await
                .expect("the lab is trusted")
        } else {
            client
        }
    }

    /// Connects without TLS.
    pub(crate) async fn plain(running: &Running) -> Self {
        Self::at(running.address()).await
    }

    /// Connects to an address without TLS.
    pub(crate) async fn at(address: std::net::SocketAddr) -> Self {
        let tcp = TcpStream::connect(address)
            .await
            .expect("something listens there");
        Self {
            stream: Stream::from(tcp),
        }
    }

    /// Goes on with TLS, trusting one authority.
    pub(crate) async fn over_tls_trusting(self, config: ClientConfig) -> Self {
        let stream = over_tls(self.stream, "localhost", &Arc::new(config)).await;
        Self {
            stream: stream.expect("the authority is trusted"),
        }
    }

    /// Goes on with TLS, trusting what the fault tells its clients to trust.
    pub(crate) async fn over_tls(self, running: &Running, name: &str) -> std::io::Result<Self> {
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("versions are built in")
            .with_root_certificates(roots_of(running))
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            stream: over_tls(self.stream, name, &Arc::new(config)).await?,
        })
    }

    /// Goes on with TLS 1.2 alone, whose ClientHello is small.
    pub(crate) async fn over_tls12(self, running: &Running) -> std::io::Result<Self> {
        let config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS12])
            .expect("1.2 is built in")
            .with_root_certificates(roots_of(running))
            .with_no_client_auth();
        let stream = over_tls(self.stream, "localhost", &Arc::new(config)).await?;
        Ok(Self { stream })
    }

    /// Goes through a running proxy to what lies behind it, with TLS where its URL has it.
    pub(crate) async fn through(running: &Running) -> std::io::Result<Self> {
        let mut client = Self::plain(running).await;
        let answer = client.ask(&connect_to(running)).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        if running.fault().tls {
            client.over_tls(running, "localhost").await
        } else {
            Ok(client)
        }
    }

    /// The raw bytes of the peer's certificate as text, in which names can be looked for.
    pub(crate) fn issuer(&self) -> String {
        let certificate = self.stream.peer_certificate().expect("TLS");
        String::from_utf8_lossy(&certificate).into_owned()
    }

    /// The connection itself.
    pub(crate) fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// Sends text.
    pub(crate) async fn send(&mut self, text: &str) {
        self.send_bytes(text.as_bytes()).await;
    }

    /// Sends bytes. A fault that has hung up already is seen on reading.
    pub(crate) async fn send_bytes(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.ok();
        self.stream.flush().await.ok();
    }

    /// Sends a masked frame.
    pub(crate) async fn send_frame(&mut self, header: FrameHeader, payload: &[u8]) {
        let mut bytes = Vec::new();
        encode_frame(&header.masked([1, 2, 3, 4]), payload, &mut bytes);
        self.send_bytes(&bytes).await;
    }

    /// Reads one response head as text; empty if the fault hung up.
    pub(crate) async fn head(&mut self) -> String {
        let head = within(read_head(&mut self.stream)).await;
        String::from_utf8(head.ok().flatten().unwrap_or_default()).expect("heads are text")
    }

    /// Reads exactly this many bytes.
    pub(crate) async fn bytes(&mut self, count: usize) -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        within(self.stream.read_exact(&mut bytes)).await?;
        Ok(bytes)
    }

    /// Reads all that comes until the fault hangs up, or resets.
    pub(crate) async fn rest(&mut self) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        within(self.stream.read_to_end(&mut bytes)).await?;
        Ok(bytes)
    }

    /// Whether nothing comes for a short while.
    pub(crate) async fn is_silent(&mut self) -> bool {
        let mut one = [0; 1];
        timeout(Duration::from_millis(200), self.stream.read(&mut one))
            .await
            .is_err()
    }

    /// Sends a handshake, reads its answer.
    pub(crate) async fn ask(&mut self, request: &str) -> String {
        self.send(request).await;
        self.head().await
    }

    /// Sends a text message and reads it back.
    pub(crate) async fn echo(&mut self, text: &str) -> std::io::Result<()> {
        self.send_frame(FrameHeader::text(text.len()), text.as_bytes())
            .await;
        let mut expected = Vec::new();
        encode_frame(
            &FrameHeader::text(text.len()),
            text.as_bytes(),
            &mut expected,
        );
        assert_eq!(self.bytes(expected.len()).await?, expected);
        Ok(())
    }
}

/// A WebSocket inside an HTTP/2 stream.
pub(crate) struct Http2Socket {
    send: h2::SendStream<Bytes>,
    receive: h2::RecvStream,
}

impl Http2Socket {
    /// Sends bytes, returns the next that come.
    pub(crate) async fn exchange(&mut self, bytes: &'static [u8]) -> Vec<u8> {
        self.send
            .send_data(Bytes::from_static(bytes), false)
            .expect("an open stream");
        within(self.receive.data())
            .await
            .expect("an answer")
            .expect("an open stream")
            .to_vec()
    }
}

/// Asks a running fault for a WebSocket over HTTP/2; returns status and stream.
pub(crate) async fn extended_connect(running: &Running) -> (u16, Http2Socket) {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("versions are built in")
        .with_root_certificates(roots_of(running))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tcp = Client::plain(running).await.stream;
    let stream = over_tls(tcp, "localhost", &Arc::new(config))
        .await
        .expect("the lab is trusted");
    let (client, mut connection) = h2::client::handshake(stream).await.expect("HTTP/2");
    // The server's settings have to be read before the client may ask.
    let mut client = within(async {
        tokio::select! {
            biased;
            ended = &mut connection => panic!("{ended:?}"),
            ready = client.ready() => ready.expect("a usable connection"),
        }
    })
    .await;
    tokio::spawn(connection);
    within(async {
        while !client.is_extended_connect_protocol_enabled() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let request = http::Request::builder()
        .method("CONNECT")
        .uri("https://localhost/socket")
        .extension(h2::ext::Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .body(())
        .expect("a request");
    let (response, send) = client
        .send_request(request, false)
        .expect("a request is sent");
    let response = within(response).await.expect("an answer");
    (
        response.status().as_u16(),
        Http2Socket {
            send,
            receive: response.into_body(),
        },
    )
}

/// A question for the addresses of `a.test`.
pub(crate) const QUESTION: &[u8] =
    b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x04test\x00\x00\x01\x00\x01";

/// Asks a resolver of the lab one question until it is there to answer.
pub(crate) async fn question_to(name: &str, question: &[u8]) -> Vec<u8> {
    let running = running(name).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a free port");
    socket.connect(running.address()).await.expect("an address");
    let mut reply = [0; 512];
    let length = within(async {
        loop {
            socket.send(question).await.ok();
            if let Ok(Ok(length)) =
                timeout(Duration::from_millis(100), socket.recv(&mut reply)).await
            {
                return length;
            }
        }
    })
    .await;
    running.stop().await;
    reply[..length].to_vec()
}

/// The request that asks a running proxy for what lies behind it.
pub(crate) fn connect_to(running: &Running) -> String {
    let url = running.url();
    let authority = url.split('/').nth(2).expect("a URL");
    format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")
}

/// What the fault tells its clients to trust.
fn roots_of(running: &Running) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(running.ca_pem().unwrap_or_default().as_bytes()) {
        roots
            .add(root.expect("the lab writes good PEM"))
            .expect("the lab writes good roots");
    }
    roots
}

/// Starts a fault, sends one request, returns head and, where the length is stated, body.
pub(crate) async fn ask(name: &str, request: &str) -> String {
    let running = running(name).await;
    let mut client = Client::of(&running).await;
    let mut answer = client.ask(request).await;
    let length = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    if let Some(length) = length {
        let body = client.bytes(length).await.expect("the stated length");
        answer.push_str(&String::from_utf8_lossy(&body));
    }
    running.stop().await;
    answer
}

/// Asserts the status that a fault answers a request with.
pub(crate) async fn assert_status(name: &str, request: &str, status: u16) {
    let answer = ask(name, request).await;
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{name}: {answer}"
    );
}

/// [`HANDSHAKE`] with one more header line.
pub(crate) fn handshake_with(line: &str) -> String {
    HANDSHAKE.replace("\r\n\r\n", &format!("\r\n{line}\r\n\r\n"))
}

/// Asserts that a fault accepts a handshake and echoes.
pub(crate) async fn assert_healthy(name: &str) {
    let running = running(name).await;
    let mut client = Client::of(&running).await;
    let answer = client.ask(HANDSHAKE).await;
    assert!(answer.contains(ACCEPT), "{answer}");
    client.echo("hello").await.expect("an echo");
    running.stop().await;
}

/// Nothing on loopback takes longer, so a test that waits this long has failed.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(Duration::from_mins(1), future)
        .await
        .expect("the fault answers in time")
}
