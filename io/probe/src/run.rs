//! The probe itself: what it remembers between questions, and which file answers which question.

use std::net::SocketAddr;
use std::time::Instant;

use towpath_diagnosis::observation::{Fact, Header, ProxySetting, RequestHead, Scheme};
use towpath_diagnosis::question::Question;
use towpath_diagnosis::redact::Redactor;
use towpath_net::Limits;
use towpath_net::limits::milliseconds;
use towpath_net::proxy::environment;
use towpath_net::{Names, NotOpened, Opened, Plan, ProxyServer, TlsPlan};

use crate::request::Draft;
use crate::settings::{ProbeSettings, ProxyChoice};
use crate::waits::Waits;
use crate::{
    browser, connect, control, endure, environment as machine, handshake, resolve, talk, tls,
    tunnel,
};

/// Asks questions of one target.
pub struct Probe {
    pub(crate) settings: ProbeSettings,
    pub(crate) names: Names,
    pub(crate) proxy: Option<ProxyServer>,
    pub(crate) proxies: Vec<ProxySetting>,
    /// The place that the last redirect named, as it was on the wire.
    pub(crate) location: Option<String>,
    /// The page's cookies, or why there are none; absent before the page was visited.
    pub(crate) cookies: Option<Result<String, String>>,
    pub(crate) began: Instant,
    pub(crate) sockets: u32,
    spent: u32,
    /// The limits that the user set.
    patient: Limits,
    waits: Waits,
}

impl Probe {
    /// A probe for a target. Nothing is sent before the first question.
    pub fn new(mut settings: ProbeSettings) -> Self {
        let (proxy, proxies) = choose_proxy(&settings);
        settings
            .secrets
            .extend(known_secrets(&settings, proxy.as_ref()));
        settings.net.redactor = Redactor::new(settings.secrets.iter().cloned());
        Self {
            patient: settings.net.limits.clone(),
            settings,
            names: Names::default(),
            proxy,
            proxies,
            location: None,
            cookies: None,
            began: Instant::now(),
            sockets: 0,
            spent: 0,
            waits: Waits::default(),
        }
    }

    /// Puts one question to the machine or the network. At least one fact comes back.
    pub async fn ask(&mut self, question: &Question) -> Vec<Fact> {
        self.settings.net.limits = self.waits.limits_for(question, &self.patient);
        let facts = self.put(question).await;
        self.waits.learn(&facts);
        facts
    }

    async fn put(&mut self, question: &Question) -> Vec<Fact> {
        match question {
            Question::Environment => machine::ask(self),
            Question::Resolve => resolve::ask(self).await,
            Question::ResolveDirect => resolve::ask_servers(self).await,
            Question::Connect => connect::ask(self).await,
            Question::ConnectPort { port } => connect::ask_port(self, *port).await,
            Question::Tunnel { port } => tunnel::ask(self, *port).await,
            Question::Tls(variation) => tls::ask(self, variation).await,
            Question::Control { path, plain } => control::ask(self, *path, *plain).await,
            Question::Handshake { changes } => handshake::open(self, changes).await.0,
            Question::Browser => browser::ask(self).await,
            Question::Talk { exercises, changes } => talk::ask(self, exercises, changes).await,
            Question::Endure { watch_ms } => endure::ask(self, *watch_ms).await,
        }
    }

    /// How many requests the target has been sent.
    pub fn spent(&self) -> u32 {
        self.spent
    }

    /// Milliseconds since the probe was made, the clock of every time in its facts.
    pub fn elapsed_ms(&self) -> u64 {
        milliseconds(self.began.elapsed())
    }

    /// How many WebSockets have been opened.
    pub fn sockets(&self) -> u32 {
        self.sockets
    }

    /// The proxy that this run goes through.
    pub fn proxy(&self) -> Option<&ProxyServer> {
        self.proxy.as_ref()
    }

    /// What removes this run's secrets from text.
    pub fn redactor(&self) -> &Redactor {
        &self.settings.net.redactor
    }

    /// Gives a request that works elsewhere, as captured from a browser, to compare with.
    pub fn compare_with(&mut self, request: RequestHead) {
        self.settings.like = Some(request);
    }

    pub(crate) fn count_request(&mut self) {
        self.spent += 1;
    }

    /// Learns of further secrets, so that later facts do not hold them.
    pub(crate) fn keep_secret(&mut self, secrets: impl IntoIterator<Item = String>) {
        self.settings.secrets.extend(secrets);
        self.settings.net.redactor = Redactor::new(self.settings.secrets.iter().cloned());
    }

    /// The plan for the target on a port, by the way that this run goes.
    pub(crate) fn plan(&self, port: u16, tls: Option<TlsPlan>) -> Plan {
        Plan {
            host: self.settings.host.clone(),
            port,
            address: None,
            proxy: self.proxy.clone(),
            tls,
        }
    }

    /// Dials a plan and keeps every step.
    pub(crate) async fn dial(
        &mut self,
        plan: &Plan,
        facts: &mut Vec<Fact>,
    ) -> Result<Opened, NotOpened> {
        towpath_net::open(&self.settings.net, &mut self.names, plan, facts).await
    }

    /// Dials for a request and counts it.
    ///
    /// The steps to another host than the target (a page, a redirect's place) are not told: no fact
    /// of a step names its host, so it would pass for the target's.
    pub(crate) async fn dial_for(
        &mut self,
        draft: &Draft,
        facts: &mut Vec<Fact>,
    ) -> Result<Opened, NotOpened> {
        let plan = draft.plan(self);
        let opened = if draft.host == self.settings.host {
            self.dial(&plan, facts).await
        } else {
            self.dial(&plan, &mut Vec::new()).await
        };
        if opened.is_ok() {
            self.count_request();
        }
        opened
    }

    /// Addresses of a name of this run, looked up where not yet known.
    pub(crate) async fn addresses(
        &mut self,
        host: &str,
        port: u16,
        facts: &mut Vec<Fact>,
    ) -> Vec<SocketAddr> {
        self.names
            .of(&self.settings.net, host, port, facts)
            .await
            .unwrap_or_default()
    }
}

/// The proxy to use and every setting found, in the order in which they count.
fn choose_proxy(settings: &ProbeSettings) -> (Option<ProxyServer>, Vec<ProxySetting>) {
    let mut chosen = None;
    let mut listed = Vec::new();
    if let ProxyChoice::Given(proxy) = &settings.proxy {
        chosen = Some(proxy.clone());
        listed.push(ProxySetting {
            source: "--proxy".to_owned(),
            proxy: proxy.to_string(),
            used: true,
        });
    }
    let may_use = matches!(settings.proxy, ProxyChoice::Environment);
    let found = environment::find(settings.scheme, &settings.host, settings.port, |name| {
        std::env::var(name).ok()
    });
    for setting in found {
        let Ok(proxy) = ProxyServer::parse(&setting.value) else {
            listed.push(ProxySetting {
                source: setting.variable,
                proxy: "(not a proxy URL)".to_owned(),
                used: false,
            });
            continue;
        };
        let used = may_use && chosen.is_none() && !setting.exempt;
        listed.push(ProxySetting {
            source: setting.variable,
            proxy: proxy.to_string(),
            used,
        });
        if used {
            chosen = Some(proxy);
        }
    }
    (chosen, listed)
}

fn known_secrets(settings: &ProbeSettings, proxy: Option<&ProxyServer>) -> Vec<String> {
    let token = settings.token.iter().map(|token| token.value.clone());
    let password = proxy
        .and_then(|proxy| proxy.credentials.as_ref())
        .map(|credentials| credentials.password.clone());
    let headers = settings.headers.iter().flat_map(header_secrets);
    token.chain(password).chain(headers).collect()
}

/// What a header that the user gave may hold in secret: a cookie's values, or all of a header that is
/// not known to be harmless.
fn header_secrets(header: &Header) -> Vec<String> {
    let name = header.name.to_ascii_lowercase();
    if name == "cookie" {
        let values = header
            .value
            .split(';')
            .filter_map(|pair| pair.split_once('='));
        return values.map(|(_, value)| value.trim().to_owned()).collect();
    }
    let harmless = HARMLESS_HEADERS.contains(&name.as_str())
        || name.starts_with("accept")
        || name.starts_with("sec-");
    if harmless {
        Vec::new()
    } else {
        let value = header.value.trim();
        // The scheme of a credential is a fact; the rest is not.
        vec![
            value.rsplit(' ').next().unwrap_or(value).to_owned(),
            value.to_owned(),
        ]
    }
}

/// Headers that tell a server what a client is, and no secret.
const HARMLESS_HEADERS: [&str; 10] = [
    "cache-control",
    "connection",
    "content-type",
    "host",
    "origin",
    "pragma",
    "referer",
    "upgrade",
    "user-agent",
    "x-requested-with",
];

/// The port that a scheme uses where none is named.
pub(crate) fn default_port(scheme: Scheme) -> u16 {
    match scheme {
        Scheme::Ws => 80,
        Scheme::Wss => 443,
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, header_secrets};

    fn secrets(name: &str, value: &str) -> Vec<String> {
        header_secrets(&Header {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }

    #[test]
    fn what_the_user_gave_is_secret_unless_it_is_known_to_be_harmless() {
        assert_eq!(
            secrets("Cookie", "a=one1111; b=two2222"),
            ["one1111", "two2222"]
        );
        assert!(secrets("X-Room-Key", "hunter2hunter2").contains(&"hunter2hunter2".to_owned()));
        assert!(secrets("X-Auth", "Bearer abcdef").contains(&"abcdef".to_owned()));
        for name in [
            "User-Agent",
            "Accept-Language",
            "Sec-WebSocket-Protocol",
            "Origin",
        ] {
            assert!(secrets(name, "a value of it").is_empty(), "{name}");
        }
    }
}
