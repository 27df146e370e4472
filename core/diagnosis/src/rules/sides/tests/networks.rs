//! The lab's networks, as a session's case and as a run of the check page.

use super::super::scene::{Scene, arrival, failed, library_hello, with, without};
use crate::contradiction::{Contradiction, contradictions};
use crate::finding::Confidence::{Certain, Likely};
use crate::observation::{
    AttachmentEnd, AttemptEnd, PageTestKind, PageTestOutcome, PastArrival, Scheme, Transport,
};

const UPGRADE: &[&str] = &["upgrade", "connection"];

fn not_opened(timed_out: bool) -> PageTestOutcome {
    PageTestOutcome::NotOpened {
        after_ms: if timed_out { 4_000 } else { 31 },
        timed_out,
        status: None,
    }
}

/// A run whose ordinary requests work and arrive.
fn run() -> Scene {
    Scene::new()
        .page(|_| ())
        .passes(PageTestKind::Fetch)
        .arrival(Transport::Poll, 200, |_| ())
}

fn session() -> Scene {
    Scene::new().page(|_| ())
}

#[test]
fn an_upgrade_that_is_refused_on_the_way_never_arrives() {
    session()
        .attempt(Transport::Websocket, (None, None, Some(30)), failed(1006))
        .works(Transport::Stream)
        .expect("proxy-ws-policy", Likely);
    run()
        .test(PageTestKind::SocketSilent, not_opened(false), 31)
        .test(PageTestKind::SocketText, not_opened(false), 31)
        .expect("proxy-ws-policy", Certain);
}

#[test]
fn an_upgrade_that_hangs_is_the_same_rule() {
    session()
        .attempt(
            Transport::Websocket,
            (None, None, Some(2_100)),
            AttemptEnd::Silent,
        )
        .works(Transport::Stream)
        .expect("proxy-ws-policy", Likely);
    run()
        .test(PageTestKind::SocketText, not_opened(true), 4_000)
        .expect("proxy-ws-policy", Likely);
}

#[test]
fn an_upgrade_that_is_lost_behind_the_users_tls_is_an_inspectors_doing() {
    let attempt = |scene: Scene| {
        scene
            .attempt(Transport::Websocket, (None, None, Some(30)), failed(1006))
            .works(Transport::Stream)
    };
    attempt(session().arrival(Transport::Websocket, 426, |seen| without(seen, UPGRADE)))
        .expect("proxy-inspect-strip", Likely);
    attempt(session().arrival(Transport::Websocket, 426, |seen| {
        without(seen, UPGRADE);
        seen.hello = Some(library_hello());
        with(seen, "via", "1.1 gate (squid/5.7)");
    }))
    .expect("proxy-inspect-strip", Certain);
}

#[test]
fn a_hop_that_takes_the_key_too_is_seen_by_the_pages_word() {
    let lost = |scene: Scene| {
        scene.arrival(Transport::Websocket, 400, |seen| {
            seen.hello = None;
            without(
                seen,
                &[
                    "upgrade",
                    "connection",
                    "sec-websocket-key",
                    "sec-websocket-version",
                ],
            );
        })
    };
    lost(Scene::of(Scheme::Ws).page(|page| page.secure = false))
        .attempt(Transport::Websocket, (None, None, Some(30)), failed(1006))
        .works(Transport::Stream)
        .expect("http-upgrade-stripped", Likely);
    lost(Scene::of(Scheme::Ws)).expect_no_fault();
}

#[test]
fn who_took_the_upgrade_is_told_by_the_other_clients() {
    let lost = |scene: Scene| {
        scene
            .arrival(Transport::Websocket, 426, |seen| {
                seen.hello = None;
                seen.trusted_hops = 1;
                without(seen, UPGRADE);
            })
            .attempt(Transport::Websocket, (None, None, Some(30)), failed(1006))
            .works(Transport::Stream)
    };
    let past = |client, whole, lost_upgrade| PastArrival {
        client,
        whole,
        lost_upgrade,
    };
    lost(session())
        .history("all", vec![past(1, 0, 2), past(2, 0, 3)], vec![])
        .expect("http-upgrade-stripped", Certain);
    lost(session())
        .history("all", vec![past(1, 0, 2), past(2, 3, 0)], vec![])
        .expect("proxy-inspect-strip", Likely);
    lost(Scene::of(Scheme::Ws).page(|page| page.secure = false))
        .history("all", vec![past(1, 0, 2), past(2, 3, 0)], vec![])
        .expect("proxy-plain-ws", Likely);
}

#[test]
fn plain_http_with_a_via_is_the_users_proxy() {
    Scene::of(Scheme::Ws)
        .page(|page| page.secure = false)
        .arrival(Transport::Websocket, 426, |seen| {
            seen.hello = None;
            without(seen, UPGRADE);
            with(seen, "via", "1.1 gate (squid/5.7)");
        })
        .works(Transport::Stream)
        .expect("proxy-plain-ws", Likely);
}

#[test]
fn a_reset_at_the_first_frame_is_seen_from_both_sides() {
    session()
        .arrival(Transport::Websocket, 101, |_| ())
        .attempt(
            Transport::Websocket,
            (Some(30), None, Some(36)),
            failed(1006),
        )
        .unheard(AttachmentEnd::Reset, 9)
        .works(Transport::Stream)
        .expect("proxy-101-rst", Certain);
    run()
        .passes(PageTestKind::SocketSilent)
        .test(
            PageTestKind::SocketText,
            PageTestOutcome::Cut {
                code: Some(1006),
                after_ms: 3,
                bytes: 0,
            },
            40,
        )
        .arrival(Transport::Websocket, 101, |_| ())
        .unheard(AttachmentEnd::EndOfStream, 9)
        .expect("proxy-101-rst", Certain);
}

#[test]
fn the_gateway_alone_needs_two_and_a_session_that_fell_back() {
    let one = Scene::new()
        .arrival(Transport::Websocket, 101, |_| ())
        .unheard(AttachmentEnd::Reset, 9);
    one.clone()
        .socket(Transport::Stream, AttachmentEnd::Open, |_| ())
        .expect_no_fault();
    let two = one.unheard(AttachmentEnd::Reset, 11);
    two.clone().expect_no_fault();
    two.socket(Transport::Stream, AttachmentEnd::Open, |_| ())
        .expect("proxy-101-rst", Likely);
}

#[test]
fn a_mute_network_is_told_from_one_that_is_mute_downwards() {
    let muted = session()
        .arrival(Transport::Websocket, 101, |_| ())
        .attempt(
            Transport::Websocket,
            (Some(30), None, Some(2_400)),
            AttemptEnd::Silent,
        )
        .works(Transport::Stream);
    muted
        .clone()
        .unheard(AttachmentEnd::Silent, 10_000)
        .expect("proxy-101-mute", Certain);
    muted
        .clone()
        .socket(Transport::Websocket, AttachmentEnd::Superseded, |socket| {
            socket.generation = 2;
            socket.used = false;
        })
        .expect("proxy-101-mute", Certain);
    run()
        .passes(PageTestKind::SocketSilent)
        .test(
            PageTestKind::SocketText,
            PageTestOutcome::Silent { waited_ms: 4_000 },
            4_000,
        )
        .passes(PageTestKind::Stream)
        .arrival(Transport::Websocket, 101, |_| ())
        .unheard(AttachmentEnd::EndOfStream, 4_000)
        .expect("proxy-101-mute", Certain);
}

#[test]
fn a_hop_that_collects_is_named_before_the_muteness_that_it_causes() {
    session()
        .arrival(Transport::Websocket, 101, |_| ())
        .unheard(AttachmentEnd::EndOfStream, 2_600)
        .attempt(
            Transport::Websocket,
            (Some(30), None, Some(2_600)),
            AttemptEnd::Silent,
        )
        .arrival(Transport::Stream, 200, |_| ())
        .socket(Transport::Stream, AttachmentEnd::Superseded, |_| ())
        .attempt(
            Transport::Stream,
            (None, None, Some(2_400)),
            AttemptEnd::Silent,
        )
        .attempt(
            Transport::Sse,
            (None, None, Some(2_200)),
            AttemptEnd::Cancelled,
        )
        .works(Transport::Poll)
        .expect("proxy-buffer", Certain);
    session()
        .attempt(Transport::Websocket, (None, None, Some(30)), failed(1006))
        .attempt(
            Transport::Stream,
            (Some(30), Some(50), Some(2_100)),
            AttemptEnd::HeldBack,
        )
        .works(Transport::Poll)
        .expect("proxy-buffer", Certain);
    run()
        .passes(PageTestKind::SocketSilent)
        .test(
            PageTestKind::SocketText,
            PageTestOutcome::Silent { waited_ms: 4_000 },
            4_000,
        )
        .test(
            PageTestKind::Stream,
            PageTestOutcome::HeldBack { late_ms: 1_900 },
            2_500,
        )
        .expect("proxy-buffer", Certain);
}

#[test]
fn browsers_contradict_nothing_and_proxies_do() {
    assert_eq!(contradictions(&arrival(Transport::Websocket)), []);
    assert_eq!(contradictions(&arrival(Transport::Stream)), []);
    let mut bumped = arrival(Transport::Websocket);
    without(&mut bumped, UPGRADE);
    with(&mut bumped, "via", "1.1 gate (squid/5.7)");
    bumped.hello = Some(library_hello());
    assert_eq!(
        contradictions(&bumped),
        [
            Contradiction::UpgradeLost,
            Contradiction::ForwardingHeaders,
            Contradiction::GreaseMissing,
            Contradiction::AlpnMissing,
            Contradiction::PostQuantumMissing,
        ]
    );
}

#[test]
fn a_stream_that_was_held_until_the_poll_had_won_tells_as_much() {
    let race = |stream: AttemptEnd, lasted| {
        session()
            .arrival(Transport::Websocket, 101, |_| ())
            .attempt(
                Transport::Websocket,
                (Some(30), None, Some(2_600)),
                AttemptEnd::Silent,
            )
            .arrival(Transport::Stream, 200, |_| ())
            .attempt(Transport::Stream, (None, None, Some(lasted)), stream)
            .works(Transport::Poll)
    };
    race(failed(1006), 440).expect("proxy-buffer", Certain);
    race(AttemptEnd::Overtaken, 440).expect("proxy-buffer", Certain);
    // Too soon to tell: then only the WebSocket is known to be mute.
    race(AttemptEnd::Overtaken, 90).expect("proxy-101-mute", Likely);
}
