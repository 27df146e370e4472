//! A plain WebSocket that ended, as a fact: what was counted, and who ended it.

use std::time::Duration;

use tokio::time::Instant;
use towpath_diagnosis::observation::{Attachment, AttachmentEnd, Transport};

use super::copy::End;
use super::relay::{First, Relay};
use crate::observe::{end_of, outcome};

/// What was seen of it.
pub(super) fn attachment(relay: &Relay, end: &End, http2: bool) -> Attachment {
    let opened = relay.opened();
    let [up, down] = relay.came();
    let [bytes_up, bytes_down] = relay.bytes();
    let silent = |came: Option<(Instant, Instant)>| {
        let newest = came.map_or(opened, |(_, newest)| newest);
        milliseconds(newest.elapsed())
    };
    Attachment {
        transport: Transport::Plain,
        generation: 0,
        http2,
        attached: true,
        used: true,
        age_ms: milliseconds(opened.elapsed()),
        first_up_ms: up.map(|(first, _)| milliseconds(first.saturating_duration_since(opened))),
        silent_up_ms: silent(up),
        silent_down_ms: silent(down),
        bytes_up,
        bytes_down,
        messages_up: None,
        messages_down: None,
        round_trip_us: None,
        end: ended(end, relay.first()),
    }
}

/// Who ended it: what came first counts, and the rest follows from it.
fn ended(end: &End, first: Option<First>) -> AttachmentEnd {
    let closed = |by_client, code| AttachmentEnd::Closed { by_client, code };
    match (first, end) {
        (_, End::Drained) => outcome("shutdown"),
        (Some(First::ClientClosed(code)), _) => closed(true, code),
        (Some(First::BackendClosed(code)), _) => closed(false, code),
        (Some(First::ClientEnded), _) => AttachmentEnd::EndOfStream,
        (Some(First::BackendEnded), _) => AttachmentEnd::Backend,
        (None, End::Broken(broken)) if broken.leg == "client" => end_of(&broken.error),
        (None, End::Limit(limit)) => outcome(limit.row().name),
        (None, End::Broken(_) | End::Both) => AttachmentEnd::Backend,
    }
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
