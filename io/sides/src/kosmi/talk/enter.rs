//! Entering a room, step by step in the profile's order. It must never ask for anything of a room before it was joined.

use serde_json::Value;
use towpath_chat::kosmi::{ProblemKind, StepKind};
use towpath_graphql::{Done, OperationId, Problem};

use super::{Running, Stop, Talk};
use crate::kosmi::over::{Over, kind, words};

impl Talk<'_> {
    /// Goes on with entering, up to the next step that has an answer to wait for.
    pub(super) fn enter(&mut self) -> Result<(), Stop> {
        while let Some(step) = self.steps.pop_front() {
            match step.kind {
                StepKind::Joins | StepKind::Leaves if !self.shared.settings.members => {}
                StepKind::Archive => return self.look_back(),
                kind if kind.is_subscription() => {
                    self.start(step, &self.in_room(), false)?;
                }
                _ => {
                    self.start(step, &self.in_room(), true)?;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Entering is over: what was held is told, where no history was asked for.
    pub(super) async fn entered(&mut self) -> Result<(), Stop> {
        if self.ready_at.is_none()
            && self.steps.is_empty()
            && self.look.is_none()
            && !self.is_waiting()
        {
            if self.room.timeline.is_holding() {
                self.go_without("the profile asks for no history").await?;
            }
            self.is_ready();
        }
        Ok(())
    }

    fn is_waiting(&self) -> bool {
        self.running.values().any(|running| running.enters)
    }

    /// A result of an operation.
    pub(super) async fn result(
        &mut self,
        id: OperationId,
        data: &Value,
        problems: &[Problem],
    ) -> Result<(), Stop> {
        let Some(running) = self.running.get_mut(&id) else {
            return Ok(());
        };
        if data.is_null() && !problems.is_empty() {
            return self.done(id, Done::Failed(problems.to_vec())).await;
        }
        running.answered = true;
        let enters = std::mem::take(&mut running.enters);
        let step = running.step;
        if !problems.is_empty() {
            tracing::debug!(
                operation = step.key,
                said = words(problems),
                "an answer with errors"
            );
        }
        match step.kind {
            StepKind::CurrentUser => self.is_us(data).await,
            StepKind::Join => self.joined(data)?,
            StepKind::Removed => {
                return Err(Over::Retry("the server removed us from the room".into()).into());
            }
            StepKind::Archive => self.page(id, data).await?,
            StepKind::Send => self.sent(id, data)?,
            StepKind::Other => {}
            kind => self.hear(kind, data).await?,
        }
        if enters {
            self.enter()?;
        }
        self.entered().await
    }

    /// An operation is over.
    pub(super) async fn done(&mut self, id: OperationId, done: Done) -> Result<(), Stop> {
        let Some(running) = self.running.remove(&id) else {
            return Ok(());
        };
        let name = running.step.key.clone();
        match (done, running.step.kind) {
            (Done::Failed(problems), _) => self.refused(id, running, &problems).await,
            (Done::Completed, StepKind::Messages) => {
                Err(Over::Retry("the server ended the subscription to messages".into()).into())
            }
            (Done::Completed, _) if running.answered => Ok(()),
            (_, StepKind::Archive) => {
                self.look_failed(id, "the server does not answer", true)
                    .await
            }
            // Whether it was said is settled by the room, not by an answer.
            (_, StepKind::Send) => Ok(()),
            (_, _) if running.enters && running.step.optional => self.go_on().await,
            (_, _) if running.enters => Err(Over::Retry(
                format!("the server does not answer the operation {name}").into(),
            )
            .into()),
            (_, _) => Ok(()),
        }
    }

    /// The server refused an operation.
    async fn refused(
        &mut self,
        id: OperationId,
        running: Running<'_>,
        problems: &[Problem],
    ) -> Result<(), Stop> {
        let profile = &self.shared.settings.profile;
        let step = running.step;
        let kind = kind(profile, problems);
        let again = kind == ProblemKind::Other && !running.is_fallback && step.has_fallback();
        if again && !running.answered {
            tracing::info!(
                operation = step.key,
                said = words(problems),
                "asked by its other query"
            );
            self.room.fallbacks.insert(step.key.clone());
            return self.again(id, &running);
        }
        match step.kind {
            StepKind::Archive if kind == ProblemKind::Other => {
                self.look_failed(id, &words(problems), false).await
            }
            StepKind::Send => self.not_taken(id, kind, &words(problems)),
            _ if step.optional && kind == ProblemKind::Other => {
                if self.room.missing.insert(step.key.clone()) {
                    let (side, room) = (&self.shared.settings.name, &self.room.name);
                    tracing::info!(
                        side,
                        room,
                        operation = step.key,
                        said = words(problems),
                        "goes on without"
                    );
                }
                if running.enters {
                    self.go_on().await
                } else {
                    Ok(())
                }
            }
            _ => Err(Over::of_step(profile, &step.key, self.id, problems).into()),
        }
    }

    async fn go_on(&mut self) -> Result<(), Stop> {
        self.enter()?;
        self.entered().await
    }

    /// Asks by the other query what was just refused.
    fn again(&mut self, id: OperationId, running: &Running<'_>) -> Result<(), Stop> {
        match running.step.kind {
            StepKind::Archive => self.ask_again(id),
            StepKind::Send => self.speak(),
            kind => match self.shared.settings.profile.step(kind) {
                Some(step) => {
                    self.start(step, &self.in_room(), running.enters)?;
                    Ok(())
                }
                None => Ok(()),
            },
        }
    }

    async fn is_us(&mut self, data: &Value) {
        let Some(user) = self.shared.settings.profile.read_user(data) else {
            tracing::info!(
                side = self.shared.settings.name,
                "the server does not say who we are"
            );
            return;
        };
        if !user.name.is_empty() {
            self.shared.board.speaks_as(&user.name);
        }
        if let Some(id) = &user.id {
            self.knows_us = true;
            self.shared.is_us(id).await;
        }
    }

    fn joined(&mut self, data: &Value) -> Result<(), Stop> {
        let joined = self.shared.settings.profile.read_joined(data);
        joined.map_err(|why| Over::Slowly(format!("the room was not entered: {why}").into()).into())
    }
}
