//! The frames of one native channel: bytes and orders in, bytes and events out.
//!
//! It must never touch the stream, so that what happens in which order can be tested without one.

use std::collections::VecDeque;

use bytes::Bytes;
use towpath_websocket::deviation::Severity;
use towpath_websocket::{
    CloseCode, Connection, DeflateParameters, Event as Frame, Limit, Limits, MessageKind, Role,
};

use super::masks::Masks;
use super::{Event, Message, Order};

/// One end's frames.
pub(super) struct Turn {
    connection: Connection,
    masks: Masks,
    out: Vec<u8>,
    written: usize,
    events: VecDeque<Event>,
    over: bool,
}

impl Turn {
    pub(super) fn new(message_bytes_max: usize, deflate: Option<DeflateParameters>) -> Self {
        let limits = Limits {
            message_bytes_max,
            stop_at: Some(Severity::MustFail),
            ..Limits::default()
        };
        Self {
            connection: Connection::new(Role::Client, limits, deflate),
            masks: Masks::new(),
            out: Vec::new(),
            written: 0,
            events: VecDeque::new(),
            over: false,
        }
    }

    /// Whether [`Event::Closed`] is among the events, or was: nothing more is read or accepted.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Whether this side has closed, so that nothing more is accepted.
    pub(super) fn is_closing(&self) -> bool {
        self.over || self.connection.close_sent()
    }

    pub(super) fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    pub(super) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Bytes that the stream has not taken.
    pub(super) fn unwritten(&self) -> &[u8] {
        &self.out[self.written..]
    }

    /// The stream took so many. The memory is given back with the last.
    pub(super) fn wrote(&mut self, bytes: usize) {
        self.written += bytes;
        if self.written == self.out.len() {
            self.out = Vec::new();
            self.written = 0;
        }
    }

    /// Takes what the caller wants sent.
    pub(super) fn accept(&mut self, order: Order) {
        match order {
            Order::Message(Message::Text(text)) if std::str::from_utf8(&text).is_err() => {
                self.close(Some(1007), "a text that is not UTF-8");
            }
            Order::Message(Message::Text(text)) => self.send(MessageKind::Text, &text),
            Order::Message(Message::Binary(bytes)) => self.send(MessageKind::Binary, &bytes),
            Order::Close(code, reason) => self.close(code, &reason),
        }
    }

    fn send(&mut self, kind: MessageKind, payload: &[u8]) {
        let Self {
            connection,
            masks,
            out,
            ..
        } = self;
        // Nothing is accepted behind a close, so that this cannot fail.
        let _ = connection.send(kind, payload, None, || masks.next(), out);
    }

    /// Closes; a code that may not be on the wire becomes none.
    pub(super) fn close(&mut self, code: Option<u16>, reason: &str) {
        let code = code.map(CloseCode).filter(|code| code.may_be_sent());
        let Self {
            connection,
            masks,
            out,
            ..
        } = self;
        let _ = connection.send_close(code, reason, || masks.next(), out);
    }

    /// Takes bytes of the stream.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        for frame in self.connection.feed(bytes) {
            if !self.over {
                self.arrived(frame);
            }
        }
        if !self.over
            && let Some(code) = self.connection.failure()
        {
            self.close(Some(code.0), "");
            self.lost(1006, "the remote broke the rules of WebSocket");
        }
    }

    fn arrived(&mut self, frame: Frame) {
        match frame {
            Frame::Message { message, .. } => {
                let payload = Bytes::from(message.payload);
                self.events.push_back(Event::Message(match message.kind {
                    MessageKind::Text => Message::Text(payload),
                    MessageKind::Binary => Message::Binary(payload),
                }));
            }
            Frame::Ping(payload) => {
                let Self {
                    connection,
                    masks,
                    out,
                    ..
                } = self;
                // Behind a close nothing is answered any more.
                let _ = connection.send_pong(&payload, || masks.next(), out);
            }
            Frame::Pong(_) => {}
            Frame::Close { code, reason } => {
                self.close(code.map(|code| code.0), "");
                self.closed(code.map_or(1005, |code| code.0), reason, true, None);
            }
            Frame::Deviation { deviation, .. } => {
                if deviation.severity() >= Severity::MustFail {
                    self.close(Some(deviation.close_code().0), "");
                    let broke = format!("the remote broke a rule of WebSocket: {deviation}");
                    self.lost(1006, &broke);
                }
            }
            Frame::OverLimit { limit, .. } => {
                self.close(Some(1009), "");
                let what = match limit {
                    Limit::MessageBytes => "a message of the remote is larger than allowed",
                    Limit::FramesPerMessage => "a message of the remote has too many frames",
                };
                self.lost(1009, what);
            }
        }
    }

    /// The stream has ended, or failed.
    pub(super) fn ended(&mut self) {
        if !self.over {
            self.closed(1006, String::new(), false, None);
        }
    }

    fn lost(&mut self, code: u16, what: &str) {
        self.closed(code, String::new(), false, Some(what.to_owned()));
    }

    fn closed(&mut self, code: u16, reason: String, clean: bool, lost: Option<String>) {
        self.over = true;
        self.events.push_back(Event::Closed {
            code,
            reason,
            clean,
            lost,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Connection {
        Connection::new(Role::Server, Limits::default(), None)
    }

    fn written(turn: &mut Turn) -> Vec<u8> {
        let bytes = turn.unwritten().to_vec();
        turn.wrote(bytes.len());
        bytes
    }

    #[test]
    fn messages_go_both_ways_and_pings_are_answered() {
        let (mut turn, mut server) = (Turn::new(1024, None), server());
        turn.accept(Order::Message(Message::Text("hä".into())));
        let got = server.feed(&written(&mut turn));
        assert!(
            matches!(&got[..], [Frame::Message { message, .. }] if message.as_text() == Some("hä"))
        );
        let mut wire = Vec::new();
        server.send_ping(b"p", || [0; 4], &mut wire).unwrap();
        server.send_binary(b"", || [0; 4], &mut wire).unwrap();
        turn.take(&wire);
        assert_eq!(
            server.feed(&written(&mut turn)),
            [Frame::Pong(b"p".to_vec())]
        );
        let empty = Event::Message(Message::Binary(Bytes::new()));
        assert_eq!(turn.next_event(), Some(empty));
    }

    #[test]
    fn a_close_is_answered_with_its_code_and_told_once() {
        let (mut turn, mut server) = (Turn::new(1024, None), server());
        let mut wire = Vec::new();
        server
            .send_close(Some(CloseCode(4403)), "expired", || [0; 4], &mut wire)
            .unwrap();
        turn.take(&wire);
        turn.ended();
        let answer = server.feed(&written(&mut turn));
        assert!(
            matches!(
                &answer[..],
                [Frame::Close {
                    code: Some(CloseCode(4403)),
                    ..
                }]
            ),
            "{answer:?}"
        );
        let Some(Event::Closed {
            code,
            reason,
            clean,
            lost,
        }) = turn.next_event()
        else {
            panic!("no end");
        };
        assert_eq!(
            (code, reason.as_str(), clean, lost),
            (4403, "expired", true, None)
        );
        assert!(!turn.has_events());
    }

    #[test]
    fn an_end_without_a_close_is_1006() {
        let mut turn = Turn::new(1024, None);
        turn.ended();
        assert!(matches!(
            turn.next_event(),
            Some(Event::Closed {
                code: 1006,
                clean: false,
                lost: None,
                ..
            })
        ));
    }

    #[test]
    fn a_message_that_is_too_large_ends_it_with_1009() {
        let (mut turn, mut server) = (Turn::new(10, None), server());
        let mut wire = Vec::new();
        server.send_binary(&[0; 11], || [0; 4], &mut wire).unwrap();
        turn.take(&wire);
        assert!(matches!(
            turn.next_event(),
            Some(Event::Closed {
                code: 1009,
                lost: Some(_),
                ..
            })
        ));
        let answer = server.feed(&written(&mut turn));
        assert!(
            matches!(
                &answer[..],
                [Frame::Close {
                    code: Some(CloseCode(1009)),
                    ..
                }]
            ),
            "{answer:?}"
        );
    }

    #[test]
    fn a_masked_frame_from_a_server_ends_it() {
        let mut turn = Turn::new(10, None);
        turn.take(&[0x81, 0x81, 1, 2, 3, 4, 5]);
        assert!(matches!(
            turn.next_event(),
            Some(Event::Closed {
                code: 1006,
                lost: Some(_),
                ..
            })
        ));
        assert!(turn.is_closing());
    }
}
