//! `towpath dial` as a user starts it, with a home and a temporary folder that only this test has.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time::sleep;
use towpath_lab::Running;
use towpath_tests::support::{Folder, Program, check};

use crate::ask::Ask;
use crate::processes;

/// A home that several runs of the program can share.
#[derive(Debug, Default)]
pub(crate) struct Home(Folder);

impl Home {
    /// Where profiles of browsers are made.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.0.path().join("tmp")
    }

    /// Profiles of browsers that are there.
    pub(crate) fn profiles(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.temporary())
            .into_iter()
            .flatten()
            .flatten();
        entries.map(|entry| entry.path()).collect()
    }

    /// A file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The program under test, at home here.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(check::binary());
        command.args(words);
        self.settle(&mut command);
        command
    }

    fn settle(&self, command: &mut Command) {
        fs::create_dir_all(self.temporary()).expect("the temporary folder is writable");
        command
            .env("HOME", self.0.path())
            .env("TMPDIR", self.temporary());
        for name in [
            "XDG_STATE_HOME",
            "XDG_CONFIG_HOME",
            "XDG_CACHE_HOME",
            "XDG_DATA_HOME",
        ] {
            command.env_remove(name);
        }
        for name in [
            "http_proxy",
            "https_proxy",
            "all_proxy",
            "no_proxy",
            "ws_proxy",
            "wss_proxy",
        ] {
            command.env_remove(name).env_remove(name.to_uppercase());
        }
    }
}

/// A running `towpath dial`. Dropping it asks it to end.
pub(crate) struct Dial {
    program: Program,
    port: u16,
}

impl Dial {
    /// Starts it; `words` are all arguments but the place to listen at.
    pub(crate) fn start(home: &Home, words: &[&str]) -> Self {
        let folder = Folder::new();
        let mut command = home.command(&["dial", "--json", "--listen", "127.0.0.1:0"]);
        command.args(words);
        let program = Program::start(folder, &mut command).saying(GREETING);
        let output = program.output();
        let port = output
            .split_once(GREETING)
            .and_then(|(_, rest)| rest.split('/').next()?.parse().ok())
            .unwrap_or_else(|| panic!("no port in {output}"));
        Self { program, port }
    }

    /// The same for a stand-in or a fault of the lab, which it is told to trust.
    pub(crate) fn to_lab(home: &Home, running: &Running, words: &[&str]) -> Self {
        let url = running.url();
        let root = running.ca_path().map(|path| path.display().to_string());
        let mut all: Vec<&str> = words.to_vec();
        if let Some(root) = &root {
            all.extend(["--cacert", root]);
        }
        all.push(&url);
        Self::start(home, &all)
    }

    /// A handshake at it.
    pub(crate) fn ask(&self, path: &str) -> Ask {
        Ask::at(self.port, path)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// All that it has printed.
    pub(crate) fn output(&self) -> String {
        self.program.output()
    }

    /// What it told, of one type, once that happened as often.
    pub(crate) async fn told(&self, kind: &str, count: usize) -> Vec<Value> {
        self.events(count, |event| event["type"] == kind).await
    }

    /// Why a connection was refused or failed, with the cause that was named.
    pub(crate) async fn cause(&self) -> Value {
        let mut named = self.events(1, |event| event["cause"].is_string()).await;
        named.remove(0)
    }

    /// The events of a kind. They are told a moment after the program was answered.
    async fn events(&self, count: usize, of_kind: impl Fn(&Value) -> bool) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let output = self.output();
            // Its log, and a line that is being written, are no JSON.
            let events = output
                .lines()
                .filter_map(|line| serde_json::from_str(line).ok());
            let events: Vec<Value> = events.filter(&of_kind).collect();
            if events.len() >= count {
                return events;
            }
            assert!(began.elapsed() < PATIENCE, "{count} events:\n{output}");
            sleep(BEAT).await;
        }
    }

    /// The one connection's way, and the line that says why.
    pub(crate) async fn way(&self) -> (String, String) {
        let opened = self.told("opened", 1).await;
        let text = |name: &str| opened[0][name].as_str().unwrap_or_default().to_owned();
        (text("way"), text("why"))
    }

    /// Its process.
    pub(crate) fn process(&self) -> u32 {
        self.program.process()
    }

    /// Kills it as the system does when memory runs out, and waits until it is gone.
    pub(crate) async fn kill(&self) {
        processes::kill(self.process());
        processes::gone(&[self.process()]).await;
    }
}

const GREETING: &str = "\"listening\",\"url\":\"ws://127.0.0.1:";
const PATIENCE: Duration = Duration::from_secs(20);
const BEAT: Duration = Duration::from_millis(20);
