//! Tests of starting, describing and stopping any fault.

use std::net::TcpListener;

use super::*;
use crate::faults::faults;
use crate::testing::{ACCEPT, Client, HANDSHAKE, running};

#[tokio::test]
async fn every_fault_starts_says_how_to_be_seen_and_stops() {
    for fault in faults() {
        let running = running(fault.name).await;
        let arguments = running.check_arguments();
        assert_eq!(arguments.last(), Some(&running.url()), "{}", fault.name);
        let scheme = running.url().split(':').next().map(str::to_owned);
        assert_eq!(
            scheme.as_deref(),
            Some(if fault.tls { "wss" } else { "ws" }),
            "{}",
            fault.name
        );
        assert!(
            !arguments.iter().any(|argument| argument.contains('{')),
            "{arguments:?}"
        );
        running.stop().await;
    }
}

#[tokio::test]
async fn stopping_frees_the_port_and_leaves_no_file() {
    let running = running("healthy-echo-tls").await;
    let (address, path) = (running.address(), running.ca_path().unwrap().to_owned());
    assert!(path.exists());
    let client = Client::of(&running).await;
    running.stop().await;
    assert!(!path.exists());
    drop(client);
    let again = start(
        "healthy-echo",
        Options {
            listen: address,
            ..Options::default()
        },
    )
    .await;
    again.unwrap().stop().await;
}

#[tokio::test]
async fn a_chosen_file_stays() {
    let path = std::env::temp_dir().join(format!("towpath-lab-test-{}.pem", std::process::id()));
    let options = Options {
        ca_out: Some(path.clone()),
        ..Options::default()
    };
    start("healthy-echo-tls", options)
        .await
        .unwrap()
        .stop()
        .await;
    let pem = std::fs::read_to_string(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(!pem.contains("PRIVATE"));
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let busy = start(
        "healthy-echo",
        Options {
            listen,
            ..Options::default()
        },
    )
    .await;
    assert!(matches!(busy, Err(LabError::Listen { address, .. }) if address == listen));
    let unknown = start("no-such-fault", Options::default()).await;
    assert!(matches!(unknown, Err(LabError::UnknownFault { .. })));
    let with = |upstream: &str| Options {
        upstream: Some(upstream.to_owned()),
        ..Options::default()
    };
    let bad = start("proxy-101-rst", with("nowhere")).await;
    assert!(matches!(bad, Err(LabError::BadUpstream { .. })));
    let server = start("http-404", with("localhost:1")).await;
    assert!(matches!(
        server,
        Err(LabError::UpstreamNotTaken { name: "http-404" })
    ));
}

#[tokio::test]
async fn a_middlebox_leads_to_the_upstream_given() {
    let server = running("http-403-host").await;
    let with = |upstream: String| Options {
        upstream: Some(upstream),
        ..Options::default()
    };
    // `host:port` keeps the Host that the client sent, which this server refuses.
    let hop = start("healthy-reverse-proxy", with(server.address().to_string()))
        .await
        .unwrap();
    assert!(
        Client::of(&hop)
            .await
            .ask(HANDSHAKE)
            .await
            .starts_with("HTTP/1.1 403 ")
    );
    hop.stop().await;
    server.stop().await;

    let server = running("healthy-echo-tls").await;
    let plain = start("healthy-reverse-proxy", with("127.0.0.1:1".to_owned()))
        .await
        .unwrap();
    assert!(
        Client::of(&plain)
            .await
            .ask(HANDSHAKE)
            .await
            .starts_with("HTTP/1.1 502 ")
    );
    plain.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_url_as_upstream_gives_host_and_path() {
    let server = running("healthy-echo").await;
    let upstream = Some(server.url());
    let hop = start(
        "healthy-reverse-proxy",
        Options {
            upstream,
            ..Options::default()
        },
    )
    .await
    .unwrap();
    assert!(hop.url().ends_with("/socket"), "{}", hop.url());
    assert!(Client::of(&hop).await.ask(HANDSHAKE).await.contains(ACCEPT));
    hop.stop().await;
    server.stop().await;
}

#[tokio::test]
async fn a_proxy_before_a_given_server_leaves_trust_to_the_machine() {
    let upstream = Some("wss://server.test/live?x=1".to_owned());
    let proxy = start(
        "healthy-connect-proxy",
        Options {
            upstream,
            ..Options::default()
        },
    )
    .await
    .unwrap();
    assert_eq!(proxy.url(), "wss://server.test:443/live?x=1");
    assert_eq!(proxy.ca_pem(), None);
    assert_eq!(proxy.check_arguments()[0], "--proxy");
    assert!(!proxy.check_arguments().contains(&"--echo".to_owned()));
    proxy.stop().await;
}
