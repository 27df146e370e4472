use serde_json::{Map, json};

use super::*;
use crate::Problem;

const TRANSPORT: Generation = Generation::TransportWs;
const LEGACY: Generation = Generation::Legacy;

fn settings(generation: Generation) -> Settings {
    Settings {
        generation,
        init_payload: Some(json!({"token": "t"})),
        ack_timeout_ms: 10_000,
        ping_every_ms: Some(30_000),
        silence_max_ms: Some(90_000),
    }
}

fn operation(query: &str) -> Operation {
    Operation {
        name: Some("Q".to_owned()),
        query: query.to_owned(),
        variables: Map::new(),
    }
}

/// A session that was acknowledged at time 0, with nothing left to send or to read.
fn open(generation: Generation) -> Session {
    let mut session = Session::new(settings(generation), 0);
    session.receive(0, r#"{"type":"connection_ack"}"#);
    drain(&mut session);
    sent(&mut session);
    session
}

fn drain(session: &mut Session) -> Vec<Event> {
    std::iter::from_fn(|| session.poll_event()).collect()
}

fn sent(session: &mut Session) -> Vec<Value> {
    std::iter::from_fn(|| session.poll_send())
        .map(|text| serde_json::from_str(&text).expect("JSON"))
        .collect()
}

fn types(messages: &[Value]) -> Vec<&str> {
    messages
        .iter()
        .map(|m| m["type"].as_str().unwrap())
        .collect()
}

fn run(session: &mut Session, timeout_ms: Option<u64>) -> OperationId {
    session.start(0, &operation("{ a }"), timeout_ms).unwrap()
}

fn only_end(session: &mut Session) -> End {
    match drain(session).pop() {
        Some(Event::Ended(end)) => end,
        other => panic!("{other:?}"),
    }
}

fn data_type(generation: Generation) -> &'static str {
    if generation == TRANSPORT {
        "next"
    } else {
        "data"
    }
}

#[test]
fn operations_wait_for_the_acknowledgement() {
    for generation in Generation::ALL {
        let mut session = Session::new(settings(generation), 0);
        let first = run(&mut session, Some(1_000));
        let second = run(&mut session, None);
        let init = sent(&mut session);
        assert_eq!(
            init,
            [json!({"type": "connection_init", "payload": {"token": "t"}})]
        );
        session.receive(5_000, r#"{"type":"connection_ack","payload":{"a":1}}"#);
        let messages = sent(&mut session);
        assert_eq!(types(&messages), [generation.start(); 2]);
        assert_eq!(messages[0]["id"], first.to_string());
        assert_eq!(messages[1]["id"], second.to_string());
        assert_eq!(
            messages[0]["payload"],
            json!({"operationName": "Q", "query": "{ a }", "variables": {}})
        );
        let payload = Some(json!({"a": 1}));
        assert_eq!(drain(&mut session), [Event::Acknowledged { payload }]);
        // Its time began when it was sent, not when it was asked for.
        session.tick(5_999);
        assert_eq!(drain(&mut session), []);
        session.tick(6_000);
        let done = Done::TimedOut;
        assert_eq!(drain(&mut session), [Event::Done { id: first, done }]);
        assert_eq!(types(&sent(&mut session)), [generation.stop()]);
    }
}

#[test]
fn an_operation_stopped_before_the_acknowledgement_is_never_sent() {
    let mut session = Session::new(settings(TRANSPORT), 0);
    let id = run(&mut session, None);
    session.stop(id);
    session.receive(0, r#"{"type":"connection_ack"}"#);
    assert_eq!(types(&sent(&mut session)), ["connection_init"]);
}

#[test]
fn results_find_their_operation_whatever_stands_between() {
    for generation in Generation::ALL {
        let mut session = open(generation);
        let (a, b) = (run(&mut session, None), run(&mut session, Some(1_000)));
        let kind = data_type(generation);
        let next = |id: OperationId, value: u64| {
            json!({"type": kind, "id": id.to_string(), "payload": {"data": value}}).to_string()
        };
        session.receive(1, &next(b, 10));
        session.receive(1, &next(a, 1));
        session.receive(1, &format!(r#"{{"type":"complete","id":"{b}"}}"#));
        session.receive(1, &next(a, 2));
        session.receive(1, &next(b, 11));
        let told = |id, value: u64| Event::Next {
            id,
            data: json!(value),
            problems: Vec::new(),
        };
        let done = Done::Completed;
        assert_eq!(
            drain(&mut session),
            [
                told(b, 10),
                told(a, 1),
                Event::Done { id: b, done },
                told(a, 2)
            ]
        );
        assert_eq!(session.counts().late, 1);
    }
}

#[test]
fn an_error_ends_its_operation_without_a_complete() {
    for generation in Generation::ALL {
        let mut session = open(generation);
        let id = run(&mut session, None);
        let payload = if generation == TRANSPORT {
            json!([{"message": "no"}])
        } else {
            json!({"message": "no"})
        };
        session.receive(
            1,
            &json!({"type": "error", "id": id.to_string(), "payload": payload}).to_string(),
        );
        session.receive(
            1,
            &json!({"type": "complete", "id": id.to_string()}).to_string(),
        );
        let problem = Problem {
            message: "no".to_owned(),
            ..Problem::default()
        };
        let done = Done::Failed(vec![problem]);
        assert_eq!(drain(&mut session), [Event::Done { id, done }]);
        assert_eq!(session.counts().late, 1);
    }
}

#[test]
fn errors_beside_data_are_told_with_it() {
    let mut session = open(TRANSPORT);
    let id = run(&mut session, None);
    session.receive(
        1,
        r#"{"type":"next","id":"1","payload":{"errors":[{"message":"ROOM_NOT_FOUND"}]}}"#,
    );
    let events = drain(&mut session);
    let [
        Event::Next {
            id: told,
            data: Value::Null,
            problems,
        },
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(*told, id);
    assert!(problems[0].says("room_not_found"));
}

#[test]
fn a_server_that_says_nothing_to_init_is_given_up() {
    let mut session = Session::new(settings(TRANSPORT), 0);
    assert_eq!(session.next_deadline(), Some(10_000));
    session.tick(9_999);
    assert_eq!(drain(&mut session), []);
    session.tick(10_000);
    let end = only_end(&mut session);
    assert_eq!((end.ending, end.close.unwrap().0), (Ending::Retry, 4504));
    assert_eq!(session.next_deadline(), None);
    assert_eq!(session.start(0, &operation(""), None), Err(Error::Over));
}

#[test]
fn a_refusal_of_init_is_told_in_the_servers_words() {
    let check = |generation, text: &str, words: &str| {
        let mut session = Session::new(settings(generation), 0);
        session.receive(1, text);
        let end = only_end(&mut session);
        assert_eq!(end.ending, Ending::Renew, "{text}");
        assert!(end.why.contains(words), "{}", end.why);
    };
    check(
        LEGACY,
        r#"{"type":"connection_error","payload":{"message":"not authorised"}}"#,
        "not authorised",
    );
    // One library answers with the payload of init as id, an empty payload, and leaves the socket open.
    check(
        TRANSPORT,
        r#"{"type":"error","id":{"token":"t"},"payload":{}}"#,
        "no reason given",
    );
    let mut bare = Session::new(
        Settings {
            init_payload: None,
            ..settings(LEGACY)
        },
        0,
    );
    bare.receive(1, r#"{"type":"connection_error"}"#);
    assert_eq!(only_end(&mut bare).ending, Ending::Fatal);
}

#[test]
fn a_complaint_about_nothing_is_told() {
    let mut session = open(TRANSPORT);
    session.receive(
        1,
        r#"{"type":"error","id":"4400","payload":[{"message":"unparsable"}]}"#,
    );
    let events = drain(&mut session);
    assert!(
        matches!(&events[..], [Event::Complaint { .. }]),
        "{events:?}"
    );
}

#[test]
fn no_operation_has_the_id_of_the_complaint() {
    let mut session = open(TRANSPORT);
    for _ in 0..4_500 {
        let id = run(&mut session, None);
        assert_ne!(id.to_string(), "4400");
        session.stop(id);
        sent(&mut session);
    }
}

#[test]
fn a_result_whose_complete_never_comes_is_completed() {
    let mut session = open(TRANSPORT);
    let id = run(&mut session, Some(1_000));
    session.receive(900, r#"{"type":"next","id":"1","payload":{"data":1}}"#);
    drain(&mut session);
    session.tick(1_899);
    assert_eq!(drain(&mut session), []);
    session.tick(1_900);
    let done = Done::Completed;
    assert_eq!(drain(&mut session), [Event::Done { id, done }]);
}

#[test]
fn pings_are_answered_once_however_many_wait() {
    let mut session = open(TRANSPORT);
    for n in 0..1_000 {
        session.receive(1, &json!({"type": "ping", "payload": {"n": n}}).to_string());
    }
    assert_eq!(
        sent(&mut session),
        [json!({"type": "pong", "payload": {"n": 999}})]
    );
    let long = json!({"type": "ping", "payload": "x".repeat(5_000)}).to_string();
    session.receive(1, &long);
    assert_eq!(sent(&mut session), [json!({"type": "pong"})]);
}

#[test]
fn only_the_current_generation_pings() {
    let mut session = open(TRANSPORT);
    assert_eq!(session.next_deadline(), Some(30_000));
    session.tick(30_000);
    assert_eq!(types(&sent(&mut session)), ["ping"]);
    assert_eq!(session.next_deadline(), Some(60_000));
    let mut legacy = open(LEGACY);
    assert_eq!(legacy.next_deadline(), Some(90_000));
    legacy.tick(30_000);
    assert_eq!(sent(&mut legacy), Vec::<Value>::new());
}

#[test]
fn silence_ends_the_session_and_any_sign_of_life_delays_it() {
    let mut session = open(LEGACY);
    session.receive(50_000, r#"{"type":"ka"}"#);
    session.heard(60_000);
    session.tick(149_999);
    assert_eq!(drain(&mut session), []);
    session.tick(150_000);
    assert_eq!(only_end(&mut session).ending, Ending::Retry);
}

#[test]
fn the_unknown_is_counted_and_borne() {
    let mut session = open(TRANSPORT);
    for text in [
        r#"{"type":"wat"}"#,
        "nonsense",
        r#"{"type":"connection_ack"}"#,
    ] {
        session.receive(1, text);
    }
    let id = run(&mut session, None);
    session.receive(1, r#"{"type":"next","id":"1","payload":[]}"#);
    let next = Event::Next {
        id,
        data: Value::Null,
        problems: Vec::new(),
    };
    assert_eq!(drain(&mut session), [next]);
    let expect = Counts {
        unreadable: 1,
        unknown: 1,
        late: 0,
        repeated: 1,
    };
    assert_eq!(session.counts(), expect);
}

#[test]
fn bounds_are_kept() {
    let mut session = open(TRANSPORT);
    for _ in 0..OPERATIONS_MAX {
        run(&mut session, None);
    }
    assert_eq!(
        session.start(0, &operation("{ a }"), None),
        Err(Error::TooMany)
    );
    let mut session = open(TRANSPORT);
    let long = operation(&"x".repeat(OPERATION_BYTES_MAX));
    assert_eq!(session.start(0, &long, None), Err(Error::TooLong));
    session.receive(1, &" ".repeat(MESSAGE_BYTES_MAX + 1));
    assert_eq!(only_end(&mut session).close.unwrap().0, 1009);
}

#[test]
fn a_driver_that_reads_no_events_loses_the_session_only() {
    let mut session = open(TRANSPORT);
    run(&mut session, None);
    for _ in 0..2 * EVENTS_MAX {
        session.receive(1, r#"{"type":"next","id":"1","payload":{"data":1}}"#);
    }
    let events = drain(&mut session);
    assert_eq!(events.len(), EVENTS_MAX + 1);
    assert!(matches!(events.last(), Some(Event::Ended(_))));
}

#[test]
fn a_close_is_told_once_with_its_reason() {
    let mut session = open(TRANSPORT);
    session.closed(4403, "Forbidden\r\n\u{1b}[2J");
    session.closed(1006, "");
    let events = drain(&mut session);
    let [Event::Ended(end)] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(end.ending, Ending::Renew);
    assert!(
        end.why.contains("4403 (forbidden): Forbidden"),
        "{}",
        end.why
    );
    assert!(!end.why.contains('\u{1b}'));
    assert_eq!(end.close, None);
}

#[test]
fn each_generation_says_goodbye_in_its_own_way() {
    let mut session = open(TRANSPORT);
    run(&mut session, None);
    session.end();
    assert_eq!(sent(&mut session), Vec::<Value>::new());
    let mut legacy = open(LEGACY);
    legacy.end();
    assert_eq!(types(&sent(&mut legacy)), ["connection_terminate"]);
    legacy.receive(1, r#"{"type":"data","id":"1"}"#);
    assert_eq!(drain(&mut legacy), []);
}

#[test]
fn a_token_is_not_shown_by_debug() {
    let secret = Settings {
        init_payload: Some(json!({"token": "very-secret"})),
        ..settings(TRANSPORT)
    };
    let shown = format!("{secret:?} {:?}", Session::new(secret.clone(), 0));
    assert!(!shown.contains("very-secret"), "{shown}");
}

#[test]
fn what_waits_of_a_stopped_operation_is_not_told() {
    let mut session = open(TRANSPORT);
    let (one, other) = (run(&mut session, None), run(&mut session, None));
    for id in [one, other, one] {
        let text = json!({"type": "next", "id": id.to_string(), "payload": {"data": 1}});
        session.receive(1, &text.to_string());
    }
    session.stop(one);
    let told: Vec<_> = drain(&mut session).iter().map(Event::operation).collect();
    assert_eq!(told, [Some(other)]);
}
