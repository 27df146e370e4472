//! Every bound of the protocol: its unit, its default, and what happens there. Nothing else in this crate holds a number
//! that a peer can run into.

/// Added to the payload bytes of each item, so that empty messages are bounded too.
pub const ITEM_COST: u64 = 16;

/// Bytes of a whole envelope; a longer one is malformed.
pub const ENVELOPE_BYTES_MAX: usize = 65_536;

/// Bytes of a JSON body; a longer one is malformed.
pub const JSON_BYTES_MAX: usize = 16_384;

/// Bytes of a ping; a longer one is malformed.
pub const PING_BYTES_MAX: usize = 32;

/// Bytes of the reason of a close; a longer one is malformed.
pub const CLOSE_REASON_BYTES_MAX: usize = 123;

/// Cost that may be on its way in one direction; the sender waits.
pub const WINDOW_BYTES: u64 = 262_144;

/// Payload bytes of one item; larger messages are cut.
pub const PIECE_BYTES: usize = 16_384;

/// Bytes of a `send` body; larger ones are split.
pub const BODY_BYTES: usize = 61_440;

/// `send` requests in flight; the next one waits.
pub const SENDS_IN_FLIGHT: usize = 3;

/// Candidates of one session; the oldest is ended.
pub const CANDIDATES_MAX: usize = 4;

/// How long a candidate may stay unused; then it is superseded.
pub const CANDIDATE_MS: u64 = 30_000;

/// How long an ack may wait for company.
pub const ACK_DELAY_MS: u64 = 50;

/// The longest heartbeat, used until cuts teach a shorter one.
pub const HEARTBEAT_MS: u64 = 25_000;

/// The shortest heartbeat.
pub const HEARTBEAT_MIN_MS: u64 = 5_000;

/// How long a session without an attachment is kept; then continuity is lost.
pub const RESUME_MS: u64 = 120_000;

/// How long the gateway waits for the backend's answer to a close; then it says 1006.
pub const BACKEND_CLOSE_MS: u64 = 10_000;

/// How long a close down may stay unacknowledged; then the session is over.
pub const CLOSE_ACK_MS: u64 = 30_000;

/// Bytes of padding at the start of a streaming response.
pub const FIRST_PADDING_BYTES: usize = 2_048;

/// Bytes beside the payload that an item takes on the wire at most: type, length, sequence.
pub const ITEM_OVERHEAD_MAX: usize = 1 + 3 + 8;
