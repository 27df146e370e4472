use proptest::prelude::*;

use super::*;

fn source(text: &str) -> Progress {
    Progress::Complete(Some(text.parse().unwrap()))
}

fn binary(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let mut wire = SIGNATURE_V2.to_vec();
    wire.extend([command, family]);
    wire.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
    wire.extend(body);
    wire
}

/// Feeds exactly what is asked for, as reading does.
fn read_all(wire: &[u8]) -> (Result<Progress, Malformed>, usize) {
    let mut have = 0;
    loop {
        match parse(&wire[..have]) {
            Ok(Progress::Need(more)) if have + more <= wire.len() => have += more,
            other => return (other, have),
        }
    }
}

#[test]
fn both_versions_name_the_client_and_nothing_behind_is_touched() {
    let four = [192, 0, 2, 7, 10, 0, 0, 1, 0x12, 0x67, 0x01, 0xbb];
    let mut six = [0; 36];
    six[..16].copy_from_slice(&"2001:db8::7".parse::<Ipv6Addr>().unwrap().octets());
    six[32..34].copy_from_slice(&[0x12, 0x67]);
    let with_additions = [&four[..], b"\x04\x00\x03abc"].concat();
    for (header, expected) in [
        (
            b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 443\r\n".to_vec(),
            source("192.0.2.7:4711"),
        ),
        (
            b"PROXY TCP6 2001:db8::7 ::1 4711 443\r\n".to_vec(),
            source("[2001:db8::7]:4711"),
        ),
        (b"PROXY UNKNOWN\r\n".to_vec(), Progress::Complete(None)),
        (
            b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n".to_vec(),
            Progress::Complete(None),
        ),
        (binary(0x21, 0x11, &four), source("192.0.2.7:4711")),
        (
            binary(0x21, 0x11, &with_additions),
            source("192.0.2.7:4711"),
        ),
        (binary(0x21, 0x21, &six), source("[2001:db8::7]:4711")),
        (binary(0x20, 0x00, &[]), Progress::Complete(None)),
        (binary(0x21, 0x31, &[0; 216]), Progress::Complete(None)),
    ] {
        let mut wire = header.clone();
        wire.extend(b"GET / HTTP/1.1\r\n\r\n");
        assert_eq!(read_all(&wire), (Ok(expected), header.len()), "{header:?}");
    }
}

#[test]
fn what_is_no_header_is_refused_early() {
    let long_line = [b"PROXY TCP4 ".to_vec(), vec![b'1'; 200]].concat();
    let mut long_binary = SIGNATURE_V2.to_vec();
    long_binary.extend([0x21, 0x11, 0xff, 0xff]);
    for (wire, expected) in [
        (&b"GET / HTTP/1.1\r\n"[..], Malformed::NoHeader),
        (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x00",
            Malformed::NoHeader,
        ),
        (
            b"PROXY TCP4 192.0.2.7 10.0.0.1 99999 443\r\n",
            Malformed::Line,
        ),
        (b"PROXY TCP4 ::1 ::1 1 1\r\n", Malformed::Line),
        (b"PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n", Malformed::Line),
        (b"PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n", Malformed::Line),
        (b"PROXY TCP9 192.0.2.7 10.0.0.1 1 2\r\n", Malformed::Line),
        (b"PROXY TCP4 192.0.2.7 10.0.0.1 1 2\n", Malformed::Line),
        (&long_line, Malformed::TooLong),
        (&long_binary, Malformed::TooLong),
        (&binary(0x21, 0x11, &[0; 4]), Malformed::Binary),
        (&binary(0x2f, 0x11, &[0; 12]), Malformed::Binary),
        (&binary(0x11, 0x11, &[0; 12]), Malformed::Binary),
    ] {
        assert_eq!(read_all(wire).0, Err(expected), "{wire:?}");
    }
}

proptest! {
    #[test]
    fn any_bytes_end_in_progress_or_a_name(bytes in prop::collection::vec(any::<u8>(), 0..300), version in 0..3) {
        let mut wire = match version {
            0 => SIGNATURE_V1.to_vec(),
            1 => SIGNATURE_V2.to_vec(),
            _ => Vec::new(),
        };
        wire.extend(bytes);
        for end in 0..=wire.len() {
            if let Ok(Progress::Need(more)) = parse(&wire[..end]) {
                prop_assert!(more > 0 && end + more <= HEADER_BYTES_MAX + LINE_BYTES_MAX);
            }
        }
    }
}
