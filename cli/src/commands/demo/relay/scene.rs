//! What is said in the demo, and what has to stand in the other room then. It must never be content with a line that came twice.

use super::person::Line;
use super::process::{NICK, RelayProcess};
use super::{IRC_ROOM, KOSMI_ROOM, Rooms, say, until};

/// One saying.
struct Saying {
    note: &'static str,
    by: By,
    text: &'static str,
    /// The lines that it has to become in the other room.
    expected: &'static [&'static str],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Ann,
    Ben,
    /// Ann, while the relay is dead.
    AnnMeanwhile,
}

const SAYINGS: [Saying; 6] = [
    Saying {
        note: "There and back",
        by: By::Ann,
        text: "good morning",
        expected: &["[Kosmi] <ann> good morning"],
    },
    Saying {
        note: "",
        by: By::Ben,
        text: "morning, ann",
        expected: &["[IRC] <ben> morning, ann"],
    },
    Saying {
        note: "IRC takes one line at a time",
        by: By::Ann,
        text: "roses are red\nviolets are blue",
        expected: &[
            "[Kosmi] <ann> roses are red",
            "[Kosmi] <ann> violets are blue",
        ],
    },
    Saying {
        note: "What somebody writes is no command and calls nobody",
        by: By::Ann,
        text: "hm\r\nQUIT :bye\u{1}",
        expected: &["[Kosmi] <ann> hm", "[Kosmi] <ann> QUIT :bye"],
    },
    Saying {
        note: "",
        by: By::Ben,
        text: "\u{1}ACTION greets @everyone\u{1}",
        expected: &["[IRC] * ben greets @everyone"],
    },
    Saying {
        note: "The relay is killed, something is said, and it is started again",
        by: By::AnnMeanwhile,
        text: "is anybody there?",
        expected: &["[Kosmi] <ann> is anybody there?"],
    },
];

/// Plays all of it. Says whether every line arrived once, in order, and nothing else did.
pub(super) async fn play(rooms: &Rooms, relay: &mut RelayProcess) -> anyhow::Result<bool> {
    for saying in &SAYINGS {
        if !saying.note.is_empty() {
            say(&format!("\n{}", saying.note))?;
        }
        let before = told(rooms, saying.by).len();
        utter(rooms, relay, saying).await?;
        let goal = before + saying.expected.len();
        until(saying.text, || {
            (told(rooms, saying.by).len() >= goal).then_some(())
        })
        .await?;
        for line in &told(rooms, saying.by)[before..] {
            say(&format!("    {:7}{}", arrow(saying.by), line))?;
        }
    }
    let right = [By::Ann, By::Ben].map(|by| told(rooms, by) == expected(by));
    let count = SAYINGS
        .iter()
        .map(|saying| saying.expected.len())
        .sum::<usize>();
    if right == [true, true] {
        say(&format!(
            "\nAll {count} lines arrived, once each and in order."
        ))?;
        return Ok(true);
    }
    for by in [By::Ann, By::Ben] {
        say(&format!(
            "\nNot what was expected.\n  expected {:?}\n  came     {:?}",
            expected(by),
            told(rooms, by)
        ))?;
    }
    Ok(false)
}

async fn utter(rooms: &Rooms, relay: &mut RelayProcess, saying: &Saying) -> anyhow::Result<()> {
    match saying.by {
        By::Ben => rooms.ben.say(IRC_ROOM, saying.text).await?,
        By::Ann => rooms.kosmi.say(KOSMI_ROOM, "ann", saying.text)?,
        By::AnnMeanwhile => {
            relay.kill().await?;
            rooms.kosmi.say(KOSMI_ROOM, "ann", saying.text)?;
            relay.start().await?;
        }
    }
    Ok(())
}

/// What the relay told the others of this person, without characters that nobody sees.
fn told(rooms: &Rooms, by: By) -> Vec<String> {
    let texts: Vec<String> = match by {
        By::Ben => {
            let lines = rooms.kosmi.room(KOSMI_ROOM).into_iter();
            lines
                .filter(|line| line.by_client)
                .map(|line| line.text)
                .collect()
        }
        By::Ann | By::AnnMeanwhile => {
            let lines = rooms.ben.lines().into_iter();
            lines
                .filter(|line| line.nick == NICK)
                .map(|line| line.text)
                .collect()
        }
    };
    texts.iter().map(|text| seen(text)).collect()
}

fn seen(text: &str) -> String {
    text.replace(['\u{200b}', '\u{200d}'], "")
}

fn expected(by: By) -> Vec<String> {
    let sayings = SAYINGS
        .iter()
        .filter(|saying| (saying.by == By::Ben) == (by == By::Ben));
    sayings
        .flat_map(|saying| saying.expected)
        .map(|line| (*line).to_owned())
        .collect()
}

fn arrow(by: By) -> &'static str {
    if by == By::Ben { "Kosmi" } else { "IRC" }
}

/// Shows what is said in both rooms from now on, for ever.
pub(super) async fn show_more(rooms: &Rooms) -> anyhow::Result<()> {
    let mut on_kosmi = rooms.kosmi.room(KOSMI_ROOM).len();
    let mut on_irc = rooms.ben.lines().len();
    loop {
        for line in rooms.kosmi.room(KOSMI_ROOM).into_iter().skip(on_kosmi) {
            on_kosmi += 1;
            say(&format!("    Kosmi  {}: {}", line.name, seen(&line.text)))?;
        }
        for Line { nick, text } in rooms.ben.lines().into_iter().skip(on_irc) {
            on_irc += 1;
            say(&format!("    IRC    <{nick}> {}", seen(&text)))?;
        }
        tokio::time::sleep(super::LOOK_EVERY).await;
    }
}
