//! What is known of one session, or of requests that may become one: who asks, what arrived, and what ended.
//!
//! It is small while nothing odd happens and bounded when everything does. It must never be read for a decision.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use towpath_diagnosis::catalogue::Vantage;
use towpath_diagnosis::observation::{
    Arrival, Attachment, ClientHello, Fact, Observation, ObservationId, RequestHead, Transport,
};

use super::Seen;
use super::browser::browser;
use super::id::Id;
use crate::client::Client;

/// What somebody did who came through one connection of `towpath.js`, or alone.
#[derive(Debug)]
pub(crate) struct Log {
    pub(super) code: Id,
    pub(super) started_unix_ms: u64,
    pub(super) secure: bool,
    pub(super) network: IpAddr,
    /// A salted hash of the address.
    pub(super) user: u64,
    pub(super) host: Arc<str>,
    pub(super) path: Arc<str>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    records: Vec<Record>,
    /// The id under which more may come.
    pub(super) attempt: Option<Id>,
    /// Who knows what has not ended.
    live: Option<Weak<dyn Live>>,
    transport: Option<Transport>,
    /// A session has taken it.
    pub(super) claimed: bool,
    /// Something in it is worth a look.
    pub(super) odd: bool,
    /// It is about to be told to those who keep cases.
    pub(super) due: bool,
    /// When it is forgotten unless a session claims it.
    pub(super) expires_unix_ms: u64,
}

/// Who knows the attachments that have not ended.
pub(crate) trait Live: std::fmt::Debug + Send + Sync {
    /// They, with the end `Open`, at a time in milliseconds since the gateway started.
    fn open(&self, now: u64) -> Vec<Attachment>;
}

/// What requests of one browser through one way have in common.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    /// Its target is only what is behind the application's path.
    pub(super) request: RequestHead,
    pub(super) hello: Option<Arc<ClientHello>>,
    pub(super) trusted_hops: u32,
}

#[derive(Clone, Debug)]
enum Record {
    Arrival {
        /// Milliseconds since the log began.
        at: u32,
        status: u16,
        transport: Transport,
        shape: Arc<Shape>,
    },
    Ended {
        at: u32,
        attachment: Box<Attachment>,
    },
}

/// Who a new log is about.
pub(super) struct Who {
    pub(super) network: IpAddr,
    pub(super) user: u64,
    pub(super) host: Arc<str>,
    pub(super) path: Arc<str>,
    pub(super) secure: bool,
}

impl Log {
    /// Nothing seen.
    pub(super) fn new(code: Id, who: Who, now: u64) -> Self {
        Self {
            code,
            started_unix_ms: now,
            secure: who.secure,
            network: who.network,
            user: who.user,
            host: who.host,
            path: who.path,
            inner: Mutex::default(),
        }
    }

    /// The short code, without its dash.
    pub(crate) fn code(&self) -> &str {
        self.code.as_str()
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a request.
    pub(super) fn arrived(&self, now: u64, shape: Arc<Shape>, arrival: &Arrival) {
        let (transport, status) = (arrival.transport, arrival.status);
        self.inner().add(Record::Arrival {
            at: self.since(now),
            status,
            transport,
            shape,
        });
    }

    /// Adds a use of a transport that ended, or the end of one of its responses.
    pub(super) fn ended(&self, now: u64, attachment: Attachment) {
        self.inner().add(Record::Ended {
            at: self.since(now),
            attachment: Box::new(attachment),
        });
    }

    /// Takes over what another log has seen of the same client.
    pub(super) fn merge(&self, other: &Self) {
        let records = std::mem::take(&mut other.inner().records);
        let earlier = self.started_unix_ms.saturating_sub(other.started_unix_ms);
        let later = other.started_unix_ms.saturating_sub(self.started_unix_ms);
        let shift = |at: u32| {
            let at = u64::from(at).saturating_add(later).saturating_sub(earlier);
            u32::try_from(at).unwrap_or(u32::MAX)
        };
        let mut inner = self.inner();
        for mut record in records {
            match &mut record {
                Record::Arrival { at, .. } | Record::Ended { at, .. } => *at = shift(*at),
            }
            inner.add(record);
        }
    }

    /// A transport carries from now on. Whether it is the first, and whether something odd happened before.
    pub(super) fn uses(&self, transport: Transport) -> (bool, bool) {
        let mut inner = self.inner();
        let before = inner.transport.replace(transport);
        (before.is_none(), inner.odd)
    }

    /// Names who knows what has not ended.
    pub(crate) fn follow(&self, live: Weak<dyn Live>) {
        self.inner().live = Some(live);
    }

    /// Everything there is, on one axis.
    pub(super) fn seen(&self, (now, start): (u64, u64)) -> Seen {
        let (records, live, transport) = {
            let inner = self.inner();
            let live = inner.live.as_ref().and_then(Weak::upgrade);
            (inner.records.clone(), live, inner.transport)
        };
        // Its owner has a lock of its own, under which it may be adding to this log.
        let open = live.map_or_else(Vec::new, |live| live.open(now - start));
        let network = written(self.network);
        let user_agent = records.iter().find_map(Record::user_agent);
        let browser = browser(user_agent.unwrap_or_default());
        let mut user = DefaultHasher::new();
        (self.user, &browser).hash(&mut user);
        let user = user.finish();
        let mut facts: Vec<(u64, Fact)> = records
            .into_iter()
            .map(|record| self.fact(record, &network))
            .collect();
        let now = u64::from(self.since(now));
        facts.extend(open.into_iter().map(|one| (now, Fact::Attachment(one))));
        facts.sort_by_key(|(at, _)| *at);
        let observations = (1..).zip(facts).map(|(id, (at_ms, fact))| Observation {
            id: ObservationId(id),
            at_ms,
            vantage: Vantage::Gateway,
            answers: None,
            fact,
        });
        Seen {
            code: self.code().into(),
            started_unix_ms: self.started_unix_ms,
            user: format!("{user:016x}"),
            browser,
            host: (*self.host).to_owned(),
            secure: self.secure,
            path: (*self.path).to_owned(),
            transport: transport.map_or("", Transport::as_str).to_owned(),
            observations: observations.collect(),
            network,
        }
    }

    fn fact(&self, record: Record, network: &str) -> (u64, Fact) {
        match record {
            Record::Arrival {
                at,
                status,
                transport,
                shape,
            } => {
                let target = &shape.request.target;
                let target = format!("{}{target}", self.path.trim_end_matches('/'));
                let arrival = Arrival {
                    transport,
                    request: RequestHead {
                        target: if target.is_empty() {
                            "/".to_owned()
                        } else {
                            target
                        },
                        ..shape.request.clone()
                    },
                    hello: shape.hello.as_deref().cloned(),
                    trusted_hops: shape.trusted_hops,
                    network: network.to_owned(),
                    round_trip_us: None,
                    status,
                };
                (u64::from(at), Fact::Arrival(arrival))
            }
            Record::Ended { at, attachment } => (u64::from(at), Fact::Attachment(*attachment)),
        }
    }

    fn since(&self, now: u64) -> u32 {
        u32::try_from(now.saturating_sub(self.started_unix_ms)).unwrap_or(u32::MAX)
    }
}

impl Record {
    fn user_agent(&self) -> Option<&str> {
        let Self::Arrival { shape, .. } = self else {
            return None;
        };
        let mut headers = shape.request.headers.iter();
        let found = headers.find(|header| header.name == "user-agent");
        found.map(|header| header.value.as_str())
    }
}

impl Inner {
    /// Adds what was seen; of too much, what lies between the first and the newest goes.
    fn add(&mut self, record: Record) {
        if self.records.len() >= RECORDS_MAX {
            self.records.remove(RECORDS_MAX / 2);
        }
        if self.records.len() == self.records.capacity() {
            self.records.reserve_exact(1 + self.records.len() / 2);
        }
        self.records.push(record);
    }
}

/// The network of a client as a prefix.
pub(super) fn written(network: IpAddr) -> String {
    let bits = if network.is_ipv4() { 24 } else { 48 };
    format!("{network}/{bits}")
}

/// The network of a client, as a prefix: `192.0.2.0/24`.
pub(crate) fn network_of(client: &Client) -> String {
    written(client.network())
}

/// Requests and ends that are kept of one session.
const RECORDS_MAX: usize = 48;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use towpath_diagnosis::observation::AttachmentEnd;

    use super::*;

    fn log(now: u64) -> Log {
        let who = Who {
            network: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 0)),
            user: 7,
            host: "example.com".into(),
            path: "/chat".into(),
            secure: true,
        };
        Log::new(Id::new("k3m9p2xq").expect("a code"), who, now)
    }

    fn ended(age_ms: u64) -> Attachment {
        Attachment {
            transport: Transport::Websocket,
            generation: 1,
            http2: false,
            attached: true,
            used: true,
            age_ms,
            first_up_ms: Some(0),
            silent_up_ms: 0,
            silent_down_ms: 0,
            bytes_up: 0,
            bytes_down: 0,
            messages_up: None,
            messages_down: None,
            round_trip_us: None,
            end: AttachmentEnd::Reset,
        }
    }

    /// Every session has one, with one request as long as nothing odd happens.
    #[test]
    fn a_quiet_session_costs_little() {
        let bytes = size_of::<Log>() + size_of::<Record>();
        assert!(bytes <= 208, "{bytes}");
    }

    #[test]
    fn the_first_and_the_newest_records_stay() {
        let log = log(1_000);
        for number in 0..1_000 {
            log.ended(1_000 + number, ended(number));
        }
        let seen = log.seen((3_000, 0));
        assert_eq!(seen.observations.len(), RECORDS_MAX);
        assert_eq!(seen.observations[0].at_ms, 0);
        assert_eq!(seen.observations[RECORDS_MAX - 1].at_ms, 999);
        assert_eq!((&*seen.network, &*seen.code), ("192.0.2.0/24", "k3m9p2xq"));
    }

    #[test]
    fn what_another_log_saw_keeps_its_time() {
        for (mine, other, expected) in [(5_000, 4_000, 500), (4_000, 5_000, 2_500)] {
            let (log, waiting) = (log(mine), log(other));
            waiting.ended(other + 1_500, ended(1));
            log.merge(&waiting);
            let seen = log.seen((10_000, 0));
            assert_eq!(seen.observations[0].at_ms, expected);
            assert!(waiting.seen((10_000, 0)).observations.is_empty());
        }
    }
}
