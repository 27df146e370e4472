//! Compression of single messages (RFC 7692 section 7.2): raw DEFLATE, ended by a flush whose last four
//! bytes are not sent.
//!
//! Output is always bounded by a limit of the caller. A side without context takeover holds no state
//! between messages; with it, a compressor holds up to 190 KiB and a decompressor about 40 KiB.

use crate::extension::WINDOW_BITS_MAX;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use thiserror::Error;

/// What every flush ends with; the sender leaves it out and the receiver puts it back.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// An empty message after the tail is left out (RFC 7692 section 7.2.3.6).
const EMPTY: [u8; 1] = [0];

/// How much room the output gets at a time, in bytes, so that a small bomb cannot claim much at once.
const STEP_BYTES_MAX: usize = 64 * 1024;

/// Why a message was not decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum InflateError {
    /// The bytes are not DEFLATE.
    #[error("the bytes are not compressed as RFC 7692 demands")]
    Invalid,
    /// The output would be larger than the limit.
    #[error("the message decompresses to more than the limit")]
    TooLarge,
    /// An earlier message was given up half-way, and this one may refer to what it held.
    #[error("the window that the message refers to is lost")]
    WindowLost,
}

/// Compresses messages in one direction.
#[derive(Debug)]
pub struct Deflater {
    state: Option<Box<Compress>>,
    takes_over: bool,
    window_bits: u8,
}

impl Deflater {
    /// `window_bits` from 8 to 15. zlib writes nothing smaller than 9, so a deflater of 8 declines.
    pub fn new(takes_over: bool, window_bits: u8) -> Self {
        let window_bits = window_bits.min(WINDOW_BITS_MAX);
        Self {
            state: None,
            takes_over,
            window_bits,
        }
    }

    /// The payload for `message`; `None` where the window is too small, then it is to be sent as it is.
    pub fn deflate(&mut self, message: &[u8]) -> Option<Vec<u8>> {
        if self.window_bits < 9 {
            return None;
        }
        if message.is_empty() {
            // A second flush without input writes nothing, so this one is not left to zlib.
            return Some(EMPTY.to_vec());
        }
        let bits = self.window_bits;
        let state = self.state.get_or_insert_with(|| {
            Box::new(Compress::new_with_window_bits(
                Compression::default(),
                false,
                bits,
            ))
        });
        let payload = run_compressor(state, message);
        if !self.takes_over {
            self.state = None;
        }
        Some(payload)
    }
}

fn run_compressor(state: &mut Compress, message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() / 2 + 64);
    let mut rest = message;
    loop {
        let before = state.total_in();
        state
            .compress_vec(rest, &mut out, FlushCompress::Sync)
            .expect("a compressor that is only ever flushed has no invalid state");
        let taken = usize::try_from(state.total_in() - before).expect("no more than was given");
        rest = &rest[taken..];
        // Room left over is the sign that the flush is complete.
        if rest.is_empty() && out.len() < out.capacity() {
            break;
        }
        out.reserve(rest.len() / 2 + 64);
    }
    debug_assert!(
        out.ends_with(&TAIL),
        "a sync flush ends with an empty stored block"
    );
    out.truncate(out.len() - TAIL.len());
    out
}

/// Decompresses messages of one direction, piece by piece.
#[derive(Debug)]
pub struct Inflater {
    state: Option<Box<Decompress>>,
    takes_over: bool,
    /// The last piece ended a final block; anything further begins anew.
    ended: bool,
    /// A message was given up half-way under context takeover.
    lost: bool,
}

impl Inflater {
    /// Reads any window size.
    pub fn new(takes_over: bool) -> Self {
        Self {
            state: None,
            takes_over,
            ended: false,
            lost: false,
        }
    }

    /// Appends what `piece` of a message's payload decompresses to; `out` may grow to
    /// `out_bytes_max` in all. After an error the message is lost.
    pub fn push(
        &mut self,
        piece: &[u8],
        out: &mut Vec<u8>,
        out_bytes_max: usize,
    ) -> Result<(), InflateError> {
        let result = self.run(piece, out, out_bytes_max);
        self.forget_after(result);
        result
    }

    /// Ends the message.
    pub fn finish(&mut self, out: &mut Vec<u8>, out_bytes_max: usize) -> Result<(), InflateError> {
        // After a final block the tail belongs to nothing.
        let result = if self.ended {
            Ok(())
        } else {
            self.run(&TAIL, out, out_bytes_max)
        };
        self.forget_after(result);
        if self.ended || !self.takes_over {
            self.reset();
        }
        result
    }

    /// Gives the message up half-way. Under context takeover no later message can be read.
    pub fn abandon(&mut self) {
        self.lost = self.takes_over;
        self.reset();
    }

    /// What a peer got wrong is no reason to mistrust its next message; what was too large was right.
    fn forget_after(&mut self, result: Result<(), InflateError>) {
        match result {
            Ok(()) => {}
            Err(InflateError::Invalid) => self.reset(),
            Err(InflateError::TooLarge | InflateError::WindowLost) => self.abandon(),
        }
    }

    fn reset(&mut self) {
        self.state = None;
        self.ended = false;
    }

    fn run(
        &mut self,
        piece: &[u8],
        out: &mut Vec<u8>,
        out_bytes_max: usize,
    ) -> Result<(), InflateError> {
        if self.lost {
            return Err(InflateError::WindowLost);
        }
        let mut rest = piece;
        if rest.is_empty() {
            return Ok(());
        }
        let state = self
            .state
            .get_or_insert_with(|| Box::new(Decompress::new(false)));
        loop {
            if std::mem::take(&mut self.ended) {
                state.reset(false);
            }
            out.reserve(rest.len().saturating_mul(2).clamp(64, STEP_BYTES_MAX));
            let before = (state.total_in(), out.len());
            let result = state.decompress_vec(rest, out, FlushDecompress::Sync);
            // Looked at first: what is too large and then invalid is too large, in pieces or as a whole.
            if out.len() > out_bytes_max {
                return Err(InflateError::TooLarge);
            }
            let status = result.map_err(|_| InflateError::Invalid)?;
            let taken =
                usize::try_from(state.total_in() - before.0).expect("no more than was given");
            rest = &rest[taken..];
            self.ended = status == Status::StreamEnd;
            let has_room = out.len() < out.capacity();
            if rest.is_empty() && (has_room || self.ended) {
                return Ok(());
            }
            if taken == 0 && out.len() == before.1 && has_room && !self.ended {
                return Err(InflateError::Invalid);
            }
        }
    }
}

#[cfg(test)]
mod tests;
