//! `relay.toml`: what can be set, what it is when nothing is set, and what is wrong with a file.
//!
//! It reads the file and the secrets that it names, and opens no socket. Every mistake is told at once, with its place. It must never
//! repeat a secret, nor take one from a file that everybody can read.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::plan::Plan;

mod file;
mod formats;
mod links;
mod mistake;
mod nearest;
mod network;
mod options;
mod secret;
mod section;
mod sides;
mod source;
mod span;
mod state_file;
mod status;

pub use file::from_file;
pub(crate) use file::status_of;
pub use mistake::Mistake;
pub use options::{OptionDoc, Shown, documentation, options, template};
pub use status::StatusSettings;

/// What a file says.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// The file that keeps what is not yet said.
    pub state: PathBuf,
    /// `[status]`.
    pub status: StatusSettings,
    /// Sides and links.
    pub plan: Plan,
}

/// Why a configuration cannot be used. All of it is the user's to change.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{} cannot be read{}", path.display(), hint(source))]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is in it is wrong.
    #[error("{}", lines(path, mistakes))]
    Mistakes {
        /// The file.
        path: PathBuf,
        /// All that is wrong, in the order of the file.
        mistakes: Vec<Mistake>,
    },
}

/// What helps where there is no file yet.
fn hint(source: &io::Error) -> &'static str {
    match source.kind() {
        io::ErrorKind::NotFound => " (`towpath relay init FILE` writes one to begin with)",
        _ => "",
    }
}

/// One line a mistake, as compilers write it.
fn lines(path: &std::path::Path, mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes
        .iter()
        .map(|mistake| format!("{}:{mistake}", path.display()))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests;
