//! Hellos of real programs, recorded on the way to a listener that never answers.
//!
//! The fingerprints were computed by a second implementation of the method.

#![expect(
    clippy::unwrap_used,
    reason = "a recording that cannot be read fails its test"
)]

use towpath_diagnosis::observation::ClientHello;
use towpath_hello::{HelloReader, Progress};

fn recorded(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn facts(wire: &[u8]) -> ClientHello {
    let mut reader = HelloReader::new();
    assert_eq!(reader.feed(wire), Progress::Whole);
    reader.offer().unwrap().facts()
}

#[test]
fn each_program_has_its_fingerprint() {
    for (name, hex, ja4, grease, post_quantum) in [
        (
            "OpenSSL 3.0",
            include_str!("hellos/openssl.hex"),
            "t13d3111h2_e8f1e7e78f70_1f22a2ca17c4",
            false,
            false,
        ),
        (
            "curl 7.88",
            include_str!("hellos/curl.hex"),
            "t13d3112h2_e8f1e7e78f70_b26ce05bbdd6",
            false,
            false,
        ),
        (
            "Chromium 156",
            include_str!("hellos/chromium.hex"),
            "t13d1517h2_8daaf6152771_cb7bf5808d99",
            true,
            true,
        ),
        (
            "Firefox 153",
            include_str!("hellos/firefox.hex"),
            "t13d1617h2_86a278354501_3cbfd9057e0d",
            false,
            true,
        ),
        (
            "node 20",
            include_str!("hellos/node.hex"),
            "t13d591000_a33745022dd6_1f22a2ca17c4",
            false,
            false,
        ),
    ] {
        let facts = facts(&recorded(hex));
        assert_eq!(facts.ja4, ja4, "{name}");
        assert_eq!(
            (facts.grease, facts.post_quantum),
            (grease, post_quantum),
            "{name}"
        );
        assert!(facts.versions.contains(&0x0304), "{name}: {facts:?}");
        let asked: &[&str] = if name.starts_with("node") {
            &[]
        } else {
            &["h2", "http/1.1"]
        };
        assert_eq!(facts.alpn, asked, "{name}");
    }
}

#[test]
fn a_browser_s_hello_is_the_same_however_it_is_cut() {
    let wire = recorded(include_str!("hellos/chromium.hex"));
    let whole = facts(&wire);
    for step in [1, 7, 536, 1_400] {
        let mut reader = HelloReader::new();
        let pieces = wire.chunks(step);
        let seen: Vec<Progress> = pieces.map(|piece| reader.feed(piece)).collect();
        let (last, before) = seen.split_last().unwrap();
        assert_eq!(*last, Progress::Whole);
        assert!(before.iter().all(|progress| *progress == Progress::More));
        assert_eq!(reader.offer().unwrap().facts(), whole);
    }
}
