//! Close frames and refusals by the application, each read as exactly one thing.
//!
//! A close frame is the server's own statement, so what it means is looked up, not guessed: code first,
//! then the words of the reason.

use crate::evidence::Evidence;
use crate::finding;
use crate::observation::{
    Conversation, Ending, Exercise, MessageKind, ObservationId, Outcome, Payload, Target,
};
use crate::rules::frame::socket::phrase;

/// What a closing says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// A token or session has expired.
    Expired,
    /// The log-in is refused.
    Auth,
    /// GraphQL's `connection_error` without a word about the log-in.
    InitRefused,
    /// The first message did not come in time.
    InitTimeout,
    /// The subprotocol is refused after opening.
    Subprotocol,
    /// Messages came too fast.
    Rate,
    /// A quota of connections is used up.
    Quota,
    /// 1008 with no more telling reason.
    Policy,
    /// 1011.
    Error,
    /// 1012, 1013 or 1014.
    Restart,
    /// 1001.
    Away,
    /// 1000.
    Normal,
    /// A library's or application's own code.
    Private,
}

/// One closing, or one refusal in words.
pub(crate) struct Closing<'a> {
    id: ObservationId,
    /// The code; absent for none, and for a refusal without a close frame.
    pub(crate) code: Option<u16>,
    /// The reason, or the words of the refusal.
    pub(crate) reason: &'a str,
    /// The exercise during which it came; absent on the time ladder.
    pub(crate) exercise: Option<&'a Exercise>,
    /// Age of the socket, in milliseconds.
    pub(crate) age_ms: u64,
    /// What it says.
    pub(crate) meaning: Meaning,
}

impl Closing<'_> {
    /// The closing as evidence.
    pub(crate) fn shows(&self) -> finding::Evidence {
        let what = match (self.code, self.reason) {
            (None, words) => format!("The server answered \"{words}\""),
            (Some(code), "") => format!("The server closed with {code}"),
            (Some(code), reason) => format!("The server closed with {code} \"{reason}\""),
        };
        let when = match self.exercise {
            Some(Exercise::Listen) => "before anything was sent".to_owned(),
            Some(exercise) => format!("after {}", phrase(exercise)),
            None => format!("after {}", crate::words::duration(self.age_ms)),
        };
        finding::Evidence {
            observation: self.id,
            shows: format!("{what} {when}."),
        }
    }
}

/// All closings that the application meant, on sockets opened as the user asked.
pub(crate) fn closings<'a>(evidence: &Evidence<'a>) -> Vec<Closing<'a>> {
    let target = evidence.target();
    let talked = evidence.conversations().filter_map(|part| {
        let (code, reason) = refusal(part.fact)?;
        // An answer to our own close frame; only a code of the application is a statement.
        let is_answer = part.fact.exercise == Exercise::Close;
        if is_answer && !matches!(code, Some(1008 | 3000..=4999)) {
            return None;
        }
        let meaning = meaning(target, code, reason, Some(&part.fact.exercise))?;
        Some(Closing {
            id: part.id,
            code,
            reason,
            exercise: Some(&part.fact.exercise),
            age_ms: part.fact.open_before_ms + part.fact.elapsed_ms,
            meaning,
        })
    });
    let endured = evidence.endurances().filter_map(|socket| {
        let Some(Ending::Closed { code, reason }) = &socket.fact.ended else {
            return None;
        };
        // The time ladder waits for an end; an ordinary code there says nothing but when.
        let meaning = meaning(target, *code, reason, None).filter(|meaning| {
            !matches!(
                meaning,
                Meaning::Policy
                    | Meaning::Error
                    | Meaning::Away
                    | Meaning::Normal
                    | Meaning::Private
            )
        })?;
        Some(Closing {
            id: socket.id,
            code: *code,
            reason,
            exercise: None,
            age_ms: socket.fact.lived_ms,
            meaning,
        })
    });
    talked.chain(endured).collect()
}

/// The code and reason of a close frame, or the words of a `connection_error`.
fn refusal(part: &Conversation) -> Option<(Option<u16>, &str)> {
    if let Outcome::Ended(Ending::Closed { code, reason }) = &part.outcome {
        let said = connection_error(part).filter(|_| reason.is_empty());
        return Some((*code, said.unwrap_or(reason)));
    }
    let refused = matches!(part.outcome, Outcome::Different { .. } | Outcome::Ended(_));
    connection_error(part)
        .filter(|_| refused)
        .map(|said| (None, said))
}

fn connection_error(part: &Conversation) -> Option<&str> {
    part.events.iter().find_map(|event| match &event.payload {
        Payload::Received {
            kind: MessageKind::Text,
            excerpt,
            ..
        } if part.exercise == Exercise::GraphqlInit && excerpt.contains("connection_error") => {
            Some(excerpt.as_str())
        }
        _ => None,
    })
}

fn meaning(
    target: &Target,
    code: Option<u16>,
    reason: &str,
    exercise: Option<&Exercise>,
) -> Option<Meaning> {
    let said = reason.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let graphql = speaks_graphql(target);
    // What the frame layer has rules for: no pong, slow reader, protocol, kind, content, size.
    if says(&["ping timeout", "pong", "keepalive", "slow"])
        || matches!(code, Some(1003 | 1007 | 1009 | 1010))
    {
        return None;
    }
    let early = matches!(exercise, Some(Exercise::Listen | Exercise::GraphqlInit));
    let meaning = match code {
        _ if says(&["expired"]) && says(&EXPIRING) => Meaning::Expired,
        Some(4408) => Meaning::InitTimeout,
        _ if says(&["timeout", "timed out", "in time", "too late"]) && says(&OPENING) => {
            Meaning::InitTimeout
        }
        Some(4406) => Meaning::Subprotocol,
        Some(1002) if early && graphql => Meaning::Subprotocol,
        _ if says(&["subprotocol", "sub-protocol"]) => Meaning::Subprotocol,
        Some(1002) => return None,
        Some(4401 | 4403 | 3000 | 3003) => Meaning::Auth,
        _ if says(&RATE) => Meaning::Rate,
        _ if says(&QUOTA) => Meaning::Quota,
        Some(4004 | 4100) if is_pusher(target) => Meaning::Quota,
        _ if says(&AUTH) => Meaning::Auth,
        None if said.contains("connection_error") => Meaning::InitRefused,
        Some(1000) => Meaning::Normal,
        Some(1001) => Meaning::Away,
        Some(1008) => Meaning::Policy,
        Some(1011) => Meaning::Error,
        Some(1012..=1014) => Meaning::Restart,
        // The server did not understand a message; what it was sent was never meant for it, unless the
        // user meant it or nothing was sent at all.
        Some(4400) if !matches!(exercise, Some(Exercise::Listen | Exercise::Send)) => return None,
        Some(3000..=4999) if says(&NOT_UNDERSTOOD) => return None,
        Some(3000..=4999) => Meaning::Private,
        _ => return None,
    };
    Some(meaning)
}

/// Whether the target is known to speak GraphQL over WebSocket.
pub(super) fn speaks_graphql(target: &Target) -> bool {
    target.path.contains("graphql")
        || target
            .subprotocols
            .iter()
            .any(|name| name.starts_with("graphql"))
}

/// Whether the target's path is that of the Pusher protocol.
pub(super) fn is_pusher(target: &Target) -> bool {
    target.path.starts_with("/app/") && target.path.contains("protocol=")
}

/// Words for what can expire.
const EXPIRING: [&str; 6] = [
    "token",
    "session",
    "jwt",
    "credential",
    "connection",
    "signature",
];
/// Words for the first message of an application.
const OPENING: [&str; 7] = [
    "init",
    "hello",
    "auth",
    "login",
    "identify",
    "handshake",
    "first message",
];
/// Words for a limit on messages.
const RATE: [&str; 7] = [
    "rate limit",
    "rate-limit",
    "ratelimit",
    "too many requests",
    "too many messages",
    "throttl",
    "flood",
];
/// Words for a limit on connections.
const QUOTA: [&str; 8] = [
    "quota",
    "too many connections",
    "connection limit",
    "connections limit",
    "max connections",
    "maximum connections",
    "over capacity",
    "plan limit",
];
/// Words for a refused log-in.
const AUTH: [&str; 14] = [
    "unauthor",
    "not authorized",
    "not authorised",
    "authenticat",
    "authoriz",
    "authoris",
    "forbidden",
    "access denied",
    "permission",
    "token",
    "credential",
    "login",
    "log in",
    "api key",
];
/// Words for a message that the server could not read.
const NOT_UNDERSTOOD: [&str; 9] = [
    "invalid message",
    "bad message",
    "unknown message",
    "unexpected message",
    "malformed",
    "invalid json",
    "not json",
    "parse",
    "decode",
];
