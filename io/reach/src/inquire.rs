//! The same inquiry that `towpath check` makes, for a request that was refused.
//!
//! It asks as the refused attempt did, within the same politeness, and must never judge by itself.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use towpath_diagnosis::observation::{BrowserUse, Header, Target as Asked};
use towpath_diagnosis::{Diagnosis, Observation, Question, diagnose};
use towpath_net::ProxyServer;
use towpath_probe::inquiry::{Asker, Bounds, Progress, Wait, run};
use towpath_probe::{Probe, ProbeSettings, ProxyChoice};

use crate::head;
use crate::request::Request;
use crate::settings::Settings;
use crate::target::Target;

/// Most requests of one inquiry, as `towpath check` allows itself.
const REQUESTS_MAX: u32 = 25;

/// Longest inquiry. A local client waits meanwhile, or comes again and finds the result.
const TIME_MAX: Duration = Duration::from_secs(30);

/// Asks until nothing is open.
pub(crate) async fn inquire(
    settings: &Settings,
    target: &Target,
    request: &Request,
    proxy: Option<ProxyServer>,
) -> (Diagnosis, Vec<Observation>) {
    let probe = Probe::new(probe_settings(settings, target, request, proxy));
    let asked = asked(&probe, target, request, settings);
    let mut asker = Asker {
        probe,
        ender: Arc::default(),
    };
    let bounds = Bounds {
        budget: REQUESTS_MAX,
        time: TIME_MAX,
    };
    let never = std::future::pending();
    let ran = run(asked, &mut asker, &bounds, never, &mut Quiet).await;
    let observations = ran.map(|run| run.observations).unwrap_or_default();
    (diagnose(&observations), observations)
}

fn probe_settings(
    settings: &Settings,
    target: &Target,
    request: &Request,
    proxy: Option<ProxyServer>,
) -> ProbeSettings {
    let path = &target.path_and_query;
    let mut probe = ProbeSettings::new(target.scheme, &target.host, target.port, path);
    let mut headers = head::application(settings, target, request);
    probe.origin = origin(&headers);
    headers.retain(|header| !head::is(header, "origin"));
    probe.headers = headers;
    probe.subprotocols.clone_from(&request.subprotocols);
    probe.page.clone_from(&settings.page);
    probe.proxy = proxy.map_or(ProxyChoice::Never, ProxyChoice::Given);
    // Somebody waits, and the way through a browser will show what a patient watch would.
    probe.watch_page_longer = Duration::ZERO;
    probe.net = settings.net.clone();
    probe
        .browser_attach
        .clone_from(&settings.browser.options.attach);
    probe.secrets = query_values(path);
    probe
}

/// What is said of the target, secrets removed.
fn asked(probe: &Probe, target: &Target, request: &Request, settings: &Settings) -> Asked {
    let redactor = probe.redactor();
    let headers = head::application(settings, target, request);
    let fixed = settings.net.overridden(&target.host, target.port);
    let path = redactor.url(&target.path_and_query);
    Asked {
        host_is_address: target.host_is_address,
        subprotocols: request.subprotocols.clone(),
        origin: origin(&headers),
        header_names: headers.into_iter().map(|header| header.name).collect(),
        proxy: probe.proxy().map(ToString::to_string),
        proxy_credentials: probe
            .proxy()
            .is_some_and(|proxy| proxy.credentials.is_some()),
        client_certificate: settings.net.client_certificate.is_some(),
        given_authorities: settings.net.authorities().is_some(),
        fixed_addresses: fixed.is_some(),
        page: settings.page.is_some(),
        browser: if settings.may_use_browser {
            BrowserUse::Auto
        } else {
            BrowserUse::Never
        },
        budget: REQUESTS_MAX,
        started_unix_s: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        ..Asked::watched(target.scheme, &target.host, target.port, &path)
    }
}

fn origin(headers: &[Header]) -> Option<String> {
    let found = headers.iter().find(|header| head::is(header, "origin"));
    found.map(|header| header.value.clone())
}

/// Values of the query: whichever of them is a secret, none of them is anybody's to read.
fn query_values(path: &str) -> Vec<String> {
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(_, value)| value.to_owned()).collect()
}

/// Nobody watches; the log has the questions.
struct Quiet;

impl Progress for Quiet {
    fn asking(&mut self, question: &Question) -> io::Result<()> {
        tracing::debug!(?question, "asking");
        Ok(())
    }

    fn waiting(&mut self, _: &Wait<'_>) -> io::Result<()> {
        Ok(())
    }

    fn answered(&mut self, _: &[Observation]) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_a_query_are_kept_out_of_facts() {
        assert_eq!(query_values("/x?a=one&b&c=two=3"), ["one", "two=3"]);
        assert_eq!(query_values("/x"), [""; 0]);
    }
}
