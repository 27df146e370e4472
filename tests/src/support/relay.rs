//! A TCP relay that cuts: by command, by chance, after so many bytes, or by refusing everybody for a while.
//!
//! A cut is a reset on both sides, never a close, so that bytes under way are lost as in real networks.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::chance::Chance;

/// How connections are cut by themselves.
#[derive(Debug, Clone, Default)]
pub struct Habits {
    /// Each connection dies after a number of bytes below this, counted over both directions.
    pub bytes_below: Option<u64>,
    /// Each connection dies after a time below this.
    pub life_below: Option<Duration>,
    /// Every connection dies each so often, and new ones are reset for the second span.
    pub outage: Option<(Duration, Duration)>,
}

/// A running relay. Dropping it resets everything.
#[derive(Debug)]
pub struct Relay {
    port: u16,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    target: Mutex<SocketAddr>,
    /// Counts up at each cut of everything.
    cut: watch::Sender<u64>,
    offline: AtomicBool,
    cuts: AtomicU64,
    accepted: AtomicU64,
    chance: Mutex<Chance>,
    habits: Habits,
}

impl Relay {
    /// Starts it before a loopback port; `seed` decides every chance.
    pub async fn start(target: u16, seed: u64, habits: Habits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback has a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared {
            target: Mutex::new(loopback(target)),
            cut: watch::channel(0).0,
            offline: AtomicBool::new(false),
            cuts: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            chance: Mutex::new(Chance::new(seed)),
            habits,
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        if let Some((every, span)) = shared.habits.outage {
            let shared = Arc::clone(&shared);
            tasks.spawn(async move {
                loop {
                    sleep(every).await;
                    shared.offline.store(true, Ordering::SeqCst);
                    shared.cut.send_modify(|count| *count += 1);
                    sleep(span).await;
                    shared.offline.store(false, Ordering::SeqCst);
                }
            });
        }
        Self {
            port,
            shared,
            _tasks: tasks,
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Resets every connection.
    pub fn cut(&self) {
        self.shared.cut.send_modify(|count| *count += 1);
    }

    /// Resets new connections at once, or no more.
    pub fn offline(&self, offline: bool) {
        self.shared.offline.store(offline, Ordering::SeqCst);
    }

    /// Takes new connections elsewhere.
    pub fn redirect(&self, target: u16) {
        *self.shared.target.lock().expect("no holder panics") = loopback(target);
    }

    /// Connections that were let through.
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::SeqCst)
    }

    /// Connections that were reset in the middle.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        if shared.offline.load(Ordering::SeqCst) {
            reset(client);
            continue;
        }
        shared.accepted.fetch_add(1, Ordering::SeqCst);
        connections.spawn(relay(client, Arc::clone(&shared)));
    }
}

async fn relay(mut client: TcpStream, shared: Arc<Shared>) {
    let mut cut = shared.cut.subscribe();
    let (mut bytes, life) = {
        let mut chance = shared.chance.lock().expect("no holder panics");
        let bytes = shared.habits.bytes_below;
        let life = shared.habits.life_below.map(|most| {
            let most = u64::try_from(most.as_millis()).expect("a life is short");
            Duration::from_millis(chance.below(most))
        });
        (bytes.map(|most| chance.below(most)), life)
    };
    let target = *shared.target.lock().expect("no holder panics");
    let Ok(mut server) = TcpStream::connect(target).await else {
        reset(client);
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (mut up, mut down) = (vec![0; 16_384], vec![0; 16_384]);
    let death = sleep(life.unwrap_or(Duration::from_hours(1)));
    tokio::pin!(death);
    loop {
        let most = bytes.map_or(usize::MAX, |left| usize::try_from(left).expect("64 bits"));
        let moved = tokio::select! {
            read = client.read(&mut up) => forward(read, &up, &mut server, most).await,
            read = server.read(&mut down) => forward(read, &down, &mut client, most).await,
            _ = cut.changed() => None,
            () = &mut death => None,
        };
        match moved {
            Some(0) => {
                // An orderly end is passed on as one.
                let _ = (client.shutdown().await, server.shutdown().await);
                return;
            }
            Some(moved) if moved < most => bytes = bytes.map(|left| left - moved as u64),
            Some(_) | None => break,
        }
    }
    shared.cuts.fetch_add(1, Ordering::SeqCst);
    reset(client);
    reset(server);
}

/// Hands on at most `most` bytes. `Some(0)` is an end, `None` a reset.
async fn forward(
    read: std::io::Result<usize>,
    buffer: &[u8],
    to: &mut TcpStream,
    most: usize,
) -> Option<usize> {
    let read = read.ok()?;
    let bytes = read.min(most);
    to.write_all(&buffer[..bytes]).await.ok()?;
    Some(bytes)
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Ends a connection the hard way.
fn reset(stream: TcpStream) {
    let _ = stream.set_zero_linger();
    drop(stream);
}
