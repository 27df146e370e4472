//! What every end-to-end test needs: real programs that start, listen and end, and the command line under test.
//!
//! It must never hide a failure: a program that does not start, or a verdict that cannot be read, ends the test
//! with what the program printed.

pub mod browser;
pub mod certificates;
pub mod chance;
pub mod check;
pub mod folder;
pub mod http;
pub mod irc;
pub mod namespace;
pub mod port;
pub mod program;
pub mod relay;
pub mod request;
pub mod verdict;

pub use browser::Browser;
pub use certificates::Authority;
pub use check::Check;
pub use folder::Folder;
pub use namespace::Namespace;
pub use program::Program;
pub use verdict::{Sure, Verdict};
