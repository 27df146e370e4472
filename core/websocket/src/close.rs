//! Close codes, and the payload of a close frame (RFC 6455 sections 5.5.1 and 7.4).
//!
//! The table says what a code means in the RFC and the registry. What a private code means to one
//! library is not known here.

use crate::deviation::FrameDeviation;
use std::fmt;

/// The longest reason that fits a close frame beside its code, in bytes.
pub const REASON_BYTES_MAX: usize = 123;

/// The number that says why a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(pub u16);

/// Code, name and meaning of every registered code.
const CODES: &[(u16, &str, &str)] = &[
    (1000, "normal", "the purpose of the connection is fulfilled"),
    (1001, "going-away", "the server stops or the page is left"),
    (1002, "protocol-error", "the other side broke the protocol"),
    (
        1003,
        "unsupported-data",
        "this kind of message is not accepted here",
    ),
    (1004, "reserved", "reserved, never given a meaning"),
    (
        1005,
        "no-status",
        "the close frame carried no code; never sent, only reported locally",
    ),
    (
        1006,
        "abnormal",
        "the connection ended without a close frame; never sent, only reported locally",
    ),
    (
        1007,
        "invalid-payload",
        "the content did not fit its kind, for example text that is not UTF-8",
    ),
    (
        1008,
        "policy-violation",
        "a rule of the endpoint was broken",
    ),
    (
        1009,
        "too-big",
        "a message was larger than the endpoint accepts",
    ),
    (
        1010,
        "extension-required",
        "the client needs an extension that the server did not agree to",
    ),
    (
        1011,
        "internal-error",
        "the server met an unexpected condition",
    ),
    (
        1012,
        "service-restart",
        "the server restarts; reconnect after a random delay",
    ),
    (
        1013,
        "try-again-later",
        "the server is overloaded or cannot serve now",
    ),
    (
        1014,
        "bad-gateway",
        "a gateway got an invalid answer from the server behind it",
    ),
    (
        1015,
        "tls-handshake",
        "the TLS handshake failed; never sent, only reported locally",
    ),
];

impl CloseCode {
    /// 1000.
    pub const NORMAL: Self = Self(1000);
    /// 1001.
    pub const GOING_AWAY: Self = Self(1001);
    /// 1002.
    pub const PROTOCOL_ERROR: Self = Self(1002);
    /// 1005, what an endpoint reports for a close frame without a code.
    pub const NO_STATUS: Self = Self(1005);
    /// 1006, what an endpoint reports when no close frame came.
    pub const ABNORMAL: Self = Self(1006);
    /// 1007.
    pub const INVALID_PAYLOAD: Self = Self(1007);
    /// 1009.
    pub const TOO_BIG: Self = Self(1009);
    /// 1011.
    pub const INTERNAL_ERROR: Self = Self(1011);

    /// A stable name in kebab case; codes outside the registry are named by their range.
    pub fn name(self) -> &'static str {
        match CODES.iter().find(|(code, ..)| *code == self.0) {
            Some((_, name, _)) => name,
            None => self.range().0,
        }
    }

    /// What the code says, in a phrase.
    pub fn meaning(self) -> &'static str {
        match CODES.iter().find(|(code, ..)| *code == self.0) {
            Some((_, _, meaning)) => meaning,
            None => self.range().1,
        }
    }

    /// A close frame may carry it: 1000 to 1003, 1007 to 1014, 3000 to 4999.
    pub fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }

    /// An endpoint makes it up for its own application; it is never on the wire.
    pub fn is_local_only(self) -> bool {
        matches!(self.0, 1005 | 1006 | 1015)
    }

    fn range(self) -> (&'static str, &'static str) {
        match self.0 {
            0..=999 => ("unused", "below the range of close codes"),
            1000..=2999 => ("unassigned", "kept for later versions of the protocol"),
            3000..=3999 => (
                "library",
                "a code of a library or framework, registered with IANA",
            ),
            4000..=4999 => ("application", "a private code of the application"),
            _ => ("out-of-range", "above the range of close codes"),
        }
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0, self.name())
    }
}

/// What a close frame said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosePayload {
    /// `None` for an empty payload, or one of a single byte.
    pub code: Option<CloseCode>,
    /// The reason; bytes that are not UTF-8 are replaced.
    pub reason: String,
    /// What is wrong with it.
    pub deviations: Vec<FrameDeviation>,
}

/// Reads the unmasked payload of a close frame of any length.
pub fn parse_close(payload: &[u8]) -> ClosePayload {
    let mut deviations = Vec::new();
    let &[high, low, ref reason @ ..] = payload else {
        if !payload.is_empty() {
            deviations.push(FrameDeviation::CloseOneByte);
        }
        return ClosePayload {
            deviations,
            ..ClosePayload::default()
        };
    };
    let code = CloseCode(u16::from_be_bytes([high, low]));
    if !code.may_be_sent() {
        deviations.push(FrameDeviation::CloseCodeNotAllowed { code });
    }
    if let Err(error) = std::str::from_utf8(reason) {
        let byte_offset = error.valid_up_to() as u64;
        deviations.push(FrameDeviation::CloseReasonNotUtf8 { byte_offset });
    }
    let reason = String::from_utf8_lossy(reason).into_owned();
    ClosePayload {
        code: Some(code),
        reason,
        deviations,
    }
}

/// The payload of a close frame with `code` and `reason`, whatever they are.
pub fn encode_close(code: CloseCode, reason: &[u8]) -> Vec<u8> {
    let mut payload = code.0.to_be_bytes().to_vec();
    payload.extend_from_slice(reason);
    payload
}

/// The longest start of `reason` that fits a close frame without cutting a character.
pub fn fit_reason(reason: &str) -> &str {
    &reason[..reason.floor_char_boundary(REASON_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_may_be_sent_are_those_of_the_rfc_and_the_registry() {
        for code in 0..=u16::MAX {
            let registered = (1000..=1014).contains(&code) && !matches!(code, 1004..=1006);
            let free = (3000..5000).contains(&code);
            assert_eq!(CloseCode(code).may_be_sent(), registered || free, "{code}");
        }
    }

    #[test]
    fn codes_have_names() {
        assert_eq!(CloseCode(1012).to_string(), "1012 (service-restart)");
        assert_eq!(CloseCode(4401).name(), "application");
        assert_eq!(CloseCode(3008).name(), "library");
        assert_eq!(CloseCode(2000).name(), "unassigned");
        assert!(CloseCode::ABNORMAL.is_local_only());
    }

    #[test]
    fn payloads_are_read_with_all_their_deviations() {
        assert_eq!(parse_close(&[]), ClosePayload::default());
        assert_eq!(parse_close(&[3]).deviations, [FrameDeviation::CloseOneByte]);
        let good = parse_close(&encode_close(CloseCode(1001), "tschüß".as_bytes()));
        assert_eq!(
            (good.code, good.reason.as_str()),
            (Some(CloseCode(1001)), "tschüß")
        );
        assert_eq!(good.deviations, []);
        let bad = parse_close(&encode_close(CloseCode(1006), b"ok\xff"));
        assert_eq!(
            bad.deviations,
            [
                FrameDeviation::CloseCodeNotAllowed {
                    code: CloseCode(1006)
                },
                FrameDeviation::CloseReasonNotUtf8 { byte_offset: 2 },
            ]
        );
        assert_eq!(bad.reason, "ok\u{fffd}");
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let reason = "ü".repeat(80);
        assert_eq!(fit_reason(&reason).len(), 122);
        assert_eq!(fit_reason("short"), "short");
    }
}
