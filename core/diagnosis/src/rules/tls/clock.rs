//! Certificates out of their time, and clocks that are wrong: only a second clock tells the two apart.

use time::UtcDateTime;

use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::observation::{Certificate, ChainVerdict, ControlPath, TlsEstablished};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};

use super::certificate::verdict;

/// No machine can run this program before it was written: 2026-01-01, in seconds since 1970 UTC.
const WRITTEN_UNIX_S: i64 = 1_767_225_600;

/// A clock that is off by less than this, in seconds, is called right.
const CLOCK_TOLERANCE_S: i64 = 3_600;

/// A certificate out of its time by this machine's clock, and what a second clock says.
struct OutOfTime<'a> {
    tls: Seen<'a, TlsEstablished>,
    certificate: &'a Certificate,
    expired: bool,
    now: i64,
    second: Option<(finding::Evidence, i64)>,
}

fn out_of_time<'a>(evidence: &Evidence<'a>) -> Option<OutOfTime<'a>> {
    let tls = reach::untrusted(evidence)?;
    let expired = match verdict(&tls.fact.trust) {
        ChainVerdict::Expired => true,
        ChainVerdict::NotYetValid => false,
        _ => return None,
    };
    let now = i64::try_from(evidence.target().started_unix_s).unwrap_or(i64::MAX);
    let outside = |one: &&Certificate| {
        if expired {
            one.not_after_unix_s < now
        } else {
            one.not_before_unix_s > now
        }
    };
    let certificate = tls
        .fact
        .chain
        .iter()
        .find(outside)
        .or(tls.fact.chain.first())?;
    let second = evidence.exchanges().find_map(|seen| {
        let offset = seen.fact.clock_offset_s?;
        let shows = seen.shows(if offset.abs() <= CLOCK_TOLERANCE_S {
            "The Date of an answer agrees with this machine's clock.".to_owned()
        } else {
            format!(
                "By the Date of an answer this machine's clock is {} {}.",
                span(offset),
                if offset > 0 { "behind" } else { "ahead" }
            )
        });
        Some((shows, offset))
    });
    Some(OutOfTime {
        tls,
        certificate,
        expired,
        now,
        second,
    })
}

impl OutOfTime<'_> {
    /// Whether the certificate is valid by the second clock; absent without one.
    fn valid_by_second_clock(&self) -> Option<bool> {
        let (_, offset) = self.second.as_ref()?;
        let then = self.now.saturating_add(*offset);
        Some(
            (self.certificate.not_before_unix_s..=self.certificate.not_after_unix_s)
                .contains(&then),
        )
    }

    fn shows(&self) -> finding::Evidence {
        let (what, when) = if self.expired {
            ("expired", self.now - self.certificate.not_after_unix_s)
        } else {
            (
                "becomes valid",
                self.certificate.not_before_unix_s - self.now,
            )
        };
        let relation = if self.expired { "ago" } else { "from now" };
        self.tls.shows(format!(
            "By this machine's clock the certificate \"{}\" {what} {} {relation}, on {}.",
            self.certificate.subject,
            span(when),
            date(if self.expired {
                self.certificate.not_after_unix_s
            } else {
                self.certificate.not_before_unix_s
            })
        ))
    }
}

/// Any answer with a Date will do, even one without encryption.
fn second_clock(evidence: &Evidence<'_>) -> Option<Question> {
    reach::harmless_in_plain(evidence).then_some(Question::Control {
        path: ControlPath::Root,
        plain: true,
    })
}

pub(super) const EXPIRED: Rule = Rule {
    cause: "tls-expired",
    explains: &[],
    judge: expired,
};

fn expired(evidence: &Evidence<'_>) -> Judgement {
    let Some(found) = out_of_time(evidence).filter(|found| found.expired) else {
        return Judgement::nothing();
    };
    let summary = format!(
        "The certificate expired on {}.",
        date(found.certificate.not_after_unix_s)
    );
    match (found.valid_by_second_clock(), &found.second) {
        (Some(false), Some((clock, _))) => Support::certain(summary, found.shows())
            .and(clock.clone())
            .into(),
        (None, _) => Judgement::from(
            Support::likely(summary, found.shows())
                .untested("whether this machine's clock is right: no second clock was found")
                .weighing(60),
        )
        .and_ask(second_clock(evidence)),
        _ => Judgement::nothing(),
    }
}

pub(super) const SKEW: Rule = Rule {
    cause: "tls-clock-skew",
    explains: &["tls-expired"],
    judge: skew,
};

fn skew(evidence: &Evidence<'_>) -> Judgement {
    let Some(found) = out_of_time(evidence) else {
        return Judgement::nothing();
    };
    let summary = format!(
        "This machine's clock, which says {}, is wrong.",
        date(found.now)
    );
    match (found.valid_by_second_clock(), &found.second) {
        (Some(true), Some((clock, _))) => Support::certain(summary, found.shows())
            .and(clock.clone())
            .into(),
        (None, _) if !found.expired && found.now < WRITTEN_UNIX_S => {
            Support::certain(summary, found.shows())
                .and(
                    found
                        .tls
                        .shows("By its clock this machine runs before this program was written."),
                )
                .into()
        }
        (None, _) if !found.expired => Judgement::from(
            Support::likely(summary, found.shows()).untested("a second clock to compare with"),
        )
        .and_ask(second_clock(evidence)),
        (None, _) => Support::possible(summary, found.shows())
            .untested("a second clock to compare with")
            .weighing(30)
            .into(),
        (Some(false), Some((clock, _))) if !found.expired => Support::likely(
            "The certificate begins in the future: the clock of whoever issued it, or this machine's, is wrong.",
            found.shows(),
        )
        .but(clock.clone())
        .untested("the clock of the machine that issued the certificate")
        .into(),
        _ => Judgement::nothing(),
    }
}

/// Seconds for a reader.
fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    match seconds {
        0..7_200 => format!("{} minutes", seconds / 60),
        7_200..172_800 => format!("{} hours", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The day of a moment, as `2026-11-21` (UTC).
fn date(unix_s: i64) -> String {
    let first = UtcDateTime::MIN.unix_timestamp();
    let last = UtcDateTime::MAX.unix_timestamp();
    let at = UtcDateTime::from_unix_timestamp(unix_s.clamp(first, last));
    at.unwrap_or(UtcDateTime::UNIX_EPOCH).date().to_string()
}

#[cfg(test)]
mod tests {
    use super::{WRITTEN_UNIX_S, date, span};

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400), "2000-02-29");
        assert_eq!(date(WRITTEN_UNIX_S), "2026-01-01");
        assert_eq!(date(-1), "1969-12-31");
    }

    #[test]
    fn spans_read_well() {
        assert_eq!(span(600), "10 minutes");
        assert_eq!(span(-10_800), "3 hours");
        assert_eq!(span(864_000), "10 days");
    }
}
