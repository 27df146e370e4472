//! How transports of sessions end: by whom, with which kind of end, and after what.

use serde_json::json;
use towpath_diagnosis::observation::{Attachment, AttachmentEnd, Transport};
use towpath_reports::Case;
use towpath_session::{Close, Envelope, Kind, Part};

use crate::client::World;
use crate::facts::{attachments, case_with, reset};
use crate::raw::{Owned, Socket, ack, attach, attached, encode, fresh, item, post_as};

const PATH: &str = "/echo/.towpath/websocket?4f9k2m";

fn has_ended(case: &Case) -> bool {
    attachments(case)
        .iter()
        .any(|one| one.end != AttachmentEnd::Open)
}

/// The one that ended.
fn ended(case: &Case) -> Attachment {
    let all = attachments(case);
    let mut ended = all.iter().filter(|one| one.end != AttachmentEnd::Open);
    let found = (**ended.next().unwrap_or_else(|| panic!("{case:#?}"))).clone();
    assert!(ended.next().is_none(), "{all:#?}");
    found
}

#[tokio::test]
async fn websockets_that_never_say_anything_end_as_they_end() {
    let world = World::start(|settings| {
        settings.limits.head_seconds = serde_json::from_str("1.0").unwrap();
    })
    .await;
    for (attempt, expected) in [
        ("aaaaaa", AttachmentEnd::EndOfStream),
        ("bbbbbb", AttachmentEnd::Reset),
        ("cccccc", AttachmentEnd::Silent),
    ] {
        let path = format!("/echo/.towpath/websocket?{attempt}");
        let socket = Socket::open(world.address, &path).await;
        let mut kept = None;
        match expected {
            AttachmentEnd::Reset => reset(socket.stream),
            AttachmentEnd::Silent => kept = Some(socket),
            _ => drop(socket),
        }
        let case = case_with(&world, None, attempt, has_ended).await;
        drop(kept);
        let seen = ended(&case);
        assert_eq!(seen.end, expected);
        assert!(!seen.attached && !seen.used, "{seen:?}");
        assert_eq!((seen.first_up_ms, seen.bytes_up), (None, 0), "{seen:?}");
        assert!(seen.age_ms < 10_000, "{seen:?}");
    }
}

/// A session over a WebSocket that has carried one message both ways.
async fn carried(world: &World) -> (Socket, towpath_session::body::Attached) {
    let mut socket = Socket::open(world.address, PATH).await;
    let mut body = attach(fresh(1), 1, true);
    body.attempt = Some("4f9k2m".to_owned());
    socket.say(&[Envelope::Attach(&body.json())]).await;
    let granted = loop {
        if let Some(Owned::Attached(granted)) = socket.next().await {
            break granted;
        }
    };
    socket.say(&[item(1, "hello")]).await;
    socket.item().await;
    socket.item().await;
    (socket, granted)
}

#[tokio::test]
async fn a_session_s_websocket_is_counted_while_it_lives_and_when_it_is_reset() {
    let world = World::start(|_| {}).await;
    let (socket, granted) = carried(&world).await;
    let proof = || Some(json!({ "token": granted.token }));
    let case = case_with(&world, proof(), "4f9k2m", |_| true).await;
    let [open] = attachments(&case)[..] else {
        panic!("{case:#?}");
    };
    assert_eq!(open.end, AttachmentEnd::Open);
    reset(socket.stream);
    let case = case_with(&world, proof(), "4f9k2m", has_ended).await;
    let seen = ended(&case);
    assert_eq!(
        (seen.transport, &seen.end),
        (Transport::Websocket, &AttachmentEnd::Reset)
    );
    assert!(seen.attached && seen.used && seen.generation == 1 && !seen.http2);
    assert_eq!((seen.messages_up, seen.bytes_up), (Some(1), 5), "{seen:?}");
    assert!(
        seen.bytes_down > 5 && seen.messages_down > Some(1),
        "{seen:?}"
    );
}

#[tokio::test]
async fn who_goes_over_to_another_transport_supersedes_the_first() {
    let world = World::start(|_| {}).await;
    let (_socket, granted) = carried(&world).await;
    let next = attach(towpath_session::body::Proof::Token(granted.token), 2, true);
    let body = encode(&[Envelope::Attach(&next.json())]);
    let answer = post_as(world.address, "/echo/.towpath/poll", &world.origin(), &body).await;
    assert_eq!(answer.status, 403, "the first came without an Origin");
    let body = attached_over_poll(&world, &next).await;
    let proof = || Some(json!({ "token": body.token }));
    let case = case_with(&world, proof(), "4f9k2m", has_ended).await;
    assert_eq!(ended(&case).end, AttachmentEnd::Superseded);
    assert_eq!(case.transport, "poll");
}

async fn attached_over_poll(
    world: &World,
    next: &towpath_session::body::Attach,
) -> towpath_session::body::Attached {
    let answer = crate::raw::post(
        world.address,
        "/echo/.towpath/poll",
        &[Envelope::Attach(&next.json())],
    )
    .await;
    attached(&answer.envelopes)
}

#[tokio::test]
async fn a_close_of_the_application_is_a_close_by_the_client() {
    let world = World::start(|_| {}).await;
    let (mut socket, granted) = carried(&world).await;
    let close = Close::new(1000, "done").payload();
    socket
        .say(&[Envelope::Item(Part {
            sequence: 2,
            kind: Kind::Close,
            payload: &close,
        })])
        .await;
    let (sequence, kind, _) = socket.item().await;
    assert_eq!(kind, Kind::Close);
    socket.say(&[ack(sequence)]).await;
    let proof = || Some(json!({ "token": granted.token }));
    let case = case_with(&world, proof(), "4f9k2m", has_ended).await;
    let expected = AttachmentEnd::Closed {
        by_client: true,
        code: Some(1000),
    };
    assert_eq!(ended(&case).end, expected);
}
