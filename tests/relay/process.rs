//! `towpath relay` as an operator runs it: a configuration, a process that is started, killed and reloaded, its status.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Instant;

use serde_json::Value;
use towpath_tests::support::{Folder, Program, check, port, request};

use crate::kosmi::{BEAT, PATIENCE};

/// A relay with a home of its own.
pub(crate) struct Relay {
    home: Folder,
    port: u16,
    program: Option<Program>,
}

impl Relay {
    /// Starts it with sides and links; where its state and its status are is added.
    pub(crate) fn start(settings: &str) -> Self {
        let mut relay = Self::stopped(settings);
        relay.go();
        relay
    }

    /// The same, and waits until all sides are ready.
    pub(crate) fn ready(settings: &str) -> Self {
        let relay = Self::start(settings);
        relay.is_ready();
        relay
    }

    /// One that is not running yet.
    pub(crate) fn stopped(settings: &str) -> Self {
        let relay = Self {
            home: Folder::new(),
            port: port::free(),
            program: None,
        };
        relay.configure(settings);
        relay
    }

    /// Writes another configuration, and beside it a profile for each generation of the protocol.
    pub(crate) fn configure(&self, settings: &str) {
        let port = self.port;
        let whole = format!(
            "state = \"relay.sqlite\"\n[status]\nlisten = \"127.0.0.1:{port}\"\n{settings}"
        );
        for subprotocol in ["graphql-ws", "graphql-transport-ws"] {
            let profile = format!("[service]\nsubprotocols = [\"{subprotocol}\"]\n");
            self.home.write(&format!("{subprotocol}.toml"), &profile);
        }
        let path = self.home.write("relay.toml", &whole);
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("the file is ours");
    }

    /// Where its configuration is.
    pub(crate) fn config(&self) -> PathBuf {
        self.home.path().join("relay.toml")
    }

    /// Runs it.
    pub(crate) fn go(&mut self) {
        let mut command = self.command(&["relay", "--config"]);
        command.arg(self.config());
        let program = Program::start(Folder::new(), &mut command);
        self.program = Some(program.listening(self.port));
    }

    /// The program under test, at home here.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(check::binary());
        command.args(words).env("HOME", self.home.path());
        for name in ["STATE", "CONFIG", "CACHE", "DATA"] {
            command.env_remove(format!("XDG_{name}_HOME"));
        }
        command.env_remove("STATE_DIRECTORY");
        command
    }

    /// Ends it as the system does when memory runs out.
    pub(crate) fn kill(&mut self) {
        self.running().kill();
        self.program = None;
    }

    /// Ends it as an operator does, and tells whether it said that all was well.
    pub(crate) fn end(&mut self) -> bool {
        self.running().signal("TERM");
        let is_well = self.running().ended();
        self.program = None;
        is_well
    }

    /// Has it read its configuration anew.
    pub(crate) fn reload(&mut self) {
        self.running().signal("HUP");
    }

    fn running(&mut self) -> &mut Program {
        self.program.as_mut().expect("it runs")
    }

    /// All that it has printed since it was last started.
    pub(crate) fn output(&self) -> String {
        self.program
            .as_ref()
            .map_or_else(String::new, Program::output)
    }

    /// Waits until it has printed something.
    pub(crate) fn says(&self, words: &str) {
        self.until(&format!("it does not say {words:?}"), |_| {
            self.output().contains(words)
        });
    }

    /// How it goes; null while it cannot be asked.
    pub(crate) fn status(&self) -> Value {
        let answer = request::get(self.port, "/status.json");
        answer.map_or(Value::Null, |(_, body)| {
            serde_json::from_str(&body).unwrap_or_default()
        })
    }

    /// A page of its listener, with the status of HTTP.
    pub(crate) fn page(&self, path: &str) -> (u16, String) {
        request::get(self.port, path).expect("it listens")
    }

    /// Whether all sides are ready.
    pub(crate) fn seems_ready(&self) -> bool {
        request::get(self.port, "/healthz").is_ok_and(|(status, _)| status == 200)
    }

    /// Waits until all sides are ready.
    pub(crate) fn is_ready(&self) {
        self.until("not all sides are ready", |_| {
            self.page("/healthz").0 == 200
        });
    }

    /// Waits until its status is as expected.
    pub(crate) fn until(&self, complaint: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let began = Instant::now();
        loop {
            let status = self.status();
            if holds(&status) {
                return status;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{complaint}: {status:#}\n{}",
                self.output()
            );
            thread::sleep(BEAT);
        }
    }

    /// Waits until nothing waits to be told.
    pub(crate) fn has_told_all(&self) -> Value {
        self.until("something is not told", |status| {
            let links = status["links"].as_array();
            links.is_some_and(|links| {
                links
                    .iter()
                    .flat_map(|link| link["members"].as_array().into_iter().flatten())
                    .all(|member| member["queue"]["waiting"] == 0)
            })
        })
    }
}
