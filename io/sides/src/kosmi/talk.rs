//! What is said to the server and what comes back, on one connection. It must never take the next answer for the answer to the last
//! question: everything is told apart by its operation's id.

mod enter;
mod hear;
mod history;
mod say;

use std::collections::{HashMap, VecDeque};
use std::time::Instant as StdInstant;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use towpath_chat::kosmi::{Step, Variables};
use towpath_graphql::{Error, Event, OperationId};

use super::over::Over;
use super::room::{Ended, Room, Say};
use super::shared::Shared;
use super::told::Place;
use super::wire::Wire;
use crate::state::State;
use history::Look;
use say::Saying;

/// One connection's talk.
pub(super) struct Talk<'a> {
    shared: &'a Shared,
    /// The room's id at the server.
    id: &'a str,
    room: &'a mut Room,
    wire: Wire,
    /// The operations under way, by what they are for.
    running: HashMap<OperationId, Running<'a>>,
    /// The steps of entering that are left.
    steps: VecDeque<&'a Step>,
    /// The look into the history under way.
    look: Option<Look>,
    /// When the next look is due.
    look_at: Option<Instant>,
    saying: Option<Saying>,
    /// Whether something has told which user we are.
    knows_us: bool,
    ready_at: Option<StdInstant>,
}

/// An operation under way.
struct Running<'a> {
    step: &'a Step,
    /// Whether its result has come.
    answered: bool,
    /// Whether this is its second query.
    is_fallback: bool,
    /// Whether a step of entering waits for it.
    enters: bool,
}

impl<'a> Talk<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        id: &'a str,
        room: &'a mut Room,
        wire: Wire,
        knows_us: bool,
    ) -> Self {
        Self {
            id,
            steps: shared.settings.profile.steps().collect(),
            shared,
            room,
            wire,
            running: HashMap::new(),
            look: None,
            look_at: None,
            saying: None,
            knows_us,
            ready_at: None,
        }
    }

    /// Talks until the connection is over or the room is left.
    pub(super) async fn run(mut self, orders: &mut mpsc::Receiver<Say>) -> Ended {
        let over = match self.talk(orders).await {
            Ok(never) => match never {},
            Err(Stop { over, close }) => {
                self.give_up_saying();
                self.wire.close(close).await;
                over
            }
        };
        Ended {
            over,
            was_ready: self.ready_at.is_some(),
            ready_at: self.ready_at,
        }
    }

    async fn talk(&mut self, orders: &mut mpsc::Receiver<Say>) -> Result<Never, Stop> {
        self.room.timeline.hold();
        self.enter()?;
        loop {
            self.wire.flush().await;
            if let Some(event) = self.wire.poll() {
                self.take(event).await?;
                continue;
            }
            let due = self.due_at();
            tokio::select! {
                () = self.wire.wait() => {}
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => self.due()?,
                order = orders.recv(), if self.saying.is_none() => match order {
                    Some(say) if self.ready_at.is_some() => self.say(say)?,
                    Some(say) => say.later("the room is being entered", None),
                    None => return Err(Over::Left.into()),
                },
            }
        }
    }

    async fn take(&mut self, event: Event) -> Result<(), Stop> {
        match event {
            Event::Acknowledged { .. } => Ok(()),
            Event::Next { id, data, problems } => self.result(id, &data, &problems).await,
            Event::Done { id, done } => self.done(id, done).await,
            Event::Complaint { problems } => {
                let side = &self.shared.settings.name;
                tracing::debug!(
                    side,
                    said = super::over::words(&problems),
                    "the server complains"
                );
                Ok(())
            }
            Event::Ended(end) => Err(Stop {
                over: Over::of(&end),
                close: end.close,
            }),
        }
    }

    /// The room is entered, and orders are taken.
    fn is_ready(&mut self) {
        if self.ready_at.is_some() {
            return;
        }
        self.ready_at = Some(StdInstant::now());
        self.shared.board.room(&self.room.name, State::Ready);
        self.look_at = Some(Instant::now() + self.shared.settings.times.reconcile_first);
        tracing::info!(
            side = self.shared.settings.name,
            room = self.room.name,
            "in the room"
        );
    }

    /// When something of this talk's own is due.
    fn due_at(&self) -> Option<Instant> {
        let look = self.look_at.filter(|_| self.look.is_none());
        let echo = self.saying.as_ref().and_then(Saying::due_at);
        let echo = echo.filter(|_| self.look.is_none());
        look.into_iter().chain(echo).min()
    }

    fn due(&mut self) -> Result<(), Stop> {
        let now = Instant::now();
        if self.look.is_some() {
            return Ok(());
        }
        if self
            .saying
            .as_ref()
            .and_then(Saying::due_at)
            .is_some_and(|at| at <= now)
        {
            return self.seek();
        }
        if self.look_at.is_some_and(|at| at <= now) {
            return self.reconcile();
        }
        Ok(())
    }

    /// Starts a step's operation.
    fn start(
        &mut self,
        step: &'a Step,
        variables: &Variables<'_>,
        enters: bool,
    ) -> Result<OperationId, Stop> {
        let profile = &self.shared.settings.profile;
        let is_fallback = self.room.fallbacks.contains(&step.key);
        let operation = match profile.fallback(step, variables) {
            Some(fallback) if is_fallback => fallback,
            _ => profile.operation(step, variables),
        };
        let limit = (!step.kind.is_subscription()).then_some(self.shared.settings.times.operation);
        let id = self
            .wire
            .start(&operation, limit)
            .map_err(|error| match error {
                Error::Over => Over::Retry("the connection is over".into()),
                Error::TooMany | Error::TooLong => Over::Retry(error.to_string().into()),
            })?;
        let running = Running {
            step,
            answered: false,
            is_fallback,
            enters,
        };
        self.running.insert(id, running);
        Ok(id)
    }

    /// The variables of a step that needs no more than the room.
    fn in_room(&self) -> Variables<'a> {
        Variables {
            room: self.id,
            ..Variables::default()
        }
    }

    fn place(&self) -> Place<'_> {
        let settings = &self.shared.settings;
        Place {
            side: &settings.name,
            room: &self.room.name,
            picture_hosts: settings.profile.picture_hosts(),
        }
    }
}

/// What cannot be.
enum Never {}

/// The end of a talk, with the close to send.
struct Stop {
    over: Over,
    close: Option<(u16, &'static str)>,
}

impl From<Over> for Stop {
    fn from(over: Over) -> Self {
        Self { over, close: None }
    }
}

#[cfg(test)]
mod tests;
