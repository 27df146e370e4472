//! A page that we opened, and that is closed when nobody holds it any more.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::time::sleep;

use super::CALL_TIMEOUT;
use crate::debugger::Debugger;
use crate::error::BrowserError;

/// An empty page with a debugging session. Dropping it closes it.
pub(crate) struct OwnPage {
    pub(crate) debugger: Debugger,
    /// The page's target, which is the name of its main frame too.
    pub(crate) target: String,
    pub(crate) session: String,
}

impl OwnPage {
    /// Opens a page that no person sees, in this browser context or in the browser's own.
    pub(crate) async fn open(
        debugger: &Debugger,
        context: Option<&str>,
    ) -> Result<Self, BrowserError> {
        let opening = open(debugger.clone(), context.map(str::to_owned));
        // A task of its own: given up half-way, nobody would know which page to close.
        match tokio::spawn(opening).await {
            Ok(outcome) => outcome,
            Err(_) => Err(BrowserError::ended("the runtime is ending")),
        }
    }

    /// A call to this page with the usual limit.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Result<Value, BrowserError> {
        let session = Some(self.session.as_str());
        self.debugger
            .call(session, method, params, CALL_TIMEOUT)
            .await
    }
}

impl Drop for OwnPage {
    fn drop(&mut self) {
        // Without a runtime the connection is gone too, and hidden pages do not outlive it.
        if let Ok(runtime) = Handle::try_current() {
            let target = std::mem::take(&mut self.target);
            runtime.spawn(close(self.debugger.clone(), target));
        }
    }
}

/// Closes a page for certain: the browser may say that it did, and keep one that it has just opened.
async fn close(debugger: Debugger, target: String) {
    let target = json!({ "targetId": target });
    let mut pause = CLOSE_PAUSE_FIRST;
    for _ in 0..CLOSE_TRIES_MAX {
        let closing = debugger.call(None, "Target.closeTarget", target.clone(), CALL_TIMEOUT);
        if closing.await.is_err() {
            // There is no such page any more, or no browser.
            return;
        }
        sleep(pause).await;
        pause *= 2;
    }
}

async fn open(debugger: Debugger, context: Option<String>) -> Result<OwnPage, BrowserError> {
    // A hidden page ends with our debugging connection, whatever becomes of us; older browsers take no notice of that
    // wish.
    let mut wanted = json!({ "url": "about:blank", "background": true, "hidden": true });
    if let Some(context) = context {
        wanted["browserContextId"] = context.into();
    }
    let created = debugger
        .call(None, "Target.createTarget", wanted, CALL_TIMEOUT)
        .await?;
    let mut page = OwnPage {
        debugger,
        target: text(&created, "targetId"),
        session: String::new(),
    };
    let attach = json!({ "targetId": page.target, "flatten": true });
    let attached = page
        .debugger
        .call(None, "Target.attachToTarget", attach, CALL_TIMEOUT)
        .await?;
    page.session = text(&attached, "sessionId");
    Ok(page)
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

const CLOSE_TRIES_MAX: u32 = 6;
const CLOSE_PAUSE_FIRST: Duration = Duration::from_millis(100);
