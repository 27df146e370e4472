//! Heads of HTTP/1 requests: read with a limit, changed as a middlebox would, and written again.
//!
//! Names keep their case and order, because what a hop does to them is evidence. Bodies are left on the
//! stream.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use crate::stream::Stream;

/// The head of one request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The request target as sent: a path, an absolute URL or, for CONNECT, `host:port`.
    pub(crate) target: String,
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub(crate) version: &'static str,
    headers: Vec<(String, String)>,
}

impl Request {
    /// Reads one head. `None` if the peer left without a whole one.
    pub(crate) async fn read(stream: &mut Stream) -> io::Result<Option<Self>> {
        match read_head(stream).await? {
            Some(bytes) => Self::parse(&bytes),
            None => Ok(None),
        }
    }

    /// The same for callers that limit the time themselves.
    pub(crate) async fn read_at_leisure(stream: &mut Stream) -> io::Result<Option<Self>> {
        match read_head_at_leisure(stream).await? {
            Some(bytes) => Self::parse(&bytes),
            None => Ok(None),
        }
    }

    fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Request::new(&mut headers);
        let complete = parsed.parse(bytes).map_err(invalid)?;
        if !complete.is_complete() {
            return Ok(None);
        }
        Ok(Some(Self {
            method: parsed.method.unwrap_or_default().to_owned(),
            target: parsed.path.unwrap_or_default().to_owned(),
            version: if parsed.version == Some(0) {
                "HTTP/1.0"
            } else {
                "HTTP/1.1"
            },
            headers: parsed
                .headers
                .iter()
                .map(|header| {
                    let value = String::from_utf8_lossy(header.value).into_owned();
                    (header.name.to_owned(), value)
                })
                .collect(),
        }))
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether a header that is a list holds this word.
    pub(crate) fn lists(&self, name: &str, word: &str) -> bool {
        self.words(name).any(|own| own.eq_ignore_ascii_case(word))
    }

    /// The words of a header that is a list, in order.
    pub(crate) fn words<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .flat_map(|(_, value)| value.split(','))
            .map(str::trim)
            .filter(|word| !word.is_empty())
    }

    /// Whether this asks for a WebSocket: `Upgrade` is there, however well the rest is formed.
    pub(crate) fn wants_upgrade(&self) -> bool {
        self.lists("upgrade", "websocket")
    }

    /// Whether this is an opening handshake that RFC 6455 section 4.2.1 lets a server accept.
    pub(crate) fn is_handshake(&self) -> bool {
        self.method == "GET"
            && self.version == "HTTP/1.1"
            && self.wants_upgrade()
            && self.lists("connection", "upgrade")
            && self.header("sec-websocket-key").is_some()
            && self.header("sec-websocket-version") == Some("13")
    }

    /// Removes every header of this name, as a hop does.
    pub(crate) fn remove(&mut self, name: &str) {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
    }

    /// Puts one header in place of all of this name, at the end.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.headers.push((name.to_owned(), value.to_owned()));
    }

    /// Writes all header names in lower case, as some load balancers do.
    pub(crate) fn lower_case(&mut self) {
        for (name, _) in &mut self.headers {
            name.make_ascii_lowercase();
        }
    }

    /// The bytes of this head.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{} {} {}\r\n", self.method, self.target, self.version);
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").expect("a String takes everything");
        }
        text.push_str("\r\n");
        text.into_bytes()
    }
}

/// Reads up to and with the empty line that ends a head; what follows stays on the stream.
pub(crate) async fn read_head(stream: &mut Stream) -> io::Result<Option<Vec<u8>>> {
    timeout(HEAD_TIME_MAX, read_head_at_leisure(stream)).await?
}

/// The same for callers that limit the time themselves.
pub(crate) async fn read_head_at_leisure(stream: &mut Stream) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 2048];
    loop {
        let count = stream.read(&mut piece).await?;
        if count == 0 {
            return Ok(None);
        }
        let start = bytes.len().saturating_sub(3);
        bytes.extend_from_slice(&piece[..count]);
        if let Some(end) = bytes[start..]
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
        {
            let rest = bytes.split_off(start + end + 4);
            stream.put_back(&rest);
            return Ok(Some(bytes));
        }
        if bytes.len() > HEAD_BYTES_MAX {
            return Err(invalid("the head is too long"));
        }
    }
}

fn invalid(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// The longest head that is read.
const HEAD_BYTES_MAX: usize = 64 << 10;
/// The most headers of one head.
const HEADERS_MAX: usize = 100;
/// The longest a peer may take to send a head.
const HEAD_TIME_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    async fn parse(text: &str) -> (Request, Stream) {
        let (mut near, far) = tokio::io::duplex(1 << 16);
        near.write_all(text.as_bytes()).await.unwrap();
        let mut stream = Stream::from(far);
        let request = Request::read(&mut stream).await.unwrap().unwrap();
        drop(near);
        (request, stream)
    }

    #[tokio::test]
    async fn what_follows_the_head_stays_on_the_stream() {
        let (request, mut stream) = parse("GET / HTTP/1.1\r\nHost: a\r\n\r\nrest").await;
        assert_eq!(request.target, "/");
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "rest");
    }

    #[tokio::test]
    async fn a_changed_head_keeps_case_and_order() {
        let (mut request, _stream) =
            parse("GET /a HTTP/1.1\r\nHOST: a\r\nUpgrade: websocket\r\nX-One: 1\r\n\r\n").await;
        request.remove("upgrade");
        request.set("Via", "1.1 hop");
        assert_eq!(
            String::from_utf8(request.to_bytes()).unwrap(),
            "GET /a HTTP/1.1\r\nHOST: a\r\nX-One: 1\r\nVia: 1.1 hop\r\n\r\n"
        );
    }

    #[tokio::test]
    async fn a_head_without_end_is_refused() {
        let (mut near, far) = tokio::io::duplex(1 << 18);
        near.write_all(&vec![b'a'; HEAD_BYTES_MAX + 4096])
            .await
            .unwrap();
        let refused = Request::read(&mut Stream::from(far)).await;
        assert_eq!(refused.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
