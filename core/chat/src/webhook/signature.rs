//! Who posted it, and when: `Towpath-Signature: t=UNIX_SECONDS,v1=HEX`, where the hexadecimal number is the HMAC-SHA256 (RFC 2104) of
//! the seconds, a dot and the body. The time stands in the signed text so that a recorded request cannot be posted again much later.

use sha2::{Digest as _, Sha256};

use crate::hex::hex;

/// The header's name.
pub const SIGNATURE_HEADER: &str = "Towpath-Signature";

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// The header's value for a body that is posted at `now_unix_s`.
pub fn sign(secret: &[u8], body: &[u8], now_unix_s: i64) -> String {
    let digest = hmac(secret, &[now_unix_s.to_string().as_bytes(), b".", body]);
    format!("t={now_unix_s},v1={}", hex(&digest))
}

/// Whether a header's value is this secret's for this body, made at most `age_max_s` ago or ahead. What a receiver does.
pub fn verify(secret: &[u8], body: &[u8], value: &str, now_unix_s: i64, age_max_s: u64) -> bool {
    let time = value
        .strip_prefix("t=")
        .and_then(|rest| rest.split_once(','));
    let Some(made) = time.and_then(|(time, _)| time.parse::<i64>().ok()) else {
        return false;
    };
    if now_unix_s.abs_diff(made) > age_max_s {
        return false;
    }
    let expected = sign(secret, body, made);
    let differences = expected.bytes().zip(value.bytes()).map(|(a, b)| a ^ b);
    expected.len() == value.len() && differences.fold(0, |all, one| all | one) == 0
}

fn hmac(secret: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut key = [0; BLOCK];
    if secret.len() > BLOCK {
        key[..32].copy_from_slice(&Sha256::digest(secret));
    } else {
        key[..secret.len()].copy_from_slice(secret);
    }
    let mut inner = Sha256::new_with_prefix(key.map(|byte| byte ^ 0x36));
    for part in parts {
        inner.update(part);
    }
    let mut outer = Sha256::new_with_prefix(key.map(|byte| byte ^ 0x5c));
    outer.update(inner.finalize());
    outer.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4231() {
        let check = |key: &[u8], data: &[u8], expected: &str| {
            let digest = hmac(key, &[data]);
            assert_eq!(hex(&digest), expected);
        };
        check(
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        );
        check(
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
        check(
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        );
    }

    #[test]
    fn only_the_signed_body_at_about_its_time_is_taken() {
        let value = sign(b"key", b"{}", 1_700_000_000);
        let check = |secret: &[u8], body: &[u8], value: &str, now: i64| {
            verify(secret, body, value, now, 300)
        };
        assert!(check(b"key", b"{}", &value, 1_700_000_300));
        assert!(!check(b"key", b"{}", &value, 1_700_000_301));
        assert!(!check(b"other", b"{}", &value, 1_700_000_000));
        assert!(!check(b"key", b"{ }", &value, 1_700_000_000));
        let moved = value.replace("t=1700000000", "t=1700000001");
        assert!(!check(b"key", b"{}", &moved, 1_700_000_000));
        for wrong in ["", "t=", "t=1", "t=1,", "v1=00"] {
            assert!(!check(b"key", b"{}", wrong, 1), "{wrong}");
        }
    }
}
