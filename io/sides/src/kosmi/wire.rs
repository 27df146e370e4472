//! A GraphQL session on a socket. It must never lose a message between the two.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep_until, timeout};
use towpath_graphql::{Error, Event, Operation, OperationId, Session, Settings};
use towpath_reach::{Channel, ChannelReceiver, ChannelSender, Event as Socket, Message};

/// How long the socket may take no message before it counts as lost.
const SEND_MAX: Duration = Duration::from_secs(30);

/// How long saying goodbye may take.
const CLOSE_MAX: Duration = Duration::from_secs(2);

/// The close code of a client that goes.
const NORMAL: u16 = 1000;

/// One connection.
pub(super) struct Wire {
    sender: ChannelSender,
    receiver: ChannelReceiver,
    session: Session,
    clock: Clock,
}

impl Wire {
    /// The session begins; its settings may hold a token.
    pub(super) fn new(channel: Channel, settings: Settings, now_unix_ms: i64) -> Self {
        let (sender, receiver) = channel.split();
        Self {
            sender,
            receiver,
            session: Session::new(settings, now_unix_ms),
            clock: Clock {
                begun: Instant::now(),
                begun_unix_ms: now_unix_ms,
            },
        }
    }

    /// Starts an operation; see [`Session::start`].
    pub(super) fn start(
        &mut self,
        operation: &Operation,
        limit: Option<Duration>,
    ) -> Result<OperationId, Error> {
        let limit = limit.map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX));
        self.session.start(self.clock.now(), operation, limit)
    }

    /// Sends what the session has to send.
    pub(super) async fn flush(&mut self) {
        while let Some(text) = self.session.poll_send() {
            let message = Message::Text(Bytes::from(text));
            let sent = timeout(SEND_MAX, self.sender.send(message)).await;
            if !matches!(sent, Ok(Ok(()))) {
                // The end of a socket that is over comes by the other half, with its reason.
                if sent.is_err() {
                    self.session.closed(1006, "nothing could be sent any more");
                }
                return;
            }
        }
    }

    /// What the session tells next.
    pub(super) fn poll(&mut self) -> Option<Event> {
        self.session.poll_event()
    }

    /// Waits for the socket or for what is due, and has the session take it. Nothing is lost where the future is dropped.
    pub(super) async fn wait(&mut self) {
        let due = self.session.next_deadline().map(|at| self.clock.at(at));
        let received = match due {
            Some(due) => tokio::select! {
                event = self.receiver.next() => Some(event),
                () = sleep_until(due) => None,
            },
            None => Some(self.receiver.next().await),
        };
        let now = self.clock.now();
        match received {
            None => self.session.tick(now),
            Some(Some(Socket::Message(Message::Text(text)))) => match str::from_utf8(&text) {
                Ok(text) => self.session.receive(now, text),
                Err(_) => self.session.heard(now),
            },
            Some(Some(
                Socket::Message(Message::Binary(_)) | Socket::Reconnecting | Socket::Recovered,
            )) => {
                self.session.heard(now);
            }
            Some(Some(Socket::Closed {
                code, reason, lost, ..
            })) => {
                self.session
                    .closed(code, lost.as_deref().unwrap_or(&reason));
            }
            Some(None) => self.session.closed(1006, ""),
        }
    }

    /// Says goodbye, by this code where the server is to know why.
    pub(super) async fn close(mut self, code: Option<(u16, &'static str)>) {
        self.session.end();
        self.flush().await;
        let (code, reason) = code.unwrap_or((NORMAL, ""));
        let goodbye = async {
            if self.sender.close(Some(code), reason).await.is_ok() {
                while self.receiver.next().await.is_some() {}
            }
        };
        // A server that does not answer is left alone.
        let _ = timeout(CLOSE_MAX, goodbye).await;
    }
}

/// Milliseconds since 1970 that never step back.
#[derive(Debug, Clone, Copy)]
struct Clock {
    begun: Instant,
    begun_unix_ms: i64,
}

impl Clock {
    fn now(self) -> i64 {
        let passed = i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.begun_unix_ms.saturating_add(passed)
    }

    fn at(self, unix_ms: i64) -> Instant {
        let ahead = unix_ms.saturating_sub(self.begun_unix_ms);
        self.begun + Duration::from_millis(u64::try_from(ahead).unwrap_or(0))
    }
}
