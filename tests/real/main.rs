//! `towpath check` against real servers and real proxies: the right cause first, and no false alarm.
//!
//! Each test starts its own programs on free loopback ports or in a network of its own.

/// One test per row: a name and a case that `$run` plays.
macro_rules! cases {
    ($run:path; $($name:ident => $case:expr;)+) => {
        $( #[test] fn $name() { $run($case); } )+
    };
}

mod browser;
mod direct;
mod expect;
mod inspecting;
mod names;
mod network;
mod nginx;
mod proxies;
mod reverse;
mod tls;
