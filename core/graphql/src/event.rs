//! What a session tells its driver. It must never hold what a driver has to send.

use serde::Serialize;
use serde_json::Value;

use crate::close::Ending;
use crate::operations::OperationId;
use crate::problem::Problem;

/// Something that a session tells, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The server took `connection_init`; operations started before go out now.
    Acknowledged {
        /// What came with it.
        payload: Option<Value>,
    },
    /// A result of an operation. A query or mutation has one, a subscription any number.
    Next {
        /// The operation.
        id: OperationId,
        /// `data` of the result; null where there was none.
        data: Value,
        /// `errors` of the result.
        problems: Vec<Problem>,
    },
    /// An operation is over; nothing more comes for it.
    Done {
        /// The operation.
        id: OperationId,
        /// How it ended.
        done: Done,
    },
    /// The server complains about something that belongs to no operation known here.
    Complaint {
        /// In its own words.
        problems: Vec<Problem>,
    },
    /// The session is over, and every operation with it. Nothing more is told.
    Ended(End),
}

impl Event {
    /// The operation that it is about.
    pub fn operation(&self) -> Option<OperationId> {
        match self {
            Self::Next { id, .. } | Self::Done { id, .. } => Some(*id),
            Self::Acknowledged { .. } | Self::Complaint { .. } | Self::Ended(_) => None,
        }
    }
}

/// How an operation ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// The server has nothing more to tell.
    Completed,
    /// The server refused or broke it off.
    Failed(Vec<Problem>),
    /// No result came in time. Whether the server has acted on it is not known.
    TimedOut,
}

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// What is to be done next.
    pub ending: Ending,
    /// Why, in one sentence, safe to print.
    pub why: String,
    /// The server's errors, where it gave some.
    pub problems: Vec<Problem>,
    /// The close to send, code and reason; without one the socket is closed already.
    pub close: Option<(u16, &'static str)>,
}

/// What was tolerated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Messages that are no JSON object with a type.
    pub unreadable: u64,
    /// Messages of a type that this generation does not know.
    pub unknown: u64,
    /// Messages for an operation that is over or was never started.
    pub late: u64,
    /// Acknowledgements after the first.
    pub repeated: u64,
}
