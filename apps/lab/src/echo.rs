//! A healthy WebSocket echo: accepts a handshake, sends every message back, answers pings and closes.
//!
//! With permessage-deflate it keeps no state between messages, so a compressed message is valid as it came
//! and goes back unread. This is the lab's picture of health and must never deviate from the RFCs.

use std::io;

use towpath_websocket::{DeflateOffer, FrameHeader, Opcode, extension};

use crate::answer::Answer;
use crate::frames;
use crate::request::Request;
use crate::stream::Stream;

/// The correct answer to a handshake: the first subprotocol offered, compression where it is offered.
pub(crate) fn accept(request: &Request) -> Answer {
    let mut answer = Answer::switching(request);
    if let Some(subprotocol) = request.words("sec-websocket-protocol").next() {
        answer = answer.header("Sec-WebSocket-Protocol", subprotocol);
    }
    if offers_deflate(request) {
        answer = answer.header("Sec-WebSocket-Extensions", DEFLATE);
    }
    answer
}

/// Accepts the handshake and echoes until the peer leaves.
pub(crate) async fn serve(mut stream: Stream, request: &Request) -> io::Result<()> {
    accept(request).write(&mut stream).await?;
    run(stream).await
}

/// Echoes on an open WebSocket until the peer leaves.
pub(crate) async fn run(mut stream: Stream) -> io::Result<()> {
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
            Opcode::Pong | Opcode::Reserved(_) => {}
            Opcode::Text | Opcode::Binary | Opcode::Continuation => {
                frames::write(&mut stream, &frame.returned(), &frame.payload).await?;
            }
        }
    }
    stream.finish().await
}

/// Whether compression is offered with a server window that a client's own messages always fit.
fn offers_deflate(request: &Request) -> bool {
    let offered = request
        .header("sec-websocket-extensions")
        .unwrap_or_default();
    extension::parse_extensions(offered)
        .unwrap_or_default()
        .iter()
        .filter(|candidate| candidate.name == extension::PERMESSAGE_DEFLATE)
        .filter_map(|candidate| DeflateOffer::parse(candidate).ok())
        .any(|offer| offer.server_max_window_bits.is_none())
}

/// Both sides start afresh with each message.
const DEFLATE: &str = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
