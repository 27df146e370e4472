//! A client's WebSocket until it has attached: the switch, the first envelope, and the way to its session's task.
//!
//! It ends within its limit whatever the client does, and takes nothing out of any session.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderMap, HeaderValue, SEC_WEBSOCKET_PROTOCOL};
use http::{Response, StatusCode, Version};
use tokio::time::timeout;
use towpath_diagnosis::observation::{self, AttachmentEnd};
use towpath_session::body::Attach;
use towpath_session::{Envelope, Fault, Malformed};
use towpath_transport::websocket::server::SUBPROTOCOL;
use towpath_websocket::CloseCode;

use super::answer::{self, write_end};
use super::attach::{Answer, Source, attach};
use super::link::{Link, Read};
use super::silence::{CLOSED_BY_CLIENT, Silence};
use crate::body::Body;
use crate::call::Call;
use crate::client::Client;
use crate::config::TransportKind;
use crate::gateway::Gateway;
use crate::limits::Limit;
use crate::observe;
use crate::upgrade::{self, ClientUpgrade};

/// Answers a request for the `websocket` transport.
pub(super) fn handle(gateway: &Arc<Gateway>, mut call: Call) -> Response<Body> {
    let Some(upgrade) = call.upgrade.take() else {
        return answer::status(StatusCode::UPGRADE_REQUIRED);
    };
    if !upgrade::offers_subprotocol(call.request.headers(), SUBPROTOCOL) {
        return answer::status(StatusCode::BAD_REQUEST);
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    let response = upgrade.response(headers);
    let gateway = Arc::clone(gateway);
    let status = response.status().as_u16();
    let seen = call.arriving.take();
    let mut arrival = Arrival {
        seen: seen.map(|arriving| arriving.answered(&call.client, status)),
        attempt: call.attempt,
        http2: call.request.version() == Version::HTTP_2,
        path: call.path,
        origin: call.origin,
        client: call.client,
        headers: std::mem::take(call.request.headers_mut()),
    };
    tokio::spawn(async move {
        let limit = gateway.settings.limits.head_seconds.duration();
        let mut silence = Silence::new();
        let arriving = arrive(&gateway, &mut arrival, &mut silence, upgrade);
        if timeout(limit, arriving).await.is_err() {
            gateway
                .metrics
                .limit_reached(Limit::HeadSeconds, &arrival.client.address);
        }
        if !silence.attached {
            let (attempt, client) = (arrival.attempt.as_deref(), &arrival.client);
            let attachment = silence.attachment(arrival.http2);
            gateway
                .observer
                .ended_unattached(attempt, client, attachment);
        }
    });
    response
}

struct Arrival {
    path: Box<str>,
    origin: Option<Box<str>>,
    client: Client,
    headers: HeaderMap,
    /// The id of the page's attempts, under which the request is noted already.
    attempt: Option<Box<str>>,
    http2: bool,
    /// The request otherwise.
    seen: Option<observation::Arrival>,
}

/// From the switch to the session's task, or to the end.
async fn arrive(
    gateway: &Arc<Gateway>,
    arrival: &mut Arrival,
    silence: &mut Silence,
    upgrade: ClientUpgrade,
) {
    let Ok(client) = upgrade.stream().await else {
        silence.ends(AttachmentEnd::EndOfStream);
        return;
    };
    let mut link = Link::new(client.stream);
    let (first, early) = match first(&mut link, &client.leftover, silence).await {
        Ok(read) => read,
        Err(end) => {
            silence.ends(end);
            refuse(link, &[], CloseCode::PROTOCOL_ERROR).await;
            return;
        }
    };
    silence.attached = true;
    let source = Source {
        path: &arrival.path,
        origin: arrival.origin.as_deref(),
        client: &arrival.client,
        headers: &arrival.headers,
        transport: TransportKind::Websocket,
        http2: arrival.http2,
        opened_before: silence.age_ms(),
    };
    let mut envelopes = Vec::new();
    let code = match attach(gateway, &source, &first) {
        Answer::Attached(session, generation) => {
            if let Some(attempt) = &arrival.attempt {
                gateway.observer.join(&session.log, attempt);
            }
            if let Some(seen) = arrival.seen.take() {
                gateway.observer.add(&session.log, &seen);
            }
            link.generation = generation;
            link.give_back(early);
            let mut state = session.state();
            state.arrived.reserve_exact(1);
            state.arrived.push(link);
            state.wake_task();
            return;
        }
        Answer::Late => CloseCode::NORMAL,
        Answer::Superseded(generation) => {
            Envelope::Superseded { generation }.encode(&mut envelopes);
            CloseCode::NORMAL
        }
        Answer::End(outcome, retry) => {
            write_end(outcome, retry, &mut envelopes);
            CloseCode(outcome.close_code())
        }
        Answer::Forbidden => CloseCode(1008),
    };
    refuse(link, &envelopes, code).await;
}

/// The attach, and the envelopes that came right behind it.
async fn first(
    link: &mut Link,
    leftover: &[u8],
    silence: &mut Silence,
) -> Result<(Attach, Vec<u8>), AttachmentEnd> {
    let mut first = First::default();
    let mut read = link.feed(leftover, |envelope| first.take(envelope));
    let mut scratch = vec![0; FIRST_READ_BYTES];
    loop {
        match read {
            Read::Some(bytes) => silence.heard(bytes),
            Read::Closed => return Err(CLOSED_BY_CLIENT),
            Read::Lost(end) => return Err(end),
            Read::Fault(fault) => return Err(observe::outcome(fault.outcome().name())),
        }
        if let Some(attach) = first.attach {
            return Ok((attach, first.early));
        }
        let first = &mut first;
        read = poll_fn(|cx| link.poll_receive(cx, &mut scratch, |envelope| first.take(envelope)))
            .await;
    }
}

#[derive(Default)]
struct First {
    attach: Option<Attach>,
    early: Vec<u8>,
}

impl First {
    fn take(&mut self, envelope: Envelope<'_>) -> Result<(), Fault> {
        match envelope {
            Envelope::Attach(json) if self.attach.is_none() => {
                self.attach = Some(Attach::parse(json)?);
            }
            Envelope::Padding(_) => {}
            _ if self.attach.is_none() => return Err(Fault::Malformed(Malformed::Unexpected)),
            _ => envelope.encode(&mut self.early),
        }
        Ok(())
    }
}

/// Says why there is no session, and ends.
async fn refuse(mut link: Link, envelopes: &[u8], code: CloseCode) {
    link.queue(|out| out.extend_from_slice(envelopes));
    link.close(code, u64::MAX);
    let goodbye = async {
        poll_fn(|cx| link.poll_flush(cx)).await.ok()?;
        // A client that is still sending would have the answer torn away by a reset.
        let mut scratch = vec![0; FIRST_READ_BYTES];
        while let Read::Some(_) =
            poll_fn(|cx| link.poll_receive(cx, &mut scratch, |_| Ok(()))).await
        {}
        poll_fn(|cx| link.poll_shutdown(cx)).await.ok()
    };
    let _ = timeout(GOODBYE, goodbye).await;
}

/// Enough for an attach in one read.
const FIRST_READ_BYTES: usize = 4096;

/// How long a client that is turned away has to close its side.
const GOODBYE: Duration = Duration::from_secs(3);
