//! The task of a webhook side. It must never leave an order without its outcome.

use std::time::{Duration, Instant, SystemTime};

use tokio::time::sleep_until;

use super::judge::{Judged, Next, failed, judge};
use super::settings::Settings;
use super::target::Target;
use crate::backoff::Backoff;
use crate::clock::now_unix_ms;
use crate::http::{Http, HttpLimits};
use crate::order::{Order, Outcome, Sending};
use crate::side::SideEnd;
use crate::state::{State, States, Trouble, Why};

/// How long a webhook has to be in order before failures are forgotten.
const STABLE: Duration = Duration::from_mins(1);

/// The longest pause that an order waits for here. A longer one is its owner's to wait for, who may have to end meanwhile and must know then
/// that nothing was sent.
const PAUSE_HERE_MAX: Duration = Duration::from_secs(2);

struct Task {
    target: Result<Target, String>,
    http: Http,
    limits: HttpLimits,
    backoff: Backoff,
    end: SideEnd,
    states: States,
    /// Before then no request is sent, though the side is in order.
    paused_until: Option<Instant>,
    /// Whether the last post failed.
    failed: bool,
    /// When a failed webhook is tried again.
    waits_until: Option<Instant>,
}

pub(super) async fn run(settings: Settings, end: SideEnd) {
    let network = settings.network.clone();
    let mut task = Task {
        http: Http::new(network.net, network.proxy),
        limits: HttpLimits {
            exchange: settings.answer,
            ..HttpLimits::default()
        },
        backoff: Backoff::new(settings.backoff_first, settings.backoff_max, STABLE),
        target: Target::new(settings),
        end,
        states: States::default(),
        paused_until: None,
        failed: false,
        waits_until: None,
    };
    task.begin();
    task.turn().await;
}

impl Task {
    fn begin(&mut self) {
        match &self.target {
            Ok(_) => self.set(State::Ready),
            Err(why) => {
                let why = why.as_str().into();
                self.set(State::Stopped { why });
            }
        }
    }

    async fn turn(&mut self) {
        loop {
            let waits = self.waits_until;
            let over = async {
                match waits {
                    Some(until) => sleep_until(until.into()).await,
                    None => std::future::pending().await,
                }
            };
            let order = tokio::select! {
                order = self.end.orders.recv() => order,
                () = over => {
                    self.waits_until = None;
                    self.set(State::Ready);
                    continue;
                }
            };
            match order {
                None | Some(Order::End) => return,
                Some(Order::Join(join)) => {
                    let state = self.states.connection.clone();
                    self.states.rooms.insert(join.room, state);
                    self.publish();
                }
                Some(Order::Leave(room)) => {
                    self.states.rooms.remove(&room);
                    self.publish();
                }
                // Whoever asked was cut off, and will ask again: it would be said twice.
                Some(Order::Send(_, answer)) if answer.is_closed() => {}
                Some(Order::Send(sending, answer)) => {
                    let outcome = self.send(&sending).await;
                    // Nobody waits for it where the owner is ending.
                    let _ = answer.send(outcome);
                }
            }
        }
    }

    async fn send(&mut self, sending: &Sending) -> Outcome {
        if let State::Stopped { why } | State::Waiting { why, .. } = &self.states.connection {
            let until = self.waits_until;
            return Outcome::Later {
                why: why.sentence.clone(),
                uncertain: false,
                after: until.map(|until| until.saturating_duration_since(Instant::now())),
            };
        }
        if let Some(until) = self.paused_until {
            let left = until.saturating_duration_since(Instant::now());
            if left > PAUSE_HERE_MAX {
                return Outcome::Later {
                    why: "the webhook wants to be left alone for a moment".to_owned(),
                    uncertain: false,
                    after: Some(left),
                };
            }
            sleep_until(until.into()).await;
            self.paused_until = None;
        }
        let judged = match self.post(sending).await {
            Ok(judged) => judged,
            Err(why) => return Outcome::Refused { why },
        };
        self.follow(judged.next);
        judged.outcome
    }

    async fn post(&self, sending: &Sending) -> Result<Judged, String> {
        let target = self.target.as_ref().map_err(Clone::clone)?;
        let (request, action) = target.request(sending, now_unix_ms() / 1000)?;
        Ok(match self.http.request(request, &self.limits).await {
            Ok(answer) => judge(target.kind(), action, &answer, SystemTime::now()),
            Err(error) => failed(action, &error),
        })
    }

    fn follow(&mut self, next: Next) {
        let now = Instant::now();
        match next {
            Next::On => self.in_order(now),
            Next::Pause(pause) => {
                self.in_order(now);
                self.paused_until = Some(now + pause);
            }
            Next::Wait(why, wish) => {
                let wait = wish.unwrap_or_else(|| self.backoff.lost(now));
                self.waits_until = Some(now + wait);
                let waited_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                self.failed = true;
                self.trouble(&why);
                self.set(State::Waiting {
                    why,
                    until_unix_ms: now_unix_ms().saturating_add(waited_ms),
                });
            }
            Next::Stop(why) => {
                self.trouble(&why);
                self.set(State::Stopped { why });
            }
        }
    }

    fn in_order(&mut self, now: Instant) {
        self.backoff.ready(now);
        if self.states.connections == 0 || self.failed {
            self.states.connections += 1;
            self.failed = false;
            self.publish();
        }
    }

    fn trouble(&mut self, why: &Why) {
        self.states.last_trouble = Some(Trouble {
            at_unix_ms: now_unix_ms(),
            why: why.clone(),
        });
    }

    /// All rooms go as the webhook does.
    fn set(&mut self, state: State) {
        for room in self.states.rooms.values_mut() {
            room.clone_from(&state);
        }
        self.states.connection = state;
        self.publish();
    }

    fn publish(&self) {
        self.end.states.send_replace(self.states.clone());
    }
}
