//! What each was told when, and when each was killed: what is needed to understand a run that went wrong. It must never decide anything.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// Lines with the time since the start. Copies write into the same one.
#[derive(Clone)]
pub(super) struct Journal {
    began: Instant,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            lines: Arc::default(),
        }
    }

    pub(super) fn note(&self, what: impl Display) {
        let line = format!("{:9.4} s  {what}", self.began.elapsed().as_secs_f64());
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line);
    }

    /// Writes all of it beside the build, and says where that is.
    pub(super) fn keep(&self, seed: u64) -> String {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chaos-{seed}.txt"));
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        match fs::write(&path, lines.join("\n")) {
            Ok(()) => format!("the journal is {}", path.display()),
            Err(error) => format!("no journal: {error}"),
        }
    }
}
