//! Why a value could not be read, in words for whoever wanted it. Names of keys may appear, values never.

use std::time::Duration;

use towpath_diagnosis::challenge::Challenge;

use crate::error::BrowserError;

/// A page that did not give what was wanted from it.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No browser, or one that ended.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// The page did not load.
    #[error("{page} did not load: {reason}")]
    Page {
        /// The page, without its query.
        page: String,
        /// The browser's words, for example `net::ERR_NAME_NOT_RESOLVED`.
        reason: String,
    },
    /// A bot protection asks for proof of a human first. Neither solved nor waited for.
    #[error("{}. For the operator of the site: {}", .challenge.sentence(.page), .remedy)]
    Challenge {
        /// The page, without its query.
        page: String,
        /// Who asks, and by which mark it was known.
        challenge: Challenge,
        /// What the operator of the page can change.
        remedy: String,
    },
    /// It was there but cannot be a token.
    #[error("the {what} of {page} is {length} characters long, more than the limit of {limit}")]
    TooLong {
        /// The page, without its query.
        page: String,
        /// What was wanted, in words.
        what: String,
        /// How long it is.
        length: u64,
        /// The limit.
        limit: usize,
    },
    /// The page loaded, and what was wanted did not appear in time.
    #[error("{page} showed no {what} within {} s; {hint}", .waited.as_secs_f32())]
    Absent {
        /// The page where the wait ended, without its query.
        page: String,
        /// What was wanted, in words.
        what: String,
        /// How long it was waited for.
        waited: Duration,
        /// What is there instead: names only.
        hint: String,
    },
}

/// Names as a list for a sentence: bounded, quoted, without control characters.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let mut text: Vec<String> = names.by_ref().take(NAMES_MAX).map(quoted).collect();
    if names.next().is_some() {
        text.push("more".to_owned());
    }
    text.join(", ")
}

fn quoted(name: &str) -> String {
    let mut short: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    format!("{short:?}")
}

const NAMES_MAX: usize = 20;
const NAME_CHARACTERS_MAX: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_names_is_bounded_and_harmless_on_a_terminal() {
        let many: Vec<String> = (0..30).map(|number| format!("key{number}")).collect();
        let text = list(many.iter().map(String::as_str));
        assert!(text.ends_with("\"key19\", more"), "{text}");
        let hostile = format!("\u{1b}[2J{}", "x".repeat(200));
        let text = list([hostile.as_str()]);
        assert!(!text.contains('\u{1b}') && text.len() < 100, "{text}");
    }
}
