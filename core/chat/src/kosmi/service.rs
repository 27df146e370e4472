//! Where the service is, what is shown to it, and how it is logged in to. It must never show a token anywhere but where the profile says.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pointers::Pointers;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Service {
    pub(super) socket: String,
    pub(super) login: String,
    pub(super) origin: String,
    pub(super) page: String,
    pub(super) subprotocols: Vec<towpath_graphql::Generation>,
    pub(super) user_agent: String,
    pub(super) channel: String,
    pub(super) body_chars_max: usize,
    pub(super) picture_hosts: Vec<String>,
    pub(super) token_key: String,
    pub(super) headers: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    pub(super) name: String,
    pub(super) query: String,
    pub(super) token: Pointers,
}

/// The request that gives an anonymous token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginRequest {
    /// The HTTP method.
    pub method: &'static str,
    /// Header fields, all but `Host` and `Content-Length`.
    pub headers: Vec<(String, String)>,
    /// The body, JSON.
    pub body: String,
}

impl Service {
    pub(super) fn user_agent(&self) -> String {
        self.user_agent
            .replace("{version}", env!("CARGO_PKG_VERSION"))
    }

    /// Header fields beside those of the protocol itself.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        let own = [("User-Agent".to_owned(), self.user_agent())];
        let more = self.headers.clone().into_iter();
        own.into_iter().chain(more).collect()
    }

    pub(super) fn login_request(&self, login: &Login) -> LoginRequest {
        let mut headers = vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("Accept".to_owned(), "application/json".to_owned()),
            ("Origin".to_owned(), self.origin.clone()),
            ("Referer".to_owned(), format!("{}/", self.origin)),
        ];
        headers.extend(self.headers());
        LoginRequest {
            method: "POST",
            headers,
            body: json!({"query": login.query}).to_string(),
        }
    }

    /// The payload of `connection_init`.
    pub(super) fn init_payload(&self, template: &Map<String, Value>, token: Option<&str>) -> Value {
        let user_agent = self.user_agent();
        let filled = template.iter().filter_map(|(key, value)| {
            let value = match value.as_str() {
                Some("{token}") => token?.into(),
                Some("{user-agent}") => user_agent.clone().into(),
                Some("{user-agent-base64}") => STANDARD.encode(&user_agent).into(),
                _ => value.clone(),
            };
            Some((key.clone(), value))
        });
        Value::Object(filled.collect())
    }
}
