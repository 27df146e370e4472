//! What stops a WebSocket inside the browser, before anything is sent.

use super::facts::Sides;
use super::policy::{LOCAL_MS, never_arrived};
use super::trial::{Came, Trial};
use crate::evidence::{Evidence, Seen};
use crate::observation::{Page, PageTestOutcome};
use crate::rules::{Judgement, Rule, Support};
use crate::words::duration;

pub(super) const POLICY: Rule = Rule {
    cause: "page-csp",
    explains: IN_THE_BROWSER,
    judge: content_policy,
};

pub(super) const MIXED: Rule = Rule {
    cause: "page-mixed",
    explains: IN_THE_BROWSER,
    judge: mixed_content,
};

pub(super) const REPLACED: Rule = Rule {
    cause: "page-monkeypatch",
    explains: &["proxy-ws-policy"],
    judge: replaced,
};

pub(super) const EXTENSION: Rule = Rule {
    cause: "page-extension",
    explains: &["proxy-ws-policy"],
    judge: extension,
};

pub(super) const OFFLINE: Rule = Rule {
    cause: "net-offline",
    explains: &[],
    judge: offline,
};

/// What else would fit a WebSocket that never leaves the browser.
const IN_THE_BROWSER: &[&str] = &["proxy-ws-policy", "page-extension", "page-monkeypatch"];

/// A WebSocket that did not open, where none did.
fn unopened<'s>(sides: &'s Sides<'_>) -> Option<&'s Trial> {
    if sides.websocket_works() || !sides.arrivals.is_empty() {
        return None;
    }
    sides
        .trials
        .iter()
        .find(|trial| matches!(trial.came, Came::Refused { .. } | Came::Unanswered { .. }))
}

fn content_policy(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    let found = sides.page.and_then(|page| {
        let directive = page.fact.csp_directive.as_deref()?;
        Some((page, directive, unopened(&sides)?))
    });
    let Some((page, directive, trial)) = found else {
        return Judgement::nothing();
    };
    Support::certain(
        "The page's own Content-Security-Policy forbids the connection; the browser says so.",
        page.shows(format!(
            "The browser reports a violation of the policy's directive `{directive}`."
        )),
    )
    .and(trial.shows())
    .weighing(80)
    .into()
}

fn mixed_content(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    match (
        sides.page.filter(|page| page.fact.mixed_content),
        sides.websocket_works(),
    ) {
        (Some(page), false) => Support::certain(
            "The page came over https and tries an unencrypted WebSocket, which the browser refuses.",
            page.shows("The browser refused the WebSocket as mixed content."),
        )
        .weighing(80)
        .into(),
        _ => Judgement::nothing(),
    }
}

fn replaced(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    let page = sides.page.filter(|page| !page.fact.native_websocket);
    let found = page.and_then(|page| {
        let failures = never_arrived(&sides);
        let first = *failures.first()?;
        Some((page, first, sides.control(first)?))
    });
    let Some((page, first, control)) = found else {
        return Judgement::nothing();
    };
    Support::likely(
        "Something put its own WebSocket in place of the browser's, and with it nothing reaches the gateway.",
        page.shows("`WebSocket` in this page is not the browser's own."),
    )
    .and(first.shows())
    .and(control.shows())
    .untested("the same page without extensions and monitoring scripts")
    .into()
}

/// Sooner than anything can come back from the network.
fn extension(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    let failures = never_arrived(&sides);
    let at_once = !failures.is_empty()
        && failures
            .iter()
            .all(|trial| matches!(trial.came, Came::Refused { after_ms } if after_ms < LOCAL_MS));
    let found = failures.first().filter(|_| at_once).and_then(|first| {
        let control = sides.control(first)?;
        (control.took_ms >= FAR_MS).then_some((first, control, control.took_ms))
    });
    let Some((first, control, took_ms)) = found else {
        return Judgement::nothing();
    };
    Support::likely(
        format!(
            "The WebSocket fails faster than anything can come back from the network, where an answer takes {}: the browser itself blocks it, by an extension or a policy.",
            duration(took_ms)
        ),
        first.shows(),
    )
    .and(control.shows())
    .untested("the same page in a private window without extensions")
    .into()
}

fn offline(evidence: &Evidence<'_>) -> Judgement {
    let sides = Sides::of(evidence);
    let page: Option<Seen<'_, Page>> = sides.page.filter(|page| !page.fact.online);
    let worked = evidence
        .attempts()
        .any(|seen| seen.fact.proven_ms.is_some())
        || evidence
            .page_tests()
            .any(|seen| seen.fact.outcome == PageTestOutcome::Passed);
    let failed = sides
        .trials
        .iter()
        .find(|trial| matches!(trial.came, Came::Refused { .. } | Came::Unanswered { .. }));
    match (page, failed) {
        (Some(page), Some(trial)) if !worked && !sides.gateway_saw => Support::likely(
            "The device has no network: nothing at all works.",
            page.shows("The browser says that it is offline."),
        )
        .and(trial.shows())
        .into(),
        _ => Judgement::nothing(),
    }
}

/// Only a way this long makes a failure within [`LOCAL_MS`] telling.
const FAR_MS: u64 = 20;
