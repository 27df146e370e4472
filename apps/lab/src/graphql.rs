//! The server's half of GraphQL over WebSocket, for both generations of the protocol.
//!
//! Enough to acknowledge, answer one query and keep alive; it must never grow into a GraphQL server.

use std::io;

use serde_json::Value;
use towpath_websocket::{FrameHeader, Opcode};

use crate::frames;
use crate::stream::Stream;

/// The generation of the protocol; each goes by its subprotocol's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// `graphql-transport-ws`: the current one.
    TransportWs,
    /// `graphql-ws`: the old one.
    Ws,
}

impl Dialect {
    /// The name by which the subprotocol is offered.
    pub(crate) const fn subprotocol(self) -> &'static str {
        match self {
            Self::TransportWs => "graphql-transport-ws",
            Self::Ws => "graphql-ws",
        }
    }

    /// What answers a message of this type, if anything.
    fn answer(self, kind: &str, id: &str) -> Option<String> {
        match (self, kind) {
            (_, "connection_init") => Some(r#"{"type":"connection_ack"}"#.to_owned()),
            (Self::TransportWs, "ping") => Some(r#"{"type":"pong"}"#.to_owned()),
            (Self::TransportWs, "subscribe") => Some(result("next", id)),
            (Self::Ws, "start") => Some(result("data", id)),
            _ => None,
        }
    }
}

/// Serves an open WebSocket until the peer leaves.
pub(crate) async fn run(mut stream: Stream, dialect: Dialect) -> io::Result<()> {
    while let Some(frame) = frames::read(&mut stream).await? {
        match frame.header.opcode {
            Opcode::Ping => {
                let pong = FrameHeader::pong(frame.payload.len());
                frames::write(&mut stream, &pong, &frame.payload).await?;
            }
            Opcode::Close => {
                frames::write(&mut stream, &frame.returned(), &frame.payload).await?;
                break;
            }
            Opcode::Text => {
                let text = String::from_utf8_lossy(&frame.payload).into_owned();
                let Some(kind) = text_at(&text, "/type") else {
                    return frames::close(stream, 4400, "Invalid message received").await;
                };
                let id = text_at(&text, "/id").unwrap_or_default();
                if let Some(answer) = dialect.answer(&kind, &id) {
                    frames::write_text(&mut stream, &answer).await?;
                }
            }
            _ => {}
        }
    }
    stream.finish().await
}

/// A text of a JSON value, by its pointer (RFC 6901).
pub(crate) fn text_at(json: &str, pointer: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    value.pointer(pointer)?.as_str().map(str::to_owned)
}

fn result(kind: &str, id: &str) -> String {
    format!(r#"{{"id":"{id}","type":"{kind}","payload":{{"data":{{"__typename":"Query"}}}}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found() {
        let text = r#"{ "id" : "1", "type":"subscribe", "payload":{} }"#;
        assert_eq!(text_at(text, "/type").as_deref(), Some("subscribe"));
        assert_eq!(text_at(text, "/id").as_deref(), Some("1"));
        assert_eq!(text_at("[]", "/type"), None);
        assert_eq!(text_at("{\"type\"", "/type"), None);
    }

    #[test]
    fn each_dialect_has_its_own_words() {
        assert!(Dialect::TransportWs.answer("start", "1").is_none());
        assert!(
            Dialect::Ws
                .answer("start", "1")
                .unwrap()
                .contains("\"data\"")
        );
        assert!(
            Dialect::TransportWs
                .answer("subscribe", "1")
                .unwrap()
                .contains("\"next\"")
        );
    }
}
