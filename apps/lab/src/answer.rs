//! Answers to HTTP/1 requests, written as text so that any of them can be wrong on purpose.
//!
//! Nothing here may decide which answer is due; faults and the stand-in origin do.

use std::fmt::Write as _;
use std::io;
use std::time::SystemTime;

use tokio::io::AsyncWriteExt;

use crate::request::Request;
use crate::stream::Stream;

/// One answer: status line, headers in order, body.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    states_length: bool,
}

impl Answer {
    /// An answer with an empty body.
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
            states_length: true,
        }
    }

    /// The correct 101 to a handshake.
    pub(crate) fn switching(request: &Request) -> Self {
        let key = request.header("sec-websocket-key").unwrap_or_default();
        Self::new(101)
            .header("Upgrade", "websocket")
            .header("Connection", "Upgrade")
            .header("Sec-WebSocket-Accept", &towpath_websocket::accept_key(key))
    }

    /// Adds a header behind the others.
    #[must_use]
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Removes all headers of this name.
    #[must_use]
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers
            .retain(|(own, _)| !own.eq_ignore_ascii_case(name));
        self
    }

    /// Leaves the length out, as the answer to a CONNECT does.
    #[must_use]
    pub(crate) fn unsized_body(mut self) -> Self {
        self.states_length = false;
        self
    }

    /// Adds the date of now.
    #[must_use]
    pub(crate) fn dated(self) -> Self {
        let now = httpdate::fmt_http_date(SystemTime::now());
        self.header("Date", &now)
    }

    /// Gives it a body of plain text.
    #[must_use]
    pub(crate) fn text(self, body: &str) -> Self {
        self.body("text/plain; charset=utf-8", body)
    }

    /// Gives it a body of HTML.
    #[must_use]
    pub(crate) fn html(self, body: &str) -> Self {
        self.body("text/html; charset=utf-8", body)
    }

    /// Gives it a body of JSON.
    #[must_use]
    pub(crate) fn json(self, body: &str) -> Self {
        self.body("application/json", body)
    }

    /// Gives it a body of any type.
    #[must_use]
    pub(crate) fn body(mut self, content_type: &str, body: &str) -> Self {
        body.clone_into(&mut self.body);
        self.header("Content-Type", content_type)
    }

    /// The bytes of head and body. The length is stated unless the status has no body or a header
    /// states it already.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            write!(text, "{name}: {value}\r\n").expect("a String takes everything");
        }
        let is_stated = self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if self.states_length && !is_stated && !matches!(self.status, 101 | 204 | 304) {
            write!(text, "Content-Length: {}\r\n", self.body.len()).expect("as above");
        }
        text.push_str("\r\n");
        text.push_str(&self.body);
        text.into_bytes()
    }

    /// Sends it.
    pub(crate) async fn write(&self, stream: &mut Stream) -> io::Result<()> {
        stream.write_all(&self.to_bytes()).await?;
        stream.flush().await
    }
}

/// The registered reason phrase.
fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|code| code.canonical_reason())
        .unwrap_or("Unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_stated_once() {
        let text = String::from_utf8(Answer::new(403).text("no").to_bytes()).unwrap();
        assert_eq!(
            text,
            "HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\nno"
        );
        let stated = Answer::new(200).header("content-length", "9").to_bytes();
        assert!(
            !String::from_utf8(stated)
                .unwrap()
                .contains("Content-Length: 0")
        );
    }

    #[test]
    fn a_switch_has_no_length() {
        let text = String::from_utf8(Answer::new(101).to_bytes()).unwrap();
        assert_eq!(text, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
    }
}
