//! Into rooms, out of them against one's will, and back.

use super::*;
use crate::event::NotIn;

fn not_in(table: &mut Table) -> NotIn {
    match table.events().pop() {
        Some(Event::NotIn(not_in)) => not_in,
        other => panic!("{other:?}"),
    }
}

#[test]
fn rooms_are_joined_together_and_those_with_a_key_apart() {
    let mut table = Table::welcomed("");
    table.session.leave("#none");
    let key = Join {
        room: "#locked".to_owned(),
        key: Some("k".into()),
        since_ms: None,
        since_id: None,
        was_away: false,
    };
    let mut early = Table::new(unlimited());
    for room in ["#a", "#b"] {
        early.join(room, None);
    }
    early.session.join(early.now, key);
    early.sent();
    early.hear(":s.x 001 bot :Welcome");
    early.hear(":s.x 376 bot :End");
    assert_eq!(early.sent(), ["JOIN #locked :k", "JOIN #a,#b"]);
}

#[test]
fn a_refused_room_is_tried_again_or_not_by_its_reason() {
    let tried = [
        (471, Some(5_000)),
        (473, Some(300_000)),
        (474, Some(300_000)),
        (475, None),
        (477, Some(300_000)),
        (403, None),
        (405, Some(300_000)),
        (489, None),
        (437, Some(5_000)),
    ];
    for (code, after) in tried {
        let mut table = Table::welcomed("");
        table.join("#room", None);
        table.hear(&format!(":s.x {code} bot #ROOM :Cannot join channel"));
        let not_in = not_in(&mut table);
        assert_eq!(not_in.room, "#room");
        assert_eq!(not_in.again_at_ms.map(|at| at - table.now), after, "{code}");
        assert!(not_in.why.contains(&code.to_string()) && not_in.remedy.is_some());
        table.sent();
        table.wait(after.unwrap_or(3_600_000));
        let again = table.sent().contains(&"JOIN #room".to_owned());
        assert_eq!(again, after.is_some(), "{code}");
    }
}

#[test]
fn who_is_kicked_comes_back_later_each_time() {
    let mut table = Table::ready("");
    let mut waits = Vec::new();
    for _ in 0..4 {
        table.hear(":op!o@h KICK #room bot :out");
        let not_in = not_in(&mut table);
        assert!(not_in.why.contains("op") && not_in.why.contains("out"));
        let wait = not_in.again_at_ms.unwrap() - table.now;
        table.wait(wait);
        assert!(table.sent().contains(&"JOIN #room".to_owned()));
        table.hear(":bot!u@h JOIN #room");
        table.answer_pings();
        table.events();
        waits.push(wait);
    }
    assert_eq!(waits, [5_000, 10_000, 20_000, 40_000]);
    table.wait(11 * 60_000);
    table.hear(":s.x PONG s.x :alive");
    table.hear(":op!o@h KICK #room bot :out");
    assert_eq!(not_in(&mut table).again_at_ms.unwrap() - table.now, 5_000);
}

#[test]
fn an_invitation_opens_a_room_at_once() {
    let mut table = Table::welcomed("");
    table.join("#room", None);
    table.sent();
    table.hear(":s.x 473 bot #room :Cannot join channel (+i)");
    table.hear(":op!o@h INVITE bot :#room");
    assert_eq!(table.sent(), ["JOIN #room"]);
    table.hear(":op!o@h INVITE bot :#elsewhere");
    assert!(table.sent().is_empty());
}

#[test]
fn a_join_without_an_answer_is_tried_again() {
    let mut table = Table::welcomed("");
    table.join("#room", None);
    table.sent();
    table.wait(30_000);
    assert!(not_in(&mut table).again_at_ms.is_some());
}

#[test]
fn a_room_that_nobody_asked_for_is_left() {
    let mut table = Table::welcomed("");
    table.hear(":bot!u@h JOIN #overflow");
    assert_eq!(table.sent(), ["PART #overflow"]);
}

#[test]
fn a_room_that_is_left_is_forgotten() {
    let mut table = Table::ready("");
    table.session.leave("#ROOM");
    assert_eq!(table.sent(), ["PART #room"]);
    table.hear(":ann!a@h PRIVMSG #room :still here?");
    assert!(table.events().is_empty());
}

#[test]
fn what_was_said_before_the_join_is_told_from_the_mark_on_and_once() {
    let mark = 1_799_999_000_500;
    let capabilities = "batch server-time message-tags";
    let mut table = Table::in_room(capabilities, Some(mark));
    table.hear(":s.x BATCH +1 chathistory #room");
    for (second, id, nick, text) in [
        ("29:59", "a", "ann", "before the mark"),
        ("30:00", "b", "ann", "at the mark"),
        ("30:01", "c", "bot", "ours"),
        ("30:02", "d", "ben", "after it"),
    ] {
        table.hear(&format!(
            "@time=2027-01-15T07:{second}.000Z;msgid={id};batch=1 :{nick}!u@h PRIVMSG #room :{text}"
        ));
    }
    table.hear("@time=2027-01-15T08:00:01.000Z;msgid=e :cid!c@h PRIVMSG #room :live");
    table.hear(":s.x BATCH -1");
    assert!(table.events().is_empty());
    // 2027-01-15T07:43:20 is the mark's second.
    table.answer_pings();
    let _ = table.texts();
    let mut table = Table::in_room(
        capabilities,
        Some(crate::parse_time("2027-01-15T07:30:00.900Z").unwrap()),
    );
    table.hear(":s.x BATCH +1 chathistory #room");
    table.hear(
        "@time=2027-01-15T07:29:59.000Z;msgid=a;batch=1 :ann!u@h PRIVMSG #room :before the mark",
    );
    table.hear(
        "@time=2027-01-15T07:30:00.000Z;msgid=b;batch=1 :ann!u@h PRIVMSG #room :in its second",
    );
    table.hear("@time=2027-01-15T07:30:01.000Z;msgid=c;batch=1 :bot!u@h PRIVMSG #room :ours");
    table.hear("@time=2027-01-15T07:30:02.000Z;msgid=d;batch=1 :ben!u@h PRIVMSG #room :after it");
    table.hear("@time=2027-01-15T08:00:01.000Z;msgid=e :cid!c@h PRIVMSG #room :live");
    table.hear(":s.x BATCH -1");
    assert!(table.events().is_empty());
    table.answer_pings();
    let said = table.said();
    let told: Vec<_> = said
        .iter()
        .map(|said| (said.text.as_str(), said.replayed))
        .collect();
    assert_eq!(
        told,
        [("in its second", true), ("after it", true), ("live", false)]
    );
}

#[test]
fn the_marks_own_id_tells_exactly_where_to_go_on() {
    let at = crate::parse_time("2027-01-15T07:30:00.900Z");
    let mut table = Table::welcomed("batch server-time message-tags");
    let join = Join {
        room: "#room".to_owned(),
        key: None,
        since_ms: at,
        since_id: Some("b".to_owned()),
        was_away: false,
    };
    table.session.join(table.now, join);
    table.hear(":bot!u@h JOIN #room");
    table.hear("BATCH +1 chathistory #room");
    for id in ["a", "b", "c"] {
        table.hear(&format!(
            "@time=2027-01-15T07:30:00.000Z;msgid={id};batch=1 :ann!u@h PRIVMSG #room :{id}"
        ));
    }
    table.hear("BATCH -1");
    table.answer_pings();
    assert_eq!(table.texts(), ["c"]);
}

#[test]
fn a_first_join_tells_nothing_of_before() {
    let mut table = Table::in_room("batch server-time message-tags", None);
    table.hear(":s.x BATCH +1 chathistory #room");
    table.hear("@time=2027-01-15T07:30:00.000Z;msgid=a;batch=1 :ann!u@h PRIVMSG #room :old");
    table.hear(":s.x BATCH -1");
    table.answer_pings();
    assert_eq!(
        table.events(),
        [Event::Joined {
            room: "#room".to_owned()
        }]
    );
}

#[test]
fn playback_without_a_batch_is_known_by_its_time() {
    let since = crate::parse_time("2027-01-15T07:30:00.000Z");
    let mut table = Table::in_room("server-time", since);
    table.hear("@time=2027-01-15T07:29:00.000Z :ann!u@h PRIVMSG #room :older");
    table.hear("@time=2027-01-15T07:31:00.000Z :ann!u@h PRIVMSG #room :newer");
    table.answer_pings();
    let said = table.said();
    assert_eq!(said.len(), 1);
    assert!(said[0].replayed && said[0].id.is_some(), "{said:?}");
}

#[test]
fn history_is_asked_for_page_by_page_where_it_can_be() {
    let since = crate::parse_time("2027-01-15T07:30:00.000Z");
    let mut table = Table::welcomed("batch server-time message-tags draft/chathistory");
    table.hear(":s.x 005 bot CHATHISTORY=2 :are supported");
    table.join("#room", since);
    table.sent();
    table.hear(":bot!u@h JOIN #room");
    assert_eq!(
        table.sent(),
        ["CHATHISTORY AFTER #room timestamp=2027-01-15T07:28:00.000Z :2"]
    );
    let page = |table: &mut Table, lines: &[(&str, &str)]| {
        table.hear("BATCH +h chathistory #room");
        for (clock, text) in lines {
            table.hear(&format!("@time=2027-01-15T07:{clock}.000Z;msgid={text};batch=h :ann!u@h PRIVMSG #room :{text}"));
        }
        table.hear("BATCH -h");
        table.sent()
    };
    let next = page(&mut table, &[("29:00", "known"), ("30:10", "one")]);
    assert_eq!(
        next,
        ["CHATHISTORY AFTER #room timestamp=2027-01-15T07:30:09.999Z :2"]
    );
    assert!(page(&mut table, &[("30:10", "one"), ("30:11", "two")]).len() == 1);
    assert!(page(&mut table, &[("30:11", "two")]).is_empty());
    assert_eq!(table.texts(), ["one", "two"]);
}

#[test]
fn a_history_that_is_refused_or_never_ends_is_said() {
    let since = Some(1_799_999_000_000);
    let mut table = Table::in_room("batch server-time message-tags draft/chathistory", since);
    table.hear(":s.x FAIL CHATHISTORY MESSAGE_ERROR #room :Messages could not be retrieved");
    assert!(
        matches!(&table.events()[..], [Event::Missed { why, .. }, Event::Joined { .. }] if why.contains("retrieved"))
    );

    let mut table = Table::in_room("", since);
    table.sent();
    table.wait(15_000);
    assert!(matches!(
        table.events()[..],
        [Event::Missed { .. }, Event::Joined { .. }]
    ));
}

#[test]
fn a_gap_at_a_server_that_keeps_no_history_is_said() {
    let missed = |table: &mut Table| {
        table.answer_pings();
        let events = table.events();
        events
            .iter()
            .any(|event| matches!(event, Event::Missed { .. }))
    };
    let mut table = Table::ready("");
    table.hear(":op!o@h KICK #room bot :out");
    table.wait(5_000);
    table.hear(":bot!u@h JOIN #room");
    assert!(missed(&mut table));

    let mut table = Table::welcomed("batch server-time message-tags");
    table.hear(":s.x 005 bot CHANMODES=b,k,Hl,imnpst :are supported");
    let away = Join {
        room: "#room".to_owned(),
        key: None,
        since_ms: Some(table.now - 60_000),
        since_id: None,
        was_away: true,
    };
    table.session.join(table.now, away);
    table.sent();
    table.hear(":bot!u@h JOIN #room");
    let asked = table.sent();
    assert_eq!(asked[0], "MODE #room");
    table.hear(":s.x 324 bot #room +Hnt 2000:1h");
    table.hear(&format!(":s.x PONG s.x :{}", &asked[1]["PING ".len()..]));
    assert!(!missed(&mut table));
    assert!(table.session.is_in("#room"));
}

#[test]
fn a_name_that_would_be_a_list_or_a_command_is_never_joined() {
    let mut table = Table::welcomed("");
    for name in [
        "0",
        "room",
        "#a,#b",
        "#a b",
        "",
        "#a\r\nQUIT",
        ":#a",
        "#a\u{7}",
    ] {
        table.join(name, None);
        assert!(not_in(&mut table).again_at_ms.is_none(), "{name:?}");
        assert_eq!(table.sent(), [""; 0], "{name:?}");
    }
}

#[test]
fn the_history_of_many_rooms_is_waited_for_though_lines_leave_slowly() {
    let mut table = Table::new(Settings::new("bot"));
    table.sent();
    table.hear(":s.x 001 bot :Welcome");
    table.hear(":s.x 005 bot CHANMODES=b,k,lH,im :are supported");
    table.hear(":s.x 376 bot :End");
    let rooms: Vec<String> = (0..40).map(|number| format!("#room{number}")).collect();
    for room in &rooms {
        table.join(room, None);
        table.hear(&format!(":bot!u@h JOIN {room}"));
    }
    let mut events = table.events();
    for _ in 0..600 {
        // The server answers what has left, and takes its time.
        let asked = table.sent();
        table.wait(200);
        for token in asked.iter().filter_map(|line| line.strip_prefix("PING ")) {
            table.hear(&format!(":s.x PONG s.x :{token}"));
        }
        events.extend(table.events());
    }
    let missed: Vec<&Event> = events
        .iter()
        .filter(|event| matches!(event, Event::Missed { .. }))
        .collect();
    assert!(missed.is_empty(), "{missed:?}");
    let joined = |event: &&Event| matches!(event, Event::Joined { .. });
    assert_eq!(events.iter().filter(joined).count(), rooms.len());
}

/// Comes back to a server that runs since `created`, with `b` as the last that was heard; gives what is said of a gap.
fn back_at(created: &str, history: &[(&str, &str)]) -> Vec<String> {
    let mut table = Table::new(Settings {
        created_before: Some("created 07:00:00".to_owned()),
        ..unlimited()
    });
    table.sent();
    table.hear(":s.x CAP * LS :batch server-time message-tags");
    table.hear(":s.x CAP * ACK :batch server-time message-tags");
    table.hear(":s.x 001 bot :Welcome");
    table.hear(&format!(":s.x 003 bot :{created}"));
    table.hear(":s.x 005 bot CHANMODES=b,k,Hl,imnpst :are supported");
    table.hear(":s.x 376 bot :End");
    let join = Join {
        room: "#room".to_owned(),
        key: None,
        since_ms: crate::parse_time("2027-01-15T07:30:00.900Z"),
        since_id: Some("b".to_owned()),
        was_away: true,
    };
    table.session.join(table.now, join);
    let mut gaps = Vec::new();
    for _ in 0..2 {
        table.hear(":bot!u@h JOIN #room");
        table.hear(":s.x 324 bot #room +Hnt :50:1h");
        table.hear("BATCH +1 chathistory #room");
        for (id, second) in history {
            table.hear(&format!(
                "@time=2027-01-15T07:{second}.000Z;msgid={id};batch=1 :ann!u@h PRIVMSG #room :{id}"
            ));
        }
        table.hear("BATCH -1");
        table.answer_pings();
        gaps.extend(table.events().into_iter().filter_map(|event| match event {
            Event::Missed { why, .. } => Some(why),
            _ => None,
        }));
        // Once said it is not said again for the same server.
        table.hear(":op!o@h KICK #room bot :out");
        table.wait(5_000);
    }
    gaps
}

#[test]
fn a_server_that_forgot_its_history_by_a_restart_leaves_a_gap_that_is_said() {
    for history in [&[][..], &[("c", "31:00"), ("d", "31:01")]] {
        let gaps = back_at("created 07:30:30", history);
        assert!(
            matches!(&gaps[..], [why] if why.contains("restarted")),
            "{gaps:?}"
        );
    }
}

#[test]
fn a_history_that_outlives_its_server_or_is_only_short_leaves_none() {
    let outlived = [("b", "30:00"), ("c", "31:00")];
    assert_eq!(back_at("created 07:30:30", &outlived), [""; 0]);
    let older = [("a", "29:00"), ("c", "31:00")];
    assert_eq!(back_at("created 07:30:30", &older), [""; 0]);
    // Nothing was said for longer than the server keeps it.
    assert_eq!(back_at("created 07:00:00", &[]), [""; 0]);
}
