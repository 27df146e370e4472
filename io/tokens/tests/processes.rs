//! Many processes that want one token: one of them reads it, also where the first one is killed meanwhile.
//!
//! This test's program is started again as each of the processes. In place of a browser they note their visit in a file.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, process};

use tempfile::TempDir;
use towpath_tokens::{Cache, CacheSettings, Freshness, Held, Place, ReadError, Reader, Source};

/// Names the folder to a process that was started by one of these tests.
const FOLDER: &str = "TOWPATH_TOKENS_TEST_FOLDER";

/// How long a visit takes, in milliseconds.
const VISIT: &str = "TOWPATH_TOKENS_TEST_VISIT_MS";

struct Page<'a> {
    folder: &'a Path,
    takes: Duration,
}

impl Reader for Page<'_> {
    async fn read(&self, _: &Source) -> Result<Held, ReadError> {
        note(self.folder, "visits", &process::id().to_string());
        tokio::time::sleep(self.takes).await;
        Ok(Held {
            value: format!("read-by-{}", process::id()),
            cookie_expires_unix_s: None,
        })
    }
}

/// One of the processes; does nothing where nobody started it as one.
#[tokio::test]
async fn one_process() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let takes: u64 = env::var(VISIT).unwrap().parse().unwrap();
    let cache = Cache::open(CacheSettings {
        folder: folder.join("tokens"),
        keyring: false,
    })
    .unwrap();
    let page = Page {
        folder,
        takes: Duration::from_millis(takes),
    };
    let token = cache
        .get(&source(), Freshness::Cached, &page)
        .await
        .unwrap();
    note(folder, "tokens-got", token.value());
}

#[test]
fn twenty_processes_cause_one_visit() {
    let folder = tempfile::tempdir().unwrap();
    let started: Vec<Child> = (0..20).map(|_| start(&folder, 1_000)).collect();
    ended(started);
    let got = lines(&folder, "tokens-got");
    assert_eq!(got.len(), 20);
    assert!(got.iter().all(|token| *token == got[0]), "{got:?}");
    assert_eq!(lines(&folder, "visits").len(), 1);
}

#[test]
fn a_killed_process_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = start(&folder, 60_000);
    let patience = Instant::now() + Duration::from_secs(30);
    while lines(&folder, "visits").is_empty() {
        assert!(Instant::now() < patience, "the first process reads");
        std::thread::sleep(Duration::from_millis(10));
    }
    let others: Vec<Child> = (0..5).map(|_| start(&folder, 100)).collect();
    first.kill().unwrap();
    first.wait().unwrap();
    ended(others);
    assert_eq!(lines(&folder, "tokens-got").len(), 5);
    assert_eq!(lines(&folder, "visits").len(), 2);
}

fn source() -> Source {
    let place = Place::Cookie {
        name: "session".to_owned(),
    };
    Source::new("https://app.example/", place, None).expect("it is a source")
}

/// Starts this program again as one of the processes.
fn start(folder: &TempDir, visit_ms: u32) -> Child {
    Command::new(env::current_exe().expect("this program has a file"))
        .args(["--exact", "one_process", "--nocapture"])
        .env(FOLDER, folder.path())
        .env(VISIT, visit_ms.to_string())
        .stdout(Stdio::null())
        .spawn()
        .expect("this program can be started")
}

fn ended(processes: Vec<Child>) {
    for mut process in processes {
        assert!(process.wait().expect("it ends").success());
    }
}

/// Adds a line to a file. Short appended lines do not mix.
fn note(folder: &Path, name: &str, line: &str) {
    let path = folder.join(name);
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .open(path)
        .expect("the folder is ours");
    file.write_all(format!("{line}\n").as_bytes())
        .expect("there is room for a line");
}

fn lines(folder: &TempDir, name: &str) -> Vec<String> {
    let text = fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}
