//! Frames whose bits are wrong: masks, reserved bits, control frames and opcodes.

use super::socket::{Breach, breaches, closed};
use crate::evidence::Evidence;
use crate::finding::Evidence as Shown;
use crate::observation::Exercise;
use crate::rules::{Judgement, Rule, Support};

pub(super) const UNMASKED: Rule = Rule {
    cause: "frame-unmasked",
    explains: &["unknown-below-app", "frame-rsv"],
    judge: unmasked,
};

pub(super) const RESERVED_BITS: Rule = Rule {
    cause: "frame-rsv",
    explains: &["unknown-below-app", "frame-utf8"],
    judge: reserved_bits,
};

pub(super) const CONTROL: Rule = Rule {
    cause: "frame-control-bad",
    explains: &["unknown-below-app"],
    judge: control,
};

fn unmasked(evidence: &Evidence<'_>) -> Judgement {
    if let Some(breach) = find(evidence, &["server-frame-masked"]) {
        return Support::certain(
            "The server's frames arrive masked, which only a client's frames may be.",
            shows(&breach),
        )
        .into();
    }
    by_reason(
        evidence,
        &["mask"],
        "The server says that the client's frames arrive without a correct mask; they were sent with one.",
    )
}

/// The codec's name for a reserved bit, less what compression explains.
fn reserved_bits(evidence: &Evidence<'_>) -> Judgement {
    let compressed = find(evidence, &[INFLATES]).is_some();
    if let Some(breach) = find(evidence, &["reserved-bits"]).filter(|_| !compressed) {
        return Support::certain(
            "Frames arrive with reserved bits set that no agreed extension gives a meaning to.",
            shows(&breach),
        )
        .weighing(55)
        .into();
    }
    let by_reason = by_reason(
        evidence,
        &["rsv", "reserved bit"],
        "The server sees reserved bits in frames that were sent without any.",
    );
    if by_reason.support.is_some() {
        return by_reason;
    }
    protocol_error(evidence)
}

/// A server that reports a breach of the protocol where none was sent. What changed on the way is unknown.
fn protocol_error(evidence: &Evidence<'_>) -> Judgement {
    let Some(part) = evidence.conversations().find(|part| {
        matches!(closed(part.fact), Some((Some(1002), _)))
            && !part.fact.compressed
            && !matches!(
                part.fact.exercise,
                Exercise::Listen | Exercise::GraphqlInit | Exercise::Fragmented { .. }
            )
    }) else {
        return Judgement::nothing();
    };
    let support = Support::possible(
        "The server reports a breach of the protocol (1002), but only well-formed frames were sent: they may have been changed on the way.",
        part.shows("The socket was closed with 1002 after well-formed frames."),
    )
    .untested("the frames as the server received them");
    Judgement::from(support).and_ask([super::socket::alone(part.fact)])
}

fn control(evidence: &Evidence<'_>) -> Judgement {
    let Some(breach) = find(
        evidence,
        &[
            "control-fragmented",
            "control-too-long",
            "reserved-opcode",
            "close-one-byte",
            "close-code-not-allowed",
            "close-reason-not-utf8",
            "length-not-minimal",
            "length-high-bit",
        ],
    ) else {
        return by_reason(
            evidence,
            &["control frame", "opcode"],
            "The server rejects a control frame or opcode that was sent as the standard demands.",
        );
    };
    let what = match breach.name {
        "control-fragmented" => "a control frame in fragments",
        "control-too-long" => "a control frame of more than 125 bytes",
        "reserved-opcode" => "a frame with an opcode that has no meaning",
        "close-one-byte" => "a close frame with half a code",
        "close-code-not-allowed" => "a close code that must never be sent",
        "close-reason-not-utf8" => "a close reason that is not text",
        _ => "a frame whose length is written wrongly",
    };
    Support::certain(
        format!("The server, or a hop before it, sends {what}."),
        shows(&breach),
    )
    .into()
}

/// The server closes with a protocol error and says in words what is wrong.
fn by_reason(evidence: &Evidence<'_>, words: &[&str], summary: &str) -> Judgement {
    let told = evidence.conversations().find_map(|part| {
        let (code, reason) = closed(part.fact)?;
        let lower = reason.to_ascii_lowercase();
        let fits = code == Some(1002)
            && !part.fact.compressed
            && words.iter().any(|word| lower.contains(word));
        fits.then(|| part.shows(format!("The socket was closed with 1002 \"{reason}\".")))
    });
    told.map(|shown| Support::likely(summary, shown)).into()
}

fn find<'a>(evidence: &Evidence<'a>, names: &[&str]) -> Option<Breach<'a>> {
    breaches(evidence)
        .into_iter()
        .find(|breach| names.contains(&breach.name))
}

fn shows(breach: &Breach<'_>) -> Shown {
    let place = format!("At byte {} of the stream: {}", breach.offset, breach.name);
    breach.part.shows(if breach.bytes.is_empty() {
        format!("{place}.")
    } else {
        format!("{place} (\"{}\").", breach.bytes)
    })
}

/// The probe's name for a message that decompresses although compression was not agreed.
pub(super) const INFLATES: &str = "compressed-unasked";

#[cfg(test)]
mod tests {
    use super::super::testing::*;
    use crate::finding::Confidence;
    use crate::observation::{Ending, Exercise};

    #[track_caller]
    fn breach_gives(name: &str, cause: &str) {
        let part = with(
            died(Exercise::Ping, Ending::Deviated),
            vec![breach(name, 6, "\\xff")],
        );
        Run::new()
            .talk(vec![listened(), part])
            .expect(cause, Confidence::Certain);
    }

    #[test]
    fn each_breach_has_its_cause() {
        breach_gives("server-frame-masked", "frame-unmasked");
        breach_gives("reserved-bits", "frame-rsv");
        for name in [
            "control-fragmented",
            "control-too-long",
            "reserved-opcode",
            "close-code-not-allowed",
        ] {
            breach_gives(name, "frame-control-bad");
        }
    }

    #[test]
    fn a_reason_that_speaks_of_masks_is_taken_at_its_word() {
        Run::new()
            .talk(vec![
                listened(),
                died(Exercise::Ping, code(1002, "incorrect masking")),
            ])
            .expect("frame-unmasked", Confidence::Likely);
    }

    #[test]
    fn a_bare_protocol_error_is_only_possible() {
        let run = Run::new().talk(vec![listened(), died(Exercise::Ping, code(1002, ""))]);
        run.expect("frame-rsv", Confidence::Possible);
        assert!(run.asks(&[Exercise::Listen, Exercise::Ping], &[]));
    }
}
