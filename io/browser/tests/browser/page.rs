//! Pages around a socket: the site's own sockets, stand-ins, policies, files left behind.

use std::time::Duration;

use crate::support::{Manner, Server, header, options};
use tokio::net::TcpListener;
use towpath_browser::{
    BrowserError, CaptureRequest, OpenRequest, Opener, PageChoice, SocketCapture, capture,
};

const PAGE_WITH_SOCKET: &str =
    "<script>new WebSocket(`ws://${location.host}/own`, 'site-protocol')</script>";
const PAGE_WITH_WORKER: &str = "<script>new Worker(URL.createObjectURL(new Blob([\
    `new WebSocket('ws://${location.host}/from-worker')`])))</script>";
const PAGE_WITH_POLICY: &str =
    "<meta http-equiv=Content-Security-Policy content=\"connect-src 'none'\"><title>strict</title>";

const PAGE_WITH_DIALOG: &str = "<script>alert('stop')</script><title>talkative</title>";
const PAGE_WITH_WRAPPER: &str =
    "<script>window.WebSocket = class { constructor() { throw 'mine' } }</script>";

fn watching(server: &Server) -> CaptureRequest {
    CaptureRequest {
        open: None,
        watch_page: Duration::from_secs(20),
        linger: Duration::from_millis(100),
        ..CaptureRequest::open(server.websocket("/"))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sites_own_handshake_is_captured_without_one_of_ours() {
    let server = Server::start(Manner::GreetThenStay, PAGE_WITH_SOCKET).await;
    let capture = capture(&options(), &watching(&server))
        .await
        .expect("capture");
    assert_eq!(capture.opened(), None);
    let own: Vec<_> = capture.made_by_page().collect();
    assert_eq!(own.len(), 1);
    assert!(own[0].url.ends_with("/own"));
    let request = own[0].request.as_ref().expect("request");
    assert_eq!(
        request.header("sec-websocket-protocol"),
        Some("site-protocol")
    );
    assert_eq!(server.handshakes().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_of_a_worker_is_seen_too() {
    let server = Server::start(Manner::GreetThenStay, PAGE_WITH_WORKER).await;
    let capture = capture(&options(), &watching(&server))
        .await
        .expect("capture");
    let urls: Vec<_> = capture
        .made_by_page()
        .map(|socket| socket.url.as_str())
        .collect();
    assert_eq!(urls, [server.websocket("/from-worker")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_and_the_pages_are_told_apart() {
    let server = Server::start(Manner::GreetThenStay, PAGE_WITH_SOCKET).await;
    let request = CaptureRequest {
        open: Some(OpenRequest::default()),
        ..watching(&server)
    };
    let capture = capture(&options(), &request).await.expect("capture");
    let openers: Vec<_> = capture.sockets.iter().map(|socket| socket.opener).collect();
    assert_eq!(openers, [Opener::Page, Opener::Request]);
    assert!(
        capture.opened().is_some_and(SocketCapture::accepted),
        "{:?}",
        capture.sockets
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_in_gives_the_origin_without_a_request_for_a_page() {
    let server = Server::start(Manner::GreetThenStay, "never asked for").await;
    let request = CaptureRequest {
        page: PageChoice::StandIn("https://app.example/".into()),
        ..CaptureRequest::open(server.websocket("/"))
    };
    let capture = capture(&options(), &request).await.expect("capture");
    assert!(capture.page.substituted.is_some());
    assert_eq!(capture.requests_made, 0);
    assert_eq!(server.page_requests(), 0);
    let handshakes = server.handshakes();
    assert_eq!(handshakes.len(), 1, "{:?}", capture.sockets);
    assert_eq!(
        header(&handshakes[0], "origin"),
        Some("https://app.example")
    );
    assert!(capture.opened().is_some_and(SocketCapture::accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_load_is_replaced_and_the_capture_says_so() {
    let server = Server::start(Manner::GreetThenStay, "").await;
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("bind")
        .local_addr()
        .expect("address");
    let request = CaptureRequest {
        page: PageChoice::Visit(format!("http://{closed}/app")),
        ..CaptureRequest::open(server.websocket("/"))
    };
    let capture = capture(&options(), &request).await.expect("capture");
    assert_eq!(
        capture.page.error.as_deref(),
        Some("net::ERR_CONNECTION_REFUSED")
    );
    assert!(
        capture
            .page
            .substituted
            .is_some_and(|reason| reason.contains("ERR_CONNECTION_REFUSED"))
    );
    assert_eq!(
        header(&server.handshakes()[0], "origin"),
        Some(format!("http://{closed}").as_str())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_whose_policy_forbids_the_socket_is_replaced() {
    let server = Server::start(Manner::GreetThenStay, PAGE_WITH_POLICY).await;
    let capture = capture(&options(), &CaptureRequest::open(server.websocket("/")))
        .await
        .expect("capture");
    assert_eq!(capture.page.title.as_deref(), Some("strict"));
    let reason = capture.page.substituted.as_deref();
    assert!(
        reason.is_some_and(|reason| reason.contains("connect-src")),
        "{capture:?}"
    );
    assert!(
        capture.opened().is_some_and(SocketCapture::accepted),
        "{:?}",
        capture.sockets
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_subprotocol_is_the_scripts_exception() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let request = CaptureRequest {
        open: Some(OpenRequest {
            subprotocols: vec!["not a token".into()],
            messages: Vec::new(),
        }),
        ..CaptureRequest::open(server.websocket("/"))
    };
    let capture = capture(&options(), &request).await.expect("capture");
    let script = capture
        .opened()
        .and_then(|socket| socket.script.as_ref())
        .expect("script");
    assert!(
        script
            .exception
            .as_deref()
            .is_some_and(|words| words.contains("SyntaxError")),
        "{script:?}"
    );
    assert!(server.handshakes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_followed_and_told() {
    let server = Server::start(Manner::GreetThenStay, "hi").await;
    let request = CaptureRequest {
        page: PageChoice::Visit(format!("http://{}/old", server.address)),
        ..CaptureRequest::open(server.websocket("/"))
    };
    let capture = capture(&options(), &request).await.expect("capture");
    assert_eq!(
        capture.page.requested_url,
        format!("http://{}/old", server.address)
    );
    assert_eq!(
        capture.page.final_url,
        format!("http://{}/new", server.address)
    );
    assert_eq!(capture.page.status, Some(200));
    assert!(capture.requests_made >= 2, "{}", capture.requests_made);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_never_answers_is_replaced_after_its_time() {
    let server = Server::start(Manner::GreetThenStay, "").await;
    let mute = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let mute_address = mute.local_addr().expect("address");
    let request = CaptureRequest {
        page: PageChoice::Visit(format!("http://{mute_address}/")),
        page_timeout: Duration::from_millis(500),
        ..CaptureRequest::open(server.websocket("/"))
    };
    let capture = capture(&options(), &request).await.expect("capture");
    assert_eq!(
        capture.page.error.as_deref(),
        Some("no answer within 0.5 s")
    );
    assert!(capture.page.substituted.is_some());
    assert!(capture.opened().is_some_and(SocketCapture::accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_does_not_stop_the_page() {
    let server = Server::start(Manner::GreetThenStay, PAGE_WITH_DIALOG).await;
    let capture = capture(&options(), &CaptureRequest::open(server.websocket("/")))
        .await
        .expect("capture");
    assert_eq!(capture.page.title.as_deref(), Some("talkative"));
    assert_eq!(capture.page.substituted, None);
    assert!(capture.opened().is_some_and(SocketCapture::accepted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_replaces_the_websocket_class_changes_nothing() {
    let server = Server::start(Manner::GreetThenStay, PAGE_WITH_WRAPPER).await;
    let capture = capture(&options(), &CaptureRequest::open(server.websocket("/")))
        .await
        .expect("capture");
    assert!(
        capture.opened().is_some_and(SocketCapture::accepted),
        "{:?}",
        capture.sockets
    );
}

#[tokio::test]
async fn an_address_without_a_scheme_is_refused_before_anything_starts() {
    let error = capture(&options(), &CaptureRequest::open("a.example/socket"))
        .await
        .expect_err("no address");
    assert!(matches!(error, BrowserError::Address { .. }), "{error}");
}
