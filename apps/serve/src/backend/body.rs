//! The body of a refusal: by length, in chunks, or until the end (RFC 9112 section 6.3).
//!
//! A body that is missing, late or malformed fails nothing: what arrived is handed on, marked as cut.

use bytes::{Buf as _, BytesMut};
use http::{StatusCode, header};
use tokio::io::AsyncReadExt as _;
use tokio::time::{Instant, timeout_at};

use super::Refusal;
use super::answer::Answer;
use super::headers::strip_connection;
use crate::stream::LegStream;

/// A connection whose body is being read.
struct Source<'a> {
    stream: &'a mut LegStream,
    deadline: Instant,
}

impl Source<'_> {
    /// Whether more bytes came.
    async fn more(&mut self, buffer: &mut BytesMut) -> bool {
        buffer.reserve(4096);
        let read = timeout_at(self.deadline, self.stream.read_buf(buffer)).await;
        matches!(read, Ok(Ok(1..)))
    }

    /// Reads until `wanted` bytes are there; whether they are.
    async fn fill(&mut self, buffer: &mut BytesMut, wanted: usize) -> bool {
        while buffer.len() < wanted {
            if !self.more(buffer).await {
                return false;
            }
        }
        true
    }
}

/// Reads the body that begins with `rest`: until its end, the deadline, or `most` bytes.
pub(super) async fn refusal(
    stream: &mut LegStream,
    answer: Answer,
    rest: BytesMut,
    most: usize,
    deadline: Instant,
) -> Refusal {
    let source = Source { stream, deadline };
    let (mut body, ended) = read(source, &answer, rest, most).await;
    let body_cut = !ended || body.len() > most;
    body.truncate(most);
    let mut headers = answer.headers;
    strip_connection(&mut headers);
    headers.remove(header::CONTENT_LENGTH);
    Refusal {
        status: answer.status,
        headers,
        body: body.freeze(),
        body_cut,
    }
}

/// The body, and whether its end was seen.
async fn read(
    mut source: Source<'_>,
    answer: &Answer,
    mut body: BytesMut,
    most: usize,
) -> (BytesMut, bool) {
    let bodiless = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED];
    if bodiless.contains(&answer.status) {
        return (BytesMut::new(), true);
    }
    let text = |name| answer.headers.get(name)?.to_str().ok();
    if text(header::TRANSFER_ENCODING).is_some_and(ends_chunked) {
        return chunked(source, body, most).await;
    }
    let length = text(header::CONTENT_LENGTH).and_then(|text| text.trim().parse::<usize>().ok());
    if let Some(length) = length {
        let ended = source.fill(&mut body, length.min(most)).await;
        body.truncate(length);
        return (body, ended && length <= most);
    }
    let filled = source.fill(&mut body, most + 1).await;
    (body, !filled)
}

fn ends_chunked(codings: &str) -> bool {
    let last = codings.rsplit(',').next().unwrap_or_default();
    last.trim().eq_ignore_ascii_case("chunked")
}

async fn chunked(mut source: Source<'_>, mut raw: BytesMut, most: usize) -> (BytesMut, bool) {
    let mut body = BytesMut::new();
    loop {
        let (start, size) = match httparse::parse_chunk_size(&raw) {
            Ok(httparse::Status::Complete((_, 0))) => return (body, true),
            Ok(httparse::Status::Complete((start, size))) => (start, size),
            Ok(httparse::Status::Partial) if raw.len() < CHUNK_HEAD_BYTES_MAX => {
                if source.more(&mut raw).await {
                    continue;
                }
                return (body, false);
            }
            _ => return (body, false),
        };
        raw.advance(start);
        let room = (most + 1).saturating_sub(body.len());
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let whole = size < room && source.fill(&mut raw, size + 2).await;
        if !whole || raw[size..size + 2] != *b"\r\n" {
            source.fill(&mut raw, size.min(room)).await;
            let kept = raw.len().min(size).min(room);
            body.extend_from_slice(&raw[..kept]);
            return (body, false);
        }
        body.extend_from_slice(&raw[..size]);
        raw.advance(size + 2);
    }
}

/// Most bytes of one chunk's head, extensions included.
const CHUNK_HEAD_BYTES_MAX: usize = 4096;
