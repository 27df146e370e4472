//! What a client gets for an answer: the remote's words as they are, and ours, never to be confused.
//!
//! `Towpath-From` says whose answer it is, `Towpath-Why` what this program has to say about it. A remote cannot set either.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::limits::{READ_BYTES_MAX, WHY_BYTES_MAX};

/// An answer other than 101.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// An answer of this program, in plain text.
    pub(crate) fn own(status: u16, text: &str) -> Self {
        let mut body = text.to_owned();
        body.push('\n');
        let headers = [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
            (FROM, "dial"),
        ];
        Self {
            status,
            headers: owned(&headers),
            body: body.into(),
        }
    }

    /// The remote's answer with what is known about it.
    pub(crate) fn of_remote(
        status: u16,
        headers: &[(String, String)],
        body: Bytes,
        why: &str,
    ) -> Self {
        // The body was read whole or to a limit, so its length and framing are this answer's own.
        let mut kept = passed_on(headers);
        kept.extend(owned(&[(FROM, "remote"), (WHY, &one_line(why))]));
        Self {
            status,
            headers: kept,
            body,
        }
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), one_line(value)));
        self
    }

    /// The bytes on the wire. A HEAD request gets no body.
    fn encode(&self, with_body: bool) -> Vec<u8> {
        let mut wire = status_line(self.status);
        for (name, value) in &self.headers {
            push_line(&mut wire, name, value);
        }
        if !has_no_body(self.status) {
            push_line(&mut wire, "Content-Length", &self.body.len().to_string());
        }
        push_line(&mut wire, "Connection", "close");
        wire.extend_from_slice(b"\r\n");
        if with_body && !has_no_body(self.status) {
            wire.extend_from_slice(&self.body);
        }
        wire
    }

    /// Sends it and ends the connection so that the client can read it to its end.
    pub(crate) async fn send(&self, stream: &mut TcpStream, with_body: bool) {
        let sent = async {
            stream.write_all(&self.encode(with_body)).await?;
            stream.shutdown().await
        };
        // A client that is gone needs no answer.
        let _ = timeout(SEND_TIME, sent).await;
        linger(stream).await;
    }
}

/// Reads what the client still says, up to its end: bytes that nobody read would turn the end into a reset, which takes
/// the answer with it.
pub(crate) async fn linger(stream: &mut TcpStream) {
    let drained = async {
        // On the heap, or every future that may come here would hold it.
        let mut scratch = vec![0; 1024];
        let mut left = READ_BYTES_MAX;
        while left > 0 {
            match stream.read(&mut scratch).await {
                Ok(read) if read > 0 => left = left.saturating_sub(read),
                _ => return,
            }
        }
    };
    let _ = timeout(LINGER_TIME, drained).await;
}

/// The head of a 101 with these headers, which hold no `Upgrade` and `Connection` of their own.
pub(crate) fn switching(headers: &[(String, String)]) -> Vec<u8> {
    let mut wire = status_line(101);
    push_line(&mut wire, "Upgrade", "websocket");
    push_line(&mut wire, "Connection", "Upgrade");
    for (name, value) in headers {
        push_line(&mut wire, name, value);
    }
    wire.extend_from_slice(b"\r\n");
    wire
}

/// Headers of a remote without those of a single hop (RFC 9110 section 7.6.1) and without any that only this program sets.
pub(crate) fn passed_on(headers: &[(String, String)]) -> Vec<(String, String)> {
    let of_connection: Vec<String> = headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("connection"))
        .flat_map(|(_, value)| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    headers
        .iter()
        .filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            !(OF_ONE_HOP.contains(&name.as_str())
                || of_connection.contains(&name)
                || name.starts_with("towpath-"))
        })
        .cloned()
        .collect()
}

fn owned(headers: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    headers.iter().map(own).collect()
}

fn status_line(status: u16) -> Vec<u8> {
    let known = StatusCode::from_u16(status).ok();
    let reason = known.and_then(|status| status.canonical_reason());
    format!("HTTP/1.1 {status} {}\r\n", reason.unwrap_or_default()).into_bytes()
}

/// A line break inside a value would begin another header.
fn push_line(wire: &mut Vec<u8>, name: &str, value: &str) {
    let clean = |text: &str| text.replace(['\r', '\n', '\0'], " ");
    wire.extend_from_slice(format!("{}: {}\r\n", clean(name), clean(value)).as_bytes());
}

/// Text for a header: one line of ASCII, short enough for every reader.
pub(crate) fn one_line(text: &str) -> String {
    let end = text.floor_char_boundary(WHY_BYTES_MAX);
    text[..end]
        .chars()
        .map(|c| match c {
            ' '..='~' => c,
            c if c.is_whitespace() || c.is_control() => ' ',
            _ => '?',
        })
        .collect()
}

/// RFC 9110 sections 6.4.1 and 15.3.5.
fn has_no_body(status: u16) -> bool {
    matches!(status, 100..=199 | 204 | 304)
}

/// Whose answer it is.
const FROM: &str = "Towpath-From";

/// What this program has to say.
pub(crate) const WHY: &str = "Towpath-Why";

/// By which way a connection stands.
pub(crate) const WAY: &str = "Towpath-Way";

const OF_ONE_HOP: [&str; 9] = [
    "connection",
    "content-length",
    "keep-alive",
    "proxy-authenticate",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// For a client to take an answer.
const SEND_TIME: Duration = Duration::from_secs(5);

/// For a client to end after an answer.
const LINGER_TIME: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remotes_words_are_its_own() {
        let remote = owned(&[
            ("server", "nginx"),
            ("Connection", "close, X-Hop"),
            ("x-hop", "1"),
            ("Transfer-Encoding", "chunked"),
            ("Towpath-Why", "forged"),
            ("Set-Cookie", "a=b"),
            ("Set-Cookie", "c=d"),
        ]);
        let body = Bytes::from_static(b"no");
        let answer = Answer::of_remote(
            403,
            &remote,
            body,
            "it wants a browser\u{2019}s hello\r\nX: y",
        );
        let text = String::from_utf8(answer.encode(true)).unwrap();
        let expected = "HTTP/1.1 403 Forbidden\r\nserver: nginx\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n\
            Towpath-From: remote\r\nTowpath-Why: it wants a browser?s hello  X: y\r\n\
            Content-Length: 2\r\nConnection: close\r\n\r\nno";
        assert_eq!(text, expected);
    }

    #[test]
    fn ours_are_ours() {
        let answer = Answer::own(502, "nothing answers").with(WHY, "nothing answers");
        let text = String::from_utf8(answer.encode(true)).unwrap();
        assert!(text.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "{text}");
        assert!(text.contains("Towpath-From: dial\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nnothing answers\n"), "{text}");
        let head = String::from_utf8(answer.encode(false)).unwrap();
        assert!(head.ends_with("\r\n\r\n"), "{head}");
    }

    #[test]
    fn a_status_without_a_body_has_none() {
        let answer = Answer::of_remote(304, &[], Bytes::from_static(b"x"), "");
        let text = String::from_utf8(answer.encode(true)).unwrap();
        assert!(
            !text.contains("Content-Length") && text.ends_with("\r\n\r\n"),
            "{text}"
        );
        assert!(
            String::from_utf8(Answer::own(799, "").encode(true))
                .unwrap()
                .starts_with("HTTP/1.1 799 \r\n")
        );
    }
}
