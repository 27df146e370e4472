//! From a client that may compress to a backend that cannot read it.
//!
//! A message is decompressed as it arrives and goes on in fragments, never as a whole.

use std::io;

use towpath_websocket::deflate::Inflater;
use towpath_websocket::{MessageKind, Opcode, Piece, PieceReader, Role};

use super::{Fragments, Translate, unreadable, write, write_close, write_control};

/// The direction up.
#[derive(Debug)]
pub(crate) struct Up {
    reader: PieceReader,
    inflater: Inflater,
    fragments: Fragments,
    keys: MaskKeys,
    compressed: Option<Compressed>,
    kept: Vec<u8>,
}

/// Compressed payload that waits for its turn.
#[derive(Debug)]
struct Compressed {
    payload: Vec<u8>,
    at: usize,
    kind: MessageKind,
    last: bool,
}

impl Up {
    /// At the first frame.
    pub(crate) fn new() -> Self {
        Self {
            reader: PieceReader::new(Role::Client, true, u64::MAX),
            inflater: Inflater::new(false),
            fragments: Fragments::default(),
            keys: MaskKeys::default(),
            compressed: None,
            kept: Vec::new(),
        }
    }

    /// Nothing waits for its turn.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.compressed.is_none()
    }

    /// Translates until `out` has enough; how much of `bytes` was taken.
    fn run(&mut self, bytes: &mut [u8], out: &mut Vec<u8>) -> io::Result<usize> {
        let mut at = 0;
        loop {
            self.inflate(out)?;
            if out.len() >= OUT_BYTES_ENOUGH || self.compressed.is_some() {
                return Ok(at);
            }
            let Self {
                reader,
                fragments,
                keys,
                compressed,
                ..
            } = self;
            let (used, piece) = reader.next(&mut bytes[at..]).map_err(unreadable)?;
            at += used;
            match piece {
                None => return Ok(bytes.len()),
                Some(Piece::Data {
                    kind,
                    payload,
                    last,
                    compressed: true,
                }) => {
                    *compressed = Some(Compressed {
                        payload: payload.to_vec(),
                        at: 0,
                        kind,
                        last,
                    });
                }
                Some(Piece::Data {
                    kind,
                    payload,
                    last,
                    compressed: false,
                }) => {
                    let header = fragments.next(kind, payload.len(), last);
                    write(header, keys.next(), payload, out);
                }
                Some(Piece::Ping(payload)) => {
                    write_control(Opcode::Ping, keys.next(), payload, out);
                }
                Some(Piece::Pong(payload)) => {
                    write_control(Opcode::Pong, keys.next(), payload, out);
                }
                Some(Piece::Close(close)) => write_close(&close, keys.next(), out),
            }
        }
    }

    /// Decompresses what waits, until it is enough for once.
    fn inflate(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let Some(waiting) = &mut self.compressed else {
            return Ok(());
        };
        let mut plain = Vec::new();
        while waiting.at < waiting.payload.len() && plain.len() < OUT_BYTES_ENOUGH {
            let end = waiting.payload.len().min(waiting.at + STEP_BYTES);
            let step = &waiting.payload[waiting.at..end];
            self.inflater
                .push(step, &mut plain, usize::MAX)
                .map_err(unreadable)?;
            waiting.at = end;
        }
        let whole = waiting.at == waiting.payload.len();
        let last = whole && waiting.last;
        if last {
            self.inflater
                .finish(&mut plain, usize::MAX)
                .map_err(unreadable)?;
        }
        if last || !plain.is_empty() {
            let header = self.fragments.next(waiting.kind, plain.len(), last);
            write(header, self.keys.next(), &plain, out);
        }
        if whole {
            self.compressed = None;
        }
        Ok(())
    }
}

impl Translate for Up {
    fn take(&mut self, bytes: &mut [u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity(bytes.len());
        let used = self.run(bytes, &mut out)?;
        self.kept.extend_from_slice(&bytes[used..]);
        Ok(out)
    }

    fn go_on(&mut self) -> io::Result<Option<Vec<u8>>> {
        if self.is_empty() {
            return Ok(None);
        }
        let mut kept = std::mem::take(&mut self.kept);
        let mut out = Vec::new();
        let used = self.run(&mut kept, &mut out)?;
        self.kept = kept.split_off(used);
        Ok(Some(out))
    }
}

/// Keys that nobody can foretell (RFC 6455 section 10.3), drawn from the system many at a time.
#[derive(Debug, Default)]
struct MaskKeys {
    drawn: Vec<[u8; 4]>,
}

impl MaskKeys {
    fn next(&mut self) -> Option<[u8; 4]> {
        if self.drawn.is_empty() {
            let mut random = [0; 4 * KEYS_DRAWN];
            getrandom::fill(&mut random).expect("the system has random bytes");
            self.drawn.extend(random.as_chunks().0);
        }
        self.drawn.pop()
    }
}

/// How many keys are drawn at a time.
const KEYS_DRAWN: usize = 16;

/// With so many bytes to send on, the rest waits until they are sent.
const OUT_BYTES_ENOUGH: usize = 32 * 1024;

/// Compressed bytes at a time. DEFLATE makes at most 1,032 bytes of one, so a bomb is seen within 64 KiB.
const STEP_BYTES: usize = 64;
