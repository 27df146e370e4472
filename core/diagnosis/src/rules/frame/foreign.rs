//! Bytes in the stream that are no frames: a wrapped answer at its start, an insertion later.

use super::socket::{Breach, breaches, received};
use crate::evidence::Evidence;
use crate::observation::Exercise;
use crate::rules::{Judgement, Rule, Support};

pub(super) const WRAPPED: Rule = Rule {
    cause: "http-waf-wrapper",
    explains: &[
        "unknown-below-app",
        "proxy-101-mute",
        "proxy-101-rst",
        "frame-rsv",
        "frame-control-bad",
        "frame-unmasked",
        "frame-fragment",
        "frame-utf8",
        "frame-ping-ignored",
    ],
    judge: wrapped,
};

pub(super) const INJECTED: Rule = Rule {
    cause: "frame-inject",
    explains: &[
        "unknown-below-app",
        "frame-rsv",
        "frame-control-bad",
        "frame-unmasked",
        "frame-fragment",
        "frame-utf8",
    ],
    judge: injected,
};

fn wrapped(evidence: &Evidence<'_>) -> Judgement {
    let breaches = breaches(evidence);
    let Some(first) = breaches.iter().find(|breach| {
        breach.offset == 0
            && !after_goodbye(breach)
            && (is_foreign(breach) || is_chunk(breach.bytes))
    }) else {
        return Judgement::nothing();
    };
    Support::certain(
        "After the 101 came the bytes of an HTTP answer instead of WebSocket frames.",
        first.part.shows(format!(
            "The stream after the handshake begins with \"{}\".",
            first.bytes
        )),
    )
    .weighing(70)
    .into()
}

/// Whether the bytes came after this side's close frame, when a server may hand the connection back to its
/// HTTP side, as Werkzeug does, and nobody reads on.
fn after_goodbye(breach: &Breach<'_>) -> bool {
    breach.part.fact.exercise == Exercise::Close
}

fn injected(evidence: &Evidence<'_>) -> Judgement {
    let breaches = breaches(evidence);
    let Some(first) = breaches
        .iter()
        .find(|breach| breach.offset > 0 && !after_goodbye(breach) && is_foreign(breach))
    else {
        return Judgement::nothing();
    };
    let frames_before = evidence.conversations().any(|part| {
        part.fact.socket == first.part.fact.socket
            && part.id <= first.part.id
            && received(part.fact, |_| true)
    });
    let support = if frames_before {
        Support::certain as fn(_, _) -> _
    } else {
        Support::likely
    };
    support(
        "Among the frames came bytes that are no frame: something on the way writes into the connection."
            .to_owned(),
        first.part.shows(format!(
            "At byte {} of the stream stands \"{}\".",
            first.offset, first.bytes
        )),
    )
    .weighing(70)
    .into()
}

/// Whether the bytes look like HTTP or a page, whatever the codec made of them.
fn is_foreign(breach: &Breach<'_>) -> bool {
    let text = breach.bytes.trim_start().to_ascii_lowercase();
    breach.name == "not-frames"
        || ["http/1.", "<!doctype", "<html", "<script", "<head", "<?xml"]
            .iter()
            .any(|start| text.starts_with(start))
}

/// Whether the bytes begin with the size line of a chunk (RFC 9112 section 7.1).
fn is_chunk(bytes: &str) -> bool {
    bytes.split_once("\\r\\n").is_some_and(|(size, _)| {
        (1..=8).contains(&size.len()) && size.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::finding::Confidence;
    use crate::observation::{Conversation, Ending, Event, Exercise};

    fn broken(exercise: Exercise, event: Event) -> Conversation {
        with(died(exercise, Ending::Deviated), vec![event])
    }

    #[test]
    fn http_at_the_start_of_the_stream_is_a_wrapped_answer() {
        for bytes in ["HTTP/1.1 400 Bad Request\\r\\n", "<html><head>"] {
            Run::new()
                .talk(vec![broken(
                    Exercise::Listen,
                    breach("not-frames", 0, bytes),
                )])
                .expect("http-waf-wrapper", Confidence::Certain);
        }
    }

    #[test]
    fn a_chunk_size_at_the_start_is_one_too() {
        Run::new()
            .talk(vec![
                listened(),
                broken(
                    Exercise::Ping,
                    breach("reserved-bits", 0, "6\\r\\n\\x8a\\x04abcd\\r\\n"),
                ),
            ])
            .expect("http-waf-wrapper", Confidence::Certain);
    }

    #[test]
    fn a_page_behind_valid_frames_is_an_insertion() {
        Run::echo()
            .talk(vec![
                listened(),
                good(Exercise::Ping),
                broken(text(32), breach("not-frames", 40, "<script src=")),
            ])
            .expect("frame-inject", Confidence::Certain);
    }

    /// Werkzeug's development server answers the request once more when the socket is over.
    #[test]
    fn bytes_after_the_goodbye_disturb_nobody() {
        for offset in [0, 40] {
            Run::new()
                .talk(vec![
                    listened(),
                    good(Exercise::Ping),
                    broken(
                        Exercise::Close,
                        breach("not-frames", offset, "HTTP/1.1 200 OK\\r\\n"),
                    ),
                ])
                .expect_no_fault();
        }
    }

    #[test]
    fn other_breaches_are_neither() {
        let run = Run::new().talk(vec![broken(
            Exercise::Ping,
            breach("reserved-opcode", 0, "\\x83\\x00"),
        )]);
        assert_eq!(run.top().unwrap().0, "frame-control-bad");
    }
}
