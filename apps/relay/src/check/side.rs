//! One side, tried as the relay uses it: started, in its rooms, perhaps heard, ended. It must never leave a side running.

use std::time::{Duration, Instant};

use tokio::time::{sleep_until, timeout};
use towpath_sides::{Join, Side, SideSender, State, States, Why, irc, matterbridge, setting_for};

use super::ends::{End, Place, ends_of};
use super::ground::inquire;
use super::report::{Found, SideReport, Step};
use super::say::say;
use super::{CheckOptions, Trial, webhook};
use crate::clock::now_unix_ms;
use crate::plan::SideKind;
use crate::words;

/// How long a side may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(5);

/// How long a room may be missing in the states of a connection that is ready.
const ROOM_GRACE: Duration = Duration::from_secs(2);

/// How long a side without rooms is waited for.
const IDLE_PATIENCE: Duration = Duration::from_secs(10);

/// Losses after which a side is not waited for any longer: one may be chance.
const LOSSES_MAX: u32 = 2;

/// Tries one side.
pub(super) async fn try_side(trial: Trial, options: CheckOptions) -> SideReport {
    let began = Instant::now();
    let ends = ends_of(trial.kind.settings());
    let mut report = SideReport {
        name: trial.name.clone(),
        kind: trial.kind.kind().to_owned(),
        server: ends.first().map(End::server),
        ..SideReport::default()
    };
    use_it(&trial, &options, &ends, &mut report).await;
    explain(&ends, &mut report).await;
    for found in &mut report.findings {
        // The catalogue speaks to somebody who has no settings to change.
        if let Some(setting) = setting_for(&report.kind, &found.cause) {
            setting.clone_into(&mut found.remedy.user);
        }
    }
    report.elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    report
}

async fn use_it(trial: &Trial, options: &CheckOptions, ends: &[End], report: &mut SideReport) {
    let kind = &*trial.kind;
    let Side {
        sender,
        mut events,
        states,
        task,
    } = start(kind);
    // What is heard is the relay's to tell; here it must only not stand in the way.
    let reader = tokio::spawn(async move { while events.recv().await.is_some() {} });
    for room in trial.rooms.keys() {
        // Without a mark nothing that was said before is asked for.
        let room = room.clone();
        sender.join(Join { room, since: None }).await;
    }
    let settled = settle(trial, states, options.patience).await;
    let place = ends.first().map(End::place);
    report.way.clone_from(&settled.way);
    report.speaks_as.clone_from(&settled.speaks_as);
    match webhook::answer(kind.settings()).await {
        // A webhook has neither a connection nor rooms; all that can be known is in its answer.
        Some(step) => report.add(step),
        None => states_of(trial, &settled, place, report),
    }
    speak(trial, &settled, &sender, options, report).await;
    sender.end().await;
    drop(sender);
    let aborter = task.abort_handle();
    if timeout(GOODBYE, task).await.is_err() {
        aborter.abort();
    }
    reader.abort();
}

/// Starts a side so that it takes nothing away: the buffer of a Matterbridge is emptied by whoever reads it.
fn start(kind: &dyn SideKind) -> Side {
    match kind.settings().downcast_ref::<matterbridge::Settings>() {
        Some(settings) => matterbridge::start(matterbridge::Settings {
            only_client: false,
            ..settings.clone()
        }),
        None => kind.start(Vec::new()),
    }
}

/// Waits until the side and its rooms are ready, have stopped, or were lost too often, and gives the last that was seen.
async fn settle(
    trial: &Trial,
    mut states: tokio::sync::watch::Receiver<States>,
    patience: Duration,
) -> States {
    // A side that connects for its rooms alone never will.
    let patience = if trial.rooms.is_empty() {
        patience.min(IDLE_PATIENCE)
    } else {
        patience
    };
    let deadline = tokio::time::Instant::now() + patience;
    let mut seen = Seen::default();
    loop {
        let now = states.borrow_and_update().clone();
        if seen.is_settled(trial, &now) {
            return now;
        }
        let until = match seen.ready_since {
            Some(since) => deadline.min((since + ROOM_GRACE).into()),
            None => deadline,
        };
        tokio::select! {
            changed = states.changed() => if changed.is_err() {
                return states.borrow().clone();
            },
            () = sleep_until(until) => return states.borrow().clone(),
        }
    }
}

/// What was seen of a side so far.
#[derive(Default)]
struct Seen {
    losses: u32,
    /// The moment that the last loss named.
    tried_again: Option<i64>,
    /// Since when the connection is ready while rooms are missing.
    ready_since: Option<Instant>,
}

impl Seen {
    fn is_settled(&mut self, trial: &Trial, states: &States) -> bool {
        // Each loss names another moment for the next attempt.
        let until = match states.connection {
            State::Waiting { until_unix_ms, .. } => Some(until_unix_ms),
            _ => None,
        };
        let is_waiting = until.is_some();
        if is_waiting && until != self.tried_again {
            self.losses += 1;
            self.tried_again = until;
        }
        // A finding is the result of an inquiry; another attempt has the same.
        let is_explained = words::why(&states.connection).is_some_and(|why| why.finding.is_some());
        if is_waiting && (is_explained || self.losses >= LOSSES_MAX) {
            return true;
        }
        let known = trial
            .rooms
            .keys()
            .all(|room| states.rooms.contains_key(room));
        let rooms_settled = states
            .rooms
            .values()
            .all(|state| !matches!(state, State::Connecting));
        match &states.connection {
            State::Stopped { .. } => true,
            State::Ready if known => rooms_settled,
            State::Ready => {
                self.ready_since.get_or_insert_with(Instant::now);
                false
            }
            State::Connecting | State::Waiting { .. } => {
                self.ready_since = None;
                false
            }
        }
    }
}

/// The connection and the rooms. What all of them say is said once, and what a room says is not said again for the connection.
fn states_of(trial: &Trial, states: &States, place: Option<Place<'_>>, report: &mut SideReport) {
    let connection = &states.connection;
    let why = words::why(connection);
    let of_room = |room: &String| states.rooms.get(room).unwrap_or(connection);
    let same = trial
        .rooms
        .keys()
        .filter(|room| words::why(of_room(room)) == why)
        .count();
    // What an inquiry found is about the server, whichever room met it first.
    let is_found = why.is_some_and(|why| why.finding.is_some());
    let said_by_a_room = why.is_some() && !is_found && 0 < same && same < trial.rooms.len();
    if trial.rooms.is_empty() && matches!(connection, State::Connecting) {
        let idle = "no link uses it, and it connects for its rooms only";
        return report.add(Step::not_tried("connect", idle));
    }
    if !said_by_a_room {
        let name = states.speaks_as.as_ref().map(|name| format!(" as {name}"));
        let ready = format!(
            "ready{}{}",
            name.unwrap_or_default(),
            other_nick(trial, states)
        );
        report.add(step("connect", connection, &ready));
    }
    let why = why.or(states.last_trouble.as_ref().map(|trouble| &trouble.why));
    name(why.filter(|_| !connection.is_ready()), place, report);
    if !connection.is_ready() && !said_by_a_room {
        return;
    }
    for room in trial.rooms.keys() {
        let state = of_room(room);
        let is_cut_short = why.is_some() && matches!(state, State::Connecting);
        let step = if is_cut_short {
            Step::not_tried("room", "left out, since another one failed first")
        } else {
            step("room", state, entered(&*trial.kind))
        };
        report.add(step.of(room));
        name(words::why(state), place, report);
    }
}

/// What a room that is ready shows. A Matterbridge is asked for no room, and drops what is for a gateway that it does not have.
fn entered(kind: &dyn SideKind) -> &'static str {
    if kind.settings().is::<matterbridge::Settings>() {
        "listening; Matterbridge may not say whether it has a gateway of this name"
    } else {
        "in it"
    }
}

/// What there is to say where a network gave another name than the one that was wanted.
fn other_nick(trial: &Trial, states: &States) -> String {
    let settings = trial.kind.settings().downcast_ref::<irc::Settings>();
    let wanted = settings.map(|settings| settings.nick.as_str());
    match (wanted, states.speaks_as.as_deref()) {
        (Some(wanted), Some(name)) if !name.eq_ignore_ascii_case(wanted) => {
            format!(" (`{wanted}` was not to be had)")
        }
        _ => String::new(),
    }
}

/// A state as a step.
fn step(step: &'static str, state: &State, ready: &str) -> Step {
    match state {
        State::Ready => Step::held(step, ready),
        State::Connecting => Step::failed(step, "not ready in time").perhaps_network(),
        State::Waiting { why, .. } => failed(step, why).perhaps_network(),
        State::Stopped { why } => failed(step, why),
    }
}

async fn speak(
    trial: &Trial,
    states: &States,
    sender: &SideSender,
    options: &CheckOptions,
    report: &mut SideReport,
) {
    let is_ready = |room: &String| {
        states
            .rooms
            .get(room)
            .unwrap_or(&states.connection)
            .is_ready()
    };
    let told = trial.rooms.iter().filter(|(room, _)| is_ready(room));
    let told: Vec<_> = told.filter_map(|(_, member)| member.as_ref()).collect();
    match &options.say {
        Some(text) => {
            for member in told {
                report.add(say(&*trial.kind, sender, member, text, now_unix_ms()).await);
            }
        }
        None if told.is_empty() => {}
        None => report.add(Step::not_tried("say", "--say TEXT tells whether we may")),
    }
}

fn failed(step: &'static str, why: &Why) -> Step {
    // A finding brings the remedy itself, for each reader.
    let remedy = why.remedy.clone().filter(|_| why.finding.is_none());
    Step::failed(step, why.sentence.clone()).with_remedy(remedy)
}

/// Notes the cause that a side itself has named; the texts of the catalogue come with the server's name.
fn name(why: Option<&Why>, place: Option<Place<'_>>, report: &mut SideReport) {
    let Some(finding) = why.and_then(|why| why.finding.as_ref()) else {
        return;
    };
    let place = place.unwrap_or(("the server", 0, "/"));
    if let Some(found) = Found::named(&finding.cause, finding.confidence, place) {
        report.explain(found);
    }
}

/// Asks about the server where something failed and nothing explains it yet.
pub(super) async fn explain(ends: &[End], report: &mut SideReport) {
    let may_be_network = report.failed().any(|step| step.may_be_network);
    if !may_be_network || !report.findings.is_empty() {
        return;
    }
    for end in ends {
        let ground = inquire(end).await;
        let detail = format!("{}: {}", end.server(), ground.rungs);
        if ground.holds {
            report.add(Step::held("network", detail));
        } else if ground.findings.is_empty() {
            report.add(Step::failed("network", detail).with_remedy(ground.remedy()));
        }
        for finding in ground.findings {
            report.explain(finding.into());
        }
    }
}
