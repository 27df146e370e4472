//! A hundred sockets in one browser.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use towpath_lab::{Options, start};
use towpath_tests::boxes::node;

use crate::processes::{self, Process};
use crate::program::{Dial, Home};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_sockets_share_one_browser() {
    let (home, backend) = (Home::default(), node::start("conformance.mjs", ""));
    let dial = Dial::start(&home, &["--via", "browser", &backend.ws("/")]);
    dial.ask("/echo").open().await.farewell().await;
    let mut opening = Vec::new();
    for _ in 0..SOCKETS {
        let ask = dial.ask("/echo");
        opening.push(tokio::spawn(async move { ask.open().await }));
    }
    let mut clients = Vec::new();
    for open in opening {
        clients.push(open.await.expect("each is let in"));
    }
    for round in 0..3 {
        for (number, client) in clients.iter_mut().enumerate() {
            client.text(&format!("{round} of {number}")).await;
        }
        for (number, client) in clients.iter_mut().enumerate() {
            assert_eq!(client.next_text().await, format!("{round} of {number}"));
        }
    }
    let processes = processes::below(dial.process());
    let browsers = processes.iter().filter(|process| process.is_browser());
    assert_eq!(browsers.count(), 1, "{processes:#?}");
    // One page for all of them, and at most one spare.
    let renderers = processes.iter().filter(|process| process.is_renderer());
    assert!(renderers.count() <= 2, "{processes:#?}");
    for client in clients {
        client.farewell().await;
    }
}

/// Opened and closed by turns, nothing piles up: the thousandth is served as the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_in_turn() {
    let (home, backend) = (Home::default(), node::start("conformance.mjs", ""));
    let dial = Dial::start(&home, &["--via", "browser", &backend.ws("/")]);
    for round in 0..TURNS {
        let mut client = dial.ask("/echo").open().await;
        client.echo(&format!("round {round}")).await;
        if round % 3 == 0 {
            client.vanish();
        } else {
            client.farewell().await;
        }
    }
    let renderers = processes::below(dial.process());
    let renderers = renderers
        .iter()
        .filter(|process| Process::is_renderer(process));
    assert!(renderers.count() <= 2);
}

/// Programs that start together find out together: one inquiry, one browser, and all are let in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_wait_for_one_inquiry() {
    let home = Home::default();
    let server = start("only-browsers", Options::default());
    let server = server.await.expect("stand-ins start");
    let dial = Dial::to_lab(&home, &server, &[]);
    let mut opening = Vec::new();
    for _ in 0..10 {
        let ask = dial.ask("/");
        opening.push(tokio::spawn(async move { ask.open().await }));
    }
    for open in opening {
        let mut client = open.await.expect("each is let in");
        client.echo("let in").await;
        client.farewell().await;
    }
    let processes = processes::below(dial.process());
    let browsers = processes.iter().filter(|process| process.is_browser());
    assert_eq!(browsers.count(), 1, "{processes:#?}");
}

/// Over the ceiling nothing more is opened, and what is open goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_has_a_ceiling() {
    let (home, backend) = (Home::default(), node::start("conformance.mjs", ""));
    let url = backend.ws("/");
    let dial = Dial::start(&home, &["--via", "browser", "--browser-memory", "1M", &url]);
    // The first is let in or not, as its browser is measured before or after.
    let first = dial.ask("/echo").try_open().await;
    let began = Instant::now();
    let answer = loop {
        match dial.ask("/echo").try_open().await {
            Err(answer) => break answer,
            Ok(client) => client.farewell().await,
        }
        assert!(began.elapsed() < MEASURED_WITHIN, "it was never measured");
        sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(answer.status, 502, "{answer:#?}");
    assert!(answer.body.contains("of at most 1 MB"), "{answer:#?}");
    if let Ok(mut client) = first {
        client.echo("still open").await;
    }
}

/// The memory is measured from time to time.
const MEASURED_WITHIN: Duration = Duration::from_secs(45);
const SOCKETS: usize = 100;
const TURNS: usize = 300;
