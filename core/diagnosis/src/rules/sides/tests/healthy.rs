//! What must never be called a fault.

use super::super::scene::{Scene, failed};
use crate::finding::Verdict;
use crate::observation::{AttachmentEnd, AttemptEnd, PageTestKind, PageTestOutcome, Transport};

#[track_caller]
fn healthy(scene: &Scene) {
    scene.expect_no_fault();
    assert_eq!(scene.diagnosis().verdict, Verdict::Healthy);
}

#[test]
fn a_session_over_a_websocket_is_healthy() {
    healthy(&Scene::new().page(|_| ()).works(Transport::Websocket));
    healthy(&Scene::new().arrival(Transport::Plain, 101, |_| ()).socket(
        Transport::Plain,
        AttachmentEnd::Closed {
            by_client: true,
            code: Some(1001),
        },
        |_| (),
    ));
}

#[test]
fn a_run_in_which_all_passes_is_healthy() {
    let run = Scene::new()
        .page(|_| ())
        .passes(PageTestKind::Fetch)
        .passes(PageTestKind::SocketSilent)
        .passes(PageTestKind::SocketText)
        .passes(PageTestKind::SocketBinary)
        .test(
            PageTestKind::SocketCompressed,
            PageTestOutcome::NotRun {
                reason: "not offered".into(),
            },
            0,
        );
    healthy(&run);
}

#[test]
fn races_lost_by_a_hair_are_no_failures() {
    for end in [AttemptEnd::Cancelled, AttemptEnd::Overtaken] {
        Scene::new()
            .page(|_| ())
            .attempt(Transport::Websocket, (None, None, Some(240)), end.clone())
            .works(Transport::Stream)
            .expect_no_fault();
        Scene::new()
            .page(|_| ())
            .arrival(Transport::Websocket, 101, |_| ())
            .unheard(AttachmentEnd::EndOfStream, 200)
            .attempt(Transport::Websocket, (Some(180), None, Some(240)), end)
            .works(Transport::Stream)
            .expect_no_fault();
    }
}

#[test]
fn a_remembered_fallback_tells_nothing() {
    let scene = Scene::new().page(|_| ()).works(Transport::Stream);
    scene.expect_no_fault();
    assert_eq!(scene.diagnosis().verdict, Verdict::CannotTell);
}

#[test]
fn a_network_that_was_away_for_a_moment_is_no_rule_against_websockets() {
    let failing = |transport| (transport, failed(1006));
    let mut scene = Scene::new().page(|_| ());
    for (transport, end) in [Transport::Websocket, Transport::Stream].map(failing) {
        scene = scene.attempt(transport, (None, None, Some(5)), end);
    }
    scene.clone().works(Transport::Stream).expect_no_fault();
    scene.works(Transport::Websocket).expect_no_fault();
}

#[test]
fn one_end_without_a_word_is_no_fault() {
    Scene::new()
        .page(|_| ())
        .arrival(Transport::Websocket, 101, |_| ())
        .attempt(
            Transport::Websocket,
            (Some(30), Some(50), Some(9_000)),
            failed(1006),
        )
        .socket(Transport::Websocket, AttachmentEnd::EndOfStream, |_| ())
        .expect_no_fault();
}

#[test]
fn sleep_explains_an_end() {
    healthy(
        &Scene::new()
            .page(|page| page.slept = true)
            .arrival(Transport::Websocket, 101, |_| ())
            .attempt(
                Transport::Websocket,
                (Some(30), Some(50), Some(90_000)),
                failed(1006),
            )
            .socket(Transport::Websocket, AttachmentEnd::Silent, |_| ())
            .works(Transport::Websocket),
    );
}

#[test]
fn what_fails_while_the_page_is_left_is_no_fault() {
    // Some browsers end all that a page has before they tell it.
    let mut scene = Scene::new()
        .page(|_| ())
        .attempt(Transport::Stream, (Some(0), Some(1), Some(5)), failed(1006))
        .arrival(Transport::Stream, 200, |_| ());
    for _ in 0..3 {
        scene = scene
            .attempt(Transport::Websocket, (None, None, Some(0)), failed(1006))
            .attempt(Transport::Sse, (None, None, Some(0)), failed(1006));
    }
    scene.expect_no_fault();
}

#[test]
fn a_handshake_that_ends_as_the_page_is_left_is_no_fault() {
    let mut scene = Scene::new()
        .page(|_| ())
        .attempt(Transport::Websocket, (None, None, Some(178)), failed(1006))
        .attempt(
            Transport::Stream,
            (Some(8), Some(9), Some(36)),
            AttemptEnd::Closed { code: None },
        )
        .arrival(Transport::Stream, 200, |_| ());
    scene.observations[1].at_ms = 240;
    scene.expect_no_fault();
    scene.observations[1].at_ms = 2_400;
    assert_eq!(scene.diagnosis().findings[0].cause, "proxy-ws-policy");
}
