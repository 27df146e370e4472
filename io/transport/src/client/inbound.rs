//! Items put together to what the application sees.
//!
//! It holds one message at most, and that within its limit.

use bytes::Bytes;
use towpath_session::body::{Opened, Refused};
use towpath_session::{Close, Item, Kind};

use super::message::{Event, Message, MessageKind};

/// What became of an item.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// A piece; more follow.
    More,
    /// Something to tell.
    Event(Event),
    /// The backend refused: the event, and then the end.
    Refused(Event),
    /// The backend closed.
    Close(u16, String),
    /// It cannot be taken; the close code and reason for both sides.
    Broken(u16, &'static str),
}

/// What an application sees where a close has no code (RFC 6455 section 7.4.1).
const NO_CODE: u16 = 1005;

/// Puts messages together.
#[derive(Debug)]
pub(crate) struct Inbound {
    pieces: Vec<u8>,
    message_bytes_max: usize,
}

impl Inbound {
    pub(crate) fn new(message_bytes_max: usize) -> Self {
        Self {
            pieces: Vec::new(),
            message_bytes_max,
        }
    }

    /// Takes the next item in order.
    pub(crate) fn take(&mut self, item: Item) -> Taken {
        match item.kind {
            Kind::TextMore | Kind::BinaryMore => {
                if self.is_too_big(&item.payload) {
                    return Taken::Broken(1009, "message too big");
                }
                self.pieces.extend_from_slice(&item.payload);
                Taken::More
            }
            Kind::Text => self.message(MessageKind::Text, item.payload),
            Kind::Binary => self.message(MessageKind::Binary, item.payload),
            Kind::Opened => match Opened::parse(&item.payload) {
                Ok(opened) => Taken::Event(Event::Opened {
                    protocol: opened.protocol,
                    extensions: opened.extensions,
                }),
                Err(_) => Taken::Broken(1002, "malformed opening"),
            },
            Kind::Refused => match Refused::parse(&item.payload) {
                Ok(refused) => Taken::Refused(Event::Refused {
                    status: refused.status,
                    headers: refused.headers,
                    body: refused.body.into(),
                }),
                Err(_) => Taken::Broken(1002, "malformed refusal"),
            },
            Kind::Close => {
                let close = Close::parse(&item.payload).unwrap_or_default();
                Taken::Close(close.code.unwrap_or(NO_CODE), close.reason)
            }
        }
    }

    fn message(&mut self, kind: MessageKind, last: Bytes) -> Taken {
        if self.is_too_big(&last) {
            return Taken::Broken(1009, "message too big");
        }
        let payload = if self.pieces.is_empty() {
            last
        } else {
            let mut whole = std::mem::take(&mut self.pieces);
            whole.extend_from_slice(&last);
            whole.into()
        };
        match Message::of(kind, payload) {
            Some(message) => Taken::Event(Event::Message(message)),
            None => Taken::Broken(1007, "text is not UTF-8"),
        }
    }

    fn is_too_big(&self, next: &[u8]) -> bool {
        self.pieces.len() + next.len() > self.message_bytes_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: Kind, payload: &'static [u8]) -> Item {
        Item {
            sequence: 1,
            kind,
            payload: Bytes::from_static(payload),
        }
    }

    #[test]
    fn pieces_become_one_message_even_when_a_character_is_cut() {
        let mut inbound = Inbound::new(100);
        assert_eq!(inbound.take(item(Kind::TextMore, b"\xc3")), Taken::More);
        let whole = inbound.take(item(Kind::Text, b"\xa9"));
        assert_eq!(whole, Taken::Event(Event::Message(Message::text("é"))));
        let next = inbound.take(item(Kind::Binary, b"\xff"));
        let bytes = Message::binary(&b"\xff"[..]);
        assert_eq!(next, Taken::Event(Event::Message(bytes)));
    }

    #[test]
    fn what_cannot_be_a_message_is_named() {
        let mut inbound = Inbound::new(3);
        let broken = inbound.take(item(Kind::Text, b"\xff"));
        assert_eq!(broken, Taken::Broken(1007, "text is not UTF-8"));
        assert_eq!(inbound.take(item(Kind::BinaryMore, b"ab")), Taken::More);
        let broken = inbound.take(item(Kind::BinaryMore, b"cd"));
        assert_eq!(broken, Taken::Broken(1009, "message too big"));
    }

    #[test]
    fn a_close_without_a_code_is_1005() {
        let mut inbound = Inbound::new(3);
        let close = inbound.take(item(Kind::Close, b""));
        assert_eq!(close, Taken::Close(1005, String::new()));
    }
}
