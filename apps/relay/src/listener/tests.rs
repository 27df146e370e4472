use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::testing;

/// A listener that shows a picture of tests.
async fn listener(settings: StatusSettings, status: Status) -> Listener {
    let (pictures, mut asked) = mpsc::channel::<oneshot::Sender<Status>>(1);
    tokio::spawn(async move {
        while let Some(answer) = asked.recv().await {
            answer.send(status.clone()).unwrap();
        }
    });
    Listener::start(&settings, pictures).await.unwrap().unwrap()
}

fn anywhere() -> StatusSettings {
    StatusSettings {
        listen: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
        ..StatusSettings::default()
    }
}

/// The whole answer to one request.
async fn got(listener: &Listener, path: &str, more: &str) -> String {
    let mut stream = TcpStream::connect(listener.address).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn each_reader_gets_its_form() {
    let listener = listener(anywhere(), testing::status()).await;
    for (path, kind, part) in [
        ("/", "text/html", "What helps:"),
        (
            "/status.json",
            "application/json",
            "\"cause\":\"tcp-refused\"",
        ),
        ("/status.txt", "text/plain", "link lounge"),
        ("/metrics", "application/openmetrics-text", "# EOF"),
        ("/static/relay/relay.js", "text/javascript", "DOMParser"),
        ("/static/style/base.css", "text/css", ":root"),
    ] {
        let answer = got(&listener, path, "").await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{path}\n{answer}");
        assert!(
            answer.contains(&format!("content-type: {kind}")),
            "{path}\n{answer}"
        );
        assert!(answer.contains(part), "{path}\n{answer}");
        assert!(
            answer.contains("content-security-policy: default-src 'none'"),
            "{path}"
        );
    }
    assert!(
        got(&listener, "/none", "")
            .await
            .starts_with("HTTP/1.1 404 ")
    );
    assert!(
        got(&listener, "/static/none", "")
            .await
            .starts_with("HTTP/1.1 404 ")
    );
}

#[tokio::test]
async fn health_is_that_of_every_side_and_room() {
    let ill = listener(anywhere(), testing::status()).await;
    let answer = got(&ill, "/healthz", "").await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.ends_with("not ready: irc.libera\n"), "{answer}");
    let mut status = testing::status();
    status.sides.remove("irc.libera");
    let well = listener(anywhere(), status.clone()).await;
    assert!(
        got(&well, "/healthz", "")
            .await
            .starts_with("HTTP/1.1 200 ")
    );
    status.store_trouble = Some("the disk is full".to_owned());
    let full = listener(anywhere(), status).await;
    assert!(
        got(&full, "/healthz", "")
            .await
            .ends_with("not ready: the store\n")
    );
}

#[tokio::test]
async fn foreign_pages_and_names_are_turned_away() {
    let listener = listener(anywhere(), testing::status()).await;
    let foreign = got(
        &listener,
        "/status.json",
        "Origin: https://evil.example\r\n",
    )
    .await;
    assert!(foreign.starts_with("HTTP/1.1 403 "), "{foreign}");
    assert!(!foreign.contains("irc.libera"), "{foreign}");
    let named = got(&listener, "/status.json", "Host: evil.example\r\n").await;
    assert!(named.starts_with("HTTP/1.1 4"), "{named}");
    assert!(!named.contains("irc.libera"), "{named}");
}

#[tokio::test]
async fn with_a_token_strangers_learn_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    let settings = StatusSettings {
        access_token_file: Some(path.clone()),
        ..anywhere()
    };
    let listener = listener(settings.clone(), testing::status()).await;
    for path in ["/", "/status.json", "/status.txt", "/metrics"] {
        let answer = got(&listener, path, "").await;
        assert!(answer.starts_with("HTTP/1.1 401 "), "{path}\n{answer}");
        assert!(
            answer.contains("www-authenticate: Basic"),
            "{path}\n{answer}"
        );
        assert!(!answer.contains("irc.libera"), "{path}\n{answer}");
    }
    let health = got(&listener, "/healthz", "").await;
    assert!(health.ends_with("not ready\n"), "{health}");
    let token = std::fs::read_to_string(&path).unwrap();
    let shown = format!("Authorization: Bearer {}\r\n", token.trim());
    assert!(
        got(&listener, "/status.json", &shown)
            .await
            .contains("irc.libera")
    );
    // Another token counts from the next reading on, without a new listener.
    std::fs::remove_file(&path).unwrap();
    listener.admit(&settings).unwrap();
    assert!(
        got(&listener, "/status.json", &shown)
            .await
            .starts_with("HTTP/1.1 401 ")
    );
}

#[tokio::test]
async fn a_relay_that_ends_says_so() {
    let (pictures, asked) = mpsc::channel(1);
    let listener = Listener::start(&anywhere(), pictures)
        .await
        .unwrap()
        .unwrap();
    drop(asked);
    assert!(got(&listener, "/", "").await.starts_with("HTTP/1.1 503 "));
}

#[tokio::test]
async fn a_place_that_is_taken_is_named() {
    let first = listener(anywhere(), testing::status()).await;
    let settings = StatusSettings {
        listen: Some(first.address),
        ..anywhere()
    };
    let (pictures, _) = mpsc::channel(1);
    let error = Listener::start(&settings, pictures)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains(&first.address.to_string()) && error.contains("[status]"),
        "{error}"
    );
}

async fn moved(held: &mut Option<Listener>, to: SocketAddr) -> Result<(), RelayError> {
    let settings = StatusSettings {
        listen: Some(to),
        ..StatusSettings::default()
    };
    Listener::change(held, &settings, mpsc::channel(1).0).await
}

#[tokio::test]
async fn it_moves_to_another_address_of_its_port() {
    let first = listener(anywhere(), testing::status()).await;
    let port = first.address.port();
    let mut held = Some(first);
    for ip in [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST] {
        let to = SocketAddr::from((ip, port));
        moved(&mut held, to).await.unwrap();
        assert_eq!(held.as_ref().unwrap().address, to);
    }
}

#[tokio::test]
async fn it_stays_where_it_is_if_it_cannot_move() {
    let first = listener(anywhere(), testing::status()).await;
    let port = first.address.port();
    // Somebody else has the port on one of the addresses that it is to be moved to.
    let _else = TcpListener::bind(("127.0.0.2", port)).await.unwrap();
    let mut held = Some(first);
    let to = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    let error = moved(&mut held, to).await.unwrap_err().to_string();
    assert!(error.contains(&to.to_string()), "{error}");
    let answer = got(held.as_ref().unwrap(), "/status.json", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}
