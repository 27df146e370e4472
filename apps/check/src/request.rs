//! From options to a target and the probe's settings: everything is checked before anything is sent.
//!
//! Reads the files and variables that options name, and nothing else. It must never send anything.

use std::io;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use towpath_diagnosis::observation::{Header, Target, TokenPlacement};
use towpath_probe::{Probe, ProbeSettings, Token};
use url::Url;

use crate::options::Options;
use crate::run::Asker;
use crate::run::{Bounds, Progress, Run, run};
use crate::usage::UsageError;

pub(crate) mod address;
pub(crate) mod file;
mod header;
pub(crate) mod like;
mod network;
mod secret;
pub(crate) mod token;

use address::Address;

/// A check that is ready to run.
pub struct Request {
    /// What is checked, without secrets.
    pub target: Target,
    /// Who asks.
    pub asker: Asker,
    /// What it may use.
    pub bounds: Bounds,
}

impl Request {
    /// Checks all options; the first that cannot be used is the error.
    pub fn new(options: &Options) -> Result<Self, UsageError> {
        let address = address::read(&options.url)?;
        let bounds = network::bounds(options)?;
        let mut settings = settings(options, &address)?;
        let ender = Arc::new(Notify::new());
        settings.watch.stop = Some(Arc::clone(&ender));
        let given = target(options, &address, &settings);
        let probe = Probe::new(settings);
        let (redactor, proxy) = (probe.redactor(), probe.proxy());
        let target = Target {
            url: redactor.url(&address.url),
            path: redactor.url(&address.path),
            expect: given.expect.map(|text| redactor.text(&text)),
            proxy: proxy.map(ToString::to_string),
            proxy_credentials: proxy.is_some_and(|proxy| proxy.credentials.is_some()),
            budget: bounds.budget,
            ..given
        };
        Ok(Self {
            target,
            asker: Asker { probe, ender },
            bounds,
        })
    }

    /// Runs the check; see [`run`].
    pub async fn run(
        &mut self,
        interrupted: impl Future<Output = ()>,
        progress: &mut impl Progress,
    ) -> io::Result<Run> {
        let target = self.target.clone();
        run(target, &mut self.asker, &self.bounds, interrupted, progress).await
    }
}

/// What a target is asked with, checked, for those who reach it by other means than a check. Nothing is sent.
pub fn probe_settings(options: &Options) -> Result<ProbeSettings, UsageError> {
    settings(options, &address::read(&options.url)?)
}

/// All that the probe is told.
fn settings(options: &Options, address: &Address) -> Result<ProbeSettings, UsageError> {
    let mut headers = header::read_all(&options.headers)?;
    add_shorthands(options, &mut headers)?;
    let mut settings =
        ProbeSettings::new(address.scheme, &address.host, address.port, &address.path);
    settings.origin = match header::take(&mut headers, "Origin") {
        Some(given) if options.origin.is_none() => Some(given).filter(|given| !given.is_empty()),
        _ => options.origin.as_deref().map(origin).transpose()?,
    };
    settings.subprotocols = subprotocols(options, &mut headers)?;
    settings.token = token_of(options, &settings.subprotocols, &mut headers)?;
    settings.proxy = network::proxy(options, address)?;
    network::set(options, &mut settings.net)?;
    settings.page = options.page.as_deref().map(page).transpose()?;
    settings.browser_attach.clone_from(&options.browser_attach);
    settings.like = options.like.as_deref().map(like::read).transpose()?;
    settings.secrets = secret::of(&headers);
    if let Some(like) = &settings.like {
        settings.secrets.extend(secret::of(&like.headers));
    }
    settings.headers = headers;
    settings.echo = options.echo;
    settings.send.clone_from(&options.send);
    settings.expect.clone_from(&options.expect);
    Ok(settings)
}

/// What the report says of the request, as far as the probe adds nothing to it.
fn target(options: &Options, address: &Address, settings: &ProbeSettings) -> Target {
    let names = settings.headers.iter().map(|header| header.name.clone());
    let fixed = settings.net.overridden(&address.host, address.port);
    Target {
        url: String::new(),
        scheme: address.scheme,
        host: address.host.clone(),
        port: address.port,
        path: String::new(),
        host_is_address: address.is_literal,
        subprotocols: settings.subprotocols.clone(),
        origin: settings.origin.clone(),
        header_names: names.collect(),
        token: match &settings.token {
            Some(token) => Some(token::facts(&token.value, token.placement.clone())),
            None => token::in_query(&address.path),
        },
        proxy: None,
        proxy_credentials: false,
        client_certificate: settings.net.client_certificate.is_some(),
        given_authorities: options.cacert.is_some(),
        fixed_addresses: fixed.is_some(),
        echo: options.echo,
        send: options.send.is_some(),
        expect: options.expect.clone(),
        page: settings.page.is_some(),
        idle_ms: options.idle_ms,
        browser: options.browser,
        like: settings.like.is_some(),
        budget: 0,
        started_unix_s: unix_now_s(),
    }
}

/// `-A` and `-b` are headers with names of their own.
fn add_shorthands(options: &Options, headers: &mut Vec<Header>) -> Result<(), UsageError> {
    if let Some(value) = &options.user_agent {
        headers.extend(header::read_all(&[format!("User-Agent: {value}")])?);
    }
    if let Some(cookie) = &options.cookie {
        let value = match cookie.strip_prefix('@') {
            Some(path) => file::text("--cookie", path, file::SMALL_BYTES_MAX)?,
            None => cookie.clone(),
        };
        if !value.contains('=') {
            return Err(UsageError::Value {
                option: "--cookie",
                problem: "a cookie is name=value; several are parted by `; `".to_owned(),
            });
        }
        headers.extend(header::read_all(&[format!("Cookie: {}", value.trim())])?);
    }
    Ok(())
}

fn origin(given: &str) -> Result<String, UsageError> {
    if given == "null" {
        return Ok(given.to_owned());
    }
    let wrong = |suggestion: String| UsageError::Origin {
        given: given.to_owned(),
        suggestion,
    };
    let Ok(url) = Url::parse(given) else {
        let host: String = given
            .chars()
            .take_while(|c| !c.is_whitespace() && *c != '/')
            .collect();
        return Err(wrong(format!("https://{host}")));
    };
    let clean = url.origin().ascii_serialization();
    match clean.as_str() {
        "null" if url.host_str().is_some() && !given.ends_with('/') => Ok(given.to_owned()),
        "null" => Err(wrong("https://site.example".to_owned())),
        _ if url.path() != "/" || given.ends_with('/') || url.query().is_some() => {
            Err(wrong(clean))
        }
        _ => Ok(given.to_owned()),
    }
}

fn page(given: &str) -> Result<String, UsageError> {
    match Url::parse(given) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(given.to_owned()),
        _ => Err(UsageError::Page {
            given: given.to_owned(),
        }),
    }
}

/// From `--subprotocol` and from a header of that name, each once, in order.
fn subprotocols(options: &Options, headers: &mut Vec<Header>) -> Result<Vec<String>, UsageError> {
    let by_header = header::take(headers, "Sec-WebSocket-Protocol");
    let mut names: Vec<String> = Vec::new();
    let given = options.subprotocols.iter().chain(by_header.as_ref());
    for name in given.flat_map(|list| list.split(',')).map(str::trim) {
        if name.is_empty() {
            continue;
        }
        if !name.bytes().all(header::is_token_byte) {
            return Err(UsageError::Subprotocol {
                name: name.to_owned(),
            });
        }
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// From `--token`, or from an `Authorization: Bearer` header, so that its dates are known either way.
fn token_of(
    options: &Options,
    subprotocols: &[String],
    headers: &mut Vec<Header>,
) -> Result<Option<Token>, UsageError> {
    if let Some(option) = &options.token {
        return Ok(Some(Token {
            value: token::read(option, |name| std::env::var(name).ok())?,
            placement: token::placement(options.token_in.as_deref(), subprotocols)?,
        }));
    }
    if options.token_in.is_some() {
        return Err(UsageError::Value {
            option: "--token-in",
            problem: "it says where a token goes; give one with --token".to_owned(),
        });
    }
    let bearer = headers.iter().find(|header| {
        header.name.eq_ignore_ascii_case("authorization") && header.value.starts_with("Bearer ")
    });
    let Some(value) = bearer.and_then(|header| header.value.split_once(' ')) else {
        return Ok(None);
    };
    let token = Token {
        value: token::read(value.1, |_| None)?,
        placement: TokenPlacement::Header,
    };
    header::take(headers, "Authorization");
    Ok(Some(token))
}

fn unix_now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
