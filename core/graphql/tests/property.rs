//! Whatever a server sends, and in whatever order: no panic, ids and order kept, bounds kept.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use towpath_graphql::{Done, Event, Generation, Operation, OperationId, Session, Settings, limits};

fn settings(generation: Generation) -> Settings {
    Settings {
        generation,
        init_payload: Some(json!({"token": "t"})),
        ack_timeout_ms: 1_000,
        ping_every_ms: Some(500),
        silence_max_ms: Some(5_000),
    }
}

fn operation() -> Operation {
    Operation {
        name: None,
        query: "{ a }".to_owned(),
        variables: Map::new(),
    }
}

fn events(session: &mut Session) -> Vec<Event> {
    std::iter::from_fn(|| session.poll_event()).collect()
}

fn generation() -> impl Strategy<Value = Generation> {
    proptest::sample::select(Generation::ALL.to_vec())
}

/// What a server or the time may do, true to the protocol or not.
#[derive(Debug, Clone)]
enum Step {
    Text(String),
    Start(Option<u64>),
    Stop(u64),
    Pass(u64),
    Closed(u16, String),
}

fn step() -> impl Strategy<Value = Step> {
    let kinds = [
        "connection_ack",
        "connection_error",
        "next",
        "data",
        "error",
        "complete",
        "ping",
        "pong",
        "ka",
        "wat",
    ];
    let id = prop_oneof![
        (1..9_u64).prop_map(|n| json!(n.to_string())),
        (1..9_u64).prop_map(|n| json!(n)),
        Just(json!("4400")),
        Just(json!({"token": "t"})),
        Just(Value::Null),
    ];
    let payload = prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        Just(json!({"data": {"a": 1}})),
        Just(json!({"data": null, "errors": [{"message": "no"}]})),
        Just(json!([{"message": "no"}])),
        Just(json!("words")),
    ];
    prop_oneof![
        6 => (proptest::sample::select(kinds.to_vec()), id, payload)
            .prop_map(|(kind, id, payload)| Step::Text(json!({"type": kind, "id": id, "payload": payload}).to_string())),
        1 => ".{0,30}".prop_map(Step::Text),
        2 => proptest::option::of(1..2_000_u64).prop_map(Step::Start),
        1 => (0..9_u64).prop_map(Step::Stop),
        2 => (0..3_000_u64).prop_map(Step::Pass),
        1 => (any::<u16>(), ".{0,10}").prop_map(|(code, reason)| Step::Closed(code, reason)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Nothing panics; each operation is told of between its start and its end only; after the end there is silence.
    #[test]
    fn hostile_servers_are_borne(generation in generation(), steps in proptest::collection::vec(step(), 0..60)) {
        let mut session = Session::new(settings(generation), 0);
        let mut now = 0;
        let mut running: Vec<OperationId> = Vec::new();
        let mut over = false;
        for step in steps {
            match step {
                Step::Text(text) => session.receive(now, &text),
                Step::Start(timeout_ms) => running.extend(session.start(now, &operation(), timeout_ms)),
                Step::Stop(place) => if let Some(id) = running.get(usize::try_from(place).unwrap()).copied() {
                    running.retain(|other| *other != id);
                    session.stop(id);
                },
                Step::Pass(ms) => {
                    now += i64::try_from(ms).unwrap();
                    session.tick(now);
                }
                Step::Closed(code, reason) => session.closed(code, &reason),
            }
            for event in events(&mut session) {
                prop_assert!(!over, "{event:?} after the end");
                match event {
                    Event::Next { id, .. } => prop_assert!(running.contains(&id)),
                    Event::Done { id, .. } => {
                        prop_assert!(running.contains(&id));
                        running.retain(|other| *other != id);
                    }
                    Event::Ended(end) => {
                        over = true;
                        prop_assert!(!end.why.is_empty());
                    }
                    Event::Acknowledged { .. } | Event::Complaint { .. } => {}
                }
            }
            prop_assert_eq!(over, session.is_over());
            if let Some(deadline) = session.next_deadline() {
                // Whoever ticks when told does not spin.
                session.tick(deadline);
                prop_assert!(session.next_deadline().is_none_or(|next| next > deadline));
                now = now.max(deadline);
                let ended = events(&mut session);
                over |= session.is_over();
                running.retain(|id| !ended.iter().any(|event| matches!(event, Event::Done { id: done, .. } if done == id)));
            }
            while let Some(text) = session.poll_send() {
                prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
            }
        }
    }

    /// However the results of several operations are interleaved, each has its own, in order, and ends once.
    #[test]
    fn results_keep_their_order(generation in generation(), order in proptest::collection::vec(0..8_usize, 0..200)) {
        let mut session = Session::new(settings(generation), 0);
        let ids: Vec<_> = (0..8).map(|_| session.start(0, &operation(), None).unwrap()).collect();
        session.receive(0, r#"{"type":"connection_ack"}"#);
        let kind = if generation == Generation::TransportWs { "next" } else { "data" };
        let mut sent: BTreeMap<OperationId, u64> = BTreeMap::new();
        for place in order {
            let number = sent.entry(ids[place]).or_default();
            let text = if *number == 10 {
                json!({"type": "complete", "id": ids[place].to_string()})
            } else {
                json!({"type": kind, "id": ids[place].to_string(), "payload": {"data": *number}})
            };
            *number += 1;
            session.receive(0, &text.to_string());
        }
        let mut told: BTreeMap<OperationId, u64> = BTreeMap::new();
        for event in events(&mut session) {
            match event {
                Event::Next { id, data, .. } => {
                    let number = told.entry(id).or_default();
                    prop_assert_eq!(data, json!(*number));
                    *number += 1;
                }
                Event::Done { id, done } => {
                    prop_assert_eq!(done, Done::Completed);
                    prop_assert_eq!(told.insert(id, 11), Some(10));
                }
                other => prop_assert!(matches!(other, Event::Acknowledged { .. }), "{:?}", other),
            }
        }
        for (id, number) in sent {
            prop_assert_eq!(told.get(&id).copied().unwrap_or(0), number.min(11));
        }
    }

    /// What waits is bounded, however little a driver takes.
    #[test]
    fn what_waits_is_bounded(rounds in 1..4_usize) {
        let mut session = Session::new(settings(Generation::TransportWs), 0);
        session.receive(0, r#"{"type":"connection_ack"}"#);
        for _ in 0..rounds * limits::SENDS_MAX {
            if let Ok(id) = session.start(0, &operation(), None) {
                session.stop(id);
            }
        }
        let waiting = std::iter::from_fn(|| session.poll_send()).count();
        prop_assert!(waiting <= limits::SENDS_MAX + 2, "{}", waiting);
    }
}
