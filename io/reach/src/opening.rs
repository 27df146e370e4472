//! One opening by a native way: the handshake with its token, renewed once where the server refuses it, and the proof behind it.
//!
//! It must never send a token twice that was refused, and never call a 101 open that nothing has passed through.

use std::sync::Arc;

use tokio::time::Instant;
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
    /// It was renewed in this opening, or that was tried.
    renewed: bool,
    /// Why it was not.
    unrenewed: Option<String>,
}

/// What came of a native way.
pub(crate) enum Outcome {
    /// It is open; proven, where proof was asked for.
    Open(Opened),
    /// It opened, and the remote's first word was a close, which the stream still holds.
    Closed(Opened, u16),
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
            unrenewed: None,
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
            .map_err(|error| Refused::failed("no token", with_reasons(&error)))?;
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

    pub(crate) fn may_renew(&self) -> bool {
        self.token.is_some() && !self.renewed
    }

    /// Shakes hands, renews a token that was refused, and asks for proof.
    pub(crate) async fn native(&mut self, prove_it: bool) -> Outcome {
        loop {
            let outcome = self.once(prove_it).await;
            if !self.renewed_after(outcome.refuses_token()).await {
                return outcome;
            }
        }
    }

    /// Whether another token is at hand now, where the server `refused` the one sent.
    ///
    /// It takes the answer and not the outcome: a stream that is only lent could not go with
    /// the task to another thread.
    pub(crate) async fn renewed_after(&mut self, refused: bool) -> bool {
        if !refused || !self.may_renew() {
            return false;
        }
        let target = self.target.key();
        tracing::info!(target, "the token was refused, renewing it");
        let renewed = self.add_token(true).await;
        if let Err(error) = &renewed {
            // The server's own refusal tells more.
            tracing::warn!(why = %error, "the token was not renewed");
            self.unrenewed = Some(error.why().sentence.clone());
        }
        renewed.is_ok()
    }

    /// One handshake, and the proof behind it.
    pub(crate) async fn once(&self, prove_it: bool) -> Outcome {
        let settings = &self.inner.settings;
        let (target, request) = (&self.target, &self.request);
        let (mut names, since) = self.inner.lookups.begin(Instant::now());
        let proxy = self.proxy.clone();
        let attempt = native::attempt(settings, target, request, proxy, &mut names).await;
        self.inner.lookups.learnt(names, since);
        match attempt {
            Attempt::Switched(switched) => self.switched(switched, prove_it).await,
            Attempt::Refused(answer) => {
                let symptom = Symptom::Refused(answer.status);
                let (status, headers, body) = native::refusal(answer);
                let why = format!("reached {}, the remote answered {status}", self.by());
                let refused = Refused::Answer {
                    status,
                    headers,
                    body,
                    why: why.into(),
                };
                Outcome::Not(refused, symptom)
            }
            Attempt::Failed(failed) => {
                let symptom = Symptom::Failed(failed.stage);
                Outcome::Not(self.not_reached(&failed), symptom)
            }
        }
    }

    async fn switched(&self, switched: Switched, prove_it: bool) -> Outcome {
        let Switched {
            mut native,
            response,
            deviations,
        } = switched;
        if !deviations.is_empty() && self.request.local.is_none() {
            let broken = format!("its 101 breaks RFC 6455: {}", deviations.join(", "));
            let refused = Refused::failed("the handshake's answer cannot be accepted", broken);
            return Outcome::Not(refused, Symptom::Broken);
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
            (Some(_), _) => Outcome::Held(opened),
            (None, Some(code)) => Outcome::Closed(opened, code),
            (None, None) => Outcome::Open(opened),
        }
    }

    /// Whether the server refuses this program even so, where a token is in use.
    pub(crate) fn closes_on_token(&self, code: u16) -> bool {
        self.token.is_some() && REFUSED_BY_CLOSE.contains(&code)
    }

    /// What is to be said of the token where another way is taken.
    pub(crate) fn token_note(&self) -> String {
        match (&self.unrenewed, self.renewed) {
            (Some(why), _) => format!(" (the token could not be renewed: {why})"),
            (None, true) => " (also with a renewed token)".to_owned(),
            (None, false) => String::new(),
        }
    }

    fn not_reached(&self, failed: &Failed) -> Refused {
        let what = match (failed.stage, &self.proxy) {
            (Stage::Resolve, None) => "the name was not found",
            (Stage::Connect, None) => "no connection",
            (Stage::Resolve | Stage::Connect, Some(_)) => "no connection to the proxy",
            (Stage::Tunnel, _) => "the proxy opened no tunnel",
            (Stage::Tls, _) => "no TLS",
            (Stage::Http, _) => "no answer to the handshake",
        };
        Refused::Failed {
            what: what.to_owned(),
            why: format!("{}, going {}", words::failure(&failed.failure), self.by()).into(),
            timed_out: matches!(failed.failure, Failure::TimedOut { .. }),
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

impl Outcome {
    /// Whether it may be for the token's sake.
    pub(crate) fn refuses_token(&self) -> bool {
        match self {
            Self::Not(_, Symptom::Refused(status)) => matches!(status, 401 | 403),
            Self::Closed(_, code) => REFUSED_BY_CLOSE.contains(code),
            _ => false,
        }
    }

    /// As a caller gets it who names the way: what there is, whatever may be doubted.
    pub(crate) fn into_result(self) -> Result<Opened, Refused> {
        match self {
            Self::Open(opened) | Self::Closed(opened, _) | Self::Held(opened) => Ok(opened),
            Self::Not(refused, _) => Err(refused),
        }
    }
}

fn target(request: &Request) -> Result<Target, Refused> {
    Target::of(&request.url)
        .map_err(|error| Refused::failed("the address cannot be used", error.to_string()))
}

/// An error with all that it was caused by.
fn with_reasons(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(reason) = cause {
        words.push_str(": ");
        words.push_str(&reason.to_string());
        cause = reason.source();
    }
    words
}
