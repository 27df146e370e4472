//! How much memory a browser's processes take, from `/proc`.
//!
//! Reads files of the system and blocks while it does; it must not be called on an async thread.

use std::collections::HashSet;
use std::fs;

/// What a tree of processes takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Memory {
    /// How many processes were counted.
    pub(crate) processes: usize,
    /// Proportional set size: pages shared by several processes count in parts. Pages of the program's own files are
    /// in it, which other browsers of the same program share.
    pub(crate) pss_bytes: u64,
    /// The part of it that no file backs: what the browser made for itself.
    pub(crate) anonymous_bytes: u64,
}

/// Measures the process, its descendants and its group. Processes that end meanwhile count nothing.
pub(crate) fn measure(root: u32) -> Memory {
    let mut memory = Memory::default();
    for process in tree(root, &running()) {
        if let Some((pss, anonymous)) = of_process(process) {
            memory.processes += 1;
            memory.pss_bytes += pss;
            memory.anonymous_bytes += anonymous;
        }
    }
    memory
}

/// A process as the kernel lists it.
#[derive(Debug, Clone, Copy)]
struct Listed {
    id: u32,
    parent: u32,
    group: u32,
}

fn running() -> Vec<Listed> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let id = entry.file_name().to_string_lossy().parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            listed(id, &stat)
        })
        .collect()
}

/// Fields four and five; the name before them may hold anything, also parentheses.
fn listed(id: u32, stat: &str) -> Option<Listed> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(1);
    Some(Listed {
        id,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
    })
}

fn tree(root: u32, running: &[Listed]) -> HashSet<u32> {
    let group = running.iter().filter(|process| process.group == root);
    let mut members: HashSet<u32> = group.map(|process| process.id).collect();
    members.insert(root);
    loop {
        let count = members.len();
        for process in running {
            if members.contains(&process.parent) {
                members.insert(process.id);
            }
        }
        if members.len() == count {
            return members;
        }
    }
}

fn of_process(id: u32) -> Option<(u64, u64)> {
    match fs::read_to_string(format!("/proc/{id}/smaps_rollup")) {
        Ok(rollup) if !rollup.is_empty() => from_rollup(&rollup),
        // A sandboxed process may hide its maps from all but the superuser, never its size.
        _ => from_statm(&fs::read_to_string(format!("/proc/{id}/statm")).ok()?),
    }
}

fn from_rollup(rollup: &str) -> Option<(u64, u64)> {
    let field = |name: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
        let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kibibytes * 1024)
    };
    let anonymous = field("Pss_Anon:").or_else(|| field("Anonymous:"));
    Some((field("Pss:")?, anonymous.unwrap_or_default()))
}

/// Only what is not shared, since nobody tells by how many the rest is.
fn from_statm(statm: &str) -> Option<(u64, u64)> {
    let mut fields = statm.split_ascii_whitespace().skip(1);
    let resident: u64 = fields.next()?.parse().ok()?;
    let shared: u64 = fields.next()?.parse().ok()?;
    let own = resident.saturating_sub(shared) * rustix::param::page_size() as u64;
    Some((own, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory() {
        let memory = measure(std::process::id());
        assert!(memory.processes >= 1);
        assert!(memory.pss_bytes > 1 << 20, "{memory:?}");
        assert!(memory.anonymous_bytes <= memory.pss_bytes);
    }

    #[test]
    fn descendants_and_the_group_belong_to_the_tree() {
        let process = |id, parent, group| Listed { id, parent, group };
        let running = [
            process(12, 11, 99),
            process(11, 10, 99),
            process(10, 1, 10),
            process(20, 1, 10),
            process(30, 1, 30),
        ];
        assert_eq!(tree(10, &running), HashSet::from([10, 11, 12, 20]));
    }

    #[test]
    fn a_name_may_hold_anything() {
        let listed = listed(7, "7 (a) b (c)) S 3 4 4 0").expect("fields");
        assert_eq!((listed.parent, listed.group), (3, 4));
    }

    #[test]
    fn a_rollup_gives_both_sizes() {
        let rollup = "5588-7fff ---p 0 [rollup]\nRss: 9 kB\nPss:    300 kB\nPss_Dirty: 1 kB\nPss_Anon:  100 kB\n";
        assert_eq!(from_rollup(rollup), Some((300 * 1024, 100 * 1024)));
    }
}
