//! Complaints about the handshake's own headers, as common servers word them.

use crate::observation::Response;

/// A complaint about the handshake's hop-by-hop headers, as common servers word it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Complaint {
    /// `Upgrade` did not arrive.
    UpgradeMissing,
    /// `Upgrade` arrived with a wrong value.
    UpgradeWrong,
    /// `Connection` did not arrive.
    ConnectionMissing,
    /// `Connection` arrived without the word `upgrade`.
    ConnectionWrong,
    /// `Connection` arrived without the word `upgrade`, or not at all; Upgrade was not looked at.
    ConnectionUnclear,
    /// The request arrived as HTTP/1.0.
    Http10,
    /// This is no WebSocket handshake, it is not said why.
    NotAHandshake,
}

/// What an answer complains of, where it is about the handshake's own headers.
pub fn complaint(response: &Response) -> Option<(Complaint, String)> {
    if response.status == 101 {
        return None;
    }
    let shown = response
        .body
        .text
        .lines()
        .find(|line| !line.trim().is_empty())?;
    let quoted: String = shown.trim().chars().take(120).collect();
    let lower = response.body.text.to_ascii_lowercase();
    complaint_in(&lower).map(|complaint| (complaint, quoted))
}

/// Whether its framework gives this answer to ordinary requests only.
///
/// ASGI frameworks (Starlette, `FastAPI`) close a WebSocket for which they have no route, which the server turns into
/// a 403; their 404 is for what reached them as an ordinary request.
pub fn answers_plain_requests_only(response: &Response) -> bool {
    response.status == 404 && response.body.text.trim() == "{\"detail\":\"Not Found\"}"
}

fn complaint_in(lower: &str) -> Option<Complaint> {
    WORDINGS
        .iter()
        .find(|(words, _)| lower.contains(words))
        .map(|(_, complaint)| *complaint)
}

/// Wordings in lower case. The first that is found counts, so the exact ones stand before the loose ones:
/// aiohttp, for example, names the value that arrived, and looks at Upgrade before Connection. axum looks
/// at Connection first, so its complaint of Upgrade means that Connection did arrive.
const WORDINGS: &[(&str, Complaint)] = &[
    ("expected http/1.1", Complaint::Http10),
    ("unsupported http version: http/1.0", Complaint::Http10),
    ("http/1.0 is not supported", Complaint::Http10),
    ("http 1.0 not supported", Complaint::Http10),
    ("requires http/1.1", Complaint::Http10),
    ("no websocket upgrade hdr: none", Complaint::UpgradeMissing),
    ("no websocket upgrade hdr:", Complaint::UpgradeWrong),
    ("no connection upgrade hdr", Complaint::ConnectionWrong),
    (
        "\"connection\" must be \"upgrade\"",
        Complaint::ConnectionWrong,
    ),
    ("missing upgrade header", Complaint::UpgradeMissing),
    (
        "can \"upgrade\" only to \"websocket\"",
        Complaint::UpgradeMissing,
    ),
    ("`upgrade` header did not include", Complaint::UpgradeWrong),
    ("upgrade header did not include", Complaint::UpgradeWrong),
    ("missing header: upgrade", Complaint::UpgradeMissing),
    (
        "missing request header \"upgrade\"",
        Complaint::UpgradeMissing,
    ),
    (
        "'upgrade' header must contain 'websocket', got []",
        Complaint::UpgradeMissing,
    ),
    ("no upgrade header", Complaint::UpgradeMissing),
    ("upgrade header missing", Complaint::UpgradeMissing),
    ("upgrade header is missing", Complaint::UpgradeMissing),
    ("'upgrade' token not found", Complaint::UpgradeMissing),
    (
        "'websocket' token not found in 'upgrade'",
        Complaint::UpgradeMissing,
    ),
    ("upgrade required", Complaint::UpgradeMissing),
    ("upgrade to websocket", Complaint::UpgradeMissing),
    (
        "this service requires use of the websocket protocol",
        Complaint::UpgradeMissing,
    ),
    ("invalid upgrade header", Complaint::UpgradeWrong),
    (
        "'upgrade' header must contain 'websocket'",
        Complaint::UpgradeWrong,
    ),
    ("bad upgrade header", Complaint::UpgradeWrong),
    ("wrong upgrade header", Complaint::UpgradeWrong),
    ("unsupported upgrade", Complaint::UpgradeWrong),
    ("missing connection header", Complaint::ConnectionMissing),
    (
        "missing request header \"connection\"",
        Complaint::ConnectionMissing,
    ),
    ("connection header missing", Complaint::ConnectionMissing),
    (
        "'connection' header must contain 'upgrade', got []",
        Complaint::ConnectionMissing,
    ),
    ("invalid connection header", Complaint::ConnectionWrong),
    (
        "connection header did not include",
        Complaint::ConnectionUnclear,
    ),
    (
        "'connection' header must contain 'upgrade'",
        Complaint::ConnectionWrong,
    ),
    ("bad connection header", Complaint::ConnectionWrong),
    ("connection upgrade header", Complaint::ConnectionUnclear),
    ("connection header must", Complaint::ConnectionUnclear),
    ("not a websocket handshake", Complaint::NotAHandshake),
    ("not a websocket request", Complaint::NotAHandshake),
    ("not a valid websocket", Complaint::NotAHandshake),
    ("expected a websocket", Complaint::NotAHandshake),
    ("expected websocket", Complaint::NotAHandshake),
    ("websocket handshake expected", Complaint::NotAHandshake),
    ("websocket connection expected", Complaint::NotAHandshake),
    (
        "the client is not using the websocket protocol",
        Complaint::NotAHandshake,
    ),
    (
        "you cannot access a websocket server directly with a browser",
        Complaint::NotAHandshake,
    ),
    ("only websocket connections", Complaint::NotAHandshake),
    ("websocket upgrade expected", Complaint::NotAHandshake),
    ("request is not websocket", Complaint::NotAHandshake),
    ("not websocket protocol", Complaint::NotAHandshake),
    ("websocket endpoint", Complaint::NotAHandshake),
    ("websockets request was expected", Complaint::NotAHandshake),
    ("websocket request was expected", Complaint::NotAHandshake),
];
