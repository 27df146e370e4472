//! The page at `/`, for whoever looks whether the endpoint runs: plain text, and nothing secret.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use towpath_diagnosis::redact::Redactor;
use url::Url;

/// What an endpoint counts.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// Connections begun, which also numbers them.
    begun: AtomicU64,
    open: AtomicU64,
    opened: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    denied: AtomicU64,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    Opened,
    Refused,
    Failed,
    Denied,
}

impl Counts {
    /// The number of a new connection, from 1.
    pub(crate) fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn came(&self, what: Came) {
        let count = match what {
            Came::Opened => &self.opened,
            Came::Refused => &self.refused,
            Came::Failed => &self.failed,
            Came::Denied => &self.denied,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection as open until the guard is dropped.
    pub(crate) fn open(&self) -> Open<'_> {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(self)
    }
}

/// One open connection.
pub(crate) struct Open<'a>(&'a Counts);

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The page.
pub(crate) fn page(url: &Url, counts: &Counts, reach: &str) -> String {
    let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let mut page = format!(
        "towpath dial: a WebSocket endpoint for programs of this machine.\n\n\
         remote       {}\n\
         connections  {} open, {} opened, {} refused by the remote, {} failed, {} not let in\n",
        Redactor::default().url(url.as_str()),
        of(&counts.open),
        of(&counts.opened),
        of(&counts.refused),
        of(&counts.failed),
        of(&counts.denied),
    );
    if !reach.is_empty() {
        let _ = write!(page, "\n{}\n", reach.trim_end());
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_counts_and_keeps_secrets() {
        let counts = Counts::default();
        assert_eq!((counts.begin(), counts.begin()), (1, 2));
        counts.came(Came::Refused);
        let open = counts.open();
        let url = Url::parse("wss://remote.example/x?token=hunter22").unwrap();
        let text = page(&url, &counts, "way: direct");
        assert!(text.contains("1 open, 0 opened, 1 refused"), "{text}");
        assert!(
            !text.contains("hunter22") && text.contains("way: direct"),
            "{text}"
        );
        drop(open);
        assert!(page(&url, &counts, "").contains("0 open"));
    }
}
