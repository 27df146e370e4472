//! The one entry: from a request to an open WebSocket or a reason.
//!
//! It must never take a way that the settings do not allow, and never hide that it took another than the first.

use std::sync::Arc;

use towpath_diagnosis::observation::Failed;
use towpath_diagnosis::words;
use towpath_net::ProxyServer;

use crate::gateway;
use crate::native::{self, Attempt, Switched};
use crate::opened::{Carried, Opened, Way};
use crate::refused::Refused;
use crate::request::Request;
use crate::settings::{Settings, Via};
use crate::target::Target;

/// Opens WebSockets for one caller. A clone shares everything.
#[derive(Clone)]
pub struct Reach {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
}

impl Reach {
    /// Nothing is sent and nothing is started before the first opening.
    pub fn new(settings: Settings) -> Self {
        Self {
            inner: Arc::new(Inner { settings }),
        }
    }

    /// Opens a WebSocket by the way that the settings name, or by the best one. Dropping the future gives up.
    pub async fn open(&self, request: Request) -> Result<Opened, Refused> {
        let target = Target::of(&request.url)
            .map_err(|error| Refused::failed("the address cannot be used", error.to_string()))?;
        let settings = &self.inner.settings;
        let proxy = settings
            .proxy
            .server(target.scheme, &target.host, target.port);
        match settings.via {
            Via::Proxy if proxy.is_none() => Err(Refused::failed(
                "there is no proxy",
                "none is given, and the environment names none for this address",
            )),
            Via::Gateway => gateway::open(settings, &target, &request, proxy).await,
            Via::Direct => self.native(&target, &request, None).await,
            _ => self.native(&target, &request, proxy).await,
        }
    }

    async fn native(
        &self,
        target: &Target,
        request: &Request,
        proxy: Option<ProxyServer>,
    ) -> Result<Opened, Refused> {
        let way = if proxy.is_some() {
            Way::Proxy
        } else {
            Way::Direct
        };
        let through = proxy.as_ref().map(ToString::to_string);
        match native::attempt(&self.inner.settings, target, request, proxy).await {
            Attempt::Switched(switched) => Ok(opened(way, through.as_deref(), switched)),
            Attempt::Refused(answer) => {
                let (status, headers, body) = native::refusal(answer);
                let why = format!("the remote answered {status}, {}", by(through.as_deref()));
                Err(Refused::Answer {
                    status,
                    headers,
                    body,
                    why: why.into(),
                })
            }
            Attempt::Failed(failed, _) => Err(not_reached(&failed, through.as_deref())),
        }
    }
}

fn by(through: Option<&str>) -> String {
    through.map_or_else(
        || "reached directly".to_owned(),
        |proxy| format!("reached through {proxy}"),
    )
}

fn opened(way: Way, through: Option<&str>, switched: Switched) -> Opened {
    Opened {
        way,
        why: match through {
            None => "directly".to_owned(),
            Some(proxy) => format!("through the proxy {proxy}"),
        },
        response: switched.response,
        carried: Carried::Stream(switched.native),
    }
}

fn not_reached(failed: &Failed, through: Option<&str>) -> Refused {
    use towpath_diagnosis::observation::{Failure, Stage};
    let what = match failed.stage {
        Stage::Resolve => "the name was not found",
        Stage::Connect => "no connection",
        Stage::Tunnel => "the proxy opened no tunnel",
        Stage::Tls => "no TLS",
        Stage::Http => "no answer to the handshake",
    };
    Refused::Failed {
        what: what.to_owned(),
        why: format!("{} ({})", words::failure(&failed.failure), by(through)).into(),
        timed_out: matches!(failed.failure, Failure::TimedOut { .. }),
    }
}
