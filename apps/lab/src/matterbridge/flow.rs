//! The stream: lines of JSON that are taken from the one buffer, so that two streams take from each other.

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
use tokio::time::sleep;

use crate::stream::Stream;

use super::hub::{Hub, greeting};

/// Streams until the client leaves.
pub(super) async fn serve(stream: Stream, hub: &Hub) -> io::Result<()> {
    hub.counts().taken += 1;
    let (mut read, mut write) = split(stream);
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    write.write_all(head.as_bytes()).await?;
    line(&mut write, &greeting()).await?;
    let left = async {
        let mut byte = [0];
        // Whatever comes from the client, it has left or is no longer in order.
        let _ = read.read(&mut byte).await;
    };
    let flowing = async {
        loop {
            if let Some(object) = hub.take_one() {
                line(&mut write, &object).await?;
            }
            sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = left => Ok(()),
        ended = flowing => ended,
    }
}

async fn line(write: &mut (impl AsyncWrite + Unpin), object: &Value) -> io::Result<()> {
    let text = format!("{object}\n");
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    write.write_all(chunk.as_bytes()).await?;
    write.flush().await
}

/// The real one looks into its buffer so often, and takes one message each time.
const PAUSE: Duration = Duration::from_millis(100);
