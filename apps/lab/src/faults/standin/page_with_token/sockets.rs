//! The two sockets of the stand-in: one that is open to whoever was let in, one that asks first.

use std::io;

use towpath_websocket::Opcode;

use crate::answer::Answer;
use crate::echo;
use crate::frames;
use crate::graphql::text_at;
use crate::lab::Lab;
use crate::request::Request;
use crate::stream::Stream;

/// Accepts and echoes.
pub(super) async fn echo(stream: Stream, request: &Request) -> io::Result<()> {
    echo::serve(stream, request).await
}

/// Accepts, wants `connection_init` with a good token as the first message, and echoes from then on.
pub(super) async fn after_init(mut stream: Stream, request: &Request, lab: &Lab) -> io::Result<()> {
    // Without compression, so that the first message can be read here.
    let mut answer = Answer::switching(request);
    if let Some(subprotocol) = request.words("sec-websocket-protocol").next() {
        answer = answer.header("Sec-WebSocket-Protocol", subprotocol);
    }
    answer.write(&mut stream).await?;
    let Some(frame) = frames::read(&mut stream).await? else {
        return stream.finish().await;
    };
    let text = String::from_utf8_lossy(&frame.payload);
    let is_init = frame.header.opcode == Opcode::Text
        && text_at(&text, "/type").as_deref() == Some("connection_init");
    let token = text_at(&text, "/payload/token").unwrap_or_default();
    if is_init && super::opens(lab, &token) {
        frames::write_text(&mut stream, r#"{"type":"connection_ack"}"#).await?;
        return echo::run(stream).await;
    }
    frames::close(stream, 4403, "Forbidden").await
}
