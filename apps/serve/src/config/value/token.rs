//! A secret that a program gives in its settings. It is never written anywhere.

/// The console's token, given by the program that starts the gateway.
#[derive(Clone)]
pub struct ConsoleToken(Box<str>);

impl ConsoleToken {
    /// At least twenty characters that nobody can guess.
    pub fn new(token: impl Into<Box<str>>) -> Self {
        Self(token.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for ConsoleToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ConsoleToken")
    }
}
