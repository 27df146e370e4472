//! What is known of the browser, for whoever asks and for decisions about it. Starts and measures nothing itself.

use std::path::PathBuf;

use crate::attach::shown;
use crate::carry::Carrier;
use crate::keep::settings::KeeperSettings;
use crate::memory::Memory;

/// A browser that is kept, as it was when it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserStatus {
    /// Whether it runs; where it does not, the facts below are of the last one that ran.
    pub running: bool,
    /// The program; `None` for one that was attached to, and before the first start.
    pub program: Option<PathBuf>,
    /// Product and version, for example `Chrome/156.0.8078.79`; empty before the first start.
    pub version: String,
    /// Scheme, host and port of the debugging address, where it is one that was attached to.
    pub attached: Option<String>,
    /// Why it runs without its sandbox; `None` where it has one or is not ours.
    pub without_sandbox: Option<String>,
    /// Its processes when they were measured; 0 where they were not.
    pub processes: usize,
    /// Proportional set size of all of them in bytes. Some 120 MB of it are the program's own files, which all
    /// browsers of one machine share.
    pub pss_bytes: Option<u64>,
    /// The part of it that no file backs, in bytes.
    pub anonymous_bytes: Option<u64>,
    /// Sockets that are open or opening.
    pub sockets: usize,
    /// Pages that hold them.
    pub pages: usize,
    /// How often it was started again after a crash.
    pub restarts: u64,
    /// The last end that nobody asked for, or the last start that failed, as a clause.
    pub last_failure: Option<String>,
}

/// What is kept for the status.
#[derive(Default)]
pub(super) struct Facts {
    pub(super) program: Option<PathBuf>,
    pub(super) version: String,
    pub(super) without_sandbox: Option<String>,
    pub(super) restarts: u64,
    pub(super) last_failure: Option<String>,
    memory: Option<Memory>,
    current: Option<Current>,
}

/// The browser that runs.
struct Current {
    number: u64,
    carrier: Carrier,
    process: Option<u32>,
}

impl Facts {
    pub(super) fn started(&mut self, number: u64, carrier: Carrier, process: Option<u32>) {
        self.current = Some(Current {
            number,
            carrier,
            process,
        });
        self.memory = None;
    }

    pub(super) fn ended(&mut self, number: u64) {
        let is_it = |current: &mut Current| current.number == number;
        if self.current.take_if(is_it).is_some() {
            self.memory = None;
        }
    }

    /// Takes a measurement, unless the browser is another one by now.
    pub(super) fn measured(&mut self, process: u32, memory: Memory) {
        // Nothing is counted where the system does not tell.
        if self.process() == Some(process) && memory.processes > 0 {
            self.memory = Some(memory);
        }
    }

    pub(super) fn process(&self) -> Option<u32> {
        self.current.as_ref()?.process
    }

    pub(super) fn pss_bytes(&self) -> Option<u64> {
        self.memory.map(|memory| memory.pss_bytes)
    }

    pub(super) fn sockets(&self) -> usize {
        let current = self.current.as_ref();
        current.map_or(0, |current| current.carrier.sockets())
    }

    pub(super) fn status(&self, settings: &KeeperSettings) -> BrowserStatus {
        let current = self.current.as_ref();
        BrowserStatus {
            running: current.is_some(),
            program: self.program.clone(),
            version: self.version.clone(),
            attached: settings.options.attach.as_deref().map(shown),
            without_sandbox: self.without_sandbox.clone(),
            processes: self.memory.map_or(0, |memory| memory.processes),
            pss_bytes: self.pss_bytes(),
            anonymous_bytes: self.memory.map(|memory| memory.anonymous_bytes),
            sockets: self.sockets(),
            pages: current.map_or(0, |current| current.carrier.pages()),
            restarts: self.restarts,
            last_failure: self.last_failure.clone(),
        }
    }
}
