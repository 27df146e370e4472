//! Messages through the whole gateway, with the Rust client.

use tokio::time::timeout;
use towpath_transport::client::{Client, Closed, Event, Message, Settings, TRANSPORTS, Transport};

use crate::backend::Backend;
use crate::gateway::gateway;
use crate::raw::PATIENCE;

pub(crate) async fn next(client: &mut Client) -> Event {
    timeout(PATIENCE, client.next())
        .await
        .expect("the gateway says nothing")
        .expect("the session goes on")
}

pub(crate) async fn closed(client: &mut Client) -> (Vec<Event>, Closed) {
    let mut before = Vec::new();
    loop {
        match next(client).await {
            Event::Closed(closed) => return (before, closed),
            other => before.push(other),
        }
    }
}

pub(crate) fn settings(
    address: std::net::SocketAddr,
    path: &str,
    transport: Transport,
) -> Settings {
    Settings {
        transports: vec![transport],
        subprotocols: vec!["one".to_owned(), "two".to_owned()],
        ..Settings::new(format!("ws://{address}{path}"))
    }
}

#[tokio::test]
async fn every_transport_carries_both_ways_in_order() {
    let backend = Backend::start().await;
    let (_running, address) = gateway(backend.address, |_| ()).await;
    for transport in TRANSPORTS {
        let mut client = Client::open(settings(address, "/echo?a=b", transport)).unwrap();
        let opened = Event::Opened {
            protocol: "one".to_owned(),
            extensions: String::new(),
        };
        assert_eq!(next(&mut client).await, opened, "{transport:?}");
        let messages = [
            Message::text("hello"),
            Message::binary(vec![0, 255, 10]),
            Message::text(""),
            Message::binary(vec![7; 100_000]),
            Message::text("é".repeat(30_000)),
        ];
        for message in &messages {
            client.send(message.clone()).await.unwrap();
        }
        for message in messages {
            let event = next(&mut client).await;
            assert!(event == Event::Message(message), "{transport:?}");
        }
        client.close(Some(4002), "bye").await.unwrap();
        let (before, closed) = closed(&mut client).await;
        assert_eq!(before, []);
        assert_eq!(
            (closed.code, &*closed.reason),
            (4002, "heard"),
            "{transport:?}"
        );
        assert_eq!(backend.seen.closes.lock().unwrap().pop(), Some(4002));
        let head = backend.seen.heads.lock().unwrap().pop().unwrap();
        assert!(head.starts_with("GET /echo?a=b HTTP/1.1\r\n"), "{head}");
        assert!(!head.to_lowercase().contains("text/plain"), "{head}");
    }
}
