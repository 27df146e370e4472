//! The protocol spoken by hand, to do what no decent client does.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use towpath_session::body::{Attach, Attached, End, Proof, Secret};
use towpath_session::{Envelope, Kind, Outcome, Part, whole};

use crate::harness::PATIENCE;

/// An envelope that came down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Down {
    Attached(Attached),
    Item(u64, Kind, Vec<u8>),
    Ack(u64, u64),
    Superseded(u64),
    End(Option<Outcome>),
    Ping,
    Again,
}

/// An HTTP answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The envelopes of the body, padding left out.
    pub(crate) fn envelopes(&self) -> Vec<Down> {
        assert_eq!(self.status, 200, "{}", self.head);
        whole(&self.body)
            .filter_map(|one| read(one.unwrap()))
            .collect()
    }

    /// Texts of the items.
    pub(crate) fn texts(&self) -> Vec<String> {
        let texts = self.envelopes().into_iter().filter_map(|one| match one {
            Down::Item(_, Kind::Text, payload) => Some(String::from_utf8(payload).unwrap()),
            _ => None,
        });
        texts.collect()
    }
}

fn read(envelope: Envelope<'_>) -> Option<Down> {
    Some(match envelope {
        Envelope::Attached(json) => Down::Attached(Attached::parse(json).unwrap()),
        Envelope::Item(part) => Down::Item(part.sequence, part.kind, part.payload.to_vec()),
        Envelope::Ack { received, credit } => Down::Ack(received, credit),
        Envelope::Superseded { generation } => Down::Superseded(generation),
        Envelope::End(json) => Down::End(End::parse(json).unwrap().outcome),
        Envelope::Ping(_) => Down::Ping,
        Envelope::Again => Down::Again,
        Envelope::Padding(_) => return None,
        other => panic!("{} comes down", other.name()),
    })
}

/// One session over `poll`, step by step.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) port: u16,
    pub(crate) path: &'static str,
    pub(crate) origin: String,
    pub(crate) proof: Proof,
    pub(crate) key: [u8; 16],
    pub(crate) generation: u64,
    pub(crate) request: u64,
    pub(crate) received: u64,
}

impl Raw {
    /// Nothing is sent yet.
    pub(crate) fn new(port: u16, path: &'static str) -> Self {
        let nonce = Secret(towpath_transport::client::fresh_bytes());
        Self {
            port,
            path,
            origin: format!("http://127.0.0.1:{port}"),
            proof: Proof::Fresh(nonce),
            key: [0; 16],
            generation: 1,
            request: 0,
            received: 0,
        }
    }

    /// Attached and in use.
    pub(crate) async fn attached(port: u16, path: &'static str) -> Self {
        let mut raw = Self::new(port, path);
        raw.attach(true).await.unwrap();
        raw
    }

    /// The body that [`Self::attach`] posts.
    pub(crate) fn attach_body(&self, in_use: bool) -> Vec<u8> {
        let attach = Attach {
            version: 1,
            proof: self.proof,
            generation: self.generation,
            in_use,
            received: self.received,
            window: 262_144,
            target: self.path.to_owned(),
            protocols: Vec::new(),
            authorization: None,
            attempt: None,
        };
        let mut body = Vec::new();
        Envelope::Attach(&attach.json()).encode(&mut body);
        body
    }

    /// Attaches by `poll` and keeps key and token, or says what came instead.
    pub(crate) async fn attach(&mut self, in_use: bool) -> Result<Attached, Vec<Down>> {
        let answer = self.post("poll", self.attach_body(in_use)).await;
        let envelopes = answer.envelopes();
        let found = envelopes.iter().find_map(|one| match one {
            Down::Attached(attached) => Some(attached.clone()),
            _ => None,
        });
        let Some(attached) = found else {
            return Err(envelopes);
        };
        self.proof = Proof::Token(attached.token);
        self.key = attached.key.0;
        self.request = 0;
        Ok(attached)
    }

    /// The body of downlink request `request`, which acknowledges what was received.
    pub(crate) fn poll_body(&self, request: u64) -> Vec<u8> {
        let mut body = self.with(request);
        Envelope::Ack {
            received: self.received,
            credit: 262_144,
        }
        .encode(&mut body);
        body
    }

    /// The next poll. What it brings counts as received.
    pub(crate) async fn poll(&mut self) -> Answer {
        self.request += 1;
        let answer = self.post("poll", self.poll_body(self.request)).await;
        for envelope in answer.envelopes() {
            if let Down::Item(sequence, ..) = envelope
                && sequence == self.received + 1
            {
                self.received = sequence;
            }
        }
        answer
    }

    /// Polls until so many texts came, and gives all that came.
    pub(crate) async fn texts(&mut self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            texts.extend(self.poll().await.texts());
        }
        texts
    }

    /// `with` alone.
    pub(crate) fn with(&self, request: u64) -> Vec<u8> {
        let mut body = Vec::new();
        let key = self.key;
        Envelope::With { key, request }.encode(&mut body);
        body
    }

    /// A `send` body of these items.
    pub(crate) fn items(&self, items: &[(u64, &str)]) -> Vec<u8> {
        let mut body = self.with(0);
        for (sequence, text) in items {
            let part = Part {
                sequence: *sequence,
                kind: Kind::Text,
                payload: text.as_bytes(),
            };
            Envelope::Item(part).encode(&mut body);
        }
        body
    }

    pub(crate) async fn send(&self, body: Vec<u8>) -> Answer {
        self.post("send", body).await
    }

    pub(crate) async fn post(&self, endpoint: &str, body: Vec<u8>) -> Answer {
        let head = format!(
            "POST {}/.towpath/{endpoint} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nOrigin: {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.path.split('?').next().unwrap().trim_end_matches('/'),
            self.port,
            self.origin,
            body.len()
        );
        exchange(self.port, &[head.as_bytes(), &body].concat()).await
    }
}

/// Writes a request and reads until the server closes.
pub(crate) async fn exchange(port: u16, request: &[u8]) -> Answer {
    let read = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes).await;
        bytes
    };
    let bytes = timeout(PATIENCE, read).await.expect("an answer in time");
    let end = bytes
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(&bytes)));
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut body = bytes[end + 4..].to_vec();
    if head.contains("transfer-encoding: chunked") {
        body = unchunked(&body);
    }
    Answer { status, head, body }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        let chunk = &rest[end + 2..];
        body.extend_from_slice(&chunk[..size.min(chunk.len())]);
        rest = chunk.get(size + 2..).unwrap_or_default();
    }
    body
}
