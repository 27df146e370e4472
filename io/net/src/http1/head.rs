//! Response heads.
//!
//! It decides as early as it can whether bytes are HTTP at all, so that a peer that speaks first
//! and then waits is not called silent.

use towpath_diagnosis::observation::{Failure, Header};

use crate::failure;
use crate::limits::Limits;

/// What every response of HTTP/1 begins with (RFC 9112 section 4).
const BEGINNING: &[u8] = b"HTTP/";

/// A complete response head.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) status: u16,
    pub(super) reason: String,
    pub(super) version: String,
    pub(super) headers: Vec<Header>,
}

/// The head at the beginning of `bytes` and its length; nothing while it is incomplete.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<Option<(Parsed, usize)>, Failure> {
    let not_http = || Failure::NotHttp {
        first_bytes: failure::printable(bytes),
    };
    let shown = bytes.len().min(BEGINNING.len());
    if bytes[..shown] != BEGINNING[..shown] {
        return Err(not_http());
    }
    let mut lines = vec![httparse::EMPTY_HEADER; limits.headers_max];
    let mut response = httparse::Response::new(&mut lines);
    let mut config = httparse::ParserConfig::default();
    config
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true);
    let length = match config.parse_response(&mut response, bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(Failure::TooLarge {
                limit_bytes: limits.head_bytes_max as u64,
            });
        }
        Err(_) => return Err(not_http()),
    };
    let headers = response
        .headers
        .iter()
        .map(|line| Header {
            name: line.name.to_owned(),
            value: String::from_utf8_lossy(line.value).trim().to_owned(),
        })
        .collect();
    let parsed = Parsed {
        status: response.code.unwrap_or_default(),
        reason: response.reason.unwrap_or_default().to_owned(),
        version: format!("HTTP/1.{}", response.version.unwrap_or(1)),
        headers,
    };
    Ok(Some((parsed, length)))
}
