//! Observations in, findings and still-open questions out.
//!
//! The one place that judges. A report's observations are facts; [`diagnose`] turns them into
//! findings that name a cause of the [`catalogue`], and says which [`question`]s would tell more.
//! The same code serves the command line, the gateway and the page, and can judge a saved report
//! again. Nothing here touches a socket, a file or a clock.

pub mod bisect;
pub mod catalogue;
pub mod challenge;
pub mod contradiction;
pub mod engine;
pub mod evidence;
pub mod finding;
pub mod har;
pub mod ladder;
pub mod markers;
pub mod observation;
pub mod page_report;
pub mod products;
pub mod question;
pub mod redact;
pub mod rules;
#[cfg(test)]
mod testing;
pub mod words;

pub use engine::{Diagnosis, diagnose};
pub use finding::{Confidence, Finding, Verdict};
pub use observation::{Fact, Observation, ObservationId};
pub use question::Question;
