//! JA4, the fingerprint of what a client offers over TLS.
//!
//! The method is by `FoxIO`, published under the BSD 3-clause licence; this is written from its
//! description. Of the family only JA4 is here: the others are licensed otherwise.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::offer::{ALPN, Offer, SERVER_NAME};

/// The fingerprint of a hello over TCP.
pub(crate) fn ja4(offer: &Offer) -> String {
    let newest = offer.versions.iter().max();
    let version = match newest.copied().unwrap_or(offer.legacy_version) {
        0x0304 => "13",
        0x0303 => "12",
        0x0302 => "11",
        0x0301 => "10",
        0x0300 => "s3",
        0x0002 => "s2",
        _ => "00",
    };
    let named = if offer.extensions.contains(&SERVER_NAME) {
        'd'
    } else {
        'i'
    };
    let suites = offer.cipher_suites.len().min(COUNT_MAX);
    let extensions = offer.extensions.len().min(COUNT_MAX);
    let [first, last] = ends(offer.alpn.first().map_or(&[], Vec::as_slice));
    format!(
        "t{version}{named}{suites:02}{extensions:02}{first}{last}_{}_{}",
        hash(&sorted(&offer.cipher_suites)),
        hash(&extension_part(offer)),
    )
}

/// First and last letter of the first protocol.
fn ends(protocol: &[u8]) -> [char; 2] {
    let (Some(first), Some(last)) = (protocol.first(), protocol.last()) else {
        return ['0', '0'];
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return [char::from(*first), char::from(*last)];
    }
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or('0');
    [digit(first >> 4), digit(last & 0x0f)]
}

/// The extensions in the order of their numbers, without those that change with the site, then the signature
/// algorithms as sent.
fn extension_part(offer: &Offer) -> String {
    let of_site = [SERVER_NAME, ALPN];
    let kept = offer.extensions.iter().filter(|one| !of_site.contains(one));
    let mut part = sorted(&kept.copied().collect::<Vec<u16>>());
    if !offer.signature_algorithms.is_empty() {
        part.push('_');
        part.push_str(&list(&offer.signature_algorithms));
    }
    part
}

fn sorted(numbers: &[u16]) -> String {
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable();
    list(&numbers)
}

fn list(numbers: &[u16]) -> String {
    let words: Vec<String> = numbers.iter().map(|one| format!("{one:04x}")).collect();
    words.join(",")
}

/// The first twelve digits of SHA-256; zeros for nothing.
fn hash(text: &str) -> String {
    if text.is_empty() {
        return "0".repeat(HASH_DIGITS);
    }
    let digest = Sha256::digest(text.as_bytes());
    let mut digits = String::with_capacity(HASH_DIGITS);
    for byte in &digest[..HASH_DIGITS / 2] {
        write!(digits, "{byte:02x}").expect("a String takes everything");
    }
    digits
}

/// Counts have two digits.
const COUNT_MAX: usize = 99;
const HASH_DIGITS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the method's description.
    #[test]
    fn the_published_example_comes_out() {
        let offer = Offer {
            legacy_version: 0x0303,
            versions: vec![0x0304, 0x0303],
            cipher_suites: vec![
                0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
                0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
            ],
            extensions: vec![
                0x001b, 0x0000, 0x0033, 0x0010, 0x4469, 0x0017, 0x002d, 0x000d, 0x0005, 0x0023,
                0x0012, 0x002b, 0xff01, 0x000b, 0x000a, 0x0015,
            ],
            signature_algorithms: vec![
                0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601,
            ],
            alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            ..Offer::default()
        };
        assert_eq!(ja4(&offer), "t13d1516h2_8daaf6152771_e5627efa2ab1");
    }

    #[test]
    fn what_is_missing_has_its_place() {
        let offer = Offer {
            legacy_version: 0x0301,
            ..Offer::default()
        };
        assert_eq!(ja4(&offer), "t10i000000_000000000000_000000000000");
        assert_eq!(ends(b"http/1.1"), ['h', '1']);
        assert_eq!(ends(&[0xab, 0x00, 0xcd]), ['a', 'd']);
    }
}
