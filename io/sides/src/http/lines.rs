//! An answer that goes on for ever, line by line. It must never keep more than one line that is not whole yet.

use bytes::{Buf as _, Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use super::HttpError;
use super::line::{Line, unanswered};

/// The lines of an answer's body. Dropping it ends the connection.
pub(crate) struct Lines {
    // The connection lasts as long as this.
    _line: Line,
    body: Incoming,
    unread: BytesMut,
    line_bytes_max: usize,
}

impl Lines {
    pub(super) fn new(line: Line, body: Incoming, line_bytes_max: usize) -> Self {
        Self {
            _line: line,
            body,
            unread: BytesMut::new(),
            line_bytes_max,
        }
    }

    /// The next line without its end; none at the end of the answer. Nothing is lost where the future is dropped.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, HttpError> {
        loop {
            if let Some(place) = self.unread.iter().position(|byte| *byte == b'\n') {
                let line = self.unread.split_to(place).freeze();
                self.unread.advance(1);
                return Ok(Some(line));
            }
            if self.unread.len() > self.line_bytes_max {
                let limit_bytes = self.line_bytes_max;
                return Err(HttpError::TooLarge { limit_bytes });
            }
            let Some(frame) = self.body.frame().await else {
                return Ok(None);
            };
            if let Ok(data) = frame.map_err(|error| unanswered(&error))?.into_data() {
                self.unread.extend_from_slice(&data);
            }
        }
    }
}
