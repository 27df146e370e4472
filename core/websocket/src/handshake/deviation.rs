//! Everything that can be wrong with either half of the opening handshake.

use crate::deviation::Severity;
use crate::extension::ParameterProblem;
use std::fmt;

/// One breach of RFC 6455 section 4 (or RFC 7692, RFC 8441) in a request or a response.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HandshakeDeviation {
    /// The response has another status than the one that opens the connection.
    StatusUnexpected {
        /// The status received.
        status: u16,
        /// 101, or 200 for HTTP/2.
        expected: u16,
    },
    /// No `Upgrade`.
    UpgradeMissing,
    /// `Upgrade` more than once.
    UpgradeDuplicate,
    /// `Upgrade` names another protocol.
    UpgradeNotWebsocket {
        /// What it names.
        value: String,
    },
    /// No `Connection`.
    ConnectionMissing,
    /// `Connection` without the option `upgrade`.
    ConnectionWithoutUpgrade {
        /// What it holds.
        value: String,
    },
    /// No `Sec-WebSocket-Accept`.
    AcceptMissing,
    /// `Sec-WebSocket-Accept` more than once.
    AcceptDuplicate,
    /// `Sec-WebSocket-Accept` that does not belong to the key.
    AcceptWrong {
        /// What the key demands.
        expected: String,
        /// What came.
        received: String,
    },
    /// Subprotocols were offered and the server chose none. RFC 6455 permits it.
    SubprotocolMissing,
    /// The server chose a subprotocol that was not offered.
    SubprotocolNotOffered {
        /// Its choice.
        value: String,
    },
    /// The server chose more than one subprotocol.
    SubprotocolDuplicate,
    /// A subprotocol that is not a token: empty, or with characters that may not be there.
    SubprotocolMalformed {
        /// As written.
        value: String,
    },
    /// A client offers the same subprotocol twice.
    SubprotocolRepeated {
        /// Which.
        value: String,
    },
    /// The server agreed to an extension that was not offered.
    ExtensionNotOffered {
        /// Its name.
        name: String,
    },
    /// The server agreed to the same extension twice.
    ExtensionDuplicate {
        /// Its name.
        name: String,
    },
    /// An extension with parameters that cannot be accepted.
    ExtensionParameters {
        /// The extension's name.
        name: String,
        /// What is wrong.
        problem: ParameterProblem,
    },
    /// An extension header without an extension.
    ExtensionsEmpty,
    /// An extension header that cannot be read.
    ExtensionsMalformed {
        /// The header's value.
        value: String,
        /// Place of the first unexpected byte.
        at: usize,
    },
    /// A header that speaks of a body, such as a `Content-Length` other than zero.
    BodyHeader {
        /// The header in lower case.
        name: String,
        /// Its value.
        value: String,
    },
    /// The request's method is not GET.
    MethodNotGet {
        /// The method.
        method: String,
    },
    /// The request's HTTP version is below 1.1.
    HttpVersionTooLow {
        /// Major version.
        major: u8,
        /// Minor version.
        minor: u8,
    },
    /// No `Host`.
    HostMissing,
    /// `Host` more than once.
    HostDuplicate,
    /// No `Sec-WebSocket-Key`.
    KeyMissing,
    /// `Sec-WebSocket-Key` more than once.
    KeyDuplicate,
    /// `Sec-WebSocket-Key` that is not the base64 of sixteen bytes.
    KeyMalformed {
        /// As received.
        value: String,
    },
    /// No `Sec-WebSocket-Version`.
    VersionMissing,
    /// `Sec-WebSocket-Version` more than once.
    VersionDuplicate,
    /// `Sec-WebSocket-Version` other than 13.
    VersionUnsupported {
        /// As received.
        value: String,
    },
}

impl HandshakeDeviation {
    /// A stable name in kebab case, for reports and for choosing a fault by name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::StatusUnexpected { .. } => "status-unexpected",
            Self::UpgradeMissing => "upgrade-missing",
            Self::UpgradeDuplicate => "upgrade-duplicate",
            Self::UpgradeNotWebsocket { .. } => "upgrade-not-websocket",
            Self::ConnectionMissing => "connection-missing",
            Self::ConnectionWithoutUpgrade { .. } => "connection-without-upgrade",
            Self::AcceptMissing => "accept-missing",
            Self::AcceptDuplicate => "accept-duplicate",
            Self::AcceptWrong { .. } => "accept-wrong",
            Self::SubprotocolMissing => "subprotocol-missing",
            Self::SubprotocolNotOffered { .. } => "subprotocol-not-offered",
            Self::SubprotocolDuplicate => "subprotocol-duplicate",
            Self::SubprotocolMalformed { .. } => "subprotocol-malformed",
            Self::SubprotocolRepeated { .. } => "subprotocol-repeated",
            Self::ExtensionNotOffered { .. } => "extension-not-offered",
            Self::ExtensionDuplicate { .. } => "extension-duplicate",
            Self::ExtensionParameters { .. } => "extension-parameters",
            Self::ExtensionsEmpty => "extensions-empty",
            Self::ExtensionsMalformed { .. } => "extensions-malformed",
            Self::BodyHeader { .. } => "body-header",
            Self::MethodNotGet { .. } => "method-not-get",
            Self::HttpVersionTooLow { .. } => "http-version-too-low",
            Self::HostMissing => "host-missing",
            Self::HostDuplicate => "host-duplicate",
            Self::KeyMissing => "key-missing",
            Self::KeyDuplicate => "key-duplicate",
            Self::KeyMalformed { .. } => "key-malformed",
            Self::VersionMissing => "version-missing",
            Self::VersionDuplicate => "version-duplicate",
            Self::VersionUnsupported { .. } => "version-unsupported",
        }
    }

    /// Where the rule stands, for example `RFC 6455 section 4.1`.
    pub fn rfc_section(&self) -> &'static str {
        match self {
            Self::StatusUnexpected { expected: 200, .. } => "RFC 8441 section 5",
            Self::BodyHeader { .. } => "RFC 9110 section 15.2",
            Self::ExtensionParameters { .. } => "RFC 7692 section 7.1",
            Self::ExtensionsEmpty | Self::ExtensionsMalformed { .. } => "RFC 6455 section 9.1",
            Self::AcceptDuplicate => "RFC 6455 section 11.3.3",
            Self::SubprotocolDuplicate => "RFC 6455 section 11.3.4",
            Self::MethodNotGet { .. }
            | Self::HttpVersionTooLow { .. }
            | Self::HostMissing
            | Self::HostDuplicate
            | Self::KeyMissing
            | Self::KeyDuplicate
            | Self::KeyMalformed { .. }
            | Self::VersionMissing
            | Self::VersionDuplicate
            | Self::VersionUnsupported { .. } => "RFC 6455 section 4.2.1",
            _ => "RFC 6455 section 4.1",
        }
    }

    /// Whether the side that receives it has to fail the handshake.
    pub fn severity(&self) -> Severity {
        match self {
            Self::BodyHeader { .. } | Self::SubprotocolRepeated { .. } => Severity::Tolerated,
            Self::UpgradeDuplicate
            | Self::SubprotocolMissing
            | Self::ExtensionsEmpty
            | Self::ExtensionDuplicate { .. } => Severity::BrowsersFail,
            _ => Severity::MustFail,
        }
    }
}

impl fmt::Display for HandshakeDeviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::StatusUnexpected { status, expected } => {
                write!(f, "the status is {status}, not {expected}")
            }
            Self::UpgradeMissing => f.write_str("the Upgrade header is missing"),
            Self::UpgradeDuplicate => f.write_str("the Upgrade header stands more than once"),
            Self::UpgradeNotWebsocket { value } => {
                write!(f, "the Upgrade header says {value:?}, not websocket")
            }
            Self::ConnectionMissing => f.write_str("the Connection header is missing"),
            Self::ConnectionWithoutUpgrade { value } => {
                write!(f, "the Connection header says {value:?} without upgrade")
            }
            Self::AcceptMissing => f.write_str("Sec-WebSocket-Accept is missing"),
            Self::AcceptDuplicate => f.write_str("Sec-WebSocket-Accept stands more than once"),
            Self::AcceptWrong { expected, received } => {
                write!(
                    f,
                    "Sec-WebSocket-Accept is {received:?}, the key demands {expected:?}"
                )
            }
            Self::SubprotocolMissing => {
                f.write_str("subprotocols were offered and the server chose none")
            }
            Self::SubprotocolNotOffered { value } => {
                write!(
                    f,
                    "the server chose the subprotocol {value:?}, which was not offered"
                )
            }
            Self::SubprotocolDuplicate => f.write_str("the server chose several subprotocols"),
            Self::SubprotocolMalformed { value } => {
                write!(f, "the subprotocol {value:?} is not a token")
            }
            Self::SubprotocolRepeated { value } => {
                write!(f, "the subprotocol {value:?} is offered twice")
            }
            Self::ExtensionNotOffered { name } => {
                write!(
                    f,
                    "the server agreed to the extension {name}, which was not offered"
                )
            }
            Self::ExtensionDuplicate { name } => {
                write!(f, "the server agreed to the extension {name} twice")
            }
            Self::ExtensionParameters { name, problem } => {
                write!(f, "the extension {name} is not acceptable: {problem}")
            }
            Self::ExtensionsEmpty => f.write_str("Sec-WebSocket-Extensions is empty"),
            Self::ExtensionsMalformed { value, at } => {
                write!(
                    f,
                    "Sec-WebSocket-Extensions {value:?} cannot be read from byte {at} on"
                )
            }
            Self::BodyHeader { name, value } => {
                write!(
                    f,
                    "the handshake carries {name}: {value}, but no body can follow"
                )
            }
            _ => self.fmt_request(f),
        }
    }
}

impl HandshakeDeviation {
    /// The part of [`fmt::Display`] that only requests can show.
    fn fmt_request(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MethodNotGet { method } => write!(f, "the method is {method}, not GET"),
            Self::HttpVersionTooLow { major, minor } => {
                write!(
                    f,
                    "the request is HTTP/{major}.{minor}, which cannot upgrade"
                )
            }
            Self::HostMissing => f.write_str("the Host header is missing"),
            Self::HostDuplicate => f.write_str("the Host header stands more than once"),
            Self::KeyMissing => f.write_str("Sec-WebSocket-Key is missing"),
            Self::KeyDuplicate => f.write_str("Sec-WebSocket-Key stands more than once"),
            Self::KeyMalformed { value } => {
                write!(
                    f,
                    "Sec-WebSocket-Key {value:?} is not the base64 of 16 bytes"
                )
            }
            Self::VersionMissing => f.write_str("Sec-WebSocket-Version is missing"),
            Self::VersionDuplicate => f.write_str("Sec-WebSocket-Version stands more than once"),
            Self::VersionUnsupported { value } => {
                write!(f, "Sec-WebSocket-Version is {value:?}, not 13")
            }
            _ => f.write_str(self.as_str()),
        }
    }
}
