//! Messages both ways: kinds, sizes, order, pings, fragments.

use super::by_each_way;
use crate::client::{Came, pattern};
use crate::world::World;

by_each_way!(kinds_and_sizes, order, pings_and_fragments);

async fn kinds_and_sizes(world: &World) {
    let mut client = world.ask("/echo").open().await;
    for text in ["", "a", "ä€𝄞\u{0}\u{feff}", &"long ".repeat(20_000)] {
        client.echo(text).await;
    }
    for size in [0, 1, 125, 126, 65_535, 65_536, 300_000] {
        let bytes = pattern(size);
        client.binary(&bytes).await;
        assert_eq!(client.next().await, Came::Binary(bytes), "{size} bytes");
    }
    client.farewell().await;
}

/// Text and binary by turns, all sent before the first is read.
async fn order(world: &World) {
    const COUNT: u32 = 1_000;
    let mut client = world.ask("/echo").open().await;
    for number in 0..COUNT {
        if number % 3 == 0 {
            client.binary(&number.to_be_bytes()).await;
        } else {
            client.text(&number.to_string()).await;
        }
    }
    for number in 0..COUNT {
        let expected = if number % 3 == 0 {
            Came::Binary(number.to_be_bytes().to_vec())
        } else {
            Came::Text(number.to_string())
        };
        assert_eq!(client.next().await, expected);
    }
    client.farewell().await;
}

async fn pings_and_fragments(world: &World) {
    let mut client = world.ask("/echo").open().await;
    client.ping(b"are you there").await;
    assert_eq!(client.next().await, Came::Pong(b"are you there".to_vec()));
    client.fragments("one, ", "two").await;
    assert_eq!(client.next().await, Came::Pong(b"between".to_vec()));
    assert_eq!(client.next().await, Came::Text("one, two".to_owned()));
    client.farewell().await;

    let mut fragments = world.ask("/fragments").open().await;
    assert_eq!(fragments.next_text().await, "one two three");
    fragments.farewell().await;
    // The pong comes from the other end, whoever that is: the backend's ping is answered.
    let mut pinged = world.ask("/ping").open().await;
    assert_eq!(pinged.next_text().await, "pong hello");
    pinged.farewell().await;
}
