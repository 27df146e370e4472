//! What a check found. It must never hold a secret, nor what somebody said in a room.

use serde::Serialize;
use towpath_diagnosis::catalogue::{self, Remedy};
use towpath_diagnosis::{Confidence, Finding};

use super::ends::Place;

/// The version of the JSON form.
const SCHEMA_VERSION: u32 = 1;

/// What came of all sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckReport {
    /// The version of this form.
    pub schema_version: u32,
    /// Whether every step held that was tried, and there is a link.
    pub all_well: bool,
    /// Whether a relay of this configuration was running beside it, which takes names that the check then has to do without.
    pub beside_a_relay: bool,
    /// How many links join rooms. Without one nothing would be told to anybody.
    pub links: usize,
    /// The sides, by name.
    pub sides: Vec<SideReport>,
}

/// What came of one side.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SideReport {
    /// Its name, `irc.libera` for example.
    pub name: String,
    /// The word of its kind.
    pub kind: String,
    /// Where it connects to, without path and secrets.
    pub server: Option<String>,
    /// By which way and why, where there is a choice.
    pub way: Option<String>,
    /// As whom it speaks.
    pub speaks_as: Option<String>,
    /// What was tried, in order.
    pub steps: Vec<Step>,
    /// Causes that explain what failed, the most probable first.
    pub findings: Vec<Found>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
}

/// One thing that was tried.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// What: `network`, `connect`, `room`, `say`, `answer`.
    pub step: &'static str,
    /// In which room.
    pub room: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// In words.
    pub detail: String,
    /// What to do about it, where the side itself knows.
    pub remedy: Option<String>,
    /// Whether the network may be behind the failure.
    #[serde(skip)]
    pub(super) may_be_network: bool,
}

/// What came of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It works.
    Held,
    /// It does not.
    Failed,
    /// It was left out, for the reason in the detail.
    NotTried,
}

/// A cause of the catalogue that explains what failed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Found {
    /// Its id in the catalogue.
    pub cause: String,
    /// How sure.
    pub confidence: Confidence,
    /// What is wrong.
    pub title: String,
    /// What is the matter here; empty where only the side knows.
    pub summary: String,
    /// Who must change what.
    pub remedy: Remedy,
}

impl CheckReport {
    pub(super) fn new(sides: Vec<SideReport>, links: usize) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            all_well: links > 0 && sides.iter().all(SideReport::is_well),
            beside_a_relay: false,
            links,
            sides,
        }
    }

    /// As text for a terminal.
    pub fn text(&self) -> String {
        super::text::whole(self)
    }

    /// The last line of it.
    pub fn headline(&self) -> String {
        super::text::headline(self)
    }

    /// As JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and numbers are JSON")
    }
}

impl SideReport {
    /// As text for a terminal.
    pub fn text(&self) -> String {
        super::text::one(self)
    }

    /// Whether nothing failed.
    pub fn is_well(&self) -> bool {
        self.failed().next().is_none()
    }

    pub(super) fn failed(&self) -> impl Iterator<Item = &Step> {
        self.steps
            .iter()
            .filter(|step| step.outcome == Outcome::Failed)
    }

    pub(super) fn add(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Adds a cause once.
    pub(super) fn explain(&mut self, found: Found) {
        if !self.findings.iter().any(|other| other.cause == found.cause) {
            self.findings.push(found);
        }
    }
}

impl Step {
    pub(super) fn held(step: &'static str, detail: impl Into<String>) -> Self {
        Self::new(step, Outcome::Held, detail)
    }

    pub(super) fn failed(step: &'static str, detail: impl Into<String>) -> Self {
        Self::new(step, Outcome::Failed, detail)
    }

    pub(super) fn not_tried(step: &'static str, detail: impl Into<String>) -> Self {
        Self::new(step, Outcome::NotTried, detail)
    }

    fn new(step: &'static str, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            step,
            room: None,
            outcome,
            detail: detail.into(),
            remedy: None,
            may_be_network: false,
        }
    }

    /// The same, where the network may be behind it.
    pub(super) fn perhaps_network(mut self) -> Self {
        self.may_be_network = true;
        self
    }

    /// The same, of one room.
    pub(super) fn of(mut self, room: &str) -> Self {
        self.room = Some(room.to_owned());
        self
    }

    /// The same, with what to do about it.
    pub(super) fn with_remedy(mut self, remedy: Option<String>) -> Self {
        self.remedy = remedy;
        self
    }
}

impl From<Finding> for Found {
    fn from(finding: Finding) -> Self {
        Self {
            cause: finding.cause,
            confidence: finding.confidence,
            title: finding.title,
            summary: finding.summary,
            remedy: finding.remedy,
        }
    }
}

impl Found {
    /// A cause that a side has named, with the texts of the catalogue filled in for its server.
    pub(super) fn named(cause: &str, confidence: Confidence, place: Place<'_>) -> Option<Self> {
        let known = catalogue::find(cause)?;
        let (host, port, path) = place;
        let fill = |text: &str| {
            text.replace("{host}", host)
                .replace("{port}", &port.to_string())
                .replace("{path}", path)
        };
        Some(Self {
            cause: known.id.clone(),
            confidence,
            title: known.title.clone(),
            summary: String::new(),
            remedy: Remedy {
                user: fill(&known.remedy.user),
                it: fill(&known.remedy.it),
                operator: fill(&known.remedy.operator),
            },
        })
    }
}
