//! Socket.IO with connection state recovery, from npm: server and clients as programs of their own.
//!
//! Three ways to use it: as it comes, with repeated sends, and with a quick reconnection on top.

use super::relay::Relay;
use super::samples::{Sample, Summary, Way, summarize};
use super::{Course, Plan, cut, in_a_while};
use crate::process::{Core, Log, Program, find, free_address};
use crate::settings::Settings;
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::time::Duration;

/// A way to configure Socket.IO.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    pub(super) name: &'static str,
    /// Word for the client's script.
    word: &'static str,
}

pub(super) const VARIANTS: [Variant; 3] = [
    Variant {
        name: "socket.io, recovery",
        word: "plain",
    },
    Variant {
        name: "socket.io, recovery and retries",
        word: "retries",
    },
    Variant {
        name: "socket.io, recovery, retries, quick reconnection",
        word: "quick",
    },
];

/// How long the programs may take to print and end after the run.
const ENDING: Duration = Duration::from_secs(2);

pub(super) async fn run(
    settings: &Settings,
    variant: Variant,
    plan: Plan,
    apart: Duration,
) -> Result<Summary> {
    let Some(node) = find("node").filter(|_| settings.npm.join("node_modules/socket.io").is_dir())
    else {
        bail!("not installed");
    };
    let node = node.to_string_lossy();
    let folder = std::path::absolute(&settings.npm)?;
    let folder = folder.to_str().context("a path that is no text")?;
    let address = free_address()?;
    let start = in_a_while();
    let mut relay = Relay::start(address).await?;
    let course = Course {
        plan,
        start,
        address: relay.address,
    };
    let prepared = tempfile::TempDir::with_prefix("towpath-bench-")?;
    let launch = |core, script: &str, port: u16| {
        let mut words = vec![format!("{folder}/{script}"), port.to_string()];
        words.extend(arguments(&course, variant));
        let mut line = vec![&*node];
        line.extend(words.iter().map(String::as_str));
        let output = prepared.path().join(script);
        Program::start(core, &line, prepared.path(), Log::File(&output))
    };
    let mut server = launch(Core::Party, "socket-io-server.mjs", address.port())?;
    server.wait_for(address)?;
    let client = launch(
        Core::Generator,
        "socket-io-clients.mjs",
        course.address.port(),
    )?;
    let cuts = cut(&mut relay, &course, apart).await;
    tokio::time::sleep(ENDING).await;
    drop((client, server));
    let mut samples = samples(&prepared.path().join("socket-io-server.mjs"))?;
    samples.extend(self::samples(
        &prepared.path().join("socket-io-clients.mjs"),
    )?);
    Ok(summarize(&course.plan, &samples, &cuts))
}

fn arguments(course: &Course, variant: Variant) -> [String; 6] {
    let plan = &course.plan;
    [
        plan.clients.to_string(),
        plan.messages.to_string(),
        plan.interval.as_millis().to_string(),
        course.start.to_string(),
        plan.duration().as_millis().to_string(),
        variant.word.to_owned(),
    ]
}

fn samples(file: &Path) -> Result<Vec<Sample>> {
    let text = std::fs::read_to_string(file)?;
    text.lines().map(sample).collect()
}

/// A line of the scripts: direction, client, number, sent, received.
fn sample(line: &str) -> Result<Sample> {
    let words: Vec<&str> = line.split(' ').collect();
    let [way, client, number, sent, received] = words[..] else {
        bail!("the script says: {line}");
    };
    Ok(Sample {
        way: match way {
            "up" => Way::Up,
            "down" => Way::Down,
            _ => bail!("the script says: {line}"),
        },
        client: client.parse()?,
        number: number.parse()?,
        sent: sent.parse()?,
        received: received.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_scripts_are_read_and_errors_are_told() {
        let read = sample("down 3 7 1000.25 1001.5").unwrap();
        assert_eq!((read.way, read.client, read.number), (Way::Down, 3, 7));
        let error = sample("Error: cannot find module").unwrap_err();
        assert!(error.to_string().contains("cannot find module"));
        assert!(sample("up 3 x 1 2").is_err());
    }
}
