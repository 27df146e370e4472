//! What Prometheus learns about sessions. Labels come from small fixed sets, never from a client.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::config::TransportKind;
use crate::metrics::Metrics;

/// The metrics of the session side.
#[derive(Debug, Default)]
pub(super) struct Counters {
    /// Sessions that are there, attached or not.
    pub(super) sessions: Gauge,
    /// Sessions opened, ever.
    pub(super) opened: Counter,
    /// Bytes kept for all sessions.
    pub(super) buffered: Gauge,
    ended: Family<OutcomeLabel, Counter>,
    attached: Family<TransportLabel, Counter>,
    cuts: Family<TransportLabel, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TransportLabel {
    transport: &'static str,
}

impl Counters {
    /// Shows them beside the front's.
    pub(super) fn register(&self, metrics: &Metrics) {
        metrics.register(
            "sessions",
            "Sessions, attached or not",
            self.sessions.clone(),
        );
        metrics.register("sessions_opened", "Sessions opened", self.opened.clone());
        metrics.register(
            "session_buffered_bytes",
            "Bytes kept for all sessions",
            self.buffered.clone(),
        );
        metrics.register(
            "sessions_ended",
            "Sessions that are over, by outcome",
            self.ended.clone(),
        );
        metrics.register(
            "session_attachments",
            "Attachments taken, by transport",
            self.attached.clone(),
        );
        for kind in TransportKind::ALL {
            let transport = kind.name();
            drop(self.cuts.get_or_create(&TransportLabel { transport }));
        }
        metrics.register(
            "session_cuts",
            "Attachments and responses that ended without a word, by transport",
            self.cuts.clone(),
        );
    }

    /// A session is over: `close`, or the name of an outcome.
    pub(super) fn ended(&self, outcome: &'static str) {
        self.ended.get_or_create(&OutcomeLabel { outcome }).inc();
    }

    /// An attachment was taken.
    pub(super) fn attached(&self, transport: &'static str) {
        self.attached
            .get_or_create(&TransportLabel { transport })
            .inc();
    }

    /// A transport was cut.
    pub(super) fn cut(&self, transport: &'static str) {
        self.cuts.get_or_create(&TransportLabel { transport }).inc();
    }
}
