//! A native stream as a channel: one task reads and writes frames, answers pings and closes in order.
//!
//! It reads nothing while the reader of the channel lags, and accepts nothing while much is unwritten. It must never wait for one
//! direction alone while the other could go on.

use std::future::poll_fn;
use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::ready;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf, ReadHalf, WriteHalf, split};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use towpath_net::Stream;

use super::turn::Turn;
use super::{Channel, Event, From, Order, To, WAITING_EVENTS_MAX, WAITING_SENDS_MAX};
use crate::opened::Native;

/// Unwritten bytes from which on no further message is accepted.
const UNWRITTEN_BYTES_MAX: usize = 64 * 1024;

/// Most bytes of one read.
const READ_BYTES_MAX: usize = 16 * 1024;

/// How long the remote may take to answer a close, and to read what was sent before it.
const CLOSE_WAIT: Duration = Duration::from_secs(10);

/// How long the last bytes and the end of the stream may take once nothing more is expected of the remote.
const END_WAIT: Duration = Duration::from_secs(2);

/// Starts the task of a stream.
pub(crate) fn native(native: Native) -> Channel {
    let (orders, orders_in) = mpsc::channel(WAITING_SENDS_MAX);
    let (events_out, events) = mpsc::channel(WAITING_EVENTS_MAX);
    let (reading, writing) = split(native.stream);
    let task = Task {
        reading,
        writing,
        turn: Turn::new(native.message_bytes_max, native.deflate),
        unflushed: false,
        give_up_at: None,
    };
    tokio::spawn(task.run(orders_in, events_out));
    Channel::new(To::Queue(orders), From::Queue(events))
}

struct Task {
    reading: ReadHalf<Stream>,
    writing: WriteHalf<Stream>,
    turn: Turn,
    unflushed: bool,
    /// When the remote has had time enough to answer a close.
    give_up_at: Option<Instant>,
}

impl Task {
    async fn run(mut self, mut orders: mpsc::Receiver<Order>, events: mpsc::Sender<Event>) {
        let mut has_senders = true;
        while !self.turn.is_over() {
            let has_events = self.turn.has_events();
            let unwritten = self.turn.unwritten();
            let accepts =
                has_senders && !self.turn.is_closing() && unwritten.len() < UNWRITTEN_BYTES_MAX;
            let has_output = !unwritten.is_empty() || self.unflushed;
            let give_up_at = self.give_up_at;
            tokio::select! {
                order = orders.recv(), if accepts => match order {
                    Some(order) => self.turn.accept(order),
                    None => has_senders = false,
                },
                permit = events.reserve(), if has_events => match (permit, self.turn.next_event()) {
                    (Ok(permit), Some(event)) => permit.send(event),
                    _ => self.abandon(),
                },
                () = events.closed(), if !has_events => self.abandon(),
                read = read(&mut self.reading), if !has_events => match read {
                    Ok(bytes) if !bytes.is_empty() => self.turn.take(&bytes),
                    _ => self.turn.ended(),
                },
                wrote = write(&mut self.writing, unwritten), if has_output => self.wrote(wrote.ok()),
                () = sleep_until(give_up_at.unwrap_or_else(Instant::now)), if give_up_at.is_some() => {
                    self.turn.ended();
                }
            }
            if self.turn.is_closing() && self.give_up_at.is_none() {
                self.give_up_at = Some(Instant::now() + CLOSE_WAIT);
            }
        }
        drop(orders);
        self.finish(events).await;
    }

    /// Nobody reads any more.
    fn abandon(&mut self) {
        self.turn.close(Some(1001), "");
        self.turn.ended();
    }

    /// Nothing written means flushed. A stream that takes nothing any more has ended.
    fn wrote(&mut self, wrote: Option<usize>) {
        match wrote {
            Some(0) => self.unflushed = false,
            Some(bytes) => {
                self.turn.wrote(bytes);
                self.unflushed = true;
            }
            None => self.turn.ended(),
        }
    }

    /// Writes and ends within a bound, while what has arrived is handed out.
    async fn finish(self, events: mpsc::Sender<Event>) {
        let Self {
            reading,
            mut writing,
            mut turn,
            ..
        } = self;
        let rest = turn.unwritten().to_vec();
        let ending = async move {
            let end = async {
                writing.write_all(&rest).await?;
                writing.shutdown().await
            };
            // Whether the end was in order changes nothing any more.
            let _ = timeout(END_WAIT, end).await;
            drop((reading, writing));
        };
        let telling = async move {
            while let Some(event) = turn.next_event() {
                if events.send(event).await.is_err() {
                    return;
                }
            }
        };
        tokio::join!(ending, telling);
    }
}

/// What the stream has, without owning a buffer while it has nothing. Empty at its end.
async fn read(stream: &mut ReadHalf<Stream>) -> io::Result<Bytes> {
    poll_fn(|cx| {
        let mut scratch = [MaybeUninit::uninit(); READ_BYTES_MAX];
        let mut buffer = ReadBuf::uninit(&mut scratch);
        ready!(Pin::new(&mut *stream).poll_read(cx, &mut buffer))?;
        Ok(Bytes::copy_from_slice(buffer.filled())).into()
    })
    .await
}

/// Writes some of `bytes`, or flushes where there are none and gives 0.
async fn write(stream: &mut WriteHalf<Stream>, bytes: &[u8]) -> io::Result<usize> {
    if bytes.is_empty() {
        return stream.flush().await.map(|()| 0);
    }
    match stream.write(bytes).await? {
        0 => Err(io::ErrorKind::WriteZero.into()),
        written => Ok(written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Message;
    use tokio::io::{AsyncReadExt, DuplexStream};
    use towpath_websocket::{CloseCode, Connection, Event as Frame, Limits, Role};

    fn opened(room: usize) -> (Channel, DuplexStream, Connection) {
        let (near, far) = tokio::io::duplex(room);
        let channel = native(Native {
            stream: Stream::new(near),
            deflate: None,
            message_bytes_max: 16 << 20,
        });
        let server = Connection::new(Role::Server, Limits::default(), None);
        (channel, far, server)
    }

    async fn frames(far: &mut DuplexStream, server: &mut Connection) -> Vec<Frame> {
        let mut bytes = vec![0; 4096];
        let count = far.read(&mut bytes).await.unwrap();
        server.feed(&bytes[..count])
    }

    #[tokio::test]
    async fn a_close_from_here_waits_for_the_remotes() {
        let (mut channel, mut far, mut server) = opened(1024);
        channel.sender.close(Some(4000), "done").await.unwrap();
        let got = frames(&mut far, &mut server).await;
        assert!(
            matches!(&got[..], [Frame::Close { code: Some(CloseCode(4000)), reason }] if reason == "done")
        );
        let mut wire = Vec::new();
        server.send_text("last", || [0; 4], &mut wire).unwrap();
        server
            .send_close(Some(CloseCode(4000)), "", || [0; 4], &mut wire)
            .unwrap();
        far.write_all(&wire).await.unwrap();
        let last = Event::Message(Message::Text("last".into()));
        assert_eq!(channel.receiver.next().await, Some(last));
        assert!(matches!(
            channel.receiver.next().await,
            Some(Event::Closed {
                code: 4000,
                clean: true,
                ..
            })
        ));
        assert_eq!(channel.receiver.next().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_close_that_is_not_answered_ends_in_time() {
        let (mut channel, _far, _) = opened(1024);
        channel.sender.close(None, "").await.unwrap();
        let ended = timeout(CLOSE_WAIT * 2, channel.receiver.next()).await;
        assert!(matches!(ended, Ok(Some(Event::Closed { code: 1006, .. }))));
    }

    #[tokio::test]
    async fn large_messages_pass_both_ways_at_once() {
        let (mut channel, far, mut server) = opened(4096);
        let big = vec![7_u8; 3 << 20];
        let (mut from, mut to) = split(far);
        let mut wire = Vec::new();
        server.send_binary(&big, || [0; 4], &mut wire).unwrap();
        let writes = async move { to.write_all(&wire).await.unwrap() };
        let reads = async {
            let mut bytes = vec![0; 65_536];
            loop {
                let count = from.read(&mut bytes).await.unwrap();
                if let Some(Frame::Message { message, .. }) = server.feed(&bytes[..count]).pop() {
                    return message.payload.len();
                }
            }
        };
        let sender = channel.sender.clone();
        let sends = sender.send(Message::Binary(big.clone().into()));
        let ((), arrived, sent, event) =
            tokio::join!(writes, reads, sends, channel.receiver.next());
        sent.unwrap();
        assert_eq!(arrived, big.len());
        assert_eq!(event, Some(Event::Message(Message::Binary(big.into()))));
    }

    #[tokio::test]
    async fn a_reader_that_stops_stops_the_remote() {
        let (mut channel, mut far, mut server) = opened(1024);
        let mut wire = Vec::new();
        for number in 0..2000_u32 {
            server
                .send_binary(&number.to_be_bytes().repeat(64), || [0; 4], &mut wire)
                .unwrap();
        }
        let total = wire.len();
        let mut taken = 0;
        let stopped = timeout(Duration::from_millis(300), async {
            while taken < total {
                taken += far.write(&wire[taken..]).await.unwrap();
            }
        });
        assert!(stopped.await.is_err(), "all {total} bytes went out unread");
        tokio::spawn(async move {
            far.write_all(&wire[taken..]).await.unwrap();
            far
        });
        for number in 0..2000_u32 {
            let Some(Event::Message(Message::Binary(payload))) = channel.receiver.next().await
            else {
                panic!("message {number} is missing");
            };
            assert_eq!(payload[..4], number.to_be_bytes());
        }
    }

    #[tokio::test]
    async fn a_dropped_channel_says_goodbye() {
        let (channel, mut far, mut server) = opened(1024);
        drop(channel);
        let got = frames(&mut far, &mut server).await;
        assert!(
            matches!(
                &got[..],
                [Frame::Close {
                    code: Some(CloseCode(1001)),
                    ..
                }]
            ),
            "{got:?}"
        );
    }
}
