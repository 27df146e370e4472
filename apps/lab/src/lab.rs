//! What the connections of one running fault share: certificates, the upstream, and a little memory.
//!
//! Memory is for faults that count or pause; nothing here may know any one fault.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::authority::Authority;
use crate::stream::Stream;
use crate::upstream::{self, Upstream};

/// What the connections of one running fault share.
#[derive(Debug)]
pub(crate) struct Lab {
    /// Issues the certificates of stand-ins.
    pub(crate) authority: Authority,
    /// Issues the certificates an inspecting middlebox shows.
    pub(crate) inspector: Authority,
    /// Trust for connections this lab makes: its own authority and the public ones.
    pub(crate) trust: Arc<rustls::ClientConfig>,
    /// Where the fault listens.
    pub(crate) address: SocketAddr,
    /// The upstream given, or the built-in target of a proxy.
    pub(crate) upstream: Option<Upstream>,
    period: Option<Duration>,
    counter: AtomicU64,
    mark: AtomicU64,
    refused_at: std::sync::Mutex<Option<Instant>>,
    first_at: std::sync::Mutex<Option<Instant>>,
}

impl Lab {
    /// A lab without memories yet.
    pub(crate) fn new(
        authority: Authority,
        inspector: Authority,
        trust: Arc<rustls::ClientConfig>,
        address: SocketAddr,
        upstream: Option<Upstream>,
    ) -> Self {
        Self {
            authority,
            inspector,
            trust,
            address,
            upstream,
            period: None,
            counter: AtomicU64::new(0),
            mark: AtomicU64::new(0),
            refused_at: std::sync::Mutex::new(None),
            first_at: std::sync::Mutex::new(None),
        }
    }

    /// With the user's period for faults in time.
    pub(crate) fn with_period(self, period: Option<Duration>) -> Self {
        Self { period, ..self }
    }

    /// The user's period, or the fault's own.
    pub(crate) fn period(&self, own: Duration) -> Duration {
        self.period.unwrap_or(own)
    }

    /// Connects to the upstream, or to the built-in echo where none was given.
    pub(crate) async fn dial_upstream(&self) -> io::Result<Stream> {
        match &self.upstream {
            Some(upstream) => upstream.dial(&self.trust).await,
            None => Ok(upstream::built_in()),
        }
    }

    /// Connects to where the upstream listens and leaves its TLS to the client.
    pub(crate) async fn dial_target(&self) -> io::Result<Stream> {
        match &self.upstream {
            Some(upstream) => upstream.dial_tcp().await,
            None => Ok(upstream::built_in()),
        }
    }

    /// Counts from 0 on, over all connections.
    pub(crate) fn count(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// How often was counted so far.
    pub(crate) fn counted(&self) -> u64 {
        self.counter.load(Ordering::Relaxed)
    }

    /// Marks what was counted so far.
    pub(crate) fn mark(&self) {
        self.mark.store(self.counted(), Ordering::Relaxed);
    }

    /// What was counted at the last mark; 0 without one.
    pub(crate) fn marked(&self) -> u64 {
        self.mark.load(Ordering::Relaxed)
    }

    /// Remembers the first call; says when it was.
    pub(crate) fn since_first(&self) -> Instant {
        let mut first_at = self.first_at.lock().expect("no holder panics");
        *first_at.get_or_insert_with(Instant::now)
    }

    /// Remembers the first refusal; says since when this lab refuses.
    pub(crate) fn refusing_since(&self) -> Instant {
        let mut refused_at = self.refused_at.lock().expect("no holder panics");
        *refused_at.get_or_insert_with(Instant::now)
    }
}
