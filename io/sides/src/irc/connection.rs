//! One connection: lines in, lines out, orders and events, until it ends. It must never leave an order without its outcome.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant as Deadline, sleep_until, timeout_at};
use towpath_irc as irc;
use towpath_irc::Session;

use super::carrier::{Carrier, Opened};
use super::desk::Desk;
use super::outcome;
use super::run::{Lost, hand_over};
use super::server::Server;
use super::settings::Settings;
use crate::backoff::Backoff;
use crate::clock::now_unix_ms;
use crate::order::{Order, Outcome};
use crate::side::Event;
use crate::state::{State, Why};

/// How long messages under way may still find their proof when the side is to end.
const FINISH_MAX: Duration = Duration::from_secs(5);

/// How long the server may take to close after the goodbye.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

/// Longest pause without looking at the clock.
const IDLE_MAX: Duration = Duration::from_mins(1);

/// A server that wants TLS has no words for a client that speaks none.
const WANTS_TLS: &str = "the server said nothing before: if this is its TLS port, set `tls = true`; else compare the port with the one \
that it has without TLS, usually 6667";

/// How a connection was left.
pub(super) enum Left {
    Lost(Lost),
    /// The side is to end.
    Ended,
}

struct Connection<'a> {
    settings: &'a Settings,
    desk: &'a mut Desk,
    backoff: &'a mut Backoff,
    session: Session,
    carrier: Carrier,
    clock: Clock,
    answers: HashMap<u64, oneshot::Sender<Outcome>>,
    next_key: u64,
    /// Whether the server has said anything yet.
    heard: bool,
    /// Since the side is to end.
    ending: Option<Instant>,
    ended: Option<irc::Ending>,
}

/// Drives a connection until it ends.
pub(super) async fn drive(
    settings: &Settings,
    opened: Opened,
    desk: &mut Desk,
    orders: &mut mpsc::Receiver<Order>,
    backoff: &mut Backoff,
) -> Left {
    let clock = Clock::start();
    let session = settings.session(desk.login_worked, desk.created.clone());
    let mut session = Session::new(session, clock.now());
    for room in desk.rooms.keys() {
        session.join(clock.now(), desk.join_of(room, key_of(settings, room)));
    }
    desk.change(|states| states.way = Some(opened.way));
    let connection = Connection {
        settings,
        desk,
        backoff,
        session,
        carrier: opened.carrier,
        clock,
        answers: HashMap::new(),
        next_key: 0,
        heard: false,
        ending: None,
        ended: None,
    };
    connection.run(orders).await
}

impl Connection<'_> {
    async fn run(mut self, orders: &mut mpsc::Receiver<Order>) -> Left {
        loop {
            self.flush().await;
            self.take_events();
            if let Some(ending) = self.ended.take() {
                self.carrier.close().await;
                return Left::Lost(self.lost(ending));
            }
            if self.may_go() {
                return self.leave().await;
            }
            self.step(orders).await;
        }
    }

    async fn step(&mut self, orders: &mut mpsc::Receiver<Order>) {
        let events = self.desk.events.clone();
        let deadline = self.deadline();
        tokio::select! {
            line = self.carrier.read(), if self.desk.may_read() => match line {
                Ok(line) => {
                    self.heard = true;
                    self.session.receive(self.clock.now(), &line);
                }
                Err(why) => self.session.closed(&why),
            },
            order = orders.recv(), if self.ending.is_none() => self.take_order(order),
            permit = events.reserve(), if self.desk.has_pending() => hand_over(self.desk, permit.ok()),
            () = sleep_until(deadline) => self.session.tick(self.clock.now()),
        }
    }

    fn deadline(&self) -> Deadline {
        let now = self.clock.now();
        let wait = self
            .session
            .next_deadline(now)
            .map(|at| Duration::from_millis(u64::try_from(at - now).unwrap_or(0)));
        let finish = self
            .ending
            .map(|since| FINISH_MAX.saturating_sub(since.elapsed()));
        Deadline::now()
            + wait
                .into_iter()
                .chain(finish)
                .min()
                .unwrap_or(IDLE_MAX)
                .min(IDLE_MAX)
    }

    async fn flush(&mut self) {
        self.withdraw_abandoned();
        while let Some(line) = self.session.poll_send(self.clock.now()) {
            if let Err(why) = self.carrier.write(&line).await {
                self.session.closed(&why);
                return;
            }
        }
    }

    /// Takes back what has not left and nobody waits for: whoever asked was cut off, and will ask again.
    fn withdraw_abandoned(&mut self) {
        let session = &mut self.session;
        self.answers
            .retain(|key, answer| !(answer.is_closed() && session.withdraw(*key)));
    }

    fn take_order(&mut self, order: Option<Order>) {
        match order {
            Some(Order::Send(sending, answer)) => {
                self.next_key += 1;
                self.answers.insert(self.next_key, answer);
                let say = outcome::say(*sending, self.next_key);
                self.session.say(&say);
            }
            Some(Order::Join(join)) => {
                let room = join.room.clone();
                self.desk.wants(join);
                let join = self.desk.join_of(&room, key_of(self.settings, &room));
                self.session.join(self.clock.now(), join);
            }
            Some(Order::Leave(room)) => {
                self.desk.wants_no_more(&room);
                self.session.leave(&room);
            }
            Some(Order::End) | None => self.ending = Some(Instant::now()),
        }
    }

    fn take_events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                irc::Event::Said(said) => self.desk.said(said),
                irc::Event::Sent { key, proof } => {
                    if let Some(answer) = self.answers.remove(&key) {
                        // Whoever asked and does not wait any more does not need the answer.
                        let _ = answer.send(outcome::of(proof));
                    }
                }
                irc::Event::Registered {
                    nick,
                    account,
                    network,
                    created,
                } => {
                    self.desk.created = created;
                    self.registered(nick, account.as_deref(), network.as_deref());
                }
                irc::Event::Nick(nick) => self.desk.change(|states| states.speaks_as = Some(nick)),
                irc::Event::Joined { room } => {
                    tracing::info!(side = self.desk.name, room, "joined");
                    self.desk.joined(&room);
                }
                irc::Event::NotIn(not_in) => self.not_in(not_in),
                irc::Event::Missed { room, why } => self.desk.tell(Event::Missed {
                    room,
                    why,
                    messages: None,
                }),
                irc::Event::Note(sentence) => {
                    tracing::warn!(side = self.desk.name, sentence, "note");
                    self.desk.trouble(sentence.into(), |_| {});
                }
                irc::Event::Ended(ending) => self.ended = Some(ending),
            }
        }
    }

    fn registered(&mut self, nick: String, account: Option<&str>, network: Option<&str>) {
        tracing::info!(side = self.desk.name, nick, account, network, "connected");
        self.backoff.ready(Instant::now());
        self.desk.login_worked |= account.is_some();
        let wanted = &self.settings.nick;
        if !nick.eq_ignore_ascii_case(wanted) {
            let why = format!("the nickname `{wanted}` was not to be had; `{nick}` is used");
            self.desk.trouble(why.into(), |_| {});
        }
        self.desk.change(|states| {
            states.connection = State::Ready;
            states.speaks_as = Some(nick);
            states.connections += 1;
        });
    }

    fn not_in(&mut self, not_in: irc::NotIn) {
        let why = Why {
            sentence: not_in.why,
            remedy: not_in.remedy,
            finding: None,
        };
        tracing::warn!(
            side = self.desk.name,
            room = not_in.room,
            why = why.to_string(),
            "not in the room"
        );
        let state = match not_in.again_at_ms {
            Some(at) => State::Waiting {
                why: why.clone(),
                until_unix_ms: at,
            },
            None => State::Stopped { why: why.clone() },
        };
        self.desk.trouble(why, |states| {
            states.rooms.insert(not_in.room, state);
        });
    }

    /// Whether the side is to end, and nothing is under way, or for too long.
    fn may_go(&self) -> bool {
        let Some(since) = self.ending else {
            return false;
        };
        (self.answers.is_empty() && !self.desk.has_pending()) || since.elapsed() >= FINISH_MAX
    }

    fn lost(&self, ending: irc::Ending) -> Lost {
        let may_want_tls =
            !self.heard && matches!(self.settings.server, Server::Host { tls: false, .. });
        let remedy = ending.remedy.or(may_want_tls.then(|| WANTS_TLS.to_owned()));
        Lost {
            why: Why {
                sentence: ending.sentence,
                remedy,
                finding: None,
            },
            again: ending.again,
            after: Duration::from_millis(u64::try_from(ending.after_ms).unwrap_or(0)),
        }
    }

    async fn leave(mut self) -> Left {
        self.session.quit("the relay ends");
        self.flush().await;
        // What was said before the server took the goodbye is told yet. One that does not close is left all the same.
        let until = Deadline::now() + GOODBYE_MAX;
        while self.desk.may_read() {
            let Ok(Ok(line)) = timeout_at(until, self.carrier.read()).await else {
                break;
            };
            self.session.receive(self.clock.now(), &line);
            self.take_events();
        }
        self.session.closed("the relay ended");
        self.take_events();
        self.carrier.close().await;
        Left::Ended
    }
}

fn key_of(settings: &Settings, room: &str) -> Option<irc::Secret> {
    settings
        .keys
        .get(room)
        .map(|key| irc::Secret::from(key.reveal()))
}

/// The time since 1970 as of the start, carried on by a clock that never jumps.
struct Clock {
    began_unix_ms: i64,
    began: Instant,
}

impl Clock {
    fn start() -> Self {
        Self {
            began_unix_ms: now_unix_ms(),
            began: Instant::now(),
        }
    }

    fn now(&self) -> i64 {
        self.began_unix_ms + super::settings::millis(self.began.elapsed())
    }
}
