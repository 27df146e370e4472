//! What `--via auto` chooses without a browser, and that one line says why.

use towpath_lab::{Options, start};
use towpath_tests::boxes::{gateway, node, squid};

use crate::ask::header;
use crate::program::{Dial, Home};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_healthy_server_is_reached_directly() {
    let (home, backend) = (Home::default(), node::start("conformance.mjs", ""));
    let dial = Dial::start(&home, &[&backend.ws("/")]);
    let mut client = dial.ask("/echo").open().await;
    client.echo("hello").await;
    client.farewell().await;
    assert_eq!(dial.way().await.0, "direct");
}

/// A plain socket passes through a gateway as it does without one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_lets_sockets_through_is_reached_directly() {
    let (home, backend) = (Home::default(), node::start("conformance.mjs", ""));
    let gateway = gateway::start(backend.port);
    let dial = Dial::start(&home, &[&gateway.ws("/")]);
    let mut client = dial.ask("/echo").open().await;
    client.echo("hello").await;
    client.farewell().await;
    assert_eq!(dial.way().await.0, "direct");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_proxy_that_was_named_is_used() {
    let (home, backend) = (Home::default(), node::start("conformance.mjs", ""));
    let proxy = squid::forward("http_access allow all");
    let dial = Dial::start(&home, &["--proxy", &proxy.proxy(), &backend.ws("/")]);
    let mut client = dial.ask("/echo").open().await;
    client.echo("hello").await;
    client.farewell().await;
    let (way, why) = dial.way().await;
    assert_eq!(way, "proxy");
    assert!(why.contains(&proxy.proxy()), "{why}");
}

/// No way mends what the program itself asks for wrongly: the refusal is handed on, and the cause is named beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subprotocol_that_is_not_known_is_named() {
    let home = Home::default();
    let server = start("seed-phoenix", Options::default())
        .await
        .expect("it starts");
    let dial = Dial::to_lab(&home, &server, &[]);
    let ask = dial.ask("/").header("Sec-WebSocket-Protocol", "graphql-ws");
    let answer = ask.refused().await;
    assert_eq!(answer.status, 403, "{answer:#?}");
    let refused = &dial.told("refused", 1).await[0];
    assert_eq!(refused["status"], 403);
    assert_eq!(refused["cause"], "http-403-subproto", "{refused}");
    let why = refused["why"].as_str().unwrap_or_default();
    assert!(why.contains("graphql-transport-ws"), "{refused}");
    assert!(home.profiles().is_empty(), "no browser was needed");
    // With the right one it is let in.
    let ask = dial
        .ask("/")
        .header("Sec-WebSocket-Protocol", "graphql-transport-ws");
    let client = ask.open().await;
    assert_eq!(
        header(&client.head, "sec-websocket-protocol"),
        Some("graphql-transport-ws")
    );
    client.farewell().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_a_bad_gateway() {
    let home = Home::default();
    let server = start("tcp-refused", Options::default())
        .await
        .expect("it starts");
    let dial = Dial::to_lab(&home, &server, &[]);
    let answer = dial.ask("/").refused().await;
    assert_eq!(answer.status, 502, "{answer:#?}");
    assert!(answer.body.contains("refused"), "{answer:#?}");
}
