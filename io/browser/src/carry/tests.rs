//! The whole way with a real browser: caller, link, page, server.

mod pressure;
mod script;
mod server;
mod traffic;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use self::server::{Server, header};
use super::*;
use crate::flags::Purpose;
use crate::launch::Browser;
use crate::options::{BrowserOptions, BrowserProxy};

/// A running browser and what opens sockets in it.
struct Ready {
    carrier: Carrier,
    server: Server,
    process: u32,
    _browser: Browser,
}

async fn ready() -> Ready {
    ready_with(LinkServer::start().await.expect("port")).await
}

async fn ready_with(links: LinkServer) -> Ready {
    let options = BrowserOptions {
        proxy: BrowserProxy::Direct,
        launch_timeout: Duration::from_mins(1),
        ..BrowserOptions::default()
    };
    let links = Arc::new(links);
    let purpose = Purpose::Carry {
        link_port: Some(links.port()),
    };
    let mut browser = Browser::obtain(&options, purpose)
        .await
        .expect("these tests need a real browser");
    let connection = browser.take_connection().expect("fresh");
    let debugger = Debugger::new(connection);
    Ready {
        carrier: Carrier::new(links, debugger, None),
        server: Server::start().await,
        process: browser
            .process()
            .and_then(|process| process.id())
            .expect("it runs"),
        _browser: browser,
    }
}

impl Ready {
    async fn open(&self, path: &str) -> Result<BrowserSocket, OpenError> {
        self.carrier.open(&self.request(path)).await
    }

    /// Memory of the browser that no file backs.
    async fn anonymous_bytes(&self) -> u64 {
        let process = self.process;
        let measured = tokio::task::spawn_blocking(move || crate::memory::measure(process)).await;
        measured.expect("no panic").anonymous_bytes
    }

    fn request(&self, path: &str) -> SocketRequest {
        SocketRequest::new(self.server.url(path))
    }
}

fn text(words: &str) -> Message {
    Message::Text(Bytes::copy_from_slice(words.as_bytes()))
}

async fn next(receiver: &mut BrowserReceiver) -> SocketEvent {
    let next = timeout(Duration::from_mins(1), receiver.next()).await;
    next.expect("in time").expect("an event")
}

fn closed(code: u16, reason: &str, clean: bool) -> SocketEvent {
    SocketEvent::Closed {
        code,
        reason: reason.to_owned(),
        clean,
        lost: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_has_the_origin_of_its_page_and_its_answer_is_known() {
    let ready = ready().await;
    let mut request = ready.request("/echo?room=1");
    request.subprotocols = vec!["a".into(), "b".into()];
    request.origin = Some("https://chat.example".to_owned());
    let socket = ready.carrier.open(&request).await.expect("open");
    assert_eq!(socket.subprotocol, "b");
    assert_eq!(socket.answer.status, 101);
    let shown = |(name, value): &(String, String)| name == "X-Shown" && value == "yes";
    assert!(
        socket.answer.headers.iter().any(shown),
        "{:?}",
        socket.answer
    );
    let head = ready.server.handshakes().remove(0);
    assert!(head.starts_with("GET /echo?room=1 "), "{head}");
    assert_eq!(header(&head, "origin"), Some("https://chat.example"));
    assert_eq!(header(&head, "sec-websocket-protocol"), Some("a, b"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_keeps_its_status_and_a_silent_server_ends_in_time() {
    let ready = ready().await;
    for status in [400, 401, 403, 404, 429, 500, 503] {
        let outcome = ready.open(&format!("/refuse/{status}")).await;
        let Err(OpenError::Refused { answer, .. }) = outcome else {
            panic!("{status} became {outcome:?}");
        };
        assert_eq!(answer.status, status);
    }
    let mut request = ready.request("/silent");
    request.timeout = Duration::from_millis(400);
    let outcome = ready.carrier.open(&request).await;
    assert!(
        matches!(outcome, Err(OpenError::TimedOut { .. })),
        "{outcome:?}"
    );
    let mut request = ready.request("/echo");
    request.url = "ws://127.0.0.1:9/".to_owned();
    let outcome = ready.carrier.open(&request).await;
    let Err(OpenError::Failed { reason }) = &outcome else {
        panic!("{outcome:?}");
    };
    assert!(reason.contains("net::ERR_"), "{reason}");
    assert_eq!(ready.carrier.sockets(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_handshake_is_tried_again_after_one_visit_of_the_site() {
    let ready = ready().await;
    let socket = ready.open("/cookie").await.expect("open");
    assert!(
        socket.note.starts_with("after a visit of http://127.0.0.1"),
        "{}",
        socket.note
    );
    assert_eq!(ready.server.handshakes().len(), 2);
    // The cookie is there now.
    ready.open("/cookie").await.expect("open");
    assert_eq!(ready.server.handshakes().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_are_refused_at_once_wait_for_one_visit() {
    let ready = ready().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (carrier, request) = (ready.carrier.clone(), ready.request("/cookie"));
        tasks.spawn(async move { carrier.open(&request).await.map(drop) });
    }
    while let Some(outcome) = tasks.join_next().await {
        outcome.expect("no task fails").expect("open");
    }
    let all = ready.server.seen.heads.lock().expect("heads").len();
    assert_eq!(all - ready.server.handshakes().len(), 1, "page visits");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_share_no_cookies() {
    let ready = ready().await;
    let mut request = ready.request("/cookie");
    request.page = Some(format!("http://{}/login", ready.server.address));
    request.account = Some("mary".to_owned());
    ready.carrier.open(&request).await.expect("open");
    request.page = None;
    request.account = Some("john".to_owned());
    ready.carrier.open(&request).await.expect("open");
    let handshakes = ready.server.handshakes();
    let cookies: Vec<_> = handshakes
        .iter()
        .map(|head| header(head, "cookie").is_some())
        .collect();
    assert_eq!(cookies, [true, false, true]);
    assert_eq!(ready.carrier.pages(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_tls_holds_sockets_too() {
    let ready = ready().await;
    let mut request = ready.request("/echo");
    request.origin = Some("http://site.example".to_owned());
    let socket = ready.carrier.open(&request).await.expect("open");
    assert_eq!(socket.answer.status, 101);
    let head = ready.server.handshakes().remove(0);
    assert_eq!(header(&head, "origin"), Some("http://site.example"));
}

async fn until(condition: impl Fn() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_mins(1), wait)
        .await
        .expect("in time");
}
