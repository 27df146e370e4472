//! What the check page found out in the user's browser, one test per fact.

use serde::{Deserialize, Serialize};

/// One test of the check page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageTest {
    /// What was done.
    pub test: PageTestKind,
    /// What came of it.
    pub outcome: PageTestOutcome,
    /// In all, in milliseconds.
    pub elapsed_ms: u64,
}

/// What was done. All of it is between the page and its gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "test", rename_all = "snake_case")]
pub enum PageTestKind {
    /// Control: an ordinary small request.
    Fetch,
    /// A WebSocket that opens and says nothing for a moment.
    SocketSilent,
    /// A text message and its echo.
    SocketText,
    /// A binary message and its echo.
    SocketBinary,
    /// A message of this many bytes and its echo.
    SocketLarge {
        /// Payload length.
        bytes: u64,
    },
    /// The server speaks first.
    SocketServerFirst,
    /// Messages with permessage-deflate agreed, where the browser offers it.
    SocketCompressed,
    /// Several small messages, one a beat, each echoed at once: whether they come one by one.
    SocketTrickle,
    /// A streamed response, one small chunk a beat: whether the chunks come one by one.
    Stream,
    /// The same as an event stream.
    EventStream,
    /// A request that is answered only after a while.
    LongPoll,
    /// A request with a body of this many bytes.
    Post {
        /// Body length.
        bytes: u64,
    },
    /// A WebSocket without traffic for this long, then a message and its echo.
    SocketIdle {
        /// Silence in milliseconds.
        idle_ms: u64,
    },
    /// A streamed response without traffic for this long, then a chunk.
    StreamIdle {
        /// Silence in milliseconds.
        idle_ms: u64,
    },
    /// A WebSocket with a message every second for this long.
    SocketBusy {
        /// In milliseconds.
        lasts_ms: u64,
    },
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum PageTestOutcome {
    /// As hoped for.
    Passed,
    /// It did not open, or no answer came: a close event before `open`, or a rejected `fetch`.
    NotOpened {
        /// Until then, in milliseconds.
        after_ms: u64,
        /// Whether the time allowed ran out.
        #[serde(default)]
        timed_out: bool,
        /// The status of an answer that was not the gateway's 200.
        #[serde(default)]
        status: Option<u16>,
    },
    /// It opened, and ended before it was done.
    Cut {
        /// The close event's code, for WebSockets.
        #[serde(default)]
        code: Option<u16>,
        /// Since it opened, in milliseconds.
        after_ms: u64,
        /// Bytes that had come.
        #[serde(default)]
        bytes: u64,
    },
    /// It stayed open, and nothing came in the time allowed.
    Silent {
        /// How long was waited, in milliseconds.
        waited_ms: u64,
    },
    /// Everything came, but late and together: something held it back.
    HeldBack {
        /// The longest time that one part was late, in milliseconds.
        late_ms: u64,
    },
    /// Something else came than was sent, for example another server's page.
    Different {
        /// What, in a few words.
        detail: String,
    },
    /// It was not done.
    NotRun {
        /// Why, in a few words.
        reason: String,
    },
}
