//! Back-pressure from end to end: whoever does not take makes the other side wait, and memory stays where it is.

use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use towpath_transport::client::{Message, TRANSPORTS};

use crate::backend::pattern;
use crate::harness::{PATIENCE, Place, message, opened};

const MIB: u64 = 1 << 20;

/// The client takes nothing while the backend offers 48 MiB: the gateway stops reading the backend. Then the
/// client takes, and has it all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stalls_stops_the_backend() {
    let place = Place::new().await;
    for transport in TRANSPORTS {
        let before = place.gateway.resident_bytes();
        let mut client = place.client("/flood?bytes=65536&count=768", &[transport]);
        // Nobody asks for events, so the driver takes one at most.
        sleep(Duration::from_secs(1)).await;
        let grown = place.gateway.resident_bytes().saturating_sub(before);
        assert!(
            grown < 12 * MIB,
            "{transport:?}: the gateway holds {grown} bytes"
        );
        opened(&mut client).await;
        let expected = Message::binary(pattern(65_536));
        for number in 0..768 {
            assert!(
                message(&mut client).await == expected,
                "{transport:?}: message {number}"
            );
        }
    }
}

/// The backend takes nothing: sends wait, what waits is bounded and shows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_that_stalls_stops_the_client() {
    let place = Place::new().await;
    for transport in TRANSPORTS {
        let before = place.gateway.resident_bytes();
        let mut client = place.client("/mute", &[transport]);
        opened(&mut client).await;
        let large = Message::binary(pattern(100_000));
        let sender = client.sender();
        let sending = timeout(Duration::from_secs(3), async {
            for _ in 0..1_000 {
                sender.send(large.clone()).await.unwrap();
            }
        });
        assert!(
            sending.await.is_err(),
            "{transport:?}: 100 MB were taken by nobody"
        );
        let buffered = client.sender().buffered_bytes();
        assert!(
            (MIB / 2..8 * MIB).contains(&buffered),
            "{transport:?}: {buffered} bytes wait"
        );
        let grown = place.gateway.resident_bytes().saturating_sub(before);
        assert!(
            grown < 12 * MIB,
            "{transport:?}: the gateway holds {grown} bytes"
        );
    }
}

/// A hundred sessions whose clients take nothing, a GiB offered to each: what the gateway holds stays within
/// what its settings allow for that many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_stalled_sessions_stay_within_the_limits() {
    let place = Place::new().await;
    let before = place.gateway.resident_bytes();
    let mut clients = Vec::new();
    for number in 0..100 {
        let transport = TRANSPORTS[number % TRANSPORTS.len()];
        clients.push(place.client("/flood?bytes=65536&count=16384", &[transport]));
    }
    let (mut grown, mut quiet) = (0, 0);
    let began = Instant::now();
    // Ten looks after the last session is there, or as long as a busy machine needs.
    while quiet < 10 && began.elapsed() < PATIENCE {
        sleep(Duration::from_millis(100)).await;
        grown = grown.max(place.gateway.resident_bytes().saturating_sub(before));
        let all = clients.iter().all(|one| one.transport().is_some());
        quiet = if all { quiet + 1 } else { 0 };
    }
    assert_eq!(quiet, 10, "not all sessions are there");
    // `buffered_bytes_per_session` is 1 MiB by default, and a socket's buffers are not the gateway's memory.
    assert!(grown < 128 * MIB, "the gateway holds {grown} bytes");
    println!("{} KiB for each stalled session", grown / 1024 / 100);
    opened(&mut clients[99]).await;
    let expected = Message::binary(pattern(65_536));
    for _ in 0..40 {
        assert!(message(&mut clients[99]).await == expected);
    }
}
