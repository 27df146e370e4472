use super::*;
use crate::recorder::blank_socket;

fn socket(response: Option<u16>, error: Option<&str>) -> SocketCapture {
    SocketCapture {
        response: response.map(|status| HandshakeResponse {
            status,
            reason: String::new(),
            headers: vec![("Server".into(), "a".into())],
            body_prefix: Vec::new(),
        }),
        error: error.map(str::to_owned),
        ..blank_socket("ws://a.example/", Opener::Page)
    }
}

#[test]
fn accepted_needs_a_status_that_opens_and_no_handshake_error() {
    let wrong_accept =
        "Error during WebSocket handshake: Incorrect 'Sec-WebSocket-Accept' header value";
    assert!(socket(Some(101), None).accepted());
    assert!(socket(Some(200), None).accepted(), "over HTTP/2");
    assert!(!socket(Some(403), None).accepted());
    assert!(!socket(None, None).accepted());
    assert!(!socket(Some(101), Some(wrong_accept)).accepted());
    let later = "A server must not mask any frames that it sends to the client.";
    assert!(
        socket(Some(101), Some(later)).accepted(),
        "an error after opening"
    );
}

#[test]
fn the_status_is_read_from_the_browsers_words_where_nothing_else_has_it() {
    let words = "Error during WebSocket handshake: Unexpected response code: 403";
    assert_eq!(socket(None, Some(words)).status(), Some(403));
    assert_eq!(socket(Some(502), Some(words)).status(), Some(502));
    assert_eq!(
        socket(None, Some("net::ERR_CONNECTION_RESET")).status(),
        None
    );
}

#[test]
fn headers_are_found_without_regard_to_case() {
    let response = socket(Some(101), None).response.expect("response");
    assert_eq!(response.header("SERVER"), Some("a"));
    assert_eq!(response.header("via"), None);
}
