//! `begin`, `fetch`, `poll`, `post`, and the files of the page.

use std::time::Instant;

use crate::client::{ask, attempt, begin, gateway, get, head, post};

#[tokio::test]
async fn a_run_begins_with_a_code_a_key_and_an_attempt() {
    let (_running, address) = gateway(|settings| {
        settings
            .sessions
            .transports
            .retain(|kind| kind.name() != "websocket");
    })
    .await;
    let answer = post(address, "begin", r#"{"about": "k3m9-p2xq"}"#).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.header("cache-control"),
        Some("no-store, no-transform")
    );
    let run = answer.json();
    let text = |name: &str| run[name].as_str().unwrap().to_owned();
    assert_eq!((text("code").len(), text("code").find('-')), (9, Some(4)));
    assert_eq!((text("key").len(), text("attempt").len()), (22, 12));
    assert_eq!(run["websocket"], false);
    assert_eq!(
        run["transports"],
        serde_json::json!(["stream", "sse", "poll"])
    );
    assert_eq!(run["host"], address.to_string());
    let other = begin(address).await;
    for name in ["code", "key", "attempt"] {
        assert_ne!(run[name], other[name]);
    }
}

#[tokio::test]
async fn what_begins_no_run_is_refused() {
    let (_running, address) = gateway(|_| {}).await;
    for body in ["[]", "{\"about\": {}}", "{", "\u{0}"] {
        assert_eq!(post(address, "begin", body).await.status, 400, "{body}");
    }
    let large = format!("{{\"about\": \"{}\"}}", "a".repeat(5000));
    let answer = post(address, "begin", &large).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    assert_eq!(answer.body, "limit reached: check_body_bytes\n");
    let empty = post(address, "begin", "").await;
    assert_eq!(empty.status, 200, "{empty:?}");
}

#[tokio::test]
async fn an_ordinary_request_is_told_what_arrived_and_no_value_of_it() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let target = format!("/a/.towpath/probe/fetch?attempt={attempt}");
    let more = "X-Odd: secret-1\r\nVia: 1.1 proxy.secret-2\r\nCookie: a=secret-3\r\n";
    let answer = ask(address, head("GET", &target, address, more)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.body.contains("secret"), "{answer:?}");
    let seen = answer.json();
    assert_eq!(
        (&seen["method"], &seen["version"]),
        (&"GET".into(), &"HTTP/1.1".into())
    );
    let names = serde_json::json!(["host", "connection", "x-odd", "via", "cookie"]);
    assert_eq!(seen["headers"], names);
    assert_eq!(seen["network"], "127.0.0.0/24");
    assert!(seen["hello"].is_null());
    assert_eq!(seen["padding"].as_str().unwrap().len(), 1024);
}

#[tokio::test]
async fn a_poll_is_answered_late_on_purpose() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let began = Instant::now();
    let answer = get(address, &format!("poll?attempt={attempt}&wait=300")).await;
    assert_eq!((answer.status, &*answer.body), (200, "0 300\n"));
    assert!(began.elapsed().as_millis() >= 300);
    let now = get(address, &format!("poll?attempt={attempt}")).await;
    assert_eq!(now.body, "0 0\n");
}

#[tokio::test]
async fn bodies_are_counted_up_to_their_limit() {
    let (_running, address) = gateway(|_| {}).await;
    let attempt = attempt(address).await;
    let probe = format!("post?attempt={attempt}");
    for bytes in [0, 1024, 65_536, 1 << 20] {
        let answer = post(address, &probe, &"x".repeat(bytes)).await;
        assert_eq!(answer.status, 200, "{bytes}");
        assert_eq!(answer.json()["bytes"], bytes);
    }
    let target = format!("/.towpath/probe/{probe}");
    let announced = head("POST", &target, address, "Content-Length: 1048577\r\n");
    assert_eq!(ask(address, announced).await.status, 413);
    let chunk = format!("{:x}\r\n{}\r\n", 65_536, "x".repeat(65_536));
    let chunked = head("POST", &target, address, "Transfer-Encoding: chunked\r\n");
    let seventeen = chunked + &chunk.repeat(17) + "0\r\n\r\n";
    assert_eq!(ask(address, seventeen).await.status, 413);
}

#[tokio::test]
async fn the_page_s_files_are_strict_about_what_may_run() {
    let (_running, address) = gateway(|_| {}).await;
    let style = ask(
        address,
        head("GET", "/chat/.towpath/style/base.css", address, ""),
    )
    .await;
    assert_eq!(style.status, 200, "{style:?}");
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert_eq!(style.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(style.header("access-control-allow-origin"), None);
    let policy = style.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    let more = format!("If-None-Match: {}\r\n", style.header("etag").unwrap());
    let again = ask(
        address,
        head("GET", "/.towpath/style/base.css", address, &more),
    )
    .await;
    assert_eq!((again.status, &*again.body), (304, ""));
    for name in [
        "style/",
        "style/../probe",
        "style/base.css/",
        "check/nothing.js",
    ] {
        let answer = ask(
            address,
            head("GET", &format!("/.towpath/{name}"), address, ""),
        )
        .await;
        assert_eq!(answer.status, 404, "{name}");
    }
}

#[tokio::test]
async fn the_page_is_served_below_any_path_and_with_a_slash_too_many() {
    let (_running, address) = gateway(|_| {}).await;
    let page = ask(
        address,
        head("GET", "/chat/.towpath/check?about=k3m9-p2xq", address, ""),
    )
    .await;
    assert_eq!(page.status, 200, "{page:?}");
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    assert!(page.body.contains("check/check.js"), "{page:?}");
    let slash = ask(address, head("GET", "/chat/.towpath/check/", address, "")).await;
    assert_eq!(
        (slash.status, slash.header("location")),
        (308, Some("../check"))
    );
    let posted = head("POST", "/.towpath/check", address, "Content-Length: 0\r\n");
    assert_eq!(ask(address, posted).await.status, 405);
}
