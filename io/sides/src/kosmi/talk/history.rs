//! Looking into the history: after entering, now and then, and for what we said ourselves. There is never more than one look at a time.

use serde_json::Value;
use tokio::time::Instant;
use towpath_chat::Message;
use towpath_chat::kosmi::{StepKind, Variables};
use towpath_graphql::OperationId;

use super::{Stop, Talk};
use crate::clock::now_unix_ms;
use crate::kosmi::over::Over;
use crate::kosmi::proof::SKEW_MS;
use crate::kosmi::walk::{Found, Page, Step, Until, Walk};
use crate::side::Event;

/// A look into the history.
pub(super) struct Look {
    walk: Walk,
    purpose: Purpose,
    operation: Option<OperationId>,
    cursor: Option<String>,
}

impl Look {
    /// Whether it looks for what we said.
    pub(super) fn is_for_proof(&self) -> bool {
        self.purpose == Purpose::Seek
    }
}

/// What a look is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To fill the gap since the last connection, before anything live is told.
    Merge,
    /// To find what was not told live.
    Reconcile,
    /// To find what we said.
    Seek,
}

impl Talk<'_> {
    /// The look that belongs to entering.
    pub(super) fn look_back(&mut self) -> Result<(), Stop> {
        let until = self.room.timeline.until();
        self.look(Purpose::Merge, until)
    }

    /// A look now and then; it is also what keeps servers from taking us for gone.
    pub(super) fn reconcile(&mut self) -> Result<(), Stop> {
        self.look_at = Some(Instant::now() + self.shared.settings.times.reconcile);
        if self
            .shared
            .settings
            .profile
            .step(StepKind::Archive)
            .is_none()
        {
            return Ok(());
        }
        let until = self.room.timeline.until();
        self.look(Purpose::Reconcile, until)
    }

    /// Whether there is a history to look into.
    pub(super) fn has_history(&self) -> bool {
        let step = self.shared.settings.profile.step(StepKind::Archive);
        step.is_some_and(|step| !self.room.missing.contains(&step.key))
    }

    pub(super) fn look(&mut self, purpose: Purpose, until: Option<Until>) -> Result<(), Stop> {
        self.look = Some(Look {
            walk: Walk::new(until, self.room.newest_first),
            purpose,
            operation: None,
            cursor: None,
        });
        self.ask()
    }

    /// Asks for the page of the look's cursor.
    fn ask(&mut self) -> Result<(), Stop> {
        let Some(step) = self.shared.settings.profile.step(StepKind::Archive) else {
            return Ok(());
        };
        let cursor = self.look.as_ref().and_then(|look| look.cursor.clone());
        let variables = Variables {
            cursor: cursor.as_deref(),
            ..self.in_room()
        };
        let id = self.start(step, &variables, false)?;
        if let Some(look) = &mut self.look {
            look.operation = Some(id);
        }
        Ok(())
    }

    /// Asks for the same page by the other query.
    pub(super) fn ask_again(&mut self, id: OperationId) -> Result<(), Stop> {
        if self.is_for(id) { self.ask() } else { Ok(()) }
    }

    fn is_for(&self, id: OperationId) -> bool {
        self.look
            .as_ref()
            .is_some_and(|look| look.operation == Some(id))
    }

    /// A page of the history.
    pub(super) async fn page(&mut self, id: OperationId, data: &Value) -> Result<(), Stop> {
        if !self.is_for(id) {
            return Ok(());
        }
        let Some(archive) = self.shared.settings.profile.read_archive(data) else {
            let why = "the answer is in a form that the profile does not know";
            return self.look_failed(id, why, false).await;
        };
        let now = now_unix_ms();
        let said = archive.messages.into_iter();
        let messages: Vec<Message> = said.map(|said| self.message(said, now).0).collect();
        // What is not known is new only where this run would know it; what was said before the run began tells no direction.
        let since = self.room.begun_unix_ms.saturating_add(SKEW_MS);
        let tells = messages.iter().all(|message| message.at_unix_ms > since);
        let page = Page::new(messages, archive.newest_first, archive.older);
        let Some(look) = &mut self.look else {
            return Ok(());
        };
        let timeline = &self.room.timeline;
        match look
            .walk
            .page(page, |message| tells && timeline.knows(message))
        {
            Step::Page(cursor) => {
                look.cursor = Some(cursor);
                self.ask()
            }
            Step::Over(found) => {
                let purpose = look.purpose;
                self.look = None;
                self.looked(purpose, found).await
            }
        }
    }

    async fn looked(&mut self, purpose: Purpose, found: Found) -> Result<(), Stop> {
        self.room.newest_first = found.newest_first;
        if purpose == Purpose::Seek {
            return self.sought(&found.messages);
        }
        let (newest, missed) = (found.newest(), found.missed);
        let is_own = |message: &Message| self.shared.is_own(message.author.id.as_deref());
        for message in found.messages.iter().filter(|message| is_own(message)) {
            self.room.timeline.note(message);
        }
        let mut others = found.behind();
        others.retain(|message| !is_own(message));
        let tell = self.room.timeline.merge(others, newest);
        if let Some(why) = missed {
            self.missed(why).await?;
        }
        self.tell(tell).await?;
        if purpose == Purpose::Merge {
            self.enter()?;
            self.entered().await?;
        }
        Ok(())
    }

    /// A look came to nothing; `is_silent` where there was no answer at all.
    pub(super) async fn look_failed(
        &mut self,
        id: OperationId,
        why: &str,
        is_silent: bool,
    ) -> Result<(), Stop> {
        if !self.is_for(id) {
            return Ok(());
        }
        let Some(look) = self.look.take() else {
            return Ok(());
        };
        let (side, room) = (&self.shared.settings.name, &self.room.name);
        tracing::warn!(side, room, why, "the history could not be read");
        if is_silent {
            let why = format!("the history could not be read: {why}");
            return Err(Over::Retry(why.into()).into());
        }
        match look.purpose {
            Purpose::Merge => {
                self.go_without(&format!("the history could not be read: {why}"))
                    .await?;
                self.enter()?;
                self.entered().await
            }
            Purpose::Reconcile => Ok(()),
            Purpose::Seek => self.sought(&[]),
        }
    }

    /// There is no history to fill the gap from.
    pub(super) async fn go_without(&mut self, why: &str) -> Result<(), Stop> {
        if self.room.timeline.has_begun() {
            self.missed(why).await?;
        }
        let held = self.room.timeline.release(now_unix_ms());
        self.tell(held.into_iter().map(|message| (message, false)))
            .await
    }

    async fn missed(&self, why: &str) -> Result<(), Stop> {
        let missed = Event::Missed {
            room: self.room.name.clone(),
            why: why.to_owned(),
            messages: None,
        };
        self.event(missed).await
    }
}
