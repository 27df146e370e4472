//! A middlebox that looks at each frame: passes it, drops it, changes it, or ends the connection.
//!
//! One skeleton for the faults after the 101. What is done with a frame is the fault's [`Filter`]; this only
//! moves bytes, cuts them into frames and keeps one timer. It must never judge a frame itself.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep_until};
use towpath_websocket::{CloseCode, FrameHeader, Parsed, encode_close, encode_frame, mask};

use crate::lab::Lab;
use crate::relay;
use crate::stream::Stream;

/// A frame on its way, the payload unmasked.
#[derive(Debug, Clone)]
pub(crate) struct Passing {
    pub(crate) header: FrameHeader,
    pub(crate) payload: Vec<u8>,
}

impl Passing {
    /// The frame's bytes, masked again where it was.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        encode_frame(&self.header, &self.payload, &mut bytes);
        bytes
    }

    /// Whether it carries a message of the application.
    pub(crate) fn is_data(&self) -> bool {
        !self.header.opcode.is_control()
    }
}

/// Which way a frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the client to the server.
    Up,
    /// From the server to the client.
    Down,
}

/// What becomes of a frame, or of a timer that ran out.
#[derive(Debug)]
pub(crate) enum Act {
    /// It goes on as it came. For a timer: nothing happens.
    Pass,
    /// It is gone.
    Drop,
    /// These bytes go on in its place. For a timer: to the client.
    Replace(Vec<u8>),
    /// These bytes go to the client, the frame nowhere.
    Answer(Vec<u8>),
    /// The client gets a close frame with this code and reason, and the connection ends.
    Close(u16, &'static str),
    /// The client's connection ends without a word.
    Cut,
    /// The client's connection is reset.
    Reset,
    /// Nothing goes either way any more; the connection stays.
    Freeze,
}

/// What a middlebox does.
pub(crate) trait Filter: Send {
    /// Looks at a frame.
    fn frame(&mut self, _way: Way, _frame: &Passing) -> Act {
        Act::Pass
    }

    /// When the timer runs out, if one runs. Asked anew after each frame.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// The timer ran out.
    fn expired(&mut self) -> Act {
        Act::Pass
    }
}

/// Passes one exchange on and, after its 101, each frame through the filter.
pub(crate) async fn serve(
    mut client: Stream,
    lab: &Lab,
    filter: impl FnOnce() -> Box<dyn Filter>,
) -> io::Result<()> {
    match relay::exchange(&mut client, lab, |_| {}).await? {
        Some(upstream) => run(client, upstream, filter()).await,
        None => client.finish().await,
    }
}

/// Moves frames until either side, or the filter, ends the connection.
pub(crate) async fn run(
    mut client: Stream,
    mut upstream: Stream,
    mut filter: Box<dyn Filter>,
) -> io::Result<()> {
    let (mut up, mut down) = (Cutter::default(), Cutter::default());
    let (mut up_bytes, mut down_bytes) = (vec![0; READ_BYTES], vec![0; READ_BYTES]);
    loop {
        let deadline = filter.deadline();
        let ran_out = async {
            match deadline {
                Some(deadline) => sleep_until(deadline).await,
                None => std::future::pending().await,
            }
        };
        let mut acts = Vec::new();
        tokio::select! {
            read = client.read(&mut up_bytes) => match read? {
                0 => return client.finish().await,
                count => up.cut(&up_bytes[..count], |frame| {
                    acts.push((Way::Up, filter.frame(Way::Up, &frame), frame));
                }),
            },
            read = upstream.read(&mut down_bytes) => match read? {
                0 => return client.finish().await,
                count => down.cut(&down_bytes[..count], |frame| {
                    acts.push((Way::Down, filter.frame(Way::Down, &frame), frame));
                }),
            },
            () = ran_out => {
                let nothing = Passing { header: FrameHeader::text(0), payload: Vec::new() };
                let act = match filter.expired() {
                    Act::Pass => Act::Drop,
                    Act::Replace(bytes) => Act::Answer(bytes),
                    act => act,
                };
                acts.push((Way::Down, act, nothing));
            }
        }
        for (way, act, frame) in acts {
            let onward = if way == Way::Up {
                &mut upstream
            } else {
                &mut client
            };
            match act {
                Act::Pass => onward.write_all(&frame.bytes()).await?,
                Act::Replace(bytes) => onward.write_all(&bytes).await?,
                Act::Answer(bytes) => client.write_all(&bytes).await?,
                Act::Drop => {}
                Act::Close(code, reason) => return close(client, code, reason).await,
                Act::Cut => return client.finish().await,
                Act::Reset => return client.reset(),
                Act::Freeze => return client.hold().await,
            }
        }
        client.flush().await?;
        upstream.flush().await?;
    }
}

/// The bytes of a close frame as a server sends it.
pub(crate) fn close_frame(code: u16, reason: &str) -> Vec<u8> {
    let payload = encode_close(CloseCode(code), reason.as_bytes());
    let mut bytes = Vec::new();
    encode_frame(&FrameHeader::close(payload.len()), &payload, &mut bytes);
    bytes
}

async fn close(mut client: Stream, code: u16, reason: &str) -> io::Result<()> {
    client.write_all(&close_frame(code, reason)).await?;
    client.flush().await?;
    client.finish().await
}

/// Cuts a stream of bytes into frames.
#[derive(Default)]
struct Cutter {
    held: Vec<u8>,
}

impl Cutter {
    fn cut(&mut self, bytes: &[u8], mut each: impl FnMut(Passing)) {
        self.held.extend_from_slice(bytes);
        let mut done = 0;
        while let Parsed::Header { header, size } = FrameHeader::parse(&self.held[done..]) {
            let Ok(length) = usize::try_from(header.length) else {
                break;
            };
            let start = done + size;
            let Some(end) = start
                .checked_add(length)
                .filter(|end| *end <= self.held.len())
            else {
                break;
            };
            let mut payload = self.held[start..end].to_vec();
            if let Some(key) = header.mask {
                mask::apply(key, 0, &mut payload);
            }
            each(Passing { header, payload });
            done = end;
        }
        self.held.drain(..done);
    }
}

/// The period of faults in time: long enough to be told from chance, short enough for a test.
pub(crate) const PERIOD: Duration = Duration::from_millis(2_500);
/// Size of one read, in bytes.
const READ_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn frames_are_cut_alike_however_the_bytes_arrive(
            lengths in proptest::collection::vec(0_usize..300, 1..6),
            piece in 1_usize..50,
        ) {
            let mut bytes = Vec::new();
            for length in &lengths {
                let header = FrameHeader::binary(*length).masked([1, 2, 3, 4]);
                encode_frame(&header, &vec![7; *length], &mut bytes);
            }
            let mut cutter = Cutter::default();
            let mut out = Vec::new();
            let mut seen = Vec::new();
            for piece in bytes.chunks(piece) {
                cutter.cut(piece, |frame| {
                    seen.push(frame.payload.len());
                    out.extend(frame.bytes());
                });
            }
            prop_assert_eq!(seen, lengths);
            prop_assert_eq!(out, bytes);
        }
    }
}
