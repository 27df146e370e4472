//! What the store promises, asked of a file that is opened again wherever that could make a difference.

use tempfile::TempDir;
use towpath_chat::{Author, Kind, Message, Outgoing};

use super::*;
use crate::item::{Accepted, Arrival, Mark, Progress, Reason, Recipient};

const NOW: i64 = 1_700_000_000_000;

struct Fixture {
    folder: TempDir,
    bounds: Bounds,
    store: Store,
}

impl Fixture {
    fn new(bounds: Bounds) -> Self {
        let folder = TempDir::new().expect("a folder");
        let store = Store::open(&folder.path().join("relay.sqlite"), bounds).expect("a store");
        Self {
            folder,
            bounds,
            store,
        }
    }

    fn reopen(self) -> Self {
        drop(self.store);
        let store = Store::open(&self.folder.path().join("relay.sqlite"), self.bounds)
            .expect("the store opens again");
        Self { store, ..self }
    }

    fn take(&mut self, id: &str, replayed: bool) -> Accepted {
        let arrival = Arrival {
            now_unix_ms: NOW,
            replayed,
        };
        self.store
            .accept(&said(id), &[to(10)], arrival)
            .expect("accepted")
    }

    fn head(&mut self) -> Option<String> {
        let waiting = self.store.next(&target()).expect("a queue");
        waiting.map(|waiting| waiting.message.text)
    }

    fn tell(&mut self, pieces: usize, id: &str) {
        let key = self.store.next(&target()).unwrap().expect("waits").key;
        assert!(
            self.store
                .begin_message(key, &vec![piece(); pieces], NOW)
                .unwrap()
        );
        for number in 0..pieces {
            let id = format!("{id}.{number}");
            self.store.piece_done(key, Some(&id), NOW).unwrap();
        }
    }

    fn given_up(&mut self, reason: Reason) -> u64 {
        let lines = self.store.counts().unwrap();
        lines[0].given_up.get(&reason).copied().unwrap_or(0)
    }
}

fn said(id: &str) -> Message {
    let number: i64 = id
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .parse()
        .unwrap();
    Message {
        side: "kosmi.a".to_owned(),
        room: "@a".to_owned(),
        id: Some(id.to_owned()),
        author: Author::default(),
        kind: Kind::Text,
        text: format!("text of {id}"),
        at_unix_ms: NOW + number,
        reply_to: None,
        files: Vec::new(),
    }
}

fn place() -> Room {
    Room {
        side: "kosmi.a".to_owned(),
        room: "@a".to_owned(),
    }
}

fn target() -> Target {
    Target {
        link: "lounge".to_owned(),
        side: "irc.b".to_owned(),
        room: "#b".to_owned(),
    }
}

fn to(queue_max: u32) -> Recipient {
    Recipient {
        target: target(),
        queue_max,
    }
}

fn piece() -> Outgoing {
    Outgoing::text("piece")
}

#[test]
fn a_message_is_accepted_once_even_over_a_restart() {
    let mut fixture = Fixture::new(Bounds::default());
    assert_eq!(fixture.take("m1", false), Accepted::New);
    assert_eq!(fixture.take("m1", true), Accepted::Known);
    let mut fixture = fixture.reopen();
    assert_eq!(fixture.take("m1", true), Accepted::Known);
    assert_eq!(fixture.head().as_deref(), Some("text of m1"));
    assert_eq!(fixture.store.counts().unwrap()[0].waiting, 1);
}

#[test]
fn what_waits_comes_in_order_and_goes_when_it_was_told() {
    let mut fixture = Fixture::new(Bounds::default());
    for id in ["m1", "m2", "m3"] {
        fixture.take(id, false);
    }
    fixture.tell(1, "a");
    assert_eq!(fixture.head().as_deref(), Some("text of m2"));
    let mut fixture = fixture.reopen();
    fixture.tell(2, "b");
    fixture.tell(1, "c");
    assert_eq!(fixture.head(), None);
    let line = fixture.store.counts().unwrap().remove(0);
    assert_eq!(
        (line.waiting, line.delivered, line.oldest_unix_ms),
        (0, 3, None)
    );
    let kept: i64 = fixture
        .store
        .database
        .query_row("SELECT COUNT(*) FROM messages", [], |row| row.get(0))
        .unwrap();
    assert_eq!(kept, 0, "told messages are not kept");
}

#[test]
fn a_begun_message_goes_on_as_it_was_begun() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.take("m1", false);
    let key = fixture.store.next(&target()).unwrap().unwrap().key;
    let pieces = vec![piece(); 3];
    assert!(fixture.store.begin_message(key, &pieces, NOW).unwrap());
    assert!(
        !fixture.store.begin_message(key, &[piece()], NOW).unwrap(),
        "it is not begun twice"
    );
    let progress = fixture.store.piece_done(key, Some("x"), NOW).unwrap();
    assert_eq!(progress, Progress::More);
    fixture.store.tried(key, NOW + 5).unwrap();
    let mut fixture = fixture.reopen();
    let waiting = fixture.store.next(&target()).unwrap().unwrap();
    assert_eq!(waiting.pieces, Some(pieces));
    assert_eq!(
        (waiting.done, waiting.tried_unix_ms),
        (1, Some(NOW + 5)),
        "{waiting:?}"
    );
    assert_eq!(waiting.behind.as_deref(), Some("x"));
}

#[test]
fn a_doubt_lasts_until_the_piece_is_done() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.take("m1", false);
    let key = fixture.store.next(&target()).unwrap().unwrap().key;
    fixture
        .store
        .begin_message(key, &vec![piece(); 2], NOW)
        .unwrap();
    fixture.store.postponed(key, false).unwrap();
    let tried = |fixture: &mut Fixture| {
        let waiting = fixture.store.next(&target()).unwrap().unwrap();
        waiting.tried_unix_ms
    };
    assert_eq!(tried(&mut fixture), None, "surely not sent");
    fixture.store.tried(key, NOW + 1).unwrap();
    fixture.store.postponed(key, true).unwrap();
    fixture.store.tried(key, NOW + 2).unwrap();
    fixture.store.postponed(key, false).unwrap();
    assert_eq!(tried(&mut fixture), Some(NOW + 1), "the first doubt counts");
    assert_eq!(fixture.store.counts().unwrap()[0].uncertain, 1);
    fixture.store.tried(key, NOW + 3).unwrap();
    let mut fixture = fixture.reopen();
    fixture.store.tried(key, NOW + 4).unwrap();
    assert_eq!(fixture.store.counts().unwrap()[0].uncertain, 2, "a crash");
    fixture.store.piece_done(key, None, NOW).unwrap();
    assert_eq!(tried(&mut fixture), None);
}

#[test]
fn a_full_queue_gives_up_the_oldest_that_was_not_begun() {
    let mut fixture = Fixture::new(Bounds::default());
    for number in 0..10 {
        fixture.take(&format!("m{number}"), false);
    }
    let begun = fixture.store.next(&target()).unwrap().unwrap().key;
    fixture
        .store
        .begin_message(begun, &[piece(), piece()], NOW)
        .unwrap();
    for number in 10..13 {
        fixture.take(&format!("m{number}"), false);
    }
    assert_eq!(fixture.head().as_deref(), Some("text of m0"));
    fixture.store.piece_done(begun, None, NOW).unwrap();
    fixture.store.piece_done(begun, None, NOW).unwrap();
    assert_eq!(fixture.head().as_deref(), Some("text of m4"));
    assert_eq!(fixture.given_up(Reason::QueueFull), 3);
    assert_eq!(fixture.store.counts().unwrap()[0].waiting, 9);
}

#[test]
fn what_waited_too_long_is_swept() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.take("m1", false);
    fixture.take("m2", false);
    let begun = fixture.store.next(&target()).unwrap().unwrap().key;
    fixture.store.begin_message(begun, &[piece()], NOW).unwrap();
    assert_eq!(fixture.store.sweep(&target(), NOW, true).unwrap(), 0);
    assert_eq!(fixture.store.sweep(&target(), NOW + 1, false).unwrap(), 1);
    assert_eq!(fixture.store.sweep(&target(), NOW + 1, true).unwrap(), 1);
    assert_eq!(fixture.given_up(Reason::TooOld), 2);
}

#[test]
fn our_own_words_are_known_and_are_copies() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.take("m1", false);
    fixture.tell(2, "echo");
    let there = target().place();
    let twins = |fixture: &mut Fixture, from: &Room, id: &str, to: &Room| {
        fixture.store.twins(from, id, to).unwrap()
    };
    assert_eq!(
        twins(&mut fixture, &place(), "m1", &there),
        ["echo.0", "echo.1"]
    );
    assert_eq!(twins(&mut fixture, &there, "echo.1", &place()), ["m1"]);
    assert!(twins(&mut fixture, &there, "other", &place()).is_empty());
    let ours = Message {
        side: there.side,
        room: there.room,
        id: Some("echo.1".to_owned()),
        ..said("m1")
    };
    let arrival = Arrival {
        now_unix_ms: NOW,
        replayed: true,
    };
    assert_eq!(
        fixture.store.accept(&ours, &[], arrival).unwrap(),
        Accepted::Known
    );
}

#[test]
fn the_mark_is_the_newest_that_was_said() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.store.begin_room(&place(), NOW + 100).unwrap();
    fixture.take("m5", false);
    let mark = |fixture: &mut Fixture| fixture.store.mark(&place()).unwrap().unwrap();
    let five = Mark {
        id: Some("m5".to_owned()),
        at_unix_ms: NOW + 5,
    };
    assert_eq!(mark(&mut fixture), five, "a guessed mark gives way");
    fixture.take("m3", true);
    fixture.store.begin_room(&place(), NOW + 100).unwrap();
    assert_eq!(mark(&mut fixture), five);
    let far = Message {
        at_unix_ms: NOW * 2,
        ..said("m9")
    };
    let arrival = Arrival {
        now_unix_ms: NOW,
        replayed: false,
    };
    fixture.store.accept(&far, &[], arrival).unwrap();
    assert_eq!(mark(&mut fixture).at_unix_ms, NOW + 5 * 60 * 1000);
}

#[test]
fn an_edit_is_not_taken_for_the_message_it_changes() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.take("m1", false);
    let arrival = Arrival {
        now_unix_ms: NOW,
        replayed: false,
    };
    let of = "m1".to_owned();
    let edit = Message {
        kind: Kind::Edit { of: of.clone() },
        ..said("m1")
    };
    for _ in 0..2 {
        let accepted = fixture.store.accept(&edit, &[to(10)], arrival).unwrap();
        assert_eq!(accepted, Accepted::New);
    }
    let gone = Message {
        kind: Kind::Delete { of },
        ..said("m1")
    };
    let mut accept = || fixture.store.accept(&gone, &[to(10)], arrival).unwrap();
    assert_eq!((accept(), accept()), (Accepted::New, Accepted::Known));
}

#[test]
fn forgetting_never_lets_an_old_message_in_again() {
    let mut fixture = Fixture::new(Bounds {
        known_min: 100,
        known_max: 200,
        ..Bounds::default()
    });
    fixture.store.begin().unwrap();
    for number in 0..1_000 {
        assert_eq!(fixture.take(&format!("m{number}"), false), Accepted::New);
    }
    let known: u32 = fixture
        .store
        .database
        .query_row("SELECT COUNT(*) FROM known", [], |row| row.get(0))
        .unwrap();
    assert!(known <= 200 + 256, "{known} ids are remembered");
    for number in 0..1_000 {
        assert_eq!(fixture.take(&format!("m{number}"), true), Accepted::Known);
    }
    fixture.store.commit().unwrap();
}

#[test]
fn what_was_said_before_the_first_start_is_never_news() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.store.begin_room(&place(), NOW + 50_000).unwrap();
    assert_eq!(fixture.take("m49000", true), Accepted::Known);
    assert_eq!(fixture.take("m50001", true), Accepted::New);
    // The other end's clock is behind: this one is told as it happens, so all that follow are later.
    assert_eq!(fixture.take("m20000", false), Accepted::New);
    assert_eq!(fixture.take("m19000", true), Accepted::Known);
    assert_eq!(fixture.take("m21000", true), Accepted::New);
    let mut fixture = fixture.reopen();
    fixture.store.begin_room(&place(), NOW + 90_000).unwrap();
    assert_eq!(fixture.take("m22000", true), Accepted::New);
}

#[test]
fn our_users_are_remembered_up_to_a_bound() {
    let mut fixture = Fixture::new(Bounds {
        own_max: 2,
        ..Bounds::default()
    });
    for id in ["a", "b", "a", "c"] {
        fixture.store.add_own("kosmi.a", id).unwrap();
    }
    assert_eq!(fixture.store.own("kosmi.a").unwrap(), ["c", "a"]);
    assert!(fixture.store.own("kosmi.b").unwrap().is_empty());
}

#[test]
fn forgotten_links_keep_what_waits_in_them() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.take("m1", false);
    fixture.store.retain(&[], &[]).unwrap();
    assert_eq!(fixture.store.mark(&place()).unwrap(), None);
    assert_eq!(fixture.head().as_deref(), Some("text of m1"));
    fixture.tell(1, "a");
    fixture.store.retain(&[], &[]).unwrap();
    assert_eq!(fixture.store.counts().unwrap(), []);
}

#[test]
fn what_cannot_be_read_does_not_hold_up_the_rest() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.take("m1", false);
    fixture.take("m2", false);
    fixture
        .store
        .database
        .execute("UPDATE messages SET body = '{' WHERE key = 1", [])
        .unwrap();
    assert_eq!(fixture.head().as_deref(), Some("text of m2"));
    assert_eq!(fixture.given_up(Reason::Unreadable), 1);
}

#[test]
fn long_ids_are_told_apart_and_short_in_the_file() {
    let mut fixture = Fixture::new(Bounds::default());
    let long = |end: &str| Message {
        id: Some("x".repeat(100_000) + end),
        ..said("m1")
    };
    let arrival = Arrival {
        now_unix_ms: NOW,
        replayed: false,
    };
    for (end, accepted) in [
        ("1", Accepted::New),
        ("2", Accepted::New),
        ("1", Accepted::Known),
    ] {
        let found = fixture.store.accept(&long(end), &[], arrival).unwrap();
        assert_eq!(found, accepted);
    }
}

#[test]
fn a_renamed_link_takes_over_what_waits() {
    let mut fixture = Fixture::new(Bounds::default());
    fixture.take("m1", false);
    let renamed = Target {
        link: "renamed".to_owned(),
        ..target()
    };
    let arrival = Arrival {
        now_unix_ms: NOW,
        replayed: false,
    };
    let recipient = Recipient {
        target: renamed.clone(),
        queue_max: 10,
    };
    fixture
        .store
        .accept(&said("m2"), &[recipient], arrival)
        .unwrap();
    let mut adopt = |said_in: &Room| {
        let store = &mut fixture.store;
        store.adopt(said_in, &target(), &renamed).unwrap()
    };
    assert_eq!(adopt(&target().place()), 0, "said elsewhere");
    assert_eq!(adopt(&place()), 1);
    assert_eq!(fixture.head(), None);
    let waiting = fixture.store.next(&renamed).unwrap().unwrap();
    assert_eq!(waiting.message.text, "text of m1", "the older one is first");
    let waiting: Vec<u64> = fixture
        .store
        .counts()
        .unwrap()
        .iter()
        .map(|line| line.waiting)
        .collect();
    assert_eq!(waiting, [0, 2]);
}

#[test]
fn the_age_of_what_was_missed_counts_from_when_it_was_said() {
    let mut fixture = Fixture::new(Bounds::default());
    let arrival = |replayed| Arrival {
        now_unix_ms: NOW + 1_000,
        replayed,
    };
    let mut since = |id: &str, replayed| {
        let store = &mut fixture.store;
        store
            .accept(&said(id), &[to(10)], arrival(replayed))
            .unwrap();
        let key = store.next(&target()).unwrap().unwrap();
        store.give_up(key.key, Reason::Refused).unwrap();
        key.since_unix_ms - NOW
    };
    assert_eq!(since("m7", true), 7);
    assert_eq!(since("m8", false), 1_000, "a live one is from now");
    assert_eq!(since("m2000", true), 1_000, "nothing is from later");
}

#[test]
fn copies_and_quotes_are_remembered_up_to_a_bound() {
    let mut fixture = Fixture::new(Bounds {
        originals_max: 100,
        quotes_max: 10,
        ..Bounds::default()
    });
    fixture.store.begin().unwrap();
    for number in 0..600 {
        fixture.take(&format!("m{number}"), false);
        fixture.tell(1, &format!("echo{number}"));
    }
    fixture.store.commit().unwrap();
    let rows = |table: &str| -> u32 {
        let count = format!("SELECT COUNT(*) FROM {table}");
        let database = &fixture.store.database;
        database.query_row(&count, [], |row| row.get(0)).unwrap()
    };
    assert!(rows("copies") <= 2 * (100 + 256), "{}", rows("copies"));
    assert!(rows("quotes") <= 10 + 256, "{}", rows("quotes"));
    let there = target().place();
    let twins = fixture.store.twins(&place(), "m599", &there).unwrap();
    assert_eq!(twins, ["echo599.0"]);
    let quote = fixture.store.quote(&there, "echo599.0").unwrap();
    assert_eq!(
        quote.map(|quote| quote.start),
        Some("text of m599".to_owned())
    );
    assert!(
        fixture
            .store
            .twins(&place(), "m1", &there)
            .unwrap()
            .is_empty()
    );
    assert_eq!(fixture.store.quote(&place(), "m1").unwrap(), None);
}
