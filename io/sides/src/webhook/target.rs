//! Which request says a piece, by the kind of webhook. It must never put a text of users into an address.

use http::Method;
use towpath_chat::Kind;
use towpath_chat::webhook::{
    SIGNATURE_HEADER, discord_edit, discord_post, json_post, sign, slack_post,
};
use url::Url;

use super::settings::{Settings, WebhookKind};
use crate::http::HttpRequest;
use crate::order::Sending;

/// A webhook whose address was understood.
pub(super) struct Target {
    settings: Settings,
    url: Url,
}

/// What a request does at the receiver. Doing it twice matters for the first only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Post,
    Edit,
    Delete,
}

impl Target {
    /// `Err` says in a sentence what is wrong with the address, without showing it.
    pub(super) fn new(settings: Settings) -> Result<Self, String> {
        let url = Url::parse(settings.url.reveal());
        let url = url.map_err(|error| format!("the webhook's address is no URL: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("the webhook's address is neither http nor https".to_owned());
        }
        Ok(Self { settings, url })
    }

    pub(super) fn kind(&self) -> WebhookKind {
        self.settings.kind
    }

    /// The request for a piece; `Err` says why there is none.
    pub(super) fn request(
        &self,
        sending: &Sending,
        now_unix_s: i64,
    ) -> Result<(HttpRequest, Action), String> {
        let outgoing = &sending.outgoing;
        match self.settings.kind {
            WebhookKind::Json => Ok((self.json(sending, now_unix_s), Action::Post)),
            WebhookKind::Slack | WebhookKind::Mattermost => {
                let body = slack_post(outgoing).to_string();
                let request = HttpRequest::new(Method::POST, self.url.clone());
                Ok((request.with_json(body), Action::Post))
            }
            WebhookKind::Discord => match &outgoing.kind {
                Kind::Edit { of } => {
                    let request = HttpRequest::new(Method::PATCH, self.message(of)?);
                    let body = discord_edit(outgoing).to_string();
                    Ok((request.with_json(body), Action::Edit))
                }
                Kind::Delete { of } => {
                    let request = HttpRequest::new(Method::DELETE, self.message(of)?);
                    Ok((request, Action::Delete))
                }
                _ => {
                    let mut url = self.url.clone();
                    // Without it there is neither an id nor proof that the message was taken.
                    url.query_pairs_mut().append_pair("wait", "true");
                    let body = discord_post(outgoing).to_string();
                    let request = HttpRequest::new(Method::POST, url);
                    Ok((request.with_json(body), Action::Post))
                }
            },
        }
    }

    fn json(&self, sending: &Sending, now_unix_s: i64) -> HttpRequest {
        let body = json_post(&sending.id, &sending.room, &sending.outgoing).to_string();
        let request = HttpRequest::new(Method::POST, self.url.clone())
            .with_header("Idempotency-Key", sending.id.clone());
        let request = match &self.settings.secret {
            Some(secret) => {
                let signature = sign(secret.reveal().as_bytes(), body.as_bytes(), now_unix_s);
                request.with_header(SIGNATURE_HEADER, signature)
            }
            None => request,
        };
        request.with_json(body)
    }

    /// The address of an earlier message.
    fn message(&self, id: &str) -> Result<Url, String> {
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err("the earlier message has no id of Discord's".to_owned());
        }
        let mut url = self.url.clone();
        // What the address holds of a thread stays in the query.
        let path = format!("{}/messages/{id}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        Ok(url)
    }
}
