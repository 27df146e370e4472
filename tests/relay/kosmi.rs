//! The Kosmi end: the lab's stand-in or npm's GraphQL servers, worked by the same control.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use towpath_tests::boxes::{Running, node};
use towpath_tests::support::{Folder, Program, check, port, request};

/// Which server it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Server {
    /// The lab's, which has the failures of the notes.
    Lab,
    /// The lab's, by the older subprotocol.
    LabLegacy,
    /// npm's `graphql-ws`.
    Npm,
    /// npm's `subscriptions-transport-ws`.
    NpmLegacy,
}

impl Server {
    /// The subprotocol that it speaks.
    pub(crate) fn subprotocol(self) -> &'static str {
        match self {
            Self::Lab | Self::Npm => "graphql-transport-ws",
            Self::LabLegacy | Self::NpmLegacy => "graphql-ws",
        }
    }
}

/// A running server with rooms.
pub(crate) struct Kosmi {
    running: Running,
    pub(crate) server: Server,
}

/// A message that stands in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) name: String,
    /// Whether a client said it, not the control.
    pub(crate) by_client: bool,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}> {}", self.name, self.text)
    }
}

impl Kosmi {
    pub(crate) fn start(server: Server) -> Self {
        let running = match server {
            Server::Lab => lab("kosmi", port::free(), &[]),
            Server::LabLegacy => lab("kosmi-legacy", port::free(), &[]),
            Server::Npm => node::start("kosmi.mjs", ""),
            Server::NpmLegacy => node::start("kosmi.mjs", "--legacy"),
        };
        Self { running, server }
    }

    /// The lab's on a port, with an archive that survives it.
    pub(crate) fn kept(port: u16, archive: &Path) -> Self {
        let archive = archive.display().to_string();
        Self {
            running: lab("kosmi", port, &["--archive", &archive]),
            server: Server::Lab,
        }
    }

    /// The lab's, which closes on clients that are silent for so many seconds.
    pub(crate) fn impatient(seconds: &str) -> Self {
        Self {
            running: lab("kosmi", port::free(), &["--seconds", seconds]),
            server: Server::Lab,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.running.port
    }

    pub(crate) fn url(&self) -> String {
        self.running.ws("/gql-ws")
    }

    pub(crate) fn login_url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port())
    }

    pub(crate) fn kill(&mut self) {
        self.running.kill();
    }

    /// Says something as a person, and gives its id.
    pub(crate) fn say(&self, room: &str, name: &str, text: &str) -> String {
        let said = self.control("say", &json!({ "room": room, "name": name, "text": text }));
        said["id"].as_str().expect("an id").to_owned()
    }

    /// Has the control do something.
    pub(crate) fn control(&self, what: &str, body: &Value) -> Value {
        let path = format!("/control/{what}");
        let (status, answer) =
            request::post(self.port(), &path, body).expect("the server is there");
        assert_eq!(status, 200, "{what} {body}: {answer}");
        serde_json::from_str(&answer).expect("answers are JSON")
    }

    /// Sets what goes wrong.
    pub(crate) fn trouble(&self, parts: &Value) {
        self.control("troubles", parts);
    }

    /// What was counted.
    pub(crate) fn counts(&self) -> Value {
        let (_, answer) =
            request::get(self.port(), "/control/counts").expect("the server is there");
        serde_json::from_str(&answer).expect("answers are JSON")
    }

    /// All that stands in a room.
    pub(crate) fn room(&self, room: &str) -> Vec<Line> {
        let path = format!("/control/room?room={}", room.replace('@', "%40"));
        let (_, answer) = request::get(self.port(), &path).expect("the server is there");
        let answer: Value = serde_json::from_str(&answer).expect("answers are JSON");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let lines = answer["messages"].as_array().cloned().unwrap_or_default();
        lines
            .iter()
            .map(|line| Line {
                id: text(&line["id"]),
                text: text(&line["text"]),
                name: text(&line["name"]),
                by_client: line["by_client"] == true,
            })
            .collect()
    }

    /// What clients said in a room, the oldest first.
    pub(crate) fn told(&self, room: &str) -> Vec<String> {
        let lines = self.room(room).into_iter();
        lines
            .filter(|line| line.by_client)
            .map(|line| line.text)
            .collect()
    }

    /// Waits until a client said something with these words in it.
    pub(crate) fn hears(&self, room: &str, words: &str) -> String {
        let began = Instant::now();
        loop {
            let told = self.told(room);
            if let Some(text) = told.iter().find(|text| text.contains(words)) {
                return text.clone();
            }
            assert!(
                began.elapsed() < PATIENCE,
                "nothing of {words:?} in {room}: {told:?}"
            );
            thread::sleep(BEAT);
        }
    }
}

fn lab(name: &str, port: u16, more: &[&str]) -> Running {
    let mut command = Command::new(check::binary());
    command
        .args(["lab", name, "--listen", &format!("127.0.0.1:{port}")])
        .args(more);
    Running::new(
        port,
        Program::start(Folder::new(), &mut command).listening(port),
    )
}

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const BEAT: Duration = Duration::from_millis(20);
