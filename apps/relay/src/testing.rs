//! A picture with everything in it, for the tests of what shows it.

use towpath_diagnosis::Confidence;
use towpath_sides::{Finding, State, States, Trouble, Why};

use crate::status::{Heard, LeftOver, LinkStatus, MemberStatus, Queue, SideStatus, Status};

/// Kosmi well, IRC refused, one link, something left over.
pub(crate) fn status() -> Status {
    let why = Why {
        sentence: "irc.libera.chat:6697 refuses connections".to_owned(),
        remedy: Some("Ask the operator <whether> the server runs.".to_owned()),
        finding: Some(Finding {
            cause: "tcp-refused".to_owned(),
            confidence: Confidence::Certain,
        }),
    };
    let waiting = State::Waiting {
        why: why.clone(),
        until_unix_ms: NOW + 8_000,
    };
    let irc = refused(&waiting, why);
    let kosmi = well();
    let heard = Heard {
        taken: 12,
        replayed: 2,
        known: 5,
        echoes: 1,
        ..Heard::default()
    };
    let side = |kind: &str, network: &str, states, heard| SideStatus {
        kind: kind.to_owned(),
        network: network.to_owned(),
        states,
        heard,
    };
    Status {
        at_unix_ms: NOW,
        started_unix_ms: NOW - 3_600_000,
        sides: [
            (
                "irc.libera".to_owned(),
                side("irc", "IRC", irc, Heard::default()),
            ),
            (
                "kosmi.main".to_owned(),
                side("kosmi", "Kosmi", kosmi, heard),
            ),
        ]
        .into(),
        links: vec![LinkStatus {
            name: "lounge".to_owned(),
            members: vec![
                member("kosmi.main", "@lounge", State::Ready, told()),
                member("irc.libera", "#lounge", waiting, held()),
            ],
        }],
        left_over: vec![LeftOver {
            link: "old".to_owned(),
            side: "irc.libera".to_owned(),
            room: "#old".to_owned(),
            waiting: 1,
            oldest_unix_ms: Some(NOW - 7_200_000),
        }],
        store_trouble: None,
    }
}

fn refused(waiting: &State, why: Why) -> States {
    States {
        connection: waiting.clone(),
        rooms: [("#lounge".to_owned(), waiting.clone())].into(),
        last_trouble: Some(Trouble {
            at_unix_ms: NOW - 5_000,
            why,
        }),
        connections: 3,
        ..States::default()
    }
}

fn well() -> States {
    States {
        connection: State::Ready,
        way: Some("directly: it answers".to_owned()),
        speaks_as: Some("Anonymous Otter".to_owned()),
        rooms: [("@lounge".to_owned(), State::Ready)].into(),
        last_trouble: None,
        connections: 1,
    }
}

fn told() -> Queue {
    Queue {
        delivered: 41,
        ..Queue::default()
    }
}

fn held() -> Queue {
    Queue {
        waiting: 3,
        oldest_unix_ms: Some(NOW - 90_000),
        delivered: 7,
        uncertain: 1,
        given_up: [("too-old".to_owned(), 2)].into(),
        waits_for: None,
    }
}

fn member(side: &str, room: &str, state: State, queue: Queue) -> MemberStatus {
    MemberStatus {
        side: side.to_owned(),
        room: room.to_owned(),
        reads: true,
        writes: true,
        state,
        queue,
    }
}

/// 21 November 2026, 21:00 UTC.
pub(crate) const NOW: i64 = 1_795_294_800_000;
