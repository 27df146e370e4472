//! Where the body of a message ends (RFC 9112 section 6). The bytes themselves are left as they came.

use crate::request::Request;
use crate::response::Response;

/// How far a body has been followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes are still to come.
    Length(u64),
    /// Chunked; where in it we are.
    Chunked(Chunked),
    /// The body ends with the connection.
    UntilClose,
}

/// A place in a chunked body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Chunked {
    /// In the line that states a chunk's size.
    Size(Vec<u8>),
    /// In a chunk and the line end behind it: so many bytes are to come.
    Data(u64),
    /// In the trailer; the line so far.
    Trailer(Vec<u8>),
    Done,
}

impl Framing {
    /// The body of a request.
    pub(super) fn of_request(request: &Request) -> Self {
        if request.lists("transfer-encoding", "chunked") {
            return Self::chunked();
        }
        let length = request.header("content-length");
        Self::Length(length.and_then(|length| length.parse().ok()).unwrap_or(0))
    }

    /// The body of the answer to a request with this method.
    pub(super) fn of_response(method: &str, response: &Response) -> Self {
        if method == "HEAD" || matches!(response.status, 100..=199 | 204 | 304) {
            return Self::Length(0);
        }
        let is_chunked = response
            .header("transfer-encoding")
            .is_some_and(|coding| coding.to_ascii_lowercase().contains("chunked"));
        if is_chunked {
            return Self::chunked();
        }
        match response
            .header("content-length")
            .and_then(|length| length.parse().ok())
        {
            Some(length) => Self::Length(length),
            None => Self::UntilClose,
        }
    }

    fn chunked() -> Self {
        Self::Chunked(Chunked::Size(Vec::new()))
    }

    /// Whether the body is complete.
    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Length(0) | Self::Chunked(Chunked::Done))
    }

    /// Follows these bytes; returns how many of them belong to the body.
    pub(super) fn follow(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::UntilClose => bytes.len(),
            Self::Length(left) => take(left, bytes.len()),
            Self::Chunked(place) => {
                let mut used = 0;
                while used < bytes.len() && *place != Chunked::Done {
                    used += place.follow(&bytes[used..]);
                }
                used
            }
        }
    }
}

impl Chunked {
    /// Follows at least one byte.
    fn follow(&mut self, bytes: &[u8]) -> usize {
        match self {
            Self::Done => 0,
            Self::Data(left) => {
                let used = take(left, bytes.len());
                if *left == 0 {
                    *self = Self::Size(Vec::new());
                }
                used
            }
            Self::Size(line) => {
                line.push(bytes[0]);
                if line.ends_with(b"\n") || line.len() > LINE_BYTES_MAX {
                    *self = match size_of(line) {
                        Some(0) => Self::Trailer(Vec::new()),
                        Some(size) => Self::Data(size.saturating_add(2)),
                        // What cannot be followed ends here; the client will complain.
                        None => Self::Done,
                    };
                }
                1
            }
            Self::Trailer(line) => {
                line.push(bytes[0]);
                if line.as_slice() == b"\r\n" || line.len() > LINE_BYTES_MAX {
                    *self = Self::Done;
                } else if line.ends_with(b"\n") {
                    line.clear();
                }
                1
            }
        }
    }
}

fn take(left: &mut u64, offered: usize) -> usize {
    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(offered);
    *left -= taken as u64;
    taken
}

fn size_of(line: &[u8]) -> Option<u64> {
    let digits = line
        .split(|byte| matches!(byte, b';' | b'\r' | b'\n'))
        .next()?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?.trim(), 16).ok()
}

/// The longest line of a chunked body that is followed.
const LINE_BYTES_MAX: usize = 8 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_ends_behind_its_trailer_however_it_is_split() {
        let body = b"5;x=y\r\nhello\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n";
        let next = b"HTTP/1.1 200 OK";
        let all = [body.as_slice(), next].concat();
        for size in [1, 2, 7, all.len()] {
            let mut framing = Framing::chunked();
            let mut used = 0;
            for piece in all.chunks(size) {
                if framing.is_done() {
                    break;
                }
                used += framing.follow(piece);
            }
            assert_eq!(
                (used, framing.is_done()),
                (body.len(), true),
                "pieces of {size}"
            );
        }
    }

    #[test]
    fn a_stated_length_ends_the_body() {
        let mut framing = Framing::Length(3);
        assert_eq!(framing.follow(b"ab"), 2);
        assert!(!framing.is_done());
        assert_eq!(framing.follow(b"cd"), 1);
        assert!(framing.is_done());
    }
}
