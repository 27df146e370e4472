//! A handshake that the backend refuses is refused to the program, with the backend's status.

use super::by_each_way;
use crate::ask::header;
use crate::world::{Way, World};

by_each_way!(statuses, what_was_refused_can_be_tried_again);

async fn statuses(world: &World) {
    for status in [400, 401, 403, 404, 410, 429, 500, 503] {
        let answer = world
            .ask(&format!("/refuse?status={status}"))
            .refused()
            .await;
        assert_eq!(answer.status, status, "{answer:#?}");
        assert_eq!(header(&answer.head, "sec-websocket-accept"), None);
        // Neither a page's script nor a session's client sees the body.
        if world.way.is_native() {
            assert_eq!(answer.body, "refused by the backend", "{answer:#?}");
        }
        if world.way != Way::Control {
            let why = header(&answer.head, "towpath-why").unwrap_or_default();
            assert!(!why.is_empty(), "{answer:#?}");
        }
    }
    let basic = world.ask("/basic").refused().await;
    assert_eq!(basic.status, 401, "{basic:#?}");
    if world.way.is_native() {
        let asked = header(&basic.head, "www-authenticate");
        assert_eq!(asked, Some("Basic realm=\"suite\""), "{basic:#?}");
    }
}

async fn what_was_refused_can_be_tried_again(world: &World) {
    for _ in 0..3 {
        assert_eq!(world.ask("/refuse?status=403").refused().await.status, 403);
        let mut client = world.ask("/echo").open().await;
        client.echo("let in").await;
        client.farewell().await;
    }
}
