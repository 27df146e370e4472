//! Bounds on what a peer may make this end hold, and how much of its misconduct is looked at.

use crate::deviation::Severity;

/// Every bound of a [`crate::Connection`]. Crossing one gives [`crate::Event::OverLimit`], and the
/// message concerned is discarded while reading goes on behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest message in bytes, decompressed. Larger values let one peer hold more memory;
    /// smaller ones refuse honest messages.
    pub message_bytes_max: usize,
    /// The most frames of one message. Without it, empty fragments could go on for ever.
    pub frames_per_message_max: u32,
    /// Deviations reported per connection; further ones are only counted.
    pub deviations_max: u32,
    /// Messages of fewer bytes are sent uncompressed even where compression is agreed on.
    pub compress_bytes_min: usize,
    /// Reading stops at the first deviation this grave or graver, and at the first limit crossed.
    /// `None` reads on to see what else comes, which is what a probe wants.
    pub stop_at: Option<Severity>,
}

impl Default for Limits {
    /// 16 MiB a message, 65,536 frames, 64 deviations, compression from 64 bytes on, never stops.
    fn default() -> Self {
        Self {
            message_bytes_max: 16 << 20,
            frames_per_message_max: 1 << 16,
            deviations_max: 64,
            compress_bytes_min: 64,
            stop_at: None,
        }
    }
}

/// Which bound was crossed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// [`Limits::message_bytes_max`]; under context takeover also by every compressed message after such
    /// a one, because its window is lost.
    MessageBytes,
    /// [`Limits::frames_per_message_max`].
    FramesPerMessage,
}

impl Limit {
    /// The name of the field that sets it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessageBytes => "message_bytes_max",
            Self::FramesPerMessage => "frames_per_message_max",
        }
    }
}
