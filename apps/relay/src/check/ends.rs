//! Which server each kind of side connects to, and how high the inquiry's ladder reaches there. It must never connect by itself.

use std::any::Any;

use towpath_diagnosis::observation::{Header, Scheme};
use towpath_probe::ProbeSettings;
use towpath_sides::{Network, irc, kosmi, matterbridge, webhook};
use url::Url;

/// A server to ask about.
pub(super) struct End {
    pub(super) probe: ProbeSettings,
    pub(super) height: Height,
}

/// Host, port and path.
pub(super) type Place<'e> = (&'e str, u16, &'e str);

/// How high the ladder reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Height {
    /// Name, TCP, proxy and TLS: what lies above is no WebSocket.
    Tls,
    /// All of it.
    WebSocket,
}

impl End {
    /// The server as a person writes it.
    pub(super) fn server(&self) -> String {
        format!("{}:{}", self.probe.host, self.probe.port)
    }

    /// Host, port and path, for the texts of the catalogue.
    pub(super) fn place(&self) -> Place<'_> {
        (&self.probe.host, self.probe.port, &self.probe.path)
    }

    /// The lower rungs towards a server that speaks something else than WebSocket.
    fn lower(host: &str, port: u16, tls: bool, network: &Network) -> Self {
        let scheme = if tls { Scheme::Wss } else { Scheme::Ws };
        let mut probe = ProbeSettings::new(scheme, host, port, "/");
        probe.net = network.net.clone();
        probe.proxy = network.proxy.clone();
        Self {
            probe,
            height: Height::Tls,
        }
    }

    /// The lower rungs towards a web server.
    fn web(url: &Url, network: &Network) -> Option<Self> {
        let host = url.host_str()?.trim_matches(['[', ']']);
        let port = url.port_or_known_default()?;
        let tls = matches!(url.scheme(), "https" | "wss");
        Some(Self::lower(host, port, tls, network))
    }

    /// A WebSocket's server.
    fn websocket(url: &Url, network: &Network) -> Option<Self> {
        let mut end = Self::web(url, network)?;
        end.height = Height::WebSocket;
        url.path().clone_into(&mut end.probe.path);
        if let Some(query) = url.query() {
            end.probe.path.push('?');
            end.probe.path.push_str(query);
            // Whichever value is a secret, none is anybody's to read.
            end.probe.secrets = url
                .query_pairs()
                .map(|(_, value)| value.into_owned())
                .collect();
        }
        Some(end)
    }
}

/// The servers of a side by its settings, the one that its messages go to first.
pub(super) fn ends_of(settings: &(dyn Any + Send + Sync)) -> Vec<End> {
    let ends = if let Some(settings) = settings.downcast_ref::<webhook::Settings>() {
        let url = settings.url.reveal().parse();
        vec![url.ok().and_then(|url| End::web(&url, &settings.network))]
    } else if let Some(settings) = settings.downcast_ref::<irc::Settings>() {
        vec![of_irc(settings)]
    } else if let Some(settings) = settings.downcast_ref::<kosmi::Settings>() {
        of_kosmi(settings)
    } else if let Some(settings) = settings.downcast_ref::<matterbridge::Settings>() {
        vec![of_matterbridge(settings)]
    } else {
        Vec::new()
    };
    ends.into_iter().flatten().collect()
}

fn of_matterbridge(settings: &matterbridge::Settings) -> Option<End> {
    let mut url = settings.url.clone();
    let path = format!("{}/api/websocket", url.path().trim_end_matches('/'));
    url.set_path(&path);
    let mut end = End::websocket(&url, &settings.network)?;
    if let Some(token) = &settings.token {
        let value = format!("Bearer {}", token.reveal());
        end.probe.secrets.push(token.reveal().to_owned());
        end.probe.headers.push(Header {
            name: "Authorization".to_owned(),
            value,
        });
    }
    Some(end)
}

fn of_irc(settings: &irc::Settings) -> Option<End> {
    match &settings.server {
        irc::Server::Host { host, port, tls } => {
            Some(End::lower(host, *port, *tls, &settings.network))
        }
        irc::Server::Web(url) => {
            let mut end = End::websocket(url, &settings.network)?;
            end.probe.subprotocols = vec!["text.ircv3.net".to_owned()];
            end.probe.origin.clone_from(&settings.origin);
            Some(end)
        }
    }
}

/// The chat, and where a visitor's token comes from.
fn of_kosmi(settings: &kosmi::Settings) -> Vec<Option<End>> {
    let profile = &settings.profile;
    let url = |own: &Option<Url>, usual: &str| own.clone().or_else(|| usual.parse().ok());
    let chat =
        url(&settings.url, profile.url()).and_then(|url| End::websocket(&url, &settings.network));
    let chat = chat.map(|mut end| {
        end.probe.origin = Some(profile.origin().to_owned());
        end.probe.subprotocols = profile
            .generations()
            .iter()
            .map(|one| one.subprotocol().to_owned())
            .collect();
        end.probe.headers = profile
            .headers()
            .into_iter()
            .map(|(name, value)| Header { name, value })
            .collect();
        end
    });
    let login = match settings.login {
        kosmi::Login::Anonymous => url(&settings.login_url, profile.login_url())
            .and_then(|url| End::web(&url, &settings.network)),
        kosmi::Login::Token(_) | kosmi::Login::Page { .. } => None,
    };
    // On the chat's own server the whole ladder says more than its lower rungs.
    let login = login.filter(|login| {
        chat.as_ref()
            .is_none_or(|chat| chat.server() != login.server())
    });
    vec![chat, login]
}
