//! What is concluded: causes, how sure, from which facts, and who must change what.

use serde::{Deserialize, Serialize};

use crate::catalogue::{Layer, Remedy};
use crate::observation::ObservationId;

/// How sure a finding is.
///
/// `Certain` needs one variable that flips the outcome, or a marker that nothing else leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// It fits, and so would others.
    Possible,
    /// It fits best.
    Likely,
    /// It was shown.
    Certain,
}

impl std::fmt::Display for Confidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        })
    }
}

/// A fact that speaks for or against a finding, in words, with its observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The observation.
    pub observation: ObservationId,
    /// What it shows, one sentence.
    pub shows: String,
}

/// A named cause with what speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Id in the catalogue.
    pub cause: String,
    /// How sure.
    pub confidence: Confidence,
    /// The catalogue's layer.
    pub layer: Layer,
    /// The catalogue's title.
    pub title: String,
    /// What is the matter in this very case, one or two sentences.
    pub summary: String,
    /// The facts for it; never empty.
    pub evidence: Vec<Evidence>,
    /// The facts that speak against it.
    pub counter_evidence: Vec<Evidence>,
    /// What was not tested that would settle it.
    pub untested: Vec<String>,
    /// Who must change what.
    pub remedy: Remedy,
}

/// What the check comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing is wrong as far as was tested.
    Healthy,
    /// Something is wrong, and the findings name it.
    Fault,
    /// Something is wrong or was not tested, and no cause can be named.
    CannotTell,
}
