//! A TLS hello: any bytes end in more, whole or other, alike however they are cut, and facts of them are bounded.

use towpath_hello::{HELLO_BYTES_MAX, HelloReader, Progress};

/// Reads `data` as a connection's first bytes, at once and byte by byte.
pub fn run(data: &[u8]) {
    let mut at_once = HelloReader::new();
    let progress = at_once.feed(data);
    let mut by_byte = HelloReader::new();
    for byte in data {
        if by_byte.feed(std::slice::from_ref(byte)) != Progress::More {
            break;
        }
    }
    assert_eq!(by_byte.progress(), progress, "cuts change nothing");
    assert_eq!(by_byte.offer(), at_once.offer(), "cuts change nothing");
    let Some(offer) = at_once.offer() else {
        return;
    };
    assert_eq!(progress, Progress::Whole, "only a whole hello is read");
    let facts = offer.facts();
    assert!(facts.bytes as usize <= HELLO_BYTES_MAX);
    assert!(facts.extensions.len() <= 64 && facts.alpn.len() <= 8);
    assert_eq!(facts.ja4.len(), 36, "{}", facts.ja4);
}
