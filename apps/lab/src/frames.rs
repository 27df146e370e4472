//! Frames on a stream: read whole with a limit, written as asked, right or wrong.
//!
//! The codec is `towpath-websocket`; this only joins it to a stream. It must never judge a frame.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use towpath_websocket::{CloseCode, FrameHeader, Opcode, Parsed, encode_close, encode_frame, mask};

use crate::stream::Stream;

/// A frame as received, its payload unmasked.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) header: FrameHeader,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// The header a server sends the same frame back with: without a mask.
    pub(crate) fn returned(&self) -> FrameHeader {
        FrameHeader {
            mask: None,
            ..self.header
        }
    }
}

/// Reads one frame. `None` when the peer left between frames.
pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Frame>> {
    let mut head = Vec::with_capacity(towpath_websocket::frame::HEADER_BYTES_MAX);
    let header = loop {
        match FrameHeader::parse(&head) {
            Parsed::Header { header, .. } => break header,
            Parsed::Incomplete { needed } => {
                let missing = needed - head.len();
                let mut piece = [0; towpath_websocket::frame::HEADER_BYTES_MAX];
                match stream.read(&mut piece[..missing]).await? {
                    0 if head.is_empty() => return Ok(None),
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    count => head.extend_from_slice(&piece[..count]),
                }
            }
        }
    };
    let length = usize::try_from(header.length)
        .ok()
        .filter(|length| *length <= PAYLOAD_BYTES_MAX)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the frame is too long"))?;
    let mut payload = vec![0; length];
    stream.read_exact(&mut payload).await?;
    if let Some(key) = header.mask {
        mask::apply(key, 0, &mut payload);
    }
    Ok(Some(Frame { header, payload }))
}

/// Sends one frame; the header is written as it stands.
pub(crate) async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    header: &FrameHeader,
    payload: &[u8],
) -> io::Result<()> {
    let mut bytes = Vec::new();
    encode_frame(header, payload, &mut bytes);
    stream.write_all(&bytes).await?;
    stream.flush().await
}

/// Sends a whole text message.
pub(crate) async fn write_text(
    stream: &mut (impl AsyncWrite + Unpin),
    text: &str,
) -> io::Result<()> {
    write(stream, &FrameHeader::text(text.len()), text.as_bytes()).await
}

/// Closes with a code and reason, waits for the peer's close frame, and ends the connection.
pub(crate) async fn close(mut stream: Stream, code: u16, reason: &str) -> io::Result<()> {
    let payload = encode_close(CloseCode(code), reason.as_bytes());
    write(&mut stream, &FrameHeader::close(payload.len()), &payload).await?;
    while let Some(frame) = read(&mut stream).await? {
        if frame.header.opcode == Opcode::Close {
            break;
        }
    }
    stream.finish().await
}

/// The largest frame that is read.
const PAYLOAD_BYTES_MAX: usize = 16 << 20;
