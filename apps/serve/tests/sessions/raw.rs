//! A client that does exactly what a test says: single requests and envelopes, right or wrong.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_session::body::{Attach, Attached, End, Proof, Secret};
use towpath_session::envelope::Envelope;
use towpath_session::item::{Kind, Part};
use towpath_session::{Decoder, whole};
use towpath_websocket::{Connection, Event, FrameHeader, Limits, Role, encode_frame};

/// An envelope that outlives its bytes, without padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Owned {
    Attached(Attached),
    Ack(u64, u64),
    Ping,
    Pong(Vec<u8>),
    Superseded(u64),
    Again,
    End(String),
    Item(u64, Kind, Vec<u8>),
}

pub(crate) fn own(envelope: Envelope<'_>) -> Option<Owned> {
    Some(match envelope {
        Envelope::Attached(json) => Owned::Attached(Attached::parse(json).unwrap()),
        Envelope::Ack { received, credit } => Owned::Ack(received, credit),
        Envelope::Ping(_) => Owned::Ping,
        Envelope::Pong(bytes) => Owned::Pong(bytes.to_vec()),
        Envelope::Superseded { generation } => Owned::Superseded(generation),
        Envelope::Again => Owned::Again,
        Envelope::End(json) => {
            let outcome = End::parse(json).unwrap().outcome.unwrap();
            Owned::End(outcome.name().to_owned())
        }
        Envelope::Padding(_) => return None,
        Envelope::Item(part) => Owned::Item(part.sequence, part.kind, part.payload.to_vec()),
        other => panic!("{other:?} never comes down"),
    })
}

/// An answer, complete.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) envelopes: Vec<Owned>,
}

/// The attach of a test.
pub(crate) fn attach(proof: Proof, generation: u64, in_use: bool) -> Attach {
    Attach {
        version: 1,
        proof,
        generation,
        in_use,
        received: 0,
        window: 262_144,
        target: "/echo".to_owned(),
        protocols: Vec::new(),
        authorization: None,
        attempt: None,
    }
}

pub(crate) fn fresh(byte: u8) -> Proof {
    Proof::Fresh(Secret([byte; 16]))
}

pub(crate) fn encode(envelopes: &[Envelope<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for envelope in envelopes {
        envelope.encode(&mut out);
    }
    out
}

pub(crate) fn item(sequence: u64, text: &str) -> Envelope<'_> {
    Envelope::Item(Part {
        sequence,
        kind: Kind::Text,
        payload: text.as_bytes(),
    })
}

pub(crate) fn with(key: Secret, request: u64) -> Envelope<'static> {
    Envelope::With {
        key: key.0,
        request,
    }
}

pub(crate) const fn ack(received: u64) -> Envelope<'static> {
    Envelope::Ack {
        received,
        credit: 262_144,
    }
}

/// A request whose answer is read as it comes.
pub(crate) struct Open {
    stream: TcpStream,
    pub(crate) status: u16,
    pub(crate) head: String,
    raw: Vec<u8>,
    decoder: Decoder,
    ended: bool,
}

impl Open {
    pub(crate) async fn send(
        address: SocketAddr,
        path: &str,
        origin: &str,
        body: &[u8],
    ) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let origin = if origin.is_empty() {
            String::new()
        } else {
            format!("Origin: {origin}\r\n")
        };
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\n{origin}Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        stream
    }

    /// Waits for the head of the answer.
    pub(crate) async fn answer(mut stream: TcpStream) -> Self {
        let mut head = Vec::new();
        let read = async {
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.unwrap());
            }
        };
        timeout(PATIENCE, read).await.expect("no answer");
        let head = String::from_utf8(head).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            stream,
            status,
            head,
            raw: Vec::new(),
            decoder: Decoder::new(),
            ended: false,
        }
    }

    /// The next envelope; nothing at the end of the body.
    pub(crate) async fn next(&mut self) -> Option<Owned> {
        loop {
            while let Some(envelope) = self.decoder.next().unwrap() {
                if let Some(owned) = own(envelope) {
                    return Some(owned);
                }
            }
            if self.ended {
                return None;
            }
            self.read_chunk().await;
        }
    }

    async fn read_chunk(&mut self) {
        loop {
            if let Some(line) = self.raw.windows(2).position(|pair| pair == b"\r\n") {
                let size = std::str::from_utf8(&self.raw[..line]).unwrap();
                let size = usize::from_str_radix(size, 16).unwrap();
                if self.raw.len() >= line + 4 + size {
                    let chunk = self.raw[line + 2..line + 2 + size].to_vec();
                    self.raw.drain(..line + 4 + size);
                    self.ended = size == 0;
                    self.decoder.feed(&chunk);
                    return;
                }
            }
            let mut buffer = [0; 4096];
            let read = timeout(PATIENCE, self.stream.read(&mut buffer)).await;
            let read = read.expect("nothing comes").unwrap();
            assert!(read > 0, "the response is cut");
            self.raw.extend_from_slice(&buffer[..read]);
        }
    }
}

/// One request with a complete answer.
pub(crate) async fn post(address: SocketAddr, path: &str, envelopes: &[Envelope<'_>]) -> Answer {
    post_as(address, path, "", &encode(envelopes)).await
}

/// The same from a page of an origin, with any body.
pub(crate) async fn post_as(address: SocketAddr, path: &str, origin: &str, body: &[u8]) -> Answer {
    let stream = Open::send(address, path, origin, body).await;
    finish(stream).await
}

/// Reads an answer with a length to its end.
pub(crate) async fn finish(stream: TcpStream) -> Answer {
    let mut open = Open::answer(stream).await;
    let length = crate::backend::field(&open.head, "content-length");
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    timeout(PATIENCE, open.stream.read_exact(&mut body))
        .await
        .expect("the body is late")
        .unwrap();
    let envelopes = if open.status == 200 {
        whole(&body)
            .filter_map(|envelope| own(envelope.unwrap()))
            .collect()
    } else {
        Vec::new()
    };
    Answer {
        status: open.status,
        head: open.head,
        envelopes,
    }
}

/// The one `attached` among envelopes.
pub(crate) fn attached(envelopes: &[Owned]) -> Attached {
    let mut all = envelopes.iter().filter_map(|envelope| match envelope {
        Owned::Attached(attached) => Some(attached.clone()),
        _ => None,
    });
    all.next()
        .unwrap_or_else(|| panic!("not attached: {envelopes:?}"))
}

/// A WebSocket of envelopes.
pub(crate) struct Socket {
    pub(crate) stream: TcpStream,
    connection: Connection,
    decoder: Decoder,
    events: std::collections::VecDeque<Event>,
}

impl Socket {
    pub(crate) async fn open(address: SocketAddr, path: &str) -> Self {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: towpath.1\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let open = Open::answer(stream).await;
        assert_eq!(open.status, 101, "{}", open.head);
        Self {
            stream: open.stream,
            connection: Connection::new(Role::Client, Limits::default(), None),
            decoder: Decoder::new(),
            events: std::collections::VecDeque::new(),
        }
    }

    pub(crate) async fn say(&mut self, envelopes: &[Envelope<'_>]) {
        let payload = encode(envelopes);
        let mut out = Vec::new();
        let header = FrameHeader::binary(payload.len()).masked([1, 2, 3, 4]);
        encode_frame(&header, &payload, &mut out);
        self.stream.write_all(&out).await.unwrap();
    }

    /// The next envelope; nothing where the gateway closed.
    pub(crate) async fn next(&mut self) -> Option<Owned> {
        loop {
            while let Some(envelope) = self.decoder.next().unwrap() {
                if let Some(owned) = own(envelope) {
                    return Some(owned);
                }
            }
            match self.events.pop_front() {
                Some(Event::Message { message, .. }) => self.decoder.feed(&message.payload),
                Some(Event::Close { .. }) => return None,
                Some(other) => panic!("{other:?}"),
                None => {
                    let mut buffer = [0; 4096];
                    let read = timeout(PATIENCE, self.stream.read(&mut buffer)).await;
                    let read = read.expect("nothing comes").unwrap();
                    assert!(read > 0, "the WebSocket is cut");
                    self.events.extend(self.connection.feed(&buffer[..read]));
                }
            }
        }
    }

    /// The next item, acks and pings skipped.
    pub(crate) async fn item(&mut self) -> (u64, Kind, Vec<u8>) {
        loop {
            match self.next().await.expect("the gateway closed") {
                Owned::Item(sequence, kind, payload) => return (sequence, kind, payload),
                Owned::Ack(..) | Owned::Ping => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Longer than anything takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
