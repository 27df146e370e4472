//! From a token to a session on an open socket, by whatever way gets there. It must never show the token to anything but the server.

use std::time::Duration;

use tokio::time::timeout;
use towpath_graphql::Generation;
use towpath_reach::{Opened, Request};
use towpath_tokens::subject;
use url::Url;

use super::login::Shown;
use super::over::Over;
use super::shared::Shared;
use super::wire::Wire;
use crate::clock::now_unix_ms;
use crate::refused::refused;

/// A token and a socket.
pub(super) async fn open(
    shared: &Shared,
    room: &str,
    not_taken: Option<&Shown>,
) -> Result<(Wire, Shown), Over> {
    let settings = &shared.settings;
    let profile = &settings.profile;
    // It is never closed; without a permit a room would only come sooner.
    let _permit = shared.openings.acquire().await.ok();
    let shown = shared.logins.get(not_taken).await?;
    let url = match &settings.url {
        Some(url) => url.clone(),
        None => Url::parse(profile.url()).map_err(|error| {
            Over::Stop(format!("the profile's address is none: {error}").into())
        })?,
    };
    let mut request = Request::new(url);
    let offered = profile.generations().iter();
    request.subprotocols = offered
        .map(|offer| offer.subprotocol().to_owned())
        .collect();
    request.headers = profile.headers();
    let opened = timeout(settings.times.open, shared.reach.open(request)).await;
    let opened = match opened {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return Err(Over::Retry(refused("kosmi", &error))),
        Err(_) => {
            let waited = settings.times.open.as_secs();
            return Err(Over::Retry(
                format!("there was no connection within {waited} s").into(),
            ));
        }
    };
    if let Some(user_id) = subject(shown.reveal()) {
        shared.is_us(&user_id).await;
    }
    shared.board.connected(&opened.why);
    tracing::info!(side = settings.name, room, way = %opened.way, "connected");
    Ok((wire(shared, opened, &shown)?, shown))
}

/// A session on what was opened.
fn wire(shared: &Shared, opened: Opened, shown: &Shown) -> Result<Wire, Over> {
    let (profile, times) = (&shared.settings.profile, &shared.settings.times);
    let generation = match opened.response.header("sec-websocket-protocol") {
        // A server that names none takes what was offered first, or will say so.
        None => profile.generations().first().copied(),
        Some(name) => Generation::of_subprotocol(name.trim()),
    };
    let Some(generation) = generation else {
        return Err(Over::Stop(
            "the server chose a subprotocol that was not offered".into(),
        ));
    };
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let session = towpath_graphql::Settings {
        generation,
        init_payload: Some(profile.init_payload(Some(shown.reveal()))),
        ack_timeout_ms: ms(times.acknowledgement),
        ping_every_ms: Some(ms(times.ping)),
        silence_max_ms: Some(ms(times.silence)),
    };
    Ok(Wire::new(
        opened.carried.into_channel(),
        session,
        now_unix_ms(),
    ))
}
