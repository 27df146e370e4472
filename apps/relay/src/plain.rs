//! What other ends say of themselves, without anything that a terminal would obey. It must never leave a line break or an escape.

use towpath_chat::clean;
use towpath_sides::{State, States, Why};

/// A text as one line that does nothing but be read.
pub(crate) fn line(text: &str) -> String {
    clean(text).replace('\n', " ")
}

/// How a side goes, in such lines.
pub(crate) fn states(states: States) -> States {
    let trouble = states.last_trouble.map(|mut trouble| {
        trouble.why = why(trouble.why);
        trouble
    });
    States {
        connection: state(states.connection),
        way: states.way.as_deref().map(line),
        speaks_as: states.speaks_as.as_deref().map(line),
        rooms: states
            .rooms
            .into_iter()
            .map(|(room, of)| (room, state(of)))
            .collect(),
        last_trouble: trouble,
        connections: states.connections,
    }
}

/// One connection or room, in such lines.
pub(crate) fn state(state: State) -> State {
    match state {
        State::Waiting {
            why: told,
            until_unix_ms,
        } => State::Waiting {
            why: why(told),
            until_unix_ms,
        },
        State::Stopped { why: told } => State::Stopped { why: why(told) },
        other => other,
    }
}

fn why(why: Why) -> Why {
    Why {
        sentence: line(&why.sentence),
        remedy: why.remedy.as_deref().map(line),
        finding: why.finding,
    }
}

#[cfg(test)]
mod tests {
    use towpath_sides::Trouble;

    use super::*;

    #[test]
    fn a_server_can_neither_colour_nor_forge_a_line() {
        let told = Why {
            remedy: Some("a\u{9b}2J".to_owned()),
            ..Why::from("closed: \u{1b}]0;x\u{7}\r\nirc.libera: ready\u{202e}")
        };
        let stopped = State::Stopped { why: told.clone() };
        let hostile = States {
            connection: stopped.clone(),
            way: Some("\u{1b}[31m".to_owned()),
            speaks_as: Some("me\u{8}\u{8}you".to_owned()),
            rooms: [("#x".to_owned(), stopped)].into(),
            last_trouble: Some(Trouble {
                at_unix_ms: 0,
                why: told,
            }),
            connections: 1,
        };
        let shown = states(hostile);
        let expected = Why {
            remedy: Some("a2J".to_owned()),
            ..Why::from("closed: ]0;x irc.libera: ready")
        };
        let stopped = State::Stopped {
            why: expected.clone(),
        };
        assert_eq!(shown.connection, stopped);
        assert_eq!(shown.rooms["#x"], stopped);
        assert_eq!(shown.last_trouble.unwrap().why, expected);
        assert_eq!(shown.way.as_deref(), Some("[31m"));
        assert_eq!(shown.speaks_as.as_deref(), Some("meyou"));
    }
}
