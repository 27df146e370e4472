//! What the browser itself does to a WebSocket, and what its tests tell of single kinds of messages.

use super::super::scene::{Scene, failed, library_hello, with};
use crate::finding::Confidence::{self, Certain, Likely, Possible};
use crate::finding::Verdict;
use crate::observation::{
    Arrival, AttachmentEnd, AttemptEnd, Page, PageTestKind, PageTestOutcome, Transport,
};

/// A WebSocket that failed so soon, beside a stream that worked, far away.
fn failing(after_ms: u64, change: impl FnOnce(&mut Page)) -> Scene {
    Scene::new()
        .page(change)
        .attempt(
            Transport::Websocket,
            (None, None, Some(after_ms)),
            failed(1006),
        )
        .works(Transport::Stream)
}

#[test]
fn the_browsers_own_refusals_are_named_before_any_proxy() {
    let check = |scene: Scene, cause: &str, confidence: Confidence| {
        scene.expect(cause, confidence);
        assert_eq!(scene.diagnosis().findings.len(), 1, "{cause}");
    };
    check(
        failing(1, |page| page.csp_directive = Some("connect-src".into())),
        "page-csp",
        Certain,
    );
    check(
        failing(1, |page| page.mixed_content = true),
        "page-mixed",
        Certain,
    );
    check(
        failing(30, |page| page.native_websocket = false),
        "page-monkeypatch",
        Likely,
    );
    check(failing(1, |_| ()), "page-extension", Likely);
    check(failing(30, |_| ()), "proxy-ws-policy", Likely);
}

#[test]
fn a_policy_that_forbids_something_else_is_no_fault() {
    Scene::new()
        .page(|page| page.csp_directive = Some("connect-src".into()))
        .works(Transport::Websocket)
        .expect_no_fault();
}

#[test]
fn a_device_without_a_network_says_so() {
    Scene::new()
        .page(|page| page.online = false)
        .attempt(Transport::Websocket, (None, None, Some(3)), failed(1006))
        .attempt(Transport::Stream, (None, None, Some(3)), failed(1006))
        .expect("net-offline", Likely);
}

fn run() -> Scene {
    Scene::new()
        .page(|_| ())
        .passes(PageTestKind::Fetch)
        .passes(PageTestKind::SocketText)
}

const fn cut(code: u16) -> PageTestOutcome {
    PageTestOutcome::Cut {
        code: Some(code),
        after_ms: 20,
        bytes: 0,
    }
}

const SILENT: PageTestOutcome = PageTestOutcome::Silent { waited_ms: 4_000 };
const BIG: PageTestKind = PageTestKind::SocketLarge { bytes: 131_072 };

#[test]
fn one_kind_of_message_that_fails_is_named() {
    let check = |kind, outcome: PageTestOutcome, cause: &str, confidence| {
        run().test(kind, outcome, 30).expect(cause, confidence);
    };
    check(
        PageTestKind::SocketBinary,
        cut(1006),
        "frame-binary-blocked",
        Certain,
    );
    check(
        PageTestKind::SocketBinary,
        SILENT,
        "frame-binary-blocked",
        Certain,
    );
    check(
        PageTestKind::SocketServerFirst,
        SILENT,
        "frame-server-first-lost",
        Certain,
    );
    check(
        PageTestKind::SocketCompressed,
        cut(1002),
        "frame-deflate-path",
        Certain,
    );
    check(
        PageTestKind::SocketCompressed,
        SILENT,
        "frame-deflate-path",
        Likely,
    );
    check(BIG, cut(1009), "frame-too-big", Certain);
    check(BIG, cut(1006), "frame-too-big", Likely);
}

#[test]
fn a_large_message_that_vanishes_needs_a_quick_upload_beside_it() {
    let upload = PageTestKind::Post { bytes: 1_048_576 };
    let vanished = run().test(BIG, SILENT, 4_000);
    vanished.expect_no_fault();
    vanished
        .clone()
        .test(upload, PageTestOutcome::Passed, 3_900)
        .expect_no_fault();
    vanished
        .test(upload, PageTestOutcome::Passed, 300)
        .expect("frame-big-silent", Likely);
}

#[test]
fn a_failure_that_passes_when_repeated_is_forgotten() {
    let scene = run()
        .test(PageTestKind::SocketBinary, SILENT, 4_000)
        .passes(PageTestKind::SocketBinary);
    scene.expect_no_fault();
    assert_eq!(scene.diagnosis().verdict, Verdict::Healthy);
    Scene::new()
        .page(|_| ())
        .passes(PageTestKind::Fetch)
        .arrival(Transport::Poll, 200, |_| ())
        .test(
            PageTestKind::SocketText,
            PageTestOutcome::NotOpened {
                after_ms: 30,
                timed_out: false,
                status: None,
            },
            30,
        )
        .passes(PageTestKind::SocketText)
        .expect_no_fault();
}

#[test]
fn uploads_that_a_hop_refuses_are_named_with_both_sizes() {
    let refused = PageTestOutcome::NotOpened {
        after_ms: 30,
        timed_out: false,
        status: Some(413),
    };
    let scene = run()
        .passes(PageTestKind::Post { bytes: 1_024 })
        .passes(PageTestKind::Post { bytes: 65_536 })
        .test(PageTestKind::Post { bytes: 1_048_576 }, refused, 30);
    scene.expect("proxy-body-limit", Certain);
    let summary = &scene.diagnosis().findings[0].summary;
    assert!(
        summary.contains("65536") && summary.contains("1048576"),
        "{summary}"
    );
}

#[test]
fn a_page_in_the_sites_place_is_told_by_its_words() {
    let check = |outcome, cause: &str, confidence| {
        Scene::new()
            .page(|_| ())
            .test(PageTestKind::Fetch, outcome, 30)
            .expect(cause, confidence);
    };
    let different = |detail: &str| PageTestOutcome::Different {
        detail: detail.into(),
    };
    let status = |status| PageTestOutcome::NotOpened {
        after_ms: 20,
        timed_out: false,
        status: Some(status),
    };
    check(
        different("Guest WiFi: please log in"),
        "http-captive-portal",
        Likely,
    );
    check(
        different("This website has been blocked"),
        "http-block-page",
        Likely,
    );
    check(different("It works!"), "http-block-page", Possible);
    check(status(511), "http-captive-portal", Certain);
    check(status(403), "http-block-page", Likely);
}

#[test]
fn sleep_and_other_networks_are_context() {
    let check = |change: fn(&mut Page), cause: &str| {
        let scene = Scene::new()
            .page(change)
            .attempt(
                Transport::Websocket,
                (Some(30), Some(50), Some(90_000)),
                failed(1006),
            )
            .works(Transport::Websocket);
        scene.expect_no_fault();
        assert_eq!(scene.diagnosis().context[0].cause, cause);
    };
    check(|page| page.slept = true, "time-sleep");
    check(
        |page| {
            page.slept = true;
            page.hidden = true;
        },
        "page-freeze-bfcache",
    );
    check(|page| page.network_changed = true, "time-network-change");
}

#[test]
fn an_interceptor_that_works_is_context_and_takes_two_signs() {
    let context = |change: fn(&mut Arrival)| {
        let scene = Scene::new()
            .page(|_| ())
            .works(Transport::Websocket)
            .arrival(Transport::Websocket, 101, change);
        scene.expect_no_fault();
        let context = scene.diagnosis().context;
        context
            .first()
            .map(|finding| (finding.cause.clone(), finding.confidence))
    };
    let named = |confidence| Some(("tls-intercept-trusted".to_owned(), confidence));
    assert_eq!(context(|seen| with(seen, "via", "1.1 gate")), None);
    assert_eq!(
        context(|seen| seen.hello = Some(library_hello())),
        named(Likely)
    );
    assert_eq!(
        context(|seen| {
            seen.hello = Some(library_hello());
            with(seen, "via", "1.1 gate");
        }),
        named(Certain)
    );
    // Where TLS ends at a hop the gateway does not know, the traces are that hop's.
    assert_eq!(
        context(|seen| {
            seen.hello = None;
            with(seen, "via", "1.1 front");
            with(seen, "cache-control", "max-age=259200");
        }),
        None
    );
}

#[test]
fn texts_name_the_host() {
    let finding = failing(30, |_| ()).diagnosis().findings.remove(0);
    assert!(finding.remedy.it.contains("app.example.com"));
    for text in [
        &finding.remedy.user,
        &finding.remedy.it,
        &finding.remedy.operator,
    ] {
        assert!(!text.contains('{'), "{text}");
    }
}

#[test]
fn ends_that_the_gateway_or_the_backend_meant_are_no_faults() {
    for end in [
        AttachmentEnd::Backend,
        AttachmentEnd::Superseded,
        AttachmentEnd::Gateway {
            outcome: "shutdown".into(),
        },
        AttachmentEnd::Closed {
            by_client: false,
            code: Some(1011),
        },
    ] {
        let mut scene = Scene::new().page(|_| ());
        for _ in 0..4 {
            scene = scene
                .arrival(Transport::Websocket, 101, |_| ())
                .attempt(
                    Transport::Websocket,
                    (Some(30), Some(50), Some(9_000)),
                    AttemptEnd::Closed { code: Some(1012) },
                )
                .socket(Transport::Websocket, end.clone(), |_| ());
        }
        scene.expect_no_fault();
    }
}
