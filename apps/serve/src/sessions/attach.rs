//! Taking an attach: it finds or opens its session, and becomes one of its attachments.
//!
//! Whether it may is decided by the session's acceptance. It must never look at a transport's bytes.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue};
use towpath_session::attach::{Acceptance, Decision, Grant, Refusal, Secrets};
use towpath_session::body::{Attach, Attached, Proof};
use towpath_session::limits::{BODY_BYTES, FIRST_PADDING_BYTES, PIECE_BYTES};
use towpath_session::{Envelope, Outcome, Session as Engine};

use super::attachment::{Attachment, Stated};
use super::registry::Entered;
use super::session::Session;
use super::state::{Phase, State};
use super::task::Task;
use crate::backend::{self, BackendRequest};
use crate::client::Client;
use crate::config::TransportKind;
use crate::gateway::Gateway;
use crate::limits::Limit;

/// The request that an attach came with.
pub(super) struct Source<'a> {
    /// The application's path.
    pub(super) path: &'a str,
    /// Its `Origin`, allowed.
    pub(super) origin: Option<&'a str>,
    /// Whose it is.
    pub(super) client: &'a Client,
    /// Its headers, for the backend.
    pub(super) headers: &'a HeaderMap,
    /// What it came over.
    pub(super) transport: TransportKind,
    /// Whether over HTTP/2.
    pub(super) http2: bool,
    /// How long ago its WebSocket had opened, in milliseconds.
    pub(super) opened_before: u32,
}

/// What becomes of an attach.
pub(super) enum Answer {
    /// It is an attachment of this session; what it is told waits there.
    Attached(Arc<Session>, u64),
    /// A copy of one that was taken already.
    Late,
    /// A later attachment is in use.
    Superseded(u64),
    /// There is no session for it.
    End(Outcome, Option<u64>),
    /// Another `Origin` than the session's.
    Forbidden,
}

/// Takes an attach.
pub(super) fn attach(gateway: &Arc<Gateway>, request: &Source<'_>, attach: &Attach) -> Answer {
    if !is_below(&attach.target, request.path) {
        return Answer::End(Outcome::Malformed, None);
    }
    let sessions = &gateway.sessions;
    let session = match attach.proof {
        Proof::Token(token) => match sessions.registry.find(&token) {
            Some(session) => session,
            None => return Answer::End(Outcome::ContinuityLost, None),
        },
        Proof::Fresh(_) => match enter(gateway, request, attach) {
            Ok(session) => session,
            Err(answer) => return answer,
        },
    };
    let now = sessions.now();
    let mut state = session.state();
    match state.phase {
        Phase::Open | Phase::Closing(_) => {}
        Phase::Ended(outcome, _) => return Answer::End(outcome, None),
        Phase::Over => return Answer::End(Outcome::ContinuityLost, None),
    }
    let secrets = Secrets {
        token: random(),
        key: random(),
    };
    let decision = state
        .acceptance
        .decide(attach, request.origin, secrets, now);
    let changes: Vec<_> = state.acceptance.changes().collect();
    sessions.registry.change(&session, changes.into_iter());
    let (grant, ends, in_use) = match decision {
        Decision::InUse { grant, .. } => (grant, None, true),
        Decision::Candidate { grant, ends } => (grant, ends, false),
        Decision::Superseded { generation } => return Answer::Superseded(generation),
        Decision::Late => return Answer::Late,
        Decision::Refused(Refusal::OtherOrigin) => return Answer::Forbidden,
        Decision::Refused(Refusal::Unknown) => {
            return Answer::End(Outcome::ContinuityLost, None);
        }
        Decision::Refused(Refusal::OtherTarget | Refusal::Version) => {
            return Answer::End(Outcome::Malformed, None);
        }
    };
    if let Some(ended) = ends {
        let in_use = state.acceptance.in_use();
        state.supersede(ended, in_use, now);
    }
    let attachment = greet(gateway, &session, &state, request, attach, grant, now);
    state.attachments.reserve_exact(1);
    state.attachments.push(attachment);
    if in_use && let Err(fault) = state.put_in_use(attach.generation, now) {
        state.end(fault.outcome(), None, now);
    }
    if let Some(attempt) = &attach.attempt {
        gateway.observer.join(&session.log, attempt);
    }
    sessions.counters.attached(request.transport.name());
    state.wake_task();
    tracing::debug!(
        session = %session.name(),
        transport = request.transport.name(),
        generation = attach.generation,
        in_use,
        "attached"
    );
    drop(state);
    Answer::Attached(session, attach.generation)
}

/// Whether requests for `target` come to the endpoints of `path`: a trailing slash is not doubled there.
fn is_below(target: &str, path: &str) -> bool {
    let target = target.split('?').next().unwrap_or_default();
    target == path || target.strip_suffix('/') == Some(path)
}

/// The attachment with its answer queued.
fn greet(
    gateway: &Gateway,
    session: &Session,
    state: &State,
    request: &Source<'_>,
    attach: &Attach,
    grant: Grant,
    now: u64,
) -> Attachment {
    let sessions = &gateway.sessions;
    let network = request.client.network();
    let profile = sessions.networks.profile(network, now);
    let stated = Stated {
        received: attach.received,
        credit: attach.window,
    };
    let mut attachment = Attachment::new(
        attach.generation,
        (request.transport, network),
        stated,
        profile,
        now,
    );
    attachment.counts.http2 = request.http2;
    attachment.counts.opened_before = request.opened_before;
    let attached = Attached {
        session: session.name().to_owned(),
        token: grant.token,
        key: grant.key,
        generation: attach.generation,
        received: state.engine.received(),
        window: state.engine.credit(),
        piece: PIECE_BYTES as u64,
        body: BODY_BYTES.min(gateway.settings.limits.body_bytes) as u64,
        heartbeat: profile.heartbeat_ms,
        resume: sessions.patience.resume_ms,
        report: gateway.observer.asks(&session.log),
    };
    attachment.say(Envelope::Attached(&attached.json()));
    if matches!(
        request.transport,
        TransportKind::Stream | TransportKind::Sse
    ) {
        attachment.pad(FIRST_PADDING_BYTES);
    }
    attachment
}

/// The session of a nonce; a new one with its task where there is none yet.
fn enter(
    gateway: &Arc<Gateway>,
    request: &Source<'_>,
    attach: &Attach,
) -> Result<Arc<Session>, Answer> {
    let sessions = &gateway.sessions;
    let nonce = attach.proof.secret();
    if let Some(session) = sessions.registry.find(&nonce) {
        return Ok(session);
    }
    if gateway.drain.is_draining() {
        return Err(Answer::End(Outcome::Shutdown, Some(RETRY_SECONDS)));
    }
    let subject = &request.client.address;
    if sessions.is_memory_full() {
        gateway.metrics.limit_reached(Limit::BufferedBytes, subject);
        return Err(Answer::End(Outcome::Memory, Some(RETRY_SECONDS)));
    }
    let address = request.client.counted_address();
    let now = sessions.now();
    let make = || {
        let acceptance = Acceptance::new(attach, request.origin, random());
        let engine = Engine::new(sessions.engine);
        let log = gateway
            .observer
            .begin(attach.attempt.as_deref(), request.client, request.path);
        Arc::new(Session::new(
            log,
            address,
            State::new(engine, acceptance, now),
        ))
    };
    match sessions
        .registry
        .enter(nonce, address, sessions.capacity, make)
    {
        Entered::Found(session) => Ok(session),
        Entered::New(session) => {
            begin(gateway, request, attach, &session);
            Ok(session)
        }
        Entered::Over => Err(Answer::End(Outcome::ContinuityLost, None)),
        Entered::Full(limit) => {
            gateway.metrics.limit_reached(limit, subject);
            Err(Answer::End(Outcome::TooManySessions, Some(RETRY_SECONDS)))
        }
    }
}

/// Starts the task of a new session, which first opens its backend leg.
fn begin(gateway: &Arc<Gateway>, request: &Source<'_>, attach: &Attach, session: &Arc<Session>) {
    gateway.sessions.watch_drain(gateway);
    gateway.sessions.counters.opened.inc();
    gateway.sessions.counters.sessions.inc();
    tracing::info!(
        session = %session.name(),
        client = %request.client.address,
        transport = request.transport.name(),
        "session opened"
    );
    let opening = {
        let gateway = Arc::clone(gateway);
        let target = attach.target.clone();
        let protocols = attach.protocols.join(", ");
        let mut headers = request.headers.clone();
        if let Some(credentials) = &attach.authorization
            && let Ok(mut value) = HeaderValue::from_str(&credentials.0)
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = request.client.clone();
        Box::pin(async move {
            let request = BackendRequest {
                target: &target,
                headers: &headers,
                client: &client,
                subprotocols: (!protocols.is_empty()).then_some(&*protocols),
                extensions: None,
                key: None,
            };
            backend::open(&gateway.upstream, request).await
        })
    };
    session.be_followed();
    tokio::spawn(Task::new(Arc::clone(gateway), Arc::clone(session), opening));
}

fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system has random bytes");
    bytes
}

/// When a client that was turned away may try again.
const RETRY_SECONDS: u64 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_belong_to_their_path_with_and_without_a_slash() {
        for target in ["/chat", "/chat/", "/chat?a=/b", "/chat/?a"] {
            assert!(is_below(target, "/chat"), "{target}");
        }
        for target in ["/", "/cha", "/chat//", "/chat/room", "/chats"] {
            assert!(!is_below(target, "/chat"), "{target}");
        }
        assert!(is_below("/", "/") && is_below("/?a", "/") && !is_below("/a", "/"));
    }
}
