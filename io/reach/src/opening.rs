//! One opening by a native way: the handshake with its token, renewed once where the server refuses it, and the proof behind it.
//!
//! It must never send a token twice that was refused, and never call a 101 open that nothing has passed through.

use std::sync::Arc;

use towpath_diagnosis::observation::{Failed, Failure, Stage};
use towpath_diagnosis::words;
use towpath_net::ProxyServer;
use towpath_tokens::Token;

use crate::choice::{Allowed, Symptom};
use crate::native::{self, Attempt, Switched};
use crate::opened::{Carried, Opened, Way};
use crate::proof::{Proof, prove};
use crate::reach::Inner;
use crate::refused::Refused;
use crate::request::Request;
use crate::target::Target;

/// Close codes by which applications refuse a token: the status in their own range.
const REFUSED_BY_CLOSE: [u16; 2] = [4401, 4403];

/// All that one opening needs. It is owned, so that what it finds out outlives a caller that gives up.
#[derive(Clone)]
pub(crate) struct Opening {
    pub(crate) inner: Arc<Inner>,
    /// As the caller gave it.
    pub(crate) plain: Request,
    /// With the token in its place.
    pub(crate) request: Request,
    pub(crate) target: Target,
    pub(crate) proxy: Option<ProxyServer>,
    /// The token in it.
    token: Option<Token>,
    /// It was renewed in this opening.
    renewed: bool,
}

/// What came of a native way.
pub(crate) enum Outcome {
    /// It is open; proven, where proof was asked for.
    Open(Opened),
    /// There was a 101, but nothing shows that messages pass.
    Held(Opened),
    /// It is not.
    Not(Refused, Symptom),
}

impl Opening {
    pub(crate) fn new(inner: Arc<Inner>, request: Request) -> Result<Self, Refused> {
        let target = target(&request)?;
        let choice = &inner.settings.proxy;
        let proxy = choice.server(target.scheme, &target.host, target.port);
        Ok(Self {
            plain: request.clone(),
            request,
            target,
            proxy,
            inner,
            token: None,
            renewed: false,
        })
    }

    /// Puts the token into the request; with `renew` another one than that which was refused.
    pub(crate) async fn add_token(&mut self, renew: bool) -> Result<(), Refused> {
        let Some(token_use) = self.inner.settings.token.clone() else {
            return Ok(());
        };
        let refused = self.token.take().filter(|_| renew);
        self.renewed = renew;
        let token = token_use
            .get(refused)
            .await
            .map_err(|error| Refused::failed("no token", error.to_string()))?;
        self.request = token_use.apply(&self.plain, &token);
        self.target = target(&self.request)?;
        self.token = Some(token);
        Ok(())
    }

    pub(crate) fn allowed(&self) -> Allowed {
        let settings = &self.inner.settings;
        Allowed {
            browser: settings.may_use_browser,
            page: settings.page.is_some() || settings.token.is_some(),
        }
    }

    fn may_renew(&self) -> bool {
        self.token.is_some() && !self.renewed
    }

    /// Shakes hands, renews a token that was refused, and asks for proof.
    pub(crate) async fn native(&mut self, prove_it: bool) -> Outcome {
        loop {
            let outcome = self.once(prove_it).await;
            let is_token = match &outcome {
                Tried::Done(Outcome::Not(_, Symptom::Refused(status))) => {
                    matches!(status, 401 | 403)
                }
                Tried::Done(_) => false,
                Tried::Closed(code, _) => REFUSED_BY_CLOSE.contains(code),
            };
            if is_token && self.may_renew() {
                tracing::info!(
                    target = self.target.key(),
                    "the token was refused, renewing it"
                );
                match self.add_token(true).await {
                    Ok(()) => continue,
                    // The server's own refusal tells more, and the line says what was missing.
                    Err(error) => tracing::warn!(why = %error, "the token was not renewed"),
                }
            }
            return match outcome {
                Tried::Done(outcome) => outcome,
                Tried::Closed(_, opened) => Outcome::Open(opened),
            };
        }
    }

    async fn once(&self, prove_it: bool) -> Tried {
        let settings = &self.inner.settings;
        let (target, request) = (&self.target, &self.request);
        match native::attempt(settings, target, request, self.proxy.clone()).await {
            Attempt::Switched(switched) => self.switched(switched, prove_it).await,
            Attempt::Refused(answer) => {
                let symptom = Symptom::Refused(answer.status);
                let (status, headers, body) = native::refusal(answer);
                let why = format!("the remote answered {status} to a handshake {}", self.by());
                Tried::Done(Outcome::Not(
                    Refused::Answer {
                        status,
                        headers,
                        body,
                        why: why.into(),
                    },
                    symptom,
                ))
            }
            Attempt::Failed(failed) => {
                let symptom = Symptom::Failed(failed.stage);
                Tried::Done(Outcome::Not(not_reached(&failed, &self.by()), symptom))
            }
        }
    }

    async fn switched(&self, switched: Switched, prove_it: bool) -> Tried {
        let Switched {
            mut native,
            response,
            deviations,
        } = switched;
        if !deviations.is_empty() && self.request.local.is_none() {
            let broken = format!("its 101 breaks RFC 6455: {}", deviations.join(", "));
            return Tried::Done(Outcome::Not(
                Refused::failed("the handshake's answer cannot be accepted", broken),
                Symptom::NotReally,
            ));
        }
        let mut doubt = None;
        let mut closed = None;
        if !deviations.is_empty() {
            doubt = Some(format!(
                "though its 101 breaks RFC 6455: {}",
                deviations.join(", ")
            ));
        } else if prove_it {
            let limit = self.inner.settings.proof;
            match prove(&mut native.stream, limit).await {
                Proof::Proven => {}
                Proof::Closed { code } => closed = Some(code),
                Proof::Mute => {
                    let waited = words::duration(towpath_net::limits::milliseconds(limit));
                    doubt = Some(format!("though no ping was answered within {waited}"));
                }
                Proof::Cut => doubt = Some("though it was cut right after the 101".to_owned()),
            }
        }
        let way = match self.proxy {
            Some(_) => Way::Proxy,
            None => Way::Direct,
        };
        let why = doubt
            .as_ref()
            .map_or_else(|| self.by(), |doubt| format!("{}, {doubt}", self.by()));
        let opened = Opened {
            way,
            why,
            response,
            carried: Carried::Stream(native),
        };
        match (doubt, closed) {
            (Some(_), _) => Tried::Done(Outcome::Held(opened)),
            (None, Some(code)) => Tried::Closed(code, opened),
            (None, None) => Tried::Done(Outcome::Open(opened)),
        }
    }

    /// The native way in words.
    pub(crate) fn by(&self) -> String {
        match &self.proxy {
            None => "directly".to_owned(),
            Some(proxy) => format!("through the proxy {proxy}"),
        }
    }
}

enum Tried {
    Done(Outcome),
    /// It opened, and the remote's first word was a close with this code.
    Closed(u16, Opened),
}

fn target(request: &Request) -> Result<Target, Refused> {
    Target::of(&request.url)
        .map_err(|error| Refused::failed("the address cannot be used", error.to_string()))
}

fn not_reached(failed: &Failed, by: &str) -> Refused {
    let what = match failed.stage {
        Stage::Resolve => "the name was not found",
        Stage::Connect => "no connection",
        Stage::Tunnel => "the proxy opened no tunnel",
        Stage::Tls => "no TLS",
        Stage::Http => "no answer to the handshake",
    };
    Refused::Failed {
        what: what.to_owned(),
        why: format!("{}, {by}", words::failure(&failed.failure)).into(),
        timed_out: matches!(failed.failure, Failure::TimedOut { .. }),
    }
}
