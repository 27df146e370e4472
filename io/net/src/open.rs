//! The one way from a plan to a stream: name, TCP, proxy, TLS.
//!
//! Every step is witnessed. The first step that fails ends the dial; nothing is tried behind the
//! plan's back.

use std::net::{IpAddr, SocketAddr};

use towpath_diagnosis::observation::{Failed, Route, Stage, TlsLibrary, TlsVariation};

use crate::connect;
use crate::name::Names;
use crate::proxy::{self, ProxyServer};
use crate::settings::Settings;
use crate::stream::Stream;
use crate::tls::{self, Offer};
use crate::witness::Witness;

/// Where to, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The target's host: a name or a literal without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The only address to use; else all of the name's.
    pub address: Option<IpAddr>,
    /// The proxy to go through; else direct.
    pub proxy: Option<ProxyServer>,
    /// TLS with the target; else plain.
    pub tls: Option<TlsPlan>,
}

/// Which TLS handshake to make.
#[derive(Debug, Clone)]
pub struct TlsPlan {
    /// What is varied.
    pub variation: TlsVariation,
    /// The library, where not the variation's own.
    pub library: Option<TlsLibrary>,
}

impl TlsPlan {
    /// The plan for a variation by the library that it names.
    pub fn of(variation: TlsVariation) -> Self {
        Self {
            variation,
            library: None,
        }
    }

    fn offer(&self, host: &str) -> Offer {
        let mut offer = Offer::of(&self.variation, host);
        offer.library = self.library.unwrap_or(offer.library);
        offer
    }
}

/// An open connection.
#[derive(Debug)]
pub struct Opened {
    /// The stream to the target.
    pub stream: Stream,
    /// The way taken.
    pub route: Route,
    /// The TLS library, where TLS was made.
    pub library: Option<TlsLibrary>,
    /// The issuer of the target's certificate.
    pub issuer: Option<String>,
    /// The application protocol chosen.
    pub alpn: Option<String>,
}

/// A dial that did not reach the target.
#[derive(Debug, Clone)]
pub struct NotOpened {
    /// Where and how it failed.
    pub failed: Failed,
    /// The way taken so far.
    pub route: Route,
    /// The TLS library, where one was planned.
    pub library: Option<TlsLibrary>,
    /// The issuer of the certificate, where one was presented and not accepted.
    pub issuer: Option<String>,
}

/// Takes every step of a plan.
pub async fn open(
    settings: &Settings,
    names: &mut Names,
    plan: &Plan,
    witness: &mut dyn Witness,
) -> Result<Opened, NotOpened> {
    let offer = plan.tls.as_ref().map(|tls| tls.offer(&plan.host));
    let library = offer.as_ref().map(|offer| offer.library);
    let mut route = Route {
        proxy: plan.proxy.as_ref().map(ToString::to_string),
        address: None,
    };
    let carried = match &plan.proxy {
        None => direct(settings, names, plan, &mut route, witness).await,
        Some(proxy) => through(settings, names, plan, proxy, &mut route, witness).await,
    };
    let stream = carried.map_err(|failed| NotOpened {
        failed,
        route: route.clone(),
        library,
        issuer: None,
    })?;
    let Some(offer) = offer else {
        return Ok(Opened {
            stream,
            route,
            library,
            issuer: None,
            alpn: None,
        });
    };
    match tls::secure(stream, &plan.host, &offer, &route, settings, witness).await {
        Ok(secured) => Ok(Opened {
            stream: secured.stream,
            route,
            library,
            issuer: secured.issuer,
            alpn: secured.alpn,
        }),
        Err(unsecured) => Err(NotOpened {
            failed: Failed {
                stage: Stage::Tls,
                failure: unsecured.failure,
            },
            route,
            library,
            issuer: unsecured.issuer,
        }),
    }
}

async fn direct(
    settings: &Settings,
    names: &mut Names,
    plan: &Plan,
    route: &mut Route,
    witness: &mut dyn Witness,
) -> Result<Stream, Failed> {
    let addresses = match plan.address {
        Some(address) => vec![SocketAddr::new(address, plan.port)],
        None => names.of(settings, &plan.host, plan.port, witness).await?,
    };
    let connected = connect::first(&addresses, false, &settings.limits, witness).await;
    if plan.address.is_none()
        && let Ok((_, address)) = &connected
    {
        names.connected(&plan.host, address.ip());
    }
    reached(connected, route)
}

async fn through(
    settings: &Settings,
    names: &mut Names,
    plan: &Plan,
    proxy: &ProxyServer,
    route: &mut Route,
    witness: &mut dyn Witness,
) -> Result<Stream, Failed> {
    let addresses = names.of(settings, &proxy.host, proxy.port, witness).await?;
    let connected = connect::first(&addresses, true, &settings.limits, witness).await;
    if let Ok((_, address)) = &connected {
        names.connected(&proxy.host, address.ip());
    }
    let stream = reached(connected, route)?;
    let target = proxy::Destination {
        host: plan.host.clone(),
        port: plan.port,
        address: match (plan.address, proxy.resolves_here()) {
            (Some(address), _) => Some(address),
            (None, false) => None,
            (None, true) => names
                .of(settings, &plan.host, plan.port, witness)
                .await?
                .first()
                .map(SocketAddr::ip),
        },
    };
    proxy::tunnel(stream, proxy, &target, settings, witness)
        .await
        .map_err(|failure| Failed {
            stage: Stage::Tunnel,
            failure,
        })
}

fn reached(connected: connect::First, route: &mut Route) -> Result<Stream, Failed> {
    match connected {
        Ok((stream, address)) => {
            route.address = Some(address);
            Ok(Stream::new(stream))
        }
        Err((failure, address)) => {
            route.address = address;
            Err(Failed {
                stage: Stage::Connect,
                failure,
            })
        }
    }
}
