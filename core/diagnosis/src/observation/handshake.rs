//! WebSocket opening handshakes (RFC 6455 section 4, RFC 8441).

use serde::{Deserialize, Serialize};

use super::failure::Failed;
use super::http::{RequestHead, Response};
use super::path::Route;
use super::tls::TlsLibrary;

/// One opening handshake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Handshake {
    /// How the request differs from the one this program sends first; empty for that one.
    pub changes: Vec<Change>,
    /// The request.
    pub request: RequestHead,
    /// The way taken.
    pub route: Route,
    /// The TLS library, for `wss`.
    #[serde(default)]
    pub library: Option<TlsLibrary>,
    /// The issuer of the certificate on this connection, for `wss`.
    #[serde(default)]
    pub issuer: Option<String>,
    /// What came of it.
    pub outcome: HandshakeOutcome,
    /// From the request's last byte to the end of the response head, in milliseconds.
    pub elapsed_ms: u64,
}

/// What came of a handshake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum HandshakeOutcome {
    /// 101, or 200 to an extended CONNECT.
    Switched(Box<Switched>),
    /// Any other status.
    Refused {
        /// The answer.
        response: Box<Response>,
    },
    /// No answer.
    Failed(Failed),
}

/// A switch of protocols, and how far it follows the rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Switched {
    /// The answer.
    pub response: Response,
    /// Names of the deviations, as the codec spells them; empty for a correct answer.
    pub deviations: Vec<String>,
    /// The subprotocol chosen.
    #[serde(default)]
    pub subprotocol: Option<String>,
    /// The extensions agreed, as on the wire.
    #[serde(default)]
    pub extensions: Option<String>,
}

/// One change to the first handshake.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// No subprotocol offered.
    WithoutSubprotocol,
    /// Another subprotocol offered, alone.
    Subprotocol {
        /// Its name.
        name: String,
    },
    /// Another Origin, or none.
    Origin {
        /// Which.
        origin: OriginKind,
    },
    /// The other headers that browsers send, in their order, under this program's own name.
    BrowserHeaders,
    /// A browser's User-Agent instead of this program's.
    BrowserUserAgent,
    /// The cookies that a visit to the page set.
    Cookies,
    /// Without the user's cookies.
    WithoutCookies,
    /// The token, at another place.
    Token {
        /// Where.
        placement: TokenPlacement,
    },
    /// Without the token.
    WithoutToken,
    /// No extensions offered.
    WithoutExtensions,
    /// Extended CONNECT over HTTP/2 (RFC 8441).
    Http2,
    /// OpenSSL instead of rustls.
    OpenSsl,
    /// The other address family.
    Address {
        /// The address.
        address: String,
    },
    /// Past the proxy.
    Direct,
    /// The same again, at once.
    Again {
        /// Which repetition, from 1.
        attempt: u32,
    },
    /// The same again, after a pause.
    AfterPause {
        /// The pause, in milliseconds.
        pause_ms: u64,
    },
    /// At the place the redirect named.
    Redirected {
        /// The place, secrets removed.
        location: String,
    },
    /// A header of the browser's (or the compared) request added or replaced.
    HeaderFrom {
        /// Its name.
        name: String,
    },
    /// A header of this program's request left out.
    WithoutHeader {
        /// Its name.
        name: String,
    },
    /// The whole request that works elsewhere (`--like`, or the browser's), sent by this program.
    Like,
    /// The path and query of the request that works elsewhere.
    PathOf,
    /// The Host header spelled with its port.
    HostWithPort,
    /// A path of the same host that surely does not exist, with the whole handshake.
    AbsentPath,
    /// Engine.IO's parameters in the query.
    EngineIo,
    /// The same handshake to another port.
    Port {
        /// The port.
        port: u16,
    },
    /// Without TLS (`ws` for `wss`) or with it.
    OtherScheme,
}

/// Which Origin was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OriginKind {
    /// No Origin header, as native programs do.
    None,
    /// The target's own site.
    Site,
    /// The one the user gave.
    Given,
    /// Some other site (`https://example.com`).
    Foreign,
}

/// Where a token is sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "placement", rename_all = "snake_case")]
pub enum TokenPlacement {
    /// `Authorization: Bearer …`.
    Header,
    /// A query parameter.
    Query {
        /// Its name.
        name: String,
    },
    /// The payload of GraphQL's `connection_init`.
    Init,
}
