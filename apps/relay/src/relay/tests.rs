//! Whole relays between services that outlive them.

use std::sync::atomic::Ordering;

use tempfile::TempDir;
use towpath_chat::{FormatSettings, Kind, Rules};
use towpath_outbox::{Bounds, Reason};

use super::*;
use crate::plan::{Direction, Link, Member, Uncertain};

mod blind;
mod chance;
mod crash;
mod reload;
mod world;

use world::{Fake, Fate, PATIENCE, World};

/// Two services, and what a relay between them needs.
struct Ground {
    folder: TempDir,
    a: Arc<World>,
    b: Arc<World>,
}

impl Ground {
    fn new() -> Self {
        // Where there is one in memory: here the process dies and never the machine.
        let folder = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
        Self {
            folder: folder.expect("a folder"),
            a: World::new(),
            b: World::new(),
        }
    }

    fn outbox(&self) -> Outbox {
        let path = self.folder.path().join("relay.sqlite");
        Outbox::open(&path, Bounds::default()).expect("the store opens")
    }

    async fn start(&self) -> Relay {
        self.start_with(self.plan()).await
    }

    /// The relay, once it is in all rooms.
    async fn start_with(&self, plan: Plan) -> Relay {
        let relay = Relay::start(plan, self.outbox()).await;
        self.settle(&relay).await;
        relay
    }

    /// Waits until the sides have taken their orders so far: they answer in order.
    async fn settle(&self, relay: &Relay) {
        let joins = |world: &World| world.joins.load(Ordering::Relaxed);
        let running = relay.inner.running.lock().await;
        let wanted: usize = running.sides.values().map(|side| side.rooms.len()).sum();
        drop(running);
        let before = std::time::Instant::now();
        while joins(&self.a) + joins(&self.b) < wanted as u64 {
            assert!(before.elapsed() < PATIENCE, "joined");
            tokio::task::yield_now().await;
        }
    }

    fn plan(&self) -> Plan {
        plan_of(
            [
                ("fake.a", Fake::side(&self.a, "bot-a")),
                ("fake.b", Fake::side(&self.b, "bot-b")),
            ],
            vec![link(
                "lounge",
                [member("fake.a", "@a"), member("fake.b", "#b")],
            )],
        )
    }
}

fn plan_of<const N: usize>(
    sides: [(&str, Arc<dyn crate::plan::SideKind>); N],
    links: Vec<Link>,
) -> Plan {
    Plan {
        sides: sides.map(|(name, kind)| (name.to_owned(), kind)).into(),
        links,
        replay_at_first_start: Duration::ZERO,
        age_max: Duration::from_hours(24),
    }
}

fn link<const N: usize>(name: &str, members: [Member; N]) -> Link {
    Link {
        name: name.to_owned(),
        members: members.into(),
    }
}

fn member(side: &str, room: &str) -> Member {
    let formats = FormatSettings {
        text: Some("{text}".to_owned()),
        ..FormatSettings::default()
    };
    Member {
        side: side.to_owned(),
        room: room.to_owned(),
        formats: formats.formats(&Rules::default()).expect("formats"),
        ignore: vec!["spammer".to_owned()],
        direction: Direction::Both,
        uncertain: Uncertain::Repeat,
        age_max: Duration::from_hours(24),
        queue_max: 10_000,
    }
}

/// Ends everything at once, as a kill would.
async fn kill(relay: Relay) {
    let outbox = relay.inner.shared.outbox.clone();
    let mut running = relay.inner.running.lock().await;
    for (_, courier) in running.couriers.drain() {
        courier.abort();
    }
    for (_, side) in running.sides.drain() {
        side.abort();
    }
    drop(running);
    outbox.interrupt_after(0, false).await;
    outbox.ended().await;
}

async fn given_up(relay: &Relay, reason: Reason) -> u64 {
    let status = relay.status().await;
    let members = status.links.iter().flat_map(|link| &link.members);
    members
        .filter_map(|member| member.queue.given_up.get(reason.as_str()))
        .sum()
}

/// Until a picture of the relay is as it should be.
async fn until(relay: &Relay, what: &str, holds: impl Fn(&Status) -> bool) {
    let before = std::time::Instant::now();
    loop {
        let status = relay.status().await;
        if holds(&status) {
            return;
        }
        assert!(before.elapsed() < PATIENCE, "{what}: {status:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn what_is_said_on_one_side_is_said_on_the_other() {
    let ground = Ground::new();
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "hello from a");
    ground.b.say("#b", "bob", "hello from b");
    ground.a.say("@a", "ann", "two\nlines");
    ground.b.wait_for("#b", "bot-b", 3).await;
    ground.a.wait_for("@a", "bot-a", 1).await;
    assert_eq!(
        ground.b.texts_by("#b", "bot-b"),
        ["hello from a", "two", "lines"]
    );
    assert_eq!(ground.a.texts_by("@a", "bot-a"), ["hello from b"]);
    until(&relay, "all is counted", |status| {
        let queues: Vec<_> = status.links[0].members.iter().map(|m| &m.queue).collect();
        queues[0].delivered == 1 && queues[1].delivered == 2 && queues[1].waiting == 0
    })
    .await;
    relay.end().await;
}

#[tokio::test]
async fn nothing_old_is_told_at_the_first_start_and_all_that_was_missed_at_the_next() {
    let ground = Ground::new();
    ground.a.say("@a", "ann", "long before");
    ground.a.age("@a", 2_000);
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "one");
    ground.b.wait_for("#b", "bot-b", 1).await;
    relay.end().await;
    for text in ["two", "three"] {
        ground.a.say("@a", "ann", text);
    }
    let relay = ground.start().await;
    ground.b.wait_for("#b", "bot-b", 3).await;
    assert_eq!(ground.b.texts_by("#b", "bot-b"), ["one", "two", "three"]);
    relay.end().await;
}

#[tokio::test]
async fn a_store_that_stands_still_at_a_start_leaves_nothing_out() {
    let ground = Ground::new();
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "one");
    ground.b.wait_for("#b", "bot-b", 1).await;
    relay.end().await;
    ground.a.say("@a", "ann", "two");
    let outbox = ground.outbox();
    let stalled = outbox.stall().await;
    // The patience of the start is over at once; the store has a thread and a time of its own.
    tokio::time::pause();
    let relay = Relay::start(ground.plan(), outbox).await;
    tokio::time::resume();
    drop(stalled);
    relay.inner.make_up().await;
    ground.b.wait_for("#b", "bot-b", 2).await;
    assert_eq!(ground.b.texts_by("#b", "bot-b"), ["one", "two"]);
    relay.end().await;
}

#[tokio::test]
async fn silence_loss_and_refusal_of_pieces_lose_nothing_else() {
    let ground = Ground::new();
    ground.b.fate([
        Fate::TakenInSilence,
        Fate::Lost,
        Fate::Taken,
        Fate::NotNow,
        Fate::Lost,
        Fate::NotNow,
        Fate::Taken,
        Fate::Refused,
    ]);
    let relay = ground.start().await;
    for text in ["same", "same", "third", "refused", "last"] {
        ground.a.say("@a", "ann", text);
    }
    ground.b.wait_for("#b", "bot-b", 4).await;
    assert_eq!(
        ground.b.texts_by("#b", "bot-b"),
        ["same", "same", "third", "last"]
    );
    until(&relay, "counts", |status| {
        let queue = &status.links[0].members[1].queue;
        queue.uncertain == 3 && queue.given_up.get("refused") == Some(&1) && queue.delivered == 4
    })
    .await;
    let ids = locked(&ground.b.ids).clone();
    assert_eq!(ids[0], ids[1], "the same piece has the same id");
    assert_ne!(ids[1], ids[2]);
    relay.end().await;
}

#[tokio::test]
async fn a_side_that_comes_back_sooner_than_it_said_is_told_at_once() {
    let ground = Ground::new();
    ground.b.fate([Fate::Away]);
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "hello");
    let told = async {
        while ground.b.texts_by("#b", "bot-b").is_empty() {
            // It may come back before the courier has seen that it was away.
            ground.b.is_open.send_replace(false);
            tokio::time::sleep(Duration::from_millis(20)).await;
            ground.b.is_open.send_replace(true);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), told).await;
    assert!(in_time.is_ok(), "the hour is waited out");
    relay.end().await;
}

#[tokio::test]
async fn without_a_history_the_operator_decides_about_doubt() {
    for (uncertain, told, lost) in [(Uncertain::Repeat, 2, 0), (Uncertain::Drop, 1, 1)] {
        let ground = Ground::new();
        ground.b.fate([Fate::TakenInSilence]);
        let blind = Arc::new(Fake {
            world: Arc::clone(&ground.b),
            user: "bot-b".to_owned(),
            has_history: false,
            version: 0,
        });
        let mut to = member("fake.b", "#b");
        to.uncertain = uncertain;
        let plan = plan_of(
            [
                ("fake.a", Fake::side(&ground.a, "bot-a")),
                ("fake.b", blind),
            ],
            vec![link("lounge", [member("fake.a", "@a"), to])],
        );
        let relay = ground.start_with(plan).await;
        ground.a.say("@a", "ann", "in doubt");
        ground.a.say("@a", "ann", "end");
        ground.b.wait_for("#b", "bot-b", told + 1).await;
        let texts = ground.b.texts_by("#b", "bot-b");
        let doubtful = texts.iter().filter(|text| *text == "in doubt").count();
        assert_eq!(doubtful, told, "{uncertain:?}");
        assert_eq!(given_up(&relay, Reason::Uncertain).await, lost);
        relay.end().await;
    }
}

#[tokio::test]
async fn edits_and_deletions_reach_the_copy_and_replies_name_it() {
    let ground = Ground::new();
    let relay = ground.start().await;
    let of = ground.a.say("@a", "ann", "wrnog");
    let edit = Kind::Edit { of: of.clone() };
    ground.a.add("@a", "ann", "wrong", &edit);
    ground.a.add("@a", "ann", "", &Kind::Delete { of });
    ground.b.wait_for("#b", "bot-b", 3).await;
    let lines = ground.b.lines("#b");
    let copy = lines[0].id.clone();
    assert_eq!(lines[1].kind, Kind::Edit { of: copy.clone() });
    assert_eq!(lines[2].kind, Kind::Delete { of: copy.clone() });
    // Both ways: an answer to the copy answers the original on the side that it came from.
    ground.b.reply("#b", "bob", "what was it?", &copy);
    ground.a.wait_for("@a", "bot-a", 1).await;
    let answer = ground.a.lines("@a").pop().expect("it was told");
    assert_eq!(answer.reply_to.as_deref(), Some("id1"));
    relay.end().await;
}

#[tokio::test]
async fn who_is_ignored_or_repeats_us_is_not_told() {
    let ground = Ground::new();
    let relay = ground.start().await;
    ground.a.say("@a", "Spammer", "buy something");
    ground.a.say("@a", "ann", "a whole sentence");
    ground.b.wait_for("#b", "bot-b", 1).await;
    ground.b.say("#b", "other bridge", "<ann> a whole sentence");
    ground.b.say("#b", "bob", "an answer");
    ground.a.wait_for("@a", "bot-a", 1).await;
    assert_eq!(ground.a.texts_by("@a", "bot-a"), ["an answer"]);
    assert_eq!(ground.b.texts_by("#b", "bot-b"), ["a whole sentence"]);
    let status = relay.status().await;
    assert_eq!(status.sides["fake.a"].heard.ignored, 1);
    assert_eq!(status.sides["fake.b"].heard.echoes, 1);
    relay.end().await;
}

#[tokio::test]
async fn what_a_closed_room_is_to_be_told_waits_in_order_and_within_bounds() {
    let ground = Ground::new();
    ground.b.is_open.send_replace(false);
    let mut to = member("fake.b", "#b");
    to.queue_max = 5;
    let mut plan = ground.plan();
    plan.links[0].members[1] = to;
    let relay = ground.start_with(plan).await;
    for number in 0..8 {
        ground.a.say("@a", "ann", &format!("number {number}"));
    }
    until(&relay, "the queue is full", |status| {
        let queue = &status.links[0].members[1].queue;
        queue.waiting == 5 && queue.given_up.get("queue-full") == Some(&3)
    })
    .await;
    ground.b.is_open.send_replace(true);
    ground.b.wait_for("#b", "bot-b", 5).await;
    let expected: Vec<String> = (3..8).map(|number| format!("number {number}")).collect();
    assert_eq!(ground.b.texts_by("#b", "bot-b"), expected);
    relay.end().await;
}

#[tokio::test]
async fn what_is_too_old_is_given_up_and_counted() {
    let ground = Ground::new();
    ground.b.is_open.send_replace(false);
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "soon old");
    until(&relay, "it waits", |status| {
        status.links[0].members[1].queue.waiting == 1
    })
    .await;
    let tomorrow = now_unix_ms() + 2 * 24 * 3_600_000;
    relay.inner.sweep(tomorrow).await;
    assert_eq!(given_up(&relay, Reason::TooOld).await, 1);
    relay.end().await;
}

#[tokio::test]
async fn a_side_that_ends_by_itself_is_started_again() {
    let ground = Ground::new();
    let relay = ground.start().await;
    let running = relay.inner.running.lock().await;
    running.sides["fake.b"].task.abort();
    drop(running);
    ground.a.say("@a", "ann", "into the gap");
    let before = std::time::Instant::now();
    while ground.b.starts.load(Ordering::Relaxed) < 2 {
        assert!(before.elapsed() < PATIENCE, "started again");
        relay.inner.restart_ended_sides().await;
        tokio::task::yield_now().await;
    }
    ground.b.wait_for("#b", "bot-b", 1).await;
    ground.b.say("#b", "bob", "and back");
    ground.a.wait_for("@a", "bot-a", 1).await;
    relay.end().await;
}

#[tokio::test]
async fn what_a_side_has_told_before_it_ended_by_itself_is_taken() {
    let ground = Ground::new();
    let mut plan = ground.plan();
    let forgetful = Fake {
        world: Arc::clone(&ground.b),
        user: "bot-b".to_owned(),
        has_history: false,
        version: 0,
    };
    plan.sides.insert("fake.b".to_owned(), Arc::new(forgetful));
    let relay = ground.start_with(plan).await;
    for number in 0..40 {
        ground.b.say("#b", "bob", &format!("line {number}"));
    }
    let running = relay.inner.running.lock().await;
    // The first is taken when all of them wait to be.
    while running.counts["fake.b"].taken.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await;
    }
    running.sides["fake.b"].task.abort();
    drop(running);
    while ground.b.starts.load(Ordering::Relaxed) < 2 {
        relay.inner.restart_ended_sides().await;
        tokio::task::yield_now().await;
    }
    ground.a.wait_for("@a", "bot-a", 40).await;
    relay.end().await;
}

#[tokio::test]
async fn who_we_were_is_remembered() {
    let ground = Ground::new();
    let relay = ground.start().await;
    ground.a.say("@a", "ann", "one");
    ground.b.wait_for("#b", "bot-b", 1).await;
    relay.end().await;
    // The service gave us another user, and still holds what the earlier one said.
    ground.b.say("#b", "bot-b", "said by us before");
    let mut plan = ground.plan();
    plan.sides
        .insert("fake.b".to_owned(), Fake::side(&ground.b, "bot-c"));
    let relay = ground.start_with(plan).await;
    ground.b.say("#b", "bob", "said by bob");
    ground.a.wait_for("@a", "bot-a", 1).await;
    assert_eq!(ground.a.texts_by("@a", "bot-a"), ["said by bob"]);
    assert!(relay.status().await.sides["fake.b"].heard.own >= 1);
    relay.end().await;
}

#[tokio::test]
async fn what_another_end_says_is_shown_as_plain_lines() {
    let ground = Ground::new();
    let relay = ground.start().await;
    let hostile = towpath_sides::States {
        connection: towpath_sides::State::Stopped {
            why: "\u{1b}[2Jgone\nfake.b: ready".into(),
        },
        ..towpath_sides::States::default()
    };
    let (_hostile, states) = watch::channel(hostile);
    locked(&relay.inner.view)
        .states
        .insert("fake.a".to_owned(), states);
    let status = relay.status().await;
    let expected = towpath_sides::State::Stopped {
        why: "[2Jgone fake.b: ready".into(),
    };
    assert_eq!(status.sides["fake.a"].states.connection, expected);
    assert_eq!(status.links[0].members[0].state, expected);
    relay.end().await;
}
