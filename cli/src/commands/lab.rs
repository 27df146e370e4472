//! `towpath lab`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use towpath_lab::{
    Fault, NETWORKS, NetworkOptions, Options, Running, RunningNetwork, Settings, Tls, faults, find,
    find_networks, start, start_network,
};

use crate::arguments::LabArguments;

mod chat;

/// Lists the faults, or runs one until Ctrl-C.
pub(crate) fn run(arguments: &LabArguments) -> anyhow::Result<ExitCode> {
    let Some(name) = &arguments.name else {
        let listed = if arguments.json { list_json() } else { list() };
        io::stdout().write_all(listed.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    if find_networks(name).is_some() {
        return run_network(name, arguments);
    }
    if let Some(server) = chat::find(name) {
        return chat::run(server, arguments);
    }
    if arguments.archive.is_some() {
        bail!("--archive is for stand-ins for chat servers");
    }
    if arguments.tls && find(name).is_some() {
        bail!("--tls is for networks; whether a fault speaks TLS is part of it");
    }
    let options = Options {
        listen: arguments.listen,
        upstream: arguments.upstream.clone(),
        ca_out: arguments.ca_out.clone(),
        period: arguments.seconds,
    };
    super::block_on(async {
        let running = start(name, options).await?;
        io::stdout().write_all(greeting(&running).as_bytes())?;
        io::stdout().flush()?;
        super::interrupted().await;
        running.stop().await;
        Ok(ExitCode::SUCCESS)
    })?
}

/// Runs a network until Ctrl-C.
fn run_network(name: &str, arguments: &LabArguments) -> anyhow::Result<ExitCode> {
    let options = NetworkOptions {
        listen: arguments.listen,
        upstream: arguments.upstream.clone(),
        tls: if arguments.tls {
            Tls::Inspected
        } else {
            Tls::None
        },
        settings: Settings {
            period: arguments.seconds,
            ..Settings::default()
        },
        ..NetworkOptions::default()
    };
    super::block_on(async {
        let running = start_network(name, options).await?;
        if let Some(file) = &arguments.ca_out {
            std::fs::write(file, running.ca_pem())
                .with_context(|| format!("cannot write {}", file.display()))?;
        }
        io::stdout().write_all(network_greeting(&running).as_bytes())?;
        io::stdout().flush()?;
        super::interrupted().await;
        Ok(ExitCode::SUCCESS)
    })?
}

fn list() -> String {
    let width = faults()
        .iter()
        .map(|fault| fault.name.len())
        .max()
        .unwrap_or(0);
    let line = |fault: &Fault| {
        format!(
            "{:width$}  {:<9}  {}\n",
            fault.name, fault.kind, fault.summary
        )
    };
    let networks = NETWORKS.iter().map(|network| {
        format!(
            "{:width$}  {:<9}  {}\n",
            network.name, "network", network.summary
        )
    });
    let chat = chat::SERVERS.iter().map(|server| {
        format!(
            "{:width$}  {:<9}  {}\n",
            server.name, "chat", server.summary
        )
    });
    faults()
        .iter()
        .map(line)
        .chain(networks)
        .chain(chat)
        .collect()
}

fn list_json() -> String {
    let networks = NETWORKS.iter().map(|network| {
        serde_json::json!({
            "name": network.name,
            "kind": "network",
            "summary": network.summary,
            "causes": [],
        })
    });
    let chat = chat::SERVERS.iter().map(|server| {
        serde_json::json!({
            "name": server.name,
            "kind": "chat",
            "summary": server.summary,
            "causes": [],
        })
    });
    let all: Vec<_> = faults()
        .iter()
        .map(|fault| {
            serde_json::json!({
                "name": fault.name,
                "kind": fault.kind.to_string(),
                "summary": fault.summary,
                "causes": fault.causes,
            })
        })
        .chain(networks)
        .chain(chat)
        .collect();
    format!("{:#}\n", serde_json::Value::Array(all))
}

fn greeting(running: &Running) -> String {
    let fault = running.fault();
    let command: Vec<String> = running
        .check_arguments()
        .iter()
        .map(|word| quoted(word))
        .collect();
    format!(
        "{} ({}) at {}\n{}\n\ntowpath check {}\n\nCtrl-C ends it.\n",
        fault.name,
        fault.kind,
        running.address(),
        fault.summary,
        command.join(" ")
    )
}

fn network_greeting(running: &RunningNetwork) -> String {
    let summaries: Vec<&str> = find_networks(running.name())
        .unwrap_or_default()
        .iter()
        .map(|network| network.summary)
        .collect();
    format!(
        "{} (network) at {}\n{}\n\n{}\n\nCtrl-C ends it.\n",
        running.name(),
        running.address(),
        summaries.join("\n"),
        running.url()
    )
}

/// A word as a POSIX shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("wss://h:1/x"), "wss://h:1/x");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("?a&b"), "'?a&b'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn every_fault_and_network_is_listed() {
        let (text, json) = (list(), list_json());
        let networks = NETWORKS.iter().map(|network| network.name);
        let chat = chat::SERVERS.iter().map(|server| server.name);
        let all = faults().iter().map(|fault| fault.name);
        for name in all.chain(networks).chain(chat) {
            assert!(text.contains(name) && json.contains(name), "{name}");
        }
    }
}
