//! The profile and the reading of answers as a whole.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Value, json};
use towpath_graphql::{Generation, Problem};

use super::*;

fn kosmi() -> Profile {
    Profile::default()
}

fn room(room: &str) -> Variables<'_> {
    Variables {
        room,
        ..Variables::default()
    }
}

#[test]
fn the_built_in_profile_enters_in_the_order_that_is_known_to_work() {
    let profile = kosmi();
    let kinds: Vec<_> = profile.steps().map(|step| step.kind).collect();
    let place = |kind| kinds.iter().position(|other| *other == kind).unwrap();
    assert!(place(StepKind::CurrentUser) < place(StepKind::Join));
    for kind in [StepKind::Removed, StepKind::Messages, StepKind::Archive] {
        assert!(place(StepKind::Join) < place(kind), "{kind:?}");
    }
    let last = profile
        .steps()
        .filter(|step| step.kind.is_subscription())
        .last();
    assert_eq!(last.unwrap().kind, StepKind::Messages);
    assert_eq!(profile.generations(), [Generation::TransportWs]);
}

#[test]
fn every_query_is_named_and_balanced() {
    let profile = kosmi();
    let all = profile.steps().chain([profile.send()]);
    for step in all {
        let variables = room("@r");
        let first = profile.operation(step, &variables);
        for operation in [Some(first), profile.fallback(step, &variables)]
            .into_iter()
            .flatten()
        {
            let name = operation.name.expect("a name");
            assert!(
                operation.query.contains(&format!(" {name}")),
                "{}",
                step.key
            );
            for (open, close) in [('{', '}'), ('(', ')')] {
                let count = |c| operation.query.matches(c).count();
                assert_eq!(count(open), count(close), "{}", step.key);
            }
        }
    }
}

#[test]
fn what_is_sent_is_a_value_and_never_a_part_of_the_query() {
    let profile = kosmi();
    let variables = Variables {
        body: "\" } { evil",
        reply_to: Some("7"),
        ..room("@r")
    };
    let operation = profile.operation(profile.send(), &variables);
    let expect = json!({"body": "\" } { evil", "roomId": "@r", "channelId": "general", "replyToMessageId": "7"});
    assert_eq!(Value::Object(operation.variables), expect);
    assert!(!operation.query.contains("evil"));
    let older = profile.fallback(profile.send(), &variables).unwrap();
    assert_eq!(
        Value::Object(older.variables),
        json!({"body": "\" } { evil", "roomId": "@r"})
    );
}

#[test]
fn the_payload_shows_who_we_are() {
    let profile = kosmi();
    let payload = profile.init_payload(Some("jwt"));
    assert_eq!(payload["token"], "jwt");
    assert_eq!(payload["v"], "4364");
    assert_eq!(payload["r"], "");
    let headers = profile.headers();
    let (_, user_agent) = headers
        .iter()
        .find(|(name, _)| name == "User-Agent")
        .unwrap();
    assert!(user_agent.starts_with("towpath/"), "{user_agent}");
    let shown = STANDARD.encode(user_agent);
    assert_eq!(payload["ua"], shown);
    assert!(profile.init_payload(None).get("token").is_none());
}

#[test]
fn a_login_gives_its_token_or_the_servers_words() {
    let profile = kosmi();
    let request = profile.login_request();
    assert!(request.body.contains("anonLogin"));
    let check = |body: Value, expect: Result<&str, &str>| {
        let read = profile.read_token(&body.to_string());
        assert_eq!(read.as_deref().map_err(String::as_str), expect, "{body}");
    };
    check(json!({"data": {"anonLogin": {"token": "t"}}}), Ok("t"));
    check(json!({"data": {"renamedLogin": {"token": "t"}}}), Ok("t"));
    check(
        json!({"errors": [{"message": "closed today"}]}),
        Err("closed today"),
    );
    check(
        json!({"data": {"elsewhere": "secret"}}),
        Err("the answer holds no token"),
    );
    check(json!([]), Err("the answer holds no token"));
    assert!(profile.read_token("<html>").is_err());
}

#[test]
fn messages_are_read_whatever_is_missing() {
    let profile = kosmi();
    let whole = json!({"newMessage": {"id": "m", "body": "hi", "time": 1_700_000_000,
        "user": {"id": "u", "displayName": "Ann", "username": "ann"}}});
    let said = profile.read_message(&whole).unwrap();
    let user = User {
        id: Some("u".to_owned()),
        name: "Ann".to_owned(),
        avatar: None,
    };
    let expect = Said {
        id: Some("m".to_owned()),
        user,
        body: "hi".to_owned(),
        at_unix_ms: Some(1_700_000_000_000),
        reply_to: None,
    };
    assert_eq!(said, expect);
    let bare = profile
        .read_message(&json!({"renamed": {"body": "hi"}}))
        .unwrap();
    assert_eq!((bare.body.as_str(), bare.id), ("hi", None));
    let unnamed = json!({"newMessage": {"id": 7, "user": {"displayName": null, "username": "ann"}, "time": "1700000000123"}});
    let said = profile.read_message(&unnamed).unwrap();
    assert_eq!(
        (said.user.name.as_str(), said.id.as_deref()),
        ("ann", Some("7"))
    );
    assert_eq!(said.at_unix_ms, Some(1_700_000_000_123));
    for data in [
        json!(null),
        json!({}),
        json!({"newMessage": null}),
        json!({"newMessage": "x"}),
        json!([1]),
    ] {
        assert_eq!(profile.read_message(&data), None, "{data}");
    }
}

#[test]
fn the_other_answers_are_read() {
    let profile = kosmi();
    assert!(
        profile
            .read_joined(&json!({"joinRoom": {"ok": true}}))
            .is_ok()
    );
    assert!(profile.read_joined(&json!({"joinRoom": {}})).is_ok());
    assert!(
        profile
            .read_joined(&json!({"joinRoom": {"ok": false}}))
            .is_err()
    );
    assert!(profile.read_joined(&json!({"joinRoom": null})).is_err());
    assert_eq!(
        profile
            .read_user(&json!({"currentUser": {"user": {"id": "u"}}}))
            .unwrap()
            .id
            .as_deref(),
        Some("u")
    );
    assert_eq!(profile.read_user(&json!({"currentUser": {}})), None);
    assert_eq!(
        profile
            .read_deleted(&json!({"messageDeleted": "m"}))
            .as_deref(),
        Some("m")
    );
    assert_eq!(
        profile
            .read_deleted(&json!({"messageDeleted": {"id": "m"}}))
            .as_deref(),
        Some("m")
    );
    assert_eq!(
        profile.read_edit(&json!({"messageEdited": {"body": "x"}})),
        None
    );
    let edit = profile
        .read_edit(&json!({"messageEdited": {"id": "m", "body": "x"}}))
        .unwrap();
    assert_eq!(edit.body, "x");
    let joined = json!({"memberJoins": {"id": "member", "user": {"id": "u", "username": "ann"}}});
    assert_eq!(
        profile
            .read_member(StepKind::Joins, &joined)
            .unwrap()
            .id
            .as_deref(),
        Some("u")
    );
    let sent = profile.read_sent(&json!({"sendMessage": {"ok": true}}));
    assert_eq!(
        sent,
        Sent {
            ok: Some(true),
            id: None
        }
    );
    assert_eq!(profile.read_sent(&json!(null)), Sent::default());
}

#[test]
fn a_page_of_the_archive_is_the_oldest_first_whichever_way_it_runs() {
    let profile = kosmi();
    let check = |times: &[(u64, &str)], expect: &[&str]| {
        let results: Vec<_> = times
            .iter()
            .map(|(time, id)| json!({"id": id, "time": time}))
            .collect();
        let data = json!({"chatArchive": {"backCursor": "c", "results": results}});
        let archive = profile.read_archive(&data).unwrap();
        let ids: Vec<_> = archive
            .messages
            .iter()
            .filter_map(|said| said.id.as_deref())
            .collect();
        assert_eq!(ids, expect);
        assert_eq!(archive.older.as_deref(), Some("c"));
    };
    check(&[(1, "a"), (1, "b"), (2, "c")], &["a", "b", "c"]);
    check(&[(2, "c"), (1, "b"), (1, "a")], &["a", "b", "c"]);
    check(&[], &[]);
    assert_eq!(profile.read_archive(&json!({"chatArchive": {}})), None);
    let end = profile.read_archive(&json!({"chatArchive": {"results": [], "backCursor": null}}));
    assert_eq!(end.unwrap().older, None);
}

#[test]
fn errors_are_told_apart_by_their_words() {
    let check = |message: &str, expect: ProblemKind| {
        let problems = Problem::read_all(&json!([{"message": message}]));
        assert_eq!(kosmi().problem_kind(&problems[0]), expect, "{message}");
    };
    check("room_not_found", ProblemKind::RoomNotFound);
    check("Token has expired", ProblemKind::Token);
    check("Too many messages", ProblemKind::Busy);
    check("Cannot query field", ProblemKind::Other);
}

#[test]
fn somebody_may_write_over_a_part() {
    let text = r#"
        [service]
        socket = "ws://127.0.0.1:9/gql-ws"
        subprotocols = ["graphql-ws"]
        [connection-init]
        token = "{token}"
        [operations.send]
        does = "send"
        query = "mutation Say($b: String!) { say(body: $b) { ok } }"
        variables = { b = "{body}" }
        record = ["/say"]
        [operations.extra]
        does = "other"
        query = "{ spaces { id } }"
        [order]
        entering = ["join", "extra", "messages"]
    "#;
    let profile = Profile::read(text).unwrap();
    assert_eq!(profile.url(), "ws://127.0.0.1:9/gql-ws");
    assert_eq!(profile.login_url(), kosmi().login_url());
    assert_eq!(profile.generations(), [Generation::Legacy]);
    assert_eq!(profile.init_payload(Some("t")), json!({"token": "t"}));
    let send = profile.operation(profile.send(), &room("@r"));
    assert_eq!(Value::Object(send.variables), json!({"b": ""}));
    assert_eq!(profile.fallback(profile.send(), &room("@r")), None);
    let keys: Vec<_> = profile.steps().map(|step| step.key.as_str()).collect();
    assert_eq!(keys, ["join", "extra", "messages"]);
    assert_eq!(Profile::read(PROFILE_TOML).unwrap(), kosmi());
}

#[test]
fn mistakes_are_told_with_their_line_and_key() {
    let check = |text: &str, line: Option<usize>, words: &str| {
        let error = Profile::read(text).unwrap_err();
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.to_string().contains(words), "{text}: {error}");
    };
    check("\n\n[service", Some(3), "no TOML");
    check("\n[service]\nsocked = \"x\"", Some(3), "socked");
    check(
        "[service]\nbody_chars_max = \"x\"",
        Some(2),
        "service.body_chars_max",
    );
    check("[service]\nsubprotocols = [\"soap\"]", Some(2), "soap");
    check("[service]\nsubprotocols = []", Some(2), "at least one");
    check("[nonsense]\nx = 1", Some(1), "nonsense");
    check(
        "[read.user]\nid = [\"id\"]",
        Some(2),
        "read.user.id: `id` is no pointer",
    );
    check(
        "[order]\nentering = [\"joyn\"]",
        Some(2),
        "no operation `joyn`",
    );
    check(
        "[order]\nentering = [\"messages\", \"join\"]",
        Some(2),
        "after the room was joined",
    );
    let send =
        |rest: &str| format!("[operations.send]\ndoes = \"send\"\nrecord = [\"/a\"]\n{rest}");
    check(
        &send("query = \"mutation($b: String) { a(b: $b) }\""),
        Some(1),
        "the query has $b",
    );
    check(
        &send("query = \"mutation { a }\"\nvariables = { b = 1 }"),
        Some(5),
        "no query here mentions it",
    );
    check(
        &send("query = \"mutation($b: Int) { a(b: $b) }\"\nvariables = { b = \"{bod}\" }"),
        Some(5),
        "{bod} is none of {room}",
    );
    check(
        &send("name = \"Say\"\nquery = \"mutation { a }\""),
        Some(5),
        "does not define `Say`",
    );
    check(
        "[operations.send]\ndoes = \"send\"\nquery = \"{ a }\"",
        Some(1),
        "operations.send.record",
    );
    check(
        "[operations.send]\ndoes = \"sing\"\nquery = \"{ a }\"",
        Some(2),
        "sing",
    );
    check(&" ".repeat(300_000), None, "longer than");
}

fn json_value() -> impl Strategy<Value = Value> {
    let names = [
        "newMessage",
        "user",
        "id",
        "body",
        "time",
        "results",
        "chatArchive",
        "joinRoom",
        "ok",
        "x",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 5, move |inner| {
        let name = proptest::sample::select(names.to_vec());
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((name, inner), 0..5).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_answer_is_too_strange(data in json_value()) {
        let profile = kosmi();
        let _ = (profile.read_user(&data), profile.read_joined(&data), profile.read_sent(&data));
        let _ = (profile.read_edit(&data), profile.read_deleted(&data), profile.read_member(StepKind::Joins, &data));
        let _ = profile.read_token(&data.to_string());
        if let Some(said) = profile.read_message(&data) {
            prop_assert!(said.at_unix_ms.is_none_or(|at| at >= 0));
        }
        if let Some(archive) = profile.read_archive(&data) {
            let times: Vec<_> = archive.messages.iter().filter_map(|said| said.at_unix_ms).collect();
            prop_assert!(times.len() != archive.messages.len() || times.is_sorted());
        }
    }

    #[test]
    fn no_text_is_too_strange_for_a_profile(text in "[\\[\\]a-z.=\"{}$/* \n]{0,80}") {
        if let Ok(profile) = Profile::read(&text) {
            prop_assert!(profile.steps().count() > 0);
        }
    }
}
