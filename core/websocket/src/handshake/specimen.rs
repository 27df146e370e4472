//! Correct handshake headers made wrong on purpose, one deviation at a time, for a fault lab.
//!
//! The status, the method and the HTTP version stand outside the headers and are the caller's to change.

use super::compose::header;

/// How a deviation is made out of correct headers.
enum Change {
    Remove,
    Repeat,
    Replace(&'static str),
    Add(&'static str),
}

/// Deviation, header, change.
const CHANGES: &[(&str, &str, Change)] = &[
    ("upgrade-missing", "Upgrade", Change::Remove),
    ("upgrade-duplicate", "Upgrade", Change::Repeat),
    ("upgrade-not-websocket", "Upgrade", Change::Replace("h2c")),
    ("connection-missing", "Connection", Change::Remove),
    (
        "connection-without-upgrade",
        "Connection",
        Change::Replace("close"),
    ),
    ("accept-missing", "Sec-WebSocket-Accept", Change::Remove),
    ("accept-duplicate", "Sec-WebSocket-Accept", Change::Repeat),
    (
        "accept-wrong",
        "Sec-WebSocket-Accept",
        Change::Replace("AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    ),
    (
        "subprotocol-missing",
        "Sec-WebSocket-Protocol",
        Change::Remove,
    ),
    (
        "subprotocol-not-offered",
        "Sec-WebSocket-Protocol",
        Change::Replace("not-offered.example"),
    ),
    (
        "subprotocol-duplicate",
        "Sec-WebSocket-Protocol",
        Change::Repeat,
    ),
    (
        "subprotocol-repeated",
        "Sec-WebSocket-Protocol",
        Change::Repeat,
    ),
    (
        "subprotocol-malformed",
        "Sec-WebSocket-Protocol",
        Change::Replace(""),
    ),
    (
        "extension-not-offered",
        "Sec-WebSocket-Extensions",
        Change::Replace("not-offered-example"),
    ),
    (
        "extension-duplicate",
        "Sec-WebSocket-Extensions",
        Change::Repeat,
    ),
    (
        "extension-parameters",
        "Sec-WebSocket-Extensions",
        Change::Replace("permessage-deflate; server_max_window_bits=99"),
    ),
    (
        "extensions-empty",
        "Sec-WebSocket-Extensions",
        Change::Replace(""),
    ),
    (
        "extensions-malformed",
        "Sec-WebSocket-Extensions",
        Change::Replace("permessage-deflate;="),
    ),
    ("body-header", "Transfer-Encoding", Change::Add("chunked")),
    ("host-missing", "Host", Change::Remove),
    ("host-duplicate", "Host", Change::Repeat),
    ("key-missing", "Sec-WebSocket-Key", Change::Remove),
    ("key-duplicate", "Sec-WebSocket-Key", Change::Repeat),
    (
        "key-malformed",
        "Sec-WebSocket-Key",
        Change::Replace("AAAA"),
    ),
    ("version-missing", "Sec-WebSocket-Version", Change::Remove),
    ("version-duplicate", "Sec-WebSocket-Version", Change::Repeat),
    (
        "version-unsupported",
        "Sec-WebSocket-Version",
        Change::Replace("8"),
    ),
];

/// The names that [`deviate`] knows, as [`super::HandshakeDeviation::as_str`] gives them.
pub fn header_deviations() -> impl Iterator<Item = &'static str> {
    CHANGES.iter().map(|(name, ..)| *name)
}

/// Changes correct headers of a request or a response so that they show the deviation `name`.
///
/// Gives `false` and changes nothing for other names. A header that stood more than once is treated as
/// one; a replaced header that was absent is added, a repeated one has to be there.
pub fn deviate(name: &str, headers: &mut Vec<(String, String)>) -> bool {
    let Some((_, target, change)) = CHANGES.iter().find(|(known, ..)| *known == name) else {
        return false;
    };
    let place = headers
        .iter()
        .position(|(candidate, _)| candidate.eq_ignore_ascii_case(target));
    match (change, place) {
        (Change::Remove, _) => {
            headers.retain(|(candidate, _)| !candidate.eq_ignore_ascii_case(target));
        }
        (Change::Repeat, Some(at)) => headers.insert(at, headers[at].clone()),
        (Change::Repeat, None) => return false,
        (Change::Replace(value), Some(at)) => (*value).clone_into(&mut headers[at].1),
        (Change::Replace(value) | Change::Add(value), _) => headers.push(header(target, value)),
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::{
        HandshakeDeviation, Offer, RequestHead, ResponseHead, check_request, check_response,
        request_headers, response_headers,
    };

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

    fn names(deviations: &[HandshakeDeviation]) -> Vec<&'static str> {
        deviations.iter().map(HandshakeDeviation::as_str).collect()
    }

    /// What the receivers of a request and of a response say of the deviation, where it can be shown.
    fn seen(name: &str) -> [Option<Vec<&'static str>>; 2] {
        let subprotocols = ["a".to_owned()];
        let extensions = "permessage-deflate";
        let offer = Offer {
            key: KEY,
            subprotocols: &subprotocols,
            extensions,
        };
        let mut request = request_headers("example.org", &offer);
        let mut response = response_headers(KEY, Some("a"), Some(extensions));
        let in_request = deviate(name, &mut request).then(|| {
            let head = RequestHead {
                method: "GET",
                http_version: (1, 1),
                headers: &request,
            };
            names(&check_request(&head).deviations)
        });
        let in_response = deviate(name, &mut response).then(|| {
            let head = ResponseHead {
                status: 101,
                headers: &response,
            };
            names(&check_response(&head, &offer).deviations)
        });
        [in_request, in_response]
    }

    #[test]
    fn each_change_is_recognised_by_one_side_at_least_and_as_nothing_else() {
        for name in header_deviations() {
            let [request, response] = seen(name);
            let expected = Some(vec![name]);
            assert!(
                request == expected || response == expected,
                "{name}: {request:?} {response:?}"
            );
        }
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let mut headers = vec![header("Host", "example.org")];
        assert!(!deviate("status-unexpected", &mut headers));
        assert!(!deviate("key-duplicate", &mut headers));
        assert_eq!(headers.len(), 1);
    }
}
