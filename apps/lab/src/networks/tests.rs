//! Each network does what its row says, and lets everything else pass.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use towpath_websocket::FrameHeader;

use super::*;
use crate::error::LabError;
use crate::stream::Stream;
use crate::testing::{ACCEPT, Client, GET_PAGE, HANDSHAKE, within};

async fn network(name: &str, options: NetworkOptions) -> RunningNetwork {
    start_network(name, options)
        .await
        .expect("every network starts on a free port")
}

async fn plain(name: &str) -> (RunningNetwork, Client) {
    let network = network(name, NetworkOptions::default()).await;
    let client = Client::at(network.address()).await;
    (network, client)
}

fn settings(settings: Settings, upstream: Option<String>) -> NetworkOptions {
    NetworkOptions {
        upstream,
        settings,
        ..NetworkOptions::default()
    }
}

/// A server that answers each request with a chunked body: a chunk per text it is told, the end when told no more.
/// Says each time that a client has left.
async fn teller(mut texts: mpsc::Receiver<String>) -> (String, mpsc::Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (say, left) = mpsc::channel(1);
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let mut stream = Stream::from(tcp);
        crate::request::read_head(&mut stream).await.unwrap();
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head).await.unwrap();
        let mut one = [0; 1];
        loop {
            tokio::select! {
                text = texts.recv() => {
                    let text = text.unwrap_or_default();
                    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
                    stream.write_all(chunk.as_bytes()).await.unwrap();
                    if text.is_empty() {
                        break;
                    }
                }
                _ = stream.read(&mut one) => {
                    say.send(()).await.unwrap();
                    return;
                }
            }
        }
    });
    (address, left)
}

async fn page(client: &mut Client) {
    let answer = client.ask(GET_PAGE).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let length = answer.split("Content-Length: ").nth(1).unwrap();
    let length = length.split("\r\n").next().unwrap().parse().unwrap();
    client.bytes(length).await.unwrap();
}

async fn open(client: &mut Client) {
    let answer = client.ask(HANDSHAKE).await;
    assert!(answer.contains(ACCEPT), "{answer}");
}

#[test]
fn names_are_unique_and_no_fault_has_one() {
    for (index, network) in NETWORKS.iter().enumerate() {
        let is_same = |other: &Network| other.name == network.name;
        assert!(!NETWORKS[..index].iter().any(is_same), "{}", network.name);
        assert!(crate::find(network.name).is_none(), "{}", network.name);
    }
    assert_eq!(find_networks("stripped+far").unwrap().len(), 2);
    assert!(find_networks("stripped+nonsense").is_none());
}

#[tokio::test]
async fn requests_tell_of_their_way_and_come_from_the_address_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let options = NetworkOptions {
        upstream: Some(listener.local_addr().unwrap().to_string()),
        source: Some([127, 0, 9, 1].into()),
        ..NetworkOptions::default()
    };
    let network = network("hop-stripped+via", options).await;
    let mut client = Client::at(network.address()).await;
    client.send(HANDSHAKE).await;
    let (tcp, peer) = listener.accept().await.unwrap();
    assert_eq!(peer.ip().to_string(), "127.0.9.1");
    let head = crate::request::read_head(&mut Stream::from(tcp)).await;
    let head = String::from_utf8(head.unwrap().unwrap()).unwrap();
    assert!(head.contains("Via: 1.1 lab-web-gateway\r\n"), "{head}");
    assert!(head.contains("Sec-WebSocket-Key: "), "{head}");
    assert!(!head.contains("Upgrade: "), "{head}");
}

#[tokio::test]
async fn plain_requests_pass_one_after_the_other_in_every_network() {
    for row in NETWORKS {
        let (_network, mut client) = plain(row.name).await;
        for _ in 0..3 {
            page(&mut client).await;
        }
    }
}

#[tokio::test]
async fn a_websocket_follows_requests_on_one_connection() {
    for name in ["clear", "far", "small-bodies", "clear+cut-age"] {
        let (_network, mut client) = plain(name).await;
        page(&mut client).await;
        open(&mut client).await;
        client.echo("hello").await.unwrap();
    }
}

#[tokio::test]
async fn an_upgrade_is_refused_hung_or_stripped() {
    let (_network, mut client) = plain("refused").await;
    assert!(client.ask(HANDSHAKE).await.starts_with("HTTP/1.1 403 "));
    let (_network, mut client) = plain("hung").await;
    client.send(HANDSHAKE).await;
    assert!(client.is_silent().await);
    let (_network, mut client) = plain("stripped").await;
    let answer = client.ask(HANDSHAKE).await;
    assert!(answer.starts_with("HTTP/1.1 426 "), "{answer}");
}

#[tokio::test]
async fn an_open_websocket_is_reset_at_the_first_frame() {
    let (_network, mut client) = plain("reset-at-frame").await;
    open(&mut client).await;
    assert!(client.is_silent().await);
    client.send_frame(FrameHeader::text(1), b"x").await;
    let reset = client.rest().await.unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn an_open_websocket_falls_mute() {
    for name in ["mute", "mute-down", "mute-up", "buffered", "blocks"] {
        let (_network, mut client) = plain(name).await;
        open(&mut client).await;
        client.send_frame(FrameHeader::text(1), b"x").await;
        assert!(client.is_silent().await, "{name}");
    }
}

#[tokio::test]
async fn answers_stream_and_the_leaving_of_a_client_is_noticed() {
    let (tell, texts) = mpsc::channel(8);
    let (upstream, mut left) = teller(texts).await;
    let network = network("clear", settings(Settings::default(), Some(upstream))).await;
    let mut client = Client::at(network.address()).await;
    client.ask(GET_PAGE).await;
    tell.send("one".to_owned()).await.unwrap();
    assert_eq!(client.bytes(8).await.unwrap(), b"3\r\none\r\n");
    drop(client);
    within(left.recv()).await.unwrap();
}

#[tokio::test]
async fn answers_are_held_until_they_are_complete() {
    let (tell, texts) = mpsc::channel(8);
    let (upstream, _left) = teller(texts).await;
    let network = network("buffered", settings(Settings::default(), Some(upstream))).await;
    let mut client = Client::at(network.address()).await;
    client.send(GET_PAGE).await;
    tell.send("one".to_owned()).await.unwrap();
    assert!(client.is_silent().await);
    drop(tell);
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    assert_eq!(client.bytes(13).await.unwrap(), b"3\r\none\r\n0\r\n\r\n");
}

#[tokio::test]
async fn answers_come_in_blocks() {
    let (tell, texts) = mpsc::channel(8);
    let (upstream, _left) = teller(texts).await;
    let sized = Settings {
        bytes: Some(100),
        ..Settings::default()
    };
    let network = network("blocks", settings(sized, Some(upstream))).await;
    let mut client = Client::at(network.address()).await;
    client.send(GET_PAGE).await;
    assert!(client.is_silent().await);
    tell.send("x".repeat(70)).await.unwrap();
    client.bytes(100).await.unwrap();
    assert!(client.is_silent().await);
}

#[tokio::test]
async fn a_long_answer_is_cut() {
    for (name, given) in [
        (
            "cut-bytes",
            Settings {
                bytes: Some(60),
                ..Settings::default()
            },
        ),
        (
            "cut-age",
            Settings {
                period: Some(SHORT),
                ..Settings::default()
            },
        ),
        (
            "cut-idle",
            Settings {
                period: Some(SHORT),
                ..Settings::default()
            },
        ),
    ] {
        let (tell, texts) = mpsc::channel(8);
        let (upstream, _left) = teller(texts).await;
        let network = network(name, settings(given, Some(upstream))).await;
        let mut client = Client::at(network.address()).await;
        client.ask(GET_PAGE).await;
        tell.send("y".repeat(70)).await.unwrap();
        let reset = client.rest().await.unwrap_err();
        assert_eq!(reset.kind(), ErrorKind::ConnectionReset, "{name}");
    }
}

#[tokio::test]
async fn an_open_websocket_is_cut() {
    for (name, given) in [
        (
            "cut-bytes",
            Settings {
                bytes: Some(1000),
                ..Settings::default()
            },
        ),
        (
            "cut-age",
            Settings {
                period: Some(SHORT),
                ..Settings::default()
            },
        ),
        (
            "cut-idle",
            Settings {
                period: Some(SHORT),
                ..Settings::default()
            },
        ),
    ] {
        let network = network(name, settings(given, None)).await;
        let mut client = Client::at(network.address()).await;
        open(&mut client).await;
        client.echo(&"z".repeat(100)).await.unwrap();
        client
            .send_frame(FrameHeader::text(900), &[b'z'; 900])
            .await;
        let reset = client.rest().await.unwrap_err();
        assert_eq!(reset.kind(), ErrorKind::ConnectionReset, "{name}");
    }
}

#[tokio::test]
async fn jitter_cuts_what_is_open_and_lets_pass_again() {
    let given = Settings {
        period: Some(SHORT),
        ..Settings::default()
    };
    let network = network("jitter", settings(given, None)).await;
    let mut client = Client::at(network.address()).await;
    open(&mut client).await;
    let reset = client.rest().await.unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    // Until the outage is over, every new connection ends without an answer.
    let answered = within(async {
        loop {
            let mut client = Client::at(network.address()).await;
            let answer = client.ask(GET_PAGE).await;
            if !answer.is_empty() {
                return answer;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(answered.await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn bodies_over_the_limit_are_refused() {
    let given = Settings {
        bytes: Some(10),
        ..Settings::default()
    };
    let network = network("small-bodies", settings(given, None)).await;
    let mut client = Client::at(network.address()).await;
    let post = |length: usize| {
        let body = "b".repeat(length);
        format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}")
    };
    client.send(&post(10)).await;
    page(&mut client).await;
    let answer = Client::at(network.address()).await.ask(&post(11)).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test]
async fn a_far_server_takes_its_time() {
    let given = Settings {
        round_trip: Some(Duration::from_millis(120)),
        ..Settings::default()
    };
    let network = network("far", settings(given, None)).await;
    let mut client = Client::at(network.address()).await;
    let began = Instant::now();
    page(&mut client).await;
    assert!(began.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn tls_is_inspected_or_passes_untouched() {
    let behind = Inspector::new().unwrap();
    let server = network(
        "clear",
        NetworkOptions {
            tls: Tls::Inspected,
            inspector: Some(behind.clone()),
            ..NetworkOptions::default()
        },
    )
    .await;
    for (tls, trusted) in [(Tls::Inspected, None), (Tls::Untouched, Some(behind.pem()))] {
        let network = network(
            "cut-age",
            NetworkOptions {
                tls,
                upstream: Some(format!("https://{}", server.address())),
                upstream_roots: behind.pem(),
                ..NetworkOptions::default()
            },
        )
        .await;
        let roots = trusted.unwrap_or_else(|| network.ca_pem());
        let config = trust::client(&roots).unwrap();
        let client = Client::at(network.address()).await;
        let mut client = client
            .over_tls_trusting(rustls::ClientConfig::clone(&config))
            .await;
        page(&mut client).await;
        open(&mut client).await;
        client.echo("hello").await.unwrap();
    }
}

#[tokio::test]
async fn what_must_read_requests_cannot_leave_tls_untouched() {
    let options = NetworkOptions {
        tls: Tls::Untouched,
        ..NetworkOptions::default()
    };
    let refused = start_network("refused+far", options).await;
    assert!(matches!(refused, Err(LabError::CannotRead { .. })));
}

#[tokio::test]
async fn a_connection_that_can_only_be_for_a_websocket_gets_no_word() {
    let options = NetworkOptions {
        tls: Tls::Inspected,
        ..NetworkOptions::default()
    };
    let network = network("hung-connect", options).await;
    let mut config = rustls::ClientConfig::clone(&trust::client(&network.ca_pem()).unwrap());
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let client = Client::at(network.address()).await;
    page(&mut client.over_tls_trusting(config.clone()).await).await;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    let client = Client::at(network.address()).await;
    let waiting = tokio::time::timeout(SHORT, client.over_tls_trusting(config));
    assert!(waiting.await.is_err(), "not even a ServerHello");
}

/// A period of a network in these tests.
const SHORT: Duration = Duration::from_millis(500);
