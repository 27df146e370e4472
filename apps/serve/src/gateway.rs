//! What all requests share.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use tokio::net::TcpStream;

use crate::admit::count::Counter;
use crate::backend::Upstream;
use crate::config::Settings;
use crate::console::Console;
use crate::drain::Drain;
use crate::error::ServeError;
use crate::forward::Forward;
use crate::limits::Limit;
use crate::metrics::Metrics;
use crate::observe::Observer;
use crate::probe::Runs;
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
    certificates: Option<Arc<Certificates>>,
    /// Where connections come without TLS all the same.
    plain: OnceLock<Vec<SocketAddr>>,
    /// The client connections.
    pub(crate) connections: Arc<Counter>,
    /// Every session.
    pub(crate) sessions: Sessions,
    /// What is seen of each attempt.
    pub(crate) observer: Observer,
    /// What pages report, and what is kept.
    pub(crate) reports: Reports,
    /// Runs of the check page.
    pub(crate) runs: Runs,
    /// The console, where this gateway stands in front of one.
    pub(crate) console: Option<Arc<Console>>,
    /// What Prometheus reads.
    pub(crate) metrics: Metrics,
    /// Whether the gateway goes on.
    pub(crate) drain: Drain,
}

impl Gateway {
    /// Reads the files that the settings name.
    pub(crate) fn new(settings: Settings) -> Result<Arc<Self>, ServeError> {
        Self::make(settings, None)
    }

    /// The gateway in front of a console.
    pub(crate) fn of_console(
        settings: Settings,
        console: &Arc<Console>,
    ) -> Result<Arc<Self>, ServeError> {
        Self::make(settings, Some(Arc::clone(console)))
    }

    fn make(settings: Settings, console: Option<Arc<Console>>) -> Result<Arc<Self>, ServeError> {
        let upstream = Arc::new(Upstream::new(&settings)?);
        let certificates = settings.tls.clone().map(Certificates::new).transpose()?;
        let limits = &settings.limits;
        let observer = Observer::new(&settings.reports);
        let sessions = Sessions::new(&settings, observer.start());
        let metrics = Metrics::new();
        sessions.register(&metrics);
        let runs = Runs::new(settings.reports.per_minute);
        runs.register(&metrics);
        let reports = Reports::new(&settings.reports)?;
        reports.register(&metrics);
        Ok(Arc::new(Self {
            forward: Forward::new(&upstream, limits),
            certificates,
            plain: OnceLock::new(),
            connections: Counter::new(
                limits.connections,
                limits.connections_per_address,
                [Limit::Connections, Limit::ConnectionsPerAddress],
            ),
            sessions,
            observer,
            reports,
            runs,
            console,
            metrics,
            drain: Drain::new(),
            upstream,
            settings,
        }))
    }

    /// What TLS is ended with, wherever it comes; none without TLS.
    pub(crate) fn certificates(&self) -> Option<&Arc<Certificates>> {
        self.certificates.as_ref()
    }

    /// Says once, before the first connection, which addresses take connections without TLS.
    pub(crate) fn listens_plainly_at(&self, addresses: Vec<SocketAddr>) {
        // A second word would come from a second start, and a gateway is started once.
        self.plain.set(addresses).ok();
    }

    /// What this connection's TLS is ended with; none where it has none.
    pub(crate) fn certificates_of(&self, stream: &TcpStream) -> Option<&Arc<Certificates>> {
        let plain = self.plain.get().map_or(&[][..], Vec::as_slice);
        let is_plain = !plain.is_empty()
            && stream
                .local_addr()
                .is_ok_and(|address| plain.contains(&address));
        self.certificates.as_ref().filter(|_| !is_plain)
    }
}
