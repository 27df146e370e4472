//! What the site's own page says first on its socket, where a browser watched it: the log-in that a program lacks.

use crate::evidence::Evidence;
use crate::finding;
use crate::observation::BrowserUse;
use crate::question::Question;

/// The page's first message that holds texts, as evidence: its names only.
pub(super) fn shown(evidence: &Evidence<'_>) -> Option<finding::Evidence> {
    evidence.browsers().find_map(|seen| {
        let mut sent = seen.fact.messages.iter().filter(|message| message.sent);
        let first = sent.find(|message| !message.texts_at.is_empty())?;
        let name = match &first.name {
            Some(name) => format!("\"{name}\""),
            None => "a JSON message".to_owned(),
        };
        let kept = first.texts_at.iter().take(PLACES_SHOWN).map(String::as_str);
        let places = kept.collect::<Vec<_>>().join(", ");
        Some(seen.shows(format!(
            "The site's page first sends {name} with texts at {places}."
        )))
    })
}

/// Watching the page tells, where the user named one and it was not watched yet.
pub(super) fn ask(evidence: &Evidence<'_>) -> Option<Question> {
    let question = Question::Browser;
    let tried = evidence.asked(&question) || evidence.not_tested(&question).is_some();
    let target = evidence.target();
    (target.page && target.browser == BrowserUse::Auto && !tried).then_some(question)
}

const PLACES_SHOWN: usize = 6;

#[cfg(test)]
mod tests {
    use crate::finding::Confidence;
    use crate::observation::{
        BrowserCapture, BrowserMessage, BrowserOutcome, BrowserUse, Exercise, Fact, MessageKind,
        Outcome,
    };
    use crate::question::Question;
    use crate::rules::frame::testing::*;

    fn refused(page: bool) -> Run {
        let outcome = Outcome::Different {
            detail: "connection_error".into(),
        };
        let words = r#"{"type":"connection_error"}"#;
        Run::with(|target| {
            target.page = page;
            target.browser = BrowserUse::Auto;
        })
        .talk(vec![with(
            part(Exercise::GraphqlInit, outcome),
            vec![frame_sent(0, MessageKind::Text), text_received(2, words)],
        )])
    }

    fn message(sent: bool, name: &str, texts_at: &[&str]) -> BrowserMessage {
        BrowserMessage {
            sent,
            kind: MessageKind::Text,
            bytes: 90,
            after_ms: 3,
            name: Some(name.into()),
            texts_at: texts_at.iter().map(|&place| place.into()).collect(),
        }
    }

    #[test]
    fn even_a_sure_refusal_waits_for_what_the_page_shows() {
        let closed = |page| {
            Run::with(|target| {
                target.page = page;
                target.browser = BrowserUse::Auto;
            })
            .talk(vec![listened(), died(Exercise::Ping, code(4401, ""))])
        };
        closed(false).expect("app-auth-after-open", Confidence::Certain);
        closed(true).expect("app-auth-after-open", Confidence::Likely);
        let mut watched = closed(true);
        let not_there = Fact::NotTested {
            question: Question::Browser,
            reason: "no browser".into(),
        };
        watched.answer(Question::Browser, not_there);
        watched.expect("app-auth-after-open", Confidence::Certain);
    }

    #[test]
    fn a_named_page_is_watched_for_what_it_says_first_and_no_other() {
        assert!(refused(true).diagnosis().open.contains(&Question::Browser));
        assert!(!refused(false).diagnosis().open.contains(&Question::Browser));
    }

    #[test]
    fn the_pages_own_log_in_is_shown_by_its_names() {
        let mut run = refused(true);
        run.add(Fact::Browser(BrowserCapture {
            browser: "Chrome/156".into(),
            page: None,
            page_substituted: false,
            request: None,
            response: None,
            cookie_names: Vec::new(),
            issuer: None,
            document: None,
            messages: vec![
                message(false, "hello", &["/type"]),
                message(true, "ping", &[]),
                message(true, "connection_init", &["/payload/token", "/type"]),
            ],
            outcome: BrowserOutcome::Opened {
                frames_received: 1,
                closed: None,
            },
            elapsed_ms: 1,
        }));
        run.expect("app-auth-after-open", Confidence::Likely);
        let finding = run.diagnosis().findings.remove(0);
        let shown = finding.evidence.iter().any(|evidence| {
            evidence.shows
                == "The site's page first sends \"connection_init\" with texts at /payload/token, /type."
        });
        assert!(shown, "{finding:?}");
    }
}
