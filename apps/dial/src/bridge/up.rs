//! From the local client to the remote: frames in, whole messages out.
//!
//! It must never read on while the remote takes nothing.

use std::io;

use bytes::Bytes;
use tokio::net::tcp::ReadHalf;
use tokio::sync::mpsc;
use towpath_reach::{ChannelSender, Message};
use towpath_websocket::deviation::Severity;
use towpath_websocket::{CloseCode, Connection, Event, Limits as FrameLimits, MessageKind, Role};

use super::Order;
use crate::event::{By, End};
use crate::limits::{Limits, READ_BYTES_MAX};

/// Carries until the client has closed, broken the protocol, or gone, and tells the remote so.
pub(super) async fn carry(
    local: ReadHalf<'_>,
    first: Bytes,
    sender: &ChannelSender,
    limits: &Limits,
    vanished: Option<CloseCode>,
    orders: mpsc::Sender<Order>,
) -> End {
    let mut connection = connection(limits);
    let mut events = connection.feed(&first);
    drop(first);
    loop {
        for event in events.drain(..) {
            if let Some(end) = take(event, &connection, sender, &orders).await {
                return end;
            }
        }
        match read(&local, &mut connection, &mut events).await {
            Ok(read) if read > 0 => {}
            _ => {
                let _ = sender.close(vanished.map(|code| code.0), "").await;
                return End {
                    by: By::Local,
                    code: CloseCode::ABNORMAL.0,
                    reason: String::new(),
                };
            }
        }
    }
}

/// The client's frames, read strictly: what cannot be carried on faithfully ends the connection.
fn connection(limits: &Limits) -> Connection {
    let frames = FrameLimits {
        message_bytes_max: limits.message_bytes_max,
        stop_at: Some(Severity::MustFail),
        ..FrameLimits::default()
    };
    Connection::new(Role::Server, frames, None)
}

/// Hands one event on; the end, where it is one.
async fn take(
    event: Event,
    connection: &Connection,
    sender: &ChannelSender,
    orders: &mpsc::Sender<Order>,
) -> Option<End> {
    let (code, reason, by) = match event {
        Event::Message { message, .. } => {
            let payload = Bytes::from(message.payload);
            let message = match message.kind {
                MessageKind::Text => Message::Text(payload),
                MessageKind::Binary => Message::Binary(payload),
            };
            // Behind its end a channel takes nothing; the client learns of the end by the way down.
            let _ = sender.send(message).await;
            return None;
        }
        Event::Ping(payload) => {
            let _ = orders.try_send(Order::Pong(payload));
            return None;
        }
        Event::Pong(_) => return None,
        Event::Close { code, reason } => (code, reason, By::Local),
        Event::Deviation { deviation, .. } => {
            (Some(connection.failure()?), deviation.to_string(), By::Dial)
        }
        Event::OverLimit { limit, .. } => {
            let reason = format!("a message is beyond this endpoint's {}", limit.as_str());
            (Some(CloseCode::TOO_BIG), reason, By::Dial)
        }
    };
    if let (By::Dial, Some(code)) = (by, code) {
        let _ = orders.send(Order::Close(code, reason.clone())).await;
    }
    let _ = sender.close(code.map(|code| code.0), &reason).await;
    Some(End {
        by,
        code: code.unwrap_or(CloseCode::NO_STATUS).0,
        reason,
    })
}

/// Reads once when there is something to read; `0` is the end. The bytes live on the stack, so that waiting costs no memory.
async fn read(
    local: &ReadHalf<'_>,
    connection: &mut Connection,
    events: &mut Vec<Event>,
) -> io::Result<usize> {
    loop {
        local.readable().await?;
        match read_now(local, connection, events) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            done => return done,
        }
    }
}

fn read_now(
    local: &ReadHalf<'_>,
    connection: &mut Connection,
    events: &mut Vec<Event>,
) -> io::Result<usize> {
    let mut scratch = [0; READ_BYTES_MAX];
    let read = local.try_read(&mut scratch)?;
    connection.feed_into(&scratch[..read], events);
    Ok(read)
}
