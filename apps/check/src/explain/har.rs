//! An HTTP archive (HAR 1.2) as browsers' developer tools export it.

use serde::Deserialize;
use towpath_diagnosis::observation::{
    Body, ControlPath, Header, MessageKind, RequestHead, Response,
};
use url::Url;

use super::recorded::{Message, Recorded};
use crate::har::time;
use crate::report;

/// Whether the text looks like a HAR.
pub(crate) fn is_one(text: &str) -> bool {
    let start: String = text.chars().take(HEAD_CHARACTERS).collect();
    let compact: String = start.chars().filter(|c| !c.is_whitespace()).collect();
    compact.starts_with("{\"log\":{")
}

/// All WebSockets of a HAR.
pub(crate) fn read(text: &str) -> Result<Vec<Recorded>, String> {
    let Archive { log } = serde_json::from_str(text).map_err(|error| report::explain(&error))?;
    let browser = log.browser.as_ref().or(log.creator.as_ref()).map_or_else(
        || "a browser".to_owned(),
        |one| format!("{} {}", one.name, one.version).trim().to_owned(),
    );
    let page = log.pages.first().map(|page| page.title.clone());
    let page = page.filter(|page| page.starts_with("http"));
    let recorded: Vec<Recorded> = log
        .entries
        .iter()
        .filter(|entry| entry.is_websocket())
        .take(SOCKETS_MAX)
        .map(|entry| Recorded {
            browser: browser.clone(),
            page: page.clone(),
            controls: controls(&log.entries, &socket_url(&entry.request.url)),
            ..entry.recorded()
        })
        .collect();
    if recorded.is_empty() {
        return Err(format!(
            "this HAR holds no WebSocket ({} other requests). Record one so: open the developer tools, \
             choose Network, reload the page, wait until the WebSocket has failed (filter WS shows it), \
             then export the HAR",
            log.entries.len()
        ));
    }
    Ok(recorded)
}

/// The request of the one WebSocket in a HAR, as the browser sent it.
pub(crate) fn request(text: &str) -> Result<RequestHead, String> {
    let all = read(text)?;
    let opened = all.iter().find(|one| !one.failed());
    let chosen = opened
        .or(all.first())
        .ok_or("this HAR holds no WebSocket")?;
    Ok(chosen.request.clone())
}

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    #[serde(default)]
    browser: Option<Program>,
    #[serde(default)]
    creator: Option<Program>,
    #[serde(default)]
    pages: Vec<Page>,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Program {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default, rename = "_resourceType")]
    resource_type: Option<String>,
    #[serde(default)]
    started_date_time: String,
    #[serde(default)]
    time: Option<f64>,
    request: Request,
    #[serde(default)]
    response: Answer,
    #[serde(default)]
    timings: Timings,
    #[serde(default, rename = "_webSocketMessages")]
    messages: Vec<RawMessage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(default)]
    method: String,
    url: String,
    #[serde(default)]
    http_version: String,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    status: i64,
    #[serde(default)]
    status_text: String,
    #[serde(default)]
    http_version: String,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    content: Content,
    #[serde(default, rename = "_error")]
    error: Option<String>,
}

#[derive(Deserialize, Default)]
struct Content {
    #[serde(default)]
    size: i64,
    #[serde(default)]
    text: String,
    #[serde(default)]
    encoding: Option<String>,
}

#[derive(Deserialize, Default)]
struct Timings {
    #[serde(default)]
    wait: Option<f64>,
}

/// A message as Chromium exports it: seconds since 1970, and opcode -1 for an error.
#[derive(Deserialize)]
struct RawMessage {
    #[serde(default, rename = "type")]
    direction: String,
    #[serde(default)]
    time: f64,
    #[serde(default)]
    opcode: i64,
    #[serde(default)]
    data: String,
}

impl Entry {
    fn is_websocket(&self) -> bool {
        let upgrade = self.request.headers.iter().any(|header| {
            header.name.eq_ignore_ascii_case("upgrade")
                && header.value.eq_ignore_ascii_case("websocket")
        });
        self.resource_type.as_deref() == Some("websocket")
            || self.request.url.starts_with("ws://")
            || self.request.url.starts_with("wss://")
            || self.response.status == 101
            || upgrade
    }

    fn recorded(&self) -> Recorded {
        let started_ms = time::unix_ms(&self.started_date_time).unwrap_or(0);
        let (messages, error) = self.messages(started_ms);
        Recorded {
            url: socket_url(&self.request.url),
            started_unix_s: started_ms / 1_000,
            request: self.request.head(),
            response: self.response.response(self.timings.wait),
            error: error.or_else(|| self.response.error.clone()),
            messages,
            elapsed_ms: milliseconds(self.timings.wait.or(self.time)),
            ..Recorded::default()
        }
    }

    fn messages(&self, started_ms: u64) -> (Vec<Message>, Option<String>) {
        let error = self.messages.iter().find(|message| message.opcode == -1);
        let messages = self
            .messages
            .iter()
            .filter_map(|message| {
                let (kind, bytes) = match message.opcode {
                    1 => (MessageKind::Text, message.data.len()),
                    // Binary is exported as base64.
                    2 => (MessageKind::Binary, message.data.len() / 4 * 3),
                    8 => (MessageKind::Close, message.data.len()),
                    9 => (MessageKind::Ping, message.data.len()),
                    10 => (MessageKind::Pong, message.data.len()),
                    _ => return None,
                };
                Some(Message {
                    at_ms: milliseconds(Some(message.time * 1_000.0)).saturating_sub(started_ms),
                    sent: message.direction == "send",
                    kind,
                    bytes: bytes as u64,
                    text: if kind == MessageKind::Text {
                        message.data.clone()
                    } else {
                        String::new()
                    },
                })
            })
            .collect();
        (messages, error.map(|message| message.data.clone()))
    }
}

impl Request {
    fn head(&self) -> RequestHead {
        let url = Url::parse(&self.url).ok();
        RequestHead {
            method: self.method.clone(),
            target: url.map_or("/".to_owned(), |url| {
                url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
            }),
            version: version(&self.http_version),
            // HTTP/2 pseudo headers are in the request line already.
            headers: self
                .headers
                .iter()
                .filter(|header| !header.name.starts_with(':'))
                .cloned()
                .collect(),
        }
    }
}

impl Answer {
    fn response(&self, wait: Option<f64>) -> Option<Response> {
        let status = u16::try_from(self.status)
            .ok()
            .filter(|status| *status >= 100)?;
        let readable = self.content.encoding.is_none();
        let text: String = if readable {
            self.content
                .text
                .chars()
                .take(BODY_CHARACTERS_MAX)
                .collect()
        } else {
            String::new()
        };
        Some(Response {
            status,
            reason: self.status_text.clone(),
            version: version(&self.http_version),
            headers: self
                .headers
                .iter()
                .filter(|header| !header.name.starts_with(':'))
                .cloned()
                .collect(),
            body: Body {
                cut: text.len() < self.content.text.len(),
                bytes: u64::try_from(self.content.size).unwrap_or(0),
                text,
            },
            first_byte_ms: milliseconds(wait),
        })
    }
}

/// Ordinary requests of the same host: its front page and the WebSocket's own path.
fn controls(entries: &[Entry], socket: &str) -> Vec<(ControlPath, RequestHead, Response)> {
    let Ok(socket) = Url::parse(socket) else {
        return Vec::new();
    };
    let mut found: Vec<(ControlPath, RequestHead, Response)> = Vec::new();
    for entry in entries.iter().filter(|entry| !entry.is_websocket()) {
        let Ok(url) = Url::parse(&entry.request.url) else {
            continue;
        };
        let same_place = url.host() == socket.host()
            && url.port_or_known_default() == socket.port_or_known_default();
        let path = match url.path() {
            _ if !same_place => continue,
            path if path == socket.path() => ControlPath::Same,
            "/" => ControlPath::Root,
            _ => continue,
        };
        if let Some(response) = entry.response.response(entry.timings.wait)
            && !found.iter().any(|(known, ..)| *known == path)
        {
            found.push((path, entry.request.head(), response));
        }
    }
    found
}

/// Some exporters write the address of a WebSocket as `https`.
fn socket_url(url: &str) -> String {
    let url = url.split('#').next().unwrap_or(url);
    match url.strip_prefix("http") {
        Some(rest) => format!("ws{rest}"),
        None => url.to_owned(),
    }
}

fn version(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "h2" | "http/2" | "http/2.0" => "HTTP/2".to_owned(),
        "http/1.0" => "HTTP/1.0".to_owned(),
        _ => "HTTP/1.1".to_owned(),
    }
}

/// Whole milliseconds; a missing or impossible number is 0.
fn milliseconds(ms: Option<f64>) -> u64 {
    let ms = ms.filter(|ms| (0.0..1e15).contains(ms)).unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded above"
    )]
    let whole = ms as u64;
    whole
}

/// How much of a file is looked at to tell what it is.
const HEAD_CHARACTERS: usize = 64;

/// Most WebSockets of one file that are looked at.
const SOCKETS_MAX: usize = 1_000;

/// Longest beginning of a body that is kept.
const BODY_CHARACTERS_MAX: usize = 4_096;
