//! The verdict in one sentence, then why, and who must change what.

use std::fmt::Write as _;

use towpath_diagnosis::{Confidence, Fact, Finding, Verdict, words};

use super::look::{Look, Tone};
use crate::report::Report;
use crate::run::CutShort;

/// Everything that follows the ladder.
pub(super) fn text(report: &Report, look: Look) -> String {
    let mut out = headline(report, look);
    for (at, found) in report.diagnosis.findings.iter().enumerate() {
        out.push('\n');
        out.push_str(&finding(at, found, look));
    }
    if !report.diagnosis.context.is_empty() {
        let _ = writeln!(
            out,
            "\n{}",
            look.paint(Tone::Strong, "Good to know (no fault)")
        );
        for one in &report.diagnosis.context {
            out.push_str(&look.paragraph("  - ", &one.summary));
        }
    }
    let footer = footer(report);
    if !footer.is_empty() {
        out.push('\n');
        out.push_str(&look.paint(Tone::Faint, &look.paragraph("", &footer)));
    }
    out
}

/// The first line, for someone in a hurry.
fn headline(report: &Report, look: Look) -> String {
    let (tone, word, sentence) = match report.diagnosis.verdict {
        Verdict::Healthy => (
            Tone::Good,
            "HEALTHY".to_owned(),
            "the WebSocket opens and works, as far as was tested.".to_owned(),
        ),
        Verdict::Fault => fault(&report.diagnosis.findings),
        Verdict::CannotTell => (Tone::Doubt, "CANNOT TELL".to_owned(), doubt(report)),
    };
    let text = look.paragraph("", &format!("{word}: {sentence}"));
    match text.strip_prefix(&word) {
        Some(rest) => look.paint(tone, &word) + rest,
        None => text,
    }
}

fn fault(findings: &[Finding]) -> (Tone, String, String) {
    let Some(first) = findings.first() else {
        return (
            Tone::Bad,
            "FAULT".to_owned(),
            "no cause is named.".to_owned(),
        );
    };
    let others = findings
        .iter()
        .skip(1)
        .filter(|other| other.confidence == first.confidence)
        .count();
    let mut sentence = first.summary.clone();
    if others > 0 && first.confidence != Confidence::Certain {
        let causes = if others == 1 {
            "cause fits"
        } else {
            "causes fit"
        };
        let _ = write!(sentence, " {others} other {causes} as well.");
    }
    let tone = if first.confidence == Confidence::Possible {
        Tone::Doubt
    } else {
        Tone::Bad
    };
    (tone, format!("FAULT ({})", first.confidence), sentence)
}

fn doubt(report: &Report) -> String {
    match report.cut_short {
        Some(CutShort::Interrupted) => {
            return "the check was interrupted before it found anything.".to_owned();
        }
        Some(CutShort::Time) => {
            return "the time allowed was over before a cause could be named.".to_owned();
        }
        None => {}
    }
    let failed = super::failures(report).pop();
    let skipped = report.observations.iter().find_map(|one| match &one.fact {
        Fact::NotTested { reason, .. } => Some(reason),
        _ => None,
    });
    match (failed, skipped) {
        (Some((rung, result)), _) => {
            format!("{rung}: {result}. None of the known causes fits what was seen.")
        }
        (None, Some(reason)) => format!("not everything was tested ({reason})."),
        (None, None) => "not enough was seen to say whether it works.".to_owned(),
    }
}

fn finding(at: usize, finding: &Finding, look: Look) -> String {
    let number = format!("{}. ", at + 1);
    let heading = format!("{} ({})", finding.title, finding.confidence);
    let mut out = look.paint(Tone::Strong, look.paragraph(&number, &heading).trim_end());
    out.push('\n');
    // The verdict's sentence is the first finding's own.
    if at > 0 {
        out.push_str(&look.paragraph("   ", &finding.summary));
    }
    let section = |out: &mut String, name: &str| {
        let _ = writeln!(out, "   {}", look.paint(Tone::Faint, name));
    };
    section(&mut out, "Evidence");
    for one in &finding.evidence {
        let number = format!("     {:<4} ", one.observation.to_string());
        out.push_str(&look.paragraph(&number, &one.shows));
    }
    if !finding.counter_evidence.is_empty() {
        section(&mut out, "Speaks against it");
        for one in &finding.counter_evidence {
            let number = format!("     {:<4} ", one.observation.to_string());
            out.push_str(&look.paragraph(&number, &one.shows));
        }
    }
    if !finding.untested.is_empty() {
        section(&mut out, "Not tested");
        for one in &finding.untested {
            out.push_str(&look.paragraph("     -    ", one));
        }
    }
    if at == 0 {
        section(&mut out, "Who must change what");
        let remedy = &finding.remedy;
        for (who, what) in [
            ("you", &remedy.user),
            ("your IT", &remedy.it),
            ("operator", &remedy.operator),
        ] {
            out.push_str(&look.paragraph(&format!("     {who:<9} "), what));
        }
    }
    let more = format!("More: towpath causes {}", finding.cause);
    let more = look.paragraph("   ", &more);
    let _ = writeln!(out, "{}", look.paint(Tone::Faint, more.trim_end()));
    out
}

fn footer(report: &Report) -> String {
    let mut text = String::new();
    match (report.target(), report.requests) {
        (Some(target), requests) if requests > 0 => {
            let _ = write!(
                text,
                "{requests} of {} requests to the target, {}.",
                target.budget,
                words::duration(report.elapsed_ms)
            );
        }
        _ => {}
    }
    match report.cut_short {
        Some(CutShort::Interrupted) => text.push_str(" Cut short by an interrupt."),
        Some(CutShort::Time) => text.push_str(" Cut short by --max-time."),
        None => {}
    }
    if report.diagnosis.verdict == Verdict::Healthy {
        text.push_str(&further(report));
    }
    let mut reasons: Vec<&str> = Vec::new();
    for one in &report.observations {
        if let Fact::NotTested { reason, .. } = &one.fact
            && !reasons.contains(&reason.as_str())
        {
            reasons.push(reason);
        }
    }
    if !reasons.is_empty() {
        let _ = write!(text, " Not everything was tested: {}.", reasons.join("; "));
    }
    text.trim_start().to_owned()
}

/// What could be tested too, where a check found nothing.
fn further(report: &Report) -> String {
    let Some(target) = report.target().filter(|_| report.requests > 0) else {
        return String::new();
    };
    let mut further = Vec::new();
    if !target.echo && !target.send {
        further.push("messages with --send or --echo");
    }
    if target.idle_ms.is_none() {
        further.push("lifetime with --idle");
    }
    if further.is_empty() {
        String::new()
    } else {
        format!(" More can be tested: {}.", further.join(", "))
    }
}
