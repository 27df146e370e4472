//! What people write to do harm comes out as words: between Kosmi and a real IRC server, both ways.

use towpath_tests::boxes::inspircd;
use towpath_tests::support::irc::Person;

use crate::kosmi::{Kosmi, Server};
use crate::process::Relay;
use crate::settings;

const ROOM: &str = "@lounge";
const CHANNEL: &str = "#lounge";

#[test]
fn nothing_that_is_written_becomes_a_command() {
    let kosmi = Kosmi::start(Server::Lab);
    let server = inspircd::start();
    let ann = Person::join(server.port, "ann", &[CHANNEL, "#other"]);
    let settings = settings::kosmi("main", &kosmi, "", "")
        + &settings::irc("lab", server.port, "")
        + &settings::link("lounge", &[("kosmi.main", ROOM), ("irc.lab", CHANNEL)]);
    let relay = Relay::ready(&settings);
    to_irc(&kosmi, &ann);
    long_to_irc(&kosmi, &ann);
    to_kosmi(&kosmi, &ann);
    // Nothing went anywhere else, and the relay neither left nor spoke as another.
    assert!(ann.others("#other").is_empty());
    let lines = ann.lines();
    let mut others = lines.iter().filter(|line| !line.contains(" PRIVMSG "));
    let left = others.find(|line| {
        [" QUIT ", " PART ", " NICK "]
            .iter()
            .any(|word| line.contains(word))
    });
    assert_eq!(left, None);
    let status = relay.has_told_all();
    assert_eq!(status["sides"]["irc.lab"]["connections"], 1, "{status:#}");
}

fn to_irc(kosmi: &Kosmi, ann: &Person) {
    for (number, text) in [
        "x\r\nQUIT :bye",
        "x\nPRIVMSG #other :owned",
        "x\rNICK other",
        "\u{1}VERSION\u{1}",
        "\u{1}DCC SEND f 1 2 3\u{1}",
        "\u{0}PART #lounge",
        "\u{2028}PART #lounge\u{2029}",
    ]
    .iter()
    .enumerate()
    {
        kosmi.say(ROOM, "Eve\r\nQUIT :x", &format!("{text} end{number}"));
        let heard = ann.hears(CHANNEL, &format!("end{number}"));
        assert_eq!(
            (heard.command.as_str(), heard.nick.as_str()),
            ("PRIVMSG", "towpath")
        );
        assert!(!heard.text.contains(['\u{1}', '\u{0}', '\r']), "{heard:?}");
        // A name is written so that it does not ping whoever has it.
        assert!(
            heard.text.replace('\u{200d}', "").contains("<Eve"),
            "{heard:?}"
        );
    }
}

/// A long text comes in pieces, each a line of IRC with the name on it, and no word is missing or cut.
fn long_to_irc(kosmi: &Kosmi, ann: &Person) {
    let words: Vec<String> = (0..200).map(|number| format!("wörd{number}")).collect();
    let before = ann.others(CHANNEL).len();
    kosmi.say(ROOM, "Zoë", &words.join(" "));
    ann.hears(CHANNEL, "wörd199");
    let pieces = ann.others(CHANNEL).split_off(before);
    assert!(pieces.len() > 1, "{pieces:#?}");
    assert!(
        pieces
            .iter()
            .all(|piece| piece.text.starts_with(&pieces[0].text[..3])),
        "{pieces:#?}"
    );
    let came: Vec<String> = pieces
        .iter()
        .flat_map(|piece| piece.text.split(' '))
        .filter(|word| word.starts_with("wörd"))
        .map(str::to_owned)
        .collect();
    assert_eq!(came, words);
    for line in ann.lines().iter().filter(|line| line.contains("wörd")) {
        let bare = line
            .split_once(" :")
            .map_or(line.as_str(), |(_, bare)| bare);
        assert!(bare.len() <= 509, "{} bytes: {line}", bare.len());
    }
}

fn to_kosmi(kosmi: &Kosmi, ann: &Person) {
    for (text, words) in [
        ("\u{2}bold\u{2} and \u{3}04red\u{3} one", "bold and red one"),
        ("\u{1}ACTION waves two\u{1}", "waves two"),
        (
            "\"}) { joinRoom(id: \"@x\") { ok } three",
            "joinRoom(id: \"@x\") { ok } three",
        ),
        ("back\\slash \\u0041 four", "back\\slash \\u0041 four"),
    ] {
        ann.say(CHANNEL, text);
        let told = kosmi.hears(ROOM, words);
        assert!(
            told.contains("ann") && !told.contains(['\u{1}', '\u{2}', '\u{3}']),
            "{told:?}"
        );
    }
}
