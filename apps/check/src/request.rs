//! From options to a target and the probe's settings: everything is checked before anything is sent.
//!
//! Reads the files and variables that options name, and nothing else. It must never send anything.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use towpath_diagnosis::observation::{Header, Target, TokenPlacement};
use towpath_net::ProxyServer;
use towpath_net::proxy::Credentials;
use towpath_net::proxy::environment;
use towpath_net::settings::ClientCertificate;
use towpath_probe::{Probe, ProbeSettings, ProxyChoice, Token};
use url::Url;

use crate::asker::Asker;
use crate::options::{Family, Options};
use crate::run::{Bounds, IDLE_ALLOWANCE, MAX_TIME, Progress, Run, run};
use crate::usage::UsageError;

pub(crate) mod address;
pub(crate) mod file;
mod header;
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
        let mut headers = header::read_all(&options.headers)?;
        add_shorthands(options, &mut headers)?;
        let origin = match header::take(&mut headers, "Origin") {
            Some(given) if options.origin.is_none() => {
                Some(given).filter(|given| !given.is_empty())
            }
            _ => options.origin.as_deref().map(origin).transpose()?,
        };
        let subprotocols = subprotocols(options, &mut headers)?;
        let token = token_of(options, &subprotocols, &mut headers)?;

        let ender = Arc::new(Notify::new());
        let mut settings =
            ProbeSettings::new(address.scheme, &address.host, address.port, &address.path);
        settings.proxy = proxy(options, &address)?;
        set_network(options, &mut settings)?;
        settings.page = options.page.as_deref().map(page).transpose()?;
        settings.secrets = secrets(&headers);
        let header_names = headers.iter().map(|header| header.name.clone()).collect();
        settings.origin.clone_from(&origin);
        settings.subprotocols.clone_from(&subprotocols);
        settings.headers = headers;
        settings.token.clone_from(&token);
        settings.echo = options.echo;
        settings.send.clone_from(&options.send);
        settings.expect.clone_from(&options.expect);
        settings.watch.stop = Some(Arc::clone(&ender));
        settings.echo = options.echo;
        settings.send.clone_from(&options.send);
        settings.expect.clone_from(&options.expect);
        let fixed_addresses = settings
            .net
            .overridden(&address.host, address.port)
            .is_some();
        let bounds = bounds(options)?;

        let probe = Probe::new(settings);
        let redactor = probe.redactor();
        let target = Target {
            url: redactor.url(&address.url),
            scheme: address.scheme,
            path: redactor.url(&address.path),
            host: address.host,
            port: address.port,
            host_is_address: address.is_literal,
            subprotocols,
            origin,
            header_names,
            token: match token {
                Some(token) => Some(token::facts(&token.value, token.placement)),
                None => token::in_query(&address.path),
            },
            proxy: probe.proxy().map(ToString::to_string),
            proxy_credentials: probe
                .proxy()
                .is_some_and(|proxy| proxy.credentials.is_some()),
            client_certificate: options.cert.is_some(),
            given_authorities: options.cacert.is_some(),
            fixed_addresses,
            echo: options.echo,
            send: options.send.is_some(),
            expect: options.expect.as_deref().map(|text| redactor.text(text)),
            page: options.page.is_some(),
            idle_ms: options.idle_ms,
            browser: options.browser,
            like: options.like.is_some(),
            budget: bounds.budget,
            started_unix_s: unix_now_s(),
        };
        Ok(Self {
            target,
            asker: Asker { probe, ender },
            bounds,
        })
    }
}

impl Request {
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

/// `--proxy` before the environment, `--noproxy` before both, `--proxy-user` for whichever is used.
fn proxy(options: &Options, address: &Address) -> Result<ProxyChoice, UsageError> {
    let exempt = |list: &str| environment::exempts(list, &address.host, address.port);
    if options.noproxy.as_deref().is_some_and(exempt) {
        return Ok(ProxyChoice::Never);
    }
    let mut server = match options.proxy.as_deref() {
        Some("") => return Ok(ProxyChoice::Never),
        Some(text) => ProxyServer::parse(text).map_err(UsageError::setting("--proxy"))?,
        None if options.proxy_user.is_none() => return Ok(ProxyChoice::Environment),
        None => {
            let variable = |name: &str| std::env::var(name).ok();
            let found = environment::find(address.scheme, &address.host, address.port, variable);
            let used = found.iter().find(|found| !found.exempt);
            let Some(Ok(server)) = used.map(|found| ProxyServer::parse(&found.value)) else {
                return Ok(ProxyChoice::Environment);
            };
            server
        }
    };
    if let Some(pair) = &options.proxy_user {
        let (user, password) = pair.split_once(':').unwrap_or((pair, ""));
        server.credentials = Some(Credentials {
            user: user.to_owned(),
            password: password.to_owned(),
        });
    }
    Ok(ProxyChoice::Given(server))
}

/// Trust, client certificate, fixed addresses, waits.
fn set_network(options: &Options, settings: &mut ProbeSettings) -> Result<(), UsageError> {
    let net = &mut settings.net;
    for text in &options.resolve {
        net.add_override(text)
            .map_err(UsageError::setting("--resolve"))?;
    }
    if let Some(path) = &options.cacert {
        let pem = file::bytes("--cacert", path, file::SMALL_BYTES_MAX)?;
        net.trust_only(&pem)
            .map_err(UsageError::setting("--cacert"))?;
    }
    match (&options.cert, &options.key) {
        (Some(cert), key) => {
            let chain = file::bytes("--cert", cert, file::SMALL_BYTES_MAX)?;
            let key = match key {
                Some(path) => file::bytes("--key", path, file::SMALL_BYTES_MAX)?,
                None => chain.clone(),
            };
            let shown = ClientCertificate::from_pem(&chain, &key);
            net.client_certificate = Some(shown.map_err(UsageError::setting("--cert"))?);
        }
        (None, Some(_)) => {
            return Err(UsageError::Value {
                option: "--key",
                problem: "a key needs its certificate; give it with --cert".to_owned(),
            });
        }
        (None, None) => {}
    }
    net.family = options.family.map(|family| match family {
        Family::Ipv4 => towpath_net::settings::Family::Ipv4,
        Family::Ipv6 => towpath_net::settings::Family::Ipv6,
    });
    if let Some(seconds) = options.connect_timeout {
        net.limits.connect = span("--connect-timeout", seconds)?;
    }
    Ok(())
}

fn bounds(options: &Options) -> Result<Bounds, UsageError> {
    let time = match (options.max_time, options.idle_ms) {
        (Some(seconds), _) => span("--max-time", seconds)?,
        (None, Some(ms)) => MAX_TIME + IDLE_ALLOWANCE + Duration::from_millis(ms),
        (None, None) => MAX_TIME,
    };
    Ok(Bounds {
        budget: options.budget,
        time,
    })
}

fn span(option: &'static str, seconds: f64) -> Result<Duration, UsageError> {
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|span| !span.is_zero() && *span <= SPAN_MAX)
        .ok_or_else(|| UsageError::Value {
            option,
            problem: "give seconds, more than 0 and at most a day".to_owned(),
        })
}

/// Values that a fact must not repeat wherever they turn up: those of cookies and of secret headers.
fn secrets(headers: &[Header]) -> Vec<String> {
    let mut secrets = Vec::new();
    for header in headers {
        match header.name.to_ascii_lowercase().as_str() {
            "cookie" => secrets.extend(
                header
                    .value
                    .split(';')
                    .filter_map(|pair| pair.split_once('='))
                    .map(|(_, value)| value.trim().to_owned()),
            ),
            "authorization" | "proxy-authorization" => {
                secrets.push(match header.value.split_once(' ') {
                    Some((_, value)) => value.to_owned(),
                    None => header.value.clone(),
                });
            }
            name if SECRET_WORDS.iter().any(|word| name.contains(word)) => {
                secrets.push(header.value.clone());
            }
            _ => {}
        }
    }
    secrets
}

/// A header with one of these in its name is taken to hold a secret.
const SECRET_WORDS: [&str; 5] = ["token", "secret", "key", "auth", "session"];

/// The longest time that can be asked for: a day.
const SPAN_MAX: Duration = Duration::from_hours(24);

fn unix_now_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
