//! ngIRCd: no `IRCv3`, so that a ping behind each message is its proof.

use towpath_chat::Kind;
use towpath_sides::{Outcome, State, irc};
use towpath_tests::boxes::ngircd;
use towpath_tests::support::irc::Person;
use towpath_tests::support::port;

use super::talk::{Talk, plain, sending};

#[test]
fn lines_pass_both_ways_with_their_proof() {
    let server = ngircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let mut talk = Talk::in_room(plain(server.port), "#x");
    assert_eq!(
        talk.says("#x", "good morning"),
        Outcome::Delivered { id: None }
    );
    assert_eq!(ann.hears("#x", "good morning").nick, "towpath");
    ann.say("#x", "\u{1}ACTION waves\u{1}");
    ann.say("#x", "grüß dich");
    let (waves, _) = talk.said();
    assert_eq!(
        (waves.kind, waves.text.as_str(), waves.author.name.as_str()),
        (Kind::Action, "waves", "ann")
    );
    let (hello, replayed) = talk.said();
    assert_eq!(
        (hello.text.as_str(), hello.id, replayed),
        ("grüß dich", None, false)
    );
    let states = talk.states();
    assert_eq!(states.speaks_as.as_deref(), Some("towpath"));
    assert_eq!(states.way.as_deref(), Some("directly, not encrypted"));
    talk.end();
    ann.heard_within(std::time::Duration::from_secs(5), |line| {
        line.contains("QUIT") && line.contains("the relay ends")
    })
    .unwrap();
}

#[test]
fn the_longest_text_that_is_promised_arrives_whole() {
    let server = ngircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let settings = plain(server.port);
    let longest = irc::rules(&settings, "#x").bytes_max.unwrap();
    let talk = Talk::in_room(settings, "#x");
    let text = format!("{}end", "x".repeat(longest - 3));
    assert_eq!(talk.says("#x", &text), Outcome::Delivered { id: None });
    assert_eq!(ann.hears("#x", "end").text, text);
}

#[test]
fn a_nickname_in_use_is_taken_back_when_its_holder_leaves() {
    let server = ngircd::start();
    let holder = Person::join(server.port, "towpath", &["#x"]);
    let talk = Talk::in_room(plain(server.port), "#x");
    assert_eq!(talk.states().speaks_as.as_deref(), Some("towpath_"));
    assert_eq!(
        talk.says("#x", "as another"),
        Outcome::Delivered { id: None }
    );
    assert_eq!(holder.hears("#x", "as another").nick, "towpath_");
    drop(holder);
    talk.until(|states| states.speaks_as.as_deref() == Some("towpath"));
}

#[test]
fn who_is_kicked_comes_back_and_who_may_not_speak_waits() {
    let server = ngircd::start();
    let op = Person::join(server.port, "op", &["#x"]);
    let talk = Talk::in_room(plain(server.port), "#x");
    op.write("KICK #x towpath :out\r\n").unwrap();
    let states = talk.until(|states| states.last_trouble.is_some());
    assert!(
        states
            .last_trouble
            .unwrap()
            .why
            .sentence
            .contains("kicked by op: out")
    );
    talk.until_ready("#x");
    op.write("MODE #x +m\r\n").unwrap();
    op.try_settle("moderated").unwrap();
    match talk.says("#x", "may I?") {
        Outcome::Later {
            why,
            uncertain: false,
            after: Some(_),
        } => assert!(why.contains("404"), "{why}"),
        other => panic!("{other:?}"),
    }
    op.write("MODE #x -m\r\n").unwrap();
    op.try_settle("free").unwrap();
    assert_eq!(
        talk.says("#x", "may I now?"),
        Outcome::Delivered { id: None }
    );
}

#[test]
fn a_room_with_a_key_is_joined_with_it_and_says_so_without() {
    let server = ngircd::start();
    let op = Person::join(server.port, "op", &["#x"]);
    op.write("MODE #x +k sesame\r\n").unwrap();
    op.try_settle("locked").unwrap();
    let talk = Talk::start(plain(server.port));
    talk.join("#x", None);
    let states = talk.until(|states| matches!(states.rooms.get("#x"), Some(State::Stopped { .. })));
    let why = states.last_trouble.unwrap().why;
    assert!(
        why.sentence.contains("key") && why.remedy.is_some(),
        "{why:?}"
    );
    talk.end();
    let mut settings = plain(server.port);
    settings
        .keys
        .insert("#x".to_owned(), towpath_sides::Hidden::new("sesame"));
    Talk::in_room(settings, "#x").end();
}

#[test]
fn a_server_that_comes_back_finds_the_side_in_its_rooms_again() {
    let port = port::free();
    let server = ngircd::start_at(port, "");
    let mut talk = Talk::in_room(plain(port), "#x");
    talk.join("#y", None);
    talk.until_ready("#y");
    drop(server);
    talk.until(|states| matches!(states.connection, State::Waiting { .. }));
    match talk.says("#x", "is anybody there?") {
        Outcome::Later {
            uncertain: false, ..
        } => {}
        other => panic!("{other:?}"),
    }
    let _server = ngircd::start_at(port, "");
    talk.until(|states| states.connections == 2);
    talk.until_ready("#x");
    talk.until_ready("#y");
    let ann = Person::join(port, "ann", &["#x"]);
    ann.say("#x", "welcome back");
    assert_eq!(talk.said().0.text, "welcome back");
}

#[test]
fn many_pieces_arrive_in_their_order() {
    let server = ngircd::start();
    let ann = Person::join(server.port, "ann", &["#x"]);
    let talk = Talk::in_room(plain(server.port), "#x");
    for number in 0..200 {
        let outcome = talk.send(sending("#x", &format!("line {number}")));
        assert_eq!(outcome, Outcome::Delivered { id: None });
    }
    ann.hears("#x", "line 199");
    let heard: Vec<String> = ann.others("#x").into_iter().map(|said| said.text).collect();
    let expected: Vec<String> = (0..200).map(|number| format!("line {number}")).collect();
    assert_eq!(heard, expected);
}

#[test]
fn a_wrong_address_is_said_in_words() {
    let talk = Talk::start(plain(port::free()));
    let states = talk.until(|states| states.last_trouble.is_some());
    let why = states.last_trouble.unwrap().why;
    assert!(
        why.sentence.contains("refused") && why.remedy.is_some(),
        "{why:?}"
    );
    talk.end();

    let server = ngircd::start();
    let mut settings = super::talk::settings(&format!("127.0.0.1:{}", server.port), true);
    settings.network.net.limits.tls = std::time::Duration::from_millis(500);
    let talk = Talk::start(settings);
    let why = talk
        .until(|states| states.last_trouble.is_some())
        .last_trouble
        .unwrap()
        .why;
    assert!(
        why.sentence.contains("no connection to 127.0.0.1"),
        "{why:?}"
    );
}
