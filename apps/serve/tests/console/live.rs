//! News, over Towpath's own transports.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use towpath_serve::start;
use towpath_transport::client::{Client, Event, Settings, Transport};

use crate::api::report;
use crate::support::{PATIENCE, TOKEN, ask, backend, console, cookie, get, log_in, settings};

fn follow(address: std::net::SocketAddr, headers: &str, transport: Transport) -> Client {
    let mut settings = Settings::new(format!("ws://{address}/live"));
    let pairs = headers.lines().map(|line| line.split_once(": ").unwrap());
    settings.headers = pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    settings.transports = vec![transport];
    Client::open(settings).unwrap()
}

/// The next message.
async fn told(client: &mut Client) -> Value {
    loop {
        let event = timeout(PATIENCE, client.next())
            .await
            .expect("news in time");
        match event.expect("the session goes on") {
            Event::Message(message) => return serde_json::from_slice(message.payload()).unwrap(),
            Event::Closed(closed) => panic!("closed with {closed:?}"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_new_case_arrives_over_every_transport() {
    let (running, address) = console().await;
    let login = log_in(address, TOKEN).await;
    for transport in [
        Transport::Poll,
        Transport::Sse,
        Transport::Stream,
        Transport::WebSocket,
    ] {
        let mut client = follow(address, &cookie(&login), transport);
        let first = told(&mut client).await;
        assert_eq!(first["now"]["sessions"], 0, "{transport:?}");
        let code = report(running.addresses()[0], "shop.example.com").await;
        loop {
            let news = told(&mut client).await;
            let cases = news["cases"].as_array();
            if cases.is_some_and(|cases| cases.iter().any(|case| case["code"] == code)) {
                assert!(news["cases"][0]["verdict"].is_string());
                assert!(news["cases"][0].get("observations").is_none());
                break;
            }
        }
    }
}

#[tokio::test]
async fn live_updates_end_with_the_login() {
    let (_running, address) = console().await;
    let login = log_in(address, TOKEN).await;
    let cookie = cookie(&login);
    // Nothing else that is shown beside it makes it last longer.
    let headers = format!("{cookie}Authorization: Basic eDp5\r\n");
    let mut client = follow(address, &headers, Transport::WebSocket);
    told(&mut client).await;
    ask(address, "POST", "/logout", &cookie, "").await;
    loop {
        let event = timeout(PATIENCE, client.next())
            .await
            .expect("an end in time");
        if let Some(Event::Closed(closed)) = event {
            assert_eq!(closed.code, 4401);
            return;
        }
    }
}

#[tokio::test]
async fn nobody_follows_without_a_login() {
    let (_running, address) = console().await;
    for transport in [Transport::Poll, Transport::WebSocket] {
        let mut client = follow(address, "Cookie: towpath-console=guessed", transport);
        let first = timeout(Duration::from_secs(2), client.next()).await;
        assert!(
            !matches!(first, Ok(Some(Event::Message(_) | Event::Opened { .. }))),
            "{first:?}"
        );
    }
}

#[tokio::test]
async fn a_session_that_lives_is_found_by_its_code_though_nothing_is_wrong_with_it() {
    let mut settings = settings();
    settings.upstream.url = format!("ws://{}", backend().await).parse().unwrap();
    let running = start(settings).await.unwrap();
    let console = running.console_address().unwrap();
    let url = format!("ws://{}/chat", running.addresses()[0]);
    let mut settings = Settings::new(url);
    settings.transports = vec![Transport::Stream];
    let mut client = Client::open(settings).unwrap();
    let opened = timeout(PATIENCE, client.next()).await.expect("it opens");
    assert!(matches!(opened, Some(Event::Opened { .. })), "{opened:?}");
    let code = client.sender().session().unwrap();

    assert_eq!(get(console, "/api/cases").await.json()["cases"], json!([]));
    let one = get(console, &format!("/api/case/{code}")).await.json();
    assert_eq!(one["live"], true, "{one}");
    assert_eq!(one["case"]["transport"], "stream");
    assert_eq!(one["case"]["diagnosis"]["findings"], json!([]));
    let overview = get(console, "/api/overview").await.json();
    assert_eq!(overview["now"]["sessions"], 1);
}
