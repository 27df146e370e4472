//! Names, connections, TLS and proxies on the way to a target.

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use towpath_diagnosis::observation::{
    Change, ConnectionOutcome, Fact, Failure, HandshakeOutcome, Resolver, Scheme, TlsLibrary,
    TlsOutcome, TlsVariation, TunnelOutcome,
};
use towpath_diagnosis::question::Question;
use towpath_net::ProxyServer;
use towpath_probe::{Probe, ProbeSettings, ProxyChoice};

use crate::server::{Reply, handshake, plain, secure, settings, switch};

fn kinds(facts: &[Fact]) -> Vec<&'static str> {
    facts
        .iter()
        .map(|fact| match fact {
            Fact::Resolution(_) => "resolution",
            Fact::Connection(_) => "connection",
            Fact::Tunnel(_) => "tunnel",
            Fact::Tls(_) => "tls",
            Fact::Handshake(_) => "handshake",
            _ => "other",
        })
        .collect()
}

async fn secure_settings() -> (ProbeSettings, crate::server::Seen) {
    let (address, seen, authority) = secure(|head| Reply::Stay(switch(head, "", ""))).await;
    let mut given = settings(address);
    given.scheme = Scheme::Wss;
    "localhost".clone_into(&mut given.host);
    let fixed = format!("localhost:{}:127.0.0.1", address.port());
    given.net.add_override(&fixed).unwrap();
    given.net.trust_only(authority.as_bytes()).unwrap();
    (given, seen)
}

const FIRST: Question = Question::Handshake {
    changes: Vec::new(),
};

/// A CONNECT proxy that goes wherever it is asked.
async fn proxy() -> ProxyServer {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(near.read_u8().await.unwrap());
                }
                let text = String::from_utf8(head).unwrap();
                let target = text.split(' ').nth(1).unwrap().to_owned();
                let mut far = TcpStream::connect(target).await.unwrap();
                near.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let _ = copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    ProxyServer::parse(&format!("http://{address}")).unwrap()
}

#[tokio::test]
async fn every_step_is_told_once_and_in_order() {
    let (given, _) = secure_settings().await;
    let mut probe = Probe::new(given);
    let facts = probe.ask(&FIRST).await;
    assert_eq!(
        kinds(&facts),
        ["resolution", "connection", "tls", "handshake"]
    );
    assert!(matches!(
        &facts[0],
        Fact::Resolution(resolution) if resolution.resolver == Resolver::Given
    ));
    let told = handshake(&facts);
    assert_eq!(told.library, Some(TlsLibrary::Rustls));
    assert!(told.issuer.is_some() && told.route.address.is_some());
    let again = probe.ask(&FIRST).await;
    assert_eq!(kinds(&again), ["connection", "tls", "handshake"]);
    let other = probe
        .ask(&Question::Handshake {
            changes: vec![Change::OpenSsl],
        })
        .await;
    assert_eq!(handshake(&other).library, Some(TlsLibrary::OpenSsl));
    assert!(matches!(
        handshake(&other).outcome,
        HandshakeOutcome::Switched(_)
    ));
}

#[tokio::test]
async fn nothing_is_sent_to_a_server_that_is_not_trusted() {
    let (given, seen) = secure_settings().await;
    let mut stranger = settings("127.0.0.1:1".parse().unwrap());
    stranger.scheme = Scheme::Wss;
    stranger.port = given.port;
    let mut probe = Probe::new(stranger);
    let facts = probe.ask(&FIRST).await;
    let HandshakeOutcome::Failed(failed) = &handshake(&facts).outcome else {
        panic!("{facts:?}");
    };
    assert_eq!(failed.failure, Failure::NotTrusted);
    assert_eq!(probe.spent(), 0);
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn tls_variations_are_asked_alone() {
    let (given, _) = secure_settings().await;
    let mut probe = Probe::new(given);
    for variation in [TlsVariation::Ordinary, TlsVariation::WithoutPostQuantum] {
        let facts = probe.ask(&Question::Tls(variation.clone())).await;
        let Some(Fact::Tls(attempt)) = facts.last() else {
            panic!("{facts:?}");
        };
        assert_eq!(attempt.variation, variation);
        assert!(matches!(attempt.outcome, TlsOutcome::Established(_)));
    }
    assert_eq!(probe.spent(), 0);
}

#[tokio::test]
async fn a_proxy_is_gone_through_and_past() {
    let (mut given, _) = secure_settings().await;
    given.proxy = ProxyChoice::Given(proxy().await);
    let mut probe = Probe::new(given);
    let facts = probe.ask(&FIRST).await;
    assert_eq!(kinds(&facts), ["connection", "tunnel", "tls", "handshake"]);
    assert!(handshake(&facts).route.proxy.is_some());
    let facts = probe
        .ask(&Question::Handshake {
            changes: vec![Change::Direct],
        })
        .await;
    assert_eq!(
        kinds(&facts),
        ["resolution", "connection", "tls", "handshake"]
    );
    assert_eq!(handshake(&facts).route.proxy, None);
    let port = handshake(&facts).route.address.unwrap().port();
    let facts = probe.ask(&Question::Tunnel { port }).await;
    assert!(matches!(
        facts.last(),
        Some(Fact::Tunnel(tunnel)) if tunnel.outcome == TunnelOutcome::Established
    ));
}

#[tokio::test]
async fn connections_are_told_by_address() {
    let (address, _) = plain(|_| Reply::Hang).await;
    let unused = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = unused.local_addr().unwrap().port();
    drop(unused);
    let mut probe = Probe::new(settings(address));
    let outcome = |facts: Vec<Fact>| match facts.last() {
        Some(Fact::Connection(connection)) => connection.outcome.clone(),
        _ => panic!("{facts:?}"),
    };
    assert_eq!(
        outcome(probe.ask(&Question::Connect).await),
        ConnectionOutcome::Connected
    );
    assert_eq!(
        outcome(probe.ask(&Question::ConnectPort { port: closed }).await),
        ConnectionOutcome::Failed(Failure::Refused)
    );
}

#[tokio::test]
async fn the_machine_is_described_without_sending() {
    let (address, seen) = plain(|_| Reply::Hang).await;
    let mut probe = Probe::new(settings(address));
    let facts = probe.ask(&Question::Environment).await;
    assert!(matches!(facts.as_slice(), [Fact::Environment(_)]));
    let facts = probe.ask(&Question::Resolve).await;
    assert_eq!(kinds(&facts), ["resolution"]);
    assert!(seen.lock().unwrap().is_empty());
}
