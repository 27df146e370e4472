//! Whatever is thrown at the rules: the order of facts does not matter, only causes of this folder are named for them,
//! and what is healthy stays without a fault.

use proptest::prelude::*;

use super::super::scene::{Scene, attachment, failed, library_hello, with, without};
use crate::engine::{cited, diagnose};
use crate::observation::{
    Attachment, AttachmentEnd, AttemptEnd, Observation, ObservationId, PageTestKind,
    PageTestOutcome, PastArrival, PastEnd, Transport,
};
use crate::rules::sides;

fn transport() -> impl Strategy<Value = Transport> {
    prop::sample::select(vec![
        Transport::Plain,
        Transport::Websocket,
        Transport::Stream,
        Transport::Sse,
        Transport::Poll,
    ])
}

fn ending() -> impl Strategy<Value = AttachmentEnd> {
    prop::sample::select(vec![
        AttachmentEnd::Open,
        AttachmentEnd::Closed {
            by_client: true,
            code: Some(1001),
        },
        AttachmentEnd::Superseded,
        AttachmentEnd::EndOfStream,
        AttachmentEnd::Reset,
        AttachmentEnd::Silent,
        AttachmentEnd::Gateway {
            outcome: "shutdown".into(),
        },
        AttachmentEnd::Backend,
    ])
}

fn attempt_end() -> impl Strategy<Value = AttemptEnd> {
    prop::sample::select(vec![
        AttemptEnd::Open,
        AttemptEnd::Cancelled,
        AttemptEnd::Overtaken,
        AttemptEnd::Closed { code: Some(1000) },
        failed(1006),
        AttemptEnd::Silent,
        AttemptEnd::HeldBack,
    ])
}

fn kind() -> impl Strategy<Value = PageTestKind> {
    prop::sample::select(vec![
        PageTestKind::Fetch,
        PageTestKind::SocketSilent,
        PageTestKind::SocketText,
        PageTestKind::SocketBinary,
        PageTestKind::SocketLarge { bytes: 131_072 },
        PageTestKind::SocketServerFirst,
        PageTestKind::SocketCompressed,
        PageTestKind::SocketTrickle,
        PageTestKind::Stream,
        PageTestKind::EventStream,
        PageTestKind::LongPoll,
        PageTestKind::Post { bytes: 65_536 },
        PageTestKind::SocketIdle { idle_ms: 30_000 },
        PageTestKind::SocketBusy { lasts_ms: 60_000 },
    ])
}

fn outcome() -> impl Strategy<Value = PageTestOutcome> {
    (
        0..7_u8,
        prop_oneof![9 => 0..60_000_u64, 1 => Just(u64::MAX)],
        any::<bool>(),
    )
        .prop_map(|(which, time, flag)| match which {
            0 | 1 => PageTestOutcome::Passed,
            2 => PageTestOutcome::NotOpened {
                after_ms: time,
                timed_out: flag,
                status: flag.then_some(413),
            },
            3 => PageTestOutcome::Cut {
                code: flag.then_some(1006),
                after_ms: time,
                bytes: time % 3,
            },
            4 => PageTestOutcome::Silent { waited_ms: time },
            5 => PageTestOutcome::HeldBack { late_ms: time },
            _ => PageTestOutcome::Different {
                detail: "guest network".into(),
            },
        })
}

/// One fact of any kind.
fn step() -> impl Strategy<Value = Scene> {
    let time = prop_oneof![9 => 0..30_000_u64, 1 => Just(u64::MAX)];
    let times = (time, any::<[bool; 3]>(), any::<u8>());
    (
        0..6_u8,
        transport(),
        ending(),
        attempt_end(),
        kind(),
        outcome(),
        times,
    )
        .prop_map(
            |(which, transport, end, attempt_end, kind, outcome, (time, flags, small))| -> Scene {
                let scene = Scene::new();
                match which {
                    0 => scene.page(|page| {
                        page.slept = flags[0];
                        page.native_websocket = flags[1];
                        page.online = flags[2];
                    }),
                    1 => scene.attempt(
                        transport,
                        (
                            flags[0].then_some(time / 3),
                            flags[1].then_some(time / 2),
                            flags[2].then_some(time),
                        ),
                        attempt_end.clone(),
                    ),
                    2 => scene.arrival(transport, if flags[0] { 101 } else { 426 }, |seen| {
                        if flags[1] {
                            without(seen, &["upgrade", "connection"]);
                            with(seen, "via", "1.1 gate");
                        }
                        if flags[2] {
                            seen.hello = Some(library_hello());
                        }
                    }),
                    3 => scene.socket(transport, end.clone(), |socket| {
                        change(socket, time, flags, small);
                    }),
                    4 => scene.test(kind, outcome.clone(), time),
                    _ => scene.history(
                        if flags[0] { "all" } else { "192.0.2.0/24" },
                        vec![PastArrival {
                            client: 1,
                            whole: u32::from(small % 3),
                            lost_upgrade: u32::from(small % 5),
                        }],
                        (0..u32::from(small % 9))
                            .map(|client| PastEnd {
                                at_ms: time,
                                client: client % 3,
                                attachment: attachment(transport, end.clone()),
                            })
                            .collect(),
                    ),
                }
            },
        )
}

fn change(socket: &mut Attachment, time: u64, flags: [bool; 3], small: u8) {
    socket.age_ms = time;
    socket.attached = flags[0];
    socket.used = flags[1];
    socket.silent_up_ms = time / 2;
    socket.silent_down_ms = time / 3;
    if flags[2] {
        socket.bytes_up = 0;
        socket.first_up_ms = None;
    }
    socket.bytes_down = u64::from(small) << 10;
}

fn scene(steps: &[Scene]) -> Scene {
    steps.iter().fold(Scene::new(), Scene::append)
}

/// What a healthy network may show of one session.
fn healthy() -> impl Strategy<Value = Scene> {
    prop_oneof![races(), troubles()]
}

/// Attempts and ends as they are every day.
fn races() -> impl Strategy<Value = Scene> {
    (0..4_u8, 20..9_000_u64, ending(), any::<bool>()).prop_map(
        |(which, time, end, flag)| -> Scene {
            let scene = Scene::new();
            let other = if flag {
                Transport::Stream
            } else {
                Transport::Poll
            };
            match which {
                // A race: the WebSocket is proven, the other is not needed.
                0 => scene.works(Transport::Websocket).attempt(
                    other,
                    (None, None, Some(time)),
                    AttemptEnd::Cancelled,
                ),
                // A race that the other won by a hair.
                1 => scene
                    .works(other)
                    .arrival(Transport::Websocket, 101, |_| ())
                    .unheard(AttachmentEnd::EndOfStream, time / 10)
                    .attempt(
                        Transport::Websocket,
                        (flag.then_some(time / 20), None, Some(time / 10)),
                        if flag {
                            AttemptEnd::Cancelled
                        } else {
                            AttemptEnd::Overtaken
                        },
                    ),
                // A slow line.
                2 => scene
                    .attempt(
                        Transport::Websocket,
                        (Some(time), Some(time * 2), None),
                        AttemptEnd::Open,
                    )
                    .socket(Transport::Websocket, AttachmentEnd::Open, |_| ()),
                // The session ends as such do, the backend's own troubles among them.
                _ => scene.works(Transport::Websocket).socket(
                    Transport::Websocket,
                    if end.is_cut() {
                        AttachmentEnd::Backend
                    } else {
                        end.clone()
                    },
                    |socket| socket.age_ms = time,
                ),
            }
        },
    )
}

/// What is nobody's fault on the way.
fn troubles() -> impl Strategy<Value = Scene> {
    (0..5_u8, 20..9_000_u64, any::<bool>()).prop_map(|(which, time, flag)| -> Scene {
        let scene = Scene::new();
        let other = if flag {
            Transport::Stream
        } else {
            Transport::Poll
        };
        match which {
            // The device sleeps.
            0 => scene
                .page(|page| {
                    page.slept = true;
                    page.hidden = flag;
                })
                .attempt(
                    Transport::Websocket,
                    (Some(30), Some(60), Some(time + 60)),
                    failed(1006),
                )
                .socket(Transport::Websocket, AttachmentEnd::Silent, |_| ())
                .works(Transport::Websocket),
            // A fallback remembered from before, in a tab that is closed.
            1 => scene
                .works(other)
                .socket(other, AttachmentEnd::EndOfStream, |socket| {
                    socket.age_ms = time;
                }),
            // Everything fails for a moment, and comes back.
            2 => scene
                .attempt(
                    Transport::Websocket,
                    (None, None, Some(time / 50)),
                    failed(1006),
                )
                .attempt(other, (None, None, Some(time / 50)), failed(1006))
                .works(Transport::Websocket),
            // One end without a word, after all was said.
            3 => scene
                .attempt(
                    Transport::Websocket,
                    (Some(30), Some(60), Some(time + 60)),
                    AttemptEnd::Closed { code: Some(1006) },
                )
                .socket(
                    Transport::Websocket,
                    AttachmentEnd::Closed {
                        by_client: flag,
                        code: None,
                    },
                    |_| (),
                ),
            // A plain WebSocket whose page was left.
            _ => scene.arrival(Transport::Plain, 101, |_| ()).socket(
                Transport::Plain,
                AttachmentEnd::EndOfStream,
                |socket| {
                    socket.age_ms = time;
                    if flag {
                        socket.bytes_up = 0;
                        socket.first_up_ms = None;
                    }
                },
            ),
        }
    })
}

fn shuffled(observations: &[Observation], seed: u64) -> Vec<Observation> {
    let mut order: Vec<Observation> = observations.to_vec();
    order.sort_by_key(|one| u64::from(one.id.0).wrapping_mul(seed | 1).rotate_left(17));
    order
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_order_of_facts_does_not_matter(steps in prop::collection::vec(step(), 0..12), seed: u64) {
        let scene = scene(&steps);
        let diagnosis = scene.diagnosis();
        prop_assert_eq!(&diagnose(&shuffled(&scene.observations, seed)), &diagnosis);
        let ids: Vec<ObservationId> = scene.observations.iter().map(|one| one.id).collect();
        prop_assert!(cited(&diagnosis).iter().all(|id| ids.contains(id)));
        for finding in diagnosis.findings.iter().chain(&diagnosis.context) {
            prop_assert!(!finding.evidence.is_empty());
            let known = sides::RULES.iter().any(|rule| rule.cause == finding.cause);
            prop_assert!(known, "{} is another layer's", finding.cause);
        }
        prop_assert!(diagnosis.open.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn what_is_healthy_stays_without_a_fault(step in healthy(), more in prop::collection::vec(healthy(), 0..3)) {
        let scene = Scene::new().page(|_| ()).append(&step).append(&scene(&more));
        let found = scene.diagnosis().findings;
        prop_assert!(found.is_empty(), "{:#?}", found);
    }
}
