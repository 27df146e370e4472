//! The same over TLS: HTTP/2 for the HTTP transports, by ALPN, and TLS records that cuts end anywhere.

use std::sync::Arc;
use std::time::Duration;

use towpath_tests::boxes::{Running, gateway};
use towpath_tests::support::Authority;
use towpath_transport::client::{Client, Event, Settings, TRANSPORTS, Transport};

use crate::backend::Backend;
use crate::harness::{Conversation, Plan, farewell, news, opened};
use towpath_tests::support::relay::{Habits, Relay};

/// A backend, a gateway with TLS of its own, and who vouches for it.
struct Secure {
    _backend: Backend,
    gateway: Running,
    authority: Authority,
}

impl Secure {
    async fn new() -> Self {
        let backend = Backend::start().await;
        let authority = Authority::new("Carry");
        let identity = authority.issue(&["localhost"]);
        let gateway = gateway::start_tls(backend.port(), &identity, "");
        Self {
            _backend: backend,
            gateway,
            authority,
        }
    }

    fn settings(&self, port: u16, path: &str, transport: Transport) -> Settings {
        let mut settings = Settings::new(format!("wss://localhost:{port}{path}"));
        settings.transports = vec![transport];
        let root = std::fs::read(self.authority.root()).unwrap();
        settings.net.trust_only(&root).unwrap();
        settings
            .net
            .add_override(&format!("localhost:{port}:127.0.0.1"))
            .unwrap();
        settings
    }
}

/// vaadin/flow #25751: over TLS and buffering hops, nothing of a stream arrived. Here each transport is proven
/// over TLS, whole and through cuts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_transport_survives_cuts_over_tls() {
    let place = Arc::new(Secure::new().await);
    let surviving =
        TRANSPORTS.map(|transport| tokio::spawn(survive(Arc::clone(&place), transport)));
    for one in surviving {
        one.await.unwrap();
    }
}

async fn survive(place: Arc<Secure>, transport: Transport) {
    let habits = Habits {
        bytes_below: Some(80_000),
        life_below: Some(Duration::from_secs(1)),
        outage: None,
    };
    let relay = Relay::start(place.gateway.port, 5, habits).await;
    let plan = Plan {
        up: 150,
        down: 150,
        ..Plan::default()
    };
    let settings = place.settings(relay.port(), "/talk?first=150&every=2", transport);
    let mut client = Client::open(settings).unwrap();
    let conversation = Conversation::begin(client.sender(), plan);
    conversation.run(&mut client, |_| {}).await;
    assert!(relay.cuts() >= 2, "{transport:?}");
    farewell(client).await;
}

/// One HTTP/2 connection carries an attachment's downlink and uplink; HTTP/1.1 would need two at least.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn http2_needs_one_connection() {
    let place = Secure::new().await;
    for transport in [Transport::Stream, Transport::Sse, Transport::Poll] {
        let relay = Relay::start(place.gateway.port, 5, Habits::default()).await;
        let settings = place.settings(relay.port(), "/talk?first=20", transport);
        let mut client = Client::open(settings).unwrap();
        let plan = Plan {
            up: 20,
            down: 20,
            ..Plan::default()
        };
        let conversation = Conversation::begin(client.sender(), plan);
        conversation.run(&mut client, |_| {}).await;
        assert_eq!(relay.accepted(), 1, "{transport:?}");
        farewell(client).await;
    }
}

/// A gateway that nobody trusts is not spoken to: no secret leaves, whatever the transport.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_s_certificate_ends_every_attempt() {
    let place = Secure::new().await;
    for transport in TRANSPORTS {
        let mut settings = place.settings(place.gateway.port, "/talk", transport);
        let stranger = std::fs::read(Authority::new("Stranger").root()).unwrap();
        settings.net.trust_only(&stranger).unwrap();
        settings.patience = Duration::from_secs(1);
        let mut client = Client::open(settings).unwrap();
        match news(&mut client).await {
            Event::Closed(closed) => assert_eq!(closed.code, 3901, "{transport:?}"),
            event => panic!("{transport:?}: {event:?}"),
        }
        let settings = place.settings(place.gateway.port, "/talk", transport);
        let mut client = Client::open(settings).unwrap();
        opened(&mut client).await;
        farewell(client).await;
    }
}
