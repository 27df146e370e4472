//! Who is told what, asked of plans without sides.

use std::time::Duration;

use towpath_chat::{FormatSettings, Rules};

use super::*;
use crate::plan::{Direction, Link, Uncertain};

fn member(side: &str, room: &str, direction: Direction, ignore: &[&str]) -> Member {
    Member {
        side: side.to_owned(),
        room: room.to_owned(),
        formats: FormatSettings::default()
            .formats(&Rules::default())
            .expect("the defaults are formats"),
        ignore: ignore.iter().map(|&name| name.to_owned()).collect(),
        direction,
        uncertain: Uncertain::Repeat,
        age_max: Duration::from_hours(24),
        queue_max: 7,
    }
}

fn routes(links: &[(&str, &[Member])]) -> Routes {
    let links = links.iter().map(|(name, members)| Link {
        name: (*name).to_owned(),
        members: members.to_vec(),
    });
    Routes::of(&Plan {
        sides: [].into(),
        links: links.collect(),
        replay_at_first_start: Duration::ZERO,
        age_max: Duration::from_hours(24),
    })
}

fn told(routes: &Routes, side: &str, room: &str, author: &str) -> Option<(Vec<String>, bool)> {
    let room = Room {
        side: side.to_owned(),
        room: room.to_owned(),
    };
    let author = Author {
        name: author.to_owned(),
        ..Author::default()
    };
    let way = routes.way(&room, &author)?;
    let told = way.recipients.iter().map(|one| one.target.to_string());
    Some((told.collect(), way.ignored))
}

#[test]
fn everybody_else_is_told() {
    let both = Direction::Both;
    let members = [
        member("kosmi.a", "@x", both, &[]),
        member("irc.b", "#x", both, &[]),
        member("irc.b", "#y", Direction::Write, &[]),
        member("webhook.c", "x", Direction::Read, &[]),
    ];
    let routes = routes(&[("one", &members)]);
    let from_kosmi = told(&routes, "kosmi.a", "@x", "ann");
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(
        from_kosmi,
        Some((
            names(&["irc.b #x (link one)", "irc.b #y (link one)"]),
            false
        ))
    );
    assert_eq!(told(&routes, "irc.b", "#y", "ann"), None, "it is not read");
    let (from_webhook, _) = told(&routes, "webhook.c", "x", "ann").expect("it is read");
    assert_eq!(from_webhook.len(), 3);
    assert_eq!(told(&routes, "irc.b", "#elsewhere", "ann"), None);
    let read: Vec<bool> = ["#x", "#y"]
        .map(|room| Room {
            side: "irc.b".to_owned(),
            room: room.to_owned(),
        })
        .map(|room| routes.rooms()[&room])
        .into();
    assert_eq!(read, [true, false]);
}

#[test]
fn a_room_of_two_links_is_told_by_the_first_that_does_not_ignore_the_author() {
    let both = Direction::Both;
    let one = [
        member("kosmi.a", "@x", both, &["bot*"]),
        member("irc.b", "#x", both, &[]),
    ];
    let two = [
        member("kosmi.a", "@x", both, &[]),
        member("irc.b", "#x", both, &[]),
    ];
    let routes = routes(&[("one", &one), ("two", &two)]);
    let by = |author| told(&routes, "kosmi.a", "@x", author).expect("it is read");
    assert_eq!(by("ann"), (vec!["irc.b #x (link one)".to_owned()], false));
    assert_eq!(by("botany"), (vec!["irc.b #x (link two)".to_owned()], true));
}
