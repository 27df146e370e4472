//! Servers that refuse in one way each, and what is named first after all questions were answered.

use crate::engine::Diagnosis;
use crate::finding::{Confidence, Verdict};
use crate::observation::{
    BrowserUse, Change, ControlPath, Failure, HandshakeOutcome, Header, OriginKind, RequestHead,
    TokenFacts, TokenPlacement,
};
use crate::question::Question;
use crate::testing::{Browser, World, deviating_switch, refusal, response, switch, unanswered};

mod browser;
mod marks;
mod upgrade;

fn assert_first(diagnosis: &Diagnosis, cause: &str, confidence: Confidence) {
    let found: Vec<(&str, Confidence)> = diagnosis
        .findings
        .iter()
        .map(|finding| (finding.cause.as_str(), finding.confidence))
        .collect();
    assert_eq!(found.first(), Some(&(cause, confidence)), "{found:?}");
    assert!(!diagnosis.findings[0].evidence.is_empty());
    assert_eq!(diagnosis.verdict, Verdict::Fault);
}

/// Phoenix: an empty 403 for a subprotocol that it does not know; none at all is fine.
fn phoenix(changes: &[Change], offered: &str) -> bool {
    let mut offer = Some(offered);
    for change in changes {
        match change {
            Change::WithoutSubprotocol => offer = None,
            Change::Subprotocol { name } => offer = Some(name),
            _ => {}
        }
    }
    offer.is_none_or(|name| name == "graphql-transport-ws")
}

#[test]
fn the_seed_is_named_in_words_and_certain() {
    let mut world = World::new(|changes, _| {
        if phoenix(changes, "graphql-ws") {
            switch(Some("graphql-transport-ws"))
        } else {
            refusal(403, &[("server", "Cowboy"), ("via", "1.1 Caddy")], "")
        }
    })
    .with_target(|target| target.subprotocols = vec!["graphql-ws".into()]);
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-403-subproto", Confidence::Certain);
    let summary = &diagnosis.findings[0].summary;
    assert!(
        summary.contains("offers subprotocol `graphql-ws`"),
        "{summary}"
    );
    assert!(
        summary.contains("wants `graphql-transport-ws`"),
        "{summary}"
    );
    assert!(world.asked.len() <= 10, "{:?}", world.asked);
}

#[test]
fn both_gates_of_the_seed_are_found_together() {
    let mut world = World::new(|changes, _| {
        let site = changes.contains(&Change::Origin {
            origin: OriginKind::Site,
        });
        if site && phoenix(changes, "graphql-ws") {
            switch(Some("graphql-transport-ws"))
        } else {
            refusal(403, &[("server", "Cowboy")], "")
        }
    })
    .with_target(|target| {
        target.subprotocols = vec!["graphql-ws".into()];
        target.origin = Some("https://elsewhere.example".into());
    });
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-403-subproto", Confidence::Certain);
    assert_eq!(diagnosis.findings[1].cause, "http-403-origin");
}

#[test]
fn a_change_that_lets_in_is_certain_only_while_the_rest_fails() {
    let cases: [(Change, &str); 6] = [
        (
            Change::Origin {
                origin: OriginKind::Site,
            },
            "http-403-origin",
        ),
        (Change::BrowserUserAgent, "http-403-ua"),
        (Change::BrowserHeaders, "http-403-ua"),
        (
            Change::Subprotocol {
                name: "mqtt".into(),
            },
            "http-403-subproto",
        ),
        (Change::WithoutExtensions, "http-400-generic"),
        (Change::Cookies, "http-cookie-missing"),
    ];
    for (key, cause) in cases {
        let wanted = key.clone();
        let mut world = World::new(move |changes, _| {
            if changes.contains(&wanted) {
                switch(None)
            } else {
                refusal(403, &[], "")
            }
        })
        .with_target(|target| target.page = true);
        assert_first(&world.check(), cause, Confidence::Certain);
    }
}

#[test]
fn a_server_that_comes_and_goes_proves_nothing_about_headers() {
    let mut world = World::new(|_, before| {
        if before % 2 == 1 {
            switch(None)
        } else {
            refusal(404, &[], "no session")
        }
    });
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-sticky", Confidence::Likely);
}

/// npm's graphql-ws opens the socket of an older client without choosing its subprotocol.
#[test]
fn no_subprotocol_chosen_may_be_the_other_generation_of_graphql() {
    let newer = Change::Subprotocol {
        name: "graphql-transport-ws".into(),
    };
    let mut world = World::new(move |changes, _| {
        if changes.contains(&newer) {
            switch(Some("graphql-transport-ws"))
        } else {
            deviating_switch(&[], "subprotocol-missing")
        }
    })
    .with_target(|target| target.subprotocols = vec!["graphql-ws".into()]);
    let diagnosis = world.check();
    assert_first(&diagnosis, "app-subproto-generation", Confidence::Certain);
    assert_eq!(diagnosis.findings.len(), 1);
    let mut world = World::new(|_, _| deviating_switch(&[], "subprotocol-missing"))
        .with_target(|target| target.subprotocols = vec!["graphql-ws".into()]);
    assert_first(&world.check(), "http-subproto-none", Confidence::Certain);
}

#[test]
fn an_origin_of_the_users_choice_is_doubted_first() {
    let mut world = World::new(|_, _| refusal(403, &[], ""))
        .with_target(|target| target.origin = Some("https://b.example".into()));
    assert_first(&world.check(), "http-403-origin", Confidence::Possible);
}

#[test]
fn a_silent_handshake_beside_a_quick_page_is_a_hang() {
    let hang = || unanswered(Failure::TimedOut { waited_ms: 7_000 });
    let mut world = World::new(move |_, _| hang());
    assert_first(&world.check(), "http-504-hang", Confidence::Certain);
    assert!(
        world.asked.len() < 8,
        "each silent handshake costs seconds: {:?}",
        world.asked
    );
}

#[test]
fn an_expired_token_is_named_from_its_claim() {
    let mut world = World::new(|_, _| refusal(401, &[], "")).with_target(|target| {
        target.token = Some(TokenFacts {
            placement: TokenPlacement::Header,
            characters: 120,
            jwt: true,
            expires_unix_s: Some(1_789_996_400),
            not_before_unix_s: None,
        });
    });
    let diagnosis = world.check();
    assert_first(&diagnosis, "time-token-expiry", Confidence::Certain);
    assert!(
        diagnosis.findings[0].summary.contains("60 min ago"),
        "{}",
        diagnosis.findings[0].summary
    );
}

#[test]
fn a_rate_limit_lifts_after_the_pause_it_asked_for() {
    let mut world = World::new(|changes, _| {
        if matches!(changes, [Change::AfterPause { .. }]) {
            switch(None)
        } else {
            refusal(429, &[("retry-after", "1")], "")
        }
    });
    assert_first(&world.check(), "http-429", Confidence::Certain);
}

#[test]
fn a_bare_403_that_nothing_changes_is_the_applications() {
    let mut world = World::new(|_, _| refusal(403, &[("server", "uvicorn")], ""));
    let diagnosis = world.check();
    assert_first(&diagnosis, "http-403-connect-refused", Confidence::Likely);
    assert!(!diagnosis.findings[0].untested.is_empty());
}

#[test]
fn a_403_for_everything_is_about_the_address_and_not_the_application() {
    let page = "<html><h1>403 Forbidden</h1><center>nginx</center></html>";
    let mut world = World::new(move |_, _| refusal(403, &[("server", "nginx")], page))
        .with_control(move |_| Some(response(403, &[("server", "nginx")], page)));
    assert_first(&world.check(), "http-403-ip-reputation", Confidence::Likely);
}

#[test]
fn a_healthy_server_has_no_fault() {
    let mut world = World::new(|_, _| switch(None)).with_control(|path| match path {
        ControlPath::Root => None,
        _ => Some(response(426, &[], "Upgrade Required")),
    });
    let diagnosis = world.check();
    assert_eq!(
        diagnosis.verdict,
        Verdict::Healthy,
        "{:?}",
        diagnosis.findings
    );
    assert!(diagnosis.findings.is_empty());
}

#[test]
fn a_refusal_by_the_application_is_not_about_the_address() {
    for (server, body, cause) in [
        ("uvicorn", "", "http-403-connect-refused"),
        ("nginx", "Invalid CORS request", "http-403-origin"),
        ("nginx", "<h1>403</h1>", "http-403-ip-reputation"),
    ] {
        let mut world = World::new(move |_, _| refusal(403, &[("server", server)], body))
            .with_control(move |_| Some(response(403, &[("server", server)], body)));
        assert_first(&world.check(), cause, Confidence::Likely);
    }
}

#[test]
fn a_second_handshake_that_is_too_much_met_a_limit() {
    use crate::rules::scene::{Scene, handshake, refused, switched};
    for (status, cause) in [
        (503, "http-429"),
        (429, "http-429"),
        (502, "http-sticky"),
        (404, "http-sticky"),
    ] {
        let mut scene =
            Scene::plain()
                .handshake(|_| switched())
                .when(move |question| match question {
                    Question::Talk { .. } => Some(vec![handshake(&[], refused(status, &[], ""))]),
                    _ => None,
                });
        assert_eq!(scene.faults().first().map(String::as_str), Some(cause));
    }
}

/// The user waits for an answer, and the server says a friendly goodbye instead.
#[test]
fn a_goodbye_in_place_of_the_answer_is_not_healthy() {
    use crate::observation::{Ending, Exercise, Outcome};
    let ended = |exercise: Exercise| {
        let mut part = crate::rules::frame::testing::listened();
        part.exercise = exercise;
        part.outcome = Outcome::Ended(Ending::Closed {
            code: Some(1000),
            reason: String::new(),
        });
        part
    };
    for exercise in [Exercise::Listen, Exercise::Send] {
        for expect in [None, Some("hello".to_owned())] {
            let part = ended(exercise.clone());
            let mut scene = crate::rules::scene::Scene::plain()
                .handshake(|_| crate::rules::scene::switched())
                .when(move |question| match question {
                    Question::Talk { .. } => {
                        Some(vec![crate::observation::Fact::Conversation(part.clone())])
                    }
                    _ => None,
                });
            scene.target.send = true;
            scene.target.expect = expect.clone();
            let healthy = scene.check().verdict == Verdict::Healthy;
            assert_eq!(healthy, expect.is_none(), "{exercise:?}");
        }
    }
}
