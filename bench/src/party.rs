//! Who is measured. Each party is one file: how it is started, and what exactly is compared.
//!
//! It must never give one party more cores, threads or logging than another.

mod dial;
mod direct;
mod engine_io;
mod haproxy;
mod nginx;
mod puppeteer;
mod pushpin;
mod towpath;

use crate::load::Target;
use crate::process::{self, Program};
use crate::settings::Settings;
use anyhow::{Context as _, Result};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;
use tempfile::TempDir;

/// A party by name.
#[derive(Clone, Copy)]
pub(crate) struct Party {
    /// As it stands in the tables.
    pub(crate) name: &'static str,
    /// What is compared, in half a sentence.
    pub(crate) what: &'static str,
    /// Whether it can take TLS from the client, for the memory experiment.
    pub(crate) has_tls: bool,
    /// Starts it on the party's core; `None` where it is not installed.
    start: fn(&Site<'_>) -> Result<Option<Started>>,
}

/// All parties, the floor and the reference first.
pub(crate) const PARTIES: [Party; 8] = [
    direct::PARTY,
    haproxy::PARTY,
    nginx::PARTY,
    pushpin::PARTY,
    engine_io::ECHO,
    engine_io::RELAY,
    towpath::PASS_THROUGH,
    towpath::SESSION,
];

/// Ways from a program to a server that lets only browsers in, and without a browser for comparison; the floor first.
/// Each is a local endpoint that stands for the same backend.
pub(crate) const WAYS: [Party; 6] = [
    direct::NATIVE,
    dial::DIRECT,
    dial::HEADLESS_SHELL,
    dial::CHROMIUM,
    puppeteer::HEADLESS_SHELL,
    puppeteer::CHROMIUM,
];

/// The way that the others are set in relation to.
pub(crate) const FLOOR: &str = "native";

/// The party that CPU is set in relation to.
pub(crate) const REFERENCE: &str = "haproxy";

/// What a party needs to know to start.
struct Site<'a> {
    settings: &'a Settings,
    /// Where the echo backend listens.
    backend: SocketAddr,
    /// A folder of its own for configuration, sockets and logs.
    folder: &'a Path,
    /// Certificate chain and key in one file, and the certificate alone, where TLS is wanted.
    tls: Option<&'a Identity>,
}

impl Site<'_> {
    /// Where the party's output goes.
    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn write(&self, name: &str, text: &str) -> Result<String> {
        let path = self.folder.join(name);
        std::fs::write(&path, text)?;
        Ok(path
            .to_str()
            .context("a folder that is no text")?
            .to_owned())
    }
}

/// A party that was started but may not listen yet.
struct Started {
    programs: Vec<Program>,
    /// Where it will listen, with what is spoken there.
    target: Target,
}

/// A party that listens. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    programs: Vec<Program>,
    /// Where the load goes.
    pub(crate) target: Target,
    // Dropped last: the programs have files in it.
    _folder: TempDir,
}

impl Running {
    /// When its first program was started.
    pub(crate) fn started(&self) -> Result<Instant> {
        let first = self.programs.first().context("a party without a program")?;
        Ok(first.started())
    }

    /// Its processes, children included.
    pub(crate) fn members(&self) -> Vec<u32> {
        self.programs
            .iter()
            .flat_map(|program| process::family(program.id()))
            .collect()
    }
}

impl Party {
    /// Starts it and waits until it listens; `None` where it is not installed.
    pub(crate) fn start(
        &self,
        settings: &Settings,
        backend: SocketAddr,
        with_tls: bool,
    ) -> Result<Option<Running>> {
        let folder = TempDir::with_prefix("towpath-bench-")?;
        let identity = with_tls
            .then(|| Identity::make(folder.path()))
            .transpose()?;
        let site = Site {
            settings,
            backend,
            folder: folder.path(),
            tls: identity.as_ref(),
        };
        let Some(Started {
            mut programs,
            mut target,
        }) = (self.start)(&site)?
        else {
            return Ok(None);
        };
        let first = programs.first_mut().context("a party without a program")?;
        first.wait_for(target.address).with_context(|| {
            let log = std::fs::read_to_string(site.log()).unwrap_or_default();
            format!("{} does not start:\n{log}", self.name)
        })?;
        target.tls = identity.map(|identity| identity.config);
        Ok(Some(Running {
            programs,
            target,
            _folder: folder,
        }))
    }
}

/// Whether the `towpath` program is there and knows the command.
fn knows(program: &Path, command: &str) -> bool {
    Command::new(program)
        .args([command, "--help"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A certificate for `localhost` that only this run trusts.
struct Identity {
    /// Certificate and key in one file, as HAProxy wants them.
    both: String,
    certificate: String,
    key: String,
    config: Arc<ClientConfig>,
}

impl Identity {
    fn make(folder: &Path) -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let write = |name: &str, text: &str| -> Result<String> {
            let path = folder.join(name);
            std::fs::write(&path, text)?;
            Ok(path
                .to_str()
                .context("a folder that is no text")?
                .to_owned())
        };
        let mut roots = rustls::RootCertStore::empty();
        roots.add(made.cert.der().clone())?;
        let mut config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Every client shall be a stranger, as they are in life.
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Self {
            both: write("both.pem", &format!("{certificate}{key}"))?,
            certificate: write("certificate.pem", &certificate)?,
            key: write("key.pem", &key)?,
            config: Arc::new(config),
        })
    }
}
