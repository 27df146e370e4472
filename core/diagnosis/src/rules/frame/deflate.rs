//! Compression that one end believes in and the other does not, or that breaks at a limit.

use super::bits::INFLATES;
use super::socket::{
    Socket, breaches, carries_data, closed, ended, ending, fresh, phrase, sockets, subject,
};
use crate::evidence::{Evidence, Seen};
use crate::observation::{Change, Conversation, Exercise};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const PATH: Rule = Rule {
    cause: "frame-deflate-path",
    explains: EXPLAINED,
    judge: path,
};

pub(super) const LIMITS: Rule = Rule {
    cause: "frame-deflate-limits",
    explains: EXPLAINED,
    judge: limits,
};

/// What a failure of compressed messages looks like to rules that do not ask about compression.
const EXPLAINED: &[&str] = &[
    "unknown-below-app",
    "frame-rsv",
    "frame-utf8",
    "frame-too-big",
    "frame-big-silent",
    "tcp-mtu-blackhole",
    "frame-fragment",
    "frame-binary-blocked",
    "frame-binary-as-text",
    "frame-control-bad",
    "proxy-101-rst",
    "app-error-1011",
];

fn path(evidence: &Evidence<'_>) -> Judgement {
    if let Some(breach) = breaches(evidence)
        .into_iter()
        .find(|breach| breach.name == INFLATES)
    {
        return Support::certain(
            "The server sends compressed messages although the handshake that arrived here agreed to none.",
            breach.part.shows(
                "A message came with the compression bit, decompresses, and no compression was agreed.",
            ),
        )
        .weighing(60)
        .into();
    }
    compare(evidence, false)
}

fn limits(evidence: &Evidence<'_>) -> Judgement {
    compare(evidence, true)
}

/// A message that fails with compression, beside the same message without it.
fn compare(evidence: &Evidence<'_>, at_limit: bool) -> Judgement {
    let sockets = sockets(evidence);
    let failed = sockets
        .iter()
        .filter(|socket| socket.parts[0].fact.compressed)
        .find_map(|socket| Some((socket, failure(socket)?)));
    let failed = failed.filter(|(socket, part)| is_limit(evidence, socket, *part) == at_limit);
    let Some((_, part)) = failed else {
        return Judgement::nothing();
    };
    let question = fresh(
        part.fact,
        vec![Exercise::Listen, part.fact.exercise.clone()],
    );
    let plain = sockets.iter().find_map(|other| {
        let without = other.changes().contains(&Change::WithoutExtensions);
        other
            .answered(|exercise| *exercise == part.fact.exercise)
            .filter(|_| without)
    });
    let Some(plain) = plain else {
        return Judgement::ask([question]);
    };
    // Alone on a fresh socket, so that nothing but compression differs from the one that works; a code that
    // speaks of the content needs no such proof.
    let alone = sockets
        .iter()
        .filter(|other| other.changes() == part.fact.changes.as_slice())
        .find_map(|other| failure(other).filter(|failed| is_alone(other, *failed, part)))
        .or_else(|| matches!(closed(part.fact), Some((Some(1007 | 1009), _))).then_some(part));
    let Some(alone) = alone else {
        return Judgement::ask([Question::Talk {
            exercises: vec![Exercise::Listen, part.fact.exercise.clone()],
            changes: part.fact.changes.clone(),
        }]);
    };
    let what = phrase(&part.fact.exercise);
    let how = ending(part.fact).map_or_else(|| "got no answer".to_owned(), ended);
    let summary = if at_limit {
        format!("With compression {what} fails, smaller ones pass; without compression it works.")
    } else {
        format!("With compression {what} fails; without compression it works.")
    };
    Support::certain(
        summary,
        part.shows(format!(
            "With compression agreed: {what} was sent and the socket {how}."
        )),
    )
    .and_all((alone.id != part.id).then(|| {
        alone.shows(format!(
            "{} with compression failed on a fresh socket as well.",
            subject(&part.fact.exercise)
        ))
    }))
    .and(plain.shows(format!("Without compression: {what} was answered.")))
    .weighing(60)
    .into()
}

/// The first message on a compressed socket that did not come back.
fn failure<'a>(socket: &Socket<'a>) -> Option<Seen<'a, Conversation>> {
    socket
        .parts
        .iter()
        .find(|part| carries_data(&part.fact.exercise) && breaks(part.fact))
        .copied()
}

/// Whether the same message failed as the first one on its socket.
fn is_alone(
    socket: &Socket<'_>,
    failed: Seen<'_, Conversation>,
    part: Seen<'_, Conversation>,
) -> bool {
    let data_before = |earlier: &Seen<'_, Conversation>| carries_data(&earlier.fact.exercise);
    failed.fact.exercise == part.fact.exercise && !socket.before(failed).iter().any(data_before)
}

/// Whether an exercise failed in a way that compression can cause. What an application says is not.
fn breaks(conversation: &Conversation) -> bool {
    let code = closed(conversation).map(|(code, _)| code);
    match code {
        Some(code) => matches!(code, Some(1002 | 1003 | 1007 | 1009 | 1011)),
        None => !conversation.passed(true),
    }
}

/// Whether compression as such works on this socket and gives way only here.
fn is_limit(evidence: &Evidence<'_>, socket: &Socket<'_>, part: Seen<'_, Conversation>) -> bool {
    let too_big = matches!(closed(part.fact), Some((Some(1009), _)));
    let passed = socket.before(part).iter().any(|earlier| {
        compressible(&earlier.fact.exercise) && super::socket::answered(earlier.fact)
    });
    let inflate = breaches(evidence)
        .iter()
        .any(|breach| breach.part.id == part.id && breach.name == "inflate-failed");
    let bad_content = matches!(closed(part.fact), Some((Some(1007), _)));
    too_big || (passed && (inflate || bad_content))
}

fn compressible(exercise: &Exercise) -> bool {
    matches!(
        exercise,
        Exercise::Text { .. } | Exercise::Trickle { .. } | Exercise::Binary { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::finding::Confidence;
    use crate::observation::Ending;

    fn plain(exercise: Exercise) -> Vec<Conversation> {
        changed(
            &[Change::WithoutExtensions],
            vec![listened(), good(exercise)],
        )
    }

    #[test]
    fn compressed_frames_nobody_agreed_to_are_certain() {
        let part = with(
            died(Exercise::Listen, Ending::Deviated),
            vec![breach("reserved-bits", 0, ""), breach(INFLATES, 0, "hello")],
        );
        Run::new()
            .talk(vec![part])
            .expect("frame-deflate-path", Confidence::Certain);
    }

    #[test]
    fn a_message_that_fails_only_compressed_is_certain() {
        let run = Run::echo().talk(compressed(vec![
            listened(),
            good(Exercise::Ping),
            died(text(32), code(1002, "RSV1 must be clear")),
        ]));
        assert!(run.asks(&[Exercise::Listen, text(32)], &[Change::WithoutExtensions]));
        // The first message on its socket is alone already.
        run.talk(plain(text(32)))
            .expect("frame-deflate-path", Confidence::Certain);
    }

    #[test]
    fn a_limit_of_the_decompressor_is_told_apart() {
        Run::echo()
            .talk(compressed(vec![
                listened(),
                good(text(32)),
                died(text(65_536), code(1009, "")),
            ]))
            .talk(plain(text(65_536)))
            .expect("frame-deflate-limits", Confidence::Certain);
        Run::echo()
            .talk(compressed(vec![
                listened(),
                good(text(32)),
                died(text(1_200), code(1007, "")),
            ]))
            .talk(plain(text(1_200)))
            .expect("frame-deflate-limits", Confidence::Certain);
    }

    #[test]
    fn a_cut_among_many_messages_is_tried_alone_before_compression_is_blamed() {
        let cut = || died(text(1_200), Ending::Reset);
        let run = Run::echo()
            .talk(compressed(vec![listened(), good(text(32)), cut()]))
            .talk(plain(text(1_200)));
        assert!(run.asks(&[Exercise::Listen, text(1_200)], &[]));
        assert_ne!(run.top().unwrap().0, "frame-deflate-path");
        run.talk(compressed(vec![listened(), cut()]))
            .expect("frame-deflate-path", Confidence::Certain);
    }

    #[test]
    fn what_an_application_says_is_not_blamed_on_compression() {
        let run = Run::echo()
            .talk(compressed(vec![
                listened(),
                good(text(32)),
                died(text(1_200), code(1008, "")),
            ]))
            .talk(plain(text(1_200)));
        assert_ne!(run.top().unwrap().0, "frame-deflate-path");
    }

    #[test]
    fn a_message_that_fails_without_compression_too_is_something_else() {
        let run = Run::echo()
            .talk(compressed(vec![
                listened(),
                good(text(32)),
                died(text(65_536), code(1009, "")),
            ]))
            .talk(changed(
                &[Change::WithoutExtensions],
                vec![listened(), died(text(65_536), code(1009, ""))],
            ));
        run.expect("frame-too-big", Confidence::Certain);
    }
}
