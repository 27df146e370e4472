//! Silence, age and moments: in one session, in a run of the check page, and over a network's history.

use super::super::scene::{Scene, attachment, failed};
use crate::finding::Confidence::{self, Certain, Likely, Possible};
use crate::observation::{
    Attachment, AttachmentEnd, AttemptEnd, PageTestKind, PageTestOutcome, PastArrival, PastEnd,
    Transport,
};

/// A session whose WebSocket works and is cut so many times.
fn cuts(times: u64, change: fn(u64, &mut Attachment)) -> Scene {
    let mut scene = Scene::new().page(|_| ());
    for time in 0..times {
        scene = scene
            .arrival(Transport::Websocket, 101, |_| ())
            .attempt(
                Transport::Websocket,
                (Some(30), Some(50), Some(9_000)),
                failed(1006),
            )
            .socket(Transport::Websocket, AttachmentEnd::Reset, |socket| {
                change(time, socket);
            });
    }
    scene
}

fn idle(time: u64, socket: &mut Attachment) {
    socket.age_ms = 60_000 * (time + 1);
    socket.silent_up_ms = 59_990 + time;
    socket.silent_down_ms = 60_000 + time;
}

fn aged(time: u64, socket: &mut Attachment) {
    socket.age_ms = 30_000 + 20 * time;
    socket.silent_down_ms = 90 + 1_000 * time;
}

fn counted(time: u64, socket: &mut Attachment) {
    socket.age_ms = 3_000 + 4_000 * time;
    socket.bytes_down = 65_536;
}

fn chance(time: u64, socket: &mut Attachment) {
    socket.age_ms = 3_000 + 7_000 * time * time;
    socket.bytes_down = 2_000;
}

#[test]
fn a_session_that_is_cut_again_and_again_shows_a_pattern() {
    cuts(3, idle).expect("time-idle", Possible);
    cuts(5, idle).expect("time-idle", Likely);
    cuts(5, aged).expect("time-max-life", Likely);
    cuts(5, counted).expect("unknown-below-app", Likely);
    cuts(4, chance).expect("unknown-below-app", Possible);
    let summary = &cuts(5, idle).diagnosis().findings[0].summary;
    assert!(summary.contains("60 s of silence"), "{summary}");
}

#[test]
fn two_cuts_are_not_enough_and_sleep_explains_any_number() {
    cuts(2, idle).expect_no_fault();
    cuts(5, idle)
        .page(|page| page.slept = true)
        .expect_no_fault();
}

#[test]
fn a_connection_that_falls_silent_for_both_again_is_forgotten_on_the_way() {
    let mut scene = Scene::new().page(|_| ());
    for _ in 0..2 {
        scene = scene
            .attempt(
                Transport::Websocket,
                (Some(30), Some(50), Some(70_000)),
                AttemptEnd::Silent,
            )
            .socket(Transport::Websocket, AttachmentEnd::Silent, |socket| {
                socket.silent_up_ms = 50_000;
            });
    }
    scene.expect("time-nat-silent", Likely);
}

const fn cut_after(after_ms: u64) -> PageTestOutcome {
    PageTestOutcome::Cut {
        code: Some(1006),
        after_ms,
        bytes: 40,
    }
}

const fn silent(idle_ms: u64) -> PageTestKind {
    PageTestKind::SocketIdle { idle_ms }
}

const BUSY: PageTestKind = PageTestKind::SocketBusy { lasts_ms: 60_000 };

fn run() -> Scene {
    Scene::new()
        .page(|_| ())
        .passes(PageTestKind::Fetch)
        .passes(PageTestKind::SocketText)
        .passes(silent(15_000))
}

#[test]
fn the_check_page_tells_silence_from_age() {
    run()
        .test(silent(30_000), cut_after(20_010), 20_100)
        .test(silent(60_000), cut_after(20_030), 20_100)
        .test(BUSY, PageTestOutcome::Passed, 60_000)
        .expect("time-idle", Certain);
    run()
        .test(silent(30_000), cut_after(20_010), 20_100)
        .test(silent(60_000), cut_after(20_030), 20_100)
        .expect("time-idle", Likely);
    run()
        .test(silent(30_000), cut_after(20_010), 20_100)
        .test(BUSY, cut_after(20_040), 20_100)
        .expect("time-max-life", Certain);
    run()
        .test(
            silent(60_000),
            PageTestOutcome::Silent { waited_ms: 5_000 },
            65_000,
        )
        .test(BUSY, PageTestOutcome::Passed, 60_000)
        .expect("time-nat-silent", Certain);
    run()
        .test(silent(60_000), cut_after(41_000), 41_000)
        .expect_no_fault();
}

fn past(client: u32, at_ms: u64, attachment: Attachment) -> PastEnd {
    PastEnd {
        at_ms,
        client,
        attachment,
    }
}

fn end(age_ms: u64, quiet_ms: u64) -> Attachment {
    Attachment {
        age_ms,
        silent_up_ms: quiet_ms,
        silent_down_ms: quiet_ms,
        ..attachment(Transport::Websocket, AttachmentEnd::EndOfStream)
    }
}

fn unheard(end: AttachmentEnd) -> Attachment {
    Attachment {
        attached: false,
        used: false,
        bytes_up: 0,
        first_up_ms: None,
        age_ms: 40,
        ..attachment(Transport::Websocket, end)
    }
}

#[track_caller]
fn history(network: &str, ends: Vec<PastEnd>, expected: Option<(&str, Confidence)>) {
    let scene = Scene::new().history(network, vec![], ends);
    match expected {
        Some((cause, confidence)) => scene.expect(cause, confidence),
        None => scene.expect_no_fault(),
    }
}

#[test]
fn a_networks_history_names_its_figure() {
    let idle = |client, time: u64| past(client, time * 90_000, end(60_100 * (time + 1), 60_010));
    let ends: Vec<PastEnd> = [(1, 0), (2, 1), (1, 2), (2, 3)]
        .map(|(client, time)| idle(client, time))
        .into();
    let scene = Scene::new().history("192.0.2.0/24", vec![], ends.clone());
    scene.expect("time-idle", Likely);
    let summary = &scene.diagnosis().findings[0].summary;
    assert!(
        summary.contains("60 s of silence") && summary.contains("192.0.2.0/24"),
        "{summary}"
    );
    history("192.0.2.0/24", ends[..2].to_vec(), None);
    let one = (0..3).map(|time| idle(1, time)).collect();
    history("192.0.2.0/24", one, Some(("time-idle", Possible)));
    let aged = (0..5_u64)
        .map(|time| past(1, time * 40_000, end(30_000 + time, 50 + 900 * time)))
        .collect();
    history("192.0.2.0/24", aged, Some(("time-max-life", Likely)));
}

#[test]
fn resets_and_muteness_need_clients_and_a_majority() {
    let many = |kind: fn() -> AttachmentEnd| -> Vec<PastEnd> {
        (0..4_u32)
            .map(|time| past(time % 2, u64::from(time) * 9_000, unheard(kind())))
            .collect()
    };
    let reset = many(|| AttachmentEnd::Reset);
    history(
        "192.0.2.0/24",
        reset.clone(),
        Some(("proxy-101-rst", Likely)),
    );
    history(
        "192.0.2.0/24",
        many(|| AttachmentEnd::Silent),
        Some(("proxy-101-mute", Likely)),
    );
    let mut mostly_well = reset;
    for client in 0..4 {
        let closed = AttachmentEnd::Closed {
            by_client: true,
            code: Some(1000),
        };
        mostly_well.push(past(
            client,
            50_000,
            attachment(Transport::Websocket, closed),
        ));
    }
    history("192.0.2.0/24", mostly_well, None);
}

#[test]
fn connections_that_die_together_were_dropped_before_the_gateway() {
    let together = |end_of: fn(u64) -> Attachment| -> Vec<PastEnd> {
        (0..6_u32)
            .map(|client| {
                past(
                    client,
                    500_000 + u64::from(client) * 100,
                    end_of(client.into()),
                )
            })
            .collect()
    };
    let dropped = |client: u64| end(7_000 + 31_000 * client, 40 + 777 * client);
    history("all", together(dropped), Some(("time-reload", Likely)));
    history("192.0.2.0/24", together(dropped), None);
    // A busy site: as many others end in the same moment as they should.
    let mut busy = together(dropped);
    for client in 0..6 {
        let closed = AttachmentEnd::Closed {
            by_client: true,
            code: None,
        };
        busy.push(past(
            90 + client,
            500_500,
            attachment(Transport::Websocket, closed),
        ));
    }
    history("all", busy, None);
    history(
        "all",
        together(|client| Attachment {
            end: AttachmentEnd::Gateway {
                outcome: "shutdown".into(),
            },
            ..end(7_000 + 31_000 * client, 40)
        }),
        None,
    );
}

#[test]
fn lost_upgrades_of_a_network_and_of_all() {
    let past = |client, whole, lost_upgrade| PastArrival {
        client,
        whole,
        lost_upgrade,
    };
    let losing = || vec![past(1, 0, 2), past(2, 0, 2)];
    let network = Scene::new().history("192.0.2.0/24", losing(), vec![]);
    network.expect("proxy-inspect-strip", Likely);
    network
        .history("all", losing(), vec![])
        .expect("http-upgrade-stripped", Likely);
    Scene::new()
        .history("all", vec![past(1, 0, 4), past(2, 9, 0)], vec![])
        .expect_no_fault();
}
