//! Response bodies: by length, in chunks, or until the end (RFC 9112 section 6.3).
//!
//! A body is evidence only. What is missing or malformed marks it as cut and fails nothing.

use std::time::Instant;

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

use super::Answer;
use crate::limits::Limits;
use crate::stream::Stream;

mod chunks;

use chunks::Chunks;

/// A body on its way in, by the way in which its end is told.
enum Incoming {
    Length { due: u64, body: BytesMut },
    Chunked(Chunks),
    UntilEnd { body: BytesMut },
}

/// Whether more is to be read.
#[derive(PartialEq, Eq)]
enum Progress {
    More,
    Complete,
    Broken,
}

impl Incoming {
    fn of(answer: &Answer) -> Option<Self> {
        if matches!(answer.status, 100..200 | 204 | 304) {
            return None;
        }
        let body = BytesMut::new();
        let chunked = answer.values("Transfer-Encoding").any(|value| {
            let last = value.rsplit(',').next().unwrap_or_default();
            last.trim().eq_ignore_ascii_case("chunked")
        });
        if chunked {
            return Some(Self::Chunked(Chunks::default()));
        }
        Some(match answer.header("Content-Length").map(str::parse) {
            Some(Ok(due)) => Self::Length { due, body },
            _ => Self::UntilEnd { body },
        })
    }

    fn take(&mut self, raw: &mut BytesMut) -> Progress {
        match self {
            Self::Length { due, body } => {
                body.unsplit(raw.split());
                let complete = body.len() as u64 >= *due;
                if complete {
                    body.truncate(usize::try_from(*due).unwrap_or(usize::MAX));
                    return Progress::Complete;
                }
                Progress::More
            }
            Self::UntilEnd { body } => {
                body.unsplit(raw.split());
                Progress::More
            }
            Self::Chunked(chunks) => chunks.take(raw),
        }
    }

    fn ends_with_stream(&self) -> bool {
        matches!(self, Self::UntilEnd { .. })
    }

    fn body(self) -> BytesMut {
        match self {
            Self::Length { body, .. } | Self::UntilEnd { body } => body,
            Self::Chunked(chunks) => chunks.body,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Length { body, .. } | Self::UntilEnd { body } => body.len(),
            Self::Chunked(chunks) => chunks.body.len(),
        }
    }
}

/// Reads a body that begins with `rest`; tells whether there was more than was read.
pub(super) async fn read(
    stream: &mut Stream,
    answer: &Answer,
    rest: BytesMut,
    limits: &Limits,
) -> (Bytes, bool) {
    let Some(mut incoming) = Incoming::of(answer) else {
        return (Bytes::new(), false);
    };
    let mut raw = rest;
    let began = Instant::now();
    let cut = loop {
        let progress = incoming.take(&mut raw);
        // More bytes than this without more body: a peer that sends chunk headers for ever.
        let idle = raw.len() >= limits.body_bytes_max;
        if progress == Progress::Complete && incoming.len() <= limits.body_bytes_max {
            break false;
        }
        if progress != Progress::More || idle || incoming.len() >= limits.body_bytes_max {
            break true;
        }
        // Looked at here too: a peer whose bytes are always ready never lets a timer win.
        let left = limits.body.saturating_sub(began.elapsed());
        if left.is_zero() {
            break true;
        }
        match timeout(left, stream.read_buf(&mut raw)).await {
            Ok(Ok(0)) => break !incoming.ends_with_stream(),
            Ok(Ok(_)) => {}
            Ok(Err(_)) | Err(_) => break true,
        }
    };
    let mut body = incoming.body();
    body.truncate(limits.body_bytes_max);
    (body.freeze(), cut)
}
