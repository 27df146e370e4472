//! One request and its answer on a connection that goes on afterwards.
//!
//! Bodies stream through; the client's leaving is noticed while the server still thinks. A connection to the server
//! is kept for the next request as long as both ends let it be.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::answer::Answer;
use crate::request::Request;
use crate::response::Response;
use crate::stream::Stream;

use super::body::Framing;
use super::shared::Shared;
use super::valve::{Stop, Valve, Watch};

/// What comes after an exchange.
#[derive(Debug)]
pub(super) enum Next {
    /// Another request on this connection.
    Request,
    /// The connection ends.
    Close,
    /// The 101 has been passed on; this is the server's side.
    Switched(Stream),
}

/// Passes a request on, and its answer back. `kept` is a connection to the server from before.
pub(super) async fn pass(
    client: &mut Stream,
    kept: &mut Option<Stream>,
    request: &Request,
    shared: &Shared,
) -> Result<Next, Stop> {
    let mut watch = Watch::begin(&shared.conditions);
    let mut upstream = match usable(kept).await {
        Some(upstream) => upstream,
        None => match shared.dial().await {
            Ok(upstream) => upstream,
            Err(_) => return refuse(client, 502, "Bad Gateway").await,
        },
    };
    upstream.write_all(&request.to_bytes()).await?;
    send_body(client, &mut upstream, request, &mut watch).await?;
    let mut valve = Valve::new(shared.conditions.answers);
    let response = loop {
        let Some(response) = answer(client, &mut upstream, &watch).await? else {
            return refuse(client, 502, "Bad Gateway").await;
        };
        if !matches!(response.status, 100 | 102..=199) {
            break response;
        }
        client.write_all(&response.to_bytes()).await?;
    };
    if response.status == 101 {
        client.write_all(&response.to_bytes()).await?;
        client.flush().await?;
        return Ok(Next::Switched(upstream));
    }
    valve.push(&response.to_bytes(), client, &mut watch).await?;
    let framing = Framing::of_response(&request.method, &response);
    let ends_with_it = framing == Framing::UntilClose;
    bring_body(client, &mut upstream, framing, &mut valve, &mut watch).await?;
    valve.finish(client, &mut watch).await?;
    let is_last =
        |words: Option<&str>| words.is_some_and(|words| words.eq_ignore_ascii_case("close"));
    if ends_with_it || is_last(response.header("connection")) {
        return Ok(Next::Close);
    }
    *kept = Some(upstream);
    if request.version == "HTTP/1.0" || is_last(request.header("connection")) {
        return Ok(Next::Close);
    }
    Ok(Next::Request)
}

/// Answers in the network's own name, which ends the connection: a body may be under way.
pub(super) async fn refuse(client: &mut Stream, status: u16, why: &str) -> Result<Next, Stop> {
    let answer = Answer::new(status).dated().header("Connection", "close");
    answer.text(why).write(client).await?;
    Ok(Next::Close)
}

/// The connection from before, unless the server has closed it meanwhile.
async fn usable(kept: &mut Option<Stream>) -> Option<Stream> {
    let mut upstream = kept.take()?;
    let mut one = [0; 1];
    tokio::select! {
        biased;
        _ = upstream.read(&mut one) => None,
        () = std::future::ready(()) => Some(upstream),
    }
}

async fn send_body(
    client: &mut Stream,
    upstream: &mut Stream,
    request: &Request,
    watch: &mut Watch,
) -> Result<(), Stop> {
    let mut framing = Framing::of_request(request);
    let mut piece = vec![0; PIECE_BYTES];
    while !framing.is_done() {
        let count = watch.before(client.read(&mut piece)).await??;
        if count == 0 {
            return Err(Stop::Gone);
        }
        watch.touch();
        let used = framing.follow(&piece[..count]);
        client.put_back(&piece[used..count]);
        // A server that answers early stops reading; its answer counts.
        if upstream.write_all(&piece[..used]).await.is_err() {
            return Ok(());
        }
    }
    upstream.flush().await?;
    Ok(())
}

/// The head of the next answer. `None` where the server leaves without one.
async fn answer(
    client: &mut Stream,
    upstream: &mut Stream,
    watch: &Watch,
) -> Result<Option<Response>, Stop> {
    let mut head = pin!(timeout(
        ANSWER_TIME_MAX,
        Response::read_at_leisure(upstream)
    ));
    let mut is_watched = true;
    watch
        .before(async {
            loop {
                tokio::select! {
                    response = &mut head => {
                        return match response {
                            Ok(Ok(response)) => Ok(response),
                            Ok(Err(_)) => Ok(None),
                            Err(_) => Err(Stop::Gone),
                        };
                    }
                    more = has_more(client), if is_watched => {
                        if !more? {
                            return Err(Stop::Gone);
                        }
                        is_watched = false;
                    }
                }
            }
        })
        .await?
}

async fn bring_body(
    client: &mut Stream,
    upstream: &mut Stream,
    mut framing: Framing,
    valve: &mut Valve,
    watch: &mut Watch,
) -> Result<(), Stop> {
    let mut piece = vec![0; PIECE_BYTES];
    let mut is_watched = true;
    while !framing.is_done() {
        let count = tokio::select! {
            count = watch.before(upstream.read(&mut piece)) => count??,
            more = has_more(client), if is_watched => {
                if !more? {
                    return Err(Stop::Gone);
                }
                is_watched = false;
                continue;
            }
        };
        if count == 0 {
            return if framing == Framing::UntilClose {
                Ok(())
            } else {
                Err(Stop::Gone)
            };
        }
        let used = framing.follow(&piece[..count]);
        upstream.put_back(&piece[used..count]);
        valve.push(&piece[..used], client, watch).await?;
    }
    Ok(())
}

/// Waits until the client says more, which is kept for the next request, or leaves.
async fn has_more(client: &mut Stream) -> io::Result<bool> {
    let mut one = [0; 1];
    let count = client.read(&mut one).await?;
    client.put_back(&one[..count]);
    Ok(count > 0)
}

/// The longest a server may think; a poll waits for the next message.
const ANSWER_TIME_MAX: Duration = Duration::from_mins(2);
/// The longest piece of a body that is moved at a time.
const PIECE_BYTES: usize = 16 << 10;
