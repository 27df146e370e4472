//! Hand-made cases for the tests of this folder: a page, its attempts or tests, and what the gateway saw.

use crate::catalogue::Vantage;
use crate::engine::{Diagnosis, diagnose};
use crate::finding::Confidence;
use crate::observation::{
    Arrival, Attachment, AttachmentEnd, Attempt, AttemptEnd, ClientHello, Fact, Header, History,
    Observation, ObservationId, Page, PageTest, PageTestKind, PageTestOutcome, PastArrival,
    PastEnd, RequestHead, Scheme, Target, Transport,
};

pub(crate) const CHROMIUM: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36";

/// A case in the making.
#[derive(Debug, Clone)]
pub(crate) struct Scene {
    pub(crate) observations: Vec<Observation>,
}

impl Scene {
    /// A case of a `wss` target whose TLS ends at the gateway.
    pub(crate) fn new() -> Self {
        Self::of(Scheme::Wss)
    }

    pub(crate) fn of(scheme: Scheme) -> Self {
        let mut scene = Self {
            observations: Vec::new(),
        };
        let port = if scheme == Scheme::Wss { 443 } else { 80 };
        scene.add(
            Vantage::Gateway,
            Fact::Target(Target::watched(scheme, "app.example.com", port, "/chat")),
        );
        scene
    }

    fn add(&mut self, vantage: Vantage, fact: Fact) {
        let id = u32::try_from(self.observations.len()).expect("few facts") + 1;
        // Pages report later than what they report.
        let at_ms = match fact {
            Fact::Page(_) => 600_000,
            _ => u64::from(id) * 10,
        };
        self.observations.push(Observation {
            id: ObservationId(id),
            at_ms,
            vantage,
            answers: None,
            fact,
        });
    }

    /// The facts of another case behind those of this one.
    pub(crate) fn append(mut self, other: &Self) -> Self {
        for one in &other.observations {
            if !matches!(one.fact, Fact::Target(_)) {
                self.add(one.vantage, one.fact.clone());
            }
        }
        self
    }

    pub(crate) fn page(mut self, change: impl FnOnce(&mut Page)) -> Self {
        let mut page = Page {
            user_agent: CHROMIUM.into(),
            origin: "https://app.example.com".into(),
            online: true,
            secure: true,
            native_websocket: true,
            ..Page::default()
        };
        change(&mut page);
        self.add(Vantage::Page, Fact::Page(page));
        self
    }

    /// An attempt with the times of its opening, its proof and its end.
    pub(crate) fn attempt(
        mut self,
        transport: Transport,
        times: (Option<u64>, Option<u64>, Option<u64>),
        end: AttemptEnd,
    ) -> Self {
        self.add(
            Vantage::Page,
            Fact::Attempt(Attempt {
                transport,
                opened_ms: times.0,
                proven_ms: times.1,
                ended_ms: times.2,
                end,
            }),
        );
        self
    }

    /// An attempt that works and lives, with the gateway's view of it.
    pub(crate) fn works(self, transport: Transport) -> Self {
        let status = if transport.is_websocket() { 101 } else { 200 };
        self.attempt(transport, (Some(40), Some(60), None), AttemptEnd::Open)
            .arrival(transport, status, |_| ())
            .socket(transport, AttachmentEnd::Open, |_| ())
    }

    pub(crate) fn test(
        mut self,
        test: PageTestKind,
        outcome: PageTestOutcome,
        elapsed_ms: u64,
    ) -> Self {
        self.add(
            Vantage::Page,
            Fact::PageTest(PageTest {
                test,
                outcome,
                elapsed_ms,
            }),
        );
        self
    }

    pub(crate) fn passes(self, test: PageTestKind) -> Self {
        self.test(test, PageTestOutcome::Passed, 45)
    }

    /// A request as Chromium sends it.
    pub(crate) fn arrival(
        mut self,
        transport: Transport,
        status: u16,
        change: impl FnOnce(&mut Arrival),
    ) -> Self {
        let mut arrival = arrival(transport);
        arrival.status = status;
        change(&mut arrival);
        self.add(Vantage::Gateway, Fact::Arrival(arrival));
        self
    }

    /// A use of a transport, attached, with bytes both ways, that lived ten seconds.
    pub(crate) fn socket(
        mut self,
        transport: Transport,
        end: AttachmentEnd,
        change: impl FnOnce(&mut Attachment),
    ) -> Self {
        let mut attachment = attachment(transport, end);
        change(&mut attachment);
        self.add(Vantage::Gateway, Fact::Attachment(attachment));
        self
    }

    /// A WebSocket that opened and of which the gateway heard nothing.
    pub(crate) fn unheard(self, end: AttachmentEnd, age_ms: u64) -> Self {
        self.socket(Transport::Websocket, end, |socket| {
            socket.generation = 0;
            socket.attached = false;
            socket.used = false;
            socket.age_ms = age_ms;
            socket.first_up_ms = None;
            socket.bytes_up = 0;
            socket.bytes_down = 0;
        })
    }

    pub(crate) fn history(
        mut self,
        network: &str,
        arrivals: Vec<PastArrival>,
        ends: Vec<PastEnd>,
    ) -> Self {
        let clients = u32::try_from(arrivals.len().max(ends.len())).expect("few");
        self.add(
            Vantage::Gateway,
            Fact::History(History {
                network: network.into(),
                span_ms: 3_600_000,
                clients,
                arrivals,
                ends,
            }),
        );
        self
    }

    pub(crate) fn diagnosis(&self) -> Diagnosis {
        diagnose(&self.observations)
    }

    /// The first finding is this one, this sure, and everything cited exists.
    #[track_caller]
    pub(crate) fn expect(&self, cause: &str, confidence: Confidence) {
        let diagnosis = self.diagnosis();
        let first = diagnosis
            .findings
            .first()
            .unwrap_or_else(|| panic!("nothing found instead of {cause}"));
        assert_eq!(
            (first.cause.as_str(), first.confidence),
            (cause, confidence),
            "{:#?}",
            diagnosis.findings
        );
    }

    #[track_caller]
    pub(crate) fn expect_no_fault(&self) {
        let found = self.diagnosis().findings;
        assert!(found.is_empty(), "{found:#?}");
    }
}

pub(crate) fn failed(code: u16) -> AttemptEnd {
    AttemptEnd::Failed {
        code: Some(code),
        status: None,
    }
}

/// A Chromium's request over TLS that ends at the gateway.
pub(crate) fn arrival(transport: Transport) -> Arrival {
    let headers: &[(&str, &str)] = if transport.is_websocket() {
        &[
            ("host", ""),
            ("connection", "Upgrade"),
            ("pragma", "no-cache"),
            ("cache-control", "no-cache"),
            ("user-agent", CHROMIUM),
            ("upgrade", "websocket"),
            ("origin", ""),
            ("sec-websocket-version", "13"),
            ("accept-encoding", "gzip, deflate, br, zstd"),
            ("accept-language", "en"),
            ("sec-websocket-key", ""),
            (
                "sec-websocket-extensions",
                "permessage-deflate; client_max_window_bits",
            ),
            ("sec-websocket-protocol", "towpath.1"),
        ]
    } else {
        &[
            ("host", ""),
            ("connection", "keep-alive"),
            ("content-length", ""),
            ("user-agent", CHROMIUM),
            ("content-type", "text/plain"),
            ("accept", ""),
            ("origin", ""),
            ("accept-encoding", "gzip, deflate, br, zstd"),
            ("accept-language", "en"),
        ]
    };
    Arrival {
        transport,
        request: RequestHead {
            method: if transport.is_websocket() {
                "GET"
            } else {
                "POST"
            }
            .into(),
            target: format!("/chat/.towpath/{transport}"),
            version: "HTTP/1.1".into(),
            headers: headers
                .iter()
                .map(|(name, value)| Header {
                    name: (*name).into(),
                    value: (*value).into(),
                })
                .collect(),
        },
        hello: Some(chromium_hello()),
        trusted_hops: 0,
        network: "192.0.2.0/24".into(),
        round_trip_us: None,
        status: 101,
    }
}

pub(crate) fn chromium_hello() -> ClientHello {
    ClientHello {
        ja4: "t13d1516h2_8daaf6152771_d8a2da3f94cd".into(),
        bytes: 1_780,
        versions: vec![0x0304, 0x0303],
        extensions: vec![0, 5, 10, 11, 13, 16, 18, 23, 27, 35, 43, 45, 51],
        alpn: vec!["http/1.1".into()],
        grease: true,
        post_quantum: true,
    }
}

/// The hello of a proxy that is built on a common library.
pub(crate) fn library_hello() -> ClientHello {
    ClientHello {
        ja4: "t13d311100_e8f1e7e78f70_b14c9c0b5032".into(),
        bytes: 317,
        alpn: Vec::new(),
        grease: false,
        post_quantum: false,
        ..chromium_hello()
    }
}

/// Takes headers out of a request.
pub(crate) fn without(arrival: &mut Arrival, names: &[&str]) {
    arrival
        .request
        .headers
        .retain(|header| !names.contains(&header.name.as_str()));
}

/// Puts a header behind the others.
pub(crate) fn with(arrival: &mut Arrival, name: &str, value: &str) {
    arrival.request.headers.push(Header {
        name: name.into(),
        value: value.into(),
    });
}

pub(crate) fn attachment(transport: Transport, end: AttachmentEnd) -> Attachment {
    Attachment {
        transport,
        generation: 1,
        http2: false,
        attached: true,
        used: true,
        age_ms: 10_000,
        first_up_ms: Some(5),
        silent_up_ms: 100,
        silent_down_ms: 100,
        bytes_up: 600,
        bytes_down: 2_500,
        messages_up: Some(4),
        messages_down: Some(8),
        round_trip_us: Some(20_000),
        end,
    }
}
