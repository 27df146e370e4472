//! How much a run may ask, and when: requests, time, and the server's own wish to be left alone.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use towpath_diagnosis::observation::{ExchangeOutcome, HandshakeOutcome, Response};
use towpath_diagnosis::{Confidence, Fact, Question};

use super::spell;

/// What a run may use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Requests to the target.
    pub budget: u32,
    /// Time in all.
    pub time: Duration,
}

/// Time in all, without `--idle`. Longer helps only targets that hang in every step.
pub const MAX_TIME: Duration = Duration::from_mins(1);

/// What `--idle` adds to [`MAX_TIME`] beyond its own length, for sockets to open and close.
pub const IDLE_ALLOWANCE: Duration = Duration::from_secs(15);

/// Longest time in all that a run waits because servers ask for it. Beyond it a person would rather read a report.
const PAUSES_MAX: Duration = Duration::from_secs(10);

/// After this long a likely cause is enough: to make it certain, a slow target would take a minute.
const LIKELY_AFTER: Duration = Duration::from_secs(8);

/// After this long a possible cause is enough.
const POSSIBLE_AFTER: Duration = Duration::from_secs(11);

/// Whether a question may be put.
pub(super) enum Go {
    /// Yes, after this pause.
    After(Duration),
    /// No, for this reason.
    Skip(String),
    /// No more questions at all.
    TimeIsUp(String),
}

/// Keeps count.
pub(super) struct Pace {
    bounds: Bounds,
    began: Instant,
    requests: u32,
    /// Before this moment the server wants no request.
    not_before: Option<Instant>,
    /// How long the run has waited because of that.
    paused: Duration,
    /// How sure the first finding is so far.
    found: Option<Confidence>,
}

impl Pace {
    pub(super) fn new(bounds: &Bounds) -> Self {
        Self {
            bounds: bounds.clone(),
            began: Instant::now(),
            requests: 0,
            not_before: None,
            paused: Duration::ZERO,
            found: None,
        }
    }

    /// Notes how sure the first finding is, so that a slow target is not asked more than it is worth.
    pub(super) fn found(&mut self, confidence: Option<Confidence>) {
        self.found = confidence;
    }

    pub(super) fn requests(&self) -> u32 {
        self.requests
    }

    pub(super) fn left(&self) -> Duration {
        self.bounds.time.saturating_sub(self.began.elapsed())
    }

    pub(super) fn time_is_up(&self) -> String {
        format!(
            "the time allowed ({}) was over; --max-time gives more",
            spell(self.bounds.time)
        )
    }

    pub(super) fn may_ask(&self, question: &Question) -> Go {
        let left = self.left();
        if left.is_zero() {
            return Go::TimeIsUp(self.time_is_up());
        }
        if self.tired() && !matches!(question, Question::Endure { .. }) {
            return Go::Skip("the target is slow, and what was found names a cause".to_owned());
        }
        let cost = question.cost();
        if cost == 0 {
            return Go::After(Duration::ZERO);
        }
        if self.requests + cost > self.bounds.budget {
            return Go::Skip(format!(
                "the budget of {} requests is spent; --budget gives more",
                self.bounds.budget
            ));
        }
        let pause = self.not_before.map_or(Duration::ZERO, |moment| {
            moment.saturating_duration_since(Instant::now())
        });
        if pause >= left || self.paused + pause > PAUSES_MAX {
            return Go::Skip(format!(
                "the server wants no further request for {} (Retry-After)",
                spell(pause)
            ));
        }
        Go::After(pause)
    }

    /// Whether what was found is worth more than what a slow target could still tell.
    ///
    /// Pauses that a server asked for do not count, and neither does a run that may take its time.
    fn tired(&self) -> bool {
        let patience = match self.found {
            Some(Confidence::Certain | Confidence::Likely) => LIKELY_AFTER,
            Some(Confidence::Possible) => POSSIBLE_AFTER,
            None => return false,
        };
        self.bounds.time <= MAX_TIME && self.began.elapsed().saturating_sub(self.paused) > patience
    }

    /// Notes that a question was asked after a pause.
    pub(super) fn asked(&mut self, question: &Question, pause: Duration) {
        self.requests += question.cost();
        self.paused += pause;
    }

    /// Notes a `Retry-After` (RFC 9110 section 10.2.3) among the answers.
    pub(super) fn heard(&mut self, facts: &[Fact], now: SystemTime) {
        for pause in facts
            .iter()
            .filter_map(response)
            .filter(|response| asks_for_patience(response.status))
            .filter_map(|response| retry_after(response, now))
        {
            let moment = Instant::now() + pause.min(RETRY_AFTER_MAX);
            self.not_before = Some(self.not_before.map_or(moment, |known| known.max(moment)));
        }
    }
}

/// A longer `Retry-After` counts as this one, which no run outlives.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(7 * 24);

fn response(fact: &Fact) -> Option<&Response> {
    match fact {
        Fact::Handshake(handshake) => match &handshake.outcome {
            HandshakeOutcome::Refused { response } => Some(response),
            _ => None,
        },
        Fact::Exchange(exchange) => match &exchange.outcome {
            ExchangeOutcome::Answered { response } => Some(response),
            ExchangeOutcome::Failed(_) => None,
        },
        _ => None,
    }
}

/// Whether a status is one with which `Retry-After` means anything; caches put it on every page of their own.
fn asks_for_patience(status: u16) -> bool {
    matches!(status, 413 | 429 | 503)
}

fn retry_after(response: &Response, now: SystemTime) -> Option<Duration> {
    let value = response.header("retry-after")?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let moment = httpdate::parse_http_date(value).ok()?;
    // The server's own clock, where it tells it, is the one that the moment was written by.
    let now = response
        .header("date")
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or(now);
    moment.duration_since(now).ok()
}

#[cfg(test)]
mod tests {
    use towpath_diagnosis::observation::Header;

    use super::*;

    fn saying(headers: &[(&str, &str)]) -> Response {
        Response {
            status: 503,
            headers: headers
                .iter()
                .map(|(name, value)| Header {
                    name: (*name).to_owned(),
                    value: (*value).to_owned(),
                })
                .collect(),
            ..Response::default()
        }
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let check = |headers: &[(&str, &str)], seconds: Option<u64>| {
            assert_eq!(
                retry_after(&saying(headers), now),
                seconds.map(Duration::from_secs),
                "{headers:?}"
            );
        };
        check(&[], None);
        check(&[("Retry-After", "7")], Some(7));
        check(&[("Retry-After", "soon")], None);
        check(
            &[("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT")],
            Some(10),
        );
        check(
            &[
                ("Retry-After", "Sun, 06 Nov 1994 08:49:47 GMT"),
                ("Date", "Sun, 06 Nov 1994 08:49:45 GMT"),
            ],
            Some(2),
        );
        check(&[("Retry-After", "99999999999999999999")], None);
    }
}
