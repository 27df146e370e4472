//! Who gets in: programs of this machine, and nobody else unasked. The remote sees nothing of the others.

use std::fs;

use towpath_dial::AccessToken;

use crate::remote::{Answers, Remote, head, value};
use crate::support::{Endpoint, SOCKET, handshake};

#[tokio::test]
async fn web_pages_and_rebound_names_do_not_reach_the_remote() {
    let remote = Remote::start(Answers::Echo("")).await;
    let endpoint = Endpoint::start(&format!("ws://{}/", remote.address), |_| {});
    let page = "Origin: https://evil.example\r\n";
    assert_eq!(endpoint.status("/", page).await, 403);
    let rebound = format!("GET / HTTP/1.1\r\nHost: evil.example\r\n{SOCKET}\r\n");
    assert!(endpoint.answer(&rebound).await.starts_with("HTTP/1.1 403 "));
    let page = "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n\r\n";
    let answer = endpoint.answer(page).await;
    assert!(
        answer.contains("--allow-origin https://evil.example"),
        "{answer}"
    );
    assert!(
        !answer.to_ascii_lowercase().contains("access-control-allow"),
        "{answer}"
    );
    assert!(remote.heads().is_empty());
}

#[tokio::test]
async fn an_allowed_page_gets_in_and_its_origin_goes_on() {
    let remote = Remote::start(Answers::Echo("")).await;
    let endpoint = Endpoint::start(&format!("ws://{}/", remote.address), |settings| {
        settings.origins = vec!["https://app.example.com".to_owned()];
    });
    let page = "Origin: https://app.example.com\r\n";
    let mut client = endpoint.say(&handshake("/", page)).await;
    assert!(
        head(&mut client)
            .await
            .unwrap()
            .starts_with("HTTP/1.1 101 ")
    );
    let seen = remote.heads().remove(0);
    assert_eq!(
        value(&seen, "origin").as_deref(),
        Some("https://app.example.com")
    );
}

#[tokio::test]
async fn the_access_token_opens_and_never_reaches_the_remote() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    let token = AccessToken::of_file(&file).unwrap();
    let secret = fs::read_to_string(&file).unwrap().trim().to_owned();
    let remote = Remote::start(Answers::Echo("")).await;
    let endpoint = Endpoint::start(&format!("ws://{}/", remote.address), |settings| {
        settings.access_token = Some(token);
    });
    assert_eq!(endpoint.status("/", "").await, 401);
    assert_eq!(
        endpoint
            .status("/", "Authorization: Bearer wrong\r\n")
            .await,
        401
    );
    let status = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert!(endpoint.answer(status).await.starts_with("HTTP/1.1 401 "));
    let mut client = endpoint
        .say(&handshake(
            "/",
            &format!("Authorization: Bearer {secret}\r\n"),
        ))
        .await;
    assert!(
        head(&mut client)
            .await
            .unwrap()
            .starts_with("HTTP/1.1 101 ")
    );
    let carrier = format!("towpath.token.{secret}");
    let more = format!("Sec-WebSocket-Protocol: {carrier}\r\nAuthorization: Basic x\r\n");
    let mut client = endpoint.say(&handshake("/", &more)).await;
    let answer = head(&mut client).await.unwrap();
    // A browser fails a handshake of which no offered subprotocol was chosen.
    assert_eq!(value(&answer, "sec-websocket-protocol"), Some(carrier));
    let heads = remote.heads();
    assert_eq!(heads.len(), 2);
    assert!(!heads.concat().contains(&secret));
    assert_eq!(
        value(&heads[1], "authorization").as_deref(),
        Some("Basic x")
    );
}

#[tokio::test]
async fn what_is_no_handshake_is_told_what_this_is() {
    let endpoint = Endpoint::start("ws://127.0.0.1:9/?token=hunter22", |_| {});
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let page = endpoint.answer(&get("/")).await;
    assert!(
        page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("remote       ws://127.0.0.1:9/"),
        "{page}"
    );
    assert!(!page.contains("hunter22"), "{page}");
    let head = endpoint.answer(&get("/").replace("GET", "HEAD")).await;
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert!(
        endpoint
            .answer(&get("/x"))
            .await
            .starts_with("HTTP/1.1 426 ")
    );
    let garbage = endpoint.answer("\u{16}\u{3}\u{1}nonsense\r\n\r\n").await;
    assert!(garbage.starts_with("HTTP/1.1 400 "), "{garbage}");
    let version = handshake("/", "").replace("Version: 13", "Version: 8");
    let version = endpoint.answer(&version).await;
    assert!(
        version.contains("Sec-WebSocket-Version: 13\r\n"),
        "{version}"
    );
}
