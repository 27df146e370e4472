use super::*;
use proptest::prelude::*;

const ROOMY: usize = 1 << 20;

fn inflate(inflater: &mut Inflater, payload: &[u8]) -> Result<Vec<u8>, InflateError> {
    let mut out = Vec::new();
    inflater.push(payload, &mut out, ROOMY)?;
    inflater.finish(&mut out, ROOMY)?;
    Ok(out)
}

#[test]
fn the_rfc_examples_decompress_to_hello() {
    for payload in [
        &[0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00][..],
        // No compression: a stored block.
        &[
            0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
        ],
        // A final block, then the octet that makes the tail an empty stored block.
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        // The same without that octet, as some senders have it.
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00],
        // Two blocks.
        &[
            0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
        ],
    ] {
        for takes_over in [false, true] {
            let mut inflater = Inflater::new(takes_over);
            assert_eq!(
                inflate(&mut inflater, payload).as_deref(),
                Ok(&b"Hello"[..]),
                "{payload:x?}"
            );
            assert_eq!(
                inflate(&mut inflater, payload).as_deref(),
                Ok(&b"Hello"[..]),
                "{payload:x?}"
            );
        }
    }
}

#[test]
fn a_second_equal_message_is_shorter_with_takeover() {
    // RFC 7692 section 7.2.3.2.
    let mut deflater = Deflater::new(true, 15);
    let mut inflater = Inflater::new(true);
    let first = deflater.deflate(b"Hello").expect("15 bits");
    let second = deflater.deflate(b"Hello").expect("15 bits");
    assert_eq!(first, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    assert!(second.len() < first.len(), "{second:x?}");
    assert_eq!(inflate(&mut inflater, &first).as_deref(), Ok(&b"Hello"[..]));
    assert_eq!(
        inflate(&mut inflater, &second).as_deref(),
        Ok(&b"Hello"[..])
    );
}

#[test]
fn empty_messages_work_anywhere() {
    for takes_over in [false, true] {
        let mut deflater = Deflater::new(takes_over, 15);
        let mut inflater = Inflater::new(takes_over);
        for message in [&b""[..], b"", b"text", b"", b"text", b""] {
            let payload = deflater.deflate(message).expect("15 bits");
            assert!(!payload.is_empty());
            assert_eq!(inflate(&mut inflater, &payload).as_deref(), Ok(message));
        }
    }
    // Senders may also write an empty fixed block.
    assert_eq!(
        inflate(&mut Inflater::new(true), &[0x02, 0x00]).as_deref(),
        Ok(&b""[..])
    );
}

#[test]
fn a_window_of_eight_bits_declines() {
    assert_eq!(Deflater::new(true, 8).deflate(b"text"), None);
}

#[test]
fn a_bomb_stops_at_the_limit() {
    let payload = Deflater::new(false, 15)
        .deflate(&vec![0; 16 << 20])
        .expect("15 bits");
    assert!(payload.len() < 20_000);
    let mut out = Vec::new();
    let result = Inflater::new(false).push(&payload, &mut out, 100_000);
    assert_eq!(result, Err(InflateError::TooLarge));
    assert!(
        out.capacity() < 100_000 + 4 * STEP_BYTES_MAX,
        "{}",
        out.capacity()
    );
}

#[test]
fn the_limit_itself_is_allowed() {
    let payload = Deflater::new(false, 15)
        .deflate(&[7; 1000])
        .expect("15 bits");
    let mut inflater = Inflater::new(false);
    let mut out = Vec::new();
    assert_eq!(inflater.push(&payload, &mut out, 1000), Ok(()));
    assert_eq!(inflater.finish(&mut out, 1000), Ok(()));
    assert_eq!(out.len(), 1000);
}

#[test]
fn without_takeover_nothing_is_held_between_messages() {
    let mut deflater = Deflater::new(false, 15);
    let mut inflater = Inflater::new(false);
    let payload = deflater.deflate(b"text").expect("15 bits");
    assert_eq!(
        inflate(&mut inflater, &payload).as_deref(),
        Ok(&b"text"[..])
    );
    assert!(deflater.state.is_none() && inflater.state.is_none());
}

#[test]
fn nonsense_fails_and_the_next_message_is_read_again() {
    let mut inflater = Inflater::new(true);
    assert_eq!(
        inflate(&mut inflater, &[0xff, 0xff, 0xff]),
        Err(InflateError::Invalid)
    );
    let payload = Deflater::new(true, 15).deflate(b"text").expect("15 bits");
    assert_eq!(
        inflate(&mut inflater, &payload).as_deref(),
        Ok(&b"text"[..])
    );
}

#[test]
fn after_a_message_given_up_the_window_is_lost_only_with_takeover() {
    let payload = Deflater::new(false, 15)
        .deflate(&[7; 1000])
        .expect("15 bits");
    for takes_over in [false, true] {
        let mut inflater = Inflater::new(takes_over);
        let large = inflater.push(&payload, &mut Vec::new(), 10);
        assert_eq!(large, Err(InflateError::TooLarge));
        let expected = if takes_over {
            Err(InflateError::WindowLost)
        } else {
            Ok(vec![7; 1000])
        };
        assert_eq!(inflate(&mut inflater, &payload), expected);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_compressed_is_decompressed_at_any_cut(
        messages in proptest::collection::vec(
            prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..3000),
                proptest::collection::vec(0_u8..3, 0..3000),
            ],
            1..6,
        ),
        takes_over: bool,
        window_bits in 9_u8..=15,
        cut in 0_usize..600,
    ) {
        let mut deflater = Deflater::new(takes_over, window_bits);
        let mut inflater = Inflater::new(takes_over);
        for message in messages {
            let payload = deflater.deflate(&message).expect("9 bits or more");
            let (head, tail) = payload.split_at(cut.min(payload.len()));
            let mut out = Vec::new();
            prop_assert_eq!(inflater.push(head, &mut out, ROOMY), Ok(()));
            prop_assert_eq!(inflater.push(tail, &mut out, ROOMY), Ok(()));
            prop_assert_eq!(inflater.finish(&mut out, ROOMY), Ok(()));
            prop_assert_eq!(out, message);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic_and_never_exceed_the_limit_by_much(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..6),
    ) {
        let mut inflater = Inflater::new(true);
        let mut out = Vec::new();
        for piece in pieces {
            let _ = inflater.push(&piece, &mut out, 4096);
        }
        let _ = inflater.finish(&mut out, 4096);
        prop_assert!(out.len() <= 4096 + 2 * STEP_BYTES_MAX);
    }
}
