//! CONNECT through an HTTP proxy (RFC 9110 section 9.3.6).
//!
//! A refusal is kept whole: its status, headers and page say who refused and why.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use towpath_diagnosis::observation::{Header, RequestHead, TunnelOutcome};

use super::{Destination, ProxyServer, authority};
use crate::http1;
use crate::settings::Settings;
use crate::stream::Stream;

/// Asks for a tunnel.
pub(super) async fn ask(
    mut stream: Stream,
    proxy: &ProxyServer,
    destination: &Destination,
    settings: &Settings,
) -> Result<Stream, TunnelOutcome> {
    let request = request(proxy, destination);
    let answer = http1::exchange(&mut stream, &request, &settings.limits)
        .await
        .map_err(TunnelOutcome::Failed)?;
    if (200..300).contains(&answer.status) {
        return Ok(stream);
    }
    Err(TunnelOutcome::Refused {
        response: Box::new(answer.fact(&settings.redactor, &settings.limits)),
    })
}

fn request(proxy: &ProxyServer, destination: &Destination) -> RequestHead {
    let target = authority(&destination.name(), destination.port);
    let mut headers = vec![
        ("Host", target.clone()),
        (
            "User-Agent",
            concat!("towpath/", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
    ];
    if let Some(credentials) = &proxy.credentials {
        let pair = format!("{}:{}", credentials.user, credentials.password);
        headers.push((
            "Proxy-Authorization",
            format!("Basic {}", STANDARD.encode(pair)),
        ));
    }
    RequestHead {
        method: "CONNECT".to_owned(),
        target,
        version: "HTTP/1.1".to_owned(),
        headers: headers
            .into_iter()
            .map(|(name, value)| Header {
                name: name.to_owned(),
                value,
            })
            .collect(),
    }
}
