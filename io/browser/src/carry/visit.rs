//! Visits a site's own page, so that its cookies and what its scripts keep are there for our sockets.
//!
//! The page is loaded as a person's would be, left alone until it is quiet, and closed. It must never wait out or solve
//! a challenge, and never act in the page.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;
use towpath_diagnosis::challenge::Challenge;
use towpath_diagnosis::observation::{Body, Header, Response};
use url::Url;

use crate::carry::request::OpenError;
use crate::debugger::{Debugger, Events};
use crate::headers::from_object;
use crate::options::Credentials;
use crate::protocol::Event;
use crate::reaction::Reactions;
use crate::tab::OwnPage;
use crate::visit::parse_url;

/// Loads the page in this browser context and leaves it once it is quiet, or its time is over.
pub(crate) async fn visit(
    debugger: &Debugger,
    context: Option<&str>,
    credentials: Option<Credentials>,
    page: &str,
) -> Result<(), OpenError> {
    let address = parse_url(page)?;
    let visited = OwnPage::open(debugger, context).await?;
    let events = debugger.events(&visited.session, HEARD);
    visited.call("Page.enable", json!({})).await?;
    visited.call("Network.enable", json!({})).await?;
    let lifecycle = json!({ "enabled": true });
    visited
        .call("Page.setLifecycleEventsEnabled", lifecycle)
        .await?;
    let reactions = Reactions::with(credentials);
    if reactions.credentials.is_some() {
        let everything = json!({ "patterns": [{ "urlPattern": "*" }], "handleAuthRequests": true });
        visited.call("Fetch.enable", everything).await?;
    }
    let mut document = None;
    // A page that is never quiet was there long enough.
    let watched = timeout(VISIT_TIME_MAX, async {
        let go = visited.call("Page.navigate", json!({ "url": address.as_str() }));
        let quiet = until_quiet(&visited, events, reactions, &mut document);
        tokio::pin!(go, quiet);
        tokio::select! {
            there = &mut go => match there?["errorText"].as_str() {
                None => {
                    quiet.await;
                    Ok(())
                }
                Some(reason) => Err(not_loaded(&address, reason)),
            },
            () = &mut quiet => Ok(()),
        }
    });
    match watched.await {
        Ok(outcome) => outcome?,
        Err(_) if document.is_none() => return Err(not_loaded(&address, "no answer came")),
        Err(_) => {}
    }
    refuse_challenge(&visited, &address, document).await
}

/// Answers what the page would wait for, until it has loaded and asks for nothing more.
async fn until_quiet(
    visited: &OwnPage,
    mut events: Events,
    mut reactions: Reactions,
    document: &mut Option<Event>,
) {
    while let Ok(event) = events.next().await {
        for call in reactions.to(&event) {
            visited
                .debugger
                .notify(call.session.as_deref(), call.method, call.params);
        }
        let params = &event.params;
        // The main frame bears the name of its target.
        let in_main_frame = params["frameId"] == visited.target.as_str();
        match event.method.as_str() {
            "Network.responseReceived" if in_main_frame && params["type"] == "Document" => {
                *document = Some(Event::clone(&event));
            }
            "Page.lifecycleEvent"
                if in_main_frame && params["name"] == "networkIdle" && document.is_some() =>
            {
                return;
            }
            _ => {}
        }
    }
}

/// A site that wants proof of a human is told as that, not as a refusal.
async fn refuse_challenge(
    visited: &OwnPage,
    address: &Url,
    document: Option<Event>,
) -> Result<(), OpenError> {
    let Some(document) = document else {
        return Ok(());
    };
    let response = &document.params["response"];
    let of = json!({ "requestId": document.params["requestId"] });
    // The browser forgets a document that was left meanwhile.
    let body = visited.call("Network.getResponseBody", of).await;
    let text = body
        .ok()
        .and_then(|body| body["body"].as_str().map(str::to_owned));
    let mut text = text.unwrap_or_default();
    text.truncate(text.floor_char_boundary(BODY_BYTES_MAX));
    let header = |(name, value)| Header { name, value };
    let status = response["status"]
        .as_u64()
        .and_then(|code| code.try_into().ok());
    let answer = Response {
        status: status.unwrap_or_default(),
        headers: from_object(&response["headers"])
            .into_iter()
            .map(header)
            .collect(),
        body: Body {
            text,
            ..Body::default()
        },
        ..Response::default()
    };
    let Some(challenge) = Challenge::in_page(&answer) else {
        return Ok(());
    };
    let host = address.host_str().unwrap_or_default();
    Err(OpenError::Challenge {
        sentence: challenge.sentence(&format!("{host}{}", address.path())),
        remedy: Challenge::remedy(host, address.path()).operator,
        answer: None,
    })
}

fn not_loaded(address: &Url, reason: &str) -> OpenError {
    OpenError::Page {
        page: format!(
            "{}{}",
            address.origin().ascii_serialization(),
            address.path()
        ),
        reason: reason.to_owned(),
    }
}

const HEARD: &[&str] = &[
    "Network.responseReceived",
    "Page.lifecycleEvent",
    "Page.javascriptDialogOpening",
    "Fetch.",
];
/// The longest stay.
const VISIT_TIME_MAX: Duration = Duration::from_secs(15);
/// Of the document, in which the marks of a challenge are looked for.
const BODY_BYTES_MAX: usize = 64 * 1024;
