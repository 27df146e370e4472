//! What gateway and page saw of sessions, kept in `SQLite`.
//!
//! The store is bounded by age and size and says what it dropped. It must never judge: what it keeps was judged before.

mod case;

pub use case::{Case, CaseKind, Tally};
