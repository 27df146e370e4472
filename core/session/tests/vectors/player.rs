//! Plays steps on an engine and writes down what comes out.

use bytes::Bytes;
use serde_json::{Value, json};
use towpath_session::{Kind, Session, Settings, Side, whole};

use super::hex;

/// One script in the making.
pub(crate) struct Player {
    name: String,
    session: Session,
    steps: Vec<Value>,
    pub(crate) now: u64,
}

impl Player {
    pub(crate) fn new(name: &str, side: Side, window_bytes: u64) -> Self {
        let settings = Settings {
            window_bytes,
            outbox_bytes_max: 200,
            piece_bytes_max: 64,
            ..Settings::new(side)
        };
        Self {
            name: name.to_owned(),
            session: Session::new(settings),
            steps: Vec::new(),
            now: 0,
        }
    }

    fn note(&mut self, what: &str, mut step: Value) {
        step["do"] = json!(what);
        step["at"] = json!(self.now);
        self.steps.push(step);
    }

    pub(crate) fn push(&mut self, kind: Kind, payload: &[u8]) -> u64 {
        let sequence = self.session.push(kind, Bytes::copy_from_slice(payload));
        let step = json!({"kind": kind.name(), "payload": hex::encode(payload), "gives": sequence});
        self.note("push", step);
        sequence
    }

    pub(crate) fn attach(&mut self, received: u64, credit: u64) {
        let mut step = json!({"received": received, "credit": credit});
        if let Err(fault) = self.session.attach(received, credit, self.now) {
            step["fault"] = json!(fault.outcome().name());
        }
        self.note("attach", step);
    }

    pub(crate) fn detach(&mut self) {
        self.session.detach(self.now);
        self.note("detach", json!({}));
    }

    /// Gives whether it was taken.
    pub(crate) fn receive(&mut self, bytes: &[u8]) -> bool {
        let envelope = whole(bytes).next().unwrap().unwrap();
        let outcome = self.session.receive(envelope, self.now);
        let mut step = json!({"bytes": hex::encode(bytes)});
        if let Err(fault) = outcome {
            step["fault"] = json!(fault.outcome().name());
        }
        self.note("receive", step);
        outcome.is_ok()
    }

    /// Gives the cost of what was delivered.
    pub(crate) fn deliver(&mut self) -> Option<u64> {
        let item = self.session.deliver();
        let told = item.as_ref().map(
            |item| json!({"sequence": item.sequence, "kind": item.kind.name(), "payload": hex::encode(&item.payload)}),
        );
        self.note("deliver", json!({ "gives": told }));
        item.map(|item| item.cost())
    }

    pub(crate) fn consumed(&mut self, cost: u64) {
        self.session.consumed(cost, self.now);
        self.note("consumed", json!({ "cost": cost }));
    }

    pub(crate) fn transmit(&mut self, budget: usize) -> Vec<u8> {
        let mut out = Vec::new();
        let wanted = self.session.wants_to_transmit(self.now);
        let count = self.session.transmit(self.now, budget, &mut out);
        assert_eq!(count, out.len());
        assert!(wanted || out.is_empty(), "{}: wrote unasked", self.name);
        self.note(
            "transmit",
            json!({"budget": budget, "gives": hex::encode(&out)}),
        );
        out
    }

    pub(crate) fn ack(&mut self) {
        let mut out = Vec::new();
        self.session.write_ack(&mut out);
        self.note("ack", json!({"gives": hex::encode(&out)}));
    }

    pub(crate) fn state(&mut self) {
        let session = &self.session;
        let unacknowledged: Vec<u64> = session.unacknowledged().map(|item| item.sequence).collect();
        let state = json!({
            "received": session.received(),
            "credit": session.credit(),
            "buffered_cost": session.buffered_cost(),
            "inbox_cost": session.inbox_cost(),
            "unacknowledged": unacknowledged,
            "has_room": session.has_room(),
            "wants_to_transmit": session.wants_to_transmit(self.now),
            "deadline": session.deadline(),
            "is_peer_closed": session.is_peer_closed(),
            "is_close_acknowledged": session.is_close_acknowledged(),
        });
        self.note("state", json!({ "gives": state }));
    }

    pub(crate) fn end(mut self) -> Value {
        self.state();
        let settings = self.session.settings();
        let side = match settings.side {
            Side::Client => "client",
            Side::Gateway => "gateway",
        };
        json!({
            "name": self.name,
            "settings": {
                "side": side,
                "window_bytes": settings.window_bytes,
                "outbox_bytes_max": settings.outbox_bytes_max,
                "piece_bytes_max": settings.piece_bytes_max,
                "ack_delay_ms": settings.ack_delay_ms,
            },
            "steps": self.steps,
        })
    }
}
