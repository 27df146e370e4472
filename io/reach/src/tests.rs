//! Reach against servers that answer as a test says: native ways, the choice, tokens. The ways through gateways and browsers are
//! tested end to end, with real ones.

mod server;
mod tokens;

use std::time::Duration;

use crate::{
    Carried, Event, LocalHandshake, Message, Opened, Reach, Refused, Request, Settings, Via, Way,
};
use bytes::Bytes;
use server::{Answer, Server, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use towpath_probe::ProxyChoice;

fn settings(via: Via) -> Settings {
    Settings {
        via,
        proxy: ProxyChoice::Never,
        may_use_browser: false,
        // Only where nothing comes at all may it end: a machine that is busy elsewhere is no mute server.
        proof: Duration::from_secs(20),
        ..Settings::default()
    }
}

async fn open(reach: &Reach, server: &Server, path: &str) -> Result<Opened, Refused> {
    let opening = reach.open(Request::new(server.url(path)));
    timeout(Duration::from_secs(30), opening)
        .await
        .expect("an outcome in time")
}

async fn echoes(opened: Opened) {
    let mut channel = opened.carried.into_channel();
    let text = Message::Text(Bytes::from_static(b"hello"));
    channel.sender.send(text.clone()).await.unwrap();
    assert_eq!(channel.receiver.next().await, Some(Event::Message(text)));
}

#[tokio::test]
async fn frames_of_a_local_client_pass_as_they_are() {
    let server = Server::start(|_, _| Answer::Echo).await;
    let mut request = Request::new(server.url("/a?b=c"));
    request.subprotocols = vec!["x".to_owned(), "y".to_owned()];
    request.headers = vec![("X-Room".to_owned(), "blue".to_owned())];
    request.local = Some(LocalHandshake {
        key: "dGhlIHNhbXBsZSBub25jZQ==".to_owned(),
        extensions: "x-own".to_owned(),
    });
    let opened = Reach::new(settings(Via::Auto)).open(request).await.unwrap();
    assert_eq!((opened.way, opened.why.as_str()), (Way::Direct, "directly"));
    assert_eq!(
        opened.response.header("sec-websocket-accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    assert_eq!(opened.response.header("sec-websocket-protocol"), Some("x"));
    let head = &server.seen()[0];
    assert!(head.starts_with("GET /a?b=c HTTP/1.1\r\n"), "{head}");
    assert_eq!(header(head, "x-room"), Some("blue"));
    assert_eq!(header(head, "sec-websocket-extensions"), Some("x-own"));
    let Carried::Stream(mut native) = opened.carried else {
        panic!("a native way is a stream");
    };
    // A masked text frame, and the same unmasked: the answer to the ping of the proof is not among it.
    native
        .stream
        .write_all(&[0x81, 0x82, 0, 0, 0, 0, b'h', b'i'])
        .await
        .unwrap();
    let mut echoed = [0; 4];
    native.stream.read_exact(&mut echoed).await.unwrap();
    assert_eq!(echoed, [0x81, 2, b'h', b'i']);
    assert_eq!(server.pings(), 1);
}

#[tokio::test]
async fn a_way_that_worked_is_taken_again_without_proof() {
    let server = Server::start(|_, _| Answer::Echo).await;
    let reach = Reach::new(settings(Via::Auto));
    for _ in 0..3 {
        echoes(open(&reach, &server, "/?token=secret").await.unwrap()).await;
    }
    assert_eq!(server.pings(), 1);
    let status = reach.status();
    assert_eq!(status.remembered.len(), 1);
    let expected = format!("ws://{}/", server.address);
    assert_eq!(status.remembered[0].target, expected);
}

#[tokio::test]
async fn a_refusal_is_the_remotes_own() {
    let server = Server::start(|_, _| Answer::status(418)).await;
    let refused = open(&Reach::new(settings(Via::Direct)), &server, "/")
        .await
        .unwrap_err();
    let Refused::Answer {
        status,
        headers,
        body,
        ..
    } = refused
    else {
        panic!("{refused}");
    };
    assert_eq!((status, &body[..]), (418, &b"no!\n"[..]));
    assert!(
        headers.contains(&("X-Own".to_owned(), "yes".to_owned())),
        "{headers:?}"
    );
    assert_eq!(server.seen().len(), 1);
}

/// Refuses all but one subprotocol, as Phoenix does.
fn wants_new_graphql(head: &str, _: usize) -> Answer {
    match header(head, "sec-websocket-protocol") {
        Some("graphql-transport-ws") => Answer::Echo,
        _ if header(head, "upgrade").is_some() => Answer::Text(
            "HTTP/1.1 403 Forbidden\r\nServer: Cowboy\r\nContent-Length: 0\r\n\r\n".to_owned(),
        ),
        _ => Answer::status(404),
    }
}

#[tokio::test]
async fn a_fault_that_no_way_mends_is_named_and_asked_about_once() {
    let server = Server::start(wants_new_graphql).await;
    let reach = Reach::new(settings(Via::Auto));
    let ask = async || {
        let mut request = Request::new(server.url("/gql-ws"));
        request.subprotocols = vec!["graphql-ws".to_owned()];
        reach.open(request).await.unwrap_err()
    };
    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    for refused in [one, two, three] {
        assert!(
            matches!(&refused, Refused::Answer { status: 403, .. }),
            "{refused}"
        );
        let finding = refused.why().finding.as_ref().expect("a finding");
        assert_eq!(finding.cause, "http-403-subproto");
        assert!(!finding.remedy.operator.is_empty());
    }
    let asked = server.seen().len();
    assert!(asked <= 3 + 25, "{asked} requests");
    ask().await;
    assert_eq!(
        server.seen().len(),
        asked + 1,
        "one more attempt, and no inquiry"
    );
}

#[tokio::test]
async fn a_fault_that_has_passed_is_tried_again() {
    let server = Server::start(|_, before| match before {
        0 => Answer::status(502),
        _ => Answer::Echo,
    })
    .await;
    let reach = Reach::new(settings(Via::Auto));
    echoes(open(&reach, &server, "/").await.unwrap()).await;
}

#[tokio::test]
async fn a_socket_that_stays_mute_is_handed_out_and_says_so() {
    let server = Server::start(|head, _| match header(head, "upgrade") {
        Some(_) => Answer::Mute,
        None => Answer::status(404),
    })
    .await;
    let reach = Reach::new(Settings {
        proof: Duration::from_millis(300),
        ..settings(Via::Auto)
    });
    let opened = open(&reach, &server, "/").await.unwrap();
    assert!(
        opened.why.contains("no ping was answered"),
        "{}",
        opened.why
    );
    assert!(reach.status().remembered.is_empty());
    let asked = server.seen().len();
    let opened = open(&reach, &server, "/").await.unwrap();
    assert_eq!(opened.why, "directly, though it answers no pings");
    assert_eq!(server.seen().len(), asked + 1);
}

#[tokio::test]
async fn a_broken_101_is_refused_with_its_cause() {
    let server = Server::start(|head, _| match header(head, "upgrade") {
        Some(_) => Answer::Text(
            "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
                .to_owned(),
        ),
        None => Answer::status(404),
    })
    .await;
    let refused = open(&Reach::new(settings(Via::Auto)), &server, "/").await;
    let refused = refused.unwrap_err();
    let finding = refused.why().finding.as_ref().expect("a finding");
    assert_eq!(finding.cause, "http-accept-wrong");
}

#[tokio::test]
async fn a_cut_right_after_the_101_says_so() {
    let server = Server::start(|head, _| match header(head, "upgrade") {
        Some(_) => Answer::Cut,
        None => Answer::status(404),
    })
    .await;
    let opened = open(&Reach::new(settings(Via::Auto)), &server, "/")
        .await
        .unwrap();
    assert!(opened.why.contains("cut right after"), "{}", opened.why);
    let mut channel = opened.carried.into_channel();
    assert!(matches!(
        channel.receiver.next().await,
        Some(Event::Closed {
            code: 1006,
            clean: false,
            ..
        })
    ));
}

#[tokio::test]
async fn a_close_as_the_first_word_arrives() {
    let server = Server::start(|_, _| Answer::Close(4000)).await;
    let opened = open(&Reach::new(settings(Via::Auto)), &server, "/")
        .await
        .unwrap();
    let mut channel = opened.carried.into_channel();
    let Some(Event::Closed {
        code,
        reason,
        clean,
        ..
    }) = channel.receiver.next().await
    else {
        panic!("no end");
    };
    assert_eq!((code, reason.as_str(), clean), (4000, "no", true));
}

#[tokio::test]
async fn a_name_that_nobody_has_is_a_failure_and_no_answer() {
    let server = Server::start(|_, _| Answer::Echo).await;
    let address = server.address;
    drop(server);
    let url = format!("ws://{address}/").parse().unwrap();
    let refused = Reach::new(settings(Via::Direct))
        .open(Request::new(url))
        .await
        .unwrap_err();
    let Refused::Failed {
        what, timed_out, ..
    } = refused
    else {
        panic!("{refused}");
    };
    assert_eq!((what.as_str(), timed_out), ("no connection", false));
}

#[tokio::test]
async fn a_proxy_that_is_wanted_must_be_there() {
    let server = Server::start(|_, _| Answer::Echo).await;
    let refused = open(&Reach::new(settings(Via::Proxy)), &server, "/")
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("no proxy"), "{refused}");
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_way_that_no_longer_works_is_forgotten() {
    let server = Server::start(|_, before| match before {
        0 => Answer::Echo,
        _ => Answer::status(404),
    })
    .await;
    let reach = Reach::new(settings(Via::Auto));
    echoes(open(&reach, &server, "/").await.unwrap()).await;
    let refused = open(&reach, &server, "/").await.unwrap_err();
    assert!(
        matches!(refused, Refused::Answer { status: 404, .. }),
        "{refused}"
    );
    assert!(reach.status().remembered.is_empty());
}

#[tokio::test]
async fn an_inquiry_outlives_a_caller_that_gives_up() {
    let server = Server::start(wants_new_graphql).await;
    let reach = Reach::new(settings(Via::Auto));
    let request = || {
        let mut request = Request::new(server.url("/gql-ws"));
        request.subprotocols = vec!["graphql-ws".to_owned()];
        request
    };
    let given_up = timeout(Duration::from_millis(20), reach.open(request())).await;
    assert!(given_up.is_err(), "an inquiry in no time");
    let refused = reach.open(request()).await.unwrap_err();
    let finding = refused.why().finding.as_ref().expect("a finding");
    assert_eq!(finding.cause, "http-403-subproto");
    let plain = |head: &&String| header(head, "sec-websocket-protocol") == Some("graphql-ws");
    let alike = server.seen().iter().filter(plain).count();
    assert!(alike < 8, "two inquiries: {alike} handshakes alike");
}

#[tokio::test]
async fn no_secret_of_a_query_is_told() {
    let server = Server::start(|_, _| Answer::status(403)).await;
    let reach = Reach::new(settings(Via::Auto));
    let refused = open(&reach, &server, "/x?key=hunter2hunter2")
        .await
        .unwrap_err();
    let told = format!("{refused} {:?} {:?}", refused.why(), reach.status());
    assert!(!told.contains("hunter2"), "{told}");
}
