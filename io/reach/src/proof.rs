//! Is an open WebSocket really open? A ping has to be answered, or anything else to come, before a way counts as working.
//!
//! It takes back out of the stream what it put in: the answer to its own ping, and nothing else.

use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use towpath_net::Stream;
use towpath_websocket::frame::Parsed;
use towpath_websocket::{FrameHeader, Opcode, encode_frame, parse_close};

/// Payload of the ping, so that its answer cannot be mistaken for another's.
const PING_BYTES: usize = 8;

/// Most bytes looked at before something counts as data.
const LOOKED_AT_BYTES_MAX: usize = 256;

/// What came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Proof {
    /// Bytes went out and came back.
    Proven,
    /// The remote's first word was a close.
    Closed {
        /// Its code, 1005 where it gave none.
        code: u16,
    },
    /// Nothing came in time.
    Mute,
    /// The connection ended before anything came.
    Cut,
}

/// Asks for proof. Whatever belongs to the conversation is given back to the stream.
pub(crate) async fn prove(stream: &mut Stream, limit: Duration) -> Proof {
    let payload: [u8; PING_BYTES] = random();
    let mut wire = Vec::new();
    let header = FrameHeader::ping(PING_BYTES).masked(random());
    encode_frame(&header, &payload, &mut wire);
    let mut seen = BytesMut::new();
    let asked = async {
        if stream.write_all(&wire).await.is_err() || stream.flush().await.is_err() {
            return Proof::Cut;
        }
        loop {
            if let Some(proof) = look(&mut seen, &payload) {
                return proof;
            }
            match stream.read_buf(&mut seen).await {
                Ok(0) | Err(_) => return Proof::Cut,
                Ok(_) => {}
            }
        }
    };
    let proof = timeout(limit, asked).await.unwrap_or(Proof::Mute);
    stream.unread(seen.freeze());
    proof
}

/// What the first frame says; nothing while it is incomplete. The answer to the ping is taken out.
fn look(seen: &mut BytesMut, payload: &[u8]) -> Option<Proof> {
    let Parsed::Header { header, size } = FrameHeader::parse(seen) else {
        return (seen.len() >= LOOKED_AT_BYTES_MAX).then_some(Proof::Proven);
    };
    let length = usize::try_from(header.length).unwrap_or(usize::MAX);
    let is_short = length <= LOOKED_AT_BYTES_MAX;
    let is_looked_into = matches!(header.opcode, Opcode::Pong | Opcode::Close) && is_short;
    if !is_looked_into {
        return Some(Proof::Proven);
    }
    let content = seen.get(size..size + length)?;
    if header.opcode == Opcode::Close {
        let code = parse_close(content).code.map_or(1005, |code| code.0);
        return Some(Proof::Closed { code });
    }
    if content == payload {
        seen.advance(size + length);
    }
    Some(Proof::Proven)
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PING: [u8; PING_BYTES] = *b"our ping";

    fn frame(header: FrameHeader, payload: &[u8]) -> Vec<u8> {
        let mut wire = Vec::new();
        encode_frame(&header, payload, &mut wire);
        wire
    }

    /// What is seen of bytes, and what is left of them.
    fn looked(bytes: &[u8]) -> (Option<Proof>, Vec<u8>) {
        let mut seen = BytesMut::from(bytes);
        let proof = look(&mut seen, &PING);
        (proof, seen.to_vec())
    }

    #[test]
    fn the_answer_is_taken_out_and_what_follows_stays() {
        let mut wire = frame(FrameHeader::pong(PING_BYTES), &PING);
        for cut in 0..wire.len() {
            assert_eq!(looked(&wire[..cut]), (None, wire[..cut].to_vec()));
        }
        let text = frame(FrameHeader::text(2), b"hi");
        wire.extend_from_slice(&text);
        assert_eq!(looked(&wire), (Some(Proof::Proven), text));
    }

    #[test]
    fn another_pong_and_data_stay_whole() {
        for wire in [
            frame(FrameHeader::pong(2), b"no"),
            frame(FrameHeader::ping(2), b"hi"),
            frame(FrameHeader::text(2), b"hi"),
        ] {
            assert_eq!(looked(&wire), (Some(Proof::Proven), wire));
        }
    }

    #[test]
    fn a_close_is_told_with_its_code_and_stays() {
        let wire = frame(FrameHeader::close(2), &4403_u16.to_be_bytes());
        assert_eq!(looked(&wire), (Some(Proof::Closed { code: 4403 }), wire));
        let bare = frame(FrameHeader::close(0), b"");
        assert_eq!(looked(&bare).0, Some(Proof::Closed { code: 1005 }));
    }

    proptest! {
        #[test]
        fn nothing_but_the_answer_is_ever_lost(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (_, left) = looked(&bytes);
            prop_assert_eq!(left, bytes);
        }
    }
}
