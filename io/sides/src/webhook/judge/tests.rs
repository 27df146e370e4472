use super::*;
use bytes::Bytes;
use http::{HeaderMap, HeaderName};

fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        all.insert(name, value.parse().unwrap());
    }
    Answer {
        status,
        headers: all,
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn of(action: Action, answer: &Answer) -> Judged {
    judge(WebhookKind::Discord, action, answer, SystemTime::UNIX_EPOCH)
}

#[test]
fn a_message_that_was_taken_has_its_id() {
    let judged = of(Action::Post, &answer(200, &[], r#"{"id":"123"}"#));
    let id = Some("123".to_owned());
    assert_eq!(judged.outcome, Outcome::Delivered { id });
    assert_eq!(judged.next, Next::On);
    for body in ["", "ok", "{}", r#"{"id":null}"#, r#"{"id":""}"#, "[1]"] {
        let judged = of(Action::Post, &answer(204, &[], body));
        assert_eq!(judged.outcome, Outcome::Delivered { id: None }, "{body}");
    }
}

#[test]
fn the_last_free_request_is_followed_by_a_pause() {
    let limits = [
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset-after", "1.5"),
    ];
    let judged = of(Action::Post, &answer(200, &limits, ""));
    assert_eq!(judged.next, Next::Pause(Duration::from_millis(1500)));
}

#[test]
fn a_receiver_that_is_busy_says_for_how_long() {
    let check = |answer: &Answer, wait: Option<Duration>| {
        let judged = of(Action::Post, answer);
        let Outcome::Later {
            uncertain, after, ..
        } = judged.outcome
        else {
            panic!("{judged:?}");
        };
        assert_eq!((uncertain, after), (false, wait));
        assert!(matches!(judged.next, Next::Wait(_, next) if next == wait));
    };
    let precise = answer(429, &[("retry-after", "1")], r#"{"retry_after":0.25}"#);
    check(&precise, Some(Duration::from_millis(250)));
    let header = answer(429, &[("retry-after", "3")], "");
    check(&header, Some(Duration::from_secs(3)));
    check(&answer(503, &[], ""), None);
}

#[test]
fn only_a_post_is_of_unknown_fate() {
    let uncertain = |action: Action| {
        let judged = of(action, &answer(502, &[], ""));
        matches!(
            judged.outcome,
            Outcome::Later {
                uncertain: true,
                ..
            }
        )
    };
    assert!(uncertain(Action::Post));
    assert!(!uncertain(Action::Edit) && !uncertain(Action::Delete));
    let lost = HttpError::Unanswered("gone".to_owned());
    let judged = failed(Action::Post, &lost);
    assert!(matches!(
        judged.outcome,
        Outcome::Later {
            uncertain: true,
            ..
        }
    ));
}

#[test]
fn a_piece_that_is_not_taken_is_told_from_a_webhook_that_is_gone() {
    let bad = of(
        Action::Post,
        &answer(400, &[], "{\"content\": [\"too long\"]}"),
    );
    let Outcome::Refused { why } = bad.outcome else {
        panic!("{bad:?}");
    };
    assert!(why.contains("too long"), "{why}");
    for status in [301, 401, 403, 404, 410] {
        let judged = of(Action::Post, &answer(status, &[], ""));
        assert!(matches!(judged.next, Next::Stop(_)), "{status}: {judged:?}");
        assert!(
            matches!(
                judged.outcome,
                Outcome::Later {
                    uncertain: false,
                    ..
                }
            ),
            "{status}"
        );
    }
}

#[test]
fn an_earlier_message_that_is_gone_is_no_fault_of_the_webhook() {
    let unknown = answer(404, &[], r#"{"code":10008}"#);
    assert_eq!(
        of(Action::Delete, &unknown).outcome,
        Outcome::Delivered { id: None }
    );
    assert!(matches!(
        of(Action::Edit, &unknown).outcome,
        Outcome::Refused { .. }
    ));
    let no_webhook = answer(404, &[], r#"{"code":10015}"#);
    assert!(matches!(
        of(Action::Delete, &no_webhook).next,
        Next::Stop(_)
    ));
}
