//! From one plan to the next: what is the same goes on, what is gone ends after its piece, what is new starts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use towpath_outbox::{Room, Target};
use towpath_sides::State;

use super::running::{RunningCourier, RunningSide, end_all, stop_all};
use super::{Inner, PIECE_END_MAX, Running, SIDE_END_MAX};
use crate::plan::{Member, Plan};
use crate::routes::{Routes, place, target};

impl Inner {
    pub(super) async fn change(&self, plan: Plan) {
        let mut running = self.running.lock().await;
        let wanted = wanted(&plan);
        let over = running.sides_that_end(&plan);
        self.end_couriers(&mut running, &wanted, &over).await;
        self.end_sides(&mut running, &plan, &over).await;
        let routes = Routes::of(&plan);
        let rooms: Vec<Room> = routes.rooms().keys().cloned().collect();
        let targets: Vec<Target> = wanted.keys().cloned().collect();
        self.shared.set_routes(routes);
        running.plan = plan;
        let outbox = &self.shared.outbox;
        self.shared
            .kept_soon(|| outbox.retain(&rooms, &targets))
            .await;
        self.adopt(&running.plan, &wanted).await;
        self.complete(&mut running).await;
    }

    /// Starts what the plan wants and does not run yet.
    pub(super) async fn complete(&self, running: &mut Running) {
        let names: Vec<String> = running.plan.sides.keys().cloned().collect();
        for name in names {
            if !self.run_side(running, &name).await {
                break;
            }
        }
        for (target, member) in wanted(&running.plan) {
            self.run_courier(running, target, member);
        }
        self.show(running);
    }

    /// A link may have a new name: what waits in one that is no more is told by another that joins the same two rooms.
    async fn adopt(&self, plan: &Plan, wanted: &BTreeMap<Target, Member>) {
        let outbox = &self.shared.outbox;
        let lines = self.shared.read_soon(|| outbox.counts()).await;
        let lines = lines.unwrap_or_default();
        let left = lines
            .iter()
            .filter(|line| line.waiting > 0 && !wanted.contains_key(&line.target));
        for line in left {
            let from = &line.target;
            for to in wanted.keys().filter(|to| to.place() == from.place()) {
                for said_in in plan.read_in(&to.link) {
                    let adopt = || outbox.adopt(&said_in, from, to);
                    self.shared.kept_soon(adopt).await;
                }
            }
        }
    }

    async fn end_couriers(
        &self,
        running: &mut Running,
        wanted: &BTreeMap<Target, Member>,
        over: &BTreeSet<String>,
    ) {
        let stopping: Vec<RunningCourier> = running
            .couriers
            .extract_if(|target, courier| {
                over.contains(&target.side) || wanted.get(target) != Some(&courier.member)
            })
            .map(|(_, courier)| courier)
            .collect();
        stop_all(stopping, PIECE_END_MAX).await;
    }

    /// Sides that are over end, and the others leave the rooms that nobody needs any more, or that are to be entered anew.
    async fn end_sides(&self, running: &mut Running, plan: &Plan, over: &BTreeSet<String>) {
        let ending: Vec<RunningSide> = running
            .sides
            .extract_if(|name, _| over.contains(name))
            .map(|(_, side)| side)
            .collect();
        end_all(ending, SIDE_END_MAX).await;
        running
            .counts
            .retain(|name, _| plan.sides.contains_key(name));
        for (name, side) in &mut running.sides {
            let needed = plan.rooms_of(name);
            let states = side.states.borrow().clone();
            // One that stopped is entered anew: somebody may have opened it at the other end.
            let has_stopped =
                |room: &String| matches!(states.rooms.get(room), Some(State::Stopped { .. }));
            let is_over = |room: &String| !needed.contains(room) || has_stopped(room);
            for room in side.rooms.extract_if(.., |room| is_over(room)) {
                side.sender.leave(&room).await;
            }
        }
    }

    /// Starts a side that does not run, and has it in all its rooms. Says no where the store does not say what it has to know; then the
    /// keeper comes back to it.
    async fn run_side(&self, running: &mut Running, name: &str) -> bool {
        let Some(kind) = running.plan.sides.get(name).cloned() else {
            return true;
        };
        if !running.sides.contains_key(name) {
            let outbox = &self.shared.outbox;
            // Without knowing who it was it would take its own words for somebody else's.
            let Some(own) = self.shared.read_soon(|| outbox.own(name)).await else {
                return false;
            };
            let counts = Arc::clone(running.counts.entry(name.to_owned()).or_default());
            let side = RunningSide::start(name, &kind, own, &counts, &self.shared);
            running.sides.insert(name.to_owned(), side);
        }
        let needed = running.plan.rooms_of(name);
        match running.sides.get_mut(name) {
            Some(side) => self.join(name, side, needed, &running.plan).await,
            None => true,
        }
    }

    fn run_courier(&self, running: &mut Running, target: Target, member: Member) {
        if running.couriers.contains_key(&target) {
            return;
        }
        if let Some(side) = running.sides.get(&target.side) {
            let courier = RunningCourier::start(target.clone(), member, side, &self.shared);
            running.couriers.insert(target, courier);
        }
    }
}

impl Running {
    /// Whether every side runs, and was asked to be in all its rooms.
    pub(super) fn is_complete(&self) -> bool {
        self.plan.sides.keys().all(|name| {
            let side = self.sides.get(name);
            side.is_some_and(|side| self.plan.rooms_of(name).is_subset(&side.rooms))
        })
    }

    /// The sides that are not in the next plan, or not as they were. One that stopped waits for somebody to change something, which may
    /// have been at the other end. It has stopped as a whole where no room goes on.
    fn sides_that_end(&self, plan: &Plan) -> BTreeSet<String> {
        let is_same = |name: &String, side: &RunningSide| {
            let next = plan.sides.get(name);
            let states = side.states.borrow();
            let mut all = states.rooms.values().chain([&states.connection]);
            let has_stopped = all.all(|state| matches!(state, State::Stopped { .. }));
            !has_stopped && next.is_some_and(|next| next.is_same(&*side.kind))
        };
        self.sides
            .iter()
            .filter(|(name, side)| !is_same(name, side))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

impl Plan {
    /// Every room that a side is to be in, read or told.
    fn rooms_of(&self, side: &str) -> BTreeSet<String> {
        let members = self.links.iter().flat_map(|link| &link.members);
        members
            .filter(|member| member.side == side)
            .map(|member| member.room.clone())
            .collect()
    }

    /// The rooms that a link reads.
    fn read_in(&self, link: &str) -> Vec<Room> {
        let links = self.links.iter().filter(|one| one.name == link);
        let members = links.flat_map(|link| &link.members);
        let read = members.filter(|member| member.direction.reads());
        read.map(place).collect()
    }

    /// The same plan before anything runs.
    pub(super) fn without_members(&self) -> Self {
        Self {
            sides: BTreeMap::new(),
            links: Vec::new(),
            ..self.clone()
        }
    }

    /// How long a message may wait for a target.
    pub(super) fn age_max_of(&self, told: &Target) -> Option<std::time::Duration> {
        let link = self.links.iter().find(|link| link.name == told.link)?;
        let member = link
            .members
            .iter()
            .find(|member| place(member) == told.place())?;
        Some(member.age_max)
    }
}

/// Everybody who is told something.
fn wanted(plan: &Plan) -> BTreeMap<Target, Member> {
    let members = plan.links.iter().flat_map(|link| {
        let told = link.members.iter().filter(|one| one.direction.writes());
        told.map(|member| (target(&link.name, member), member.clone()))
    });
    members.collect()
}
