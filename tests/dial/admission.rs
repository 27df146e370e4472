//! Who may use the local endpoint: no web page, no name that was bent to loopback, no other user without the token.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use towpath_tests::boxes::node;

use crate::ask::header;
use crate::program::{Dial, Home};

const ECHO: &str = "conformance.mjs";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn web_pages_are_refused_unless_allowed() {
    let (home, backend) = (Home::default(), node::start(ECHO, ""));
    let allowed = "https://app.example";
    let dial = Dial::start(&home, &["--via", "direct", &backend.ws("/echo")]);
    for origin in [allowed, "null", "http://127.0.0.1:8080"] {
        let answer = dial.ask("/").header("Origin", origin).refused().await;
        assert_eq!(answer.status, 403, "{answer:#?}");
        assert!(answer.body.contains("--allow-origin"), "{answer:#?}");
    }
    let words = ["--via", "direct", "--allow-origin", allowed];
    let dial = Dial::start(&home, &[&words[..], &[&backend.ws("/echo")]].concat());
    let mut client = dial.ask("/").header("Origin", allowed).open().await;
    client.echo("let in").await;
    client.farewell().await;
    for other in ["https://app.example.org", "http://app.example", "null"] {
        let answer = dial.ask("/").header("Origin", other).refused().await;
        assert_eq!(answer.status, 403, "{other}: {answer:#?}");
    }
}

/// A name of somebody's domain can be made to lead to loopback; the browser then says that name in `Host`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn foreign_names_are_refused() {
    let (home, backend) = (Home::default(), node::start(ECHO, ""));
    let dial = Dial::start(&home, &["--via", "direct", &backend.ws("/echo")]);
    let port = dial.port();
    for host in [
        "rebound.example".to_owned(),
        format!("rebound.example:{port}"),
    ] {
        let answer = dial.ask("/").host(&host).refused().await;
        assert!((400..500).contains(&answer.status), "{answer:#?}");
        let page = dial.ask("/").host(&host).get().await;
        assert!((400..500).contains(&page.status), "{page:#?}");
    }
    for host in [
        format!("localhost:{port}"),
        format!("[::1]:{port}"),
        format!("127.0.0.1:{port}"),
    ] {
        dial.ask("/").host(&host).open().await.farewell().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_access_token_is_made_asked_for_and_kept_here() {
    let (home, backend) = (Home::default(), node::start(ECHO, ""));
    let file = home.path("access");
    let path = file.display().to_string();
    let words = [
        "--via",
        "direct",
        "--access-token-file",
        &path,
        &backend.ws("/headers"),
    ];
    let dial = Dial::start(&home, &words);
    let token = fs::read_to_string(&file).expect("it was made");
    let token = token.trim();
    assert!(token.len() >= 32, "{} characters", token.len());
    let mode = fs::metadata(&file)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!dial.output().contains(token), "it is not printed");

    let bearer = |token: &str| {
        dial.ask("/")
            .header("Authorization", &format!("Bearer {token}"))
    };
    for ask in [
        dial.ask("/"),
        bearer("wrong"),
        bearer(&token[1..]),
        bearer(""),
    ] {
        let answer = ask.refused().await;
        assert_eq!(answer.status, 401, "{answer:#?}");
    }
    let mut client = bearer(token).open().await;
    let seen = client.next_text().await;
    assert!(!seen.contains(token), "the remote never sees it: {seen}");
    client.farewell().await;

    let offered = format!("towpath.token.{token}, chat");
    let ask = dial.ask("/").header("Sec-WebSocket-Protocol", &offered);
    let mut client = ask.open().await;
    assert_eq!(header(&client.head, "sec-websocket-protocol"), Some("chat"));
    let seen: Value = serde_json::from_str(&client.next_text().await).expect("JSON");
    assert_eq!(seen["headers"]["sec-websocket-protocol"], "chat", "{seen}");
    client.farewell().await;

    // The same token is good for the next run.
    drop(dial);
    let dial = Dial::start(&home, &words);
    let ask = dial
        .ask("/")
        .header("Authorization", &format!("Bearer {token}"));
    ask.open().await.farewell().await;
}

#[test]
fn nothing_listens_beyond_loopback_unless_told_to() {
    let home = Home::default();
    for words in [
        &["dial", "--listen", "0.0.0.0:0", "ws://127.0.0.1:1/"][..],
        // And then not without a token.
        &[
            "dial",
            "--listen",
            "0.0.0.0:0",
            "--beyond-loopback",
            "ws://127.0.0.1:1/",
        ],
    ] {
        let output = home.command(words).output().expect("it runs");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plain_request_is_told_what_this_is() {
    let (home, backend) = (Home::default(), node::start(ECHO, ""));
    let dial = Dial::start(
        &home,
        &["--via", "direct", &backend.ws("/echo?secret=of-the-user")],
    );
    let page = dial.ask("/").get().await;
    assert_eq!(page.status, 200, "{page:#?}");
    assert!(page.body.to_lowercase().contains("websocket"), "{page:#?}");
    assert!(!page.body.contains("of-the-user"), "{page:#?}");
}
