//! Messages that fail by their size: refused, vanished, or stuck at the size of a segment.

use super::socket::{
    Socket, alone, answered, closed, cut, ended, ending, fresh, phrase, silent, sockets, subject,
};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{Conversation, Exercise};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const TOO_BIG: Rule = Rule {
    cause: "frame-too-big",
    explains: &["unknown-below-app", "proxy-101-rst"],
    judge: too_big,
};

pub(super) const VANISHED: Rule = Rule {
    cause: "frame-big-silent",
    explains: &["unknown-below-app"],
    judge: vanished,
};

pub(super) const STUCK: Rule = Rule {
    cause: "tcp-mtu-blackhole",
    explains: &["unknown-below-app", "frame-big-silent"],
    judge: stuck,
};

/// The largest size that passed and the smallest that failed in one manner, over all sockets.
struct Border<'a> {
    passed: Seen<'a, Conversation>,
    failed: Seen<'a, Conversation>,
    /// Sockets that failed in this manner.
    times: usize,
    low: u64,
    high: u64,
}

fn size(conversation: &Conversation) -> Option<u64> {
    match conversation.exercise {
        Exercise::Text { bytes } => Some(bytes),
        _ => None,
    }
}

fn border<'a>(
    sockets: &[Socket<'a>],
    is_failure: impl Fn(&Conversation) -> bool,
) -> Option<Border<'a>> {
    // Only the first failure of a socket counts: what comes after it may fail in consequence.
    let failures: Vec<Seen<'a, Conversation>> = sockets
        .iter()
        .filter_map(|socket| {
            let failed = socket.parts.iter().find(|part| is_failure(part.fact))?;
            let counts = size(failed.fact).is_some() && !socket.is_slow_before(*failed);
            counts.then_some(*failed)
        })
        .collect();
    let failed = *failures.iter().min_by_key(|part| size(part.fact))?;
    let high = size(failed.fact)?;
    let passed = sockets
        .iter()
        .flat_map(|socket| &socket.parts)
        .filter(|part| size(part.fact).is_some() && answered(part.fact))
        .max_by_key(|part| size(part.fact))
        .copied()?;
    let low = size(passed.fact)?;
    // Any size that passed at or above one that failed shows that size does not decide.
    (low < high).then_some(Border {
        passed,
        failed,
        times: failures.len(),
        low,
        high,
    })
}

/// Three sizes between the two, on one fresh socket.
fn narrow(border: &Border<'_>) -> Option<Question> {
    let step = (border.high - border.low) / 4;
    (step >= STEP_BYTES_MIN).then(|| {
        let sizes = (1..4).map(|n| Exercise::Text {
            bytes: border.low + n * step,
        });
        let mut exercises = vec![Exercise::Listen];
        exercises.extend(sizes);
        fresh(border.failed.fact, exercises)
    })
}

fn too_big(evidence: &Evidence<'_>) -> Judgement {
    let told = evidence
        .conversations()
        .filter(|part| matches!(closed(part.fact), Some((Some(1009), _))))
        .min_by_key(|part| part.fact.compressed);
    let sockets = sockets(evidence);
    if let Some(part) = told {
        // With compression it may be the decompressor's limit; the same without tells.
        let compressed = part.fact.compressed;
        let limit = border(&sockets, |part| {
            matches!(closed(part), Some((Some(1009), _)))
        })
        .map_or_else(String::new, |border| {
            format!(
                " The limit is between {} and {} bytes.",
                border.low, border.high
            )
        });
        let confidence = if compressed {
            Confidence::Likely
        } else {
            Confidence::Certain
        };
        let support = Support::new(
            confidence,
            format!(
                "The server closed with 1009, message too big, after {}.{limit}",
                phrase(&part.fact.exercise)
            ),
            part.shows(format!(
                "{} was answered with close code 1009.",
                subject(&part.fact.exercise)
            )),
        )
        .weighing(60);
        return Judgement::from(support).and_ask([alone(part.fact)]);
    }
    let Some(border) = border(&sockets, cut) else {
        return Judgement::nothing();
    };
    let how = ending(border.failed.fact).map(ended).unwrap_or_default();
    let mut support = Support::likely(
        format!(
            "Messages of up to {} bytes pass; at {} bytes the connection {how}.",
            border.low, border.high
        ),
        border.failed.shows(format!(
            "{} was sent and the connection {how}.",
            subject(&border.failed.fact.exercise)
        )),
    )
    .and(border.passed.shows(format!(
        "{} was answered.",
        subject(&border.passed.fact.exercise)
    )));
    if border.times > 1 {
        support.confidence = Confidence::Certain;
    }
    let again = fresh(
        border.failed.fact,
        vec![Exercise::Listen, Exercise::Text { bytes: border.high }],
    );
    Judgement::from(support).and_ask([again])
}

/// Whether the stream still moves after a message that got no answer: a later small one did.
fn moves_on<'a>(sockets: &[Socket<'a>], high: u64) -> Option<(Seen<'a, Conversation>, bool)> {
    sockets.iter().find_map(|socket| {
        let lost = socket
            .parts
            .iter()
            .find(|part| silent(part.fact) && size(part.fact).is_some_and(|size| size >= high))?;
        let later = socket
            .after(*lost)
            .iter()
            .find(|part| size(part.fact).is_some_and(|size| size < high))?;
        Some((*later, answered(later.fact)))
    })
}

fn vanished(evidence: &Evidence<'_>) -> Judgement {
    let sockets = sockets(evidence);
    let Some(border) = border(&sockets, silent) else {
        return Judgement::nothing();
    };
    let moves = moves_on(&sockets, border.high);
    let mut support = silent_support(
        &border,
        format!(
            "Messages of up to {} bytes pass; from {} bytes on they vanish, and the connection stays open.",
            border.low, border.high
        ),
    );
    match moves {
        Some((later, true)) => {
            support.confidence = Confidence::Certain;
            support = support
                .and(later.shows("A small message on the same socket is answered afterwards: only the large one is gone."))
                .weighing(60);
        }
        Some((later, false)) if !near_segment(&border) => {
            support = support.and(later.shows("Nothing passes on that socket any more."));
        }
        _ => {}
    }
    Judgement::from(support).and_ask(silent_asks(&border))
}

fn stuck(evidence: &Evidence<'_>) -> Judgement {
    let sockets = sockets(evidence);
    let Some(border) = border(&sockets, silent).filter(near_segment) else {
        return Judgement::nothing();
    };
    let mut support = silent_support(
        &border,
        format!(
            "Messages of up to {} bytes pass and from {} bytes on the connection hangs: the border is the size of one network packet.",
            border.low, border.high
        ),
    );
    match moves_on(&sockets, border.high) {
        // A lost segment is sent again until it arrives, and nothing behind it can overtake.
        Some((_, true)) => return Judgement::nothing(),
        Some((later, false)) => {
            let sharp = border.low >= SEGMENT_BYTES_MIN - 200
                && border.high - border.low <= SEGMENT_BRACKET_BYTES;
            support.confidence = if sharp {
                Confidence::Certain
            } else {
                Confidence::Likely
            };
            support = support
                .and(
                    later
                        .shows("Nothing passes on that socket any more, not even a small message."),
                )
                .weighing(60);
        }
        None => support.confidence = Confidence::Possible,
    }
    Judgement::from(support).and_ask(silent_asks(&border))
}

fn silent_support(border: &Border<'_>, summary: String) -> Support {
    Support::likely(
        summary,
        border.failed.shows(format!(
            "{} was not answered.",
            subject(&border.failed.fact.exercise)
        )),
    )
    .and(border.passed.shows(format!(
        "{} was answered.",
        subject(&border.passed.fact.exercise)
    )))
}

fn silent_asks(border: &Border<'_>) -> Vec<Question> {
    let small = Exercise::Text { bytes: 32 };
    let large = Exercise::Text { bytes: border.high };
    let after = fresh(
        border.failed.fact,
        vec![Exercise::Listen, small.clone(), large, small],
    );
    [after].into_iter().chain(narrow(border)).collect()
}

/// Whether the border may be that of a segment: full packets fail, and those that fit easily pass.
fn near_segment(border: &Border<'_>) -> bool {
    border.low <= SEGMENT_BYTES_MAX
        && border.high >= SEGMENT_BYTES_MIN
        && border.high <= 4 * SEGMENT_BYTES_MAX
}

/// The smallest usual payload of a segment, in bytes.
const SEGMENT_BYTES_MIN: u64 = 1_200;
/// The largest usual payload of a segment, in bytes.
const SEGMENT_BYTES_MAX: u64 = 1_500;
/// A border known this well is that of a segment, in bytes.
const SEGMENT_BRACKET_BYTES: u64 = 300;
/// Borders are not narrowed below this, in bytes.
const STEP_BYTES_MIN: u64 = 16;

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::observation::Ending;

    fn talk(parts: Vec<Conversation>) -> Run {
        let mut all = vec![
            listened(),
            good(Exercise::Ping),
            good(text(32)),
            good(text(125)),
        ];
        all.extend(parts);
        Run::echo().talk(all)
    }

    #[test]
    fn a_server_that_says_too_big_is_certain() {
        let run = talk(vec![good(text(126)), died(text(1_200), code(1009, ""))]);
        run.expect("frame-too-big", Confidence::Certain);
        let summary = &run.diagnosis().findings[0].summary;
        assert!(summary.contains("between 126 and 1200"), "{summary}");
    }

    #[test]
    fn a_cut_at_a_size_is_certain_when_it_comes_again() {
        let run = talk(vec![good(text(16_384)), died(text(65_536), Ending::Reset)]);
        run.expect("frame-too-big", Confidence::Likely);
        assert!(run.asks(&[Exercise::Listen, text(65_536)], &[]));
        run.talk(vec![listened(), died(text(65_536), Ending::Reset)])
            .expect("frame-too-big", Confidence::Certain);
    }

    #[test]
    fn a_large_message_that_vanishes_alone_is_certain() {
        let run = talk(vec![good(text(4_096)), mute(text(16_384))]);
        run.expect("frame-big-silent", Confidence::Likely);
        assert!(run.asks(&[Exercise::Listen, text(32), text(16_384), text(32)], &[]));
        run.talk(vec![
            listened(),
            good(text(32)),
            mute(text(16_384)),
            good(text(32)),
        ])
        .expect("frame-big-silent", Confidence::Certain);
    }

    #[test]
    fn a_stream_stuck_at_one_segment_is_a_black_hole() {
        talk(vec![good(text(1_200)), mute(text(1_400))])
            .talk(vec![
                listened(),
                good(text(32)),
                mute(text(1_400)),
                mute(text(32)),
            ])
            .expect("tcp-mtu-blackhole", Confidence::Certain);
    }

    #[test]
    fn a_dropped_message_near_one_segment_is_no_black_hole_if_the_stream_moves_on() {
        talk(vec![good(text(1_200)), mute(text(1_400))])
            .talk(vec![
                listened(),
                good(text(32)),
                mute(text(1_400)),
                good(text(32)),
            ])
            .expect("frame-big-silent", Confidence::Certain);
    }

    #[test]
    fn a_stream_stuck_at_a_round_limit_is_no_black_hole() {
        talk(vec![good(text(65_536)), mute(text(131_072))])
            .talk(vec![
                listened(),
                good(text(32)),
                mute(text(131_072)),
                mute(text(32)),
            ])
            .expect("frame-big-silent", Confidence::Likely);
    }

    #[test]
    fn a_size_that_once_passed_refutes_the_border() {
        let run =
            talk(vec![died(text(1_200), Ending::Reset)]).talk(vec![listened(), good(text(1_200))]);
        assert!(run.top().is_none_or(|(cause, _)| cause != "frame-too-big"));
    }
}
