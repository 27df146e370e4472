//! The backend's answer to a handshake: head only, bytes behind it kept.

use bytes::{Buf as _, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::BackendLimits;
use super::failure::BackendFailure;
use crate::stream::LegStream;

/// The head of an answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
}

/// Sends a request head and reads the head of the final answer (RFC 9110 section 15.2: interim ones are skipped).
pub(super) async fn exchange(
    stream: &mut LegStream,
    head: &[u8],
    limits: BackendLimits,
) -> Result<(Answer, BytesMut), BackendFailure> {
    let wrote = async {
        stream.write_all(head).await?;
        stream.flush().await
    };
    // A server may answer and reset before it has read everything; its answer tells more.
    let wrote = wrote.await;
    let mut buffer = BytesMut::with_capacity(1024);
    loop {
        if let Some((answer, length)) = parse(&buffer, limits)? {
            buffer.advance(length);
            if answer.status.is_informational() && answer.status != StatusCode::SWITCHING_PROTOCOLS
            {
                continue;
            }
            return Ok((answer, buffer));
        }
        if buffer.len() >= limits.head_bytes {
            return Err(BackendFailure::HeadTooLarge {
                limit_bytes: limits.head_bytes,
            });
        }
        buffer.reserve(1024);
        match (stream.read_buf(&mut buffer).await, &wrote) {
            (Ok(0), Ok(())) => return Err(BackendFailure::Ended(None)),
            (Err(error), Ok(())) => return Err(BackendFailure::Ended(Some(error))),
            (Ok(0) | Err(_), Err(_)) => return Err(BackendFailure::Ended(wrote.err())),
            (Ok(_), _) => {}
        }
    }
}

/// The head at the beginning of `bytes` and its length; nothing while it is incomplete.
pub(crate) fn parse(
    bytes: &[u8],
    limits: BackendLimits,
) -> Result<Option<(Answer, usize)>, BackendFailure> {
    let shown = bytes.len().min(BEGINNING.len());
    if bytes[..shown] != BEGINNING[..shown] {
        return Err(BackendFailure::NotHttp);
    }
    let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut lines);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(BackendFailure::HeadTooLarge {
                limit_bytes: limits.head_bytes,
            });
        }
        Err(_) => return Err(BackendFailure::NotHttp),
    };
    let status = response
        .code
        .and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or(BackendFailure::NotHttp)?;
    let mut headers = HeaderMap::with_capacity(response.headers.len());
    for line in response.headers.iter() {
        let name = HeaderName::from_bytes(line.name.as_bytes());
        let value = HeaderValue::from_bytes(line.value);
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    Ok(Some((Answer { status, headers }, length)))
}

/// What every response of HTTP/1 begins with (RFC 9112 section 4).
const BEGINNING: &[u8] = b"HTTP/1.";

/// Most header lines of an answer.
const HEADERS_MAX: usize = 128;
