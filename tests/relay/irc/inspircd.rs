//! `InspIRCd`: echo, labels, times, ids, and a history that is told on joining.

use std::time::Duration;

use towpath_sides::{Event, Mark, Outcome, Sending};
use towpath_tests::boxes::inspircd;
use towpath_tests::support::irc::Person;

use super::talk::{Talk, plain, sending};

fn id_of(outcome: Outcome) -> String {
    match outcome {
        Outcome::Delivered { id: Some(id) } => id,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_echo_proves_a_message_and_gives_its_id() {
    let server = inspircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let mut talk = Talk::in_room(plain(server.port), "#x");
    let id = id_of(talk.says("#x", "good morning"));
    ann.hears("#x", "good morning");
    assert!(ann.lines().iter().any(|line| line.contains(&id)), "{id}");
    ann.say("#x", "good day");
    let (said, replayed) = talk.said();
    assert_eq!((said.text.as_str(), replayed), ("good day", false));
    assert!(said.id.is_some());
    assert!(said.at_unix_ms > 1_700_000_000_000);
}

#[test]
fn a_gap_is_filled_from_the_history_once_and_in_order() {
    let server = inspircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let mut first = Talk::in_room(plain(server.port), "#x");
    ann.say("#x", "one");
    let (one, _) = first.said();
    id_of(first.says("#x", "ours, which nobody is told"));
    first.end();
    ann.say("#x", "two");
    ann.say("#x", "\u{1}ACTION is three\u{1}");
    ann.try_settle("said").unwrap();
    let mut second = Talk::start(plain(server.port));
    let mark = Mark {
        id: one.id,
        at_unix_ms: one.at_unix_ms,
    };
    second.join("#x", Some(mark));
    second.until_ready("#x");
    ann.say("#x", "four");
    let told: Vec<(String, bool)> = (0..3)
        .map(|_| second.said())
        .map(|(message, replayed)| (message.text, replayed))
        .collect();
    let expected = [("two", true), ("is three", true), ("four", false)];
    assert_eq!(
        told,
        expected.map(|(text, replayed)| (text.to_owned(), replayed))
    );
}

#[test]
fn a_server_that_forgot_its_history_by_a_restart_leaves_a_gap_that_is_said() {
    let mut server = inspircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let mut talk = Talk::in_room(plain(server.port), "#x");
    ann.say("#x", "one");
    assert_eq!(talk.said().0.text, "one");
    server.kill();
    let _again = inspircd::start_at(server.port, "");
    match talk.event() {
        Event::Missed { room, why, .. } => {
            assert!(room == "#x" && why.contains("restarted"), "{room}: {why}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_history_holds_the_same_ids_as_the_room() {
    let server = inspircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let mut talk = Talk::in_room(plain(server.port), "#x");
    ann.say("#x", "one");
    let (live, _) = talk.said();
    talk.end();
    let mut again = Talk::start(plain(server.port));
    // As after a crash that lost the newest mark: what is known already is told again, with the same id.
    again.join(
        "#x",
        Some(Mark {
            id: None,
            at_unix_ms: live.at_unix_ms - 1,
        }),
    );
    let (told, replayed) = again.said();
    assert_eq!((told.id, replayed), (live.id, true));
}

#[test]
fn what_was_said_without_a_proof_is_found_and_not_said_twice() {
    let server = inspircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let talk = Talk::in_room(plain(server.port), "#x");
    let before = id_of(talk.says("#x", "same"));
    let id = id_of(talk.says("#x", "same"));
    talk.end();
    let again = Talk::in_room(plain(server.port), "#x");
    let begun = Sending {
        begun_unix_ms: Some(now_unix_ms() - 1_000),
        behind: Some(before),
        ..sending("#x", "same")
    };
    assert_eq!(id_of(again.send(begun.clone())), id);
    let unsaid = Sending {
        behind: Some(id.clone()),
        ..begun
    };
    assert_ne!(id_of(again.send(unsaid)), id);
    ann.try_settle("all").unwrap();
    assert_eq!(ann.others("#x").len(), 3);
}

#[test]
fn what_the_room_does_not_take_is_refused_or_waits() {
    let server = inspircd::start_at(
        towpath_tests::support::port::free(),
        "<module name=\"noctcp\">\n<module name=\"blockcolor\">",
    );
    let op = Person::join(server.port, "op", &["#x"]);
    let talk = Talk::in_room(plain(server.port), "#x");
    op.write("MODE #x +c\r\n").unwrap();
    op.try_settle("colours").unwrap();
    let refused = talk.says("#x", "\u{3}04red");
    assert!(
        matches!(refused, Outcome::Refused { .. }),
        "{refused:?} {:?}",
        op.lines()
    );
    op.write("MODE #x +b *!*@*\r\n").unwrap();
    op.try_settle("banned").unwrap();
    let banned = talk.says("#x", "may I?");
    assert!(
        matches!(
            banned,
            Outcome::Later {
                uncertain: false,
                after: Some(_),
                ..
            }
        ),
        "{banned:?}"
    );
    op.write("MODE #x -b *!*@*\r\n").unwrap();
    op.try_settle("free").unwrap();
    id_of(talk.says("#x", "may I now?"));
}

#[test]
fn who_is_killed_waits_before_coming_back() {
    let settings = "<class name=\"all\" commands=\"KILL\">\n<type name=\"lab\" classes=\"all\">\n\
        <oper name=\"lab\" password=\"lab\" host=\"*@*\" type=\"lab\">";
    let server = inspircd::start_at(towpath_tests::support::port::free(), settings);
    let op = Person::join(server.port, "op", &["#x"]);
    let talk = Talk::in_room(plain(server.port), "#x");
    op.write("OPER lab lab\r\nKILL towpath :enough\r\n")
        .unwrap();
    let states = talk.until(|states| states.last_trouble.is_some());
    let towpath_sides::State::Waiting { why, until_unix_ms } = states.connection else {
        panic!("{states:?}");
    };
    assert!(why.sentence.contains("enough"), "{why:?}");
    assert!(until_unix_ms - now_unix_ms() > 50_000);
}

#[test]
fn hostile_text_stays_text() {
    let server = inspircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let talk = Talk::in_room(plain(server.port), "#x");
    for text in [
        "a\r\nQUIT :gone",
        "b\nPRIVMSG #x :forged",
        "c\u{0}d",
        "\u{1}VERSION\u{1}",
    ] {
        id_of(talk.says("#x", text));
    }
    ann.hears("#x", "VERSION");
    let heard: Vec<String> = ann.others("#x").into_iter().map(|said| said.text).collect();
    assert_eq!(
        heard,
        ["a  QUIT :gone", "b PRIVMSG #x :forged", "cd", "VERSION"]
    );
    assert!(
        ann.heard_within(Duration::ZERO, |line| line.contains("VERSION")
            && line.contains('\u{1}'))
            .is_err()
    );
}

fn now_unix_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.expect("it is after 1970").as_millis()).expect("it is not that late")
}
