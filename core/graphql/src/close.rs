//! What a close code of the server means for the next attempt. It must never wait or try anything itself.

use serde::Serialize;

use crate::generation::Generation;

/// What is to be done after an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Try again, after a growing wait.
    Retry,
    /// Try again at the longest wait only. The server says that it failed by itself; the reference client gives up here, since the
    /// same is likely to happen again, but whoever runs for months outlives a faulty release.
    RetrySlowly,
    /// What was shown in `connection_init` is not taken (any more): try once with something new, then stop.
    Renew,
    /// The same attempt cannot end otherwise: stop.
    Fatal,
}

/// What follows from a close by the server. The code is 1005 where the close frame had none, 1006 where there was no close frame.
///
/// `graphql-transport-ws`: the lists of the reference client (codes 44xx of the protocol document, fatal for all of RFC 6455
/// section 7.4.1 but the passing ones), with two differences, each for a reason: 4401 and 4403 ask for a new token, since this client
/// never runs an operation before the acknowledgement; 1011 and 4500 are tried again slowly.
/// The older generation defines no codes of its own, so only the codes of RFC 6455 that blame the client are fatal there.
pub fn ending(generation: Generation, code: u16, reason: &str) -> Ending {
    match code {
        4401 | 4403 => Ending::Renew,
        4500 | 1011 => Ending::RetrySlowly,
        1000 | 1001 | 1005 | 1006 | 1012 | 1013 | 1014 => by_reason(reason),
        // A policy is where servers put what they think of a token.
        1008 => match by_reason(reason) {
            Ending::Renew => Ending::Renew,
            _ => Ending::Fatal,
        },
        4004 | 4005 | 4400 | 4406 | 4409 | 4429 if generation == Generation::TransportWs => {
            match by_reason(reason) {
                Ending::Renew => Ending::Renew,
                _ => Ending::Fatal,
            }
        }
        1002..=1015 => Ending::Fatal,
        _ => by_reason(reason),
    }
}

/// What a reason in words says about the token, whatever the code.
fn by_reason(reason: &str) -> Ending {
    let reason = reason.to_ascii_lowercase();
    if TOKEN_WORDS.iter().any(|word| reason.contains(word)) {
        Ending::Renew
    } else {
        Ending::Retry
    }
}

/// Words by which servers say that a token is not taken.
const TOKEN_WORDS: [&str; 6] = [
    "unauthorized",
    "unauthorised",
    "unauthenticated",
    "expired",
    "jwt",
    "invalid token",
];

/// What the codes are called, for sentences.
pub(crate) fn name(code: u16) -> Option<&'static str> {
    Some(match code {
        1000 => "normal closure",
        1001 => "going away",
        1005 => "no code given",
        1006 => "the connection was lost without a close",
        1008 => "policy violation",
        1009 => "message too big",
        1011 => "internal error",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        4400 => "bad message",
        4401 => "unauthorised",
        4403 => "forbidden",
        4406 => "subprotocol not acceptable",
        4408 => "connection_init came too late",
        4409 => "operation id already in use",
        4429 => "too many connection_init",
        4500 => "internal server error",
        4504 => "acknowledgement timeout",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current(code: u16) -> Ending {
        ending(Generation::TransportWs, code, "")
    }

    #[test]
    fn codes_that_pass_are_tried_again() {
        for code in [
            1000, 1001, 1005, 1006, 1012, 1013, 1014, 4408, 4504, 4999, 3000,
        ] {
            assert_eq!(current(code), Ending::Retry, "{code}");
        }
    }

    #[test]
    fn codes_that_blame_the_client_are_fatal() {
        for code in [
            1002, 1003, 1007, 1008, 1009, 1010, 1015, 4004, 4005, 4400, 4406, 4409, 4429,
        ] {
            assert_eq!(current(code), Ending::Fatal, "{code}");
        }
    }

    #[test]
    fn a_server_that_blames_itself_is_tried_slowly() {
        for generation in Generation::ALL {
            assert_eq!(ending(generation, 1011, ""), Ending::RetrySlowly);
            assert_eq!(ending(generation, 4500, ""), Ending::RetrySlowly);
        }
    }

    #[test]
    fn a_token_that_is_not_taken_is_renewed() {
        assert_eq!(current(4401), Ending::Renew);
        assert_eq!(current(4403), Ending::Renew);
        for code in [1000, 1008, 4400, 4999] {
            assert_eq!(
                ending(Generation::TransportWs, code, "Token has EXPIRED"),
                Ending::Renew,
                "{code}"
            );
        }
    }

    #[test]
    fn the_older_generation_has_no_codes_of_its_own() {
        for code in [4400, 4406, 4409, 4429, 1006] {
            assert_eq!(
                ending(Generation::Legacy, code, ""),
                Ending::Retry,
                "{code}"
            );
        }
        assert_eq!(ending(Generation::Legacy, 1002, ""), Ending::Fatal);
    }
}
