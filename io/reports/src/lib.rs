//! What gateway and page saw of sessions, kept in `SQLite`.
//!
//! The store is bounded by age and size and says what it dropped. It must never judge: what it keeps was judged before.

mod case;
mod error;
mod export;
mod store;

pub use case::{Case, CaseKind, Tally};
pub use error::StoreError;
pub use export::Exported;
pub use store::{Bounds, CaseLine, CauseCount, Filter, NetworkLine, Point, Pruned, Ranked, Store};
