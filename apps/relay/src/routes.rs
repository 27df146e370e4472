//! Who is told what is said where. Pure: it follows from the plan alone. It must never tell a room twice, nor the room it comes from.

use std::collections::{BTreeSet, HashMap};

use towpath_chat::{Author, Ignore};
use towpath_outbox::{Recipient, Room, Target};

use crate::plan::{Member, Plan};

/// All routes of a plan.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    from: HashMap<Room, Vec<Route>>,
    sources: HashMap<String, Source>,
    /// Every room of the plan, with whether somebody reads it.
    rooms: HashMap<Room, bool>,
}

/// What one link does with what is said in one room.
#[derive(Debug)]
struct Route {
    link: String,
    ignore: Ignore,
    recipients: Vec<Recipient>,
}

/// How the side that a message comes from is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Source {
    pub network: String,
    pub label: String,
}

/// What becomes of one author's words in one room.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Who is told.
    pub recipients: Vec<Recipient>,
    /// Whether a link has the author on its list of those who are not told.
    pub ignored: bool,
}

impl Routes {
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut routes = Self::default();
        for (name, kind) in &plan.sides {
            let source = Source {
                network: kind.network(),
                label: kind.label().unwrap_or_default(),
            };
            routes.sources.insert(name.clone(), source);
        }
        for link in &plan.links {
            for member in &link.members {
                let reads = member.direction.reads();
                *routes.rooms.entry(place(member)).or_default() |= reads;
                if !reads {
                    continue;
                }
                let recipients = link
                    .members
                    .iter()
                    .filter(|other| other.direction.writes() && place(other) != place(member))
                    .map(|other| Recipient {
                        target: target(&link.name, other),
                        queue_max: u32::try_from(other.queue_max).unwrap_or(u32::MAX),
                    })
                    .collect();
                let route = Route {
                    link: link.name.clone(),
                    ignore: Ignore::new(member.ignore.iter().map(String::as_str)),
                    recipients,
                };
                routes.from.entry(place(member)).or_default().push(route);
            }
        }
        routes
    }

    /// Who is told what somebody says in a room. A room that two links would tell is told by the first.
    pub(crate) fn way(&self, room: &Room, author: &Author) -> Option<Way> {
        let routes = self.from.get(room)?;
        let mut way = Way {
            recipients: Vec::new(),
            ignored: false,
        };
        let mut told = BTreeSet::new();
        for route in routes {
            if route.ignore.matches(author) {
                way.ignored = true;
                continue;
            }
            for recipient in &route.recipients {
                if told.insert(recipient.target.place()) {
                    way.recipients.push(recipient.clone());
                }
            }
        }
        Some(way)
    }

    /// The links that read a room.
    pub(crate) fn links(&self, room: &Room) -> impl Iterator<Item = &str> {
        let routes = self.from.get(room).into_iter().flatten();
        routes.map(|route| route.link.as_str())
    }

    /// How a side is called; empty for one that is no more.
    pub(crate) fn source(&self, side: &str) -> Source {
        self.sources.get(side).cloned().unwrap_or_default()
    }

    /// Every room, with whether somebody reads it.
    pub(crate) fn rooms(&self) -> &HashMap<Room, bool> {
        &self.rooms
    }
}

/// The room of a member.
pub(crate) fn place(member: &Member) -> Room {
    Room {
        side: member.side.clone(),
        room: member.room.clone(),
    }
}

/// The queue of a member.
pub(crate) fn target(link: &str, member: &Member) -> Target {
    Target {
        link: link.to_owned(),
        side: member.side.clone(),
        room: member.room.clone(),
    }
}

#[cfg(test)]
mod tests;
