//! An open WebSocket on its stream: what to send goes out while what comes is read, decoded and noted.
//!
//! Pings are answered here, as by every endpoint. Whether an answer is the right one is the exercises'
//! business.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use towpath_diagnosis::observation::{Ending, Failure};
use towpath_net::Stream;
use towpath_net::failure::of_io;
use towpath_websocket::{CloseCode, Connection, Event, Limits, Message, Role};

use super::exercise::ANSWER;
use super::log::Log;
use super::shadow::Shadow;
use crate::handshake::OpenSocket;

/// Something that came and may be an answer.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A message.
    Message(Message),
    /// A pong.
    Pong(Vec<u8>),
    /// A ping; it has been answered.
    Ping,
}

/// One open socket.
pub(crate) struct Wire {
    read: ReadHalf<Stream>,
    write: WriteHalf<Stream>,
    connection: Connection,
    shadow: Shadow,
    /// Bytes that are to go out, from `gone` on.
    out: Vec<u8>,
    gone: usize,
    unflushed: bool,
    /// The writing half failed; reading goes on, because the reason may still come.
    write_failed: bool,
    /// The operating system told the writing half of a reset, and will not tell the reading half again.
    reset: bool,
    incoming: VecDeque<Incoming>,
    /// What came and went.
    pub(crate) log: Log,
    ended: Option<Ending>,
    /// When to stop listening to a peer that broke the protocol.
    give_up: Option<Instant>,
    /// When bytes last moved in either direction.
    pub(crate) last_moved: Instant,
    /// How long an answer may take on this socket.
    pub(crate) patience: Duration,
}

impl Wire {
    /// Takes an open socket over.
    pub(crate) fn new(socket: OpenSocket, log: Log) -> Self {
        let limits = Limits {
            compress_bytes_min: COMPRESS_BYTES_MIN,
            ..Limits::default()
        };
        let (read, write) = tokio::io::split(socket.stream);
        Self {
            read,
            write,
            shadow: Shadow::new(socket.deflate.is_some()),
            connection: Connection::new(Role::Client, limits, socket.deflate),
            out: Vec::new(),
            gone: 0,
            unflushed: false,
            write_failed: false,
            reset: false,
            incoming: VecDeque::new(),
            log,
            ended: None,
            give_up: None,
            last_moved: Instant::now(),
            patience: ANSWER,
        }
    }

    /// How the socket ended, if it has.
    pub(crate) fn ended(&self) -> Option<&Ending> {
        self.ended.as_ref()
    }

    /// Whether part of a message has come or part of one has still to go.
    pub(crate) fn is_in_the_middle(&self) -> bool {
        self.gone < self.out.len() || self.connection.is_inside_message()
    }

    /// Lets the codec write, and notes what. A closing connection writes nothing.
    pub(crate) fn compose<E>(
        &mut self,
        write: impl FnOnce(&mut Connection, &mut Vec<u8>) -> Result<(), E>,
    ) -> bool {
        if self.write_failed || self.ended.is_some() {
            return false;
        }
        write(&mut self.connection, &mut self.out).is_ok()
    }

    /// The next thing that came. `None` at the deadline, or when the socket has ended.
    pub(crate) async fn next(&mut self, until: Instant) -> Option<Incoming> {
        let mut buffer = vec![0; READ_BYTES];
        loop {
            if let Some(incoming) = self.incoming.pop_front() {
                return Some(incoming);
            }
            if self.ended.is_some() || !self.pump(until, &mut buffer).await {
                return None;
            }
        }
    }

    /// Waits for the end of the stream; what still comes is noted.
    pub(crate) async fn drain(&mut self, until: Instant) {
        while self.next(until).await.is_some() {}
    }

    /// Says goodbye where the socket still stands, and lets go of it.
    pub(crate) async fn leave(mut self) {
        if self.ended.is_none() {
            self.compose(|connection, out| {
                connection.send_close(Some(CloseCode::NORMAL), "", super::payload::mask_key, out)
            });
            self.drain(Instant::now() + LEAVE_MAX).await;
        }
        // The peer may be gone; then there is nobody to tell.
        tokio::time::timeout(LEAVE_MAX, self.write.shutdown())
            .await
            .ok();
    }

    /// Moves bytes once. False at the deadline.
    async fn pump(&mut self, until: Instant, buffer: &mut [u8]) -> bool {
        let until = self.give_up.map_or(until, |give_up| until.min(give_up));
        let must_write = !self.write_failed && (self.gone < self.out.len() || self.unflushed);
        let pending = &self.out[self.gone..];
        let write = &mut self.write;
        tokio::select! {
            read = self.read.read(buffer) => {
                self.took(read, buffer);
                true
            }
            wrote = async {
                if pending.is_empty() {
                    write.flush().await.map(|()| 0)
                } else {
                    write.write(pending).await
                }
            }, if must_write => {
                self.wrote(wrote);
                true
            }
            () = tokio::time::sleep_until(until.into()) => {
                if self.give_up.is_some_and(|give_up| give_up <= Instant::now()) {
                    self.ended.get_or_insert(Ending::Deviated);
                }
                false
            }
        }
    }

    fn wrote(&mut self, wrote: std::io::Result<usize>) {
        match wrote {
            Ok(0) => self.unflushed = false,
            Ok(count) => {
                self.gone += count;
                self.unflushed = true;
                self.last_moved = Instant::now();
                if self.gone == self.out.len() {
                    self.out.clear();
                    self.gone = 0;
                }
            }
            Err(error) => {
                self.write_failed = true;
                self.reset |= error.kind() == std::io::ErrorKind::ConnectionReset;
            }
        }
    }

    fn took(&mut self, read: std::io::Result<usize>, buffer: &[u8]) {
        match read {
            Ok(0) if self.reset => self.finish(Ending::Reset),
            Ok(0) => self.finish(Ending::EndOfStream),
            Ok(count) => {
                self.last_moved = Instant::now();
                let bytes = &buffer[..count];
                self.log.saw(bytes);
                for event in self.connection.feed(bytes) {
                    self.note(event);
                }
                if let Some(found) = self.shadow.feed(bytes) {
                    self.log
                        .deviation(super::shadow::INFLATES, found.offset, Some(&found.text));
                }
            }
            Err(error) => {
                let ending = match of_io(&error, Duration::ZERO) {
                    Failure::Reset => Ending::Reset,
                    Failure::EndOfStream => Ending::EndOfStream,
                    failure => Ending::Failed(failure),
                };
                self.finish(ending);
            }
        }
    }

    /// The stream is over. A close frame that came before says why.
    fn finish(&mut self, ending: Ending) {
        let missing = self.connection.finish();
        for event in missing {
            if !matches!(&event, Event::Deviation { deviation, .. } if deviation.as_str() == "end-without-close")
            {
                self.note(event);
            }
        }
        self.ended.get_or_insert(ending);
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::Message { message, .. } => {
                self.log.received_message(&message);
                self.incoming.push_back(Incoming::Message(message));
            }
            Event::Pong(payload) => {
                self.log.received_pong(&payload);
                self.incoming.push_back(Incoming::Pong(payload));
            }
            Event::Ping(payload) => {
                self.log.received_ping(&payload);
                self.compose(|connection, out| {
                    connection.send_pong(&payload, super::payload::mask_key, out)
                });
                self.log.sent_pong(&payload);
                self.incoming.push_back(Incoming::Ping);
            }
            Event::Close { code, reason } => self.closed(code, &reason),
            Event::Deviation { deviation, offset } => {
                self.log.deviation(deviation.as_str(), offset, None);
                self.shadow.deviated(&deviation, offset, &self.log);
                if deviation.severity() > towpath_websocket::Severity::Tolerated {
                    self.give_up.get_or_insert(Instant::now() + GIVE_UP);
                }
            }
            Event::OverLimit { limit, offset } => self.log.deviation(limit.as_str(), offset, None),
        }
    }

    /// A close frame ends the socket and is answered, unless it is the answer itself.
    fn closed(&mut self, code: Option<CloseCode>, reason: &str) {
        let reason = self.log.received_close(code, reason);
        if !self.connection.close_sent() {
            let answer = code.filter(|code| code.may_be_sent());
            self.compose(|connection, out| {
                connection.send_close(answer, "", super::payload::mask_key, out)
            });
        }
        self.ended.get_or_insert(Ending::Closed {
            code: code.map(|code| code.0),
            reason,
        });
    }

    /// Sends what is left, for a moment, after the peer's close frame.
    pub(crate) async fn finish_closing(&mut self) {
        let pending = self.out.split_off(self.gone);
        let closing = async {
            self.write.write_all(&pending).await?;
            self.write.flush().await
        };
        // The peer may have gone without waiting for it.
        tokio::time::timeout(LEAVE_MAX, closing).await.ok();
    }
}

/// Messages below this are sent uncompressed: a smaller one grows.
const COMPRESS_BYTES_MIN: usize = 24;
/// Size of one read, in bytes.
const READ_BYTES: usize = 16 << 10;
/// How much longer a peer that broke the protocol is listened to, for what else comes.
const GIVE_UP: Duration = Duration::from_millis(250);
/// The longest wait for a peer's part in a goodbye.
const LEAVE_MAX: Duration = Duration::from_millis(200);
