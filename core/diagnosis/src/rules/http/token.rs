//! The handshake is refused for want of a valid credential.

use super::flip;
use crate::evidence::{Evidence, Seen};
use crate::observation::{
    BrowserOutcome, BrowserUse, Change, Response, TokenFacts, TokenPlacement,
};
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support};

pub(super) const UNAUTHORISED: Rule = Rule {
    cause: "http-401",
    explains: &["http-403-connect-refused", "http-400-generic"],
    judge: unauthorised,
};

fn unauthorised(evidence: &Evidence<'_>) -> Judgement {
    if let Some(found) = flip::find(evidence, |change| {
        matches!(change, Change::Token { .. } | Change::WithoutToken)
    }) {
        let (summary, shows) = match found.change {
            Change::Token { placement } => (
                format!("The server wants the token {}.", place(placement)),
                format!(
                    "With the token {}, and nothing else changed, the handshake is accepted.",
                    place(placement)
                ),
            ),
            _ => (
                "The server refuses the token given and lets the handshake in without one."
                    .to_owned(),
                "Without the token, and nothing else changed, the handshake is accepted."
                    .to_owned(),
            ),
        };
        return flip::case(evidence, &found, summary, shows);
    }
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if refusal.fact.status == 401 {
        // A change that lets in, such as the page's cookies, tells more than the status.
        return if flip::find(evidence, |_| true).is_some() {
            Judgement::nothing()
        } else {
            by_status(evidence, &refusal)
        };
    }
    if flip::unexplained(evidence) {
        return Judgement::ask(questions(evidence));
    }
    Judgement::nothing()
}

fn by_status(evidence: &Evidence<'_>, refusal: &Seen<'_, Response>) -> Judgement {
    let scheme = refusal
        .fact
        .header("www-authenticate")
        .map_or_else(String::new, |value| format!(" It asks for: {value}."));
    let summary = match &evidence.target().token {
        Some(token) => format!(
            "The server does not accept the token that was sent {}.",
            place(&token.placement)
        ),
        None => "The server wants a credential with the handshake and got none.".to_owned(),
    };
    let shows = refusal.shows(format!(
        "The answer is {}.{scheme}",
        flip::status(refusal.fact)
    ));
    let cookies = flip::with(Change::Cookies);
    let tried = evidence.asked(&cookies) || evidence.not_tested(&cookies).is_some();
    if evidence.target().page && !tried {
        return Judgement::from(Support::likely(summary, shows)).and_ask([cookies]);
    }
    // A script of the page may set the cookie that its answer does not.
    if evidence.target().page && may_ask_browser(evidence) {
        return Judgement::from(Support::likely(summary, shows)).and_ask([Question::Browser]);
    }
    if compares_with_browser(evidence) {
        return Support::likely(summary, shows).into();
    }
    Judgement::from(Support::certain(summary, shows)).and_ask(questions(evidence))
}

/// Whether a browser gets in, and its request has still to be tried: the comparison then says what is missing.
fn compares_with_browser(evidence: &Evidence<'_>) -> bool {
    let like = flip::with(Change::Like);
    let tried = evidence.asked(&like) || evidence.not_tested(&like).is_some();
    let gets_in = evidence
        .browsers()
        .any(|seen| matches!(seen.fact.outcome, BrowserOutcome::Opened { .. }));
    gets_in && !tried
}

fn may_ask_browser(evidence: &Evidence<'_>) -> bool {
    let tried =
        evidence.asked(&Question::Browser) || evidence.not_tested(&Question::Browser).is_some();
    evidence.target().browser == BrowserUse::Auto && !tried
}

fn questions(evidence: &Evidence<'_>) -> Vec<Question> {
    let Some(token) = &evidence.target().token else {
        return Vec::new();
    };
    let query = TokenPlacement::Query {
        name: "token".into(),
    };
    let mut ask = Vec::new();
    if token.placement != TokenPlacement::Header {
        ask.push(flip::with(Change::Token {
            placement: TokenPlacement::Header,
        }));
    }
    if !matches!(token.placement, TokenPlacement::Query { .. }) {
        ask.push(flip::with(Change::Token { placement: query }));
    }
    if token.placement != TokenPlacement::Init {
        ask.push(flip::with(Change::WithoutToken));
    }
    ask
}

fn place(placement: &TokenPlacement) -> String {
    match placement {
        TokenPlacement::Header => "in the Authorization header".into(),
        TokenPlacement::Query { name } => format!("as the query parameter `{name}`"),
        TokenPlacement::Init => "in the first message".into(),
    }
}

pub(super) const EXPIRED: Rule = Rule {
    cause: "time-token-expiry",
    explains: &["http-401", "http-403-connect-refused"],
    judge: expired,
};

fn expired(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    let Some(ago) = evidence
        .target()
        .token
        .as_ref()
        .and_then(|token| expired_for_s(token, server_now_s(evidence)))
    else {
        return Judgement::nothing();
    };
    if !matches!(refusal.fact.status, 401 | 403) || flip::find(evidence, |_| true).is_some() {
        return Judgement::nothing();
    }
    let summary = format!(
        "The token has expired: its `exp` claim passed {} ago.",
        crate::words::duration(u64::try_from(ago).unwrap_or(0).saturating_mul(1_000))
    );
    let shows = refusal.shows(format!(
        "The handshake with the expired token is answered {}.",
        flip::status(refusal.fact)
    ));
    if refusal.fact.status == 401 {
        Support::certain(summary, shows).weighing(70).into()
    } else {
        Support::likely(summary, shows)
            .weighing(70)
            .untested("the same handshake with a fresh token")
            .into()
    }
}

/// For how many seconds the token has been expired; absent where it has not.
pub(crate) fn expired_for_s(token: &TokenFacts, now_unix_s: i64) -> Option<i64> {
    let expires = token.expires_unix_s?;
    (expires < now_unix_s).then_some(now_unix_s - expires)
}

/// The time by the server's clock where it was seen, else by this machine's.
pub(crate) fn server_now_s(evidence: &Evidence<'_>) -> i64 {
    let here = i64::try_from(evidence.target().started_unix_s).unwrap_or(i64::MAX);
    let offset = evidence
        .exchanges()
        .find_map(|seen| seen.fact.clock_offset_s)
        .unwrap_or(0);
    here.saturating_add(offset)
}
