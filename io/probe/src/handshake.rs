//! What does an opening handshake with given changes get?
//!
//! [`open`] is also how conversations begin: it hands over the open socket. It must never send
//! anything behind the handshake itself.

use std::time::{Duration, Instant};

use towpath_diagnosis::observation::{
    Change, Fact, Failed, Failure, Handshake, HandshakeOutcome, RequestHead, Response, Route,
    Scheme, Stage, Switched,
};
use towpath_net::http1::{self, Answer};
use towpath_net::http2;
use towpath_net::limits::milliseconds;
use towpath_net::{Limits, Opened, Stream};
use towpath_websocket::{
    Acceptance, DeflateParameters, Offer, ResponseHead, check_connect_response, check_response,
};

use crate::request::{self, Draft};
use crate::run::Probe;

/// The longest pause that a change may ask for.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// A WebSocket after its handshake.
#[derive(Debug)]
pub struct OpenSocket {
    /// The stream; what the server sent together with its answer is read first.
    pub stream: Stream,
    /// The compression agreed on.
    pub deflate: Option<DeflateParameters>,
    /// The subprotocol that the server named.
    pub subprotocol: Option<String>,
    /// Whether HTTP/2 carries the socket.
    pub http2: bool,
    /// Number of the socket within the run, from 1.
    pub number: u32,
    /// When the answer was complete.
    pub opened: Instant,
    /// Whether a client that keeps to RFC 6455 goes on (the answer may deviate in a way that ends it).
    pub acceptable: bool,
}

/// Shakes hands with all these changes at once. The facts hold every step; the last one is the
/// handshake. The socket is there where the server switched protocols, even if it deviated.
pub async fn open(probe: &mut Probe, changes: &[Change]) -> (Vec<Fact>, Option<OpenSocket>) {
    let mut facts = Vec::new();
    let draft = match request::handshake(probe, changes).await {
        Ok(draft) => draft,
        Err(reason) => {
            facts.push(Fact::NotTested {
                question: towpath_diagnosis::question::Question::Handshake {
                    changes: changes.to_vec(),
                },
                reason,
            });
            return (facts, None);
        }
    };
    if let Some(pause) = draft.pause {
        tokio::time::sleep(pause.min(PAUSE_MAX)).await;
    }
    let (attempt, socket) = attempt(probe, &draft, &mut facts).await;
    facts.push(Fact::Handshake(Handshake {
        changes: changes.to_vec(),
        ..attempt
    }));
    (facts, socket)
}

/// Dials and exchanges; the changes are filled in by the caller.
async fn attempt(
    probe: &mut Probe,
    draft: &Draft,
    facts: &mut Vec<Fact>,
) -> (Handshake, Option<OpenSocket>) {
    let head = draft.wire_head();
    let mut handshake = Handshake {
        changes: Vec::new(),
        request: http1::request_fact(&head, probe.redactor()),
        route: Route::default(),
        library: None,
        issuer: None,
        outcome: HandshakeOutcome::Failed(Failed {
            stage: Stage::Connect,
            failure: Failure::NoAddress,
        }),
        elapsed_ms: 0,
    };
    let opened = match probe.dial_for(draft, facts).await {
        Ok(opened) => opened,
        Err(not_opened) => {
            handshake.route = not_opened.route;
            handshake.library = not_opened.library;
            handshake.issuer = not_opened.issuer;
            handshake.outcome = HandshakeOutcome::Failed(not_opened.failed);
            return (handshake, None);
        }
    };
    handshake.route = opened.route.clone();
    handshake.library = opened.library;
    handshake.issuer.clone_from(&opened.issuer);
    let began = Instant::now();
    let answered = exchange(draft, &head, opened, &probe.settings.net.limits).await;
    let elapsed = answered
        .as_ref()
        .map_or_else(|_| began.elapsed(), |(answer, _)| answer.head_complete);
    handshake.elapsed_ms = milliseconds(elapsed);
    let (outcome, socket) = concluded(probe, draft, answered);
    handshake.outcome = outcome;
    (handshake, socket)
}

/// The answer, and the stream where the server switched.
type Answered = Result<(Answer, Option<Stream>), Failure>;

async fn exchange(draft: &Draft, head: &RequestHead, opened: Opened, limits: &Limits) -> Answered {
    let mut stream = opened.stream;
    if draft.http2 {
        if draft.scheme == Scheme::Wss && opened.alpn.as_deref() != Some("h2") {
            return Err(Failure::Http2NotAgreed);
        }
        let asked = http2::connect(stream, head, limits).await?;
        return Ok((asked.answer, asked.stream));
    }
    let answer = http1::exchange(&mut stream, head, limits).await?;
    let switched = answer.status == 101;
    Ok((answer, switched.then_some(stream)))
}

fn concluded(
    probe: &mut Probe,
    draft: &Draft,
    answered: Answered,
) -> (HandshakeOutcome, Option<OpenSocket>) {
    let (answer, stream) = match answered {
        Ok(answered) => answered,
        Err(failure) => {
            let stage = stage_of(&failure);
            return (HandshakeOutcome::Failed(Failed { stage, failure }), None);
        }
    };
    let settings = &probe.settings.net;
    let response = answer.fact(&settings.redactor, &settings.limits);
    let Some(stream) = stream else {
        if let Some(location) = answer.header("Location") {
            probe.location = Some(location.to_owned());
        }
        let response = Box::new(response);
        return (HandshakeOutcome::Refused { response }, None);
    };
    let acceptance = checked(&answer, draft);
    probe.sockets += 1;
    let socket = OpenSocket {
        stream,
        deflate: acceptance.deflate,
        subprotocol: acceptance.subprotocol.clone(),
        http2: draft.http2,
        number: probe.sockets,
        opened: Instant::now(),
        acceptable: acceptance.opens(),
    };
    (switched(acceptance, response), Some(socket))
}

/// An alert may come when the server has read this side's last flight, in the middle of the HTTP
/// step (TLS 1.3); it still belongs to TLS.
pub fn stage_of(failure: &Failure) -> Stage {
    match failure {
        Failure::Alert { .. } => Stage::Tls,
        _ => Stage::Http,
    }
}

fn switched(acceptance: Acceptance, response: Response) -> HandshakeOutcome {
    HandshakeOutcome::Switched(Box::new(Switched {
        deviations: acceptance
            .deviations
            .iter()
            .map(|deviation| deviation.as_str().to_owned())
            .collect(),
        subprotocol: acceptance.subprotocol,
        extensions: response
            .header("Sec-WebSocket-Extensions")
            .map(str::to_owned),
        response,
    }))
}

fn checked(answer: &Answer, draft: &Draft) -> Acceptance {
    let headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .collect();
    let head = ResponseHead {
        status: answer.status,
        headers: &headers,
    };
    let subprotocols = draft.subprotocols();
    let offer = Offer {
        key: draft.value("Sec-WebSocket-Key").unwrap_or_default(),
        subprotocols: &subprotocols,
        extensions: draft.value("Sec-WebSocket-Extensions").unwrap_or_default(),
    };
    if draft.http2 {
        check_connect_response(&head, &offer)
    } else {
        check_response(&head, &offer)
    }
}
