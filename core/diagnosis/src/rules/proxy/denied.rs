//! The proxy says no: to the host, or to the port.

use super::tunnel::{answered, asked_for, base};
use crate::evidence::{Evidence, Seen};
use crate::observation::{Failure, ProxyKind, Response, TlsVariation, Tunnel, TunnelOutcome};
use crate::products;
use crate::question::Question;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

/// The port that every proxy opens if it opens any.
const HTTPS: u16 = 443;

/// The proxy's refusal of the tunnel, where it is one of policy.
fn refusal<'a>(evidence: &Evidence<'a>) -> Option<(Seen<'a, Tunnel>, &'a Response)> {
    let seen = base(evidence)?;
    match &seen.fact.outcome {
        TunnelOutcome::Refused { response }
            if (300..500).contains(&response.status) && !matches!(response.status, 401 | 407) =>
        {
            Some((seen, response))
        }
        _ => None,
    }
}

/// What the proxy said of port 443 of the same host.
enum Https<'a> {
    NotAsked,
    Opened(Seen<'a, Tunnel>),
    /// It was willing and got no connection.
    Tried(Seen<'a, Tunnel>),
    Denied(Seen<'a, Tunnel>),
}

fn https<'a>(evidence: &Evidence<'a>) -> Https<'a> {
    let Some(seen) = asked_for(evidence, HTTPS) else {
        return Https::NotAsked;
    };
    match &seen.fact.outcome {
        TunnelOutcome::Established => Https::Opened(seen),
        TunnelOutcome::Refused { response } if response.status >= 500 => Https::Tried(seen),
        TunnelOutcome::Failed(Failure::TimedOut { .. }) => Https::Tried(seen),
        _ => Https::Denied(seen),
    }
}

pub(super) const CONNECT_DENIED: Rule = Rule {
    cause: "proxy-connect-denied",
    explains: &[
        "http-403-connect-refused",
        "http-block-page",
        "http-403-ip-reputation",
    ],
    judge: connect_denied,
};

fn connect_denied(evidence: &Evidence<'_>) -> Judgement {
    if let Some(support) = ended_instead(evidence) {
        return support.into();
    }
    let Some((seen, response)) = refusal(evidence) else {
        return cut_in_the_tunnel(evidence).unwrap_or_else(|| denied_inside(evidence));
    };
    let target = evidence.target();
    let summary = if response.status == 403 {
        format!("The proxy refuses to connect to `{}`.", target.host)
    } else {
        format!(
            "The proxy answers the request for a tunnel with {} and opens none.",
            response.status
        )
    };
    let shows = answered(&seen, response);
    if target.port == HTTPS {
        return support(response.status == 403, summary, shows).into();
    }
    match https(evidence) {
        Https::NotAsked => Judgement::from(Support::likely(summary, shows))
            .and_ask([Question::Tunnel { port: HTTPS }]),
        Https::Denied(other) => support(response.status == 403, summary, shows)
            .and(other.shows(format!(
                "A tunnel to port {HTTPS} of the same host is refused too."
            )))
            .into(),
        Https::Opened(_) | Https::Tried(_) => Judgement::nothing(),
    }
}

fn support(certain: bool, summary: String, shows: crate::finding::Evidence) -> Support {
    if certain {
        Support::certain(summary, shows)
    } else {
        Support::likely(summary, shows)
    }
}

/// An HTTP proxy that ends the connection instead of an answer.
fn ended_instead(evidence: &Evidence<'_>) -> Option<Support> {
    let seen = base(evidence)?;
    if !matches!(seen.fact.kind, ProxyKind::Http | ProxyKind::Https) {
        return None;
    }
    let TunnelOutcome::Failed(failure) = &seen.fact.outcome else {
        return None;
    };
    let shows = seen.shows(format!(
        "To the request for a tunnel: {}.",
        words::failure(failure)
    ));
    match failure {
        Failure::Reset | Failure::EndOfStream => Some(
            Support::likely(
                "The proxy ends the connection instead of opening a tunnel.",
                shows,
            )
            .untested("whether the proxy serves this machine at all, and whether it wants TLS itself (https://) or is a SOCKS proxy")
            .weighing(40),
        ),
        Failure::NotHttp { .. } => Some(
            Support::possible(
                "What listens at the proxy's address does not answer in HTTP.",
                shows,
            )
            .untested("whether it is a proxy of another kind (SOCKS)"),
        ),
        _ => None,
    }
}

/// The tunnel stands, and whatever TLS hello goes through it, the connection ends.
fn cut_in_the_tunnel(evidence: &Evidence<'_>) -> Option<Judgement> {
    evidence.target().proxy.as_ref()?;
    let (seen, failure) = reach::tls_failed(evidence)?;
    let ends = |failure: &Failure| matches!(failure, Failure::Reset | Failure::EndOfStream);
    let through: Vec<_> = evidence
        .tls_attempts()
        .filter(|seen| seen.fact.variation != TlsVariation::Direct)
        .collect();
    let always = through.len() > 1
        && through
            .iter()
            .all(|seen| reach::failure(seen).is_some_and(ends));
    if !ends(failure) || !always {
        return None;
    }
    let summary = "The proxy opens the tunnel and ends it as soon as TLS begins.";
    let shows = seen.shows(format!(
        "Through the tunnel, to every TLS hello: {}.",
        words::failure(failure)
    ));
    let direct = evidence.tls(&TlsVariation::Direct);
    Some(match direct.and_then(|seen| reach::established(&seen)) {
        Some(direct) => Support::likely(summary, shows)
            .and(direct.shows("Past the proxy the TLS handshake succeeds."))
            .into(),
        None => Judgement::from(
            Support::possible(summary, shows)
                .untested("whether the server itself ends the connection: the same past the proxy"),
        )
        .and_ask([Question::Tls(TlsVariation::Direct)]),
    })
}

/// A proxy that intercepts or inspects says no where the server's answer was due, whatever is asked for.
fn denied_inside(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = evidence.refusal() else {
        return Judgement::nothing();
    };
    if products::squid_error(refusal.fact) != Some("ERR_ACCESS_DENIED") {
        return Judgement::nothing();
    }
    let control = evidence.control(crate::observation::ControlPath::Same);
    match control {
        Some(control) if products::squid_error(control.fact) == Some("ERR_ACCESS_DENIED") => {
            Support::certain(
                format!(
                    "The proxy refuses to connect to `{}`.",
                    evidence.target().host
                ),
                refusal.shows(format!(
                    "The answer is {}, `X-Squid-Error: ERR_ACCESS_DENIED`.",
                    reach::status(refusal.fact)
                )),
            )
            .and(control.shows("An ordinary request is denied alike."))
            .into()
        }
        Some(_) => Judgement::nothing(),
        None => Judgement::ask([Question::Control {
            path: crate::observation::ControlPath::Same,
            plain: false,
        }]),
    }
}

pub(super) const PORT_DENIED: Rule = Rule {
    cause: "proxy-port-denied",
    explains: &["proxy-connect-denied"],
    judge: port_denied,
};

fn port_denied(evidence: &Evidence<'_>) -> Judgement {
    let Some((seen, response)) = refusal(evidence) else {
        return Judgement::nothing();
    };
    let port = evidence.target().port;
    if port == HTTPS {
        return Judgement::nothing();
    }
    let summary = format!("The proxy opens tunnels to port {HTTPS} and not to port {port}.");
    let shows = answered(&seen, response);
    match https(evidence) {
        Https::NotAsked => Judgement::ask([Question::Tunnel { port: HTTPS }]),
        Https::Opened(other) => Support::certain(summary, shows)
            .and(other.shows(format!("A tunnel to port {HTTPS} of the same host is opened.")))
            .into(),
        Https::Tried(other) => Support::certain(summary, shows)
            .and(other.shows(format!(
                "For port {HTTPS} of the same host the proxy was willing: it tried to connect and got no connection."
            )))
            .into(),
        Https::Denied(_) => Judgement::nothing(),
    }
}
