//! Answers to the requests of sessions: heads that no hop should keep, and the short bodies.

use bytes::Bytes;
use http::header::{ALLOW, HeaderValue};
use http::{Response, StatusCode};
use towpath_session::body::End;
use towpath_session::{Envelope, Outcome};
use towpath_transport::server::{COMPLETE_CONTENT_TYPE, HttpTransport, set_headers};

use super::downlink::Downlink;
use crate::body::{self, Body};

/// An answer that says nothing of a session's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Plain {
    /// 200 and no body: the request is late.
    Empty,
    /// A later attachment is in use.
    Superseded(u64),
    /// The session is over, with the seconds to wait before a new one.
    End(Outcome, Option<u64>),
    /// Not understood or not allowed.
    Status(StatusCode),
}

/// The answer in the form of the transport.
pub(super) fn plain(plain: Plain, transport: HttpTransport) -> Response<Body> {
    let mut envelopes = Vec::new();
    match plain {
        Plain::Empty => {}
        Plain::Superseded(generation) => {
            Envelope::Superseded { generation }.encode(&mut envelopes);
        }
        Plain::End(outcome, retry) => write_end(outcome, retry, &mut envelopes),
        Plain::Status(code) => return status(code),
    }
    let mut bytes = Vec::new();
    transport.encode(&envelopes, &mut bytes);
    complete(transport, bytes.into())
}

/// A complete answer of a transport, its body already in the transport's form.
pub(super) fn complete(transport: HttpTransport, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(body::full(bytes));
    set_headers(response.headers_mut(), transport.content_type());
    response
}

/// An answer that goes on.
pub(super) fn streaming(transport: HttpTransport, downlink: Downlink) -> Response<Body> {
    let mut response = Response::new(body::boxed(downlink));
    set_headers(response.headers_mut(), transport.content_type());
    response
}

/// A bare status.
pub(super) fn status(code: StatusCode) -> Response<Body> {
    let mut response = Response::new(body::empty());
    *response.status_mut() = code;
    set_headers(response.headers_mut(), COMPLETE_CONTENT_TYPE);
    response
}

/// To any method but POST.
pub(super) fn only_post() -> Response<Body> {
    let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
    let headers = response.headers_mut();
    headers.insert(ALLOW, HeaderValue::from_static("POST"));
    response
}

/// Appends the `end` of an outcome.
pub(super) fn write_end(outcome: Outcome, retry: Option<u64>, out: &mut Vec<u8>) {
    let end = End {
        outcome: Some(outcome),
        retry,
    };
    Envelope::End(&end.json()).encode(out);
}
