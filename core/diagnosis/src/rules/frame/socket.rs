//! Conversations gathered by the socket they shared, and the questions that set one exercise apart.
//!
//! Looks things up for the rules of everything that happens after the opening handshake. Names no cause.

use crate::evidence::{Evidence, Seen};
use crate::observation::{Change, Conversation, Ending, Exercise, MessageKind, Outcome, Payload};
use crate::question::Question;

/// All exercises of one socket, in order.
pub(crate) struct Socket<'a> {
    /// Never empty.
    pub(crate) parts: Vec<Seen<'a, Conversation>>,
}

/// The sockets of the run in the order in which they were opened.
pub(crate) fn sockets<'a>(evidence: &Evidence<'a>) -> Vec<Socket<'a>> {
    let mut sockets: Vec<Socket<'a>> = Vec::new();
    for seen in evidence.conversations() {
        match sockets
            .iter_mut()
            .find(|socket| socket.number() == seen.fact.socket)
        {
            Some(socket) => socket.parts.push(seen),
            None => sockets.push(Socket { parts: vec![seen] }),
        }
    }
    sockets.sort_by_key(Socket::number);
    sockets
}

impl<'a> Socket<'a> {
    fn number(&self) -> u32 {
        self.parts[0].fact.socket
    }

    /// How the handshake that opened it differed from the first one.
    pub(crate) fn changes(&self) -> &'a [Change] {
        &self.parts[0].fact.changes
    }

    /// Whether it went the same way to the same target as the first one, with or without compression.
    pub(crate) fn same_way(&self) -> bool {
        self.changes()
            .iter()
            .all(|change| matches!(change, Change::WithoutExtensions | Change::Again { .. }))
    }

    /// The first part in which anything came from the peer.
    pub(crate) fn heard(&self) -> Option<Seen<'a, Conversation>> {
        self.parts
            .iter()
            .find(|part| received(part.fact, |_| true))
            .copied()
    }

    /// The first answered exercise of a kind.
    pub(crate) fn answered(
        &self,
        mut wanted: impl FnMut(&Exercise) -> bool,
    ) -> Option<Seen<'a, Conversation>> {
        self.parts
            .iter()
            .find(|part| answered(part.fact) && wanted(&part.fact.exercise))
            .copied()
    }

    /// Parts before this one.
    pub(crate) fn before(&self, part: Seen<'a, Conversation>) -> &[Seen<'a, Conversation>] {
        let at = self.position(part);
        &self.parts[..at]
    }

    /// Parts after this one.
    pub(crate) fn after(&self, part: Seen<'a, Conversation>) -> &[Seen<'a, Conversation>] {
        let at = self.position(part);
        &self.parts[(at + 1).min(self.parts.len())..]
    }

    /// Whether a silence is short beside what answers took before it: then it shows slowness, not loss.
    pub(crate) fn is_slow_before(&self, part: Seen<'a, Conversation>) -> bool {
        let Outcome::Silent { waited_ms } = part.fact.outcome else {
            return false;
        };
        self.before(part).iter().any(|earlier| {
            let single = matches!(
                earlier.fact.exercise,
                Exercise::Ping | Exercise::Text { .. } | Exercise::Send
            );
            matches!(earlier.fact.outcome, Outcome::Answered { after_ms } if single && after_ms * 3 >= waited_ms)
        })
    }

    fn position(&self, part: Seen<'a, Conversation>) -> usize {
        self.parts
            .iter()
            .position(|own| own.id == part.id)
            .unwrap_or(self.parts.len())
    }
}

/// Whether what was hoped for came.
pub(crate) fn answered(conversation: &Conversation) -> bool {
    matches!(conversation.outcome, Outcome::Answered { .. })
}

/// Whether nothing came and the socket stayed open.
pub(crate) fn silent(conversation: &Conversation) -> bool {
    matches!(conversation.outcome, Outcome::Silent { .. })
}

/// How the socket ended in this exercise.
pub(crate) fn ending(conversation: &Conversation) -> Option<&Ending> {
    match &conversation.outcome {
        Outcome::Ended(ending) => Some(ending),
        _ => None,
    }
}

/// Whether what was missing came after all, so that nothing was lost.
pub(crate) fn came_late(conversation: &Conversation) -> bool {
    conversation
        .events
        .iter()
        .any(|event| matches!(event.payload, Payload::Received { late: true, .. }))
}

/// The code and reason with which the peer ended the socket in this exercise.
pub(crate) fn closed(conversation: &Conversation) -> Option<(Option<u16>, &str)> {
    match ending(conversation) {
        Some(Ending::Closed { code, reason }) => Some((*code, reason)),
        _ => None,
    }
}

/// Whether the socket ended without a word: an end of stream or a reset, no close frame.
pub(crate) fn cut(conversation: &Conversation) -> bool {
    ending(conversation).is_some_and(is_cut)
}

/// Whether this is an end without a close frame.
pub(crate) fn is_cut(ending: &Ending) -> bool {
    matches!(
        ending,
        Ending::EndOfStream | Ending::Reset | Ending::Failed(_)
    )
}

/// Whether a message or control frame of a kind came during this exercise.
pub(crate) fn received(
    conversation: &Conversation,
    mut wanted: impl FnMut(MessageKind) -> bool,
) -> bool {
    conversation
        .events
        .iter()
        .any(|event| matches!(event.payload, Payload::Received { kind, .. } if wanted(kind)))
}

/// When the first frame of this exercise was sent.
pub(crate) fn first_sent_ms(conversation: &Conversation) -> Option<u64> {
    conversation
        .events
        .iter()
        .find(|event| matches!(event.payload, Payload::Sent { .. }))
        .map(|event| event.at_ms)
}

/// A breach of the protocol by the peer.
pub(crate) struct Breach<'a> {
    /// The exercise during which it came.
    pub(crate) part: Seen<'a, Conversation>,
    /// Its name.
    pub(crate) name: &'a str,
    /// Its place in the stream after the handshake.
    pub(crate) offset: u64,
    /// The bytes there as printable text.
    pub(crate) bytes: &'a str,
}

/// All breaches on all sockets, in order.
pub(crate) fn breaches<'a>(evidence: &Evidence<'a>) -> Vec<Breach<'a>> {
    evidence
        .conversations()
        .flat_map(|part| {
            part.fact
                .events
                .iter()
                .filter_map(move |event| match &event.payload {
                    Payload::Deviation {
                        name,
                        offset,
                        bytes,
                    } => Some(Breach {
                        part,
                        name,
                        offset: *offset,
                        bytes,
                    }),
                    _ => None,
                })
        })
        .collect()
}

/// Whether the exercise carries a message of the application rather than a control frame.
pub(crate) fn carries_data(exercise: &Exercise) -> bool {
    matches!(
        exercise,
        Exercise::Send
            | Exercise::GraphqlInit
            | Exercise::Text { .. }
            | Exercise::Binary { .. }
            | Exercise::Fragmented { .. }
            | Exercise::Trickle { .. }
            | Exercise::Burst { .. }
    )
}

/// The same exercises on a fresh socket. Compression is left out, so that one variable less is in play.
pub(crate) fn fresh(like: &Conversation, exercises: Vec<Exercise>) -> Question {
    let mut changes = like.changes.clone();
    if like.compressed && !changes.contains(&Change::WithoutExtensions) {
        changes.push(Change::WithoutExtensions);
    }
    Question::Talk { exercises, changes }
}

/// The same exercise alone on a fresh socket, after a moment of listening.
pub(crate) fn alone(like: &Conversation) -> Question {
    fresh(like, vec![Exercise::Listen, like.exercise.clone()])
}

/// An exercise in words, as the object of a sentence.
pub(crate) fn phrase(exercise: &Exercise) -> String {
    match exercise {
        Exercise::Listen => "listening".into(),
        Exercise::Ping => "a ping".into(),
        Exercise::Pong => "an unsolicited pong".into(),
        Exercise::Send => "the given message".into(),
        Exercise::GraphqlInit => "the message connection_init".into(),
        Exercise::Text { bytes } => format!("a text of {bytes} bytes"),
        Exercise::Binary { bytes } => format!("a binary message of {bytes} bytes"),
        Exercise::Fragmented { bytes, frames } => {
            format!("a text of {bytes} bytes in {frames} frames")
        }
        Exercise::Trickle { messages, every_ms } => {
            format!("{messages} messages, one every {every_ms} ms")
        }
        Exercise::Burst { messages } => format!("{messages} messages at once"),
        Exercise::Close => "the closing handshake".into(),
    }
}

/// An exercise in words, as the beginning of a sentence.
pub(crate) fn subject(exercise: &Exercise) -> String {
    let phrase = phrase(exercise);
    let mut letters = phrase.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => phrase,
    }
}

/// An ending in words, as the predicate of a sentence about the socket.
pub(crate) fn ended(ending: &Ending) -> String {
    match ending {
        Ending::Closed { code: None, .. } => "was closed without a code".into(),
        Ending::Closed {
            code: Some(code),
            reason,
        } if reason.is_empty() => format!("was closed with {code}"),
        Ending::Closed {
            code: Some(code),
            reason,
        } => format!("was closed with {code} \"{reason}\""),
        Ending::EndOfStream => "ended without a close frame".into(),
        Ending::Reset => "was reset without a close frame".into(),
        Ending::Failed(failure) => {
            format!("failed: {}", crate::words::failure(failure))
        }
        Ending::Deviated => "had to be given up because the peer broke the protocol".into(),
    }
}
