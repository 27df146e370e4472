//! Programs that are measured: started on a core of their own, watched through `/proc`, ended by their id.
//!
//! It must never end a process that it did not start.

mod stat;

use anyhow::{Context as _, Result, bail};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) use stat::{Footprint, cpu_seconds, family, footprint, load_average, resident_bytes};

/// How long a program may take until it listens, in seconds.
const START_SECONDS_MAX: u64 = 15;

/// Time between two looks whether a program listens; the times of cold starts are as exact as that.
const LISTENING_POLL: Duration = Duration::from_millis(2);

/// How long a program may take to end after it was asked to.
const STOP_TIME_MAX: Duration = Duration::from_secs(3);

/// File descriptors that each program shall have: two for each of 10,000 sessions, and more than enough besides.
const FILES_WANTED: u32 = 100_000;

/// File descriptors that a program needs beside those of its sessions.
const FILES_BESIDE: usize = 150;

/// Where a process may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Core {
    /// The core of generator and backend.
    Generator,
    /// The core of the measured party.
    Party,
    /// Wherever the system puts it: what has many processes cannot live on one core.
    Any,
}

impl Core {
    /// The list for `taskset`; nothing where there is only one core.
    fn list(self) -> Option<String> {
        // Not what this process may use: that is one core for most of a run.
        let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let cores = text
            .lines()
            .filter(|line| line.starts_with("processor"))
            .count();
        match self {
            _ if cores < 2 => None,
            Self::Generator => Some("0".to_owned()),
            Self::Party => Some("1".to_owned()),
            Self::Any => Some(format!("0-{}", cores - 1)),
        }
    }
}

/// A program with everything that it started.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    started: Instant,
}

impl Program {
    /// Starts a command line on a core. It gets SIGTERM when this process dies, so that nothing is left over.
    pub(crate) fn start(core: Core, words: &[&str], folder: &Path, log: Log<'_>) -> Result<Self> {
        let limit = format!("--nofile={FILES_WANTED}:{FILES_WANTED}");
        let mut line = vec!["setpriv", "--pdeathsig", "TERM"];
        if may_raise_files() {
            line.extend(["prlimit", &limit]);
        }
        let list = core.list();
        if let Some(list) = &list {
            line.extend(["taskset", "-c", list]);
        }
        line.extend(words);
        let (output, errors) = match log {
            Log::File(path) => {
                let file = std::fs::File::create(path)?;
                (Stdio::from(file.try_clone()?), Stdio::from(file))
            }
            Log::Piped => (Stdio::piped(), Stdio::inherit()),
        };
        let started = Instant::now();
        let child = Command::new(line[0])
            .args(&line[1..])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .with_context(|| format!("cannot start {}", words[0]))?;
        Ok(Self { child, started })
    }

    /// Its process id. The wrappers that pin it replace themselves, so this is the program's own.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// When it was started, its wrappers included.
    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    /// What it prints, where that is piped; once only.
    pub(crate) fn output(&mut self) -> Option<std::process::ChildStdout> {
        self.child.stdout.take()
    }

    /// Waits until something accepts connections at `address`; an error if the program ends before.
    pub(crate) fn wait_for(&mut self, address: SocketAddr) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(START_SECONDS_MAX);
        loop {
            if std::net::TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended at once: {status}");
            }
            if Instant::now() > until {
                bail!("nothing listens at {address} after {START_SECONDS_MAX} s");
            }
            std::thread::sleep(LISTENING_POLL);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let members = family(self.id());
        signal("-TERM", &[self.id()]);
        let until = Instant::now() + STOP_TIME_MAX;
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Workers of a parent that died, and whatever did not listen to the first signal.
        let left: Vec<u32> = members
            .into_iter()
            .filter(|id| stat::is_descendant_or_orphan(*id, self.id()))
            .collect();
        signal("-KILL", &left);
        // The result is of no use: the process is gone either way.
        let _ = self.child.wait();
    }
}

/// Where a program's output goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Log<'a> {
    /// Both streams into a file.
    File(&'a Path),
    /// Output is read by this process, errors go to the terminal.
    Piped,
}

/// How many sessions with two sockets each a program can have here.
pub(crate) fn sessions_max() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    stat::files_max(&limits)
        .unwrap_or(1024)
        .saturating_sub(FILES_BESIDE)
        / 2
}

/// Raises this process's own limit of open files as far as allowed.
pub(crate) fn raise_files() {
    let own = std::process::id().to_string();
    if may_raise_files() {
        let limit = format!("--nofile={FILES_WANTED}:{FILES_WANTED}");
        quiet(&["prlimit", "--pid", &own, &limit]);
    }
}

/// Lets this process run there from now on.
pub(crate) fn settle_on(core: Core) {
    let own = std::process::id().to_string();
    if let Some(list) = core.list() {
        quiet(&["taskset", "-pc", &list, &own]);
    }
}

/// Where a program is: the search path, then the folders of servers.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// A port of 127.0.0.1 that was free a moment ago.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?)
}

fn may_raise_files() -> bool {
    quiet(&[
        "prlimit",
        &format!("--nofile={FILES_WANTED}:{FILES_WANTED}"),
        "true",
    ])
}

fn signal(name: &str, ids: &[u32]) {
    if ids.is_empty() {
        return;
    }
    let words: Vec<String> = ids.iter().map(u32::to_string).collect();
    let mut line = vec!["kill", name];
    line.extend(words.iter().map(String::as_str));
    quiet(&line);
}

fn quiet(line: &[&str]) -> bool {
    Command::new(line[0])
        .args(&line[1..])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_ends_with_its_children() {
        let program = Program::start(
            Core::Party,
            &["sh", "-c", "sleep 1000 & sleep 1000"],
            Path::new("."),
            Log::Piped,
        )
        .unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while family(program.id()).len() < 3 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(5));
        }
        let members = family(program.id());
        assert_eq!(members.len(), 3, "{members:?}");
        drop(program);
        let until = Instant::now() + Duration::from_secs(10);
        let alive = |id: &u32| Path::new(&format!("/proc/{id}/exe")).read_link().is_ok();
        while members.iter().any(alive) {
            assert!(Instant::now() < until, "{members:?} are still there");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn a_program_that_ends_at_once_is_told() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut program = Program::start(
            Core::Party,
            &["false"],
            Path::new("."),
            Log::File(log.path()),
        )
        .unwrap();
        let error = program.wait_for(free_address().unwrap()).unwrap_err();
        assert!(error.to_string().contains("ended at once"), "{error}");
    }
}
