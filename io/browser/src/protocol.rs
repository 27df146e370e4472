//! Calls, replies and events of the Chrome DevTools Protocol, as loosely typed as they arrive.
//!
//! Unknown events, fields and enum values of newer browsers must pass through here without harm, so nothing is decoded
//! beyond the envelope. Every wait has a deadline.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout, timeout_at};

use crate::error::BrowserError;
use crate::pipe::{MessageReader, MessageWriter};

/// Something the browser said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Incoming {
    /// The answer to a call.
    Reply(Reply),
    /// Something that happened.
    Event(Event),
}

/// The answer to the call with this number: its result, or the browser's words why not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) id: u64,
    pub(crate) outcome: Result<Value, String>,
}

/// An event, for example `Network.webSocketCreated`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// The attached page or worker; `None` for the browser itself.
    pub(crate) session: Option<String>,
    pub(crate) method: String,
    pub(crate) params: Value,
}

/// One debugging connection.
pub(crate) struct Connection {
    reader: MessageReader,
    writer: MessageWriter,
    last_id: u64,
    /// The browser is somebody else's: what we open shall not be seen, and end with this connection.
    pub(crate) is_guest: bool,
}

impl Connection {
    pub(crate) fn new(
        reader: Box<dyn AsyncRead + Send + Unpin>,
        writer: Box<dyn AsyncWrite + Send + Unpin>,
    ) -> Self {
        Self {
            reader: MessageReader::new(reader, MESSAGE_BYTES_MAX),
            writer: MessageWriter::new(writer),
            last_id: 0,
            is_guest: false,
        }
    }

    /// The two ends apart, for a task of its own on each.
    pub(crate) fn into_ends(self) -> (MessageReader, MessageWriter) {
        (self.reader, self.writer)
    }

    /// Sends a call and returns its number, by which its reply is recognised. Not waiting for the reply is fine.
    pub(crate) async fn send(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<u64, BrowserError> {
        self.last_id += 1;
        timeout(
            WRITE_TIMEOUT,
            self.writer
                .send(encode_call(self.last_id, session, method, params)),
        )
        .await
        .map_err(|_| BrowserError::Timeout {
            what: format!("reading the call {method}"),
            limit: WRITE_TIMEOUT,
        })?
        .map_err(|error| BrowserError::protocol(method, error.to_string()))?;
        Ok(self.last_id)
    }

    /// The next thing the browser says; `None` when the deadline passes first. What is not the protocol is skipped.
    pub(crate) async fn receive(
        &mut self,
        deadline: Instant,
    ) -> Result<Option<Incoming>, BrowserError> {
        loop {
            let message = match timeout_at(deadline, self.reader.next()).await {
                Err(_) => return Ok(None),
                Ok(Ok(Some(message))) => message,
                Ok(Ok(None)) => {
                    return Err(BrowserError::protocol(
                        "reading the pipe",
                        "the browser ended",
                    ));
                }
                Ok(Err(error)) => {
                    return Err(BrowserError::protocol(
                        "reading the pipe",
                        error.to_string(),
                    ));
                }
            };
            if let Some(incoming) = parse(&message) {
                return Ok(Some(incoming));
            }
        }
    }

    /// Calls and waits for the reply, ignoring events: for the time before anything is recorded and after.
    pub(crate) async fn call_alone(
        &mut self,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, BrowserError> {
        let deadline = Instant::now() + limit;
        let call = self.send(None, method, params).await?;
        loop {
            match self.receive(deadline).await? {
                None => {
                    return Err(BrowserError::Timeout {
                        what: method.to_owned(),
                        limit,
                    });
                }
                Some(Incoming::Reply(Reply { id, outcome })) if id == call => {
                    return outcome.map_err(|reason| BrowserError::protocol(method, reason));
                }
                Some(_) => {}
            }
        }
    }
}

/// One call as it goes to the browser. `id` comes back in the reply.
pub(crate) fn encode_call(id: u64, session: Option<&str>, method: &str, params: Value) -> Vec<u8> {
    let mut call = json!({ "id": id, "method": method });
    call["params"] = params;
    if let Some(session) = session {
        call["sessionId"] = session.into();
    }
    call.to_string().into_bytes()
}

/// What a message means; `None` for what is not the protocol.
pub(crate) fn parse(message: &[u8]) -> Option<Incoming> {
    let Ok(Value::Object(mut object)) = serde_json::from_slice(message) else {
        return None;
    };
    if let Some(id) = object.get("id").and_then(Value::as_u64) {
        let outcome = match object.remove("error") {
            Some(error) => Err(error["message"]
                .as_str()
                .unwrap_or("an error without words")
                .to_owned()),
            None => Ok(object.remove("result").unwrap_or_default()),
        };
        return Some(Incoming::Reply(Reply { id, outcome }));
    }
    let Some(Value::String(method)) = object.remove("method") else {
        return None;
    };
    let session = match object.remove("sessionId") {
        Some(Value::String(session)) => Some(session),
        _ => None,
    };
    let params = object.remove("params").unwrap_or_default();
    Some(Incoming::Event(Event {
        session,
        method,
        params,
    }))
}

/// A page can make the browser send long messages (a socket's payload in base64); longer ones are passed over.
pub(crate) const MESSAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
pub(crate) const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};

    use super::*;

    fn pair() -> (Connection, DuplexStream) {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (reader, writer) = tokio::io::split(near);
        (Connection::new(Box::new(reader), Box::new(writer)), far)
    }

    async fn next_call(far: &mut BufReader<DuplexStream>) -> Value {
        let mut message = Vec::new();
        far.read_until(0, &mut message).await.expect("read");
        message.pop();
        serde_json::from_slice(&message).expect("JSON")
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(5)
    }

    #[tokio::test]
    async fn a_call_waits_for_its_own_reply_and_passes_over_the_rest() {
        let (mut connection, far) = pair();
        let peer = tokio::spawn(async move {
            let mut far = BufReader::new(far);
            let call = next_call(&mut far).await;
            assert_eq!(call["method"], "Browser.getVersion");
            assert!(call.get("sessionId").is_none());
            let answers = "{\"method\":\"Some.event\",\"params\":{}}\0not JSON\0[1]\0{\"id\":77,\"result\":{}}\0\
                           {\"id\":1,\"result\":{\"product\":\"Chrome/1\"}}\0";
            far.get_mut()
                .write_all(answers.as_bytes())
                .await
                .expect("write");
            far
        });
        let reply = connection
            .call_alone("Browser.getVersion", json!({}), Duration::from_secs(5))
            .await
            .expect("reply");
        assert_eq!(reply["product"], "Chrome/1");
        peer.await.expect("peer");
    }

    #[tokio::test]
    async fn an_error_reply_keeps_the_browsers_words() {
        let (mut connection, mut far) = pair();
        far.write_all(
            b"{\"id\":1,\"error\":{\"code\":-32601,\"message\":\"'X.y' wasn't found\"}}\0",
        )
        .await
        .expect("write");
        let error = connection
            .call_alone("X.y", json!({}), Duration::from_secs(5))
            .await
            .expect_err("refused");
        assert_eq!(
            error.to_string(),
            "talking to the browser failed at X.y: 'X.y' wasn't found"
        );
    }

    #[tokio::test]
    async fn events_carry_their_session() {
        let (mut connection, mut far) = pair();
        far.write_all(b"{\"method\":\"A.b\",\"params\":{\"n\":1},\"sessionId\":\"S\"}\0")
            .await
            .expect("write");
        let incoming = connection.receive(soon()).await.expect("receive");
        assert_eq!(
            incoming,
            Some(Incoming::Event(Event {
                session: Some("S".into()),
                method: "A.b".into(),
                params: json!({ "n": 1 })
            }))
        );
    }

    #[tokio::test]
    async fn calls_are_numbered_and_name_their_session() {
        let (mut connection, far) = pair();
        let first = connection.send(None, "A.a", json!({})).await.expect("send");
        let second = connection
            .send(Some("S"), "B.b", json!({}))
            .await
            .expect("send");
        assert_ne!(first, second);
        let mut far = BufReader::new(far);
        next_call(&mut far).await;
        let call = next_call(&mut far).await;
        assert_eq!(call["sessionId"], "S");
        assert_eq!(call["id"].as_u64(), Some(second));
    }

    #[tokio::test]
    async fn silence_ends_a_call_with_its_name() {
        let (mut connection, _far) = pair();
        let error = connection
            .call_alone("Browser.getVersion", json!({}), Duration::from_millis(30))
            .await
            .expect_err("silence");
        assert!(
            matches!(&error, BrowserError::Timeout { what, .. } if what == "Browser.getVersion"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn the_end_of_the_browser_is_an_error() {
        let (mut connection, far) = pair();
        drop(far);
        assert!(connection.receive(soon()).await.is_err());
    }
}
