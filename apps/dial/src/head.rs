//! The head of a local request, read within its limits and kept as it was written.
//!
//! One connection asks once: what follows the head belongs to the WebSocket and is handed on unread. It must never
//! wait without a deadline, nor read a request that two readers could understand differently.

use std::io;

use bytes::{Bytes, BytesMut};
use thiserror::Error;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::limits::{HEADERS_MAX, Limits};

/// A request head, names and values in order.
#[derive(Clone, Default)]
pub(crate) struct Head {
    pub(crate) method: String,
    /// The request target as it was sent.
    pub(crate) target: String,
    /// Major and minor.
    pub(crate) version: (u8, u8),
    pub(crate) headers: Vec<(String, String)>,
    /// What came behind the head.
    pub(crate) rest: Bytes,
}

impl std::fmt::Debug for Head {
    /// Targets and headers hold secrets.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Head({} with {} headers)",
            self.method,
            self.headers.len()
        )
    }
}

/// Why there is no head.
#[derive(Debug, Error)]
pub(crate) enum HeadError {
    /// The client went before it asked anything.
    #[error("the connection ended before a request")]
    Ended,
    /// The stream failed.
    #[error("the connection failed before a request")]
    Io(#[source] io::Error),
    /// [`Limits::head_time`].
    #[error("the request did not come in time")]
    Late,
    /// [`Limits::head_bytes_max`], or too many lines.
    #[error("the request's head is too large")]
    TooLarge,
    /// Not HTTP/1, or ambiguous.
    #[error("the request is not HTTP/1.1: {0}")]
    Unreadable(&'static str),
}

impl Head {
    /// Reads one head.
    pub(crate) async fn read(stream: &mut TcpStream, limits: &Limits) -> Result<Self, HeadError> {
        match timeout(limits.head_time, Self::read_all(stream, limits)).await {
            Ok(read) => read,
            Err(_) => Err(HeadError::Late),
        }
    }

    async fn read_all(stream: &mut TcpStream, limits: &Limits) -> Result<Self, HeadError> {
        let mut buffer = BytesMut::with_capacity(FIRST_READ_BYTES);
        loop {
            let read = stream.read_buf(&mut buffer).await.map_err(HeadError::Io)?;
            if read == 0 {
                return Err(HeadError::Ended);
            }
            if let Some((mut head, length)) = parse(&buffer)? {
                head.rest = buffer.split_off(length).freeze();
                return Ok(head);
            }
            if buffer.len() >= limits.head_bytes_max {
                return Err(HeadError::TooLarge);
            }
        }
    }

    /// All values of a header, trimmed, in order.
    pub(crate) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(candidate, _)| candidate.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The elements of a comma-separated header, over all its lines.
    pub(crate) fn elements<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|element| !element.is_empty())
    }

    /// Whether it asks for a WebSocket, however well.
    pub(crate) fn asks_for_websocket(&self) -> bool {
        let mut upgrades = self.elements("upgrade");
        upgrades.any(|name| name.eq_ignore_ascii_case("websocket"))
    }
}

/// The head at the beginning of `bytes` and its length; nothing while it is incomplete.
fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, HeadError> {
    let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut request = httparse::Request::new(&mut lines);
    let length = match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(HeadError::TooLarge),
        Err(_) => return Err(HeadError::Unreadable("its head cannot be parsed")),
    };
    let mut headers = Vec::with_capacity(request.headers.len());
    for line in request.headers.iter() {
        let value = std::str::from_utf8(line.value)
            .map_err(|_| HeadError::Unreadable("a header's value is not UTF-8"))?;
        headers.push((line.name.to_owned(), value.trim().to_owned()));
    }
    let head = Head {
        method: request.method.unwrap_or_default().to_owned(),
        target: request.path.unwrap_or_default().to_owned(),
        version: (1, request.version.unwrap_or(1)),
        headers,
        rest: Bytes::new(),
    };
    if head.values("content-length").any(|value| value != "0")
        || head.values("transfer-encoding").next().is_some()
    {
        return Err(HeadError::Unreadable("a handshake has no body"));
    }
    Ok(Some((head, length)))
}

/// Most heads fit into it.
const FIRST_READ_BYTES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<(Head, usize)>, HeadError> {
        parse(text.as_bytes())
    }

    #[test]
    fn heads_are_read_as_they_are_written() {
        let text = "GET /a?b=%20 HTTP/1.1\r\nhOst: x\r\nUpgrade: h2c, WebSocket\r\n\r\n\x01\0";
        let (head, length) = read(text).unwrap().unwrap();
        assert_eq!(head.target, "/a?b=%20");
        assert_eq!(head.headers[0], ("hOst".to_owned(), "x".to_owned()));
        assert!(head.asks_for_websocket());
        assert_eq!(&text[length..], "\x01\0");
    }

    #[test]
    fn what_is_no_handshake_is_refused() {
        for text in [
            "\x16\x03\x01\x02\0",
            "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/2.0\r\n\r\n",
            "GET / HTTP/1.1\r\nA : b\r\n\r\n",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
        assert!(read("GET / HTTP/1.1\r\nA: b").unwrap().is_none());
        let many = "A: b\r\n".repeat(HEADERS_MAX + 1);
        let many = read(&format!("GET / HTTP/1.1\r\n{many}\r\n"));
        assert!(matches!(many, Err(HeadError::TooLarge)));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_do_harm(line in "\\PC{0,60}", bytes in proptest::collection::vec(0_u8.., 0..300)) {
            let wild = [format!("GET {line} HTTP/1.1\r\n{line}\r\n").into_bytes(), bytes].concat();
            for end in 0..=wild.len() {
                if let Ok(Some((_, length))) = parse(&wild[..end]) {
                    proptest::prop_assert!(length <= end);
                }
            }
        }
    }
}
