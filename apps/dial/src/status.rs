//! The page at `/`, for whoever looks whether the endpoint runs: plain text, and nothing secret.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use towpath_diagnosis::redact::Redactor;
use towpath_reach::Status;
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
pub(crate) fn page(url: &Url, counts: &Counts, reach: &Status) -> String {
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
    for known in &reach.remembered {
        let _ = writeln!(
            page,
            "way          {}\n             {}",
            known.target, known.why
        );
    }
    browser(reach, &mut page);
    page
}

/// What is known of the browser, where one ran.
fn browser(reach: &Status, page: &mut String) {
    let status = &reach.browser;
    if let Some(failure) = &status.last_failure {
        let _ = writeln!(page, "browser      failed last: {failure}");
    }
    if status.version.is_empty() {
        return;
    }
    let state = match (status.running, &status.attached) {
        (false, _) => "not running",
        (true, Some(_)) => "attached",
        (true, None) => "running",
    };
    let _ = writeln!(
        page,
        "browser      {}, {state}, {} in {}, restarted {} after a crash",
        status.version,
        counted(status.sockets as u64, "socket", "sockets"),
        counted(status.pages as u64, "page", "pages"),
        counted(status.restarts, "time", "times")
    );
    if let (Some(pss), Some(anonymous)) = (status.pss_bytes, status.anonymous_bytes) {
        let _ = writeln!(
            page,
            "             {} MB of memory (PSS) in {}, {} MB of it its own",
            pss / MEGABYTE,
            counted(status.processes as u64, "process", "processes"),
            anonymous / MEGABYTE
        );
    }
    if let Some(why) = &status.without_sandbox {
        let _ = writeln!(page, "             without its sandbox: {why}");
    }
}

/// A number with its word.
fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// Memory is told in the unit that other tools tell it in.
const MEGABYTE: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use towpath_reach::Reach;

    use super::*;

    #[test]
    fn the_page_counts_and_keeps_secrets() {
        let counts = Counts::default();
        assert_eq!((counts.begin(), counts.begin()), (1, 2));
        counts.came(Came::Refused);
        let open = counts.open();
        let url = Url::parse("wss://remote.example/x?token=hunter22").unwrap();
        let mut reach = Reach::new(towpath_reach::Settings::default()).status();
        let text = page(&url, &counts, &reach);
        assert!(text.contains("1 open, 0 opened, 1 refused"), "{text}");
        assert!(!text.contains("hunter22"), "{text}");
        assert!(!text.contains("browser"), "{text}");
        drop(open);
        reach.browser.version = "Chrome/1".to_owned();
        reach.browser.running = true;
        reach.browser.pss_bytes = Some(150_000_000);
        reach.browser.anonymous_bytes = Some(20_000_000);
        reach.browser.without_sandbox = Some("this is the superuser".to_owned());
        let text = page(&url, &counts, &reach);
        assert!(text.contains("0 open"), "{text}");
        assert!(text.contains("browser      Chrome/1, running"), "{text}");
        assert!(text.contains("150 MB of memory (PSS)"), "{text}");
        assert!(
            text.contains("without its sandbox: this is the superuser"),
            "{text}"
        );
    }
}
