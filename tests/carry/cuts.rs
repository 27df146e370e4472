//! Every transport through every kind of cut: complete, in order, once.

use std::time::Duration;

use towpath_transport::client::Transport;

use crate::harness::{Conversation, Place, Plan, client, echo, farewell, opened};
use towpath_tests::support::relay::{Habits, Relay};

/// A conversation over one transport through a relay of these habits. Gives the cuts.
async fn survive(transport: Transport, habits: Habits, plan: Plan) -> u64 {
    let place = Place::new().await;
    let relay = Relay::start(place.gateway.port, 7, habits).await;
    let path = format!("/talk?first={}&every=2", plan.down);
    let mut client = client(relay.port(), &path, &[transport]);
    let conversation = Conversation::begin(client.sender(), plan);
    conversation.run(&mut client, |_| {}).await;
    let cuts = relay.cuts();
    farewell(client).await;
    cuts
}

macro_rules! over_each_transport {
    ($($name:ident),*) => {
        $(mod $name {
            use towpath_transport::client::Transport::{Poll, Sse, Stream, WebSocket};

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn websocket() { super::$name(WebSocket).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn stream() { super::$name(Stream).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sse() { super::$name(Sse).await }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn poll() { super::$name(Poll).await }
        })*
    };
}

over_each_transport!(
    uncut,
    by_time,
    by_bytes,
    early_bytes,
    large_messages,
    while_idle
);

async fn uncut(transport: Transport) {
    let cuts = survive(transport, Habits::default(), Plan::default()).await;
    assert_eq!(cuts, 0);
}

/// Each connection dies within 300 ms: in mid-body, mid-response and mid-frame, as it comes.
async fn by_time(transport: Transport) {
    let habits = Habits {
        life_below: Some(Duration::from_millis(300)),
        ..Habits::default()
    };
    let plan = Plan {
        up: 300,
        pause: Duration::from_millis(5),
        ..Plan::default()
    };
    assert!(survive(transport, habits, plan).await >= 3);
}

/// Each connection dies at a byte of its own.
async fn by_bytes(transport: Transport) {
    let habits = Habits {
        bytes_below: Some(60_000),
        ..Habits::default()
    };
    assert!(survive(transport, habits, Plan::default()).await >= 3);
}

/// Bytes so few that most connections die within the handshake, the attach or the first items.
async fn early_bytes(transport: Transport) {
    let habits = Habits {
        bytes_below: Some(8_000),
        ..Habits::default()
    };
    let plan = Plan {
        up: 40,
        down: 40,
        bytes_below: 200,
        ..Plan::default()
    };
    assert!(survive(transport, habits, plan).await >= 3);
}

/// Messages of many pieces, cut within them.
async fn large_messages(transport: Transport) {
    let habits = Habits {
        bytes_below: Some(1_500_000),
        ..Habits::default()
    };
    let plan = Plan {
        up: 24,
        bytes_below: 400_000,
        ..Plan::default()
    };
    assert!(survive(transport, habits, plan).await >= 1);
}

/// Cuts while nothing is on its way, many times: each is a resume with nothing to repeat.
async fn while_idle(transport: Transport) {
    let place = Place::new().await;
    let relay = Relay::start(place.gateway.port, 1, Habits::default()).await;
    let mut client = client(relay.port(), "/talk", &[transport]);
    opened(&mut client).await;
    for round in 0..20 {
        relay.cut();
        echo(&mut client, &format!("after cut {round}")).await;
    }
    farewell(client).await;
}
