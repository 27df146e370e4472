//! The application's own statements by close frame: log-in, policy, errors, restarts, quotas.

use super::closing::{Closing, Meaning, closings};
use super::{codes, first_words};
use crate::evidence::Evidence;
use crate::finding::Confidence;
use crate::observation::Exercise;
use crate::rules::{Judgement, Rule, Support};

pub(super) const AUTH: Rule = Rule {
    cause: "app-auth-after-open",
    explains: &["unknown-below-app"],
    judge: auth,
};

pub(super) const INIT_TIMEOUT: Rule = Rule {
    cause: "app-init-timeout",
    explains: &[
        "unknown-below-app",
        "time-idle",
        "time-max-life",
        "time-ping-not-activity",
    ],
    judge: init_timeout,
};

pub(super) const POLICY: Rule = Rule {
    cause: "app-policy-1008",
    explains: &[],
    judge: |evidence| {
        told(
            evidence,
            Meaning::Policy,
            "The server closed because a rule of its own was broken (1008)",
        )
    },
};

pub(super) const ERROR: Rule = Rule {
    cause: "app-error-1011",
    explains: &[],
    judge: |evidence| {
        told(
            evidence,
            Meaning::Error,
            "The server closed because of an error of its own (1011)",
        )
    },
};

pub(super) const RESTART: Rule = Rule {
    cause: "app-restart-1012-1013",
    explains: &["time-idle", "time-max-life"],
    judge: |evidence| {
        told(
            evidence,
            Meaning::Restart,
            "The server says that it restarts or is overloaded and asks to come back later",
        )
    },
};

pub(super) const AWAY: Rule = Rule {
    cause: "app-away-1001",
    explains: &[],
    judge: |evidence| {
        told(
            evidence,
            Meaning::Away,
            "The server went away in order (1001)",
        )
    },
};

pub(super) const NORMAL: Rule = Rule {
    cause: "app-normal-1000",
    explains: &[],
    judge: |evidence| {
        told(
            evidence,
            Meaning::Normal,
            "The server ended the connection normally (1000)",
        )
    },
};

pub(super) const LICENSE_LIMIT: Rule = Rule {
    cause: "app-license-limit",
    explains: &[],
    judge: |evidence| {
        told(
            evidence,
            Meaning::Quota,
            "The server accepts no more connections: a quota is used up",
        )
    },
};

pub(super) const PRIVATE_CODE: Rule = Rule {
    cause: "app-private-code",
    explains: &[],
    judge: private,
};

/// A closing whose code or words say it all.
fn told(evidence: &Evidence<'_>, meaning: Meaning, summary: &str) -> Judgement {
    let Some(closing) = first(evidence, &[meaning]) else {
        return Judgement::nothing();
    };
    let summary = match closing.reason {
        "" => format!("{summary}."),
        reason => format!("{summary}: \"{reason}\"."),
    };
    // In the middle of many messages the same code may mean that there were too many.
    let hurried = closing.exercise.is_some_and(is_in_a_row);
    let confidence = if hurried {
        Confidence::Likely
    } else {
        Confidence::Certain
    };
    Support::new(confidence, summary, closing.shows()).into()
}

/// Whether the exercise is one of the many that an echo is sent, and not the first.
fn is_in_a_row(exercise: &Exercise) -> bool {
    match exercise {
        Exercise::Trickle { .. } | Exercise::Burst { .. } => true,
        Exercise::Text { bytes } => *bytes > 32,
        _ => false,
    }
}

fn first<'a>(evidence: &Evidence<'a>, meanings: &[Meaning]) -> Option<Closing<'a>> {
    closings(evidence)
        .into_iter()
        .find(|closing| meanings.contains(&closing.meaning))
}

fn auth(evidence: &Evidence<'_>) -> Judgement {
    let Some(closing) = first(evidence, &[Meaning::Auth, Meaning::InitRefused]) else {
        return Judgement::nothing();
    };
    let by_code = matches!(closing.code, Some(4401 | 4403 | 3000 | 3003));
    // What was shown ends the asking, and a page that the user named may show what is missing.
    let page = first_words::ask(evidence);
    let sure = by_code || closing.meaning == Meaning::Auth;
    let confidence = if sure && page.is_none() {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    let token = match &evidence.target().token {
        Some(_) => "the token that was sent is not accepted",
        None => "no token was given",
    };
    let words = if closing.reason.is_empty() {
        String::new()
    } else {
        format!(" It says: \"{}\".", closing.reason)
    };
    let case = Support::new(
        confidence,
        format!(
            "The handshake is accepted, then the application refuses the log-in; {token}.{words}"
        ),
        closing.shows(),
    )
    .and_all(first_words::shown(evidence));
    Judgement::from(case.weighing(60)).and_ask(page)
}

fn init_timeout(evidence: &Evidence<'_>) -> Judgement {
    let Some(closing) = first(evidence, &[Meaning::InitTimeout]) else {
        return Judgement::nothing();
    };
    let sent = evidence.conversations().find(|part| {
        part.fact.exercise == Exercise::GraphqlInit
            && super::super::frame::socket::first_sent_ms(part.fact).is_some()
    });
    let summary = match sent {
        Some(_) => {
            "The server says that the first message did not come in time, although it was sent at once: it did not get through."
        }
        None => {
            "The server waits for a first message of the application and closes when none comes in time."
        }
    };
    Support::certain(summary, closing.shows())
        .and_all(sent.map(|part| part.shows("The first message was sent right after opening.")))
        .and_all(first_words::shown(evidence))
        .weighing(60)
        .into()
}

fn private(evidence: &Evidence<'_>) -> Judgement {
    let Some(closing) = first(evidence, &[Meaning::Private]) else {
        return Judgement::nothing();
    };
    let code = closing.code.unwrap_or_default();
    let meaning = match codes::known(evidence.target(), code) {
        Some((framework, meaning)) => format!("To {framework} it means: {meaning}."),
        None if code < 4000 => "Codes from 3000 to 3999 belong to libraries.".to_owned(),
        None => "Codes from 4000 to 4999 are the application's own.".to_owned(),
    };
    let reason = match closing.reason {
        "" => String::new(),
        reason => format!(" and the reason \"{reason}\""),
    };
    Support::certain(
        format!("The application closed with its own code {code}{reason}. {meaning}"),
        closing.shows(),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use crate::finding::Confidence;
    use crate::observation::{Ending, Exercise, MessageKind, Outcome, Traffic};
    use crate::rules::frame::testing::*;

    #[track_caller]
    fn closing_gives(number: u16, reason: &str, cause: &str) {
        Run::new()
            .talk(vec![listened(), died(Exercise::Ping, code(number, reason))])
            .expect(cause, Confidence::Certain);
    }

    #[test]
    fn a_message_that_nobody_sent_is_the_applications_own_complaint() {
        Run::new()
            .talk(vec![died(Exercise::Listen, code(4400, ""))])
            .expect("app-private-code", Confidence::Certain);
    }

    #[test]
    fn each_code_has_its_cause() {
        closing_gives(4401, "", "app-auth-after-open");
        closing_gives(4403, "Forbidden", "app-auth-after-open");
        closing_gives(1008, "Unauthorized", "app-auth-after-open");
        closing_gives(
            4408,
            "Connection initialisation timeout",
            "app-init-timeout",
        );
        closing_gives(
            4406,
            "Subprotocol not acceptable",
            "app-subproto-generation",
        );
        closing_gives(1008, "", "app-policy-1008");
        closing_gives(1008, "origin not allowed", "app-policy-1008");
        closing_gives(1011, "", "app-error-1011");
        closing_gives(1012, "", "app-restart-1012-1013");
        closing_gives(1013, "try again later", "app-restart-1012-1013");
        closing_gives(4004, "connection quota exceeded", "app-license-limit");
        closing_gives(4123, "", "app-private-code");
        closing_gives(3999, "gone", "app-private-code");
    }

    #[test]
    fn an_orderly_end_is_context() {
        for (number, cause) in [(1000, "app-normal-1000"), (1001, "app-away-1001")] {
            let run = Run::new().talk(vec![listened(), died(Exercise::Ping, code(number, ""))]);
            run.expect_no_fault();
            assert_eq!(run.context(), [cause]);
        }
        Run::new()
            .talk(vec![died(
                Exercise::Listen,
                Ending::Closed {
                    code: None,
                    reason: String::new(),
                },
            )])
            .expect_no_fault();
    }

    #[test]
    fn a_message_that_was_not_understood_is_no_fault() {
        for (number, reason) in [
            (4400, "Invalid message received"),
            (4000, "malformed frame"),
        ] {
            Run::with(|target| target.send = true)
                .talk(vec![
                    listened(),
                    good(Exercise::Ping),
                    died(Exercise::Send, code(number, reason)),
                ])
                .expect_no_fault();
        }
    }

    #[test]
    fn a_connection_error_is_a_refused_log_in() {
        let outcome = Outcome::Different {
            detail: "connection_error".into(),
        };
        let refused = |words: &str| {
            Run::new().talk(vec![with(
                part(Exercise::GraphqlInit, outcome.clone()),
                vec![frame_sent(0, MessageKind::Text), text_received(2, words)],
            )])
        };
        refused(r#"{"type":"connection_error","payload":{"message":"Forbidden"}}"#)
            .expect("app-auth-after-open", Confidence::Certain);
        refused(r#"{"type":"connection_error"}"#).expect("app-auth-after-open", Confidence::Likely);
    }

    #[test]
    fn a_silent_socket_that_is_closed_for_want_of_a_first_message_is_no_idle_timeout() {
        Run::new()
            .talk(vec![
                listened(),
                good(Exercise::Ping),
                good(Exercise::Close),
            ])
            .endure(lived(Traffic::Silent, 0, 3_000, Some(code(4408, ""))))
            .endure(lived(Traffic::Silent, 700, 3_000, Some(code(4408, ""))))
            .endure(lived(Traffic::Data { every_ms: 1000 }, 900, 9_000, None))
            .expect("app-init-timeout", Confidence::Certain);
    }
}
