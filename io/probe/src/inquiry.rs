//! An inquiry: put the first open question to the network until none is left.
//!
//! There is no plan here: the engine says what is open, [`Ask`] answers, and this loop keeps the run
//! polite and bounded. It must never judge, and never ask what the budget or the clock forbids.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::{Instant, interval_at, sleep, sleep_until};
use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::Target;
use towpath_diagnosis::{Fact, Observation, ObservationId, Question, diagnose, words};

mod asker;
mod pace;

pub use asker::Asker;
pub use pace::{Bounds, IDLE_ALLOWANCE, MAX_TIME};

use pace::{Go, Pace};

/// Who puts a question to the network.
pub trait Ask {
    /// Answers with facts. It cannot fail: what went wrong is a fact.
    fn ask(&mut self, question: &Question) -> impl Future<Output = Vec<Fact>>;

    /// What ends a long question early, so that it still tells what it has seen; nothing for short ones.
    fn ender(&self, question: &Question) -> Option<Arc<Notify>> {
        let _ = question;
        None
    }
}

/// Who is told how the run goes on.
///
/// An error means that nobody reads any more and ends the run.
pub trait Progress {
    /// A question is about to be put.
    fn asking(&mut self, question: &Question) -> io::Result<()>;
    /// A question has been waited for this long, or the run pauses before it because the server asked for it.
    fn waiting(&mut self, wait: &Wait<'_>) -> io::Result<()>;
    /// A question was answered, or skipped. The observations are the new ones.
    fn answered(&mut self, observations: &[Observation]) -> io::Result<()>;
}

/// What a run waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait<'a> {
    /// The question.
    pub question: &'a Question,
    /// How long so far, or for how long where `paused`.
    pub span: Duration,
    /// Whether the question was not yet put, because the server named a time before which it wants no request.
    pub paused: bool,
}

/// Why a run ended before its questions did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CutShort {
    /// The user interrupted it.
    Interrupted,
    /// The time allowed was over.
    Time,
}

/// All that a run gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What was measured, in order.
    pub observations: Vec<Observation>,
    /// How many requests the target got.
    pub requests: u32,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// Why it ended early, if it did.
    pub cut_short: Option<CutShort>,
}

/// Asks what is open until nothing is, or a bound is met, or `interrupted` comes true.
pub async fn run(
    target: Target,
    asker: &mut impl Ask,
    bounds: &Bounds,
    interrupted: impl Future<Output = ()>,
    progress: &mut impl Progress,
) -> io::Result<Run> {
    let mut notes = Notes::new();
    notes.add(None, Fact::Target(target));
    progress.answered(&notes.observations)?;
    let mut pace = Pace::new(bounds);
    let mut interrupted = std::pin::pin!(interrupted);
    let mut cut_short = None;
    // Every pass settles one question for good, so that only an endless supply of questions needs the bound.
    for _ in 0..QUESTIONS_MAX {
        let diagnosis = diagnose(&notes.observations);
        let Some(question) = diagnosis.open.into_iter().next() else {
            break;
        };
        pace.found(diagnosis.findings.first().map(|first| first.confidence));
        let mark = notes.observations.len();
        match pace.may_ask(&question) {
            Go::Skip(reason) => notes.skip(question, reason),
            Go::TimeIsUp(reason) => {
                cut_short = Some(CutShort::Time);
                notes.skip(question, reason);
            }
            Go::After(pause) => {
                let bounds = (pause, pace.left());
                let answer = ask(asker, &question, bounds, interrupted.as_mut(), progress).await?;
                pace.asked(&question, pause);
                cut_short = answer.cut_short.or(cut_short);
                match answer.facts {
                    Some(facts) => {
                        pace.heard(&facts, SystemTime::now());
                        notes.take(question, facts);
                    }
                    None if cut_short == Some(CutShort::Time) => {
                        notes.skip(question, pace.time_is_up());
                    }
                    None => notes.skip(question, "the check was interrupted".to_owned()),
                }
            }
        }
        if cut_short == Some(CutShort::Interrupted) {
            progress.answered(&notes.observations[mark..])?;
            break;
        }
        progress.answered(&notes.observations[mark..])?;
    }
    Ok(Run {
        observations: notes.observations,
        requests: pace.requests(),
        elapsed_ms: milliseconds(notes.began.elapsed()),
        cut_short,
    })
}

/// What came of one question.
struct Answer {
    /// Nothing where it was given up.
    facts: Option<Vec<Fact>>,
    cut_short: Option<CutShort>,
}

/// Asks one question, after a pause, within the time left (`bounds`).
///
/// When time is up or the user interrupts, the question is told to end and given a moment to do so.
async fn ask(
    asker: &mut impl Ask,
    question: &Question,
    (pause, left): (Duration, Duration),
    mut interrupted: Pin<&mut impl Future<Output = ()>>,
    progress: &mut impl Progress,
) -> io::Result<Answer> {
    let interrupt = Answer {
        facts: None,
        cut_short: Some(CutShort::Interrupted),
    };
    if !pause.is_zero() {
        progress.waiting(&Wait {
            question,
            span: pause,
            paused: true,
        })?;
        tokio::select! {
            () = &mut interrupted => return Ok(interrupt),
            () = sleep(pause) => {}
        }
    }
    progress.asking(question)?;
    let began = Instant::now();
    let mut beat = interval_at(began + BEAT, BEAT);
    let mut deadline = began + left.saturating_sub(pause);
    let ender = asker.ender(question);
    let mut answer = std::pin::pin!(asker.ask(question));
    let mut cut_short = None;
    loop {
        let reason = tokio::select! {
            biased;
            facts = &mut answer => return Ok(Answer { facts: Some(facts), cut_short }),
            () = &mut interrupted, if cut_short.is_none() => CutShort::Interrupted,
            () = sleep_until(deadline) => CutShort::Time,
            _ = beat.tick() => {
                progress.waiting(&Wait { question, span: began.elapsed(), paused: false })?;
                continue;
            }
        };
        let Some(ender) = ender.as_ref().filter(|_| cut_short.is_none()) else {
            return Ok(Answer {
                facts: None,
                cut_short: cut_short.or(Some(reason)),
            });
        };
        cut_short = Some(reason);
        deadline = Instant::now() + GRACE;
        ender.notify_one();
    }
}

/// The observations so far, numbered and timed.
struct Notes {
    began: Instant,
    observations: Vec<Observation>,
}

impl Notes {
    fn new() -> Self {
        Self {
            began: Instant::now(),
            observations: Vec::new(),
        }
    }

    fn add(&mut self, answers: Option<Question>, fact: Fact) {
        let number = u32::try_from(self.observations.len() + 1).unwrap_or(u32::MAX);
        self.observations.push(Observation {
            id: ObservationId(number),
            at_ms: milliseconds(self.began.elapsed()),
            vantage: Vantage::Cli,
            answers,
            fact,
        });
    }

    fn skip(&mut self, question: Question, reason: String) {
        self.add(None, Fact::NotTested { question, reason });
    }

    /// Takes an answer. A question that left no trace would be asked for ever, so it is noted as not tested.
    fn take(&mut self, question: Question, facts: Vec<Fact>) {
        let mut settled = false;
        for fact in facts {
            let answers = if let Fact::NotTested {
                question: skipped, ..
            } = &fact
            {
                settled |= *skipped == question;
                None
            } else {
                settled = true;
                Some(question.clone())
            };
            self.add(answers, fact);
        }
        if !settled {
            self.skip(question, "nothing could be measured".to_owned());
        }
    }
}

/// A time span as whole milliseconds.
fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// A time span for the reader.
fn spell(span: Duration) -> String {
    words::duration(milliseconds(span))
}

/// Most questions of one run, asked or skipped.
const QUESTIONS_MAX: usize = 250;

/// How long a question may take to tell what it has seen once it was told to end.
const GRACE: Duration = Duration::from_secs(2);

/// How often a reader is told that a question still waits.
const BEAT: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests;
