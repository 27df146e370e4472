//! A program's opening handshake, written out by hand so that a test sees every byte of the answer.
//!
//! It never waits for ever, and never hides what it did not expect.

use std::fmt::Write as _;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use towpath_websocket::accept_key;

use crate::client::{Client, within};

/// What a client asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    port: u16,
    path: String,
    host: Option<String>,
    headers: Vec<(String, String)>,
}

/// An answer that is not 101.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Ask {
    /// A handshake for a path at a loopback port.
    pub(crate) fn at(port: u16, path: &str) -> Self {
        Self {
            port,
            path: path.to_owned(),
            ..Self::default()
        }
    }

    /// With a further header.
    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another `Host` than where it goes.
    #[must_use]
    pub(crate) fn host(mut self, host: &str) -> Self {
        self.host = Some(host.to_owned());
        self
    }

    /// Opens the socket, or gives the answer that was no 101.
    pub(crate) async fn try_open(&self) -> Result<Client, Answer> {
        let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
        let key = format!("Sec-WebSocket-Key: {KEY}\r\n");
        let (mut stream, head, rest) = self.send(&format!("{upgrade}{key}")).await;
        if status(&head) != 101 {
            let body = body(&mut stream, &head, rest).await;
            return Err(Answer {
                status: status(&head),
                head,
                body,
            });
        }
        assert_eq!(
            header(&head, "sec-websocket-accept"),
            Some(accept_key(KEY).as_str()),
            "{head}"
        );
        assert_eq!(
            header(&head, "sec-websocket-extensions"),
            None,
            "nothing was offered: {head}"
        );
        Ok(Client::new(stream, head, &rest).await)
    }

    /// The same where only a socket will do.
    pub(crate) async fn open(&self) -> Client {
        match self.try_open().await {
            Ok(client) => client,
            Err(answer) => panic!("{self:?} was refused: {answer:#?}"),
        }
    }

    /// The answer where only a refusal will do.
    pub(crate) async fn refused(&self) -> Answer {
        match self.try_open().await {
            Err(answer) => answer,
            Ok(client) => panic!("{self:?} was let in: {}", client.head),
        }
    }

    /// A plain request.
    pub(crate) async fn get(&self) -> Answer {
        let (mut stream, head, rest) = self.send("Connection: close\r\n").await;
        Answer {
            status: status(&head),
            body: body(&mut stream, &head, rest).await,
            head,
        }
    }

    async fn send(&self, lines: &str) -> (TcpStream, String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))
            .await
            .expect("it listens");
        stream.set_nodelay(true).expect("TCP");
        let own = format!("127.0.0.1:{}", self.port);
        let host = self.host.as_deref().unwrap_or(&own);
        let mut request = format!("GET {} HTTP/1.1\r\nHost: {host}\r\n{lines}", self.path);
        for (name, value) in &self.headers {
            write!(request, "{name}: {value}\r\n").expect("a String takes everything");
        }
        request.push_str("\r\n");
        stream
            .write_all(request.as_bytes())
            .await
            .expect("it takes a request");
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let count = within(stream.read_buf(&mut bytes), self).await.unwrap_or(0);
            assert_ne!(count, 0, "{self:?}: {}", String::from_utf8_lossy(&bytes));
        };
        let rest = bytes.split_off(end);
        (
            stream,
            String::from_utf8(bytes).expect("heads are text"),
            rest,
        )
    }
}

/// A header of a head, names in any case.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

fn status(head: &str) -> u16 {
    let word = head.split(' ').nth(1).unwrap_or_default();
    word.parse().unwrap_or_else(|_| panic!("no status: {head}"))
}

/// As much of the body as was announced, or all up to the end.
async fn body(stream: &mut TcpStream, head: &str, mut bytes: Vec<u8>) -> String {
    let length = match status(head) {
        204 => Some(0),
        _ => header(head, "content-length").and_then(|length| length.parse().ok()),
    };
    while length.is_none_or(|length: usize| bytes.len() < length) {
        match within(stream.read_buf(&mut bytes), &head).await {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
