//! What subscriptions tell. It must never tell as somebody's what we said ourselves.

use serde_json::Value;
use towpath_chat::kosmi::{Said, StepKind};
use towpath_chat::{Kind, Message};

use super::{Stop, Talk};
use crate::clock::now_unix_ms;
use crate::kosmi::over::Over;
use crate::side::Event;

impl Talk<'_> {
    /// A result of a subscription.
    pub(super) async fn hear(&mut self, kind: StepKind, data: &Value) -> Result<(), Stop> {
        let profile = &self.shared.settings.profile;
        let now = now_unix_ms();
        let message = match kind {
            StepKind::Messages => {
                let Some(said) = profile.read_message(data) else {
                    self.unreadable(kind);
                    return Ok(());
                };
                self.may_be_us(&said).await;
                let (message, is_own) = self.message(said, now);
                if is_own {
                    self.room.timeline.note(&message);
                    self.room.proofs.hear(&message);
                    self.echo();
                    return Ok(());
                }
                Some(message)
            }
            StepKind::Edits => {
                let others = profile.read_edit(data).filter(|said| !self.is_own(said));
                others.and_then(|said| self.place().edited(said, now))
            }
            StepKind::Deletes => {
                let of = profile.read_deleted(data);
                of.map(|of| self.place().deleted(of, now))
            }
            StepKind::Joins | StepKind::Leaves => {
                let user = profile.read_member(kind, data);
                let others = user.filter(|user| !self.shared.is_own(user.id.as_deref()));
                let what = if kind == StepKind::Joins {
                    Kind::Join
                } else {
                    Kind::Leave
                };
                others.map(|user| self.place().done_by(user, what, now))
            }
            _ => None,
        };
        let Some(message) = message else {
            return Ok(());
        };
        match self.room.timeline.live(message) {
            Ok(Some(message)) => self.tell([(message, false)]).await,
            Ok(None) => Ok(()),
            Err(_) => {
                let why = "more is said than is kept while the history is read";
                Err(Over::Retry(why.into()).into())
            }
        }
    }

    /// A message as it is told, and whether we said it ourselves; ours keep their text as it is, to be known again.
    pub(super) fn message(&self, said: Said, now_unix_ms: i64) -> (Message, bool) {
        let is_own = self.is_own(&said);
        let mut place = self.place();
        if is_own {
            place.picture_hosts = &[];
        }
        (place.said(said, now_unix_ms), is_own)
    }

    /// Where nothing has told who we are, the room does: who says just now what we say, is us.
    async fn may_be_us(&mut self, said: &Said) {
        if self.knows_us {
            return;
        }
        if let Some(id) = &said.user.id
            && self.is_being_said(&said.body)
        {
            self.knows_us = true;
            self.shared.is_us(id).await;
        }
    }

    fn is_own(&self, said: &Said) -> bool {
        self.shared.is_own(said.user.id.as_deref())
    }

    fn unreadable(&self, kind: StepKind) {
        let side = &self.shared.settings.name;
        tracing::warn!(
            side,
            ?kind,
            "a message came in a form that the profile does not know"
        );
    }

    /// Tells the owner, waiting while it takes nothing.
    pub(super) async fn tell(
        &self,
        messages: impl IntoIterator<Item = (Message, bool)>,
    ) -> Result<(), Stop> {
        for (message, replayed) in messages {
            let message = Box::new(message);
            self.event(Event::Said { message, replayed }).await?;
        }
        Ok(())
    }

    pub(super) async fn event(&self, event: Event) -> Result<(), Stop> {
        // Without an owner there is nothing left to do.
        let told = self.shared.events.send(event).await;
        told.map_err(|_| Over::Left.into())
    }
}
