//! The single exercises: send one thing, wait for its answer within a bound.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use towpath_diagnosis::observation::{Ending, Exercise, MessageKind, Outcome};
use towpath_net::limits::milliseconds;
use towpath_websocket::{CloseCode, FrameHeader, Message, MessageKind as Kind, encode_frame};

use super::payload::{Fit, Needle, binary, mark, mask_key, text};
use super::wire::{Incoming, Wire};
use super::{Manner, graphql, many};

/// Does one exercise. The outcome does not say whether the socket has ended; the caller looks.
pub(super) async fn run(wire: &mut Wire, exercise: &Exercise, manner: &Manner) -> Outcome {
    match exercise {
        Exercise::Listen => listen(wire, manner).await,
        Exercise::Ping => ping(wire).await,
        Exercise::Pong => pong(wire, manner).await,
        Exercise::Send => send(wire, manner).await,
        Exercise::GraphqlInit => graphql::init(wire, manner.token.as_deref()).await,
        Exercise::Text { bytes } => {
            let payload = text(*bytes, *bytes <= COMPRESSIBLE_BYTES_MAX);
            if PLAIN_BYTES.contains(bytes) {
                plain_echo(wire, &payload).await
            } else {
                echo(wire, Kind::Text, payload.as_bytes(), None).await
            }
        }
        Exercise::Binary { bytes } => echo(wire, Kind::Binary, &binary(*bytes), None).await,
        Exercise::Fragmented { bytes, frames } => {
            let payload = text(*bytes, false);
            let each = payload
                .len()
                .div_ceil(usize::try_from(*frames).unwrap_or(1).max(1));
            echo(
                wire,
                Kind::Text,
                payload.as_bytes(),
                NonZeroUsize::new(each),
            )
            .await
        }
        Exercise::Trickle { messages, every_ms } => {
            many::exchange(wire, *messages, Duration::from_millis(*every_ms)).await
        }
        Exercise::Burst { messages } => many::exchange(wire, *messages, Duration::ZERO).await,
        Exercise::Close => close(wire).await,
    }
}

/// What was waited for, and what came in its place.
pub(super) enum Waited {
    /// The answer.
    Answered,
    /// Something that is not quite the answer.
    Different(String),
    /// Nothing more.
    Nothing,
}

/// Waits until `is_it` is satisfied, as long as bytes move, and says what came of it.
pub(super) async fn wait(
    wire: &mut Wire,
    began: Instant,
    patience: Duration,
    mut is_it: impl FnMut(&Incoming) -> Waited,
) -> Outcome {
    let mut different = None;
    loop {
        // A large message may take long on a slow line; while it moves, it is not lost.
        let moving = if wire.is_in_the_middle() {
            wire.last_moved.max(began)
        } else {
            began
        };
        let until = (moving + patience).min(began + PATIENCE_MAX);
        match wire.next(until).await {
            Some(incoming) => match is_it(&incoming) {
                Waited::Answered => {
                    return Outcome::Answered {
                        after_ms: milliseconds(began.elapsed()),
                    };
                }
                Waited::Different(detail) => different = Some(detail),
                Waited::Nothing => {}
            },
            None if wire.ended().is_none()
                && wire.is_in_the_middle()
                && wire.last_moved + patience > Instant::now()
                && began.elapsed() < PATIENCE_MAX => {}
            None => break,
        }
    }
    match different {
        Some(detail) => Outcome::Different { detail },
        None => Outcome::Silent {
            waited_ms: milliseconds(began.elapsed()),
        },
    }
}

/// Notes what comes. With an answer expected that nothing asks for, waits for that.
async fn listen(wire: &mut Wire, manner: &Manner) -> Outcome {
    let began = Instant::now();
    if let Some(expected) = &manner.greeting {
        return wait(wire, began, ANSWER, |incoming| match incoming {
            Incoming::Message(message) if holds(message, expected) => Waited::Answered,
            Incoming::Message(_) => Waited::Different("another message came first".to_owned()),
            _ => Waited::Nothing,
        })
        .await;
    }
    wire.drain(began + manner.listen).await;
    stayed_open(wire, began)
}

async fn ping(wire: &mut Wire) -> Outcome {
    let began = Instant::now();
    let payload = mark();
    let needle = Needle::new(payload.as_bytes());
    if wire.compose(|connection, out| connection.send_ping(payload.as_bytes(), mask_key, out)) {
        wire.log.sent(MessageKind::Ping, payload.len());
    }
    let patience = wire.patience;
    let outcome = wait(wire, began, patience, |incoming| match incoming {
        Incoming::Pong(answer) if needle.is_pong(answer) => Waited::Answered,
        Incoming::Pong(_) => Waited::Different("a pong with another payload".to_owned()),
        _ => Waited::Nothing,
    })
    .await;
    if matches!(outcome, Outcome::Silent { .. }) {
        wire.log.give_up([needle]);
    }
    outcome
}

/// Nobody answers a pong; whether the socket survives it is the question.
async fn pong(wire: &mut Wire, manner: &Manner) -> Outcome {
    let began = Instant::now();
    let payload = mark();
    if wire.compose(|connection, out| connection.send_pong(payload.as_bytes(), mask_key, out)) {
        wire.log.sent(MessageKind::Pong, payload.len());
    }
    wire.drain(began + manner.listen * 2).await;
    stayed_open(wire, began)
}

fn stayed_open(wire: &Wire, began: Instant) -> Outcome {
    let waited_ms = milliseconds(began.elapsed());
    if wire.ended().is_some() {
        // The caller puts the ending in its place.
        Outcome::Silent { waited_ms }
    } else {
        Outcome::Answered {
            after_ms: waited_ms,
        }
    }
}

/// The user's own message. Without `--expect` any message counts, and none is no failure.
async fn send(wire: &mut Wire, manner: &Manner) -> Outcome {
    let began = Instant::now();
    let Some(message) = &manner.send else {
        return Outcome::Silent { waited_ms: 0 };
    };
    if wire.compose(|connection, out| connection.send_text(message, mask_key, out)) {
        wire.log.sent(MessageKind::Text, message.len());
    }
    let patience = if manner.expect.is_some() {
        wire.patience
    } else {
        ANY_ANSWER
    };
    let outcome = wait(wire, began, patience, |incoming| {
        match (incoming, &manner.expect) {
            (Incoming::Message(answer), Some(expected)) if holds(answer, expected) => {
                Waited::Answered
            }
            (Incoming::Message(_), Some(_)) => {
                Waited::Different("no answer holds the expected text".to_owned())
            }
            (Incoming::Message(_), None) => Waited::Answered,
            _ => Waited::Nothing,
        }
    })
    .await;
    match outcome {
        // The server said it before it was asked, and answered.
        Outcome::Different { .. } if wire.log.expected_came() => Outcome::Answered {
            after_ms: milliseconds(began.elapsed()),
        },
        outcome => outcome,
    }
}

/// A message that is expected back.
async fn echo(
    wire: &mut Wire,
    kind: Kind,
    payload: &[u8],
    fragment_bytes: Option<NonZeroUsize>,
) -> Outcome {
    let needle = Needle::new(payload);
    if wire.compose(|connection, out| connection.send(kind, payload, fragment_bytes, mask_key, out))
    {
        wire.log.sent(fact_kind(kind), payload.len());
    }
    come_back(wire, needle).await
}

/// A text that is expected back and goes uncompressed, so that its length is that on the wire.
async fn plain_echo(wire: &mut Wire, payload: &str) -> Outcome {
    let header = FrameHeader::text(payload.len()).masked(mask_key());
    let composed = wire.compose(|_, out| {
        encode_frame(&header, payload.as_bytes(), out);
        Ok::<_, std::convert::Infallible>(())
    });
    if composed {
        wire.log.sent(MessageKind::Text, payload.len());
    }
    come_back(wire, Needle::new(payload.as_bytes())).await
}

/// Waits for what was sent to come back.
async fn come_back(wire: &mut Wire, needle: Needle) -> Outcome {
    let began = Instant::now();
    let patience = wire.patience;
    let outcome = wait(wire, began, patience, |incoming| match incoming {
        Incoming::Message(message) => fits(&needle, message),
        _ => Waited::Nothing,
    })
    .await;
    if matches!(outcome, Outcome::Silent { .. }) {
        wire.log.give_up([needle]);
    }
    outcome
}

fn fits(needle: &Needle, message: &Message) -> Waited {
    match needle.fit(message) {
        Fit::Whole => Waited::Answered,
        Fit::Part => Waited::Different("a part came back, or something was changed".to_owned()),
        Fit::Other => Waited::Nothing,
    }
}

/// A closing handshake. The answer is a close frame; then the peer is given a moment to hang up.
async fn close(wire: &mut Wire) -> Outcome {
    let began = Instant::now();
    if wire.compose(|connection, out| {
        connection.send_close(Some(CloseCode::NORMAL), "", mask_key, out)
    }) {
        wire.log.sent(MessageKind::Close, 2);
    }
    // Who has been silent so far is given little time to be polite.
    let patience = if wire.patience < ANSWER {
        wire.patience / 2
    } else {
        ANSWER
    };
    wire.drain(began + patience).await;
    match wire.ended() {
        // Another code is no answer to ours: the server closed by itself at that moment.
        Some(Ending::Closed {
            code: None | Some(1000 | 1001),
            ..
        }) => Outcome::Answered {
            after_ms: milliseconds(began.elapsed()),
        },
        _ => Outcome::Silent {
            waited_ms: milliseconds(began.elapsed()),
        },
    }
}

fn holds(message: &Message, expected: &str) -> bool {
    String::from_utf8_lossy(&message.payload).contains(expected)
}

fn fact_kind(kind: Kind) -> MessageKind {
    match kind {
        Kind::Text => MessageKind::Text,
        Kind::Binary => MessageKind::Binary,
    }
}

/// How long an answer may take.
pub(crate) const ANSWER: Duration = Duration::from_secs(3);
/// How long any answer may take where none is promised.
const ANY_ANSWER: Duration = Duration::from_millis(1_500);
/// The longest one exercise may take while bytes still move.
const PATIENCE_MAX: Duration = Duration::from_secs(12);
/// Texts of these lengths are about as long as a network packet, and have to be so on the wire, in bytes.
const PLAIN_BYTES: std::ops::RangeInclusive<u64> = 1_000..=3_000;
/// Texts up to this length can be compressed well; longer ones cannot, so that their size is real.
const COMPRESSIBLE_BYTES_MAX: u64 = 126;
