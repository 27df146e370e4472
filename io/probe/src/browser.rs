//! What does a real browser get?
//!
//! A browser of its own visits the page and opens the socket there, as the site's own script would.
//! The user's headers and token go into no browser: what it sends is its own. A handshake that was
//! accepted becomes the request to compare with, unless the user gave one.

use std::time::{Duration, Instant};

use towpath_browser::{
    BrowserOptions, BrowserProxy, Capture, CaptureRequest, Credentials, FixedAddress, OpenRequest,
    PageChoice, SocketCapture,
};
use towpath_diagnosis::observation::{BrowserCapture, BrowserOutcome, Fact, ProxyKind, Scheme};
use towpath_net::ProxyServer;
use towpath_net::limits::milliseconds;
use towpath_net::proxy::authority;
use url::Url;

use crate::run::Probe;
use crate::settings::ProxyChoice;

mod record;

/// Longest wait for the page.
const PAGE_MAX: Duration = Duration::from_secs(6);

/// Longest wait for the answer to the handshake, as for this program's own.
const HANDSHAKE_MAX: Duration = Duration::from_secs(7);

/// How long a page that the user named is watched for sockets of its own.
const WATCH: Duration = Duration::from_secs(3);

/// How long to stay with an answered socket: enough to see an early death.
const LINGER: Duration = Duration::from_millis(500);

/// Visits, opens, and tells what came of each socket to the target.
pub(crate) async fn ask(probe: &mut Probe) -> Vec<Fact> {
    let began = Instant::now();
    let request = request(probe);
    let captured = towpath_browser::capture(&options(probe), &request).await;
    let capture = match captured {
        Ok(capture) => capture,
        Err(error) => return vec![unavailable(&error.to_string(), began)],
    };
    // The visit to the page and the handshake.
    probe.count_request();
    probe.count_request();
    let cookies = capture.page.cookies.iter().map(|(_, value)| value.clone());
    probe.keep_secret(cookies.collect::<Vec<_>>());
    let sockets = of_target(&capture, probe);
    remember(probe, &sockets);
    let elapsed_ms = milliseconds(began.elapsed());
    let facts: Vec<Fact> = sockets
        .iter()
        .map(|socket| {
            Fact::Browser(BrowserCapture {
                elapsed_ms,
                ..record::fact(&capture, socket, &probe.settings.net)
            })
        })
        .collect();
    if facts.is_empty() {
        return vec![unavailable("the browser opened no socket", began)];
    }
    facts
}

/// The page's own sockets to the target first, since they carry what the site's script knows; then
/// the one that was asked for.
fn of_target<'a>(capture: &'a Capture, probe: &Probe) -> Vec<&'a SocketCapture> {
    let same_host = |socket: &&SocketCapture| {
        Url::parse(&socket.url).is_ok_and(|url| url.host_str() == Some(&probe.settings.host))
    };
    let own = capture.made_by_page().filter(same_host);
    own.chain(capture.opened()).collect()
}

fn remember(probe: &mut Probe, sockets: &[&SocketCapture]) {
    if probe.settings.like.is_none() {
        probe.settings.like = sockets
            .iter()
            .find(|socket| socket.accepted())
            .and_then(|socket| record::request(socket));
    }
}

fn unavailable(reason: &str, began: Instant) -> Fact {
    Fact::Browser(BrowserCapture {
        browser: String::new(),
        page: None,
        page_substituted: false,
        request: None,
        response: None,
        cookie_names: Vec::new(),
        issuer: None,
        document: None,
        messages: Vec::new(),
        outcome: BrowserOutcome::Unavailable {
            reason: reason.to_owned(),
        },
        elapsed_ms: milliseconds(began.elapsed()),
    })
}

fn request(probe: &Probe) -> CaptureRequest {
    let settings = &probe.settings;
    let scheme = match settings.scheme {
        Scheme::Ws => "ws",
        Scheme::Wss => "wss",
    };
    let place = authority(&settings.host, settings.port);
    let named = settings.page.as_ref();
    let page = match (&settings.page, &settings.origin) {
        (Some(page), _) => PageChoice::Visit(page.clone()),
        (None, Some(origin)) => PageChoice::StandIn(format!("{origin}/")),
        (None, None) => PageChoice::SiteRoot,
    };
    CaptureRequest {
        websocket_url: format!("{scheme}://{place}{}", settings.path),
        watch_page: named.map_or(Duration::ZERO, |_| WATCH),
        watch_longer: named.map_or(Duration::ZERO, |_| settings.watch_page_longer),
        page,
        open: Some(OpenRequest {
            subprotocols: settings.subprotocols.clone(),
            messages: Vec::new(),
        }),
        linger: LINGER,
        page_timeout: PAGE_MAX,
        handshake_timeout: HANDSHAKE_MAX,
    }
}

/// This run's network settings in the browser's terms.
fn options(probe: &Probe) -> BrowserOptions {
    let settings = &probe.settings;
    let attach = settings.browser_attach.clone();
    let own = BrowserOptions {
        attach,
        ..BrowserOptions::default()
    };
    let options = on_network(own, &settings.net, &settings.proxy);
    match &probe.proxy {
        Some(proxy) => BrowserOptions {
            proxy: server(proxy),
            ..options
        },
        None => options,
    }
}

/// A browser's options with proxy, trust and fixed addresses as this program has them.
pub fn on_network(
    options: BrowserOptions,
    net: &towpath_net::Settings,
    proxy: &ProxyChoice,
) -> BrowserOptions {
    let fixed = net.overrides().filter_map(|(host, port, addresses)| {
        Some(FixedAddress {
            host: host.to_owned(),
            port,
            address: *addresses.first()?,
        })
    });
    BrowserOptions {
        proxy: match proxy {
            ProxyChoice::Given(proxy) => server(proxy),
            ProxyChoice::Environment => BrowserProxy::System,
            ProxyChoice::Never => BrowserProxy::Direct,
        },
        extra_roots_pem: net.authorities().map(str::to_owned),
        resolve: fixed.collect(),
        ..options
    }
}

fn server(proxy: &ProxyServer) -> BrowserProxy {
    let scheme = match proxy.kind {
        ProxyKind::Http => "http",
        ProxyKind::Https => "https",
        // To the browser this always means that the proxy looks up names.
        ProxyKind::Socks5 | ProxyKind::Socks5h => "socks5",
    };
    BrowserProxy::Server {
        url: format!("{scheme}://{}", authority(&proxy.host, proxy.port)),
        credentials: proxy.credentials.as_ref().map(|known| Credentials {
            username: known.user.clone(),
            password: known.password.clone(),
        }),
    }
}
