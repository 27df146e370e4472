//! Envelopes: the unit that a transport moves, and how each is written. It never reads a JSON body.

use crate::item::{Kind, Part};
use crate::number;

/// One envelope, its body still in the receive buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope<'a> {
    /// Up: opens an attachment. JSON, [`crate::body::Attach`].
    Attach(&'a [u8]),
    /// Down: the answer. JSON, [`crate::body::Attached`].
    Attached(&'a [u8]),
    /// Up: the attachment that this request belongs to.
    With {
        /// The key of the attachment.
        key: [u8; 16],
        /// The request's number; 0 on `send`.
        request: u64,
    },
    /// Up: this candidate is the one to use.
    Use {
        /// Its generation.
        generation: u64,
    },
    /// What arrived and what may be sent.
    Ack {
        /// The last item up to which everything arrived.
        received: u64,
        /// The total cost accepted since the session began.
        credit: u64,
    },
    /// Asks for a [`Envelope::Pong`] with the same bytes, at most 32.
    Ping(&'a [u8]),
    /// The answer to a ping.
    Pong(&'a [u8]),
    /// Down: another attachment is in use.
    Superseded {
        /// The generation that is.
        generation: u64,
    },
    /// Down: this response ends on purpose. Up, behind the ack of a renewal: the response before did not.
    Again,
    /// The session is over. JSON, [`crate::body::End`].
    End(&'a [u8]),
    /// Any bytes, ignored.
    Padding(&'a [u8]),
    /// An item.
    Item(Part<'a>),
}

/// The type bytes of envelopes that are not items.
pub(crate) mod byte {
    pub(crate) const ATTACH: u8 = 0x01;
    pub(crate) const ATTACHED: u8 = 0x02;
    pub(crate) const WITH: u8 = 0x03;
    pub(crate) const USE: u8 = 0x04;
    pub(crate) const ACK: u8 = 0x05;
    pub(crate) const PING: u8 = 0x06;
    pub(crate) const PONG: u8 = 0x07;
    pub(crate) const SUPERSEDED: u8 = 0x08;
    pub(crate) const AGAIN: u8 = 0x09;
    pub(crate) const END: u8 = 0x0a;
    pub(crate) const PADDING: u8 = 0x0b;
}

impl Envelope<'_> {
    /// Appends the envelope. Bodies are within their limits.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Attach(json) => write_body(byte::ATTACH, json, out),
            Self::Attached(json) => write_body(byte::ATTACHED, json, out),
            Self::With { key, request } => {
                out.push(byte::WITH);
                number::write((key.len() + number::length(request)) as u64, out);
                out.extend_from_slice(&key);
                number::write(request, out);
            }
            Self::Use { generation } => write_numbers(byte::USE, &[generation], out),
            Self::Ack { received, credit } => write_numbers(byte::ACK, &[received, credit], out),
            Self::Ping(bytes) => write_body(byte::PING, bytes, out),
            Self::Pong(bytes) => write_body(byte::PONG, bytes, out),
            Self::Superseded { generation } => {
                write_numbers(byte::SUPERSEDED, &[generation], out);
            }
            Self::Again => write_body(byte::AGAIN, &[], out),
            Self::End(json) => write_body(byte::END, json, out),
            Self::Padding(bytes) => write_body(byte::PADDING, bytes, out),
            Self::Item(part) => part.encode(out),
        }
    }

    /// The name of the envelope in the protocol.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Attach(_) => "attach",
            Self::Attached(_) => "attached",
            Self::With { .. } => "with",
            Self::Use { .. } => "use",
            Self::Ack { .. } => "ack",
            Self::Ping(_) => "ping",
            Self::Pong(_) => "pong",
            Self::Superseded { .. } => "superseded",
            Self::Again => "again",
            Self::End(_) => "end",
            Self::Padding(_) => "padding",
            Self::Item(Part { kind, .. }) => Kind::name(*kind),
        }
    }
}

/// Appends padding whose envelope takes `bytes` in all, at least 2 and at most 16,384.
pub fn write_padding(bytes: usize, out: &mut Vec<u8>) {
    let bytes = bytes.clamp(2, 16_384);
    let start = out.len();
    out.push(byte::PADDING);
    // A length of two bytes where one does not do; the largest envelope here stays below three.
    let body = if bytes - 2 < 0x80 {
        bytes - 2
    } else {
        bytes - 3
    };
    if bytes - 2 >= 0x80 && body < 0x80 {
        out.extend_from_slice(&[0x80 | 0x7f, 0]);
    } else {
        number::write(body as u64, out);
    }
    out.resize(start + bytes, b' ');
}

fn write_body(kind: u8, body: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    number::write(body.len() as u64, out);
    out.extend_from_slice(body);
}

fn write_numbers(kind: u8, numbers: &[u64], out: &mut Vec<u8>) {
    out.push(kind);
    let length: usize = numbers.iter().map(|&value| number::length(value)).sum();
    number::write(length as u64, out);
    for &value in numbers {
        number::write(value, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::whole;

    #[test]
    fn padding_is_as_long_as_asked() {
        for bytes in [
            2, 3, 100, 128, 129, 130, 131, 132, 133, 2048, 16_383, 16_384,
        ] {
            let mut out = Vec::new();
            write_padding(bytes, &mut out);
            assert_eq!(out.len(), bytes);
            let all: Vec<_> = whole(&out).collect();
            assert!(matches!(all[..], [Ok(Envelope::Padding(_))]), "{bytes}");
        }
    }
}
