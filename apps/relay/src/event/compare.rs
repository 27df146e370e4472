//! What is new between two pictures. It must never tell the same trouble again because only the next attempt's time changed.

use std::collections::BTreeMap;

use towpath_sides::{Finding, State, States};

use super::Event;
use crate::status::{LinkStatus, SideStatus, Status};
use crate::words;

/// What there is to tell, sides first.
pub(crate) fn changes(before: &Status, after: &Status) -> Vec<Event> {
    let mut events = Vec::new();
    if before.store_trouble != after.store_trouble {
        events.push(Event::Store {
            trouble: after.store_trouble.clone(),
        });
    }
    for (name, side) in &after.sides {
        side_changes(&mut events, name, before.sides.get(name), side);
    }
    let known = queues(&before.links);
    for (at, queue) in queues(&after.links) {
        for (reason, count) in queue {
            let told = known.get(&at).and_then(|queue| queue.get(reason));
            let messages = count.saturating_sub(told.copied().unwrap_or(0));
            // What a member lost before this relay ran is in its numbers, but it is no news.
            if messages > 0 && known.contains_key(&at) {
                let (link, side, room) = at;
                events.push(Event::GivenUp {
                    link: link.to_owned(),
                    side: side.to_owned(),
                    room: room.to_owned(),
                    reason: reason.clone(),
                    messages,
                });
            }
        }
    }
    events
}

/// The picture with the trouble of a side or room that is just being tried again, since the attempt is no news before it ends.
pub(crate) fn still_failing(before: &Status, mut after: Status) -> Status {
    let keep = |known: Option<&State>, state: &mut State| {
        if let (Some(State::Waiting { .. }), State::Connecting) = (known, &*state) {
            *state = known.cloned().unwrap_or_default();
        }
    };
    for (name, side) in &mut after.sides {
        let Some(known) = before.sides.get(name).map(|side| &side.states) else {
            continue;
        };
        if is_untried(&side.kind, known, &side.states) {
            side.states.connection.clone_from(&known.connection);
            side.states.rooms.clone_from(&known.rooms);
        }
        keep(Some(&known.connection), &mut side.states.connection);
        for (room, state) in &mut side.states.rooms {
            keep(known.rooms.get(room), state);
        }
    }
    after
}

/// Whether a webhook that failed only may be tried again: it has no connection that could say more before the next post.
fn is_untried(kind: &str, before: &States, after: &States) -> bool {
    kind == "webhook"
        && matches!(before.connection, State::Waiting { .. })
        && after.connection.is_ready()
        && after.connections == before.connections
}

fn side_changes(
    events: &mut Vec<Event>,
    name: &str,
    before: Option<&SideStatus>,
    after: &SideStatus,
) {
    let connection = &after.states.connection;
    if before.is_none_or(|before| is_news(&before.states.connection, connection)) {
        events.push(Event::Side {
            side: name.to_owned(),
            state: connection.clone(),
            speaks_as: after.states.speaks_as.clone(),
            way: after.states.way.clone(),
        });
    }
    for (room, state) in &after.states.rooms {
        let known = before.and_then(|before| before.states.rooms.get(room));
        let is_news = match known {
            Some(known) => is_news(known, state),
            None => !matches!(state, State::Connecting),
        };
        // Where the whole side waits, each of its rooms does.
        if is_news
            && words::why(state).is_none_or(|why| words::why(connection) != Some(why))
            && !is_told_of_another(events, name, state)
            && before.is_none_or(|before| !is_known_of_another(&before.states, state))
        {
            events.push(Event::Room {
                side: name.to_owned(),
                room: room.clone(),
                state: state.clone(),
            });
        }
    }
    let known = before.map(|before| before.heard).unwrap_or_default();
    let missed = after.heard.missed.saturating_sub(known.missed);
    if missed > 0 {
        events.push(Event::NotHeard {
            side: name.to_owned(),
            messages: missed,
        });
    }
    // The first one tells of the loop; the picture counts on.
    if known.echoes == 0 && after.heard.echoes > 0 {
        events.push(Event::Echoes {
            side: name.to_owned(),
            messages: after.heard.echoes,
        });
    }
}

/// Whether what was found about the server was told for another room of the side just now.
fn is_told_of_another(events: &[Event], name: &str, state: &State) -> bool {
    found(state).is_some()
        && events.iter().any(|event| match event {
            Event::Room {
                side, state: told, ..
            } => side == name && found(told) == found(state),
            _ => false,
        })
}

/// Whether another room of the side waits for the same finding since before.
fn is_known_of_another(before: &States, state: &State) -> bool {
    found(state).is_some()
        && before
            .rooms
            .values()
            .any(|known| found(known) == found(state))
}

/// What an inquiry found behind a state: it is about the server, and so about all rooms.
fn found(state: &State) -> Option<&Finding> {
    words::why(state)?.finding.as_ref()
}

/// Whether a state says something that the one before did not.
fn is_news(before: &State, after: &State) -> bool {
    words::state(before) != words::state(after) || words::why(before) != words::why(after)
}

type Member<'s> = (&'s str, &'s str, &'s str);

fn queues(links: &[LinkStatus]) -> BTreeMap<Member<'_>, &BTreeMap<String, u64>> {
    let members = links.iter().flat_map(|link| {
        link.members.iter().map(move |member| {
            let at = (
                link.name.as_str(),
                member.side.as_str(),
                member.room.as_str(),
            );
            (at, &member.queue.given_up)
        })
    });
    members.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    fn lines(before: &Status, after: &Status) -> Vec<String> {
        changes(before, after)
            .iter()
            .map(Event::to_string)
            .collect()
    }

    #[test]
    fn a_first_picture_tells_each_side_once() {
        let lines = lines(&Status::default(), &testing::status());
        assert_eq!(
            lines,
            [
                "irc.libera: waiting: irc.libera.chat:6697 refuses connections (tcp-refused, certain)\n  what helps: Ask the operator <whether> the server runs.",
                "kosmi.main: ready as Anonymous Otter, directly: it answers",
                "kosmi.main @lounge: ready",
                "kosmi.main: 1 message repeated what was told there; is another bridge in the same room?",
            ]
        );
    }

    #[test]
    fn another_time_of_the_next_attempt_is_no_news() {
        let before = testing::status();
        let mut after = before.clone();
        let side = after.sides.get_mut("irc.libera").unwrap();
        if let State::Waiting { until_unix_ms, .. } = &mut side.states.connection {
            *until_unix_ms += 60_000;
        }
        assert_eq!(changes(&before, &after), []);
        let side = after.sides.get_mut("irc.libera").unwrap();
        side.states.connection = State::Ready;
        side.states.rooms.insert("#lounge".to_owned(), State::Ready);
        assert_eq!(
            lines(&before, &after),
            ["irc.libera: ready", "irc.libera #lounge: ready"]
        );
    }

    #[test]
    fn a_side_that_is_tried_again_is_told_when_that_ends() {
        let before = testing::status();
        let trying = |status: &Status| {
            let mut status = status.clone();
            let states = &mut status.sides.get_mut("irc.libera").unwrap().states;
            states.connection = State::Connecting;
            states.rooms.insert("#lounge".to_owned(), State::Connecting);
            still_failing(&before, status)
        };
        let again = trying(&before);
        assert_eq!(changes(&before, &again), []);
        let failed = still_failing(&again, before.clone());
        assert_eq!(changes(&again, &failed), []);
        let mut ready = before.clone();
        let states = &mut ready.sides.get_mut("irc.libera").unwrap().states;
        states.connection = State::Ready;
        let ready = still_failing(&again, ready);
        assert_eq!(lines(&again, &ready), ["irc.libera: ready"]);
    }

    #[test]
    fn a_webhook_is_ready_again_when_it_has_taken_something() {
        let mut before = testing::status();
        let side = before.sides.get_mut("irc.libera").unwrap();
        side.kind = "webhook".to_owned();
        let mut after = before.clone();
        let side = after.sides.get_mut("irc.libera").unwrap();
        side.states.connection = State::Ready;
        let may = still_failing(&before, after.clone());
        assert_eq!(changes(&before, &may), []);
        let side = after.sides.get_mut("irc.libera").unwrap();
        side.states.connections += 1;
        let told = lines(&may, &still_failing(&may, after));
        assert_eq!(told, ["irc.libera: ready"]);
    }

    #[test]
    fn what_keeps_all_rooms_from_their_server_is_told_for_one() {
        let mut before = testing::status();
        let states = &mut before.sides.get_mut("irc.libera").unwrap().states;
        let waiting = std::mem::replace(&mut states.connection, State::Ready);
        states.rooms = ["#a", "#b", "#c"]
            .map(|room| (room.to_owned(), State::Ready))
            .into();
        let fail = |status: &Status, rooms: &[&str]| {
            let mut status = status.clone();
            let states = &mut status.sides.get_mut("irc.libera").unwrap().states;
            for room in rooms {
                states.rooms.insert((*room).to_owned(), waiting.clone());
            }
            status
        };
        let two = fail(&before, &["#a", "#b"]);
        let told = lines(&before, &two);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with("irc.libera #a: waiting"), "{told:?}");
        assert_eq!(changes(&two, &fail(&two, &["#c"])), []);
        assert_eq!(
            lines(&two, &before),
            ["irc.libera #a: ready", "irc.libera #b: ready"]
        );
    }

    #[test]
    fn what_is_given_up_is_told_as_a_difference() {
        let before = testing::status();
        let mut after = before.clone();
        after.links[0].members[1].queue.given_up =
            [("too-old".to_owned(), 5), ("refused".to_owned(), 1)].into();
        after.store_trouble = Some("the disk is full".to_owned());
        assert_eq!(
            lines(&before, &after),
            [
                "the store: the disk is full",
                "irc.libera #lounge (lounge): 1 message given up, refused",
                "irc.libera #lounge (lounge): 3 messages given up, too-old",
            ]
        );
    }

    #[test]
    fn json_says_the_state_beside_the_side() {
        let events = changes(&Status::default(), &testing::status());
        let json = serde_json::to_value(&events[0]).unwrap();
        assert_eq!(json["type"], "side");
        assert_eq!(json["state"], "waiting");
        assert_eq!(json["why"]["finding"]["cause"], "tcp-refused");
    }
}
