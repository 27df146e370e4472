//! A long conversation of every kind of trouble at once, repeatable by its seed.
//!
//! `TOWPATH_SOAK_SEED` and `TOWPATH_SOAK_MESSAGES` change what the ordinary run does.

use std::time::Duration;

use towpath_transport::client::TRANSPORTS;

use crate::harness::{Conversation, Place, Plan, client, farewell};
use towpath_tests::support::chance::Chance;
use towpath_tests::support::relay::{Habits, Relay};

/// Clients at a time, each on a way of its own.
const CLIENTS: u64 = 6;

fn from_environment(name: &str, otherwise: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// At least 20,000 messages over at least 100 cuts and twice as many switches.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn soak() {
    let seed = from_environment("TOWPATH_SOAK_SEED", 20_251_121);
    let messages = from_environment("TOWPATH_SOAK_MESSAGES", 22_000);
    let place = Place::new().await;
    let each = messages / CLIENTS / 2;
    let port = place.gateway.port;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(wander(port, seed + number, each)))
        .collect();
    let mut cuts = 0;
    for client in clients {
        cuts += client.await.unwrap();
    }
    println!(
        "{} messages over {cuts} cuts, seed {seed}",
        each * CLIENTS * 2
    );
    assert!(cuts >= 100, "{cuts} cuts only");
}

/// One client whose relay is cut and whose transport changes, all by chance. Gives the connections cut.
async fn wander(port: u16, seed: u64, each: u64) -> u64 {
    let mut chance = Chance::new(seed);
    let habits = Habits {
        bytes_below: Some(400_000),
        life_below: Some(Duration::from_secs(2)),
        outage: None,
    };
    let relay = Relay::start(port, seed, habits).await;
    let path = format!("/talk?first={each}&every=0");
    let mut client = client(relay.port(), &path, &TRANSPORTS);
    let sender = client.sender();
    let plan = Plan {
        up: each,
        down: each,
        bytes_below: 1_500,
        seed,
        pause: Duration::ZERO,
    };
    let mut next = 0;
    let conversation = Conversation::begin(client.sender(), plan);
    conversation
        .run(&mut client, |heard| {
            if heard < next {
                return;
            }
            next = heard + 40 + chance.below(120);
            match chance.below(3) {
                0 => relay.cut(),
                kind => {
                    let transport = TRANSPORTS[usize::try_from(chance.below(4)).unwrap()];
                    sender.switch(transport, kind == 1);
                }
            }
        })
        .await;
    let cuts = relay.cuts();
    farewell(client).await;
    cuts
}
