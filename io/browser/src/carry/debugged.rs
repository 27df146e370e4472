//! The link of a page that cannot dial back: the debugging protocol carries the records, in base64.
//!
//! Needed where the browser runs on another machine, or something between page and loopback forbids the way. Slower, and
//! otherwise the same: `link.js` and the hub do not know the difference.

use std::future::poll_fn;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::carry::hub::Hub;
use crate::carry::line::{RECORD_BYTES_MAX, feed};
use crate::carry::page::run_script;
use crate::carry::record::Reader;
use crate::debugger::{Debugger, Events, EventsEnd};
use crate::error::BrowserError;
use crate::tab::CALL_TIMEOUT;

/// A link over the debugging protocol.
pub(crate) struct DebuggedLink {
    debugger: Debugger,
    session: String,
    events: Events,
}

/// Starts the script with a function to call instead of an address to dial.
pub(crate) async fn begin(
    debugger: &Debugger,
    session: &str,
) -> Result<DebuggedLink, BrowserError> {
    let events = debugger.events(session, &["Runtime.bindingCalled"]);
    let call = |method, params| debugger.call(Some(session), method, params, CALL_TIMEOUT);
    call("Runtime.enable", json!({})).await?;
    call("Runtime.addBinding", json!({ "name": BINDING })).await?;
    run_script(
        debugger,
        session,
        json!({ "binding": BINDING }),
        CALL_TIMEOUT,
    )
    .await?;
    Ok(DebuggedLink {
        debugger: debugger.clone(),
        session: session.to_owned(),
        events,
    })
}

impl DebuggedLink {
    /// Carries until the link or the hub ends, and tells why.
    pub(crate) async fn carry(mut self, hub: Arc<Hub>) -> String {
        let mut reader = Reader::new(RECORD_BYTES_MAX);
        let up = async {
            loop {
                match self.events.next().await {
                    Ok(event) => {
                        let payload = event.params["payload"].as_str().unwrap_or_default();
                        let bytes = STANDARD.decode(payload).unwrap_or_default();
                        if let Err(why) = feed(&mut reader, &hub, &bytes) {
                            return why;
                        }
                    }
                    Err(EventsEnd::Ended) => return "the browser's page ended".to_owned(),
                    Err(EventsEnd::TooSlow) => {
                        return "this machine is too slow for the browser's page".to_owned();
                    }
                }
            }
        };
        let down = async {
            loop {
                let batch = poll_fn(|cx| hub.take_outgoing(cx)).await;
                if let Err(error) = hand_down(&self.debugger, &self.session, &batch).await {
                    return error.to_string();
                }
            }
        };
        tokio::select! {
            why = up => why,
            why = down => why,
        }
    }
}

/// Hands a batch to the page, in pieces. The replies keep them in order and bound how many are on their way.
async fn hand_down(debugger: &Debugger, session: &str, batch: &[u8]) -> Result<(), BrowserError> {
    let pieces = batch.chunks(PIECE_BYTES);
    let last = pieces.len() - 1;
    for (index, piece) in pieces.enumerate() {
        let text = STANDARD.encode(piece);
        let is_last = index == last;
        let expression = format!("{RECEIVER}(\"{text}\", {is_last})");
        let evaluate = json!({ "expression": expression, "awaitPromise": true });
        debugger
            .call(Some(session), "Runtime.evaluate", evaluate, CALL_TIMEOUT)
            .await?;
    }
    Ok(())
}

/// What the page calls with a batch.
const BINDING: &str = "towpathUp";
/// What takes a batch in the page; `link.js` sets it.
const RECEIVER: &str = "towpathDown";
/// Of a batch in one call.
const PIECE_BYTES: usize = 512 * 1024;
