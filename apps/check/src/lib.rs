//! `towpath check`: plan the questions, run them, tell the story.
//!
//! [`Options`] are what the user typed. [`Request`] is the same, checked. [`run()`] asks what the
//! diagnosis still wants to know until nothing is open. [`Report`] is what came of it, and [`render`]
//! tells it. Nothing here judges, and nothing here opens a socket itself.

pub mod compare;
pub mod explain;
pub mod har;
#[cfg(test)]
mod hostile;
pub mod options;
pub mod render;
pub mod report;
pub mod request;
mod usage;

pub use options::Options;
pub use report::Report;
pub use request::{Request, probe_settings};
pub use towpath_probe::ProbeSettings;
pub use towpath_probe::inquiry::{self as run, Ask, Asker, Bounds, Progress, Run, Wait, run};
pub use usage::UsageError;
