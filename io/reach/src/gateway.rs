//! The way over a gateway's session: is there a gateway at the URL, and a session of it.
//!
//! It must never take another server for a gateway: what answers by chance must not be sent sessions.

use std::time::Duration;

use towpath_diagnosis::observation::{RequestHead, TlsVariation};
use towpath_net::http1::{self, Answer};
use towpath_net::{Names, Plan, ProxyServer, TlsPlan};
use towpath_probe::request::USER_AGENT;
use towpath_transport::client::{self, Client, Transport};

use crate::channel;
use crate::head;
use crate::opened::{Carried, Opened, ResponseHead, Way};
use crate::refused::Refused;
use crate::request::Request;
use crate::settings::Settings;
use crate::target::Target;

/// How long a session may take to reach its gateway, over whatever transport.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether a gateway serves sessions at the target: one ordinary request, which a gateway answers as nobody else does.
pub(crate) async fn is_there(
    settings: &Settings,
    target: &Target,
    request: &Request,
    proxy: Option<ProxyServer>,
) -> bool {
    let plan = Plan {
        host: target.host.clone(),
        port: target.port,
        address: None,
        proxy,
        tls: target
            .is_secure()
            .then(|| TlsPlan::of(TlsVariation::Ordinary)),
    };
    let opened = towpath_net::open(&settings.net, &mut Names::default(), &plan, &mut ()).await;
    let Ok(mut opened) = opened else {
        return false;
    };
    let head = question(settings, target, request);
    let answer = http1::exchange(&mut opened.stream, &head, &settings.net.limits).await;
    answer.is_ok_and(|answer| is_gateway(&answer))
}

/// Sessions are made by POST; a GET of their endpoint changes nothing anywhere.
fn question(settings: &Settings, target: &Target, request: &Request) -> RequestHead {
    let mut headers = vec![head::header("Host", &target.authority)];
    headers.extend(head::application(settings, target, request));
    let has = |name: &str| headers.iter().any(|known| head::is(known, name));
    let more = [
        ("Origin", target.site()),
        ("User-Agent", USER_AGENT.to_owned()),
    ];
    let more = more.into_iter().filter(|(name, _)| !has(name));
    let more: Vec<_> = more
        .map(|(name, value)| head::header(name, &value))
        .collect();
    headers.extend(more);
    headers.push(head::header("Connection", "close"));
    RequestHead {
        method: "GET".to_owned(),
        target: format!("{}/.towpath/poll", target.path.trim_end_matches('/')),
        version: "HTTP/1.1".to_owned(),
        headers,
    }
}

/// A gateway's answer: only POST, and nothing on the way may keep or change it (docs/protocol.md, section 4).
fn is_gateway(answer: &Answer) -> bool {
    answer.status == 405
        && answer
            .header("Allow")
            .is_some_and(|allow| allow.trim() == "POST")
        && answer
            .header("Cache-Control")
            .is_some_and(|cache| cache.contains("no-transform"))
}

/// Opens a session and waits for the backend's answer; begins with the transport that worked last, and tells which works now.
pub(crate) async fn open(
    settings: &Settings,
    target: &Target,
    request: &Request,
    proxy: Option<ProxyServer>,
    remembered: Option<Transport>,
) -> Result<(Opened, Option<Transport>), Refused> {
    let headers = head::application(settings, target, request);
    let session = client::Settings {
        subprotocols: request.subprotocols.clone(),
        headers: crate::native::pairs(headers),
        net: settings.net.clone(),
        proxy,
        message_bytes_max: settings.message_bytes_max,
        patience: PATIENCE,
        remembered,
        ..client::Settings::new(request.url.as_str())
    };
    let mut client = Client::open(session)
        .map_err(|error| Refused::failed("no session can be made", error.to_string()))?;
    while let Some(event) = client.next().await {
        match event {
            client::Event::Opened { protocol, .. } => return Ok(opened(client, protocol)),
            client::Event::Refused {
                status,
                headers,
                body,
            } => {
                return Err(Refused::Answer {
                    status,
                    headers,
                    body,
                    why: format!("the server behind the gateway answered {status}").into(),
                });
            }
            client::Event::Closed(closed) => return Err(not_opened(&closed)),
            _ => {}
        }
    }
    Err(Refused::failed(
        "no session",
        "the session ended before it began",
    ))
}

fn opened(client: Client, protocol: String) -> (Opened, Option<Transport>) {
    let transport = client.transport();
    let over = transport.map_or("a transport", Transport::name);
    let headers = match protocol.as_str() {
        "" => Vec::new(),
        _ => vec![("Sec-WebSocket-Protocol".to_owned(), protocol)],
    };
    let opened = Opened {
        way: Way::Gateway,
        why: format!("as a session of the Towpath gateway, over {over}"),
        response: ResponseHead {
            status: 101,
            headers,
        },
        carried: Carried::Channel(channel::of_gateway(client)),
    };
    (opened, transport)
}

fn not_opened(closed: &client::Closed) -> Refused {
    let why = match closed.outcome.as_deref() {
        Some("no-transport") => NO_ANSWER.to_owned(),
        Some(outcome) => format!("the session ended: {outcome} (code {})", closed.code),
        None => format!(
            "the session was closed: code {} {}",
            closed.code, closed.reason
        )
        .trim_end()
        .to_owned(),
    };
    Refused::Failed {
        what: "no session of a gateway".to_owned(),
        why: why.into(),
        timed_out: false,
    }
}

/// What a user can make something of where no transport of a session got an answer.
const NO_ANSWER: &str =
    "no Towpath gateway answers at this URL, or nothing of what it answers comes back";

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use towpath_diagnosis::observation::Header;

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        let header = |(name, value): &(&str, &str)| Header {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        };
        Answer {
            status,
            reason: String::new(),
            version: "HTTP/1.1".to_owned(),
            headers: headers.iter().map(header).collect(),
            body: bytes::Bytes::new(),
            body_cut: false,
            first_byte: Duration::ZERO,
            head_complete: Duration::ZERO,
        }
    }

    #[test]
    fn only_a_gateways_answer_counts() {
        let own = [
            ("Allow", "POST"),
            ("Cache-Control", "no-store, no-transform"),
        ];
        assert!(is_gateway(&answer(405, &own)));
        assert!(!is_gateway(&answer(200, &own)));
        assert!(!is_gateway(&answer(405, &own[..1])));
        let others = [
            ("Allow", "POST, OPTIONS"),
            ("Cache-Control", "no-store, no-transform"),
        ];
        assert!(!is_gateway(&answer(405, &others)));
    }
}
