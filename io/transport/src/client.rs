//! A session from the client's side: one ordered stream of messages that outlives its transports.
//!
//! `Client::open` starts one task that races transports, resumes after losses and knows when to give
//! up. It must never drop or repeat a message, and never decide for the application what a lost
//! session means: the [`Event::Closed`] names what was not acknowledged.

pub(crate) mod attachment;
pub(crate) mod dial;
pub(crate) mod downlink;
mod driver;
pub(crate) mod exchanges;
pub(crate) mod failure;
mod inbound;
mod launch;
pub(crate) mod lines;
mod message;
mod outbound;
pub(crate) mod report;
mod settings;
mod shared;
pub(crate) mod target;

use std::sync::Arc;

use tokio::sync::mpsc;

pub use failure::Failure;
pub use message::{Closed, Event, Message, MessageKind};
pub use settings::{Settings, SettingsError};
pub use towpath_session::choice::{TRANSPORTS, Transport};

use dial::Dialer;
use driver::{Driver, Order};
use shared::Shared;
use target::Target;

/// Sends that wait for the driver. More would only hide back-pressure.
const WAITING_SENDS_MAX: usize = 16;
/// Events that wait for the application; what lies behind them is not acknowledged as taken.
const WAITING_EVENTS_MAX: usize = 1;

/// One session. Dropping it abandons the session without a close: the gateway keeps it until its
/// time to resume is over.
#[derive(Debug)]
pub struct Client {
    sender: Sender,
    events: mpsc::Receiver<Event>,
}

/// The sending half, which any number of tasks may hold.
#[derive(Debug, Clone)]
pub struct Sender {
    sends: mpsc::Sender<Send>,
    orders: mpsc::UnboundedSender<Order>,
    shared: Arc<Shared>,
}

/// The session is over: nothing can be sent any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the session is over")]
pub struct Over;

/// What the application has to say, in order.
#[derive(Debug)]
pub(crate) enum Send {
    Message(Message),
    Close(Option<u16>, String),
}

impl Client {
    /// Starts a session. Failures of the network come as events; only settings can be wrong here.
    /// It must be called within a tokio runtime.
    pub fn open(settings: Settings) -> Result<Self, SettingsError> {
        settings.check()?;
        let target = Target::parse(&settings.url)?;
        let (sends, sends_in) = mpsc::channel(WAITING_SENDS_MAX);
        let (orders, orders_in) = mpsc::unbounded_channel();
        let (events_out, events) = mpsc::channel(WAITING_EVENTS_MAX);
        let shared = Arc::new(Shared::default());
        let dialer = Dialer::new(settings, target, random());
        let driver = Driver::new(dialer, events_out, Arc::clone(&shared));
        tokio::spawn(driver.run(sends_in, orders_in));
        let sender = Sender {
            sends,
            orders,
            shared,
        };
        Ok(Self { sender, events })
    }

    /// What happened next; `None` behind [`Event::Closed`]. While nobody asks, the gateway is told to
    /// wait. Nothing is lost where the future is dropped.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// The sending half.
    pub fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// [`Sender::send`].
    pub async fn send(&self, message: Message) -> Result<(), Over> {
        self.sender.send(message).await
    }

    /// [`Sender::close`].
    pub async fn close(&self, code: Option<u16>, reason: &str) -> Result<(), Over> {
        self.sender.close(code, reason).await
    }

    /// [`Sender::transport`].
    pub fn transport(&self) -> Option<Transport> {
        self.sender.transport()
    }
}

impl Sender {
    /// Accepts a message, waiting while too much is unacknowledged. What was accepted is delivered
    /// once, or named by [`Closed::unacknowledged`].
    pub async fn send(&self, message: Message) -> Result<(), Over> {
        self.sends
            .send(Send::Message(message))
            .await
            .map_err(|_| Over)
    }

    /// Closes behind everything that was sent before. Without a code the peer sees 1005.
    pub async fn close(&self, code: Option<u16>, reason: &str) -> Result<(), Over> {
        let close = Send::Close(code, reason.to_owned());
        self.sends.send(close).await.map_err(|_| Over)
    }

    /// The transport in use, if one is.
    pub fn transport(&self) -> Option<Transport> {
        self.shared.transport()
    }

    /// The transport to begin with next time, where a better one was seen to fail; for half an hour.
    pub fn remembered(&self) -> Option<Transport> {
        self.shared.remembered()
    }

    /// The session's public name, once a gateway gave one.
    pub fn session(&self) -> Option<String> {
        self.shared.session()
    }

    /// Payload bytes that were accepted and are not acknowledged.
    pub fn buffered_bytes(&self) -> u64 {
        self.shared.buffered_bytes()
    }

    /// How often the session lost its transport.
    pub fn losses(&self) -> u64 {
        self.shared.losses()
    }

    /// Ends the transport in use as a network would: without a word to either side.
    pub fn cut(&self) {
        let _ = self.orders.send(Order::Cut);
    }

    /// Moves the session to a transport: at once with `"use": true`, or else as a candidate that is used
    /// when it has attached.
    pub fn switch(&self, transport: Transport, at_once: bool) {
        let _ = self.orders.send(Order::Switch { transport, at_once });
    }
}

/// Bytes for a nonce or a key of one's own.
pub fn fresh_bytes() -> [u8; 16] {
    random()
}

/// Bytes that nobody can foretell.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes");
    bytes
}
