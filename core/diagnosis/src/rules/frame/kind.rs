//! Binary beside text, and text that is none.

use super::socket::{
    Socket, alone, answered, breaches, came_late, closed, cut, ended, ending, silent, sockets,
    subject,
};
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::observation::{Conversation, Exercise};
use crate::rules::{Judgement, Rule, Support};

pub(super) const BLOCKED: Rule = Rule {
    cause: "frame-binary-blocked",
    explains: &["unknown-below-app", "proxy-101-rst"],
    judge: blocked,
};

pub(super) const AS_TEXT: Rule = Rule {
    cause: "frame-binary-as-text",
    explains: &["unknown-below-app", "frame-utf8"],
    judge: as_text,
};

pub(super) const NOT_UTF8: Rule = Rule {
    cause: "frame-utf8",
    explains: &["unknown-below-app"],
    judge: not_utf8,
};

fn is_binary(exercise: &Exercise) -> bool {
    matches!(exercise, Exercise::Binary { .. })
}

fn is_text(exercise: &Exercise) -> bool {
    matches!(exercise, Exercise::Text { .. } | Exercise::Trickle { .. })
}

/// The binary message that did not come back on a socket where text did.
fn lost<'a>(socket: &Socket<'a>) -> Option<Seen<'a, Conversation>> {
    socket
        .parts
        .iter()
        .find(|part| is_binary(&part.fact.exercise) && !answered(part.fact))
        .copied()
}

fn blocked(evidence: &Evidence<'_>) -> Judgement {
    let sockets = sockets(evidence);
    let Some((socket, part)) = sockets
        .iter()
        .find_map(|socket| Some((socket, lost(socket)?)))
    else {
        return Judgement::nothing();
    };
    let Some(text) = sockets.iter().find_map(|socket| socket.answered(is_text)) else {
        return Judgement::nothing();
    };
    let refused = matches!(closed(part.fact), Some((Some(1003), _)));
    if socket.is_slow_before(part) || socket.after(part).iter().any(|later| came_late(later.fact)) {
        return Judgement::nothing();
    }
    if !(silent(part.fact) || cut(part.fact) || refused) {
        return Judgement::nothing();
    }
    let how = ending(part.fact).map_or_else(|| "got no answer".to_owned(), ended);
    let lives_on = socket
        .after(part)
        .iter()
        .find(|later| super::socket::carries_data(&later.fact.exercise) && answered(later.fact));
    let again = sockets
        .iter()
        .find_map(|other| lost(other).filter(|lost| lost.fact.socket != part.fact.socket));
    let mut support = Support::likely(
        format!("Text messages are answered; a binary message of like size was sent and the socket {how}."),
        part.shows(format!("{} was sent and the socket {how}.", subject(&part.fact.exercise))),
    )
    .and(text.shows(format!("{} was answered.", subject(&text.fact.exercise))))
    .weighing(55);
    if let Some(later) = lives_on {
        support = support.and(later.shows("Text on the same socket is answered again afterwards."));
    }
    if let Some(again) = again {
        support = support.and(again.shows("A binary message on another socket fared the same."));
    }
    if lives_on.is_some() || again.is_some() || refused {
        support.confidence = Confidence::Certain;
    }
    Judgement::from(support).and_ask([alone(part.fact)])
}

fn as_text(evidence: &Evidence<'_>) -> Judgement {
    let changed = breaches(evidence)
        .into_iter()
        .find(|breach| breach.name == "invalid-utf8" && is_binary(&breach.part.fact.exercise));
    if let Some(breach) = changed {
        return Support::certain(
            "A binary message comes back as text: the type of the frame is changed on the way.",
            breach
                .part
                .shows("The answer to a binary message is marked as text and is not UTF-8."),
        )
        .weighing(60)
        .into();
    }
    let sockets = sockets(evidence);
    let complaint = sockets.iter().find_map(|socket| {
        socket
            .parts
            .iter()
            .find(|part| {
                is_binary(&part.fact.exercise) && matches!(closed(part.fact), Some((Some(1007), _)))
            })
            .copied()
    });
    let Some(part) = complaint else {
        return Judgement::nothing();
    };
    let text = sockets.iter().find_map(|socket| socket.answered(is_text));
    let mut support = Support::likely(
        "The server took a binary message for text that is not UTF-8 (1007): the type of the frame is changed on the way.",
        part.shows("A binary message was answered with close code 1007, which only text can earn."),
    )
    .weighing(60);
    if let Some(text) = text.filter(|_| !part.fact.compressed) {
        support.confidence = Confidence::Certain;
        support = support.and(text.shows("Real text is answered."));
    }
    Judgement::from(support).and_ask([alone(part.fact)])
}

fn not_utf8(evidence: &Evidence<'_>) -> Judgement {
    let bad = breaches(evidence)
        .into_iter()
        .find(|breach| breach.name == "invalid-utf8" && !is_binary(&breach.part.fact.exercise));
    if let Some(breach) = bad {
        return Support::certain(
            "The server sends text that is not UTF-8; browsers close the connection at such a message.",
            breach.part.shows(format!(
                "A text message at byte {} of the stream is not UTF-8: \"{}\".",
                breach.offset, breach.bytes
            )),
        )
        .into();
    }
    let complaint = evidence.conversations().find(|part| {
        !is_binary(&part.fact.exercise)
            && !part.fact.compressed
            && matches!(closed(part.fact), Some((Some(1007), _)))
    });
    complaint
        .map(|part| {
            Support::likely(
                "The server says that a text it received is not UTF-8 (1007).",
                part.shows(format!(
                    "{} was answered with close code 1007.",
                    subject(&part.fact.exercise)
                )),
            )
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use super::*;
    use crate::observation::Ending;

    const BINARY: Exercise = Exercise::Binary { bytes: 32 };

    fn talk(parts: Vec<Conversation>) -> Run {
        let mut all = vec![listened(), good(Exercise::Ping), good(text(32))];
        all.extend(parts);
        Run::echo().talk(all)
    }

    #[test]
    fn binary_that_vanishes_while_text_goes_on_is_certain() {
        talk(vec![mute(BINARY), good(text(125))])
            .expect("frame-binary-blocked", Confidence::Certain);
    }

    #[test]
    fn binary_that_kills_the_socket_is_certain_when_it_does_so_again() {
        let run = talk(vec![died(BINARY, Ending::Reset)]);
        run.expect("frame-binary-blocked", Confidence::Likely);
        assert!(run.asks(&[Exercise::Listen, BINARY], &[]));
        run.talk(vec![listened(), died(BINARY, Ending::Reset)])
            .expect("frame-binary-blocked", Confidence::Certain);
    }

    #[test]
    fn a_server_that_refuses_binary_says_so() {
        talk(vec![died(BINARY, code(1003, "text only"))])
            .expect("frame-binary-blocked", Confidence::Certain);
    }

    #[test]
    fn a_changed_type_shows_at_either_end() {
        talk(vec![died(BINARY, code(1007, ""))])
            .expect("frame-binary-as-text", Confidence::Certain);
        let part = with(
            died(BINARY, Ending::Deviated),
            vec![breach("invalid-utf8", 90, "")],
        );
        talk(vec![part]).expect("frame-binary-as-text", Confidence::Certain);
    }

    #[test]
    fn bad_text_from_the_server_is_certain() {
        let part = with(
            died(text(32), Ending::Deviated),
            vec![breach("invalid-utf8", 9, "\\xc3(")],
        );
        talk(vec![part]).expect("frame-utf8", Confidence::Certain);
    }

    #[test]
    fn binary_that_comes_back_is_healthy() {
        talk(vec![good(BINARY), good(Exercise::Close)]).expect_no_fault();
    }
}
