//! What `pages/carry.js` reports, read.

use serde_json::Value;

/// The query of `carry.html`: so many messages each way, one each `pace` milliseconds, given up after `seconds`.
pub(crate) fn query(count: u64, pace: u64, seconds: u64) -> String {
    format!("count={count}&pace={pace}&seconds={seconds}")
}

/// How one page fared.
#[derive(Debug)]
pub(crate) struct Report {
    /// From the constructor to the first message, in milliseconds.
    pub(crate) first_ms: Option<u64>,
    pub(crate) transport: String,
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) reordered: u64,
    /// Messages whose bytes or type changed.
    pub(crate) broken: u64,
    /// The close event: code, reason, and whether it was clean.
    pub(crate) close: Option<(u64, String, bool)>,
    pub(crate) protocol: String,
    /// What happened when, for people.
    pub(crate) events: Vec<String>,
}

impl Report {
    pub(crate) fn of(value: &Value) -> Self {
        let sum = |name: &str| {
            let side = |side: &str| value[side][name].as_u64().unwrap_or(u64::MAX / 4);
            side("echoed") + side("told")
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let close = &value["close"];
        Self {
            first_ms: value["first"].as_u64(),
            transport: text(&value["transport"]),
            lost: sum("lost"),
            doubled: sum("doubled"),
            reordered: sum("reordered"),
            broken: sum("broken"),
            close: close["code"].as_u64().map(|code| {
                let is_clean = close["wasClean"].as_bool().unwrap_or(false);
                (code, text(&close["reason"]), is_clean)
            }),
            protocol: text(&value["protocol"]),
            events: value["events"]
                .as_array()
                .into_iter()
                .flatten()
                .map(text)
                .collect(),
        }
    }

    /// All of it in one line, for people.
    pub(crate) fn story(&self) -> String {
        let first = self
            .first_ms
            .map_or("never".to_owned(), |ms| format!("{ms} ms"));
        format!(
            "first message {first}; over {}; lost {} doubled {} reordered {} broken {}; close {:?}; {}",
            self.transport,
            self.lost,
            self.doubled,
            self.reordered,
            self.broken,
            self.close,
            self.events.join(", ")
        )
    }

    /// Whether all messages came, each once, whole and in order, and the close went well.
    pub(crate) fn is_perfect(&self) -> bool {
        self.lost + self.doubled + self.reordered + self.broken == 0
            && self.protocol == "numbers"
            && self.close == Some((1000, "done".to_owned(), true))
    }
}
