//! What is sent, each time with a mark of its own, so that an answer is known by what it holds.
//!
//! The marks are letters and digits: they survive echoes that add a prefix, wrap in JSON or change case.

use towpath_websocket::Message;

/// What an answer must hold.
#[derive(Debug, Clone)]
pub(crate) struct Needle {
    payload: Vec<u8>,
}

/// How well an answer fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It holds all that was sent.
    Whole,
    /// It holds the mark and not the rest.
    Part,
    /// It is something else.
    Other,
}

impl Needle {
    /// The payload to be found again.
    pub(crate) fn new(payload: &[u8]) -> Self {
        Self {
            payload: payload.to_vec(),
        }
    }

    /// How well a message fits.
    ///
    /// A binary message that comes back as text holds its mark, and what of the rest is text.
    pub(crate) fn fit(&self, message: &Message) -> Fit {
        let mark = &self.payload[..self.payload.len().min(MARK_BYTES)];
        let Some(at) = find(&message.payload, mark) else {
            return Fit::Other;
        };
        let rest = &message.payload[at..];
        let whole = rest.len() >= self.payload.len()
            && rest[..self.payload.len()].eq_ignore_ascii_case(&self.payload);
        let as_text =
            !self.payload.is_ascii() && message.kind == towpath_websocket::MessageKind::Text;
        if whole || as_text {
            Fit::Whole
        } else {
            Fit::Part
        }
    }

    /// Whether a message holds the mark.
    pub(super) fn within(&self, message: &Message) -> bool {
        self.fit(message) != Fit::Other
    }

    /// Whether a pong is the answer.
    pub(super) fn is_pong(&self, payload: &[u8]) -> bool {
        payload == self.payload
    }
}

fn find(haystack: &[u8], mark: &[u8]) -> Option<usize> {
    if mark.is_empty() {
        return None;
    }
    haystack
        .windows(mark.len())
        .position(|window| window.eq_ignore_ascii_case(mark))
}

/// A text of some length: a mark, then letters that compress, or do not.
pub(crate) fn text(bytes: u64, compressible: bool) -> String {
    let bytes = usize::try_from(bytes)
        .unwrap_or(TEXT_BYTES_MAX)
        .min(TEXT_BYTES_MAX);
    let mut text = mark();
    text.truncate(bytes);
    let missing = bytes - text.len();
    if compressible {
        text.extend("towpath ".chars().cycle().take(missing));
    } else {
        text.extend(random(missing).into_iter().map(letter));
    }
    text
}

/// Bytes of some length that are no text: a mark, then bytes from the upper half.
pub(crate) fn binary(bytes: u64) -> Vec<u8> {
    let bytes = usize::try_from(bytes)
        .unwrap_or(TEXT_BYTES_MAX)
        .min(TEXT_BYTES_MAX);
    let mut payload = mark().into_bytes();
    payload.truncate(bytes);
    // 0xc3 with no continuation behind it is wrong in every UTF-8 text.
    payload.resize(bytes, 0xc3);
    payload
}

/// Characters that nothing else on the socket holds.
pub(crate) fn mark() -> String {
    random(MARK_BYTES).into_iter().map(letter).collect()
}

/// Four bytes that nobody can foretell (RFC 6455 section 10.3).
pub(crate) fn mask_key() -> [u8; 4] {
    let mut key = [0; 4];
    getrandom::fill(&mut key).expect("the operating system has random bytes");
    key
}

fn random(count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}

/// One of 32 letters and digits; none differs from another by case only.
fn letter(byte: u8) -> char {
    char::from(b"abcdefghijkmnopqrstuvwxyz2345679"[usize::from(byte & 31)])
}

/// Length of a mark, in bytes.
const MARK_BYTES: usize = 12;
/// The longest message that is ever sent, in bytes.
const TEXT_BYTES_MAX: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use towpath_websocket::MessageKind;

    fn message(kind: MessageKind, payload: Vec<u8>) -> Message {
        Message {
            kind,
            payload,
            frames: 1,
            compressed: false,
        }
    }

    #[test]
    fn echoes_are_known_through_prefix_case_and_kind() {
        let sent = text(40, true);
        let needle = Needle::new(sent.as_bytes());
        for answer in [
            sent.clone(),
            format!("echo: {sent}"),
            format!("{{\"you\":\"{}\"}}", sent.to_uppercase()),
        ] {
            assert_eq!(
                needle.fit(&message(MessageKind::Text, answer.into_bytes())),
                Fit::Whole
            );
        }
        assert_eq!(
            needle.fit(&message(MessageKind::Binary, sent.into_bytes())),
            Fit::Whole
        );
    }

    #[test]
    fn other_messages_and_pieces_are_told_apart() {
        let sent = text(96, false);
        let needle = Needle::new(sent.as_bytes());
        let piece = sent.as_bytes()[..32].to_vec();
        assert_eq!(needle.fit(&message(MessageKind::Text, piece)), Fit::Part);
        assert_eq!(
            needle.fit(&message(MessageKind::Text, b"hello".to_vec())),
            Fit::Other
        );
    }

    #[test]
    fn binary_is_never_text() {
        assert!(std::str::from_utf8(&binary(32)).is_err());
        assert_eq!(binary(32).len(), 32);
    }

    #[test]
    fn texts_have_the_length_asked_for() {
        for bytes in [0, 5, 125, 1_048_576] {
            assert_eq!(text(bytes, false).len() as u64, bytes);
        }
    }
}
