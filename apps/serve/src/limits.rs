//! What happens at each limit: one table for answers, close codes, metrics, logs and documentation.

use http::{Response, StatusCode};

use crate::body::{self, Body};

/// A limit of the gateway. Its setting is in `[limits]` under [`Limit::row`]'s name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Connections in all.
    Connections,
    /// Connections of one address.
    ConnectionsPerAddress,
    /// Sessions in all.
    Sessions,
    /// Sessions of one address.
    SessionsPerAddress,
    /// Bytes kept for one session.
    BufferedBytesPerSession,
    /// Bytes kept for all sessions.
    BufferedBytes,
    /// Bytes of a head.
    HeaderBytes,
    /// Bytes of a session's POST.
    BodyBytes,
    /// Time for PROXY protocol, TLS and a request's head.
    HeadSeconds,
    /// Time for the backend's handshake.
    HandshakeSeconds,
    /// Time for the backend to begin an ordinary answer.
    AnswerSeconds,
    /// Silence on a plain WebSocket.
    IdleSeconds,
    /// A reader that takes nothing.
    SlowReaderSeconds,
    /// A session without a transport.
    DetachedSeconds,
    /// Time to end after a signal.
    DrainSeconds,
}

/// One row of [`LIMITS`].
#[derive(Clone, Copy, Debug)]
pub struct LimitRow {
    /// Which limit.
    pub limit: Limit,
    /// The name of its setting, which is also its label in metrics and logs.
    pub name: &'static str,
    /// The status of an HTTP request that meets it; none where it cannot meet one.
    pub status: Option<u16>,
    /// The close code of a WebSocket or session that meets it; none where the connection just ends.
    pub close_code: Option<u16>,
    /// What happens, in a few words.
    pub outcome: &'static str,
}

/// Every limit and its outcome.
pub const LIMITS: &[LimitRow] = &[
    row(
        Limit::Connections,
        "connections",
        None,
        None,
        "the connection is closed at once",
    ),
    row(
        Limit::ConnectionsPerAddress,
        "connections_per_address",
        Some(429),
        None,
        "the connection is closed at once; a plain WebSocket over HTTP/2 is answered 429",
    ),
    row(
        Limit::Sessions,
        "sessions",
        Some(503),
        Some(1013),
        "a new session is refused",
    ),
    row(
        Limit::SessionsPerAddress,
        "sessions_per_address",
        Some(429),
        Some(1013),
        "a new session is refused",
    ),
    row(
        Limit::BufferedBytesPerSession,
        "buffered_bytes_per_session",
        None,
        None,
        "nothing more is read from the side that sends",
    ),
    row(
        Limit::BufferedBytes,
        "buffered_bytes",
        Some(503),
        Some(1013),
        "a new session is refused, and the fullest stalled ones end",
    ),
    row(
        Limit::HeaderBytes,
        "header_bytes",
        Some(431),
        None,
        "the request is refused; an answer of the upstream becomes 502",
    ),
    row(
        Limit::BodyBytes,
        "body_bytes",
        Some(413),
        None,
        "the request is refused",
    ),
    row(
        Limit::HeadSeconds,
        "head_seconds",
        Some(408),
        None,
        "the connection is closed",
    ),
    row(
        Limit::HandshakeSeconds,
        "handshake_seconds",
        Some(504),
        Some(1013),
        "the WebSocket is refused",
    ),
    row(
        Limit::AnswerSeconds,
        "answer_seconds",
        Some(504),
        None,
        "the request is answered 504",
    ),
    row(
        Limit::IdleSeconds,
        "idle_seconds",
        None,
        None,
        "the connection is closed",
    ),
    row(
        Limit::SlowReaderSeconds,
        "slow_reader_seconds",
        None,
        Some(1013),
        "the connection or session ends",
    ),
    row(
        Limit::DetachedSeconds,
        "detached_seconds",
        None,
        Some(3900),
        "the session ends; a client that comes back is told what it lost",
    ),
    row(
        Limit::DrainSeconds,
        "drain_seconds",
        Some(503),
        Some(1012),
        "what is still open is closed",
    ),
];

const fn row(
    limit: Limit,
    name: &'static str,
    status: Option<u16>,
    close_code: Option<u16>,
    outcome: &'static str,
) -> LimitRow {
    LimitRow {
        limit,
        name,
        status,
        close_code,
        outcome,
    }
}

impl Limit {
    /// Its row.
    pub fn row(self) -> &'static LimitRow {
        let mut rows = LIMITS.iter();
        rows.find(|row| row.limit == self)
            .expect("a test finds every limit in the table")
    }

    /// The answer to an HTTP request that meets it. It names the limit, so that an operator who is
    /// shown it knows which setting to look at.
    pub(crate) fn response(self) -> Response<Body> {
        let row = self.row();
        let status = row
            .status
            .and_then(|status| StatusCode::from_u16(status).ok());
        let text = format!("limit reached: {}\n", row.name);
        body::text(status.unwrap_or(StatusCode::SERVICE_UNAVAILABLE), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Limits;

    #[test]
    fn every_setting_has_an_outcome_and_every_outcome_a_setting() {
        let settings = serde_json::to_value(Limits::default()).unwrap();
        let mut settings: Vec<&String> = settings.as_object().unwrap().keys().collect();
        let drain = "drain_seconds".to_owned();
        settings.push(&drain);
        settings.sort();
        let mut rows: Vec<&str> = LIMITS.iter().map(|row| row.name).collect();
        rows.sort_unstable();
        assert_eq!(settings, rows);
    }

    #[test]
    fn every_limit_is_in_its_place() {
        for (at, row) in LIMITS.iter().enumerate() {
            assert_eq!(row.limit as usize, at, "{}", row.name);
            assert_eq!(row.limit.row().name, row.name);
        }
    }
}
