//! `towpath dial`.

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::sync::mpsc;
use tokio::time::sleep;
use towpath_check::ProbeSettings;
use towpath_dial::{AccessToken, DialError, Event, Lines, Settings, log, start};
use towpath_reach::{Reach, TokenUse};
use url::Url;

use crate::arguments::dial::DialArguments;
use crate::arguments::token_use::TokenOptions;

/// Serves until a signal.
pub(crate) fn run(arguments: &DialArguments) -> anyhow::Result<ExitCode> {
    let asked = towpath_check::probe_settings(&arguments.options())?;
    let settings = settings(arguments)?;
    log::start(&arguments.log);
    let reach = reach(arguments, asked)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start")?;
    runtime.block_on(async {
        // Before the greeting: whoever reads it may end the process at once.
        let ended = super::signals::ended().map_err(DialError::Signals)?;
        let (running, events) = start(settings, reach.clone())?;
        let json = arguments.json;
        let teller = thread::spawn(move || tell(events, json));
        ended.await;
        running.end().await;
        reach.end().await;
        // It ends with the endpoint, unless its reader takes nothing: then the rest is of no use to anybody.
        let since = Instant::now();
        while !teller.is_finished() && since.elapsed() < TELL_TIME {
            sleep(TELL_PAUSE).await;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

/// The local side.
fn settings(arguments: &DialArguments) -> anyhow::Result<Settings> {
    let url = Url::parse(&arguments.options().url).context("the address cannot be used")?;
    let token = arguments.access_token_file.as_deref().map(|path| {
        AccessToken::of_file(path).map_err(|source| DialError::AccessToken {
            path: path.to_owned(),
            source,
        })
    });
    let settings = Settings {
        listen: arguments.listen,
        beyond_loopback: arguments.beyond_loopback,
        hosts: arguments.allow_host.clone(),
        origins: arguments.allow_origin.clone(),
        access_token: token.transpose()?,
        ..Settings::new(url)
    };
    settings.check()?;
    Ok(settings)
}

/// The way to the remote.
fn reach(arguments: &DialArguments, asked: ProbeSettings) -> anyhow::Result<Reach> {
    let mut settings = towpath_reach::Settings::default();
    settings.via = arguments.via();
    settings.net = asked.net;
    settings.proxy = asked.proxy;
    settings.origin = asked.origin;
    settings.page = asked.page;
    settings.account.clone_from(&arguments.account);
    let headers = asked.headers.into_iter();
    settings.headers = headers.map(|header| (header.name, header.value)).collect();
    settings.may_use_browser = !arguments.no_browser;
    let browser = &mut settings.browser;
    browser.options.attach.clone_from(&arguments.browser_attach);
    browser.memory_bytes_max = arguments.browser_memory;
    if let Some(TokenOptions { get, keep, place }) = arguments.token() {
        let (cache, source, reader) = towpath_token::parts(&get, &keep)?;
        settings.token = Some(TokenUse::new(cache, source, reader, place));
    }
    Ok(Reach::new(settings))
}

/// Prints what happens until the endpoint is gone, or nobody reads any more.
fn tell(mut events: mpsc::Receiver<Event>, json: bool) {
    let mut lines = Lines::default();
    let mut out = io::stdout();
    while let Some(event) = events.blocking_recv() {
        let line = if json {
            serde_json::to_string(&event).ok()
        } else {
            lines.line(&event)
        };
        let Some(line) = line else { continue };
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            return;
        }
    }
}

/// For the last lines to be written.
const TELL_TIME: Duration = Duration::from_secs(1);
const TELL_PAUSE: Duration = Duration::from_millis(5);
