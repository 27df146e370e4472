//! The registration: capabilities, login, nicknames, and those whom the server does not want.

use super::*;
use crate::settings::Sasl;

fn with_login() -> Settings {
    let sasl = Sasl::Plain {
        account: "jilles".to_owned(),
        password: "sesame".into(),
    };
    Settings {
        sasl: Some(sasl),
        ..unlimited()
    }
}

fn ending(table: &mut Table) -> crate::Ending {
    match table.events().pop() {
        Some(Event::Ended(ending)) => ending,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_session_registers_and_asks_for_what_is_offered() {
    let mut table = Table::new(Settings {
        password: Some("gate".into()),
        ..unlimited()
    });
    let begun = [
        "CAP LS :302",
        "PASS gate",
        "NICK bot",
        "USER towpath 0 * :a chat relay (Towpath)",
    ];
    assert_eq!(table.sent(), begun);
    table.hear("CAP * LS * :server-time message-tags unknown-thing");
    assert!(table.sent().is_empty());
    table.hear("CAP * LS :batch sasl=PLAIN");
    assert_eq!(table.sent(), ["CAP REQ :message-tags server-time batch"]);
    table.hear("CAP * ACK :message-tags server-time batch ");
    assert_eq!(table.sent(), ["CAP END"]);
    table.hear("PING :cookie");
    assert_eq!(table.sent(), ["PONG cookie"]);
    table.hear(":s.x 001 Bot2 :Welcome");
    table.hear(":s.x 005 Bot2 NETWORK=Lab :are supported");
    table.hear(":s.x 422 Bot2 :No MOTD");
    let registered = Event::Registered {
        nick: "Bot2".to_owned(),
        account: None,
        network: Some("Lab".to_owned()),
        created: None,
    };
    assert_eq!(table.events(), [registered]);
}

#[test]
fn a_server_that_knows_no_capabilities_is_taken_as_it_is() {
    let mut table = Table::new(unlimited());
    table.sent();
    table.hear(":s.x 421 * CAP :Unknown command");
    table.hear(":s.x 001 bot :Welcome");
    table.wait(5_000);
    assert!(matches!(table.events()[..], [Event::Registered { .. }]));
}

#[test]
fn a_login_comes_before_the_end_of_the_registration() {
    let mut table = Table::new(with_login());
    table.sent();
    table.hear("CAP * LS :sasl=EXTERNAL,PLAIN");
    assert_eq!(table.sent(), ["CAP REQ :sasl"]);
    table.hear("CAP bot ACK :sasl");
    assert_eq!(table.sent(), ["AUTHENTICATE PLAIN"]);
    table.hear("AUTHENTICATE +");
    assert_eq!(table.sent(), ["AUTHENTICATE AGppbGxlcwBzZXNhbWU="]);
    table.hear(":s.x 900 bot bot!u@h jilles :You are now logged in as jilles");
    table.hear(":s.x 903 bot :SASL authentication successful");
    assert_eq!(table.sent(), ["CAP END"]);
    table.hear(":s.x 001 bot :Welcome");
    table.hear(":s.x 376 bot :End");
    assert!(
        matches!(&table.events()[..], [Event::Registered { account: Some(account), .. }] if account == "jilles")
    );
}

#[test]
fn a_wrong_password_ends_for_good_and_is_not_shown() {
    let mut table = Table::new(with_login());
    table.hear("CAP * LS :sasl");
    table.hear("CAP bot ACK :sasl");
    table.hear("AUTHENTICATE +");
    table.hear(":s.x 904 bot :SASL authentication failed");
    let ending = ending(&mut table);
    assert!(
        !ending.again && ending.sentence.contains("SASL authentication failed"),
        "{ending:?}"
    );
    assert!(!format!("{table:?}", table = table.session).contains("sesame"));

    let mut table = Table::new(Settings {
        login_worked: true,
        ..with_login()
    });
    table.hear("CAP * LS :sasl");
    table.hear("CAP bot ACK :sasl");
    table.hear(":s.x 904 bot :SASL authentication failed");
    assert!(self::ending(&mut table).again);
}

#[test]
fn a_login_that_is_not_offered_is_waited_for_and_an_optional_one_is_not() {
    let mut table = Table::new(with_login());
    table.hear("CAP * LS :server-time sasl=SCRAM-SHA-256");
    table.hear("CAP * ACK :server-time");
    let ending = ending(&mut table);
    assert!(
        ending.again && ending.sentence.contains("SCRAM-SHA-256"),
        "{ending:?}"
    );

    let mut table = Table::new(Settings {
        sasl_optional: true,
        ..with_login()
    });
    table.sent();
    table.hear("CAP * LS :sasl=PLAIN");
    table.hear("CAP bot ACK :sasl");
    table.hear(":s.x 904 bot :SASL authentication failed");
    assert_eq!(table.sent().last().unwrap(), "CAP END");
    assert!(matches!(table.events()[..], [Event::Note(_)]));
}

#[test]
fn a_server_without_sasl_does_not_get_an_account_session() {
    let mut table = Table::new(with_login());
    table.hear(":s.x 001 bot :Welcome");
    assert!(!ending(&mut table).again);
}

#[test]
fn a_nickname_in_use_is_replaced_and_taken_back_when_it_is_free() {
    let mut table = Table::new(unlimited());
    table.sent();
    table.hear(":s.x 433 * bot :Nickname is already in use");
    assert_eq!(table.sent(), ["NICK bot_"]);
    table.hear(":s.x 437 * bot_ :Nick is temporarily unavailable");
    assert_eq!(table.sent(), ["NICK bot__"]);
    table.hear(":s.x 001 bot__ :Welcome");
    table.hear(":s.x 376 bot__ :End");
    table.events();
    table.wait(60_000);
    assert!(table.sent().contains(&"NICK bot".to_owned()));
    table.hear(":s.x 433 bot__ bot :Nickname is already in use");
    assert!(table.sent().is_empty());
    table.hear(":bot!x@y QUIT :Ping timeout");
    table.wait(1_000);
    assert_eq!(table.sent(), ["NICK bot"]);
    table.hear(":bot__!u@h NICK :bot");
    assert_eq!(table.events(), [Event::Nick("bot".to_owned())]);
    table.wait(59_000);
    assert!(table.sent().iter().all(|line| !line.starts_with("NICK")));
}

#[test]
fn every_nickname_in_use_is_an_end_that_may_help_later() {
    let mut table = Table::new(unlimited());
    for _ in 0..20 {
        table.hear(":s.x 433 * bot :Nickname is already in use");
    }
    assert!(ending(&mut table).again);
}

#[test]
fn those_whom_the_server_does_not_want_do_not_come_back() {
    for line in [
        ":s.x 465 bot :You are banned",
        ":s.x 464 bot :Password incorrect",
        ":s.x 432 * bot :Erroneous nickname",
        "ERROR :Closing link: (u@h) [Z-lined]",
    ] {
        let mut table = Table::new(unlimited());
        table.hear(line);
        let ending = ending(&mut table);
        assert!(
            !ending.again && ending.remedy.is_some(),
            "{line}: {ending:?}"
        );
    }
    let mut table = Table::welcomed("");
    table.hear(":oper!o@h KILL bot :go away");
    let killed = ending(&mut table);
    assert!(killed.again && killed.after_ms >= 60_000, "{killed:?}");
}

#[test]
fn a_silent_server_is_left() {
    let mut table = Table::new(unlimited());
    table.wait(30_000);
    assert!(ending(&mut table).sentence.contains("30 s"));

    let mut table = Table::welcomed("");
    table.wait(60_000);
    assert_eq!(table.sent(), ["PING alive"]);
    table.hear(":s.x PONG s.x :alive");
    table.wait(59_999);
    assert!(table.sent().is_empty());
    table.wait(1);
    assert_eq!(table.sent(), ["PING alive"]);
    table.wait(30_000);
    assert!(ending(&mut table).again);
    assert_eq!(table.session.next_deadline(table.now), None);
}

#[test]
fn a_service_is_told_the_password_once_the_server_let_us_in() {
    let service = crate::NickServ {
        nick: "NickServ".to_owned(),
        account: None,
        password: "sesame".into(),
    };
    let mut table = Table::new(Settings {
        nickserv: Some(service),
        ..unlimited()
    });
    assert!(table.sent().iter().all(|line| !line.contains("sesame")));
    table.hear(":s.x 001 bot :Welcome");
    table.hear(":s.x 376 bot :End");
    assert_eq!(table.sent(), ["PRIVMSG NickServ :IDENTIFY sesame"]);
}

#[test]
fn a_nickname_that_the_server_cuts_is_the_wanted_one() {
    let mut table = Table::new(Settings {
        nick: "a-very-long-name".to_owned(),
        ..unlimited()
    });
    table.hear(":s.x 001 a-very-lo :Welcome");
    table.hear(":s.x 005 a-very-lo NICKLEN=9 :are supported");
    table.hear(":s.x 376 a-very-lo :End");
    table.sent();
    table.wait(59_000);
    table.wait(1_000);
    assert_eq!(table.sent(), ["PING alive"]);
}
