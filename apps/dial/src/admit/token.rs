//! The access token in a request: found, compared, and taken out.
//!
//! It must never be left in a head that goes on to the remote.

use crate::access::AccessToken;
use crate::head::Head;

/// The subprotocol that carried a token.
pub(super) struct Carrier {
    pub(super) name: Option<String>,
    /// Whether it is the token that is wanted.
    pub(super) is_known: bool,
}

/// Takes `Authorization: Bearer TOKEN` out; whether it was there. Other credentials are the remote's.
pub(super) fn take_bearer(head: &mut Head, token: Option<&AccessToken>) -> bool {
    let Some(token) = token else {
        return false;
    };
    let before = head.headers.len();
    head.headers.retain(|(name, value)| {
        let secret = value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        !name.eq_ignore_ascii_case("authorization")
            || secret.is_none_or(|(_, secret)| !token.is(secret.trim().as_bytes()))
    });
    head.headers.len() < before
}

/// Takes every subprotocol out that carries a token, whosever it is: a client may be set up for an endpoint with a token
/// and meet one without.
pub(super) fn take_subprotocol(head: &mut Head, token: Option<&AccessToken>) -> Carrier {
    let mut carrier = Carrier {
        name: None,
        is_known: false,
    };
    for name in head.elements(SUBPROTOCOL) {
        let Some(secret) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let is_known = token.is_some_and(|token| token.is(secret.as_bytes()));
        if carrier.name.is_none() || is_known {
            carrier.name = Some(name.to_owned());
        }
        carrier.is_known |= is_known;
    }
    if carrier.name.is_some() {
        remove(head);
    }
    carrier
}

fn remove(head: &mut Head) {
    for (name, value) in &mut head.headers {
        if name.eq_ignore_ascii_case(SUBPROTOCOL) {
            let others = value.split(',').map(str::trim);
            let others: Vec<&str> = others.filter(|name| !name.starts_with(PREFIX)).collect();
            *value = others.join(", ");
        }
    }
    head.headers
        .retain(|(name, value)| !(value.is_empty() && name.eq_ignore_ascii_case(SUBPROTOCOL)));
}

const SUBPROTOCOL: &str = "sec-websocket-protocol";

/// A subprotocol with this beginning carries an access token, for clients that cannot set a header.
const PREFIX: &str = "towpath.token.";
