//! Both ends, the network between them, and what must hold at each step.

use bytes::Bytes;
use towpath_session::Kind;
use towpath_session::limits::ITEM_COST;

use super::client::Client;
use super::gateway::{ANSWER, Gateway};
use super::network::{Event, Network};

/// Payload bytes of a message at most.
const PAYLOAD_MAX: u64 = 80;
/// Time between heartbeats.
const BEAT_MS: u64 = 200;
/// Silence after which the client takes a transport for dead; more than the longest way through the network.
const SILENCE_MS: u64 = 2500;
/// Events after which a run counts as stuck.
const EVENTS_PER_MESSAGE_MAX: u64 = 4000;

/// What a run is like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) seed: u64,
    /// Messages up and down.
    pub(crate) up: u64,
    pub(crate) down: u64,
    /// About how many messages lie between two cuts.
    pub(crate) messages_per_cut: u64,
    pub(crate) window: u64,
    /// Requests in a hundred that the network repeats, and that it loses.
    pub(crate) repeated: u64,
    pub(crate) lost: u64,
    /// The applications take their time.
    pub(crate) slow: bool,
}

/// What a run has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) delivered: u64,
    pub(crate) cuts: u64,
    pub(crate) attachments: u64,
    pub(crate) sockets: u64,
    pub(crate) streams: u64,
    pub(crate) polls: u64,
    pub(crate) repeats: u64,
    pub(crate) events: u64,
    pub(crate) inbox_cost_max: u64,
    pub(crate) milliseconds: u64,
}

impl Seen {
    pub(crate) fn add(&mut self, other: &Self) {
        self.delivered += other.delivered;
        self.cuts += other.cuts;
        self.attachments += other.attachments;
        self.sockets += other.sockets;
        self.streams += other.streams;
        self.polls += other.polls;
        self.repeats += other.repeats;
        self.events += other.events;
        self.inbox_cost_max = self.inbox_cost_max.max(other.inbox_cost_max);
        self.milliseconds += other.milliseconds;
    }
}

/// What carries an attachment. Server-sent events are a stream here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Socket,
    Stream,
    Poll,
}

/// An attachment, as both ends know it.
pub(crate) struct Attachment {
    pub(crate) transport: Transport,
    pub(crate) up: usize,
    /// The client reads this channel.
    pub(crate) down: usize,
    pub(crate) key: [u8; 16],
    /// It attached with `"use": true`.
    pub(crate) used: bool,
    /// Requests that the client made after the first.
    pub(crate) requests: u64,
    /// The gateway writes this channel.
    pub(crate) open: Option<usize>,
    /// `received` and `window` of the client.
    pub(crate) peer: (u64, u64),
    pub(crate) gateway_generation: u64,
}

impl Attachment {
    pub(crate) fn new(transport: Transport, generation: u64, up: usize, down: usize) -> Self {
        Self {
            transport,
            up,
            down,
            key: [0; 16],
            used: false,
            requests: 0,
            open: None,
            peer: (0, 0),
            gateway_generation: generation,
        }
    }
}

/// The application behind one end: says its messages by number and expects those of the other.
pub(crate) struct App {
    is_client: bool,
    answered: bool,
    said: u64,
    to_say: u64,
    closed: bool,
    heard: u64,
    pub(crate) seen_close: bool,
}

impl App {
    pub(crate) fn new(to_say: u64, is_client: bool) -> Self {
        Self {
            is_client,
            answered: is_client,
            said: 0,
            to_say,
            closed: false,
            heard: 0,
            seen_close: false,
        }
    }

    /// The next item to push.
    pub(crate) fn next(&mut self, network: &mut Network) -> Option<(Kind, Bytes)> {
        if !self.answered {
            self.answered = true;
            return Some((ANSWER.0, Bytes::from_static(ANSWER.1)));
        }
        if self.said < self.to_say {
            self.said += 1;
            let mut payload = self.said.to_be_bytes().to_vec();
            let length = network.dice.roll(PAYLOAD_MAX - 8) + 8;
            payload.resize(usize::try_from(length).unwrap(), 7);
            return Some((Kind::Binary, payload.into()));
        }
        if self.closed {
            return None;
        }
        self.closed = true;
        Some((Kind::Close, Bytes::new()))
    }

    /// An item was delivered: it must be the very next.
    fn hear(&mut self, kind: Kind, payload: &[u8]) {
        assert!(!self.seen_close, "something behind the close");
        match kind {
            Kind::Binary => {
                let number = u64::from_be_bytes(payload[..8].try_into().unwrap());
                self.heard += 1;
                assert_eq!(number, self.heard, "out of order, lost or doubled");
            }
            Kind::Close => self.seen_close = true,
            Kind::Opened => assert!(self.is_client && self.heard == 0, "the answer comes first"),
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) struct World {
    plan: Plan,
    network: Network,
    attachments: Vec<Attachment>,
    client: Client,
    gateway: Gateway,
    seen: Seen,
    wake_at: u64,
    last_cut: u64,
}

impl World {
    pub(crate) fn new(plan: Plan) -> Self {
        let mut network = Network::new(plan.seed);
        network.repeated = plan.repeated;
        network.lost = plan.lost;
        Self {
            plan,
            network,
            attachments: Vec::new(),
            client: Client::new(&plan),
            gateway: Gateway::new(&plan),
            seen: Seen::default(),
            wake_at: 0,
            last_cut: 0,
        }
    }

    /// Runs until both ends have everything and know of the close.
    pub(crate) fn run(mut self) -> Seen {
        self.client.attach(&mut self.network, &mut self.attachments);
        self.network.after(BEAT_MS, Event::Beat);
        let events_max = (self.plan.up + self.plan.down + 100) * EVENTS_PER_MESSAGE_MAX;
        while !(self.client.is_done() && self.gateway.is_done()) {
            let event = self
                .network
                .next()
                .expect("an end waits for something that never comes");
            self.seen.events += 1;
            assert!(
                self.seen.events < events_max,
                "stuck: {:?} {:?}",
                self.plan,
                self.seen
            );
            self.happen(event);
            self.applications();
            self.client.transmit(&mut self.network, &self.attachments);
            self.gateway
                .transmit(&mut self.network, &mut self.attachments);
            self.cuts();
            self.wake();
            self.check();
        }
        assert_eq!(self.gateway.app.heard, self.plan.up);
        assert_eq!(self.client.app.heard, self.plan.down);
        self.seen.attachments = self.attachments.len() as u64;
        let count = |transport| {
            self.attachments
                .iter()
                .filter(|one| one.transport == transport && one.key != [0; 16])
                .count() as u64
        };
        self.seen.sockets = count(Transport::Socket);
        self.seen.streams = count(Transport::Stream);
        self.seen.polls = count(Transport::Poll);
        self.seen.milliseconds = self.network.now;
        self.seen
    }

    fn happen(&mut self, event: Event) {
        let Self {
            network,
            attachments,
            client,
            gateway,
            ..
        } = self;
        match event {
            Event::Bytes { channel, bytes } => self.arrive(channel, bytes),
            Event::End { channel } => {
                let id = network.channels[channel].attachment;
                if !network.is_cut(channel) && attachments[id].down == channel {
                    client.renew(network, attachments, id);
                }
            }
            Event::Request {
                attachment,
                channel,
                bytes,
            } => {
                gateway.request(network, attachments, attachment, channel, &bytes);
            }
            Event::Post {
                attachment,
                number,
                bytes,
                is_answered,
            } => self.post(attachment, number, &bytes, is_answered),
            Event::Answer {
                attachment,
                number,
                bytes,
            } => client.answer(attachment, number, &bytes, network.now),
            Event::Repeat { attachment, number } => {
                self.seen.repeats += u64::from(client.repeat(network, attachment, number));
            }
            Event::Cut { attachment } => self.cut(attachment),
            // The cut, or a request or answer that was lost; what goes on is not dead.
            Event::Dead {
                attachment,
                channel,
            } => {
                if network.is_cut(channel) || attachments[attachment].open != Some(channel) {
                    client.lose(network, attachments, attachment, channel);
                }
            }
            Event::GiveUp { attachment } => client.give_up(network, attachments, attachment),
            Event::Move => client.attach(network, attachments),
            Event::Took {
                client: is_client,
                cost,
            } => {
                let session = if is_client {
                    &mut client.session
                } else {
                    &mut gateway.session
                };
                session.consumed(cost, network.now);
            }
            Event::Beat => {
                gateway.ping(network, attachments);
                client.listen(network, attachments, SILENCE_MS);
                network.after(BEAT_MS, Event::Beat);
            }
            Event::Wake => self.wake_at = 0,
        }
    }

    fn arrive(&mut self, channel: usize, mut bytes: Vec<u8>) {
        let Self {
            network,
            attachments,
            client,
            gateway,
            ..
        } = self;
        if !network.arrive(channel, &mut bytes) {
            return;
        }
        network.channels[channel].decoder.feed(&bytes);
        let id = network.channels[channel].attachment;
        if attachments[id].transport == Transport::Socket && attachments[id].up == channel {
            gateway.socket(network, attachments, channel);
        } else {
            client.receive(network, attachments, channel);
        }
    }

    fn post(&mut self, attachment: usize, number: u64, bytes: &[u8], is_answered: bool) {
        let Self {
            network,
            attachments,
            gateway,
            ..
        } = self;
        let bytes = gateway.post(attachments, attachment, bytes, network.now);
        let delay = network.latency();
        if is_answered {
            network.after(
                delay,
                Event::Answer {
                    attachment,
                    number,
                    bytes,
                },
            );
        }
    }

    /// What arrived is delivered; it counts as taken at once, or some time later.
    fn applications(&mut self) {
        for is_client in [true, false] {
            let (session, app) = if is_client {
                (&mut self.client.session, &mut self.client.app)
            } else {
                (&mut self.gateway.session, &mut self.gateway.app)
            };
            while let Some(item) = session.deliver() {
                app.hear(item.kind, &item.payload);
                self.seen.delivered += u64::from(item.kind == Kind::Binary);
                if self.plan.slow {
                    let delay = self.network.dice.roll(60);
                    let cost = item.cost();
                    self.network.after(
                        delay,
                        Event::Took {
                            client: is_client,
                            cost,
                        },
                    );
                } else {
                    session.consumed(item.cost(), self.network.now);
                }
            }
        }
    }

    /// Cuts what is in use after about so many messages.
    fn cuts(&mut self) {
        let since = self.seen.delivered - self.last_cut;
        if since >= self.plan.messages_per_cut
            && let Some(id) = self.client.using
        {
            self.last_cut = self.seen.delivered;
            let delay = self.network.dice.roll(20);
            self.network.after(delay, Event::Cut { attachment: id });
            if self.network.dice.percent(50) {
                self.network.after(delay / 2, Event::Move);
            }
        }
    }

    fn cut(&mut self, id: usize) {
        self.seen.cuts += 1;
        let Attachment { up, down, .. } = self.attachments[id];
        self.network.cut(up);
        self.network.cut(down);
        if self.network.dice.percent(70) {
            self.gateway.gone(&self.network, id);
        }
        let notice = self.network.dice.roll(200);
        // Only silence tells of some.
        if self.network.dice.percent(90) {
            self.network.after(
                notice,
                Event::Dead {
                    attachment: id,
                    channel: down,
                },
            );
        }
    }

    fn wake(&mut self) {
        let deadlines = [
            self.client.session.deadline(),
            self.gateway.session.deadline(),
        ];
        let now = self.network.now;
        if let Some(at) = deadlines.into_iter().flatten().min().filter(|&at| at > now)
            && (self.wake_at <= now || at < self.wake_at)
        {
            self.wake_at = at;
            self.network.after(at - now, Event::Wake);
        }
    }

    /// Memory within its limits.
    fn check(&mut self) {
        let largest = PAYLOAD_MAX + ITEM_COST;
        for session in [&self.client.session, &self.gateway.session] {
            let settings = session.settings();
            assert!(
                session.inbox_cost() <= settings.window_bytes,
                "{:?}",
                self.plan
            );
            assert!(
                session.buffered_cost() < settings.outbox_bytes_max + largest,
                "{:?}",
                self.plan
            );
            self.seen.inbox_cost_max = self.seen.inbox_cost_max.max(session.inbox_cost());
        }
        assert!(self.gateway.secrets().len() <= 3 + 4 + 5 + 8);
    }
}
