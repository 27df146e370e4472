//! The client with all its transports behind each network of the lab: it finds the one that works, and
//! loses nothing on the way to it.

use std::time::{Duration, Instant};

use towpath_lab::{NETWORKS, NetworkOptions, Settings, start_network};
use towpath_transport::client::{Client, Event, Message, TRANSPORTS, Transport};

use crate::harness::{Conversation, Place, Plan, client, farewell, next, opened};

/// `SignalR` #4686, phoenix #6766 (a WebSocket that dies after its 101), ably-js #2285 (refused), socket.io
/// #2751, #1277 and #1322 (hung), dotnet/aspnetcore #20500 (no way from event streams to polling), `SignalR` #2069 (server-first
/// messages lost with the first transport): one test over every network that the lab has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_network_is_got_through() {
    let place = Place::new().await;
    let mut lines = Vec::new();
    for network in NETWORKS {
        let (took, transport) = get_through(&place, network.name).await;
        lines.push(format!("{:<16} {took:>6} ms  {transport:?}", network.name));
    }
    println!("{}", lines.join("\n"));
}

/// A conversation through one network. Gives the time to the first message and the transport at the end.
async fn get_through(place: &Place, name: &str) -> (u128, Option<Transport>) {
    let options = NetworkOptions {
        upstream: Some(format!("127.0.0.1:{}", place.gateway.port)),
        settings: Settings {
            period: Some(Duration::from_millis(1_500)),
            ..Settings::default()
        },
        ..NetworkOptions::default()
    };
    let network = start_network(name, options).await.unwrap();
    let began = Instant::now();
    let mut client = client(
        network.address().port(),
        "/talk?first=100&every=2",
        &TRANSPORTS,
    );
    let plan = Plan {
        up: 100,
        down: 100,
        ..Plan::default()
    };
    let mut conversation = Conversation::begin(client.sender(), plan);
    while conversation.heard() == 0 {
        conversation.hear(next(&mut client).await);
    }
    let took = began.elapsed().as_millis();
    conversation.run(&mut client, |_| {}).await;
    let transport = client.transport();
    farewell(client).await;
    (took, transport)
}

/// A network that resets each WebSocket at its first frame: the second race does not lead with it, and
/// nothing flaps (phoenix #6766).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn early_deaths_count_against_a_transport() {
    let place = Place::new().await;
    let (_network, mut client) = behind(&place, "reset-at-frame").await;
    opened(&mut client).await;
    assert_eq!(client.transport(), Some(Transport::Stream));
    for _ in 0..3 {
        client.sender().cut();
        loop {
            match next(&mut client).await {
                Event::Recovered { transport } => {
                    assert_ne!(transport, Transport::WebSocket);
                    break;
                }
                Event::Reconnecting => {}
                event => panic!("{event:?}"),
            }
        }
    }
    farewell(client).await;
}

/// A hop with a lower limit on bodies than the gateway's own: the client halves its bodies until they pass.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_shrink_until_they_pass() {
    let place = Place::new().await;
    let options = NetworkOptions {
        upstream: Some(format!("127.0.0.1:{}", place.gateway.port)),
        settings: Settings {
            bytes: Some(20_000),
            ..Settings::default()
        },
        ..NetworkOptions::default()
    };
    let network = start_network("small-bodies", options).await.unwrap();
    let mut client = client(network.address().port(), "/talk", &[Transport::Poll]);
    opened(&mut client).await;
    let large = Message::binary(crate::backend::pattern(300_000));
    client.send(large.clone()).await.unwrap();
    assert_eq!(crate::harness::message(&mut client).await, large);
    farewell(client).await;
}

async fn behind(place: &Place, name: &str) -> (towpath_lab::RunningNetwork, Client) {
    let options = NetworkOptions {
        upstream: Some(format!("127.0.0.1:{}", place.gateway.port)),
        ..NetworkOptions::default()
    };
    let network = start_network(name, options).await.unwrap();
    let client = client(network.address().port(), "/talk", &TRANSPORTS);
    (network, client)
}
