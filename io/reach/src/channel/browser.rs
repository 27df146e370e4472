//! A browser's socket as a channel. It must never add to what the socket says of its end.

use std::sync::Arc;

use towpath_browser as carried;

use super::{Channel, Event, From, Message, Over, To};

/// The channel of an open socket.
pub(crate) fn of_browser(socket: carried::BrowserSocket) -> Channel {
    let (sender, receiver) = socket.split();
    Channel::new(To::Browser(Arc::new(sender)), From::Browser(receiver))
}

pub(super) async fn send(sender: &carried::BrowserSender, message: Message) -> Result<(), Over> {
    let message = match message {
        Message::Text(text) => carried::Message::Text(text),
        Message::Binary(bytes) => carried::Message::Binary(bytes),
    };
    let (code, reason) = match sender.send(message).await {
        Ok(()) => return Ok(()),
        Err(carried::Over::Closed) => return Err(Over),
        Err(carried::Over::TooBig { .. }) => (1009, "a message is larger than allowed"),
        Err(carried::Over::NotText) => (1007, "a text that is not UTF-8"),
    };
    // A message that cannot go must not be missed in silence.
    sender.close(Some(code), reason).await;
    Err(Over)
}

pub(super) async fn next(receiver: &mut carried::BrowserReceiver) -> Option<Event> {
    Some(match receiver.next().await? {
        carried::SocketEvent::Message(carried::Message::Text(text)) => {
            Event::Message(Message::Text(text))
        }
        carried::SocketEvent::Message(carried::Message::Binary(bytes)) => {
            Event::Message(Message::Binary(bytes))
        }
        carried::SocketEvent::Closed {
            code,
            reason,
            clean,
            lost,
        } => Event::Closed {
            code,
            reason,
            clean,
            lost,
        },
    })
}
