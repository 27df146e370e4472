//! Watches one browser from its start to its end, and clears away what it leaves.
//!
//! The task that owns the browser. It ends with a crash, an order, when nobody needs the browser, or when its keeper is
//! gone; it must never end a browser while somebody may be opening a socket in it.

use std::sync::Weak;
use std::time::Duration;

use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::Inner;
use super::settings::Timing;
use crate::carry::Carrier;
use crate::debugger::Debugger;
use crate::error::BrowserError;
use crate::launch::Browser;

/// A browser and what was made of it.
pub(super) struct Watched {
    pub(super) number: u64,
    pub(super) browser: Browser,
    pub(super) process: Option<u32>,
    pub(super) debugger: Debugger,
    pub(super) carrier: Carrier,
    /// Dropped when nothing of the browser is left.
    pub(super) cleared: oneshot::Sender<()>,
}

/// How it ends.
enum End {
    /// By itself, or because it does not answer: a clause.
    Crashed(String),
    /// Somebody said so.
    Ordered(&'static str),
    /// Nobody needs it.
    Unneeded(&'static str),
}

pub(super) async fn watch(
    inner: Weak<Inner>,
    mut watched: Watched,
    mut orders: mpsc::Receiver<&'static str>,
) {
    let end = loop {
        match next(&inner, &mut watched, &mut orders).await {
            End::Unneeded(why) => {
                if let_go(&inner, watched.number).await {
                    break End::Unneeded(why);
                }
                sleep(LOOK_AGAIN_MIN).await;
            }
            end => break end,
        }
    };
    let Watched {
        number,
        browser,
        process,
        debugger,
        carrier,
        cleared,
    } = watched;
    let left = match end {
        End::Crashed(reason) => {
            crashed(&inner, number, &debugger, &reason);
            let left = browser.discard().await;
            if let Some(inner) = inner.upgrade() {
                inner.slot.lock().await.clear_crashed(&inner.timing);
            }
            left
        }
        End::Ordered(why) | End::Unneeded(why) => {
            tracing::debug!(why, "ending the browser");
            end_gently(&inner, number, process, &debugger).await;
            browser.close().await
        }
    };
    // Removing a profile takes a while.
    let _ = tokio::task::spawn_blocking(move || drop(left)).await;
    // Its pages live until their sockets are told why they end.
    drop(carrier);
    drop(cleared);
}

/// Waits for the first reason to end.
async fn next(
    inner: &Weak<Inner>,
    watched: &mut Watched,
    orders: &mut mpsc::Receiver<&'static str>,
) -> End {
    let Some(keeper) = inner.upgrade() else {
        return End::Ordered(KEEPER_GONE);
    };
    let timing = keeper.timing.clone();
    let idle_recycle = keeper.settings.idle_recycle;
    let has_ceiling = keeper.settings.memory_bytes_max.is_some();
    // While it waits it must not keep the keeper alive.
    drop(keeper);
    let Watched {
        browser,
        process,
        debugger,
        carrier,
        ..
    } = watched;
    tokio::select! {
        biased;
        order = orders.recv() => End::Ordered(order.unwrap_or(KEEPER_GONE)),
        reason = process_end(browser) => End::Crashed(reason),
        error = debugger.ended() => End::Crashed(error.to_string()),
        reason = until_unwell(debugger, &timing) => End::Crashed(reason),
        () = until_idle(carrier, idle_recycle) => End::Unneeded("it held no socket for long"),
        () = until_over_ceiling(inner, *process, has_ceiling, &timing) => {
            End::Unneeded("it was over its memory ceiling")
        }
    }
}

/// A clause about how the process ended; never for a browser that is not ours.
async fn process_end(browser: &mut Browser) -> String {
    match browser.process() {
        None => std::future::pending().await,
        Some(process) => match process.ended().await {
            Some(status) => format!("the browser ended ({status})"),
            None => "the browser ended".to_owned(),
        },
    }
}

async fn until_unwell(debugger: &Debugger, timing: &Timing) -> String {
    loop {
        sleep(timing.health_pause).await;
        let answer = debugger
            .call(None, "Browser.getVersion", json!({}), timing.health_limit)
            .await;
        match answer {
            Ok(_) => {}
            // That it ended is told by who knows more of it.
            Err(BrowserError::Ended { .. }) => return std::future::pending().await,
            Err(_) => {
                let limit = timing.health_limit.as_secs_f32();
                return format!("the browser did not answer for {limit} s");
            }
        }
    }
}

async fn until_idle(carrier: &Carrier, idle_recycle: Duration) {
    loop {
        let idle = carrier.idle_since().map(|since| since.elapsed());
        let rest = match idle {
            Some(idle) if idle >= idle_recycle => return,
            Some(idle) => idle_recycle.saturating_sub(idle),
            // What is idle now and was not before has to be noticed soon enough to be counted from then.
            None => idle_recycle / 10,
        };
        sleep(rest.max(LOOK_AGAIN_MIN)).await;
    }
}

/// Measures from time to time. Returns where the browser is too large and holds no socket.
async fn until_over_ceiling(
    inner: &Weak<Inner>,
    process: Option<u32>,
    has_ceiling: bool,
    timing: &Timing,
) {
    let Some(process) = process else {
        return std::future::pending().await;
    };
    let mut pause = timing.memory_first;
    loop {
        sleep(pause).await;
        let Some(inner) = inner.upgrade() else {
            return std::future::pending().await;
        };
        inner.measure(process).await;
        pause = timing.memory_pause;
        if has_ceiling && inner.over_ceiling().is_some() {
            if inner.is_idle() {
                return;
            }
            pause = pause.min(OVER_CEILING_PAUSE);
        }
    }
}

/// Takes an idle browser out of its slot. `false` where somebody came for it meanwhile.
async fn let_go(inner: &Weak<Inner>, number: u64) -> bool {
    let Some(inner) = inner.upgrade() else {
        return true;
    };
    // Whoever opens a socket counts itself before it asks for the slot, so nobody is between the two lines.
    let mut slot = inner.slot.lock().await;
    inner.is_idle() && slot.remove(number)
}

fn crashed(inner: &Weak<Inner>, number: u64, debugger: &Debugger, reason: &str) {
    // The sockets learn it first.
    debugger.end(reason);
    tracing::warn!(reason, "the browser that carries sockets ended");
    if let Some(inner) = inner.upgrade() {
        let mut facts = inner.facts();
        facts.last_failure = Some(reason.to_owned());
        facts.ended(number);
    }
}

/// Asks the browser to end. One that is not ours only loses our pages, with the connection.
async fn end_gently(inner: &Weak<Inner>, number: u64, process: Option<u32>, debugger: &Debugger) {
    if let Some(inner) = inner.upgrade() {
        inner.facts().ended(number);
    }
    if process.is_some() {
        let _ = debugger
            .call(None, "Browser.close", json!({}), CLOSE_TIMEOUT)
            .await;
    }
    debugger.end(WAS_ENDED);
}

/// Told to whoever still wanted something of a browser that was ended on purpose.
pub(super) const WAS_ENDED: &str = "the browser was ended";
const KEEPER_GONE: &str = "its keeper is gone";
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
const LOOK_AGAIN_MIN: Duration = Duration::from_millis(20);
/// How soon a browser over its ceiling is measured again, since it may be idle by then.
const OVER_CEILING_PAUSE: Duration = Duration::from_secs(2);
