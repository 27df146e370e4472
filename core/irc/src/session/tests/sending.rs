//! Saying something, and what proves that it arrived.

use super::*;
use crate::settings::Flood;

#[test]
fn the_answer_to_a_ping_behind_a_message_is_its_proof() {
    let mut table = Table::ready("");
    table.say(7, "hello");
    assert_eq!(
        table.session.poll_send(table.now).unwrap(),
        "PRIVMSG #room :hello"
    );
    assert!(table.events().is_empty());
    let ping = table.sent();
    assert_eq!(ping.len(), 1);
    table.hear(&format!(":s.x PONG s.x :{}", &ping[0]["PING ".len()..]));
    assert_eq!(table.proofs(), [(7, taken(None))]);
}

#[test]
fn an_echo_is_a_proof_and_holds_the_id() {
    let mut table = Table::ready("message-tags echo-message");
    table.say(1, "hello");
    table.answer_pings();
    assert!(table.proofs().is_empty());
    table.hear("@msgid=m1 :bot!u@h PRIVMSG #room :hello");
    assert_eq!(table.proofs(), [(1, taken(Some("m1")))]);
}

#[test]
fn a_message_that_the_server_shows_to_nobody_is_refused() {
    let mut table = Table::ready("message-tags echo-message");
    table.say(1, "hello");
    table.answer_pings();
    table.wait(5_000);
    assert!(matches!(&table.proofs()[..], [(1, Proof::Never { .. })]));
}

#[test]
fn a_label_tells_what_came_of_each_message() {
    let mut table = Table::ready("message-tags echo-message labeled-response batch");
    table.say(1, "one");
    table.say(2, "two");
    table.say(3, "three");
    let sent = table.sent();
    let labels: Vec<String> = sent
        .iter()
        .map(|line| line.split([' ', '=']).nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(sent[0], format!("@label={} PRIVMSG #room :one", labels[0]));
    table.hear(&format!(
        "@label={} :s.x 404 bot #room :Cannot send to channel (+m)",
        labels[1]
    ));
    table.hear(&format!("@label={} :s.x ACK", labels[2]));
    table.hear(&format!(
        "@label={};msgid=m1 :bot!u@h PRIVMSG #room :one",
        labels[0]
    ));
    let proofs = table.proofs();
    assert!(
        matches!(
            proofs[0],
            (
                2,
                Proof::NotNow {
                    uncertain: false,
                    after_ms: Some(_),
                    ..
                }
            )
        ),
        "{proofs:?}"
    );
    assert!(matches!(proofs[1], (3, Proof::Never { .. })), "{proofs:?}");
    assert_eq!(proofs[2], (1, taken(Some("m1"))));
}

#[test]
fn a_reply_names_the_earlier_message_where_tags_pass() {
    let mut table = Table::ready("message-tags");
    let reply = Say {
        reply_to: Some("a b;c".to_owned()),
        ..say(1, "yes")
    };
    table.session.say(&reply);
    assert_eq!(
        table.sent()[0],
        "@+draft/reply=a\\sb\\:c PRIVMSG #room :yes"
    );
    let mut table = Table::ready("");
    table.session.say(&reply);
    assert_eq!(table.sent()[0], "PRIVMSG #room :yes");
}

#[test]
fn actions_and_notices_are_said_as_such() {
    let mut table = Table::ready("");
    table.session.say(&Say {
        kind: Kind::Action,
        ..say(1, "waves")
    });
    table.session.say(&Say {
        kind: Kind::Notice,
        ..say(2, "psst")
    });
    let sent = table.sent();
    assert_eq!(
        sent[..2],
        ["PRIVMSG #room :\x01ACTION waves\x01", "NOTICE #room :psst"]
    );
}

#[test]
fn a_text_can_never_become_a_command() {
    let mut table = Table::ready("");
    for text in [
        "a\r\nQUIT :x",
        "a\nJOIN #y",
        "a\0b",
        "\x01VERSION\x01",
        "\r\n",
        "/quit",
        ":x y",
    ] {
        table.say(1, text);
        for line in table.answer_pings() {
            assert!(line.starts_with("PRIVMSG #room :"), "{line:?}");
            assert!(!line.contains(['\r', '\n', '\0', '\x01']), "{line:?}");
        }
    }
    let proofs = table.proofs();
    assert_eq!(proofs.len(), 7);
    let refused = proofs
        .iter()
        .filter(|(_, proof)| matches!(proof, Proof::Never { .. }));
    assert_eq!(refused.count(), 1);
}

#[test]
fn a_line_that_is_too_long_is_refused_rather_than_cut() {
    let mut table = Table::ready("");
    table.say(1, &"x".repeat(495));
    table.say(2, &"x".repeat(496));
    table.answer_pings();
    let proofs = table.proofs();
    assert!(matches!(proofs[0], (2, Proof::Never { .. })), "{proofs:?}");
    assert_eq!(proofs[1], (1, taken(None)));
}

#[test]
fn a_refusal_names_its_room_and_leaves_others_alone() {
    let mut table = Table::ready("");
    table.join("#other", None);
    table.sent();
    table.hear(":bot!u@h JOIN #other");
    table.answer_pings();
    table.events();
    table.session.say(&Say {
        room: "#other".to_owned(),
        ..say(1, "a")
    });
    table.say(2, "b");
    let sent = table.sent();
    table.hear(":s.x 404 bot #ROOM :Cannot send to channel (you are banned)");
    assert!(matches!(
        &table.proofs()[..],
        [(
            2,
            Proof::NotNow {
                uncertain: false,
                ..
            }
        )]
    ));
    let token = &sent.last().unwrap()["PING ".len()..];
    table.hear(&format!(":s.x PONG s.x :{token}"));
    assert_eq!(table.proofs(), [(1, taken(None))]);
}

#[test]
fn a_message_that_left_is_in_doubt_when_the_connection_ends_and_one_that_waits_is_not() {
    let mut table = Table::ready("");
    table.say(1, "left");
    assert!(table.session.poll_send(table.now).is_some());
    table.say(2, "waits");
    table.session.closed("the connection was lost");
    let proofs = table.proofs();
    assert!(
        matches!(
            proofs[0],
            (
                1,
                Proof::NotNow {
                    uncertain: true,
                    ..
                }
            )
        ),
        "{proofs:?}"
    );
    assert!(
        matches!(
            proofs[1],
            (
                2,
                Proof::NotNow {
                    uncertain: false,
                    ..
                }
            )
        ),
        "{proofs:?}"
    );
    table.say(3, "too late");
    assert!(matches!(
        &table.proofs()[..],
        [(
            3,
            Proof::NotNow {
                uncertain: false,
                ..
            }
        )]
    ));
}

#[test]
fn a_proof_that_does_not_come_is_a_doubt() {
    let mut table = Table::ready("");
    table.say(1, "hello");
    table.sent();
    table.wait(29_999);
    assert!(table.proofs().is_empty());
    table.wait(1);
    assert!(matches!(
        &table.proofs()[..],
        [(
            1,
            Proof::NotNow {
                uncertain: true,
                ..
            }
        )]
    ));
}

#[test]
fn who_is_kicked_says_nothing_more_and_knows_what_left() {
    let flood = Flood {
        burst: 1,
        every_ms: 60_000,
    };
    let mut table = Table::new(Settings {
        flood,
        ..unlimited()
    });
    table.hear(":s.x 001 bot :Welcome");
    table.hear(":s.x 376 bot :End");
    table.join("#room", None);
    table.wait(3_600_000);
    table.sent();
    table.hear(":bot!u@h JOIN #room");
    table.wait(10_000);
    table.wait(50_000);
    table.events();
    table.hear("PING x");
    table.say(1, "one");
    table.hear(":op!o@h KICK #room bot :out");
    assert!(matches!(
        &table.proofs()[..],
        [(
            1,
            Proof::NotNow {
                uncertain: false,
                ..
            }
        )]
    ));
}

#[test]
fn what_was_said_before_without_a_proof_is_looked_for_in_the_history() {
    let since = crate::parse_time("2027-01-15T07:30:00.000Z");
    let mut table = Table::in_room("batch server-time message-tags", since);
    table.hear("BATCH +1 chathistory #room");
    for (second, id) in [("30:01", "a"), ("30:05", "b")] {
        table.hear(&format!(
            "@time=2027-01-15T07:{second}.000Z;msgid={id};batch=1 :bot_!u@h PRIVMSG #room :same"
        ));
    }
    table.hear("BATCH -1");
    table.answer_pings();
    table.events();
    let begun_ms = crate::parse_time("2027-01-15T07:30:01.900Z");
    let first = Say {
        begun_ms,
        ..say(1, "same")
    };
    table.session.say(&first);
    assert_eq!(table.proofs(), [(1, taken(Some("a")))]);
    let behind = |key, id: &str| Say {
        behind: Some(id.to_owned()),
        begun_ms,
        ..say(key, "same")
    };
    table.session.say(&behind(2, "a"));
    assert_eq!(table.proofs(), [(2, taken(Some("b")))]);
    table.session.say(&behind(3, "b"));
    assert_eq!(table.sent()[0], "PRIVMSG #room :same");
}

#[test]
fn messages_leave_no_faster_than_the_server_allows() {
    let flood = Flood {
        burst: 3,
        every_ms: 2_000,
    };
    let mut table = Table::new(Settings {
        flood,
        ..unlimited()
    });
    table.hear(":s.x 001 bot :Welcome");
    table.hear(":s.x 376 bot :End");
    table.join("#room", None);
    table.sent();
    table.hear(":bot!u@h JOIN #room");
    table.answer_pings();
    table.wait(50_000);
    let mut left = Vec::new();
    for key in 0..6 {
        table.say(key, "x");
    }
    let begun = table.now;
    while left.len() < 6 {
        let lines = table.answer_pings();
        left.extend(lines.iter().map(|_| (table.now - begun) / 1000));
        let next = table.session.next_deadline(table.now).unwrap();
        table.wait((next - table.now).max(1));
    }
    assert_eq!(left[..3], [0, 0, 0]);
    assert!(left[3] >= 2 && left[5] >= 6, "{left:?}");
    assert_eq!(table.proofs().len(), 6);
}

#[test]
fn an_echo_that_comes_too_late_answers_the_next_try() {
    let mut table = Table::ready("message-tags echo-message server-time");
    table.say(1, "hello");
    table.answer_pings();
    table.wait(30_000);
    assert_eq!(table.proofs().len(), 1);
    table.hear("@msgid=m1;time=2027-01-15T08:00:02.000Z :bot!u@h PRIVMSG #room :hello");
    let again = Say {
        begun_ms: crate::parse_time("2027-01-15T08:00:00.000Z"),
        ..say(2, "hello")
    };
    table.session.say(&again);
    assert_eq!(table.proofs(), [(2, taken(Some("m1")))]);
    assert!(table.sent().is_empty());
}

#[test]
fn another_client_under_the_same_name_proves_nothing() {
    let mut table = Table::ready("message-tags echo-message");
    table.say(1, "ours");
    table.answer_pings();
    table.hear("@msgid=x :bot!u@h PRIVMSG #room :somebody's at the same bouncer");
    assert!(table.proofs().is_empty());
    table.hear("@msgid=y :bot!u@h PRIVMSG #room :ours");
    assert_eq!(table.proofs(), [(1, taken(Some("y")))]);
}

#[test]
fn a_refusal_of_something_else_is_no_refusal_of_a_message() {
    let mut table = Table::ready("");
    table.say(1, "hello");
    table.sent();
    table.hear(":s.x 401 bot NickServ :No such nick/channel");
    table.hear(":s.x FAIL PRIVMSG X ann :not them");
    assert!(table.proofs().is_empty());
    table.hear(":s.x 417 bot :Input line was too long");
    assert!(matches!(table.proofs()[..], [(1, Proof::Never { .. })]));
}
