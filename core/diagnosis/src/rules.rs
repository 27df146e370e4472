//! The rules: one per cause, each a pure function from evidence to a judgement.
//!
//! The modules are the layers of the catalogue. A rule looks at nothing but the evidence, never
//! at what another rule said; the [`crate::engine`] weighs them against each other.

use crate::evidence::Evidence;
use crate::finding::{Confidence, Evidence as Shown};
use crate::question::Question;

pub mod app;
pub mod browser;
pub mod dns;
pub mod endpoint;
pub mod frame;
pub mod http;
pub mod proxy;
mod reach;
#[cfg(test)]
mod scene;
pub mod sides;
pub mod tcp;
pub mod time;
pub mod tls;

/// One cause's rule.
pub struct Rule {
    /// The cause's id in the catalogue.
    pub cause: &'static str,
    /// Causes that this one explains away when it is at least as sure.
    ///
    /// For example a challenge page explains the block that it also is.
    pub explains: &'static [&'static str],
    /// The judgement.
    pub judge: fn(&Evidence<'_>) -> Judgement,
}

/// What a rule says.
#[derive(Debug, Default)]
pub struct Judgement {
    /// The case for the cause, as far as it goes.
    pub support: Option<Support>,
    /// What the network should be asked for the case to become clearer, most telling first.
    pub ask: Vec<Question>,
}

/// The case for a cause.
#[derive(Debug)]
pub struct Support {
    /// How sure.
    pub confidence: Confidence,
    /// What is the matter in this very case, one or two sentences.
    pub summary: String,
    /// The facts for it; never empty.
    pub evidence: Vec<Shown>,
    /// The facts against it.
    pub counter_evidence: Vec<Shown>,
    /// What was not tested that would settle it.
    pub untested: Vec<String>,
    /// Order among findings that are equally sure; the larger comes first. 50 is ordinary.
    pub weight: u8,
}

impl Judgement {
    /// Nothing to say.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Nothing to say yet; these questions would tell.
    pub fn ask(questions: impl IntoIterator<Item = Question>) -> Self {
        Self {
            support: None,
            ask: questions.into_iter().collect(),
        }
    }

    /// Adds questions that would make the case clearer.
    #[must_use]
    pub fn and_ask(mut self, questions: impl IntoIterator<Item = Question>) -> Self {
        self.ask.extend(questions);
        self
    }
}

impl From<Support> for Judgement {
    fn from(support: Support) -> Self {
        Self {
            support: Some(support),
            ask: Vec::new(),
        }
    }
}

impl From<Option<Support>> for Judgement {
    fn from(support: Option<Support>) -> Self {
        Self {
            support,
            ask: Vec::new(),
        }
    }
}

impl Support {
    /// A case with its first fact.
    pub fn new(confidence: Confidence, summary: impl Into<String>, evidence: Shown) -> Self {
        Self {
            confidence,
            summary: summary.into(),
            evidence: vec![evidence],
            counter_evidence: Vec::new(),
            untested: Vec::new(),
            weight: 50,
        }
    }

    /// A case that was shown: one variable flipped the outcome, or a marker that nothing else leaves.
    pub fn certain(summary: impl Into<String>, evidence: Shown) -> Self {
        Self::new(Confidence::Certain, summary, evidence)
    }

    /// A case that fits best.
    pub fn likely(summary: impl Into<String>, evidence: Shown) -> Self {
        Self::new(Confidence::Likely, summary, evidence)
    }

    /// A case that fits, as others do.
    pub fn possible(summary: impl Into<String>, evidence: Shown) -> Self {
        Self::new(Confidence::Possible, summary, evidence)
    }

    /// With a further fact for it.
    #[must_use]
    pub fn and(mut self, evidence: Shown) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// With further facts for it.
    #[must_use]
    pub fn and_all(mut self, evidence: impl IntoIterator<Item = Shown>) -> Self {
        self.evidence.extend(evidence);
        self
    }

    /// With a fact against it.
    #[must_use]
    pub fn but(mut self, evidence: Shown) -> Self {
        self.counter_evidence.push(evidence);
        self
    }

    /// With something that was not tested.
    #[must_use]
    pub fn untested(mut self, what: impl Into<String>) -> Self {
        self.untested.push(what.into());
        self
    }

    /// With another weight than 50.
    #[must_use]
    pub fn weighing(mut self, weight: u8) -> Self {
        self.weight = weight;
        self
    }
}

/// All rules, layer by layer.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        dns::RULES,
        tcp::RULES,
        tls::RULES,
        proxy::RULES,
        endpoint::RULES,
        http::RULES,
        frame::RULES,
        time::RULES,
        app::RULES,
        browser::RULES,
        sides::RULES,
    ]
    .into_iter()
    .flatten()
}

/// Ids of the causes that have a rule, in the order of the rules, each once.
pub fn causes_with_rules() -> Vec<&'static str> {
    let mut causes: Vec<&'static str> = Vec::new();
    for rule in all() {
        if !causes.contains(&rule.cause) {
            causes.push(rule.cause);
        }
    }
    causes
}
