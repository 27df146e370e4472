//! Weighs the rules' judgements: findings in order, context, open questions, and the verdict.
//!
//! The engine knows no cause by name. What it must keep true: the order of observations does not
//! matter, every finding cites a fact, and a finding that was shown ends the asking.

use serde::{Deserialize, Serialize};

use crate::catalogue::{self, Kind, Vantage};
use crate::evidence::Evidence;
use crate::finding::{Confidence, Finding, Verdict};
use crate::ladder;
use crate::observation::{BrowserUse, Observation, ObservationId, Target};
use crate::question::Question;
use crate::rules::{self, Judgement, Rule, Support};

/// The outcome of judging a set of observations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// What it comes to.
    pub verdict: Verdict,
    /// Named faults, the first the most probable; empty when healthy.
    pub findings: Vec<Finding>,
    /// Facts worth knowing that are not faults, such as an inspecting proxy that works.
    pub context: Vec<Finding>,
    /// Questions that would tell more, the next one first.
    pub open: Vec<Question>,
}

/// Judges observations. Their order does not matter.
pub fn diagnose(observations: &[Observation]) -> Diagnosis {
    let mut ordered: Vec<Observation> = observations.to_vec();
    ordered.sort_by_key(|observation| observation.id);
    let Some(evidence) = Evidence::new(&ordered) else {
        return Diagnosis {
            verdict: Verdict::CannotTell,
            findings: Vec::new(),
            context: Vec::new(),
            open: Vec::new(),
        };
    };
    let judged: Vec<(&'static Rule, Judgement)> = rules::all()
        .map(|rule| (rule, (rule.judge)(&evidence)))
        .collect();
    let rungs = ladder::climb(&evidence);
    let (findings, context) = weigh(&judged, evidence.target());
    let shown = findings
        .iter()
        .any(|finding| finding.confidence == Confidence::Certain);
    let open = open_questions(&evidence, &rungs, judged, shown);
    Diagnosis {
        verdict: verdict(&findings, &rungs, &open),
        findings,
        context,
        open,
    }
}

fn verdict(findings: &[Finding], rungs: &ladder::Climb, open: &[Question]) -> Verdict {
    if !findings.is_empty() {
        Verdict::Fault
    } else if rungs.reached_the_top && open.is_empty() {
        Verdict::Healthy
    } else {
        Verdict::CannotTell
    }
}

/// The next rung comes before the neighbours of a rung that held; a rung that failed stops the climb.
fn open_questions(
    evidence: &Evidence<'_>,
    rungs: &ladder::Climb,
    judged: Vec<(&'static Rule, Judgement)>,
    shown: bool,
) -> Vec<Question> {
    let mut open: Vec<Question> = Vec::new();
    if evidence.vantage() != Vantage::Cli {
        return open;
    }
    let wanted = rungs
        .next
        .iter()
        .cloned()
        .chain(
            judged
                .into_iter()
                .filter(|_| !shown)
                .flat_map(|(_, judgement)| judgement.ask),
        )
        .filter(|question| !evidence.asked(question) && evidence.not_tested(question).is_none())
        .filter(|question| {
            *question != Question::Browser || evidence.target().browser != BrowserUse::Never
        });
    for question in wanted {
        if !open.contains(&question) {
            open.push(question);
        }
    }
    open.sort_by_key(ladder::urgency);
    open
}

fn weigh(judged: &[(&'static Rule, Judgement)], target: &Target) -> (Vec<Finding>, Vec<Finding>) {
    let supported: Vec<(&'static Rule, &Support)> = judged
        .iter()
        .filter_map(|(rule, judgement)| judgement.support.as_ref().map(|support| (*rule, support)))
        .collect();
    let mut standing: Vec<(&'static Rule, &Support)> = supported
        .iter()
        .filter(|(rule, support)| {
            !supported.iter().any(|(other, case)| {
                other.explains.contains(&rule.cause) && case.confidence >= support.confidence
            })
        })
        .copied()
        .collect();
    standing.sort_by_key(|(rule, support)| {
        let layer = catalogue::find(rule.cause).map(|cause| cause.layer);
        (
            std::cmp::Reverse(support.confidence),
            std::cmp::Reverse(support.weight),
            layer,
            rule.cause,
        )
    });
    let mut named: Vec<&str> = Vec::new();
    standing
        .into_iter()
        .filter(|(rule, _)| {
            // A cause that two rules support is named once, by the stronger case.
            let first = !named.contains(&rule.cause);
            named.push(rule.cause);
            first
        })
        .filter_map(|(rule, support)| finding(rule, support, target))
        .partition(|finding| {
            catalogue::find(&finding.cause).is_some_and(|cause| cause.kind == Kind::Fault)
        })
}

fn finding(rule: &Rule, support: &Support, target: &Target) -> Option<Finding> {
    let cause = catalogue::find(rule.cause)?;
    let mut evidence = support.evidence.clone();
    evidence.dedup();
    Some(Finding {
        cause: cause.id.clone(),
        confidence: support.confidence,
        layer: cause.layer,
        title: cause.title.clone(),
        summary: support.summary.clone(),
        evidence,
        counter_evidence: support.counter_evidence.clone(),
        untested: support.untested.clone(),
        remedy: fill(&cause.remedy, target),
    })
}

fn fill(remedy: &catalogue::Remedy, target: &Target) -> catalogue::Remedy {
    let path = target.path.split('?').next().unwrap_or("/");
    let fill = |text: &str| {
        text.replace("{host}", &target.host)
            .replace("{port}", &target.port.to_string())
            .replace("{path}", path)
    };
    catalogue::Remedy {
        user: fill(&remedy.user),
        it: fill(&remedy.it),
        operator: fill(&remedy.operator),
    }
}

/// The observations that a diagnosis cites, in order, each once.
pub fn cited(diagnosis: &Diagnosis) -> Vec<ObservationId> {
    let mut ids: Vec<ObservationId> = diagnosis
        .findings
        .iter()
        .chain(&diagnosis.context)
        .flat_map(|finding| finding.evidence.iter().chain(&finding.counter_evidence))
        .map(|evidence| evidence.observation)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}
