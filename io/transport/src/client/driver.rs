//! The task of one session: it joins the session's state with the transports that carry it.
//!
//! One turn takes everything that has arrived, then writes once. It must never wait anywhere but in
//! its one `select!`, so that no transport and no application can hold the others up.

mod arrivals;
mod attaching;
mod ending;
mod sending;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use towpath_session::Session;
use towpath_session::body::{Proof, Secret};
use towpath_session::choice::Choice;
use towpath_session::limits::BODY_BYTES;

use self::attaching::Start;
use self::ending::Verdict;
use super::attachment::Attachment;
use super::dial::Dialer;
use super::inbound::Inbound;
use super::message::Event;
use super::outbound::Outbound;
use super::report::Report;
use super::shared::Shared;
use super::{Send, Transport, random};

/// What a caller orders beside what it sends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Order {
    /// Drop the transport in use.
    Cut,
    /// Move to a transport.
    Switch { transport: Transport, at_once: bool },
}

/// Reports that wait for the driver; a transport waits when there are more.
const REPORTS_MAX: usize = 64;
/// Reports taken in one turn before anything is written.
const REPORTS_PER_TURN_MAX: usize = 64;

pub(crate) struct Driver {
    dialer: Dialer,
    events: mpsc::Sender<Event>,
    shared: Arc<Shared>,
    reports: mpsc::Sender<Report>,
    reports_in: Option<mpsc::Receiver<Report>>,
    began: Instant,
    session: Session,
    inbound: Inbound,
    outbound: Outbound,
    choice: Choice,
    attachments: Vec<Attachment>,
    /// Generation of the attachment in use.
    in_use: Option<u64>,
    generation: u64,
    /// The secret of the next attachment.
    proof: Proof,
    /// When the choice wants to try again.
    retry_at: Option<u64>,
    /// Since when no proven transport is in use.
    lost_since: Option<u64>,
    terms: Terms,
    /// Bytes of a `send` body that get through.
    body_bytes: usize,
    /// The most that any hop was seen to take.
    body_bytes_limit: usize,
    /// The application was told of a loss and not of a recovery.
    told_lost: bool,
    /// Events ahead of what the session has to deliver.
    waiting: std::collections::VecDeque<Event>,
    /// Cost of the item whose event waits, not yet taken by the application.
    untaken: u64,
    closing: bool,
    verdict: Option<Verdict>,
    /// The close event has been given out; what remains is to acknowledge until then.
    over_at: Option<u64>,
    said_goodbye: bool,
    /// Responses in a row that were no envelopes.
    malformed: u32,
}

/// What the gateway said of the session.
#[derive(Debug)]
struct Terms {
    piece_bytes_max: usize,
    heartbeat: u64,
    resume: u64,
}

impl Driver {
    pub(crate) fn new(dialer: Dialer, events: mpsc::Sender<Event>, shared: Arc<Shared>) -> Self {
        let (reports, reports_in) = mpsc::channel(REPORTS_MAX);
        let settings = &dialer.settings;
        let terms = Terms {
            piece_bytes_max: 16_384,
            heartbeat: 25_000,
            resume: u64::try_from(settings.patience.as_millis()).unwrap_or(u64::MAX),
        };
        Self {
            session: sending::session(settings),
            inbound: Inbound::new(settings.message_bytes_max),
            outbound: Outbound::default(),
            choice: Choice::new(&settings.transports, settings.remembered),
            proof: Proof::Fresh(Secret(random())),
            dialer,
            events,
            shared,
            reports,
            reports_in: Some(reports_in),
            began: Instant::now(),
            attachments: Vec::new(),
            in_use: None,
            generation: 0,
            retry_at: None,
            lost_since: Some(0),
            body_bytes: BODY_BYTES,
            body_bytes_limit: BODY_BYTES,
            terms,
            told_lost: false,
            waiting: std::collections::VecDeque::new(),
            untaken: 0,
            closing: false,
            verdict: None,
            over_at: None,
            said_goodbye: false,
            malformed: 0,
        }
    }

    /// Runs until the session is over and the application knows, or until nobody is there to know.
    pub(crate) async fn run(
        mut self,
        mut sends: mpsc::Receiver<Send>,
        mut orders: mpsc::UnboundedReceiver<Order>,
    ) {
        let mut reports = self.reports_in.take().expect("a driver runs once");
        self.choose(0, |choice| choice.start(0));
        let events = self.events.clone();
        loop {
            self.turn();
            if self.is_finished() {
                return;
            }
            let deadline = self.began + Duration::from_millis(self.deadline());
            tokio::select! {
                Some(report) = reports.recv() => {
                    self.arrived(report);
                    for _ in 1..REPORTS_PER_TURN_MAX {
                        let Ok(report) = reports.try_recv() else { break };
                        self.arrived(report);
                    }
                }
                send = sends.recv(), if self.takes_sends() => match send {
                    Some(send) => {
                        self.accept(send);
                        while self.takes_sends() && let Ok(send) = sends.try_recv() {
                            self.accept(send);
                        }
                    }
                    // The application is gone.
                    None => return,
                },
                Some(order) = orders.recv() => self.ordered(order),
                permit = events.reserve(), if !self.waiting.is_empty() => match permit {
                    Ok(permit) => if let Some(event) = self.waiting.pop_front() {
                        permit.send(event);
                        self.taken();
                    },
                    Err(_) => return,
                },
                () = sleep_until(deadline) => {}
            }
        }
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Everything that follows from the state: timers, deliveries, writes.
    fn turn(&mut self) {
        let now = self.now();
        if self.over_at.is_none() {
            self.check_attachments(now);
            self.choose_by_time(now);
            self.give_up_if_too_late(now);
            // Last: what is decided above may be what there is to tell.
            self.deliver(now);
        }
        self.renew(now);
        self.transmit(now);
        self.shared.set_buffered_bytes(self.outbound.bytes());
    }

    /// The earliest time at which [`Self::turn`] has something to do.
    fn deadline(&self) -> u64 {
        let attachments = self
            .attachments
            .iter()
            .flat_map(|attachment| [attachment.renew_at, Some(self.silence_ends(attachment))]);
        let choice = self.choice.deadline();
        let session = self.in_use.and_then(|_| self.session.deadline());
        let others = [
            choice,
            session,
            self.retry_at,
            self.over_at,
            self.gives_up_at(),
        ];
        let all = attachments.chain(others).flatten();
        all.min().unwrap_or(u64::MAX / 2).min(self.now() + HOUR_MS)
    }

    fn ordered(&mut self, order: Order) {
        let now = self.now();
        match order {
            Order::Cut => {
                if let Some(generation) = self.in_use {
                    self.ended(generation, &super::Failure::Killed, now);
                }
            }
            Order::Switch { transport, at_once } => {
                let start = Start {
                    transport,
                    at_once,
                    ping: false,
                    wanted: true,
                };
                self.attach(start, now);
            }
        }
    }

    fn attachment(&mut self, generation: u64) -> Option<&mut Attachment> {
        let mut all = self.attachments.iter_mut();
        all.find(|attachment| attachment.generation == generation)
    }
}

/// No timer has to be longer.
const HOUR_MS: u64 = 3_600_000;
