//! One session over all transports, in all orders, in the middle of traffic.

use towpath_transport::client::{Event, Message, TRANSPORTS, Transport};

use crate::harness::{
    Conversation, Place, Plan, client, echo, farewell, message, news, next, opened,
};
use towpath_tests::support::relay::{Habits, Relay};

/// Engine.IO lost messages in its upgrade window (engine.io #284 and #695), Atmosphere in a downgrade
/// (#2444): here every pair of transports is gone through under traffic, both with and without a
/// candidate first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_order_of_transports_under_traffic() {
    let place = Place::new().await;
    let mut client = place.client("/talk?first=600&every=1", &TRANSPORTS);
    let sender = client.sender();
    let plan = Plan {
        up: 600,
        down: 600,
        ..Plan::default()
    };
    let mut steps = pairs()
        .into_iter()
        .cycle()
        .zip([true, false].into_iter().cycle());
    let mut at = 0;
    let conversation = Conversation::begin(client.sender(), plan);
    conversation
        .run(&mut client, move |heard| {
            if heard / 40 > at {
                at = heard / 40;
                let (transport, at_once) = steps.next().unwrap();
                sender.switch(transport, at_once);
            }
        })
        .await;
    farewell(client).await;
}

/// A way over the four transports that goes from each to each other.
fn pairs() -> Vec<Transport> {
    use Transport::{Poll, Sse, Stream, WebSocket};
    vec![
        Stream, WebSocket, Sse, WebSocket, Poll, WebSocket, Stream, Sse, Stream, Poll, Stream, Sse,
        Poll, Sse, Poll, Poll,
    ]
}

/// Switching says where it went, and the session keeps its name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_switch_is_seen_and_changes_nothing_else() {
    let place = Place::new().await;
    let mut client = place.client("/talk", &TRANSPORTS);
    opened(&mut client).await;
    let name = client.sender().session();
    assert!(name.is_some());
    for transport in [
        Transport::Poll,
        Transport::Sse,
        Transport::Stream,
        Transport::WebSocket,
    ] {
        client.sender().switch(transport, true);
        while client.transport() != Some(transport) {
            echo(&mut client, "on the way").await;
        }
        echo(&mut client, transport.name()).await;
    }
    assert_eq!(client.sender().session(), name);
    assert_eq!(client.sender().losses(), 0);
    farewell(client).await;
}

/// Cuts on any transport while the session wanders: the relay is cut between the switches.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switches_and_cuts_together() {
    let place = Place::new().await;
    let relay = Relay::start(place.gateway.port, 3, Habits::default()).await;
    let mut client = client(relay.port(), "/talk?first=300&every=2", &TRANSPORTS);
    let sender = client.sender();
    let plan = Plan {
        up: 400,
        down: 300,
        ..Plan::default()
    };
    let mut transports = pairs().into_iter().cycle();
    let mut at = 0;
    let conversation = Conversation::begin(client.sender(), plan);
    conversation
        .run(&mut client, |heard| {
            if heard / 25 > at {
                at = heard / 25;
                if at.is_multiple_of(2) {
                    relay.cut();
                } else {
                    sender.switch(transports.next().unwrap(), at.is_multiple_of(3));
                }
            }
        })
        .await;
    assert!(relay.cuts() >= 5);
    farewell(client).await;
}

/// The event order of a loss: told once, and told when it is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_loss_is_told_and_so_is_the_recovery() {
    let place = Place::new().await;
    let relay = Relay::start(place.gateway.port, 3, Habits::default()).await;
    let mut client = client(relay.port(), "/talk", &[Transport::WebSocket]);
    opened(&mut client).await;
    echo(&mut client, "before").await;
    relay.offline(true);
    relay.cut();
    assert_eq!(next(&mut client).await, Event::Reconnecting);
    client.send(Message::text("meanwhile")).await.unwrap();
    relay.offline(false);
    let transport = Transport::WebSocket;
    assert_eq!(next(&mut client).await, Event::Recovered { transport });
    assert_eq!(message(&mut client).await, Message::text("meanwhile"));
    assert!(client.sender().losses() >= 1);
    farewell(client).await;
}

/// A better transport is moved up to within the race's window: poll is proven first only where the
/// WebSocket is late, and then the session still ends on the WebSocket.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_best_transport_is_used_on_a_good_network() {
    let place = Place::new().await;
    let mut client = place.client("/talk", &TRANSPORTS);
    opened(&mut client).await;
    while client.transport() != Some(Transport::WebSocket) {
        echo(&mut client, "not yet").await;
    }
    let _ = client.send(Message::text("now")).await;
    assert_eq!(
        news(&mut client).await,
        Event::Message(Message::text("now"))
    );
    farewell(client).await;
}
