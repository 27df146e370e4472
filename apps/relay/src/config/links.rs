//! `[[link]]`: which rooms belong together.

use std::collections::BTreeSet;
use std::time::Duration;

use towpath_chat::FormatSettings;

use super::formats;
use super::nearest::nearest;
use super::section::Section;
use super::sides::Sides;
use crate::plan::{Direction, Link, Member, Uncertain};

/// What holds for all members that say nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivery {
    pub(super) age_max: Duration,
    pub(super) queue_max: usize,
    pub(super) uncertain: Uncertain,
    pub(super) replay_at_first_start: Duration,
}

/// `[delivery]`.
pub(super) fn delivery(root: &Section<'_>) -> Delivery {
    let mut all = Delivery {
        age_max: AGE_MAX,
        queue_max: QUEUE_MAX,
        uncertain: Uncertain::Repeat,
        replay_at_first_start: Duration::ZERO,
    };
    if let Some(section) = root.section("delivery") {
        change(&section, &mut all);
        if let Some(span) = section.span("replay_at_first_start", Duration::ZERO..=AGE_MOST) {
            all.replay_at_first_start = span;
        }
        section.end();
    }
    all
}

fn change(section: &Section<'_>, all: &mut Delivery) {
    if let Some(span) = section.span("age_max", AGE_LEAST..=AGE_MOST) {
        all.age_max = span;
    }
    if let Some(queue) = section.number("queue_max", 1..=QUEUE_MOST) {
        all.queue_max = usize::try_from(queue).unwrap_or(QUEUE_MAX);
    }
    let words = [("repeat", Uncertain::Repeat), ("drop", Uncertain::Drop)];
    if let Some(uncertain) = section.choice("uncertain", &words) {
        all.uncertain = uncertain;
    }
}

/// All links.
pub(super) fn read(
    root: &Section<'_>,
    sides: &Sides,
    common: &FormatSettings,
    all: &Delivery,
) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    for section in root.list("link") {
        let name = section.text("name").unwrap_or_default().trim();
        if name.is_empty() {
            section.wrong("name", "give the link a name, such as \"lounge\"");
        }
        if links.iter().any(|link| link.name == name) {
            section.wrong("name", &format!("there is a link \"{name}\" already"));
        }
        let members: Vec<Member> = section
            .list("members")
            .iter()
            .filter_map(|inner| member(inner, sides, common, all))
            .collect();
        if section.list("members").len() < 2 {
            section.wrong("members", "a link needs two members at least, such as { side = \"irc.libera\", room = \"#lounge\" }");
        }
        whole(&section, &members);
        for member in &members {
            spelt_once(&section, member, &links);
        }
        section.end();
        links.push(Link {
            name: name.to_owned(),
            members,
        });
    }
    links
}

/// What concerns all members of a link.
fn whole(section: &Section<'_>, members: &[Member]) {
    let mut rooms = BTreeSet::new();
    for member in members {
        if !rooms.insert((&member.side, folded(member))) {
            let message = format!("{} of {} is in this link twice", member.room, member.side);
            section.wrong("members", &message);
        }
    }
    if members.len() < 2 {
        return;
    }
    if members
        .iter()
        .all(|member| member.direction == Direction::Write)
    {
        section.wrong(
            "members",
            "nothing is read from any of them, so that nothing is ever told",
        );
    }
    if members
        .iter()
        .all(|member| member.direction == Direction::Read)
    {
        section.wrong("members", "none of them is told anything");
    }
}

/// The room as its side tells rooms apart: names that differ in case are one channel of IRC.
fn folded(member: &Member) -> String {
    if member.side.starts_with("irc.") {
        member.room.to_ascii_lowercase()
    } else {
        member.room.clone()
    }
}

/// The server tells of a channel by one name, whatever else it was called when it was joined.
fn spelt_once(section: &Section<'_>, member: &Member, links: &[Link]) {
    let mut others = links.iter().flat_map(|link| &link.members);
    let is_other = |other: &&Member| {
        other.side == member.side && other.room != member.room && folded(other) == folded(member)
    };
    if let Some(other) = others.find(is_other) {
        let message = format!(
            "{} and {} are one channel; write its name the same way in all links",
            member.room, other.room
        );
        section.wrong("members", &message);
    }
}

fn member(
    section: &Section<'_>,
    sides: &Sides,
    common: &FormatSettings,
    all: &Delivery,
) -> Option<Member> {
    let name = section.text("side").unwrap_or_default();
    let room = section.text("room").unwrap_or_default().trim();
    let words = [
        ("both", Direction::Both),
        ("read", Direction::Read),
        ("write", Direction::Write),
    ];
    let direction = section.choice("direction", &words);
    let ignore = section.texts("ignore");
    let mut own = formats::read(section);
    if let Some(text) = formats::one(section, "format") {
        own.text = Some(text);
    }
    let mut delivery = *all;
    change(section, &mut delivery);
    section.end();
    if room.is_empty() || room.contains(char::is_control) {
        section.wrong("room", "name the room, such as \"#lounge\" or \"@lounge\"");
        return None;
    }
    let Some(side) = sides.get(name) else {
        section.wrong("side", &unknown_side(name, sides));
        return None;
    };
    let side = side.as_ref()?;
    let room = match (side.room)(room) {
        Ok(room) => room,
        Err(why) => {
            section.wrong("room", &why);
            return None;
        }
    };
    if side.only_writes && matches!(direction, Some(Direction::Both | Direction::Read)) {
        section.wrong(
            "direction",
            "nothing can be read from this side; write \"write\" or leave it out",
        );
    }
    let usual = if side.only_writes {
        Direction::Write
    } else {
        Direction::Both
    };
    let rules = side.kind.rules(&room);
    let formats = match own.or(&side.formats).or(common).formats(&rules) {
        Ok(formats) => formats,
        Err(error) => {
            // Each was read before, where it stands; what is left concerns how they fit the side.
            section.wrong(error.key, &error.mistake.to_string());
            return None;
        }
    };
    Some(Member {
        side: name.to_owned(),
        room,
        formats,
        ignore: ignore.into_iter().map(str::to_owned).collect(),
        direction: direction.unwrap_or(usual),
        uncertain: delivery.uncertain,
        age_max: delivery.age_max,
        queue_max: delivery.queue_max,
    })
}

fn unknown_side(name: &str, sides: &Sides) -> String {
    if name.is_empty() {
        return "name the side, such as \"irc.libera\"".to_owned();
    }
    match nearest(name, sides.keys().map(String::as_str)) {
        Some(meant) => format!("there is no side \"{name}\"; did you mean \"{meant}\"?"),
        None => format!("there is no side \"{name}\"; it needs a table [{name}]"),
    }
}

/// How long something waits to be told.
const AGE_MAX: Duration = Duration::from_hours(24);
const AGE_LEAST: Duration = Duration::from_secs(1);
const AGE_MOST: Duration = Duration::from_hours(24 * 30);

/// How many things wait for one member.
const QUEUE_MAX: usize = 10_000;
const QUEUE_MOST: u64 = 1_000_000;
