//! A page that we opened, and that is closed when nobody holds it any more.

use serde_json::{Value, json};

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
        let target = json!({ "targetId": self.target });
        self.debugger.notify(None, "Target.closeTarget", target);
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
