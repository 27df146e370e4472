//! The side's task: connect, be connected, wait, again. It must never hammer a server that wants to be left alone.

use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use towpath_reach::Reach;

use super::carrier;
use super::connection::{self, Left};
use super::desk::{Asked, Desk};
use super::settings::{Settings, millis};
use crate::backoff::Backoff;
use crate::clock::now_unix_ms;
use crate::order::Order;
use crate::side::SideEnd;
use crate::state::Why;

/// A connection that was in order so long forgives the failures before it.
const STABLE: Duration = Duration::from_mins(1);

/// Why there is no connection, and when to try the next one.
pub(super) struct Lost {
    pub(super) why: Why,
    /// Whether another one is worth trying.
    pub(super) again: bool,
    /// How long to leave the server alone at least.
    pub(super) after: Duration,
}

/// How long the owner may take for what was read before the end.
const LAST_EVENTS_MAX: Duration = Duration::from_secs(2);

pub(super) async fn run(settings: Settings, end: SideEnd) {
    let reach = Reach::new(reach_settings(&settings));
    let SideEnd {
        mut orders,
        events,
        states,
    } = end;
    let mut desk = Desk::new(settings.name.clone(), events, states);
    let times = settings.times;
    let mut backoff = Backoff::new(times.backoff_first, times.backoff_max, STABLE);
    while let Some(lost) = once(&settings, &reach, &mut desk, &mut orders, &mut backoff).await {
        let wait = backoff.lost(Instant::now()).max(lost.after);
        let until = lost.again.then(|| now_unix_ms() + millis(wait));
        desk.is_away(&lost.why, until);
        let over = async {
            match until {
                Some(_) => tokio::time::sleep(wait).await,
                None => std::future::pending().await,
            }
        };
        if meanwhile(&mut desk, &mut orders, over).await.is_none() {
            break;
        }
        desk.is_connecting();
    }
    let events = desk.events.clone();
    let told = async {
        while desk.has_pending() {
            hand_over(&mut desk, events.reserve().await.ok());
        }
    };
    // An owner who takes nothing any more does not want it.
    let _ = tokio::time::timeout(LAST_EVENTS_MAX, told).await;
    reach.end().await;
}

/// One connection from its opening to its end; `None` where the side is to end.
async fn once(
    settings: &Settings,
    reach: &Reach,
    desk: &mut Desk,
    orders: &mut mpsc::Receiver<Order>,
    backoff: &mut Backoff,
) -> Option<Lost> {
    // Large, and over soon: not a part of what a waiting side holds.
    let opening = Box::pin(carrier::open(settings, reach));
    match meanwhile(desk, orders, opening).await? {
        Ok(opened) => match connection::drive(settings, opened, desk, orders, backoff).await {
            Left::Lost(lost) => Some(lost),
            Left::Ended => None,
        },
        Err(why) => Some(Lost {
            why,
            again: true,
            after: Duration::ZERO,
        }),
    }
}

/// Waits for something while orders are answered; `None` where the side is to end.
async fn meanwhile<T>(
    desk: &mut Desk,
    orders: &mut mpsc::Receiver<Order>,
    something: impl Future<Output = T>,
) -> Option<T> {
    tokio::pin!(something);
    loop {
        let events = desk.events.clone();
        tokio::select! {
            done = &mut something => return Some(done),
            order = orders.recv() => {
                if let Asked::End = desk.absent(order) {
                    return None;
                }
            }
            permit = events.reserve(), if desk.has_pending() => hand_over(desk, permit.ok()),
        }
    }
}

/// Hands one event to the owner. Where there is none any more the orders end too.
pub(super) fn hand_over(desk: &mut Desk, permit: Option<mpsc::Permit<'_, crate::side::Event>>) {
    let event = desk.next_pending();
    if let (Some(permit), Some(event)) = (permit, event) {
        permit.send(event);
    }
}

fn reach_settings(settings: &Settings) -> towpath_reach::Settings {
    let mut reach = towpath_reach::Settings::default();
    reach.via = settings.via;
    reach.origin.clone_from(&settings.origin);
    reach.net = settings.network.net.clone();
    reach.proxy = settings.network.proxy.clone();
    reach.may_use_browser = settings.may_use_browser;
    reach
}
