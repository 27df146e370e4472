//! Sockets that a page makes when it pleases, and what they say first.

use std::time::Duration;

use towpath_browser::{
    BrowserOptions, CaptureRequest, Direction, HeaderOrder, OpenRequest, PageChoice, SocketCapture,
    capture,
};

use crate::running::Running;
use crate::site::{Entry, Site, page, script};
use crate::support::{Manner, Server, options};

const SITE: &[Entry] = &[
    page(
        "/late",
        "<script>setTimeout(() => new Worker('/worker.js'), 10000)</script>",
    ),
    page("/quiet", "<title>not here</title><p>Ask the operator."),
    page(
        "/handler",
        "<body onload=\"setTimeout(() => new WebSocket(`ws://${location.host}/own`), 500)\">",
    ),
    script(
        "/worker.js",
        "const socket = new WebSocket(`ws://${location.host}/own`); socket.onopen = () => \
         socket.send(JSON.stringify({ type: 'connection_init', payload: { token: 'w-secret', pad: 'x'.repeat(9000) } }))",
    ),
    Entry {
        path: "/challenge",
        status: 403,
        headers: "Content-Type: text/html\r\ncf-mitigated: challenge\r\n",
        body: "<title>Just a moment...</title>",
    },
];

fn watching(site: &Site, path: &str) -> CaptureRequest {
    CaptureRequest {
        page: PageChoice::Visit(site.url(path)),
        open: None,
        // Nobody waits for the end of it.
        watch_page: Duration::from_hours(1),
        ..CaptureRequest::open(format!("ws://{}/", site.address))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_opens_its_socket_after_ten_seconds_is_captured_with_its_first_words() {
    let site = Site::start(SITE).await;
    let capture = capture(&options(), &watching(&site, "/late"))
        .await
        .expect("capture");
    let own: Vec<_> = capture.made_by_page().collect();
    assert_eq!(own.len(), 1);
    assert!(own[0].accepted(), "{:?}", own[0].error);
    let first = own[0].messages.first().expect("message");
    assert_eq!(first.direction, Direction::Sent);
    assert!(first.length > 9_000 && first.payload_prefix.len() == 4_096);
    let shape = first
        .shape
        .as_ref()
        .expect("JSON, although it is longer than what is kept");
    assert_eq!(shape.name.as_deref(), Some("connection_init"));
    assert_eq!(shape.texts_at, ["/payload/pad", "/payload/token", "/type"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_told_and_neither_watched_nor_kept_from_the_socket() {
    let site = Site::start(SITE).await;
    let request = CaptureRequest {
        open: Some(OpenRequest::default()),
        ..watching(&site, "/challenge")
    };
    let capture = capture(&options(), &request).await.expect("capture");
    let challenge = capture.page.challenge.as_ref().expect("challenge");
    assert_eq!(challenge.vendor, "Cloudflare");
    assert_eq!(capture.page.status, Some(403));
    assert!(capture.page.body_prefix.contains("Just a moment"));
    assert!(capture.opened().is_some_and(SocketCapture::accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_browser_captures_without_a_log_of_its_own_and_keeps_its_pages() {
    let running = Running::start("capture").await;
    let server = Server::start(Manner::Refuse, "hi").await;
    let attached = BrowserOptions {
        attach: Some(running.address.clone()),
        ..options()
    };
    let refused = capture(&attached, &CaptureRequest::open(server.websocket("/")))
        .await
        .expect("capture");
    assert!(!refused.net_log_read);
    let socket = refused.opened().expect("socket");
    assert_eq!(socket.status(), Some(403));
    assert!(!socket.accepted());

    let site = Site::start(SITE).await;
    let request = CaptureRequest {
        page: PageChoice::StandIn("http://localhost:81/".into()),
        ..CaptureRequest::open(format!("ws://{}/", site.address))
    };
    let opened = capture(&attached, &request).await.expect("capture");
    let socket = opened.opened().expect("socket");
    assert!(socket.accepted(), "{socket:?}");
    let handshake = socket.request.as_ref().expect("request");
    assert_eq!(handshake.header("origin"), Some("http://localhost:81"));
    assert_eq!(handshake.order, HeaderOrder::Wire);

    // What may reach the local network is the person's to say, since it would hold for their own tabs too.
    let request = CaptureRequest {
        page: PageChoice::StandIn("https://app.example/".into()),
        ..request
    };
    let blocked = capture(&attached, &request).await.expect("capture");
    let socket = blocked.opened().expect("socket");
    let error = socket.error.as_deref().unwrap_or_default();
    assert!(error.contains("LOCAL_NETWORK_ACCESS"), "{socket:?}");
    assert_eq!(running.pages().await, ["about:blank"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_watched_longer_only_where_our_own_socket_did_not_open() {
    let site = Site::start(SITE).await;
    let request = |path: &str| CaptureRequest {
        open: Some(OpenRequest::default()),
        watch_page: Duration::from_millis(300),
        watch_longer: Duration::from_hours(1),
        ..watching(&site, path)
    };
    let enough = capture(&options(), &request("/late"))
        .await
        .expect("capture");
    assert_eq!(enough.made_by_page().count(), 0);

    let wrong = CaptureRequest {
        websocket_url: format!("ws://{}/refused", site.address),
        ..request("/late")
    };
    let needed = capture(&options(), &wrong).await.expect("capture");
    assert_eq!(needed.opened().and_then(SocketCapture::status), Some(403));
    assert_eq!(needed.made_by_page().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_anything_to_run_is_not_watched() {
    let site = Site::start(SITE).await;
    let quiet = capture(&options(), &watching(&site, "/quiet")).await;
    assert_eq!(quiet.expect("capture").page.status, Some(200));
    let by_handler = capture(&options(), &watching(&site, "/handler")).await;
    assert_eq!(by_handler.expect("capture").made_by_page().count(), 1);
}
