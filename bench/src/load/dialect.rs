//! What is said inside the WebSocket: nothing more, Engine.IO's packets, or the session protocol.
//!
//! Pure: frames in, frames out. It must never let an echo pass that is not the message that was sent.

use super::Shape;
use super::session::Session;
use anyhow::{Result, bail, ensure};
use std::io::Write as _;
use towpath_websocket::{FrameHeader, Opcode, encode_frame};

/// Which dialect a party speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// Messages as they are.
    Plain,
    /// Engine.IO, protocol 4, on its websocket transport.
    EngineIo,
    /// The session protocol of `docs/protocol.md` on its websocket transport.
    Session,
}

/// One connection's conversation.
#[derive(Debug)]
pub(crate) struct Dialect {
    layer: Layer,
    shape: Shape,
    /// Messages sent so far; each carries its number.
    sent: u64,
    /// Echoes received so far; they come in the order of the messages.
    echoed: u64,
    /// The last message that was made, so that making one costs no memory.
    message: Vec<u8>,
    is_ready: bool,
}

#[derive(Debug)]
enum Layer {
    Plain,
    EngineIo,
    Session(Session),
}

/// What a frame was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// The conversation can begin.
    Ready,
    /// The echo of the outstanding message.
    Echo,
    /// Nothing that the load counts.
    Nothing,
}

impl Dialect {
    /// A conversation in messages of one shape; `nonce` is used where the dialect wants something unguessable.
    pub(crate) fn new(speech: Speech, shape: Shape, nonce: [u8; 16]) -> Self {
        let layer = match speech {
            Speech::Plain => Layer::Plain,
            Speech::EngineIo => Layer::EngineIo,
            Speech::Session => Layer::Session(Session::new(nonce)),
        };
        Self {
            layer,
            shape,
            sent: 0,
            echoed: 0,
            message: vec![b'm'; shape.bytes],
            is_ready: speech == Speech::Plain,
        }
    }

    /// The subprotocol to ask for.
    pub(crate) fn subprotocol(speech: Speech) -> Option<&'static str> {
        (speech == Speech::Session).then_some("towpath.1")
    }

    /// Whether messages may be sent.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_ready
    }

    /// What the client says first, right behind the handshake.
    pub(crate) fn begin(&mut self, out: &mut Vec<u8>) {
        if let Layer::Session(session) = &self.layer {
            write_frame(Opcode::Binary, &session.attach(), out);
        }
    }

    /// The next message.
    pub(crate) fn send(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.sent += 1;
        write_number(self.sent, &mut self.message);
        let message = &self.message;
        match &mut self.layer {
            Layer::Plain => write_frame(self.shape.opcode, message, out),
            Layer::EngineIo => {
                let mut packet = Vec::with_capacity(message.len() + 1);
                packet.push(b'4');
                packet.extend_from_slice(message);
                write_frame(Opcode::Text, &packet, out);
            }
            Layer::Session(session) => {
                let envelopes = session.text(message)?;
                write_frame(Opcode::Binary, &envelopes, out);
            }
        }
        Ok(())
    }

    /// What is due when the conversation rests.
    pub(crate) fn rest(&mut self, out: &mut Vec<u8>) {
        if let Layer::Session(session) = &self.layer {
            write_frame(Opcode::Binary, &session.rest(), out);
        }
    }

    /// Takes one frame; replies that are due at once are appended to `out`.
    pub(crate) fn receive(
        &mut self,
        opcode: Opcode,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Heard> {
        match opcode {
            Opcode::Ping => {
                write_frame(Opcode::Pong, payload, out);
                return Ok(Heard::Nothing);
            }
            Opcode::Pong => return Ok(Heard::Nothing),
            Opcode::Close => bail!("it closed: {}", String::from_utf8_lossy(payload)),
            _ => {}
        }
        let heard = match &mut self.layer {
            Layer::Plain => self.check_echo(opcode, payload)?,
            Layer::EngineIo => match payload.split_first() {
                Some((b'0', _)) => Heard::Ready,
                Some((b'2', _)) => {
                    write_frame(Opcode::Text, b"3", out);
                    Heard::Nothing
                }
                Some((b'4', message)) => self.check_echo(Opcode::Text, message)?,
                _ => bail!("an unexpected packet: {}", String::from_utf8_lossy(payload)),
            },
            Layer::Session(session) => {
                let mut reply = Vec::new();
                let (is_open, echo) = session.receive(payload, &mut reply)?;
                if !reply.is_empty() {
                    write_frame(Opcode::Binary, &reply, out);
                }
                match echo {
                    Some(range) => self.check_echo(Opcode::Text, &payload[range])?,
                    None if is_open && !self.is_ready => Heard::Ready,
                    None => Heard::Nothing,
                }
            }
        };
        self.is_ready |= heard == Heard::Ready;
        Ok(heard)
    }

    fn check_echo(&mut self, opcode: Opcode, payload: &[u8]) -> Result<Heard> {
        ensure!(self.echoed < self.sent, "a message that nobody asked for");
        self.echoed += 1;
        write_number(self.echoed, &mut self.message);
        ensure!(
            opcode == self.shape.opcode && payload == self.message,
            "not the echo of what was sent"
        );
        Ok(Heard::Echo)
    }
}

/// Numbers a message: its first bytes are the number, the rest stay letters.
fn write_number(number: u64, mut message: &mut [u8]) {
    write!(message, "{number:020} ").expect("the number is shorter than the message");
}

/// Client frames are masked; that the key can be foretold harms nobody on loopback.
fn write_frame(opcode: Opcode, payload: &[u8], out: &mut Vec<u8>) {
    let header = FrameHeader::new(opcode, payload.len()).masked([0x37, 0xfa, 0x21, 0x3d]);
    encode_frame(&header, payload, out);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::Frames;

    fn payload_of(mut frame: Vec<u8>) -> Vec<u8> {
        let mut found = Vec::new();
        Frames::default()
            .feed(&mut frame, |_, payload| {
                found = payload.to_vec();
                Ok(())
            })
            .unwrap();
        found
    }

    #[test]
    fn a_plain_echo_must_be_the_message() {
        let mut dialect = Dialect::new(Speech::Plain, Shape::KILOBYTE, [0; 16]);
        let mut out = Vec::new();
        dialect.send(&mut out).unwrap();
        let sent = payload_of(out);
        assert_eq!(sent.len(), 1024);
        let mut wrong = sent.clone();
        wrong[1000] ^= 1;
        let hear = |payload: &[u8], opcode| {
            let mut dialect = Dialect::new(Speech::Plain, Shape::KILOBYTE, [0; 16]);
            dialect.send(&mut Vec::new()).unwrap();
            dialect.receive(opcode, payload, &mut Vec::new())
        };
        assert!(hear(&wrong, Opcode::Text).is_err());
        assert!(hear(&sent, Opcode::Binary).is_err(), "another kind");
        let mut hear = |payload: &[u8]| dialect.receive(Opcode::Text, payload, &mut Vec::new());
        assert_eq!(hear(&sent).unwrap(), Heard::Echo);
        assert!(hear(&sent).is_err(), "the same echo twice");
    }

    #[test]
    fn several_messages_under_way_are_echoed_in_order() {
        let mut dialect = Dialect::new(Speech::Plain, Shape::LARGE_BINARY, [0; 16]);
        let mut next = || {
            let mut frame = Vec::new();
            dialect.send(&mut frame).unwrap();
            payload_of(frame)
        };
        let (first, second, third) = (next(), next(), next());
        let mut hear = |payload: &[u8]| dialect.receive(Opcode::Binary, payload, &mut Vec::new());
        assert_eq!(hear(&first).unwrap(), Heard::Echo);
        assert_eq!(hear(&second).unwrap(), Heard::Echo);
        assert!(hear(&second).is_err(), "one is missing");
        drop(third);
    }

    #[test]
    fn engine_io_opens_answers_pings_and_echoes() {
        let mut dialect = Dialect::new(Speech::EngineIo, Shape::KILOBYTE, [0; 16]);
        let mut out = Vec::new();
        let mut hear = |dialect: &mut Dialect, text: &[u8]| {
            out.clear();
            let heard = dialect.receive(Opcode::Text, text, &mut out).unwrap();
            (heard, payload_of(out.clone()))
        };
        assert_eq!(hear(&mut dialect, b"0{}"), (Heard::Ready, vec![]));
        assert_eq!(hear(&mut dialect, b"2"), (Heard::Nothing, b"3".to_vec()));
        let mut frame = Vec::new();
        dialect.send(&mut frame).unwrap();
        let packet = payload_of(frame);
        assert_eq!(hear(&mut dialect, &packet), (Heard::Echo, vec![]));
    }
}
