//! Messages on the debugging pipe: each ends with a NUL byte.
//!
//! Knows bytes only; what a message means is for [`crate::protocol`].

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The end of the pipe that messages from the browser arrive on.
pub(crate) struct MessageReader {
    source: Box<dyn AsyncRead + Send + Unpin>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` that are known to hold no end of a message, so that a long message is not searched again.
    searched: usize,
    message_bytes_max: usize,
    /// The message that arrives is over the limit, and what comes of it is dropped.
    skipping: bool,
}

impl MessageReader {
    pub(crate) fn new(source: Box<dyn AsyncRead + Send + Unpin>, message_bytes_max: usize) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            searched: 0,
            message_bytes_max,
            skipping: false,
        }
    }

    /// The next message without its NUL; `None` at the end of the pipe between messages.
    ///
    /// Cancelling loses nothing. A message over the limit is passed over: a server decides how long what the browser
    /// tells of its frames is, and must not be able to end the browser by it. An end inside a message is an error.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(message) = self.take_buffered() {
                return Ok(Some(message));
            }
            if self.buffer.len() > self.message_bytes_max {
                self.skipping = true;
            }
            if self.skipping {
                self.buffer.clear();
                self.searched = 0;
            }
            self.buffer.reserve(READ_BYTES);
            if self.source.read_buf(&mut self.buffer).await? == 0 {
                return if self.buffer.is_empty() && !self.skipping {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
        }
    }

    fn take_buffered(&mut self) -> Option<Vec<u8>> {
        loop {
            let message = self.take_to_end()?;
            let is_rest_of_long_one = std::mem::take(&mut self.skipping);
            if !is_rest_of_long_one && message.len() <= self.message_bytes_max {
                return Some(message);
            }
        }
    }

    fn take_to_end(&mut self) -> Option<Vec<u8>> {
        let Some(offset) = self.buffer[self.searched..]
            .iter()
            .position(|&byte| byte == 0)
        else {
            self.searched = self.buffer.len();
            return None;
        };
        let rest = self.buffer.split_off(self.searched + offset + 1);
        let mut message = std::mem::replace(&mut self.buffer, rest);
        message.pop();
        self.searched = 0;
        Some(message)
    }
}

/// The end of the pipe that messages to the browser are written to.
pub(crate) struct MessageWriter {
    sink: Box<dyn AsyncWrite + Send + Unpin>,
}

impl MessageWriter {
    pub(crate) fn new(sink: Box<dyn AsyncWrite + Send + Unpin>) -> Self {
        Self { sink }
    }

    /// Writes one message. Not to be continued after a cancellation, which may have cut it.
    pub(crate) async fn send(&mut self, mut message: Vec<u8>) -> io::Result<()> {
        message.push(0);
        self.sink.write_all(&message).await?;
        self.sink.flush().await
    }
}

const READ_BYTES: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1024;

    async fn read_all(pieces: &[&[u8]]) -> (Vec<Vec<u8>>, io::Result<()>) {
        let (mut far, near) = tokio::io::duplex(64 * 1024);
        let mut reader = MessageReader::new(Box::new(near), LIMIT);
        let mut messages = Vec::new();
        for piece in pieces {
            far.write_all(piece).await.expect("write");
        }
        drop(far);
        loop {
            match reader.next().await {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => return (messages, Ok(())),
                Err(error) => return (messages, Err(error)),
            }
        }
    }

    #[tokio::test]
    async fn messages_are_separated_wherever_the_reads_fall() {
        let (messages, end) = read_all(&[b"{\"a\"", b":1}\0{}\0", b"\0x", b"\0"]).await;
        assert_eq!(messages, [&b"{\"a\":1}"[..], b"{}", b"", b"x"]);
        assert!(end.is_ok());
    }

    #[tokio::test]
    async fn an_end_inside_a_message_is_an_error() {
        let (messages, end) = read_all(&[b"{}\0{\"half"]).await;
        assert_eq!(messages.len(), 1);
        assert_eq!(end.expect_err("cut").kind(), io::ErrorKind::UnexpectedEof);
    }

    #[tokio::test]
    async fn a_message_over_the_limit_is_passed_over() {
        let long = vec![b'x'; LIMIT * 3];
        let (messages, end) = read_all(&[b"before\0", &long, b"\0after\0", &long, b"\0"]).await;
        let expected = [&b"before"[..], b"after"];
        assert!(messages == expected, "{} messages", messages.len());
        assert!(end.is_ok());
    }

    #[tokio::test]
    async fn a_message_without_end_is_not_kept() {
        let (mut far, near) = tokio::io::duplex(64 * 1024);
        let mut reader = MessageReader::new(Box::new(near), LIMIT);
        far.write_all(&vec![b'x'; LIMIT * 10]).await.expect("write");
        drop(far);
        let end = reader.next().await.expect_err("cut");
        assert_eq!(end.kind(), io::ErrorKind::UnexpectedEof);
        assert!(reader.buffer.capacity() <= LIMIT + 2 * READ_BYTES);
    }

    #[tokio::test]
    async fn a_cancelled_read_loses_nothing() {
        let (mut far, near) = tokio::io::duplex(1024);
        let mut reader = MessageReader::new(Box::new(near), LIMIT);
        far.write_all(b"first ").await.expect("write");
        tokio::select! {
            biased;
            _ = reader.next() => panic!("the message is not complete"),
            () = tokio::task::yield_now() => {}
        }
        far.write_all(b"half\0").await.expect("write");
        assert_eq!(
            reader.next().await.expect("read"),
            Some(b"first half".to_vec())
        );
    }

    #[tokio::test]
    async fn a_sent_message_ends_with_nul() {
        let (near, mut far) = tokio::io::duplex(1024);
        let mut writer = MessageWriter::new(Box::new(near));
        writer.send(b"{}".to_vec()).await.expect("send");
        drop(writer);
        let mut wire = Vec::new();
        far.read_to_end(&mut wire).await.expect("read");
        assert_eq!(wire, b"{}\0");
    }
}
