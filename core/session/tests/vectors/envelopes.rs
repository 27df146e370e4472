//! Cases for the codec: each type, each limit and each fault.

use serde_json::{Value, json};
use towpath_session::envelope::write_padding;
use towpath_session::{
    Attach, Attached, Decoder, End, Envelope, Kind, Malformed, Outcome, Part, Proof, Secret, whole,
};

use super::hex;

pub(crate) fn content() -> Value {
    let mut cases = control();
    cases.extend(items());
    cases.extend(loose());
    cases.extend(bad());
    json!({ "cases": cases })
}

/// What an envelope is in the vectors.
fn told(envelope: &Envelope<'_>) -> Value {
    let name = envelope.name();
    match *envelope {
        Envelope::Attach(body) | Envelope::Attached(body) | Envelope::End(body) => {
            json!({"type": name, "json": serde_json::from_slice::<Value>(body).unwrap_or_default()})
        }
        Envelope::With { key, request } => {
            json!({"type": name, "key": hex::encode(&key), "request": request})
        }
        Envelope::Use { generation } | Envelope::Superseded { generation } => {
            json!({"type": name, "generation": generation})
        }
        Envelope::Ack { received, credit } => {
            json!({"type": name, "received": received, "credit": credit})
        }
        Envelope::Ping(body) | Envelope::Pong(body) => {
            json!({"type": name, "body": hex::encode(body)})
        }
        Envelope::Padding(body) => json!({"type": name, "length": body.len()}),
        Envelope::Again => json!({"type": name}),
        Envelope::Item(part) => {
            json!({"type": name, "sequence": part.sequence, "payload": hex::encode(part.payload)})
        }
    }
}

fn case(name: &str, bytes: &[u8], canonical: bool) -> Value {
    let mut found = Vec::new();
    let mut fault = None;
    let mut again = Vec::new();
    for envelope in whole(bytes) {
        match envelope {
            Ok(envelope) => {
                envelope.encode(&mut again);
                found.push(told(&envelope));
            }
            Err(malformed) => fault = Some(malformed),
        }
    }
    let mut case = json!({"name": name, "bytes": hex::encode(bytes), "envelopes": found});
    if canonical {
        assert_eq!(
            (hex::encode(&again), fault),
            (hex::encode(bytes), None),
            "{name}"
        );
        case["canonical"] = json!(true);
    }
    if let Some(malformed) = fault {
        let text = if malformed == Malformed::Cut {
            "cut".to_owned()
        } else {
            malformed.to_string()
        };
        case["fault"] = json!(text);
    }
    check_pieces(bytes, found.len(), fault);
    case
}

/// The same bytes in pieces of every small size give the same.
fn check_pieces(bytes: &[u8], count: usize, fault: Option<Malformed>) {
    for size in 1..=bytes.len().min(7) {
        let mut decoder = Decoder::new();
        let mut found = 0;
        let mut outcome = None;
        'pieces: for piece in bytes.chunks(size) {
            decoder.feed(piece);
            loop {
                match decoder.next() {
                    Ok(Some(_)) => found += 1,
                    Ok(None) => break,
                    Err(malformed) => {
                        outcome = Some(malformed);
                        break 'pieces;
                    }
                }
            }
        }
        assert_eq!(
            (found, outcome),
            (count, fault.filter(|&one| one != Malformed::Cut))
        );
    }
}

fn encoded(envelope: Envelope<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    envelope.encode(&mut out);
    out
}

fn item(kind: Kind, sequence: u64, payload: &[u8]) -> Vec<u8> {
    encoded(Envelope::Item(Part {
        sequence,
        kind,
        payload,
    }))
}

fn control() -> Vec<Value> {
    let mut padding = Vec::new();
    write_padding(200, &mut padding);
    let largest = (1 << 53) - 1;
    let later = attach(Proof::Token(Secret([254; 16])));
    let end = End {
        outcome: Some(Outcome::Stalled),
        retry: Some(5),
    };
    let mut cases = vec![case("nothing", &[], true), case("padding", &padding, true)];
    let envelopes = [
        (
            "attach, fresh",
            Envelope::Attach(&attach(Proof::Fresh(Secret([1; 16])))),
        ),
        ("attach, later", Envelope::Attach(&later)),
        ("attached", Envelope::Attached(&attached())),
        (
            "with",
            Envelope::With {
                key: [0xa5; 16],
                request: 300,
            },
        ),
        (
            "with of a send",
            Envelope::With {
                key: [0; 16],
                request: 0,
            },
        ),
        ("use", Envelope::Use { generation: 2 }),
        (
            "ack of nothing",
            Envelope::Ack {
                received: 0,
                credit: 262_144,
            },
        ),
        (
            "ack of the largest numbers",
            Envelope::Ack {
                received: largest,
                credit: largest,
            },
        ),
        ("ping", Envelope::Ping(b"12345678")),
        ("pong, empty", Envelope::Pong(&[])),
        ("pong, longest", Envelope::Pong(&[7; 32])),
        (
            "superseded",
            Envelope::Superseded {
                generation: 1 << 32,
            },
        ),
        ("again", Envelope::Again),
        ("end", Envelope::End(&end.json())),
    ]
    .map(|(name, envelope)| {
        // The members of JSON have no order.
        let json = matches!(
            envelope,
            Envelope::Attach(_) | Envelope::Attached(_) | Envelope::End(_)
        );
        case(name, &encoded(envelope), !json)
    });
    cases.extend(envelopes);
    cases
}

fn items() -> Vec<Value> {
    let refused = br#"{"status":403,"headers":[["server","x"]],"body":"bm8="}"#;
    let mut several = encoded(Envelope::Ack {
        received: 3,
        credit: 262_192,
    });
    several.extend(item(Kind::Text, 1, "h\u{e9}llo".as_bytes()));
    several.extend(item(Kind::BinaryMore, 2, &[0, 255]));
    several.extend(encoded(Envelope::Again));
    let mut cases = vec![case("several", &several, true)];
    let parts: [(&str, Kind, u64, &[u8]); 8] = [
        ("text, empty", Kind::Text, 1, &[]),
        (
            "text cut within a character",
            Kind::TextMore,
            127,
            &[0x68, 0xc3],
        ),
        ("binary, last", Kind::Binary, 128, &[1, 2, 3]),
        ("item beyond 32 bits", Kind::Binary, (1 << 32) + 1, &[1]),
        (
            "opened",
            Kind::Opened,
            1,
            br#"{"protocol":"chat","extensions":""}"#,
        ),
        ("refused", Kind::Refused, 1, refused),
        ("close without a code", Kind::Close, 9, &[]),
        (
            "close with code and reason",
            Kind::Close,
            9,
            b"\x0f\xa0done",
        ),
    ];
    cases.extend(
        parts.map(|(name, kind, sequence, payload)| {
            case(name, &item(kind, sequence, payload), true)
        }),
    );
    cases
}

fn attach(proof: Proof) -> Vec<u8> {
    Attach {
        version: 1,
        proof,
        generation: 1,
        in_use: true,
        received: 0,
        window: 262_144,
        target: "/chat?room=1".to_owned(),
        protocols: vec!["chat".to_owned()],
        authorization: None,
        attempt: None,
    }
    .json()
}

fn attached() -> Vec<u8> {
    Attached {
        session: "calm-otter-17".to_owned(),
        token: Secret([2; 16]),
        key: Secret([3; 16]),
        generation: 1,
        received: 0,
        window: 262_144,
        piece: 16_384,
        body: 61_440,
        heartbeat: 25_000,
        resume: 120_000,
        report: false,
    }
    .json()
}

/// Taken, but never written so.
fn loose() -> Vec<Value> {
    [
        (
            "unknown types are skipped",
            &[0x40, 2, 1, 2, 0x00, 0, 0x0c, 1, 9, 0x09, 0][..],
        ),
        (
            "a length with leading zero groups",
            &[0x06, 0x81, 0x80, 0x00, 7],
        ),
        (
            "a sequence with leading zero groups",
            &[0x10, 3, 0x81, 0x00, 0x41],
        ),
    ]
    .map(|(name, bytes)| case(name, bytes, false))
    .to_vec()
}

fn bad() -> Vec<Value> {
    let mut long_close = vec![0x16, 127, 1, 3, 0xe8];
    long_close.resize(129, b'x');
    [
        ("cut in the length", vec![0x10]),
        ("cut in the body", vec![0x10, 4, 1, 0x41]),
        ("good, then cut", vec![0x09, 0, 0x06, 3, 1]),
        ("length of 65,537 in all", vec![0x0b, 0xfd, 0xff, 0x03, 0]),
        (
            "length of 2^53",
            vec![0x0b, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
        ),
        (
            "length of nine bytes",
            vec![0x0b, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
        ),
        ("ack with one number", vec![0x05, 1, 7]),
        ("ack with three numbers", vec![0x05, 3, 1, 2, 3]),
        (
            "ack with a number of 2^53",
            vec![0x05, 9, 0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
        ),
        ("use without a number", vec![0x04, 0]),
        ("with of 15 bytes", [&[0x03, 15][..], &[1; 15]].concat()),
        (
            "with without a number",
            [&[0x03, 16][..], &[1; 16]].concat(),
        ),
        ("ping of 33 bytes", [&[0x06, 33][..], &[1; 33]].concat()),
        ("again with a body", vec![0x09, 1, 0]),
        (
            "attach of 16,385 bytes",
            [&[0x01, 0x81, 0x80, 0x01][..], &vec![b' '; 16_385]].concat(),
        ),
        ("item of an unknown kind", vec![0x17, 1, 1]),
        ("item of the last unknown kind", vec![0x1f, 1, 1]),
        ("item without a sequence", vec![0x10, 0]),
        ("item with half a sequence", vec![0x10, 1, 0x80]),
        ("item 0", vec![0x10, 2, 0, 0x41]),
        (
            "item with a sequence of 2^53",
            vec![0x10, 8, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
        ),
        ("close with one byte", vec![0x16, 2, 1, 3]),
        ("close with a reason of 124 bytes", long_close),
        (
            "close with a reason that is not UTF-8",
            vec![0x16, 4, 1, 3, 0xe8, 0xff],
        ),
    ]
    .map(|(name, bytes)| {
        let case = case(name, &bytes, false);
        assert!(case.get("fault").is_some(), "{name}");
        case
    })
    .to_vec()
}
