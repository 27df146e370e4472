//! Which attachment of a session is in use, and who may attach: the gateway's side of the protocol, section 3. It never
//! looks up a session and draws no random bytes: the registry and the secrets are the host's.

mod decision;

use std::collections::VecDeque;

pub use decision::{Change, Decision, Grant, Refusal, Request, Secrets, Used};

use crate::body::{Attach, Secret};
use crate::limits::{CANDIDATE_MS, CANDIDATES_MAX};

/// Dead tokens that are still known for what they are, so that an attach that was long on its way is told that it is late.
const DEAD_TOKENS_MAX: usize = 4;

/// Keys of attachments that are over, so that late requests learn that they are late.
const RETIRED_KEYS_MAX: usize = 8;

#[derive(Debug)]
struct Attachment {
    generation: u64,
    key: Secret,
    last_request: u64,
    since: u64,
}

/// The attachments of one session.
#[derive(Debug)]
pub struct Acceptance {
    origin: Option<Box<str>>,
    target: Box<str>,
    nonce: Secret,
    /// Dead ones, oldest first.
    dead: VecDeque<Secret>,
    current: Secret,
    next: Secret,
    in_use: Option<Attachment>,
    /// Oldest first.
    candidates: Vec<Attachment>,
    retired: VecDeque<Secret>,
    changes: Vec<Change>,
}

impl Acceptance {
    /// The session that a fresh attach opens. The attach itself is decided by [`Acceptance::decide`] like every other.
    pub fn new(attach: &Attach, origin: Option<&str>, next: [u8; 16]) -> Self {
        let nonce = attach.proof.secret();
        Self {
            origin: origin.map(Into::into),
            target: attach.target.as_str().into(),
            nonce,
            dead: VecDeque::new(),
            current: nonce,
            next: Secret(next),
            in_use: None,
            candidates: Vec::new(),
            retired: VecDeque::new(),
            changes: vec![Change::Add(nonce), Change::Add(Secret(next))],
        }
    }

    /// Decides on an attach whose nonce or token led to this session.
    pub fn decide(
        &mut self,
        attach: &Attach,
        origin: Option<&str>,
        secrets: Secrets,
        now: u64,
    ) -> Decision {
        if let Err(refusal) = self.check(attach, origin) {
            return Decision::Refused(refusal);
        }
        let generation = attach.generation;
        if self.find(generation).is_some() {
            return Decision::Late;
        }
        let secret = attach.proof.secret();
        let is_next = same(secret, self.next);
        if generation <= self.in_use() || !(is_next || same(secret, self.current)) {
            return Decision::Superseded {
                generation: self.in_use(),
            };
        }
        if is_next {
            self.rotate(Secret(secrets.token));
        }
        let attachment = Attachment {
            generation,
            key: Secret(secrets.key),
            last_request: 0,
            since: now,
        };
        let grant = Grant {
            token: self.next,
            key: attachment.key,
        };
        self.changes.push(Change::Add(attachment.key));
        if attach.in_use {
            let supersedes = self.put_in_use(attachment);
            return Decision::InUse { grant, supersedes };
        }
        let ends = (self.candidates.len() >= CANDIDATES_MAX).then(|| {
            let oldest = self.candidates.remove(0);
            self.retire(&oldest)
        });
        self.candidates.push(attachment);
        Decision::Candidate { grant, ends }
    }

    fn check(&self, attach: &Attach, origin: Option<&str>) -> Result<(), Refusal> {
        let secret = attach.proof.secret();
        if !self.tokens().any(|one| same(one, secret)) {
            return Err(Refusal::Unknown);
        }
        if attach.version != 1 {
            return Err(Refusal::Version);
        }
        self.check_origin(origin)?;
        if *attach.target != *self.target {
            return Err(Refusal::OtherTarget);
        }
        Ok(())
    }

    fn check_origin(&self, origin: Option<&str>) -> Result<(), Refusal> {
        if self.origin.as_deref() == origin {
            Ok(())
        } else {
            Err(Refusal::OtherOrigin)
        }
    }

    /// The next token was used: it becomes the current one, and the old one is dead.
    fn rotate(&mut self, fresh: Secret) {
        // The nonce stays known as long as the session, so that a late copy opens no second one.
        if self.current != self.nonce {
            self.dead.push_back(self.current);
        }
        if self.dead.len() > DEAD_TOKENS_MAX
            && let Some(forgotten) = self.dead.pop_front()
        {
            self.changes.push(Change::Remove(forgotten));
        }
        self.current = std::mem::replace(&mut self.next, fresh);
        self.changes.push(Change::Add(fresh));
    }

    /// The client said `use` on an attachment, or sent an item on it.
    pub fn use_candidate(&mut self, generation: u64) -> Used {
        if generation == self.in_use() {
            return Used::Already;
        }
        match self
            .candidates
            .iter()
            .position(|one| one.generation == generation)
        {
            Some(index) => {
                let attachment = self.candidates.remove(index);
                Used::Now {
                    supersedes: self.put_in_use(attachment),
                }
            }
            None => Used::Superseded {
                generation: self.in_use(),
            },
        }
    }

    fn put_in_use(&mut self, attachment: Attachment) -> Option<u64> {
        let generation = attachment.generation;
        let before = self.in_use.replace(attachment).map(|old| self.retire(&old));
        while let Some(index) = self
            .candidates
            .iter()
            .position(|one| one.generation < generation)
        {
            let lower = self.candidates.remove(index);
            self.retire(&lower);
        }
        before
    }

    fn retire(&mut self, attachment: &Attachment) -> u64 {
        if self.retired.len() >= RETIRED_KEYS_MAX
            && let Some(forgotten) = self.retired.pop_front()
        {
            self.changes.push(Change::Remove(forgotten));
        }
        self.retired.push_back(attachment.key);
        attachment.generation
    }

    /// A later request for the downlink of the attachment with this key.
    pub fn downlink(&mut self, key: [u8; 16], number: u64, origin: Option<&str>) -> Request {
        let taken = self.uplink(key, origin);
        let Request::Taken { generation, .. } = taken else {
            return taken;
        };
        match self.find_mut(generation) {
            Some(attachment) if number > attachment.last_request => {
                attachment.last_request = number;
                taken
            }
            _ => Request::Late,
        }
    }

    /// A `send` request of the attachment with this key.
    pub fn uplink(&self, key: [u8; 16], origin: Option<&str>) -> Request {
        let key = Secret(key);
        let own = self
            .candidates
            .iter()
            .chain(&self.in_use)
            .find(|one| same(one.key, key));
        let generation = self.in_use();
        let retired = self.retired.iter().any(|&one| same(one, key));
        if own.is_none() && !retired {
            return Request::Refused(Refusal::Unknown);
        }
        if let Err(refusal) = self.check_origin(origin) {
            return Request::Refused(refusal);
        }
        match own {
            Some(own) => Request::Taken {
                generation: own.generation,
                in_use: own.generation == generation,
            },
            None => Request::Superseded { generation },
        }
    }

    /// A candidate's transport is gone.
    pub fn drop_candidate(&mut self, generation: u64) {
        if let Some(index) = self
            .candidates
            .iter()
            .position(|one| one.generation == generation)
        {
            let attachment = self.candidates.remove(index);
            self.retire(&attachment);
        }
    }

    /// The oldest candidate whose time is over: it gets `superseded`. Call until there is none.
    pub fn expire(&mut self, now: u64) -> Option<u64> {
        let oldest = self.candidates.first()?;
        if now < oldest.since + CANDIDATE_MS {
            return None;
        }
        let oldest = self.candidates.remove(0);
        Some(self.retire(&oldest))
    }

    /// When to call [`Acceptance::expire`].
    pub fn deadline(&self) -> Option<u64> {
        self.candidates
            .first()
            .map(|oldest| oldest.since + CANDIDATE_MS)
    }

    /// The generation in use, 0 if none ever was.
    pub fn in_use(&self) -> u64 {
        self.in_use.as_ref().map_or(0, |one| one.generation)
    }

    /// What the registry has to change since the last call.
    pub fn changes(&mut self) -> impl Iterator<Item = Change> {
        std::mem::take(&mut self.changes).into_iter()
    }

    /// The target of the first attach.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// The nonce: to be remembered for as long as a session may be resumed, even when this one is over.
    pub fn nonce(&self) -> Secret {
        self.nonce
    }

    /// Every secret that leads here: for taking the session out of the registry.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> {
        let attachments = self
            .candidates
            .iter()
            .chain(&self.in_use)
            .map(|one| one.key);
        self.tokens()
            .chain(attachments)
            .chain(self.retired.iter().copied())
    }

    fn tokens(&self) -> impl Iterator<Item = Secret> {
        let nonce = Some(self.nonce).filter(|&nonce| nonce != self.current);
        let dead = self.dead.iter().copied();
        [self.current, self.next]
            .into_iter()
            .chain(nonce)
            .chain(dead)
    }

    fn find(&self, generation: u64) -> Option<&Attachment> {
        let mut all = self.candidates.iter().chain(&self.in_use);
        all.find(|one| one.generation == generation)
    }

    fn find_mut(&mut self, generation: u64) -> Option<&mut Attachment> {
        let mut all = self.candidates.iter_mut().chain(&mut self.in_use);
        all.find(|one| one.generation == generation)
    }
}

/// Takes the same time wherever two secrets differ.
fn same(one: Secret, other: Secret) -> bool {
    let differences = one
        .0
        .iter()
        .zip(other.0)
        .fold(0, |all, (a, b)| all | (a ^ b));
    differences == 0
}

#[cfg(test)]
mod tests;
