//! A scripted network for tests of the layers below HTTP: each question gets the facts that a test names.
//!
//! It asks as a check does, one open question after the other, so that a test sees what a user would see.

use core::net::SocketAddr;

use crate::catalogue::Vantage;
use crate::engine::{Diagnosis, diagnose};
use crate::observation::{
    Certificate, ChainVerdict, Change, Connection, ConnectionOutcome, ControlPath, Conversation,
    Environment, Exchange, ExchangeOutcome, Exercise, Fact, Failed, Failure, Handshake,
    HandshakeOutcome, Header, NameAnswer, NameOutcome, Observation, ObservationId, ProxyKind,
    RequestHead, Resolution, Resolver, Response, Route, Scheme, Stage, Switched, Target,
    TlsAttempt, TlsEstablished, TlsLibrary, TlsOutcome, TlsVariation, TrustReport, Tunnel,
    TunnelOutcome,
};
use crate::question::Question;
use crate::testing;

type Script = Box<dyn Fn(&Question) -> Option<Vec<Fact>>>;

/// A target and what the network says; questions without a line of their own go well.
pub(super) struct Scene {
    pub(super) target: Target,
    scripts: Vec<Script>,
    pub(super) asked: Vec<Question>,
}

pub(super) const HOST: &str = "ws.example.com";
pub(super) const NOW: i64 = 1_795_000_000;

impl Scene {
    /// A `wss` target where everything goes well.
    pub(super) fn secure() -> Self {
        Self {
            target: Target {
                url: format!("wss://{HOST}/ws"),
                scheme: Scheme::Wss,
                host: HOST.into(),
                port: 443,
                path: "/ws".into(),
                host_is_address: false,
                started_unix_s: NOW.unsigned_abs(),
                ..testing::target()
            },
            scripts: vec![],
            asked: vec![],
        }
    }

    /// A `ws` target where everything goes well.
    pub(super) fn plain() -> Self {
        let mut scene = Self::secure();
        scene.target.scheme = Scheme::Ws;
        scene.target.url = format!("ws://{HOST}/ws");
        scene.target.port = 80;
        scene
    }

    pub(super) fn port(mut self, port: u16) -> Self {
        self.target.port = port;
        self
    }

    pub(super) fn host(mut self, host: &str) -> Self {
        self.target.host = host.into();
        self.target.host_is_address = host.parse::<core::net::IpAddr>().is_ok();
        self
    }

    pub(super) fn proxy(mut self, proxy: &str) -> Self {
        self.target.proxy = Some(proxy.into());
        self
    }

    pub(super) fn given_authorities(mut self) -> Self {
        self.target.given_authorities = true;
        self
    }

    /// With a line for a question; later lines come first.
    pub(super) fn on(self, question: Question, facts: Vec<Fact>) -> Self {
        self.when(move |asked| (*asked == question).then(|| facts.clone()))
    }

    pub(super) fn when(
        mut self,
        script: impl Fn(&Question) -> Option<Vec<Fact>> + 'static,
    ) -> Self {
        self.scripts.push(Box::new(script));
        self
    }

    /// With an outcome for each TLS handshake.
    pub(super) fn tls(self, outcome: impl Fn(&TlsVariation) -> TlsOutcome + 'static) -> Self {
        self.when(move |question| match question {
            Question::Tls(variation) => Some(vec![tls(variation, outcome(variation))]),
            _ => None,
        })
    }

    /// With an outcome for each opening handshake.
    pub(super) fn handshake(
        self,
        outcome: impl Fn(&[Change]) -> HandshakeOutcome + 'static,
    ) -> Self {
        self.when(move |question| match question {
            Question::Handshake { changes } => Some(vec![handshake(changes, outcome(changes))]),
            _ => None,
        })
    }

    /// With an answer to each ordinary request.
    pub(super) fn control(self, answer: impl Fn(ControlPath) -> Response + 'static) -> Self {
        self.when(move |question| match question {
            Question::Control { path, plain: false } => {
                Some(vec![exchange(*path, answer(*path), None)])
            }
            _ => None,
        })
    }

    pub(super) fn environment(self, environment: Environment) -> Self {
        self.on(Question::Environment, vec![Fact::Environment(environment)])
    }

    /// Asks until nothing is open.
    pub(super) fn check(&mut self) -> Diagnosis {
        let mut observations = vec![observation(1, None, Fact::Target(self.target.clone()))];
        loop {
            let diagnosis = diagnose(&observations);
            let Some(question) = diagnosis.open.first().cloned() else {
                return diagnosis;
            };
            assert!(!self.asked.contains(&question), "asked twice: {question:?}");
            self.asked.push(question.clone());
            for fact in self.answer(&question) {
                let id = u32::try_from(observations.len()).expect("few observations") + 1;
                observations.push(observation(id, Some(question.clone()), fact));
            }
        }
    }

    /// The ids of the faults, in order.
    pub(super) fn faults(&mut self) -> Vec<String> {
        let diagnosis = self.check();
        diagnosis
            .findings
            .into_iter()
            .map(|finding| finding.cause)
            .collect()
    }

    fn answer(&self, question: &Question) -> Vec<Fact> {
        self.scripts
            .iter()
            .rev()
            .find_map(|script| script(question))
            .unwrap_or_else(|| self.well(question))
    }

    fn well(&self, question: &Question) -> Vec<Fact> {
        let to_proxy = self.target.proxy.is_some();
        match question {
            Question::Environment => vec![Fact::Environment(Environment::default())],
            Question::Resolve => vec![lookup(HOST, &["203.0.113.7"])],
            Question::Connect => {
                let port = if to_proxy { 3128 } else { self.target.port };
                vec![connection(
                    &format!("203.0.113.7:{port}"),
                    to_proxy,
                    None,
                    20,
                )]
            }
            Question::Tunnel { port } => vec![tunnel(*port, TunnelOutcome::Established)],
            Question::Tls(variation) => vec![tls(variation, trusted(public()))],
            Question::Handshake { changes } if changes.contains(&Change::Http2) => vec![handshake(
                changes,
                HandshakeOutcome::Failed(Failed {
                    stage: Stage::Tls,
                    failure: Failure::Http2NotAgreed,
                }),
            )],
            Question::Handshake { changes } => vec![handshake(changes, switched())],
            Question::Talk { exercises, .. } => exercises.iter().map(talk).collect(),
            other => vec![Fact::NotTested {
                question: other.clone(),
                reason: "not scripted".into(),
            }],
        }
    }
}

fn observation(id: u32, answers: Option<Question>, fact: Fact) -> Observation {
    Observation {
        id: ObservationId(id),
        at_ms: u64::from(id),
        vantage: Vantage::Cli,
        answers,
        fact,
    }
}

pub(super) fn lookup(name: &str, addresses: &[&str]) -> Fact {
    resolution(name, Resolver::System, addresses_of(addresses), &[])
}

pub(super) fn resolution(
    name: &str,
    resolver: Resolver,
    outcome: NameOutcome,
    errors: &[u16],
) -> Fact {
    Fact::Resolution(Resolution {
        name: name.into(),
        resolver,
        outcome,
        extended_errors: errors.to_vec(),
        elapsed_ms: 3,
    })
}

pub(super) fn server(address: &str) -> Resolver {
    Resolver::Server {
        server: format!("{address}:53"),
        checking_disabled: false,
    }
}

pub(super) fn addresses_of(addresses: &[&str]) -> NameOutcome {
    NameOutcome::Addresses(NameAnswer {
        addresses: addresses
            .iter()
            .map(|one| one.parse().expect("an address"))
            .collect(),
        extended_errors: vec![],
    })
}

pub(super) fn connection(
    address: &str,
    to_proxy: bool,
    failure: Option<Failure>,
    elapsed_ms: u64,
) -> Fact {
    Fact::Connection(Connection {
        address: address
            .parse::<SocketAddr>()
            .expect("an address with a port"),
        to_proxy,
        outcome: failure.map_or(ConnectionOutcome::Connected, ConnectionOutcome::Failed),
        elapsed_ms,
    })
}

pub(super) fn silence() -> Failure {
    Failure::TimedOut { waited_ms: 3_000 }
}

pub(super) fn alert(code: u8) -> Failure {
    Failure::Alert {
        code,
        name: "an_alert".into(),
    }
}

pub(super) fn tunnel(port: u16, outcome: TunnelOutcome) -> Fact {
    Fact::Tunnel(Tunnel {
        proxy: "http://proxy.example:3128".into(),
        kind: ProxyKind::Http,
        host: HOST.into(),
        port,
        credentials: false,
        outcome,
        elapsed_ms: 5,
    })
}

pub(super) fn tls(variation: &TlsVariation, outcome: TlsOutcome) -> Fact {
    Fact::Tls(TlsAttempt {
        variation: variation.clone(),
        library: TlsLibrary::Rustls,
        route: Route::default(),
        server_name: Some(HOST.into()),
        alpn_offered: vec!["http/1.1".into()],
        client_certificate_requested: false,
        outcome,
        elapsed_ms: 10,
    })
}

/// Built from its serialised form, so that facts which other layers add need no line here.
pub(super) fn handshake(changes: &[Change], outcome: HandshakeOutcome) -> Fact {
    let mut value = serde_json::json!({
        "changes": changes,
        "request": RequestHead::default(),
        "route": Route::default(),
        "outcome": { "outcome": "failed", "stage": "http", "failure": "reset" },
        "elapsed_ms": 5,
    });
    value["outcome"] = serde_json::to_value(outcome).expect("facts can be written");
    Fact::Handshake(serde_json::from_value::<Handshake>(value).expect("a handshake"))
}

pub(super) fn switched() -> HandshakeOutcome {
    HandshakeOutcome::Switched(Box::new(Switched {
        response: response(101, &[("Upgrade", "websocket")], ""),
        deviations: vec![],
        subprotocol: None,
        extensions: None,
    }))
}

pub(super) fn refused(status: u16, headers: &[(&str, &str)], body: &str) -> HandshakeOutcome {
    HandshakeOutcome::Refused {
        response: Box::new(response(status, headers, body)),
    }
}

pub(super) fn unanswered(failure: Failure) -> HandshakeOutcome {
    HandshakeOutcome::Failed(Failed {
        stage: Stage::Http,
        failure,
    })
}

pub(super) fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let mut response = Response {
        status,
        version: "HTTP/1.1".into(),
        headers: headers
            .iter()
            .map(|(name, value)| Header {
                name: (*name).into(),
                value: (*value).into(),
            })
            .collect(),
        ..Response::default()
    };
    response.body.text = body.into();
    response.body.bytes = body.len() as u64;
    response
}

pub(super) fn exchange(path: ControlPath, response: Response, clock_offset_s: Option<i64>) -> Fact {
    Fact::Exchange(Exchange {
        path,
        request: RequestHead::default(),
        route: Route::default(),
        library: None,
        outcome: ExchangeOutcome::Answered {
            response: Box::new(response),
        },
        elapsed_ms: 4,
        clock_offset_s,
    })
}

fn talk(exercise: &Exercise) -> Fact {
    let value = serde_json::json!({
        "socket": 1,
        "exercise": exercise,
        "compressed": false,
        "open_before_ms": 0,
        "passed_before": 0,
        "events": [],
        "outcome": { "outcome": "answered", "after_ms": 1 },
        "elapsed_ms": 1,
    });
    Fact::Conversation(serde_json::from_value::<Conversation>(value).expect("a conversation"))
}

/// A certificate for the target, not self-issued.
pub(super) fn certificate(issuer: &str, sha256: &str) -> Certificate {
    Certificate {
        subject: format!("CN={HOST}"),
        issuer: issuer.into(),
        names: vec![HOST.into()],
        not_before_unix_s: NOW - 86_400 * 30,
        not_after_unix_s: NOW + 86_400 * 30,
        sha256: sha256.into(),
        spki_sha256: format!("key of {sha256}"),
        self_issued: false,
        is_authority: false,
        has_scts: false,
        issuer_urls: vec![],
    }
}

pub(super) fn authority(subject: &str) -> Certificate {
    Certificate {
        self_issued: true,
        is_authority: true,
        names: vec![],
        subject: subject.into(),
        ..certificate(subject, subject)
    }
}

pub(super) fn public() -> Certificate {
    certificate("C=US, O=Let's Encrypt, CN=R11", "public")
}

/// Keys agreed, chain judged alike by system, Mozilla and, where asked for, the given authorities.
pub(super) fn judged(chain: Vec<Certificate>, trust: TrustReport) -> TlsOutcome {
    TlsOutcome::Established(Box::new(TlsEstablished {
        version: "TLSv1.3".into(),
        cipher: "TLS13_AES_256_GCM_SHA384".into(),
        group: None,
        alpn: None,
        client_certificate_requested: false,
        chain,
        trust,
    }))
}

pub(super) fn trusted(leaf: Certificate) -> TlsOutcome {
    judged(
        vec![leaf],
        verdicts(ChainVerdict::Trusted, ChainVerdict::Trusted, None),
    )
}

pub(super) fn unknown(chain: Vec<Certificate>) -> TlsOutcome {
    judged(
        chain,
        verdicts(
            ChainVerdict::UnknownIssuer,
            ChainVerdict::UnknownIssuer,
            None,
        ),
    )
}

/// Verdicts of system, Mozilla and given authorities; the last decides where it is there.
pub(super) fn verdicts(
    system: ChainVerdict,
    mozilla: ChainVerdict,
    given: Option<(ChainVerdict, &str)>,
) -> TrustReport {
    let decides = given.as_ref().map_or(&system, |(verdict, _)| verdict);
    TrustReport {
        accepted: *decides == ChainVerdict::Trusted,
        given_subjects: given.iter().map(|(_, subject)| (*subject).into()).collect(),
        system: Some(system),
        mozilla,
        given: given.map(|(verdict, _)| verdict),
    }
}
