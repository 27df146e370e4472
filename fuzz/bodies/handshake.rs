//! Handshake heads: any headers can be judged, as request and as response, over HTTP/1.1 and over HTTP/2.

use towpath_websocket::{
    Offer, RequestHead, ResponseHead, check_connect_response, check_request, check_response,
};

/// Reads `data` as lines of `name: value` below a line with the status, then judges them from every side.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    let headers: Vec<(String, String)> = rest.lines().map(header).collect();
    let status = first.trim().parse().unwrap_or(101);
    let request = RequestHead {
        method: first,
        http_version: (1, 1),
        headers: &headers,
    };
    let review = check_request(&request);
    assert!(
        !review.deviations.is_empty() || review.may_be_accepted(),
        "a request without fault may be accepted"
    );
    let subprotocols = ["graphql-ws".to_owned(), "graphql-transport-ws".to_owned()];
    let offer = Offer {
        key: KEY,
        subprotocols: &subprotocols,
        extensions: "permessage-deflate",
    };
    let head = ResponseHead {
        status,
        headers: &headers,
    };
    let answer = check_response(&head, &offer);
    assert!(
        answer.opens() || !answer.opens_in_browser(),
        "browsers are at least as strict as the RFC"
    );
    assert!(
        !answer.opens() || status == 101,
        "only 101 opens over HTTP/1.1"
    );
    let answer = check_connect_response(&head, &offer);
    assert!(
        !answer.opens() || (200..300).contains(&status),
        "only success opens over HTTP/2"
    );
}

fn header(line: &str) -> (String, String) {
    let (name, value) = line.split_once(':').unwrap_or((line, ""));
    (name.to_owned(), value.trim().to_owned())
}

/// The example key of RFC 6455 section 1.3.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
