//! The server's side: is this request a WebSocket handshake that may be answered with 101?

use super::{
    HandshakeDeviation as Deviation, RequestHead, check_body_headers, check_upgrade, elements,
    read_extensions, single,
};
use crate::deviation::Severity;
use crate::extension::{DeflateOffer, Extension, PERMESSAGE_DEFLATE, is_token};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// What a request asks for and everything that is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestReview {
    /// All deviations, in the order of the checks.
    pub deviations: Vec<Deviation>,
    /// `Sec-WebSocket-Key` as received, well formed or not; the accept is computed from this text.
    pub key: Option<String>,
    /// The subprotocols offered, in order.
    pub subprotocols: Vec<String>,
    /// The extensions offered, in order.
    pub extensions: Vec<Extension>,
    /// The offers of permessage-deflate that can be accepted, in order.
    pub deflate_offers: Vec<DeflateOffer>,
}

impl RequestReview {
    /// A server that keeps to RFC 6455 may answer with 101.
    pub fn may_be_accepted(&self) -> bool {
        self.deviations
            .iter()
            .all(|deviation| deviation.severity() < Severity::MustFail)
    }
}

/// Checks a request over HTTP/1.1 (RFC 6455 section 4.2.1).
pub fn check_request(head: &RequestHead<'_>) -> RequestReview {
    let mut review = RequestReview::default();
    let deviations = &mut review.deviations;
    if head.method != "GET" {
        deviations.push(Deviation::MethodNotGet {
            method: head.method.to_owned(),
        });
    }
    let (major, minor) = head.http_version;
    if (major, minor) < (1, 1) {
        deviations.push(Deviation::HttpVersionTooLow { major, minor });
    }
    match single(head.headers, "host") {
        (None, _) => deviations.push(Deviation::HostMissing),
        (Some(_), true) => deviations.push(Deviation::HostDuplicate),
        (Some(_), false) => {}
    }
    check_upgrade(head.headers, deviations);
    review.key = check_key(head, deviations);
    check_version(head, deviations);
    check_body_headers(head.headers, true, deviations);
    review.subprotocols = read_subprotocols(head, deviations);
    review.extensions = read_extensions(head.headers, deviations);
    for extension in review
        .extensions
        .iter()
        .filter(|candidate| candidate.name == PERMESSAGE_DEFLATE)
    {
        match DeflateOffer::parse(extension) {
            Ok(offer) => review.deflate_offers.push(offer),
            Err(problem) => {
                let name = extension.name.clone();
                deviations.push(Deviation::ExtensionParameters { name, problem });
            }
        }
    }
    review
}

fn check_key(head: &RequestHead<'_>, deviations: &mut Vec<Deviation>) -> Option<String> {
    let (key, repeated) = single(head.headers, "sec-websocket-key");
    let Some(key) = key else {
        deviations.push(Deviation::KeyMissing);
        return None;
    };
    if repeated {
        deviations.push(Deviation::KeyDuplicate);
    }
    // Clients exist that draw 22 letters at random; the bits beyond sixteen bytes do no harm.
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true);
    let decoded = GeneralPurpose::new(&alphabet::STANDARD, config).decode(key);
    if !decoded.is_ok_and(|bytes| bytes.len() == 16) {
        deviations.push(Deviation::KeyMalformed {
            value: key.to_owned(),
        });
    }
    Some(key.to_owned())
}

fn check_version(head: &RequestHead<'_>, deviations: &mut Vec<Deviation>) {
    let (version, repeated) = single(head.headers, "sec-websocket-version");
    if repeated {
        deviations.push(Deviation::VersionDuplicate);
    }
    match version {
        None => deviations.push(Deviation::VersionMissing),
        Some("13") => {}
        Some(value) => deviations.push(Deviation::VersionUnsupported {
            value: value.to_owned(),
        }),
    }
}

fn read_subprotocols(head: &RequestHead<'_>, deviations: &mut Vec<Deviation>) -> Vec<String> {
    let mut subprotocols: Vec<String> = Vec::new();
    for value in elements(head.headers, "sec-websocket-protocol").map(str::to_owned) {
        if !is_token(&value) {
            deviations.push(Deviation::SubprotocolMalformed { value });
        } else if subprotocols.contains(&value) {
            deviations.push(Deviation::SubprotocolRepeated { value });
        } else {
            subprotocols.push(value);
        }
    }
    subprotocols
}

#[cfg(test)]
mod tests;
