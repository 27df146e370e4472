//! What a proxy answers when asked for a tunnel, other than a refusal by policy.

use crate::Confidence;
use crate::evidence::{Evidence, Seen};
use crate::finding;
use crate::markers;
use crate::observation::{
    Change, ControlPath, Failure, ProxyKind, Response, TlsVariation, Tunnel, TunnelOutcome,
};
use crate::products;
use crate::question::Question;
use crate::rules::tls::interception::interception;
use crate::rules::{Judgement, Rule, Support, reach};
use crate::words;

/// The request for a tunnel to the target's own port, where it failed.
pub(super) fn base<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Tunnel>> {
    evidence.target().proxy.as_ref()?;
    let seen = asked_for(evidence, evidence.target().port)?;
    (seen.fact.outcome != TunnelOutcome::Established && !reach::works(evidence)).then_some(seen)
}

/// The first request for a tunnel to a port.
pub(super) fn asked_for<'a>(evidence: &Evidence<'a>, port: u16) -> Option<Seen<'a, Tunnel>> {
    evidence.tunnels().find(|seen| seen.fact.port == port)
}

/// The proxy's answer to CONNECT with its marks, as evidence.
pub(super) fn answered(seen: &Seen<'_, Tunnel>, response: &Response) -> finding::Evidence {
    let mark = match (products::relay(response), response.header("server")) {
        (Some(relay), _) => format!(", `{}`", relay.mark),
        (None, Some(server)) => format!(", `Server: {server}`"),
        (None, None) => String::new(),
    };
    let page = match markers::title(response) {
        "" => String::new(),
        title => format!(", and a page titled \"{title}\""),
    };
    let said = format!(
        "The proxy {} answers CONNECT {}:{} with {}{mark}{page}.",
        seen.fact.proxy,
        seen.fact.host,
        seen.fact.port,
        reach::status(response)
    );
    seen.shows(said)
}

pub(super) const LOG_IN: Rule = Rule {
    cause: "proxy-auth",
    explains: &["proxy-connect-denied"],
    judge: log_in,
};

fn log_in(evidence: &Evidence<'_>) -> Judgement {
    let Some(seen) = base(evidence) else {
        return Judgement::nothing();
    };
    let TunnelOutcome::Refused { response } = &seen.fact.outcome else {
        return Judgement::nothing();
    };
    // Tinyproxy answers wrong credentials with 401.
    if !matches!(response.status, 401 | 407) {
        return Judgement::nothing();
    }
    let schemes = schemes(response);
    let listed = schemes.join(", ");
    let basic = schemes.is_empty() || schemes.iter().any(|one| one.eq_ignore_ascii_case("basic"));
    let summary = match (seen.fact.credentials, basic) {
        (false, true) => "The proxy wants a log-in, and no credentials were given.".to_owned(),
        (false, false) => {
            format!("The proxy wants a log-in by {listed}, which this program does not speak.")
        }
        (true, true) => "The proxy does not accept the user name and password given.".to_owned(),
        (true, false) => format!(
            "The proxy accepts only {listed} for the log-in; user name and password were sent by Basic."
        ),
    };
    let case = Support::certain(summary, answered(&seen, response)).weighing(60);
    if schemes.is_empty() {
        return case.into();
    }
    case.and(seen.shows(format!("It offers the methods {listed}.")))
        .into()
}

/// The methods that a proxy offers, each once.
fn schemes(response: &Response) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for header in &response.headers {
        if header.name.eq_ignore_ascii_case("proxy-authenticate")
            && let Some(name) = header.value.split_whitespace().next()
        {
            let name = name.trim_end_matches(',').to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

pub(super) const UPSTREAM_FAILS: Rule = Rule {
    cause: "proxy-upstream-fail",
    explains: &["http-500", "http-502", "http-503", "http-504-hang"],
    judge: upstream_fails,
};

fn upstream_fails(evidence: &Evidence<'_>) -> Judgement {
    let Some(seen) = base(evidence) else {
        return inside(evidence);
    };
    let host = &evidence.target().host;
    match &seen.fact.outcome {
        TunnelOutcome::Refused { response } if response.status >= 500 => {
            let summary = format!("The proxy cannot reach `{host}`{}.", reason(response));
            let shows = answered(&seen, response);
            let lower = response.body.text.to_ascii_lowercase();
            let said = matches!(response.status, 502..=504)
                || products::squid_error(response).is_some()
                || lower.contains("unable to connect");
            if said {
                Support::certain(summary, shows).into()
            } else {
                Support::likely(summary, shows).into()
            }
        }
        TunnelOutcome::Failed(failure @ Failure::TimedOut { .. })
            if matches!(seen.fact.kind, ProxyKind::Http | ProxyKind::Https) =>
        {
            Support::likely(
                format!(
                    "The proxy takes the request and waits for `{host}` itself, without success."
                ),
                seen.shows(format!("To CONNECT: {}.", words::failure(failure))),
            )
            .untested("whether the proxy reaches other hosts")
            .into()
        }
        _ => Judgement::nothing(),
    }
}

/// The reason that a proxy names, as a clause.
fn reason(response: &Response) -> String {
    let number = response
        .header("x-squid-error")
        .and_then(|value| value.split_whitespace().nth(1))
        .unwrap_or_default();
    match (products::squid_error(response), number) {
        (Some("ERR_DNS_FAIL"), _) => ": it cannot resolve the name".to_owned(),
        (Some("ERR_CONNECT_FAIL"), "111") => ": the connection is refused".to_owned(),
        (Some("ERR_CONNECT_FAIL"), "110") => ": no answer in time".to_owned(),
        (Some("ERR_CONNECT_FAIL"), "101" | "113") => ": it has no route there".to_owned(),
        (Some("ERR_CONNECT_FAIL"), _) => ": it gets no connection".to_owned(),
        (Some("ERR_SECURE_CONNECT_FAIL"), _) => {
            ": TLS between the proxy and the server fails".to_owned()
        }
        (Some(code), _) => format!(": {code}"),
        (None, _) => String::new(),
    }
}

/// Codes by which Squid says that it got nowhere.
const SQUID_GOT_NOWHERE: &[&str] = &[
    "ERR_CONNECT_FAIL",
    "ERR_DNS_FAIL",
    "ERR_CANNOT_FORWARD",
    "ERR_SECURE_CONNECT_FAIL",
    "ERR_READ_TIMEOUT",
    "ERR_READ_ERROR",
    "ERR_ZERO_SIZE_OBJECT",
    "ERR_LIFETIME_EXP",
    "ERR_ONLY_IF_CACHED_MISS",
];

/// A page of a proxy that got nowhere, where the server's answer was due.
pub(super) fn own_error<'a>(evidence: &Evidence<'a>) -> Option<Seen<'a, Response>> {
    let refusal = evidence.refusal()?;
    let relay = products::relay(refusal.fact).filter(|relay| relay.author)?;
    let nowhere = match products::squid_error(refusal.fact) {
        Some(code) => SQUID_GOT_NOWHERE.contains(&code),
        None => relay.product != "Squid" && matches!(refusal.fact.status, 500 | 502..=504),
    };
    // Behind a public certificate it is the operator's own proxy.
    let on_the_way = !evidence.secure() || interception(evidence).is_some();
    (nowhere && on_the_way).then_some(refusal)
}

/// Whether the proxy may have gone to another port than it was asked for.
pub(super) fn port_matters(evidence: &Evidence<'_>, own_error: &Response) -> bool {
    let connecting = products::squid_error(own_error)
        .is_none_or(|code| matches!(code, "ERR_CONNECT_FAIL" | "ERR_DNS_FAIL"));
    evidence.secure() && evidence.target().port != 443 && connecting
}

/// An intercepting or inspecting proxy says so in the server's place.
fn inside(evidence: &Evidence<'_>) -> Judgement {
    let Some(refusal) = own_error(evidence) else {
        return Judgement::nothing();
    };
    let Some(relay) = products::relay(refusal.fact) else {
        return Judgement::nothing();
    };
    let target = evidence.target();
    let direct = evidence
        .tls(&TlsVariation::Direct)
        .and_then(|seen| reach::established(&seen));
    let port_matters = port_matters(evidence, refusal.fact);
    let with_port = Question::Handshake {
        changes: vec![Change::HostWithPort],
    };
    if port_matters && (direct.is_some() || super::inspected::opened_with_port(evidence).is_some())
    {
        return Judgement::nothing();
    }
    let settled =
        !port_matters || evidence.asked(&with_port) || evidence.not_tested(&with_port).is_some();
    Support::new(
        if settled {
            Confidence::Certain
        } else {
            Confidence::Likely
        },
        format!(
            "The proxy on the way cannot reach `{}`{}.",
            target.host,
            reason(refusal.fact)
        ),
        refusal.shows(format!(
            "The answer is {} and is {}'s own: `{}`.",
            reach::status(refusal.fact),
            relay.product,
            relay.mark
        )),
    )
    .weighing(60)
    .into()
}

pub(super) const SOCKS_FAILS: Rule = Rule {
    cause: "socks-fail",
    explains: &[],
    judge: socks_fails,
};

fn socks_fails(evidence: &Evidence<'_>) -> Judgement {
    let Some(seen) = base(evidence) else {
        return Judgement::nothing();
    };
    let proxy = &seen.fact.proxy;
    let asked = format!("{}:{}", seen.fact.host, seen.fact.port);
    match &seen.fact.outcome {
        TunnelOutcome::SocksRefused {
            code: Some(code),
            meaning,
        } => Support::certain(
            format!("The SOCKS proxy does not connect to {asked}: {meaning}."),
            seen.shows(format!("{proxy} replies with code {code}, {meaning}.")),
        )
        .into(),
        TunnelOutcome::SocksRefused {
            code: None,
            meaning,
        } => Support::certain(
            format!("The SOCKS proxy refuses the log-in: {meaning}."),
            seen.shows(format!("{proxy} ends the negotiation: {meaning}.")),
        )
        .into(),
        TunnelOutcome::Failed(failure)
            if matches!(seen.fact.kind, ProxyKind::Socks5 | ProxyKind::Socks5h)
                && !matches!(failure, Failure::NoAddress | Failure::LocalLimit) =>
        {
            Support::likely(
                "The SOCKS proxy ends or leaves open the negotiation, or is no SOCKS proxy.",
                seen.shows(format!(
                    "{proxy}, asked for {asked}: {}.",
                    words::failure(failure)
                )),
            )
            .untested("whether the proxy serves this machine and other hosts")
            .into()
        }
        _ => Judgement::nothing(),
    }
}

/// The question for the same path without a handshake.
pub(super) fn control_same() -> Question {
    Question::Control {
        path: ControlPath::Same,
        plain: false,
    }
}
