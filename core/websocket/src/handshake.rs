//! The opening handshake: keys, and checks that return every deviation instead of the first one
//! (RFC 6455 section 4, RFC 8441 section 5).
//!
//! The checks look at a finished head that some HTTP library has read; this module parses no HTTP and
//! sends none. It says what deviates, never who caused it.

mod compose;
mod deviation;
mod request;
mod response;
mod specimen;

pub use compose::{request_headers, response_headers};
pub use deviation::HandshakeDeviation;
pub use request::{RequestReview, check_request};
pub use response::{Acceptance, check_connect_response, check_response};
pub use specimen::{deviate, header_deviations};

use crate::extension::Extension;
use crate::handshake::HandshakeDeviation as Deviation;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a server appends to the key before it digests it (RFC 6455 section 1.3).
const ACCEPT_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A response head as received: header names in any case, in order, repeated ones repeated.
#[derive(Clone, Copy, Debug)]
pub struct ResponseHead<'a> {
    /// The status code.
    pub status: u16,
    /// Names and values in order.
    pub headers: &'a [(String, String)],
}

/// A request head as received.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    /// The method in its own case.
    pub method: &'a str,
    /// Major and minor HTTP version.
    pub http_version: (u8, u8),
    /// Names and values in order.
    pub headers: &'a [(String, String)],
}

/// What the client put into its request, against which an answer is checked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offer<'a> {
    /// `Sec-WebSocket-Key` as sent. Unused for HTTP/2.
    pub key: &'a str,
    /// The subprotocols in order of preference.
    pub subprotocols: &'a [String],
    /// `Sec-WebSocket-Extensions` as sent; empty where none was.
    pub extensions: &'a str,
}

/// `Sec-WebSocket-Accept` for a key, whatever the key is.
pub fn accept_key(key: &str) -> String {
    let mut digest = sha1_smol::Sha1::new();
    digest.update(key.as_bytes());
    digest.update(ACCEPT_SUFFIX.as_bytes());
    STANDARD.encode(digest.digest().bytes())
}

/// `Sec-WebSocket-Key` from sixteen random bytes, which the caller draws anew for each attempt.
pub fn key_from(random: [u8; 16]) -> String {
    STANDARD.encode(random)
}

/// All values of a header, trimmed, in order.
fn values<'a>(
    headers: &'a [(String, String)],
    name: &'a str,
) -> impl Iterator<Item = &'a str> + 'a {
    headers
        .iter()
        .filter(move |(candidate, _)| candidate.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim_matches([' ', '\t']))
}

/// The first value of a header that may stand once, and whether it stands more often.
fn single<'a>(headers: &'a [(String, String)], name: &'a str) -> (Option<&'a str>, bool) {
    let mut found = values(headers, name);
    (found.next(), found.next().is_some())
}

/// The elements of a comma-separated header, over all its lines, without empty ones.
fn elements<'a>(headers: &'a [(String, String)], name: &'a str) -> impl Iterator<Item = &'a str> {
    values(headers, name)
        .flat_map(|value| value.split(','))
        .map(|element| element.trim_matches([' ', '\t']))
        .filter(|element| !element.is_empty())
}

/// `Upgrade` and `Connection` as both directions need them.
fn check_upgrade(headers: &[(String, String)], deviations: &mut Vec<Deviation>) {
    match single(headers, "upgrade") {
        (None, _) => deviations.push(Deviation::UpgradeMissing),
        (Some(value), repeated) => {
            if repeated {
                deviations.push(Deviation::UpgradeDuplicate);
            }
            if !elements(headers, "upgrade").any(|name| name.eq_ignore_ascii_case("websocket")) {
                deviations.push(Deviation::UpgradeNotWebsocket {
                    value: value.to_owned(),
                });
            }
        }
    }
    let connection: Vec<&str> = elements(headers, "connection").collect();
    if values(headers, "connection").next().is_none() {
        deviations.push(Deviation::ConnectionMissing);
    } else if !connection
        .iter()
        .any(|option| option.eq_ignore_ascii_case("upgrade"))
    {
        deviations.push(Deviation::ConnectionWithoutUpgrade {
            value: connection.join(", "),
        });
    }
}

/// Headers that speak of a body, which neither side of a handshake has.
///
/// A request may say that its body is empty; a 1xx response must not even say that (RFC 9110 section 8.6).
fn check_body_headers(
    headers: &[(String, String)],
    empty_length_allowed: bool,
    deviations: &mut Vec<Deviation>,
) {
    for name in ["content-length", "transfer-encoding", "content-encoding"] {
        for value in values(headers, name) {
            let says_empty = name == "content-length" && value == "0";
            if !(says_empty && empty_length_allowed) {
                let (name, value) = (name.to_owned(), value.to_owned());
                deviations.push(Deviation::BodyHeader { name, value });
            }
        }
    }
}

/// All extension elements; unreadable or empty headers become deviations.
fn read_extensions(
    headers: &[(String, String)],
    deviations: &mut Vec<Deviation>,
) -> Vec<Extension> {
    let mut extensions = Vec::new();
    for value in values(headers, "sec-websocket-extensions") {
        match crate::extension::parse_extensions(value) {
            Ok(read) if read.is_empty() => deviations.push(Deviation::ExtensionsEmpty),
            Ok(read) => extensions.extend(read),
            Err(error) => {
                let value = value.to_owned();
                deviations.push(Deviation::ExtensionsMalformed {
                    value,
                    at: error.at,
                });
            }
        }
    }
    extensions
}

#[cfg(test)]
mod tests {
    use super::{accept_key, key_from};

    #[test]
    fn the_rfc_example_key_has_its_accept() {
        assert_eq!(key_from(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(
            accept_key("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }
}
