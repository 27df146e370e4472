//! What happens on a fresh open socket when exercises follow each other?
//!
//! Opens one socket, does one exercise after the other, each within a bound, and stops when the socket
//! ends. It sends only well-formed frames, and to a target that does not echo nothing but control frames
//! and what the user gave.

use std::time::Duration;

use towpath_diagnosis::ladder::GRAPHQL_SUBPROTOCOLS;
use towpath_diagnosis::observation::{
    Change, Conversation, Exercise, Fact, Outcome, TokenPlacement,
};
use towpath_net::limits::milliseconds;

use crate::handshake;
use crate::run::Probe;

mod exercise;
mod graphql;
mod log;
mod many;
pub(crate) mod payload;
mod shadow;
pub(crate) mod wire;

pub(crate) use log::Log;
use wire::Wire;

/// What exercises need to know of the target.
struct Manner {
    send: Option<String>,
    expect: Option<String>,
    /// The token for `connection_init`.
    token: Option<String>,
    /// What the server must say of its own accord.
    greeting: Option<String>,
    /// How long to listen for what the server says first.
    listen: Duration,
}

/// Opens a socket with these changes and does these exercises on it. The handshake's facts come first.
pub(crate) async fn ask(
    probe: &mut Probe,
    exercises: &[Exercise],
    changes: &[Change],
) -> Vec<Fact> {
    let (mut facts, socket) = handshake::open(probe, changes).await;
    let Some(socket) = socket.filter(|socket| socket.acceptable) else {
        return facts;
    };
    let manner = Manner::of(probe, changes, &facts);
    let like = Conversation {
        socket: socket.number,
        changes: changes.to_vec(),
        exercise: Exercise::Listen,
        compressed: socket.deflate.is_some(),
        subprotocol: socket.subprotocol.clone(),
        http2: socket.http2,
        open_before_ms: 0,
        passed_before: 0,
        events: Vec::new(),
        outcome: Outcome::Silent { waited_ms: 0 },
        elapsed_ms: 0,
    };
    let opened = socket.opened;
    let mut wire = Wire::new(socket, Log::new(probe.redactor().clone()));
    wire.log.expect(manner.expect.clone());
    let mut patience = Patience::default();
    let mut passed = 0;
    for exercise in exercises {
        if !patience.allows(exercise) {
            continue;
        }
        let began = wire.log.begin();
        let outcome = exercise::run(&mut wire, exercise, &manner).await;
        let outcome = match (wire.ended(), outcome) {
            (_, answered @ Outcome::Answered { .. }) => answered,
            (Some(ending), _) => Outcome::Ended(ending.clone()),
            (None, outcome) => outcome,
        };
        patience.learn(exercise, &outcome);
        if patience.silences > 0 {
            wire.patience = HURRIED;
        }
        let unexplained =
            *exercise != Exercise::Close && matches!(outcome, Outcome::Answered { .. });
        let part = Conversation {
            exercise: exercise.clone(),
            open_before_ms: milliseconds(began - opened),
            passed_before: passed,
            events: wire.log.take(),
            outcome,
            elapsed_ms: milliseconds(began.elapsed()),
            ..like.clone()
        };
        facts.push(Fact::Conversation(part));
        passed += 1;
        if let Some(ending) = wire.ended() {
            if unexplained {
                // The answer came, and the end right behind it; the end is a fact of its own.
                facts.push(Fact::Conversation(Conversation {
                    open_before_ms: milliseconds(opened.elapsed()),
                    passed_before: passed,
                    outcome: Outcome::Ended(ending.clone()),
                    ..like
                }));
            }
            wire.finish_closing().await;
            return facts;
        }
    }
    wire.leave().await;
    facts
}

impl Manner {
    fn of(probe: &Probe, changes: &[Change], facts: &[Fact]) -> Self {
        let settings = &probe.settings;
        let round_trip = facts
            .iter()
            .rev()
            .find_map(|fact| match fact {
                Fact::Handshake(handshake) => Some(Duration::from_millis(handshake.elapsed_ms)),
                _ => None,
            })
            .unwrap_or_default();
        Self {
            greeting: settings
                .expect
                .clone()
                .filter(|_| settings.send.is_none() && !settings.echo),
            send: settings.send.clone(),
            expect: settings.expect.clone(),
            token: init_token(probe, changes),
            listen: (round_trip * 3).clamp(LISTEN_MIN, LISTEN_MAX),
        }
    }
}

/// The token, where it belongs into GraphQL's `connection_init`.
fn init_token(probe: &Probe, changes: &[Change]) -> Option<String> {
    let wanted = changes.iter().rev().find_map(|change| match change {
        Change::Token { placement } => Some(*placement == TokenPlacement::Init),
        Change::WithoutToken => Some(false),
        _ => None,
    });
    let token = probe.settings.token.as_ref()?;
    wanted
        .unwrap_or(token.placement == TokenPlacement::Init)
        .then(|| token.value.clone())
}

/// Says the first words of GraphQL where the socket speaks it; else it would be closed for want of them.
pub(crate) async fn introduce(probe: &Probe, wire: &mut Wire, subprotocol: Option<&str>) {
    if subprotocol.is_some_and(|name| GRAPHQL_SUBPROTOCOLS.contains(&name)) {
        graphql::init(wire, init_token(probe, &[]).as_deref()).await;
    }
}

/// What is no longer worth trying on a socket that has gone silent.
#[derive(Default)]
struct Patience {
    silences: u32,
    /// The smallest text that got no answer.
    lost_bytes: Option<u64>,
    /// The last text's size and the time it took.
    last: Option<(u64, u64)>,
}

impl Patience {
    fn allows(&self, exercise: &Exercise) -> bool {
        match exercise {
            Exercise::Close => true,
            _ if self.silences >= SILENCES_MAX => false,
            Exercise::Text { bytes } => {
                self.lost_bytes.is_none_or(|lost| *bytes < lost) && !self.is_too_slow_for(*bytes)
            }
            Exercise::Burst { .. } | Exercise::Trickle { .. } => self.lost_bytes.is_none(),
            _ => true,
        }
    }

    /// A slow line must not be taken for one that loses large messages.
    fn is_too_slow_for(&self, bytes: u64) -> bool {
        self.last.is_some_and(|(size, took_ms)| {
            size >= RATE_BYTES_MIN && took_ms.saturating_mul(bytes) / size > TOOK_MS_MAX
        })
    }

    fn learn(&mut self, exercise: &Exercise, outcome: &Outcome) {
        match (exercise, outcome) {
            (Exercise::Text { bytes }, Outcome::Answered { after_ms }) => {
                self.last = Some((*bytes, *after_ms));
            }
            (Exercise::Send, Outcome::Silent { .. }) => {}
            (exercise, Outcome::Silent { .. }) => {
                self.silences += 1;
                if let Exercise::Text { bytes } = exercise {
                    self.lost_bytes = Some(*bytes);
                }
            }
            _ => {}
        }
    }
}

/// Shortest time to listen for what the server says first.
const LISTEN_MIN: Duration = Duration::from_millis(900);
/// Longest time to listen for what the server says first.
const LISTEN_MAX: Duration = Duration::from_secs(1);
/// How long an answer may take after another one stayed away.
const HURRIED: Duration = Duration::from_secs(2);
/// After so many exercises without an answer only the closing handshake is tried.
const SILENCES_MAX: u32 = 2;
/// Texts smaller than this say nothing about the speed of the line, in bytes.
const RATE_BYTES_MIN: u64 = 16_384;
/// A text that would take longer, by the speed seen so far, is left out, in milliseconds.
const TOOK_MS_MAX: u64 = 2_500;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_text_makes_larger_ones_pointless() {
        let mut patience = Patience::default();
        patience.learn(
            &Exercise::Text { bytes: 4096 },
            &Outcome::Silent { waited_ms: 3000 },
        );
        assert!(!patience.allows(&Exercise::Text { bytes: 16_384 }));
        assert!(!patience.allows(&Exercise::Burst { messages: 20 }));
        assert!(patience.allows(&Exercise::Text { bytes: 32 }));
        assert!(patience.allows(&Exercise::Close));
    }

    #[test]
    fn a_slow_line_is_spared() {
        let mut patience = Patience::default();
        patience.learn(
            &Exercise::Text { bytes: 131_072 },
            &Outcome::Answered { after_ms: 900 },
        );
        assert!(!patience.allows(&Exercise::Text { bytes: 1_048_576 }));
        patience.learn(
            &Exercise::Text { bytes: 131_072 },
            &Outcome::Answered { after_ms: 90 },
        );
        assert!(patience.allows(&Exercise::Text { bytes: 1_048_576 }));
    }

    #[test]
    fn two_silences_leave_only_the_close() {
        let mut patience = Patience::default();
        for exercise in [Exercise::Ping, Exercise::Text { bytes: 32 }] {
            patience.learn(&exercise, &Outcome::Silent { waited_ms: 3000 });
        }
        assert!(!patience.allows(&Exercise::Binary { bytes: 32 }));
        assert!(patience.allows(&Exercise::Close));
    }
}
