//! One connection of the load: handshake, then whatever its dialect says.

use super::Target;
use super::dialect::{Dialect, Heard};
use super::stream::Stream;
use crate::frames::Frames;
use anyhow::{Result, bail, ensure};
use std::cell::RefCell;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};
use towpath_websocket::{accept_key, key_from};

/// Bytes read at once, into one buffer for all connections.
const READ_BYTES: usize = 128 * 1024;

/// The longest response head, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// A connection with an open WebSocket.
#[derive(Debug)]
pub(super) struct Client {
    stream: Stream,
    frames: Frames,
    dialect: Dialect,
    out: Vec<u8>,
    /// Wakes the task that polls this connection.
    waker: Waker,
}

impl Client {
    /// Connects, shakes hands and says the first words.
    pub(super) async fn open(target: &Target, index: usize) -> Result<Self> {
        let stream = Stream::open(target.address, index, target.tls.clone()).await?;
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|error| anyhow::anyhow!("no randomness: {error}"))?;
        let mut client = Self {
            stream,
            frames: Frames::default(),
            dialect: Dialect::new(target.speech, target.shape, nonce),
            out: Vec::new(),
            waker: Waker::noop().clone(),
        };
        let key = key_from(nonce);
        client.out = request(target, &key);
        let mut rest = client.response(&key).await?;
        client.dialect.begin(&mut client.out);
        client.take(&mut rest, &mut |_| false)?;
        poll_fn(|context| client.stream.poll_write(context, &mut client.out)).await?;
        Ok(client)
    }

    pub(super) fn is_ready(&self) -> bool {
        self.dialect.is_ready()
    }

    /// Makes the next message; the task that polls this connection sends it.
    pub(super) fn start(&mut self) -> Result<()> {
        self.dialect.send(&mut self.out)?;
        self.waker.wake_by_ref();
        Ok(())
    }

    /// Says what is due when the conversation rests.
    pub(super) fn rest(&mut self) {
        self.dialect.rest(&mut self.out);
        self.waker.wake_by_ref();
    }

    /// Reads and answers until nothing is left to do; ready only with the failure that ends the connection.
    /// `again` is asked whether the next message shall follow what was heard.
    pub(super) fn poll(
        &mut self,
        context: &mut Context<'_>,
        again: &mut impl FnMut(Heard) -> bool,
    ) -> Poll<anyhow::Error> {
        self.waker.clone_from(context.waker());
        loop {
            if let Poll::Ready(Err(error)) = self.stream.poll_write(context, &mut self.out) {
                return Poll::Ready(error.into());
            }
            let read =
                BUFFER.with_borrow_mut(|buffer| match self.stream.poll_read(context, buffer) {
                    Poll::Pending => Poll::Pending,
                    Poll::Ready(Ok(0)) => Poll::Ready(Err(anyhow::anyhow!("it hung up"))),
                    Poll::Ready(Ok(count)) => Poll::Ready(self.take(&mut buffer[..count], again)),
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error.into())),
                });
            match read {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Poll::Ready(error),
            }
        }
    }

    fn take(&mut self, bytes: &mut [u8], again: &mut impl FnMut(Heard) -> bool) -> Result<()> {
        let (dialect, out) = (&mut self.dialect, &mut self.out);
        self.frames.feed(bytes, |opcode, payload| {
            let heard = dialect.receive(opcode, payload, out)?;
            if heard != Heard::Nothing && again(heard) {
                dialect.send(out)?;
            }
            Ok(())
        })
    }

    /// Sends the request, reads the response head and returns what came behind it.
    async fn response(&mut self, key: &str) -> Result<Vec<u8>> {
        poll_fn(|context| self.stream.poll_write(context, &mut self.out)).await?;
        let mut head = Vec::new();
        loop {
            let stream = &mut self.stream;
            let count = poll_fn(|context| {
                BUFFER.with_borrow_mut(|buffer| {
                    let polled = stream.poll_read(context, buffer);
                    if let Poll::Ready(Ok(count)) = polled {
                        head.extend_from_slice(&buffer[..count]);
                    }
                    polled
                })
            })
            .await?;
            ensure!(count > 0, "it hung up during the handshake");
            if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
                check_response(&head[..end], key)?;
                return Ok(head.split_off(end + 4));
            }
            ensure!(head.len() < HEAD_BYTES_MAX, "the response head is too long");
        }
    }
}

fn request(target: &Target, key: &str) -> Vec<u8> {
    let port = target.address.port();
    let origin = match (target.is_page, target.tls.is_some()) {
        (false, _) => String::new(),
        (true, false) => format!("Origin: http://localhost:{port}\r\n"),
        (true, true) => format!("Origin: https://localhost:{port}\r\n"),
    };
    let subprotocol = Dialect::subprotocol(target.speech)
        .map(|name| format!("Sec-WebSocket-Protocol: {name}\r\n"))
        .unwrap_or_default();
    format!(
        "GET {} HTTP/1.1\r\nHost: localhost:{port}\r\n{origin}\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: {key}\r\n{subprotocol}\r\n",
        target.path
    )
    .into_bytes()
}

fn check_response(head: &[u8], key: &str) -> Result<()> {
    let text = String::from_utf8_lossy(head);
    if !text.starts_with("HTTP/1.1 101") {
        bail!("refused: {}", text.lines().next().unwrap_or_default());
    }
    let accept = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("sec-websocket-accept")
            .then(|| value.trim())
    });
    ensure!(
        accept == Some(accept_key(key).as_str()),
        "the accept value is wrong"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_right_101_opens() {
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let good = b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        assert!(check_response(good, key).is_ok());
        assert!(check_response(b"HTTP/1.1 101 OK\r\n", key).is_err());
        let refused = check_response(b"HTTP/1.1 403 Forbidden", key).unwrap_err();
        assert!(refused.to_string().contains("403"));
    }
}
