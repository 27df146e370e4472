use super::*;
use crate::assemble::MessageKind;
use crate::deviation::{Severity, TextKind};
use crate::frame::{FrameHeader, Opcode, encode_frame};
use proptest::prelude::*;
use std::num::NonZeroUsize;

const KEY: [u8; 4] = [0x0f, 0xf0, 0x33, 0x99];

fn key() -> [u8; 4] {
    KEY
}

fn pair(limits: Limits, deflate: Option<DeflateParameters>) -> (Connection, Connection) {
    (
        Connection::new(Role::Client, limits, deflate),
        Connection::new(Role::Server, limits, deflate),
    )
}

fn text(payload: &str, offset: u64) -> Event {
    let payload = payload.as_bytes().to_vec();
    let message = Message {
        kind: MessageKind::Text,
        payload,
        frames: 1,
        compressed: false,
    };
    Event::Message { message, offset }
}

fn deviation(deviation: FrameDeviation, offset: u64) -> Event {
    Event::Deviation { deviation, offset }
}

/// Server frames, as a client receives them.
fn frames(list: &[(FrameHeader, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (header, payload) in list {
        encode_frame(header, payload, &mut bytes);
    }
    bytes
}

fn client() -> Connection {
    Connection::new(Role::Client, Limits::default(), None)
}

#[test]
fn two_ends_talk_and_close() {
    let (mut client, mut server) = pair(Limits::default(), None);
    let mut wire = Vec::new();
    client.send_text("hello", key, &mut wire).expect("open");
    client.send_ping(b"p", key, &mut wire).expect("open");
    client
        .send_close(Some(CloseCode::NORMAL), "bye", key, &mut wire)
        .expect("open");
    assert_eq!(
        client.send_text("late", key, &mut wire),
        Err(SendError::Closing)
    );
    assert_eq!(
        server.feed(&wire),
        [
            text("hello", 0),
            Event::Ping(b"p".to_vec()),
            Event::Close {
                code: Some(CloseCode::NORMAL),
                reason: "bye".to_owned()
            },
        ]
    );
    wire.clear();
    let no_key = || panic!("a server does not mask");
    server.send_pong(b"p", no_key, &mut wire).expect("open");
    server
        .send_close(None, "", no_key, &mut wire)
        .expect("open");
    let close = Event::Close {
        code: None,
        reason: String::new(),
    };
    assert_eq!(client.feed(&wire), [Event::Pong(b"p".to_vec()), close]);
    assert_eq!((client.finish(), server.finish()), (vec![], vec![]));
    assert_eq!((client.deviations_seen(), client.held_bytes()), (0, 0));
}

#[test]
fn what_may_not_be_sent_is_refused() {
    let mut client = client();
    let mut wire = Vec::new();
    let too_long = client.send_ping(&[0; 126], key, &mut wire);
    assert_eq!(too_long, Err(SendError::ControlTooLong { bytes: 126 }));
    let code = client.send_close(Some(CloseCode::ABNORMAL), "", key, &mut wire);
    assert_eq!(code, Err(SendError::CloseCode(CloseCode::ABNORMAL)));
    assert!(wire.is_empty() && !client.close_sent());
}

#[test]
fn control_frames_stand_between_fragments() {
    let bytes = frames(&[
        (FrameHeader::text(2).unfinished(), b"he"),
        (FrameHeader::ping(0), b""),
        (FrameHeader::continuation(0).unfinished(), b""),
        (FrameHeader::continuation(3), b"llo"),
    ]);
    let Event::Message {
        mut message,
        offset,
    } = text("hello", 0)
    else {
        panic!("a message")
    };
    message.frames = 3;
    assert_eq!(
        client().feed(&bytes),
        [Event::Ping(Vec::new()), Event::Message { message, offset }]
    );
}

#[test]
fn reading_goes_on_behind_deviations() {
    let bytes = frames(&[
        (FrameHeader::text(2).masked(KEY), b"ok"),
        (FrameHeader::new(Opcode::Reserved(11), 2), b"??"),
        (FrameHeader::continuation(2), b"??"),
        (FrameHeader::text(1).unfinished(), b"a"),
        (FrameHeader::text(2), b"ok"),
    ]);
    assert_eq!(
        client().feed(&bytes),
        [
            deviation(FrameDeviation::ServerFrameMasked, 0),
            text("ok", 0),
            deviation(FrameDeviation::ReservedOpcode { opcode: 11 }, 8),
            deviation(FrameDeviation::ContinuationWithoutStart, 12),
            deviation(
                FrameDeviation::MessageInsideMessage {
                    opcode: Opcode::Text
                },
                19
            ),
            text("ok", 19),
        ]
    );
}

#[test]
fn a_strict_reader_stops_and_lets_go_of_its_memory() {
    let limits = Limits {
        stop_at: Some(Severity::MustFail),
        ..Limits::default()
    };
    let mut strict = Connection::new(Role::Client, limits, None);
    let bytes = frames(&[
        (FrameHeader::text(3).unfinished(), b"abc"),
        (FrameHeader::continuation(1), b"\xff"),
        (FrameHeader::text(2), b"ok"),
    ]);
    let invalid = deviation(FrameDeviation::InvalidUtf8 { byte_offset: 3 }, 5);
    assert_eq!(strict.feed(&bytes), [invalid]);
    assert_eq!(strict.failure(), Some(CloseCode::INVALID_PAYLOAD));
    assert_eq!(
        (strict.held_bytes(), strict.is_inside_message()),
        (0, false)
    );
    assert_eq!((strict.feed(&bytes), strict.finish()), (vec![], vec![]));
}

#[test]
fn http_behind_a_frame_is_named_where_it_begins() {
    let mut bytes = frames(&[(FrameHeader::text(2), b"ok")]);
    bytes.extend_from_slice(b"<html><body>blocked</body></html>");
    let mut client = client();
    let markup = FrameDeviation::NotFrames {
        looks_like: TextKind::Markup,
    };
    assert_eq!(client.feed(&bytes), [text("ok", 0), deviation(markup, 4)]);
    assert_eq!(client.failure(), Some(CloseCode::PROTOCOL_ERROR));
}

#[test]
fn bytes_held_back_as_possible_text_are_read_as_frames_in_the_end() {
    // "HT" opens a fragmented close frame of 84 bytes; the third byte shows that it is not HTTP.
    let mut client = client();
    assert_eq!(client.feed(b"H"), []);
    assert_eq!(client.feed(b"T"), []);
    let mut events = client.feed(b"?");
    events.extend(client.feed(&[b'?'; 83]));
    let names: Vec<&str> = events
        .iter()
        .map(|event| match event {
            Event::Deviation {
                deviation,
                offset: 0,
            } => deviation.as_str(),
            Event::Close { .. } => "close",
            other => panic!("unexpected {other:?}"),
        })
        .collect();
    assert_eq!(
        names,
        [
            "reserved-bits",
            "control-fragmented",
            "close-code-not-allowed",
            "close"
        ]
    );
}

#[test]
fn an_early_end_says_how_much_is_missing() {
    for (bytes, missing) in [
        (&[0x81][..], 1),
        (&[0x81, 0x7e], 2),
        (&[0x81, 5, b'a'], 4),
        (b"HTTP", 82),
    ] {
        let mut client = client();
        assert_eq!(client.feed(bytes), []);
        let events = client.finish();
        assert_eq!(
            events[0],
            deviation(FrameDeviation::EndInsideFrame { missing }, 0),
            "{bytes:?}"
        );
        assert_eq!(events.len(), 2);
    }
}

#[test]
fn limits_are_reported_and_the_next_message_is_read() {
    let limits = Limits {
        message_bytes_max: 4,
        frames_per_message_max: 2,
        ..Limits::default()
    };
    let mut client = Connection::new(Role::Client, limits, None);
    let empty = FrameHeader::continuation(0).unfinished();
    let bytes = frames(&[
        (FrameHeader::text(5), b"large"),
        (FrameHeader::text(0).unfinished(), b""),
        (empty, b""),
        (empty, b""),
        (FrameHeader::continuation(0), b""),
        (FrameHeader::text(2), b"ok"),
    ]);
    assert_eq!(
        client.feed(&bytes),
        [
            Event::OverLimit {
                limit: Limit::MessageBytes,
                offset: 0
            },
            Event::OverLimit {
                limit: Limit::FramesPerMessage,
                offset: 11
            },
            text("ok", 15),
        ]
    );
}

#[test]
fn an_announced_giant_claims_no_memory() {
    let mut client = client();
    let header = FrameHeader {
        length: 1 << 62,
        ..FrameHeader::binary(0)
    };
    let events = client.feed(&frames(&[(header, b"start")]));
    assert_eq!(
        events,
        [Event::OverLimit {
            limit: Limit::MessageBytes,
            offset: 0
        }]
    );
    assert_eq!(client.held_bytes(), 0);
}

#[test]
fn deviations_beyond_the_limit_are_only_counted() {
    let limits = Limits {
        deviations_max: 2,
        ..Limits::default()
    };
    let mut client = Connection::new(Role::Client, limits, None);
    let events = client.feed(&frames(&[(FrameHeader::continuation(0), &b""[..]); 9]));
    assert_eq!((events.len(), client.deviations_seen()), (2, 9));
}

#[test]
fn compression_runs_both_ways_with_and_without_takeover() {
    let limits = Limits {
        compress_bytes_min: 0,
        ..Limits::default()
    };
    for alone in [false, true] {
        let parameters = DeflateParameters {
            server_no_context_takeover: alone,
            client_no_context_takeover: alone,
            server_max_window_bits: 9,
            client_max_window_bits: 10,
        };
        let (mut client, mut server) = pair(limits, Some(parameters));
        for payload in ["", "hello hello hello", "hello hello hello", "", "tschüß"] {
            send_compressed(&mut client, &mut server, payload);
            send_compressed(&mut server, &mut client, payload);
        }
    }
}

fn send_compressed(from: &mut Connection, to: &mut Connection, payload: &str) {
    let mut wire = Vec::new();
    let size = NonZeroUsize::new(3);
    from.send(MessageKind::Text, payload.as_bytes(), size, key, &mut wire)
        .expect("open");
    let events = to.feed(&wire);
    let [Event::Message { message, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (message.as_text(), message.compressed),
        (Some(payload), true)
    );
}

#[test]
fn a_deflated_bomb_is_over_the_limit_and_no_deviation() {
    let limits = Limits {
        message_bytes_max: 1000,
        ..Limits::default()
    };
    let (mut client, mut server) = pair(limits, Some(DeflateParameters::default()));
    let mut wire = Vec::new();
    client
        .send_binary(&vec![0; 100_000], key, &mut wire)
        .expect("open");
    let second = wire.len() as u64;
    client.send_binary(&[0; 100], key, &mut wire).expect("open");
    let over = |offset| Event::OverLimit {
        limit: Limit::MessageBytes,
        offset,
    };
    assert_eq!(server.feed(&wire), [over(0), over(second)]);
    wire.clear();
    client.send_text("plain", key, &mut wire).expect("open");
    assert!(matches!(&server.feed(&wire)[..], [Event::Message { .. }]));
}

/// The message broke twice; read at once, only the second break used to be reported.
#[test]
fn bad_text_before_a_bad_block_is_reported_however_it_arrives() {
    // A stored block of the byte FF, then a block of a type that does not exist.
    let payload = [0x00, 0x01, 0x00, 0xfe, 0xff, 0xff, 0x07];
    let bytes = frames(&[(FrameHeader::text(payload.len()).compressed(), &payload)]);
    let expected = [
        deviation(FrameDeviation::InvalidUtf8 { byte_offset: 0 }, 0),
        deviation(FrameDeviation::InflateFailed, 0),
    ];
    for size in [1, bytes.len()] {
        let mut client = Connection::new(
            Role::Client,
            Limits::default(),
            Some(DeflateParameters::default()),
        );
        let events: Vec<Event> = bytes
            .chunks(size)
            .flat_map(|piece| client.feed(piece))
            .collect();
        assert_eq!(events, expected, "pieces of {size}");
    }
}

fn feed_in_pieces(connection: &mut Connection, bytes: &[u8], sizes: &[usize]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut rest = bytes;
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at((*size).min(rest.len()));
        connection.feed_into(piece, &mut events);
        rest = after;
    }
    events.extend(connection.finish());
    events
}

/// Streams that are mostly frames, mostly right.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let opcode = prop_oneof![
        4 => Just(Opcode::Text), 4 => Just(Opcode::Binary), 4 => Just(Opcode::Continuation),
        2 => Just(Opcode::Ping), 1 => Just(Opcode::Close), 1 => (0_u8..16).prop_map(Opcode::from_bits),
    ];
    let payload = prop_oneof![
        "[a-zü]{0,20}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..140),
        Just(vec![0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]),
    ];
    let flag = || proptest::bool::weighted(0.1);
    let frame = (
        opcode,
        payload,
        any::<bool>(),
        any::<bool>(),
        flag(),
        any::<Option<[u8; 4]>>(),
    )
        .prop_map(|(opcode, payload, fin, rsv1, rsv2, mask)| {
            let header = FrameHeader {
                fin,
                rsv1,
                rsv2,
                mask,
                ..FrameHeader::new(opcode, payload.len())
            };
            frames(&[(header, &payload)])
        });
    let noise = prop_oneof![
        8 => frame,
        1 => proptest::collection::vec(any::<u8>(), 0..30),
        1 => prop_oneof![Just("HTTP/1.1 400"), Just("HTT"), Just("<ht")].prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(noise, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn events_do_not_depend_on_the_cuts(
        bytes in stream(),
        sizes in proptest::collection::vec(1_usize..20, 1..6),
        is_client: bool,
        has_deflate: bool,
        is_strict: bool,
    ) {
        let role = if is_client { Role::Client } else { Role::Server };
        let deflate = has_deflate.then(DeflateParameters::default);
        let limits = Limits {
            message_bytes_max: 200,
            stop_at: is_strict.then_some(Severity::MustFail),
            ..Limits::default()
        };
        let mut whole = Connection::new(role, limits, deflate);
        let mut expected = whole.feed(&bytes);
        expected.extend(whole.finish());
        let mut cut = Connection::new(role, limits, deflate);
        prop_assert_eq!(feed_in_pieces(&mut cut, &bytes, &sizes), expected);
        prop_assert_eq!(cut.failure(), whole.failure());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for role in [Role::Client, Role::Server] {
            let mut connection = Connection::new(role, Limits::default(), Some(DeflateParameters::default()));
            connection.feed(&bytes);
            connection.finish();
        }
    }

    #[test]
    fn what_is_sent_arrives(
        messages in proptest::collection::vec(("[a-zäö€ ]{0,200}", any::<bool>(), 1_usize..50), 1..8),
        is_compressed: bool,
        sizes in proptest::collection::vec(1_usize..50, 1..4),
    ) {
        let (mut client, mut server) = pair(Limits::default(), is_compressed.then(DeflateParameters::default));
        let mut wire = Vec::new();
        let mut expected = Vec::new();
        for (content, is_text, size) in messages {
            let kind = if is_text { MessageKind::Text } else { MessageKind::Binary };
            let size = NonZeroUsize::new(size);
            client.send(kind, content.as_bytes(), size, key, &mut wire).expect("open");
            expected.push((kind, content.into_bytes()));
        }
        client.send_close(None, "", key, &mut wire).expect("open");
        let mut events = feed_in_pieces(&mut server, &wire, &sizes);
        prop_assert_eq!(events.pop(), Some(Event::Close { code: None, reason: String::new() }));
        let received: Vec<_> = events.into_iter().map(|event| match event {
            Event::Message { message, .. } => (message.kind, message.payload),
            other => panic!("unexpected {other:?}"),
        }).collect();
        prop_assert_eq!(received, expected);
    }
}
