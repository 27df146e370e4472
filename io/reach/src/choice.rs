//! From what an inquiry found to what is done about it: pure, and told in one line.
//!
//! A browser is used where a server lets browsers in and programs not. It must never be used to get past a decision of the server
//! about the user, the Origin, a token or a subprotocol: those are told as they are.

use towpath_diagnosis::observation::{BrowserOutcome, Stage};
use towpath_diagnosis::{Confidence, Diagnosis, Fact, Finding, Observation, Verdict};

use crate::refused::{Named, Why};

mod means;

use means::{Means, means};

/// How this program's own attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Symptom {
    /// An answer with this status.
    Refused(u16),
    /// No answer.
    Failed(Stage),
    /// A 101 that clients have to reject.
    Broken,
    /// A 101 behind which nothing comes.
    Mute,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// This program's own attempt again: what was wrong has passed.
    Again,
    /// The way through a browser, since this is what programs meet.
    Browser(Why),
    /// Nothing helps. The attempt's own outcome stands, with this reason.
    Stand(Why),
}

/// What the settings allow and give.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowed {
    /// A browser may be used.
    pub(crate) browser: bool,
    /// The user names a page to visit.
    pub(crate) page: bool,
}

/// Decides.
pub(crate) fn choose(
    symptom: Symptom,
    diagnosis: &Diagnosis,
    observations: &[Observation],
    allowed: Allowed,
) -> Choice {
    if diagnosis.verdict == Verdict::Healthy {
        return Choice::Again;
    }
    let finding = diagnosis.findings.first();
    let means = match finding {
        // A page that the user names may log in by itself.
        Some(finding) if finding.cause == "http-401" && allowed.page => Means::Browser,
        Some(finding) => means(&finding.cause),
        None => Means::Unknown,
    };
    let browser = if allowed.browser {
        browser(observations)
    } else {
        Seen::Unavailable("the settings allow none")
    };
    let is_unsure = finding.is_some_and(|finding| finding.confidence == Confidence::Possible);
    let means = match (means, &browser) {
        // A cause that is only possible must not hide that nobody could look whether browsers get in.
        (Means::Nothing, Seen::Unavailable(_)) if is_unsure && could_be_programs(symptom) => {
            Means::Unknown
        }
        (means, _) => means,
    };
    let is_worth_it = match (means, browser) {
        (Means::Nothing | Means::Gateway, _) | (_, Seen::Refused) => false,
        (_, Seen::Unavailable(why)) => {
            let stands = stand(finding, means);
            let sentence = format!(
                "{} No browser could be asked: {why}.",
                ended(&stands.sentence)
            );
            return Choice::Stand(Why { sentence, ..stands });
        }
        (_, Seen::Opened) | (Means::Browser, Seen::NotAsked) => true,
        (Means::Unknown, Seen::NotAsked) => could_be_programs(symptom),
    };
    if is_worth_it {
        Choice::Browser(reason(finding))
    } else {
        let mut why = stand(finding, means);
        if may_log_in_by_page(finding, allowed) {
            why.sentence = format!("{} {PAGE_HINT}", ended(&why.sentence));
        }
        Choice::Stand(why)
    }
}

/// What a user can do where the site's own script may log in.
const PAGE_HINT: &str = "If a page of the site logs in by itself, name it with --page.";

fn may_log_in_by_page(finding: Option<&Finding>, allowed: Allowed) -> bool {
    let wants_log_in = finding.is_some_and(|finding| finding.cause == "http-401");
    wants_log_in && allowed.browser && !allowed.page
}

/// Whether a server that refuses programs could have caused it.
fn could_be_programs(symptom: Symptom) -> bool {
    match symptom {
        Symptom::Refused(status) => matches!(status, 400 | 403 | 406 | 418 | 503),
        Symptom::Failed(stage) => matches!(stage, Stage::Tls | Stage::Http),
        Symptom::Broken | Symptom::Mute => false,
    }
}

/// What the inquiry's browser got.
enum Seen<'a> {
    NotAsked,
    Opened,
    Refused,
    Unavailable(&'a str),
}

fn browser(observations: &[Observation]) -> Seen<'_> {
    let outcomes = observations.iter().filter_map(|seen| match &seen.fact {
        Fact::Browser(capture) => Some(&capture.outcome),
        _ => None,
    });
    let mut seen = Seen::NotAsked;
    for outcome in outcomes {
        match outcome {
            BrowserOutcome::Opened { .. } => return Seen::Opened,
            BrowserOutcome::Failed { .. } => seen = Seen::Refused,
            BrowserOutcome::Unavailable { reason } if matches!(seen, Seen::NotAsked) => {
                seen = Seen::Unavailable(reason.trim_end_matches('.'));
            }
            BrowserOutcome::Unavailable { .. } => {}
        }
    }
    seen
}

/// Why nothing else is tried.
fn stand(finding: Option<&Finding>, means: Means) -> Why {
    let Some(finding) = finding else {
        return "no cause could be named; `towpath check` tells what was seen".into();
    };
    let sentence = match means {
        Means::Gateway => format!(
            "{} A Towpath gateway at the server would carry it.",
            ended(&finding.summary)
        ),
        _ => finding.summary.clone(),
    };
    Why {
        sentence,
        finding: Some(Box::new(named(finding))),
    }
}

/// What the server does to this program, as the first half of a line that goes on with what it does to browsers.
fn reason(finding: Option<&Finding>) -> Why {
    match finding {
        Some(finding) => Why {
            sentence: lower_first(&finding.title),
            finding: Some(Box::new(named(finding))),
        },
        None => "the server refuses this program for no reason that shows".into(),
    }
}

fn named(finding: &Finding) -> Named {
    Named {
        cause: finding.cause.clone(),
        confidence: finding.confidence,
        remedy: finding.remedy.clone(),
    }
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    let second_is_lower = text.chars().nth(1).is_some_and(|c| !c.is_uppercase());
    match letters.next() {
        // An abbreviation keeps its capitals.
        Some(first) if second_is_lower => first.to_lowercase().chain(letters).collect(),
        _ => text.to_owned(),
    }
}

fn ended(sentence: &str) -> String {
    format!("{}.", sentence.trim_end_matches('.'))
}

#[cfg(test)]
mod tests;
