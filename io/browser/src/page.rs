//! One attached page: calls to it, and all that happens while they run.
//!
//! Every event passes through here, is recorded, and is answered where the page would wait for an answer. Decides
//! nothing about what a capture does next.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::error::BrowserError;
use crate::options::Credentials;
use crate::protocol::{Connection, Incoming, Reply};
use crate::reaction::{Reactions, attach_shared_workers, auto_attach};
use crate::recorder::Recorder;

/// A page under observation.
pub(crate) struct Page<'browser> {
    connection: &'browser mut Connection,
    session: String,
    pub(crate) recorder: Recorder,
    pub(crate) reactions: Reactions,
}

/// How a call to the page ended.
#[derive(Debug)]
pub(crate) enum Answer {
    Result(Value),
    /// The browser's words why not.
    Refused(String),
    /// Nothing came in time; the page may be stuck, the browser need not be.
    TimedOut,
}

impl<'browser> Page<'browser> {
    /// Opens an empty page and starts watching it.
    pub(crate) async fn open(
        connection: &'browser mut Connection,
        credentials: Option<Credentials>,
    ) -> Result<Self, BrowserError> {
        let is_guest = connection.is_guest;
        let blank = json!({ "url": "about:blank", "hidden": is_guest, "background": is_guest });
        let target = connection
            .call_alone("Target.createTarget", blank, CALL_TIMEOUT)
            .await?;
        let target = target["targetId"].as_str().unwrap_or_default().to_owned();
        let attach = json!({ "targetId": target, "flatten": true });
        let attached = connection
            .call_alone("Target.attachToTarget", attach, CALL_TIMEOUT)
            .await?;
        let session = attached["sessionId"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut page = Self {
            connection,
            session,
            recorder: Recorder::for_frame(&target),
            reactions: Reactions::with(credentials),
        };
        page.command("Inspector.enable", json!({})).await?;
        page.command("Page.enable", json!({})).await?;
        page.command("Network.enable", json!({})).await?;
        page.command("Runtime.enable", json!({})).await?;
        page.command("Target.setAutoAttach", auto_attach()).await?;
        // Shared workers belong to no page, so the browser itself has to tell of them.
        page.try_browser("Target.setAutoAttach", attach_shared_workers())
            .await?;
        if page.reactions.credentials.is_some() {
            page.intercept().await?;
        }
        Ok(page)
    }

    /// Whether the browser is somebody's own.
    pub(crate) fn is_guest(&self) -> bool {
        self.connection.is_guest
    }

    /// Pauses requests, so that a stand-in or credentials can be given.
    pub(crate) async fn intercept(&mut self) -> Result<(), BrowserError> {
        let everything = json!({ "patterns": [{ "urlPattern": "*" }], "handleAuthRequests": true });
        self.command("Fetch.enable", everything).await.map(drop)
    }

    /// A call that no page can refuse or delay.
    pub(crate) async fn command(
        &mut self,
        method: &'static str,
        params: Value,
    ) -> Result<Value, BrowserError> {
        match self.call(method, params, CALL_TIMEOUT).await? {
            Answer::Result(result) => Ok(result),
            Answer::Refused(reason) => Err(BrowserError::protocol(method, reason)),
            Answer::TimedOut => Err(BrowserError::Timeout {
                what: method.to_owned(),
                limit: CALL_TIMEOUT,
            }),
        }
    }

    /// A call whose outcome depends on the page. Events go on being recorded and answered meanwhile.
    pub(crate) async fn call(
        &mut self,
        method: &'static str,
        params: Value,
        limit: Duration,
    ) -> Result<Answer, BrowserError> {
        let deadline = Instant::now() + limit;
        let session = self.session.clone();
        let call = self.connection.send(Some(&session), method, params).await?;
        loop {
            match self.next(deadline).await? {
                None => return Ok(Answer::TimedOut),
                Some(Reply { id, outcome }) if id == call => {
                    return Ok(match outcome {
                        Ok(result) => Answer::Result(result),
                        Err(reason) => Answer::Refused(reason),
                    });
                }
                Some(_) => {}
            }
        }
    }

    /// Runs a script in a world of its own: a page that replaces what the script uses shall not change what is measured,
    /// nor notice. Waits for a promise.
    pub(crate) async fn evaluate_apart(
        &mut self,
        expression: &str,
        limit: Duration,
    ) -> Result<Answer, BrowserError> {
        let mut evaluate =
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let world = json!({ "frameId": self.recorder.document.frame, "worldName": "towpath" });
        if let Answer::Result(world) = self
            .call("Page.createIsolatedWorld", world, WORLD_TIMEOUT)
            .await?
        {
            evaluate["contextId"] = world["executionContextId"].clone();
        }
        self.call("Runtime.evaluate", evaluate, limit).await
    }

    /// A call to the browser itself for which any outcome will do.
    pub(crate) async fn try_browser(
        &mut self,
        method: &'static str,
        params: Value,
    ) -> Result<(), BrowserError> {
        self.connection.send(None, method, params).await.map(drop)
    }

    /// Lets the page run until the condition holds or the time is over. Tells whether it held.
    pub(crate) async fn run_until(
        &mut self,
        limit: Duration,
        condition: impl Fn(&Recorder) -> bool,
    ) -> Result<bool, BrowserError> {
        let deadline = Instant::now() + limit;
        while !condition(&self.recorder) {
            match self.connection.receive(deadline).await? {
                None => return Ok(false),
                Some(incoming) => drop(self.take_in(incoming).await?),
            }
        }
        Ok(true)
    }

    /// Runs until the next reply of any call; `None` at the deadline.
    async fn next(&mut self, deadline: Instant) -> Result<Option<Reply>, BrowserError> {
        loop {
            let Some(incoming) = self.connection.receive(deadline).await? else {
                return Ok(None);
            };
            if let Some(reply) = self.take_in(incoming).await? {
                return Ok(Some(reply));
            }
        }
    }

    async fn take_in(&mut self, incoming: Incoming) -> Result<Option<Reply>, BrowserError> {
        let event = match incoming {
            Incoming::Reply(reply) => return Ok(Some(reply)),
            Incoming::Event(event) => event,
        };
        self.recorder.observe(&event);
        if event.method == "Inspector.targetCrashed"
            && event.session.as_ref() == Some(&self.session)
        {
            // Nothing would answer any more.
            return Err(BrowserError::protocol(
                "showing the page",
                "its process crashed",
            ));
        }
        if event.method == "Page.frameNavigated" {
            self.reactions.page.clone_from(&self.recorder.document.url);
        }
        for call in self.reactions.to(&event) {
            self.connection
                .send(call.session.as_deref(), call.method, call.params)
                .await?;
        }
        Ok(None)
    }
}

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const WORLD_TIMEOUT: Duration = Duration::from_secs(3);
