//! Envelopes: any bytes decode the same whole or in pieces, what was read is what is written, and JSON bodies give an answer.

use towpath_session::body::{Attach, Attached, End, Opened, Refused};
use towpath_session::{Close, Decoder, Envelope, Kind, Malformed, whole};

/// Decodes `data`, whose first byte says how large the pieces are.
pub fn run(data: &[u8]) {
    let Some((&size, data)) = data.split_first() else {
        return;
    };
    let mut found = Vec::new();
    let mut fault = None;
    for envelope in whole(data) {
        match envelope {
            Ok(envelope) => {
                again(&envelope);
                bodies(&envelope);
                found.push(envelope);
            }
            Err(malformed) => fault = Some(malformed),
        }
    }
    let mut decoder = Decoder::new();
    let mut count = 0;
    for piece in data.chunks(usize::from(size).max(1)) {
        decoder.feed(piece);
        loop {
            match decoder.next() {
                Ok(Some(envelope)) => {
                    assert_eq!(envelope, found[count], "the same in pieces");
                    count += 1;
                }
                Ok(None) => break,
                Err(malformed) => {
                    assert_eq!(Some(malformed), fault, "the same fault in pieces");
                    return;
                }
            }
        }
    }
    assert_eq!(count, found.len(), "as many in pieces");
    assert!(
        matches!(fault, None | Some(Malformed::Cut)),
        "a fault is seen in pieces, too"
    );
    assert!(decoder.held_bytes() <= data.len(), "nothing is held twice");
}

fn again(envelope: &Envelope<'_>) {
    let mut written = Vec::new();
    envelope.encode(&mut written);
    let read: Vec<_> = whole(&written).collect();
    assert_eq!(read, [Ok(*envelope)], "what is written is what is read");
}

/// A body that can be read comes back from what is written of it.
fn bodies(envelope: &Envelope<'_>) {
    match envelope {
        Envelope::Attach(json) => {
            if let Ok(body) = Attach::parse(json) {
                assert_eq!(Attach::parse(&body.json()), Ok(body));
            }
        }
        Envelope::Attached(json) => {
            if let Ok(body) = Attached::parse(json) {
                assert_eq!(Attached::parse(&body.json()), Ok(body));
            }
        }
        Envelope::End(json) => {
            if let Ok(body) = End::parse(json) {
                assert_eq!(End::parse(&body.json()), Ok(body));
            }
        }
        Envelope::Item(part) => match part.kind {
            Kind::Opened => {
                if let Ok(body) = Opened::parse(part.payload) {
                    assert_eq!(Opened::parse(&body.json()), Ok(body));
                }
            }
            Kind::Refused => {
                if let Ok(body) = Refused::parse(part.payload) {
                    assert!(Refused::parse(&body.json()).is_ok());
                }
            }
            Kind::Close => {
                let close = Close::parse(part.payload).expect("the decoder has judged it");
                assert_eq!(Close::parse(&close.payload()), Some(close));
            }
            _ => {}
        },
        _ => {}
    }
}
