//! One WebSocket of a probe, from the switch to its end.
//!
//! It never waits without a bound, and counts what an observer wants to know.

use std::pin::pin;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::{Instant, sleep_until, timeout_at};
use towpath_diagnosis::observation::{Attachment, AttachmentEnd, Transport};
use towpath_websocket::{CloseCode, Connection, DeflateParameters, Event, Limits, Role, Severity};

use super::super::limits::{
    MESSAGE_BYTES_MAX, SOCKET_BYTES_MAX, SOCKET_IDLE, SOCKET_LIVES, SOCKET_PATIENCE,
};
use super::super::parameters::Mode;
use crate::gateway::Gateway;
use crate::observe::{end_of, outcome};
use crate::stream::LegStream;
use crate::upgrade::ClientStream;

/// What is to be said.
#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) gateway: Arc<Gateway>,
    pub(super) mode: Mode,
    pub(super) deflate: Option<DeflateParameters>,
    pub(super) http2: bool,
}

/// What is known while it goes on.
struct Running {
    stream: LegStream,
    connection: Connection,
    began: Instant,
    /// When it was told that it ends.
    ended: Option<Instant>,
    seen: Seen,
}

/// What was counted. Times are the last ones.
#[derive(Clone, Copy, Default)]
struct Seen {
    first_up: Option<Instant>,
    last_up: Option<Instant>,
    last_down: Option<Instant>,
    bytes_up: u64,
    bytes_down: u64,
    messages_up: u64,
    /// Bytes of all messages, decompressed.
    payload_up: u64,
    messages_down: u64,
}

impl Conversation {
    /// Talks to the end, and tells what was seen.
    pub(super) async fn run(self, client: ClientStream) -> Attachment {
        let limits = Limits {
            message_bytes_max: MESSAGE_BYTES_MAX,
            stop_at: Some(Severity::MustFail),
            ..Limits::default()
        };
        let mut running = Running {
            stream: client.stream,
            connection: Connection::new(Role::Server, limits, self.deflate),
            began: Instant::now(),
            ended: None,
            seen: Seen::default(),
        };
        let end = match running.talk(&self, &client.leftover).await {
            Ok(end) | Err(end) => end,
        };
        running.attachment(self.http2, end)
    }
}

impl Running {
    /// `Err` is only a shorter way to the same end.
    async fn talk(
        &mut self,
        plan: &Conversation,
        leftover: &[u8],
    ) -> Result<AttachmentEnd, AttachmentEnd> {
        let mut out = Vec::new();
        if plan.mode == Mode::First {
            let said = self.connection.send_text(GREETING, no_mask, &mut out);
            said.expect("nothing was closed");
            self.seen.messages_down += 1;
        }
        self.take(leftover, out).await?;
        let mut buffer = vec![0; READ_BYTES];
        let over = self.began + SOCKET_LIVES;
        let mut turn = pin!(plan.gateway.drain.turn());
        loop {
            let heard = self.seen.last_up.unwrap_or(self.began);
            tokio::select! {
                read = self.stream.read(&mut buffer) => match read {
                    Ok(0) => return Ok(AttachmentEnd::EndOfStream),
                    Ok(bytes) => self.take(&buffer[..bytes], Vec::new()).await?,
                    Err(error) => return Ok(end_of(&error)),
                },
                () = sleep_until(heard + SOCKET_IDLE) => {
                    // What was said may have been lost on the way: that is no word of the gateway's own.
                    return self.close(CloseCode::NORMAL, "idle").await.and(Ok(AttachmentEnd::Silent));
                }
                () = sleep_until(over) => return self.close(CloseCode::NORMAL, "old").await,
                () = turn.as_mut() => {
                    return self.close(SERVICE_RESTART, "drain").await;
                }
            }
        }
    }

    /// Takes bytes and answers what they complete, behind what is to be said anyway.
    async fn take(&mut self, bytes: &[u8], mut out: Vec<u8>) -> Result<(), AttachmentEnd> {
        if !bytes.is_empty() {
            let now = Instant::now();
            self.seen.first_up.get_or_insert(now);
            self.seen.last_up = Some(now);
            self.seen.bytes_up += bytes.len() as u64;
        }
        let mut end = None;
        for event in self.connection.feed(bytes) {
            match event {
                Event::Message { message, .. } => {
                    self.seen.messages_up += 1;
                    self.seen.payload_up += message.payload.len() as u64;
                    if self.seen.payload_up > SOCKET_BYTES_MAX {
                        break;
                    }
                    let (kind, payload) = (message.kind, &message.payload);
                    let sent = self.connection.send(kind, payload, None, no_mask, &mut out);
                    self.seen.messages_down += u64::from(sent.is_ok());
                }
                Event::Ping(payload) => {
                    let _ = self.connection.send_pong(&payload, no_mask, &mut out);
                }
                Event::Close { code, .. } => {
                    let _ = self.connection.send_close(code, "", no_mask, &mut out);
                    let code = code.map(|code| code.0);
                    let by_client = true;
                    end = Some(AttachmentEnd::Closed { by_client, code });
                }
                Event::Pong(_) | Event::Deviation { .. } | Event::OverLimit { .. } => {}
            }
        }
        self.write(&out).await?;
        if self.seen.payload_up > SOCKET_BYTES_MAX {
            return Err(self.close(POLICY_VIOLATION, "check_socket_bytes").await?);
        }
        if let Some(end) = end {
            self.finish().await;
            return Err(end);
        }
        match self.connection.failure() {
            None => Ok(()),
            Some(code) => Err(match self.close(code, "").await {
                Ok(_) if code == CloseCode::TOO_BIG => outcome("check_message_bytes"),
                Ok(_) => outcome("protocol_error"),
                Err(end) => end,
            }),
        }
    }

    async fn write(&mut self, out: &[u8]) -> Result<(), AttachmentEnd> {
        if out.is_empty() {
            return Ok(());
        }
        let written = async {
            self.stream.write_all(out).await?;
            self.stream.flush().await
        };
        let until = Instant::now() + SOCKET_PATIENCE;
        match timeout_at(until, written).await {
            Ok(Ok(())) => {
                self.seen.bytes_down += out.len() as u64;
                self.seen.last_down = Some(Instant::now());
                Ok(())
            }
            Ok(Err(error)) => Err(end_of(&error)),
            Err(_) => Err(outcome("slow_reader_seconds")),
        }
    }

    /// Closes in order, and waits a little for the client's own close.
    async fn close(
        &mut self,
        code: CloseCode,
        reason: &str,
    ) -> Result<AttachmentEnd, AttachmentEnd> {
        let mut out = Vec::new();
        let _ = self
            .connection
            .send_close(Some(code), reason, no_mask, &mut out);
        self.write(&out).await?;
        self.finish().await;
        Ok(outcome(reason))
    }

    /// Ends the stream. What still comes is read for a moment: a reset would tear away what was said last.
    async fn finish(&mut self) {
        self.ended = Some(Instant::now());
        let last = async {
            if self.stream.shutdown().await.is_err() {
                return;
            }
            let mut scratch = vec![0; READ_BYTES];
            while matches!(self.stream.read(&mut scratch).await, Ok(1..)) {}
        };
        drop(timeout_at(Instant::now() + GOODBYE, last).await);
    }

    fn attachment(&self, http2: bool, end: AttachmentEnd) -> Attachment {
        let now = self.ended.unwrap_or_else(Instant::now);
        let span = |from: Instant, to: Instant| {
            let span = to.saturating_duration_since(from).as_millis();
            u64::try_from(span).unwrap_or(u64::MAX)
        };
        let seen = self.seen;
        let attached = seen.messages_up > 0;
        Attachment {
            transport: Transport::Websocket,
            generation: 0,
            http2,
            attached,
            used: attached,
            age_ms: span(self.began, now),
            first_up_ms: seen.first_up.map(|first| span(self.began, first)),
            silent_up_ms: span(seen.last_up.unwrap_or(self.began), now),
            silent_down_ms: span(seen.last_down.unwrap_or(self.began), now),
            bytes_up: seen.bytes_up,
            bytes_down: seen.bytes_down,
            messages_up: Some(seen.messages_up),
            messages_down: Some(seen.messages_down),
            round_trip_us: None,
            end,
        }
    }
}

/// Servers do not mask.
fn no_mask() -> [u8; 4] {
    [0; 4]
}

/// RFC 6455 section 7.4.1.
const POLICY_VIOLATION: CloseCode = CloseCode(1008);

/// RFC 6455 section 7.4 and the registry of IANA.
const SERVICE_RESTART: CloseCode = CloseCode(1012);

/// What the server says first.
const GREETING: &str = "hello";

/// Bytes of one read. What they are decompressed is held at once.
const READ_BYTES: usize = 4 * 1024;

/// How long a client has to close its side.
const GOODBYE: std::time::Duration = std::time::Duration::from_secs(3);

#[cfg(test)]
mod tests;
