//! Connections in their hundreds and thousands: opened, set off together, measured, stopped.

use super::Target;
use super::client::Client;
use super::dialect::Heard;
use crate::process;
use anyhow::{Context as _, Result, bail, ensure};
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::{AbortHandle, JoinSet};

/// Handshakes under way at once.
const OPENING_MAX: usize = 64;

/// Connections that send at once when each shall send one message.
const BURST: usize = 200;

/// How long all handshakes together, or the last echoes, may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one party did in one window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reading {
    /// Echoes per second.
    pub(crate) messages_per_second: f64,
    /// CPU seconds of the party for each echo.
    pub(crate) cpu_per_message: f64,
}

/// Open connections to one target. They stay responsive while nothing is measured.
#[derive(Debug)]
pub(crate) struct Fleet {
    clients: Vec<Rc<RefCell<Client>>>,
    listeners: Vec<AbortHandle>,
    tally: Rc<Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    running: Cell<bool>,
    echoes: Cell<u64>,
    outstanding: Cell<usize>,
    ready: Cell<usize>,
    failure: RefCell<Option<String>>,
    /// When the last echo came, and the seconds from each echo to the next, while these are wanted.
    times: RefCell<Option<(Instant, Vec<f64>)>>,
}

impl Fleet {
    /// Opens `count` connections and waits until each may send. Needs a `LocalSet`.
    pub(crate) async fn open(target: &Target, count: usize) -> Result<Self> {
        let mut fleet = Self {
            clients: Vec::with_capacity(count),
            listeners: Vec::with_capacity(count),
            tally: Rc::default(),
        };
        let mut opening = JoinSet::new();
        for index in 0..count {
            if opening.len() >= OPENING_MAX {
                fleet.add(opening.join_next().await)?;
            }
            let target = target.clone();
            opening.spawn_local(async move {
                tokio::time::timeout(PATIENCE, Client::open(&target, index))
                    .await
                    .context("the handshake hangs")?
            });
        }
        while !opening.is_empty() {
            fleet.add(opening.join_next().await)?;
        }
        fleet
            .wait("not ready", |tally| tally.ready.get() == count)
            .await?;
        Ok(fleet)
    }

    fn add(
        &mut self,
        opened: Option<Result<Result<Client>, tokio::task::JoinError>>,
    ) -> Result<()> {
        let client = opened.context("no handshake is under way")???;
        if client.is_ready() {
            self.tally.ready.update(|ready| ready + 1);
        }
        let client = Rc::new(RefCell::new(client));
        self.clients.push(Rc::clone(&client));
        let tally = Rc::clone(&self.tally);
        let listener = tokio::task::spawn_local(async move {
            let failure = poll_fn(|context| {
                client
                    .borrow_mut()
                    .poll(context, &mut |heard| tally.note(heard))
            })
            .await;
            tally
                .failure
                .borrow_mut()
                .get_or_insert_with(|| format!("{failure:#}"));
        });
        self.listeners.push(listener.abort_handle());
        Ok(())
    }

    /// Keeps `depth` messages under way on every connection and measures the party's CPU over `window`, after a
    /// warm-up.
    pub(crate) async fn measure(
        &self,
        window: Duration,
        depth: usize,
        party: &[u32],
    ) -> Result<Reading> {
        self.tally.running.set(true);
        for _ in 0..depth {
            self.set_off(&self.clients)?;
        }
        tokio::time::sleep(window / 4).await;
        let before = (
            Instant::now(),
            process::cpu_seconds(party),
            self.tally.echoes.get(),
        );
        tokio::time::sleep(window).await;
        let after = (
            Instant::now(),
            process::cpu_seconds(party),
            self.tally.echoes.get(),
        );
        self.tally.running.set(false);
        self.wait("echoes are missing", |tally| tally.outstanding.get() == 0)
            .await?;
        let echoes = after.2 - before.2;
        ensure!(echoes > 0, "not one echo in {window:?}");
        #[expect(clippy::cast_precision_loss)]
        let echoes = echoes as f64;
        Ok(Reading {
            messages_per_second: echoes / (after.0 - before.0).as_secs_f64(),
            cpu_per_message: (after.1 - before.1) / echoes,
        })
    }

    /// Seconds from each message to its echo, one message at a time for as long as `window`. Wants a single connection.
    pub(crate) async fn round_trips(&self, window: Duration) -> Result<Vec<f64>> {
        ensure!(
            self.clients.len() == 1,
            "round trips of one connection only"
        );
        self.tally.running.set(true);
        *self.tally.times.borrow_mut() = Some((Instant::now(), Vec::new()));
        self.set_off(&self.clients)?;
        tokio::time::sleep(window).await;
        self.tally.running.set(false);
        self.wait("echoes are missing", |tally| tally.outstanding.get() == 0)
            .await?;
        let (_, times) = self.tally.times.take().unwrap_or((Instant::now(), vec![]));
        ensure!(!times.is_empty(), "not one echo in {window:?}");
        Ok(times)
    }

    /// Sends one message on each connection, waits for all echoes, and says what is due then.
    pub(crate) async fn one_each(&self) -> Result<()> {
        for some in self.clients.chunks(BURST) {
            self.set_off(some)?;
            self.wait("echoes are missing", |tally| tally.outstanding.get() == 0)
                .await?;
            for client in some {
                client.borrow_mut().rest();
            }
        }
        Ok(())
    }

    /// The first failure of any connection.
    pub(crate) fn check(&self) -> Result<()> {
        match self.tally.failure.borrow().as_deref() {
            Some(failure) => bail!("{failure}"),
            None => Ok(()),
        }
    }

    fn set_off(&self, clients: &[Rc<RefCell<Client>>]) -> Result<()> {
        for client in clients {
            client.borrow_mut().start()?;
            self.tally.outstanding.update(|count| count + 1);
        }
        Ok(())
    }

    async fn wait(&self, what: &str, done: impl Fn(&Tally) -> bool) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        while !done(&self.tally) {
            self.check()?;
            ensure!(
                Instant::now() < until,
                "{what}: {} of {} ready, {} messages outstanding",
                self.tally.ready.get(),
                self.clients.len(),
                self.tally.outstanding.get(),
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        self.check()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        for listener in &self.listeners {
            listener.abort();
        }
    }
}

impl Tally {
    /// Counts what was heard; whether the next message shall follow.
    fn note(&self, heard: Heard) -> bool {
        match heard {
            Heard::Ready => {
                self.ready.update(|ready| ready + 1);
                false
            }
            Heard::Echo => {
                if let Some((last, times)) = self.times.borrow_mut().as_mut() {
                    let now = Instant::now();
                    times.push((now - *last).as_secs_f64());
                    *last = now;
                }
                self.echoes.update(|echoes| echoes + 1);
                if !self.running.get() {
                    self.outstanding.update(|count| count - 1);
                }
                self.running.get()
            }
            Heard::Nothing => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Shape, Speech};

    #[test]
    fn a_fleet_hears_its_echoes() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::task::spawn_local(crate::echo::accept_all(listener));
            let target = Target {
                address,
                path: "/",
                speech: Speech::Plain,
                shape: Shape::KILOBYTE,
                is_page: true,
                tls: None,
            };
            let fleet = Fleet::open(&target, 20).await.unwrap();
            fleet.one_each().await.unwrap();
            assert_eq!(fleet.tally.echoes.get(), 20);
            let own = [std::process::id()];
            let reading = fleet
                .measure(Duration::from_millis(100), 3, &own)
                .await
                .unwrap();
            assert!(reading.messages_per_second > 0.0 && reading.cpu_per_message > 0.0);
            assert!(fleet.round_trips(Duration::ZERO).await.is_err());
            let one = Fleet::open(&target, 1).await.unwrap();
            let times = one.round_trips(Duration::from_millis(20)).await.unwrap();
            assert!(times.iter().all(|time| *time > 0.0), "{times:?}");
            server.abort();
        });
    }
}
