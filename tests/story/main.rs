//! What page and gateway see of the same attempt, from the browser to the console: each network of the lab gives its
//! finding, and a healthy one gives none.
//!
//! One browser start goes through all networks: see `towpath_tests::support::browser`.

mod backend;
mod check;
mod console;
mod demo;
mod expected;
mod healthy;
mod session;
mod world;
