//! The servers that the other tests rely on do what those tests take for granted.

use towpath_tests::boxes::{inspircd, ngircd};
use towpath_tests::support::irc::Person;

#[test]
fn ngircd_carries_a_line() {
    let server = ngircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let ben = Person::join(server.port, "ben", &["#x"]);
    ann.say("#x", "good morning");
    assert_eq!(ben.hears("#x", "morning").nick, "ann");
}

#[test]
fn inspircd_echoes_and_tells_what_was_said_before() {
    let server = inspircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    ann.say("#x", "good morning");
    ann.try_settle("one").unwrap();
    let echoed = ann.said("#x");
    assert_eq!(echoed.len(), 1, "{echoed:?}");
    let ben = Person::join(server.port, "ben", &["#x"]);
    let told = |line: &String| line.contains("batch=") && line.contains("msgid=");
    ben.try_settle("two").unwrap();
    assert!(ben.lines().iter().any(told), "{:?}", ben.lines());
    assert!(ben.said("#x").is_empty());
}
