//! How long do sockets live under different traffic?
//!
//! Opens several sockets a little apart, so that the same age and the same moment differ, and watches each
//! under one kind of traffic. Whoever follows may end the watch; what was seen until then is told.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use towpath_diagnosis::observation::{Ending, Endurance, Fact, Traffic};

use towpath_net::limits::milliseconds;

use crate::handshake;
use crate::run::Probe;
use crate::talk::{self, Log, wire::Wire};

mod socket;

use socket::Guard;

/// How far a watch has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watched {
    /// Since the first socket opened.
    pub elapsed: Duration,
    /// When the watch ends at the latest, counted alike.
    pub total: Duration,
    /// Sockets still open.
    pub open: u32,
    /// Sockets that have ended.
    pub ended: u32,
}

/// Who follows the time ladder, and may end it.
#[derive(Clone, Default)]
pub struct Watch {
    /// Called about once a second.
    pub progress: Option<Arc<dyn Fn(Watched) + Send + Sync>>,
    /// Ends the watch early; the facts tell what was seen until then.
    pub stop: Option<Arc<Notify>>,
}

/// Watches for this long at most.
pub(crate) async fn ask(probe: &mut Probe, watch_ms: u64) -> Vec<Fact> {
    let total = Duration::from_millis(watch_ms).clamp(WATCH_MIN, WATCH_MAX);
    let began = Instant::now();
    let (end, ends) = watch::channel(began + total);
    let mut facts = Vec::new();
    let mut guards = JoinSet::new();
    for (at, traffic) in plan(probe, total) {
        // Sockets opened a little apart: then one age and one moment are not the same.
        tokio::time::sleep_until((began + at).into()).await;
        let (told, socket) = handshake::open(probe, &[]).await;
        facts.extend(told);
        let Some(socket) = socket.filter(|socket| socket.acceptable) else {
            continue;
        };
        let (opened, subprotocol) = (socket.opened, socket.subprotocol.clone());
        let mut wire = Wire::new(socket, Log::new(probe.redactor().clone()));
        talk::introduce(probe, &mut wire, subprotocol.as_deref()).await;
        let guard = Guard {
            opened,
            opened_at_ms: milliseconds(opened - probe.began),
            traffic,
            message: probe.settings.send.clone().filter(|_| !probe.settings.echo),
            wire,
        };
        guards.spawn(guard.watch(ends.clone()));
    }
    let lives = follow(&probe.settings.watch, guards, &end, began, total).await;
    facts.extend(lives.into_iter().map(Fact::Endurance));
    facts
}

/// What is watched, and when each socket opens.
fn plan(probe: &Probe, total: Duration) -> Vec<(Duration, Traffic)> {
    // Short watches look for short timeouts, which a slow beat would not prevent.
    let every_ms = milliseconds((total / 20).clamp(BEAT_MIN, BEAT_MAX));
    let last = total
        .saturating_sub(WAKE_ANSWER + Duration::from_millis(500))
        .max(total / 2);
    let mut plan = vec![Traffic::Silent, Traffic::Ping { every_ms }];
    if probe.settings.echo || probe.settings.send.is_some() {
        plan.push(Traffic::Data { every_ms });
    }
    plan.push(Traffic::Silent);
    let mut silences = vec![total / 4, total / 2, last];
    silences.dedup();
    plan.extend(silences.into_iter().map(|silent| Traffic::SilentThenPing {
        silent_ms: milliseconds(silent),
    }));
    (0..).map(|number| APART * number).zip(plan).collect()
}

/// Reports progress, ends the watch when it is asked to or when nothing more can be learnt.
async fn follow(
    watch: &Watch,
    mut guards: JoinSet<Endurance>,
    end: &watch::Sender<Instant>,
    began: Instant,
    total: Duration,
) -> Vec<Endurance> {
    let mut lives: Vec<Endurance> = Vec::new();
    let stop = watch.stop.clone().unwrap_or_default();
    let mut tick = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            life = guards.join_next() => match life {
                Some(Ok(life)) => {
                    if let Some(enough) = enough(&life, began) {
                        end.send_modify(|until| *until = enough.min(*until));
                    }
                    lives.push(life);
                }
                // A task that failed has nothing to tell.
                Some(Err(_)) => {}
                None => break,
            },
            _ = tick.tick() => {
                if let Some(progress) = &watch.progress {
                    progress(Watched {
                        elapsed: began.elapsed(),
                        total,
                        open: u32::try_from(guards.len()).unwrap_or(u32::MAX),
                        ended: u32::try_from(lives.len()).unwrap_or(u32::MAX),
                    });
                }
            }
            () = stop.notified() => {
                end.send_modify(|until| *until = Instant::now());
            }
        }
    }
    lives.sort_by_key(|life| life.opened_at_ms);
    lives
}

/// Once silence has killed a socket, the busy ones need to outlive it only clearly.
fn enough(life: &Endurance, began: Instant) -> Option<Instant> {
    let silent = life.traffic == Traffic::Silent && life.ended.is_some();
    let cut = !matches!(life.ended, Some(Ending::Deviated));
    (silent && cut).then(|| {
        let lived = Duration::from_millis(life.lived_ms);
        began + APART * SOCKETS + lived.mul_f32(2.5) + Duration::from_secs(2)
    })
}

/// The time between two openings.
const APART: Duration = Duration::from_millis(350);
/// The most sockets of a watch.
const SOCKETS: u32 = 7;
/// The shortest time between two pings or messages.
const BEAT_MIN: Duration = Duration::from_millis(500);
/// The longest time between two pings or messages.
const BEAT_MAX: Duration = Duration::from_secs(1);
/// The time between two reports of progress.
const TICK: Duration = Duration::from_secs(1);
/// How long the answer to the ping after a silence may take.
pub(crate) const WAKE_ANSWER: Duration = Duration::from_secs(3);
/// The shortest watch.
const WATCH_MIN: Duration = Duration::from_secs(1);
/// The longest watch.
const WATCH_MAX: Duration = Duration::from_hours(24);
