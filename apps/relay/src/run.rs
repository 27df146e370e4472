//! A whole run: from the configuration to the last piece, through every reload.
//!
//! It must never change anything because of a configuration that has a mistake.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval, sleep};
use towpath_outbox::{Bounds, Outbox};

use crate::config::{self, Config};
use crate::error::RelayError;
use crate::event::{Event, Teller, changes, still_failing};
use crate::listener::Listener;
use crate::plan::Plan;
use crate::relay::Relay;
use crate::status::Status;

/// What a running relay is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Read the configuration anew.
    Reload,
    /// End.
    End,
}

/// A relay that is ready to run: its configuration holds, its store and its listener are open.
#[derive(Debug)]
pub struct Prepared {
    file: PathBuf,
    config: Config,
    outbox: Outbox,
    listener: Option<Listener>,
    asked: mpsc::Receiver<oneshot::Sender<Status>>,
    pictures: mpsc::Sender<oneshot::Sender<Status>>,
    teller: Teller,
}

/// Reads the configuration and opens what a relay needs. Nothing is connected yet. What happens later comes from the receiver.
pub async fn prepare(file: &Path) -> Result<(Prepared, mpsc::Receiver<Event>), RelayError> {
    let config = config::from_file(file)?;
    if let Some(folder) = config.state.parent() {
        std::fs::create_dir_all(folder).map_err(|source| RelayError::StateFolder {
            path: folder.to_owned(),
            source,
        })?;
    }
    let outbox = Outbox::open(&config.state, Bounds::default())?;
    let (pictures, asked) = mpsc::channel(WAITING_PICTURES_MAX);
    let listener = Listener::start(&config.status, pictures.clone()).await?;
    let (teller, events) = Teller::new();
    let prepared = Prepared {
        file: file.to_owned(),
        config,
        outbox,
        listener,
        asked,
        pictures,
        teller,
    };
    Ok((prepared, events))
}

impl Prepared {
    /// Relays until it is told to end, or nobody is left to tell it.
    pub async fn run(self, commands: mpsc::Receiver<Command>) {
        let (plan, unused) = used(&self.config.plan);
        let relay = Relay::start(plan.clone(), self.outbox).await;
        let relay = Arc::new(relay);
        let painter = paint(Arc::clone(&relay), self.asked);
        let mut running = Run {
            file: self.file,
            state: self.config.state,
            listener: self.listener,
            pictures: self.pictures,
            teller: self.teller,
            told: Status::default(),
        };
        running.greet(&plan, unused);
        running.serve(&relay, commands).await;
        running.teller.tell(Event::Ending);
        painter.abort();
        // It held the relay, too.
        let _ = painter.await;
        if let Some(relay) = Arc::into_inner(relay) {
            relay.end().await;
        }
    }
}

struct Run {
    file: PathBuf,
    /// The state file in use, whatever the configuration says by now.
    state: PathBuf,
    listener: Option<Listener>,
    pictures: mpsc::Sender<oneshot::Sender<Status>>,
    teller: Teller,
    /// The picture whose changes were told last.
    told: Status,
}

impl Run {
    fn greet(&mut self, plan: &Plan, unused: Vec<String>) {
        let event = Event::Started {
            sides: plan.sides.len(),
            links: plan.links.len(),
            status: self.status_url(),
            unused,
        };
        self.teller.tell(event);
    }

    fn status_url(&self) -> Option<String> {
        let listener = self.listener.as_ref()?;
        Some(format!("http://{}/", listener.address))
    }

    async fn serve(&mut self, relay: &Relay, mut commands: mpsc::Receiver<Command>) {
        let mut changed = relay.changed();
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Reload) => self.reload(relay).await,
                    Some(Command::End) | None => return,
                },
                change = changed.changed() => {
                    if change.is_err() {
                        return;
                    }
                    // Changes come in flocks, and one picture shows them all.
                    sleep(FLOCK).await;
                    changed.mark_unchanged();
                    self.tell(relay).await;
                }
                _ = beat.tick() => self.tell(relay).await,
            }
        }
    }

    /// Tells what is new.
    async fn tell(&mut self, relay: &Relay) {
        let status = still_failing(&self.told, relay.status().await);
        for event in changes(&self.told, &status) {
            self.teller.tell(event);
        }
        self.told = status;
    }

    async fn reload(&mut self, relay: &Relay) {
        let read = config::from_file(&self.file).map_err(RelayError::from);
        let taken = match read {
            Ok(config) => {
                let pictures = self.pictures.clone();
                let listening = Listener::change(&mut self.listener, &config.status, pictures);
                listening.await.map(|()| config)
            }
            Err(error) => Err(error),
        };
        let config = match taken {
            Ok(config) => config,
            Err(error) => {
                let why = whole(&error);
                tracing::warn!(why, "the configuration was not taken over");
                self.teller.tell(Event::NotReloaded { why });
                return;
            }
        };
        let mut left = Vec::new();
        if config.state != self.state {
            left.push("state: another file is taken at the next start".to_owned());
        }
        let (plan, unused) = used(&config.plan);
        relay.change(plan.clone()).await;
        tracing::info!(
            sides = plan.sides.len(),
            links = plan.links.len(),
            "configuration read anew"
        );
        self.teller.tell(Event::Reloaded {
            sides: plan.sides.len(),
            links: plan.links.len(),
            status: self.status_url(),
            unused,
            left,
        });
        self.tell(relay).await;
    }
}

/// An error with what is behind it.
fn whole(error: &dyn std::error::Error) -> String {
    let behind = std::iter::successors(error.source(), |error| error.source());
    behind.fold(error.to_string(), |told, error| format!("{told}: {error}"))
}

/// The plan without sides that no link names, and their names: such a side would never be ready, since it has no room.
fn used(plan: &Plan) -> (Plan, Vec<String>) {
    let mut used = plan.clone();
    let is_linked = |name: &String| {
        let mut members = plan.links.iter().flat_map(|link| &link.members);
        members.any(|member| member.side == *name)
    };
    used.sides.retain(|name, _| is_linked(name));
    let unused = plan.sides.keys().filter(|name| !is_linked(name));
    (used, unused.cloned().collect())
}

/// Takes pictures for whoever asks, while the run is busy with something else.
fn paint(relay: Arc<Relay>, mut asked: mpsc::Receiver<oneshot::Sender<Status>>) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(answer) = asked.recv().await {
            // Whoever asked may be gone.
            let _ = answer.send(relay.status().await);
        }
    })
}

/// Between two looks at the numbers.
const BEAT: Duration = Duration::from_secs(5);

/// How long changes are gathered.
const FLOCK: Duration = Duration::from_millis(50);

/// Callers of the status that wait for a picture.
const WAITING_PICTURES_MAX: usize = 16;

#[cfg(test)]
mod tests;
