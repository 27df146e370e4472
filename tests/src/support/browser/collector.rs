//! Sends a browser from page to page and takes what each page reports.
//!
//! One browser per collector. Reports carry the number of their visit, so that a late one is never taken for the
//! answer to a later visit.

use std::net::Ipv4Addr;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::super::http::{Reply, Request, Server};

/// A running collector.
#[derive(Debug)]
pub(super) struct Collector {
    server: Server,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    visit: u64,
    /// The page to show next.
    next: Option<String>,
    /// Whether a browser has asked for a page yet.
    was_asked: bool,
    report: Option<Value>,
}

impl Collector {
    pub(super) fn start(address: Ipv4Addr) -> Self {
        let shared = Arc::new(Shared::default());
        let own = Arc::clone(&shared);
        let server = Server::start_at(address, move |request| own.answer(request));
        Self { server, shared }
    }

    /// The page on which a browser starts.
    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.server.address())
    }

    /// Whether a browser asks for its next page before the time is over.
    pub(super) fn is_asked_within(&self, patience: Duration) -> bool {
        self.shared
            .wait(patience, |state| state.was_asked.then_some(()))
            .is_some()
    }

    /// Has the page shown and waits for its report.
    pub(super) fn visit(&self, url: &str, patience: Duration) -> Result<Value, String> {
        let visit = {
            let mut state = self.shared.state();
            state.visit += 1;
            state.report = None;
            state.next = Some(format!("{url}#{}report/{}", self.url(), state.visit));
            state.visit
        };
        self.shared.changed.notify_all();
        let report = self.shared.wait(patience, |state| state.report.take());
        self.shared.state().next = None;
        let report = report.ok_or(format!(
            "visit {visit} of {url} reported nothing in {patience:?}"
        ))?;
        match report.get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(report.get("value").cloned().unwrap_or_default()),
        }
    }
}

impl Shared {
    fn answer(&self, request: &Request) -> Reply {
        match request.path() {
            "/" => Reply::text("text/html", CONDUCTOR),
            "/next" => self.next(),
            path => match path.strip_prefix("/report/") {
                Some(visit) => self.report(visit, request),
                None => Reply::status(404),
            },
        }
    }

    fn next(&self) -> Reply {
        self.state().was_asked = true;
        self.changed.notify_all();
        match self.wait(POLL_TIME, |state| state.next.take()) {
            Some(url) => Reply::text("text/plain", &url),
            None => Reply::status(204),
        }
    }

    /// By POST with the report as the body, or by going to the address with the report as its query.
    fn report(&self, visit: &str, request: &Request) -> Reply {
        let went = request
            .target
            .split_once('?')
            .map(|(_, query)| decoded(query));
        let text = went.as_deref().unwrap_or(&request.body);
        {
            let mut state = self.state();
            if visit == state.visit.to_string() {
                state.report = Some(serde_json::from_slice(text).unwrap_or_else(|error| {
                    serde_json::json!({ "error": format!("the report is not JSON: {error}") })
                }));
            }
        }
        self.changed.notify_all();
        if went.is_some() {
            Reply::text("text/html", CONDUCTOR)
        } else {
            Reply::status(204)
        }
    }

    fn wait<T>(
        &self,
        patience: Duration,
        mut found: impl FnMut(&mut State) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + patience;
        let mut state = self.state();
        loop {
            if let Some(found) = found(&mut state) {
                return Some(found);
            }
            let left = deadline.checked_duration_since(Instant::now())?;
            (state, _) = self
                .changed
                .wait_timeout(state, left)
                .expect("no holder panics");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no holder panics")
    }
}

/// Undoes percent-encoding.
fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() {
            &after[2..]
        } else {
            after
        };
    }
    bytes
}

/// The page between pages under test.
const CONDUCTOR: &str = include_str!("conductor.html");
/// How long a browser waits for its next page before it asks again.
const POLL_TIME: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn reports_in_addresses_are_read() {
        assert_eq!(decoded("%7B%22a%22:1%7D"), br#"{"a":1}"#);
        assert_eq!(decoded("100%"), b"100%");
    }
}
