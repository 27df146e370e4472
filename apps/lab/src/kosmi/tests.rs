use std::io::ErrorKind;
use std::time::Duration;

use serde_json::{Value, json};
use towpath_websocket::{FrameHeader, Opcode};

use super::{Kosmi, KosmiOptions, start_kosmi};
use crate::frames;
use crate::testing::{Client, HANDSHAKE, within};

/// A client of the stand-in that writes its messages by hand.
struct Guest(Client);

async fn at_home() -> Kosmi {
    start_kosmi(KosmiOptions::default()).await.unwrap()
}

async fn http(kosmi: &Kosmi, method: &str, path: &str, body: &Value) -> (String, Value) {
    let mut client = Client::at(kosmi.address()).await;
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let head = client.ask(&head).await;
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    let length = length.map_or(0, |length| length.parse().unwrap());
    let body = client.bytes(length).await.unwrap();
    (head, serde_json::from_slice(&body).unwrap_or_default())
}

async fn control(kosmi: &Kosmi, what: &str, body: Value) -> Value {
    let method = if body.is_null() { "GET" } else { "POST" };
    let (head, answer) = http(kosmi, method, &format!("/control/{what}"), &body).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{what}: {head}");
    answer
}

async fn token(kosmi: &Kosmi) -> String {
    let query = json!({ "query": "mutation { anonLogin { token user { id displayName } } }" });
    let (_, answer) = http(kosmi, "POST", "/", &query).await;
    let name = answer["data"]["anonLogin"]["user"]["displayName"]
        .as_str()
        .unwrap();
    assert!(name.starts_with("Anonymous "), "{answer}");
    answer["data"]["anonLogin"]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

impl Guest {
    /// With an open socket.
    async fn open(kosmi: &Kosmi) -> Self {
        let mut client = Client::at(kosmi.address()).await;
        let handshake = HANDSHAKE.replace("/socket", "/gql-ws").replace(
            "\r\n\r\n",
            "\r\nOrigin: https://app.kosmi.io\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n",
        );
        let answer = client.ask(&handshake).await;
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        Self(client)
    }

    /// With a greeting behind it.
    async fn greeted(kosmi: &Kosmi) -> Self {
        let mut guest = Self::open(kosmi).await;
        guest.say(&json!({ "type": "connection_init", "payload": { "token": token(kosmi).await, "v": "4364" } })).await;
        assert_eq!(guest.next().await["type"], "connection_ack");
        guest
    }

    async fn say(&mut self, message: &Value) {
        let text = message.to_string();
        self.0
            .send_frame(FrameHeader::text(text.len()), text.as_bytes())
            .await;
    }

    async fn ask(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.say(&json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    async fn join(&mut self, room: &str) {
        self.ask(
            "join",
            "mutation J($id: String!) { joinRoom(id: $id) { ok } }",
            json!({ "id": room }),
        )
        .await;
        assert_eq!(
            self.next_of("join").await["payload"]["data"]["joinRoom"]["ok"],
            true
        );
    }

    async fn subscribe(&mut self, id: &str, room: &str) {
        let query = "subscription N($roomId: String!, $channelId: String!) \
            { newMessage(roomId: $roomId, channelId: $channelId) { id body time user { id displayName } } }";
        self.ask(id, query, json!({ "roomId": room, "channelId": "general" }))
            .await;
    }

    async fn send(&mut self, id: &str, room: &str, body: &str) {
        let query = "mutation S($body: String!, $roomId: String!, $channelId: String!) \
            { sendMessage(body: $body, roomId: $roomId, channelId: $channelId) { ok } }";
        self.ask(
            id,
            query,
            json!({ "body": body, "roomId": room, "channelId": "general" }),
        )
        .await;
    }

    /// The next text message; a close as `{"close": CODE}`, the end of the connection as null.
    async fn next(&mut self) -> Value {
        loop {
            let frame = match within(frames::read(self.0.stream())).await {
                Ok(Some(frame)) => frame,
                Ok(None) => return Value::Null,
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Value::Null,
                Err(error) => panic!("{error}"),
            };
            match frame.header.opcode {
                Opcode::Text => return serde_json::from_slice(&frame.payload).unwrap(),
                Opcode::Close => {
                    let code = u16::from_be_bytes([frame.payload[0], frame.payload[1]]);
                    return json!({ "close": code });
                }
                _ => {}
            }
        }
    }

    /// The next result of one operation.
    async fn next_of(&mut self, id: &str) -> Value {
        loop {
            let message = self.next().await;
            assert!(
                message.is_object() && message.get("close").is_none(),
                "{message}"
            );
            if message["id"] == id && message["type"] == "next" {
                return message;
            }
        }
    }
}

#[tokio::test]
async fn the_gates_refuse_with_an_empty_403_in_their_order() {
    let kosmi = at_home().await;
    let plain = HANDSHAKE.replace("/socket", "/gql-ws");
    for (more, status) in [
        ("X-None: 1", 101),
        ("Origin: https://app.kosmi.io", 101),
        ("Origin: https://elsewhere.test", 403),
        ("Sec-WebSocket-Protocol: graphql-ws", 403),
        ("Sec-WebSocket-Protocol: graphql-transport-ws", 101),
    ] {
        let request = plain.replace("\r\n\r\n", &format!("\r\n{more}\r\n\r\n"));
        let answer = Client::at(kosmi.address()).await.ask(&request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{more}: {answer}"
        );
    }
    let get = "GET /gql-ws HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let answer = Client::at(kosmi.address()).await.ask(get).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    control(&kosmi, "troubles", json!({ "refuse": 403 })).await;
    let answer = Client::at(kosmi.address()).await.ask(&plain).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn what_is_said_is_told_to_all_and_kept() {
    let kosmi = at_home().await;
    let mut guest = Guest::greeted(&kosmi).await;
    guest.join("@x").await;
    guest.subscribe("new", "@x").await;
    guest.send("send", "@x", "one").await;
    let own = guest.next_of("new").await;
    assert_eq!(own["payload"]["data"]["newMessage"]["body"], "one");
    control(
        &kosmi,
        "say",
        json!({ "room": "@x", "name": "Ann", "text": "two" }),
    )
    .await;
    let hers = guest.next_of("new").await;
    assert_eq!(
        hers["payload"]["data"]["newMessage"]["user"]["displayName"],
        "Ann"
    );
    let room = control(&kosmi, "room?room=%40x", Value::Null).await;
    let texts: Vec<&Value> = room["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["text"])
        .collect();
    assert_eq!(texts, ["one", "two"]);
    let query = "query A($c: String) { chatArchive(roomId: \"@x\", channelId: \"general\", cursor: $c) \
        { backCursor results { body } } }";
    control(&kosmi, "troubles", json!({ "page": 1 })).await;
    guest.ask("newest", query, json!({ "c": null })).await;
    let page = guest.next_of("newest").await["payload"]["data"]["chatArchive"].clone();
    assert_eq!(page["results"], json!([{ "body": "two" }]));
    guest
        .ask("older", query, json!({ "c": page["backCursor"] }))
        .await;
    let page = guest.next_of("older").await["payload"]["data"]["chatArchive"].clone();
    assert_eq!(
        page,
        json!({ "backCursor": null, "results": [{ "body": "one" }] })
    );
}

#[tokio::test]
async fn a_complete_falls_between_the_frames_of_others() {
    let kosmi = at_home().await;
    let mut guest = Guest::greeted(&kosmi).await;
    guest.join("@x").await;
    guest.subscribe("new", "@x").await;
    guest.send("send", "@x", "one").await;
    let mut order = Vec::new();
    while order.len() < 3 {
        let message = guest.next().await;
        let of = format!(
            "{} {}",
            message["type"].as_str().unwrap(),
            message["id"].as_str().unwrap()
        );
        if !of.ends_with("join") {
            order.push(of);
        }
    }
    assert_eq!(order.last().unwrap(), "complete send", "{order:?}");
}

#[tokio::test]
async fn who_subscribes_before_joining_hears_one_message() {
    let kosmi = at_home().await;
    let mut guest = Guest::greeted(&kosmi).await;
    guest.subscribe("new", "@x").await;
    // Without an answer to the subscription, this is how to know that it was taken.
    guest.say(&json!({ "type": "ping" })).await;
    assert_eq!(guest.next().await["type"], "pong");
    control(
        &kosmi,
        "say",
        json!({ "room": "@x", "name": "Ann", "text": "one" }),
    )
    .await;
    assert_eq!(guest.next().await["type"], "next");
    assert_eq!(guest.next().await, Value::Null);
}

#[tokio::test]
async fn who_sends_without_joining_is_told_that_it_worked() {
    let kosmi = at_home().await;
    let mut guest = Guest::greeted(&kosmi).await;
    guest.send("send", "@x", "one").await;
    assert_eq!(
        guest.next().await["payload"]["data"]["sendMessage"]["ok"],
        true
    );
    let room = control(&kosmi, "room?room=@x", Value::Null).await;
    assert_eq!(room, json!({ "messages": [] }));
}

#[tokio::test]
async fn the_protocol_is_kept_by_close_codes() {
    let kosmi = at_home().await;
    let init = json!({ "type": "connection_init", "payload": {} });
    let subscribe =
        json!({ "type": "subscribe", "id": "1", "payload": { "query": "{ currentUser { id } }" } });
    for (message, code) in [
        (&subscribe, 4400),
        (&json!({ "type": "start", "id": "1" }), 4400),
    ] {
        let mut guest = Guest::open(&kosmi).await;
        guest.say(message).await;
        assert_eq!(guest.next().await, json!({ "close": code }), "{message}");
    }
    let mut guest = Guest::greeted(&kosmi).await;
    guest.say(&init).await;
    assert_eq!(guest.next().await, json!({ "close": 4429 }));
    let mut guest = Guest::greeted(&kosmi).await;
    guest.subscribe("1", "@x").await;
    guest.subscribe("1", "@x").await;
    assert_eq!(guest.next().await, json!({ "close": 4409 }));
}

#[tokio::test]
async fn errors_are_told_as_the_notes_have_them() {
    let kosmi = at_home().await;
    let mut guest = Guest::open(&kosmi).await;
    guest
        .say(&json!({ "type": "connection_init", "payload": { "token": "none" } }))
        .await;
    let refused = guest.next().await;
    assert_eq!(
        (&refused["type"], &refused["id"]["token"]),
        (&json!("error"), &json!("none"))
    );
    let mut guest = Guest::greeted(&kosmi).await;
    guest.0.send_frame(FrameHeader::text(1), b"{").await;
    assert_eq!(guest.next().await["id"], "4400");
    guest
        .ask(
            "join",
            "mutation { joinRoom(id: \"x\") { ok } }",
            Value::Null,
        )
        .await;
    assert_eq!(
        guest.next().await["payload"][0]["message"],
        "ROOM_NOT_FOUND"
    );
    guest.ask("me", "{ me { id } }", Value::Null).await;
    let message = guest.next().await["payload"][0]["message"].clone();
    assert_eq!(message, "Cannot query field \"me\" on type \"query\".");
    // No payload, no answer.
    guest
        .say(&json!({ "type": "subscribe", "id": "bad" }))
        .await;
    assert!(guest.0.is_silent().await);
}

#[tokio::test]
async fn a_silent_client_is_closed_and_a_revoked_token_opens_nothing() {
    let options = KosmiOptions {
        // The guest must be greeted within it, whatever stops this process for a while.
        silence: Duration::from_secs(4),
        ..KosmiOptions::default()
    };
    let kosmi = start_kosmi(options).await.unwrap();
    let mut guest = Guest::greeted(&kosmi).await;
    assert_eq!(guest.next().await, json!({ "close": 1000 }));
    assert_eq!(control(&kosmi, "counts", Value::Null).await["silenced"], 1);
    let token = token(&kosmi).await;
    control(&kosmi, "revoke", json!({})).await;
    control(&kosmi, "troubles", json!({ "refusal": "forbidden" })).await;
    let mut guest = Guest::open(&kosmi).await;
    guest
        .say(&json!({ "type": "connection_init", "payload": { "token": token } }))
        .await;
    assert_eq!(guest.next().await, json!({ "close": 4403 }));
}

#[tokio::test]
async fn sendings_fail_in_all_three_ways() {
    let kosmi = at_home().await;
    for (trouble, is_kept) in [
        ("swallow_sends", false),
        ("vanish_before_sends", false),
        ("vanish_after_sends", true),
    ] {
        let mut guest = Guest::greeted(&kosmi).await;
        guest.join("@x").await;
        control(&kosmi, "troubles", json!({ trouble: 1 })).await;
        guest.send("send", "@x", trouble).await;
        let is_answered = trouble == "swallow_sends";
        loop {
            match guest.next().await {
                Value::Null => break assert!(!is_answered, "{trouble}"),
                message if message["id"] == "send" => break assert!(is_answered, "{trouble}"),
                _ => {}
            }
        }
        let room = control(&kosmi, "room?room=@x", Value::Null).await;
        assert_eq!(room.to_string().contains(trouble), is_kept, "{trouble}");
    }
}
