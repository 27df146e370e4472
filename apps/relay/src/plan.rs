//! What a relay is to do: its sides, and which rooms belong together. It comes from the configuration and can be compared with the next
//! one. It must never hold anything of how it goes.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use towpath_chat::{Formats, Rules};
use towpath_sides::Side;

/// All that a relay is to do.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The sides by name, `irc.libera` for example.
    pub sides: BTreeMap<String, Arc<dyn SideKind>>,
    /// Which rooms belong together.
    pub links: Vec<Link>,
    /// How much of what was said before the very first start is told, where a side offers it.
    pub replay_at_first_start: Duration,
    /// How long what waits for links that are no more is kept.
    pub age_max: Duration,
}

/// One kind of side with its settings, ready to be started.
pub trait SideKind: fmt::Debug + Send + Sync + Any {
    /// The settings of its kind, for whoever knows the kinds; nothing where there are none.
    fn settings(&self) -> &(dyn Any + Send + Sync) {
        &()
    }
    /// Starts it, within a tokio runtime. It is told the ids that it spoke as before.
    fn start(&self, own_user_ids: Vec<String>) -> Side;
    /// What it takes in one of its rooms.
    fn rules(&self, room: &str) -> Rules;
    /// The word of its kind, as in the configuration: `irc`.
    fn kind(&self) -> &'static str;
    /// Its network, as people are shown it: `IRC`.
    fn network(&self) -> String;
    /// What the operator calls it, where that is something else.
    fn label(&self) -> Option<String>;
    /// Whether it looks into a history before it says again what it may have said.
    fn looks_back(&self) -> bool;
    /// Whether another one is the same with equal settings, so that a running side may go on.
    fn is_same(&self, other: &dyn SideKind) -> bool;
}

/// Rooms that belong together: what is said in one is told in all others.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Its name, which no other link has.
    pub name: String,
    /// The rooms, each at most once.
    pub members: Vec<Member>,
}

/// One room of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The side.
    pub side: String,
    /// The room, by the side's own name for it.
    pub room: String,
    /// How it is told what was said elsewhere.
    pub formats: Formats,
    /// Names whose sayings here are not told elsewhere.
    pub ignore: Vec<String>,
    /// Whether it is read, told, or both.
    pub direction: Direction,
    /// What becomes of a piece that may have been said, where no history can tell.
    pub uncertain: Uncertain,
    /// How long a message waits for it before it is given up.
    pub age_max: Duration,
    /// How many messages wait for it; beyond it the oldest that was not begun is given up.
    pub queue_max: usize,
}

/// Which way things go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// It is read and told.
    #[default]
    Both,
    /// It is read only: what is said here is told elsewhere.
    Read,
    /// It is told only.
    Write,
}

/// What becomes of a piece that may have been said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Uncertain {
    /// It is said again: nothing is lost, and it may stand there twice.
    #[default]
    Repeat,
    /// It is left: nothing stands there twice, and it may be missing.
    Drop,
}

impl Direction {
    /// Whether what is said here is told elsewhere.
    pub fn reads(self) -> bool {
        self != Self::Write
    }

    /// Whether what is said elsewhere is told here.
    pub fn writes(self) -> bool {
        self != Self::Read
    }
}
