//! What Prometheus reads: one place that names every metric of the front.
//!
//! Labels come from small fixed sets, never from a client.

use std::sync::Mutex;
use std::sync::PoisonError;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Metric, Registry};

use crate::limits::{LIMITS, Limit};
use crate::log::Throttle;

/// The metrics. Each is counted where the thing happens, and logged there too.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    /// Open client connections.
    pub(crate) connections: Gauge,
    /// Connections taken, ever.
    pub(crate) connections_total: Counter,
    /// Plain WebSockets that pass through now.
    pub(crate) passthrough: Gauge,
    /// Bytes copied in plain WebSockets.
    pub(crate) passthrough_bytes: Family<Direction, Counter>,
    handshakes: Family<Outcome, Counter>,
    forwarded: Family<Outcome, Counter>,
    limits: Family<LimitLabel, Counter>,
    refused_origins: Counter,
    lines: Lines,
}

/// The lines that clients, or a backend that is down, can cause as often as they like.
#[derive(Debug)]
struct Lines {
    limits: [Throttle; LIMITS.len()],
    refused_origin: Throttle,
    no_backend: Throttle,
}

/// `direction="up"` is from client to backend.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Direction {
    pub(crate) direction: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabel {
    limit: &'static str,
}

impl Metrics {
    /// All at zero; every limit is shown from the start, so that an alert can be written before it happens.
    pub(crate) fn new() -> Self {
        let metrics = Self {
            registry: Mutex::new(Registry::with_prefix("towpath")),
            connections: Gauge::default(),
            connections_total: Counter::default(),
            passthrough: Gauge::default(),
            passthrough_bytes: Family::default(),
            handshakes: Family::default(),
            forwarded: Family::default(),
            limits: Family::default(),
            refused_origins: Counter::default(),
            lines: Lines {
                limits: std::array::from_fn(|_| Throttle::new()),
                refused_origin: Throttle::new(),
                no_backend: Throttle::new(),
            },
        };
        for row in LIMITS {
            let limit = row.name;
            drop(metrics.limits.get_or_create(&LimitLabel { limit }));
        }
        metrics.describe();
        metrics
    }

    fn describe(&self) {
        self.register(
            "connections",
            "Open client connections",
            self.connections.clone(),
        );
        self.register(
            "connections_accepted",
            "Client connections taken",
            self.connections_total.clone(),
        );
        self.register(
            "passthrough",
            "Plain WebSockets open",
            self.passthrough.clone(),
        );
        self.register(
            "passthrough_bytes",
            "Bytes copied in plain WebSockets",
            self.passthrough_bytes.clone(),
        );
        self.register(
            "handshakes",
            "WebSocket handshakes with the upstream by outcome",
            self.handshakes.clone(),
        );
        self.register(
            "forwarded",
            "Ordinary requests handed to the upstream by outcome",
            self.forwarded.clone(),
        );
        self.register(
            "limit_reached",
            "How often each limit was reached",
            self.limits.clone(),
        );
        self.register(
            "origin_refused",
            "Requests refused for their Origin",
            self.refused_origins.clone(),
        );
    }

    /// Adds a metric of another part, named `towpath_…`.
    pub(crate) fn register(&self, name: &str, help: &str, metric: impl Metric) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register(name, help, metric);
    }

    /// A limit was reached: counted and logged in one place. `subject` says whose, without secrets.
    pub(crate) fn limit_reached(&self, limit: Limit, subject: &dyn std::fmt::Display) {
        let row = limit.row();
        self.limits
            .get_or_create(&LimitLabel { limit: row.name })
            .inc();
        if let Some(skipped) = self.lines.limits[limit as usize].pass() {
            let (limit, outcome) = (row.name, row.outcome);
            tracing::warn!(limit, %subject, outcome, skipped, "limit reached");
        }
    }

    /// A handshake with the upstream ended so: `open`, `refused`, or the name of a failure.
    pub(crate) fn handshake(&self, outcome: &'static str) {
        self.handshakes.get_or_create(&Outcome { outcome }).inc();
    }

    /// An ordinary request ended so.
    pub(crate) fn forwarded(&self, outcome: &'static str) {
        self.forwarded.get_or_create(&Outcome { outcome }).inc();
    }

    /// A request was refused for its `Origin`. Whether to log it, and how many were not logged before.
    pub(crate) fn origin_refused(&self) -> Option<u64> {
        self.refused_origins.inc();
        self.lines.refused_origin.pass()
    }

    /// The upstream gave no answer. Whether to log it, and how many were not logged before.
    pub(crate) fn no_backend(&self) -> Option<u64> {
        self.lines.no_backend.pass()
    }

    /// The text that Prometheus reads.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        prometheus_client::encoding::text::encode(&mut text, &registry)
            .expect("a String takes everything");
        text
    }
}
