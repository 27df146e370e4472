//! An event as it stands in a log: with its time. It must never ask a clock.

use serde::Serialize;
use towpath_chat::matterbridge::format_time;

use super::Event;

impl Event {
    /// As text, after the time in UTC where one is given; the system's journal writes times of its own.
    pub fn line(&self, at_unix_ms: Option<i64>) -> String {
        match at_unix_ms {
            Some(at) => format!("{} {self}", format_time(at)),
            None => self.to_string(),
        }
    }

    /// As one JSON object, with the time as `at_unix_ms`.
    pub fn json_line(&self, at_unix_ms: i64) -> String {
        let timed = Timed {
            at_unix_ms,
            event: self,
        };
        serde_json::to_string(&timed).expect("texts and numbers are JSON")
    }
}

#[derive(Serialize)]
struct Timed<'e> {
    at_unix_ms: i64,
    #[serde(flatten)]
    event: &'e Event,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_time() {
        let event = Event::Store { trouble: None };
        assert_eq!(
            event.line(Some(1_795_306_670_347)),
            "2026-11-22T00:17:50.347Z the store: well again"
        );
        assert_eq!(event.line(None), "the store: well again");
        assert_eq!(
            event.json_line(1_795_306_670_347),
            r#"{"at_unix_ms":1795306670347,"type":"store","trouble":null}"#
        );
    }
}
