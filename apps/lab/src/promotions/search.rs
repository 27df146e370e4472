//! One search on one WebSocket: the start message, an answer for each product as it comes, the close.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use towpath_websocket::{CloseCode, FrameHeader, Opcode, encode_close};

use crate::answer::Answer;
use crate::frames::{self, Frame};
use crate::graphql::text_at;
use crate::request::Request;
use crate::stream::Stream;

use super::lookup::{HAULIER, Offer, PRODUCTS, Product, Route};

/// Accepts the handshake and serves one search.
pub(super) async fn serve(mut stream: Stream, request: &Request) -> io::Result<()> {
    let is_known = request.target.split('?').next() == Some(PATH);
    if !is_known {
        Answer::new(404)
            .text("Not Found")
            .write(&mut stream)
            .await?;
        return stream.finish().await;
    }
    Answer::switching(request).write(&mut stream).await?;
    let (read, mut write) = split(stream);
    let (tell, mut told) = mpsc::channel(FRAMES_MAX);
    // A frame must not be left half read because an offer came in between.
    let reading = listen(read, tell);
    let searching = async {
        if let Some(code) = search(&mut write, &mut told).await? {
            close(&mut write, code, &mut told).await?;
        }
        write.shutdown().await
    };
    let (searched, _) = tokio::join!(searching, timeout(SEARCH_TIME_MAX, reading));
    searched
}

/// Hands on what the client says until it leaves, closes, or nobody listens.
async fn listen(mut read: ReadHalf<Stream>, tell: mpsc::Sender<Frame>) -> io::Result<()> {
    while let Some(frame) = frames::read(&mut read).await? {
        let is_last = frame.header.opcode == Opcode::Close;
        if tell.send(frame).await.is_err() || is_last {
            break;
        }
    }
    Ok(())
}

/// Searches as the client asks. The code to close with, unless the client is gone or has closed.
async fn search(
    write: &mut WriteHalf<Stream>,
    told: &mut mpsc::Receiver<Frame>,
) -> io::Result<Option<u16>> {
    let mut looking: JoinSet<Offer> = JoinSet::new();
    let mut asked = 0;
    let mut number = 0;
    loop {
        tokio::select! {
            frame = told.recv() => match frame {
                None => return Ok(None),
                Some(frame) => match frame.header.opcode {
                    Opcode::Close => {
                        frames::write(write, &frame.returned(), &frame.payload).await?;
                        return Ok(None);
                    }
                    Opcode::Ping => {
                        let pong = FrameHeader::pong(frame.payload.len());
                        frames::write(write, &pong, &frame.payload).await?;
                    }
                    Opcode::Text if asked == 0 => {
                        let Some((route, products)) = start(&frame.payload) else {
                            return Ok(Some(POLICY_VIOLATION));
                        };
                        asked = products.len();
                        for product in products {
                            looking.spawn(product.look_up(route.clone()));
                        }
                    }
                    _ => {}
                },
            },
            Some(found) = looking.join_next() => {
                if let Ok(offer) = found {
                    number += 1;
                    frames::write_text(write, &message(&offer, number, asked)).await?;
                }
                if looking.is_empty() {
                    return Ok(Some(NORMAL));
                }
            }
        }
    }
}

/// What a start message asks for. `None` where it is none.
fn start(payload: &[u8]) -> Option<(Route, Vec<Product>)> {
    let text = str::from_utf8(payload).ok()?;
    let route = Route::of(&text_at(text, "/from")?, &text_at(text, "/to")?)?;
    let haulier = text_at(text, "/also").filter(|also| also == "haulier");
    let products = PRODUCTS.into_iter().chain(haulier.map(|_| HAULIER));
    Some((route, products.collect()))
}

fn message(offer: &Offer, number: usize, of: usize) -> String {
    format!(
        r#"{{"product":"{}","price":"{}.{:02}","days":{},"number":{number},"of":{of}}}"#,
        offer.product,
        offer.price / 100,
        offer.price % 100,
        offer.days
    )
}

/// Closes, and waits a while for the client's close.
async fn close(
    write: &mut WriteHalf<Stream>,
    code: u16,
    told: &mut mpsc::Receiver<Frame>,
) -> io::Result<()> {
    let payload = encode_close(CloseCode(code), b"");
    frames::write(write, &FrameHeader::close(payload.len()), &payload).await?;
    timeout(CLOSE_TIME_MAX, async {
        while let Some(frame) = told.recv().await {
            if frame.header.opcode == Opcode::Close {
                break;
            }
        }
    })
    .await
    .ok();
    Ok(())
}

/// Where searches are.
pub(super) const PATH: &str = "/promotions";
/// Everything was found.
const NORMAL: u16 = 1000;
/// The start message is none.
const POLICY_VIOLATION: u16 = 1008;
/// What a client may say ahead of being heard.
const FRAMES_MAX: usize = 16;
/// How long a client may take to answer a close.
const CLOSE_TIME_MAX: Duration = Duration::from_secs(5);
/// How long a search may last, its start message and its close included.
const SEARCH_TIME_MAX: Duration = Duration::from_mins(2);
