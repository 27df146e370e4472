//! HTTP/1.1 as a client, with the wire kept as evidence.
//!
//! The request is written exactly as given; the answer keeps order, case and repetition of its
//! header lines, and bytes that are not HTTP come out as a fact. It must never read without bound,
//! and never lose bytes that follow a switch of protocols.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use towpath_diagnosis::observation::{Body, Failure, Header, RequestHead, Response};
use towpath_diagnosis::redact::Redactor;

use crate::failure;
use crate::limits::{Limits, milliseconds};
use crate::stream::Stream;

mod body;
mod head;

use head::Parsed;

/// An answer as it was on the wire, secrets and all. Only [`Answer::fact`] may be written down.
#[derive(Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The reason phrase.
    pub reason: String,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    pub version: String,
    /// The header lines in order.
    pub headers: Vec<Header>,
    /// The body, as far as it was read.
    pub body: Bytes,
    /// Whether there was more of the body.
    pub body_cut: bool,
    /// From the request's last byte to the answer's first.
    pub first_byte: Duration,
    /// From the request's last byte to the end of the head.
    pub head_complete: Duration,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({} {})", self.status, self.reason)
    }
}

impl Answer {
    /// The first value of a header, found by name without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// All values of a header in order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value.as_str())
    }

    /// The answer as a fact, without secrets.
    pub fn fact(&self, redactor: &Redactor, limits: &Limits) -> Response {
        let kept = &self.body[..self.body.len().min(limits.body_kept_bytes)];
        Response {
            status: self.status,
            reason: redactor.text(&self.reason),
            version: self.version.clone(),
            headers: redacted(&self.headers, redactor),
            body: Body {
                text: redactor.text(&String::from_utf8_lossy(kept)),
                bytes: self.body.len() as u64,
                cut: self.body_cut || kept.len() < self.body.len(),
            },
            first_byte_ms: milliseconds(self.first_byte),
        }
    }
}

/// A request as a fact, without secrets.
pub fn request_fact(head: &RequestHead, redactor: &Redactor) -> RequestHead {
    RequestHead {
        method: head.method.clone(),
        target: redactor.url(&head.target),
        version: head.version.clone(),
        headers: redacted(&head.headers, redactor),
    }
}

fn redacted(headers: &[Header], redactor: &Redactor) -> Vec<Header> {
    headers
        .iter()
        .map(|header| Header {
            name: header.name.clone(),
            value: redactor.header(&header.name, &header.value),
        })
        .collect()
}

/// The bytes of a request head. A line break inside a part becomes a space, so that no setting and
/// no captured request can add lines of its own.
pub fn encode(head: &RequestHead) -> Vec<u8> {
    let one_line = |text: &str| text.replace(['\r', '\n'], " ");
    let first = format!("{} {} {}", head.method, head.target, head.version);
    let mut wire = one_line(&first);
    wire.push_str("\r\n");
    for header in &head.headers {
        wire.push_str(&one_line(&header.name));
        wire.push_str(": ");
        wire.push_str(&one_line(&header.value));
        wire.push_str("\r\n");
    }
    wire.push_str("\r\n");
    wire.into_bytes()
}

/// Sends a request and reads the answer.
///
/// After 101, and after 2xx to CONNECT, the stream stands where the other protocol begins: bytes
/// of it that came with the head are given back to the stream.
pub async fn exchange(
    stream: &mut Stream,
    request: &RequestHead,
    limits: &Limits,
) -> Result<Answer, Failure> {
    let began = Instant::now();
    let wrote = async {
        stream.write_all(&encode(request)).await?;
        stream.flush().await
    };
    let Ok(wrote) = timeout(limits.head, wrote).await else {
        return Err(failure::timed_out(limits.head));
    };
    let sent = Instant::now();
    // A peer may answer and reset before it has read everything; its answer tells more.
    let read = read_head(stream, limits, sent).await;
    let (parsed, rest, first_byte) = match (read, wrote) {
        (Ok(read), _) => read,
        (Err(_), Err(error)) => return Err(failure::of_io(&error, began.elapsed())),
        (Err(failure), Ok(())) => return Err(failure),
    };
    let mut answer = Answer {
        status: parsed.status,
        reason: parsed.reason,
        version: parsed.version,
        headers: parsed.headers,
        body: Bytes::new(),
        body_cut: false,
        first_byte,
        head_complete: sent.elapsed(),
    };
    let tunnel = request.method == "CONNECT" && (200..300).contains(&answer.status);
    if answer.status == 101 || tunnel {
        stream.unread(rest.freeze());
    } else {
        let (body, cut) = body::read(stream, &answer, rest, limits).await;
        (answer.body, answer.body_cut) = (body, cut);
    }
    Ok(answer)
}

/// Reads until a final head is complete; interim answers (RFC 9110 section 15.2) are skipped.
async fn read_head(
    stream: &mut Stream,
    limits: &Limits,
    sent: Instant,
) -> Result<(Parsed, BytesMut, Duration), Failure> {
    let mut buffer = BytesMut::with_capacity(4096);
    let mut first_byte = None;
    loop {
        if let Some((parsed, length)) = head::parse(&buffer, limits)? {
            let rest = buffer.split_off(length);
            if (100..200).contains(&parsed.status) && parsed.status != 101 {
                buffer = rest;
                continue;
            }
            return Ok((parsed, rest, first_byte.unwrap_or_default()));
        }
        if buffer.len() >= limits.head_bytes_max {
            return Err(Failure::TooLarge {
                limit_bytes: limits.head_bytes_max as u64,
            });
        }
        // Looked at here too: a peer whose bytes are always ready never lets a timer win.
        let left = limits.head.saturating_sub(sent.elapsed());
        if left.is_zero() {
            return Err(failure::timed_out(limits.head));
        }
        match timeout(left, stream.read_buf(&mut buffer)).await {
            Err(_) => return Err(failure::timed_out(limits.head)),
            Ok(Err(error)) => return Err(failure::of_io(&error, sent.elapsed())),
            Ok(Ok(0)) => return Err(Failure::EndOfStream),
            Ok(Ok(_)) => {
                first_byte.get_or_insert_with(|| sent.elapsed());
            }
        }
    }
}

#[cfg(test)]
mod tests;
