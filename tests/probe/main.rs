//! What the probes of the check page show through each kind of network, without a browser: what a page can see, and
//! no more.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test that cannot go on ends the test"
)]

mod asking;
mod networks;
