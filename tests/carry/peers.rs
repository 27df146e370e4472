//! The mistakes of others, each as a test that would have found it.
//!
//! The numbers name the reports in which their users describe them. Cuts, switches and broken networks have files of
//! their own; here is what has to be done by hand.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::sleep;
use towpath_session::body::Proof;
use towpath_session::{Kind, Outcome};
use towpath_transport::client::{Message, TRANSPORTS, Transport};

use crate::harness::{Place, client, closed, echo, farewell, message, opened};
use crate::raw::{Down, Raw, exchange};
use towpath_tests::support::relay::{Habits, Relay};

/// Centrifugo, `SockJS`, Pusher: uplink requests carry no number, so that a repeated one doubles. Here a body may arrive
/// any number of times, and beside others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeated_body_counts_once() {
    let place = Place::new().await;
    let mut raw = Raw::attached(place.gateway.port, "/talk").await;
    let body = raw.items(&[(1, "one"), (2, "two"), (3, "three")]);
    for _ in 0..3 {
        let answer = raw.send(body.clone()).await.envelopes();
        assert!(matches!(answer[0], Down::Ack(3, _)), "{answer:?}");
    }
    let overlapping = raw.items(&[(2, "two"), (3, "three"), (4, "four")]);
    raw.send(overlapping).await;
    raw.send(raw.items(&[(5, "five")])).await;
    assert_eq!(raw.texts(5).await, ["one", "two", "three", "four", "five"]);
}

/// Centrifugo handles each emulated send by itself, so that two in a row can change places (its `emulation.go`).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_out_of_order_are_put_in_order() {
    let place = Place::new().await;
    let mut raw = Raw::attached(place.gateway.port, "/talk").await;
    let third = raw.send(raw.items(&[(3, "three")])).await.envelopes();
    assert!(matches!(third[0], Down::Ack(0, _)), "{third:?}");
    raw.send(raw.items(&[(2, "two")])).await;
    let first = raw.send(raw.items(&[(1, "one")])).await.envelopes();
    assert!(matches!(first[0], Down::Ack(3, _)), "{first:?}");
    assert_eq!(raw.texts(3).await, ["one", "two", "three"]);
}

/// Atmosphere #1820 and `SignalR`'s long polling: what was written into an answer counts as delivered. Here an answer
/// that nobody read is given again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_was_cut_is_given_again() {
    let place = Place::new().await;
    let mut raw = Raw::attached(place.gateway.port, "/talk?first=3").await;
    for _ in 0..3 {
        // Read by nobody: `received` stays where it was.
        raw.request += 1;
        raw.post("poll", raw.poll_body(raw.request)).await;
    }
    assert_eq!(raw.texts(3).await, ["server 1", "server 2", "server 3"]);
}

/// `SockJS` answers 2010 "Another connection still open" while a half-dead one hangs. Here the newer request takes the place
/// of the older at once, and the older is ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newer_poll_takes_the_place_of_one_that_hangs() {
    let place = Place::new().await;
    let mut raw = Raw::attached(place.gateway.port, "/talk").await;
    raw.poll().await;
    let hanging = raw.clone();
    let hung = tokio::spawn(async move { hanging.post("poll", hanging.poll_body(5)).await });
    sleep(Duration::from_millis(200)).await;
    raw.request = 5;
    raw.send(raw.items(&[(1, "one")])).await;
    // Whichever of the two polls got it, only what was acknowledged is gone.
    assert_eq!(raw.texts(1).await, ["one"]);
    let old = hung.await.unwrap();
    assert_eq!(old.status, 200);
    // A late copy of an old request is answered with nothing and takes nothing.
    let late = raw.post("poll", raw.poll_body(1)).await;
    assert_eq!((late.status, late.body.len()), (200, 0));
    raw.send(raw.items(&[(2, "two")])).await;
    assert_eq!(raw.texts(1).await, ["two"]);
}

/// python-engineio #367: a broken upgrade request was taken for a poll and consumed the queue.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_requests_consume_nothing() {
    let place = Place::new().await;
    let mut raw = Raw::attached(place.gateway.port, "/talk?first=3").await;
    let port = place.gateway.port;
    let head =
        format!("Host: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nConnection: close");
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Version: 13";
    let requests = [
        format!("GET /talk/.towpath/poll HTTP/1.1\r\n{head}\r\n\r\n"),
        format!("GET /talk/.towpath/poll HTTP/1.1\r\n{head}, Upgrade\r\n{upgrade}\r\n\r\n"),
        format!("GET /talk/.towpath/websocket HTTP/1.1\r\n{head}\r\n\r\n"),
        format!("GET /talk/.towpath/websocket HTTP/1.1\r\n{head}, Upgrade\r\n{upgrade}\r\n\r\n"),
        format!("POST /talk/.towpath/websocket HTTP/1.1\r\n{head}\r\nContent-Length: 0\r\n\r\n"),
        format!(
            "POST /talk/.towpath/poll HTTP/1.1\r\n{head}\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
        ),
        format!("POST /talk/.towpath/other HTTP/1.1\r\n{head}\r\nContent-Length: 0\r\n\r\n"),
    ];
    for request in &requests {
        let answer = exchange(port, request.as_bytes()).await;
        assert!(
            (400..500).contains(&answer.status),
            "{request}\n{}",
            answer.head
        );
    }
    assert_eq!(raw.texts(3).await, ["server 1", "server 2", "server 3"]);
}

/// socket.io #3416 and #2320: the session's id in the URL is enough to steal its packets from another machine. Here
/// a URL holds nothing, and a body without the key opens nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guessed_key_opens_nothing() {
    let place = Place::new().await;
    let mut raw = Raw::attached(place.gateway.port, "/talk?first=3").await;
    let mut thief = raw.clone();
    thief.key = [7; 16];
    let answer = thief.post("poll", thief.poll_body(1)).await;
    let got = answer.status != 200 || answer.envelopes().iter().all(|one| !is_item(one));
    assert!(got, "{answer:?}");
    assert_eq!(raw.texts(3).await, ["server 1", "server 2", "server 3"]);
}

fn is_item(envelope: &Down) -> bool {
    matches!(envelope, Down::Item(..))
}

/// `pyramid_sockjs` #7: sessions are bound to nobody. Here to the Origin that opened them, on every endpoint.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_origin_gets_nothing_even_with_every_secret() {
    let allow = "[origins]\nallow = [\"http://friend.example\"]\n";
    let place = Place::configured(allow).await;
    for origin in ["http://evil.example", "null", "http://friend.example"] {
        let mut raw = Raw::attached(place.gateway.port, "/talk?first=3").await;
        let mut thief = raw.clone();
        thief.origin = origin.to_owned();
        thief.generation = 2;
        let attach = thief.attach_body(true);
        let polled = thief.post("poll", thief.poll_body(1)).await;
        let sent = thief.post("send", thief.items(&[(1, "forged")])).await;
        let taken = thief.post("poll", attach).await;
        for answer in [polled, sent, taken] {
            let attached = answer.status == 200
                && answer
                    .envelopes()
                    .iter()
                    .any(|one| matches!(one, Down::Attached(_) | Down::Item(..) | Down::Ack(1, _)));
            assert!(!attached, "{origin}: {answer:?}");
        }
        raw.send(raw.items(&[(1, "mine")])).await;
        let mut texts = raw.texts(4).await;
        texts.sort();
        assert_eq!(
            texts,
            ["mine", "server 1", "server 2", "server 3"],
            "{origin}"
        );
    }
}

/// A copy of an attach that arrives late takes nothing over, whichever secret it carries (engine.io #284: late
/// packets of an old transport).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_attach_is_superseded() {
    let place = Place::new().await;
    let mut raw = Raw::new(place.gateway.port, "/talk?first=3");
    let first = raw.attach_body(true);
    raw.attach(true).await.unwrap();
    raw.generation = 2;
    let second = raw.attach_body(true);
    raw.attach(true).await.unwrap();
    raw.generation = 3;
    raw.attach(true).await.unwrap();
    for late in [first, second] {
        let answer = raw.post("poll", late).await;
        let envelopes = answer.envelopes();
        let refused = [
            vec![Down::Superseded(3)],
            vec![Down::End(Some(Outcome::ContinuityLost))],
        ];
        assert!(refused.contains(&envelopes), "{envelopes:?}");
    }
    assert_eq!(raw.texts(3).await, ["server 1", "server 2", "server 3"]);
}

/// Two clients with one token: the one that used the next token first goes on, the other is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_holders_of_a_token_one_remains() {
    let place = Place::new().await;
    let mut one = Raw::attached(place.gateway.port, "/talk").await;
    let mut two = one.clone();
    one.generation = 2;
    one.attach(true).await.unwrap();
    one.generation = 3;
    one.attach(true).await.unwrap();
    two.generation = 9;
    let refused = two.attach(true).await.unwrap_err();
    // A number below its own tells a holder of an old token that another one went on.
    assert_eq!(refused, [Down::Superseded(3)]);
    one.send(one.items(&[(1, "still here")])).await;
    assert_eq!(one.texts(1).await, ["still here"]);
}

/// A lost answer to an attach costs nothing: the token that was current still opens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_to_an_attach_costs_nothing() {
    let place = Place::new().await;
    let mut raw = Raw::new(place.gateway.port, "/talk?first=3");
    for _ in 0..3 {
        // The answer is thrown away with its token.
        let body = raw.attach_body(true);
        raw.post("poll", body).await;
        raw.generation += 1;
    }
    assert!(matches!(raw.proof, Proof::Fresh(_)));
    raw.attach(true).await.unwrap();
    assert_eq!(raw.texts(3).await, ["server 1", "server 2", "server 3"]);
    let asked = place.backend.seen().targets.lock().unwrap().len();
    assert_eq!(asked, 1, "one session, one backend connection");
}

/// A candidate carries nothing before it is used, and then everything (engine.io-client #18, socketioxide #479: an
/// upgrade that stalls or loses what came meanwhile).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_candidate_carries_nothing_until_it_is_used() {
    let place = Place::new().await;
    let mut raw = Raw::attached(place.gateway.port, "/talk?first=3").await;
    let mut candidate = raw.clone();
    candidate.generation = 2;
    candidate.attach(false).await.unwrap();
    assert_eq!(raw.texts(3).await, ["server 1", "server 2", "server 3"]);
    candidate.received = raw.received;
    // An item on a candidate means `use`.
    candidate.send(candidate.items(&[(1, "over")])).await;
    assert_eq!(candidate.texts(1).await, ["over"]);
    let old = raw
        .post("poll", raw.poll_body(raw.request + 1))
        .await
        .envelopes();
    assert_eq!(old, [Down::Superseded(2)]);
}

/// Messages have their numbers on the wire (dotnet/aspnetcore #55575: two counters in parallel drifted apart).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_come_with_the_messages() {
    let place = Place::new().await;
    let mut raw = Raw::attached(place.gateway.port, "/talk?first=3").await;
    let mut seen = Vec::new();
    while seen.len() < 4 {
        for envelope in raw.poll().await.envelopes() {
            if let Down::Item(sequence, kind, _) = envelope {
                seen.push((sequence, kind));
            }
        }
    }
    let expected = [
        (1, Kind::Opened),
        (2, Kind::Text),
        (3, Kind::Text),
        (4, Kind::Text),
    ];
    assert_eq!(seen, expected);
}

/// socket.io #4888 and #5538: a session without a message cannot be resumed; #4880: only the first resume works.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_resumes_from_nothing_and_again_and_again() {
    let place = Place::new().await;
    for transport in TRANSPORTS {
        let relay = Relay::start(place.gateway.port, 1, Habits::default()).await;
        let mut client = client(relay.port(), "/talk", &[transport]);
        opened(&mut client).await;
        let name = client.sender().session();
        for round in 1..=5 {
            let losses = client.sender().losses();
            client.sender().cut();
            while client.sender().losses() == losses || client.transport().is_none() {
                sleep(Duration::from_millis(5)).await;
            }
            assert_eq!(client.sender().losses(), round);
        }
        echo(&mut client, "the first message").await;
        assert_eq!(client.sender().session(), name);
        farewell(client).await;
    }
    assert_eq!(place.backend.seen().targets.lock().unwrap().len(), 4);
}

/// centrifuge-js #407 and #408: an error for an answer made hundreds of reconnects a second.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_that_are_errors_are_not_hammered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let _client = client(port, "/talk", &TRANSPORTS);
    let mut requests = 0;
    let serving = async {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests += 1;
            let mut buffer = [0; 4_096];
            let _ = stream.read(&mut buffer).await;
            let answer = "HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    };
    let _: Result<(), _> = tokio::time::timeout(Duration::from_secs(4), serving).await;
    // Rounds of four at 0, 100, 300, 700, 1100 ms and so on.
    assert!((8..=56).contains(&requests), "{requests} requests in 4 s");
}

/// An `end` is an answer: the session is over at once and nothing is tried again (the same reports).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_is_an_answer() {
    let place = Place::configured("[limits]\nsessions = 1\n").await;
    let mut first = place.client("/talk", &[Transport::Poll]);
    opened(&mut first).await;
    for transport in TRANSPORTS {
        let mut second = place.client("/talk", &[transport]);
        second.send(Message::text("unheard")).await.unwrap();
        let closed = closed(&mut second).await;
        assert_eq!(closed.code, 1013, "{transport:?}");
        assert_eq!(closed.outcome.as_deref(), Some("too-many-sessions"));
    }
    echo(&mut first, "unharmed").await;
}

/// A login portal that answers everything with its page for a while: the session waits it out, and neither
/// takes the page for an answer nor the portal's word for an end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_portal_is_waited_out() {
    let place = Place::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let portal = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0; 4_096];
            let _ = stream.read(&mut buffer).await;
            let page = "<!doctype html>\n<title>Please log in</title>\n\u{10}\u{16}\n";
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{page}",
                page.len()
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    for transport in TRANSPORTS {
        let relay = Relay::start(place.gateway.port, 1, Habits::default()).await;
        let mut client = client(relay.port(), "/talk", &[transport]);
        opened(&mut client).await;
        echo(&mut client, "before").await;
        relay.redirect(portal);
        relay.cut();
        client.send(Message::text("meanwhile")).await.unwrap();
        sleep(Duration::from_millis(600)).await;
        relay.redirect(place.gateway.port);
        assert_eq!(
            message(&mut client).await,
            Message::text("meanwhile"),
            "{transport:?}"
        );
        farewell(client).await;
    }
    serving.abort();
}
