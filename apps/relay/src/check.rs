//! `towpath relay check`: tries every side of a configuration as the relay would use it, before it does.
//!
//! Each side is started, enters its rooms and is ended again; what fails is named by the same inquiry that `towpath check` makes. It must
//! never say anything in a room unless it was told to, and never take a message that the relay would miss.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::ask::ask;
use crate::config::from_file;
use crate::error::RelayError;
use crate::plan::{Member, Plan, SideKind};

mod ends;
mod ground;
mod question;
mod report;
mod say;
mod side;
mod text;
mod webhook;

pub use report::{CheckReport, Found, Outcome, SideReport, Step};

/// How a check is made.
#[derive(Debug, Clone)]
pub struct CheckOptions {
    /// What to say in every room that the relay tells something; without it nothing is said.
    pub say: Option<String>,
    /// How long a side may take to be ready. Shorter calls slow sides failed; longer waits longer for those that are.
    pub patience: Duration,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            say: None,
            patience: Duration::from_secs(45),
        }
    }
}

/// Reads a configuration and tries every side of it, as [`check()`] does.
pub async fn check_file(
    file: &Path,
    options: &CheckOptions,
    done: impl FnMut(&SideReport),
) -> Result<CheckReport, RelayError> {
    let config = from_file(file)?;
    let beside_a_relay = runs(file, &config.plan).await;
    if beside_a_relay && options.say.is_some() {
        return Err(RelayError::SpeaksBeside);
    }
    let report = check(&config.plan, options, done).await;
    Ok(CheckReport {
        beside_a_relay,
        ..report
    })
}

/// Whether a relay answers at the configuration's status address that has just these sides; another one may have taken the address.
async fn runs(file: &Path, plan: &Plan) -> bool {
    let Ok(told) = ask(file, true).await else {
        return false;
    };
    let status: Value = serde_json::from_str(&told.text).unwrap_or_default();
    let Some(sides) = status["sides"].as_object() else {
        return false;
    };
    sides.keys().collect::<BTreeSet<_>>() == plan.sides.keys().collect()
}

/// Sides that are tried at once.
const AT_ONCE: usize = 8;

/// Tries every side, several at once; each is told when it is done. It must be called within a tokio runtime.
pub async fn check(
    plan: &Plan,
    options: &CheckOptions,
    mut done: impl FnMut(&SideReport),
) -> CheckReport {
    let mut waiting: Vec<_> = trials(plan).into_iter().rev().collect();
    let mut running = JoinSet::new();
    let mut sides = Vec::new();
    loop {
        while running.len() < AT_ONCE {
            let Some(trial) = waiting.pop() else { break };
            running.spawn(side::try_side(trial, options.clone()));
        }
        match running.join_next().await {
            Some(Ok(report)) => {
                done(&report);
                sides.push(report);
            }
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            None => break,
        }
    }
    sides.sort_by(|one, two| one.name.cmp(&two.name));
    CheckReport::new(sides, plan.links.len())
}

/// One side with what the links want of it.
struct Trial {
    name: String,
    kind: Arc<dyn SideKind>,
    /// Its rooms; with a member that is told something, where there is one.
    rooms: BTreeMap<String, Option<Member>>,
}

/// One trial for each side, the unused ones included.
fn trials(plan: &Plan) -> Vec<Trial> {
    let of_side = |name: &String| {
        let members = plan.links.iter().flat_map(|link| &link.members);
        let members: Vec<_> = members.filter(|member| member.side == *name).collect();
        let rooms: BTreeSet<_> = members.iter().map(|member| &member.room).collect();
        rooms
            .into_iter()
            .map(|room| {
                let told = members
                    .iter()
                    .find(|member| member.room == *room && member.direction.writes());
                (room.clone(), told.map(|member| (*member).clone()))
            })
            .collect()
    };
    let one = |(name, kind): (&String, &Arc<dyn SideKind>)| Trial {
        name: name.clone(),
        kind: Arc::clone(kind),
        rooms: of_side(name),
    };
    plan.sides.iter().map(one).collect()
}

#[cfg(test)]
mod tests;
