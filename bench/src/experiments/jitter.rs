//! The jitter run: clients that talk both ways at a steady pace while their TCP connections are killed again and again.
//!
//! Connections are reset, never closed, and everybody is offline for the same time. Raw samples are merged, so a
//! percentile is one of all messages.

mod carriage;
mod relay;
mod samples;
mod socket_io;

pub(crate) use samples::Summary;

use crate::party::{PARTIES, Party, Running};
use crate::settings::Settings;
use anyhow::{Context as _, Result};
use relay::Relay;
use samples::{Cut, summarize};
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::task::JoinSet;
use towpath_transport::client::{TRANSPORTS, Transport};

/// When what happens. Times are counted from the first message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) clients: u32,
    /// Messages of each client, and as many of the backend to each client.
    pub(crate) messages: u32,
    pub(crate) interval: Duration,
    /// When all connections are reset.
    pub(crate) cuts: Vec<Duration>,
    /// How long connections are refused then.
    pub(crate) offline: Duration,
    /// How long latecomers are waited for after the last message.
    pub(crate) grace: Duration,
}

impl Plan {
    fn of(settings: &Settings) -> Self {
        let (clients, messages, cuts) = if settings.quick {
            (50, 16, vec![3])
        } else {
            (200, 60, vec![8, 23])
        };
        Self {
            clients,
            messages,
            interval: Duration::from_millis(500),
            cuts: cuts.into_iter().map(Duration::from_secs).collect(),
            offline: Duration::from_secs(1),
            grace: Duration::from_secs(if settings.quick { 4 } else { 12 }),
        }
    }

    /// From the first message to the last, latecomers included.
    fn duration(&self) -> Duration {
        self.interval * (self.messages + 1) + self.grace
    }
}

/// One contestant's result.
#[derive(Debug)]
pub(crate) struct Jittered {
    pub(crate) name: String,
    pub(crate) summary: Option<Summary>,
    /// Why there is nothing, or what else went wrong.
    pub(crate) remark: Option<String>,
}

/// Time from the start of the contestants to the first message, for programs that start slowly.
const LEAD: Duration = Duration::from_secs(4);

/// Contestants are cut one after the other, so that they do not suffer from each other's return.
const APART: Duration = Duration::from_millis(700);

/// Where a contestant finds its server, and when it begins.
struct Course {
    plan: Plan,
    /// Milliseconds since 1970 of the first message: one clock for all processes of the machine.
    start: f64,
    /// The relay in front of the server.
    address: SocketAddr,
}

/// Runs all wanted contestants: ours side by side, then the others side by side.
pub(crate) async fn run(settings: &Settings) -> Result<Vec<Jittered>> {
    let plan = Plan::of(settings);
    let mut contests = JoinSet::new();
    let mut all = Vec::new();
    for transport in TRANSPORTS {
        let name = format!("towpath session, {}", transport.name());
        let place = u32::try_from(all.len())?;
        if settings.wants_party(&name) {
            all.push(Jittered::new(name));
            let (plan, settings) = (plan.clone(), settings.clone());
            contests.spawn_local(async move {
                (
                    place,
                    towpath(&settings, plan, transport, APART * place).await,
                )
            });
        }
    }
    finish(&mut contests, &mut all).await?;
    for variant in socket_io::VARIANTS {
        let place = u32::try_from(all.len())?;
        if settings.wants_party(variant.name) {
            all.push(Jittered::new(variant.name.to_owned()));
            let (plan, settings) = (plan.clone(), settings.clone());
            contests.spawn_local(async move {
                let run = socket_io::run(&settings, variant, plan, APART * place);
                (place, run.await)
            });
        }
    }
    finish(&mut contests, &mut all).await?;
    Ok(all)
}

/// Waits for those under way and files their results.
async fn finish(
    contests: &mut JoinSet<(u32, Result<Summary>)>,
    all: &mut [Jittered],
) -> Result<()> {
    eprintln!("jitter: {} contestants at once", contests.len());
    while let Some(done) = contests.join_next().await {
        let (place, result) = done?;
        let jittered = &mut all[usize::try_from(place)?];
        match result {
            Ok(summary) => jittered.summary = Some(summary),
            Err(error) => jittered.remark = Some(format!("{error:#}")),
        }
    }
    Ok(())
}

impl Jittered {
    fn new(name: String) -> Self {
        Self {
            name,
            summary: None,
            remark: None,
        }
    }
}

async fn towpath(
    settings: &Settings,
    plan: Plan,
    transport: Transport,
    apart: Duration,
) -> Result<Summary> {
    let mut backend = carriage::Backend::start(&plan, in_a_while()).await?;
    let running = gateway(settings, backend.address)?;
    let mut relay = Relay::start(running.target.address).await?;
    let course = Course {
        start: backend.start,
        address: relay.address,
        plan,
    };
    let clients = carriage::clients(&course, transport);
    let (cuts, clients) = tokio::join!(cut(&mut relay, &course, apart), clients);
    let mut samples = clients?;
    samples.extend(backend.finish());
    Ok(summarize(&course.plan, &samples, &cuts))
}

fn gateway(settings: &Settings, backend: SocketAddr) -> Result<Running> {
    let party: &Party = PARTIES
        .iter()
        .find(|party| party.name == "towpath session")
        .context("the gateway is a party")?;
    party
        .start(settings, backend, false)?
        .context("not installed")
}

/// Cuts as planned and waits until everything is over.
async fn cut(relay: &mut Relay, course: &Course, apart: Duration) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for at in &course.plan.cuts {
        sleep_until(course.start, *at + apart).await;
        let begin = now();
        relay.go_offline();
        tokio::time::sleep(course.plan.offline).await;
        relay.go_online();
        cuts.push(Cut { begin, end: now() });
    }
    sleep_until(course.start, course.plan.duration()).await;
    cuts
}

/// Milliseconds since 1970.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64() * 1000.0
}

fn in_a_while() -> f64 {
    now() + LEAD.as_secs_f64() * 1000.0
}

async fn sleep_until(start: f64, at: Duration) {
    let left = start / 1000.0 + at.as_secs_f64() - now() / 1000.0;
    tokio::time::sleep(Duration::try_from_secs_f64(left).unwrap_or_default()).await;
}
