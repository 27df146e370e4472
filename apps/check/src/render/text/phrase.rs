//! Facts as the short phrases of a ladder.

use std::fmt::Write as _;

use towpath_diagnosis::observation::{
    BrowserCapture, BrowserOutcome, ChainVerdict, Change, ControlPath, Conversation, Ending,
    Endurance, Exercise, Failed, HandshakeOutcome, NameOutcome, OriginKind, Outcome, Resolver,
    Response, Stage, TlsEstablished, TlsVariation, TokenPlacement, Traffic, TunnelOutcome,
};
use towpath_diagnosis::words::{duration, failure};

/// A changed handshake, by its changes. Headers taken from another request share one phrase.
pub(super) fn changes(changes: &[Change]) -> String {
    let taken: Vec<&str> = changes
        .iter()
        .filter_map(|change| match change {
            Change::HeaderFrom { name } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let mut all: Vec<String> = changes
        .iter()
        .filter(|change| !matches!(change, Change::HeaderFrom { .. }))
        .map(change)
        .collect();
    if !taken.is_empty() {
        all.push(format!("its {}", taken.join(", ")));
    }
    all.join(" + ")
}

fn change(change: &Change) -> String {
    match change {
        Change::WithoutSubprotocol => "no subprotocol".into(),
        Change::Subprotocol { name } => format!("subprotocol {name}"),
        Change::Origin { origin } => match origin {
            OriginKind::None => "no Origin".into(),
            OriginKind::Site => "own Origin".into(),
            OriginKind::Given => "the Origin given".into(),
            OriginKind::Foreign => "a foreign Origin".into(),
        },
        Change::BrowserHeaders => "a browser's other headers".into(),
        Change::BrowserUserAgent => "a browser's User-Agent".into(),
        Change::Cookies => "the page's cookies".into(),
        Change::WithoutCookies => "no cookies".into(),
        Change::Token { placement } => match placement {
            TokenPlacement::Header => "token as header".into(),
            TokenPlacement::Query { name } => format!("token as ?{name}="),
            TokenPlacement::Init => "token in connection_init".into(),
        },
        Change::WithoutToken => "no token".into(),
        Change::WithoutExtensions => "no extensions".into(),
        Change::Http2 => "over HTTP/2".into(),
        Change::OpenSsl => "by OpenSSL".into(),
        Change::Address { address } => format!("to {address}"),
        Change::Direct => "past the proxy".into(),
        Change::Again { .. } => "the same again".into(),
        Change::AfterPause { pause_ms } => format!("again after {}", duration(*pause_ms)),
        Change::Redirected { location } => format!("at {location}"),
        Change::HeaderFrom { name } => format!("its {name}"),
        Change::WithoutHeader { name } => format!("no {name}"),
        Change::Like => "the request that works".into(),
        Change::PathOf => "its path".into(),
        Change::HostWithPort => "Host with port".into(),
        Change::AbsentPath => "a path that does not exist".into(),
        Change::EngineIo => "Engine.IO's parameters".into(),
        Change::Port { port } => format!("port {port}"),
        Change::OtherScheme => "ws for wss or back".into(),
    }
}

/// What a handshake gave.
pub(super) fn handshake(outcome: &HandshakeOutcome) -> String {
    match outcome {
        HandshakeOutcome::Switched(switched) => {
            let mut text = match &switched.subprotocol {
                Some(name) => format!("{}, {name}", switched.response.status),
                None => status(&switched.response),
            };
            if !switched.deviations.is_empty() {
                let _ = write!(text, ", but {}", switched.deviations.join(", "));
            }
            text
        }
        HandshakeOutcome::Refused { response } => answer(response),
        HandshakeOutcome::Failed(failed) => self::failed(failed),
    }
}

/// An ordinary answer: status, what kind of body, where it leads.
pub(super) fn answer(response: &Response) -> String {
    let mut text = status(response);
    if let Some(place) = response.header("location") {
        let _ = write!(text, " to {place}");
    } else if response.body.bytes == 0 && !response.body.cut {
        text.push_str(", empty");
    } else if let Some(kind) = response.header("content-type") {
        let kind = kind.split(';').next().unwrap_or(kind).trim();
        let _ = write!(text, ", {kind}");
    }
    text
}

fn status(response: &Response) -> String {
    if response.reason.is_empty() {
        response.status.to_string()
    } else {
        format!("{} {}", response.status, response.reason)
    }
}

/// A failed attempt: the step where it is not the obvious one, and how.
pub(super) fn failed(failed: &Failed) -> String {
    let step = match failed.stage {
        Stage::Resolve => "name: ",
        Stage::Connect => "TCP: ",
        Stage::Tunnel => "proxy: ",
        Stage::Tls => "TLS: ",
        Stage::Http => "",
    };
    format!("{step}{}", failure(&failed.failure))
}

/// What a resolver answered.
pub(super) fn name(outcome: &NameOutcome) -> String {
    match outcome {
        NameOutcome::Addresses(answer) => {
            let all: Vec<String> = answer.addresses.iter().map(ToString::to_string).collect();
            all.join(", ")
        }
        NameOutcome::NoSuchName => "the name does not exist".into(),
        NameOutcome::NoAddress => "the name has no address".into(),
        NameOutcome::ServerFailure => "the resolver failed".into(),
        NameOutcome::Refused => "the resolver refused".into(),
        NameOutcome::TimedOut => "no answer in time".into(),
        NameOutcome::Other { detail } => detail.clone(),
    }
}

/// Who was asked for a name.
pub(super) fn resolver(resolver: &Resolver) -> String {
    match resolver {
        Resolver::System => "the system".into(),
        Resolver::Server {
            server,
            checking_disabled: false,
        } => format!("asking {server}"),
        Resolver::Server { server, .. } => format!("asking {server}, unchecked"),
        Resolver::Given => "given by --resolve".into(),
    }
}

/// A TLS variation.
pub(super) fn variation(variation: &TlsVariation) -> String {
    match variation {
        TlsVariation::Ordinary => "as usual".into(),
        TlsVariation::OpenSsl => "by OpenSSL".into(),
        TlsVariation::Only12 => "TLS 1.2 only".into(),
        TlsVariation::Only11 => "TLS 1.1 only".into(),
        TlsVariation::WithoutPostQuantum => "small ClientHello".into(),
        TlsVariation::ServerName { name } => format!("name {name}"),
        TlsVariation::NoServerName => "no server name".into(),
        TlsVariation::Alpn { protocols } if protocols.is_empty() => "no ALPN".into(),
        TlsVariation::Alpn { protocols } => format!("ALPN {}", protocols.join(", ")),
        TlsVariation::Direct => "past the proxy".into(),
        TlsVariation::WideCiphers => "old cipher suites too".into(),
    }
}

/// What TLS agreed on and whether the chain is trusted.
pub(super) fn tls(tls: &TlsEstablished) -> String {
    let issuer = tls.chain.first().map(|own| common_name(&own.issuer));
    let issuer = issuer.map_or(String::new(), |name| format!(", issued by {name}"));
    let trust = if tls.trust.accepted {
        "trusted"
    } else {
        let verdict = tls.trust.given.as_ref().or(tls.trust.system.as_ref());
        match verdict.unwrap_or(&tls.trust.mozilla) {
            ChainVerdict::Trusted => "not accepted",
            ChainVerdict::UnknownIssuer => "issuer not trusted",
            ChainVerdict::Expired => "expired",
            ChainVerdict::NotYetValid => "not yet valid",
            ChainVerdict::WrongName => "wrong name",
            ChainVerdict::Revoked => "revoked",
            ChainVerdict::Other { .. } => "not trusted",
        }
    };
    format!("{}, {trust}{issuer}", tls.version)
}

/// The most telling part of a distinguished name.
fn common_name(name: &str) -> String {
    let parts = || name.split(',').map(str::trim);
    let found = ["CN=", "O="]
        .iter()
        .find_map(|key| parts().find_map(|part| part.strip_prefix(key)));
    found.unwrap_or(name).to_owned()
}

/// What a proxy answered.
pub(super) fn tunnel(outcome: &TunnelOutcome) -> String {
    match outcome {
        TunnelOutcome::Established => "tunnel open".into(),
        TunnelOutcome::Refused { response } => answer(response),
        TunnelOutcome::SocksRefused { meaning, .. } => format!("refused: {meaning}"),
        TunnelOutcome::Failed(reason) => failure(reason),
    }
}

/// Which path an ordinary request asked for.
pub(super) fn control(path: ControlPath) -> &'static str {
    match path {
        ControlPath::Same => "plain GET of the same path",
        ControlPath::Root => "plain GET of /",
        ControlPath::Absent => "plain GET of an absent path",
    }
}

/// An exercise.
pub(super) fn exercise(exercise: &Exercise) -> String {
    match exercise {
        Exercise::Listen => "listening".into(),
        Exercise::Ping => "ping".into(),
        Exercise::Pong => "unasked pong".into(),
        Exercise::Send => "--send".into(),
        Exercise::GraphqlInit => "connection_init".into(),
        Exercise::Text { bytes } => format!("text of {}", size(*bytes)),
        Exercise::Binary { bytes } => format!("binary of {}", size(*bytes)),
        Exercise::Fragmented { frames, .. } => format!("text in {frames} frames"),
        Exercise::Trickle { messages, .. } => format!("{messages} messages, one by one"),
        Exercise::Burst { messages } => format!("{messages} messages at once"),
        Exercise::Close => "close".into(),
    }
}

fn size(bytes: u64) -> String {
    if bytes >= 1_048_576 && bytes.is_multiple_of(1_048_576) {
        format!("{} MiB", bytes / 1_048_576)
    } else if bytes >= 1_024 && bytes.is_multiple_of(1_024) {
        format!("{} KiB", bytes / 1_024)
    } else {
        format!("{bytes} bytes")
    }
}

/// An exercise that went well; nothing where it only did not go wrong.
pub(super) fn passed(conversation: &Conversation) -> Option<String> {
    Some(match (&conversation.outcome, &conversation.exercise) {
        (Outcome::Answered { .. }, Exercise::Listen) => "stays open".into(),
        (Outcome::Answered { .. }, Exercise::Pong) => "takes a pong".into(),
        (Outcome::Answered { .. }, Exercise::Close) => "closes in order".into(),
        (Outcome::Answered { after_ms }, exercise) => {
            format!("{} {}", self::exercise(exercise), duration(*after_ms))
        }
        (_, Exercise::Close) => return None,
        (_, exercise) => format!("{}: {}", self::exercise(exercise), outcome(conversation)),
    })
}

/// What came of an exercise.
pub(super) fn outcome(conversation: &Conversation) -> String {
    match (&conversation.outcome, &conversation.exercise) {
        (Outcome::Answered { .. }, Exercise::Listen | Exercise::Pong) => "stays open".into(),
        (Outcome::Answered { after_ms }, _) => duration(*after_ms),
        (Outcome::Different { detail }, _) => detail.clone(),
        (Outcome::Silent { waited_ms }, _) => format!("silence for {}", duration(*waited_ms)),
        (Outcome::Ended(ending), _) => self::ending(ending),
    }
}

/// How a socket ended.
pub(super) fn ending(ending: &Ending) -> String {
    match ending {
        Ending::Closed { code, reason } => {
            let code = code.map_or("no code".to_owned(), |code| code.to_string());
            if reason.is_empty() {
                format!("closed by the peer ({code})")
            } else {
                format!("closed by the peer ({code}, \"{reason}\")")
            }
        }
        Ending::EndOfStream => "cut off without a close".into(),
        Ending::Reset => "reset".into(),
        Ending::Failed(reason) => failure(reason),
        Ending::Deviated => "given up: the peer broke the protocol".into(),
    }
}

/// The traffic of a socket of the time ladder.
pub(super) fn traffic(traffic: &Traffic) -> String {
    match traffic {
        Traffic::Silent => "nothing sent".into(),
        Traffic::Ping { every_ms } => format!("a ping every {}", duration(*every_ms)),
        Traffic::Data { every_ms } => format!("a message every {}", duration(*every_ms)),
        Traffic::SilentThenPing { silent_ms } => format!("a ping after {}", duration(*silent_ms)),
    }
}

/// How long a socket of the time ladder lived.
pub(super) fn endurance(endurance: &Endurance) -> String {
    let lived = duration(endurance.lived_ms);
    let unanswered = endurance.final_ping_answered == Some(false);
    match &endurance.ended {
        None if unanswered => format!("open after {lived}, but the ping had no answer"),
        None => format!("open after {lived}"),
        Some(ending) => format!("{} after {lived}", self::ending(ending)),
    }
}

/// What a browser saw.
pub(super) fn browser(seen: &BrowserCapture) -> String {
    let mut sent = seen.messages.iter().filter(|message| message.sent);
    let first = sent.find_map(|message| message.name.as_deref());
    match &seen.outcome {
        BrowserOutcome::Opened { closed: None, .. } => match first {
            Some(name) => format!("opened, and the page first sends {name}"),
            None => "opened".into(),
        },
        BrowserOutcome::Opened {
            closed: Some(code), ..
        } => format!("opened, then closed ({code})"),
        BrowserOutcome::Failed { error } => error.clone(),
        BrowserOutcome::Unavailable { reason } => reason.clone(),
    }
}
