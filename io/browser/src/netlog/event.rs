//! The log's file format: one line of constants, then one event per line.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::flags::NET_LOG_MEGABYTES_MAX;
use crate::netlog::Unreadable;

/// One event with its numbers replaced by names.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LogEvent {
    /// The request, job, session or socket that it belongs to.
    pub(crate) source: i64,
    pub(crate) source_kind: String,
    pub(crate) kind: String,
    pub(crate) begins: bool,
    pub(crate) ends: bool,
    pub(crate) params: Value,
}

/// Goes through the events of a log in order. Lines that are no events are passed over, so a cut log is read to its cut.
pub(crate) struct LogReader {
    lines: BufReader<std::io::Take<File>>,
    names: Names,
}

impl LogReader {
    pub(crate) fn open(path: &Path) -> Result<Self, Unreadable> {
        let file = File::open(path).map_err(|_| Unreadable)?;
        // The events, plus the constants and the polled state around them, which the browser's limit leaves out.
        let bytes_max = 2 * NET_LOG_MEGABYTES_MAX * 1024 * 1024;
        let mut lines = BufReader::new(file.take(bytes_max));
        let mut first = String::new();
        lines.read_line(&mut first).map_err(|_| Unreadable)?;
        let constants = format!("{}}}", first.trim_end().trim_end_matches(','));
        let Preamble { constants } = serde_json::from_str(&constants).map_err(|_| Unreadable)?;
        Ok(Self {
            lines,
            names: Names::new(constants),
        })
    }
}

impl Iterator for LogReader {
    type Item = LogEvent;

    fn next(&mut self) -> Option<LogEvent> {
        let mut line = Vec::new();
        loop {
            line.clear();
            if self.lines.read_until(b'\n', &mut line).ok()? == 0 {
                return None;
            }
            if let Some(event) = self.names.event(&line) {
                return Some(event);
            }
        }
    }
}

#[derive(Deserialize)]
struct Preamble {
    constants: Constants,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Constants {
    log_event_types: HashMap<String, u64>,
    log_source_type: HashMap<String, u64>,
    #[serde(default)]
    net_error: HashMap<String, i64>,
}

#[derive(Deserialize)]
struct RawEvent {
    source: RawSource,
    #[serde(rename = "type")]
    kind: u64,
    phase: u64,
    #[serde(default)]
    params: Value,
}

#[derive(Deserialize)]
struct RawSource {
    /// Negative for what lives in the browser's main process.
    id: i64,
    #[serde(rename = "type")]
    kind: u64,
}

struct Names {
    events: HashMap<u64, String>,
    sources: HashMap<u64, String>,
    errors: HashMap<i64, String>,
}

impl Names {
    fn new(constants: Constants) -> Self {
        Self {
            events: constants
                .log_event_types
                .into_iter()
                .map(|(name, number)| (number, name))
                .collect(),
            sources: constants
                .log_source_type
                .into_iter()
                .map(|(name, number)| (number, name))
                .collect(),
            errors: constants
                .net_error
                .into_iter()
                .map(|(name, number)| (number, name))
                .collect(),
        }
    }

    fn event(&self, line: &[u8]) -> Option<LogEvent> {
        let text = std::str::from_utf8(line).ok()?.trim_end();
        // Events are separated by commas; the last one is followed by the end of their list.
        let text = text.trim_end_matches(',').trim_end_matches(']');
        let raw: RawEvent = serde_json::from_str(text).ok()?;
        let mut params = raw.params;
        if let Some(name) = params["net_error"]
            .as_i64()
            .and_then(|number| self.errors.get(&number))
        {
            params["net_error"] = name.as_str().into();
        }
        Some(LogEvent {
            source: raw.source.id,
            source_kind: self
                .sources
                .get(&raw.source.kind)
                .cloned()
                .unwrap_or_default(),
            kind: self.events.get(&raw.kind)?.clone(),
            begins: raw.phase == PHASE_BEGIN,
            ends: raw.phase == PHASE_END,
            params,
        })
    }
}

const PHASE_BEGIN: u64 = 1;
const PHASE_END: u64 = 2;

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::profile::Profile;

    fn events_of(text: &str) -> Result<Vec<LogEvent>, Unreadable> {
        let directory = Profile::create().expect("directory");
        let path = directory.path().join("log");
        fs::write(&path, text).expect("write");
        LogReader::open(&path).map(Iterator::collect)
    }

    const CONSTANTS: &str = "{\"constants\":{\"logEventTypes\":{\"REQUEST_ALIVE\":2},\"logSourceType\":{\"SOCKET\":10},\
                             \"netError\":{\"ERR_FAILED\":-2},\"new\":1},\n\"events\": [\n";

    #[test]
    fn events_get_their_names_and_the_end_of_the_list_is_no_harm() {
        let text = format!(
            "{CONSTANTS}{{\"params\":{{\"net_error\":-2}},\"phase\":2,\"source\":{{\"id\":5,\"type\":10}},\"type\":2}},\n\
             {{\"phase\":1,\"source\":{{\"id\":6,\"type\":99}},\"type\":2}}],\n\"polledData\": [{{}}]\n}}\n"
        );
        let events = events_of(&text).expect("readable");
        assert_eq!(events.len(), 2);
        assert_eq!(events[0].kind, "REQUEST_ALIVE");
        assert_eq!(events[0].source_kind, "SOCKET");
        assert_eq!(events[0].params["net_error"], "ERR_FAILED");
        assert!(events[0].ends && events[1].begins);
    }

    #[test]
    fn a_cut_log_is_read_to_its_cut() {
        let text = format!(
            "{CONSTANTS}{{\"phase\":0,\"source\":{{\"id\":5,\"type\":10}},\"type\":2}},\n{{\"phase\":0,\"sou"
        );
        assert_eq!(events_of(&text).expect("readable").len(), 1);
    }

    #[test]
    fn what_is_no_log_is_unreadable() {
        assert!(events_of("").is_err());
        assert!(events_of("hello\n").is_err());
    }
}
