//! The routes of Matterbridge's API, one method each. It must never log what a message holds, nor send a message twice.

use std::time::Duration;

use http::Method;
use serde_json::Value;
use towpath_chat::Outgoing;
use towpath_chat::matterbridge::{format_time, post};
use towpath_reach::Request;
use url::Url;

use super::fault::{EXCERPT_CHARS_MAX, Fault};
use super::settings::Settings;
use super::socket::MESSAGE_BYTES_MAX;
use crate::hidden::Hidden;
use crate::http::{Answer, Http, HttpLimits, HttpRequest, Lines};
use crate::order::Outcome;

/// How long anything but a message may take to be answered.
const ANSWER: Duration = Duration::from_secs(10);

/// Asks a Matterbridge that keeps a history for what came after a time.
const SINCE: &str = "skip_before";

/// The API of one Matterbridge.
#[derive(Clone)]
pub(super) struct Api {
    http: Http,
    base: Url,
    token: Option<Hidden>,
    answer: Duration,
}

impl Api {
    pub(super) fn new(settings: &Settings) -> Self {
        let network = settings.network.clone();
        Self {
            http: Http::new(network.net, network.proxy),
            base: settings.url.clone(),
            token: settings.token.clone(),
            answer: settings.answer,
        }
    }

    /// Whether it is there and knows the token.
    pub(super) async fn health(&self) -> Result<(), Fault> {
        self.get("health").await?;
        Ok(())
    }

    /// The gateways' names, where this Matterbridge tells them; older ones do not.
    pub(super) async fn gateways(&self) -> Option<Vec<String>> {
        let answer = self.get("gateways").await.ok()?;
        let body: Value = serde_json::from_slice(&answer.body).ok()?;
        let all = body.get("gateways")?.as_array()?;
        let names = all.iter().map(|gateway| gateway.get("name")?.as_str());
        names.map(|name| name.map(str::to_owned)).collect()
    }

    /// Its buffer, whose messages are taken by being read, ten a second. The other way to empty it, all at once, would leave a buffer
    /// that holds ten messages from then on.
    pub(super) async fn buffer(&self, since_unix_ms: i64) -> Result<Lines, Fault> {
        let request = self
            .authorized(HttpRequest::new(Method::GET, self.route("stream")))
            .with_header(SINCE, format_time(since_unix_ms));
        let limits = HttpLimits {
            exchange: ANSWER,
            answer_bytes_max: MESSAGE_BYTES_MAX,
            ..HttpLimits::default()
        };
        let lines = self.http.lines(&request, &limits).await;
        let lines = lines.map_err(|error| Fault::of_error(&error))?;
        lines.map_err(|answer| Fault::of_answer(&answer, self.token.is_some()))
    }

    /// Says one piece. What keeps the side from its work, if anything does, is told besides.
    pub(super) async fn say(&self, gateway: &str, outgoing: &Outgoing) -> (Outcome, Option<Fault>) {
        if outgoing.text.is_empty() {
            // It would take it, and drop it without a word.
            let why = "Matterbridge takes no message without a text".to_owned();
            return (Outcome::Refused { why }, None);
        }
        let request = HttpRequest::new(Method::POST, self.route("message"));
        let request = self
            .authorized(request)
            .with_json(post(gateway, outgoing).to_string());
        let limits = HttpLimits {
            exchange: self.answer,
            ..HttpLimits::default()
        };
        match self.http.request(request, &limits).await {
            Ok(answer) => self.judge(&answer),
            Err(error) => {
                let fault = Fault::of_error(&error);
                let uncertain = error.is_uncertain();
                (later(&fault, uncertain), Some(fault))
            }
        }
    }

    fn judge(&self, answer: &Answer) -> (Outcome, Option<Fault>) {
        let status = answer.status;
        match status {
            200..=299 => (Outcome::Delivered { id: None }, None),
            // Not 400: its library answers so where the token is missing.
            413 | 415 | 422 => {
                let text = answer.excerpt(EXCERPT_CHARS_MAX);
                let why = format!("Matterbridge's API answered {status} {text}");
                (Outcome::Refused { why }, None)
            }
            _ => {
                let fault = Fault::of_answer(answer, self.token.is_some());
                // A proxy before it may have handed the message on.
                let uncertain = status >= 500 && status != 503;
                (later(&fault, uncertain), Some(fault))
            }
        }
    }

    /// The websocket. One that keeps a history is asked only for what came after `since_unix_ms`.
    pub(super) fn socket(&self, since_unix_ms: i64) -> Request {
        let mut url = self.route("websocket");
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        url.set_scheme(scheme)
            .expect("the schemes of the web may be exchanged");
        let mut request = Request::new(url);
        let since = (SINCE.to_owned(), format_time(since_unix_ms));
        request.headers.push(since);
        if let Some(bearer) = self.bearer() {
            request.headers.push(("Authorization".to_owned(), bearer));
        }
        request
    }

    async fn get(&self, route: &str) -> Result<Answer, Fault> {
        let request = self.authorized(HttpRequest::new(Method::GET, self.route(route)));
        let limits = HttpLimits {
            exchange: ANSWER,
            ..HttpLimits::default()
        };
        let answer = self.http.request(request, &limits).await;
        let answer = answer.map_err(|error| Fault::of_error(&error))?;
        if answer.is_success() {
            Ok(answer)
        } else {
            Err(Fault::of_answer(&answer, self.token.is_some()))
        }
    }

    fn route(&self, name: &str) -> Url {
        let mut url = self.base.clone();
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/api").unwrap_or(path);
        let path = format!("{path}/api/{name}");
        url.set_path(&path);
        url.set_query(None);
        url
    }

    fn bearer(&self) -> Option<String> {
        let token = self.token.as_ref()?;
        Some(format!("Bearer {}", token.reveal()))
    }

    fn authorized(&self, request: HttpRequest) -> HttpRequest {
        match self.bearer() {
            Some(bearer) => request.with_header("Authorization", bearer),
            None => request,
        }
    }
}

fn later(fault: &Fault, uncertain: bool) -> Outcome {
    Outcome::Later {
        why: fault.why().sentence.clone(),
        uncertain,
        after: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn api(url: &str) -> Api {
        let mut settings = Settings::new("matterbridge.home", url.parse().unwrap());
        settings.token = Some(Hidden::new("t0ken"));
        Api::new(&settings)
    }

    #[test]
    fn routes_are_below_the_given_address() {
        let check = |url: &str, expected: &str| {
            assert_eq!(api(url).route("health").as_str(), expected);
        };
        check("http://h:4242", "http://h:4242/api/health");
        check("http://h/mb/?x=1", "http://h/mb/api/health");
        check("https://h/mb/api/", "https://h/mb/api/health");
    }

    #[test]
    fn the_websocket_has_the_token_and_the_time() {
        let request = api("https://h").socket(1_674_995_696_123);
        assert_eq!(request.url.as_str(), "wss://h/api/websocket");
        let expected = [
            ("skip_before", "2023-01-29T12:34:56.123Z"),
            ("Authorization", "Bearer t0ken"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(request.headers, expected);
    }
}
