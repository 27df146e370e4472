//! Turns the events of a page and its workers into socket records.
//!
//! Pure: events in, facts kept. Unknown fields are ignored and missing ones stay unknown, because each version of the
//! browser differs a little. Never keeps more than its limits.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::document::Document;
use crate::headers::{from_object, from_text};
use crate::protocol::Event;
use crate::read::Listener;
use crate::record::{
    Direction, HandshakeRequest, HandshakeResponse, HandshakeVersion, HeaderOrder, Opener,
    SocketCapture, SocketMessage,
};
use crate::shape::{MessageShape, as_json};
use crate::visit::host_of;

/// What has been seen so far.
#[derive(Default)]
pub(crate) struct Recorder {
    sockets: Vec<LiveSocket>,
    pub(crate) sockets_omitted: u32,
    pub(crate) requests_made: u32,
    /// The page's own document.
    pub(crate) document: Document,
    /// Hears what sockets send first, where somebody wants to know.
    pub(crate) listener: Option<Listener>,
}

struct LiveSocket {
    session: Option<String>,
    id: String,
    record: SocketCapture,
    /// The browser's clock in seconds.
    sent_at: Option<f64>,
    answered_at: Option<f64>,
}

impl Recorder {
    /// Records the page with this main frame.
    pub(crate) fn for_frame(frame: &str) -> Self {
        Self {
            document: Document::in_frame(frame),
            ..Self::default()
        }
    }

    pub(crate) fn observe(&mut self, event: &Event) {
        let params = &event.params;
        if let Some(listener) = &mut self.listener {
            listener.hear(event);
        }
        match event.method.as_str() {
            "Network.webSocketCreated" => self.created(event),
            "Network.webSocketWillSendHandshakeRequest" => {
                self.update(event, LiveSocket::request_sent);
            }
            "Network.webSocketHandshakeResponseReceived" => {
                self.update(event, LiveSocket::answered);
            }
            "Network.webSocketFrameSent" => self.update(event, |socket, params| {
                socket.message(params, Direction::Sent);
            }),
            "Network.webSocketFrameReceived" => {
                self.update(event, |socket, params| {
                    socket.message(params, Direction::Received);
                });
            }
            "Network.webSocketFrameError" => self.update(event, LiveSocket::failed),
            "Network.webSocketClosed" => self.update(event, LiveSocket::closed),
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or_default();
                self.requests_made += u32::from(url.starts_with("http"));
            }
            _ => self.document.observe(event),
        }
    }

    /// Whether a socket fits and was answered, refused or closed.
    pub(crate) fn is_settled(&self, fits: impl Fn(&SocketCapture) -> bool) -> bool {
        let settled = |record: &SocketCapture| {
            record.response.is_some() || record.error.is_some() || record.closed
        };
        self.sockets
            .iter()
            .any(|socket| fits(&socket.record) && settled(&socket.record))
    }

    /// Whether the newest socket that was asked for has ended.
    pub(crate) fn requested_has_ended(&self) -> bool {
        let mut requested = self
            .sockets
            .iter()
            .rev()
            .filter(|socket| socket.record.opener == Opener::Request);
        requested.next().is_none_or(|socket| socket.record.closed)
    }

    /// Where sockets went, each host once, in order.
    pub(crate) fn socket_hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = self
            .sockets
            .iter()
            .filter_map(|socket| host_of(&socket.record.url))
            .collect();
        hosts.dedup();
        hosts
    }

    pub(crate) fn into_sockets(self) -> Vec<SocketCapture> {
        self.sockets
            .into_iter()
            .map(|socket| socket.record)
            .collect()
    }

    fn created(&mut self, event: &Event) {
        if self.sockets.len() >= SOCKETS_MAX {
            self.sockets_omitted += 1;
            return;
        }
        let frames = event.params["initiator"]["stack"]["callFrames"].as_array();
        let ours = frames
            .is_some_and(|frames| frames.iter().any(|frame| frame["url"] == OPEN_SCRIPT_NAME));
        let opener = if ours { Opener::Request } else { Opener::Page };
        self.sockets.push(LiveSocket {
            session: event.session.clone(),
            id: event.params["requestId"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            record: blank_socket(event.params["url"].as_str().unwrap_or_default(), opener),
            sent_at: None,
            answered_at: None,
        });
    }

    fn update(&mut self, event: &Event, change: impl FnOnce(&mut LiveSocket, &Value)) {
        let id = event.params["requestId"].as_str().unwrap_or_default();
        let mut sockets = self.sockets.iter_mut().rev();
        if let Some(socket) =
            sockets.find(|socket| socket.id == id && socket.session == event.session)
        {
            change(socket, &event.params);
        }
    }
}

impl LiveSocket {
    fn request_sent(&mut self, params: &Value) {
        self.sent_at = params["timestamp"].as_f64();
        self.record.request = Some(HandshakeRequest {
            headers: from_object(&params["request"]["headers"]),
            order: HeaderOrder::Unknown,
            version: HandshakeVersion::Unknown,
        });
    }

    fn answered(&mut self, params: &Value) {
        let response = &params["response"];
        self.answer_time(params);
        let headers = response["headersText"].as_str().map(from_text);
        self.record.response = Some(HandshakeResponse {
            status: response["status"]
                .as_u64()
                .and_then(|status| status.try_into().ok())
                .unwrap_or_default(),
            reason: response["statusText"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            headers: headers.unwrap_or_else(|| from_object(&response["headers"])),
            body_prefix: Vec::new(),
        });
        // Over HTTP/2 the browser makes up an HTTP/1.1 text; its order is the one in which it builds either form.
        if let (Some(request), Some(text)) = (
            &mut self.record.request,
            response["requestHeadersText"].as_str(),
        ) {
            request.headers = from_text(text);
            request.order = HeaderOrder::Wire;
        }
    }

    fn message(&mut self, params: &Value, direction: Direction) {
        if self.record.messages.len() >= MESSAGES_MAX {
            self.record.messages_omitted += 1;
            return;
        }
        let frame = &params["response"];
        let opcode = frame["opcode"]
            .as_u64()
            .and_then(|opcode| opcode.try_into().ok())
            .unwrap_or_default();
        let text = frame["payloadData"].as_str().unwrap_or_default();
        let is_first = opcode == OPCODE_TEXT && self.record.messages.len() < MESSAGES_SHAPED;
        let shape = is_first.then(|| as_json(text)).flatten();
        let mut payload = match opcode {
            OPCODE_TEXT => text.as_bytes().to_vec(),
            _ => STANDARD
                .decode(text)
                .unwrap_or_else(|_| text.as_bytes().to_vec()),
        };
        let length = payload.len();
        payload.truncate(PAYLOAD_PREFIX_BYTES);
        self.record.messages.push(SocketMessage {
            direction,
            opcode,
            length,
            payload_prefix: payload,
            shape: shape.map(|message| MessageShape::of(&message)),
            after: since(self.answered_at, params).unwrap_or_default(),
        });
    }

    fn failed(&mut self, params: &Value) {
        self.answer_time(params);
        let words = params["errorMessage"]
            .as_str()
            .unwrap_or("an error without words");
        self.record.error.get_or_insert_with(|| words.to_owned());
    }

    fn closed(&mut self, params: &Value) {
        self.record.closed = true;
        if self.record.response.is_some() {
            self.record.open_for = since(self.answered_at, params);
        }
    }

    fn answer_time(&mut self, params: &Value) {
        if self.answered_at.is_none() {
            self.answered_at = params["timestamp"].as_f64();
            self.record.answered_after = since(self.sent_at, params);
        }
    }
}

/// A socket of which nothing is known but its address.
pub(crate) fn blank_socket(url: &str, opener: Opener) -> SocketCapture {
    SocketCapture {
        url: url.to_owned(),
        opener,
        request: None,
        response: None,
        error: None,
        net_error: None,
        script: None,
        messages: Vec::new(),
        messages_omitted: 0,
        connection: None,
        answered_after: None,
        open_for: None,
        closed: false,
    }
}

fn since(earlier: Option<f64>, params: &Value) -> Option<Duration> {
    let seconds = params["timestamp"].as_f64()? - earlier?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// The name under which our script appears as a socket's creator.
pub(crate) const OPEN_SCRIPT_NAME: &str = "towpath-open.js";
const SOCKETS_MAX: usize = 64;
const MESSAGES_MAX: usize = 256;
/// The names that matter are in the first words of a protocol.
const MESSAGES_SHAPED: usize = 8;
pub(crate) const PAYLOAD_PREFIX_BYTES: usize = 4 * 1024;
const OPCODE_TEXT: u8 = 1;

#[cfg(test)]
mod tests;
