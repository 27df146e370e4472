//! Header lists in the three forms in which the browser tells them.

use serde_json::Value;

use crate::record::HandshakeResponse;

/// From a JSON object, which has no order and joins repeated headers with a line break.
pub(crate) fn from_object(object: &Value) -> Vec<(String, String)> {
    let fields = object.as_object().into_iter().flatten();
    fields
        .flat_map(|(name, value)| {
            let values = value.as_str().unwrap_or_default().split('\n');
            values.map(move |value| (name.clone(), value.to_owned()))
        })
        .take(HEADERS_MAX)
        .collect()
}

/// From a message head as text; its first line is left out.
pub(crate) fn from_text(head: &str) -> Vec<(String, String)> {
    from_lines(head.lines().skip(1))
}

/// From lines of `Name: value`. Names of HTTP/2 pseudo headers keep their colon. Other lines are left out.
pub(crate) fn from_lines<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    lines
        .filter_map(|line| {
            let name_end = line.get(1..)?.find(':')? + 1;
            let (name, value) = line.split_at(name_end);
            Some((name.to_owned(), value[1..].trim().to_owned()))
        })
        .take(HEADERS_MAX)
        .collect()
}

/// An HTTP/1 answer from the bytes on the wire; `None` while its head is incomplete or not HTTP.
pub(crate) fn response_from_wire(
    bytes: &[u8],
    body_prefix_bytes: usize,
) -> Option<HandshakeResponse> {
    let head_end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..head_end]);
    let (status, reason) = status_line(head.lines().next()?)?;
    let body = &bytes[head_end + 4..];
    Some(HandshakeResponse {
        status,
        reason,
        headers: from_text(&head),
        body_prefix: body[..body.len().min(body_prefix_bytes)].to_vec(),
    })
}

/// Status and reason of a line like `HTTP/1.1 403 Forbidden`.
pub(crate) fn status_line(line: &str) -> Option<(u16, String)> {
    let rest = line.strip_prefix("HTTP/")?.split_once(' ')?.1;
    let (status, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((status.trim().parse().ok()?, reason.trim().to_owned()))
}

const HEADERS_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn an_objects_repeated_headers_are_separated() {
        let headers = from_object(&json!({ "Set-Cookie": "a=1\nb=2" }));
        assert_eq!(
            headers,
            [pair("Set-Cookie", "a=1"), pair("Set-Cookie", "b=2")]
        );
    }

    #[test]
    fn a_text_keeps_order_and_values_with_colons() {
        let headers = from_text("GET / HTTP/1.1\r\nHost: a:81\r\nEmpty:\r\nnonsense\r\n\r\n");
        assert_eq!(headers, [pair("Host", "a:81"), pair("Empty", "")]);
    }

    #[test]
    fn pseudo_headers_keep_their_colon() {
        let headers = from_lines([":method: CONNECT", ":path: /a:b", ":", ""].into_iter());
        assert_eq!(headers, [pair(":method", "CONNECT"), pair(":path", "/a:b")]);
    }

    #[test]
    fn an_answer_on_the_wire_is_taken_apart() {
        let wire = b"HTTP/1.1 403 Not Here\r\nServer: gate\r\n\r\nsorry, no";
        let response = response_from_wire(wire, 5).expect("complete");
        assert_eq!(
            (response.status, response.reason.as_str()),
            (403, "Not Here")
        );
        assert_eq!(response.header("server"), Some("gate"));
        assert_eq!(response.body_prefix, b"sorry");
    }

    #[test]
    fn what_is_no_complete_answer_is_none() {
        assert_eq!(
            response_from_wire(b"HTTP/1.1 403 Forbidden\r\nServer: g", 5),
            None
        );
        assert_eq!(response_from_wire(b"SSH-2.0-x\r\n\r\n", 5), None);
        assert_eq!(response_from_wire(b"", 5), None);
    }

    proptest! {
        #[test]
        fn no_bytes_of_a_server_can_break_the_parsing(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            lines in proptest::collection::vec(".{0,20}(\r\n|\n|: ?)", 0..8),
        ) {
            let _ = response_from_wire(&bytes, 8);
            let head = format!("HTTP/1.1 200 x\r\n{}\r\n\r\nrest", lines.concat());
            let response = response_from_wire(head.as_bytes(), 8).expect("the head is complete");
            prop_assert!(response.headers.len() <= HEADERS_MAX);
            prop_assert!(response.body_prefix.len() <= 8);
        }
    }

    #[test]
    fn a_status_line_may_lack_its_reason() {
        assert_eq!(status_line("HTTP/1.1 200"), Some((200, String::new())));
        assert_eq!(status_line("HTTP/1.1 abc"), None);
    }
}
