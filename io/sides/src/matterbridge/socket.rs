//! The API's websocket: JSON objects in, nothing out but the close. It must never drop an object that was understood.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;
use towpath_reach::{Channel, ChannelReceiver, ChannelSender, Event, Message};

/// Longest message. A file of a megabyte, Matterbridge's own limit, is a third longer as text.
pub(super) const MESSAGE_BYTES_MAX: usize = 8 << 20;

/// How long the remote may take to answer a close.
const CLOSE_WAIT: Duration = Duration::from_secs(2);

/// Normal closure (RFC 6455 section 7.4.1).
const NORMAL: u16 = 1000;

/// An open websocket.
#[derive(Debug)]
pub(super) struct Socket {
    sender: ChannelSender,
    receiver: ChannelReceiver,
}

/// What came.
#[derive(Debug)]
pub(super) enum Came {
    /// An object.
    Object(Value),
    /// Something that is none.
    Nothing,
    /// The end, in a sentence.
    End(String),
}

impl Socket {
    pub(super) fn new(channel: Channel) -> Self {
        let (sender, receiver) = channel.split();
        Self { sender, receiver }
    }

    /// What comes next. Nothing is lost where the future is dropped.
    pub(super) async fn next(&mut self) -> Came {
        match self.receiver.next().await {
            Some(Event::Message(Message::Text(text) | Message::Binary(text))) => {
                match serde_json::from_slice(&text) {
                    Ok(object) => Came::Object(object),
                    Err(_) => Came::Nothing,
                }
            }
            Some(Event::Reconnecting | Event::Recovered) => Came::Nothing,
            Some(Event::Closed { code, lost, .. }) => Came::End(match lost {
                Some(lost) => lost,
                None if code == 1006 => "Matterbridge ended the connection".to_owned(),
                None => format!("Matterbridge closed the websocket ({code})"),
            }),
            None => Came::End("the websocket is over".to_owned()),
        }
    }

    /// Closes, and gives what was still on its way.
    pub(super) async fn close(mut self) -> Vec<Value> {
        let mut rest = Vec::new();
        let _ = timeout(CLOSE_WAIT, async {
            // One that is over has no more to give either.
            if self.sender.close(Some(NORMAL), "").await.is_err() {
                return;
            }
            loop {
                match self.next().await {
                    Came::Object(object) => rest.push(object),
                    Came::Nothing => {}
                    Came::End(_) => return,
                }
            }
        })
        .await;
        rest
    }
}
