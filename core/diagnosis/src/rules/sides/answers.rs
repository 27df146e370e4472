//! Somebody else answers in the gateway's place: a guest network's log-in page, or a filter's block page.

use super::standing::last_test;
use crate::evidence::{Evidence, Seen};
use crate::finding::Confidence;
use crate::markers;
use crate::observation::{Header, PageTest, PageTestKind, PageTestOutcome, Response};
use crate::rules::{Judgement, Rule, Support};

pub(super) const PORTAL: Rule = Rule {
    cause: "http-captive-portal",
    explains: &["http-block-page", "proxy-ws-policy"],
    judge: portal,
};

pub(super) const BLOCK_PAGE: Rule = Rule {
    cause: "http-block-page",
    explains: &["proxy-ws-policy"],
    judge: block_page,
};

/// What an ordinary request got that was not the gateway's answer.
enum Foreign<'a> {
    Page(&'a str),
    Status(u16),
}

fn foreign<'a>(evidence: &Evidence<'a>) -> Option<(Seen<'a, PageTest>, Foreign<'a>)> {
    let seen = last_test(evidence, |kind| kind == PageTestKind::Fetch)?;
    match &seen.fact.outcome {
        PageTestOutcome::Different { detail } => Some((seen, Foreign::Page(detail))),
        PageTestOutcome::NotOpened {
            status: Some(status),
            ..
        } => Some((seen, Foreign::Status(*status))),
        _ => None,
    }
}

/// The few words of a page as the answer that the other rules' word lists expect.
fn page(words: &str) -> Response {
    let mut response = Response {
        status: 200,
        version: "HTTP/1.1".into(),
        headers: vec![Header {
            name: "content-type".into(),
            value: "text/html".into(),
        }],
        ..Response::default()
    };
    words.clone_into(&mut response.body.text);
    response
}

fn portal(evidence: &Evidence<'_>) -> Judgement {
    let Some((seen, foreign)) = foreign(evidence) else {
        return Judgement::nothing();
    };
    let (confidence, words) = match foreign {
        Foreign::Status(511) => (Confidence::Certain, "the status is 511".to_owned()),
        Foreign::Status(_) => return Judgement::nothing(),
        Foreign::Page(words) => match markers::captive_portal(&page(words)) {
            Some(mark) => (Confidence::Likely, mark),
            None => return Judgement::nothing(),
        },
    };
    Support::new(
        confidence,
        "The network answers in the site's place with a log-in page of its own.",
        seen.shows(format!(
            "An ordinary request got another answer than the gateway's: {words}."
        )),
    )
    .weighing(80)
    .into()
}

fn block_page(evidence: &Evidence<'_>) -> Judgement {
    let Some((seen, foreign)) = foreign(evidence) else {
        return Judgement::nothing();
    };
    let (confidence, words) = match foreign {
        Foreign::Page(words) => match markers::block_page(&page(words)) {
            Some(mark) => (Confidence::Likely, mark),
            None => (Confidence::Possible, format!("\"{words}\"")),
        },
        // The gateway refuses in these words as well, but not what never reached it.
        Foreign::Status(status @ (403 | 451)) if evidence.arrivals().next().is_none() => {
            (Confidence::Likely, format!("the status is {status}"))
        }
        Foreign::Status(_) => return Judgement::nothing(),
    };
    Support::new(
        confidence,
        "Somebody on the way answers in the site's place.",
        seen.shows(format!(
            "An ordinary request got another answer than the gateway's: {words}."
        )),
    )
    .weighing(75)
    .into()
}
