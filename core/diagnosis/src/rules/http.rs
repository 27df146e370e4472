//! Rules for causes in the layer of the opening handshake.
//!
//! Each file holds the causes that are told apart by the same facts.

use super::Rule;

mod answer;
mod compare;
mod edge;
mod flip;
mod gate;
mod hop;
mod http2;
mod origin;
mod path;
mod rest;
mod screen;
mod silence;
mod status;
mod subprotocol;
pub(crate) mod token;
mod wordless;

/// The rules of this layer.
pub const RULES: &[Rule] = &[
    subprotocol::REFUSED,
    origin::REFUSED,
    gate::USER_AGENT,
    gate::COOKIE,
    gate::HOST,
    gate::FINGERPRINT,
    gate::CONNECT_REFUSED,
    token::UNAUTHORISED,
    token::EXPIRED,
    screen::CHALLENGE,
    screen::FIREWALL,
    screen::ADDRESS,
    screen::CAPTIVE_PORTAL,
    screen::BLOCK_PAGE,
    hop::UPGRADE_STRIPPED,
    hop::UPGRADE_EMPTY,
    hop::CONNECTION_CLOSE,
    hop::HTTP_1_0,
    edge::CDN_OFF,
    edge::CDN_CACHE,
    hop::MIDDLEWARE,
    path::REDIRECT,
    path::NOT_FOUND,
    path::APP_PAGE,
    path::SOCKET_IO,
    path::WRONG_SERVICE,
    path::METHOD,
    status::BAD_REQUEST,
    status::TRANSPARENT_PROXY,
    status::MISDIRECTED,
    status::UPGRADE_REQUIRED,
    status::VERSION,
    status::TOO_MANY,
    status::TOO_LARGE,
    status::SERVER_ERROR,
    status::BAD_GATEWAY,
    status::UNAVAILABLE,
    rest::OTHER_REFUSAL,
    rest::OTHER_FAILURE,
    wordless::OTHER_SERVICE,
    wordless::NOBODY_BEHIND,
    wordless::NOBODY_BEHIND_TLS,
    wordless::NAME_UNSERVED,
    wordless::BEHIND_THE_PROXY,
    wordless::UPGRADES_RESET,
    silence::HANGS,
    silence::STICKY,
    answer::ACCEPT_MISSING,
    answer::ACCEPT_WRONG,
    answer::BODY_HEADERS,
    answer::SUBPROTOCOL_NONE,
    answer::SUBPROTOCOL_BAD,
    answer::EXTENSION_BAD,
    http2::EXTENDED_CONNECT,
    compare::ORIGIN,
    compare::SUBPROTOCOL,
    compare::COOKIE,
    compare::PROGRAM,
    compare::PARAMETERS,
    compare::CREDENTIAL,
    compare::OTHER_HEADER,
];

#[cfg(test)]
mod tests;
