//! Processes of this machine, told apart by what is in their command line.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use tokio::time::timeout;

/// A running process.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    pub(crate) id: u32,
    parent: u32,
    /// Its arguments, separated by blanks.
    pub(crate) line: String,
}

pub(crate) fn running() -> Vec<Process> {
    let entries = fs::read_dir("/proc").expect("proc").flatten();
    entries
        .filter_map(|entry| {
            let id = entry.file_name().to_string_lossy().parse().ok()?;
            let line = fs::read(entry.path().join("cmdline")).ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let (_, fields) = stat.rsplit_once(')')?;
            Some(Process {
                id,
                parent: fields.split_whitespace().nth(1)?.parse().ok()?,
                line: String::from_utf8_lossy(&line).replace('\0', " "),
            })
        })
        .collect()
}

/// Processes whose command line holds this text.
pub(crate) fn with(marker: &str) -> Vec<Process> {
    let all = running().into_iter();
    all.filter(|process| process.line.contains(marker))
        .collect()
}

/// The browser itself, without the scripts that start it.
pub(crate) fn browser(marker: &str) -> Process {
    let found = with(marker).into_iter();
    let mut found =
        found.filter(|process| !is_script(process) && !process.line.contains("--type="));
    found.next().expect("the browser runs")
}

/// The renderers below the browser.
pub(crate) fn renderers(marker: &str) -> Vec<Process> {
    let running = running();
    let mut family = vec![browser(marker).id];
    let mut at = 0;
    while at < family.len() {
        let children = running
            .iter()
            .filter(|process| process.parent == family[at]);
        family.extend(children.map(|process| process.id).collect::<Vec<_>>());
        at += 1;
    }
    let of_family = running
        .into_iter()
        .filter(|process| family.contains(&process.id));
    of_family
        .filter(|process| process.line.contains("--type=renderer"))
        .collect()
}

fn is_script(process: &Process) -> bool {
    let program = process.line.split(' ').next().unwrap_or_default();
    program.ends_with("sh") && !program.contains("headless")
}

/// Sends a signal by its name.
pub(crate) fn signal(name: &str, process: u32) {
    let status = Command::new("sh")
        .args(["-c", "kill -\"$0\" \"$1\"", name, &process.to_string()])
        .status();
    assert!(status.expect("sh").success(), "{name} to {process}");
}

/// The directory of the run whose command line holds this text.
pub(crate) fn profile_of(marker: &str) -> PathBuf {
    let found = with(marker);
    let profile = found.iter().find_map(|process| {
        process
            .line
            .split_once("--user-data-dir=")?
            .1
            .split(' ')
            .next()
    });
    let profile = PathBuf::from(profile.expect("the browser runs"));
    profile
        .parent()
        .expect("inside the run's directory")
        .to_owned()
}

/// Waits until no process holds this text. A killed process stays listed until its parent has noticed.
pub(crate) async fn all_gone(marker: &str) {
    let gone = async {
        while !with(marker).is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_mins(1), gone)
        .await
        .expect("all processes end");
}
