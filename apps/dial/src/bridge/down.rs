//! From the remote to the local client: whole messages in, frames out.
//!
//! One write a wake-up, however many messages it found; large payloads are written from where they are. It must never
//! take a message from the channel before the client has taken the one before.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::task::Poll;

use tokio::io::AsyncWriteExt as _;
use tokio::net::tcp::WriteHalf;
use tokio::sync::mpsc;
use towpath_reach::{ChannelReceiver, Event, Message};
use towpath_websocket::close::fit_reason;
use towpath_websocket::{CloseCode, FrameHeader, Opcode, encode_close, encode_frame};

use super::{Order, Trouble};
use crate::event::{By, End};
use crate::stop::Stop;

/// How the way down ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) end: End,
    /// Whether the channel said that it is over.
    pub(super) is_over: bool,
}

/// Carries until the channel is over, this side has to close, or the client takes nothing more.
pub(super) async fn carry(
    mut local: WriteHalf<'_>,
    receiver: &mut ChannelReceiver,
    mut orders: mpsc::Receiver<Order>,
    stop: &Stop,
    trouble: impl Fn(Trouble),
) -> Ended {
    let mut stopped = pin!(stop.begun());
    let mut has_orders = true;
    loop {
        let mut out = Vec::new();
        let ended = tokio::select! {
            event = receiver.next() => {
                match batch(event, receiver, &mut local, &mut out, &trouble).await {
                    Ok(ended) => ended,
                    Err(_) => return gone(),
                }
            }
            order = orders.recv(), if has_orders => match order {
                Some(Order::Pong(payload)) => {
                    encode_frame(&FrameHeader::pong(payload.len()), &payload, &mut out);
                    None
                }
                Some(Order::Close(code, reason)) => Some(close(code, reason, &mut out)),
                None => {
                    has_orders = false;
                    None
                }
            },
            () = &mut stopped => {
                let reason = "this endpoint ends".to_owned();
                Some(close(CloseCode::GOING_AWAY, reason, &mut out))
            }
        };
        let written = local.write_all(&out).await;
        match (ended, written) {
            (Some(ended), _) => return ended,
            (None, Ok(())) => {}
            (None, Err(_)) => return gone(),
        }
    }
}

/// An event and all that are there behind it, as frames.
async fn batch(
    mut event: Option<Event>,
    receiver: &mut ChannelReceiver,
    local: &mut WriteHalf<'_>,
    out: &mut Vec<u8>,
    trouble: &impl Fn(Trouble),
) -> io::Result<Option<Ended>> {
    loop {
        match event {
            Some(Event::Message(message)) => frame(message, local, out).await?,
            Some(Event::Reconnecting) => trouble(Trouble::Reconnecting),
            Some(Event::Recovered) => trouble(Trouble::Recovered),
            Some(Event::Closed {
                code, reason, lost, ..
            }) => return Ok(Some(over(code, reason, lost, out))),
            None => return Ok(Some(over(CloseCode::ABNORMAL.0, String::new(), None, out))),
        }
        if out.len() >= BATCH_BYTES_MAX {
            return Ok(None);
        }
        let mut next = pin!(receiver.next());
        let more = poll_fn(|cx| {
            Poll::Ready(match next.as_mut().poll(cx) {
                Poll::Ready(event) => Some(event),
                Poll::Pending => None,
            })
        });
        match more.await {
            Some(found) => event = found,
            None => return Ok(None),
        }
    }
}

/// Appends a message's frame, or writes it where it is large.
async fn frame(message: Message, local: &mut WriteHalf<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let (opcode, payload) = match message {
        Message::Text(payload) => (Opcode::Text, payload),
        Message::Binary(payload) => (Opcode::Binary, payload),
    };
    let header = FrameHeader::new(opcode, payload.len());
    if payload.len() < BATCH_BYTES_MAX {
        encode_frame(&header, &payload, out);
        return Ok(());
    }
    header.encode(out);
    local.write_all(out).await?;
    out.clear();
    local.write_all(&payload).await
}

/// The end that the channel tells, as the client can see it: where nothing may be sent for it, nothing is.
fn over(code: u16, reason: String, lost: Option<String>, out: &mut Vec<u8>) -> Ended {
    let code = CloseCode(code);
    if let Some(sentence) = lost {
        let code = Some(code).filter(|code| code.may_be_sent());
        let ended = close(code.unwrap_or(SERVICE_RESTART), sentence, out);
        return Ended {
            is_over: true,
            ..ended
        };
    }
    let payload = if code.may_be_sent() {
        Some(encode_close(code, fit_reason(&reason).as_bytes()))
    } else {
        (code == CloseCode::NO_STATUS).then(Vec::new)
    };
    if let Some(payload) = payload {
        encode_frame(&FrameHeader::close(payload.len()), &payload, out);
    }
    let end = End {
        by: By::Remote,
        code: code.0,
        reason,
    };
    Ended { end, is_over: true }
}

/// A close of this program's own.
fn close(code: CloseCode, reason: String, out: &mut Vec<u8>) -> Ended {
    let payload = encode_close(code, fit_reason(&reason).as_bytes());
    encode_frame(&FrameHeader::close(payload.len()), &payload, out);
    let end = End {
        by: By::Dial,
        code: code.0,
        reason,
    };
    Ended {
        end,
        is_over: false,
    }
}

/// The client takes nothing more.
fn gone() -> Ended {
    let end = End {
        by: By::Local,
        code: CloseCode::ABNORMAL.0,
        reason: String::new(),
    };
    Ended {
        end,
        is_over: false,
    }
}

/// 1012: whoever lost its carrier may connect again, and well-written clients do.
const SERVICE_RESTART: CloseCode = CloseCode(1012);

/// Frames are gathered up to this before they are written.
const BATCH_BYTES_MAX: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn told(code: u16, reason: &str, lost: Option<&str>) -> (Vec<u8>, End) {
        let mut out = Vec::new();
        let ended = over(code, reason.to_owned(), lost.map(str::to_owned), &mut out);
        assert!(ended.is_over);
        (out, ended.end)
    }

    #[test]
    fn what_may_be_on_the_wire_is_and_nothing_else() {
        assert_eq!(told(4000, "x", None).0, [0x88, 3, 15, 160, b'x']);
        assert_eq!(told(1005, "", None).0, [0x88, 0]);
        for code in [1006, 1015, 1004, 999, 5000] {
            let (wire, end) = told(code, "", None);
            assert!(wire.is_empty(), "{code}");
            assert_eq!((end.by, end.code), (By::Remote, code));
        }
    }

    #[test]
    fn a_carrier_that_was_lost_is_told_with_a_code_that_says_so() {
        let (wire, end) = told(1006, "", Some("the browser ended"));
        assert_eq!(wire[..4], [0x88, 19, 3, 0xf4]);
        assert_eq!(wire[4..], *b"the browser ended");
        assert_eq!((end.by, end.code), (By::Dial, 1012));
        assert_eq!(told(1009, "", Some("too big")).1.code, 1009);
        let long = "\u{fc}".repeat(100);
        assert!(told(1006, "", Some(&long)).0.len() <= 127);
    }
}
