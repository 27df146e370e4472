//! Free ports on loopback.

use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

/// A port that nothing listens on, below the range from which the system takes outgoing ports.
///
/// Tests in other processes start their search elsewhere, so that two seldom look at the same port.
pub fn free() -> u16 {
    static STEP: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(process::id() % u32::from(SLOTS)).unwrap_or(0) * SLOT;
    for _ in 0..TRIES_MAX {
        let step = STEP.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (start + step) % (SLOTS * SLOT);
        // The wildcard address too: what listens on it would answer in the place of the program under test.
        if TcpListener::bind(("0.0.0.0", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port found in {TRIES_MAX} tries");
}

const FIRST: u16 = 12_000;
const SLOTS: u16 = 900;
const SLOT: u16 = 20;
const TRIES_MAX: u32 = 2_000;

#[cfg(test)]
mod tests {
    use super::free;

    #[test]
    fn ports_differ() {
        assert_ne!(free(), free());
    }
}
