//! How far an inquiry goes, and its observations even where it is ended. It must never answer a question itself.

use std::io;

use towpath_diagnosis::question::Rung;
use towpath_diagnosis::{Observation, Question};
use towpath_probe::inquiry::{Progress, Wait};

/// Collects, and ends the inquiry before a question above its highest rung.
pub(super) struct UpTo {
    highest: Rung,
    pub(super) observations: Vec<Observation>,
}

impl UpTo {
    pub(super) fn new(highest: Rung) -> Self {
        Self {
            highest,
            observations: Vec::new(),
        }
    }
}

impl Progress for UpTo {
    fn asking(&mut self, question: &Question) -> io::Result<()> {
        if question.rung() > self.highest {
            return Err(io::Error::other("far enough"));
        }
        tracing::debug!(?question, "asking");
        Ok(())
    }

    fn waiting(&mut self, _: &Wait<'_>) -> io::Result<()> {
        Ok(())
    }

    fn answered(&mut self, observations: &[Observation]) -> io::Result<()> {
        self.observations.extend_from_slice(observations);
        Ok(())
    }
}
