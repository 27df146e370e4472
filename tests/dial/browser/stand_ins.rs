//! Servers that let only browsers in, each reached by the way that `auto` finds and by the one that was named.

use towpath_lab::{Options, Running, start};
use towpath_tests::boxes::squid;

use crate::ask::Ask;
use crate::client::Came;
use crate::program::{Dial, Home};

async fn stand_in(name: &str) -> Running {
    start(name, Options::default())
        .await
        .expect("stand-ins start")
}

async fn echoes(ask: &Ask) {
    let mut client = ask.open().await;
    client.echo("hello").await;
    client.binary(&[0, 255]).await;
    assert_eq!(client.next().await, Came::Binary(vec![0, 255]));
    client.farewell().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hello_of_a_browser_is_found_out() {
    let (home, server) = (Home::default(), stand_in("only-browsers").await);
    let dial = Dial::to_lab(&home, &server, &[]);
    echoes(&dial.ask("/")).await;
    let (way, why) = dial.way().await;
    assert_eq!(way, "browser");
    assert!(why.starts_with("by browser: "), "{why}");
    assert!(why.contains("(tls-fingerprint-filter, likely)"), "{why}");
    // The way is known from now on.
    echoes(&dial.ask("/")).await;
    assert_eq!(dial.told("opened", 2).await[1]["way"], "browser");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hello_of_a_browser_is_sent_at_once_when_asked_for() {
    let (home, server) = (Home::default(), stand_in("only-browsers").await);
    let dial = Dial::to_lab(&home, &server, &["--via", "browser"]);
    let ask = dial.ask("/").header("Sec-WebSocket-Protocol", "chat, v2");
    let client = ask.open().await;
    assert!(
        client
            .head
            .to_lowercase()
            .contains("sec-websocket-protocol: chat\r\n"),
        "{}",
        client.head
    );
    client.farewell().await;
    echoes(&dial.ask("/")).await;
}

/// A browser is no help where it is refused as well; the native way says so without one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hello_of_a_program_is_refused() {
    let (home, server) = (Home::default(), stand_in("only-browsers").await);
    let dial = Dial::to_lab(&home, &server, &["--via", "direct"]);
    let answer = dial.ask("/").refused().await;
    assert_eq!(answer.status, 502, "{answer:#?}");
    assert!(
        home.profiles().is_empty(),
        "no browser was started: {:?}",
        home.profiles()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_of_a_script_comes_from_the_page() {
    let (home, server) = (Home::default(), stand_in("cookie-by-script").await);
    let page = server.page_url();
    for words in [
        &["--via", "browser", "--page", &page][..],
        &["--page", &page],
        &["--via", "browser"],
    ] {
        let dial = Dial::to_lab(&home, &server, words);
        echoes(&dial.ask("/")).await;
        assert_eq!(dial.way().await.0, "browser");
    }
}

/// The browser goes through the proxy that the program was told to use.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hello_of_a_browser_passes_a_proxy() {
    let (home, server) = (Home::default(), stand_in("only-browsers").await);
    let proxy = squid::forward("http_access allow all");
    let dial = Dial::to_lab(&home, &server, &["--proxy", &proxy.proxy()]);
    echoes(&dial.ask("/")).await;
    let (way, why) = dial.way().await;
    assert_eq!(way, "browser");
    assert!(why.contains("tls-fingerprint-filter"), "{why}");
}

/// Who wants no browser is told what one would do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hello_of_a_browser_is_not_sent_against_the_users_will() {
    let (home, server) = (Home::default(), stand_in("only-browsers").await);
    let dial = Dial::to_lab(&home, &server, &["--no-browser"]);
    let answer = dial.ask("/").refused().await;
    assert_eq!(answer.status, 502, "{answer:#?}");
    assert!(home.profiles().is_empty(), "{:?}", home.profiles());
}

/// The token is handed in, refused and read anew; only then a browser opens the socket itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_of_a_script_is_more_than_a_token() {
    let (home, server) = (Home::default(), stand_in("cookie-by-script").await);
    let page = server.page_url();
    let words = [
        "--token-page",
        &page,
        "--token-cookie",
        "visitor",
        "--token-as",
        "bearer",
    ];
    let dial = Dial::to_lab(&home, &server, &words);
    echoes(&dial.ask("/")).await;
    let (way, why) = dial.way().await;
    assert_eq!(way, "browser", "{why}");
    assert!(why.contains("token"), "{why}");
}

/// A challenge is reported, with what its operator can do about it; nobody solves it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_challenge_stays_one() {
    // By browser alone a 429 is not looked into: it asks for fewer requests.
    for (name, status, words) in [
        ("http-403-cdn-challenge", 403, &[][..]),
        ("http-403-cdn-challenge", 403, &["--via", "browser"]),
        ("http-403-cdn-challenge-vercel", 429, &[]),
    ] {
        let (home, server) = (Home::default(), stand_in(name).await);
        let dial = Dial::to_lab(&home, &server, words);
        let answer = dial.ask("/").refused().await;
        assert_eq!(answer.status, status, "{name} {words:?}: {answer:#?}");
        let told = dial.cause().await;
        assert_eq!(told["cause"], "http-403-cdn-challenge", "{told:#}");
        let remedy = told["remedy"]["operator"].as_str().unwrap_or_default();
        assert!(remedy.starts_with("Exempt /socket from "), "{told:#}");
    }
}
