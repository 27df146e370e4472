//! A service with rooms that outlives the relay, and a side of it that fails as it is told to.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use towpath_chat::{Author, Kind, Message, Outgoing, Rules};
use towpath_sides::{Event, Join, Mark, Order, Outcome, Sending, Side, SideEnd, State, States};

use crate::plan::SideKind;
use crate::shared::locked;

/// Longer than whatever stops this process, or its disk, for a while.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// What happens to one piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Taken,
    /// It is there, and nobody says so.
    TakenInSilence,
    /// It is not there, and nobody knows.
    Lost,
    NotNow,
    /// The service is gone, and says that it will be for an hour.
    Away,
    Refused,
}

/// One line of a room.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub id: String,
    pub author: String,
    pub text: String,
    pub kind: Kind,
    pub at_unix_ms: i64,
    pub reply_to: Option<String>,
}

/// The service.
#[derive(Debug)]
pub(super) struct World {
    rooms: Mutex<HashMap<String, Vec<Line>>>,
    fates: Mutex<VecDeque<Fate>>,
    next_id: AtomicU64,
    pub starts: AtomicU64,
    pub joins: AtomicU64,
    pub leaves: AtomicU64,
    /// Rooms cannot be told while it is false.
    pub is_open: watch::Sender<bool>,
    /// Sides that start while it is true stop at once, and for good.
    pub is_barred: AtomicBool,
    /// Rooms that let nobody in who comes while they are in here.
    pub closed: Mutex<HashSet<String>>,
    changed: watch::Sender<u64>,
    /// Steps until everything stands still, as in a crash; negative: never.
    fuse: AtomicI64,
    pub burnt: Notify,
    pub ids: Mutex<Vec<String>>,
}

impl World {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            rooms: Mutex::default(),
            fates: Mutex::default(),
            next_id: AtomicU64::new(1),
            starts: AtomicU64::new(0),
            joins: AtomicU64::new(0),
            leaves: AtomicU64::new(0),
            is_open: watch::Sender::new(true),
            is_barred: AtomicBool::new(false),
            closed: Mutex::default(),
            changed: watch::Sender::new(0),
            fuse: AtomicI64::new(-1),
            burnt: Notify::new(),
            ids: Mutex::default(),
        })
    }

    pub(super) fn say(&self, room: &str, author: &str, text: &str) -> String {
        self.add(room, author, text, &Kind::Text)
    }

    pub(super) fn reply(&self, room: &str, author: &str, text: &str, to: &str) -> String {
        self.put(room, author, text, &Kind::Text, Some(to.to_owned()))
    }

    pub(super) fn add(&self, room: &str, author: &str, text: &str, kind: &Kind) -> String {
        self.put(room, author, text, kind, None)
    }

    fn put(
        &self,
        room: &str,
        author: &str,
        text: &str,
        kind: &Kind,
        reply_to: Option<String>,
    ) -> String {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        let id = format!("id{number}");
        let line = Line {
            id: id.clone(),
            author: author.to_owned(),
            text: text.to_owned(),
            kind: kind.clone(),
            // As coarse as the clocks of some services.
            at_unix_ms: crate::clock::now_unix_ms() / 1000 * 1000,
            reply_to,
        };
        let mut rooms = locked(&self.rooms);
        rooms.entry(room.to_owned()).or_default().push(line);
        drop(rooms);
        self.changed.send_modify(|changes| *changes += 1);
        id
    }

    /// Makes everything in a room older.
    pub(super) fn age(&self, room: &str, by_ms: i64) {
        for line in locked(&self.rooms).entry(room.to_owned()).or_default() {
            line.at_unix_ms -= by_ms;
        }
    }

    pub(super) fn fate(&self, fates: impl IntoIterator<Item = Fate>) {
        locked(&self.fates).extend(fates);
    }

    pub(super) fn burn_after(&self, steps: i64) {
        self.fuse.store(steps, Ordering::SeqCst);
    }

    pub(super) fn lines(&self, room: &str) -> Vec<Line> {
        locked(&self.rooms).get(room).cloned().unwrap_or_default()
    }

    pub(super) fn texts_by(&self, room: &str, author: &str) -> Vec<String> {
        let lines = self.lines(room).into_iter();
        let of_author = lines.filter(|line| line.author == author);
        of_author.map(|line| line.text).collect()
    }

    /// Waits until a room holds so many lines of an author.
    pub(super) async fn wait_for(&self, room: &str, author: &str, lines: usize) {
        let mut changed = self.changed.subscribe();
        let enough = async {
            while self.texts_by(room, author).len() < lines {
                changed.changed().await.expect("the world stays");
            }
        };
        let found = tokio::time::timeout(PATIENCE, enough).await;
        let there = self.texts_by(room, author);
        assert!(
            found.is_ok(),
            "{lines} lines in {room}; there are {there:?}"
        );
    }

    /// One step further; where the fuse ends, nothing goes on.
    async fn step(&self) {
        let before = self.fuse.fetch_sub(1, Ordering::SeqCst);
        if before == 0 {
            self.burnt.notify_one();
        }
        if before < 0 {
            self.fuse.store(-1, Ordering::SeqCst);
        } else if before == 0 {
            self.fuse.store(0, Ordering::SeqCst);
            std::future::pending::<()>().await;
        }
    }
}

/// The settings of a side of the world.
#[derive(Debug, Clone)]
pub(super) struct Fake {
    pub world: Arc<World>,
    pub user: String,
    pub has_history: bool,
    /// Two with another version are not the same.
    pub version: u32,
}

impl Fake {
    pub(super) fn side(world: &Arc<World>, user: &str) -> Arc<dyn SideKind> {
        Arc::new(Self {
            world: Arc::clone(world),
            user: user.to_owned(),
            has_history: true,
            version: 0,
        })
    }
}

impl SideKind for Fake {
    fn start(&self, _own_user_ids: Vec<String>) -> Side {
        self.world.starts.fetch_add(1, Ordering::Relaxed);
        let connection = Connection {
            fake: self.clone(),
            read: HashMap::new(),
        };
        Side::start(|end| connection.run(end))
    }

    fn rules(&self, _room: &str) -> Rules {
        Rules {
            takes: towpath_chat::Takes {
                edit: true,
                delete: true,
                reply: true,
                ..towpath_chat::Takes::default()
            },
            ..Rules::default()
        }
    }

    fn kind(&self) -> &'static str {
        "fake"
    }

    fn network(&self) -> String {
        "Fake".to_owned()
    }

    fn label(&self) -> Option<String> {
        None
    }

    fn looks_back(&self) -> bool {
        self.has_history
    }

    fn is_same(&self, other: &dyn SideKind) -> bool {
        let other: &dyn std::any::Any = other;
        other.downcast_ref::<Self>().is_some_and(|other| {
            Arc::ptr_eq(&self.world, &other.world) && self.version == other.version
        })
    }
}

struct Connection {
    fake: Fake,
    /// How many lines of each room were told or left alone.
    read: HashMap<String, usize>,
}

impl Connection {
    async fn run(mut self, mut end: SideEnd) {
        let mut changed = self.fake.world.changed.subscribe();
        let mut is_open = self.fake.world.is_open.subscribe();
        let own = self.fake.user.clone();
        let is_barred = self.fake.world.is_barred.load(Ordering::Relaxed);
        let _ = end.events.send(Event::Own { user_id: own }).await;
        loop {
            let state = if is_barred {
                State::Stopped {
                    why: "barred".into(),
                }
            } else if *is_open.borrow_and_update() {
                State::Ready
            } else {
                State::Connecting
            };
            end.states.send_if_modified(|states| {
                let is_new = states.connection != state;
                states.connection = state;
                is_new
            });
            tokio::select! {
                order = end.orders.recv() => match order {
                    Some(Order::Send(sending, answer)) => {
                        let outcome = self.send(&sending).await;
                        let _ = answer.send(outcome);
                    }
                    Some(Order::Join(join)) => {
                        let room = join.room.clone();
                        if locked(&self.fake.world.closed).contains(&room) {
                            let why = "closed".into();
                            let state = State::Stopped { why };
                            let insert = |states: &mut States| drop(states.rooms.insert(room, state));
                            end.states.send_modify(insert);
                        }
                        self.join(join);
                    }
                    Some(Order::Leave(room)) => {
                        self.fake.world.leaves.fetch_add(1, Ordering::Relaxed);
                        self.read.remove(&room);
                        let remove = |states: &mut States| drop(states.rooms.remove(&room));
                        end.states.send_modify(remove);
                    }
                    Some(Order::End) | None => return,
                },
                _ = changed.changed() => {}
                _ = is_open.changed() => {}
            }
            self.tell(&end).await;
        }
    }

    fn join(&mut self, join: Join) {
        self.fake.world.joins.fetch_add(1, Ordering::Relaxed);
        let lines = self.fake.world.lines(&join.room);
        let from = join.since.filter(|_| self.fake.has_history);
        let from = from.map_or(lines.len(), |mark| behind(&lines, &mark));
        self.read.insert(join.room, from);
    }

    async fn tell(&mut self, end: &SideEnd) {
        for (room, read) in &mut self.read {
            for line in self.fake.world.lines(room).split_off(*read) {
                *read += 1;
                if line.author == self.fake.user {
                    continue;
                }
                let message = Box::new(message(room, line));
                let event = Event::Said {
                    message,
                    replayed: true,
                };
                self.fake.world.step().await;
                if end.events.send(event).await.is_err() {
                    return;
                }
            }
        }
    }

    async fn send(&mut self, sending: &Sending) -> Outcome {
        let world = Arc::clone(&self.fake.world);
        locked(&world.ids).push(sending.id.clone());
        world.step().await;
        if let Some(id) = self.there_already(sending) {
            return Outcome::Delivered { id: Some(id) };
        }
        let fate = locked(&world.fates).pop_front().unwrap_or(Fate::Taken);
        let later = |uncertain| Outcome::Later {
            why: "as it was told".to_owned(),
            uncertain,
            after: Some(Duration::ZERO),
        };
        match fate {
            Fate::Taken => {
                let id = self.take(sending);
                world.step().await;
                Outcome::Delivered { id: Some(id) }
            }
            Fate::TakenInSilence => {
                self.take(sending);
                world.step().await;
                later(true)
            }
            Fate::Lost => later(true),
            Fate::NotNow => later(false),
            Fate::Away => {
                world.is_open.send_replace(false);
                Outcome::Later {
                    why: "as it was told".to_owned(),
                    uncertain: false,
                    after: Some(Duration::from_hours(1)),
                }
            }
            Fate::Refused => Outcome::Refused {
                why: "as it was told".to_owned(),
            },
        }
    }

    fn take(&self, sending: &Sending) -> String {
        let Outgoing {
            text,
            kind,
            reply_to,
            ..
        } = &sending.outgoing;
        let (world, user) = (&self.fake.world, &self.fake.user);
        world.put(&sending.room, user, text, kind, reply_to.clone())
    }

    /// The line that a piece of unknown outcome became.
    fn there_already(&self, sending: &Sending) -> Option<String> {
        sending.begun_unix_ms.filter(|_| self.fake.has_history)?;
        let lines = self.fake.world.lines(&sending.room);
        let from = sending.behind.as_ref().map_or(0, |id| {
            lines.iter().position(|line| line.id == *id).unwrap_or(0) + 1
        });
        let ours =
            |line: &&Line| line.author == self.fake.user && line.text == sending.outgoing.text;
        lines[from..].iter().find(ours).map(|line| line.id.clone())
    }
}

/// As much of the history as is not known to be read: a second of time may hold more than one line.
fn behind(lines: &[Line], mark: &Mark) -> usize {
    let at = lines
        .iter()
        .position(|line| line.at_unix_ms >= mark.at_unix_ms / 1000 * 1000);
    at.unwrap_or(lines.len())
}

fn message(room: &str, line: Line) -> Message {
    Message {
        side: "whatever it calls itself".to_owned(),
        room: room.to_owned(),
        id: Some(line.id),
        author: Author {
            id: Some(line.author.clone()),
            name: line.author,
            ..Author::default()
        },
        kind: line.kind,
        text: line.text,
        at_unix_ms: line.at_unix_ms,
        reply_to: line.reply_to,
        files: Vec::new(),
    }
}
