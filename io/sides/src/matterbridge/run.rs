//! The task of a Matterbridge side. It must never leave an order without its outcome, and never close a websocket before another one
//! has taken its place while the first one still works.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep_until, timeout};

use super::board::Board;
use super::connect::{Connected, Connector};
use super::fault::Fault;
use super::gap::{Gap, Step};
use super::rooms::Rooms;
use super::settings::Settings;
use super::socket::{Came, Socket};
use crate::backoff::Backoff;
use crate::clock::now_unix_ms;
use crate::order::{Join, Order, Outcome, Sending};
use crate::side::{Event, SideEnd};

/// Messages that are being sent at once, at most one of each room.
const SENDS_MAX: usize = 16;

/// How long a connection has to hold before losses are forgotten.
const STABLE: Duration = Duration::from_mins(1);

/// How long the first connection waits for somebody to name a room, whose history it is to ask for.
const FIRST_ROOM: Duration = Duration::from_secs(1);

/// How long more rooms may take that are named together.
const MORE_ROOMS: Duration = Duration::from_millis(20);

/// How long a new websocket has to begin with its history, where it has one.
const HISTORY_WAIT: Duration = Duration::from_secs(2);

/// How long the last messages may take when the side ends.
const END_WAIT: Duration = Duration::from_secs(5);

struct Task {
    connector: Connector,
    silence: Duration,
    backoff: Backoff,
    end: SideEnd,
    rooms: Rooms,
    board: Board,
    socket: Option<Socket>,
    /// What came before the socket, while it is read.
    gap: Option<Gap>,
    connecting: Option<JoinHandle<Result<Connected, Fault>>>,
    /// When to connect, for the first time or anew.
    next_try: Instant,
    /// When it is too late for a history.
    history_until: Option<Instant>,
    /// Whether a room was named whose history, or whose gateway, was not asked for.
    lacks_history: bool,
    /// Events that the owner has not taken yet.
    untaken: VecDeque<Event>,
    sends: JoinSet<Option<Fault>>,
}

pub(super) async fn run(settings: Settings, end: SideEnd) {
    let mut task = Task::new(&settings, end);
    while task.turn().await {}
    task.finish().await;
}

impl Task {
    fn new(settings: &Settings, end: SideEnd) -> Self {
        Self {
            connector: Connector::new(settings),
            silence: settings.silence,
            backoff: Backoff::new(settings.backoff_first, settings.backoff_max, STABLE),
            rooms: Rooms::new(&settings.name),
            board: Board::new(end.states.clone()),
            end,
            socket: None,
            gap: None,
            connecting: None,
            next_try: Instant::now() + FIRST_ROOM,
            history_until: None,
            lacks_history: false,
            untaken: VecDeque::new(),
            sends: JoinSet::new(),
        }
    }

    /// One thing that happens; false at the end.
    async fn turn(&mut self) -> bool {
        let may_connect = self.connecting.is_none() && !self.board.is_stopped();
        let is_free = self.untaken.is_empty();
        let has_room = self.gap.as_ref().is_none_or(Gap::has_room);
        tokio::select! {
            order = self.end.orders.recv(), if self.sends.len() < SENDS_MAX => {
                return self.order(order);
            }
            () = give(&self.end.events, &mut self.untaken), if !self.untaken.is_empty() => {}
            () = sleep_until(self.next_try.into()), if may_connect => {
                let connector = self.connector.clone();
                let since = self.rooms.since(now_unix_ms());
                let connecting = connector.connect(since, self.rooms.has_history());
                self.connecting = Some(tokio::spawn(connecting));
            }
            () = at(self.history_until), if self.gap.is_none() => {
                self.history_until = None;
                self.untaken.extend(self.rooms.missed());
            }
            made = ended(&mut self.connecting) => {
                self.connecting = None;
                match made {
                    Ok(connected) => self.connected(connected).await,
                    Err(fault) => self.failed(fault),
                }
            }
            came = next(&mut self.socket), if is_free && has_room => self.came(came),
            step = earlier(&mut self.gap), if is_free => self.filled(step),
            Some(sent) = self.sends.join_next() => {
                if let Ok(Some(fault)) = sent {
                    self.failed(fault);
                }
            }
        }
        true
    }

    fn order(&mut self, order: Option<Order>) -> bool {
        match order {
            None | Some(Order::End) => return false,
            Some(Order::Join(join)) => {
                self.board.join(&join.room);
                self.named(join);
            }
            Some(Order::Leave(room)) => {
                self.board.leave(&room);
                self.rooms.leave(&room);
            }
            // Whoever asked was cut off, and will ask again: it would be said twice.
            Some(Order::Send(_, answer)) if answer.is_closed() => {}
            Some(Order::Send(sending, answer)) => match self.board.obstacle(&sending.room) {
                Some(why) => {
                    let after = None;
                    let uncertain = false;
                    let _ = answer.send(Outcome::Later {
                        why,
                        uncertain,
                        after,
                    });
                }
                None => self.send(sending, answer),
            },
        }
        true
    }

    /// A websocket tells the history of the rooms that were named before it was opened; and which gateways there are is asked with it,
    /// so that one that was missing may be there by now.
    fn named(&mut self, join: Join) {
        let is_first = self.socket.is_none() && self.board.is_connecting();
        let needs_another = join.since.is_some() || self.board.is_missing(&join.room);
        self.rooms.join(join, now_unix_ms());
        if self.connecting.is_some() {
            self.lacks_history |= needs_another;
        } else if is_first || (self.socket.is_some() && needs_another) {
            self.next_try = Instant::now() + MORE_ROOMS;
        }
    }

    fn send(&mut self, sending: Box<Sending>, answer: oneshot::Sender<Outcome>) {
        let api = self.connector.api.clone();
        self.sends.spawn(async move {
            let (outcome, fault) = api.say(&sending.room, &sending.outgoing).await;
            // Nobody waits for it where the owner is ending.
            let _ = answer.send(outcome);
            fault
        });
    }

    async fn connected(&mut self, connected: Connected) {
        self.close_gap();
        // What the one before still holds is older than what this one will tell.
        if let Some(old) = self.socket.take() {
            for object in old.close().await {
                self.hear(&object, false);
            }
        } else {
            self.board.count_connection();
            self.rooms.connected_anew();
            self.history_until = Some(Instant::now() + HISTORY_WAIT);
        }
        self.rooms.greeted(connected.greeted);
        self.gap = connected.buffer.map(Gap::new);
        for object in connected.early {
            self.told(object);
        }
        self.socket = Some(connected.socket);
        let now = Instant::now();
        self.backoff.ready(now);
        let lacks_history = std::mem::take(&mut self.lacks_history);
        self.next_try = now
            + if lacks_history {
                MORE_ROOMS
            } else {
                self.silence
            };
        self.board.ready(connected.way, connected.gateways);
    }

    /// What came out of the buffer.
    fn filled(&mut self, step: Step) {
        match step {
            Step::Object(object) => self.hear(&object, true),
            Step::Nothing => {}
            Step::Closed => self.close_gap(),
        }
    }

    /// What was held back is told now.
    fn close_gap(&mut self) {
        let gap = self.gap.take();
        for object in gap.map(Gap::into_held).unwrap_or_default() {
            self.hear(&object, false);
        }
    }

    /// What the websocket told: now, or behind what is older.
    fn told(&mut self, object: Value) {
        if self.gap.is_some() && self.rooms.is_history(&object) {
            // It tells by itself what the buffer would tell slowly.
            self.close_gap();
        }
        match &mut self.gap {
            Some(gap) => gap.hold(object),
            None => self.hear(&object, false),
        }
    }

    /// The websocket that is there, if there is one, goes on being heard.
    fn failed(&mut self, fault: Fault) {
        let wait = self.backoff.lost(Instant::now());
        self.next_try = Instant::now() + wait;
        match fault {
            Fault::Wait(why) => self.board.waiting(why, wait),
            Fault::Stop(why) => self.board.stopped(why),
        }
    }

    fn came(&mut self, came: Came) {
        match came {
            Came::Object(object) => {
                self.told(object);
                if self.board.is_ready() {
                    self.next_try = Instant::now() + self.silence;
                }
            }
            Came::Nothing => {}
            Came::End(why) => {
                self.socket = None;
                self.close_gap();
                self.failed(Fault::Wait(why.into()));
            }
        }
    }

    fn hear(&mut self, object: &Value, from_buffer: bool) {
        let event = self.rooms.event(object, from_buffer, now_unix_ms());
        self.untaken.extend(event);
    }

    async fn finish(mut self) {
        if let Some(connecting) = self.connecting.take() {
            connecting.abort();
        }
        let last = timeout(END_WAIT, async {
            while self.sends.join_next().await.is_some() {}
        });
        // What is under way after that is of unknown fate, which its owner is told when the answer is dropped.
        let _ = last.await;
        let rest = match self.socket.take() {
            Some(socket) => socket.close().await,
            None => Vec::new(),
        };
        // Nobody would tell again what was read, since most keep no history.
        self.close_gap();
        for object in rest {
            self.hear(&object, false);
        }
        let told = timeout(END_WAIT, async {
            while !self.untaken.is_empty() {
                give(&self.end.events, &mut self.untaken).await;
            }
        });
        // An owner who takes nothing any more does not want it.
        let _ = told.await;
    }
}

/// Gives the owner one event.
async fn give(events: &mpsc::Sender<Event>, untaken: &mut VecDeque<Event>) {
    match (events.reserve().await, untaken.pop_front()) {
        (Ok(permit), Some(event)) => permit.send(event),
        // Nobody listens any more.
        _ => untaken.clear(),
    }
}

/// The end of an attempt to connect; never where there is none.
async fn ended(connecting: &mut Option<JoinHandle<Result<Connected, Fault>>>) -> Made {
    match connecting {
        Some(task) => task.await.unwrap_or_else(|_| {
            let why = "the attempt to connect ended by a mistake of this program";
            Err(Fault::Wait(why.into()))
        }),
        None => std::future::pending().await,
    }
}

type Made = Result<Connected, Fault>;

async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}

async fn earlier(gap: &mut Option<Gap>) -> Step {
    match gap {
        Some(gap) => gap.next().await,
        None => std::future::pending().await,
    }
}

async fn next(socket: &mut Option<Socket>) -> Came {
    match socket {
        Some(socket) => socket.next().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::side::Side;

    fn missed(number: usize) -> Event {
        Event::Missed {
            room: number.to_string(),
            why: "it was told late".to_owned(),
            messages: None,
        }
    }

    #[tokio::test]
    async fn what_was_read_is_told_before_the_end() {
        let settings = Settings::new("matterbridge.x", "http://127.0.0.1:9".parse().unwrap());
        let mut side = Side::start(|end| async move {
            let mut task = Task::new(&settings, end);
            // More than wait for an owner.
            task.untaken.extend((0..100).map(missed));
            task.finish().await;
        });
        for number in 0..100 {
            assert_eq!(side.events.recv().await, Some(missed(number)));
        }
        assert_eq!(side.events.recv().await, None);
    }
}
