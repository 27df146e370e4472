//! One side's words, as they come.

use std::time::Duration;

use tempfile::TempDir;
use towpath_chat::{Author, File, FormatSettings, Kind, Rules};
use towpath_outbox::{Bounds, Outbox, QueueLine};

use super::*;
use crate::plan::{Direction, Link, Member, Plan, Uncertain};
use crate::routes::Routes;
use crate::status::Heard;

fn member(side: &str, room: &str) -> Member {
    let formats = FormatSettings::default().formats(&Rules::default());
    Member {
        side: side.to_owned(),
        room: room.to_owned(),
        formats: formats.expect("the defaults are formats"),
        ignore: Vec::new(),
        direction: Direction::Both,
        uncertain: Uncertain::Repeat,
        age_max: Duration::from_hours(24),
        queue_max: 100,
    }
}

/// Has one side tell these, and says what was heard and what waits then.
async fn take(events: Vec<Event>) -> (Heard, Vec<QueueLine>, Vec<String>) {
    let folder = TempDir::new().expect("a folder");
    let outbox = Outbox::open(&folder.path().join("relay.sqlite"), Bounds::default());
    let shared = Arc::new(Shared::new(outbox.expect("a store")));
    shared.set_routes(Routes::of(&Plan {
        sides: [].into(),
        links: vec![Link {
            name: "lounge".to_owned(),
            members: vec![member("kosmi.a", "@a"), member("irc.b", "#b")],
        }],
        replay_at_first_start: Duration::ZERO,
        age_max: Duration::from_hours(24),
    }));
    let counts = Arc::new(Counts::default());
    let intake = Intake {
        side: "kosmi.a".to_owned(),
        shared: Arc::clone(&shared),
        counts: Arc::clone(&counts),
        own: HashSet::from(["us-before".to_owned()]),
    };
    let (sender, receiver) = mpsc::channel(events.len());
    for event in events {
        sender.send(event).await.expect("there is room");
    }
    drop(sender);
    intake.run(receiver).await;
    let lines = shared.outbox.counts().await.expect("counts");
    let own = shared.outbox.own("kosmi.a").await.expect("users");
    (counts.picture(), lines, own)
}

fn said(room: &str, author: &str, text: &str) -> Event {
    let message = Message {
        side: "kosmi.a".to_owned(),
        room: room.to_owned(),
        id: Some(format!("{author} {}", text.len())),
        author: Author {
            id: Some(author.to_owned()),
            name: author.to_owned(),
            ..Author::default()
        },
        kind: Kind::Text,
        text: text.to_owned(),
        at_unix_ms: now_unix_ms(),
        reply_to: None,
        files: Vec::new(),
    };
    Event::Said {
        message: Box::new(message),
        replayed: false,
    }
}

#[tokio::test]
async fn what_we_said_under_any_id_is_not_told() {
    let own = Event::Own {
        user_id: "us-now".to_owned(),
    };
    let (heard, lines, users) = take(vec![
        said("@a", "us-before", "one"),
        own.clone(),
        own,
        said("@a", "us-now", "two"),
        said("@a", "ann", "three"),
    ])
    .await;
    assert_eq!((heard.own, heard.taken), (2, 3));
    assert_eq!(lines[0].waiting, 1);
    assert_eq!(users, ["us-now"], "it is remembered once");
}

#[tokio::test]
async fn gaps_are_counted_and_other_rooms_left_alone() {
    let missed = |messages| Event::Missed {
        room: "@a".to_owned(),
        why: "the history ends there".to_owned(),
        messages,
    };
    let (heard, lines, _) = take(vec![
        missed(Some(7)),
        missed(None),
        said("@elsewhere", "ann", "nobody wants this"),
        said("@a", "ann", "hi"),
        said("@a", "ann", "hi"),
    ])
    .await;
    assert_eq!((heard.missed, heard.taken, heard.known), (8, 1, 1));
    assert_eq!(lines[0].waiting, 1);
}

#[test]
fn no_message_fills_the_store() {
    let Event::Said { mut message, .. } = said("@a", "ann", &"ä".repeat(TEXT_BYTES_MAX)) else {
        unreachable!("it was said");
    };
    let long = || Some("n".repeat(1_000_000));
    message.author = Author {
        id: long(),
        name: "n".repeat(100_000),
        avatar: long(),
        network: long(),
    };
    message.reply_to = long();
    let file = |url: &str| File {
        name: "picture".to_owned(),
        url: url.to_owned(),
        comment: "c".repeat(100_000),
    };
    message.files = vec![file("https://a.example/"); 100];
    message
        .files
        .insert(0, file(&"x".repeat(URL_BYTES_MAX + 1)));
    bound(&mut message);
    assert_eq!(message.files.len(), FILES_MAX);
    let bytes = serde_json::to_string(&message).expect("JSON").len();
    assert!(bytes < 3 * TEXT_BYTES_MAX, "{bytes}");
    assert!(message.text.ends_with("ä…"));
}
