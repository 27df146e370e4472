//! Ordinary requests and the gateway's own endpoints.

use std::sync::Arc;

use tokio::sync::Notify;

use crate::support::{Backend, METRICS, Wire, gateway, handshake, metric};

#[tokio::test]
async fn bodies_stream_both_ways_while_they_are_made() {
    let half = Arc::new(Notify::new());
    let shared = half.clone();
    let mut backend = Backend::start(move |mut wire| {
        let half = shared.clone();
        async move {
            // Answers while the request's body is still on its way.
            assert_eq!(wire.take(10).await, b"5\r\nfirst\r\n");
            wire.send("HTTP/1.1 201 Made\r\nX-App: 1\r\nConnection: X-Hop\r\nX-Hop: 1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
                .await;
            half.notified().await;
            assert_eq!(wire.take(11).await, b"6\r\nsecond\r\n");
            wire.send("3\r\ntwo\r\n0\r\n\r\n").await;
        }
    })
    .await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    client
        .send("POST /page?q=1 HTTP/1.1\r\nHost: chat.example.com\r\nCookie: a=b\r\nTransfer-Encoding: chunked\r\nX-Real-IP: 6.6.6.6\r\n\r\n5\r\nfirst\r\n")
        .await;
    let seen = backend.seen().await;
    assert!(seen.starts_with("POST /page?q=1 HTTP/1.1\r\n"), "{seen}");
    let lower = seen.to_ascii_lowercase();
    for line in [
        "host: chat.example.com",
        "cookie: a=b",
        "x-forwarded-for: 127.0.0.1",
        "transfer-encoding: chunked",
    ] {
        assert!(lower.contains(&format!("\r\n{line}\r\n")), "{line}: {seen}");
    }
    assert!(!lower.contains("x-real-ip"), "{seen}");
    let head = client.head().await.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 201 "), "{head}");
    assert!(
        head.contains("\r\nx-app: 1\r\n") && !head.contains("x-hop"),
        "{head}"
    );
    assert_eq!(client.take(8).await, b"3\r\none\r\n");
    half.notify_one();
    client.send("6\r\nsecond\r\n0\r\n\r\n").await;
    assert_eq!(client.take(13).await, b"3\r\ntwo\r\n0\r\n\r\n");
}

#[tokio::test]
async fn forwarding_can_be_switched_off() {
    let backend = Backend::echo().await;
    let running = gateway(backend.address, "[upstream]\nforward_http = false\n").await;
    let mut client = Wire::to(&running).await;
    client.send("GET /page HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(client.head().await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn a_page_of_another_site_gets_no_websocket_and_no_session() {
    let backend = Backend::echo().await;
    let settings = format!("{METRICS}[origins]\nallow = [\"https://*.example.org\"]\n");
    let running = gateway(backend.address, &settings).await;
    let post = |origin: &str| {
        format!(
            "POST /.towpath/poll HTTP/1.1\r\nHost: chat.example.com\r\nOrigin: {origin}\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let websocket = |origin: &str| handshake("/", &format!("Origin: {origin}\r\n"));
    for (request, allowed) in [
        (websocket("http://chat.example.com"), true),
        (websocket("https://a.example.org"), true),
        (websocket("https://evil.test"), false),
        (websocket("null"), false),
        (post("http://chat.example.com"), true),
        (post("https://evil.test"), false),
    ] {
        let mut client = Wire::to(&running).await;
        client.send(&request).await;
        let head = client.head().await.to_ascii_lowercase();
        assert_eq!(
            !head.starts_with("http/1.1 403 "),
            allowed,
            "{request}{head}"
        );
        let shared = head.contains("access-control-allow-origin");
        assert_eq!(shared, allowed && request.starts_with("POST"), "{head}");
    }
    assert_eq!(metric(&running, "towpath_origin_refused_total").await, 3);
}

#[tokio::test]
async fn a_preflight_is_answered_for_allowed_pages_only() {
    let backend = Backend::echo().await;
    let settings = "[origins]\nallow = [\"https://app.example.org\"]\n";
    let running = gateway(backend.address, settings).await;
    let preflight = |origin: &str| {
        format!(
            "OPTIONS /chat/.towpath/send HTTP/1.1\r\nHost: chat.example.com\r\nOrigin: {origin}\r\nAccess-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n\r\n"
        )
    };
    let mut client = Wire::to(&running).await;
    client.send(preflight("https://app.example.org")).await;
    let head = client.head().await.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 204 "), "{head}");
    for line in [
        "access-control-allow-origin: https://app.example.org",
        "access-control-allow-credentials: true",
        "access-control-allow-methods: post",
        "vary: origin",
    ] {
        assert!(head.contains(&format!("\r\n{line}\r\n")), "{line}: {head}");
    }
    let mut client = Wire::to(&running).await;
    client.send(preflight("https://other.example.org")).await;
    let head = client.head().await.to_ascii_lowercase();
    assert!(
        head.starts_with("http/1.1 403 ") && !head.contains("access-control"),
        "{head}"
    );
}

#[tokio::test]
async fn own_endpoints_that_do_not_exist_never_reach_the_backend() {
    let backend = Backend::echo().await;
    let running = gateway(backend.address, "").await;
    let mut client = Wire::to(&running).await;
    client
        .send("GET /a/.towpath/secret HTTP/1.1\r\nHost: h\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 404 "));
    let mut client = Wire::to(&running).await;
    client.send(handshake("/.towpath/other", "")).await;
    assert!(client.head().await.starts_with("HTTP/1.1 404 "));
}

#[tokio::test]
async fn the_client_s_modules_are_served_at_any_path_and_known_ones_are_not_sent_again() {
    let backend = Backend::echo().await;
    let running = gateway(backend.address, "").await;
    let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: h\r\n{more}\r\n");
    for path in [
        "/.towpath/towpath.js",
        "/chat/.towpath/towpath.js",
        "/.towpath/stand-in.js",
    ] {
        let mut client = Wire::to(&running).await;
        client.send(get(path, "")).await;
        let head = client.head().await.to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        assert!(
            head.contains("\r\ncontent-type: text/javascript; charset=utf-8\r\n"),
            "{head}"
        );
        let value = |name: &str| {
            let mut lines = head.lines();
            let line = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.unwrap().to_owned()
        };
        let length = value("content-length").parse().unwrap();
        let script = String::from_utf8(client.take(length).await).unwrap();
        assert!(script.contains("class"), "{script}");
        let mut browser = Wire::to(&running).await;
        browser
            .send(get(path, "Accept-Encoding: gzip, br\r\n"))
            .await;
        let packed = browser.head().await.to_ascii_lowercase();
        assert!(
            packed.contains("\r\ncontent-encoding: gzip\r\n"),
            "{packed}"
        );
        assert_eq!(browser.take(2).await, [0x1f, 0x8b]);
        client
            .send(get(path, &format!("If-None-Match: {}\r\n", value("etag"))))
            .await;
        assert!(client.head().await.starts_with("HTTP/1.1 304 "));
    }
}
