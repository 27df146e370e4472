//! Every bound of the probes. None of them is a setting: the check page is made for exactly these.

use std::time::Duration;

use http::StatusCode;

/// A bound that a request may meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProbeLimit {
    /// `reports.per_minute`, for the runs that an address begins.
    RunsPerMinute,
    /// [`RUNS_MAX`].
    Runs,
    /// [`REQUESTS_PER_RUN_MAX`].
    RequestsPerRun,
    /// [`OPEN_PER_RUN_MAX`].
    OpenPerRun,
    /// [`OPEN_PER_ADDRESS_MAX`].
    OpenPerAddress,
    /// [`OPEN_MAX`].
    Open,
    /// [`BEGIN_BYTES_MAX`] and [`POST_BYTES_MAX`].
    BodyBytes,
    /// [`BODY_TIME`].
    BodyTime,
}

impl ProbeLimit {
    /// Its name in answers and logs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::RunsPerMinute => "reports.per_minute",
            Self::Runs => "check_runs",
            Self::RequestsPerRun => "check_requests_per_run",
            Self::OpenPerRun => "check_open_per_run",
            Self::OpenPerAddress => "check_open_per_address",
            Self::Open => "check_open",
            Self::BodyBytes => "check_body_bytes",
            Self::BodyTime => "check_body_seconds",
        }
    }

    /// What a request that meets it is answered.
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::RunsPerMinute
            | Self::RequestsPerRun
            | Self::OpenPerRun
            | Self::OpenPerAddress => StatusCode::TOO_MANY_REQUESTS,
            Self::Runs | Self::Open => StatusCode::SERVICE_UNAVAILABLE,
            Self::BodyBytes => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTime => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// How long a run lives.
pub(super) const RUN_LIVES: Duration = Duration::from_mins(15);

/// Runs that are remembered.
pub(super) const RUNS_MAX: usize = 4096;

/// Requests of one run; the page makes about forty.
pub(super) const REQUESTS_PER_RUN_MAX: u32 = 120;

/// Requests of one run at a time.
pub(super) const OPEN_PER_RUN_MAX: u32 = 12;

/// Requests of all runs of one address at a time: an office behind one address checks together.
pub(super) const OPEN_PER_ADDRESS_MAX: usize = 128;

/// Requests of all runs at a time. Each may hold a message and its echo.
pub(super) const OPEN_MAX: usize = 512;

/// When one who met [`RUNS_MAX`] may try again, in seconds.
pub(super) const RETRY_SECONDS: u64 = 60;

/// Bytes of the body of `begin`.
pub(super) const BEGIN_BYTES_MAX: usize = 4096;

/// Bytes of the body of `post`.
pub(super) const POST_BYTES_MAX: u64 = 1 << 20;

/// How long a body may take: 1 MiB at 150 kbit/s.
pub(super) const BODY_TIME: Duration = Duration::from_mins(1);

/// Bytes of a message, decompressed; a larger one is closed with 1009.
pub(super) const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// Bytes of all messages of one WebSocket, decompressed; then it is closed with 1008. The page needs a fourth of it, and
/// compressed a kilobyte may be a megabyte to send back.
pub(super) const SOCKET_BYTES_MAX: u64 = 8 << 20;

/// Silence of the client after which a WebSocket is closed.
pub(super) const SOCKET_IDLE: Duration = Duration::from_secs(75);

/// How long a WebSocket lives at most.
pub(super) const SOCKET_LIVES: Duration = Duration::from_mins(3);

/// How long a client may take for what is written to it at once, and for the answer to a close frame.
pub(super) const SOCKET_PATIENCE: Duration = Duration::from_secs(30);

/// Chunks of a stream.
pub(super) const COUNT_MAX: u64 = 64;

/// Milliseconds from one chunk to the next.
pub(super) const BEAT_MS_MAX: u64 = 5000;

/// Milliseconds of silence before the last chunk, or before the answer of a poll.
pub(super) const WAIT_MS_MAX: u64 = 60_000;

/// Milliseconds of a whole stream.
pub(super) const STREAM_MS_MAX: u64 = 75_000;
