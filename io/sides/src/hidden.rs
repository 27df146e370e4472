//! A text that nobody is shown: a password, a token, the address of a webhook.
//!
//! It must never reach a log, a state, an error or a `Debug` output.

use std::fmt;

/// A secret text of the configuration.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(Box<str>);

impl Hidden {
    /// Keeps a text hidden. The space around it is none of it.
    pub fn new(text: &str) -> Self {
        Self(text.trim().into())
    }

    /// The text, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_shown_a_secret() {
        let hidden = Hidden::new("hunter2\n");
        assert_eq!(hidden.reveal(), "hunter2");
        assert!(!format!("{hidden:?}").contains("hunter2"));
    }
}
