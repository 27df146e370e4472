//! Events as lines for a person. It must never break a line but to say what helps.

use std::fmt;

use towpath_sides::{State, Why};

use super::Event;
use crate::words;

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Started {
                sides,
                links,
                status,
                unused: left,
            } => {
                write!(f, "relaying: {}", counted(*sides, *links))?;
                at(f, status.as_deref(), *links)?;
                unused(f, left)
            }
            Self::Side {
                side,
                state,
                speaks_as,
                way,
            } => {
                write!(f, "{side}: {}", words::state(state))?;
                ready(f, state, speaks_as.as_deref(), way.as_deref())?;
                reason(f, state)
            }
            Self::Room { side, room, state } => {
                write!(f, "{side} {room}: {}", words::state(state))?;
                reason(f, state)
            }
            Self::GivenUp {
                link,
                side,
                room,
                reason,
                messages,
            } => {
                let messages = words::counted(*messages, "message", "messages");
                write!(f, "{side} {room} ({link}): {messages} given up, {reason}")
            }
            Self::NotHeard { side, messages } => {
                let messages = words::counted(*messages, "message", "messages");
                write!(
                    f,
                    "{side}: at least {messages} may be missing after a gap; --log warn names the room"
                )
            }
            Self::Echoes { side, messages } => {
                let messages = words::counted(*messages, "message", "messages");
                write!(
                    f,
                    "{side}: {messages} repeated what was told there; is another bridge in the same room?"
                )
            }
            Self::Store { trouble: Some(why) } => write!(f, "the store: {why}"),
            Self::Store { trouble: None } => f.write_str("the store: well again"),
            Self::Reloaded {
                sides,
                links,
                status,
                unused: spare,
                left,
            } => {
                write!(f, "read anew: {}", counted(*sides, *links))?;
                at(f, status.as_deref(), *links)?;
                unused(f, spare)?;
                left.iter().try_for_each(|left| write!(f, "\n  {left}"))
            }
            Self::NotReloaded { why } => {
                write!(f, "not read anew, everything stays as it was:\n{why}")
            }
            Self::Ending => f.write_str("ending"),
            Self::Skipped { events } => write!(f, "{events} lines are missing here"),
        }
    }
}

/// As whom a side that is ready speaks, and by which way.
fn ready(
    f: &mut fmt::Formatter<'_>,
    state: &State,
    name: Option<&str>,
    way: Option<&str>,
) -> fmt::Result {
    if !state.is_ready() {
        return Ok(());
    }
    if let Some(name) = name {
        write!(f, " as {name}")?;
    }
    way.map_or(Ok(()), |way| write!(f, ", {way}"))
}

/// Where the status is, and what a relay without links does not say by itself.
fn at(f: &mut fmt::Formatter<'_>, status: Option<&str>, links: usize) -> fmt::Result {
    if let Some(url) = status {
        write!(f, "; status on {url}")?;
    }
    if links == 0 {
        f.write_str("\n  no [[link]] joins rooms, so nothing is told to anybody")?;
    }
    Ok(())
}

fn unused(f: &mut fmt::Formatter<'_>, names: &[String]) -> fmt::Result {
    let mut names = names.iter();
    names.try_for_each(|name| write!(f, "\n  {name} is in no link, and is not started"))
}

fn counted(sides: usize, links: usize) -> String {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let sides = words::counted(number(sides), "side", "sides");
    format!(
        "{sides}, {}",
        words::counted(number(links), "link", "links")
    )
}

fn reason(f: &mut fmt::Formatter<'_>, state: &State) -> fmt::Result {
    let Some(why) = words::why(state) else {
        return Ok(());
    };
    write!(f, ": {why}")?;
    match why {
        Why {
            remedy: Some(remedy),
            ..
        } => write!(f, "\n  what helps: {remedy}"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each.
    fn all() -> Vec<Event> {
        let (side, room) = ("irc.a".to_owned(), "#a".to_owned());
        let state = State::Ready;
        vec![
            Event::Started {
                sides: 1,
                links: 2,
                status: None,
                unused: vec![side.clone()],
            },
            Event::Side {
                side: side.clone(),
                state: state.clone(),
                speaks_as: Some("bot".to_owned()),
                way: None,
            },
            Event::Room {
                side: side.clone(),
                room: room.clone(),
                state,
            },
            Event::GivenUp {
                link: "x".to_owned(),
                side: side.clone(),
                room,
                reason: "too-old".to_owned(),
                messages: 1,
            },
            Event::NotHeard {
                side: side.clone(),
                messages: 2,
            },
            Event::Echoes { side, messages: 1 },
            Event::Store { trouble: None },
            Event::Reloaded {
                sides: 1,
                links: 1,
                status: Some("http://127.0.0.1:1/".to_owned()),
                unused: Vec::new(),
                left: vec!["state: later".to_owned()],
            },
            Event::NotReloaded {
                why: "no".to_owned(),
            },
            Event::Ending,
            Event::Skipped { events: 3 },
        ]
    }

    #[test]
    fn each_is_a_line() {
        let lines: Vec<String> = all().iter().map(Event::to_string).collect();
        assert_eq!(
            lines,
            [
                "relaying: 1 side, 2 links\n  irc.a is in no link, and is not started",
                "irc.a: ready as bot",
                "irc.a #a: ready",
                "irc.a #a (x): 1 message given up, too-old",
                "irc.a: at least 2 messages may be missing after a gap; --log warn names the room",
                "irc.a: 1 message repeated what was told there; is another bridge in the same room?",
                "the store: well again",
                "read anew: 1 side, 1 link; status on http://127.0.0.1:1/\n  state: later",
                "not read anew, everything stays as it was:\nno",
                "ending",
                "3 lines are missing here",
            ]
        );
    }

    #[test]
    fn each_type_and_its_fields_are_documented() {
        let guide = include_str!("../../../../docs/relay.md");
        let (_, guide) = guide.split_once("### What it prints").unwrap();
        let (guide, _) = guide.split_once("### Status").unwrap();
        for event in all() {
            let json = serde_json::to_value(&event).unwrap();
            let fields = json.as_object().unwrap().keys().map(String::as_str);
            let names = fields.filter(|field| *field != "type");
            for name in names.chain([json["type"].as_str().unwrap()]) {
                assert!(guide.contains(&format!("`{name}`")), "{name}: {json}");
            }
        }
    }
}
