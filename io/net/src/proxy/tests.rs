//! Proxy settings and tunnels against small servers.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::limits::Limits;

#[test]
fn proxy_urls_are_read_as_curl_reads_them() {
    let check = |text: &str, shown: &str| {
        assert_eq!(ProxyServer::parse(text).unwrap().to_string(), shown);
    };
    check("proxy.example:3128", "http://proxy.example:3128");
    check("http://proxy.example", "http://proxy.example:1080");
    check("http://proxy.example:80/", "http://proxy.example:80");
    check("https://me:pw@proxy.example", "https://proxy.example:443");
    check("socks5h://[::1]:9050", "socks5h://[::1]:9050");
}

#[test]
fn credentials_are_decoded_and_never_shown() {
    let proxy = ProxyServer::parse("http://me%40home:p%3aw@proxy.example:1").unwrap();
    let credentials = proxy.credentials.clone().unwrap();
    assert_eq!(credentials.user, "me@home");
    assert_eq!(credentials.password, "p:w");
    assert!(!format!("{proxy:?} {proxy}").contains("p:w"));
}

#[test]
fn wrong_proxies_are_named_without_their_password() {
    for wrong in [
        "ftp://me:secret@proxy.example",
        "http://",
        "http://me:secret@:1",
    ] {
        let message = ProxyServer::parse(wrong).unwrap_err().to_string();
        assert!(!message.contains("secret"), "{message}");
    }
}

/// One client's conversation with a proxy that answers these bytes to each of its reads.
async fn served(answers: &'static [&'static [u8]]) -> (SocketAddr, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        for answer in answers {
            let mut buffer = [0; 2048];
            let length = stream.read(&mut buffer).await.unwrap();
            shared.lock().unwrap().extend_from_slice(&buffer[..length]);
            stream.write_all(answer).await.unwrap();
        }
        // The rest of the test ends the connection.
        let _ = stream.read(&mut [0; 1]).await;
    });
    (address, seen)
}

async fn tunnelled(proxy: &str, address: SocketAddr, limits: Limits) -> (Tunnel, Option<Stream>) {
    let mut proxy = ProxyServer::parse(proxy).unwrap();
    (proxy.host, proxy.port) = (address.ip().to_string(), address.port());
    let mut settings = Settings::default();
    settings.limits = limits;
    let destination = Destination {
        host: "h.example".to_owned(),
        port: 443,
        address: None,
    };
    let stream = Stream::new(TcpStream::connect(address).await.unwrap());
    let mut facts: Vec<Fact> = Vec::new();
    let result = tunnel(stream, &proxy, &destination, &settings, &mut facts).await;
    match facts.pop() {
        Some(Fact::Tunnel(fact)) if facts.is_empty() => (fact, result.ok()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn connect_opens_and_keeps_early_bytes() {
    let (address, seen) = served(&[b"HTTP/1.1 200 Connection established\r\n\r\nearly"]).await;
    let (fact, stream) = tunnelled("http://me:pw@p", address, Limits::default()).await;
    assert_eq!(fact.outcome, TunnelOutcome::Established);
    assert!(fact.credentials);
    let mut early = [0; 5];
    stream.unwrap().read_exact(&mut early).await.unwrap();
    assert_eq!(&early, b"early");
    let seen = String::from_utf8(seen.lock().unwrap().clone()).unwrap();
    assert!(seen.starts_with("CONNECT h.example:443 HTTP/1.1\r\nHost: h.example:443\r\n"));
    assert!(seen.contains("Proxy-Authorization: Basic bWU6cHc=\r\n"));
}

#[tokio::test]
async fn a_refusal_is_kept_whole() {
    let (address, _) = served(&[b"HTTP/1.1 407 Proxy Authentication Required\r\n\
        Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 4\r\n\r\npage"])
    .await;
    let (fact, stream) = tunnelled("http://p", address, Limits::default()).await;
    assert!(stream.is_none());
    assert!(!fact.credentials);
    let TunnelOutcome::Refused { response } = fact.outcome else {
        panic!("{fact:?}");
    };
    assert_eq!(response.status, 407);
    assert_eq!(response.body.text, "page");
    assert_eq!(
        response.header("proxy-authenticate"),
        Some("Basic realm=\"x\"")
    );
}

#[tokio::test]
async fn a_silent_proxy_times_out() {
    let limits = Limits {
        tunnel: Duration::from_millis(100),
        ..Limits::default()
    };
    let (address, _) = served(&[b""]).await;
    let (fact, _) = tunnelled("http://p", address, limits).await;
    let silent = Failure::TimedOut { waited_ms: 100 };
    assert_eq!(fact.outcome, TunnelOutcome::Failed(silent));
}

#[tokio::test]
async fn an_http_proxy_asked_by_tls_is_not_tls() {
    let (address, _) = served(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"]).await;
    let (fact, _) = tunnelled("https://p", address, Limits::default()).await;
    let outcome = fact.outcome;
    assert!(
        matches!(outcome, TunnelOutcome::Failed(Failure::NotTls { .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn socks_asks_for_the_name_with_credentials() {
    let (address, seen) = served(&[
        b"\x05\x02",
        b"\x01\x00",
        b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50",
    ])
    .await;
    let (fact, _) = tunnelled("socks5h://me:pw@p", address, Limits::default()).await;
    assert_eq!(fact.outcome, TunnelOutcome::Established);
    let expected = b"\x05\x02\x00\x02\x01\x02me\x02pw\x05\x01\x00\x03\x09h.example\x01\xbb";
    assert_eq!(&seen.lock().unwrap()[..], expected);
}

#[tokio::test]
async fn socks_refusals_keep_their_code() {
    let refused = async |proxy: &str, answers| {
        let (address, _) = served(answers).await;
        tunnelled(proxy, address, Limits::default()).await.0.outcome
    };
    let by_rule: &'static [&'static [u8]] = &[b"\x05\x00", b"\x05\x02\x00\x01\0\0\0\0\0\0"];
    assert_eq!(
        refused("socks5h://p", by_rule).await,
        TunnelOutcome::SocksRefused {
            code: Some(2),
            meaning: "connection not allowed by ruleset".to_owned(),
        }
    );
    let wants_user: &'static [&'static [u8]] = &[b"\x05\xff"];
    assert!(matches!(
        refused("socks5h://p", wants_user).await,
        TunnelOutcome::SocksRefused { code: None, .. }
    ));
    let wrong_password: &'static [&'static [u8]] = &[b"\x05\x02", b"\x01\x01"];
    assert!(matches!(
        refused("socks5h://me:pw@p", wrong_password).await,
        TunnelOutcome::SocksRefused { code: None, .. }
    ));
    let http: &'static [&'static [u8]] = &[b"HTTP/1.1 400 Bad Request\r\n\r\n"];
    assert!(matches!(
        refused("socks5h://p", http).await,
        TunnelOutcome::Failed(Failure::Other { .. })
    ));
}
