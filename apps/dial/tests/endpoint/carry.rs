//! What goes through: the handshake, the answer, the frames.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use towpath_dial::{By, Event};

use crate::remote::{Answers, Remote, head, value};
use crate::support::{ACCEPT, Endpoint, PATIENCE, handshake};

#[tokio::test]
async fn the_handshake_and_its_answer_are_the_applications_own() {
    let remote = Remote::start(Answers::Echo(
        "Sec-WebSocket-Protocol: b\r\nSec-WebSocket-Extensions: x-own; y=1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nTowpath-Way: forged\r\n",
    ))
    .await;
    let url = format!("ws://{}/socket?room=1", remote.address);
    let mut endpoint = Endpoint::start(&url, |_| {});
    let more = "Sec-WebSocket-Protocol: a, b\r\nSec-WebSocket-Extensions: x-own; y=1\r\nX-Room: blue\r\nCookie: c=3\r\nProxy-Connection: x\r\n";
    let mut client = endpoint.say(&handshake("/other/%2F?q=%20&r", more)).await;
    let answer = timeout(PATIENCE, head(&mut client)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert_eq!(
        value(&answer, "sec-websocket-accept").as_deref(),
        Some(ACCEPT)
    );
    assert_eq!(
        value(&answer, "sec-websocket-protocol").as_deref(),
        Some("b")
    );
    assert_eq!(
        value(&answer, "sec-websocket-extensions").as_deref(),
        Some("x-own; y=1")
    );
    assert_eq!(value(&answer, "towpath-way").as_deref(), Some("direct"));
    assert_eq!(answer.matches("Set-Cookie: ").count(), 2);
    assert!(!answer.contains("forged"));
    let seen = remote.heads().remove(0);
    assert!(
        seen.starts_with("GET /other/%2F?q=%20&r HTTP/1.1\r\n"),
        "{seen}"
    );
    assert_eq!(value(&seen, "host"), Some(remote.address.to_string()));
    assert_eq!(
        value(&seen, "sec-websocket-protocol").as_deref(),
        Some("a, b")
    );
    assert_eq!(value(&seen, "x-room").as_deref(), Some("blue"));
    assert_eq!(value(&seen, "cookie").as_deref(), Some("c=3"));
    assert_eq!(value(&seen, "proxy-connection"), None);
    assert_eq!(value(&seen, "user-agent"), None);
    assert!(matches!(endpoint.event().await, Event::Listening { .. }));
    let told = endpoint.event().await;
    let Event::Opened { path, way, .. } = &told else {
        panic!("{told:?}");
    };
    assert_eq!((path.as_str(), *way), ("/other/%2F", "direct"));
}

#[tokio::test]
async fn frames_pass_unread_and_the_end_is_told() {
    let remote = Remote::start(Answers::Echo("")).await;
    let mut endpoint = Endpoint::start(&format!("ws://{}/", remote.address), |_| {});
    let mut client = endpoint.say(&handshake("/", "")).await;
    timeout(PATIENCE, head(&mut client)).await.unwrap().unwrap();
    // Frames that no library would send pass as they are: reserved bits, fragments, pings of the client.
    let frames: &[u8] = &[0xf1, 0x81, 0, 0, 0, 0, b'x', 0x89, 0x80, 0, 0, 0, 0];
    client.write_all(frames).await.unwrap();
    let mut back = [0; 5];
    timeout(PATIENCE, client.read_exact(&mut back))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(back, [0xf1, 1, b'x', 0x8a, 0]);
    client
        .write_all(&[0x88, 0x82, 0, 0, 0, 0, 0x0f, 0xa1])
        .await
        .unwrap();
    let mut close = Vec::new();
    timeout(PATIENCE, client.read_to_end(&mut close))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(close, [0x88, 2, 0x0f, 0xa1]);
    drop(client);
    endpoint.event().await;
    endpoint.event().await;
    let Event::Closed {
        connection: 1, end, ..
    } = endpoint.event().await
    else {
        panic!("not closed");
    };
    assert_eq!((end.by, end.code), (By::Local, 4001));
}

#[tokio::test]
async fn the_root_means_the_url_that_was_named() {
    let remote = Remote::start(Answers::Echo("")).await;
    let url = format!("ws://{}/socket?room=1", remote.address);
    let endpoint = Endpoint::start(&url, |_| {});
    for target in ["/", "/x"] {
        let mut client = endpoint.say(&handshake(target, "")).await;
        timeout(PATIENCE, head(&mut client)).await.unwrap().unwrap();
    }
    let heads = remote.heads();
    assert!(heads[0].starts_with("GET /socket?room=1 "), "{heads:?}");
    assert!(heads[1].starts_with("GET /x "), "{heads:?}");
}

#[tokio::test]
async fn frames_that_came_with_the_handshake_are_not_lost() {
    let remote = Remote::start(Answers::Echo("")).await;
    let endpoint = Endpoint::start(&format!("ws://{}/", remote.address), |_| {});
    let early = format!("{}\u{1}", handshake("/", ""));
    let mut client = endpoint.say(&early).await;
    client.write_all(&[0x81, 0, 0, 0, 0, b'x']).await.unwrap();
    timeout(PATIENCE, head(&mut client)).await.unwrap().unwrap();
    let mut back = [0; 3];
    timeout(PATIENCE, client.read_exact(&mut back))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(back, [0x01, 1, b'x']);
}
