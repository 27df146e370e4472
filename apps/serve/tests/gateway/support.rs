//! A gateway, scripted backends and clients that write and read raw bytes.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;
use towpath_serve::{Running, config, start};

/// Long enough for a busy machine; only a failing test waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A backend that hands each connection's request head to the test and then plays its part.
pub(crate) struct Backend {
    pub(crate) address: SocketAddr,
    heads: mpsc::UnboundedReceiver<String>,
}

impl Backend {
    async fn with_head<F, P>(play: F) -> Self
    where
        F: Fn(Wire<TcpStream>, String) -> P + Clone + Send + 'static,
        P: Future<Output = ()> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (told, heads) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (told, play) = (told.clone(), play.clone());
                tokio::spawn(async move {
                    let mut wire = Wire(stream);
                    let head = wire.head().await;
                    drop(told.send(head.clone()));
                    play(wire, head).await;
                });
            }
        });
        Self { address, heads }
    }

    pub(crate) async fn start<F, P>(play: F) -> Self
    where
        F: Fn(Wire<TcpStream>) -> P + Clone + Send + 'static,
        P: Future<Output = ()> + Send,
    {
        Self::with_head(move |wire, _| play(wire)).await
    }

    /// Opens each WebSocket, whatever its key, with the subprotocol `chat`, and then plays its part.
    pub(crate) async fn accepting_then<F, P>(play: F) -> Self
    where
        F: Fn(Wire<TcpStream>) -> P + Clone + Send + 'static,
        P: Future<Output = ()> + Send,
    {
        Self::with_head(move |mut wire, head| {
            let play = play.clone();
            async move {
                let mut lines = head.lines();
                let key = lines.find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
                let accept = towpath_websocket::accept_key(key.unwrap());
                wire.send(format!(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                     Sec-WebSocket-Accept: {accept}\r\nSec-WebSocket-Protocol: chat\r\n\r\n"
                ))
                .await;
                play(wire).await;
            }
        })
        .await
    }

    /// The same, and sends every byte back.
    pub(crate) async fn accepting() -> Self {
        Self::accepting_then(Wire::echo).await
    }

    /// Answers the key of [`handshake`] and sends every byte back.
    pub(crate) async fn echo() -> Self {
        Self::start(|mut wire| async move {
            wire.send(OPEN).await;
            wire.echo().await;
        })
        .await
    }

    /// Answers each request with these bytes and closes.
    pub(crate) async fn answers(bytes: &'static [u8]) -> Self {
        Self::start(move |mut wire| async move {
            wire.send(bytes).await;
        })
        .await
    }

    /// The next request head.
    pub(crate) async fn seen(&mut self) -> String {
        timeout(PATIENCE, self.heads.recv()).await.unwrap().unwrap()
    }
}

/// A gateway in front of this backend, with these settings besides.
pub(crate) async fn gateway(backend: SocketAddr, settings: &str) -> Running {
    let mut read = config::from_text(settings).expect("settings of a test are good");
    read.listen = vec!["127.0.0.1:0".parse().unwrap()];
    if !settings.contains("url =") {
        read.upstream.url = format!("ws://{backend}").parse().unwrap();
    }
    start(read).await.expect("a gateway starts")
}

/// A connection whose bytes the test writes and reads itself.
pub(crate) struct Wire<S>(pub(crate) S);

impl Wire<TcpStream> {
    pub(crate) async fn to(running: &Running) -> Self {
        Self(TcpStream::connect(running.addresses()[0]).await.unwrap())
    }

    /// Sends every byte back until the end.
    pub(crate) async fn echo(mut self) {
        let (mut from, mut to) = self.0.split();
        drop(tokio::io::copy(&mut from, &mut to).await);
        drop(to.shutdown().await);
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await;
        sent.unwrap().unwrap();
        self.0.flush().await.unwrap();
    }

    /// Up to and with the empty line, nothing behind it.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(self.take(1).await);
        }
        String::from_utf8(head).unwrap()
    }

    pub(crate) async fn take(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let read = timeout(PATIENCE, self.0.read_exact(&mut bytes)).await;
        read.expect("bytes come in time")
            .expect("the connection is open");
        bytes
    }

    /// The head of an answer, or less where the connection ends before.
    pub(crate) async fn rest_of_answer(&mut self) -> String {
        let mut head = Vec::new();
        let read = async {
            while !head.ends_with(b"\r\n\r\n") {
                match self.0.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => return,
                }
            }
        };
        timeout(PATIENCE, read).await.expect("an answer or an end");
        String::from_utf8(head).unwrap()
    }

    /// Everything until the end, however it comes.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let read = timeout(PATIENCE, self.0.read_to_end(&mut bytes)).await;
        drop(read.expect("the connection ends in time"));
        bytes
    }
}

/// A handshake as a browser sends it, with these header lines besides.
pub(crate) fn handshake(target: &str, more: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: chat.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    )
}

/// The answer to [`handshake`].
pub(crate) const OPEN: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// What Prometheus would read, by name of a sample.
pub(crate) async fn metric(running: &Running, sample: &str) -> u64 {
    let address = running.metrics_address().expect("a listener for metrics");
    let mut wire = Wire(TcpStream::connect(address).await.unwrap());
    wire.send("GET /metrics HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n")
        .await;
    let text = String::from_utf8(wire.rest().await).unwrap();
    let mut lines = text.lines();
    let line = lines.find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {sample} in {text}"))
        .parse()
        .unwrap()
}

/// Settings of a listener for metrics.
pub(crate) const METRICS: &str = "[metrics]\nlisten = \"127.0.0.1:0\"\n";
