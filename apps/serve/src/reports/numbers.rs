//! What Prometheus reads of reports and cases.
//!
//! Labels come from small fixed sets: causes are those of the catalogue. Nothing a client sends becomes a label.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use towpath_diagnosis::{Confidence, Finding, catalogue};
use towpath_reports::{Pruned, StoreError};

use crate::log::Throttle;
use crate::metrics::Metrics;

type Share = Gauge<f64, AtomicU64>;

/// The numbers.
#[derive(Debug)]
pub(super) struct Numbers {
    reports: Family<Outcome, Counter>,
    cases: Gauge,
    bytes: Gauge,
    findings: Family<Found, Counter>,
    shares: Family<Transport, Share>,
    /// Attachments of sessions that would have preferred a better transport.
    pub(super) fallbacks: Counter,
    failing: Gauge,
    /// Networks in which nothing was wrong for a day, and then something was.
    pub(super) began_failing: Counter,
    dropped: Family<Reason, Counter>,
    lines: Lines,
}

#[derive(Debug)]
struct Lines {
    behind: Throttle,
    failed: Throttle,
    pruned: Throttle,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Found {
    cause: &'static str,
    confidence: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Transport {
    transport: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

impl Numbers {
    /// All at zero; what an alert asks for is shown from the start.
    pub(super) fn new() -> Self {
        let numbers = Self {
            reports: Family::default(),
            cases: Gauge::default(),
            bytes: Gauge::default(),
            findings: Family::default(),
            shares: Family::default(),
            fallbacks: Counter::default(),
            failing: Gauge::default(),
            began_failing: Counter::default(),
            dropped: Family::default(),
            lines: Lines {
                behind: Throttle::new(),
                failed: Throttle::new(),
                pruned: Throttle::new(),
            },
        };
        for transport in TRANSPORTS {
            drop(numbers.shares.get_or_create(&Transport { transport }));
        }
        for reason in REASONS {
            drop(numbers.dropped.get_or_create(&Reason { reason }));
        }
        numbers
    }

    pub(super) fn register(&self, metrics: &Metrics) {
        metrics.register(
            "reports",
            "Reports of pages by outcome",
            self.reports.clone(),
        );
        metrics.register("cases", "Cases that are kept", self.cases.clone());
        metrics.register(
            "reports_store_bytes",
            "Room that what is kept takes",
            self.bytes.clone(),
        );
        metrics.register(
            "findings",
            "Findings of cases by cause and confidence",
            self.findings.clone(),
        );
        metrics.register(
            "transport_share",
            "Share of each transport in what is open",
            self.shares.clone(),
        );
        metrics.register(
            "fallbacks",
            "Transports taken because a better one failed",
            self.fallbacks.clone(),
        );
        metrics.register(
            "networks_failing",
            "Client networks with a fault in the last hour",
            self.failing.clone(),
        );
        metrics.register(
            "networks_began_failing",
            "Client networks that have a fault after a day without",
            self.began_failing.clone(),
        );
        metrics.register(
            "cases_dropped",
            "Cases that are not kept (any more), by reason",
            self.dropped.clone(),
        );
    }

    /// A report ended so.
    pub(super) fn report(&self, outcome: &'static str) {
        self.reports.get_or_create(&Outcome { outcome }).inc();
    }

    /// A case has this finding.
    pub(super) fn found(&self, finding: &Finding) {
        let Some(known) = catalogue::find(&finding.cause) else {
            return;
        };
        let confidence = match finding.confidence {
            Confidence::Possible => "possible",
            Confidence::Likely => "likely",
            Confidence::Certain => "certain",
        };
        let found = Found {
            cause: &known.id,
            confidence,
        };
        self.findings.get_or_create(&found).inc();
    }

    /// How many are open by each transport.
    pub(super) fn shares(&self, open: Vec<(&'static str, u64)>) {
        let all: u64 = open.iter().map(|(_, count)| *count).sum();
        for (transport, count) in open {
            let part = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
            let share = if all == 0 {
                0.0
            } else {
                part(count) / part(all)
            };
            self.shares
                .get_or_create(&Transport { transport })
                .set(share);
        }
    }

    /// What is kept, and how many networks fail.
    pub(super) fn holds(&self, cases: u64, bytes: u64, failing: u64) {
        let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        self.cases.set(signed(cases));
        self.bytes.set(signed(bytes));
        self.failing.set(signed(failing));
    }

    /// What had to go.
    pub(super) fn pruned(&self, pruned: Pruned) {
        self.dropped("age", pruned.by_age);
        self.dropped("size", pruned.by_size);
        if pruned.by_size > 0
            && let Some(skipped) = self.lines.pruned.pass()
        {
            let (cases, limit) = (pruned.by_size, "reports.megabytes");
            tracing::warn!(
                cases,
                limit,
                skipped,
                "the oldest cases were dropped before their time"
            );
        }
    }

    /// So many are not kept, for one of [`REASONS`].
    pub(super) fn dropped(&self, reason: &'static str, count: u64) {
        self.dropped.get_or_create(&Reason { reason }).inc_by(count);
    }

    /// The writer does not keep up.
    pub(super) fn is_behind(&self) {
        if let Some(skipped) = self.lines.behind.pass() {
            tracing::warn!(skipped, "more reports than can be written");
        }
    }

    /// The store said no.
    pub(super) fn failed(&self, error: &StoreError) {
        self.dropped("error", 1);
        if let Some(skipped) = self.lines.failed.pass() {
            tracing::warn!(%error, skipped, "cannot keep or read reports");
        }
    }
}

/// Why a case is not kept: too many wait to be written, one network has too many, the store failed, or it was deleted
/// for its age or for the store's size.
const REASONS: [&str; 5] = ["queue", "network", "error", "age", "size"];

/// What may carry.
const TRANSPORTS: [&str; 5] = ["websocket", "stream", "sse", "poll", "plain"];
