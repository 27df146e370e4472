//! The processes below one process, from `/proc`: which browsers it started, and whether they are gone.

use std::collections::HashSet;
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use tokio::time::sleep;

/// A process with its command line, words parted by spaces.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) id: u32,
    parent: u32,
    pub(crate) command: String,
}

impl Process {
    /// Whether it draws pages and runs their scripts.
    pub(crate) fn is_renderer(&self) -> bool {
        self.command.contains("--type=renderer")
    }

    /// Whether it is a browser's main process.
    pub(crate) fn is_browser(&self) -> bool {
        self.has_profile() && !self.command.contains("--type=") && !self.is_shell()
    }

    /// Whether it is the script that a distribution starts its browser by, where that stays.
    pub(crate) fn is_script_of_browser(&self) -> bool {
        self.has_profile() && self.is_shell()
    }

    fn has_profile(&self) -> bool {
        self.command.contains("--user-data-dir=")
    }

    fn is_shell(&self) -> bool {
        self.command.starts_with("/bin/sh ")
    }
}

/// All processes below this one, the nearest first.
pub(crate) fn below(ancestor: u32) -> Vec<Process> {
    let all = all();
    let mut found: Vec<Process> = Vec::new();
    let mut known = HashSet::from([ancestor]);
    loop {
        let before = found.len();
        for process in &all {
            if known.contains(&process.parent) && known.insert(process.id) {
                found.push(process.clone());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Ends a process without asking it.
pub(crate) fn kill(process: u32) {
    signal("KILL", process);
}

/// Sends a process a signal by name.
pub(crate) fn signal(name: &str, process: u32) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), process.to_string()])
        .status();
    assert!(
        sent.is_ok_and(|status| status.success()),
        "{process} was there"
    );
}

/// Waits until none of these is there.
pub(crate) async fn gone(processes: &[u32]) {
    let began = Instant::now();
    loop {
        let left: Vec<Process> = all()
            .into_iter()
            .filter(|process| processes.contains(&process.id))
            .collect();
        if left.is_empty() {
            return;
        }
        assert!(began.elapsed() < PATIENCE, "still there: {left:#?}");
        sleep(BEAT).await;
    }
}

/// Every process that is not only waiting to be counted as dead.
fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("there is a /proc").flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(read).collect()
}

fn read(id: u32) -> Option<Process> {
    let status = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name before it, in parentheses, may hold anything.
    let (_, rest) = status.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let state = fields.next()?;
    let parent = fields.next()?.parse().ok()?;
    let command = fs::read(format!("/proc/{id}/cmdline")).ok()?;
    let command = String::from_utf8_lossy(&command).replace('\0', " ");
    (state != "Z").then_some(Process {
        id,
        parent,
        command,
    })
}

const PATIENCE: Duration = Duration::from_secs(10);
const BEAT: Duration = Duration::from_millis(20);
