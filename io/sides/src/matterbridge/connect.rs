//! From nothing to a websocket that was greeted. It must never touch the buffer where that is not allowed.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;
use towpath_chat::matterbridge::{Read, read};
use towpath_reach::{Reach, Refused};

use super::api::Api;
use super::fault::Fault;
use super::rooms::Greeted;
use super::settings::Settings;
use super::socket::{Came, MESSAGE_BYTES_MAX, Socket};
use crate::clock::now_unix_ms;
use crate::http::Lines;

/// How long the websocket may take to open. An inquiry into a refusal has to fit in.
const OPEN: Duration = Duration::from_mins(1);

/// How long the greeting may take.
const GREETING: Duration = Duration::from_secs(10);

/// A websocket that was greeted, and what else was found out.
pub(super) struct Connected {
    pub(super) socket: Socket,
    /// By which way and why.
    pub(super) way: String,
    /// All gateways, where they are told.
    pub(super) gateways: Option<Vec<String>>,
    /// What the buffer holds of a gap, where it may be taken.
    pub(super) buffer: Option<Lines>,
    /// What came before the greeting.
    pub(super) early: Vec<Value>,
    /// When it greeted.
    pub(super) greeted: Greeted,
}

/// How to connect.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) api: Api,
    reach: Reach,
    takes_buffer: bool,
}

impl Connector {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            api: Api::new(settings),
            reach: Reach::new(reach(settings)),
            takes_buffer: settings.only_client,
        }
    }

    /// With a gap, the buffer is asked for what was said before the websocket was open.
    pub(super) async fn connect(
        self,
        since_unix_ms: i64,
        has_gap: bool,
    ) -> Result<Connected, Fault> {
        // It tells a wrong token and a wrong address in words, where a handshake has only a status.
        self.api.health().await?;
        let opening = self.reach.open(self.api.socket(since_unix_ms));
        let opened = timeout(OPEN, opening).await;
        let opened =
            opened.map_err(|_| Fault::Wait("the websocket did not open in time".into()))?;
        let opened = opened.map_err(|refused| fault(&refused))?;
        let way = opened.why;
        let mut socket = Socket::new(opened.carried.into_channel());
        let (early, greeted) = greeted(&mut socket).await?;
        // The websocket is open by now, so that nothing falls between the two.
        let buffer = if self.takes_buffer && has_gap {
            Some(self.api.buffer(since_unix_ms).await?)
        } else {
            None
        };
        Ok(Connected {
            socket,
            way,
            gateways: self.api.gateways().await,
            buffer,
            early,
            greeted,
        })
    }
}

fn reach(settings: &Settings) -> towpath_reach::Settings {
    let mut reach = towpath_reach::Settings::default();
    reach.via = settings.via;
    reach.net = settings.network.net.clone();
    reach.proxy = settings.network.proxy.clone();
    // A page cannot send the token.
    reach.may_use_browser = false;
    reach.message_bytes_max = MESSAGE_BYTES_MAX;
    reach
}

/// Waits for the greeting, and gives what came before it: a message may overtake it.
async fn greeted(socket: &mut Socket) -> Result<(Vec<Value>, Greeted), Fault> {
    let mut early = Vec::new();
    let waiting = timeout(GREETING, async {
        loop {
            match socket.next().await {
                Came::Object(object) => match read("", &object, 0) {
                    Read::Greeting { at_unix_ms } => return Ok(at_unix_ms),
                    _ => early.push(object),
                },
                Came::Nothing => {}
                Came::End(why) => return Err(Fault::Wait(why.into())),
            }
        }
    });
    let none = "the websocket did not greet as Matterbridge's does";
    let greeted = waiting.await;
    let at_unix_ms = greeted.unwrap_or_else(|_| Err(Fault::Wait(none.into())))?;
    let greeted = Greeted {
        here_unix_ms: now_unix_ms(),
        there_unix_ms: at_unix_ms,
    };
    Ok((early, greeted))
}

fn fault(refused: &Refused) -> Fault {
    match refused {
        Refused::Answer { status: 401, .. } => {
            Fault::Stop(crate::refused::refused("matterbridge", refused))
        }
        _ => Fault::Wait(crate::refused::refused("matterbridge", refused)),
    }
}
