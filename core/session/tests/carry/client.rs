//! The client's end: attaches over any transport, again after each loss, and moves up in between.

use std::collections::BTreeMap;

use towpath_session::{
    Attach, Attached, Decoder, Envelope, Proof, Secret, Session, Settings, Side, whole,
};

use super::network::{Event, Network};
use super::world::{App, Attachment, Plan, Transport};

pub(crate) struct Client {
    pub(crate) session: Session,
    proof: Proof,
    generation: u64,
    /// Attached and in use.
    pub(crate) using: Option<usize>,
    /// Not attached yet.
    trying: Option<usize>,
    /// `send` requests of the attachment in use that have no answer.
    posts: BTreeMap<u64, Vec<u8>>,
    posted: u64,
    /// The last response did not end on purpose.
    cut: bool,
    /// A ping waits for its answer.
    pinged: bool,
    heard_at: u64,
    pub(crate) app: App,
}

impl Client {
    pub(crate) fn new(plan: &Plan) -> Self {
        let settings = Settings {
            window_bytes: plan.window,
            outbox_bytes_max: plan.window * 2,
            ..Settings::new(Side::Client)
        };
        Self {
            session: Session::new(settings),
            proof: Proof::Fresh(Secret([9; 16])),
            generation: 0,
            using: None,
            trying: None,
            posts: BTreeMap::new(),
            posted: 0,
            cut: false,
            pinged: false,
            heard_at: 0,
            app: App::new(plan.up, true),
        }
    }

    /// Starts an attempt if none is under way.
    pub(crate) fn attach(&mut self, network: &mut Network, attachments: &mut Vec<Attachment>) {
        if self.trying.is_some() {
            return;
        }
        self.generation += 1;
        let attach = Attach {
            version: 1,
            proof: self.proof,
            generation: self.generation,
            in_use: self.using.is_none(),
            received: self.session.received(),
            window: self.session.credit(),
            target: "/".to_owned(),
            protocols: Vec::new(),
            authorization: None,
            attempt: None,
        };
        let mut bytes = Vec::new();
        Envelope::Attach(&attach.json()).encode(&mut bytes);
        let id = attachments.len();
        let transport = [Transport::Socket, Transport::Stream, Transport::Poll]
            [usize::try_from(network.dice.roll(3)).unwrap()];
        let down = network.channel(id);
        let up = network.channel(id);
        attachments.push(Attachment::new(transport, self.generation, up, down));
        attachments[id].used = attach.in_use;
        self.trying = Some(id);
        if transport == Transport::Socket {
            network.write(up, &bytes);
        } else {
            request(network, id, down, &bytes);
        }
        let patience = 100 + network.dice.roll(400);
        network.after(patience, Event::GiveUp { attachment: id });
    }

    pub(crate) fn give_up(
        &mut self,
        network: &mut Network,
        attachments: &mut Vec<Attachment>,
        id: usize,
    ) {
        if self.trying == Some(id) {
            self.trying = None;
            network.cut(attachments[id].up);
            network.cut(attachments[id].down);
            if self.using.is_none() {
                self.attach(network, attachments);
            }
        }
    }

    /// Envelopes that came down a channel.
    pub(crate) fn receive(
        &mut self,
        network: &mut Network,
        attachments: &mut [Attachment],
        channel: usize,
    ) {
        let id = network.channels[channel].attachment;
        let mut decoder = std::mem::replace(&mut network.channels[channel].decoder, Decoder::new());
        if self.using == Some(id) {
            self.heard_at = network.now;
        }
        while let Some(envelope) = decoder.next().unwrap() {
            self.take(network, attachments, id, envelope);
        }
        network.channels[channel].decoder = decoder;
    }

    fn take(
        &mut self,
        network: &mut Network,
        attachments: &mut [Attachment],
        id: usize,
        envelope: Envelope<'_>,
    ) {
        match envelope {
            Envelope::Attached(json) if self.trying == Some(id) => {
                let attached = Attached::parse(json).unwrap();
                self.trying = None;
                self.proof = Proof::Token(attached.token);
                attachments[id].key = attached.key.0;
                self.heard_at = network.now;
                self.using = Some(id);
                self.posts.clear();
                self.session
                    .attach(attached.received, attached.window, network.now)
                    .unwrap();
                if !attachments[id].used {
                    let mut out = Vec::new();
                    let generation = attached.generation;
                    Envelope::Use { generation }.encode(&mut out);
                    self.session.write_ack(&mut out);
                    self.up(network, attachments, id, &out);
                }
            }
            Envelope::Ping(_) => self.pinged = self.using == Some(id),
            Envelope::End(_) => {
                assert_ne!(self.trying, Some(id), "continuity lost");
                assert_ne!(self.using, Some(id), "continuity lost");
            }
            Envelope::Attached(_) | Envelope::Superseded { .. } => {}
            other => self.session.receive(other, network.now).unwrap(),
        }
    }

    /// Bytes up: into the socket, or as a `send` request.
    fn up(&mut self, network: &mut Network, attachments: &[Attachment], id: usize, bytes: &[u8]) {
        if attachments[id].transport == Transport::Socket {
            return network.write(attachments[id].up, bytes);
        }
        let mut body = Vec::new();
        Envelope::With {
            key: attachments[id].key,
            request: 0,
        }
        .encode(&mut body);
        body.extend_from_slice(bytes);
        self.posted += 1;
        self.posts.insert(self.posted, body);
        self.post(network, id, self.posted);
    }

    fn post(&mut self, network: &mut Network, id: usize, number: u64) {
        let bytes = &self.posts[&number];
        let lost = network.lost;
        let is_answered = !network.dice.percent(lost);
        let copies = network.copies();
        for _ in 0..copies {
            let delay = network.latency();
            let bytes = bytes.clone();
            network.after(
                delay,
                Event::Post {
                    attachment: id,
                    number,
                    bytes,
                    is_answered,
                },
            );
        }
        let patience = 150 + network.dice.roll(200);
        network.after(
            patience,
            Event::Repeat {
                attachment: id,
                number,
            },
        );
    }

    /// No answer to a `send` came in time.
    pub(crate) fn repeat(&mut self, network: &mut Network, id: usize, number: u64) -> bool {
        let repeat = self.using == Some(id) && self.posts.contains_key(&number);
        if repeat {
            self.post(network, id, number);
        }
        repeat
    }

    pub(crate) fn answer(&mut self, id: usize, number: u64, bytes: &[u8], now: u64) {
        if self.using == Some(id) {
            self.posts.remove(&number);
        }
        for envelope in whole(bytes).map(Result::unwrap) {
            assert!(
                self.using != Some(id) || !matches!(envelope, Envelope::End(_)),
                "continuity lost"
            );
            if matches!(envelope, Envelope::Ack { .. }) {
                self.session.receive(envelope, now).unwrap();
            }
        }
    }

    /// A response ended on purpose: the next request.
    pub(crate) fn renew(
        &mut self,
        network: &mut Network,
        attachments: &mut [Attachment],
        id: usize,
    ) {
        if self.using != Some(id) || attachments[id].transport == Transport::Socket {
            return;
        }
        attachments[id].requests += 1;
        let mut bytes = Vec::new();
        Envelope::With {
            key: attachments[id].key,
            request: attachments[id].requests,
        }
        .encode(&mut bytes);
        self.session.write_ack(&mut bytes);
        if std::mem::take(&mut self.cut) {
            Envelope::Again.encode(&mut bytes);
        }
        let channel = network.channel(id);
        attachments[id].down = channel;
        request(network, id, channel, &bytes);
    }

    /// The downlink is gone: over the same attachment again, or over another.
    pub(crate) fn lose(
        &mut self,
        network: &mut Network,
        attachments: &mut Vec<Attachment>,
        id: usize,
        channel: usize,
    ) {
        if self.using != Some(id) || attachments[id].down != channel {
            return;
        }
        if attachments[id].transport != Transport::Socket && network.dice.percent(50) {
            self.cut = true;
            return self.renew(network, attachments, id);
        }
        self.abandon(network, attachments);
    }

    /// Nothing was heard for too long: another attachment.
    pub(crate) fn listen(
        &mut self,
        network: &mut Network,
        attachments: &mut Vec<Attachment>,
        silence: u64,
    ) {
        if self.using.is_some() && network.now > self.heard_at + silence {
            self.abandon(network, attachments);
        }
    }

    fn abandon(&mut self, network: &mut Network, attachments: &mut Vec<Attachment>) {
        self.using = None;
        self.posts.clear();
        self.session.detach(network.now);
        self.attach(network, attachments);
    }

    /// The application speaks, then what may go out goes out.
    pub(crate) fn transmit(&mut self, network: &mut Network, attachments: &[Attachment]) {
        while self.session.has_room() {
            let Some((kind, payload)) = self.app.next(network) else {
                break;
            };
            self.session.push(kind, payload);
        }
        let Some(id) = self.using else {
            return;
        };
        let socket = attachments[id].transport == Transport::Socket;
        while self.pinged || self.session.wants_to_transmit(network.now) {
            if !socket && self.posts.len() >= 3 {
                return;
            }
            let mut out = Vec::new();
            if std::mem::take(&mut self.pinged) {
                Envelope::Pong(b"beat").encode(&mut out);
            }
            self.session.transmit(network.now, 4000, &mut out);
            self.up(network, attachments, id, &out);
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.session.is_close_acknowledged() && self.app.seen_close
    }
}

/// A request for the downlink, which the network may lose or repeat.
fn request(network: &mut Network, id: usize, channel: usize, bytes: &[u8]) {
    for _ in 0..network.copies() {
        let delay = network.latency();
        let bytes = bytes.to_vec();
        network.after(
            delay,
            Event::Request {
                attachment: id,
                channel,
                bytes,
            },
        );
    }
    let patience = 300 + network.dice.roll(300);
    network.after(
        patience,
        Event::Dead {
            attachment: id,
            channel,
        },
    );
}
