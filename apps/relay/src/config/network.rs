//! `[network]`, and what a side says differently: trust, fixed addresses, the proxy.

use towpath_net::ProxyServer;
use towpath_net::proxy::Credentials;
use towpath_probe::ProxyChoice;
use towpath_sides::Network;

use super::secret;
use super::section::Section;
use super::source::Source;

/// The network of all sides.
pub(super) fn of_all(root: &Section<'_>, source: &Source<'_>) -> Network {
    let mut network = Network::default();
    if let Some(section) = root.section("network") {
        for text in section.texts("resolve") {
            if let Err(error) = network.net.add_override(text) {
                section.wrong("resolve", &error.to_string());
            }
        }
        change(&section, source, &mut network);
        section.end();
    }
    network
}

/// The network of one side: that of all, but for what its own table says.
pub(super) fn of_side(section: &Section<'_>, source: &Source<'_>, all: &Network) -> Network {
    let mut network = all.clone();
    change(section, source, &mut network);
    network
}

fn change(section: &Section<'_>, source: &Source<'_>, network: &mut Network) {
    let proxy = section.parsed("proxy", |text| match text {
        "environment" => Ok(ProxyChoice::Environment),
        "none" => Ok(ProxyChoice::Never),
        url => ProxyServer::parse(url).map(ProxyChoice::Given),
    });
    if let Some(proxy) = proxy {
        let holds_login =
            matches!(&proxy, ProxyChoice::Given(server) if server.credentials.is_some());
        if holds_login && !source.is_private {
            section.wrong(
                "proxy",
                "others can read this file; put user:password into a file and name that in proxy_login_file",
            );
        }
        network.proxy = proxy;
    }
    if let Some(pair) = secret::read(section, source, "proxy_login") {
        let (user, password) = pair.reveal().split_once(':').unwrap_or((pair.reveal(), ""));
        match &mut network.proxy {
            ProxyChoice::Given(server) => {
                server.credentials = Some(Credentials {
                    user: user.to_owned(),
                    password: password.to_owned(),
                });
            }
            _ => section.wrong(
                "proxy_login_file",
                "it needs proxy to be the URL of a proxy",
            ),
        }
    }
    if let Some(written) = section.text("cacert") {
        let path = source.path(written);
        let trusted = std::fs::read(&path)
            .map_err(|error| error.to_string())
            .and_then(|pem| {
                network
                    .net
                    .trust_only(&pem)
                    .map_err(|error| error.to_string())
            });
        if let Err(error) = trusted {
            section.wrong("cacert", &format!("{}: {error}", path.display()));
        }
    }
}
