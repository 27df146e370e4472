//! Mask keys for the frames of a client (RFC 6455 section 10.3). They must never be foretold, so they come from the system.

/// How many keys are drawn at once, so that a message does not cost a system call.
const KEYS: usize = 64;

/// Keys drawn and not used.
pub(super) struct Masks {
    drawn: [u8; KEYS * 4],
    used: usize,
}

impl Masks {
    pub(super) fn new() -> Self {
        Self {
            drawn: [0; KEYS * 4],
            used: KEYS,
        }
    }

    /// The next key.
    pub(super) fn next(&mut self) -> [u8; 4] {
        if self.used == KEYS {
            getrandom::fill(&mut self.drawn).expect("the system gives random bytes");
            self.used = 0;
        }
        let at = self.used * 4;
        self.used += 1;
        let mut key = [0; 4];
        key.copy_from_slice(&self.drawn[at..at + 4]);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_within_a_draw_and_between_draws() {
        let mut masks = Masks::new();
        let keys: std::collections::HashSet<_> = (0..4 * KEYS).map(|_| masks.next()).collect();
        assert!(keys.len() > 3 * KEYS);
    }
}
