use super::*;
use proptest::prelude::*;
use serde_json::json;

const NOW: i64 = 1_700_000_000_000;

fn object() -> Value {
    json!({
        "text": "hello", "channel": "#lounge", "username": "alice", "userid": "alice!a@host", "avatar": "https://a.example/a.png",
        "account": "irc.libera", "event": "", "protocol": "irc", "gateway": "lounge", "parent_id": "",
        "timestamp": "2023-01-29T12:34:56.123456789Z", "id": "", "Extra": null
    })
}

fn with(changes: &Value) -> Value {
    let mut object = object();
    for (name, value) in changes.as_object().unwrap() {
        object[name] = value.clone();
    }
    object
}

fn message(changes: &Value) -> Message {
    match read("matterbridge.home", &with(changes), NOW) {
        Read::Message(message) => *message,
        other => panic!("no message: {other:?}"),
    }
}

#[test]
fn a_message_is_of_the_gateways_room_and_the_origins_network() {
    let message = message(&json!({}));
    assert_eq!(
        (message.side.as_str(), message.room.as_str()),
        ("matterbridge.home", "lounge")
    );
    assert_eq!(message.author.name, "alice");
    assert_eq!(
        message.author.id.as_deref(),
        Some("irc.libera alice!a@host")
    );
    assert_eq!(message.author.network.as_deref(), Some("irc"));
    assert_eq!(message.at_unix_ms, 1_674_995_696_123);
    assert_eq!(message.reply_to, None);
}

#[test]
fn events_have_their_kinds() {
    let kind = |event: &str| message(&json!({ "event": event })).kind;
    assert_eq!(kind("user_action"), Kind::Action);
    assert_eq!(kind("notice_irc"), Kind::Notice);
    assert_eq!(kind("topic_change"), Kind::Topic);
    let deleted = message(&json!({ "event": "msg_delete", "id": "7" })).kind;
    assert_eq!(deleted, Kind::Delete { of: "7".to_owned() });
    let joined = message(&json!({
        "event": "join_leave", "username": "system", "text": "bob joins"
    }));
    assert_eq!(
        (joined.kind, joined.author.name.as_str()),
        (Kind::Join, "bob")
    );
}

#[test]
fn what_no_room_is_told_is_nothing() {
    let nothing = |changes: &Value| read("m", &with(changes), NOW);
    let at_unix_ms = Some(1_674_995_696_123);
    let greeting = nothing(&json!({"event": "api_connected"}));
    assert_eq!(greeting, Read::Greeting { at_unix_ms });
    for changes in [
        json!({"event": "user_typing"}),
        json!({"event": "msg_delete"}),
        json!({"event": "join_leave", "text": "the weather is fine"}),
        json!({"text": ""}),
        json!({"gateway": ""}),
    ] {
        assert_eq!(nothing(&changes), Read::Nothing, "{changes}");
    }
    assert_eq!(read("m", &json!(["x"]), NOW), Read::Nothing);
}

#[test]
fn the_same_message_has_the_same_id_and_another_has_another() {
    let id = |changes: &Value| message(changes).id;
    assert_eq!(id(&json!({})), id(&json!({"avatar": ""})));
    for other in [
        json!({"text": "hello "}),
        json!({"timestamp": "2023-01-29T12:34:56.123456788Z"}),
        json!({"username": "alic", "userid": "ealice!a@host"}),
        json!({"gateway": "other"}),
    ] {
        assert_ne!(id(&json!({})), id(&other), "{other}");
    }
}

#[test]
fn files_with_an_address_are_carried_and_others_are_spoken_of() {
    let message = message(&json!({ "text": "", "Extra": {
        "file": [
            {"Name": "a.png", "URL": "https://f.example/a.png", "Comment": "see", "Data": "AAAA"},
            {"Name": "b.png", "URL": "javascript:alert(1)", "Data": "QUFB"},
        ],
        "file_failure_size": [{"Name": "big.iso", "Size": 1}],
    }}));
    assert_eq!(message.files.len(), 1);
    assert_eq!(message.files[0].comment, "see");
    assert_eq!(message.text, "(a file: b.png)\n(a file too large: big.iso)");
    assert!(!format!("{message:?}").contains("QUFB"));
}

#[test]
fn an_address_of_a_picture_is_an_address_of_the_web() {
    assert_eq!(
        message(&json!({"avatar": "file:///etc/passwd"}))
            .author
            .avatar,
        None
    );
}

proptest! {
    #[test]
    fn no_json_breaks_it(text in "\\PC{0,60}", event in "[a-z_]{0,10}", odd in any::<i64>()) {
        for value in [json!(text), json!(odd), json!(null), json!([text]), json!({"file": [odd, {"URL": odd}]})] {
            for name in ["text", "event", "gateway", "username", "timestamp", "Extra", "id"] {
                let mut object = with(&json!({"event": event}));
                object[name] = value.clone();
                read("m", &object, NOW);
            }
        }
    }
}
