//! Backpressure: who takes nothing makes the other side wait, and memory stays within its limits.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use towpath_serve::config::Seconds;
use towpath_session::Envelope;
use towpath_session::item::{Kind, Part};

use crate::backend::Backend;
use crate::ends::metric;
use crate::gateway::gateway;
use crate::raw::{Owned, PATIENCE, Socket, attach, fresh};

/// Resident bytes of this process.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// Waits until a gauge does not change any more, and gives it.
async fn settled(running: &towpath_serve::Running, name: &str, least: u64) -> u64 {
    let mut last = 0;
    let wait = async {
        loop {
            sleep(Duration::from_millis(300)).await;
            let now = metric(running, name).await;
            if now >= least && now == last {
                break now;
            }
            last = now;
        }
    };
    timeout(PATIENCE, wait).await.expect("it settles")
}

/// A hundred clients take nothing of messages of a gibibyte. With `total`, all of them together may keep that much.
async fn stalled_clients(total: Option<usize>) -> (u64, u64) {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |settings| {
        settings.limits.slow_reader_seconds = Seconds::whole(600);
        if let Some(total) = total {
            settings.limits.buffered_bytes = total;
        }
    })
    .await;
    let before = resident();
    let mut sockets = Vec::new();
    for byte in 0..100 {
        let mut flood = attach(fresh(byte), 1, true);
        "/flood".clone_into(&mut flood.target);
        // More than it will ever take, so that only the gateway's own limits hold.
        flood.window = 1 << 40;
        let mut socket = Socket::open(address, "/flood/.towpath/websocket").await;
        socket.say(&[Envelope::Attach(&flood.json())]).await;
        sockets.push(socket);
    }
    let least = if total.is_some() { MIB } else { 50 * MIB };
    let held = settled(&running, HELD, least).await;
    (held, resident().saturating_sub(before))
}

const MIB: u64 = 1 << 20;

/// What all sessions hold.
const HELD: &str = "towpath_session_buffered_bytes";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_stalled_clients_of_a_gibibyte_each_stay_within_the_limits() {
    let (held, grown) = stalled_clients(None).await;
    // One MiB each, kept while the kernel's own buffers are full.
    assert!(held <= 100 * MIB, "{held} bytes held");
    assert!(grown < 250 * MIB, "{grown} bytes more resident");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_them_together_stay_within_the_limit_of_all() {
    let (held, _) = stalled_clients(Some(20 << 20)).await;
    // Each may keep a little, or nobody would move; then a read may come on top.
    assert!(held < (20 + 100 / 8 + 8) * MIB, "{held} bytes held");
}

#[tokio::test]
async fn a_backend_that_takes_nothing_stops_the_client() {
    let backend = Backend::start().await;
    let (running, address) = gateway(backend.address, |_| ()).await;
    let mut deaf = attach(fresh(1), 1, true);
    "/deaf".clone_into(&mut deaf.target);
    let mut socket = Socket::open(address, "/deaf/.towpath/websocket").await;
    socket.say(&[Envelope::Attach(&deaf.json())]).await;
    let Some(Owned::Attached(grant)) = socket.next().await else {
        panic!("not attached");
    };
    let (mut credit, mut sent, mut sequence) = (grant.window, 0, 0);
    let payload = vec![7; 16_000];
    // Sends as long as there is credit, as a client does.
    loop {
        while sent + 16_016 <= credit {
            sequence += 1;
            sent += 16_016;
            let item = Envelope::Item(Part {
                sequence,
                kind: Kind::Binary,
                payload: &payload,
            });
            socket.say(&[item]).await;
        }
        match timeout(Duration::from_secs(1), socket.next()).await {
            Ok(Some(Owned::Ack(_, more))) => credit = more,
            Ok(Some(Owned::Item(..) | Owned::Ping)) => {}
            Ok(other) => panic!("{other:?}"),
            Err(_) if metric(&running, HELD).await > 200_000 => break,
            // Silence alone can be this process, which stood still.
            Err(_) => {}
        }
        assert!(sent < 100 * MIB, "nothing stops the client");
    }
    let held = metric(&running, HELD).await;
    assert!(held <= 262_144 + 400, "{held} bytes held");
}
