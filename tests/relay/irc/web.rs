//! IRC over WebSocket, at `InspIRCd`'s own.

use towpath_sides::irc::Settings;
use towpath_sides::{Outcome, State};
use towpath_tests::boxes::inspircd;
use towpath_tests::support::irc::Person;
use towpath_tests::support::port;

use super::talk::{self, Talk};

/// A server with a WebSocket, for pages of this origin.
fn server(web: u16, origin: &str) -> towpath_tests::boxes::Running {
    let settings = format!(
        "<module name=\"websocket\">\n<module name=\"sha1\">\n<wsorigin allow=\"{origin}\">\n\
         <bind address=\"127.0.0.1\" port=\"{web}\" type=\"clients\" hook=\"websocket\">\n"
    );
    inspircd::start_at(port::free(), &settings)
}

fn settings(web: u16) -> Settings {
    let mut settings = talk::settings(&format!("ws://127.0.0.1:{web}/"), false);
    settings.may_use_browser = false;
    settings.origin = Some("https://lab.example".to_owned());
    settings
}

#[test]
fn lines_pass_as_messages_both_ways() {
    let web = port::free();
    let server = server(web, "*");
    let ann = Person::join(server.port, "ann", &["#x"]);
    let mut talk = Talk::in_room(settings(web), "#x");
    assert!(matches!(
        talk.says("#x", "grüß dich"),
        Outcome::Delivered { id: Some(_) }
    ));
    assert_eq!(ann.hears("#x", "dich").text, "grüß dich");
    ann.say("#x", "good day");
    assert_eq!(talk.said().0.text, "good day");
    let longest = towpath_sides::irc::rules(&settings(web), "#x")
        .bytes_max
        .unwrap();
    let text = format!("{}end", "ü".repeat((longest - 3) / 2));
    assert!(matches!(talk.says("#x", &text), Outcome::Delivered { .. }));
    assert_eq!(ann.hears("#x", "end").text, text);
    talk.end();
}

#[test]
fn a_refused_handshake_has_its_finding() {
    let web = port::free();
    let _server = server(web, "https://chat.example");
    let talk = Talk::start(settings(web));
    let states = talk.until(|states| states.last_trouble.is_some());
    assert!(
        matches!(states.connection, State::Waiting { .. }),
        "{states:?}"
    );
    let why = states.last_trouble.unwrap().why;
    let finding = why.finding.map(|finding| finding.cause);
    assert_eq!(finding.as_deref(), Some("http-403-origin"));
    assert!(why.remedy.is_some(), "{}", why.sentence);
}
