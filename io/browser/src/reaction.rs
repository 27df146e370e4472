//! What has to be answered at once while a page runs, or it would stop: new workers, paused requests, dialogs.
//!
//! Pure: an event in, calls out.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

use crate::options::Credentials;
use crate::protocol::Event;

/// A call to send without waiting for its reply.
#[derive(Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) session: Option<String>,
    pub(crate) method: &'static str,
    pub(crate) params: Value,
}

/// How to react; changes as the visit goes on.
#[derive(Default)]
pub(crate) struct Reactions {
    /// The next document is answered with an empty page instead of by the server.
    pub(crate) stand_in_next: bool,
    /// The address of our page, whose workers are watched.
    pub(crate) page: Option<String>,
    /// For a proxy that asks.
    pub(crate) credentials: Option<Credentials>,
    /// Requests that got the credentials once; asking again means that they are wrong.
    answered: HashSet<String>,
}

impl Reactions {
    /// Logs in to a proxy with these, if it asks.
    pub(crate) fn with(credentials: Option<Credentials>) -> Self {
        Self {
            credentials,
            ..Self::default()
        }
    }

    pub(crate) fn to(&mut self, event: &Event) -> Vec<Call> {
        let reply = |method, params| {
            vec![Call {
                session: event.session.clone(),
                method,
                params,
            }]
        };
        match event.method.as_str() {
            "Target.attachedToTarget" => self.follow(&event.params),
            "Page.javascriptDialogOpening" => {
                reply("Page.handleJavaScriptDialog", json!({ "accept": false }))
            }
            "Fetch.requestPaused" => {
                let (method, params) = self.answer_paused(&event.params);
                reply(method, params)
            }
            "Fetch.authRequired" => {
                reply("Fetch.continueWithAuth", self.answer_login(&event.params))
            }
            _ => Vec::new(),
        }
    }

    fn follow(&self, params: &Value) -> Vec<Call> {
        let Some(session) = params["sessionId"].as_str() else {
            return Vec::new();
        };
        let call = |method, params| Call {
            session: Some(session.to_owned()),
            method,
            params,
        };
        let run = call("Runtime.runIfWaitingForDebugger", json!({}));
        if self.is_foreign(&params["targetInfo"]) {
            let leave = Call {
                session: None,
                method: "Target.detachFromTarget",
                params: json!({ "sessionId": session }),
            };
            return vec![run, leave];
        }
        vec![
            call("Network.enable", json!({})),
            call("Target.setAutoAttach", auto_attach()),
            run,
        ]
    }

    /// Whether a shared worker is of another origin than our page: in a browser that somebody uses, one of theirs.
    fn is_foreign(&self, target: &Value) -> bool {
        let origin = |address: &str| Url::parse(address).map(|url| url.origin()).ok();
        let theirs = target["url"].as_str().and_then(origin);
        target["type"] == SHARED_WORKER && theirs != self.page.as_deref().and_then(origin)
    }

    fn answer_paused(&mut self, params: &Value) -> (&'static str, Value) {
        let request = &params["requestId"];
        if self.stand_in_next && params["resourceType"] == "Document" {
            self.stand_in_next = false;
            let fulfilment = json!({
                "requestId": request,
                "responseCode": 200,
                "responseHeaders": [{ "name": "Content-Type", "value": "text/html; charset=utf-8" }],
                "body": STANDARD.encode(STAND_IN_PAGE),
            });
            return ("Fetch.fulfillRequest", fulfilment);
        }
        ("Fetch.continueRequest", json!({ "requestId": request }))
    }

    fn answer_login(&mut self, params: &Value) -> Value {
        let request = params["requestId"].as_str().unwrap_or_default();
        let from_proxy = params["authChallenge"]["source"] == "Proxy";
        let answer = match &self.credentials {
            Some(credentials) if from_proxy && self.answered.insert(request.to_owned()) => json!({
                "response": "ProvideCredentials",
                "username": credentials.username,
                "password": credentials.password,
            }),
            _ => json!({ "response": "CancelAuth" }),
        };
        json!({ "requestId": request, "authChallengeResponse": answer })
    }
}

/// Whatever may open sockets is watched and paused until then, so that no handshake is missed.
pub(crate) fn auto_attach() -> Value {
    json!({ "autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true })
}

/// The same for what no page owns.
pub(crate) fn attach_shared_workers() -> Value {
    let mut call = auto_attach();
    call["filter"] = json!([{ "type": SHARED_WORKER }, { "exclude": true }]);
    call
}

const SHARED_WORKER: &str = "shared_worker";
/// Names an icon inside itself, so that the browser does not ask the server for one.
const STAND_IN_PAGE: &str = "<!doctype html><title>stand-in</title><link rel=icon href=\"data:,\">";

#[cfg(test)]
mod tests {
    use super::*;

    fn event(method: &str, params: Value) -> Event {
        Event {
            session: Some("page".into()),
            method: method.to_owned(),
            params,
        }
    }

    fn asked_by(source: &str, request: &str) -> Event {
        event(
            "Fetch.authRequired",
            json!({ "requestId": request, "authChallenge": { "source": source } }),
        )
    }

    #[test]
    fn only_the_next_document_is_replaced() {
        let mut reactions = Reactions {
            stand_in_next: true,
            ..Reactions::default()
        };
        let mut method_for = |kind: &str| {
            let paused = event(
                "Fetch.requestPaused",
                json!({ "requestId": "r", "resourceType": kind }),
            );
            reactions.to(&paused)[0].method
        };
        assert_eq!(method_for("Script"), "Fetch.continueRequest");
        assert_eq!(method_for("Document"), "Fetch.fulfillRequest");
        assert_eq!(method_for("Document"), "Fetch.continueRequest");
    }

    #[test]
    fn credentials_go_to_the_proxy_only_and_once() {
        let mut reactions = Reactions {
            credentials: Some(Credentials {
                username: "mary".into(),
                password: "pw".into(),
            }),
            ..Reactions::default()
        };
        let mut answer = |event: Event| {
            reactions.to(&event)[0].params["authChallengeResponse"]["response"].clone()
        };
        assert_eq!(answer(asked_by("Server", "1")), "CancelAuth");
        assert_eq!(answer(asked_by("Proxy", "2")), "ProvideCredentials");
        assert_eq!(answer(asked_by("Proxy", "2")), "CancelAuth");
    }

    #[test]
    fn a_shared_worker_of_another_origin_is_left_alone() {
        let mut reactions = Reactions {
            page: Some("https://app.example/room".into()),
            ..Reactions::default()
        };
        let mut calls_for = |url: &str| {
            let target = json!({ "type": "shared_worker", "url": url });
            let attached = json!({ "sessionId": "worker", "targetInfo": target });
            let calls = reactions.to(&event("Target.attachedToTarget", attached));
            calls.iter().map(|call| call.method).collect::<Vec<_>>()
        };
        assert_eq!(calls_for("https://app.example/w.js")[0], "Network.enable");
        assert_eq!(calls_for("blob:https://app.example/1")[0], "Network.enable");
        assert_eq!(
            calls_for("https://other.example/w.js"),
            ["Runtime.runIfWaitingForDebugger", "Target.detachFromTarget"]
        );
    }

    #[test]
    fn a_new_worker_is_watched_before_it_runs() {
        let attached = event("Target.attachedToTarget", json!({ "sessionId": "worker" }));
        let calls = Reactions::default().to(&attached);
        assert_eq!(calls[0].method, "Network.enable");
        assert_eq!(calls[0].session.as_deref(), Some("worker"));
        assert_eq!(
            calls.last().map(|call| call.method),
            Some("Runtime.runIfWaitingForDebugger")
        );
    }
}
