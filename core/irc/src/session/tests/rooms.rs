//! What others say and do.

use super::*;

#[test]
fn what_is_said_is_told_with_all_that_is_known_of_it() {
    let mut table = Table::ready("message-tags server-time account-tag");
    table.hear("@time=2027-01-15T08:00:01.250Z;msgid=x1;account=ann;+draft/reply=x0 :Ann!a@h PRIVMSG #ROOM :\x02hi\x02 there");
    let expected = Said {
        room: "#room".to_owned(),
        nick: "Ann".to_owned(),
        account: Some("ann".to_owned()),
        kind: Kind::Text,
        text: "hi there".to_owned(),
        at_ms: Some(1_800_000_001_250),
        id: Some("x1".to_owned()),
        reply_to: Some("x0".to_owned()),
        replayed: false,
    };
    assert_eq!(table.said(), [expected]);
}

#[test]
fn actions_and_notices_are_told_from_texts() {
    let mut table = Table::ready("");
    table.hear(":ann!a@h PRIVMSG #room :\x01ACTION waves\x01");
    table.hear(":ann!a@h NOTICE #room :psst");
    let said = table.said();
    let kinds: Vec<_> = said
        .iter()
        .map(|said| (said.kind, said.text.as_str()))
        .collect();
    assert_eq!(kinds, [(Kind::Action, "waves"), (Kind::Notice, "psst")]);
    assert!(said.iter().all(|said| said.id.is_none()));
}

#[test]
fn what_is_not_for_the_room_is_not_told() {
    let mut table = Table::ready("");
    for line in [
        ":bot!u@h PRIVMSG #room :ours",
        ":ann!a@h PRIVMSG bot :secret",
        ":ann!a@h PRIVMSG @#room :for operators only",
        ":ann!a@h PRIVMSG #other :elsewhere",
        ":irc.server NOTICE #room :server's own",
        ":ann!a@h PRIVMSG #room :\x01VERSION\x01",
        ":ann!a@h PRIVMSG #room :\x02\x0f",
        ":ann!a@h PRIVMSG #room :",
        "PRIVMSG #room :from nobody",
        ":ann!a@h TAGMSG #room",
    ] {
        table.hear(line);
        assert_eq!(table.events(), [], "{line}");
        assert_eq!(table.sent(), [""; 0], "{line}");
    }
}

#[test]
fn strangers_are_answered_once_in_a_while() {
    let mut table = Table::ready("");
    let answer = ["NOTICE ann :\x01VERSION Towpath, a chat relay\x01"];
    table.hear(":ann!a@h PRIVMSG bot :\x01VERSION\x01");
    assert_eq!(table.sent(), answer);
    for _ in 0..50 {
        table.hear(":ann!a@h PRIVMSG bot :\x01VERSION\x01");
        table.hear(":ann!a@h NOTICE bot :\x01VERSION\x01");
    }
    assert!(table.sent().is_empty());
    table.wait(10_000);
    table.hear(":ann!a@h PRIVMSG bot :\x01VERSION\x01");
    assert_eq!(table.sent(), answer);
}

#[test]
fn names_are_compared_as_the_server_does() {
    let mut table = Table::ready("");
    table.hear(":s.x 005 bot CASEMAPPING=ascii :are supported");
    table.hear(":BOT!u@h PRIVMSG #room :ours");
    assert!(table.events().is_empty());
    table.hear(":bot!u@h NICK :relay[1]");
    table.events();
    table.hear(":relay{1}!x@y PRIVMSG #room :somebody else here");
    assert_eq!(table.texts(), ["somebody else here"]);
    table.hear(":bot!x@y PRIVMSG #room :the name is somebody else's now");
    assert_eq!(table.texts().len(), 1);
}

#[test]
fn presence_is_told_where_it_is_wanted() {
    let mut table = Table::new(Settings {
        presence: true,
        ..unlimited()
    });
    table.join("#room", None);
    table.hear(":s.x 001 bot :Welcome");
    table.hear(":s.x 376 bot :End");
    table.hear(":bot!u@h JOIN #room");
    table.hear(":s.x 353 bot = #room :@ann +ben bot cid");
    table.sent();
    table.session.receive(table.now, b":s.x PONG s.x :past-1");
    table.events();
    for line in [
        ":dan!d@h JOIN #room",
        ":ann!a@h QUIT :good night",
        ":ben!b@h PART #room :bye",
        ":dan!d@h NICK :dora",
        ":dora!d@h KICK #room cid :enough",
        ":stranger!s@h QUIT :not in the room",
        ":dora!d@h TOPIC #room :new topic",
    ] {
        table.hear(line);
    }
    let said = table.said();
    let told: Vec<_> = said
        .iter()
        .map(|said| (said.nick.as_str(), said.kind, said.text.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("dan", Kind::Join, ""),
            ("ann", Kind::Leave, "good night"),
            ("ben", Kind::Leave, "bye"),
            ("dan", Kind::Leave, "is now dora"),
            ("cid", Kind::Leave, "kicked by dora: enough"),
            ("dora", Kind::Topic, "new topic"),
        ]
    );
}

#[test]
fn presence_is_not_told_otherwise() {
    let mut table = Table::ready("");
    table.hear(":ann!a@h JOIN #room");
    table.hear(":ann!a@h QUIT :bye");
    table.hear(":ann!a@h TOPIC #room :x");
    assert!(table.events().is_empty());
}

#[test]
fn a_slow_clock_of_another_server_costs_no_message() {
    let mut table = Table::ready("server-time message-tags");
    table.hear("@time=2027-01-15T07:00:00.000Z;msgid=a :ann!a@h PRIVMSG #room :an hour behind");
    let said = table.said();
    assert_eq!((said.len(), said[0].replayed), (1, false));
}
