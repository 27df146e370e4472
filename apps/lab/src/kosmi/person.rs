//! Who speaks: a person with an id and a name, and the token that stands for one.
//!
//! Tokens have the claims of the notes. They are signed with the lab's open key by another algorithm than the engine's, which no
//! client can tell.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::token::hmac;

/// A person, logged in or worked by the control.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) is_anonymous: bool,
}

impl Person {
    /// Somebody without an account, by the name that the engine gives.
    pub(super) fn anonymous(id: &str) -> Self {
        let sum = Sha256::digest(id);
        let animal = ANIMALS[usize::from(sum[0]) % ANIMALS.len()];
        Self {
            id: id.to_owned(),
            name: format!("Anonymous {animal}"),
            is_anonymous: true,
        }
    }

    /// Somebody with an account of this name; the same name is the same person.
    pub(super) fn named(name: &str) -> Self {
        Self {
            id: uuid(name.as_bytes()),
            name: name.to_owned(),
            is_anonymous: false,
        }
    }

    /// As the schema's `User`.
    pub(super) fn user(&self) -> Value {
        let username = (!self.is_anonymous).then(|| self.name.to_lowercase().replace(' ', ""));
        json!({
            "id": self.id,
            "displayName": self.name,
            "username": username,
            "isAnonymous": self.is_anonymous,
            "avatarUrl": null,
        })
    }

    /// As the schema's `Member`.
    pub(super) fn member(&self, room: &str) -> Value {
        json!({ "id": format!("{room}:{}", self.id), "role": null, "user": self.user() })
    }
}

/// An identity made from any bytes.
pub(super) fn uuid(of: &[u8]) -> String {
    let sum: [u8; 32] = Sha256::digest(of).into();
    let hex = sum.map(|byte| format!("{byte:02x}")).concat();
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32];
    parts.map(|part| &hex[part]).join("-")
}

/// What a good token says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) person: Person,
    /// When it was made, in milliseconds since 1970.
    pub(super) made_unix_ms: u64,
}

/// A token for somebody, good from `now` for `life`.
pub(super) fn issue(person: &Person, now: SystemTime, life: Duration) -> String {
    let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let made = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let claims = json!({
        "aud": "kosmi",
        "iss": "kosmi",
        "sub": person.id,
        "typ": "access",
        "jti": made.to_string(),
        "iat": since.as_secs(),
        "nbf": since.as_secs().saturating_sub(1),
        "exp": (since + life).as_secs(),
        // Not among the engine's claims: the stand-in keeps no accounts.
        "name": (!person.is_anonymous).then_some(&person.name),
    });
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(hmac(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// What a token says, if it is ours and still good at `now`.
pub(super) fn holder(token: &str, now: SystemTime) -> Option<Holder> {
    let (signed, signature) = token.rsplit_once('.')?;
    if URL_SAFE_NO_PAD.decode(signature).ok()? != hmac(signed.as_bytes()) {
        return None;
    }
    let (_, claims) = signed.split_once('.')?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let is_good = now < claims["exp"].as_u64()?;
    is_good.then(|| {
        Some(Holder {
            person: match claims["name"].as_str() {
                Some(name) => Person::named(name),
                None => Person::anonymous(claims["sub"].as_str()?),
            },
            made_unix_ms: claims["jti"].as_str()?.parse().ok()?,
        })
    })?
}

const ANIMALS: [&str; 8] = [
    "Badger", "Crane", "Dolphin", "Heron", "Lynx", "Otter", "Raven", "Tapir",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_holder_until_it_expires() {
        let now = UNIX_EPOCH + Duration::from_hours(500_000);
        let life = Duration::from_mins(1);
        let token = issue(&Person::anonymous("u1"), now, life);
        assert_eq!(holder(&token, now).unwrap().person.id, "u1");
        assert_eq!(holder(&token, now + life), None);
        assert_eq!(holder(&token[1..], now), None);
    }

    #[test]
    fn an_identity_has_the_usual_form() {
        let id = uuid(b"ann");
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_ne!(id, uuid(b"ben"));
    }
}
