//! Messages of 16 MiB, and a program that does not read for a while.

use std::time::Duration;

use tokio::time::sleep;

use super::by_each_way;
use crate::client::{Came, pattern};
use crate::world::World;

by_each_way!(sixteen_mebibytes, a_slow_reader);

async fn sixteen_mebibytes(world: &World) {
    const SIZE: usize = 16 << 20;
    let mut text = world.ask(&format!("/size?bytes={SIZE}")).open().await;
    assert!(
        text.next_text().await == "a".repeat(SIZE),
        "text came down whole"
    );
    text.farewell().await;
    let mut client = world.ask("/echo").open().await;
    let bytes = pattern(SIZE);
    client.binary(&bytes).await;
    let Came::Binary(back) = client.next().await else {
        panic!("binary comes back as binary");
    };
    assert!(back == bytes, "{} bytes came back, changed", back.len());
    client.farewell().await;
}

/// What was sent meanwhile arrives whole, and another socket is not held up.
async fn a_slow_reader(world: &World) {
    const COUNT: usize = 3_000;
    let mut slow = world.ask(&format!("/both?count={COUNT}")).open().await;
    assert_eq!(slow.next_text().await, "down 0");
    let mut other = world.ask("/echo").open().await;
    for round in 0..20 {
        other.echo(&format!("{round} {}", "x".repeat(10_000))).await;
        sleep(Duration::from_millis(50)).await;
    }
    for number in 1..COUNT {
        assert_eq!(slow.next_text().await, format!("down {number}"));
    }
    slow.farewell().await;
    other.farewell().await;
}
