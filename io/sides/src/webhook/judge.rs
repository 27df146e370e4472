//! What an answer means for the piece and for the side. It must never take "not now" for "never", nor the other way round.

use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::settings::WebhookKind;
use super::target::Action;
use crate::http::{Answer, HttpError};
use crate::order::Outcome;
use crate::state::Why;

/// What follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Judged {
    pub(super) outcome: Outcome,
    pub(super) next: Next,
}

/// How the side goes on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// As before.
    On,
    /// As before, after a pause that the receiver asked for in advance.
    Pause(Duration),
    /// After a wait: what the receiver wants, else the side's own.
    Wait(Why, Option<Duration>),
    /// Not before somebody changes something.
    Stop(Why),
}

/// Longest id that is kept.
const ID_BYTES_MAX: usize = 200;

/// Characters of an answer that a sentence shows.
const EXCERPT_CHARS_MAX: usize = 160;

/// Longest pause that is kept between two pieces.
const PAUSE_MAX: Duration = Duration::from_mins(1);

/// Discord's number for a webhook that is gone.
const UNKNOWN_WEBHOOK: i64 = 10_015;

pub(super) fn judge(kind: WebhookKind, action: Action, answer: &Answer, now: SystemTime) -> Judged {
    let status = answer.status;
    let said = || {
        let text = answer.excerpt(EXCERPT_CHARS_MAX);
        let colon = if text.is_empty() { "" } else { ": " };
        format!("the webhook answered {status}{colon}{text}")
    };
    match status {
        200..=299 => Judged {
            outcome: Outcome::Delivered {
                id: id(&answer.body),
            },
            next: pause(answer).map_or(Next::On, Next::Pause),
        },
        404 if action != Action::Post && code(answer) != Some(UNKNOWN_WEBHOOK) => gone(action),
        300..=399 => stop(
            said(),
            "It points to another address. Put that one into the configuration.",
        ),
        401 | 403 => stop(said(), remedy_of_access(kind)),
        404 | 410 => stop(
            said(),
            "There is no such webhook any more. Make a new one and put its address into the configuration.",
        ),
        408 | 425 | 429 | 503 => later(said(), false, wish(answer, now)),
        // Whoever answers so may have handed the request on.
        500.. => later(said(), action == Action::Post, wish(answer, now)),
        _ => Judged {
            outcome: Outcome::Refused { why: said() },
            next: Next::On,
        },
    }
}

/// What a request without an answer means.
pub(super) fn failed(action: Action, error: &HttpError) -> Judged {
    if let HttpError::Unusable(why) = error {
        return Judged {
            outcome: Outcome::Refused { why: why.clone() },
            next: Next::On,
        };
    }
    let uncertain = error.is_uncertain() && action == Action::Post;
    later(error.to_string(), uncertain, None)
}

/// An earlier message is not there: what was to be deleted is, and what was to be changed cannot be.
fn gone(action: Action) -> Judged {
    let outcome = match action {
        Action::Delete => Outcome::Delivered { id: None },
        _ => Outcome::Refused {
            why: "the message to be changed is not there any more".to_owned(),
        },
    };
    Judged {
        outcome,
        next: Next::On,
    }
}

fn later(why: String, uncertain: bool, after: Option<Duration>) -> Judged {
    Judged {
        next: Next::Wait(why.as_str().into(), after),
        outcome: Outcome::Later {
            why,
            uncertain,
            after,
        },
    }
}

/// The piece is kept: it is the webhook that is not in order.
fn stop(sentence: String, remedy: &str) -> Judged {
    Judged {
        outcome: Outcome::Later {
            why: sentence.clone(),
            uncertain: false,
            after: None,
        },
        next: Next::Stop(Why {
            sentence,
            remedy: Some(remedy.to_owned()),
            finding: None,
        }),
    }
}

fn remedy_of_access(kind: WebhookKind) -> &'static str {
    match kind {
        WebhookKind::Json => {
            "The receiver wants another secret, or knows this address for another."
        }
        WebhookKind::Discord => {
            "The token in the webhook's address is wrong. Copy the address anew."
        }
        WebhookKind::Slack | WebhookKind::Mattermost => {
            "The webhook may not post there. Ask an administrator of the workspace."
        }
    }
}

fn body(answer: &[u8]) -> Option<Value> {
    serde_json::from_slice(answer).ok()
}

/// The message's id, where the receiver tells one.
fn id(answer: &[u8]) -> Option<String> {
    let id = match body(answer)?.get("id")? {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    (!id.is_empty() && id.len() <= ID_BYTES_MAX).then_some(id)
}

fn code(answer: &Answer) -> Option<i64> {
    body(&answer.body)?.get("code")?.as_i64()
}

/// How long the receiver wants to be left alone. Discord tells it to the millisecond in the body.
fn wish(answer: &Answer, now: SystemTime) -> Option<Duration> {
    let precise = body(&answer.body)
        .and_then(|body| body.get("retry_after")?.as_f64())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|wait| *wait <= PAUSE_MAX);
    precise.or_else(|| answer.retry_after(now))
}

/// The pause before the next request, where this one was the last that is free.
fn pause(answer: &Answer) -> Option<Duration> {
    if answer.header("x-ratelimit-remaining") != Some("0") {
        return None;
    }
    let seconds = answer.header("x-ratelimit-reset-after")?.parse().ok()?;
    let pause = Duration::try_from_secs_f64(seconds).ok()?;
    Some(pause.min(PAUSE_MAX))
}

#[cfg(test)]
mod tests;
