//! `stream` and `sse`: chunks one by one, silence, and the end.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Answer, PATIENCE, ask, attempt, gateway, get, head};

/// The numbers of each line: which chunk, and when it was written.
fn lines(answer: &Answer, prefix: &str) -> Vec<(u64, u64)> {
    let lines = answer.body.lines();
    let lines = lines.filter_map(|line| line.strip_prefix(prefix));
    lines
        .map(|line| {
            let (number, at) = line.trim_end().split_once(' ').unwrap();
            (number.parse().unwrap(), at.parse().unwrap())
        })
        .collect()
}

fn assert_spaced(lines: &[(u64, u64)], spans: &[u64]) {
    assert_eq!(lines.len(), spans.len() + 1, "{lines:?}");
    for (at, pair) in lines.windows(2).enumerate() {
        assert_eq!(pair[1].0, pair[0].0 + 1);
        // A chunk is never early; a late one does not delay those behind it.
        let due: u64 = spans[..=at].iter().sum();
        assert!(pair[1].1 >= due, "{lines:?}");
    }
}

#[tokio::test]
async fn a_stream_is_lines_one_a_beat() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let answer = get(
        address,
        &format!("stream?attempt={attempt}&count=4&beat=50"),
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/octet-stream")
    );
    assert_eq!(
        answer.header("cache-control"),
        Some("no-store, no-transform")
    );
    assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    assert!(answer.body.lines().next().unwrap().len() >= 2048);
    assert_spaced(&lines(&answer, ""), &[50; 3]);
    let target = format!("/.towpath/probe/stream?attempt={attempt}&count=2&beat=0");
    let posted = head("POST", &target, address, "Content-Length: 0\r\n");
    assert_eq!(lines(&ask(address, posted).await, "").len(), 2);
}

#[tokio::test]
async fn an_event_stream_is_the_same_as_events() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let answer = get(
        address,
        &format!("sse?attempt={attempt}&count=3&beat=20&idle=200"),
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert!(answer.body.starts_with(":==="), "{answer:?}");
    assert!(answer.body.ends_with("\n\n"), "{answer:?}");
    assert_spaced(&lines(&answer, "data: "), &[20, 200]);
}

#[tokio::test]
async fn each_chunk_is_on_its_way_when_it_is_made() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let mut stream = open(
        address,
        &format!("stream?attempt={attempt}&count=2&idle=60000"),
    )
    .await;
    let mut got = String::new();
    let mut buffer = [0; 4096];
    // The second chunk is a minute away: what comes now was not held back for it.
    while !got.contains("\r\n0 ") || !got.ends_with("\n\r\n") {
        let read = timeout(PATIENCE, stream.read(&mut buffer)).await;
        let bytes = read.expect("the first chunk comes").unwrap();
        assert!(bytes > 0, "{got}");
        got.push_str(std::str::from_utf8(&buffer[..bytes]).unwrap());
    }
}

#[tokio::test]
async fn a_drain_ends_streams_and_polls_at_once() {
    let (running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let mut held = Vec::new();
    let stream = format!("stream?attempt={attempt}&count=2&idle=60000");
    held.push(open(address, &stream).await);
    for _ in 1..12 {
        held.push(open(address, &format!("poll?attempt={attempt}&wait=60000")).await);
    }
    // All of them are under way when there is no place for another.
    while get(address, &format!("fetch?attempt={attempt}"))
        .await
        .status
        != 429
    {}
    let drained = tokio::spawn(running.drain());
    let mut rest = Vec::new();
    for stream in &mut held {
        let read = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        read.expect("it ends").unwrap();
    }
    timeout(PATIENCE, drained).await.unwrap().unwrap();
    let text = String::from_utf8(rest).unwrap();
    assert!(text.contains("0\r\n\r\nHTTP/1.1 503 "), "{text}");
}

async fn open(address: SocketAddr, probe: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = head("GET", &format!("/.towpath/probe/{probe}"), address, "");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
