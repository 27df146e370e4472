//! Limits on connections and heads.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::sleep;

use crate::support::{Backend, METRICS, Wire, gateway, handshake, metric};

const HEALTH: &str = "GET /.towpath/health HTTP/1.1\r\nHost: h\r\n\r\n";

#[tokio::test]
async fn connections_above_the_limit_are_closed_and_counted_and_an_end_makes_room() {
    let backend = Backend::echo().await;
    for limit in ["connections", "connections_per_address"] {
        let settings = format!("{METRICS}[limits]\n{limit} = 2\n");
        let running = gateway(backend.address, &settings).await;
        // One of them is a WebSocket: it counts as long as it lives, not as long as its handshake.
        let mut websocket = Wire::to(&running).await;
        websocket.send(handshake("/", "")).await;
        assert!(websocket.head().await.starts_with("HTTP/1.1 101"));
        let mut second = Wire::to(&running).await;
        second.send(HEALTH).await;
        assert!(second.head().await.starts_with("HTTP/1.1 200"));
        let mut third = Wire::to(&running).await;
        assert_eq!(third.rest().await, b"");
        let reached = format!("towpath_limit_reached_total{{limit=\"{limit}\"}}");
        assert_eq!(metric(&running, &reached).await, 1);
        drop(websocket);
        let again = async {
            loop {
                let mut fourth = Wire::to(&running).await;
                drop(fourth.0.write_all(HEALTH.as_bytes()).await);
                if fourth.rest_of_answer().await.starts_with("HTTP/1.1 200") {
                    return;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(crate::support::PATIENCE, again)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_head_above_the_limit_is_431() {
    let backend = Backend::echo().await;
    let running = gateway(backend.address, "[limits]\nheader_bytes = 8192\n").await;
    let mut client = Wire::to(&running).await;
    let long = format!("X-Long: {}\r\n", "x".repeat(9000));
    client.send(handshake("/", &long)).await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 431 "), "{head}");
}

#[tokio::test]
async fn a_head_that_does_not_end_and_a_client_that_says_nothing_are_cut() {
    let backend = Backend::echo().await;
    let settings = format!("{METRICS}[limits]\nhead_seconds = 0.5\n");
    let running = gateway(backend.address, &settings).await;
    for start in ["", "G", "GET / HTTP/1.1\r\nHost: h\r\n", "PRI * HT"] {
        let mut client = Wire::to(&running).await;
        client.send(start).await;
        let rest = String::from_utf8(client.rest().await).unwrap();
        assert!(
            rest.is_empty() || rest.starts_with("HTTP/1.1 408"),
            "{start:?} {rest}"
        );
    }
    let reached = "towpath_limit_reached_total{limit=\"head_seconds\"}";
    assert_eq!(metric(&running, reached).await, 4);
}

#[tokio::test]
async fn a_client_that_does_not_read_an_answer_is_cut() {
    let backend = Backend::start(|mut wire| async move {
        wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            .await;
        let piece = vec![0; 1 << 20];
        while wire.0.write_all(&piece).await.is_ok() {}
    })
    .await;
    let settings = format!("{METRICS}[limits]\nslow_reader_seconds = 0.5\n");
    let running = gateway(backend.address, &settings).await;
    let mut client = Wire::to(&running).await;
    client.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n").await;
    client.head().await;
    let reached = "towpath_limit_reached_total{limit=\"slow_reader_seconds\"}";
    let counted = async {
        while metric(&running, reached).await == 0 {
            sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, counted)
        .await
        .unwrap();
}
