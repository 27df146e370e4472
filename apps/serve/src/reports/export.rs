//! Everything that is kept, written out while the gateway goes on.
//!
//! It must never hold more than a few parts at a time, however slow the reader is.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Frame;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::body::{self, Body, BodyError};
use crate::gateway::Gateway;

/// One case a line (NDJSON), the oldest first.
pub(crate) fn lines(gateway: &Arc<Gateway>) -> Body {
    let (out, parts) = mpsc::channel(PARTS_MAX);
    let gateway = Arc::clone(gateway);
    tokio::spawn(async move {
        let mut place = 0;
        let mut patience = BUSY_TRIES;
        loop {
            let read = gateway
                .reports
                .ask(move |store| store.after(place, CASES))
                .await;
            let part = match read {
                Ok(Ok((_, cases))) if cases.is_empty() => return,
                Ok(Ok((next, cases))) => {
                    place = next;
                    patience = BUSY_TRIES;
                    Ok(cases
                        .iter()
                        .map(towpath_reports::Case::line)
                        .collect::<String>()
                        .into())
                }
                Ok(Err(error)) => Err(error.into()),
                Err(busy) if patience == 0 => Err(busy.into()),
                Err(_) => {
                    patience -= 1;
                    sleep(BUSY_PAUSE).await;
                    continue;
                }
            };
            let is_last = part.is_err();
            if out.send(part).await.is_err() || is_last {
                return;
            }
        }
    });
    body::boxed(Parts { parts })
}

/// A body of parts that are made elsewhere.
struct Parts {
    parts: mpsc::Receiver<Result<Bytes, BodyError>>,
}

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let part = self.parts.poll_recv(cx);
        part.map(|part| part.map(|bytes| bytes.map(Frame::data)))
    }
}

/// Parts that wait for the reader.
const PARTS_MAX: usize = 2;

/// Cases of one part.
const CASES: u32 = 32;

/// How often a busy store is asked again.
const BUSY_TRIES: u32 = 100;

/// Between two of these.
const BUSY_PAUSE: Duration = Duration::from_millis(50);
