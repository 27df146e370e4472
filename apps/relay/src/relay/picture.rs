//! How a relay goes, as one picture.

use std::collections::{BTreeMap, HashMap};

use towpath_outbox::{QueueLine, Target};
use towpath_sides::State;

use super::{Inner, View};
use crate::clock::now_unix_ms;
use crate::plain;
use crate::plan::{Link, Member};
use crate::routes::target;
use crate::shared::locked;
use crate::status::{LeftOver, LinkStatus, MemberStatus, Queue, SideStatus, Status};

impl Inner {
    pub(super) async fn picture(&self) -> Status {
        let view = locked(&self.view).clone();
        let lines = self.shared.outbox.counts().await;
        let trouble = match &lines {
            Err(error) => Some(error.to_string()),
            Ok(_) => self.shared.trouble(),
        };
        let mut lines: HashMap<Target, QueueLine> = lines
            .unwrap_or_default()
            .into_iter()
            .map(|line| (line.target.clone(), line))
            .collect();
        let links = view.plan.links.iter();
        Status {
            at_unix_ms: now_unix_ms(),
            started_unix_ms: self.started_unix_ms,
            sides: view.sides(),
            links: links.map(|link| view.link(link, &mut lines)).collect(),
            left_over: left_over(lines),
            store_trouble: trouble,
        }
    }
}

impl View {
    fn sides(&self) -> BTreeMap<String, SideStatus> {
        let side = |(name, kind): (&String, &std::sync::Arc<dyn crate::plan::SideKind>)| {
            let states = self.states.get(name).map(|states| states.borrow().clone());
            let heard = self.counts.get(name).map(|counts| counts.picture());
            let status = SideStatus {
                kind: kind.kind().to_owned(),
                network: kind.network(),
                states: plain::states(states.unwrap_or_default()),
                heard: heard.unwrap_or_default(),
            };
            (name.clone(), status)
        };
        self.plan.sides.iter().map(side).collect()
    }

    fn link(&self, link: &Link, lines: &mut HashMap<Target, QueueLine>) -> LinkStatus {
        let mut member = |member: &Member| {
            let target = target(&link.name, member);
            MemberStatus {
                side: member.side.clone(),
                room: member.room.clone(),
                reads: member.direction.reads(),
                writes: member.direction.writes(),
                state: self.state(member),
                queue: self.queue(&target, lines.remove(&target)),
            }
        };
        LinkStatus {
            name: link.name.clone(),
            members: link.members.iter().map(&mut member).collect(),
        }
    }

    fn state(&self, member: &Member) -> State {
        let Some(states) = self.states.get(&member.side) else {
            return State::default();
        };
        let states = states.borrow();
        let room = states.rooms.get(&member.room);
        plain::state(room.unwrap_or(&states.connection).clone())
    }

    fn queue(&self, target: &Target, line: Option<QueueLine>) -> Queue {
        let Some(line) = line else {
            return Queue::default();
        };
        let why = self.waits_for.get(target);
        let given_up = line.given_up.iter();
        Queue {
            waiting: line.waiting,
            oldest_unix_ms: line.oldest_unix_ms,
            delivered: line.delivered,
            uncertain: line.uncertain,
            given_up: given_up
                .map(|(reason, messages)| (reason.to_string(), *messages))
                .collect(),
            waits_for: why.and_then(|why| locked(why).as_deref().map(plain::line)),
        }
    }
}

fn left_over(lines: HashMap<Target, QueueLine>) -> Vec<LeftOver> {
    let mut left: Vec<LeftOver> = lines
        .into_values()
        .filter(|line| line.waiting > 0)
        .map(|line| LeftOver {
            link: line.target.link,
            side: line.target.side,
            room: line.target.room,
            waiting: line.waiting,
            oldest_unix_ms: line.oldest_unix_ms,
        })
        .collect();
    left.sort_by(|one, other| {
        (&one.link, &one.side, &one.room).cmp(&(&other.link, &other.side, &other.room))
    });
    left
}
