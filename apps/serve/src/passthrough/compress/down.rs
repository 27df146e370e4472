//! From a backend that does not compress to a client that can read it.
//!
//! A message that is small enough is gathered, which is seldom needed, and compressed as a whole; a larger one goes
//! on as it arrives.

use std::io;

use towpath_websocket::deflate::Deflater;
use towpath_websocket::{
    DeflateParameters, FrameHeader, MessageKind, Opcode, Piece, PieceReader, Role,
};

use super::{Fragments, Translate, unreadable, write, write_close, write_control};

/// The direction down.
#[derive(Debug)]
pub(crate) struct Down {
    reader: PieceReader,
    writer: Writer,
}

#[derive(Debug)]
struct Writer {
    deflater: Deflater,
    gathered: Vec<u8>,
    fragments: Fragments,
}

impl Down {
    /// At the first frame, with what was agreed on.
    pub(crate) fn new(agreed: DeflateParameters) -> Self {
        Self {
            reader: PieceReader::new(Role::Server, false, u64::MAX),
            writer: Writer {
                deflater: Deflater::new(false, agreed.server_max_window_bits),
                gathered: Vec::new(),
                fragments: Fragments::default(),
            },
        }
    }
}

impl Writer {
    fn data(&mut self, kind: MessageKind, payload: &[u8], last: bool, out: &mut Vec<u8>) {
        if self.fragments.begun {
            let header = self.fragments.next(kind, payload.len(), last);
            write(header, None, payload, out);
        } else if last && self.gathered.is_empty() {
            self.whole(kind, payload, out);
        } else {
            self.gathered.extend_from_slice(payload);
            if last {
                let gathered = std::mem::take(&mut self.gathered);
                self.whole(kind, &gathered, out);
            } else if self.gathered.len() > GATHERED_BYTES_MAX {
                let gathered = std::mem::take(&mut self.gathered);
                let header = self.fragments.next(kind, gathered.len(), false);
                write(header, None, &gathered, out);
            }
        }
    }

    fn whole(&mut self, kind: MessageKind, payload: &[u8], out: &mut Vec<u8>) {
        let worth = payload.len() >= WORTH_BYTES;
        let packed = worth.then(|| self.deflater.deflate(payload)).flatten();
        let opcode = match kind {
            MessageKind::Text => Opcode::Text,
            MessageKind::Binary => Opcode::Binary,
        };
        match packed.filter(|packed| packed.len() < payload.len()) {
            Some(packed) => {
                let header = FrameHeader::new(opcode, packed.len()).compressed();
                write(header, None, &packed, out);
            }
            None => write(FrameHeader::new(opcode, payload.len()), None, payload, out),
        }
    }
}

impl Translate for Down {
    fn take(&mut self, bytes: &mut [u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            let (used, piece) = self.reader.next(&mut bytes[at..]).map_err(unreadable)?;
            at += used;
            match piece {
                None => break,
                Some(Piece::Data {
                    kind,
                    payload,
                    last,
                    ..
                }) => self.writer.data(kind, payload, last, &mut out),
                Some(Piece::Ping(payload)) => write_control(Opcode::Ping, None, payload, &mut out),
                Some(Piece::Pong(payload)) => write_control(Opcode::Pong, None, payload, &mut out),
                Some(Piece::Close(close)) => write_close(&close, None, &mut out),
            }
        }
        Ok(out)
    }

    fn go_on(&mut self) -> io::Result<Option<Vec<u8>>> {
        // What comes out is never much more than what came in.
        Ok(None)
    }
}

/// Most bytes of a message that is compressed; they are held until its end has come.
const GATHERED_BYTES_MAX: usize = 64 * 1024;

/// Below this, compression saves nothing.
const WORTH_BYTES: usize = 64;
