//! What all requests share.

use std::sync::Arc;

use crate::admit::count::Counter;
use crate::backend::Upstream;
use crate::config::Settings;
use crate::drain::Drain;
use crate::error::ServeError;
use crate::forward::Forward;
use crate::limits::Limit;
use crate::metrics::Metrics;
use crate::observe::Observer;
use crate::reports::Reports;
use crate::sessions::Sessions;
use crate::tls::Certificates;

/// One gateway: its settings and everything that lives as long as it does.
#[derive(Debug)]
pub(crate) struct Gateway {
    /// The settings it was started with.
    pub(crate) settings: Settings,
    /// What stands behind it.
    pub(crate) upstream: Arc<Upstream>,
    /// How ordinary requests are handed on.
    pub(crate) forward: Forward,
    /// The gateway's own certificate; none without TLS.
    pub(crate) certificates: Option<Arc<Certificates>>,
    /// The client connections.
    pub(crate) connections: Arc<Counter>,
    /// Every session.
    pub(crate) sessions: Sessions,
    /// What is seen of each attempt.
    #[expect(dead_code, reason = "those who ask it follow")]
    pub(crate) observer: Observer,
    /// What pages report, and what is kept.
    #[expect(dead_code, reason = "those who ask it follow")]
    pub(crate) reports: Reports,
    /// What Prometheus reads.
    pub(crate) metrics: Metrics,
    /// Whether the gateway goes on.
    pub(crate) drain: Drain,
}

impl Gateway {
    /// Reads the files that the settings name.
    pub(crate) fn new(settings: Settings) -> Result<Arc<Self>, ServeError> {
        let upstream = Arc::new(Upstream::new(&settings)?);
        let certificates = settings.tls.clone().map(Certificates::new).transpose()?;
        let limits = &settings.limits;
        let sessions = Sessions::new(&settings);
        let metrics = Metrics::new();
        sessions.register(&metrics);
        Ok(Arc::new(Self {
            forward: Forward::new(&upstream, limits),
            certificates,
            connections: Counter::new(
                limits.connections,
                limits.connections_per_address,
                [Limit::Connections, Limit::ConnectionsPerAddress],
            ),
            sessions,
            observer: Observer::default(),
            reports: Reports::default(),
            metrics,
            drain: Drain::new(),
            upstream,
            settings,
        }))
    }
}
