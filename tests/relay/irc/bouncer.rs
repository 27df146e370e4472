//! ZNC between the side and the server: it answers pings itself, and plays back what was said while nobody was attached.

use towpath_sides::irc::Settings;
use towpath_sides::{Hidden, Mark, Outcome};
use towpath_tests::boxes::{ngircd, znc};
use towpath_tests::support::irc::Person;

use super::talk::{Talk, plain};

#[test]
fn what_was_said_while_nobody_was_attached_is_played_back() {
    let server = ngircd::start();
    let bouncer = znc::start(server.port);
    let ann = Person::join(server.port, "ann", &["#x"]);
    let settings = || Settings {
        password: Some(Hidden::new("bargee/lab:sesame")),
        ..plain(bouncer.port)
    };
    let mut first = Talk::in_room(settings(), "#x");
    assert!(matches!(
        first.says("#x", "good morning"),
        Outcome::Delivered { .. }
    ));
    ann.hears("#x", "good morning");
    ann.say("#x", "one");
    let (one, _) = first.said();
    assert!(one.id.is_some());
    first.end();
    ann.say("#x", "two");
    ann.say("#x", "\u{1}ACTION is three\u{1}");
    ann.try_settle("said").unwrap();
    let mut second = Talk::start(settings());
    second.join(
        "#x",
        Some(Mark {
            id: one.id.clone(),
            at_unix_ms: one.at_unix_ms,
        }),
    );
    second.until_ready("#x");
    ann.say("#x", "four");
    let mut told = Vec::new();
    while told.len() < 3 {
        let (message, replayed) = second.said();
        // What is known already may be told again, with the same id.
        if message.id != one.id {
            told.push((message.text, replayed));
        }
    }
    let expected = [("two", true), ("is three", true), ("four", false)];
    assert_eq!(
        told,
        expected.map(|(text, replayed)| (text.to_owned(), replayed))
    );
}
