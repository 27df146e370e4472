//! Responses that come in small chunks, one a beat: whether the page gets them one by one shows whether something
//! on the way holds answers back.
//!
//! Each chunk says when it was written, so that the page needs no clock of the gateway's. It must never wait for
//! the reader: what is late is what is to be seen.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body::{Body as HttpBody, Frame};
use tokio::time::{Instant, sleep_until};
use towpath_transport::server::{HttpTransport, set_headers};

use super::parameters::Parameters;
use super::runs::Place;
use crate::body::{self, Body, BodyError};
use crate::gateway::Gateway;

/// Answers `stream` and `sse`.
pub(super) fn respond(
    gateway: &Arc<Gateway>,
    transport: HttpTransport,
    parameters: &Parameters,
    place: Place,
) -> Response<Body> {
    let began = Instant::now();
    let mut response = Response::new(body::boxed(Beats {
        gateway: Arc::clone(gateway),
        transport,
        parameters: parameters.clone(),
        began,
        last: began,
        next: 0,
        wait: None,
        _place: place,
    }));
    set_headers(response.headers_mut(), transport.content_type());
    response
}

/// Such a response.
struct Beats {
    gateway: Arc<Gateway>,
    transport: HttpTransport,
    parameters: Parameters,
    began: Instant,
    /// When the chunk before was due.
    last: Instant,
    /// Which chunk comes next.
    next: u64,
    /// Comes true when it is due, or false when the gateway drains.
    wait: Option<Pin<Box<dyn Future<Output = bool> + Send>>>,
    _place: Place,
}

impl Beats {
    /// When the next chunk is due.
    fn due(&self) -> Instant {
        let Parameters {
            count, beat, idle, ..
        } = self.parameters;
        let pause = match self.next {
            0 => 0,
            next if next + 1 == count && idle > 0 => idle,
            _ => beat,
        };
        self.last + Duration::from_millis(pause)
    }

    fn chunk(&self) -> Bytes {
        let at = self.began.elapsed().as_millis();
        let line = format!("{} {at}", self.next);
        let padding = if self.next == 0 { PADDING_BYTES } else { 0 };
        match self.transport {
            HttpTransport::Sse if padding > 0 => {
                let comment = "=".repeat(padding);
                format!(":{comment}\n\ndata: {line}\n\n").into()
            }
            HttpTransport::Sse => format!("data: {line}\n\n").into(),
            HttpTransport::Stream | HttpTransport::Poll => {
                let spaces = " ".repeat(padding);
                format!("{line}{spaces}\n").into()
            }
        }
    }
}

impl HttpBody for Beats {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if this.next == this.parameters.count {
            return Poll::Ready(None);
        }
        let due = this.due();
        let wait = this
            .wait
            .get_or_insert_with(|| Box::pin(wait(Arc::clone(&this.gateway), due)));
        let goes_on = ready!(wait.as_mut().poll(cx));
        this.wait = None;
        if !goes_on {
            this.next = this.parameters.count;
            return Poll::Ready(None);
        }
        let chunk = this.chunk();
        this.last = due;
        this.next += 1;
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }
}

async fn wait(gateway: Arc<Gateway>, due: Instant) -> bool {
    tokio::select! {
        biased;
        () = gateway.drain.begun() => false,
        () = sleep_until(due) => true,
    }
}

/// What the real transports begin with, too: some hops let nothing pass before they have that much.
const PADDING_BYTES: usize = 2048;
