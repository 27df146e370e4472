//! The gateway's end: what a host does with the core, and no more.

use towpath_session::attach::{Refusal, Request, Used};
use towpath_session::{
    Acceptance, Attach, Attached, Decision, End, Envelope, Fault, Kind, Outcome, Secret, Secrets,
    Session, Settings, Side, whole,
};

use super::network::{Event, Network};
use super::world::{App, Attachment, Plan, Transport};

pub(crate) struct Gateway {
    pub(crate) session: Session,
    acceptance: Option<Acceptance>,
    /// The attachment in use.
    current: Option<usize>,
    /// Where its answers go: a socket, or the response that is open.
    downlink: Option<usize>,
    pub(crate) app: App,
}

impl Gateway {
    pub(crate) fn new(plan: &Plan) -> Self {
        let settings = Settings {
            window_bytes: plan.window,
            outbox_bytes_max: plan.window,
            ..Settings::new(Side::Gateway)
        };
        Self {
            session: Session::new(settings),
            acceptance: None,
            current: None,
            downlink: None,
            app: App::new(plan.down, false),
        }
    }

    /// Envelopes of a socket; the first is attach.
    pub(crate) fn socket(
        &mut self,
        network: &mut Network,
        attachments: &mut [Attachment],
        channel: usize,
    ) {
        let id = network.channels[channel].attachment;
        let mut decoder = std::mem::take(&mut network.channels[channel].decoder);
        let down = attachments[id].down;
        while let Some(envelope) = decoder.next().unwrap() {
            if let Envelope::Attach(json) = envelope {
                self.attach(network, attachments, id, json, down);
            } else if !self.take(attachments, id, envelope, network.now).unwrap() {
                break;
            }
        }
        network.channels[channel].decoder = decoder;
    }

    /// A request for the downlink: attach, or with and ack.
    pub(crate) fn request(
        &mut self,
        network: &mut Network,
        attachments: &mut [Attachment],
        id: usize,
        channel: usize,
        bytes: &[u8],
    ) {
        let mut envelopes = whole(bytes).map(Result::unwrap);
        let (key, number) = match envelopes.next().unwrap() {
            Envelope::Attach(json) => return self.attach(network, attachments, id, json, channel),
            Envelope::With { key, request } => (key, request),
            other => panic!("{other:?}"),
        };
        let Some(acceptance) = &mut self.acceptance else {
            return;
        };
        match acceptance.downlink(key, number, None) {
            Request::Taken { in_use, .. } => {
                let Some(Envelope::Ack { received, credit }) = envelopes.next() else {
                    panic!("an ack follows with");
                };
                attachments[id].open = Some(channel);
                attachments[id].peer = (received, credit);
                if in_use {
                    self.downlink = Some(channel);
                    self.session.attach(received, credit, network.now).unwrap();
                    for envelope in envelopes {
                        self.session.receive(envelope, network.now).unwrap();
                    }
                }
                self.transmit(network, attachments);
            }
            Request::Superseded { generation } => {
                let mut out = Vec::new();
                Envelope::Superseded { generation }.encode(&mut out);
                network.write(channel, &out);
                network.end(channel);
            }
            Request::Late => late(network, id, channel),
            Request::Refused(Refusal::Unknown) => {
                let mut out = Vec::new();
                lost(&mut out);
                network.write(channel, &out);
            }
            Request::Refused(refusal) => panic!("{refusal}"),
        }
    }

    /// A `send` request. Gives the answer.
    pub(crate) fn post(
        &mut self,
        attachments: &mut [Attachment],
        id: usize,
        bytes: &[u8],
        now: u64,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        let mut envelopes = whole(bytes).map(Result::unwrap);
        let Some(Envelope::With { key, .. }) = envelopes.next() else {
            panic!("with comes first");
        };
        let verdict = self.acceptance.as_ref().unwrap().uplink(key, None);
        match verdict {
            Request::Taken { .. } => {
                for envelope in envelopes {
                    self.take(attachments, id, envelope, now).unwrap();
                }
                self.session.write_ack(&mut out);
            }
            Request::Superseded { generation } => {
                Envelope::Superseded { generation }.encode(&mut out);
            }
            // So long on its way that its attachment is forgotten.
            Request::Refused(Refusal::Unknown) => lost(&mut out),
            other => panic!("{other:?}"),
        }
        out
    }

    fn attach(
        &mut self,
        network: &mut Network,
        attachments: &mut [Attachment],
        id: usize,
        json: &[u8],
        channel: usize,
    ) {
        let attach = Attach::parse(json).unwrap();
        let next = network.dice.secret();
        let acceptance = self
            .acceptance
            .get_or_insert_with(|| Acceptance::new(&attach, None, next));
        let secrets = Secrets {
            token: network.dice.secret(),
            key: network.dice.secret(),
        };
        let decision = acceptance.decide(&attach, None, secrets, network.now);
        let in_use = matches!(decision, Decision::InUse { .. });
        let grant = match decision {
            Decision::InUse { grant, .. } | Decision::Candidate { grant, .. } => grant,
            Decision::Superseded { generation } => {
                let mut out = Vec::new();
                Envelope::Superseded { generation }.encode(&mut out);
                return network.write(channel, &out);
            }
            Decision::Late => return late(network, id, channel),
            // So long on its way that its token is forgotten.
            Decision::Refused(Refusal::Unknown) => {
                let mut out = Vec::new();
                lost(&mut out);
                return network.write(channel, &out);
            }
            Decision::Refused(refusal) => panic!("{refusal}"),
        };
        let attached = Attached {
            session: String::new(),
            token: grant.token,
            key: grant.key,
            generation: attach.generation,
            received: self.session.received(),
            window: self.session.credit(),
            piece: 1000,
            body: 4000,
            heartbeat: 25_000,
            resume: 120_000,
            report: false,
        };
        let mut out = Vec::new();
        Envelope::Attached(&attached.json()).encode(&mut out);
        network.write(channel, &out);
        let attachment = &mut attachments[id];
        attachment.peer = (attach.received, attach.window);
        attachment.open = Some(channel);
        attachment.gateway_generation = attach.generation;
        if in_use {
            self.put_in_use(attachments, id, network.now);
        }
        if attachments[id].transport == Transport::Poll {
            self.finish(network, attachments, id);
        }
        self.transmit(network, attachments);
    }

    fn put_in_use(&mut self, attachments: &[Attachment], id: usize, now: u64) {
        let (received, credit) = attachments[id].peer;
        self.current = Some(id);
        self.downlink = attachments[id].open;
        self.session.attach(received, credit, now).unwrap();
    }

    /// Takes an envelope of an attachment; an item on a candidate means that it is used. Gives whether to go on.
    fn take(
        &mut self,
        attachments: &[Attachment],
        id: usize,
        envelope: Envelope<'_>,
        now: u64,
    ) -> Result<bool, Fault> {
        let means_use = matches!(envelope, Envelope::Use { .. } | Envelope::Item(_));
        let Some(acceptance) = self.acceptance.as_mut().filter(|_| means_use) else {
            self.session.receive(envelope, now)?;
            return Ok(true);
        };
        match acceptance.use_candidate(attachments[id].gateway_generation) {
            Used::Now { .. } => {
                self.put_in_use(attachments, id, now);
                self.session.ack_now(now);
            }
            Used::Already => {}
            // What comes late is dropped, or taken: neither may do harm.
            Used::Superseded { .. } if id.is_multiple_of(2) => return Ok(false),
            Used::Superseded { .. } => {}
        }
        self.session.receive(envelope, now)?;
        Ok(true)
    }

    /// A poll response ends.
    fn finish(&mut self, network: &mut Network, attachments: &mut [Attachment], id: usize) {
        if let Some(channel) = attachments[id].open.take() {
            network.end(channel);
        }
        if self.current == Some(id) {
            self.downlink = None;
        }
    }

    /// The backend speaks, then what may go out goes out.
    pub(crate) fn transmit(&mut self, network: &mut Network, attachments: &mut [Attachment]) {
        while self.session.has_room() {
            let Some((kind, payload)) = self.app.next(network) else {
                break;
            };
            self.session.push(kind, payload);
        }
        let (Some(channel), Some(id)) = (self.downlink, self.current) else {
            return;
        };
        let mut out = Vec::new();
        self.session.transmit(network.now, 4000, &mut out);
        if out.is_empty() {
            return;
        }
        network.write(channel, &out);
        if attachments[id].transport == Transport::Poll {
            self.finish(network, attachments, id);
        } else if attachments[id].transport == Transport::Stream && network.dice.percent(5) {
            let mut again = Vec::new();
            Envelope::Again.encode(&mut again);
            network.write(channel, &again);
            self.finish(network, attachments, id);
        }
    }

    /// A heartbeat: on a poll it is the whole answer.
    pub(crate) fn ping(&mut self, network: &mut Network, attachments: &mut [Attachment]) {
        if let (Some(channel), Some(id)) = (self.downlink, self.current) {
            let mut out = Vec::new();
            Envelope::Ping(b"beat").encode(&mut out);
            network.write(channel, &out);
            if attachments[id].transport == Transport::Poll {
                self.finish(network, attachments, id);
            }
        }
    }

    /// The gateway sees that a connection is gone, or never does.
    pub(crate) fn gone(&mut self, network: &Network, id: usize) {
        if self.current == Some(id) && self.downlink.is_some_and(|channel| network.is_cut(channel))
        {
            self.downlink = None;
            self.session.detach(network.now);
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.session.is_close_acknowledged() && self.app.seen_close
    }

    /// What the registry would hold.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        self.acceptance
            .iter()
            .flat_map(Acceptance::secrets)
            .collect()
    }
}

/// The first item down.
pub(crate) const ANSWER: (Kind, &[u8]) = (Kind::Opened, b"{}");

/// The client may get the empty answer to a copy, and never that to the first.
fn late(network: &mut Network, id: usize, channel: usize) {
    network.cut(channel);
    network.after(
        1,
        Event::Dead {
            attachment: id,
            channel,
        },
    );
}

fn lost(out: &mut Vec<u8>) {
    let end = End {
        outcome: Some(Outcome::ContinuityLost),
        retry: None,
    };
    Envelope::End(&end.json()).encode(out);
}
