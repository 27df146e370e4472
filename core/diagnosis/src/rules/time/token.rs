//! A token that runs out: at the moment of its `exp`, or long before the connection was made.

use super::lives::{Lives, died, moment, shows};
use crate::evidence::Evidence;
use crate::finding::Evidence as Shown;
use crate::rules::app::closing::{Closing, Meaning, closings};
use crate::rules::http::token::{expired_for_s, server_now_s};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const TOKEN_EXPIRY: Rule = Rule {
    cause: "time-token-expiry",
    explains: &[
        "app-auth-after-open",
        "app-policy-1008",
        "app-private-code",
        "app-init-timeout",
        "unknown-below-app",
        "time-max-life",
        "time-reload",
        "time-deploy",
        "time-idle",
    ],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Judgement {
    let closings = closings(evidence);
    expired_before(evidence, &closings)
        .or_else(|| said_so(&closings))
        .or_else(|| at_its_moment(evidence))
        .into()
}

/// The token had run out before it was sent, and the application refused it.
fn expired_before(evidence: &Evidence<'_>, closings: &[Closing<'_>]) -> Option<Support> {
    let token = evidence.target().token.as_ref()?;
    let seconds = expired_for_s(token, server_now_s(evidence))?;
    let refusal = closings.iter().find(|closing| {
        matches!(
            closing.meaning,
            Meaning::Auth | Meaning::Expired | Meaning::Policy | Meaning::InitRefused
        )
    })?;
    let ago = duration(u64::try_from(seconds).unwrap_or(0).saturating_mul(1_000));
    Some(
        Support::certain(
            format!("The token has expired: its `exp` claim passed {ago} ago, and the application refuses it after opening."),
            refusal.shows(),
        )
        .weighing(75),
    )
}

/// The close reason says that a token or session expired.
fn said_so(closings: &[Closing<'_>]) -> Option<Support> {
    let closing = closings
        .iter()
        .find(|closing| closing.meaning == Meaning::Expired)?;
    Some(
        Support::certain(
            "The server closes the connection because the token or session has expired.",
            closing.shows(),
        )
        .weighing(70),
    )
}

/// Sockets of different ages die when the token's time is up.
fn at_its_moment(evidence: &Evidence<'_>) -> Option<Support> {
    let expires = evidence.target().token.as_ref()?.expires_unix_s?;
    let left_s = expires - server_now_s(evidence);
    let due_ms = u64::try_from(left_s).ok()?.checked_mul(1_000)?;
    let lives = Lives::of(evidence);
    let shown: Vec<Shown> = lives
        .steady()
        .filter(|life| died(life) && moment(life).abs_diff(due_ms) <= DUE_MS)
        .map(shows)
        .collect();
    let mut shown = shown.into_iter();
    let first = shown.next()?;
    let rest: Vec<Shown> = shown.collect();
    let support = if rest.is_empty() {
        Support::likely
    } else {
        Support::certain as fn(_, _) -> _
    };
    let summary = format!(
        "Connections end {} after the start, at the moment when the token's `exp` claim passes.",
        duration(due_ms)
    );
    Some(support(summary, first).and_all(rest).weighing(75))
}

/// How far from `exp` an end may lie: a claim counts whole seconds and clocks differ, in milliseconds.
const DUE_MS: u64 = 2_000;

#[cfg(test)]
mod tests {
    use crate::finding::Confidence;
    use crate::observation::{Exercise, TokenFacts, TokenPlacement, Traffic};
    use crate::rules::frame::testing::*;

    fn with_token(expires_in_s: i64) -> Run {
        Run::with(|target| {
            let started = i64::try_from(target.started_unix_s).unwrap();
            target.token = Some(TokenFacts {
                placement: TokenPlacement::Header,
                characters: 300,
                jwt: true,
                expires_unix_s: Some(started + expires_in_s),
                not_before_unix_s: None,
            });
        })
    }

    #[test]
    fn an_expired_token_that_is_refused_is_certain() {
        with_token(-3_600)
            .talk(vec![died(Exercise::Listen, code(4401, "Unauthorized"))])
            .expect("time-token-expiry", Confidence::Certain);
    }

    #[test]
    fn a_valid_token_that_is_refused_is_the_applications_matter() {
        with_token(3_600)
            .talk(vec![died(Exercise::Listen, code(4401, "Unauthorized"))])
            .expect("app-auth-after-open", Confidence::Certain);
    }

    #[test]
    fn an_end_at_the_moment_of_expiry_is_certain() {
        with_token(5)
            .endure(lived(Traffic::Silent, 200, 4_900, Some(code(1000, ""))))
            .endure(lived(Traffic::Silent, 900, 4_200, Some(code(1000, ""))))
            .endure(lived(
                Traffic::Ping { every_ms: 1000 },
                1_600,
                3_500,
                Some(code(1000, "")),
            ))
            .expect("time-token-expiry", Confidence::Certain);
    }

    #[test]
    fn a_reason_that_names_expiry_is_taken_at_its_word() {
        Run::new()
            .talk(vec![died(Exercise::Listen, code(1008, "token expired"))])
            .expect("time-token-expiry", Confidence::Certain);
    }
}
