//! The requests of the HTTP transports: attach, renewal of the downlink, and `send`.
//!
//! A request that is broken, late or foreign must take nothing out of a session.

use std::future::poll_fn;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::time::timeout;
use towpath_session::attach::{Refusal, Request as Verdict};
use towpath_session::body::{Attach, Secret};
use towpath_session::{Envelope, Fault, Malformed, Outcome, whole};
use towpath_transport::server::HttpTransport;

use super::answer;
use super::attach::{Answer, Source, attach};
use super::attachment::{Response as Open, Stated};
use super::downlink::Downlink;
use super::session::Session;
use super::state::{Observed, Phase, State};
use crate::body::Body;
use crate::call::Call;
use crate::config::TransportKind;
use crate::gateway::Gateway;
use crate::limits::Limit;
use crate::observe::{self, Arriving};

/// Answers a request for the downlink of an HTTP transport.
pub(super) async fn downlink(
    gateway: &Arc<Gateway>,
    call: Call,
    kind: TransportKind,
) -> Response<Body> {
    let transport = match kind {
        TransportKind::Stream => HttpTransport::Stream,
        TransportKind::Sse => HttpTransport::Sse,
        TransportKind::Poll | TransportKind::Websocket => HttpTransport::Poll,
    };
    let (parts, body) = match read(gateway, call.request, &call.client).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let mut envelopes = whole(&body);
    let taken = match envelopes.next() {
        Some(Ok(Envelope::Attach(json))) => {
            let Ok(parsed) = Attach::parse(json) else {
                return answer::status(StatusCode::BAD_REQUEST);
            };
            let source = Source {
                path: &call.path,
                origin: call.origin.as_deref(),
                client: &call.client,
                headers: &parts.headers,
                transport: kind,
                http2: parts.version == http::Version::HTTP_2,
                opened_before: 0,
            };
            let taken = first(gateway, &source, &parsed, envelopes);
            if let Ok((session, ..)) = &taken {
                let arriving = Arriving::of_parts(&parts, &call.client, observe::transport(kind));
                let arrival = arriving.answered(&call.client, StatusCode::OK.as_u16());
                gateway.observer.add(&session.log, &arrival);
            }
            taken
        }
        Some(Ok(Envelope::With { key, request })) => later(
            gateway,
            key,
            request,
            call.origin.as_deref(),
            kind,
            envelopes,
        ),
        _ => Err(answer::Plain::Status(StatusCode::BAD_REQUEST)),
    };
    match taken {
        Ok((session, generation, request)) => {
            let gateway = Arc::clone(gateway);
            let downlink = Downlink::new(gateway, session, generation, request, transport);
            respond(downlink).await
        }
        Err(plain) => answer::plain(plain, transport),
    }
}

/// A stream goes on; a poll is complete, head and all, once there is something to say.
async fn respond(mut downlink: Downlink) -> Response<Body> {
    let transport = downlink.transport();
    if transport.is_streaming() {
        return answer::streaming(transport, downlink);
    }
    let body = poll_fn(|cx| downlink.poll_part(cx)).await;
    answer::complete(transport, body.unwrap_or_default())
}

type Taken = Result<(Arc<Session>, u64, u64), answer::Plain>;

/// The request with `attach`, which is number 0.
fn first<'a>(
    gateway: &Arc<Gateway>,
    source: &Source<'_>,
    parsed: &Attach,
    rest: impl Iterator<Item = Result<Envelope<'a>, Malformed>>,
) -> Taken {
    let (session, generation) = match attach(gateway, source, parsed) {
        Answer::Attached(session, generation) => (session, generation),
        Answer::Late => return Err(answer::Plain::Empty),
        Answer::Superseded(generation) => return Err(answer::Plain::Superseded(generation)),
        Answer::End(outcome, retry) => return Err(answer::Plain::End(outcome, retry)),
        Answer::Forbidden => return Err(answer::Plain::Status(StatusCode::FORBIDDEN)),
    };
    let now = gateway.sessions.now();
    let mut state = session.state();
    if let Some(attachment) = state.attachment(generation) {
        attachment.response = Some(Open::new(0, now));
    }
    take(&mut state, generation, rest, now);
    drop(state);
    Ok((session, generation, 0))
}

/// A later request for the downlink: it takes the place of the one before.
fn later<'a>(
    gateway: &Arc<Gateway>,
    key: [u8; 16],
    request: u64,
    origin: Option<&str>,
    kind: TransportKind,
    mut rest: impl Iterator<Item = Result<Envelope<'a>, Malformed>>,
) -> Taken {
    let session = find(gateway, key)?;
    let now = gateway.sessions.now();
    let mut state = session.state();
    check_phase(&state)?;
    // Looked at before anything changes: a broken request must not take the place of a whole one.
    let Some(Ok(Envelope::Ack { received, credit })) = rest.next() else {
        return Err(answer::Plain::Status(StatusCode::BAD_REQUEST));
    };
    let generation = match state.acceptance.uplink(key, origin) {
        Verdict::Taken { generation, .. } => generation,
        other => return Err(verdict(other)),
    };
    if state
        .attachment(generation)
        .is_none_or(|attachment| attachment.transport != kind)
    {
        return Err(answer::Plain::Status(StatusCode::BAD_REQUEST));
    }
    let in_use = match state.acceptance.downlink(key, request, origin) {
        Verdict::Taken { in_use, .. } => in_use,
        other => return Err(verdict(other)),
    };
    let stated = Stated { received, credit };
    let mut was_lost = false;
    if let Some(attachment) = state.attachment(generation) {
        was_lost = attachment.lost && attachment.counts.used;
        attachment.wake();
        attachment.response = Some(Open::new(request, now));
        attachment.lost = false;
        attachment.counts.cut = false;
        attachment.heard = now;
        attachment.stated = stated;
    }
    if was_lost {
        state.observed.push(Observed::Open(kind, true));
    }
    if in_use && let Err(fault) = state.carry(stated, now) {
        state.end(fault.outcome(), None, now);
    }
    take(&mut state, generation, rest, now);
    drop(state);
    Ok((session, generation, request))
}

/// Answers a `send`.
pub(super) async fn send(gateway: &Arc<Gateway>, call: Call) -> Response<Body> {
    let (_, body) = match read(gateway, call.request, &call.client).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let mut envelopes = whole(&body);
    let Some(Ok(Envelope::With { key, .. })) = envelopes.next() else {
        return answer::status(StatusCode::BAD_REQUEST);
    };
    match sent(gateway, key, call.origin.as_deref(), envelopes) {
        Ok((out, cookies)) => {
            let mut response = answer::complete(HttpTransport::Poll, out.into());
            response.headers_mut().extend(cookies);
            response
        }
        Err(plain) => answer::plain(plain, HttpTransport::Poll),
    }
}

fn sent<'a>(
    gateway: &Arc<Gateway>,
    key: [u8; 16],
    origin: Option<&str>,
    rest: impl Iterator<Item = Result<Envelope<'a>, Malformed>>,
) -> Result<(Vec<u8>, HeaderMap), answer::Plain> {
    let session = find(gateway, key)?;
    let now = gateway.sessions.now();
    let mut state = session.state();
    check_phase(&state)?;
    let generation = match state.acceptance.uplink(key, origin) {
        Verdict::Taken { generation, .. } => generation,
        other => return Err(verdict(other)),
    };
    take(&mut state, generation, rest, now);
    check_phase(&state)?;
    let in_use = state.acceptance.in_use();
    if in_use > generation {
        return Err(answer::Plain::Superseded(in_use));
    }
    let mut out = Vec::new();
    state.engine.write_ack(&mut out);
    state.wake_task();
    let mut cookies = HeaderMap::new();
    state.cookies.carry(&mut cookies, now);
    Ok((out, cookies))
}

/// Takes the envelopes of a body; a fault ends the session.
fn take<'a>(
    state: &mut State,
    generation: u64,
    envelopes: impl Iterator<Item = Result<Envelope<'a>, Malformed>>,
    now: u64,
) {
    for envelope in envelopes {
        let outcome = match envelope {
            Ok(envelope) => state.receive(generation, envelope, now),
            Err(malformed) => Err(Fault::Malformed(malformed)),
        };
        if let Err(fault) = outcome {
            tracing::debug!(%fault, "the client broke the protocol");
            state.end(fault.outcome(), None, now);
            return;
        }
    }
    let changed = state.acceptance.in_use() == generation;
    if changed {
        state.wake_task();
    }
}

fn find(gateway: &Gateway, key: [u8; 16]) -> Result<Arc<Session>, answer::Plain> {
    gateway
        .sessions
        .registry
        .find(&Secret(key))
        .ok_or(answer::Plain::End(Outcome::ContinuityLost, None))
}

/// A session that ended by name says so to every request.
fn check_phase(state: &State) -> Result<(), answer::Plain> {
    match state.phase {
        Phase::Ended(outcome, _) => Err(answer::Plain::End(outcome, None)),
        Phase::Open | Phase::Closing(_) | Phase::Over => Ok(()),
    }
}

fn verdict(verdict: Verdict) -> answer::Plain {
    match verdict {
        Verdict::Taken { .. } | Verdict::Late => answer::Plain::Empty,
        Verdict::Superseded { generation } => answer::Plain::Superseded(generation),
        Verdict::Refused(Refusal::OtherOrigin) => answer::Plain::Status(StatusCode::FORBIDDEN),
        Verdict::Refused(_) => answer::Plain::End(Outcome::ContinuityLost, None),
    }
}

/// Reads a POST within its limits.
async fn read(
    gateway: &Gateway,
    request: Request<Incoming>,
    client: &crate::client::Client,
) -> Result<(http::request::Parts, Bytes), Response<Body>> {
    if request.method() != Method::POST {
        return Err(answer::only_post());
    }
    let is_text = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let kind = value.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("text/plain")
        });
    if !is_text {
        return Err(answer::status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    let limits = &gateway.settings.limits;
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, limits.body_bytes).collect();
    match timeout(limits.slow_reader_seconds.duration(), body).await {
        Ok(Ok(body)) => Ok((parts, body.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            gateway
                .metrics
                .limit_reached(Limit::BodyBytes, &client.address);
            Err(Limit::BodyBytes.response())
        }
        Ok(Err(_)) => Err(answer::status(StatusCode::BAD_REQUEST)),
        Err(_) => {
            gateway
                .metrics
                .limit_reached(Limit::SlowReaderSeconds, &client.address);
            Err(answer::status(StatusCode::REQUEST_TIMEOUT))
        }
    }
}
