//! Several messages in a row, one a beat or all at once, each expected back.

use std::time::{Duration, Instant};

use towpath_diagnosis::observation::{MessageKind, Outcome};
use towpath_net::limits::milliseconds;

use super::exercise::ANSWER;
use super::payload::{Fit, Needle, mask_key, text};
use super::wire::{Incoming, Wire};

/// Sends the messages and gathers the answers. Each answer's time is in the log.
pub(super) async fn exchange(wire: &mut Wire, messages: u32, every: Duration) -> Outcome {
    let began = Instant::now();
    let mut waiting: Vec<Needle> = Vec::new();
    for number in 0..messages.min(MESSAGES_MAX) {
        let due = began + every * number;
        collect(wire, &mut waiting, due).await;
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
    collect(wire, &mut waiting, last + ANSWER).await;
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

/// Takes answers until a moment, or until none is missing and the moment has come.
async fn collect(wire: &mut Wire, waiting: &mut Vec<Needle>, until: Instant) {
    let is_last = until > Instant::now() + ANSWER / 2;
    while !(is_last && waiting.is_empty()) {
        match wire.next(until).await {
            Some(Incoming::Message(message)) => {
                waiting.retain(|needle| needle.fit(&message) == Fit::Other);
            }
            Some(_) => {}
            None => return,
        }
    }
}

/// Length of each message, in bytes.
const MESSAGE_BYTES: u64 = 24;
/// The most messages that are sent in a row.
const MESSAGES_MAX: u32 = 100;
