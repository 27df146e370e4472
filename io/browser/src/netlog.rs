//! Reads the browser's own network log and completes the socket records from it.
//!
//! The debugging protocol hides much of a failed WebSocket: the order of its headers, the answer that refused it, the
//! address, TLS. The log has all of it. Its format is not a contract, so a part that is missing leaves facts unknown
//! and is never an error of the capture.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::netlog::event::{LogEvent, LogReader};
use crate::netlog::trace::Trace;
use crate::record::SocketCapture;
use crate::visit::parse_url;

mod event;
mod trace;

/// Why a log could not be read; the capture then does without it.
#[derive(Debug)]
pub(crate) struct Unreadable;

/// Adds what the log knows to the sockets.
pub(crate) fn read_net_log(path: &Path, sockets: &mut [SocketCapture]) -> Result<(), Unreadable> {
    let mut traces = relevant_traces(path)?;
    if traces.is_empty() {
        return Ok(());
    }
    let mut by_source: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, trace) in traces.iter().enumerate() {
        for &source in trace.sources() {
            by_source.entry(source).or_default().push(index);
        }
    }
    for event in LogReader::open(path)? {
        for &index in by_source.get(&event.source).into_iter().flatten() {
            traces[index].observe(&event);
        }
    }
    attach(traces, sockets);
    Ok(())
}

/// The first pass: which log sources belong to which WebSocket request.
fn relevant_traces(path: &Path) -> Result<Vec<Trace>, Unreadable> {
    let mut edges: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut requests: Vec<(i64, String)> = Vec::new();
    let mut all_requests = HashSet::new();
    let mut verdicts = Verdicts::default();
    for event in LogReader::open(path)? {
        verdicts.observe(&event);
        if event.kind == "REQUEST_ALIVE" && event.begins {
            all_requests.insert(event.source);
            if let Some(url) = event.params["url"]
                .as_str()
                .filter(|url| url.starts_with("ws"))
            {
                requests.push((event.source, url.to_owned()));
            }
        }
        if let Some(target) = dependency(&event) {
            edges.entry(event.source).or_default().push(target);
        }
    }
    requests.truncate(TRACES_MAX);
    let trace = |(root, url): (i64, String)| {
        let issued_by_known_root = verdicts.for_address(&url);
        Trace::new(
            root,
            url,
            reachable(root, &edges, &all_requests),
            issued_by_known_root,
        )
    };
    Ok(requests.into_iter().map(trace).collect())
}

/// Which hosts' chains ended at a root that the browser ships. A host is verified once and remembered, so the verdict
/// that holds for a socket may have been found for the page.
#[derive(Default)]
struct Verdicts {
    hosts: HashMap<i64, String>,
    known_root: HashMap<String, bool>,
}

impl Verdicts {
    fn observe(&mut self, event: &LogEvent) {
        if event.kind != "CERT_VERIFIER_JOB" || self.hosts.len() >= HOSTS_MAX {
            return;
        }
        if let Some(host) = event.params["host"].as_str() {
            self.hosts.insert(event.source, host.to_owned());
        }
        let known = event.params["is_issued_by_known_root"].as_bool();
        if let (Some(known), Some(host)) = (known, self.hosts.get(&event.source)) {
            self.known_root.insert(host.clone(), known);
        }
    }

    fn for_address(&self, address: &str) -> Option<bool> {
        let url = parse_url(address).ok()?;
        self.known_root.get(url.host_str()?).copied()
    }
}

/// A socket's events point back to all who used it; following them would mix requests up.
fn dependency(event: &LogEvent) -> Option<i64> {
    if event.source_kind == "SOCKET" {
        return None;
    }
    event.params["source_dependency"]["id"].as_i64()
}

fn reachable(root: i64, edges: &HashMap<i64, Vec<i64>>, requests: &HashSet<i64>) -> HashSet<i64> {
    let mut found = HashSet::from([root]);
    let mut open = vec![root];
    while let Some(source) = open.pop() {
        for &next in edges.get(&source).into_iter().flatten() {
            if found.len() < SOURCES_MAX && !requests.contains(&next) && found.insert(next) {
                open.push(next);
            }
        }
    }
    found
}

/// The key of the handshake identifies a socket; without one (HTTP/2, or no request was sent) address and order do.
fn attach(traces: Vec<Trace>, sockets: &mut [SocketCapture]) {
    let mut completed = vec![false; sockets.len()];
    let mut rest = Vec::new();
    for trace in traces {
        let key = trace.key().map(str::to_owned);
        let same_key = |socket: &SocketCapture| {
            let request = socket.request.as_ref();
            key.is_some()
                && request.and_then(|request| request.header(KEY_HEADER)) == key.as_deref()
        };
        match sockets.iter().position(same_key) {
            Some(index) => {
                trace.complete(&mut sockets[index]);
                completed[index] = true;
            }
            None => rest.push(trace),
        }
    }
    for trace in rest {
        let next =
            (0..sockets.len()).find(|&index| !completed[index] && sockets[index].url == trace.url);
        if let Some(index) = next {
            trace.complete(&mut sockets[index]);
            completed[index] = true;
        }
    }
}

pub(crate) const KEY_HEADER: &str = "Sec-WebSocket-Key";
/// As many as sockets are recorded, with room for those that were not.
const TRACES_MAX: usize = 128;
const SOURCES_MAX: usize = 64;
/// Hosts whose certificates are remembered; a page rarely has so many.
const HOSTS_MAX: usize = 256;

#[cfg(test)]
mod tests;
