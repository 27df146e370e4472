//! The probe as the inquiry sees it. It must never ask anything by itself.

use std::sync::Arc;

use tokio::sync::Notify;
use towpath_diagnosis::{Fact, Question};

use super::Ask;
use crate::run::Probe;

/// A probe, and the means to end its long watch early.
pub struct Asker {
    /// Who asks.
    pub probe: Probe,
    /// Ends a long watch early.
    pub ender: Arc<Notify>,
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
