//! Scenes of choosing. `vectors/choice.json` holds longer ones; these say why.

use super::*;
use Transport::{Poll, Sse, Stream, WebSocket};

fn choice(remembered: Option<Transport>) -> Choice {
    Choice::new(&TRANSPORTS, remembered)
}

fn started(actions: &[Action]) -> Vec<Transport> {
    let starts = actions.iter().filter_map(|action| match action {
        Action::Start { transport, .. } => Some(*transport),
        _ => None,
    });
    starts.collect()
}

#[test]
fn a_healthy_network_sees_one_websocket_and_nothing_else() {
    let mut choice = choice(None);
    assert_eq!(started(&choice.start(0)), [WebSocket]);
    assert_eq!(choice.proven(WebSocket, 150), []);
    assert_eq!(choice.deadline(), None);
}

#[test]
fn a_refused_websocket_is_followed_at_once_and_a_hung_one_after_a_beat() {
    let mut refused = choice(None);
    refused.start(0);
    assert_eq!(started(&refused.failed(WebSocket, 20)), [Stream]);
    let mut hung = choice(None);
    hung.start(0);
    assert_eq!(hung.tick(199), []);
    assert_eq!(started(&hung.tick(200)), [Stream]);
    assert_eq!(started(&hung.tick(400)), [Sse]);
    let won = hung.proven(Stream, 450);
    assert_eq!(
        won,
        [
            Action::Use { transport: Stream },
            Action::Cancel { transport: Sse }
        ]
    );
    // It hung on although another transport worked: that is remembered.
    let given_up = hung.tick(2450);
    assert_eq!(
        given_up,
        [
            Action::Cancel {
                transport: WebSocket
            },
            Action::Remember { transport: Stream }
        ]
    );
}

#[test]
fn a_slow_websocket_is_moved_up_to_and_nothing_is_remembered() {
    let mut choice = choice(None);
    choice.start(0);
    choice.tick(200);
    choice.proven(Stream, 250);
    let moved = choice.proven(WebSocket, 900);
    assert_eq!(
        moved,
        [Action::Use {
            transport: WebSocket
        }]
    );
    assert_eq!(choice.current(), Some(WebSocket));
}

#[test]
fn one_that_dies_early_again_and_again_loses_its_place() {
    let mut choice = choice(None);
    choice.start(0);
    choice.proven(WebSocket, 50);
    let again = choice.failed(WebSocket, 300);
    assert_eq!(started(&again), [WebSocket, Stream]);
    choice.proven(WebSocket, 350);
    let waits = choice.failed(WebSocket, 600);
    assert_eq!(waits, [Action::Wait { milliseconds: 100 }]);
    assert_eq!(started(&choice.retry(700)), [Stream]);
    let won = choice.proven(Stream, 750);
    assert!(
        won.contains(&Action::Remember { transport: Stream }),
        "{won:?}"
    );
}

#[test]
fn an_outage_teaches_nothing() {
    let mut choice = choice(None);
    choice.start(0);
    choice.proven(WebSocket, 50);
    let mut now = 1000;
    assert_eq!(started(&choice.failed(WebSocket, now)).len(), 2);
    let mut waits = Vec::new();
    while now < 60_000 {
        now += 1;
        for transport in TRANSPORTS {
            for action in choice.failed(transport, now) {
                if let Action::Wait { milliseconds } = action {
                    waits.push(milliseconds);
                    now += milliseconds;
                    choice.retry(now);
                }
            }
        }
    }
    assert_eq!(waits[..4], [100, 200, 400, 400]);
    assert_eq!(waits.last(), Some(&10_000));
    choice.proven(WebSocket, now);
    assert_eq!(choice.remembered, None);
    assert_eq!(choice.strikes.of(WebSocket), 0);
}

#[test]
fn sleep_and_offline_do_not_count() {
    let mut asleep = choice(None);
    asleep.start(0);
    asleep.proven(WebSocket, 50);
    asleep.woke(60);
    assert_eq!(started(&asleep.failed(WebSocket, 100)), [WebSocket]);
    let mut offline = choice(None);
    offline.start(0);
    offline.online(false, 1);
    for transport in TRANSPORTS {
        offline.failed(transport, 5);
    }
    assert_eq!(started(&offline.online(true, 8)), [WebSocket]);
    assert_eq!(offline.proven(WebSocket, 9), []);
}

#[test]
fn better_ones_are_tried_again_and_the_wait_doubles_up_to_an_hour() {
    let mut choice = choice(Some(Poll));
    assert_eq!(started(&choice.start(0)), [Poll]);
    choice.proven(Poll, 10);
    assert_eq!(choice.deadline(), Some(60_010));
    let mut at = Vec::new();
    for _ in 0..8 {
        let now = choice.probe_at.unwrap();
        assert_eq!(started(&choice.tick(now)), [WebSocket, Stream, Sse]);
        for transport in [WebSocket, Stream, Sse] {
            choice.failed(transport, now + 5);
        }
        at.push((choice.probe_at.unwrap() - now) / 60_000);
    }
    assert_eq!(at, [1, 2, 4, 8, 16, 32, 60, 60]);
    let now = choice.probe_at.unwrap();
    choice.tick(now);
    let moved = choice.proven(Stream, now + 90);
    assert_eq!(
        moved[..2],
        [
            Action::Use { transport: Stream },
            Action::Cancel { transport: Sse }
        ]
    );
    assert!(moved.contains(&Action::Forget));
    assert_eq!(choice.current(), Some(Stream));
}

#[test]
fn one_that_was_overtaken_is_tried_again_without_a_strike() {
    let mut choice = choice(None);
    choice.start(0);
    choice.tick(200);
    choice.proven(Stream, 300);
    assert_eq!(started(&choice.superseded(WebSocket, 310)), [WebSocket]);
    assert_eq!(choice.strikes.of(WebSocket), 0);
    let moved = choice.proven(WebSocket, 500);
    assert_eq!(
        moved,
        [Action::Use {
            transport: WebSocket
        }]
    );
}

#[test]
fn stopping_leaves_nothing_behind() {
    let mut choice = choice(None);
    choice.start(0);
    choice.tick(200);
    assert_eq!(choice.stop().len(), 2);
    assert_eq!((choice.deadline(), choice.retry(1).len()), (None, 0));
}
