//! Who closes, with which code and which reason, and what the other end sees of it.

use serde_json::{Value, json};

use super::by_each_way;
use crate::ask::Ask;
use crate::client::Came;
use crate::world::{Way, World};

by_each_way!(the_backend_closes, the_program_closes, someone_vanishes);

async fn the_backend_closes(world: &World) {
    let rows = [
        (Some(1000), "done"),
        (Some(1001), "going away"),
        (Some(1008), "policy"),
        (Some(1011), ""),
        (Some(1012), "restart"),
        (Some(1013), "try later"),
        (Some(3000), "unauthorised"),
        (Some(4403), "Forbidden"),
        (Some(4999), "the last: ä"),
        (None, ""),
    ];
    for (code, reason) in rows {
        let query = code.map_or(String::new(), |code| {
            format!("?code={code}&reason={}", encoded(reason))
        });
        let mut client = world.ask(&format!("/close{query}")).open().await;
        assert_eq!(
            client.next().await,
            Came::Close(code, reason.to_owned()),
            "{query}"
        );
        client.close(code.filter(|code| *code != 1005), "").await;
        assert_eq!(client.next().await, Came::End, "{query}");
    }
}

async fn the_program_closes(world: &World) {
    let rows = [
        (Some(1000), "done"),
        (Some(1001), "going away"),
        (Some(3000), ""),
        (Some(4321), "own: ä"),
        (None, ""),
    ];
    for (index, (code, reason)) in rows.into_iter().enumerate() {
        let mut client = world.ask(&format!("/store?key={index}")).open().await;
        client.text("first").await;
        client.binary(&[1, 2]).await;
        client.close(code, reason).await;
        // The answer to a close is the other end's to word.
        while client.next().await != Came::End {}
        // The backend waits for the end of the connection.
        drop(client);
        let expected = match (world.way, code) {
            // A page may send 1000 and 3000 to 4999, nothing else.
            (Way::Browser, Some(1001)) => 1000,
            (_, code) => code.unwrap_or(1005),
        };
        let stored = stored(world, index).await;
        assert_eq!(stored["messages"], json!(["first", [1, 2]]));
        assert_eq!(stored["code"], expected, "{stored}");
        assert_eq!(stored["reason"], reason, "{stored}");
    }
}

/// The end of one side without a close frame ends the other at once, and never as if it had been meant.
async fn someone_vanishes(world: &World) {
    let mut client = world.ask("/vanish").open().await;
    // Applications see it as 1006, by every way.
    assert_eq!(client.next().await, Came::End);
    let mut client = world.ask("/store?key=vanished").open().await;
    client.text("last words").await;
    // Sent and taken, so that the reset destroys nothing.
    client.ping(b"").await;
    assert_eq!(client.next().await, Came::Pong(Vec::new()));
    client.vanish();
    let stored = stored(world, "vanished").await;
    assert_ne!(stored["code"], 1000, "{stored}");
}

/// What the backend noted of a socket on `/store`, once that is closed.
async fn stored(world: &World, key: impl std::fmt::Display) -> Value {
    // Past the dial, which is not what is asked here.
    let ask = Ask::at(world.backend.port, &format!("/stored?key={key}"));
    let mut client = ask.open().await;
    serde_json::from_str(&client.next_text().await).expect("the backend writes JSON")
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| format!("%{byte:02X}");
    text.bytes().map(byte).collect()
}
