//! One page's link: moves batches of records between the page's hub and its WebSocket, in one task.
//!
//! One wake-up sends everything that is queued as one message. It must never wait for a single socket.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use towpath_websocket::{FrameHeader, Piece};

use crate::carry::hub::Hub;
use crate::carry::link::Link;
use crate::carry::record::Reader;

/// Carries until the link or the hub ends, and tells why.
pub(crate) async fn carry(link: Link, hub: Arc<Hub>) -> String {
    let mut line = Line {
        link,
        hub,
        reader: Reader::new(RECORD_BYTES_MAX),
        scratch: vec![0; SCRATCH_BYTES],
    };
    poll_fn(|cx| line.poll(cx)).await
}

struct Line {
    link: Link,
    hub: Arc<Hub>,
    reader: Reader,
    scratch: Vec<u8>,
}

impl Line {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<String> {
        if let Some(why) = self.hub.ended() {
            return Poll::Ready(why);
        }
        loop {
            let wrote = match self.poll_write(cx) {
                Poll::Ready(Err(why)) => return Poll::Ready(why),
                Poll::Ready(Ok(())) => true,
                Poll::Pending => false,
            };
            let read = match self.poll_read(cx) {
                Poll::Ready(Err(why)) => return Poll::Ready(why),
                Poll::Ready(Ok(())) => true,
                Poll::Pending => false,
            };
            if !wrote && !read {
                return Poll::Pending;
            }
        }
    }

    /// Ready where a batch was written.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        if self.link.is_flushed() {
            let Poll::Ready(batch) = self.hub.take_outgoing(cx) else {
                return Poll::Pending;
            };
            self.link.queue(FrameHeader::binary(batch.len()), &batch);
        }
        self.link
            .poll_flush(cx)
            .map_err(|error| format!("{LINK_ENDED} ({error})"))
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), String>> {
        let Self {
            link,
            hub,
            reader,
            scratch,
        } = self;
        let mut wrong = None;
        let read = link.poll_pieces(cx, scratch, |piece| {
            let outcome = match piece {
                Piece::Data { payload, .. } => feed(reader, hub, payload),
                Piece::Close(_) => Err(LINK_ENDED.to_owned()),
                Piece::Ping(_) | Piece::Pong(_) => Ok(()),
            };
            if let Err(why) = outcome {
                wrong.get_or_insert(why);
            }
        });
        match (read, wrong) {
            (_, Some(why)) => Poll::Ready(Err(why)),
            (Poll::Pending, None) => Poll::Pending,
            (Poll::Ready(Ok(0)), None) => Poll::Ready(Err(LINK_ENDED.to_owned())),
            (Poll::Ready(Ok(_)), None) => Poll::Ready(Ok(())),
            (Poll::Ready(Err(error)), None) => Poll::Ready(Err(format!("{LINK_ENDED} ({error})"))),
        }
    }
}

/// Hands what the page sent to its hub. The error is a sentence.
pub(super) fn feed(reader: &mut Reader, hub: &Hub, bytes: &[u8]) -> Result<(), String> {
    let mut wrong = None;
    let read = reader.feed(bytes, |record| {
        if let Err(why) = hub.arrived(record) {
            wrong.get_or_insert(why);
        }
    });
    match (wrong, read) {
        (Some(why), _) => Err(format!("the browser's page broke its rules: {why}")),
        (None, Err(error)) => Err(format!("the browser's page broke its rules: {error}")),
        (None, Ok(())) => Ok(()),
    }
}

const LINK_ENDED: &str = "the browser's page ended its link";
/// The largest message any socket may be allowed, and so the largest record.
pub(crate) const RECORD_BYTES_MAX: usize = 256 << 20;
const SCRATCH_BYTES: usize = 64 * 1024;
