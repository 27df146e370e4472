//! The way there: proxy, trust, client certificate, fixed addresses, waits.

use std::time::Duration;

use towpath_net::proxy::{Credentials, environment};
use towpath_net::settings::ClientCertificate;
use towpath_net::{ProxyServer, Settings};
use towpath_probe::ProxyChoice;

use super::address::Address;
use super::file;
use crate::options::{Family, Options};
use crate::run::{Bounds, IDLE_ALLOWANCE, MAX_TIME};
use crate::usage::UsageError;

/// `--proxy` before the environment, `--noproxy` before both, `--proxy-user` for whichever is used.
pub(super) fn proxy(options: &Options, address: &Address) -> Result<ProxyChoice, UsageError> {
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
pub(super) fn set(options: &Options, net: &mut Settings) -> Result<(), UsageError> {
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

pub(super) fn bounds(options: &Options) -> Result<Bounds, UsageError> {
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

/// The longest time that can be asked for: a day.
const SPAN_MAX: Duration = Duration::from_hours(24);
