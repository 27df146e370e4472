//! A gateway under test, and a client that asks exactly what a test says.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_serve::{Running, Settings, start};
use towpath_websocket::{
    Connection, DeflateParameters, Event, FrameHeader, Limits, Role, encode_frame,
};

/// A gateway whose upstream is never asked.
pub(crate) async fn gateway(change: impl FnOnce(&mut Settings)) -> (Running, SocketAddr) {
    let mut settings = Settings::default();
    settings.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    settings.upstream.url = "ws://127.0.0.1:9".parse().unwrap();
    change(&mut settings);
    let running = start(settings).await.unwrap();
    let address = running.addresses()[0];
    (running, address)
}

/// An answer, complete.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// A request head as of a page of the gateway itself, with more header lines.
pub(crate) fn head(method: &str, target: &str, address: SocketAddr, more: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{more}\r\n")
}

/// Sends a request on a connection of its own and reads the answer.
pub(crate) async fn ask(address: SocketAddr, request: impl AsRef<[u8]>) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_ref()).await.unwrap();
    read_answer(&mut stream).await
}

pub(crate) async fn read_answer(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    read.expect("an answer comes in time").unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").expect("a whole head");
    let status = head[9..12].parse().unwrap();
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding");
    let body = if chunked {
        unchunked(body)
    } else {
        body.to_owned()
    };
    let head = head.to_owned();
    Answer { status, head, body }
}

fn unchunked(mut text: &str) -> String {
    let mut body = String::new();
    while let Some((size, rest)) = text.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        body.push_str(&rest[..size]);
        text = &rest[size + 2..];
    }
    body
}

/// GET of a probe.
pub(crate) async fn get(address: SocketAddr, probe: &str) -> Answer {
    let target = format!("/.towpath/probe/{probe}");
    ask(address, head("GET", &target, address, "")).await
}

/// POST to a probe.
pub(crate) async fn post(address: SocketAddr, probe: &str, body: &str) -> Answer {
    let target = format!("/chat/.towpath/probe/{probe}");
    let more = format!(
        "Origin: http://{address}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n",
        body.len()
    );
    ask(address, head("POST", &target, address, &more) + body).await
}

/// A new run: what `begin` answered.
pub(crate) async fn begin(address: SocketAddr) -> Value {
    let answer = post(address, "begin", "{}").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The attempt id of a new run.
pub(crate) async fn attempt(address: SocketAddr) -> String {
    begin(address).await["attempt"].as_str().unwrap().to_owned()
}

/// The handshake of a probe's WebSocket, with more header lines.
pub(crate) fn handshake(address: SocketAddr, query: &str, more: &str) -> String {
    format!(
        "GET /.towpath/probe/websocket?{query} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
         Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{more}\r\n"
    )
}

/// Offers what the page offers.
pub(crate) const OFFER: &str = "Sec-WebSocket-Protocol: towpath-probe.1\r\n";

/// A probe's WebSocket.
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    pub(crate) head: String,
    connection: Connection,
    events: VecDeque<Event>,
}

impl Socket {
    pub(crate) async fn open(address: SocketAddr, query: &str) -> Self {
        Self::open_with(address, query, "", None).await
    }

    pub(crate) async fn open_with(
        address: SocketAddr,
        query: &str,
        more: &str,
        deflate: Option<DeflateParameters>,
    ) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = handshake(address, query, &format!("{OFFER}{more}"));
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        Self {
            stream,
            head,
            connection: Connection::new(Role::Client, Limits::default(), deflate),
            events: VecDeque::new(),
        }
    }

    pub(crate) async fn say(&mut self, text: &str) {
        let mut out = Vec::new();
        let sent = self.connection.send_text(text, || [1, 2, 3, 4], &mut out);
        sent.unwrap();
        self.stream.write_all(&out).await.unwrap();
    }

    pub(crate) async fn frame(&mut self, header: FrameHeader, payload: &[u8]) {
        let mut out = Vec::new();
        encode_frame(&header.masked([5, 6, 7, 8]), payload, &mut out);
        self.stream.write_all(&out).await.unwrap();
    }

    /// The next event; nothing at the end of the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let mut buffer = vec![0; 65_536];
        while self.events.is_empty() {
            let read = timeout(PATIENCE, self.stream.read(&mut buffer)).await;
            match read.expect("nothing comes") {
                Ok(0) | Err(_) => return None,
                Ok(bytes) => self.events.extend(self.connection.feed(&buffer[..bytes])),
            }
        }
        self.events.pop_front()
    }

    /// The text of the next message.
    pub(crate) async fn text(&mut self) -> String {
        match self.next().await {
            Some(Event::Message { message, .. }) => message.as_text().unwrap().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    /// The code that the gateway closes with.
    pub(crate) async fn closed(&mut self) -> Option<u16> {
        match self.next().await {
            Some(Event::Close { code, .. }) => code.map(|code| code.0),
            other => panic!("{other:?}"),
        }
    }
}

/// Longer than anything takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
