//! The best way, found out: what worked lately, then this program's own, then what the facts speak for.
//!
//! It must never take a way without saying why, and never end with another refusal than the remote's own where it gave one.

use std::time::Duration;

use tokio::time::Instant;
use towpath_diagnosis::words;

use crate::choice::{Choice, Symptom};
use crate::gateway;
use crate::opened::{Opened, Way};
use crate::opening::{Opening, Outcome};
use crate::refused::{Refused, Why};
use crate::remember::Known;
use crate::verdict::verdict;

/// How long a plain WebSocket may give no sign before a gateway is asked for beside it. Shorter asks servers for nothing that are only
/// far away; longer keeps those waiting whose network swallows handshakes.
const SIGN_WAIT: Duration = Duration::from_millis(1500);

impl Opening {
    /// Opens by the best way.
    pub(crate) async fn auto(mut self) -> Result<Opened, Refused> {
        let tried = match self.remembered() {
            None => None,
            Some(known) => match self.by_memory(&known).await {
                Ok(opened) => return Ok(opened),
                Err(tried) => {
                    self.inner.memory().ways.forget(&self.target.key());
                    tried
                }
            },
        };
        let outcome = match tried {
            Some(outcome) => outcome,
            None if self.inner.verdicts.takes_no_proof(&self.target.key()) => {
                match self.native(false).await {
                    // Unproven as it is, it is not to be remembered as a way that works.
                    Outcome::Open(opened) => {
                        let why = format!("{}, though it answers no pings", opened.why);
                        return Ok(Opened { why, ..opened });
                    }
                    outcome => outcome,
                }
            }
            None => match self.native_or_session().await {
                Ok(outcome) => outcome,
                Err(opened) => return Ok(opened),
            },
        };
        match outcome {
            Outcome::Open(opened) => Ok(self.keep(opened)),
            Outcome::Closed(opened, code) => self.past_close(opened, code).await,
            Outcome::Held(opened) => self.instead_of(opened).await,
            Outcome::Not(refused, symptom) => {
                let verdict = verdict(&self, symptom).await;
                if verdict.gateway {
                    return self.gateway(refused).await;
                }
                self.follow(verdict.choice, refused, symptom).await
            }
        }
    }

    /// This program's own way; where a handshake gives no sign for a while, a gateway's session beside it, and whichever opens first.
    /// The time that a token takes to be renewed is no silence of the network's.
    async fn native_or_session(&mut self) -> Result<Outcome, Opened> {
        loop {
            let outcome = tokio::select! {
                biased;
                outcome = self.once(true) => outcome,
                opened = self.session_later() => return Err(self.keep(opened)),
            };
            if !self.renewed_after(outcome.refuses_token()).await {
                return Ok(outcome);
            }
        }
    }

    /// A session of the gateway once the wait for a sign is over; nothing for ever where there is none.
    async fn session_later(&self) -> Opened {
        tokio::time::sleep(SIGN_WAIT).await;
        let (settings, proxy) = (&self.inner.settings, self.proxy.clone());
        if gateway::is_there(settings, &self.target, &self.request, proxy).await
            && let Ok(opened) = self.session().await
        {
            let waited = words::duration(towpath_net::limits::milliseconds(SIGN_WAIT));
            let why = format!(
                "{}, since a plain WebSocket gave no sign within {waited}",
                opened.why
            );
            return Opened { why, ..opened };
        }
        std::future::pending().await
    }

    fn remembered(&self) -> Option<Known> {
        let memory = self.inner.memory();
        memory.ways.of(&self.target.key(), Instant::now())
    }

    fn keep(&self, opened: Opened) -> Opened {
        let known = Known {
            way: opened.way,
            why: opened.why.clone(),
        };
        let mut memory = self.inner.memory();
        memory.ways.keep(&self.target.key(), known, Instant::now());
        drop(memory);
        opened
    }

    /// The way that worked lately. Where it was a native one, its failure is not repeated but handed back.
    async fn by_memory(&mut self, known: &Known) -> Result<Opened, Option<Outcome>> {
        let opened = match known.way {
            // Without proof it is not remembered any longer than it was.
            Way::Direct | Way::Proxy => {
                return match self.native(false).await {
                    Outcome::Open(opened) => Ok(opened),
                    other => Err(Some(other)),
                };
            }
            Way::Gateway => self.session().await,
            Way::Browser => self.browser().await,
        };
        match opened {
            Ok(opened) => {
                let why = known.why.clone();
                Ok(self.keep(Opened { why, ..opened }))
            }
            Err(refused) => {
                tracing::info!(way = %known.way, %refused, "what worked lately does not, choosing anew");
                Err(None)
            }
        }
    }

    /// A session of the gateway, over the transport that worked last.
    pub(crate) async fn session(&self) -> Result<Opened, Refused> {
        let (settings, target) = (&self.inner.settings, self.target.key());
        let remembered = self.inner.memory().transports.of(&target, Instant::now());
        let proxy = self.proxy.clone();
        let opening = gateway::open(settings, &self.target, &self.request, proxy, remembered);
        let (opened, transport) = opening.await?;
        if let Some(transport) = transport {
            let mut memory = self.inner.memory();
            memory.transports.keep(&target, transport, Instant::now());
        }
        Ok(opened)
    }

    /// As [`Self::session`], with a token that is refused renewed once.
    pub(crate) async fn session_renewing(&mut self) -> Result<Opened, Refused> {
        match self.session().await {
            Err(Refused::Answer { status, .. })
                if matches!(status, 401 | 403) && self.may_renew() =>
            {
                self.add_token(true).await?;
                self.session().await
            }
            outcome => outcome,
        }
    }

    /// A gateway is there, and plain WebSockets do not pass.
    async fn gateway(mut self, refused: Refused) -> Result<Opened, Refused> {
        match self.session_renewing().await {
            Ok(opened) => {
                let met = refused.brief();
                let why = format!("{}, since plain WebSockets do not pass: {met}", opened.why);
                Ok(self.keep(Opened { why, ..opened }))
            }
            Err(of_backend @ Refused::Answer { .. }) => Err(of_backend),
            Err(none) => {
                let why = format!("a Towpath gateway answers here, but gives no session: {none}");
                Err(refused.because(why.into()))
            }
        }
    }

    /// There is no token for this program; a browser that visits the page may get in without.
    pub(crate) async fn without_token(self, none: Refused) -> Result<Opened, Refused> {
        if !self.inner.settings.may_use_browser {
            return Err(none);
        }
        match self.browser().await {
            Ok(opened) => {
                let why = format!(
                    "{}: there is no token for this program: {}",
                    opened.why,
                    none.why()
                );
                Ok(Opened { why, ..opened })
            }
            Err(also) => {
                tracing::info!(%also, "a browser does not get in either");
                Err(none)
            }
        }
    }

    /// A server that closes at once because of a token may still let a browser in. Any other close is the caller's to see.
    async fn past_close(self, closed: Opened, code: u16) -> Result<Opened, Refused> {
        if !self.closes_on_token(code) || !self.inner.settings.may_use_browser {
            return Ok(closed);
        }
        match self.browser().await {
            Ok(opened) => {
                let by = &opened.why;
                let why = format!(
                    "{by}: this program is closed with {code} at once{}",
                    self.token_note()
                );
                Ok(self.keep(Opened { why, ..opened }))
            }
            Err(refused) => {
                tracing::info!(%refused, "a browser does not get in either");
                Ok(closed)
            }
        }
    }

    /// A 101 that leads nowhere is only given out where there is nothing better.
    async fn instead_of(self, held: Opened) -> Result<Opened, Refused> {
        let verdict = verdict(&self, Symptom::Mute).await;
        if !verdict.gateway {
            return Ok(held);
        }
        match self.session().await {
            Ok(opened) => {
                let why = format!(
                    "{}, since the plain WebSocket opened {}",
                    opened.why, held.why
                );
                Ok(self.keep(Opened { why, ..opened }))
            }
            Err(refused) => {
                tracing::info!(%refused, "the gateway's session did not open either");
                Ok(held)
            }
        }
    }

    /// Does what was chosen after this program's own way was refused.
    async fn follow(
        mut self,
        choice: Choice,
        refused: Refused,
        symptom: Symptom,
    ) -> Result<Opened, Refused> {
        match choice {
            Choice::Stand(why) => Err(refused.because(why)),
            Choice::Again => self.native(false).await.into_result(),
            Choice::Browser(why) => self.fall_back(why, refused, symptom).await,
        }
    }

    /// A browser instead of this program, since this program meets what `why` says.
    async fn fall_back(
        self,
        why: Why,
        refused: Refused,
        symptom: Symptom,
    ) -> Result<Opened, Refused> {
        match self.browser().await {
            Ok(opened) => {
                let (by, note) = (&opened.why, self.token_note());
                let sentence = format!("{by}: {}{note}; a browser is let in", why.sentence);
                let why = Why { sentence, ..why }.to_string();
                Ok(self.keep(Opened { why, ..opened }))
            }
            Err(also) => {
                let why = both(why, also.why());
                if also.is_the_remotes() {
                    let verdicts = &self.inner.verdicts;
                    verdicts.fails_too(&self.target, symptom, why.clone()).await;
                }
                Err(refused.because(why))
            }
        }
    }
}

/// What this program and a browser meet, said once where it is the same.
fn both(why: Why, of_browser: &Why) -> Why {
    let cause = |why: &Why| why.finding.as_ref().map(|named| named.cause.clone());
    let sentence = match (cause(&why), cause(of_browser)) {
        (Some(one), Some(other)) if one == other => {
            format!("{}. A browser is asked for it too", of_browser.sentence)
        }
        _ => format!(
            "{}; a browser does not get in either: {}",
            why.sentence, of_browser.sentence
        ),
    };
    Why {
        sentence,
        finding: of_browser.finding.clone().or(why.finding),
    }
}
