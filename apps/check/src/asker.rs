//! The probe as the run loop sees it.

use std::sync::Arc;

use tokio::sync::Notify;
use towpath_diagnosis::{Fact, Question};
use towpath_probe::Probe;

use crate::run::Ask;

/// A probe, and the means to end its long watch early.
pub struct Asker {
    pub(crate) probe: Probe,
    pub(crate) ender: Arc<Notify>,
}

impl Ask for Asker {
    fn ask(&mut self, question: &Question) -> impl Future<Output = Vec<Fact>> {
        self.probe.ask(question)
    }

    fn ender(&self, question: &Question) -> Option<Arc<Notify>> {
        let long = matches!(question, Question::Endure { .. });
        long.then(|| Arc::clone(&self.ender))
    }
}
