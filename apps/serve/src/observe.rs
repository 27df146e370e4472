//! What the gateway sees of each attempt, always on and cheap: arrivals, attachments, ends, and how the connections of
//! each network fared.
//!
//! It records facts and must never judge them. Whatever it keeps is bounded by count and time.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use towpath_diagnosis::Observation;
use towpath_diagnosis::observation::{Arrival, Attachment, AttachmentEnd, ClientHello, Transport};
use towpath_session::body::{Secret, is_attempt};

use crate::client::Client;
use crate::config::ReportSettings;

mod arrival;
mod ask;
mod browser;
mod end;
mod head;
mod id;
mod intern;
mod known;
mod log;
mod odd;
mod past;
mod tally;

pub(crate) use arrival::{Arriving, transport};
pub(crate) use browser::browser;
pub(crate) use end::{end_of, outcome};
pub(crate) use log::{Live, Log, network_of};
pub(crate) use odd::watch;

use id::Id;
use intern::Interner;
use known::{Known, WAITING_MS};
use log::{Shape, Who};
use odd::Odd;
use past::Past;
use tally::Tallies;

/// Sees every attempt of this gateway.
#[derive(Debug)]
pub(crate) struct Observer {
    start: Instant,
    start_unix_ms: u64,
    /// Makes addresses and browsers into names that mean nothing outside of this process.
    salt: RandomState,
    /// Whether pages are asked to report, and the share of sessions whose pages are.
    asks: bool,
    sample: f64,
    texts: Interner<str>,
    shapes: Interner<Shape>,
    hellos: Interner<ClientHello>,
    known: Mutex<Known>,
    past: Mutex<Past>,
    tallies: Mutex<Tallies>,
    odd: Odd,
}

/// What is known of one session, check run or plain WebSocket, of the gateway's side.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The short code, without its dash.
    pub(crate) code: Box<str>,
    /// When it began, in milliseconds since 1970-01-01 UTC. Observations count from here.
    pub(crate) started_unix_ms: u64,
    /// The client's network as a prefix.
    pub(crate) network: String,
    /// Tells users apart: a salted hash of address and browser.
    pub(crate) user: String,
    /// Browser and version in a few words.
    pub(crate) browser: String,
    /// The host that the client asked for.
    pub(crate) host: String,
    /// Whether it was asked for over TLS.
    pub(crate) secure: bool,
    /// The application's path, without its query.
    pub(crate) path: String,
    /// The transport in use, or last in use; empty where none was.
    pub(crate) transport: String,
    /// The facts, of the gateway's vantage, in the order of time. No `Target` among them.
    pub(crate) observations: Vec<Observation>,
}

impl Observer {
    /// Nothing seen.
    pub(crate) fn new(settings: &ReportSettings) -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH);
        let start_unix_ms = unix.map_or(0, milliseconds);
        Self {
            start: Instant::now(),
            start_unix_ms,
            salt: RandomState::new(),
            asks: settings.enabled,
            sample: settings.sample,
            texts: Interner::new(),
            shapes: Interner::new(),
            hellos: Interner::new(),
            known: Mutex::default(),
            past: Mutex::default(),
            tallies: Mutex::new(Tallies::new(start_unix_ms)),
            odd: Odd::default(),
        }
    }

    /// The time, in milliseconds since 1970-01-01 UTC, by a clock that never goes back.
    pub(crate) fn now(&self) -> u64 {
        self.start_unix_ms + milliseconds(self.start.elapsed())
    }

    /// A TLS hello, shared with the same one of other connections. Clients shuffle their extensions each time, so
    /// that hellos would never be the same in the order sent.
    pub(crate) fn share(&self, mut hello: ClientHello) -> Arc<ClientHello> {
        hello.extensions.sort_unstable();
        let key = (hello.ja4.clone(), hello.bytes);
        self.hellos.share(Arc::new(hello), key)
    }

    /// A request for a transport was answered. `attempt` is the id that the page gave it, if any.
    pub(crate) fn arrived(
        &self,
        attempt: Option<&str>,
        client: &Client,
        arriving: Arriving,
        status: u16,
    ) {
        let at = self.now() - arriving.ago_ms();
        let arrival = arriving.answered(client, status);
        let log = match attempt.and_then(named) {
            Some(attempt) => self.of_attempt(attempt, client, &arrival.request.target),
            // A WebSocket of no session: only an odd one needs a log.
            None if is_odd(&arrival) => self.alone(client, &arrival.request.target),
            None => return self.count(client.network(), self.user(client), &arrival),
        };
        self.note(&log, &arrival, at);
    }

    /// A WebSocket ended that never attached; `attempt` as for [`Observer::arrived`].
    pub(crate) fn ended_unattached(
        &self,
        attempt: Option<&str>,
        client: &Client,
        attachment: Attachment,
    ) {
        let Some(attempt) = attempt.and_then(named) else {
            return;
        };
        let log = self.of_attempt(attempt, client, "");
        self.cut(&log, attachment);
    }

    /// What is asked for under an attempt id belongs to a run of the check page with this code, for that long.
    pub(crate) fn expect(&self, attempt: &str, code: &str, client: &Client, lasts: Duration) {
        let (Some(attempt), Some(code)) = (named(attempt), Id::new(code)) else {
            return;
        };
        let now = self.now();
        let log = Arc::new(Log::new(code, self.who(client, ""), now));
        // Only who has the run's key may speak for it.
        log.inner().claimed = true;
        let until = now + milliseconds(lasts) + WAITING_MS;
        self.known().run(&log, attempt, until);
    }

    /// A new session of a client that asked for `path`. What came under its attempt id before is its own.
    pub(crate) fn begin(&self, attempt: Option<&str>, client: &Client, path: &str) -> Arc<Log> {
        let attempt = attempt.and_then(named);
        let now = self.now();
        let mut known = self.known();
        if let Some(log) = attempt.and_then(|attempt| known.attempt(attempt))
            && claim(&log)
        {
            return log;
        }
        let log = self.new_log(client, path, now);
        log.inner().claimed = true;
        known.enter(&log, attempt);
        log
    }

    /// More of a session may come under this attempt id.
    pub(crate) fn join(&self, log: &Arc<Log>, attempt: &str) {
        let Some(attempt) = named(attempt) else {
            return;
        };
        let mut known = self.known();
        let waits = known.attempt(attempt);
        if waits.as_ref().is_some_and(|waits| Arc::ptr_eq(waits, log)) {
            return;
        }
        if let Some(waits) = waits.filter(claim) {
            known.taken_over(&waits);
            log.merge(&waits);
        }
        known.name(log, attempt);
    }

    /// Adds a request to a session.
    pub(crate) fn add(&self, log: &Arc<Log>, arrival: &Arrival) {
        self.note(log, arrival, self.now());
    }

    /// A log of somebody who has no session. It is known to others only when it is told.
    pub(crate) fn alone(&self, client: &Client, path: &str) -> Arc<Log> {
        let log = self.new_log(client, path, self.now());
        log.inner().claimed = true;
        log
    }

    /// A session took a transport into use.
    pub(crate) fn used(&self, log: &Arc<Log>, transport: Transport) {
        let (is_first, is_odd) = log.uses(transport);
        self.tallies().used(transport, is_first, self.now());
        if is_odd {
            self.odd.add(log);
        }
    }

    /// A transport in use whose end is noted came back, or will not.
    pub(crate) fn open(&self, transport: Transport, is_open: bool) {
        let (mut tallies, now) = (self.tallies(), self.now());
        if is_open {
            tallies.back(transport, now);
        } else {
            tallies.left(transport, now);
        }
    }

    /// A use of a transport by a session ended, or one of its responses was cut.
    pub(crate) fn ended(&self, log: &Arc<Log>, attachment: Attachment) {
        if attachment.used {
            let now = self.now();
            self.tallies().left(attachment.transport, now);
        }
        self.cut(log, attachment);
    }

    /// A response of a session was cut, and the transport may go on.
    pub(crate) fn cut(&self, log: &Arc<Log>, attachment: Attachment) {
        let now = self.now();
        let is_candidate = attachment.attached && !attachment.used;
        let is_cut = attachment.end.is_cut() && !is_candidate;
        if is_cut {
            self.tallies().cut(attachment.transport, now);
        }
        // Nobody leaves a WebSocket that works.
        let is_left = attachment.used
            && attachment.transport.is_websocket()
            && attachment.end == AttachmentEnd::Superseded;
        if !is_candidate {
            let mut past = self.past();
            past.ended(log.network, log.user, attachment.clone(), now);
            self.odd.tell(past.telling(log.network, now));
        }
        log.ended(now, attachment);
        if is_cut || is_left {
            log.inner().odd = true;
            self.odd.add(log);
        }
    }

    /// A session is over. Its proofs stand for it as long as pages may report.
    pub(crate) fn over(&self, log: &Arc<Log>, proofs: Vec<Secret>) {
        let now = self.now();
        self.known().over(log, proofs, now);
        let is_odd = log.inner().odd;
        if is_odd {
            self.odd.add(log);
        }
    }

    /// A request goes to its log.
    fn note(&self, log: &Arc<Log>, arrival: &Arrival, at: u64) {
        self.count(log.network, log.user, arrival);
        let shape = self.shape(arrival, &log.path);
        log.arrived(at, shape, arrival);
        if is_odd(arrival) {
            log.inner().odd = true;
            self.odd.add(log);
        }
    }

    /// A request for a WebSocket counts in the history of its network.
    fn count(&self, network: IpAddr, user: u64, arrival: &Arrival) {
        if arrival.transport.is_websocket() {
            let (now, is_lost) = (self.now(), is_odd(arrival));
            let mut past = self.past();
            past.arrived(network, user, is_lost, now);
            if is_lost {
                self.odd.tell(past.telling(network, now));
            }
        }
    }

    /// The log that an attempt's requests go to; a new one waits for its session.
    fn of_attempt(&self, attempt: Id, client: &Client, target: &str) -> Arc<Log> {
        let now = self.now();
        let mut known = self.known();
        if let Some(log) = known.attempt(attempt) {
            let mut inner = log.inner();
            inner.expires_unix_ms = inner.expires_unix_ms.max(now + WAITING_MS);
            drop(inner);
            return log;
        }
        let path = target.rsplit_once(OWN).map_or(target, |(path, _)| path);
        let log = self.new_log(client, path, now);
        known.wait(&log, Some(attempt), now);
        log
    }

    fn new_log(&self, client: &Client, path: &str, now: u64) -> Arc<Log> {
        let code = Id::random();
        Arc::new(Log::new(code, self.who(client, path), now))
    }

    fn who(&self, client: &Client, path: &str) -> Who {
        let path = head::path(if path.is_empty() { "/" } else { path });
        let shared = |text: &str| self.texts.share(Arc::from(text), text);
        Who {
            network: client.network(),
            user: self.user(client),
            host: shared(&client.host),
            path: shared(&path),
            secure: client.secure,
        }
    }

    fn user(&self, client: &Client) -> u64 {
        self.salt.hash_one(client.address)
    }

    /// What an arrival has in common with others of the same browser.
    fn shape(&self, arrival: &Arrival, path: &str) -> Arc<Shape> {
        let mut request = arrival.request.clone();
        let own = path.trim_end_matches('/');
        if request.target.starts_with(own) {
            request.target.drain(..own.len());
        }
        let headers = request.headers.iter();
        let texts: Vec<_> = headers.map(|one| (&*one.name, &*one.value)).collect();
        let ja4 = arrival.hello.as_ref().map(|hello| &*hello.ja4);
        let key = self.salt.hash_one((texts, &request.target, ja4));
        let shape = Shape {
            hello: arrival.hello.clone().map(|hello| self.share(hello)),
            trusted_hops: arrival.trusted_hops,
            request,
        };
        self.shapes.share(Arc::new(shape), key)
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tallies(&self) -> MutexGuard<'_, Tallies> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The key of an attempt id, if it is one.
fn named(attempt: &str) -> Option<Id> {
    Id::new(attempt).filter(|_| is_attempt(attempt))
}

/// Whether a request for a WebSocket came without what makes it one. Over HTTP/2 there is no such part.
fn is_odd(arrival: &Arrival) -> bool {
    let upgrade = arrival.header("upgrade").unwrap_or_default();
    arrival.transport.is_websocket()
        && arrival.request.version != "HTTP/2"
        && !upgrade.to_ascii_lowercase().contains("websocket")
}

/// Takes a log for a session, once.
fn claim(log: &Arc<Log>) -> bool {
    !std::mem::replace(&mut log.inner().claimed, true)
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

/// What the gateway's own paths contain.
const OWN: &str = "/.towpath/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hellos_that_differ_in_order_alone_are_kept_once() {
        let observer = Observer::new(&ReportSettings::default());
        let hello = |extensions: &[u16]| ClientHello {
            ja4: "t13d0102h1_0_0".to_owned(),
            bytes: 512,
            versions: vec![0x0304],
            extensions: extensions.to_vec(),
            alpn: Vec::new(),
            grease: false,
            post_quantum: true,
        };
        let one = observer.share(hello(&[0, 43, 51]));
        assert!(Arc::ptr_eq(&one, &observer.share(hello(&[51, 0, 43]))));
        assert!(!Arc::ptr_eq(&one, &observer.share(hello(&[51, 0, 45]))));
    }
}
