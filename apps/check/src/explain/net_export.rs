//! A network log of Chromium (`chrome://net-export`): one line of constants, then one event a line.
//!
//! Numbers are replaced by the names that the constants give, since they differ between versions.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;
use towpath_diagnosis::observation::{Body, Header, RequestHead, Response};
use url::Url;

use super::recorded::Recorded;

/// Whether the text looks like a network log.
pub(super) fn is_one(text: &str) -> bool {
    let start: String = text.chars().take(HEAD_CHARACTERS).collect();
    let compact: String = start.chars().filter(|c| !c.is_whitespace()).collect();
    compact.starts_with("{\"constants\":")
}

/// All WebSockets of a log, in the order in which they began.
pub(super) fn read(text: &str) -> Result<Vec<Recorded>, String> {
    let log = Log::parse(text)?;
    let names = Names::new(&log.constants)?;
    let mut sockets: BTreeMap<i64, Trace> = BTreeMap::new();
    for event in &log.events {
        let kind = names.kinds.get(&event.kind).map_or("", String::as_str);
        if sockets.len() < SOCKETS_MAX
            && kind == "URL_REQUEST_START_JOB"
            && let Some(url) = event.params["url"].as_str().filter(|url| is_socket(url))
        {
            sockets
                .entry(event.source.id)
                .or_insert_with(|| Trace::new(url, event.time()));
        }
        if let Some(trace) = sockets.get_mut(&event.source.id) {
            trace.observe(kind, event, &names);
        }
    }
    if sockets.is_empty() {
        return Err(format!(
            "this network log holds no WebSocket ({} events{}). Start logging at chrome://net-export first, then \
             open the page, wait until the WebSocket has failed, then stop",
            log.events.len(),
            if log.cut { ", and it is cut off" } else { "" }
        ));
    }
    let client = log.constants.client_info;
    let client = client.map_or(String::new(), |client| {
        format!("{} {}", client.name, client.version)
    });
    let browser = match client.trim() {
        "" => "Chromium".to_owned(),
        named => named.to_owned(),
    };
    let recorded = sockets.into_values().map(|trace| Recorded {
        browser: browser.clone(),
        ..trace.recorded
    });
    Ok(recorded.collect())
}

/// A request of a WebSocket as it comes together.
struct Trace {
    recorded: Recorded,
    began_ms: u64,
    /// What the browser says is wrong with the answer.
    complaint: Option<String>,
}

impl Trace {
    fn new(url: &str, began_ms: u64) -> Self {
        let target = Url::parse(url).ok().map_or("/".to_owned(), |url| {
            url[url::Position::BeforePath..url::Position::AfterQuery].to_owned()
        });
        Self {
            recorded: Recorded {
                url: url.split('#').next().unwrap_or(url).to_owned(),
                request: RequestHead {
                    method: "GET".to_owned(),
                    target,
                    version: "HTTP/1.1".to_owned(),
                    headers: Vec::new(),
                },
                ..Recorded::default()
            },
            began_ms,
            complaint: None,
        }
    }

    fn observe(&mut self, kind: &str, event: &RawEvent, names: &Names) {
        let recorded = &mut self.recorded;
        match kind {
            "URL_REQUEST_START_JOB" => {
                let initiator = event.params["initiator"].as_str();
                let page = initiator.filter(|page| page.starts_with("http"));
                recorded.page = recorded.page.take().or(page.map(str::to_owned));
            }
            "HTTP_TRANSACTION_SEND_REQUEST_HEADERS"
            | "HTTP_TRANSACTION_HTTP2_SEND_REQUEST_HEADERS" => {
                if kind.contains("HTTP2") {
                    "CONNECT".clone_into(&mut recorded.request.method);
                    "HTTP/2".clone_into(&mut recorded.request.version);
                }
                recorded.request.headers = headers(event);
                recorded.sent = true;
            }
            "HTTP_TRANSACTION_READ_RESPONSE_HEADERS" => {
                recorded.response = response(event, event.time().saturating_sub(self.began_ms));
            }
            "WEBSOCKET_UPGRADE_FAILURE" => {
                let message = event.params["message"].as_str().unwrap_or_default();
                recorded.response = recorded.response.take().or(refusal(message));
                self.complaint = Some(message.to_owned());
            }
            _ => {}
        }
        let error = &event.params["net_error"];
        let name = error.as_str().map(str::to_owned).or_else(|| {
            error
                .as_i64()
                .filter(|code| *code != 0)
                .map(|code| names.error(code))
        });
        let opened = recorded
            .response
            .as_ref()
            .is_some_and(|response| response.status == 101);
        if let Some(name) = name.filter(|name| !opened && !MEANINGLESS.contains(&name.as_str())) {
            recorded.error = Some(match &self.complaint {
                Some(complaint) => format!("{name} ({complaint})"),
                None => name,
            });
        }
        recorded.elapsed_ms = event.time().saturating_sub(self.began_ms);
    }
}

/// Every abandoned or unfinished request ends so.
const MEANINGLESS: [&str; 2] = ["net::ERR_ABORTED", "net::ERR_IO_PENDING"];

fn is_socket(url: &str) -> bool {
    url.starts_with("ws://") || url.starts_with("wss://")
}

fn lines(event: &RawEvent) -> impl Iterator<Item = &str> {
    event.params["headers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}

fn headers(event: &RawEvent) -> Vec<Header> {
    lines(event)
        .filter_map(|line| line.split_once(':').filter(|(name, _)| !name.is_empty()))
        .map(|(name, value)| Header {
            name: name.trim().to_owned(),
            value: value.trim().to_owned(),
        })
        .collect()
}

/// Over HTTP/1.1 the first line is the status line, over HTTP/2 it is turned into one.
fn response(event: &RawEvent, first_byte_ms: u64) -> Option<Response> {
    let first = lines(event).next()?;
    let mut parts = first.splitn(3, ' ');
    let version = parts.next()?;
    Some(Response {
        version: if version.starts_with("HTTP/2") {
            "HTTP/2"
        } else {
            version
        }
        .to_owned(),
        status: parts.next()?.trim().parse().ok()?,
        reason: parts.next().unwrap_or_default().trim().to_owned(),
        headers: headers(event),
        body: Body {
            cut: true,
            ..Body::default()
        },
        first_byte_ms,
    })
}

/// Of a refusal the log keeps only the browser's sentence, which names the status.
fn refusal(message: &str) -> Option<Response> {
    let (_, status) = message.rsplit_once("Unexpected response code: ")?;
    Some(Response {
        status: status.trim().parse().ok()?,
        version: "HTTP/1.1".to_owned(),
        body: Body {
            cut: true,
            ..Body::default()
        },
        ..Response::default()
    })
}

struct Log {
    constants: Constants,
    events: Vec<RawEvent>,
    cut: bool,
}

impl Log {
    /// Reads line by line, so that a log that was cut off tells what it can; else as one JSON text.
    fn parse(text: &str) -> Result<Self, String> {
        let whole = || {
            let Whole { constants, events } =
                serde_json::from_str(text).map_err(|error| crate::report::explain(&error))?;
            Ok(Self {
                constants,
                events,
                cut: false,
            })
        };
        let mut lines = text.lines();
        let first = lines
            .next()
            .unwrap_or_default()
            .trim_end()
            .trim_end_matches(',');
        let Ok(Preamble { constants }) = serde_json::from_str(&format!("{first}}}")) else {
            return whole();
        };
        let events = lines
            .filter_map(|line| {
                serde_json::from_str(
                    line.trim_start_matches("\"events\": [")
                        .trim_end_matches([',', ' ', ']', '\r']),
                )
                .ok()
            })
            .collect();
        let cut = !text.trim_end().ends_with('}') || text.trim_end().ends_with("}}");
        Ok(Self {
            constants,
            events,
            cut,
        })
    }
}

#[derive(Deserialize)]
struct Preamble {
    constants: Constants,
}

#[derive(Deserialize)]
struct Whole {
    constants: Constants,
    #[serde(default)]
    events: Vec<RawEvent>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Constants {
    #[serde(default)]
    log_event_types: HashMap<String, u64>,
    #[serde(default)]
    net_error: HashMap<String, i64>,
    #[serde(default)]
    client_info: Option<ClientInfo>,
}

#[derive(Deserialize)]
struct ClientInfo {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
}

#[derive(Deserialize)]
struct RawEvent {
    source: RawSource,
    #[serde(rename = "type")]
    kind: u64,
    #[serde(default)]
    time: Value,
    #[serde(default)]
    params: Value,
}

#[derive(Deserialize)]
struct RawSource {
    id: i64,
}

impl RawEvent {
    /// Milliseconds of the log's clock, which are written as text.
    fn time(&self) -> u64 {
        let text = self.time.as_str().and_then(|text| text.parse().ok());
        text.or_else(|| self.time.as_u64()).unwrap_or(0)
    }
}

struct Names {
    kinds: HashMap<u64, String>,
    errors: HashMap<i64, String>,
}

impl Names {
    fn new(constants: &Constants) -> Result<Self, String> {
        if constants.log_event_types.is_empty() {
            return Err("this network log does not name its events; it was cut off or made by another program".to_owned());
        }
        let kinds = constants.log_event_types.iter();
        let errors = constants.net_error.iter();
        Ok(Self {
            kinds: kinds
                .map(|(name, number)| (*number, name.clone()))
                .collect(),
            errors: errors
                .map(|(name, number)| (*number, name.clone()))
                .collect(),
        })
    }

    fn error(&self, code: i64) -> String {
        match self.errors.get(&code) {
            Some(name) => format!("net::{name}"),
            None => format!("net error {code}"),
        }
    }
}

/// How much of a file is looked at to tell what it is.
const HEAD_CHARACTERS: usize = 64;

/// Most WebSockets of one file that are looked at.
const SOCKETS_MAX: usize = 1_000;
