//! The set of observations that rules look at, indexed by kind.
//!
//! Only looks things up. What they mean is the rules' business.

use crate::catalogue::Vantage;
use crate::finding;
use crate::observation::{
    Arrival, Attachment, Attempt, BrowserCapture, Change, Connection, ControlPath, Conversation,
    Endurance, Environment, Exchange, ExchangeOutcome, Fact, Handshake, HandshakeOutcome, History,
    Observation, ObservationId, Page, PageTest, Resolution, Response, Scheme, Switched, Target,
    TlsAttempt, TlsVariation, Tunnel,
};
use crate::question::Question;

/// An observation of one kind with its number.
#[derive(Debug)]
pub struct Seen<'a, T> {
    /// The observation's number.
    pub id: ObservationId,
    /// The fact.
    pub fact: &'a T,
}

impl<T> Clone for Seen<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Seen<'_, T> {}

impl<T> Seen<'_, T> {
    /// The fact as evidence, with what it shows in one sentence.
    pub fn shows(&self, sentence: impl Into<String>) -> finding::Evidence {
        finding::Evidence {
            observation: self.id,
            shows: sentence.into(),
        }
    }
}

/// All observations about one target.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    observations: &'a [Observation],
    target: &'a Target,
}

macro_rules! kind {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $type:ty) => {
        $(#[$doc])*
        pub fn $name(&self) -> impl Iterator<Item = Seen<'a, $type>> + use<'a> {
            self.observations.iter().filter_map(|o| match &o.fact {
                Fact::$variant(fact) => Some(Seen { id: o.id, fact }),
                _ => None,
            })
        }
    };
}

impl<'a> Evidence<'a> {
    /// The evidence in a report; absent where the report does not say what its target was.
    pub fn new(observations: &'a [Observation]) -> Option<Self> {
        let target = observations.iter().find_map(|o| match &o.fact {
            Fact::Target(target) => Some(target),
            _ => None,
        })?;
        Some(Self {
            observations,
            target,
        })
    }

    /// What was asked to be checked.
    pub fn target(&self) -> &'a Target {
        self.target
    }

    /// Who was asked to check the target: nobody else's recording can be asked further.
    pub fn vantage(&self) -> Vantage {
        self.observations
            .iter()
            .find(|o| matches!(o.fact, Fact::Target(_)))
            .map_or(Vantage::Cli, |o| o.vantage)
    }

    /// Whether the target is reached over TLS.
    pub fn secure(&self) -> bool {
        self.target.scheme == Scheme::Wss
    }

    /// Whether a question was put, whatever came of it.
    pub fn asked(&self, question: &Question) -> bool {
        self.observations
            .iter()
            .any(|o| o.answers.as_ref() == Some(question))
    }

    /// Why a question was not put to the network, where that was decided.
    pub fn not_tested(&self, question: &Question) -> Option<&'a str> {
        self.observations.iter().find_map(|o| match &o.fact {
            Fact::NotTested {
                question: skipped,
                reason,
            } if skipped == question => Some(reason.as_str()),
            _ => None,
        })
    }

    /// The question that an observation answers; absent for what was noticed unasked.
    pub fn question(&self, id: ObservationId) -> Option<&'a Question> {
        self.observations
            .iter()
            .find(|o| o.id == id)
            .and_then(|o| o.answers.as_ref())
    }

    /// When an observation was complete, in milliseconds on the report's own axis.
    pub fn at_ms(&self, id: ObservationId) -> u64 {
        self.observations
            .iter()
            .find(|o| o.id == id)
            .map_or(0, |o| o.at_ms)
    }

    kind!(/// Machine settings.
        environments, Environment, Environment);
    kind!(/// Name lookups.
        resolutions, Resolution, Resolution);
    kind!(/// TCP connection attempts.
        connections, Connection, Connection);
    kind!(/// Requests for tunnels.
        tunnels, Tunnel, Tunnel);
    kind!(/// TLS handshakes.
        tls_attempts, Tls, TlsAttempt);
    kind!(/// Ordinary HTTP requests.
        exchanges, Exchange, Exchange);
    kind!(/// Opening handshakes.
        handshakes, Handshake, Handshake);
    kind!(/// Exercises on open sockets.
        conversations, Conversation, Conversation);
    kind!(/// Sockets of the time ladder.
        endurances, Endurance, Endurance);
    kind!(/// What browsers did.
        browsers, Browser, BrowserCapture);
    kind!(/// Requests as they reached the gateway.
        arrivals, Arrival, Arrival);
    kind!(/// Uses of transports, as the gateway saw them.
        attachments, Attachment, Attachment);
    kind!(/// What pages say of themselves.
        pages, Page, Page);
    kind!(/// The page's own attempts.
        attempts, Attempt, Attempt);
    kind!(/// Tests of the check page.
        page_tests, PageTest, PageTest);
    kind!(/// How connections of networks ended.
        histories, History, History);

    /// The TLS handshake in one variation.
    pub fn tls(&self, variation: &TlsVariation) -> Option<Seen<'a, TlsAttempt>> {
        let variation = variation.clone();
        self.tls_attempts()
            .find(|seen| seen.fact.variation == variation)
    }

    /// The handshake with exactly these changes; the first one where it was made several times.
    pub fn handshake(&self, changes: &[Change]) -> Option<Seen<'a, Handshake>> {
        self.handshakes().find(|seen| seen.fact.changes == changes)
    }

    /// The handshake that this program sends first.
    pub fn first_handshake(&self) -> Option<Seen<'a, Handshake>> {
        self.handshake(&[])
    }

    /// The answer to the first handshake where it was anything but a switch of protocols.
    pub fn refusal(&self) -> Option<Seen<'a, Response>> {
        self.first_handshake().and_then(|seen| refused(&seen))
    }

    /// The switch of protocols that answered the first handshake.
    pub fn switched(&self) -> Option<Seen<'a, Switched>> {
        self.first_handshake().and_then(|seen| opened(&seen))
    }

    /// The answer to an ordinary request.
    pub fn control(&self, path: ControlPath) -> Option<Seen<'a, Response>> {
        self.exchanges()
            .filter(|seen| seen.fact.path == path)
            .find_map(|seen| match &seen.fact.outcome {
                ExchangeOutcome::Answered { response } => Some(Seen {
                    id: seen.id,
                    fact: &**response,
                }),
                ExchangeOutcome::Failed(_) => None,
            })
    }

    /// Handshakes that repeated the first one unchanged, in order.
    pub fn repetitions(&self) -> impl Iterator<Item = Seen<'a, Handshake>> + use<'a> {
        self.handshakes()
            .filter(|seen| matches!(seen.fact.changes.as_slice(), [Change::Again { .. }]))
    }
}

/// The answer of a handshake that was refused.
pub fn refused<'a>(seen: &Seen<'a, Handshake>) -> Option<Seen<'a, Response>> {
    match &seen.fact.outcome {
        HandshakeOutcome::Refused { response } => Some(Seen {
            id: seen.id,
            fact: &**response,
        }),
        _ => None,
    }
}

/// The switch of protocols of a handshake that opened.
pub fn opened<'a>(seen: &Seen<'a, Handshake>) -> Option<Seen<'a, Switched>> {
    match &seen.fact.outcome {
        HandshakeOutcome::Switched(switched) => Some(Seen {
            id: seen.id,
            fact: &**switched,
        }),
        _ => None,
    }
}
