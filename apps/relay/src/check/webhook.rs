//! Whether a webhook is there, without posting anything. It must never print its address, which is a secret.

use std::any::Any;

use http::Method;
use towpath_sides::http::{Http, HttpLimits, HttpRequest};
use towpath_sides::webhook::{Settings, WebhookKind};

use super::report::Step;

/// Asks a webhook for itself; nothing for other kinds of sides.
pub(super) async fn answer(settings: &(dyn Any + Send + Sync)) -> Option<Step> {
    let settings = settings.downcast_ref::<Settings>()?;
    let Ok(url) = settings.url.reveal().parse() else {
        return Some(Step::failed("answer", "its address is no URL"));
    };
    let network = settings.network.clone();
    let http = Http::new(network.net, network.proxy);
    let limits = HttpLimits {
        exchange: settings.answer,
        ..HttpLimits::default()
    };
    Some(
        match http
            .request(HttpRequest::new(Method::GET, url), &limits)
            .await
        {
            Ok(answer) => judged(settings.kind, answer.status),
            Err(error) => Step::failed("answer", error.to_string()).perhaps_network(),
        },
    )
}

/// What the answer to a GET tells of a place that takes POSTs.
fn judged(kind: WebhookKind, status: u16) -> Step {
    let step = "answer";
    match (kind, status) {
        (_, 404 | 410) => Step::failed(
            step,
            format!("{status}: there is no such webhook (any more)"),
        )
        .with_remedy(Some(
            "Make a new webhook, and put its address into the configuration.".to_owned(),
        )),
        (_, 401 | 403) => Step::failed(step, format!("{status}: the webhook does not take us"))
            .with_remedy(Some(
                "Compare the webhook's address with the one that its service shows.".to_owned(),
            )),
        // Plain receivers know no GET; that says nothing against them.
        (_, 501) => Step::held(
            step,
            "its server answers (it knows no GET, which tells nothing about POST)",
        ),
        (_, 500..) => Step::failed(step, format!("{status}: its server is in trouble")),
        // Discord tells about a webhook to whoever knows its address.
        (WebhookKind::Discord, 200) => Step::held(step, "the webhook exists"),
        (_, 300..=399) => Step::failed(
            step,
            format!("{status}: it leads elsewhere, and a secret address is not followed"),
        )
        .with_remedy(Some("Configure the address that it leads to.".to_owned())),
        _ => Step::held(
            step,
            format!("its server answers ({status} to GET, which tells nothing about POST)"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Outcome;

    #[test]
    fn a_get_tells_as_much_as_it_can() {
        let check =
            |kind, status, expect| assert_eq!(judged(kind, status).outcome, expect, "{status}");
        check(WebhookKind::Discord, 200, Outcome::Held);
        check(WebhookKind::Discord, 404, Outcome::Failed);
        check(WebhookKind::Json, 405, Outcome::Held);
        check(WebhookKind::Json, 400, Outcome::Held);
        check(WebhookKind::Slack, 302, Outcome::Failed);
        check(WebhookKind::Json, 501, Outcome::Held);
        check(WebhookKind::Json, 502, Outcome::Failed);
        check(WebhookKind::Mattermost, 403, Outcome::Failed);
    }
}
