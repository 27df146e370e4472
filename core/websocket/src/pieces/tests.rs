//! The piece-wise reader against the frames it is fed, at every cut.

use super::*;
use crate::close::{CloseCode, encode_close};
use crate::frame::encode_frame;
use proptest::prelude::*;

/// A piece that outlives its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Owned {
    Data(MessageKind, Vec<u8>, bool, bool),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<CloseCode>, String),
}

fn read(reader: &mut PieceReader, bytes: &[u8], out: &mut Vec<Owned>) -> Result<(), PieceError> {
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let (used, piece) = reader.next(&mut bytes[at..])?;
        match piece {
            None => {
                assert_eq!(at + used, bytes.len(), "it stopped early");
                break;
            }
            Some(Piece::Data {
                kind,
                payload,
                last,
                compressed,
            }) => {
                out.push(Owned::Data(kind, payload.to_vec(), last, compressed));
            }
            Some(Piece::Ping(payload)) => out.push(Owned::Ping(payload.to_vec())),
            Some(Piece::Pong(payload)) => out.push(Owned::Pong(payload.to_vec())),
            Some(Piece::Close(close)) => out.push(Owned::Close(close.code, close.reason)),
        }
        at += used;
    }
    Ok(())
}

/// Joins the pieces of each message.
fn join(pieces: Vec<Owned>) -> Vec<Owned> {
    let mut joined: Vec<Owned> = Vec::new();
    let mut open: Option<(MessageKind, Vec<u8>, bool)> = None;
    for piece in pieces {
        match piece {
            Owned::Data(kind, payload, last, compressed) => {
                let (_, bytes, _) = open.get_or_insert((kind, Vec::new(), compressed));
                bytes.extend(payload);
                if last {
                    let (kind, bytes, compressed) = open.take().expect("it was just put there");
                    joined.push(Owned::Data(kind, bytes, true, compressed));
                }
            }
            other => joined.push(other),
        }
    }
    joined
}

fn script(mask: Option<[u8; 4]>) -> (Vec<u8>, Vec<Owned>) {
    let mut bytes = Vec::new();
    let mut frame = |header: FrameHeader, payload: &[u8]| {
        let header = FrameHeader { mask, ..header };
        encode_frame(&header, payload, &mut bytes);
    };
    let long = vec![7; 70_000];
    frame(FrameHeader::text(5), b"Hello");
    frame(FrameHeader::binary(0), b"");
    frame(FrameHeader::text(2).unfinished(), b"ab");
    frame(FrameHeader::ping(3), b"you");
    frame(FrameHeader::continuation(0).unfinished(), b"");
    frame(FrameHeader::continuation(0), b"");
    frame(FrameHeader::binary(3).compressed(), b"xyz");
    frame(FrameHeader::binary(long.len()), &long);
    frame(FrameHeader::pong(125), &[9; 125]);
    frame(FrameHeader::close(4), &encode_close(CloseCode(4001), b"no"));
    frame(FrameHeader::text(4), b"late");
    let expected = vec![
        Owned::Data(MessageKind::Text, b"Hello".to_vec(), true, false),
        Owned::Data(MessageKind::Binary, Vec::new(), true, false),
        Owned::Ping(b"you".to_vec()),
        Owned::Data(MessageKind::Text, b"ab".to_vec(), true, false),
        Owned::Data(MessageKind::Binary, b"xyz".to_vec(), true, true),
        Owned::Data(MessageKind::Binary, long, true, false),
        Owned::Pong(vec![9; 125]),
        Owned::Close(Some(CloseCode(4001)), "no".to_owned()),
    ];
    (bytes, expected)
}

#[test]
fn every_cut_gives_the_same_messages() {
    for (sender, mask) in [(Role::Server, None), (Role::Client, Some([1, 2, 3, 4]))] {
        let (bytes, expected) = script(mask);
        for step in [1, 2, 3, 7, 61, 1024, bytes.len()] {
            let mut reader = PieceReader::new(sender, true, u64::MAX);
            let mut pieces = Vec::new();
            for part in bytes.chunks(step) {
                read(&mut reader, part, &mut pieces).expect("all of it is lawful");
            }
            assert_eq!(join(pieces), expected, "{sender:?} in steps of {step}");
            assert!(reader.is_closed());
        }
    }
}

#[test]
fn what_comes_of_a_large_frame_is_handed_on_before_the_rest() {
    let mut bytes = Vec::new();
    FrameHeader {
        length: 1 << 30,
        ..FrameHeader::binary(1 << 30)
    }
    .encode(&mut bytes);
    bytes.extend([5; 100]);
    let mut reader = PieceReader::new(Role::Server, false, 1 << 30);
    let mut pieces = Vec::new();
    read(&mut reader, &bytes, &mut pieces).expect("it is within the limit");
    assert_eq!(
        pieces,
        [Owned::Data(MessageKind::Binary, vec![5; 100], false, false)]
    );
    assert!(reader.is_inside_message());
}

#[test]
fn breaches_stop_it() {
    let check = |sender: Role, header: FrameHeader, payload: &[u8], expected: PieceError| {
        let mut bytes = Vec::new();
        encode_frame(&header, payload, &mut bytes);
        let mut reader = PieceReader::new(sender, false, 10);
        let result = read(&mut reader, &bytes, &mut Vec::new());
        assert_eq!(result, Err(expected));
    };
    let deviation = PieceError::Deviation;
    check(
        Role::Client,
        FrameHeader::text(1),
        b"a",
        deviation(FrameDeviation::ClientFrameUnmasked),
    );
    let masked = FrameHeader::text(1).masked([1; 4]);
    check(
        Role::Server,
        masked,
        b"a",
        deviation(FrameDeviation::ServerFrameMasked),
    );
    let compressed = FrameHeader::text(1).compressed();
    let reserved = FrameDeviation::ReservedBits { bits: 0x40 };
    check(Role::Server, compressed, b"a", deviation(reserved));
    let lone = FrameDeviation::ContinuationWithoutStart;
    check(
        Role::Server,
        FrameHeader::continuation(1),
        b"a",
        deviation(lone),
    );
    check(
        Role::Server,
        FrameHeader::binary(11),
        &[0; 11],
        PieceError::TooBig { max: 10 },
    );
    let one_byte = FrameDeviation::CloseOneByte;
    check(
        Role::Server,
        FrameHeader::close(1),
        b"a",
        deviation(one_byte),
    );
}

#[test]
fn text_is_checked_across_frames_and_bytes_are_not() {
    let check = |frames: &[(FrameHeader, &[u8])], expected: Result<(), u64>| {
        let mut bytes = Vec::new();
        for (header, payload) in frames {
            encode_frame(header, payload, &mut bytes);
        }
        for step in [1, 2, bytes.len()] {
            let mut reader = PieceReader::new(Role::Server, true, 100);
            let mut parts = bytes.chunks(step);
            let result = parts.try_for_each(|part| read(&mut reader, part, &mut Vec::new()));
            let expected = expected.map_err(|byte_offset| {
                PieceError::Deviation(FrameDeviation::InvalidUtf8 { byte_offset })
            });
            assert_eq!(result, expected, "in steps of {step}");
        }
    };
    let begin = FrameHeader::text(2).unfinished();
    check(
        &[
            (begin, b"a\xe2"),
            (FrameHeader::continuation(2), b"\x82\xac"),
        ],
        Ok(()),
    );
    check(
        &[(begin, b"a\xe2"), (FrameHeader::continuation(1), b"\x82")],
        Err(1),
    );
    check(
        &[(begin, b"a\xe2"), (FrameHeader::continuation(0), b"")],
        Err(1),
    );
    check(
        &[
            (FrameHeader::text(1), b"a"),
            (FrameHeader::text(2), b"b\xff"),
        ],
        Err(1),
    );
    check(&[(FrameHeader::binary(1), b"\xff")], Ok(()));
    check(&[(FrameHeader::text(1).compressed(), b"\xff")], Ok(()));
}

#[test]
fn fragments_count_together_against_the_limit() {
    let mut bytes = Vec::new();
    encode_frame(&FrameHeader::text(6).unfinished(), &[97; 6], &mut bytes);
    encode_frame(&FrameHeader::continuation(5), &[97; 5], &mut bytes);
    let mut reader = PieceReader::new(Role::Server, false, 10);
    let result = read(&mut reader, &bytes, &mut Vec::new());
    assert_eq!(result, Err(PieceError::TooBig { max: 10 }));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_stall(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        step in 1_usize..50,
        deflate: bool,
    ) {
        for sender in [Role::Client, Role::Server] {
            let mut reader = PieceReader::new(sender, deflate, 1000);
            let mut pieces = Vec::new();
            for part in bytes.chunks(step) {
                if read(&mut reader, part, &mut pieces).is_err() {
                    break;
                }
            }
        }
    }
}
