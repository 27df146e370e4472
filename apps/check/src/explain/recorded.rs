//! A WebSocket that a browser recorded, as observations of the page's vantage.
//!
//! Only what the file says becomes a fact. Secrets are removed here, whatever the exporter left in.

use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::{
    BrowserCapture, BrowserOutcome, BrowserUse, ControlPath, Conversation, Ending, Event, Exchange,
    ExchangeOutcome, Exercise, Failed, Failure, Handshake, HandshakeOutcome, Header, MessageKind,
    Outcome, Payload, RequestHead, Response, Route, Switched, Target,
};
use towpath_diagnosis::redact::Redactor;
use towpath_diagnosis::{Fact, Observation, ObservationId, Question};
use towpath_websocket::{Offer, ResponseHead, check_connect_response, check_response};

use super::net_error;
use crate::request::{address, token};

/// A WebSocket as some file tells it; values are raw.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) url: String,
    pub(crate) browser: String,
    pub(crate) page: Option<String>,
    pub(crate) started_unix_s: u64,
    pub(crate) request: RequestHead,
    /// Whether the file proves that the request was sent, and not only meant to be.
    pub(crate) sent: bool,
    pub(crate) response: Option<Response>,
    /// The browser's error, for example `net::ERR_CONNECTION_RESET`.
    pub(crate) error: Option<String>,
    pub(crate) messages: Vec<Message>,
    pub(crate) elapsed_ms: u64,
    /// Ordinary requests to the same host.
    pub(crate) controls: Vec<(ControlPath, RequestHead, Response)>,
}

/// A message on an open socket.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) at_ms: u64,
    pub(crate) sent: bool,
    pub(crate) kind: MessageKind,
    pub(crate) bytes: u64,
    pub(crate) text: String,
}

impl Recorded {
    /// Whether it did not open, or ended with an error.
    pub(crate) fn failed(&self) -> bool {
        self.error.is_some() || !self.opened()
    }

    fn opened(&self) -> bool {
        let http2 = self.request.version == "HTTP/2";
        self.response
            .as_ref()
            .is_some_and(|response| response.status == 101 || (http2 && response.status == 200))
    }

    /// The facts, in order; an error where the address is none.
    pub(crate) fn observations(self) -> Result<Vec<Observation>, String> {
        let redactor = Redactor::default();
        let mut facts = vec![(None, Fact::Target(self.target(&redactor)?))];
        for (path, request, response) in &self.controls {
            let question = Question::Control {
                path: *path,
                plain: false,
            };
            facts.push((
                Some(question),
                exchange(*path, request, response, &redactor),
            ));
        }
        let handshake = Question::Handshake {
            changes: Vec::new(),
        };
        if let Some(outcome) = self.handshake(&redactor) {
            facts.push((Some(handshake), outcome));
        }
        facts.push((Some(Question::Browser), self.browser(&redactor)));
        if self.opened() && (!self.messages.is_empty() || self.error.is_some()) {
            let conversation = self.conversation(&redactor);
            let question = Question::Talk {
                exercises: vec![conversation.exercise.clone()],
                changes: Vec::new(),
            };
            facts.push((Some(question), Fact::Conversation(conversation)));
        }
        let at_ms = self.elapsed_ms;
        Ok((1..)
            .zip(facts)
            .map(|(number, (answers, fact))| Observation {
                id: ObservationId(number),
                at_ms,
                vantage: Vantage::Page,
                answers,
                fact,
            })
            .collect())
    }

    fn target(&self, redactor: &Redactor) -> Result<Target, String> {
        let address = address::read(&self.url).map_err(|error| error.to_string())?;
        let value = |name: &str| {
            self.request
                .headers
                .iter()
                .find(|header| header.name.eq_ignore_ascii_case(name))
                .map(|header| header.value.clone())
        };
        let offered = value("sec-websocket-protocol").unwrap_or_default();
        Ok(Target {
            url: redactor.url(&address.url),
            scheme: address.scheme,
            path: redactor.url(&address.path),
            host: address.host,
            port: address.port,
            host_is_address: address.is_literal,
            subprotocols: names(&offered),
            origin: value("origin"),
            header_names: Vec::new(),
            token: token::in_query(&address.path),
            proxy: None,
            proxy_credentials: false,
            client_certificate: false,
            given_authorities: false,
            fixed_addresses: false,
            echo: false,
            send: self.messages.iter().any(|message| message.sent),
            expect: None,
            page: self.page.is_some(),
            idle_ms: None,
            browser: BrowserUse::Only,
            like: false,
            budget: 0,
            started_unix_s: self.started_unix_s,
        })
    }

    fn handshake(&self, redactor: &Redactor) -> Option<Fact> {
        let outcome = match &self.response {
            Some(response) if self.opened() => {
                HandshakeOutcome::Switched(Box::new(self.switched(response, redactor)))
            }
            Some(response) => HandshakeOutcome::Refused {
                response: Box::new(clean_response(response, redactor)),
            },
            None => HandshakeOutcome::Failed(self.failure()?),
        };
        Some(Fact::Handshake(Handshake {
            changes: Vec::new(),
            request: clean_request(&self.request, redactor),
            route: Route::default(),
            library: None,
            issuer: None,
            outcome,
            elapsed_ms: self.elapsed_ms,
        }))
    }

    /// How the handshake failed, where the request was surely sent.
    fn failure(&self) -> Option<Failed> {
        let error = self.error.as_deref().filter(|_| self.sent)?;
        net_error::after_sending(error)
    }

    fn switched(&self, response: &Response, redactor: &Redactor) -> Switched {
        let pairs: Vec<(String, String)> = pairs(&response.headers);
        let head = ResponseHead {
            status: response.status,
            headers: &pairs,
        };
        let value = |name: &str| {
            let headers = self.request.headers.iter();
            let mut found = headers.filter(|header| header.name.eq_ignore_ascii_case(name));
            found.next().map_or("", |header| header.value.as_str())
        };
        let subprotocols = names(value("sec-websocket-protocol"));
        let offer = Offer {
            key: value("sec-websocket-key"),
            subprotocols: &subprotocols,
            extensions: value("sec-websocket-extensions"),
        };
        let http2 = self.request.version == "HTTP/2";
        let accepted = if http2 {
            check_connect_response(&head, &offer)
        } else {
            check_response(&head, &offer)
        };
        // Without the key there is nothing that the accept could be compared with; without headers, nothing at all.
        let judged = !response.headers.is_empty() && (http2 || !offer.key.is_empty());
        Switched {
            response: clean_response(response, redactor),
            deviations: accepted
                .deviations
                .iter()
                .filter(|_| judged)
                .map(|deviation| deviation.as_str().to_owned())
                .collect(),
            subprotocol: accepted.subprotocol,
            extensions: response
                .header("sec-websocket-extensions")
                .map(str::to_owned),
        }
    }

    fn browser(&self, redactor: &Redactor) -> Fact {
        let received = self.messages.iter().filter(|message| !message.sent).count();
        let outcome = if self.opened() {
            BrowserOutcome::Opened {
                frames_received: u32::try_from(received).unwrap_or(u32::MAX),
                closed: None,
            }
        } else {
            let refused = self.response.as_ref().map(|response| {
                format!("the handshake was answered with status {}", response.status)
            });
            BrowserOutcome::Failed {
                error: self
                    .error
                    .clone()
                    .or(refused)
                    .unwrap_or_else(|| "the recording ends before an answer".to_owned()),
            }
        };
        Fact::Browser(BrowserCapture {
            browser: self.browser.clone(),
            page: self.page.as_deref().map(|page| redactor.url(page)),
            page_substituted: false,
            request: Some(clean_request(&self.request, redactor)),
            response: self
                .response
                .as_ref()
                .map(|response| clean_response(response, redactor)),
            cookie_names: Vec::new(),
            issuer: None,
            document: None,
            messages: Vec::new(),
            outcome,
            elapsed_ms: self.elapsed_ms,
        })
    }

    /// All that went over the socket as one exercise, since nobody knows what the page meant by it.
    fn conversation(&self, redactor: &Redactor) -> Conversation {
        let first_sent = self.messages.iter().find(|message| message.sent);
        let exercise = match first_sent {
            Some(message) if message.text.contains("\"connection_init\"") => Exercise::GraphqlInit,
            Some(_) => Exercise::Send,
            None => Exercise::Listen,
        };
        let last_ms = self.messages.last().map_or(0, |message| message.at_ms);
        let answered = self.messages.iter().find(|message| !message.sent);
        let outcome = match (&self.error, answered) {
            (Some(error), _) => Outcome::Ended(Ending::Failed(Failure::Other {
                detail: error.clone(),
            })),
            (None, Some(message)) => Outcome::Answered {
                after_ms: message.at_ms,
            },
            (None, None) => Outcome::Silent { waited_ms: last_ms },
        };
        let response = self.response.as_ref();
        Conversation {
            socket: 1,
            changes: Vec::new(),
            exercise,
            compressed: response
                .and_then(|response| response.header("sec-websocket-extensions"))
                .is_some_and(|extensions| extensions.contains("permessage-deflate")),
            subprotocol: response
                .and_then(|response| response.header("sec-websocket-protocol"))
                .map(str::to_owned),
            http2: self.request.version == "HTTP/2",
            open_before_ms: 0,
            passed_before: 0,
            events: self
                .messages
                .iter()
                .take(EVENTS_MAX)
                .map(|message| event(message, redactor))
                .collect(),
            outcome,
            elapsed_ms: last_ms,
        }
    }
}

fn event(message: &Message, redactor: &Redactor) -> Event {
    let payload = if message.sent {
        Payload::Sent {
            kind: message.kind,
            bytes: message.bytes,
        }
    } else {
        let excerpt: String = message.text.chars().take(EXCERPT_CHARACTERS_MAX).collect();
        Payload::Received {
            kind: message.kind,
            bytes: message.bytes,
            excerpt: redactor.text(&excerpt),
            late: false,
        }
    };
    Event {
        at_ms: message.at_ms,
        payload,
    }
}

fn exchange(
    path: ControlPath,
    request: &RequestHead,
    response: &Response,
    redactor: &Redactor,
) -> Fact {
    Fact::Exchange(Exchange {
        path,
        request: clean_request(request, redactor),
        route: Route::default(),
        library: None,
        outcome: ExchangeOutcome::Answered {
            response: Box::new(clean_response(response, redactor)),
        },
        elapsed_ms: response.first_byte_ms,
        clock_offset_s: None,
    })
}

fn clean_request(request: &RequestHead, redactor: &Redactor) -> RequestHead {
    RequestHead {
        target: redactor.url(&request.target),
        headers: clean_headers(&request.headers, redactor),
        ..request.clone()
    }
}

fn clean_response(response: &Response, redactor: &Redactor) -> Response {
    let mut clean = Response {
        headers: clean_headers(&response.headers, redactor),
        ..response.clone()
    };
    clean.body.text = redactor.text(&clean.body.text);
    clean
}

fn clean_headers(headers: &[Header], redactor: &Redactor) -> Vec<Header> {
    headers
        .iter()
        .map(|header| Header {
            name: header.name.clone(),
            value: redactor.header(&header.name, &header.value),
        })
        .collect()
}

fn pairs(headers: &[Header]) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect()
}

fn names(list: &str) -> Vec<String> {
    list.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// An address that may be shown.
pub(super) fn shown(url: &str) -> String {
    Redactor::default().url(url)
}

/// Most messages of one socket that become events. The first ones tell the most.
const EVENTS_MAX: usize = 200;

/// Longest excerpt of a text message.
const EXCERPT_CHARACTERS_MAX: usize = 256;
