//! The lab's stand-in for a Matterbridge that keeps a history, as a process that can be killed. The release of 2023 keeps none, so that
//! a relay that is killed loses what was just on its way from there.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use towpath_tests::boxes::Running;
use towpath_tests::support::{Folder, Program, check, request};

/// Starts it on a port; with a file it can be asked over its lives what was said.
pub(crate) fn start(port: u16, archive: Option<&Path>) -> Running {
    let mut command = Command::new(check::binary());
    command.args([
        "lab",
        "matterbridge-history",
        "--listen",
        &format!("127.0.0.1:{port}"),
    ]);
    if let Some(archive) = archive {
        command.arg("--archive").arg(archive);
    }
    Running::new(
        port,
        Program::start(Folder::new(), &mut command).listening(port),
    )
}

/// What was posted to a gateway, the oldest first.
pub(crate) fn told(port: u16, gateway: &str) -> Vec<String> {
    let path = format!("/control/room?room={gateway}");
    let (_, answer) = request::get(port, &path).expect("the server is there");
    let answer: Value = serde_json::from_str(&answer).expect("answers are JSON");
    let lines = answer["messages"].as_array().cloned().unwrap_or_default();
    lines
        .iter()
        .filter(|line| line["by_client"] == true)
        .map(|line| line["text"].as_str().unwrap_or_default().to_owned())
        .collect()
}
