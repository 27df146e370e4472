//! What Prometheus reads: made anew from the picture at each question, so that nothing is counted twice.
//!
//! Labels are names of the configuration and words of ours, never anything of a message.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use towpath_outbox::Reason;
use towpath_sides::State;

use crate::status::{Heard, MemberStatus, SideStatus, Status};
use crate::words;

/// What the answer says it is.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSide {
    side: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfState {
    side: String,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfFinding {
    side: String,
    cause: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoom {
    side: String,
    room: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfHeard {
    side: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfMember {
    link: String,
    side: String,
    room: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfReason {
    link: String,
    side: String,
    room: String,
    reason: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;

#[derive(Default)]
struct Metrics {
    started: Seconds,
    store_ready: Gauge,
    side_state: Family<OfState, Gauge>,
    room_ready: Family<OfRoom, Gauge>,
    connections: Family<OfSide, Counter>,
    finding: Family<OfFinding, Gauge>,
    heard: Family<OfHeard, Counter>,
    waiting: Family<OfMember, Gauge>,
    lag: Family<OfMember, Seconds>,
    delivered: Family<OfMember, Counter>,
    uncertain: Family<OfMember, Counter>,
    given_up: Family<OfReason, Counter>,
    left_over: Family<OfMember, Gauge>,
}

/// The text that Prometheus reads.
pub(crate) fn text(status: &Status) -> String {
    let metrics = Metrics::default();
    metrics.fill(status);
    let mut registry = Registry::with_prefix("towpath_relay");
    metrics.register(&mut registry);
    metrics.register_messages(&mut registry);
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)
        .expect("a String takes everything");
    text
}

impl Metrics {
    fn fill(&self, status: &Status) {
        self.started.set(seconds(status.started_unix_ms));
        self.store_ready
            .set(i64::from(status.store_trouble.is_none()));
        for (name, side) in &status.sides {
            self.fill_side(name, side);
        }
        for link in &status.links {
            for member in &link.members {
                self.fill_member(&link.name, member, status.at_unix_ms);
            }
        }
        for left in &status.left_over {
            let label = OfMember {
                link: left.link.clone(),
                side: left.side.clone(),
                room: left.room.clone(),
            };
            self.left_over
                .get_or_create(&label)
                .set(whole(left.waiting));
        }
    }

    fn fill_side(&self, name: &str, side: &SideStatus) {
        let now = words::state(&side.states.connection);
        for state in STATES {
            let label = OfState {
                side: name.to_owned(),
                state,
            };
            self.side_state
                .get_or_create(&label)
                .set(i64::from(state == now));
        }
        let label = OfSide {
            side: name.to_owned(),
        };
        self.connections
            .get_or_create(&label)
            .inc_by(side.states.connections);
        for (room, state) in &side.states.rooms {
            let label = OfRoom {
                side: name.to_owned(),
                room: room.clone(),
            };
            self.room_ready
                .get_or_create(&label)
                .set(i64::from(state.is_ready()));
        }
        let states = side.states.rooms.values().chain([&side.states.connection]);
        for finding in states.filter_map(finding) {
            let label = OfFinding {
                side: name.to_owned(),
                cause: finding.to_owned(),
            };
            self.finding.get_or_create(&label).set(1);
        }
        for (outcome, count) in outcomes(&side.heard) {
            let label = OfHeard {
                side: name.to_owned(),
                outcome,
            };
            self.heard.get_or_create(&label).inc_by(count);
        }
    }

    fn fill_member(&self, link: &str, member: &MemberStatus, now_unix_ms: i64) {
        if !member.writes {
            return;
        }
        let label = OfMember {
            link: link.to_owned(),
            side: member.side.clone(),
            room: member.room.clone(),
        };
        let queue = &member.queue;
        self.waiting.get_or_create(&label).set(whole(queue.waiting));
        let lag = i64::try_from(queue.lag_ms(now_unix_ms)).unwrap_or(i64::MAX);
        self.lag.get_or_create(&label).set(seconds(lag));
        self.delivered.get_or_create(&label).inc_by(queue.delivered);
        self.uncertain.get_or_create(&label).inc_by(queue.uncertain);
        // A line that is there from the start: an increase over no line at all would be no increase to Prometheus.
        for reason in Reason::ALL {
            let reason = reason.as_str();
            let count = queue.given_up.get(reason).copied().unwrap_or(0);
            let label = OfReason {
                link: label.link.clone(),
                side: label.side.clone(),
                room: label.room.clone(),
                reason,
            };
            self.given_up.get_or_create(&label).inc_by(count);
        }
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "started_seconds",
            "When the relay was started, in seconds since 1970",
            self.started.clone(),
        );
        registry.register(
            "store_ready",
            "Whether the store takes what is heard",
            self.store_ready.clone(),
        );
        registry.register(
            "side_state",
            "1 for the state that a side is in",
            self.side_state.clone(),
        );
        registry.register(
            "room_ready",
            "Whether a room can be spoken in",
            self.room_ready.clone(),
        );
        registry.register(
            "side_connections",
            "Connections that a side made",
            self.connections.clone(),
        );
        registry.register(
            "side_finding",
            "1 for a finding that keeps a side or a room of it from being ready",
            self.finding.clone(),
        );
        registry.register(
            "messages_heard",
            "Messages that came from a side, by what became of them",
            self.heard.clone(),
        );
    }

    fn register_messages(&self, registry: &mut Registry) {
        registry.register(
            "messages_waiting",
            "Messages that wait to be told",
            self.waiting.clone(),
        );
        registry.register(
            "lag_seconds",
            "Age of the oldest message that waits",
            self.lag.clone(),
        );
        registry.register(
            "messages_delivered",
            "Messages that the other end has",
            self.delivered.clone(),
        );
        registry.register(
            "pieces_uncertain",
            "Tries after which nobody knew whether the other end had the piece",
            self.uncertain.clone(),
        );
        registry.register(
            "messages_given_up",
            "Messages that were not told, by reason",
            self.given_up.clone(),
        );
        registry.register(
            "messages_left_over",
            "Messages that wait for members that are no more",
            self.left_over.clone(),
        );
    }
}

fn finding(state: &State) -> Option<&str> {
    let finding = words::why(state)?.finding.as_ref();
    finding.map(|finding| finding.cause.as_str())
}

fn outcomes(heard: &Heard) -> [(&'static str, u64); 6] {
    [
        ("live", heard.taken.saturating_sub(heard.replayed)),
        ("replayed", heard.replayed),
        ("known", heard.known),
        ("echo", heard.echoes),
        ("ignored", heard.ignored),
        ("missed", heard.missed),
    ]
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge of seconds needs no exact milliseconds"
)]
fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1000.0
}

const STATES: [&str; 4] = ["connecting", "ready", "waiting", "stopped"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn every_side_and_member_has_its_lines() {
        let text = text(&testing::status());
        for line in [
            "towpath_relay_side_state{side=\"irc.libera\",state=\"ready\"} 0",
            "towpath_relay_side_state{side=\"irc.libera\",state=\"waiting\"} 1",
            "towpath_relay_side_state{side=\"kosmi.main\",state=\"ready\"} 1",
            "towpath_relay_side_finding{side=\"irc.libera\",cause=\"tcp-refused\"} 1",
            "towpath_relay_messages_waiting{link=\"lounge\",side=\"irc.libera\",room=\"#lounge\"} 3",
            "towpath_relay_lag_seconds{link=\"lounge\",side=\"irc.libera\",room=\"#lounge\"} 90.0",
            "towpath_relay_messages_delivered_total{link=\"lounge\",side=\"kosmi.main\",room=\"@lounge\"} 41",
            "towpath_relay_messages_given_up_total{link=\"lounge\",side=\"irc.libera\",room=\"#lounge\",reason=\"too-old\"} 2",
            "towpath_relay_messages_given_up_total{link=\"lounge\",side=\"kosmi.main\",room=\"@lounge\",reason=\"refused\"} 0",
            "towpath_relay_messages_heard_total{side=\"kosmi.main\",outcome=\"live\"} 10",
            "towpath_relay_messages_left_over{link=\"old\",side=\"irc.libera\",room=\"#old\"} 1",
            "towpath_relay_store_ready 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn a_name_breaks_no_line() {
        let mut status = testing::status();
        let side = status.sides.remove("kosmi.main").unwrap();
        status.sides.insert("kosmi.a\"b\nc\\".to_owned(), side);
        let text = text(&status);
        assert!(text.contains("side=\"kosmi.a\\\"b\\nc\\\\\""), "{text}");
    }
}
