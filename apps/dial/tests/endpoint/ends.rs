//! Limits and ends: nobody waits for ever, nobody takes all, and an end is told.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use towpath_dial::{By, Event};

use crate::remote::{Answers, Remote, head};
use crate::support::{Endpoint, PATIENCE, handshake};

#[tokio::test]
async fn a_request_that_does_not_come_is_not_waited_for() {
    let endpoint = Endpoint::start("ws://127.0.0.1:9/", |settings| {
        settings.limits.head_time = Duration::from_millis(200);
    });
    let late = endpoint.answer("GET / HTTP/1.1\r\nHost: loc").await;
    assert!(late.starts_with("HTTP/1.1 408 "), "{late}");
    let endpoint = Endpoint::start("ws://127.0.0.1:9/", |settings| {
        settings.limits.head_bytes_max = 2000;
    });
    let large = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(3000));
    let large = endpoint.answer(&large).await;
    assert!(large.starts_with("HTTP/1.1 431 "), "{large}");
}

#[tokio::test]
async fn connections_have_a_limit_and_places_come_back() {
    let remote = Remote::start(Answers::Echo("")).await;
    let endpoint = Endpoint::start(&format!("ws://{}/", remote.address), |settings| {
        settings.limits.connections_max = 1;
    });
    let mut first = endpoint.say(&handshake("/", "")).await;
    head(&mut first).await.unwrap();
    assert_eq!(endpoint.status("/", "").await, 503);
    drop(first);
    let again = async {
        // The end of the first is noticed soon, but not at once.
        loop {
            let mut stream = TcpStream::connect(endpoint.address).await.unwrap();
            let asked = stream.write_all(handshake("/", "").as_bytes()).await;
            let answer = head(&mut stream).await;
            if asked.is_ok() && answer.is_some_and(|head| head.starts_with("HTTP/1.1 101 ")) {
                return;
            }
        }
    };
    timeout(PATIENCE, again)
        .await
        .expect("the place comes back");
}

#[tokio::test]
async fn a_client_that_gives_up_frees_what_was_opened_for_it() {
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", mute.local_addr().unwrap());
    let endpoint = Endpoint::start(&url, |_| {});
    let client = endpoint.say(&handshake("/", "")).await;
    let (mut remote, _) = timeout(PATIENCE, mute.accept()).await.unwrap().unwrap();
    head(&mut remote).await.unwrap();
    drop(client);
    let read = timeout(PATIENCE, remote.read(&mut [0])).await;
    assert_eq!(read.expect("it ends soon").unwrap_or_default(), 0);
}

#[tokio::test]
async fn the_end_is_told_to_both_sides() {
    let remote = Remote::start(Answers::Echo("")).await;
    let url = format!("ws://{}/", remote.address);
    let mut endpoint = Endpoint::start(&url, |_| {});
    let mut client = endpoint.say(&handshake("/", "")).await;
    head(&mut client).await.unwrap();
    endpoint.event().await;
    endpoint.event().await;
    let Endpoint {
        running,
        mut events,
        address,
    } = endpoint;
    let client = async {
        let mut all = Vec::new();
        client.read_to_end(&mut all).await.unwrap();
        all
    };
    let (close, ()) = timeout(PATIENCE, async { tokio::join!(client, running.end()) })
        .await
        .expect("it ends soon");
    assert_eq!(close, [0x88, 2, 3, 0xe9]);
    let Some(Event::Closed { end, .. }) = events.recv().await else {
        panic!("the end is not told");
    };
    assert_eq!((end.by, end.code), (By::Dial, 1001));
    assert_eq!(events.recv().await, None);
    assert!(TcpStream::connect(address).await.is_err());
}
