//! Opening handshakes: right, wrong, refused, broken off.

use tokio::io::AsyncReadExt;
use towpath_diagnosis::observation::{
    Change, Failed, Failure, HandshakeOutcome, Header, OriginKind, Stage, Switched, TokenPlacement,
};
use towpath_diagnosis::question::Question;
use towpath_probe::{Probe, Token, handshake};

use crate::server::{Reply, answer, handshake as told, plain, settings, switch, value, written};

fn question(changes: &[Change]) -> Question {
    Question::Handshake {
        changes: changes.to_vec(),
    }
}

fn switched(outcome: &HandshakeOutcome) -> &Switched {
    match outcome {
        HandshakeOutcome::Switched(switched) => switched,
        other => panic!("{other:?}"),
    }
}

fn status(outcome: &HandshakeOutcome) -> u16 {
    match outcome {
        HandshakeOutcome::Refused { response } => response.status,
        other => panic!("{other:?}"),
    }
}

async fn failure(respond: fn() -> Reply) -> Failed {
    let (address, _) = plain(move |_| respond()).await;
    let facts = Probe::new(settings(address)).ask(&question(&[])).await;
    match &told(&facts).outcome {
        HandshakeOutcome::Failed(failed) => failed.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_right_answer_opens_and_keeps_early_bytes() {
    let (address, _) = plain(|head| {
        Reply::Stay(switch(
            head,
            "Sec-WebSocket-Protocol: chat\r\n",
            "\u{1}early",
        ))
    })
    .await;
    let mut given = settings(address);
    given.subprotocols = vec!["chat".to_owned()];
    let mut probe = Probe::new(given);
    let (facts, socket) = handshake::open(&mut probe, &[]).await;
    let outcome = switched(&told(&facts).outcome);
    assert!(outcome.deviations.is_empty(), "{outcome:?}");
    assert_eq!(outcome.subprotocol.as_deref(), Some("chat"));
    let mut socket = socket.unwrap();
    assert!(socket.acceptable);
    assert_eq!((socket.number, probe.spent()), (1, 1));
    let mut early = [0; 6];
    socket.stream.read_exact(&mut early).await.unwrap();
    assert_eq!(&early, b"\x01early");
}

#[tokio::test]
async fn a_wrong_answer_is_told_and_not_acceptable() {
    let (address, _) = plain(|head| {
        let key = value(head, "Sec-WebSocket-Key").unwrap();
        let right = towpath_websocket::accept_key(key);
        Reply::Stay(switch(head, "", "").replace(&right, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="))
    })
    .await;
    let mut probe = Probe::new(settings(address));
    let (facts, socket) = handshake::open(&mut probe, &[]).await;
    assert_eq!(switched(&told(&facts).outcome).deviations.len(), 1);
    assert!(!socket.unwrap().acceptable);
}

#[tokio::test]
async fn one_change_flips_a_gate() {
    let (address, _) = plain(|head| {
        if value(head, "Sec-WebSocket-Protocol") == Some("graphql-transport-ws") {
            Reply::Stay(switch(
                head,
                "Sec-WebSocket-Protocol: graphql-transport-ws\r\n",
                "",
            ))
        } else {
            Reply::Answer(answer("403 Forbidden", "", ""))
        }
    })
    .await;
    let mut given = settings(address);
    given.subprotocols = vec!["graphql-ws".to_owned()];
    let mut probe = Probe::new(given);
    let facts = probe.ask(&question(&[])).await;
    assert_eq!(status(&told(&facts).outcome), 403);
    let other = Change::Subprotocol {
        name: "graphql-transport-ws".to_owned(),
    };
    let facts = probe.ask(&question(std::slice::from_ref(&other))).await;
    assert!(switched(&told(&facts).outcome).deviations.is_empty());
    assert_eq!(told(&facts).changes, [other]);
    assert_eq!(probe.spent(), 2);
}

#[tokio::test]
async fn a_refusal_keeps_its_page() {
    let (address, _) = plain(|_| Reply::Answer(answer("403 No", "Server: x\r\n", "Go away"))).await;
    let facts = Probe::new(settings(address)).ask(&question(&[])).await;
    let HandshakeOutcome::Refused { response } = &told(&facts).outcome else {
        panic!("{facts:?}");
    };
    assert_eq!(response.body.text, "Go away");
    assert_eq!(response.header("server"), Some("x"));
}

#[tokio::test]
async fn endings_differ() {
    let at = |failure| Failed {
        stage: Stage::Http,
        failure,
    };
    assert_eq!(failure(|| Reply::Reset).await, at(Failure::Reset));
    let empty = || Reply::Answer(String::new());
    assert_eq!(failure(empty).await, at(Failure::EndOfStream));
    let silent = Failure::TimedOut { waited_ms: 4_000 };
    assert_eq!(failure(|| Reply::Hang).await, at(silent));
    let banner = || Reply::Stay("220 mail.example ESMTP\r\n".to_owned());
    let first_bytes = "220 mail.example ESMTP\\r\\n".to_owned();
    assert_eq!(failure(banner).await, at(Failure::NotHttp { first_bytes }));
}

#[tokio::test]
async fn a_redirect_is_followed_when_asked() {
    let (address, seen) = plain(|head| {
        if head.starts_with("GET /ws/ ") {
            Reply::Stay(switch(head, "", ""))
        } else {
            Reply::Answer(answer("301 Moved", "Location: /ws/\r\n", ""))
        }
    })
    .await;
    let mut probe = Probe::new(settings(address));
    let facts = probe.ask(&question(&[])).await;
    assert_eq!(status(&told(&facts).outcome), 301);
    let location = "/ws/".to_owned();
    let facts = probe
        .ask(&question(&[Change::Redirected { location }]))
        .await;
    switched(&told(&facts).outcome);
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn cookies_of_the_page_are_sent_once_fetched() {
    let (address, seen) = plain(|head| {
        if head.starts_with("GET /login ") {
            let cookies = "Set-Cookie: sid=abcdef123; Path=/\r\nLocation: /home\r\n";
            Reply::Answer(answer("302 Found", cookies, ""))
        } else if head.starts_with("GET /home ") {
            Reply::Answer(answer("200 OK", "", "hello"))
        } else if value(head, "Cookie") == Some("sid=abcdef123") {
            Reply::Stay(switch(head, "", ""))
        } else {
            Reply::Answer(answer("401 Unauthorized", "", ""))
        }
    })
    .await;
    let mut given = settings(address);
    given.page = Some(format!("http://{address}/login"));
    let mut probe = Probe::new(given);
    assert_eq!(status(&told(&probe.ask(&question(&[])).await).outcome), 401);
    for _ in 0..2 {
        let facts = probe.ask(&question(&[Change::Cookies])).await;
        switched(&told(&facts).outcome);
        assert!(!written(&facts).contains("abcdef123"));
    }
    let heads = seen.lock().unwrap();
    let visits = heads.iter().filter(|head| head.starts_with("GET /login"));
    assert_eq!(visits.count(), 1);
}

#[tokio::test]
async fn facts_hold_no_secret() {
    let (address, _) = plain(|head| {
        let echo = value(head, "Authorization").unwrap_or_default().to_owned();
        Reply::Answer(answer("403 No", "", &echo))
    })
    .await;
    let mut given = settings(address);
    given.token = Some(Token {
        value: "my-own-token-value".to_owned(),
        placement: TokenPlacement::Header,
    });
    given.headers = vec![Header {
        name: "Cookie".to_owned(),
        value: "sid=0123456789".to_owned(),
    }];
    let mut probe = Probe::new(given);
    let placement = TokenPlacement::Query {
        name: "room".to_owned(),
    };
    for changes in [vec![], vec![Change::Token { placement }]] {
        let facts = written(&probe.ask(&question(&changes)).await);
        assert!(!facts.contains("my-own-token-value"), "{facts}");
        assert!(!facts.contains("0123456789"), "{facts}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_said() {
    let (address, seen) = plain(|_| Reply::Hang).await;
    let mut probe = Probe::new(settings(address));
    for change in [
        Change::Like,
        Change::Cookies,
        Change::WithoutToken,
        Change::Origin {
            origin: OriginKind::Given,
        },
    ] {
        let facts = written(&probe.ask(&question(&[change])).await);
        assert!(facts.contains("NotTested"), "{facts}");
    }
    assert!(seen.lock().unwrap().is_empty());
    assert_eq!(probe.spent(), 0);
}
