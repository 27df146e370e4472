//! The experiments, one file each, and the run that goes through those that are wanted.

mod browser;
mod jitter;
mod memory;
mod relay;
mod throughput;

pub(crate) use browser::{Held, Pace, Reached, SHAPES, Turn};
pub(crate) use jitter::{Jittered, Summary};
pub(crate) use memory::Idle;
pub(crate) use relay::Relayed;
pub(crate) use throughput::{CONNECTIONS, Series};

use crate::process::{self, Core, Log, Program};
use crate::report;
use crate::settings::Settings;
use anyhow::{Context as _, Result};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Instant;

/// Runs what is wanted and writes the results.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    process::raise_files();
    process::settle_on(Core::Generator);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let start = Instant::now();
    let results = tokio::task::LocalSet::new().block_on(&runtime, async {
        let mut results = report::Results::default();
        results.load[0] = process::load_average();
        if settings.wants_experiment("throughput") {
            results.throughput = throughput::run(settings).await?;
        }
        if settings.wants_experiment("memory") {
            results.memory = memory::run(settings).await?;
        }
        if settings.wants_experiment("jitter") {
            results.jitter = jitter::run(settings).await?;
        }
        if settings.wants_experiment("browser") {
            results.browser = browser::run(settings).await?;
        }
        if settings.wants_experiment("relay") {
            results.relay = relay::run(settings)?;
        }
        results.load[1] = process::load_average();
        anyhow::Ok(results)
    })?;
    report::write(settings, &results, start.elapsed())
}

/// An echo backend of its own.
struct Backend {
    _program: Program,
    address: SocketAddr,
}

impl Backend {
    fn start(core: Core) -> Result<Self> {
        let own = std::env::current_exe()?;
        let own = own.to_str().context("a path that is no text")?;
        let line = [own, "echo", "127.0.0.1:0"];
        let mut program = Program::start(core, &line, Path::new("."), Log::Piped)?;
        let output = program.output().context("the output is piped")?;
        let mut first = String::new();
        BufReader::new(output).read_line(&mut first)?;
        Ok(Self {
            address: first.trim().parse().context("the backend does not start")?,
            _program: program,
        })
    }
}
