//! The client's side: does this response open the connection that was asked for?

use super::{
    HandshakeDeviation as Deviation, Offer, ResponseHead, accept_key, check_body_headers,
    check_upgrade, read_extensions, single, values,
};
use crate::deviation::Severity;
use crate::extension::{
    DeflateOffer, DeflateParameters, Extension, PERMESSAGE_DEFLATE, parse_extensions,
};

/// What a response says and everything that is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acceptance {
    /// All deviations, in the order of the checks.
    pub deviations: Vec<Deviation>,
    /// The subprotocol the server named first, offered or not.
    pub subprotocol: Option<String>,
    /// The compression agreed on; `None` where there is none or it is not acceptable.
    pub deflate: Option<DeflateParameters>,
    /// All extensions the server named, offered or not.
    pub extensions: Vec<Extension>,
}

impl Acceptance {
    /// A client that keeps to RFC 6455 opens the connection.
    pub fn opens(&self) -> bool {
        self.worst() < Some(Severity::MustFail)
    }

    /// A browser opens the connection.
    pub fn opens_in_browser(&self) -> bool {
        self.worst() < Some(Severity::BrowsersFail)
    }

    fn worst(&self) -> Option<Severity> {
        self.deviations.iter().map(Deviation::severity).max()
    }
}

/// Checks a response over HTTP/1.1 (RFC 6455 section 4.1).
///
/// The rules for headers concern a 101 only, so a refusal gives one deviation. A response that carries
/// an accept under another status is checked in full, since a hop may have changed the status.
pub fn check_response(head: &ResponseHead<'_>, offer: &Offer<'_>) -> Acceptance {
    let mut acceptance = Acceptance::default();
    let deviations = &mut acceptance.deviations;
    let (accept, accept_repeated) = single(head.headers, "sec-websocket-accept");
    if head.status != 101 {
        deviations.push(Deviation::StatusUnexpected {
            status: head.status,
            expected: 101,
        });
        if accept.is_none() {
            return acceptance;
        }
    }
    check_upgrade(head.headers, deviations);
    match accept {
        None => deviations.push(Deviation::AcceptMissing),
        Some(received) => {
            if accept_repeated {
                deviations.push(Deviation::AcceptDuplicate);
            }
            let expected = accept_key(offer.key);
            if received != expected {
                let received = received.to_owned();
                deviations.push(Deviation::AcceptWrong { expected, received });
            }
        }
    }
    if head.status == 101 {
        check_body_headers(head.headers, false, deviations);
    }
    check_subprotocol(head, offer, &mut acceptance);
    check_extensions(head, offer, &mut acceptance);
    acceptance
}

/// Checks a response to an extended CONNECT over HTTP/2 (RFC 8441 section 5): no key, no upgrade.
pub fn check_connect_response(head: &ResponseHead<'_>, offer: &Offer<'_>) -> Acceptance {
    let mut acceptance = Acceptance::default();
    if !(200..300).contains(&head.status) {
        let deviation = Deviation::StatusUnexpected {
            status: head.status,
            expected: 200,
        };
        acceptance.deviations.push(deviation);
        return acceptance;
    }
    check_subprotocol(head, offer, &mut acceptance);
    check_extensions(head, offer, &mut acceptance);
    acceptance
}

fn check_subprotocol(head: &ResponseHead<'_>, offer: &Offer<'_>, acceptance: &mut Acceptance) {
    let deviations = &mut acceptance.deviations;
    let mut named = values(head.headers, "sec-websocket-protocol");
    let Some(first) = named.next() else {
        if !offer.subprotocols.is_empty() {
            deviations.push(Deviation::SubprotocolMissing);
        }
        return;
    };
    let mut choices = first.split(',').map(str::trim);
    let choice = choices.next().unwrap_or_default().to_owned();
    if choices.next().is_some() || named.next().is_some() {
        deviations.push(Deviation::SubprotocolDuplicate);
    }
    if choice.is_empty() {
        deviations.push(Deviation::SubprotocolMalformed { value: choice });
        return;
    }
    if !offer.subprotocols.contains(&choice) {
        deviations.push(Deviation::SubprotocolNotOffered {
            value: choice.clone(),
        });
    }
    acceptance.subprotocol = Some(choice);
}

fn check_extensions(head: &ResponseHead<'_>, offer: &Offer<'_>, acceptance: &mut Acceptance) {
    let deviations = &mut acceptance.deviations;
    let answered = read_extensions(head.headers, deviations);
    let offered = parse_extensions(offer.extensions).unwrap_or_default();
    for (at, extension) in answered.iter().enumerate() {
        let name = extension.name.clone();
        if answered[..at].iter().any(|earlier| earlier.name == name) {
            deviations.push(Deviation::ExtensionDuplicate { name });
        } else if !offered.iter().any(|candidate| candidate.name == name) {
            deviations.push(Deviation::ExtensionNotOffered { name });
        } else if name == PERMESSAGE_DEFLATE {
            match agree_on_deflate(&offered, extension) {
                Ok(parameters) => acceptance.deflate = Some(parameters),
                Err(deviation) => deviations.push(deviation),
            }
        }
    }
    acceptance.extensions = answered;
}

/// A client may offer several sets of parameters; the answer has to fit one of them.
fn agree_on_deflate(
    offered: &[Extension],
    answer: &Extension,
) -> Result<DeflateParameters, Deviation> {
    let mut last = None;
    for candidate in offered
        .iter()
        .filter(|candidate| candidate.name == PERMESSAGE_DEFLATE)
    {
        match DeflateOffer::parse(candidate).and_then(|offer| offer.check_answer(answer)) {
            Ok(parameters) => return Ok(parameters),
            Err(problem) => last = Some(problem),
        }
    }
    let name = answer.name.clone();
    Err(match last {
        Some(problem) => Deviation::ExtensionParameters { name, problem },
        None => Deviation::ExtensionNotOffered { name },
    })
}

#[cfg(test)]
mod tests;
