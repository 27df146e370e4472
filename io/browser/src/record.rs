//! What a capture holds: facts as the browser reported them, without judgement.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use towpath_diagnosis::challenge::Challenge;

use crate::shape::MessageShape;

/// Everything seen in one run of the browser.
///
/// It holds cookies, tokens and messages as they are. Whoever shows or saves it removes secrets first.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// Which browser looked.
    pub browser: BrowserIdentity,
    /// The page whose origin the sockets have.
    pub page: PageVisit,
    /// The WebSockets in the order of their creation: those the page made itself and the one that was asked for.
    pub sockets: Vec<SocketCapture>,
    /// WebSockets beyond the limit, which were not recorded.
    pub sockets_omitted: u32,
    /// HTTP requests made by the page visit, the document included: the visit's share of a request budget.
    pub requests_made: u32,
    /// Whether the browser's network log was complete, and so header order, refusals and TLS are facts of the wire.
    pub net_log_read: bool,
}

impl Capture {
    /// The socket that was asked for, not one of the page's own.
    pub fn opened(&self) -> Option<&SocketCapture> {
        // A second attempt follows where the page's policy forbade the first.
        self.sockets
            .iter()
            .rev()
            .find(|socket| socket.opener == Opener::Request)
    }

    /// The sockets that the page made by itself: the site's own handshakes.
    pub fn made_by_page(&self) -> impl Iterator<Item = &SocketCapture> {
        self.sockets
            .iter()
            .filter(|socket| socket.opener == Opener::Page)
    }
}

/// Which browser looked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserIdentity {
    /// The program that was started; `None` for a browser that was attached to.
    pub program: Option<PathBuf>,
    /// Product and version, for example `Chrome/156.0.8078.79`.
    pub version: String,
    /// The `User-Agent` it sends, which says `HeadlessChrome` where it runs headless: nothing replaces it.
    pub user_agent: String,
    /// Whether it ran without its sandbox, which it must under the superuser.
    pub without_sandbox: bool,
}

/// The visit that gave the sockets their origin and cookies.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageVisit {
    /// What was asked for.
    pub requested_url: String,
    /// Where it ended after redirects; the requested address if nothing loaded.
    pub final_url: String,
    /// HTTP status of the final document.
    pub status: Option<u16>,
    /// Headers of the final document.
    pub headers: Vec<(String, String)>,
    /// The final document's first 4 KiB as the server sent it; empty where it is very long or did not come to its end.
    pub body_prefix: String,
    /// The bot protection that asks for proof of a human instead of showing the page. Neither solved nor waited for.
    pub challenge: Option<Challenge>,
    /// The document's title; a challenge page often says so here.
    pub title: Option<String>,
    /// HTTP version of the document as the browser names it: `http/1.1`, `h2`.
    pub http_version: Option<String>,
    /// Where the document came from.
    pub remote_address: Option<SocketAddr>,
    /// The document's certificate and TLS version.
    pub security: Option<PageSecurity>,
    /// Why the real page did not load, for example `net::ERR_CONNECTION_REFUSED`.
    pub error: Option<String>,
    /// The page was replaced by an empty one of the same origin, for this reason. Then the server saw no request for a
    /// page, the sockets still carry the right `Origin`, and the page may reach local networks without asking.
    pub substituted: Option<String>,
    /// Cookies that apply to the page and the WebSocket, as name and value.
    pub cookies: Vec<(String, String)>,
}

/// TLS of a page, as the browser shows it to its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageSecurity {
    /// For example `TLS 1.3`.
    pub protocol: String,
    /// The certificate's subject name.
    pub subject: String,
    /// The certificate's issuer name.
    pub issuer: String,
}

/// One WebSocket of the browser.
#[derive(Debug, Clone, PartialEq)]
pub struct SocketCapture {
    /// Its address, with the query.
    pub url: String,
    /// Who created it.
    pub opener: Opener,
    /// The handshake request, if the browser came so far as to send one.
    pub request: Option<HandshakeRequest>,
    /// The answer. Without a network log it is missing for refusals and only [`SocketCapture::error`] has the status.
    pub response: Option<HandshakeResponse>,
    /// Why it failed in the browser's words, for example
    /// `Error during WebSocket handshake: Unexpected response code: 403`.
    pub error: Option<String>,
    /// The browser's own name of the failure, for example `ERR_CONNECTION_RESET`.
    pub net_error: Option<String>,
    /// What the page's script saw, for the socket that was asked for.
    pub script: Option<ScriptOutcome>,
    /// Text and binary messages both ways, in order; control frames are not shown by the browser.
    pub messages: Vec<SocketMessage>,
    /// Messages beyond the limit, which were not recorded.
    pub messages_omitted: u32,
    /// The connection below it.
    pub connection: Option<ConnectionFacts>,
    /// From the handshake request to its answer or failure.
    pub answered_after: Option<Duration>,
    /// From the answer to the end, if it ended during the capture.
    pub open_for: Option<Duration>,
    /// Whether it had ended when the capture did.
    pub closed: bool,
}

impl SocketCapture {
    /// Whether the server accepted the handshake: 101, or 200 over HTTP/2 (RFC 8441), and the browser agreed.
    pub fn accepted(&self) -> bool {
        let status = self.response.as_ref().map(|response| response.status);
        matches!(status, Some(101 | 200))
            && self
                .error
                .as_deref()
                .is_none_or(|error| !is_handshake_error(error))
    }

    /// The refusal's status where the browser told it in words only.
    pub fn status(&self) -> Option<u16> {
        let told = || {
            self.error
                .as_deref()?
                .rsplit_once("response code: ")?
                .1
                .trim()
                .parse()
                .ok()
        };
        self.response
            .as_ref()
            .map(|response| response.status)
            .or_else(told)
    }
}

fn is_handshake_error(error: &str) -> bool {
    error.contains("during WebSocket handshake") || error.contains("connection establishment")
}

/// Who created a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opener {
    /// The page's own script.
    Page,
    /// This crate, because the request asked for it.
    Request,
}

/// A handshake request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeRequest {
    /// Names and values in the order of [`HandshakeRequest::order`]. Over HTTP/2 it starts with the pseudo headers.
    pub headers: Vec<(String, String)>,
    /// How far the order can be relied on.
    pub order: HeaderOrder,
    /// How it travelled.
    pub version: HandshakeVersion,
}

impl HandshakeRequest {
    /// The first value of a header, without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// How far the order of a request's headers can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderOrder {
    /// As on the wire.
    Wire,
    /// The browser gave no order.
    Unknown,
}

/// How a handshake travelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandshakeVersion {
    /// `Upgrade` over HTTP/1.1 (RFC 6455 section 4.1).
    Http1,
    /// Extended CONNECT over HTTP/2 (RFC 8441).
    Http2,
    /// Not told: no network log, or the browser ended before it chose.
    Unknown,
}

/// The answer to a handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandshakeResponse {
    /// HTTP status.
    pub status: u16,
    /// The reason phrase; empty over HTTP/2.
    pub reason: String,
    /// Names and values as they came.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body of a refusal, as it came: not decoded, up to 4 KiB. Empty over HTTP/2.
    pub body_prefix: Vec<u8>,
}

impl HandshakeResponse {
    /// The first value of a header, without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// What the page's script saw of the socket that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScriptOutcome {
    /// Whether the `open` event came.
    pub opened: bool,
    /// The chosen subprotocol; empty for none.
    pub subprotocol: String,
    /// The agreed extensions; empty for none.
    pub extensions: String,
    /// The close code (RFC 6455 section 7.4) if it closed; 1006 if it ended without a close frame.
    pub close_code: Option<u16>,
    /// The close reason.
    pub close_reason: String,
    /// Whether the closing handshake was complete.
    pub closed_cleanly: bool,
    /// Whether the capture closed it, because its time was over and it was still open.
    pub closed_by_capture: bool,
    /// The exception that the constructor threw: a wrong address, a wrong subprotocol, mixed content.
    pub exception: Option<String>,
    /// The directive of the page's content security policy that forbade it, for example `connect-src`.
    pub forbidden_by_policy: Option<String>,
}

/// A message on an open socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketMessage {
    /// Who sent it.
    pub direction: Direction,
    /// 1 for text, 2 for binary (RFC 6455 section 5.2).
    pub opcode: u8,
    /// Length of the whole payload in bytes.
    pub length: usize,
    /// The payload's first 4 KiB.
    pub payload_prefix: Vec<u8>,
    /// What it is made of, for the first eight messages of a socket where they are JSON.
    pub shape: Option<MessageShape>,
    /// Time since the handshake's answer.
    pub after: Duration,
}

/// Who sent a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The browser.
    Sent,
    /// The server.
    Received,
}

/// The connection that carried a handshake, from the browser's network log.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ConnectionFacts {
    /// The far end of the TCP connection: the proxy's if there was one.
    pub remote_address: Option<SocketAddr>,
    /// The proxies in the browser's notation, for example `[192.0.2.1:3128]`; `None` for a direct connection.
    pub proxy: Option<String>,
    /// The status line and headers with which a proxy answered CONNECT.
    pub proxy_answer: Vec<String>,
    /// TLS to the target.
    pub tls: Option<TlsFacts>,
    /// Whether it ran over a connection that was already there, as HTTP/2 handshakes do.
    pub reused: bool,
    /// The peer's first bytes after the request when they were not HTTP; up to 4 KiB.
    pub unparsed_answer: Vec<u8>,
}

/// TLS of a handshake's connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsFacts {
    /// For example `TLS 1.3`; `None` if the TLS handshake did not finish.
    pub version: Option<String>,
    /// The protocol chosen by ALPN; empty for none.
    pub alpn: String,
    /// The certificates that the server sent, in PEM form, its own first. Empty on a resumed TLS session.
    pub certificates_pem: Vec<String>,
    /// Whether the chain ended at a root that the browser ships; `None` if it was never verified.
    pub issued_by_known_root: Option<bool>,
    /// The browser's `ClientHello` handshake message (RFC 8446 section 4.1.2), to compare fingerprints.
    pub client_hello: Vec<u8>,
}

#[cfg(test)]
mod tests;
