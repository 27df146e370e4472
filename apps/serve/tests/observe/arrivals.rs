//! Requests as they arrive: whole or not, joined by the page's attempt id, and without secrets.

use serde_json::json;
use towpath_diagnosis::Fact;
use towpath_diagnosis::observation::Transport;

use crate::client::World;
use crate::facts::{arrivals, case};
use crate::raw::Socket;

const PATH: &str = "/echo/.towpath/websocket?4f9k2m";

#[tokio::test]
async fn a_request_without_its_upgrade_is_written_down_in_order_and_without_secrets() {
    let world = World::start(|_| {}).await;
    let headers = format!(
        "User-Agent: Mozilla/5.0 Chrome/141.0.0.0\r\nCookie: sid=hush\r\nVia: 1.1 squid\r\nX-Forwarded-For: 203.0.113.7\r\n\
         Origin: {}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
        world.origin()
    );
    let answer = world.ask("GET", PATH, &headers, b"").await;
    assert_eq!(answer.status, 426);
    let case = case(&world, None, "4f9k2m").await;
    let [arrival] = arrivals(&case)[..] else {
        panic!("{case:#?}");
    };
    assert!(arrival.lost_its_upgrade());
    assert_eq!(
        (arrival.transport, arrival.status),
        (Transport::Websocket, 426)
    );
    assert_eq!(arrival.network, "127.0.0.0/24");
    assert_eq!(arrival.request.target, "/echo/.towpath/websocket");
    let names: Vec<&str> = arrival
        .request
        .headers
        .iter()
        .map(|one| &*one.name)
        .collect();
    let at = |name: &str| names.iter().position(|one| *one == name).expect(name);
    assert!(at("user-agent") < at("cookie") && at("cookie") < at("via"));
    assert_eq!(arrival.header("via"), Some("1.1 squid"));
    assert_eq!(arrival.header("x-forwarded-for"), Some(""));
    assert_eq!(case.browser, "Chrome 141", "of what arrived");
    let text = serde_json::to_string(&case).unwrap();
    for secret in ["hush", "203.0.113.7", "dGhlIHNh"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let of_whom: Vec<&str> = case
        .observations
        .iter()
        .filter_map(|one| match &one.fact {
            Fact::History(history) => Some(&*history.network),
            _ => None,
        })
        .collect();
    assert_eq!(of_whom, ["127.0.0.0/24", "all"]);
}

#[tokio::test]
async fn what_came_before_its_session_is_the_session_s_and_has_its_code() {
    let world = World::start(|_| {}).await;
    let waiting = Socket::open(world.address, PATH).await;
    let before = case(&world, None, "4f9k2m").await;
    let granted = world.session(1, "4f9k2m").await;
    assert_eq!(granted.session, before.code, "a case never doubles");
    let after = case(&world, Some(json!({ "token": granted.token })), "4f9k2m").await;
    let seen: Vec<_> = arrivals(&after)
        .iter()
        .map(|one| (one.transport, one.status))
        .collect();
    let expected = [(Transport::Websocket, 101), (Transport::Poll, 200)];
    assert_eq!(seen, expected, "{after:#?}");
    let unproven = case(&world, None, "4f9k2m").await;
    assert_ne!(
        unproven.code, after.code,
        "only the session's page speaks for it"
    );
    drop(waiting);
}

#[tokio::test]
async fn sessions_of_other_attempts_stay_apart() {
    let world = World::start(|_| {}).await;
    let _waiting = Socket::open(world.address, PATH).await;
    let granted = world.session(1, "other00").await;
    let case = case(&world, Some(json!({ "token": granted.token })), "4f9k2m").await;
    assert_eq!(arrivals(&case).len(), 1, "{case:#?}");
}
