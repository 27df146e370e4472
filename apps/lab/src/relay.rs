//! A middlebox's skeleton: take a request, change it, pass it on, bring the answer back.
//!
//! Each fault gives the change; what happens after a 101 is left to it as well. One exchange per
//! connection: plain answers are relayed until the upstream closes.

use std::io;

use tokio::io::{AsyncWriteExt, copy, copy_bidirectional};

use crate::answer::Answer;
use crate::lab::Lab;
use crate::request::Request;
use crate::response::Response;
use crate::stream::Stream;
use crate::upstream::Upstream;

/// Passes one exchange on. Returns the upstream where it switched protocols; its 101 has been relayed.
pub(crate) async fn exchange(
    client: &mut Stream,
    lab: &Lab,
    change: impl FnOnce(&mut Request),
) -> io::Result<Option<Stream>> {
    exchange_with(client, lab, change, |_| {}).await
}

/// Passes one exchange on and changes the answer's head too.
pub(crate) async fn exchange_with(
    client: &mut Stream,
    lab: &Lab,
    change: impl FnOnce(&mut Request),
    change_answer: impl FnOnce(&mut Response),
) -> io::Result<Option<Stream>> {
    let Some(mut request) = Request::read(client).await? else {
        return Ok(None);
    };
    let Ok(upstream) = lab.dial_upstream().await else {
        Answer::new(502)
            .dated()
            .text("Bad Gateway")
            .write(client)
            .await?;
        return Ok(None);
    };
    if let Some(host) = lab.upstream.as_ref().and_then(Upstream::host_header) {
        request.set("Host", &host);
    }
    forward(client, upstream, request, change, change_answer).await
}

/// Passes a request that was read already on to an upstream that was dialled already.
pub(crate) async fn forward(
    client: &mut Stream,
    mut upstream: Stream,
    mut request: Request,
    change: impl FnOnce(&mut Request),
    change_answer: impl FnOnce(&mut Response),
) -> io::Result<Option<Stream>> {
    if !request.wants_upgrade() {
        request.set("Connection", "close");
    }
    change(&mut request);
    upstream.write_all(&request.to_bytes()).await?;
    upstream.flush().await?;
    let Some(mut response) = Response::read(&mut upstream).await? else {
        Answer::new(502)
            .dated()
            .text("Bad Gateway")
            .write(client)
            .await?;
        return Ok(None);
    };
    change_answer(&mut response);
    let switched = response.status == 101;
    if !switched {
        response.remove("connection");
        response.add("Connection", "close");
    }
    client.write_all(&response.to_bytes()).await?;
    client.flush().await?;
    if switched {
        return Ok(Some(upstream));
    }
    upstream.shutdown().await?;
    copy(&mut upstream, client).await?;
    Ok(None)
}

/// Passes bytes both ways until both sides have ended.
pub(crate) async fn pass(mut client: Stream, mut upstream: Stream) -> io::Result<()> {
    copy_bidirectional(&mut client, &mut upstream).await?;
    Ok(())
}
