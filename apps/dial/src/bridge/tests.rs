use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;
use towpath_reach::Message;
use towpath_websocket::{Opcode, Role};

use super::*;
use crate::stop::Stopper;
use crate::testing::{PATIENCE, Peer, Saw, connected};

struct Bridged {
    client: Peer,
    remote: Channel,
    stopper: Stopper,
    done: JoinHandle<End>,
}

async fn bridged(message_bytes_max: usize) -> Bridged {
    let limits = Limits {
        message_bytes_max,
        close_time: Duration::from_secs(2),
        ..Limits::default()
    };
    bridged_within(limits).await
}

async fn bridged_within(limits: Limits) -> Bridged {
    let (near, far) = connected().await;
    let (channel, remote) = Channel::pair(1);
    let (stopper, stop) = Stopper::new();
    let local = Local {
        stream: far,
        first: Bytes::new(),
        vanished: Some(CloseCode::GOING_AWAY),
    };
    let carried = async move { carry(local, channel, &stop, &limits, |_| {}).await };
    let done = tokio::spawn(carried);
    Bridged {
        client: Peer::new(near, Role::Client),
        remote,
        stopper,
        done,
    }
}

impl Bridged {
    async fn remote_saw(&mut self) -> Event {
        let next = timeout(PATIENCE, self.remote.receiver.next()).await;
        next.expect("it comes soon").expect("the channel goes on")
    }

    async fn end(self) -> End {
        let Self {
            client,
            remote,
            done,
            stopper: _stopper,
        } = self;
        drop((client, remote));
        let ended = timeout(PATIENCE, done).await;
        ended.expect("it ends soon").unwrap()
    }
}

fn text(text: &str) -> Message {
    Message::Text(Bytes::copy_from_slice(text.as_bytes()))
}

fn closed(code: u16, reason: &str) -> Event {
    Event::Closed {
        code,
        reason: reason.to_owned(),
        clean: true,
        lost: None,
    }
}

#[tokio::test]
async fn messages_keep_their_kind_size_and_order() {
    let mut bridged = bridged(1 << 20).await;
    bridged.client.text("gr\u{fc}n").await;
    bridged.client.frame(Opcode::Binary, &[]).await;
    bridged.client.frame(Opcode::Text, b"").await;
    assert_eq!(
        bridged.remote_saw().await,
        Event::Message(text("gr\u{fc}n"))
    );
    let empty = Message::Binary(Bytes::new());
    assert_eq!(bridged.remote_saw().await, Event::Message(empty.clone()));
    assert_eq!(bridged.remote_saw().await, Event::Message(text("")));
    let large = vec![7; 300_000];
    for message in [
        text("a"),
        empty,
        Message::Binary(large.clone().into()),
        text("b"),
    ] {
        bridged.remote.sender.send(message).await.unwrap();
    }
    assert_eq!(bridged.client.saw().await, Saw::Text("a".to_owned()));
    assert_eq!(bridged.client.saw().await, Saw::Binary(Vec::new()));
    assert_eq!(bridged.client.saw().await, Saw::Binary(large));
    assert_eq!(bridged.client.saw().await, Saw::Text("b".to_owned()));
}

#[tokio::test]
async fn a_clients_close_goes_to_the_remote_and_its_answer_back() {
    let mut bridged = bridged(100).await;
    bridged.client.close(4001, "bye").await;
    assert_eq!(bridged.remote_saw().await, closed(4001, "bye"));
    // What is under way is the client's to have.
    bridged.remote.sender.send(text("last")).await.unwrap();
    bridged
        .remote
        .sender
        .close(Some(4002), "well")
        .await
        .unwrap();
    assert_eq!(bridged.client.saw().await, Saw::Text("last".to_owned()));
    assert_eq!(
        bridged.client.saw().await,
        Saw::Close(4002, "well".to_owned())
    );
    assert_eq!(bridged.client.saw().await, Saw::End(false));
    drop(bridged.client.stream);
    let end = timeout(PATIENCE, bridged.done).await.unwrap().unwrap();
    assert_eq!(
        (end.by, end.code, end.reason.as_str()),
        (By::Local, 4001, "bye")
    );
}

#[tokio::test]
async fn a_close_without_a_code_has_none_on_the_other_side() {
    let mut bridged = bridged(100).await;
    bridged.client.frame(Opcode::Close, &[]).await;
    assert_eq!(bridged.remote_saw().await, closed(1005, ""));
    bridged.remote.sender.close(None, "").await.unwrap();
    assert_eq!(bridged.client.saw().await, Saw::Close(1005, String::new()));
}

#[tokio::test]
async fn a_remotes_close_comes_with_code_and_reason() {
    let mut bridged = bridged(100).await;
    bridged
        .remote
        .sender
        .close(Some(4403), "no room")
        .await
        .unwrap();
    assert_eq!(
        bridged.client.saw().await,
        Saw::Close(4403, "no room".to_owned())
    );
    bridged.client.close(4403, "").await;
    assert_eq!(bridged.client.saw().await, Saw::End(false));
    let end = bridged.end().await;
    assert_eq!((end.by, end.code), (By::Remote, 4403));
}

#[tokio::test]
async fn a_remote_that_breaks_off_is_an_end_without_a_close() {
    let Bridged {
        mut client,
        remote,
        done,
        stopper: _stopper,
    } = bridged(100).await;
    drop(remote);
    assert_eq!(client.saw().await, Saw::End(false));
    drop(client);
    let end = timeout(PATIENCE, done).await.unwrap().unwrap();
    assert_eq!((end.by, end.code), (By::Remote, 1006));
}

#[tokio::test]
async fn a_client_that_goes_without_a_word_went_away() {
    let mut bridged = bridged(100).await;
    bridged.client.text("last").await;
    let Bridged {
        client,
        remote,
        done,
        stopper,
    } = bridged;
    drop(client);
    let (near, _) = connected().await;
    bridged = Bridged {
        client: Peer::new(near, Role::Client),
        remote,
        done,
        stopper,
    };
    assert_eq!(bridged.remote_saw().await, Event::Message(text("last")));
    assert_eq!(bridged.remote_saw().await, closed(1001, ""));
    let end = bridged.end().await;
    assert_eq!((end.by, end.code), (By::Local, 1006));
}

/// A client that said its last words and went, before a remote that has not answered.
async fn left_alone() -> Bridged {
    let limits = Limits {
        close_time: Duration::from_millis(20),
        ..Limits::default()
    };
    let mut bridged = bridged_within(limits).await;
    bridged.client.text("last words").await;
    bridged.client.close(4000, "done").await;
    let said = Event::Message(text("last words"));
    assert_eq!(bridged.remote_saw().await, said);
    assert_eq!(bridged.remote_saw().await, closed(4000, "done"));
    bridged.client.stream.shutdown().await.unwrap();
    bridged
}

#[tokio::test]
async fn a_remote_may_take_longer_than_the_client_waits() {
    let bridged = left_alone().await;
    // Many times what a client waits for.
    sleep(Duration::from_millis(500)).await;
    assert!(!bridged.done.is_finished());
    let answered = bridged.remote.sender.close(Some(4000), "").await;
    answered.expect("the channel is there still");
    let end = timeout(PATIENCE, bridged.done).await;
    assert_eq!(end.expect("it ends").unwrap().code, 4000);
}

#[tokio::test]
async fn the_end_of_the_endpoint_waits_no_longer_for_a_remote() {
    let bridged = left_alone().await;
    bridged.stopper.stop();
    let end = timeout(PATIENCE, bridged.done).await;
    end.expect("it ends").unwrap();
}

#[tokio::test]
async fn pings_are_answered_here() {
    let mut bridged = bridged(100).await;
    bridged.client.frame(Opcode::Ping, b"are you there").await;
    assert_eq!(
        bridged.client.saw().await,
        Saw::Pong(b"are you there".to_vec())
    );
}

#[tokio::test]
async fn what_cannot_be_carried_on_ends_both_sides_with_its_code() {
    for (opcode, payload, code) in [
        (Opcode::Text, &b"\xff\xfe"[..], 1007),
        (Opcode::Binary, &[7; 101], 1009),
        (Opcode::Reserved(3), b"", 1002),
        (Opcode::Continuation, b"x", 1002),
    ] {
        let mut bridged = bridged(100).await;
        bridged.client.frame(opcode, payload).await;
        let Saw::Close(seen, reason) = bridged.client.saw().await else {
            panic!("no close for {opcode:?}");
        };
        assert_eq!(seen, code, "{reason}");
        assert!(!reason.is_empty());
        let Event::Closed { code: told, .. } = bridged.remote_saw().await else {
            panic!("the remote is not told");
        };
        assert_eq!(told, code);
        let end = bridged.end().await;
        assert_eq!((end.by, end.code), (By::Dial, code));
    }
}

#[tokio::test]
async fn the_end_of_the_endpoint_is_told_to_both_sides() {
    let mut bridged = bridged(100).await;
    bridged.stopper.stop();
    let Saw::Close(1001, _) = bridged.client.saw().await else {
        panic!("no 1001");
    };
    let Event::Closed { code: 1001, .. } = bridged.remote_saw().await else {
        panic!("the remote is not told");
    };
    bridged.client.close(1001, "").await;
    let end = bridged.end().await;
    assert_eq!((end.by, end.code), (By::Dial, 1001));
}

/// Sends until nothing more is taken for a while, as one of the tasks that carry; how much that was.
async fn fill<F: Future<Output = ()> + Send>(mut send: impl FnMut() -> F) -> usize {
    let mut sent = 0;
    while timeout(Duration::from_millis(500), send()).await.is_ok() {
        sent += 1;
        assert!(sent < 20_000, "nothing holds it back");
    }
    sent
}

#[tokio::test]
async fn a_remote_that_does_not_read_holds_the_client_back() {
    let bridged = bridged(1 << 20).await;
    let Bridged {
        client, mut remote, ..
    } = bridged;
    let client = Arc::new(tokio::sync::Mutex::new(client));
    let taken = Arc::new(Mutex::new(0));
    let writer = tokio::spawn({
        let (client, taken) = (client.clone(), taken.clone());
        async move {
            for _ in 0..1000 {
                client
                    .lock()
                    .await
                    .frame(Opcode::Binary, &vec![7; 64 * 1024])
                    .await;
                *taken.lock().unwrap() += 1;
            }
        }
    });
    let mut before = 0;
    loop {
        sleep(Duration::from_millis(300)).await;
        let now = *taken.lock().unwrap();
        if now == before && now > 0 {
            break;
        }
        before = now;
    }
    assert!(
        before < 500,
        "{before} of 64 KiB were taken and nobody reads"
    );
    for _ in 0..1000 {
        let Some(Event::Message(Message::Binary(payload))) = remote.receiver.next().await else {
            panic!("something else came");
        };
        assert_eq!(payload.len(), 64 * 1024);
    }
    writer.await.unwrap();
}

#[tokio::test]
async fn a_client_that_does_not_read_holds_the_remote_back() {
    let Bridged {
        mut client,
        remote,
        stopper: _stopper,
        done: _done,
    } = bridged(1 << 20).await;
    let payload = Bytes::from(vec![7; 64 * 1024]);
    let sent = fill(|| {
        let (sender, payload) = (remote.sender.clone(), payload.clone());
        async move { sender.send(Message::Binary(payload)).await.unwrap() }
    })
    .await;
    assert!(sent < 1000, "{sent} of 64 KiB were taken and nobody reads");
    for _ in 0..sent {
        assert_eq!(client.saw().await, Saw::Binary(payload.to_vec()));
    }
}
