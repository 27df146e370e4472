//! Tokens of a page: read once, for however many processes; used natively; renewed when refused.

use std::process::Stdio;

use serde_json::Value;
use towpath_lab::{Options, Running, start};

use crate::ask::Ask;
use crate::program::{Dial, Home};

async fn application() -> Running {
    start("page-with-token", Options::default())
        .await
        .expect("stand-ins start")
}

/// How many pages the application handed out.
async fn visits(server: &Running) -> u64 {
    let answer = Ask::at(server.address().port(), "/visits").get().await;
    let answer: Value = serde_json::from_str(&answer.body).expect("JSON");
    answer["visits"].as_u64().expect("a number")
}

fn page(server: &Running, path: &str) -> String {
    format!("http://{}{path}", server.address())
}

/// What `towpath token` prints, which must succeed.
fn token(home: &Home, words: &[&str]) -> String {
    let output = home
        .command(&[&["token"], words].concat())
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout)
        .expect("text")
        .trim()
        .to_owned()
}

/// Whether the application takes it.
async fn is_good(server: &Running, token: &str) -> bool {
    let ask = Ask::at(server.address().port(), "/gate");
    let ask = ask.header("Authorization", &format!("Bearer {token}"));
    ask.try_open().await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_processes_start_one_browser() {
    let (home, server) = (Home::default(), application().await);
    let page = page(&server, "/");
    let started: Vec<_> = (0..20)
        .map(|_| {
            home.command(&["token", "get", &page, "--storage-key", "token"])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("it runs")
        })
        .collect();
    let mut tokens = Vec::new();
    for child in started {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{output:?}");
        tokens.push(String::from_utf8(output.stdout).expect("text"));
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 1, "all have the same");
    assert!(is_good(&server, tokens[0].trim()).await);
    assert_eq!(visits(&server).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_place_is_read() {
    let (home, server) = (Home::default(), application().await);
    let rows = [
        ("/?late=300", &["--storage-key", "token"][..]),
        ("/?late=300", &["--session-key", "session-token"]),
        ("/?late=300", &["--cookie", "token"]),
        ("/?late=2500", &["--connection-init"]),
        ("/worker?late=300", &["--connection-init"]),
        ("/shared?late=300", &["--connection-init"]),
        (
            "/service?late=300",
            &["--connection-init", "/payload/token"],
        ),
    ];
    for (number, (path, place)) in rows.into_iter().enumerate() {
        let page = page(&server, path);
        // An account each, since what is kept belongs to an origin and not to one of its pages.
        let account = number.to_string();
        let words = [&["get", &page, "--account", &account], place];
        let got = token(&home, &words.concat());
        assert!(is_good(&server, &got).await, "{path} {place:?}");
    }
    let listed = token(&home, &["list"]);
    assert!(!listed.contains("eyJ"), "tokens are not listed: {listed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kept_renewed_and_forgotten() {
    let (home, server) = (Home::default(), application().await);
    let page = page(&server, "/");
    let get = ["get", &page, "--storage-key", "token"];
    let first = token(&home, &get);
    assert_eq!(token(&home, &get), first, "from the cache");
    assert_eq!(visits(&server).await, 1);
    let fresh = token(&home, &[&get[..], &["--fresh"]].concat());
    assert_ne!(fresh, first);
    assert_eq!(visits(&server).await, 2);
    token(&home, &["forget", &page]);
    token(&home, &get);
    assert_eq!(visits(&server).await, 3);
    // Nearly at its end from the start, so that each asking renews it.
    let short = self::page(&server, "/?life=2");
    let get = [
        "get",
        &short,
        "--storage-key",
        "token",
        "--account",
        "short",
    ];
    let first = token(&home, &get);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_ne!(token(&home, &get), first);
}

/// Once by browser, natively from then on; renewed once when the server does not take it any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dial_hands_it_in() {
    let server = application().await;
    let page = page(&server, "/");
    for place in ["bearer", "cookie:token", "query:token"] {
        // Tokens that are refused one after the other are not read again at once, so each place has its own.
        let home = Home::default();
        let words = [
            "--token-page",
            &page,
            "--token-storage-key",
            "token",
            "--token-as",
            place,
        ];
        let dial = Dial::to_lab(&home, &server, &words);
        let before = visits(&server).await;
        for _ in 0..3 {
            let mut client = dial.ask("/").open().await;
            client.echo("let in").await;
            client.farewell().await;
        }
        assert_eq!(visits(&server).await, before + 1, "{place}: read once");
        let opened = dial.told("opened", 3).await;
        assert!(
            opened.iter().all(|one| one["way"] == "direct"),
            "{opened:#?}"
        );
        let known = visits(&server).await;
        Ask::at(server.address().port(), "/revoke").get().await;
        let mut client = dial.ask("/").open().await;
        client.echo("let in again").await;
        client.farewell().await;
        assert_eq!(visits(&server).await, known + 1, "{place}: renewed once");
        assert!(!dial.output().contains("eyJ"), "no token is printed");
    }
}
