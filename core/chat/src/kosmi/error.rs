//! What is wrong with a profile. It must never be said without the key it is about.

/// A profile that cannot be used, with the line where one is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub struct ProfileError {
    /// The line, counted from 1.
    pub line: Option<usize>,
    /// What is wrong, the key first.
    pub message: String,
}

impl ProfileError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            line: None,
            message: message.into(),
        }
    }

    /// The line of this byte of the text.
    pub(super) fn at(mut self, text: &str, byte: Option<usize>) -> Self {
        let before = byte.and_then(|byte| text.get(..byte));
        self.line = before.map(|before| 1 + before.matches('\n').count());
        self
    }
}
