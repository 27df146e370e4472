use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};

use super::events::EVENTS_QUEUED_MAX;
use super::*;

fn pair() -> (Debugger, BufReader<DuplexStream>) {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (reader, writer) = tokio::io::split(near);
    let connection = Connection::new(Box::new(reader), Box::new(writer));
    (Debugger::new(connection), BufReader::new(far))
}

async fn next_call(far: &mut BufReader<DuplexStream>) -> Value {
    let mut message = Vec::new();
    far.read_until(0, &mut message).await.expect("read");
    message.pop();
    serde_json::from_slice(&message).expect("JSON")
}

async fn say(far: &mut BufReader<DuplexStream>, message: Value) {
    let mut bytes = message.to_string().into_bytes();
    bytes.push(0);
    far.get_mut().write_all(&bytes).await.expect("write");
}

const LIMIT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn replies_find_their_callers_in_any_order() {
    let (debugger, mut far) = pair();
    let other = debugger.clone();
    let first = tokio::spawn(async move { other.call(None, "A.a", json!({}), LIMIT).await });
    let call_a = next_call(&mut far).await;
    let second =
        tokio::spawn(async move { debugger.call(Some("S"), "B.b", json!({}), LIMIT).await });
    let call_b = next_call(&mut far).await;
    assert_eq!(call_b["sessionId"], "S");
    say(
        &mut far,
        json!({ "id": call_b["id"], "result": { "n": 2 } }),
    )
    .await;
    say(
        &mut far,
        json!({ "id": call_a["id"], "error": { "message": "no" } }),
    )
    .await;
    assert_eq!(second.await.expect("task").expect("result")["n"], 2);
    let refused = first.await.expect("task").expect_err("refused");
    assert!(
        matches!(refused, BrowserError::Protocol { .. }),
        "{refused}"
    );
}

#[tokio::test]
async fn the_end_of_the_browser_reaches_everyone_at_once() {
    let (debugger, mut far) = pair();
    let mut events = debugger.events("S", &[]);
    let caller = debugger.clone();
    let call =
        tokio::spawn(async move { caller.call(None, "A.a", json!({}), Duration::MAX).await });
    next_call(&mut far).await;
    drop(far);
    let error = call.await.expect("task").expect_err("ended");
    assert!(matches!(error, BrowserError::Ended { .. }), "{error}");
    assert_eq!(events.next().await.expect_err("ended"), EventsEnd::Ended);
    assert_eq!(debugger.ended().await.to_string(), "the browser ended");
    let later = debugger.call(None, "A.a", json!({}), LIMIT).await;
    assert!(
        matches!(later, Err(BrowserError::Ended { .. })),
        "{later:?}"
    );
    assert_eq!(
        debugger.events("S", &[]).next().await.expect_err("ended"),
        EventsEnd::Ended
    );
}

#[tokio::test]
async fn a_crash_ends_the_calls_and_events_of_its_page_only() {
    let (debugger, mut far) = pair();
    let mut events = debugger.events("S", &["Inspector."]);
    let mut others = debugger.events("T", &[]);
    let caller = debugger.clone();
    let call = tokio::spawn(async move {
        caller
            .call(Some("S"), "A.a", json!({}), Duration::MAX)
            .await
    });
    next_call(&mut far).await;
    let crash = json!({ "method": "Inspector.targetCrashed", "params": {}, "sessionId": "S" });
    say(&mut far, crash).await;
    let error = call.await.expect("task").expect_err("ended");
    assert_eq!(error.to_string(), "the page crashed");
    assert_eq!(
        events.next().await.expect("told").method,
        "Inspector.targetCrashed"
    );
    assert_eq!(events.next().await.expect_err("over"), EventsEnd::Ended);
    say(
        &mut far,
        json!({ "method": "A.b", "params": {}, "sessionId": "T" }),
    )
    .await;
    assert_eq!(others.next().await.expect("alive").method, "A.b");
    assert!(!debugger.has_ended());
}

#[tokio::test]
async fn a_listener_gets_what_it_asked_for() {
    let (debugger, mut far) = pair();
    let mut events = debugger.events("S", &["Network.webSocket"]);
    for method in ["Network.dataReceived", "Network.webSocketCreated"] {
        say(
            &mut far,
            json!({ "method": method, "params": {}, "sessionId": "S" }),
        )
        .await;
    }
    assert_eq!(
        events.next().await.expect("event").method,
        "Network.webSocketCreated"
    );
}

#[tokio::test]
async fn a_slow_listener_loses_its_place_and_learns_it() {
    let (debugger, mut far) = pair();
    let mut slow = debugger.events("S", &["A."]);
    let mut marker = debugger.events("S", &["B."]);
    for _ in 0..=EVENTS_QUEUED_MAX {
        say(
            &mut far,
            json!({ "method": "A.a", "params": {}, "sessionId": "S" }),
        )
        .await;
    }
    say(
        &mut far,
        json!({ "method": "B.b", "params": {}, "sessionId": "S" }),
    )
    .await;
    marker.next().await.expect("the others go on");
    for _ in 0..EVENTS_QUEUED_MAX {
        slow.next().await.expect("queued");
    }
    assert_eq!(slow.next().await.expect_err("lost"), EventsEnd::TooSlow);
}

#[tokio::test]
async fn silence_ends_a_call_with_its_name() {
    let (debugger, _far) = pair();
    let error = debugger
        .call(None, "A.a", json!({}), Duration::from_millis(30))
        .await
        .expect_err("silence");
    assert!(
        matches!(&error, BrowserError::Timeout { what, .. } if what == "A.a"),
        "{error}"
    );
    assert!(debugger.shared.state().pending.is_empty());
}

#[tokio::test]
async fn dropping_the_last_handle_closes_the_connection() {
    let (debugger, mut far) = pair();
    drop(debugger.clone());
    drop(debugger);
    let mut rest = Vec::new();
    assert_eq!(far.read_until(0, &mut rest).await.expect("end"), 0);
}

#[tokio::test]
async fn whoever_ends_it_says_why_and_the_connection_is_closed() {
    let (debugger, mut far) = pair();
    let mut events = debugger.events("S", &[]);
    debugger.end("it was too slow");
    debugger.end("a later reason");
    assert_eq!(debugger.ended().await.to_string(), "it was too slow");
    assert_eq!(events.next().await.expect_err("over"), EventsEnd::Ended);
    let mut rest = Vec::new();
    assert_eq!(far.read_until(0, &mut rest).await.expect("end"), 0);
}
