//! A world to diagnose without a network: it answers questions as a server of the test's choice would.

use core::net::{IpAddr, Ipv4Addr, SocketAddr};

use crate::catalogue::Vantage;
use crate::engine::{Diagnosis, diagnose};
use crate::observation::{
    Body, BrowserCapture, BrowserOutcome, BrowserUse, Change, Connection, ConnectionOutcome,
    ControlPath, Conversation, Environment, Exchange, ExchangeOutcome, Exercise, Fact, Failed,
    Failure, Handshake, HandshakeOutcome, Header, Observation, ObservationId, Outcome, RequestHead,
    Response, Route, Scheme, Stage, Switched, Target,
};
use crate::question::Question;

/// A `ws://` target on loopback, with which nothing is wrong until a test says so.
pub(crate) fn target() -> Target {
    Target {
        url: "ws://127.0.0.1:4000/socket".into(),
        scheme: Scheme::Ws,
        host: "127.0.0.1".into(),
        port: 4_000,
        path: "/socket".into(),
        host_is_address: true,
        subprotocols: Vec::new(),
        origin: None,
        header_names: Vec::new(),
        token: None,
        proxy: None,
        proxy_credentials: false,
        client_certificate: false,
        given_authorities: false,
        fixed_addresses: false,
        echo: false,
        send: false,
        expect: None,
        page: false,
        idle_ms: None,
        browser: BrowserUse::Never,
        like: false,
        budget: 25,
        started_unix_s: 1_790_000_000,
    }
}

/// A refusal with this status, these headers and this body.
pub(crate) fn refusal(status: u16, headers: &[(&str, &str)], body: &str) -> HandshakeOutcome {
    HandshakeOutcome::Refused {
        response: Box::new(response(status, headers, body)),
    }
}

/// An answer with this status, these headers and this body.
pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    Response {
        status,
        reason: String::new(),
        version: "HTTP/1.1".into(),
        headers: headers
            .iter()
            .map(|(name, value)| Header {
                name: (*name).into(),
                value: (*value).into(),
            })
            .collect(),
        body: Body {
            text: body.into(),
            bytes: body.len() as u64,
            cut: false,
        },
        first_byte_ms: 1,
    }
}

/// A correct switch of protocols.
pub(crate) fn switch(subprotocol: Option<&str>) -> HandshakeOutcome {
    HandshakeOutcome::Switched(Box::new(Switched {
        response: response(101, &[("Upgrade", "websocket")], ""),
        deviations: Vec::new(),
        subprotocol: subprotocol.map(Into::into),
        extensions: None,
    }))
}

/// A switch of protocols with a deviation.
pub(crate) fn deviating_switch(headers: &[(&str, &str)], deviation: &str) -> HandshakeOutcome {
    HandshakeOutcome::Switched(Box::new(Switched {
        response: response(101, headers, ""),
        deviations: vec![deviation.into()],
        subprotocol: None,
        extensions: None,
    }))
}

/// A handshake that got no answer.
pub(crate) fn unanswered(failure: Failure) -> HandshakeOutcome {
    HandshakeOutcome::Failed(Failed {
        stage: Stage::Http,
        failure,
    })
}

type HandshakeAnswer = Box<dyn Fn(&[Change], usize) -> HandshakeOutcome>;
type ControlAnswer = Box<dyn Fn(ControlPath) -> Option<Response>>;

/// The browser on this machine.
pub(crate) enum Browser {
    /// There is none.
    Missing,
    /// It opens the WebSocket.
    GetsIn,
    /// It fails with this error.
    Fails(&'static str),
    /// The site shows it a challenge instead of its page, and no WebSocket opens.
    Challenged,
}

/// What answers the questions.
pub(crate) struct World {
    pub target: Target,
    /// From the changes and the number of handshakes before to the outcome.
    pub handshake: HandshakeAnswer,
    pub control: ControlAnswer,
    /// The request of the first handshake and the one that works elsewhere.
    pub requests: (RequestHead, RequestHead),
    /// Whether there is a browser.
    pub browser: Browser,
    /// Questions put, in order.
    pub asked: Vec<Question>,
}

impl World {
    /// A world in which handshakes end as given and ordinary requests get a plain 404.
    pub(crate) fn new(handshake: impl Fn(&[Change], usize) -> HandshakeOutcome + 'static) -> Self {
        Self {
            target: target(),
            handshake: Box::new(handshake),
            control: Box::new(|_| Some(response(404, &[], "ordinary"))),
            requests: (RequestHead::default(), RequestHead::default()),
            browser: Browser::Missing,
            asked: Vec::new(),
        }
    }

    /// With another answer to ordinary requests.
    pub(crate) fn with_control(
        mut self,
        control: impl Fn(ControlPath) -> Option<Response> + 'static,
    ) -> Self {
        self.control = Box::new(control);
        self
    }

    /// With another target.
    pub(crate) fn with_target(mut self, change: impl FnOnce(&mut Target)) -> Self {
        change(&mut self.target);
        self
    }

    /// Asks until nothing is open, as a check does, and gives the diagnosis.
    pub(crate) fn check(&mut self) -> Diagnosis {
        self.climb().1
    }

    /// What a check of this world over `ws` observes, told as if it had been over the target's scheme.
    pub(crate) fn observations_after_check_on_ws(&mut self) -> Vec<Observation> {
        let scheme = std::mem::replace(&mut self.target.scheme, Scheme::Ws);
        let mut observations = self.climb().0;
        for observation in &mut observations {
            if let Fact::Target(target) = &mut observation.fact {
                target.scheme = scheme;
            }
        }
        observations
    }

    fn climb(&mut self) -> (Vec<Observation>, Diagnosis) {
        let mut observations = vec![Observation {
            id: ObservationId(1),
            at_ms: 0,
            vantage: Vantage::Cli,
            answers: None,
            fact: Fact::Target(self.target.clone()),
        }];
        loop {
            let diagnosis = diagnose(&observations);
            let Some(question) = diagnosis.open.first().cloned() else {
                return (observations, diagnosis);
            };
            assert!(!self.asked.contains(&question), "asked twice: {question:?}");
            assert!(self.asked.len() < 60, "no end: {:?}", self.asked);
            let fact = self.answer(&question);
            self.asked.push(question.clone());
            let id = u32::try_from(observations.len() + 1).expect("few observations");
            observations.push(Observation {
                id: ObservationId(id),
                at_ms: u64::from(id),
                vantage: Vantage::Cli,
                answers: Some(question),
                fact,
            });
        }
    }

    fn answer(&self, question: &Question) -> Fact {
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.target.port);
        match question {
            Question::Environment => Fact::Environment(Environment::default()),
            Question::Connect => Fact::Connection(Connection {
                address,
                to_proxy: false,
                outcome: ConnectionOutcome::Connected,
                elapsed_ms: 1,
            }),
            Question::Handshake { changes } => Fact::Handshake(self.shake(changes)),
            Question::Control { path, .. } => Fact::Exchange(Exchange {
                path: *path,
                request: RequestHead::default(),
                route: Route::default(),
                library: None,
                outcome: match (self.control)(*path) {
                    Some(response) => ExchangeOutcome::Answered {
                        response: Box::new(response),
                    },
                    None => ExchangeOutcome::Failed(Failed {
                        stage: Stage::Http,
                        failure: Failure::TimedOut { waited_ms: 7_000 },
                    }),
                },
                elapsed_ms: 1,
                clock_offset_s: None,
            }),
            Question::Talk { exercises, .. } => Fact::Conversation(talk(exercises)),
            Question::Browser => Fact::Browser(BrowserCapture {
                browser: "Chromium 156".into(),
                page: None,
                page_substituted: true,
                request: Some(self.requests.1.clone()),
                response: None,
                cookie_names: Vec::new(),
                issuer: None,
                document: matches!(self.browser, Browser::Challenged)
                    .then(|| Box::new(response(403, &[("cf-mitigated", "challenge")], ""))),
                messages: Vec::new(),
                outcome: match self.browser {
                    Browser::Missing => BrowserOutcome::Unavailable {
                        reason: "none installed".into(),
                    },
                    Browser::Fails(error) => BrowserOutcome::Failed {
                        error: error.into(),
                    },
                    Browser::Challenged => BrowserOutcome::Failed {
                        error: "Unexpected response code: 403".into(),
                    },
                    Browser::GetsIn => BrowserOutcome::Opened {
                        frames_received: 0,
                        closed: None,
                    },
                },
                elapsed_ms: 1,
            }),
            other => Fact::NotTested {
                question: other.clone(),
                reason: "this world has no answer".into(),
            },
        }
    }

    fn shake(&self, changes: &[Change]) -> Handshake {
        let before = self
            .asked
            .iter()
            .filter(|question| matches!(question, Question::Handshake { .. }))
            .count();
        Handshake {
            changes: changes.to_vec(),
            request: if changes == [Change::Like] {
                self.requests.1.clone()
            } else {
                self.requests.0.clone()
            },
            route: Route::default(),
            library: None,
            issuer: None,
            outcome: (self.handshake)(changes, before),
            elapsed_ms: 1,
        }
    }
}

fn talk(exercises: &[Exercise]) -> Conversation {
    Conversation {
        socket: 1,
        changes: Vec::new(),
        exercise: exercises.first().cloned().unwrap_or(Exercise::Listen),
        compressed: false,
        subprotocol: None,
        http2: false,
        open_before_ms: 0,
        passed_before: 0,
        events: Vec::new(),
        outcome: Outcome::Answered { after_ms: 1 },
        elapsed_ms: 1,
    }
}
