//! Hand-made observations for the unit tests of everything after the opening handshake.

use crate::catalogue::Vantage;
use crate::engine::{Diagnosis, diagnose};
use crate::finding::Confidence;
use crate::observation::{
    Change, Conversation, Ending, Endurance, Event, Exercise, Fact, MessageKind, Observation,
    ObservationId, Outcome, Payload, Scheme, Target, Traffic,
};
use crate::question::Question;
use crate::testing;

/// A run in the making.
pub(crate) struct Run {
    observations: Vec<Observation>,
}

impl Run {
    /// A run against a target that permits nothing but what every target permits.
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    /// A run against a target with other options.
    pub(crate) fn with(change: impl FnOnce(&mut Target)) -> Self {
        let mut target = target();
        change(&mut target);
        let mut run = Self {
            observations: Vec::new(),
        };
        run.add(Fact::Target(target));
        run
    }

    /// A run against an echo.
    pub(crate) fn echo() -> Self {
        Self::with(|target| target.echo = true)
    }

    /// One more fact.
    pub(crate) fn add(&mut self, fact: Fact) {
        let id = u32::try_from(self.observations.len() + 1).unwrap();
        self.observations.push(Observation {
            id: ObservationId(id),
            at_ms: u64::from(id) * 10,
            vantage: Vantage::Cli,
            answers: None,
            fact,
        });
    }

    /// One more fact in answer to a question.
    pub(crate) fn answer(&mut self, question: Question, fact: Fact) {
        self.add(fact);
        self.observations.last_mut().unwrap().answers = Some(question);
    }

    /// A socket with these exercises.
    pub(crate) fn talk(mut self, parts: Vec<Conversation>) -> Self {
        let socket = 1 + self
            .observations
            .iter()
            .filter_map(|seen| match &seen.fact {
                Fact::Conversation(conversation) => Some(conversation.socket),
                _ => None,
            })
            .max()
            .unwrap_or(0);
        let mut open_before_ms = 0;
        for (passed, mut part) in (0..).zip(parts) {
            part.socket = socket;
            part.passed_before = passed;
            part.open_before_ms = open_before_ms;
            open_before_ms += part.elapsed_ms;
            self.add(Fact::Conversation(part));
        }
        self
    }

    /// A socket of the time ladder.
    pub(crate) fn endure(mut self, endurance: Endurance) -> Self {
        self.add(Fact::Endurance(endurance));
        self
    }

    /// What the engine makes of it.
    pub(crate) fn diagnosis(&self) -> Diagnosis {
        diagnose(&self.observations)
    }

    /// The first finding with its confidence.
    pub(crate) fn top(&self) -> Option<(String, Confidence)> {
        self.diagnosis()
            .findings
            .first()
            .map(|finding| (finding.cause.clone(), finding.confidence))
    }

    /// Asserts what comes first.
    #[track_caller]
    pub(crate) fn expect(&self, cause: &str, confidence: Confidence) {
        let diagnosis = self.diagnosis();
        let found: Vec<_> = diagnosis
            .findings
            .iter()
            .map(|finding| (finding.cause.as_str(), finding.confidence, &finding.summary))
            .collect();
        let top = diagnosis.findings.first();
        assert_eq!(
            top.map(|finding| (finding.cause.as_str(), finding.confidence)),
            Some((cause, confidence)),
            "{found:#?}"
        );
    }

    /// Asserts that no fault is named.
    #[track_caller]
    pub(crate) fn expect_no_fault(&self) {
        let findings = self.diagnosis().findings;
        assert!(findings.is_empty(), "{findings:#?}");
    }

    /// The causes named as context.
    pub(crate) fn context(&self) -> Vec<String> {
        let named = self.diagnosis().context;
        named.into_iter().map(|finding| finding.cause).collect()
    }

    /// Whether this conversation is wanted.
    pub(crate) fn asks(&self, exercises: &[Exercise], changes: &[Change]) -> bool {
        self.diagnosis().open.contains(&Question::Talk {
            exercises: exercises.to_vec(),
            changes: changes.to_vec(),
        })
    }
}

/// A target that permits nothing.
pub(crate) fn target() -> Target {
    Target {
        url: "ws://example.org/socket".into(),
        scheme: Scheme::Ws,
        host: "example.org".into(),
        port: 80,
        host_is_address: false,
        started_unix_s: 1_800_000_000,
        ..testing::target()
    }
}

/// An exercise without events.
pub(crate) fn part(exercise: Exercise, outcome: Outcome) -> Conversation {
    let elapsed_ms = match &outcome {
        Outcome::Answered { after_ms } => *after_ms,
        Outcome::Silent { waited_ms } => *waited_ms,
        _ => 5,
    };
    Conversation {
        socket: 0,
        changes: vec![],
        exercise,
        compressed: false,
        subprotocol: None,
        http2: false,
        open_before_ms: 0,
        passed_before: 0,
        events: vec![],
        outcome,
        elapsed_ms,
    }
}

/// Listening for a moment in which nothing came and nothing ended.
pub(crate) fn listened() -> Conversation {
    part(Exercise::Listen, Outcome::Answered { after_ms: 300 })
}

/// An exercise that was answered as hoped.
pub(crate) fn good(exercise: Exercise) -> Conversation {
    let (sent, came) = kinds(&exercise);
    let mut part = part(exercise, Outcome::Answered { after_ms: 2 });
    part.events = vec![frame_sent(0, sent), frame_received(2, came)];
    part
}

/// An exercise that was not answered in time.
pub(crate) fn mute(exercise: Exercise) -> Conversation {
    let (sent, _) = kinds(&exercise);
    let mut part = part(exercise, Outcome::Silent { waited_ms: 3000 });
    part.events = vec![frame_sent(0, sent)];
    part
}

/// An exercise in which something was sent and the socket ended.
pub(crate) fn died(exercise: Exercise, ending: Ending) -> Conversation {
    let (sent, _) = kinds(&exercise);
    let listening = exercise == Exercise::Listen;
    let mut part = part(exercise, Outcome::Ended(ending));
    if !listening {
        part.events = vec![frame_sent(0, sent)];
    }
    part
}

/// An ending by a close frame.
pub(crate) fn code(code: u16, reason: &str) -> Ending {
    Ending::Closed {
        code: Some(code),
        reason: reason.into(),
    }
}

/// A text of some length that is expected back.
pub(crate) fn text(bytes: u64) -> Exercise {
    Exercise::Text { bytes }
}

/// A frame that went.
pub(crate) fn frame_sent(at_ms: u64, kind: MessageKind) -> Event {
    Event {
        at_ms,
        payload: Payload::Sent { kind, bytes: 32 },
    }
}

/// A frame that came.
pub(crate) fn frame_received(at_ms: u64, kind: MessageKind) -> Event {
    Event {
        at_ms,
        payload: Payload::Received {
            kind,
            bytes: 32,
            excerpt: String::new(),
            late: false,
        },
    }
}

/// A text that came.
pub(crate) fn text_received(at_ms: u64, excerpt: &str) -> Event {
    Event {
        at_ms,
        payload: Payload::Received {
            kind: MessageKind::Text,
            bytes: excerpt.len() as u64,
            excerpt: excerpt.into(),
            late: false,
        },
    }
}

/// An answer to an exercise that had been given up.
pub(crate) fn late(at_ms: u64, kind: MessageKind) -> Event {
    Event {
        at_ms,
        payload: Payload::Received {
            kind,
            bytes: 32,
            excerpt: String::new(),
            late: true,
        },
    }
}

/// A breach of the protocol.
pub(crate) fn breach(name: &str, offset: u64, bytes: &str) -> Event {
    Event {
        at_ms: 1,
        payload: Payload::Deviation {
            name: name.into(),
            offset,
            bytes: bytes.into(),
        },
    }
}

/// The same part with further events.
pub(crate) fn with(mut part: Conversation, events: Vec<Event>) -> Conversation {
    part.events.extend(events);
    part
}

/// All parts on a socket with compression.
pub(crate) fn compressed(parts: Vec<Conversation>) -> Vec<Conversation> {
    let mark = |mut part: Conversation| {
        part.compressed = true;
        part
    };
    parts.into_iter().map(mark).collect()
}

/// All parts on a socket that was opened with changes.
pub(crate) fn changed(changes: &[Change], parts: Vec<Conversation>) -> Vec<Conversation> {
    let mark = |mut part: Conversation| {
        part.changes = changes.to_vec();
        part
    };
    parts.into_iter().map(mark).collect()
}

/// A socket of the time ladder that was opened at a moment, lived for a time and ended, or not.
pub(crate) fn lived(
    traffic: Traffic,
    opened_at_ms: u64,
    lived_ms: u64,
    ended: Option<Ending>,
) -> Endurance {
    let busy = u32::try_from(lived_ms / 1000).unwrap();
    let quiet = matches!(traffic, Traffic::Silent);
    let pings = matches!(traffic, Traffic::Ping { .. });
    let data = matches!(traffic, Traffic::Data { .. });
    Endurance {
        opened_at_ms,
        lived_ms,
        ended,
        quiet_before_end_ms: if quiet { lived_ms } else { lived_ms % 1000 },
        pings_sent: if pings { busy } else { 0 },
        pongs_received: if pings { busy } else { 0 },
        pings_received: 0,
        data_sent: if data { busy } else { 0 },
        data_received: if data { busy } else { 0 },
        final_ping_answered: None,
        traffic,
    }
}

fn kinds(exercise: &Exercise) -> (MessageKind, MessageKind) {
    match exercise {
        Exercise::Ping => (MessageKind::Ping, MessageKind::Pong),
        Exercise::Pong => (MessageKind::Pong, MessageKind::Pong),
        Exercise::Binary { .. } => (MessageKind::Binary, MessageKind::Binary),
        Exercise::Close => (MessageKind::Close, MessageKind::Close),
        _ => (MessageKind::Text, MessageKind::Text),
    }
}
