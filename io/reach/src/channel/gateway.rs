//! A session of a gateway as a channel. It must never end a session that only lost its transport.

use bytes::Bytes;
use towpath_transport::client::{self, Client, MessageKind, Sender};

use super::{Channel, Event, From, Message, Over, To};

/// The channel of an opened session.
pub(crate) fn of_gateway(client: Client) -> Channel {
    Channel::new(To::Gateway(client.sender()), From::Gateway(client))
}

pub(super) async fn send(sender: &Sender, message: Message) -> Result<(), Over> {
    let message = match message {
        Message::Text(text) => {
            let Ok(text) = String::from_utf8(text.into()) else {
                // The remote would close for it with 1007, and so does this side.
                let _ = sender.close(Some(1007), "a text that is not UTF-8").await;
                return Err(Over);
            };
            client::Message::text(text)
        }
        Message::Binary(bytes) => client::Message::binary(bytes),
    };
    sender.send(message).await.map_err(|_| Over)
}

pub(super) async fn next(client: &mut Client) -> Option<Event> {
    loop {
        return Some(match client.next().await? {
            client::Event::Opened { .. } | client::Event::Refused { .. } => continue,
            client::Event::Message(message) => {
                let payload: Bytes = message.payload().clone();
                Event::Message(match message.kind() {
                    MessageKind::Text => Message::Text(payload),
                    MessageKind::Binary => Message::Binary(payload),
                })
            }
            client::Event::Reconnecting => Event::Reconnecting,
            client::Event::Recovered { .. } => Event::Recovered,
            client::Event::Closed(closed) => ended(closed),
        });
    }
}

fn ended(closed: client::Closed) -> Event {
    let unacknowledged = closed.unacknowledged.len();
    let lost = closed.outcome.map(|outcome| {
        let rest = match unacknowledged {
            0 => String::new(),
            count => format!("; {count} messages may not have arrived"),
        };
        format!("the gateway's session ended: {outcome}{rest}")
    });
    Event::Closed {
        code: closed.code,
        reason: closed.reason,
        clean: lost.is_none() && closed.code != 1006,
        lost,
    }
}
