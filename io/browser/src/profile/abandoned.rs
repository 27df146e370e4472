//! Removes what killed runs left: their browsers' processes, then their directories.
//!
//! A directory is abandoned when nobody holds its lock. Only directories of our own user are looked at, since the
//! temporary folder is everybody's, and only processes that name such a directory as their profile are killed.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::process::{Pid, Signal, geteuid, getpgid, kill_process, kill_process_group};

use super::{LOCK_NAME, NAME_PREFIX, remove};

/// Looks through the temporary folder. Blocks; what cannot be removed is left for the next time.
pub(crate) fn remove_abandoned() {
    remove_abandoned_in(&env::temp_dir());
}

fn remove_abandoned_in(folder: &Path) {
    for directory in candidates(folder) {
        // Held until the directory is gone, so that two runs do not meet here.
        let lock = lock_of(&directory);
        if let Lock::Abandoned { .. } = lock {
            kill_users_of(&directory);
            remove(&directory);
            tracing::debug!(directory = %directory.display(), "removed what a killed run left");
        }
    }
}

fn candidates(folder: &Path) -> Vec<PathBuf> {
    use std::os::unix::fs::MetadataExt;
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(NAME_PREFIX))
        // The metadata of the entry itself, never of what a link points to.
        .filter(|entry| {
            entry
                .metadata()
                .is_ok_and(|metadata| metadata.is_dir() && metadata.uid() == geteuid().as_raw())
        })
        .map(|entry| entry.path())
        .take(CANDIDATES_MAX)
        .collect()
}

/// What a directory's lock says.
enum Lock {
    /// Its run is alive, or was begun a moment ago.
    Alive,
    /// Its run is dead. The lock is ours now, where there is one.
    Abandoned { _lock: Option<File> },
}

fn lock_of(directory: &Path) -> Lock {
    match File::open(directory.join(LOCK_NAME)) {
        Ok(lock) if lock.try_lock().is_ok() => Lock::Abandoned { _lock: Some(lock) },
        Ok(_) => Lock::Alive,
        Err(_) if is_old(directory) => Lock::Abandoned { _lock: None },
        // Its run may be between making the directory and the lock.
        Err(_) => Lock::Alive,
    }
}

fn is_old(directory: &Path) -> bool {
    let modified = fs::metadata(directory).and_then(|metadata| metadata.modified());
    let age = modified.map(|modified| SystemTime::now().duration_since(modified));
    matches!(age, Ok(Ok(age)) if age > LOCK_PATIENCE)
}

/// Kills every process that was started with a profile below the directory, each with its group where it leads one.
fn kill_users_of(directory: &Path) {
    let marker = format!("--user-data-dir={}/", directory.display());
    for process in users_of(&marker) {
        if getpgid(Some(process)).is_ok_and(|group| group == process) {
            let _ = kill_process_group(process, Signal::KILL);
        }
        let _ = kill_process(process, Signal::KILL);
    }
}

fn users_of(marker: &str) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let id = entry.file_name().to_string_lossy().parse().ok()?;
            let command = fs::read(entry.path().join("cmdline")).ok()?;
            let mut arguments = command.split(|&byte| byte == 0);
            arguments
                .any(|argument| argument.starts_with(marker.as_bytes()))
                .then(|| Pid::from_raw(id))?
        })
        .collect()
}

const CANDIDATES_MAX: usize = 256;
/// A directory without a lock is abandoned when it is older than this.
const LOCK_PATIENCE: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::profile::{Profile, create_private, take_lock};

    #[test]
    fn only_what_nobody_holds_is_removed() {
        let folder = Profile::create().expect("folder");
        let make = |name: &str| {
            let path = folder.path().join(format!("{NAME_PREFIX}{name}"));
            create_private(&path).expect("directory");
            path
        };
        let held = make("held");
        let _lock = take_lock(&held).expect("lock");
        let left = make("left");
        drop(take_lock(&left).expect("lock"));
        fs::write(left.join("Cookies"), "x").expect("write");
        let starting = make("starting");
        let link = folder.path().join(format!("{NAME_PREFIX}link"));
        std::os::unix::fs::symlink(&left, &link).expect("link");
        let other = folder.path().join("something-else");
        fs::create_dir(&other).expect("directory");

        remove_abandoned_in(folder.path());
        assert!(held.exists() && starting.exists() && other.exists());
        assert!(!left.exists());
        assert!(link.is_symlink());
    }

    #[test]
    fn processes_that_use_an_abandoned_directory_are_killed() {
        let folder = Profile::create().expect("folder");
        let left = folder.path().join(format!("{NAME_PREFIX}left"));
        create_private(&left).expect("directory");
        drop(take_lock(&left).expect("lock"));
        let start = |profile: &Path| {
            let argument = format!("--user-data-dir={}/user-data", profile.display());
            Command::new("sh")
                .args(["-c", "while :; do sleep 1; done", "sh", &argument])
                .spawn()
                .expect("sh")
        };
        let mut user = start(&left);
        let mut stranger = start(&folder.path().join("another"));
        remove_abandoned_in(folder.path());
        assert!(!user.wait().expect("wait").success());
        assert!(stranger.try_wait().expect("wait").is_none());
        stranger.kill().expect("kill");
        stranger.wait().expect("wait");
        assert!(!left.exists());
    }
}
