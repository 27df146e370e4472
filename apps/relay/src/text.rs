//! The picture as text for a terminal.

use std::fmt::Write as _;

use towpath_sides::{State, Why};

use crate::status::{MemberStatus, SideStatus, Status};
use crate::words;

/// Everything, one line a thing, troubles with their remedy below.
pub(crate) fn whole(status: &Status) -> String {
    let mut text = String::new();
    let now = status.at_unix_ms;
    let missing = status.not_ready();
    let line = match missing.len() {
        0 => "all sides are ready".to_owned(),
        _ => format!("not ready: {}", missing.join(", ")),
    };
    put(
        &mut text,
        format_args!(
            "{line} (running for {})",
            words::span(u64::try_from(now - status.started_unix_ms).unwrap_or(0))
        ),
    );
    if let Some(trouble) = &status.store_trouble {
        put(&mut text, format_args!("the store: {trouble}"));
    }
    for (name, side) in &status.sides {
        put(&mut text, format_args!(""));
        side_lines(&mut text, name, side, now);
    }
    for link in &status.links {
        put(&mut text, format_args!("\nlink {}", link.name));
        for member in &link.members {
            member_line(&mut text, member, now);
        }
    }
    for left in &status.left_over {
        let waiting = words::counted(left.waiting, "message waits", "messages wait");
        put(
            &mut text,
            format_args!(
                "\n{waiting} for {} {}, which link {} no longer has",
                left.side, left.room, left.link
            ),
        );
    }
    text
}

fn side_lines(text: &mut String, name: &str, side: &SideStatus, now: i64) {
    let states = &side.states;
    put(
        text,
        format_args!("{name}: {}", described(&states.connection, now)),
    );
    remedy(text, &states.connection);
    if let Some(way) = &states.way {
        put(text, format_args!("  way: {way}"));
    }
    if let Some(name) = &states.speaks_as {
        put(text, format_args!("  speaks as {name}"));
    }
    for (room, state) in &states.rooms {
        // What all rooms wait for is said above them.
        if words::why(state) == words::why(&states.connection) {
            put(text, format_args!("  {room}: {}", again(state, now)));
        } else {
            put(text, format_args!("  {room}: {}", described(state, now)));
            remedy(text, state);
        }
    }
    let heard = &side.heard;
    put(
        text,
        format_args!(
            "  heard {} ({} from history, {} known already, {} echoes, {} ignored, {} missed)",
            heard.taken, heard.replayed, heard.known, heard.echoes, heard.ignored, heard.missed
        ),
    );
    if let Some(trouble) = states
        .last_trouble
        .as_ref()
        .filter(|_| states.connection.is_ready())
    {
        put(
            text,
            format_args!(
                "  last trouble, {}: {}",
                words::ago(trouble.at_unix_ms, now),
                trouble.why
            ),
        );
    }
}

fn remedy(text: &mut String, state: &State) {
    if let Some(Why {
        remedy: Some(remedy),
        ..
    }) = words::why(state)
    {
        put(text, format_args!("  what helps: {remedy}"));
    }
}

fn member_line(text: &mut String, member: &MemberStatus, now: i64) {
    let (side, room, queue) = (&member.side, &member.room, &member.queue);
    if !member.writes {
        put(text, format_args!("  {side} {room}: only read"));
        return;
    }
    let lag = match queue.waiting {
        0 => String::new(),
        _ => format!(", the oldest for {}", words::span(queue.lag_ms(now))),
    };
    put(
        text,
        format_args!(
            "  {side} {room}: {} delivered, {} waiting{lag}, {} uncertain, {} given up",
            queue.delivered,
            queue.waiting,
            queue.uncertain,
            queue.given_up_in_all()
        ),
    );
    for (reason, count) in &queue.given_up {
        put(text, format_args!("    given up, {reason}: {count}"));
    }
    if let Some(why) = &queue.waits_for {
        put(text, format_args!("    {why}"));
    }
}

/// A state with when it is tried again.
fn again(state: &State, now: i64) -> String {
    let word = words::state(state);
    match state {
        State::Waiting { until_unix_ms, .. } => {
            format!("{word}; tried again {}", words::ahead(*until_unix_ms, now))
        }
        _ => word.to_owned(),
    }
}

/// A state with its reason and when it is tried again.
pub(crate) fn described(state: &State, now: i64) -> String {
    let word = words::state(state);
    match state {
        State::Waiting { why, until_unix_ms } => format!(
            "{word}: {why}; tried again {}",
            words::ahead(*until_unix_ms, now)
        ),
        State::Stopped { why } => format!("{word}: {why}"),
        State::Connecting | State::Ready => word.to_owned(),
    }
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a String takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_trouble_has_its_remedy_below() {
        let text = whole(&testing::status());
        let expected = "\
not ready: irc.libera (running for 1 h)

irc.libera: waiting: irc.libera.chat:6697 refuses connections (tcp-refused, certain); tried again in 8 s
  what helps: Ask the operator <whether> the server runs.
  #lounge: waiting; tried again in 8 s
  heard 0 (0 from history, 0 known already, 0 echoes, 0 ignored, 0 missed)

kosmi.main: ready
  way: directly: it answers
  speaks as Anonymous Otter
  @lounge: ready
  heard 12 (2 from history, 5 known already, 1 echoes, 0 ignored, 0 missed)

link lounge
  kosmi.main @lounge: 41 delivered, 0 waiting, 0 uncertain, 0 given up
  irc.libera #lounge: 7 delivered, 3 waiting, the oldest for 1 min, 1 uncertain, 2 given up
    given up, too-old: 2

1 message waits for irc.libera #old, which link old no longer has
";
        assert_eq!(text, expected);
    }
}
