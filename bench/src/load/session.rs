//! The client side of the session protocol, as little of it as an echo load needs.
//!
//! Pure. It must never send beyond the credit, nor leave out the ack that goes in front of an item.

use anyhow::{Context as _, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::ops::Range;

/// What this side accepts before the peer waits, in cost (`docs/protocol.md`, section 2).
const WINDOW: u64 = 262_144;

/// The cost of an item beside its payload.
const ITEM_COST: u64 = 16;

/// A session on one attachment that is never lost.
#[derive(Debug)]
pub(super) struct Session {
    nonce: [u8; 16],
    sent: u64,
    sent_cost: u64,
    credit: u64,
    received: u64,
    received_cost: u64,
    is_open: bool,
}

impl Session {
    pub(super) fn new(nonce: [u8; 16]) -> Self {
        Self {
            nonce,
            sent: 0,
            sent_cost: 0,
            credit: 0,
            received: 0,
            received_cost: 0,
            is_open: false,
        }
    }

    /// The `attach` of a fresh session.
    pub(super) fn attach(&self) -> Vec<u8> {
        let nonce = URL_SAFE_NO_PAD.encode(self.nonce);
        let body = serde_json::json!({
            "version": 1, "fresh": nonce, "generation": 1, "use": true,
            "received": 0, "window": WINDOW, "target": "/", "protocols": [],
        });
        let mut out = Vec::new();
        write_envelope(0x01, &[body.to_string().as_bytes()], &mut out);
        out
    }

    /// An `ack`, then the message as one item.
    pub(super) fn text(&mut self, message: &[u8]) -> Result<Vec<u8>> {
        self.sent += 1;
        self.sent_cost += message.len() as u64 + ITEM_COST;
        ensure!(self.sent_cost <= self.credit, "the credit is used up");
        let mut out = Vec::with_capacity(message.len() + 32);
        self.write_ack(&mut out);
        let mut number = Vec::with_capacity(8);
        write_number(self.sent, &mut number);
        write_envelope(0x10, &[&number, message], &mut out);
        Ok(out)
    }

    /// The `ack` that is due when nothing was sent for a while.
    pub(super) fn rest(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write_ack(&mut out);
        out
    }

    /// Reads one WebSocket message: whether the backend is open, and where in it the payload of a text item
    /// stands, of which an echo load has at most one. Answers to pings go to `reply`.
    pub(super) fn receive(
        &mut self,
        message: &[u8],
        reply: &mut Vec<u8>,
    ) -> Result<(bool, Option<Range<usize>>)> {
        let mut at = 0;
        let mut text = None;
        while let Some(kind) = message.get(at) {
            at += 1;
            let length = usize::try_from(read_number(message, &mut at)?)?;
            let body = at..at + length;
            ensure!(body.end <= message.len(), "an envelope is cut");
            match kind {
                0x02 => self.take_attached(&message[body.clone()])?,
                0x05 => {
                    let mut inside = body.start;
                    read_number(message, &mut inside)?;
                    self.credit = self.credit.max(read_number(message, &mut inside)?);
                }
                0x06 => write_envelope(0x07, &[&message[body.clone()]], reply),
                0x10 => {
                    let payload = self.take_item(message, body.clone())?;
                    ensure!(text.replace(payload).is_none(), "two messages at once");
                }
                0x14 => {
                    self.take_item(message, body.clone())?;
                    self.is_open = true;
                    // Nothing may follow for long, and a later send would only repeat it.
                    self.write_ack(reply);
                }
                0x07 | 0x0b => {}
                other => bail!(
                    "an unexpected envelope {other:#04x}: {}",
                    String::from_utf8_lossy(&message[body])
                ),
            }
            at = body.end;
        }
        Ok((self.is_open, text))
    }

    fn take_attached(&mut self, body: &[u8]) -> Result<()> {
        let answer: serde_json::Value = serde_json::from_slice(body)?;
        self.credit = answer["window"].as_u64().context("no window")?;
        Ok(())
    }

    fn take_item(&mut self, message: &[u8], body: Range<usize>) -> Result<Range<usize>> {
        let mut start = body.start;
        let number = read_number(message, &mut start)?;
        ensure!(number == self.received + 1, "item {number} out of order");
        self.received = number;
        self.received_cost += (body.end - start) as u64 + ITEM_COST;
        Ok(start..body.end)
    }

    fn write_ack(&self, out: &mut Vec<u8>) {
        let mut body = Vec::with_capacity(16);
        write_number(self.received, &mut body);
        write_number(self.received_cost + WINDOW, &mut body);
        write_envelope(0x05, &[&body], out);
    }
}

fn write_envelope(kind: u8, parts: &[&[u8]], out: &mut Vec<u8>) {
    out.push(kind);
    let length: usize = parts.iter().map(|part| part.len()).sum();
    write_number(length as u64, out);
    for part in parts {
        out.extend_from_slice(part);
    }
}

/// Unsigned LEB128.
fn write_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

fn read_number(bytes: &[u8], at: &mut usize) -> Result<u64> {
    let mut number = 0;
    for shift in (0..56).step_by(7) {
        let byte = *bytes.get(*at).context("a number is cut")?;
        *at += 1;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    bail!("a number is longer than eight bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive() {
        for number in [0, 1, 127, 128, 16_384, (1 << 53) - 1] {
            let mut bytes = Vec::new();
            write_number(number, &mut bytes);
            let mut at = 0;
            assert_eq!(read_number(&bytes, &mut at).unwrap(), number);
            assert_eq!(at, bytes.len());
        }
        assert!(read_number(&[0x80; 9], &mut 0).is_err());
        assert!(read_number(&[0x80], &mut 0).is_err());
    }

    fn attached() -> Session {
        let mut session = Session::new([1; 16]);
        let mut wire = Vec::new();
        write_envelope(0x02, &[br#"{"window":5000}"#], &mut wire);
        write_envelope(0x14, &[&[1], b"{}"], &mut wire);
        let mut reply = Vec::new();
        assert_eq!(session.receive(&wire, &mut reply).unwrap(), (true, None));
        assert_eq!(reply[0], 0x05);
        session
    }

    #[test]
    fn an_item_goes_up_behind_an_ack_and_its_echo_comes_down() {
        let mut session = attached();
        let up = session.text(b"hello").unwrap();
        assert_eq!(up[0], 0x05);
        assert_eq!(up[2], 1, "the opened item is acknowledged");
        assert!(up.ends_with(&[0x10, 6, 1, b'h', b'e', b'l', b'l', b'o']));
        let mut down = Vec::new();
        write_envelope(0x10, &[&[2], b"hello"], &mut down);
        let (_, text) = session.receive(&down, &mut Vec::new()).unwrap();
        assert_eq!(&down[text.unwrap()], b"hello");
        assert!(session.receive(&down, &mut Vec::new()).is_err(), "again");
    }

    #[test]
    fn credit_is_kept_to() {
        let mut session = attached();
        for _ in 0..4 {
            session.text(&[0; 1024]).unwrap();
        }
        assert!(session.text(&[0; 1024]).is_err());
        let mut ack = Vec::new();
        write_envelope(0x05, &[&[4, 0xf8, 0x55]], &mut ack);
        session.receive(&ack, &mut Vec::new()).unwrap();
        assert!(session.text(&[0; 1024]).is_ok());
    }
}
