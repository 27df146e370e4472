//! What a check said, and the assertions on it.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::results::{self, HEALTHY};

/// How sure a finding must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sure {
    /// At least possible.
    Possible,
    /// At least likely.
    Likely,
    /// Certain.
    Certain,
}

/// A finished check.
#[derive(Debug)]
pub struct Verdict {
    command: String,
    exit: Option<i32>,
    lines: Vec<Value>,
    last: Value,
    errors: String,
    elapsed: Duration,
}

impl Verdict {
    pub(super) fn read(
        command: String,
        exit: Option<i32>,
        output: &str,
        errors: String,
        elapsed: Duration,
    ) -> Self {
        let lines: Vec<Value> = output
            .lines()
            .map(|line| {
                serde_json::from_str(line)
                    .unwrap_or_else(|error| panic!("{command}\nprinted {line:?}: {error}"))
            })
            .collect();
        let Some(last) = lines.last().cloned() else {
            panic!("{command}\nprinted nothing and exited with {exit:?}:\n{errors}");
        };
        Self {
            command,
            exit,
            lines,
            last,
            errors,
            elapsed,
        }
    }

    /// The ids of the causes found, the most probable first.
    pub fn causes(&self) -> Vec<&str> {
        self.findings()
            .iter()
            .filter_map(|finding| finding["cause"].as_str())
            .collect()
    }

    /// How long the check took.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The first finding is this cause, at least so sure, and its evidence names facts of the right kind.
    #[track_caller]
    pub fn assert_first(&self, cause: &str, sure: Sure) {
        let right = self.causes().first() == Some(&cause);
        note(cause, right);
        assert!(right, "expected {cause} first\n{}", self.story());
        let first = &self.findings()[0];
        let confidence = sureness(first["confidence"].as_str().unwrap_or_default());
        assert!(
            confidence >= Some(sure),
            "expected {cause} at least {sure:?}\n{}",
            self.story()
        );
        self.assert_evidence(first);
        assert_eq!(self.exit, Some(1), "exit status\n{}", self.story());
    }

    /// The first finding's summary holds these words.
    #[track_caller]
    pub fn assert_summary_names(&self, words: &str) {
        let summary = self.findings()[0]["summary"].as_str().unwrap_or_default();
        assert!(summary.contains(words), "{words:?} is not in {summary:?}");
    }

    /// No line of the output holds this secret.
    #[track_caller]
    pub fn assert_nothing_holds(&self, secret: &str) {
        let leak = self
            .lines
            .iter()
            .find(|line| line.to_string().contains(secret));
        assert!(leak.is_none(), "{secret} stands in {leak:?}");
    }

    /// No fault is reported, and the exit status says so.
    #[track_caller]
    pub fn assert_healthy(&self) {
        let right = self.findings().is_empty() && self.exit == Some(0);
        note(HEALTHY, right);
        assert!(right, "expected no fault and exit 0\n{}", self.story());
    }

    /// Every piece of evidence refers to an observation of this run, and at least one is of the cause's own kind.
    #[track_caller]
    fn assert_evidence(&self, finding: &Value) {
        let facts = self.facts();
        let mut kinds = Vec::new();
        for evidence in finding["evidence"].as_array().into_iter().flatten() {
            let id = evidence["observation"].as_u64();
            let kind = id.and_then(|id| facts.get(&id));
            assert!(
                kind.is_some(),
                "evidence without its fact: {evidence}\n{}",
                self.story()
            );
            kinds.extend(kind.copied());
        }
        let layer = finding["layer"].as_str().unwrap_or_default();
        let fitting: &[&str] = match layer {
            "dns" => &["resolution"],
            "tcp" => &[
                "connection",
                "conversation",
                "tls",
                "handshake",
                "resolution",
            ],
            "tls" => &["tls", "exchange", "handshake"],
            "frame" => &["conversation", "handshake"],
            "time" => &["endurance", "conversation", "handshake"],
            "app" => &["conversation", "handshake"],
            _ => &[
                "exchange",
                "handshake",
                "tunnel",
                "connection",
                "conversation",
                "tls",
            ],
        };
        assert!(
            kinds.iter().any(|kind| fitting.contains(kind)),
            "the evidence of a {layer} cause names {kinds:?}\n{}",
            self.story()
        );
        assert!(
            finding["remedy"].is_object(),
            "a finding without remedy\n{}",
            self.story()
        );
    }

    fn findings(&self) -> &[Value] {
        self.last["findings"]
            .as_array()
            .unwrap_or_else(|| panic!("the last line has no findings\n{}", self.story()))
    }

    /// The kind of each observation by its number.
    fn facts(&self) -> BTreeMap<u64, &str> {
        self.observations()
            .filter_map(|line| Some((line["id"].as_u64()?, line["fact"].as_str()?)))
            .collect()
    }

    fn observations(&self) -> impl Iterator<Item = &Value> {
        self.lines
            .iter()
            .filter(|line| line.get("fact").is_some_and(Value::is_string))
    }

    /// All that helps a reader to see why an assertion failed.
    fn story(&self) -> String {
        let mut story = format!(
            "{}\nexit {:?} after {:?}\n{}",
            self.command, self.exit, self.elapsed, self.errors
        );
        for line in self.observations() {
            let mut text = brief(line).to_string();
            if text.len() > STORY_LINE_MAX {
                let end = text.floor_char_boundary(STORY_LINE_MAX);
                text.truncate(end);
                text.push('…');
            }
            story.push_str(&text);
            story.push('\n');
        }
        story + &format!("{:#}\n", self.last)
    }
}

/// An observation without what a reader of a failed test does not need.
fn brief(line: &Value) -> Value {
    let mut brief = line.clone();
    if let Some(fields) = brief.as_object_mut() {
        fields.retain(|name, value| !NOISE.contains(&name.as_str()) && !value.is_null());
    }
    let headers = &mut brief["outcome"]["response"]["headers"];
    let words: Vec<String> = headers
        .as_array()
        .into_iter()
        .flatten()
        .map(|header| format!("{}: {}", header["name"], header["value"]).replace('"', ""))
        .collect();
    if !words.is_empty() {
        *headers = words.into();
    }
    brief
}

/// Notes the outcome under the test's name, which is the name of its thread.
fn note(cause: &str, right: bool) {
    let thread = thread::current();
    let test = thread.name().unwrap_or("unnamed");
    results::record(cause, test, right).expect("the target folder is writable");
}

fn sureness(word: &str) -> Option<Sure> {
    match word {
        "possible" => Some(Sure::Possible),
        "likely" => Some(Sure::Likely),
        "certain" => Some(Sure::Certain),
        _ => None,
    }
}

const STORY_LINE_MAX: usize = 1_500;
/// Fields of observations that fill the screen and tell little.
const NOISE: [&str; 6] = [
    "type",
    "vantage",
    "request",
    "route",
    "extra_roots",
    "at_ms",
];
