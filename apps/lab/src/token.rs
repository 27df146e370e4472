//! JSON Web Tokens (RFC 7519) of a stand-in: issued, signed, and known again.
//!
//! The key is written here for everybody to read: these tokens open nothing but stand-ins.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// A token as text: the holder's number, good from `now` for `life`.
pub(crate) fn issue(number: u64, now: SystemTime, life: Duration) -> String {
    let issued = seconds(now);
    let expires = issued + life.as_secs();
    let claims = format!(
        r#"{{"iss":"towpath lab","sub":"visitor","jti":{number},"iat":{issued},"exp":{expires}}}"#
    );
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(hmac(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The holder's number, if the token is one of ours and still good at `now`.
pub(crate) fn holder(token: &str, now: SystemTime) -> Option<u64> {
    let (signed, signature) = token.rsplit_once('.')?;
    if URL_SAFE_NO_PAD.decode(signature).ok()? != hmac(signed.as_bytes()) {
        return None;
    }
    let (_, claims) = signed.split_once('.')?;
    let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let is_good = seconds(now) < claim(&claims, "exp")?;
    is_good.then(|| claim(&claims, "jti"))?
}

/// A number among the claims, which are written as in [`issue`].
fn claim(claims: &str, name: &str) -> Option<u64> {
    let (_, after) = claims.split_once(&format!("\"{name}\":"))?;
    let end = after.find([',', '}'])?;
    after[..end].parse().ok()
}

/// HMAC-SHA-256 (RFC 2104) with the stand-ins' key.
pub(crate) fn hmac(message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        for (byte, key) in block.iter_mut().zip(KEY) {
            *byte ^= key;
        }
        block
    };
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .into()
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

const KEY: &[u8] = b"a stand-in has no secrets";

#[cfg(test)]
mod tests {
    use super::*;

    const LIFE: Duration = Duration::from_mins(10);

    #[test]
    fn a_token_is_good_until_it_expires() {
        let now = UNIX_EPOCH + Duration::from_hours(500_000);
        let token = issue(7, now, LIFE);
        assert_eq!(holder(&token, now), Some(7));
        assert_eq!(
            holder(&token, now + LIFE.saturating_sub(Duration::from_secs(1))),
            Some(7)
        );
        assert_eq!(holder(&token, now + LIFE), None);
    }

    #[test]
    fn a_changed_token_is_no_token() {
        let now = SystemTime::now();
        let token = issue(7, now, LIFE);
        let other = issue(8, now, LIFE);
        let (claims, _) = other.rsplit_once('.').unwrap();
        let (_, signature) = token.rsplit_once('.').unwrap();
        for wrong in ["", "a.b.c", &format!("{claims}.{signature}"), &token[1..]] {
            assert_eq!(holder(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn the_signature_is_the_standards() {
        // The sum that openssl dgst -sha256 -hmac "a stand-in has no secrets" gives for "towpath".
        let expected = "bdf4ba4ee107af919399fb223b371dd9006a021f499bd038c457a5cf0c3ce212";
        let sum = hmac(b"towpath").map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(sum, expected);
    }
}
