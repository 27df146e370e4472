//! What tasks see of the store: nothing is answered before it is on the disk, nobody waits in vain, and a full disk loses nothing.

use std::time::Duration;

use tempfile::TempDir;
use towpath_chat::{Author, Kind};

use super::*;

fn open(folder: &TempDir) -> Outbox {
    Outbox::open(&folder.path().join("relay.sqlite"), Bounds::default()).expect("a store")
}

fn message(id: &str, text: &str) -> Message {
    Message {
        side: "kosmi.a".to_owned(),
        room: "@a".to_owned(),
        id: Some(id.to_owned()),
        author: Author::default(),
        kind: Kind::Text,
        text: text.to_owned(),
        at_unix_ms: 0,
        reply_to: None,
        files: Vec::new(),
    }
}

fn recipient() -> Recipient {
    Recipient {
        target: Target {
            link: "lounge".to_owned(),
            side: "irc.b".to_owned(),
            room: "#b".to_owned(),
        },
        queue_max: 10_000,
    }
}

const LIVE: Arrival = Arrival {
    now_unix_ms: 1,
    replayed: false,
};

#[tokio::test]
async fn whoever_comes_late_finds_what_changed() {
    let folder = TempDir::new().unwrap();
    let outbox = open(&folder);
    let to = recipient();
    outbox
        .accept(&message("1", "hi"), std::slice::from_ref(&to), LIVE)
        .await
        .unwrap();
    let waited = tokio::time::timeout(Duration::from_mins(1), outbox.changed(&to.target)).await;
    assert!(waited.is_ok(), "it changed before anybody waited");
    assert!(outbox.next(&to.target).await.unwrap().is_some());
}

#[tokio::test]
async fn requests_of_many_tasks_share_commits_and_fail_alone() {
    let folder = TempDir::new().unwrap();
    let outbox = open(&folder);
    let accepts = (0..200).map(|number| {
        let outbox = outbox.clone();
        tokio::spawn(async move {
            let message = message(&format!("m{}", number / 2), "hi");
            outbox.accept(&message, &[recipient()], LIVE).await.unwrap()
        })
    });
    let failing = outbox.ask(|_| -> Result<(), Error> { Err(Error::DiskFull) });
    let (failed, accepted) = tokio::join!(failing, async {
        let mut accepted = Vec::new();
        for accept in accepts {
            accepted.push(accept.await.unwrap());
        }
        accepted
    });
    assert!(matches!(failed, Err(Error::DiskFull)));
    let new = accepted.iter().filter(|one| **one == Accepted::New);
    assert_eq!(new.count(), 100);
    assert_eq!(outbox.counts().await.unwrap()[0].waiting, 100);
}

#[tokio::test]
async fn a_full_disk_refuses_and_loses_nothing() {
    let folder = TempDir::new().unwrap();
    let outbox = open(&folder);
    let to = [recipient()];
    outbox
        .accept(&message("1", "kept"), &to, LIVE)
        .await
        .unwrap();
    outbox.ask(|store| store.limit_pages(40)).await.unwrap();
    let large = "x".repeat(1024 * 1024);
    let refused = outbox.accept(&message("2", &large), &to, LIVE).await;
    assert!(matches!(refused, Err(Error::DiskFull)), "{refused:?}");
    outbox.ask(|store| store.limit_pages(4_000)).await.unwrap();
    let again = outbox.accept(&message("2", &large), &to, LIVE).await;
    assert_eq!(again.unwrap(), Accepted::New, "it was not half accepted");
    let first = outbox.next(&to[0].target).await.unwrap().unwrap();
    assert_eq!(first.message.text, "kept");
}

#[tokio::test]
async fn a_closed_store_says_so_and_frees_the_file() {
    let folder = TempDir::new().unwrap();
    let outbox = open(&folder);
    let other = outbox.clone();
    outbox.close().await;
    let late = other.accept(&message("1", "late"), &[], LIVE).await;
    assert!(matches!(late, Err(Error::Closed)));
    let again = open(&folder);
    assert!(again.counts().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_interrupted_store_keeps_what_it_committed() {
    let folder = TempDir::new().unwrap();
    let outbox = open(&folder);
    outbox.interrupt_after(2, false).await;
    let to = [recipient()];
    let first = outbox.accept(&message("1", "one"), &to, LIVE).await;
    assert!(first.is_ok());
    let second = outbox.accept(&message("2", "two"), &to, LIVE).await;
    assert!(matches!(second, Err(Error::Closed)), "kept, but not said");
    outbox.ended().await;
    let again = open(&folder);
    assert_eq!(again.counts().await.unwrap()[0].waiting, 2);
}
