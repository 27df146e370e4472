//! `towpath serve`.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use towpath_serve::config::{self, Settings, TlsSettings};
use towpath_serve::{Running, ServeError, log, start};

use crate::arguments::serve::ServeArguments;

/// Serves until a signal.
pub(crate) fn run(arguments: &ServeArguments) -> anyhow::Result<ExitCode> {
    let settings = settings(arguments)?;
    if arguments.check_config {
        towpath_serve::check(settings)?;
        writeln!(io::stdout(), "the settings are good")?;
        return Ok(ExitCode::SUCCESS);
    }
    log::start(&settings.log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        // Before the greeting: whoever reads it may end the process at once.
        let ended = super::signals::ended().map_err(ServeError::Signals)?;
        let token = settings.console.token_file.clone();
        let running = start(settings).await?;
        io::stdout().write_all(greeting(&running, &token).as_bytes())?;
        io::stdout().flush()?;
        ended.await;
        running.drain().await;
        Ok::<_, anyhow::Error>(())
    })?;
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

/// The file's settings, and the flags before them.
fn settings(arguments: &ServeArguments) -> Result<Settings, ServeError> {
    let usual = Path::new(USUAL_FILE);
    let mut settings = match &arguments.config {
        Some(file) => config::from_file(file)?,
        None if usual.exists() => config::from_file(usual)?,
        None => Settings::default(),
    };
    if let Some(url) = &arguments.upstream {
        settings.upstream.url = url.clone();
    }
    if !arguments.listen.is_empty() {
        settings.listen.clone_from(&arguments.listen);
    }
    if let (Some(certificate), Some(key)) = (&arguments.certificate, &arguments.key) {
        settings.tls = Some(TlsSettings {
            certificate: certificate.clone(),
            key: key.clone(),
        });
    }
    if arguments.upstream_ca.is_some() {
        settings.upstream.ca.clone_from(&arguments.upstream_ca);
    }
    settings
        .origins
        .allow
        .extend(arguments.origin.iter().cloned());
    if arguments.metrics.is_some() {
        settings.metrics.listen = arguments.metrics;
    }
    if arguments.console.is_some() {
        settings.console.listen = arguments.console;
    }
    config::check(&settings)?;
    Ok(settings)
}

fn greeting(running: &Running, token: &Path) -> String {
    let mut lines: Vec<String> = running
        .addresses()
        .iter()
        .map(|address| format!("listening on {address}"))
        .collect();
    lines.extend(
        running
            .metrics_address()
            .map(|address| format!("metrics on {address}")),
    );
    lines.extend(running.console_address().map(|address| {
        let token = token.display();
        format!("console on http://{address}/ (token in {token})")
    }));
    lines.push(String::new());
    lines.join("\n")
}

/// Read when no other file is named.
const USUAL_FILE: &str = "towpath.toml";
