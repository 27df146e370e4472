//! The handshake as the backend sees it, and the 101 as the program sees it.

use serde_json::Value;

use super::by_each_way;
use crate::ask::{Ask, header};
use crate::world::{Way, World};

by_each_way!(path_and_query, subprotocols, headers);

/// What the backend saw of this handshake.
async fn seen(ask: Ask) -> Value {
    let mut client = ask.open().await;
    let seen = client.next_text().await;
    client.farewell().await;
    serde_json::from_str(&seen).expect("the backend writes JSON")
}

async fn path_and_query(world: &World) {
    for target in [
        "/headers",
        "/headers?a=1&b=%20x&a=2",
        "/headers?q=%C3%A4&empty=",
    ] {
        assert_eq!(seen(world.ask(target)).await["url"], target);
    }
}

async fn subprotocols(world: &World) {
    let offered = "graphql-transport-ws, graphql-ws, v2.chat";
    let ask = world.ask("/echo").header("Sec-WebSocket-Protocol", offered);
    let mut client = ask.open().await;
    let chosen = header(&client.head, "sec-websocket-protocol");
    assert_eq!(chosen, Some("graphql-transport-ws"), "{}", client.head);
    client.echo("hello").await;
    client.farewell().await;

    let seen = seen(
        world
            .ask("/headers")
            .header("Sec-WebSocket-Protocol", offered),
    )
    .await;
    let words = seen["headers"]["sec-websocket-protocol"]
        .as_str()
        .expect("it was offered");
    let words: Vec<&str> = words.split(',').map(str::trim).collect();
    assert_eq!(words.join(", "), offered);

    let none = world.ask("/echo").open().await;
    assert_eq!(
        header(&none.head, "sec-websocket-protocol"),
        None,
        "{}",
        none.head
    );
    none.farewell().await;
}

/// What names the local endpoint ends there; what is the program's own passes where a handshake is forwarded.
async fn headers(world: &World) {
    let ask = world
        .ask("/headers")
        .header("Authorization", "Bearer of-the-program")
        .header("X-Room", "blue");
    let seen = seen(ask).await;
    let seen = &seen["headers"];
    assert_eq!(seen["host"], world.remote_host(), "{seen}");
    if let Some(local) = world.local_port() {
        let local = local.to_string();
        assert!(
            !seen.to_string().contains(&local),
            "the local port is nobody's business: {seen}"
        );
    }
    if world.way == Way::Browser {
        // A page's script cannot add headers.
        let agent = seen["user-agent"].as_str().unwrap_or_default();
        assert!(agent.contains("Chrome"), "{seen}");
    } else {
        assert_eq!(seen["authorization"], "Bearer of-the-program", "{seen}");
        assert_eq!(seen["x-room"], "blue", "{seen}");
    }
}
