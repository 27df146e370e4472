//! Refusals and failures: the remote's own words, or ours, and never the one for the other.

use std::net::TcpListener;

use towpath_dial::Event;

use crate::remote::{Answers, Remote};
use crate::support::{Endpoint, handshake};

#[tokio::test]
async fn a_refusal_of_the_remote_is_told_as_it_is() {
    let remote = Remote::start(Answers::Bytes(
        "HTTP/1.1 403 Nope\r\nServer: cowboy\r\nX-Why: because\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n<p>x\r\n0\r\n\r\n",
    ))
    .await;
    let mut endpoint = Endpoint::start(&format!("ws://{}/", remote.address), |_| {});
    let answer = endpoint
        .answer(&handshake("/room?token=hunter22", ""))
        .await;
    assert!(
        answer.starts_with("HTTP/1.1 403 Forbidden\r\nServer: cowboy\r\nX-Why: because\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("\r\nTowpath-From: remote\r\nTowpath-Why: "),
        "{answer}"
    );
    assert!(answer.ends_with("\r\n\r\n<p>x"), "{answer}");
    endpoint.event().await;
    let told = endpoint.event().await;
    let Event::Refused {
        status: 403, path, ..
    } = &told
    else {
        panic!("{told:?}");
    };
    assert_eq!(path, "/room");
    let json = serde_json::to_string(&told).unwrap();
    assert!(
        json.contains(r#""type":"refused""#) && !json.contains("hunter22"),
        "{json}"
    );
}

#[tokio::test]
async fn where_nobody_answers_this_program_does() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let mut endpoint = Endpoint::start(&format!("ws://{address}/"), |_| {});
    let answer = endpoint.answer(&handshake("/", "")).await;
    assert!(
        answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\r\nTowpath-From: dial\r\n"), "{answer}");
    assert!(answer.contains("\r\nTowpath-Why: "), "{answer}");
    endpoint.event().await;
    assert!(matches!(endpoint.event().await, Event::Failed { .. }));
}

#[tokio::test]
async fn a_remote_that_hangs_up_is_a_failure() {
    let remote = Remote::start(Answers::Nothing).await;
    let endpoint = Endpoint::start(&format!("ws://{}/", remote.address), |_| {});
    assert_eq!(endpoint.status("/", "").await, 502);
}
