//! The headers of a correct handshake, in the order browsers and common servers send them.
//!
//! Only what RFC 6455 asks for: cookies, origin and the rest are the caller's.

use super::{Offer, accept_key};

/// The handshake headers of a request with this offer, `Host` included.
pub fn request_headers(host: &str, offer: &Offer<'_>) -> Vec<(String, String)> {
    let mut headers = vec![
        header("Host", host),
        header("Connection", "Upgrade"),
        header("Upgrade", "websocket"),
        header("Sec-WebSocket-Version", "13"),
        header("Sec-WebSocket-Key", offer.key),
    ];
    if !offer.extensions.is_empty() {
        headers.push(header("Sec-WebSocket-Extensions", offer.extensions));
    }
    if !offer.subprotocols.is_empty() {
        headers.push(header(
            "Sec-WebSocket-Protocol",
            &offer.subprotocols.join(", "),
        ));
    }
    headers
}

/// The headers of a 101 to a request with this key.
pub fn response_headers(
    key: &str,
    subprotocol: Option<&str>,
    extensions: Option<&str>,
) -> Vec<(String, String)> {
    let mut headers = vec![
        header("Upgrade", "websocket"),
        header("Connection", "Upgrade"),
        header("Sec-WebSocket-Accept", &accept_key(key)),
    ];
    headers.extend(subprotocol.map(|value| header("Sec-WebSocket-Protocol", value)));
    headers.extend(extensions.map(|value| header("Sec-WebSocket-Extensions", value)));
    headers
}

pub(super) fn header(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handshake::{RequestHead, ResponseHead, check_request, check_response};

    #[test]
    fn what_is_composed_has_no_deviation() {
        let subprotocols = ["a".to_owned(), "b".to_owned()];
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let extensions = "permessage-deflate; client_max_window_bits";
        let offer = Offer {
            key,
            subprotocols: &subprotocols,
            extensions,
        };
        let headers = request_headers("example.org", &offer);
        let review = check_request(&RequestHead {
            method: "GET",
            http_version: (1, 1),
            headers: &headers,
        });
        assert_eq!(review.deviations, []);
        let answer = review.deflate_offers[0]
            .answer_without_takeover()
            .expect("15 bits are offered");
        let headers = response_headers(key, Some("b"), Some(&answer.to_string()));
        let acceptance = check_response(
            &ResponseHead {
                status: 101,
                headers: &headers,
            },
            &offer,
        );
        assert_eq!(acceptance.deviations, []);
        assert_eq!(acceptance.deflate, Some(answer));
    }
}
