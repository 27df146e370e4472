//! Several messages in a row, one a beat or all at once, each expected back.

use std::time::{Duration, Instant};

use towpath_diagnosis::observation::{MessageKind, Outcome};
use towpath_net::limits::milliseconds;

use super::payload::{Fit, Needle, mask_key, text};
use super::wire::{Incoming, Wire};

/// Sends the messages and gathers the answers. Each answer's time is in the log.
pub(super) async fn exchange(wire: &mut Wire, messages: u32, every: Duration) -> Outcome {
    let began = Instant::now();
    let mut waiting: Vec<Needle> = Vec::new();
    for number in 0..messages.min(MESSAGES_MAX) {
        let due = began + every * number;
        collect(wire, &mut waiting, due, None).await;
        if wire.ended().is_some() {
            break;
        }
        let payload = text(MESSAGE_BYTES, true);
        if wire.compose(|connection, out| connection.send_text(&payload, mask_key, out)) {
            wire.log.sent(MessageKind::Text, payload.len());
        }
        waiting.push(Needle::new(payload.as_bytes()));
    }
    let last = Instant::now();
    let patience = wire.patience;
    collect(wire, &mut waiting, last + patience, Some(patience)).await;
    let missing = waiting.len();
    wire.log.give_up(waiting);
    match (missing, usize::try_from(messages).unwrap_or(usize::MAX)) {
        (0, _) => Outcome::Answered {
            after_ms: milliseconds(began.elapsed()),
        },
        (missing, all) if missing < all => Outcome::Different {
            detail: format!("{missing} of {all} messages were not answered"),
        },
        _ => Outcome::Silent {
            waited_ms: milliseconds(began.elapsed()),
        },
    }
}

/// Takes answers until a moment, or, with patience, as long as further ones come.
async fn collect(
    wire: &mut Wire,
    waiting: &mut Vec<Needle>,
    until: Instant,
    patience: Option<Duration>,
) {
    let mut end = until;
    while patience.is_none() || !waiting.is_empty() {
        match wire.next(end).await {
            Some(Incoming::Message(message)) => {
                let before = waiting.len();
                waiting.retain(|needle| needle.fit(&message) == Fit::Other);
                if let Some(patience) = patience.filter(|_| waiting.len() < before) {
                    end = (Instant::now() + patience).min(until + COLLECT_MAX);
                }
            }
            Some(_) => {}
            None => return,
        }
    }
}

/// Length of each message, in bytes.
const MESSAGE_BYTES: u64 = 24;
/// How much longer a server that is slow and steady is given.
const COLLECT_MAX: Duration = Duration::from_secs(4);
/// The most messages that are sent in a row.
const MESSAGES_MAX: u32 = 100;
