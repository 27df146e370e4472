//! The JSON bodies of envelopes. Unknown members are ignored. It judges form only, never whether a token is right.

mod secret;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::decode::Malformed;
use crate::ends::Outcome;
use crate::number::NUMBER_LIMIT;

pub use secret::{Credentials, Secret};

/// How an attachment proves that it belongs to a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// A nonce of the client: opens a session.
    Fresh(Secret),
    /// The newest token of a session that is there.
    Token(Secret),
}

impl Proof {
    /// The nonce or token, as a registry looks it up.
    pub fn secret(self) -> Secret {
        match self {
            Self::Fresh(secret) | Self::Token(secret) => secret,
        }
    }
}

/// The first envelope of an attachment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attach {
    /// The version of the protocol, 1.
    pub version: u64,
    /// What opens or proves the session.
    pub proof: Proof,
    /// Counts attachments, from 1.
    pub generation: u64,
    /// In use from its arrival, or a candidate.
    pub in_use: bool,
    /// The last item down that arrived without a gap.
    pub received: u64,
    /// The client's credit, counted from the session's begin.
    pub window: u64,
    /// Path and query of the application.
    pub target: String,
    /// The subprotocols that the application offers.
    pub protocols: Vec<String>,
    /// The value of the header, where the application's URL holds a user and password.
    pub authorization: Option<Credentials>,
    /// What joins the client's attempts of one connection in reports (docs/reports.md); no secret.
    pub attempt: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct AttachWire {
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fresh: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<Secret>,
    generation: u64,
    #[serde(rename = "use")]
    in_use: bool,
    received: u64,
    window: u64,
    target: String,
    #[serde(default)]
    protocols: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authorization: Option<Credentials>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attempt: Option<String>,
}

impl Attach {
    /// Reads the body. A version other than 1 is read; whether it is spoken is for [`crate::attach`].
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        let wire: AttachWire = serde_json::from_slice(json).map_err(|_| Malformed::Json)?;
        let proof = match (wire.fresh, wire.token) {
            (Some(nonce), None) => Proof::Fresh(nonce),
            (None, Some(token)) => Proof::Token(token),
            _ => return Err(Malformed::Json),
        };
        let fits_a_head = is_target(&wire.target)
            && wire.protocols.iter().all(|name| is_token(name))
            && wire
                .authorization
                .as_ref()
                .is_none_or(Credentials::fits_a_head)
            && wire.attempt.as_deref().is_none_or(is_attempt);
        if wire.generation == 0 || !fits_a_head {
            return Err(Malformed::Json);
        }
        in_range(&[wire.generation, wire.received, wire.window])?;
        Ok(Self {
            version: wire.version,
            proof,
            generation: wire.generation,
            in_use: wire.in_use,
            received: wire.received,
            window: wire.window,
            target: wire.target,
            protocols: wire.protocols,
            authorization: wire.authorization,
            attempt: wire.attempt,
        })
    }

    /// The body.
    pub fn json(&self) -> Vec<u8> {
        let (fresh, token) = match self.proof {
            Proof::Fresh(nonce) => (Some(nonce), None),
            Proof::Token(token) => (None, Some(token)),
        };
        to_json(&AttachWire {
            version: self.version,
            fresh,
            token,
            generation: self.generation,
            in_use: self.in_use,
            received: self.received,
            window: self.window,
            target: self.target.clone(),
            protocols: self.protocols.clone(),
            authorization: self.authorization.clone(),
            attempt: self.attempt.clone(),
        })
    }
}

/// The gateway's answer to an attach that it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The session's public name, for logs.
    pub session: String,
    /// The next token.
    pub token: Secret,
    /// The key of this attachment.
    pub key: Secret,
    /// The generation that was attached.
    pub generation: u64,
    /// The last item up that arrived without a gap.
    pub received: u64,
    /// The gateway's credit, counted from the session's begin.
    pub window: u64,
    /// Payload bytes of an item at most.
    pub piece: u64,
    /// Bytes of a `send` body at most.
    pub body: u64,
    /// Milliseconds.
    pub heartbeat: u64,
    /// Milliseconds that a session without an attachment is kept.
    pub resume: u64,
    /// Whether the page is asked to report what it sees (docs/reports.md).
    #[serde(default, skip_serializing_if = "is_false")]
    pub report: bool,
}

impl Attached {
    /// Reads the body.
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        let body: Self = serde_json::from_slice(json).map_err(|_| Malformed::Json)?;
        in_range(&[
            body.generation,
            body.received,
            body.window,
            body.heartbeat,
            body.resume,
        ])?;
        if body.piece == 0 || body.body == 0 || body.heartbeat == 0 {
            return Err(Malformed::Json);
        }
        Ok(body)
    }

    /// The body.
    pub fn json(&self) -> Vec<u8> {
        to_json(self)
    }
}

/// What the backend accepted: the first item down.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Opened {
    /// The subprotocol, empty if none.
    #[serde(default)]
    pub protocol: String,
    /// The extensions that the application may see.
    #[serde(default)]
    pub extensions: String,
    /// Whether the next response of the session carries cookies of the backend.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cookies: bool,
}

impl Opened {
    /// Reads the payload.
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        serde_json::from_slice(json).map_err(|_| Malformed::Json)
    }

    /// The payload.
    pub fn json(&self) -> Vec<u8> {
        to_json(self)
    }
}

/// What the backend answered instead of 101: the first and last item down.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refused {
    /// The status of HTTP.
    pub status: u16,
    /// Names and values in their order.
    pub headers: Vec<(String, String)>,
    /// The body, or its first part.
    pub body: Vec<u8>,
    /// Whether the next response of the session carries cookies of the backend.
    pub cookies: bool,
}

#[derive(Serialize, Deserialize)]
struct RefusedWire {
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    #[serde(default)]
    body: String,
    #[serde(default, skip_serializing_if = "is_false")]
    cookies: bool,
}

impl Refused {
    /// Reads the payload.
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        let wire: RefusedWire = serde_json::from_slice(json).map_err(|_| Malformed::Json)?;
        Ok(Self {
            status: wire.status,
            headers: wire.headers,
            body: STANDARD.decode(wire.body).map_err(|_| Malformed::Json)?,
            cookies: wire.cookies,
        })
    }

    /// The payload, within [`crate::limits::JSON_BYTES_MAX`]: the body is cut, then the last headers are left out.
    pub fn json(&self) -> Vec<u8> {
        let mut wire = RefusedWire {
            status: self.status,
            headers: self.headers.clone(),
            body: String::new(),
            cookies: self.cookies,
        };
        let mut room = crate::limits::JSON_BYTES_MAX.checked_sub(to_json(&wire).len());
        while room.is_none() {
            wire.headers.pop();
            room = crate::limits::JSON_BYTES_MAX.checked_sub(to_json(&wire).len());
        }
        let bytes = self.body.len().min(room.unwrap_or(0) / 4 * 3);
        wire.body = STANDARD.encode(&self.body[..bytes]);
        to_json(&wire)
    }
}

/// The session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Why; nothing where the name is not known.
    pub outcome: Option<Outcome>,
    /// Seconds to wait before a new session.
    pub retry: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct EndWire<'a> {
    #[serde(borrow)]
    outcome: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry: Option<u64>,
}

impl End {
    /// Reads the body.
    pub fn parse(json: &[u8]) -> Result<Self, Malformed> {
        let wire: EndWire<'_> = serde_json::from_slice(json).map_err(|_| Malformed::Json)?;
        Ok(Self {
            outcome: Outcome::from_name(&wire.outcome),
            retry: wire.retry,
        })
    }

    /// The body.
    pub fn json(&self) -> Vec<u8> {
        to_json(&EndWire {
            outcome: self.outcome.map_or("unknown", Outcome::name).into(),
            retry: self.retry,
        })
    }
}

fn in_range(values: &[u64]) -> Result<(), Malformed> {
    if values.iter().all(|&value| value < NUMBER_LIMIT) {
        Ok(())
    } else {
        Err(Malformed::Number)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

/// Path and query as they may stand in a request line (RFC 9112, section 3.2.1): a space or a line break would end it.
fn is_target(text: &str) -> bool {
    text.starts_with('/')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#')
}

/// A name as it may stand in a list of subprotocols (RFC 6455, section 4.1; RFC 9110, section 5.6.2).
/// Whether this is an attempt id: 6 to 16 of `[a-z0-9]`.
pub fn is_attempt(text: &str) -> bool {
    (6..=16).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn is_token(text: &str) -> bool {
    let is_separator = |byte| b"\"(),/:;<=>?@[\\]{}".contains(&byte);
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !is_separator(byte))
}

fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("strings and numbers always make JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::JSON_BYTES_MAX;

    fn attach() -> Attach {
        Attach {
            version: 1,
            proof: Proof::Fresh(Secret([7; 16])),
            generation: 1,
            in_use: true,
            received: 0,
            window: 262_144,
            target: "/chat?room=%C3%A9\"".to_owned(),
            protocols: vec!["one".to_owned()],
            authorization: None,
            attempt: None,
        }
    }

    #[test]
    fn attempt_ids_are_short_and_plain() {
        for good in ["4f9k2m", "abcdefghijklmnop"] {
            assert!(is_attempt(good), "{good}");
        }
        for bad in [
            "",
            "4f9k2",
            "abcdefghijklmnopq",
            "4F9K2M",
            "4f9k2m ",
            "4f9k-2m",
            "ümlaut1",
        ] {
            assert!(!is_attempt(bad), "{bad}");
        }
    }

    #[test]
    fn nothing_in_an_attach_can_add_a_line_to_a_request() {
        let with = |change: &dyn Fn(&mut Attach)| {
            let mut attach = attach();
            change(&mut attach);
            Attach::parse(&attach.json())
        };
        for target in [
            "",
            "chat",
            "/a b",
            "/a\r\nX: y",
            "/a#b",
            "/\u{e9}",
            "/\0",
            "http://a/",
        ] {
            let read = with(&|attach| attach.target = target.to_owned());
            assert_eq!(read, Err(Malformed::Json), "{target:?}");
        }
        for name in ["", "a b", "a,b", "x\r\nY: z", "\u{e9}", "a/b"] {
            let read = with(&|attach| attach.protocols = vec![name.to_owned()]);
            assert_eq!(read, Err(Malformed::Json), "{name:?}");
        }
        for value in ["", "Basic x\r\nZ: z", "Basic \u{e9}"] {
            let credentials = Credentials(value.to_owned());
            let read = with(&|attach| attach.authorization = Some(credentials.clone()));
            assert_eq!(read, Err(Malformed::Json), "{value:?}");
        }
    }

    #[test]
    fn bodies_come_back() {
        let fresh = attach();
        assert_eq!(Attach::parse(&fresh.json()), Ok(fresh.clone()));
        let later = Attach {
            proof: Proof::Token(Secret([9; 16])),
            authorization: Some(Credentials("Basic eDp5".to_owned())),
            attempt: None,
            ..fresh
        };
        assert_eq!(Attach::parse(&later.json()), Ok(later));
        let end = End {
            outcome: Some(Outcome::Stalled),
            retry: Some(3),
        };
        assert_eq!(End::parse(&end.json()), Ok(end));
        let opened = Opened {
            protocol: "one".to_owned(),
            extensions: String::new(),
            cookies: true,
        };
        assert_eq!(Opened::parse(&opened.json()), Ok(opened));
    }

    #[test]
    fn unknown_members_and_outcomes_are_taken() {
        let end = End::parse(br#"{"outcome": "later", "more": [1]}"#);
        assert_eq!(
            end,
            Ok(End {
                outcome: None,
                retry: None
            })
        );
    }

    #[test]
    fn an_attach_without_one_proof_is_malformed() {
        let text = String::from_utf8(attach().json()).unwrap();
        let secret = Secret([7; 16]).text();
        for spoiled in [
            text.replace("\"fresh\"", "\"other\""),
            text.replace(&secret, "short"),
            text.replace("\"generation\":1", "\"generation\":0"),
            text.replace("\"generation\":1", "\"generation\":9007199254740992"),
            text.replace("/chat", "chat"),
            text.replace(
                "{\"version\"",
                &format!("{{\"token\":\"{secret}\",\"version\""),
            ),
        ] {
            assert!(Attach::parse(spoiled.as_bytes()).is_err(), "{spoiled}");
        }
    }

    #[test]
    fn a_refusal_fits_however_large_the_answer_was() {
        let refused = Refused {
            status: 403,
            headers: (0..400)
                .map(|n| (format!("x-{n}"), "\u{1}".repeat(40)))
                .collect(),
            body: vec![1; 100_000],
            cookies: true,
        };
        let json = refused.json();
        assert!(json.len() <= JSON_BYTES_MAX);
        assert_eq!(Refused::parse(&json).unwrap().status, 403);
        let small = Refused {
            headers: vec![("a".to_owned(), "b".to_owned())],
            body: vec![0, 255],
            ..refused
        };
        assert_eq!(Refused::parse(&small.json()), Ok(small));
    }
}
