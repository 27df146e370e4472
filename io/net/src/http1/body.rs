//! Response bodies: by length, in chunks, or until the end (RFC 9112 section 6.3).
//!
//! A body is evidence only. What is missing or malformed marks it as cut and fails nothing.

use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::Answer;
use crate::limits::Limits;
use crate::stream::Stream;

/// How the end of a body is told.
enum Framing {
    None,
    Length(u64),
    Chunked,
    UntilEnd,
}

fn framing(answer: &Answer) -> Framing {
    if matches!(answer.status, 100..200 | 204 | 304) {
        return Framing::None;
    }
    let chunked = answer.values("Transfer-Encoding").any(|value| {
        value
            .rsplit(',')
            .next()
            .is_some_and(|last| last.trim().eq_ignore_ascii_case("chunked"))
    });
    if chunked {
        return Framing::Chunked;
    }
    match answer.header("Content-Length").map(str::parse) {
        Some(Ok(length)) => Framing::Length(length),
        _ => Framing::UntilEnd,
    }
}

/// Reads a body that begins with `rest`; tells whether there was more than was read.
pub(super) async fn read(
    stream: &mut Stream,
    answer: &Answer,
    rest: BytesMut,
    limits: &Limits,
) -> (Bytes, bool) {
    let framing = framing(answer);
    let mut raw = rest;
    let began = Instant::now();
    let mut ended = false;
    loop {
        let (body, complete) = match framing {
            Framing::None => (Bytes::new(), true),
            Framing::Length(length) => {
                let due = usize::try_from(length).unwrap_or(usize::MAX);
                (peek(&raw, due), raw.len() >= due)
            }
            Framing::Chunked => unchunk(&raw),
            Framing::UntilEnd => (peek(&raw, raw.len()), ended),
        };
        if complete {
            let over = body.len() > limits.body_bytes_max;
            return (body.slice(..body.len().min(limits.body_bytes_max)), over);
        }
        if ended || body.len() >= limits.body_bytes_max || raw.len() >= 2 * limits.body_bytes_max {
            return (body.slice(..body.len().min(limits.body_bytes_max)), true);
        }
        let left = limits.body.saturating_sub(began.elapsed());
        match timeout(left, stream.read_buf(&mut raw)).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0)) => ended = true,
            Ok(Err(_)) | Err(_) => return (body, true),
        }
    }
}

fn peek(raw: &BytesMut, most: usize) -> Bytes {
    Bytes::copy_from_slice(&raw[..raw.len().min(most)])
}

/// The payload of the complete chunks, and whether the last one was among them.
fn unchunk(raw: &[u8]) -> (Bytes, bool) {
    let mut rest = raw;
    let mut body = BytesMut::new();
    loop {
        let Ok(httparse::Status::Complete((start, size))) = httparse::parse_chunk_size(rest) else {
            return (body.freeze(), false);
        };
        rest.advance(start);
        if size == 0 {
            return (body.freeze(), true);
        }
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let available = size.min(rest.len());
        body.extend_from_slice(&rest[..available]);
        rest.advance(available);
        if rest.len() < 2 {
            return (body.freeze(), false);
        }
        rest.advance(2);
    }
}
