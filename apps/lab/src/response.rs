//! Heads of HTTP/1 responses on their way through a middlebox.
//!
//! Lines keep case and order except where the middlebox changes one on purpose.

use std::io;

use crate::request::{read_head, read_head_at_leisure};
use crate::stream::Stream;

/// The head of one response.
#[derive(Debug, Clone)]
pub(crate) struct Response {
    /// The status code; 0 where there is no readable one.
    pub(crate) status: u16,
    status_line: String,
    lines: Vec<String>,
}

impl Response {
    /// Reads one head. `None` if the peer left without a whole one.
    pub(crate) async fn read(stream: &mut Stream) -> io::Result<Option<Self>> {
        Ok(read_head(stream).await?.as_deref().map(Self::of))
    }

    /// The same for callers that limit the time themselves.
    pub(crate) async fn read_at_leisure(stream: &mut Stream) -> io::Result<Option<Self>> {
        Ok(read_head_at_leisure(stream).await?.as_deref().map(Self::of))
    }

    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text
            .split("\r\n")
            .filter(|line| !line.is_empty())
            .map(str::to_owned);
        let status_line = lines.next().unwrap_or_default();
        let status = status_line
            .split(' ')
            .nth(1)
            .and_then(|code| code.parse().ok())
            .unwrap_or(0);
        Self {
            status,
            status_line,
            lines: lines.collect(),
        }
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.lines
            .iter()
            .filter_map(|line| line.split_once(':'))
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// Answers in the name of another version of HTTP, for example `HTTP/1.0`.
    pub(crate) fn set_version(&mut self, version: &str) {
        if let Some((_, rest)) = self.status_line.split_once(' ') {
            self.status_line = format!("{version} {rest}");
        }
    }

    /// Removes all headers of this name.
    pub(crate) fn remove(&mut self, name: &str) {
        self.lines.retain(|line| {
            line.split(':')
                .next()
                .is_none_or(|own| !own.eq_ignore_ascii_case(name))
        });
    }

    /// Adds a header behind the others.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.lines.push(format!("{name}: {value}"));
    }

    /// Writes all header names in lower case, as some load balancers do.
    pub(crate) fn lower_case(&mut self) {
        for line in &mut self.lines {
            let end = line.find(':').unwrap_or(0);
            line[..end].make_ascii_lowercase();
        }
    }

    /// The bytes of this head.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("{}\r\n", self.status_line);
        for line in &self.lines {
            text.push_str(line);
            text.push_str("\r\n");
        }
        text.push_str("\r\n");
        text.into_bytes()
    }
}
