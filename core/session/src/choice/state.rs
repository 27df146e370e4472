//! What the choice keeps about attempts and failures.

use super::Transport;

/// An attempt that is not proven yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    pub(super) transport: Transport,
    pub(super) in_use: bool,
    pub(super) started: u64,
}

/// The transport in use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Current {
    pub(super) transport: Transport,
    pub(super) proven: u64,
}

/// More strikes than these make no difference.
const STRIKES_MAX: u8 = 2;

/// Strikes of each transport. Those of a race that nothing wins are taken back.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Strikes {
    counted: [u8; 4],
    before: Option<[u8; 4]>,
}

impl Strikes {
    pub(super) fn of(&self, transport: Transport) -> u8 {
        self.counted[index(transport)]
    }

    pub(super) fn add(&mut self, transport: Transport) {
        let count = &mut self.counted[index(transport)];
        *count = (*count + 1).min(STRIKES_MAX);
    }

    /// A strike that counts only if something works afterwards.
    pub(super) fn add_revocable(&mut self, transport: Transport) {
        self.before.get_or_insert(self.counted);
        self.add(transport);
    }

    pub(super) fn clear(&mut self, transport: Transport) {
        self.counted[index(transport)] = 0;
    }

    /// Something works: what was counted stays.
    pub(super) fn settle(&mut self) {
        self.before = None;
    }

    /// Nothing works: takes back what was counted since something did.
    pub(super) fn revoke(&mut self) {
        if let Some(before) = self.before.take() {
            self.counted = before;
        }
    }
}

fn index(transport: Transport) -> usize {
    match transport {
        Transport::WebSocket => 0,
        Transport::Stream => 1,
        Transport::Sse => 2,
        Transport::Poll => 3,
    }
}
