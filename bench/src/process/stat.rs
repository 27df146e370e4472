//! What `/proc` says of a process and its children: CPU time and resident memory.
//!
//! Times are the scheduler's own nanoseconds, thread by thread; the ticks of `stat` are too coarse for short rounds.

use std::collections::BTreeSet;
use std::fs;

/// The process and everything below it, the parents first.
pub(crate) fn family(id: u32) -> Vec<u32> {
    let parents: Vec<(u32, u32)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter_map(|id| {
            Some((
                id,
                parent(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?)?,
            ))
        })
        .collect();
    descendants(id, &parents)
}

/// Whether `id` now stands below `ancestor`, or was left to the init process when a parent died.
pub(super) fn is_descendant_or_orphan(id: u32, ancestor: u32) -> bool {
    let parent_now = fs::read_to_string(format!("/proc/{id}/stat"))
        .ok()
        .and_then(|text| parent(&text));
    id == ancestor || parent_now.is_some_and(|parent| parent == 1 || family(ancestor).contains(&id))
}

/// CPU seconds of these processes so far, all threads that are alive.
pub(crate) fn cpu_seconds(ids: &[u32]) -> f64 {
    let nanoseconds: u64 = ids
        .iter()
        .flat_map(|id| {
            fs::read_dir(format!("/proc/{id}/task"))
                .into_iter()
                .flatten()
        })
        .filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("schedstat")).ok())
        .filter_map(|text| time_on_core(&text))
        .sum();
    std::time::Duration::from_nanos(nanoseconds).as_secs_f64()
}

/// Resident memory of these processes, in bytes.
pub(crate) fn resident_bytes(ids: &[u32]) -> u64 {
    ids.iter()
        .filter_map(|id| fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok())
        .filter_map(|text| bytes(&text, "Rss:"))
        .sum()
}

/// Memory of some processes, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Footprint {
    /// The processes.
    pub(crate) processes: usize,
    /// Proportional set size: pages that several processes share are divided among them, whoever these are.
    pub(crate) proportional: u64,
    /// The part of it that is no file's: what these processes cost beyond what the program's files take anyway.
    pub(crate) anonymous: u64,
}

/// Memory of these processes.
pub(crate) fn footprint(ids: &[u32]) -> Footprint {
    let rollups: Vec<String> = ids
        .iter()
        .filter_map(|id| fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok())
        .collect();
    let sum = |line: &str| rollups.iter().filter_map(|text| bytes(text, line)).sum();
    Footprint {
        processes: rollups.len(),
        proportional: sum("Pss:"),
        anonymous: sum("Pss_Anon:"),
    }
}

/// How many processes wanted to run at once over the last minute; what else the machine does is in it.
pub(crate) fn load_average() -> f64 {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    first_figure(&text).unwrap_or_default()
}

/// The soft limit of open files in `limits`.
pub(super) fn files_max(limits: &str) -> Option<usize> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn descendants(root: u32, parents: &[(u32, u32)]) -> Vec<u32> {
    let mut found = vec![root];
    let mut known = BTreeSet::from([root]);
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        at += 1;
        for (id, _) in parents.iter().filter(|(_, of)| *of == parent) {
            if known.insert(*id) {
                found.push(*id);
            }
        }
    }
    found
}

/// The parent in a `stat` line. The name before it may hold spaces and brackets.
fn parent(stat: &str) -> Option<u32> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_whitespace().nth(1)?.parse().ok()
}

/// The average over a minute is the first figure of `loadavg`.
fn first_figure(loadavg: &str) -> Option<f64> {
    loadavg.split_whitespace().next()?.parse().ok()
}

/// Nanoseconds on a core, the first figure of `schedstat`.
fn time_on_core(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().next()?.parse().ok()
}

/// Bytes in a line of `smaps_rollup`.
fn bytes(rollup: &str, name: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_is_found_behind_any_name() {
        assert_eq!(parent("12 (a) b) c) S 7 12 12 0"), Some(7));
        assert_eq!(parent("12 (nginx) S 1 12"), Some(1));
        assert_eq!(parent("nonsense"), None);
    }

    #[test]
    fn time_and_memory_are_read() {
        assert_eq!(time_on_core("41372358 15420432 161\n"), Some(41_372_358));
        let rollup = "5500-7ffd ---p 00000000 00:00 0  [rollup]\nRss:     4048 kB\nPss:   937 kB\n";
        assert_eq!(bytes(rollup, "Rss:"), Some(4048 * 1024));
        assert_eq!(bytes(rollup, "Pss:"), Some(937 * 1024));
        assert_eq!(bytes(rollup, "Pss_Anon:"), None);
        assert_eq!(first_figure("13.52 10.73 11.37 4/812 31788\n"), Some(13.52));
    }

    #[test]
    fn the_limit_of_files_is_the_soft_one() {
        let limits =
            "Limit Soft Limit Hard Limit Units\nMax open files            1024   524288   files\n";
        assert_eq!(files_max(limits), Some(1024));
        assert_eq!(files_max("Max open files unlimited"), None);
    }

    #[test]
    fn a_family_is_all_generations_and_nobody_else() {
        let parents = [(2, 1), (3, 2), (4, 3), (5, 1), (6, 2)];
        assert_eq!(descendants(2, &parents), [2, 3, 6, 4]);
        assert_eq!(descendants(9, &parents), [9]);
    }

    #[test]
    fn this_process_has_time_and_memory() {
        let own = [std::process::id()];
        let before = cpu_seconds(&own);
        while cpu_seconds(&own) <= before {
            std::hint::black_box(own);
        }
        assert!(resident_bytes(&own) > 0);
        let memory = footprint(&own);
        assert_eq!(memory.processes, 1);
        assert!(
            memory.proportional >= memory.anonymous && memory.anonymous > 0,
            "{memory:?}"
        );
    }
}
